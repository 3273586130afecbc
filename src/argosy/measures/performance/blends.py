"""Benchmarks made of others: blends, sector weights, hedged indices, changes over time; and matching of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, MissingData
from argosy.measures.performance.reasons import Flags, Float64, Reason, undefined
from argosy.measures.performance.series import (
    Int64,
    ascending,
    day_numbers,
    refusal,
    refuse_not_finite,
    same_length,
    vector,
)

Rule = Literal["each", "monthly", "quarterly", "yearly", "never"]
WEIGHT_TOLERANCE = 1e-8
_MONTHS: dict[Rule, int] = {"monthly": 1, "quarterly": 3, "yearly": 12}


def rebalances(days: Any, rule: Rule) -> Flags:
    """Say at which of ``days`` (T,), the ends of periods, a blend goes back to its weights after that day's return.

    ``monthly`` and the like: the last of the given days in each month (quarter, year); the last day given counts.

    Examples
    --------
    >>> rebalances(["2021-01-29", "2021-02-01", "2021-02-26", "2021-03-01"], "monthly").tolist()
    [True, False, True, True]
    """
    at = day_numbers(days)
    ascending(at)
    if rule == "each":
        return np.ones(at.size, np.bool_)
    if rule == "never":
        return np.zeros(at.size, np.bool_)
    if rule not in _MONTHS:
        raise refusal(f"rule is {rule!r}", field="rule", found=rule, expected="each, " + ", ".join(_MONTHS) + ", never")
    group = at.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // _MONTHS[rule]
    return np.concatenate([group[1:] != group[:-1], [True]])


@dataclass(frozen=True, eq=False)
class Blend:
    """Returns (T,) of a blend and the weights (T, N) at the start of each period."""

    returns: Float64
    weights: Float64


def blend_returns(returns: Any, weights: Any, rebalance: Any) -> Blend:
    """Give the returns of a blend of N indices that drifts between rebalancings.

    Parameters
    ----------
    returns : (T, N) simple returns of the parts
    weights : (N,) target weights, or (T, N) the targets in force after each period; each row sums to 1
    rebalance : (T,) flags: back to target at the end of that period (:func:`rebalances`)

    Raises :class:`UndefinedMeasure` when the blend loses everything, :class:`InvalidInput` for weights off 1.

    Examples
    --------
    >>> drifting = blend_returns([[0.1, 0.0], [0.1, 0.0]], [0.5, 0.5], [False, False])
    >>> drifting.returns.round(6).tolist(), drifting.weights[1].round(6).tolist()
    ([0.05, 0.052381], [0.52381, 0.47619])
    """
    parts = np.asarray(returns, dtype=np.float64)
    if parts.ndim != 2 or 0 in parts.shape:
        raise refusal(f"returns has shape {parts.shape}", field="returns", expected="(periods, parts)")
    refuse_not_finite(parts, "returns")
    flags = np.asarray(rebalance, dtype=np.bool_)
    same_length(returns=parts, rebalance=flags.astype(np.float64))
    targets = np.asarray(weights, dtype=np.float64)
    targets = np.broadcast_to(targets, parts.shape) if targets.ndim == 1 and targets.size == parts.shape[1] else targets
    if targets.shape != parts.shape:
        raise InvalidInput(f"weights has shape {targets.shape}, returns {parts.shape}", field="weights")
    _sum_to_one(targets)
    held = np.empty(parts.shape)
    found = np.empty(len(parts))
    now = targets[0]
    for t in range(len(parts)):
        held[t] = now
        found[t] = float(now @ parts[t])
        if found[t] <= -1.0:
            raise undefined("return of the blend", Reason.TOTAL_LOSS, detail=f"period {t}")
        now = targets[t] if flags[t] else now * (1.0 + parts[t]) / (1.0 + found[t])
    return Blend(found, held)


def weighted_returns(weights: Any, returns: Any) -> Float64:
    """Give the return (T,) of a benchmark of given weights (T, N) at the start of each period, such as sector weights.

    Examples
    --------
    >>> weighted_returns([[0.6, 0.4]], [[0.1, 0.05]]).round(12).tolist()
    [0.08]
    """
    share, parts = np.asarray(weights, dtype=np.float64), np.asarray(returns, dtype=np.float64)
    if share.ndim != 2 or share.shape != parts.shape:
        raise InvalidInput(f"weights has shape {share.shape}, returns {parts.shape}", field="weights")
    refuse_not_finite(share, "weights")
    refuse_not_finite(parts, "returns")
    _sum_to_one(share)
    return np.asarray((share * parts).sum(axis=1))


def currency_returns(local: Any, currency: Any) -> Float64:
    """Give unhedged returns in the reporting currency: ``(1 + local)(1 + currency) - 1``, of any one shape.

    Examples
    --------
    >>> currency_returns([0.1], [-0.1]).round(12).tolist()
    [-0.01]
    """
    home, moved = vector(local, "local"), vector(currency, "currency")
    same_length(local=home, currency=moved)
    return np.asarray((1.0 + home) * (1.0 + moved) - 1.0)


def hedged_returns(local: Any, currency: Any, premium: Any, *, hedge_ratio: float = 1.0) -> Float64:
    """Give returns of an index whose value at the start of each period is sold forward.

    ``(1 + local)(1 + currency) - 1 + h (premium - currency)``, with ``premium`` the forward over the spot rate less 1
    for the period and ``h`` the share hedged (MSCI 2021, hedged indices with one-period forwards).

    Examples
    --------
    >>> hedged_returns([0.1], [-0.1], [0.002]).round(12).tolist()
    [0.092]
    """
    open_returns = currency_returns(local, currency)
    moved, forward = vector(currency, "currency"), vector(premium, "premium")
    same_length(currency=moved, premium=forward)
    return np.asarray(open_returns + hedge_ratio * (forward - moved))


def spliced_returns(days: Any, pieces: Sequence[Any], starts: Sequence[int | str]) -> Float64:
    """Give the returns (T,) of a benchmark that changes: piece k holds from ``starts[k]`` (a day) until the next start.

    ``days`` (T,) ends of periods; each piece (T,) may be NaN outside its own time, and only there.

    Examples
    --------
    >>> spliced_returns([1, 2, 3], [[0.1, 0.2, float("nan")], [0.0, 0.0, 0.5]], [1, 3]).tolist()
    [0.1, 0.2, 0.5]
    """
    at, first = day_numbers(days), day_numbers(list(starts), "starts")
    ascending(at)
    ascending(first, "starts")
    blocks = [np.asarray(piece, dtype=np.float64) for piece in pieces]
    same_length(starts=first, pieces=np.empty(len(blocks)))
    for place, piece in enumerate(blocks):
        same_length(days=at, **{f"piece {place}": piece})
    which = np.searchsorted(first, at, side="right") - 1
    if (which < 0).any():
        raise MissingData(
            f"no benchmark holds on {format_date(int(at[0]))}, before the first start", field="starts",
            next_step=f"give one from {format_date(int(at[0]))} on, or begin the comparison later",
        )  # fmt: skip
    found = np.stack(blocks)[which, np.arange(at.size)]
    bad = ~np.isfinite(found)
    if bad.any():
        day = int(at[int(bad.argmax())])
        raise MissingData(f"the benchmark in force on {format_date(day)} has no return then", field="pieces", found=day)
    return np.asarray(found)


@dataclass(frozen=True, eq=False)
class Matched:
    """Returns of two series on the days both have, and the days of one only inside the common time."""

    days: Int64
    mine: Float64
    theirs: Float64
    only_mine: Int64
    only_theirs: Int64

    @property
    def notes(self) -> tuple[str, ...]:
        """The mismatches in words."""
        told = []
        for days, whose in ((self.only_mine, "portfolio"), (self.only_theirs, "benchmark")):
            if days.size:
                shown = ", ".join(format_date(int(day)) for day in days[:5]) + (" ..." if days.size > 5 else "")
                told.append(f"{days.size} periods of the {whose} have no counterpart and are left out: {shown}")
        return tuple(told)


def matching_returns(days: Any, returns: Any, benchmark_days: Any, benchmark_returns: Any) -> Matched:
    """Pair the returns of a portfolio and a benchmark on the days both have; nothing is filled.

    Raises :class:`MissingData` when they share no day. To link over the days one lacks, compare levels instead
    (:func:`argosy.measures.performance.benchmark.compare`).

    Examples
    --------
    >>> found = matching_returns([1, 2, 3], [0.1, 0.2, 0.3], [1, 3, 4], [0.0, 0.1, 0.2])
    >>> found.mine.tolist(), found.theirs.tolist(), found.only_mine.tolist()
    ([0.1, 0.3], [0.0, 0.1], [2])
    """
    own, market = day_numbers(days), day_numbers(benchmark_days, "benchmark_days")
    mine, theirs = vector(returns, "returns"), vector(benchmark_returns, "benchmark_returns")
    same_length(days=own, returns=mine)
    same_length(benchmark_days=market, benchmark_returns=theirs)
    ascending(own)
    ascending(market, "benchmark_days")
    common, at_mine, at_theirs = np.intersect1d(own, market, return_indices=True)
    if not common.size:
        raise MissingData("portfolio and benchmark have no day in common", field="benchmark_days",
                          next_step="give returns of the same days")  # fmt: skip
    low, high = common[0], common[-1]
    return Matched(
        common, mine[at_mine], theirs[at_theirs],
        np.setdiff1d(own[(own >= low) & (own <= high)], common),
        np.setdiff1d(market[(market >= low) & (market <= high)], common),
    )  # fmt: skip


def _sum_to_one(weights: Float64) -> None:
    refuse_not_finite(np.asarray(weights), "weights")
    off = np.abs(weights.sum(axis=1) - 1.0) > WEIGHT_TOLERANCE
    if off.any():
        row = int(off.argmax())
        raise refusal(
            f"the weights of period {row} sum to {weights[row].sum():.10g}", field="weights", found=row, expected="1"
        )
