"""Are exceptions as many as promised, and do they come one by one: Kupiec's and Christoffersen's tests.

Beside the asymptotic chi-square probability stands the exact one: under the model every sequence with as many
exceptions is as likely as any other, so the distribution of each statistic is a finite sum over counts, runs and ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, gammaln, xlogy

from argosy.base.levels import confidence_level
from argosy.measures.performance.series import refusal
from argosy.measures.risk.validation.verdict import Hits, Verdict, checked_hits
from argosy.models.moments.observations import InsufficientData

Float64 = npt.NDArray[np.float64]

# Statistics that are equal in exact arithmetic may differ by rounding; they belong to one outcome.
SAME = 1e-9
# Counts of exceptions less likely than this are left out of a sum whose terms are at most 1.
NEGLIGIBLE = 1e-16


def kupiec(exceptions: int, observations: int, *, confidence: float) -> Verdict:
    """Is the number of exceptions what the confidence promises (proportion of failures, Kupiec 1995)?

    ``LR = -2 ln[p^x (1-p)^(n-x) / ((x/n)^x (1-x/n)^(n-x))]`` with ``p = 1 - confidence`` and ``0 ln 0 = 0``; chi-square
    with one degree. The exact probability sums the binomial over all counts with a ratio at least as large.

    Raises
    ------
    InvalidInput, InsufficientData
        A confidence of 99; counts below zero or above the observations; no observation.

    Examples
    --------
    >>> found = kupiec(7, 250, confidence=0.99)
    >>> round(found.statistic, 5), round(found.p_value, 5), round(found.exact_p_value, 5)
    (5.49699, 0.01905, 0.0137)
    >>> round(kupiec(0, 250, confidence=0.99).statistic, 4)
    5.0252
    """
    p = 1.0 - confidence_level(confidence)
    if observations < 1:
        raise InsufficientData(f"{observations} observations", field="observations", expected="1 or more")
    if not 0 <= exceptions <= observations:
        raise refusal(f"{exceptions} exceptions in {observations} observations", field="exceptions", found=exceptions,
                      expected=f"0 to {observations}")  # fmt: skip
    every = np.arange(observations + 1)
    ratio = coverage_ratio(every, observations, p)
    found = float(ratio[exceptions])
    likely = np.exp(_log_binomial(every, observations, p))
    exact = min(float(likely[ratio >= found - SAME].sum()), 1.0)
    return Verdict("Kupiec proportion of failures", found, float(chdtrc(1, found)), 1, exact, "exact")


def christoffersen(hits: Any) -> Verdict:
    """Do exceptions follow each other more (or less) than chance would have it (Christoffersen 1998)?

    Compares a chain in which today's chance depends on yesterday with one chance for all days; chi-square with one
    degree. The exact probability is conditional on the number of exceptions, so it holds whatever the true chance is.
    Without exceptions, or with nothing else, the statistic is 0 and nothing speaks against independence.

    Parameters
    ----------
    hits : (T,) True where the loss went beyond the forecast, in order of time

    Examples
    --------
    >>> found = christoffersen([0] * 40 + [1, 1, 1] + [0] * 57)
    >>> round(found.statistic, 4), found.p_value < 0.001, round(found.exact_p_value, 5)
    (11.9499, True, 0.00061)
    """
    sequence = checked_hits(hits)
    days, count = sequence.size, int(sequence.sum())
    found = float(chain_ratio(*_transitions(sequence)))
    ratios, logs = _arrangements(days, count)
    exact = float(np.exp(logs[ratios >= found - SAME] - _log_choose(days, count)).sum())
    return Verdict("Christoffersen independence", found, float(chdtrc(1, found)), 1, min(exact, 1.0), "exact")


def conditional_coverage(hits: Any, *, confidence: float) -> Verdict:
    """Both at once: as many exceptions as promised, and one by one (Christoffersen 1998).

    The sum of Kupiec's and of the independence statistic; chi-square with two degrees. The exact probability is over
    all sequences of as many days at the promised chance.

    Examples
    --------
    >>> found = conditional_coverage([0] * 40 + [1, 1, 1] + [0] * 57, confidence=0.99)
    >>> round(found.statistic, 4), round(found.p_value, 6)
    (14.5822, 0.000682)
    """
    p = 1.0 - confidence_level(confidence)
    sequence = checked_hits(hits)
    days, count = sequence.size, int(sequence.sum())
    counts = np.arange(days + 1)
    coverage = coverage_ratio(counts, days, p)
    found = float(coverage[count] + chain_ratio(*_transitions(sequence)))
    logs = _log_binomial(counts, days, p)
    exact = 0.0
    for x in np.flatnonzero(logs > np.log(NEGLIGIBLE)).tolist():
        if coverage[x] >= found - SAME:
            exact += float(np.exp(logs[x]))
            continue
        ratios, ways = _arrangements(days, x)
        beyond = ratios + coverage[x] >= found - SAME
        exact += float(np.exp(ways[beyond] - _log_choose(days, x) + logs[x]).sum())
    p_value = float(chdtrc(2, found))
    return Verdict("Christoffersen conditional coverage", found, p_value, 2, min(exact, 1.0), "exact")


def coverage_ratio(counts: npt.NDArray[np.int64], days: int, p: float) -> Float64:
    """Kupiec's statistic of counts (C,) of exceptions in so many days."""
    share = counts / days
    likely = xlogy(counts, share) + xlogy(days - counts, 1.0 - share)
    promised = xlogy(counts, p) + xlogy(days - counts, 1.0 - p)
    return np.asarray(np.maximum(2.0 * (likely - promised), 0.0))


