"""What a test of a risk model answers, and days on which a loss went beyond the forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.measures.performance.series import refusal, same_length, vector
from argosy.models.moments.observations import InsufficientData

Hits = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A statistic with its asymptotic probability and, where there is one, its probability in samples of this size.

    ``exact_p_value`` is computed over all outcomes (``how`` is "exact") or over simulated ones ("simulated");
    None where it was not asked for. Probabilities are those of a statistic at least as large if the model is right.
    """

    test: str
    statistic: float
    p_value: float
    degrees: float
    exact_p_value: float | None = None
    how: str = ""

    def passes(self, level: float = 0.05, *, exact: bool = False) -> bool:
        """Whether the model is not rejected at ``level``; ``exact`` asks the probability in samples of this size."""
        if not 0.0 < level < 1.0:
            raise refusal(f"level is {level}", field="level", found=level, expected="a fraction such as 0.05")
        if not exact:
            return self.p_value >= level
        if self.exact_p_value is None:
            raise InvalidInput(f"{self.test} was run without finite-sample probability", field="exact",
                               next_step="pass a generator, or ask for the asymptotic one")  # fmt: skip
        return self.exact_p_value >= level


def hits_of(losses: Any, value_at_risk: Any) -> Hits:
    """Days (T,) on which the loss was larger than the Value at Risk forecast for that day.

    Losses (T,) and forecasts (T,), or one forecast for all days, in the same unit; NaN is refused. A loss equal to the
    forecast is no exception.

    Examples
    --------
    >>> hits_of([0.01, 0.03, -0.02], 0.02).tolist()
    [False, True, False]
    """
    lost = vector(losses, "losses")
    if np.ndim(value_at_risk) == 0:
        forecast = np.full(lost.size, vector([value_at_risk], "value_at_risk")[0])
    else:
        forecast = vector(value_at_risk, "value_at_risk")
    same_length(losses=lost, value_at_risk=forecast)
    return np.asarray(lost > forecast)


def checked_hits(hits: Any, *, least: int = 2) -> Hits:
    """A sequence (T,) of True and False (or 1 and 0)."""
    found = np.asarray(hits)
    if found.ndim != 1 or not (found.dtype == np.bool_ or np.isin(found, (0, 1)).all()):
        raise refusal("hits are not a row of yes and no", field="hits", expected="(T,) of True and False")
    if found.size < least:
        raise InsufficientData(f"{found.size} days are too few for a test", field="hits", expected=f"{least} or more")
    return found.astype(np.bool_)
