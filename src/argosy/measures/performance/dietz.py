"""Returns from values and dated flows without daily values: simple and Modified Dietz, revalued at large flows.

Flows into the portfolio are positive. A period runs from the end of day ``start`` to the end of day ``end``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from argosy.base.dates import format_date
from argosy.base.errors import MissingData
from argosy.measures.performance.linking import link
from argosy.measures.performance.reasons import Float64, Reason, undefined
from argosy.measures.performance.series import Int64, ascending, day_numbers, refusal, same_length, vector

FlowTiming = Literal["end", "start", "middle"]
_HELD: dict[FlowTiming, float] = {"end": 0.0, "middle": 0.5, "start": 1.0}


def day_weights(days: Any, start: int, end: int, *, timing: FlowTiming = "end") -> Float64:
    """Share of the period during which each flow was there: ``(end - day + held) / (end - start)``.

    ``held`` is 0 for flows at the end of their day, 1 at its start, a half in the middle. Days lie after ``start`` and
    not after ``end``.

    Examples
    --------
    >>> day_weights([10, 20], 0, 30).round(6).tolist(), day_weights([10], 0, 30, timing="start").tolist()
    ([0.666667, 0.333333], [0.7])
    """
    at = day_numbers(days)
    if end <= start:
        raise refusal("the period ends before it begins", field="end", found=end, expected=f"after {start}")
    outside = (at <= start) | (at > end)
    if outside.any():
        place = int(outside.argmax())
        raise refusal(
            f"days[{place}] is outside the period", field="days", found=int(at[place]),
            expected=f"after {start} and not after {end}",
        )  # fmt: skip
    return np.asarray((end - at + _HELD[timing]) / (end - start), dtype=np.float64)


def modified_dietz(start_value: float, end_value: float, flows: Any = (), weights: Any = ()) -> float:
    """Give the gain over the capital that was there on average: ``(V1 - V0 - sum F) / (V0 + sum w F)``.

    ``flows`` (M,) into the portfolio, ``weights`` (M,) share of the period each was there (:func:`day_weights`).
    Raises :class:`UndefinedMeasure` where that capital is zero or less. Source: Dietz 1966; GIPS 2020.

    Examples
    --------
    >>> modified_dietz(100.0, 300.0, [50.0], [0.5])
    1.2
    """
    start, end = vector([start_value, end_value], "values").tolist()
    flow, weight = vector(flows, "flows", least=0), vector(weights, "weights", least=0)
    same_length(flows=flow, weights=weight)
    capital = start + float(flow @ weight)
    if capital <= 0.0:
        raise undefined("Modified Dietz return", Reason.NO_CAPITAL, detail=f"{capital:g}")
    return float((end - start - float(flow.sum())) / capital)


def simple_dietz(start_value: float, end_value: float, flows: Any = ()) -> float:
    """Give the Modified Dietz return with every flow in the middle of the period (Dietz 1966).

    Examples
    --------
    >>> round(simple_dietz(100000.0, 118000.0, [20000.0, -5000.0]), 12)
    0.027906976744
    """
    flow = vector(flows, "flows", least=0)
    return modified_dietz(start_value, end_value, flow, np.full(flow.size, 0.5))


def flow_returns(start_values: Any, end_values: Any, inflows: Any, outflows: Any, *, timing: str = "end") -> Float64:
    """Give returns of many periods (T,) whose flows fall on one moment of each period.

    ``inflows`` and ``outflows`` (T,) are positive amounts. ``timing``: ``end``, ``start``, ``middle``, or ``in_out``:
    what comes in was there all period, what goes out until its end. Raises :class:`UndefinedMeasure` for the first
    period whose capital is zero or less.

    Examples
    --------
    >>> flow_returns([100.0], [171.0], [50.0], [0.0], timing="in_out").round(12).tolist()
    [0.14]
    """
    held = {"end": (0.0, 0.0), "start": (1.0, 1.0), "middle": (0.5, 0.5), "in_out": (1.0, 0.0)}.get(timing)
    if held is None:
        raise refusal(f"timing is {timing!r}", field="timing", found=timing, expected="end, start, middle or in_out")
    start, end = vector(start_values, "start_values", least=0), vector(end_values, "end_values", least=0)
    into, out = vector(inflows, "inflows", least=0), vector(outflows, "outflows", least=0)
    same_length(start_values=start, end_values=end, inflows=into, outflows=out)
    for name, amounts in (("inflows", into), ("outflows", out)):
        if (amounts < 0.0).any():
            raise refusal(f"{name}[{int((amounts < 0.0).argmax())}] is negative", field=name, expected="amounts")
    capital = start + held[0] * into - held[1] * out
    if (capital <= 0.0).any():
        place = int((capital <= 0.0).argmax())
        raise undefined("return", Reason.NO_CAPITAL, detail=f"period {place}: {capital[place]:g}")
    return np.asarray((end - start - into + out) / capital)


@dataclass(frozen=True, eq=False)
class RevaluedReturn:
    """Return of a period split at its large flows: ``days`` at which parts end, and the return of each part."""

    value: float
    days: Int64
    returns: Float64
    large: Int64
    """Places of the flows that split the period."""


def revalued_return(
    start_value: float,
    end_value: float,
    start: int,
    end: int,
    *,
    flows: Any,
    days: Any,
    valued_days: Any,
    values: Any,
    large: float = 0.10,
    timing: FlowTiming = "end",
) -> RevaluedReturn:
    """Link Modified Dietz returns of the parts between large flows (GIPS 2020).

    Parameters
    ----------
    flows, days : (M,) amounts into the portfolio and their days, ascending or not
    valued_days, values : (K,) days and values at their end, with that day's flows inside
    timing : of the flows that are not large; a large flow is taken at the end of its day
    large : share of the part's starting value from which a day's net flow is large

    Raises :class:`MissingData` naming the days of large flows that have no value.

    Examples
    --------
    >>> found = revalued_return(100.0, 264.0, 0, 30, flows=[100.0], days=[15], valued_days=[15], values=[220.0])
    >>> found.returns.round(12).tolist(), round(found.value, 12)
    ([0.2, 0.2], 0.44)
    """
    amount, at = vector(flows, "flows", least=0), day_numbers(days)
    known_days, known = day_numbers(valued_days, "valued_days"), vector(values, "values", least=0)
    same_length(flows=amount, days=at)
    same_length(valued_days=known_days, values=known)
    ascending(known_days, "valued_days")
    day_weights(at, start, end, timing=timing)
    worth = dict(zip(known_days.tolist(), known.tolist(), strict=True))
    net: dict[int, float] = {}
    for day, flow in zip(at.tolist(), amount.tolist(), strict=True):
        net[day] = net.get(day, 0.0) + flow
    cuts, base, missing = [], float(start_value), []
    for day in sorted(net):
        if abs(net[day]) >= large * abs(base) and net[day] != 0.0 and day < end:
            if day not in worth:
                missing.append(day)
                continue
            cuts.append(day)
            base = worth[day]
    if missing:
        named = ", ".join(format_date(day) for day in missing)
        raise MissingData(
            f"a large flow falls on {named}, where the portfolio has no value", field="valued_days", found=missing,
            next_step="value the portfolio on those days, or raise the size from which a flow is large",
        )  # fmt: skip
    parts, first, opening = [], start, float(start_value)
    for last in [*cuts, end]:
        inside = (at > first) & (at <= last)
        # A flow that cuts the period belongs to the part it opens: at its day's end it has been there no time at all.
        moved = net[last] if last in cuts else 0.0
        closing = worth[last] - moved if last in cuts else float(end_value)
        inside &= at != last if last in cuts else True
        weights = day_weights(at[inside], first, last, timing=timing)
        parts.append(modified_dietz(opening, closing, amount[inside], weights))
        first, opening = last, closing + moved
    returns = np.array(parts)
    return RevaluedReturn(
        link(returns), np.array([*cuts, end], dtype=np.int64), returns, np.flatnonzero(np.isin(at, cuts))
    )
