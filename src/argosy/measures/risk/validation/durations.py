"""Does the time between exceptions have no memory: Weibull likelihood ratio, and moments of the geometric law."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.random import Generator
from scipy.special import chdtrc

from argosy.base.errors import InvalidInput
from argosy.base.levels import confidence_level
from argosy.measures.performance.series import refusal
from argosy.measures.risk.validation.verdict import Hits, Verdict, checked_hits
from argosy.models.moments.observations import InsufficientData

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Durations:
    """Days between exceptions: ``lengths`` (D,), and which of them ``ended`` with one; the others are cut off."""

    lengths: Float64
    ended: npt.NDArray[np.bool_]


def durations(hits: Any) -> Durations:
    """List the waits for an exception; the wait before the first and after the last are cut off unless a hit ends them.

    Examples
    --------
    >>> found = durations([0, 0, 1, 0, 1, 0])
    >>> found.lengths.tolist(), found.ended.tolist()
    ([3.0, 2.0, 1.0], [False, True, False])
    """
    sequence = checked_hits(hits)
    places = np.flatnonzero(sequence)
    if places.size == 0:
        return Durations(np.array([float(sequence.size)]), np.array([False]))
    lengths = [float(places[0]) + 1.0, *np.diff(places).astype(np.float64).tolist()]
    # A hit on the first day is a wait of one day that is known; otherwise nobody saw where the first wait began.
    ended = [bool(sequence[0]), *[True] * (places.size - 1)]
    if not sequence[-1]:
        lengths.append(float(sequence.size - 1 - places[-1]))
        ended.append(False)
    return Durations(np.array(lengths), np.array(ended))


def duration_test(hits: Any, *, generator: Generator | None = None, draws: int = 999) -> Verdict:
    """Do exceptions cluster in time (Christoffersen and Pelletier 2004)?

    Waits are Weibull with exponent b, cut off at both ends of the sample; without memory b is 1. Likelihood ratio of
    the best b against 1, chi-square with one degree. With a ``generator``, also the probability among ``draws``
    simulated sequences with as many exceptions (Dufour 2006).

    Raises
    ------
    InsufficientData
        Fewer than two waits that ended, so that no exponent can be told.

    Examples
    --------
    >>> calm = ([0] * 24 + [1]) * 10
    >>> round(duration_test(calm).statistic, 2) > 20.0    # too regular is not without memory either
    True
    """
    sequence = checked_hits(hits)
    found = _weibull_ratio(durations(sequence))
    base = Verdict("Christoffersen-Pelletier duration", found, float(chdtrc(1, found)), 1)
    if generator is None:
        return base

    def again(row: Hits) -> float:
        try:
            return _weibull_ratio(durations(row))
        except InsufficientData:
            return 0.0

    drawn = (again(generator.permutation(sequence)) for _ in range(_enough(draws)))
    return replace(base, exact_p_value=monte_carlo_p(found, drawn, draws, generator), how="simulated")


def duration_moments_test(
    hits: Any,
    *,
    confidence: float | None = None,
    moments: int = 5,
    generator: Generator | None = None,
    draws: int = 999,
) -> Verdict:
    """Do waits have the moments of the geometric law (Candelon, Colletaz, Hurlin and Tokpavi 2011)?

    With a ``confidence`` its chance is the null (conditional coverage, chi-square with ``moments`` degrees); without,
    the chance is estimated and only memory is tested, which takes the first moment away (``moments - 1`` degrees).
    Needs no optimizer; waits that were cut off at the end are left out, the first counts from the first day.

    Examples
    --------
    >>> hits = np.random.default_rng(7).random(2000) < 0.05
    >>> 0.05 < duration_moments_test(hits, confidence=0.95).p_value < 1.0
    True
    """
    sequence = checked_hits(hits)
    if not 2 <= moments <= 20:
        raise refusal(f"{moments} moments", field="moments", found=moments, expected="2 to 20")
    chance = None if confidence is None else 1.0 - confidence_level(confidence)
    found = _moments_statistic(sequence, chance, moments)
    if found is None:
        raise InsufficientData(
            f"{int(sequence.sum())} exceptions are too few for waits between them", field="hits", expected="2 or more",
            next_step="take a longer period or a lower confidence",
        )  # fmt: skip
    degrees = moments if chance is not None else moments - 1
    what = "conditional coverage" if chance is not None else "independence"
    base = Verdict(f"GMM duration {what}", found, float(chdtrc(degrees, found)), degrees)
    if generator is None:
        return base

    def again() -> float:
        row = generator.permutation(sequence) if chance is None else generator.random(sequence.size) < chance
        return _moments_statistic(row, chance, moments) or 0.0

    drawn = (again() for _ in range(_enough(draws)))
    return replace(base, exact_p_value=monte_carlo_p(found, drawn, draws, generator), how="simulated")


def monte_carlo_p(found: float, drawn: Any, draws: int, generator: Generator) -> float:
    """Probability of ``found`` among simulated statistics, ties broken by lot (Dufour 2006), never 0."""
    values = np.fromiter(drawn, dtype=np.float64, count=draws)
    margin = 1e-9 * max(abs(found), 1.0)
    larger = int((values > found + margin).sum())
    tied = int((np.abs(values - found) <= margin).sum())
    lots = generator.random(tied + 1)
    return (larger + int((lots[1:] >= lots[0]).sum()) + 1.0) / (draws + 1.0)


def _enough(draws: int) -> int:
    if draws < 99:
        raise InvalidInput(f"{draws} draws", field="draws", found=draws, expected="99 or more",
                           next_step="999 draws tell probabilities of a percent")  # fmt: skip
    return draws


def _weibull_ratio(waits: Durations) -> float:
    ended = int(waits.ended.sum())
    if ended < 2:
        raise InsufficientData(f"{ended} waits between exceptions are too few", field="hits", expected="2 or more",
                               next_step="take a longer period or a lower confidence")  # fmt: skip
    # Waits of the same length everywhere would make the likelihood unbounded, so the exponent stays below 50.
    logs = np.log(waits.lengths[waits.lengths > 0.0])
    known = np.log(waits.lengths[waits.ended])

    def slope(b: float) -> float:
        weights = np.exp(b * (logs - logs.max()))
        return 1.0 / b + float(known.mean()) - float((weights * logs).sum() / weights.sum())

    low, high = 1e-3, 50.0
    if slope(high) > 0.0:
        low = high
    for _ in range(80):
        middle = 0.5 * (low + high)
        if slope(middle) > 0.0:
            low = middle
        else:
            high = middle

    def likelihood(b: float) -> float:
        scale = b * logs.max() + np.log(np.exp(b * (logs - logs.max())).sum())
        return float(ended * (np.log(ended) - scale + np.log(b)) + (b - 1.0) * known.sum() - ended)

    return max(2.0 * (likelihood(0.5 * (low + high)) - likelihood(1.0)), 0.0)


def _moments_statistic(hits: Hits, chance: float | None, moments: int) -> float | None:
    places = np.flatnonzero(hits) + 1
    if places.size < 2:
        return None
    waits = np.diff(places, prepend=0).astype(np.float64)
    beta = 1.0 / float(waits.mean()) if chance is None else chance
    if beta >= 1.0:
        return None
    rows = geometric_polynomials(waits, beta, moments)
    sums = rows.sum(axis=1) / np.sqrt(waits.size)
    if chance is None:
        sums = sums[1:]
    return float(sums @ sums)


def geometric_polynomials(waits: Float64, chance: float, count: int) -> Float64:
    """Polynomials 1 to ``count`` (count, D), orthonormal under the geometric law of waits 1, 2, ... with ``chance``.

    Candelon et al. (2011), eq. 8 and 9.
    """
    before, now = np.zeros_like(waits), np.ones_like(waits)
    rows = []
    for j in range(count):
        lead = ((1.0 - chance) * (2.0 * j + 1.0) + chance * (j - waits + 1.0)) / ((j + 1.0) * np.sqrt(1.0 - chance))
        before, now = now, lead * now - j / (j + 1.0) * before
        rows.append(now)
    return np.array(rows)
