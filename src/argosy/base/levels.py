"""Levels between 0 and 1 as people give them: a confidence is 0.95, and 95 is refused with 0.95 as the answer."""

from __future__ import annotations

import math

from argosy.base.errors import InvalidInput


def confidence_level(confidence: float, *, field: str = "confidence") -> float:
    """A confidence strictly between 0 and 1.

    Raises
    ------
    InvalidInput
        Anything else; of 1 to 100 the message gives the fraction.

    Examples
    --------
    >>> confidence_level(0.99)
    0.99
    >>> confidence_level(95)
    Traceback (most recent call last):
    ...
    argosy.base.errors.InvalidInput: confidence is 95, which is not a fraction. Next: give 0.95 for 95 percent
    """
    try:
        level = float(confidence)
    except (TypeError, ValueError):
        raise InvalidInput(
            f"{field} is {confidence!r}, which is not a number", field=field, found=confidence,
            expected="above 0, below 1", next_step="give a fraction such as 0.95",
        ) from None  # fmt: skip
    if 0.0 < level < 1.0:
        return level
    if 1.0 < level < 100.0:
        raise InvalidInput(
            f"{field} is {confidence!r}, which is not a fraction", field=field, found=confidence,
            expected="above 0, below 1", next_step=f"give {level / 100.0:.10g} for {level:.10g} percent",
        )  # fmt: skip
    shown = repr(confidence) if math.isfinite(level) else "not a number"
    raise InvalidInput(
        f"{field} is {shown}", field=field, found=confidence, expected="above 0, below 1",
        next_step="give a fraction such as 0.95",
    )  # fmt: skip
