"""Data checks on prices: jumps, errors of unit, zero and negative values, values that never move. Never verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from argosy.base.dates import format_date
from argosy.base.problems import Problem
from argosy.record.ledger.events import Int64
from argosy.record.market.ingest import ValueRows

UNIT_FACTOR = 100.0


@dataclass(frozen=True)
class CheckPolicy:
    """What is odd. ``jump`` is the largest believable change from one price to the next, as a factor.

    ``unit_tolerance`` says how near to 100 a factor must be to be called an error of unit (pence for pounds);
    ``stale_run`` how often the same price may repeat.
    """

    jump: float = 3.0
    unit_tolerance: float = 0.25
    stale_run: int = 10


@dataclass(frozen=True, slots=True)
class PriceWarning:
    """One odd thing: ``kind`` is "unit", "jump", "nonpositive" or "stale"; ``row`` and ``last`` are positions."""

    kind: str
    row: int
    last: int
    message: str


def check_prices(
    dates: Int64,
    prices: Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]],
    *,
    splits: Mapping[int, float] | None = None,
    policy: CheckPolicy = CheckPolicy(),
) -> list[PriceWarning]:
    """Look over one instrument's prices in date order.

    ``splits`` gives new shares per old one by ex-date: a fall by that factor on that day is expected, and a split that
    the prices do not show is a jump. A factor near 100 (or 1/100) is called an error of unit.

    Examples
    --------
    >>> days = np.arange(19000, 19004)
    >>> [warning.kind for warning in check_prices(days, [14.5, 14.6, 0.1455, 0.1450])]
    ['unit']
    >>> [warning.kind for warning in check_prices(days, [100.0, 25.1, 25.0, -1.0], splits={19001: 4.0})]
    ['nonpositive']
    """
    values = np.asarray(prices, np.float64)
    found = [
        PriceWarning("nonpositive", row, row, f"the price on {format_date(int(dates[row]))} is {values[row]:g}")
        for row in np.flatnonzero(~(values > 0)).tolist()
    ]
    good = np.flatnonzero(values > 0)
    if len(good) > 1:
        factor = values[good[1:]] / values[good[:-1]]
        for day, ratio in (splits or {}).items():
            after = np.searchsorted(dates[good], day)
            if 0 < after < len(good):
                factor[after - 1] *= ratio
        size = np.maximum(factor, 1 / factor)
        for place in np.flatnonzero(size > policy.jump).tolist():
            row, before = int(good[place + 1]), int(good[place])
            unit = abs(size[place] / UNIT_FACTOR - 1) <= policy.unit_tolerance
            told = (
                "looks like another unit (a factor of 100)" if unit else f"is a change by a factor of {size[place]:.3g}"
            )
            found.append(PriceWarning(
                "unit" if unit else "jump", row, row,
                f"{values[row]:g} on {format_date(int(dates[row]))} after {values[before]:g} on "
                f"{format_date(int(dates[before]))} {told}",
            ))  # fmt: skip
    found += _stale(dates, values, policy)
    return sorted(found, key=lambda warning: (warning.row, warning.kind))


def _stale(
    dates: Int64, values: np.ndarray[tuple[int], np.dtype[np.float64]], policy: CheckPolicy
) -> list[PriceWarning]:
    if len(values) <= policy.stale_run:
        return []
    edges = np.flatnonzero(np.diff(values) != 0) + 1
    begins, ends = np.append(0, edges), np.append(edges, len(values))
    return [
        PriceWarning(
            "stale", int(first), int(end) - 1,
            f"{values[first]:g} stands unchanged on {end - first} dates from {format_date(int(dates[first]))} to "
            f"{format_date(int(dates[end - 1]))}",
        )
        for first, end in zip(begins, ends, strict=True) if end - first > policy.stale_run
    ]  # fmt: skip


def check_rows(
    rows: ValueRows, *, name: str, names: Mapping[int, str], policy: CheckPolicy = CheckPolicy(), most: int = 100
) -> tuple[Problem, ...]:
    """The checks over each instrument of an imported file, as warnings with their lines (at most ``most``)."""
    if not len(rows):
        return ()
    order = np.lexsort((rows.line, rows.date, rows.owner))
    owner = rows.owner[order]
    values = rows.mantissa[order] * 10.0 ** rows.exponent[order]
    begins = np.flatnonzero(np.diff(owner, prepend=owner[0] - 1))
    found: list[Problem] = []
    for begin, end in zip(begins, [*begins[1:], len(owner)], strict=True):
        for odd in check_prices(rows.date[order[begin:end]], values[begin:end], policy=policy):
            line = int(rows.line[order[begin + odd.row]])
            found.append(Problem(name, line, f"{names[int(owner[begin])]}: {odd.message}", "price",
                                 next_step="look at the source", code=f"odd_{odd.kind}"))  # fmt: skip
    if len(found) > most:
        rest = len(found) - most
        found[most:] = [Problem(name, 0, f"{rest} further warnings are not listed", code="odd_more")]
    return tuple(found)
