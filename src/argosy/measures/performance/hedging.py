"""Hedged benchmarks: a month's opening value sold forward, the forward marked with its carry day by day.

Definition and worked numbers: ``docs/formulas/hedged-benchmark.md``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from argosy.measures.performance.blends import Rule, rebalances
from argosy.measures.performance.reasons import Float64
from argosy.measures.performance.series import Int64, day_numbers, refusal, same_length, vector


def hedged_steps(
    days: Any, unhedged: Any, spot: Any, carry: Any, *, ratio: float = 1.0, rule: Rule = "monthly"
) -> Float64:
    """Give returns (T,) of an index whose value at the start of each month is sold forward.

    Parameters
    ----------
    days : (T + 1,) ends of steps, with the day before the first
    unhedged : (T,) returns in the reporting currency, currency inside
    spot : (T + 1,) units of the reporting currency for one of the index's
    carry : (T + 1,) what one unit at home has grown to over what one abroad has: its change is the forward premium
    ratio : share that is hedged
    rule : when the hedge is rolled and brought back to size

    Inside a month ``G = prod(1 + u) + ratio (P - X)`` with ``P`` and ``X`` the changes of carry and spot since the
    last roll; the return of a step is the change of ``G`` (MSCI 2021, hedged indices; at the roll dates it is
    ``(1 + L)(1 + X) - 1 + ratio (P - X)``). Raises :class:`InvalidInput` for a spot or carry of zero or less.

    Examples
    --------
    >>> made = hedged_steps([30, 58], [-0.01], [1.0, 0.9], [1.0, 1.002])
    >>> made.round(12).tolist()
    [0.092]
    """
    at, moved = day_numbers(days), vector(unhedged, "unhedged", least=0)
    rate, earned = vector(spot, "spot"), vector(carry, "carry")
    same_length(days=at, spot=rate, carry=earned)
    same_length(days=at[1:], unhedged=moved)
    for name, values in (("spot", rate), ("carry", earned)):
        if not (values > 0.0).all():
            raise refusal(f"{name}[{int((values <= 0.0).argmax())}] is zero or less", field=name, expected="above 0")
    rolled = np.concatenate([[True], rebalances(at[1:], rule)]) if at.size > 1 else np.ones(at.size, np.bool_)
    base = _last_true(rolled)[:-1]
    level = np.concatenate([[1.0], np.cumprod(1.0 + moved)])
    # Both ends of a step are seen from the roll that the step began after.
    first = np.arange(at.size - 1)
    start, end = (_since(level, rate, earned, base, place, ratio) for place in (first, first + 1))
    return np.asarray(end / start - 1.0)


def _last_true(flags: Any) -> Int64:
    """The place of the last flag on or before each place."""
    return np.asarray(np.maximum.accumulate(np.where(flags, np.arange(len(flags)), 0)), np.int64)


def _since(level: Float64, spot: Float64, carry: Float64, base: Int64, at: Int64, ratio: float) -> Float64:
    premium, currency = carry[at] / carry[base] - 1.0, spot[at] / spot[base] - 1.0
    return np.asarray(level[at] / level[base] + ratio * (premium - currency))
