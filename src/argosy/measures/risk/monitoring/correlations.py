"""Do things move together more than they did: fading correlations day by day, and dates on which they broke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.base.levels import confidence_level
from argosy.base.table import Column, Table
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array, named
from argosy.models.moments.observations import InsufficientData, observed
from argosy.models.volatility.ewma import ewma_variances

Float64 = npt.NDArray[np.float64]

LEAST = 20
"""Days on each side of a break: fewer say nothing about a correlation."""


def average_correlations(returns: Any, *, decay: float = 0.94, names: Sequence[str] | None = None) -> Float64:
    """Mean correlation of all pairs (T + 1,) as known before each day, fading by ``decay`` with zero mean.

    RiskMetrics (1996). The first 75 days start the variances (see ``ewma_variances``); the covariances start with them.
    An asset that does not vary is refused by name. Cost O(T N^2).

    Examples
    --------
    >>> r = np.array([[0.01, 0.01], [-0.02, -0.02], [0.01, 0.01]])
    >>> average_correlations(r).round(12).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    r = observed(returns)
    labels = varying(r, names)
    if len(labels) < 2:
        raise refusal("one asset has no correlation", field="returns", expected="two or more columns")
    # Sums of pairs follow from the variance of a sum, so no matrix has to be kept for any day.
    deviations = np.sqrt(ewma_variances(r, decay=decay))
    if (deviations <= 0.0).any():
        day, asset = (int(i) for i in np.argwhere(deviations <= 0.0)[0])
        raise UndefinedMeasure(f"{labels[asset]} did not vary up to day {day}, so it has no correlation",
                               field="returns", next_step="start later, or leave it out")  # fmt: skip
    first, second = np.triu_indices(len(labels), 1)
    joint = 0.5 * (
        ewma_variances(r[:, first] + r[:, second], decay=decay)
        - ewma_variances(r, decay=decay)[:, first]
        - ewma_variances(r, decay=decay)[:, second]
    )
    found: Float64 = (joint / (deviations[:, first] * deviations[:, second])).mean(axis=1)
    return found


@dataclass(frozen=True, slots=True)
class CorrelationBreak:
    """The likeliest date of a change, the correlations on both sides, and how sure both are.

    ``place`` is the first day of the new regime; with the confidence asked for it lies from ``earliest`` to ``latest``.
    ``p_value`` is the chance of as large a change somewhere if there was none.
    """

    first: str
    second: str
    place: int
    earliest: int
    latest: int
    before: float
    after: float
    statistic: float
    p_value: float


@dataclass(frozen=True, eq=False)
class CorrelationBreaks:
    """Breaks of all pairs; ``found`` are those that stand after Holm's correction for so many pairs."""

    pairs: tuple[CorrelationBreak, ...]
    found: tuple[CorrelationBreak, ...]

    def table(self) -> Table:
        """One row per pair, the surest first."""
        rows = sorted(self.pairs, key=lambda one: one.p_value)
        return Table(
            "correlation breaks",
            (
                Column("pair", "text", [f"{one.first} / {one.second}" for one in rows]),
                Column("place", "integer", [one.place for one in rows]),
                Column("earliest", "integer", [one.earliest for one in rows]),
                Column("latest", "integer", [one.latest for one in rows]),
                *(Column(name, "ratio", [getattr(one, name) for one in rows], unit="x")
                  for name in ("before", "after", "statistic", "p_value")),
                Column("breaks", "text", ["yes" if one in self.found else "no" for one in rows]),
            ),
        )  # fmt: skip


