"""Attribution of a book over a span: periods matched with the benchmark's, effects by segment, security and level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, MissingData, UndefinedMeasure
from argosy.measures.attribution.bench_segments import BenchmarkSteps, covered, segments_over
from argosy.measures.attribution.book_effects import (
    CASH_SEGMENT,
    BenchmarkSegments,
    BookEffects,
    LinkedBook,
    OffBenchmark,
    book_effects,
)
from argosy.measures.attribution.book_lines import OWN, BookLines
from argosy.measures.attribution.brinson import Interaction, Method
from argosy.measures.attribution.hierarchy import HierarchyEffects, brinson_hierarchy
from argosy.measures.attribution.labels import Labels, Path
from argosy.measures.attribution.line_moves import TRADING
from argosy.measures.attribution.line_periods import (
    LinePeriods,
    SegmentPeriods,
    by_segment,
    line_periods,
    settled_weights,
)
from argosy.measures.attribution.linking import LinkMethod
from argosy.measures.performance.frequency import Frequency
from argosy.measures.performance.linking import carino_coefficients

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Choices:
    """How effects are defined; every field is a named convention."""

    method: Method = "brinson-fachler"
    interaction: Interaction = "separate"
    off_benchmark: OffBenchmark = "selection"
    trading: bool = True
    geometric: bool = False
    linking: LinkMethod = "carino"
    frequency: Frequency | None = None
    """None: daily, or the periods the benchmark was published for."""

    def text(self) -> str:
        """The conventions in words."""
        shape = "geometric" if self.geometric else f"arithmetic, linked by {self.linking}"
        trades = "trading apart" if self.trading else "trading in selection"
        both = f"interaction {self.interaction}, off-benchmark as {self.off_benchmark}"
        return f"{self.method}, {shape}, {both}, {trades}"


@dataclass(frozen=True, eq=False)
class BookAttribution:
    """Effects of a span: per period, linked, by security; with the periods and lines behind them."""

    periods: LinePeriods
    segments: SegmentPeriods
    benchmark: BenchmarkSegments
    effects: BookEffects
    linked: LinkedBook
    choices: Choices
    labels: Labels
    notes: tuple[str, ...]

    @property
    def residual(self) -> float:
        """What the linked effects leave of the active return: rounding of float64 only."""
        return self.linked.active - self.linked.total

    def reference(self) -> Float64:
        """What each segment's holdings were judged against, per period (P, S of the book's segments)."""
        names = list(self.benchmark.names)
        total = self.benchmark.total
        found = np.repeat(total[:, None], len(self.segments.names), axis=1)
        share = self.segments.weights
        for place, name in enumerate(self.segments.names):
            known = np.zeros(len(total), np.bool_)
            if name in names:
                known = self.benchmark.weights[:, names.index(name)] != 0.0
                found[known, place] = self.benchmark.returns[known, names.index(name)]
            if name == CASH_SEGMENT or self.choices.off_benchmark == "allocation":
                own = ~known & (share[:, place] != 0.0)
                found[own, place] = self.segments.held[own, place] / share[own, place]
        return found

    def by_line(self, fine: BookLines | None = None) -> dict[str, Float64]:
        """Linked ``selection`` (interaction inside) and ``trading`` of each line (N,), summing to their segments'.

        Also ``weight`` (mean at the start) and ``contribution`` (linked, summing to the portfolio's return). ``fine``
        are the same lines taken apart, by lot or by portfolio: what was held and what was traded stays what it is of
        the line they are parts of, so that the parts sum to it.
        """
        coarse = self.periods.lines.lines
        own = np.array([line.kind == OWN for line in coarse])
        standing, judged = self._standing(), self._judged()
        lines, weights, parts = coarse, settled_weights(coarse, self.periods.weights), self.periods.parts
        parent = np.arange(len(coarse))
        if fine is not None:
            fine = fine.steps(np.isin(fine.days, self.periods.lines.days))
            lines, weights, parts = fine.lines, *self._periods_of(fine)
            places = {(line.kind, line.id): place for place, line in enumerate(coarse)}
            parent = np.array([places.get((line.kind, line.id), -1) for line in lines])
            own = np.array([line.kind == OWN for line in lines])
            # A part of a line that nets to nothing was traded, and is judged against nothing.
            standing = np.where(parent >= 0, standing[:, parent], False)
            judged = np.where(parent >= 0, judged[:, parent], 0.0)
            # What rounding leaves stands with the largest line: here with its first part.
            left = weights[:, own].sum(axis=1)
            weights[:, own] = 0.0
            largest = np.abs(self.periods.weights * ~self._own()).argmax(axis=1)
            first = {int(one): place for place, one in reversed(list(enumerate(parent.tolist())))}
            at = np.array([first.get(int(one), 0) for one in largest])
            weights[np.arange(len(weights)), at] += left
        whole = parts.sum(axis=0)
        held = np.where(standing, whole - parts[TRADING], 0.0)
        selection, trading = held - weights * judged, whole - held
        selection[:, own], trading[:, own] = 0.0, 0.0
        scale = self._scale()
        return {
            "weight": weights.mean(axis=0), "contribution": carino_coefficients(self.periods.returns) @ whole,
            "selection": scale @ selection, "trading": scale @ trading,
        }  # fmt: skip

    def by_event(self) -> tuple[list[tuple[int, int, tuple[str, ...], float]], float]:
        """Trading effect of each event, linked: (event, day, lines, effect); and what is no event's.

        The latter is what lines that were bought inside a period made while they were held.
        """
        lines, standing = self.periods.lines, self._standing()
        moves, group = lines.moves, self.periods.group
        own = np.array([line.kind == OWN for line in lines.lines])
        period = group[moves.step]
        counts = ~own[moves.line] & (~standing[period, moves.line] | (moves.part == TRADING))
        worth = moves.amount * (self.periods.steps / lines.base)[moves.step] * self._scale()[period]
        rows: dict[int, tuple[int, dict[str, None], list[float]]] = {}
        for row in np.flatnonzero(counts & (moves.event_seq != 0)).tolist():
            day, place = int(lines.days[moves.step[row]]), int(moves.line[row])
            _, names, amounts = rows.setdefault(int(moves.event_seq[row]), (day, {}, []))
            names.setdefault(lines.lines[place].name)
            amounts.append(float(worth[row]))
        found = [(seq, day, tuple(names), sum(amounts)) for seq, (day, names, amounts) in sorted(rows.items())]
        total = float(self.by_line()["trading"].sum())
        return found, total - sum(effect for *_, effect in found)

    def _standing(self) -> npt.NDArray[np.bool_]:
        """Which lines stood at something when a period began (P, N)."""
        return np.asarray((self.periods.weights != 0.0) & ~self._own())

    def _own(self) -> npt.NDArray[np.bool_]:
        return np.array([line.kind == OWN for line in self.periods.lines.lines], np.bool_)

    def _judged(self) -> Float64:
        """The return each line is judged against (P, N)."""
        lines, reference = self.periods.lines.lines, self.reference()
        place = [-1 if line.kind == OWN else self.segments.names.index(self.labels.line(line)) for line in lines]
        return np.where(np.array(place) >= 0, reference[:, place], 0.0)

    def _scale(self) -> Float64:
        """What an effect of each period weighs in the span's (P,)."""
        if not self.choices.geometric:
            return self.linked.coefficients
        notional = 1.0 + (self.segments.weights * self.reference()).sum(axis=1)
        rest = self.effects.total * 0.0
        for name in ("selection", "interaction", "trading", "other"):
            rest = rest + self.effects.effects[name].sum(axis=1)
        return np.asarray(carino_coefficients(rest) / notional)

    def _periods_of(self, fine: BookLines) -> tuple[Float64, Float64]:
        """Weights (P, M) and contributions (5, P, M) of finer lines over the periods."""
        group = self.periods.group
        starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
        scaled = fine.parts * (self.periods.steps / fine.base)[:, None]
        return fine.weights[starts].copy(), np.asarray(np.add.reduceat(scaled, starts, axis=1))


def usable(lines: BookLines, *, after: int, last: int) -> tuple[BookLines, tuple[str, ...]]:
    """Steps of a span that have a return, and what was left out.

    The days before there was capital are left out. :class:`UndefinedMeasure` where capital was gone in between,
    :class:`MissingData` where nothing is left.
    """
    inside = lines.between(after, last)
    if not len(inside):
        begin = format_date(int(lines.days[0])) if len(lines) else "no day"
        raise MissingData(
            f"{lines.subject} has no return from {format_date(after)} to {format_date(last)}", field="period",
            found=f"the history begins on {begin}", next_step="ask for a period inside its history",
        )  # fmt: skip
    good = np.flatnonzero(inside.defined)
    if not len(good):
        raise UndefinedMeasure(
            f"{lines.subject} has no return from {format_date(after)} to {format_date(last)}: its base is zero "
            "or less", field="period", next_step="ask for a period in which there is capital",
        )  # fmt: skip
    first = int(good[0])
    kept = inside.steps(np.arange(len(inside)) >= first)
    if not kept.defined.all():
        day = int(kept.days[int(np.argmin(kept.defined))])
        raise UndefinedMeasure(
            f"the return of {lines.subject} on {format_date(day)} does not exist: its base is zero or less",
            field="period", found=day, next_step="ask for the time before it or after it",
        )  # fmt: skip
    notes = list(lines.notes)
    if first:
        notes.append(f"{first} days up to {format_date(int(inside.days[first - 1]))} had no capital to be measured on")
    elif int(kept.before[0]) > after:
        notes.append(f"the history begins on {format_date(int(kept.before[0]))}")
    return (kept if len(kept) > len(lines) - 2 else kept.live()), tuple(notes)


def matched(
    lines: BookLines, steps: BenchmarkSteps, choices: Choices, after: int, last: int
) -> tuple[LinePeriods, list[str]]:
    """Periods that both sides cover from end to end, and what was left out."""
    notes = list(steps.notes)
    if steps.whole_periods:
        if choices.frequency is not None and choices.frequency == "daily":
            raise InvalidInput(
                f"the segments of {steps.text} are published for longer periods than a day", field="frequency",
                found="daily", next_step="leave the frequency out",
            )  # fmt: skip
        inside = np.array([
            (begin >= after or same_session(begin, after)) and (end <= last or same_session(end, last))
            for begin, end in zip(steps.before.tolist(), steps.days.tolist(), strict=True)
        ], np.bool_)  # fmt: skip
        spans = [(int(a), int(b)) for a, b in zip(steps.before[inside], steps.days[inside], strict=True)]
        whole = [(a, b) for a, b in spans if _covers(lines, a, b)]
        cut = int((~inside & (steps.days > after) & (steps.before < last)).sum()) + len(spans) - len(whole)
        if not whole:
            asked = f"{format_date(after)} to {format_date(last)}"
            if not spans:
                known = f"{format_date(int(steps.before[0]))} to {format_date(int(steps.days[-1]))}"
                raise MissingData(
                    f"{steps.text} has no whole period in {asked}; it is known from {known}", field="benchmark",
                    next_step="ask for a period inside that time, or import its later segments",
                )  # fmt: skip
            raise MissingData(
                f"{lines.subject} has no return over any whole period of {steps.text} in {asked}", field="period",
                next_step="ask for a longer period",
            )  # fmt: skip
        if cut:
            notes.append(f"{cut} periods of {steps.text} are covered in part and left out")
        found = line_periods(lines, spans=whole)
        ends = np.array(whole, np.int64)
        return replace(found, before=ends[:, 0], days=ends[:, 1]), notes
    found = line_periods(lines, choices.frequency or "daily")
    both = covered(steps, found.before, found.days)
    if not both.any():
        raise MissingData(f"{lines.subject} and {steps.text} have no period in common", field="benchmark",
                          next_step="import a longer history of the benchmark")  # fmt: skip
    if not both.all():
        lost = found.days[~both]
        notes.append(f"{len(lost)} periods without the benchmark's return are left out, "
                     f"{format_date(int(lost[0]))} to {format_date(int(lost[-1]))}")  # fmt: skip
        found = found.take(both)
    return found, notes


def same_session(one: int, other: int) -> bool:
    """Whether no weekday lies between two days, so that both see the same close.

    Examples
    --------
    >>> same_session(2, 3), same_session(1, 4)
    (True, False)
    """
    between = range(min(one, other) + 1, max(one, other) + 1)
    return not any((day + 3) % 7 < 5 for day in between)


def _covers(lines: BookLines, after: int, last: int) -> bool:
    """Whether steps run from ``after`` (or the last session before it) to ``last``, no weekday left over."""
    days = lines.days[(lines.days > after) & (lines.days <= last)]
    if not len(days):
        return False
    first = int(lines.before[int(np.searchsorted(lines.days, days[0]))])
    known_beyond = int(lines.days[-1]) > last
    begins = first <= after or same_session(first, after)
    return begins and (known_beyond or same_session(int(days[-1]), last))


def attribute(
    lines: BookLines, steps: BenchmarkSteps, labels: Labels, *, after: int, last: int, choices: Choices | None = None
) -> BookAttribution:
    """Effects of one level of segments over the span from the end of ``after`` to the end of ``last``.

    Identity: effects of each period sum to its active return within 1e-12, linked ones to the span's within 1e-10.
    """
    how = choices or Choices()
    kept, said = usable(lines, after=after, last=last)
    periods, notes = matched(kept, steps, how, after, last)
    mine = replace(by_segment(periods, labels.line), before=periods.before, days=periods.days)
    bench = segments_over(steps, periods.before, periods.days, labels.item)
    effects = book_effects(
        mine, bench, method=how.method, interaction=how.interaction, off_benchmark=how.off_benchmark,
        trading=how.trading, geometric=how.geometric,
    )  # fmt: skip
    return BookAttribution(periods, mine, bench, effects, effects.linked(how.linking), how, labels, (*said, *notes))


@dataclass(frozen=True, eq=False)
class PathNode:
    """One node of the decision path: effects linked over the span; leaves have selection, trading and other."""

    level: str
    name: str
    parent: str
    weight: float
    benchmark_weight: float
    allocation: float
    selection: float
    trading: float
    other: float


@dataclass(frozen=True, eq=False)
class PathAttribution:
    """The decision path from the top level to the leaves: all effects sum to ``active``."""

    nodes: tuple[PathNode, ...]
    portfolio: float
    benchmark: float
    active: float
    per_period: Float64
    residual: float
    notes: tuple[str, ...]


def attribute_path(
    lines: BookLines, steps: BenchmarkSteps, levels: Sequence[Labels], *, after: int, last: int,
    choices: Choices | None = None,
) -> PathAttribution:  # fmt: skip
    """Top-down effects over several levels: each is judged inside its parent, selection stands at the leaves.

    ``per_period`` (P,) is what each period's effects leave of its active return.
    """
    how = choices or Choices()
    path = Path(levels)
    kept, said = usable(lines, after=after, last=last)
    periods, notes = matched(kept, steps, how, after, last)
    mine = by_segment(periods, path.line)
    bench = segments_over(steps, periods.before, periods.days, path.item)
    names = list(dict.fromkeys((*mine.names, *bench.names)))
    shape = (len(periods.days), len(names))
    at_mine, at_bench = [names.index(one) for one in mine.names], [names.index(one) for one in bench.names]
    w, held, traded, big_w, earned = (np.zeros(shape) for _ in range(5))
    w[:, at_mine], held[:, at_mine], traded[:, at_mine] = mine.weights, mine.held, mine.traded
    big_w[:, at_bench], earned[:, at_bench] = bench.weights, bench.returns
    own = np.where(w != 0.0, held / np.where(w != 0.0, w, 1.0), 0.0)
    sources: dict[str, object] = {}
    for line in periods.lines.lines:
        sources.setdefault(path.line(line), line)
    for item in steps.items:
        sources.setdefault(path.item(item), item)
    listed = [
        (level.level, [path.node(sources[name], depth + 1) for name in names])  # type: ignore[arg-type]
        for depth, level in enumerate(levels)
    ]
    found: HierarchyEffects = brinson_hierarchy(w, big_w, own, earned, listed)
    coefficients = _coefficients(mine.returns, bench.total, how)
    nodes: list[PathNode] = []
    for (_, of_leaf), level in zip(listed, found.levels, strict=True):
        leafy = level is found.levels[-1]
        for place, name in enumerate(level.nodes):
            at = [leaf for leaf, node in enumerate(of_leaf) if node == name]
            nodes.append(PathNode(
                level.name, name, level.parents[place], float(w[:, at].sum(axis=1).mean()),
                float(big_w[:, at].sum(axis=1).mean()), float(coefficients @ level.allocation[:, place]),
                float(coefficients @ found.selection[:, at].sum(axis=1)) if leafy else 0.0,
                float(coefficients @ traded[:, at].sum(axis=1)) if leafy else 0.0, 0.0,
            ))  # fmt: skip
    nodes += [
        PathNode("own", name, "total", 0.0, 0.0, 0.0, 0.0, 0.0, float(coefficients @ mine.own[:, place]))
        for place, name in enumerate(mine.own_names)
    ]
    left = mine.returns - bench.total - found.total - traded.sum(axis=1) - mine.own.sum(axis=1)
    whole, base = (float(np.prod(1.0 + one)) - 1.0 for one in (mine.returns, bench.total))
    total = sum(one.allocation + one.selection + one.trading + one.other for one in nodes)
    return PathAttribution(tuple(nodes), whole, base, whole - base, left, whole - base - total, (*said, *notes))


def _coefficients(mine: Float64, bench: Float64, how: Choices) -> Float64:
    from argosy.measures.attribution.linking import coefficients

    return coefficients(mine, bench, method=how.linking)
