"""Steps of a book put together: weeks, months or longer periods of lines, and lines put together by segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.book_lines import OWN, BookLines, Line
from argosy.measures.attribution.line_moves import PARTS, ROUNDING_LINE, TRADING
from argosy.measures.performance.frequency import Frequency, group_numbers
from argosy.measures.performance.linking import carino_coefficients
from argosy.measures.performance.returns import Flags

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Label = Callable[[Line], str]


@dataclass(frozen=True, eq=False)
class LinePeriods:
    """Weights (P, N) at the start of each period and contributions (5, P, N) by part; ``returns`` (P,) are their sums.

    ``steps`` (T,) are the coefficients that brought each step's contributions into its period, ``group`` (T,) which
    period that is. ``whole`` is False for a period the history covers in part.
    """

    lines: BookLines
    before: Int64
    days: Int64
    weights: Float64
    parts: Float64
    returns: Float64
    steps: Float64
    group: Int64
    whole: Flags

    @cached_property
    def whole_parts(self) -> Float64:
        """Contributions (P, N), all parts together."""
        return np.asarray(self.parts.sum(axis=0))

    def take(self, keep: Flags) -> LinePeriods:
        """Periods by mask."""
        if keep.all():
            return self
        step = keep[self.group]
        group = (np.cumsum(keep) - 1)[self.group[step]]
        return LinePeriods(
            self.lines.steps(step), self.before[keep], self.days[keep], self.weights[keep], self.parts[:, keep],
            self.returns[keep], self.steps[step], group, self.whole[keep],
        )  # fmt: skip


def line_periods(
    lines: BookLines, frequency: Frequency = "daily", *, spans: Sequence[tuple[int, int]] = ()
) -> LinePeriods:
    """Put the steps of each period together; contributions are smoothed inside it to its linked return (Cariño 1999).

    ``spans`` are (after, last) of periods of one's own instead of a frequency, in order and apart. Every step must have
    a return. Raises :class:`UndefinedMeasure` where a step loses everything and is linked with others.
    """
    if spans:
        after = np.array([one for one, _ in spans], np.int64)
        group = np.searchsorted(after, lines.days, side="left") - 1
        last = np.array([two for _, two in spans], np.int64)
        inside = (group >= 0) & (lines.days <= last[np.maximum(group, 0)])
        lines, group = lines.steps(inside), group[inside]
    else:
        group = group_numbers(lines.days, frequency)
    total = lines.profit.sum(axis=1) / lines.base
    starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]])) if len(group) else np.zeros(0, np.int64)
    ends = np.concatenate([starts[1:], [len(group)]])
    coefficients = np.ones(len(lines))
    parts = np.empty((len(PARTS), len(starts), len(lines.lines)))
    single = len(starts) == len(group)
    if single:
        np.divide(lines.parts, lines.base[:, None], out=parts)
    else:
        for first, stop in zip(starts.tolist(), ends.tolist(), strict=True):
            if stop - first > 1:
                coefficients[first:stop] = carino_coefficients(total[first:stop])
        scaled = (coefficients / lines.base)[:, None]
        for number in range(len(PARTS)):
            parts[number] = np.add.reduceat(lines.parts[number] * scaled, starts, axis=0)
    place = np.repeat(np.arange(len(starts)), ends - starts)
    before, days = lines.before[starts], lines.days[ends - 1] if len(starts) else lines.days
    returns = np.multiply.reduceat(1.0 + total, starts) - 1.0 if len(starts) else total
    whole = np.ones(len(starts), np.bool_)
    if frequency != "daily" and not spans and len(starts):
        whole[0] = int(group_numbers(before[:1], frequency)[0]) < int(group[0])
        ahead = np.arange(int(days[-1]) + 1, int(days[-1]) + 367, dtype=np.int64)
        ahead = ahead[group_numbers(ahead, frequency) == group[-1]]
        whole[-1] &= not ((ahead + 3) % 7 < 5).any()
    return LinePeriods(lines, before, days, lines.weights[starts], parts, returns, coefficients, place, whole)


@dataclass(frozen=True, eq=False)
class SegmentPeriods:
    """Weights and contributions (P, S) of segments, ``held`` from what stood at the start, ``traded`` from trades.

    ``own`` (P, K) are the lines that hold nothing (``own_names``): fees, taxes, currency trades, forwards, rounding.
    Rows: ``held + traded + own`` sum to ``returns``; ``weights`` sum to 1.
    """

    names: tuple[str, ...]
    weights: Float64
    held: Float64
    traded: Float64
    own_names: tuple[str, ...]
    own: Float64
    returns: Float64
    before: Int64
    days: Int64


def by_segment(periods: LinePeriods, label: Label) -> SegmentPeriods:
    """Sum lines by the segment ``label`` gives them.

    What a line made in a period at whose start it stood at nothing counts as traded: it was bought inside the period.
    The weight that rounding leaves goes to the largest line, so that weights sum to 1.
    """
    lines = periods.lines.lines
    held_places = [place for place, line in enumerate(lines) if line.kind != OWN]
    own_places = [place for place, line in enumerate(lines) if line.kind == OWN]
    labels = [label(lines[place]) for place in held_places]
    names = tuple(dict.fromkeys(labels))
    index = {name: place for place, name in enumerate(names)}
    codes = np.array([index[one] for one in labels], np.int64)
    # Lines side by side by segment: sums of neighbors, no matrix product and no threads.
    order = np.array(held_places, np.int64)[np.argsort(codes, kind="stable")]
    edges = np.searchsorted(np.sort(codes), np.arange(len(names)))

    def summed(values: Float64) -> Float64:
        return np.asarray(np.add.reduceat(values, edges, axis=1)) if len(names) else values

    weights = settled_weights(lines, periods.weights).take(order, axis=1)
    all_parts = periods.whole_parts
    made = all_parts.take(order, axis=1)
    held = made - periods.parts[TRADING].take(order, axis=1)
    held[weights == 0.0] = 0.0
    traded = made - held
    share = summed(weights)
    own = all_parts[:, own_places]
    returns = all_parts.sum(axis=1)
    return SegmentPeriods(
        names, share, summed(held), summed(traded), tuple(lines[place].name for place in own_places), own, returns,
        periods.before, periods.days,
    )  # fmt: skip


def settled_weights(lines: Sequence[Line], weights: Float64) -> Float64:
    """Weights (P, N) with nothing on own lines: what rounding leaves there stands with each period's largest line.

    A line that holds nothing keeps weight 0, whatever the order of lines.
    """
    own = np.array([line.kind == OWN for line in lines], np.bool_)
    found = weights.copy()
    found[:, own] = 0.0
    if not own.all():
        found[np.arange(len(found)), np.abs(found).argmax(axis=1)] += weights[:, own].sum(axis=1)
    return found


def rounding_place(lines: Sequence[Line]) -> int:
    """Place of the line that rounding leaves, -1 where there is none."""
    return next((p for p, line in enumerate(lines) if line.kind == OWN and line.id == ROUNDING_LINE), -1)
