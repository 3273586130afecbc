"""Is Expected Shortfall right: the tests of Acerbi and Szekely, whose probabilities come from the model itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.base.levels import confidence_level
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array

Float64 = npt.NDArray[np.float64]
Simulate = Callable[[Generator, int], npt.ArrayLike]

# Simulated losses held at once.
BLOCK = 4_000_000


@dataclass(frozen=True, slots=True)
class ShortfallTest:
    """A statistic that is 0 on average if the model is right and negative if it understates the tail.

    ``p_value`` is the share of simulated samples with a statistic as low; ``standard_error`` is that of the p-value.
    """

    test: str
    statistic: float
    exceptions: int
    p_value: float
    standard_error: float
    draws: int

    def passes(self, level: float = 0.05) -> bool:
        """Whether the model is not rejected at ``level``."""
        if not 0.0 < level < 1.0:
            raise refusal(f"level is {level}", field="level", found=level, expected="a fraction such as 0.05")
        return self.p_value >= level


def shortfall_after_exceptions(losses: Any, value_at_risk: Any, shortfall: Any) -> float:
    """Z1 of Acerbi and Szekely (2014): one less the mean of loss over shortfall on days beyond Value at Risk.

    Arrays (T,), losses positive. Raises :class:`UndefinedMeasure` where no day was beyond.

    Examples
    --------
    >>> shortfall_after_exceptions([1.0, 3.0, 4.0], [2.0, 2.0, 2.0], [3.5, 3.5, 3.5])
    0.0
    """
    lost, var, es = _aligned(losses, value_at_risk, shortfall)
    beyond = lost > var
    if not beyond.any():
        raise UndefinedMeasure("no day was beyond Value at Risk, so there is no shortfall to compare", field="losses",
                               next_step="take a longer period, or the second test")  # fmt: skip
    return float(1.0 - (lost[beyond] / es[beyond]).mean())


def shortfall_and_exceptions(losses: Any, value_at_risk: Any, shortfall: Any, *, confidence: float) -> float:
    """Z2 of Acerbi and Szekely (2014): one less the sum of loss over shortfall beyond, by the expected exceptions.

    Sees both too many exceptions and too large ones.

    Examples
    --------
    >>> round(shortfall_and_exceptions([1.0, 3.0, 4.0, 0.0], [2.0] * 4, [3.5] * 4, confidence=0.75), 12)
    -1.0
    """
    p = 1.0 - confidence_level(confidence)
    lost, var, es = _aligned(losses, value_at_risk, shortfall)
    return float(1.0 - (lost / es)[lost > var].sum() / (lost.size * p))


def acerbi_szekely(
    losses: Any,
    value_at_risk: Any,
    shortfall: Any,
    *,
    confidence: float,
    simulate: Simulate,
    generator: Generator,
    draws: int = 5_000,
) -> tuple[ShortfallTest, ShortfallTest]:
    """Z1 and Z2 with probabilities from losses simulated under the model.

    Parameters
    ----------
    losses, value_at_risk, shortfall : (T,) realized losses and the forecasts for those days, positive
    simulate : gives (paths, T) losses as the model forecast them day by day: ``simulate(generator, paths)``
    generator, draws : where chance comes from, and how many samples

    Notes
    -----
    A sample without a day beyond Value at Risk has no Z1; realized or simulated, it counts as 0, which is neither good
    nor bad. The second test sees such a period as the good one it is.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> normal = lambda generator, paths: generator.standard_normal((paths, 500))
    >>> first, second = acerbi_szekely(rng.standard_normal(500) * 1.5, [1.959964] * 500, [2.337803] * 500,
    ...                                confidence=0.975, simulate=normal, generator=rng, draws=500)
    >>> second.statistic < -0.7, second.passes()
    (True, False)
    """
    p = 1.0 - confidence_level(confidence)
    lost, var, es = _aligned(losses, value_at_risk, shortfall)
    if draws < 99:
        raise InvalidInput(f"{draws} draws", field="draws", found=draws, expected="99 or more",
                           next_step="5000 draws tell a probability of 5% within 0.3%")  # fmt: skip
    found = _statistics(lost[None, :], var, es, p)
    size = max(BLOCK // lost.size, 1)
    first, second = np.empty(draws), np.empty(draws)
    for start in range(0, draws, size):
        paths = min(size, draws - start)
        rows = array(simulate(generator, paths), (paths, lost.size), "simulate")
        first[start : start + paths], second[start : start + paths] = _statistics(rows, var, es, p)
    exceptions = int((lost > var).sum())

    def judged(name: str, value: float, drawn: Float64) -> ShortfallTest:
        share = (int((drawn <= value).sum()) + 1.0) / (draws + 1.0)
        return ShortfallTest(name, value, exceptions, share, float(np.sqrt(share * (1.0 - share) / draws)), draws)

    return (
        judged("Acerbi-Szekely Z1", float(found[0][0]), first),
        judged("Acerbi-Szekely Z2", float(found[1][0]), second),
    )


def _aligned(losses: Any, value_at_risk: Any, shortfall: Any) -> tuple[Float64, Float64, Float64]:
    lost = array(losses, (None,), "losses")
    var = array(value_at_risk, (lost.size,), "value_at_risk")
    es = array(shortfall, (lost.size,), "shortfall")
    if (es <= 0.0).any() or (es < var).any():
        day = int(((es <= 0.0) | (es < var)).argmax())
        raise InvalidInput(f"Expected Shortfall on day {day} is {es[day]:.6g} beside a Value at Risk of {var[day]:.6g}",
                           field="shortfall", found=float(es[day]), expected="positive, and not below Value at Risk",
                           next_step="count losses positive, and forecast both at one confidence")  # fmt: skip
    return lost, var, es


def _statistics(rows: Float64, var: Float64, es: Float64, p: float) -> tuple[Float64, Float64]:
    beyond = rows > var
    sums = np.where(beyond, rows / es, 0.0).sum(axis=1)
    counts = beyond.sum(axis=1)
    first = np.where(counts > 0, 1.0 - sums / np.maximum(counts, 1), 0.0)
    return first, 1.0 - sums / (rows.shape[1] * p)