def _transitions(hits: Hits) -> tuple[int, int, int, int]:
    before, after = hits[:-1], hits[1:]
    both, first, second = int((before & after).sum()), int(before.sum()), int(after.sum())
    return before.size - first - second + both, second - both, first - both, both


def chain_ratio(n00: Any, n01: Any, n10: Any, n11: Any) -> Float64:
    """Christoffersen's statistic of counted transitions, numbers or arrays: n01 from calm to exception, and so on."""
    from_calm, from_hit = np.asarray(n00 + n01), np.asarray(n10 + n11)
    alone = np.divide(n01, from_calm, out=np.zeros(from_calm.shape), where=from_calm > 0)
    after = np.divide(n11, from_hit, out=np.zeros(from_hit.shape), where=from_hit > 0)
    every = (n01 + n11) / (from_calm + from_hit)
    chain = xlogy(n00, 1.0 - alone) + xlogy(n01, alone) + xlogy(n10, 1.0 - after) + xlogy(n11, after)
    chance = xlogy(n00 + n10, 1.0 - every) + xlogy(n01 + n11, every)
    return np.asarray(np.maximum(2.0 * (chain - chance), 0.0))


def _arrangements(days: int, count: int) -> tuple[Float64, Float64]:
    """Independence statistics of all sequences of ``days`` with ``count`` exceptions, and logs of how many there are.

    Sequences with one number of runs and the same ends have the same transitions, and are counted together.
    """
    if count in (0, days):
        return np.zeros(1), np.zeros(1)
    runs = np.arange(1, min(count, days - count + 1) + 1)[:, None, None]
    first, last = np.arange(2)[None, :, None], np.arange(2)[None, None, :]
    gaps = runs + 1 - first - last
    ways = _log_choose(count - 1, runs - 1) + _log_choose(days - count - 1, gaps - 1)
    n11 = np.broadcast_to(count - runs, ways.shape)
    n01 = np.broadcast_to(runs - first, ways.shape)
    n10 = np.broadcast_to(runs - last, ways.shape)
    possible = ways > -np.inf
    n01, n10, n11 = n01[possible], n10[possible], n11[possible]
    return chain_ratio(days - 1 - n01 - n10 - n11, n01, n10, n11), np.asarray(ways[possible])


def _log_choose(of: Any, take: Any) -> Any:
    inside = (take >= 0) & (take <= of)
    safe = np.where(inside, take, 0)
    return np.where(inside, gammaln(of + 1.0) - gammaln(safe + 1.0) - gammaln(of - safe + 1.0), -np.inf)


def _log_binomial(counts: Any, days: int, p: float) -> Float64:
    found: Float64 = _log_choose(days, counts) + xlogy(counts, p) + xlogy(days - counts, 1.0 - p)
    return found