def correlation_break(
    first: Any,
    second: Any,
    *,
    generator: Generator,
    draws: int = 499,
    least: int = 60,
    confidence: float = 0.95,
    decay: float | None = 0.94,
    names: tuple[str, str] = ("first", "second"),
) -> CorrelationBreak:
    """Find the date at which the correlation of two series (T,) changed, if it did.

    Scans all dates with ``least`` days on each side for the largest difference of Fisher's z. Its chance is by
    shuffling days, which any single date would not need but the best of many does; the interval of the
    date by resampling days within each side. With a ``decay`` returns are divided by their EWMA volatility known the
    day before, so that calm and wild times do not pass for breaks.

    Examples
    --------
    >>> g = np.random.default_rng(4)
    >>> a, noise = g.normal(size=400), g.normal(size=400)
    >>> b = np.where(np.arange(400) < 250, 0.1 * a + noise, 2.0 * a + noise)
    >>> found = correlation_break(a, b, generator=g, draws=199, decay=None)
    >>> found.p_value, found.earliest <= 250 <= found.latest, found.before < 0.3 < 0.8 < found.after
    (0.005, True, True)
    """
    one = array(first, (None,), "first")
    two = array(second, (one.size,), "second")
    level = confidence_level(confidence)
    if least < LEAST or draws < 99:
        raise InvalidInput(f"least is {least} and draws {draws}", field="least", found=least,
                           expected=f"least from {LEAST}, draws from 99")  # fmt: skip
    if one.size < 2 * least:
        raise InsufficientData(f"{one.size} days do not leave {least} on each side of a break", field="first",
                               expected=f"{2 * least} or more")  # fmt: skip
    pair = np.column_stack([one, two])
    varying(pair, names)
    if decay is not None:
        deviation = np.sqrt(ewma_variances(pair, decay=decay))[:-1]
        varying(deviation, names, changes=False)
        pair = pair / deviation
    x, y = pair.T
    place, statistic = _largest(x, y, least)
    drawn = np.empty(draws)
    for n in range(draws):
        order = generator.permutation(x.size)
        drawn[n] = _largest(x[order], y[order], least)[1]
    p_value = (int((drawn >= statistic - 1e-12).sum()) + 1.0) / (draws + 1.0)
    places = np.empty(draws)
    for n in range(draws):
        days = np.concatenate([generator.integers(0, place, place), generator.integers(place, x.size, x.size - place)])
        places[n] = _largest(x[days], y[days], least)[0]
    low, high = np.quantile(places, [0.5 * (1.0 - level), 0.5 * (1.0 + level)], method="inverted_cdf")
    return CorrelationBreak(
        names[0], names[1], place, int(low), int(high), float(np.corrcoef(x[:place], y[:place])[0, 1]),
        float(np.corrcoef(x[place:], y[place:])[0, 1]), statistic, float(p_value),
    )  # fmt: skip


def correlation_breaks(
    returns: Any,
    *,
    generator: Generator,
    names: Sequence[str] | None = None,
    level: float = 0.05,
    draws: int = 499,
    least: int = 60,
    confidence: float = 0.95,
    decay: float | None = 0.94,
) -> CorrelationBreaks:
    """Look for breaks in all pairs of columns (T, N); with N(N-1)/2 tries some look broken, so Holm (1979) corrects.

    The smallest probability that ``draws`` can tell is 1/(draws + 1); with many pairs ask for more draws.
    """
    r = observed(returns)
    labels = varying(r, names)
    if not 0.0 < level < 1.0:
        raise refusal(f"level is {level}", field="level", found=level, expected="a fraction such as 0.05")
    pairs = tuple(
        correlation_break(r[:, i], r[:, j], generator=generator, draws=draws, least=least, confidence=confidence,
                          decay=decay, names=(labels[i], labels[j]))
        for i, j in combinations(range(len(labels)), 2)
    )  # fmt: skip
    found: list[CorrelationBreak] = []
    for rank, one in enumerate(sorted(pairs, key=lambda pair: pair.p_value)):
        if one.p_value > level / (len(pairs) - rank):
            break
        found.append(one)
    return CorrelationBreaks(pairs, tuple(found))


def varying(r: Float64, names: Sequence[str] | None, *, changes: bool = True) -> tuple[str, ...]:
    """Names of columns, all of which vary (or, for deviations, are above zero)."""
    labels = named(names, r.shape[1])
    flat = np.ptp(r, axis=0) <= 1e-14 * np.abs(r).max(axis=0)
    still = np.asarray(flat if changes else (r <= 0.0).any(axis=0))
    if still.any():
        stuck = ", ".join(name for name, no in zip(labels, still.tolist(), strict=True) if no)
        raise UndefinedMeasure(f"{stuck} does not vary, so it has no correlation", field="returns", found=stuck,
                               next_step="check for stale prices, or leave it out")  # fmt: skip
    return labels


def _largest(x: Float64, y: Float64, least: int) -> tuple[int, float]:
    """Place of the largest difference of Fisher's z, scaled to one standard error, and that difference."""
    days = x.size
    columns = np.column_stack([x, y, x * x, y * y, x * y])
    sums = np.cumsum(columns, axis=0)
    places = np.arange(least, days - least + 1)
    head = sums[places - 1]
    before = _fisher(head, places.astype(np.float64))
    after = _fisher(sums[-1] - head, (days - places).astype(np.float64))
    scaled = np.abs(before - after) / np.sqrt(1.0 / (places - 3.0) + 1.0 / (days - places - 3.0))
    best = int(scaled.argmax())
    return int(places[best]), float(scaled[best])


def _fisher(sums: Float64, count: Float64) -> Float64:
    sx, sy, sxx, syy, sxy = sums.T
    joint = sxy - sx * sy / count
    spread = np.sqrt(np.maximum((sxx - sx * sx / count) * (syy - sy * sy / count), 1e-300))
    found: Float64 = np.arctanh(np.clip(joint / spread, -1.0 + 1e-12, 1.0 - 1e-12))
    return found
