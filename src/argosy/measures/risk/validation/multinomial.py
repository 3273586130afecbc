"""Is the whole tail right: exceptions counted at several levels at once, an implicit test of Expected Shortfall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.random import Generator
from scipy.special import chdtrc, xlogy

from argosy.base.errors import InvalidInput
from argosy.base.levels import confidence_level
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array
from argosy.measures.risk.validation.durations import monte_carlo_p
from argosy.measures.risk.validation.verdict import Verdict
from argosy.models.moments.observations import InsufficientData

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TailCells:
    """Days by how many levels they broke (levels + 1,), what the model expects, and three tests of the two."""

    levels: tuple[float, ...]
    counts: npt.NDArray[np.int64]
    expected: Float64
    pearson: Verdict
    nass: Verdict
    likelihood_ratio: Verdict


def tail_levels(confidence: float, count: int = 4) -> tuple[float, ...]:
    """Levels that cut the tail beyond ``confidence`` into equal cells (Kratz, Lok and McNeil 2018, eq. 4).

    Examples
    --------
    >>> [round(level, 6) for level in tail_levels(0.975, 4)]
    [0.975, 0.98125, 0.9875, 0.99375]
    """
    start = confidence_level(confidence)
    if not 1 <= count <= 64:
        raise refusal(f"{count} levels", field="count", found=count, expected="1 to 64")
    return tuple(start + j * (1.0 - start) / count for j in range(count))


def multinomial_test(
    losses: Any,
    value_at_risk: Any,
    *,
    levels: tuple[float, ...],
    generator: Generator | None = None,
    draws: int = 9_999,
) -> TailCells:
    """Do losses break each level as often as they should (Kratz, Lok and McNeil 2018)?

    Parameters
    ----------
    losses : (T,) positive when money was lost
    value_at_risk : (T, N) forecasts at ``levels``, each row not falling
    levels : N confidences, ascending: :func:`tail_levels`
    generator : for the probability in samples of this size, by ``draws`` multinomial samples

    Returns
    -------
    Pearson's statistic (chi-square, N degrees), Nass's correction of it, which keeps its size when few days are
    expected in a cell, and the likelihood ratio against any other cell probabilities (N degrees).

    Raises
    ------
    InvalidInput
        Levels or forecasts out of order; a level such as 99.

    Examples
    --------
    >>> found = multinomial_test([0.0, 0.5, 1.5, 2.5] * 25, [[1.0, 2.0]] * 100, levels=(0.5001, 0.75))
    >>> found.counts.tolist(), round(found.pearson.p_value, 3)
    ([50, 25, 25], 1.0)
    """
    marks = [confidence_level(level, field="levels") for level in levels]
    if not marks or (np.diff(marks) <= 0.0).any():
        raise refusal("levels do not rise", field="levels", found=levels, expected="each above the one before")
    lost = array(losses, (None,), "losses")
    forecast = array(value_at_risk, (lost.size, len(marks)), "value_at_risk")
    if (np.diff(forecast, axis=1) < 0.0).any():
        day = int((np.diff(forecast, axis=1) < 0.0).any(axis=1).argmax())
        raise InvalidInput(f"Value at Risk falls with the confidence on day {day}", field="value_at_risk", found=day,
                           expected="forecasts that rise with the confidence")  # fmt: skip
    broken = (lost[:, None] > forecast).sum(axis=1)
    counts = np.bincount(broken, minlength=len(marks) + 1)
    chances = np.diff(np.array([0.0, *marks, 1.0]))
    return cells_test(counts, chances, levels=tuple(marks), generator=generator, draws=draws)


def cells_test(
    counts: Any, chances: Any, *, levels: tuple[float, ...], generator: Generator | None = None, draws: int = 9_999
) -> TailCells:
    """The same from counted days (N + 1,) and the chances (N + 1,) of the cells."""
    observed = array(counts, (None,), "counts").astype(np.int64)
    p = array(chances, (observed.size,), "chances")
    if observed.size < 2 or (p <= 0.0).any() or abs(float(p.sum()) - 1.0) > 1e-9:
        raise refusal("chances of cells", field="chances", expected="two or more positive numbers that sum to 1")
    days = int(observed.sum())
    if days < 1 or (observed < 0).any():
        raise InsufficientData("no day was counted", field="counts", expected="counts of days, at least one in all")
    cells = p.size - 1
    # Variance of Pearson's statistic in a sample of this size (Nass 1959).
    variance = 2.0 * cells - (cells**2 + 4.0 * cells + 1.0) / days + float((1.0 / p).sum()) / days
    scale = 2.0 * cells / variance

    def statistics(rows: Any) -> tuple[Float64, Float64]:
        expected = days * p
        return ((rows - expected) ** 2 / expected).sum(axis=-1), 2.0 * xlogy(rows, rows / expected).sum(axis=-1)

    pearson, ratio = (float(one) for one in statistics(observed))
    exact: list[float | None] = [None, None]
    if generator is not None:
        drawn = statistics(generator.multinomial(days, p, size=draws))
        exact = [monte_carlo_p(one, some, draws, generator) for one, some in zip((pearson, ratio), drawn, strict=True)]
    how = "simulated" if generator is not None else ""
    return TailCells(
        levels, observed, days * p,
        Verdict("multinomial Pearson", pearson, float(chdtrc(cells, pearson)), cells, exact[0], how),
        # Nass is Pearson's statistic on another scale, so its simulated probability is the same.
        Verdict("multinomial Nass", scale * pearson, float(chdtrc(scale * cells, scale * pearson)), scale * cells,
                exact[0], how),
        Verdict("multinomial likelihood ratio", ratio, float(chdtrc(cells, ratio)), cells, exact[1], how),
    )  # fmt: skip
