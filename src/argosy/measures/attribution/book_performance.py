"""How a book did over a period, in money and as rates, and what its parts added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import MissingData, UndefinedMeasure
from argosy.measures.attribution.bench_segments import BenchmarkSteps, levels_of
from argosy.measures.attribution.book_answer import same_session, usable
from argosy.measures.attribution.book_lines import OWN, BookLines, Line
from argosy.measures.attribution.line_moves import PARTS
from argosy.measures.attribution.line_periods import line_periods, rounding_place
from argosy.measures.performance.annualize import annualize_days
from argosy.measures.performance.benchmark import level_returns
from argosy.measures.performance.dietz import FlowTiming, day_weights, modified_dietz, revalued_return
from argosy.measures.performance.irr import MoneyWeighted, money_weighted_return
from argosy.measures.performance.periods import Period, period_return
from argosy.measures.performance.returns import Outcome, ReturnSeries
from argosy.measures.valuation.history import NavHistory

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class BookPeriod:
    """One subject over one period. Money in ``currency``: start + flows + gains + income - fees - taxes = end.

    ``gains`` are what prices, exchange rates and trades made, rounding inside; ``fees`` and ``taxes`` are positive
    where paid. ``annual`` and ``money_weighted_annual`` are yearly rates, undefined under a year.
    """

    subject: str
    currency: str
    period: Period
    start: float
    flows: float
    gains: float
    income: float
    fees: float
    taxes: float
    end: float
    time_weighted: Outcome
    annual: Outcome
    money_weighted: Outcome
    money_weighted_annual: Outcome
    dietz: Outcome
    benchmark: Outcome | None
    revalued: Outcome | None = None
    """Modified Dietz cut at large flows; None where the mandate does not say which are large."""

    @property
    def excess(self) -> Outcome:
        """Time-weighted return less the benchmark's."""
        if self.benchmark is None:
            return Outcome(0.0, "there is no benchmark")
        if not self.time_weighted.defined or not self.benchmark.defined:
            return Outcome(0.0, self.time_weighted.reason or self.benchmark.reason)
        return Outcome(self.time_weighted.value - self.benchmark.value)


def _outcome(ask: Callable[[], float]) -> Outcome:
    try:
        return Outcome(ask())
    except (MissingData, UndefinedMeasure) as error:
        return Outcome(0.0, error.message)


def value_at(nav: NavHistory, number: int, day: int) -> float:
    """The last value on or before a day; 0 before the first."""
    known = np.flatnonzero(nav.ok[number] & (nav.days <= day))
    return float(nav["nav"][number][known[-1]]) * 10.0 ** -nav.scales[number] if len(known) else 0.0


def book_period(
    lines: BookLines, nav: NavHistory, number: int, span: Period, *, benchmark: BenchmarkSteps | None = None,
    large: float = 0.0,
) -> BookPeriod:  # fmt: skip
    """Money and rates of one period; what has no value says why.

    ``large``: share of the value from which a day's flow cuts the Dietz period (0 = none does). With mixed timing
    Dietz weighs what came in from the start of its day and what went out from its end.
    """
    inside = lines.between(span.after, span.last)
    start, end = value_at(nav, number, span.after), value_at(nav, number, span.last)
    parts = dict(zip(PARTS, inside.parts.sum(axis=(1, 2)).tolist(), strict=True))
    whole = period_return(lines.returns(), span)
    plain: FlowTiming = "start" if lines.timing == "start" else "end"
    moved = inside.flow != 0.0
    flows, days = inside.flow[moved], inside.days[moved]
    # A book that was opened inside the period is measured from its first flow on.
    begin = span.after if start != 0.0 or not len(days) else int(days[0])

    def opened_before() -> None:
        if begin >= span.last:
            raise UndefinedMeasure(
                f"{lines.subject} was opened on {format_date(begin)}, the last day of the period", field="period",
                next_step="ask for a period that ends later",
            )  # fmt: skip

    def rate() -> MoneyWeighted:
        opened_before()
        return money_weighted_return(start, end, begin, span.last, flows=flows, days=days)

    def weights(days: Int64, flows: Float64) -> Float64:
        late, early = (day_weights(days, begin, span.last, timing=timing) for timing in ("end", "start"))
        into = flows > 0.0 if lines.timing == "mixed" else np.full(len(flows), plain == "start")
        return np.where(into, early, late)

    # The money that opened the book is what the first part begins with.
    opened = begin != span.after
    first, rest, later = (float(flows[0]), flows[1:], days[1:]) if opened else (start, flows, days)

    def dietz() -> float:
        opened_before()
        return modified_dietz(first, end, rest, weights(later, rest))

    def revalued() -> float:
        opened_before()
        known = nav.ok[number]
        found = revalued_return(
            first, end, begin, span.last, flows=rest, days=later, valued_days=nav.days[known],
            values=nav["nav"][number][known] * 10.0 ** -nav.scales[number], large=large, timing=plain,
        )  # fmt: skip
        return found.value

    return BookPeriod(
        lines.subject, lines.currency, span, start, float(inside.flow.sum()), parts["holding"] + parts["trading"],
        parts["income"], -parts["fees"], -parts["taxes"], end, whole,
        _outcome(lambda: annualize_days(whole.number(), span.last - span.after)), _outcome(lambda: rate().period),
        _outcome(lambda: rate().annual), _outcome(dietz),
        None if benchmark is None else benchmark_return(benchmark, span), _outcome(revalued) if large else None,
    )  # fmt: skip


def benchmark_return(steps: BenchmarkSteps, span: Period) -> Outcome:
    """The benchmark's return of a period, between its last levels on or before the two ends."""
    days, levels = levels_of(steps)
    first, last = (int(np.searchsorted(days, day, side="right")) - 1 for day in (span.after, span.last))
    if first < 0:
        return Outcome(0.0, f"the benchmark begins on {format_date(int(days[0]))}, after {format_date(span.after)}")
    for place, day in ((first, span.after), (last, span.last)):
        if steps.whole_periods and not same_session(int(days[place]), day):
            return Outcome(0.0, f"{steps.text} has no level on {format_date(day)}: its periods end on other days")
    if first == last:
        return Outcome(0.0, f"the benchmark has no level after {format_date(span.after)}")
    return Outcome(float(levels[last] / levels[first]) - 1.0)


def benchmark_series(steps: BenchmarkSteps) -> ReturnSeries:
    """The benchmark's returns between the days for which it has a level of its own."""
    if steps.whole_periods:
        sure = np.ones(len(steps.days), np.bool_)
        return ReturnSeries(steps.days, steps.before, steps.total, sure, np.ones(len(steps.days)))
    return level_returns(*levels_of(steps))


@dataclass(frozen=True, eq=False)
class BookContribution:
    """What each label added to a span's return: ``parts`` (5, L) sum to ``contribution`` (L,), that to ``total``."""

    subject: str
    labels: tuple[str, ...]
    weight: Float64
    parts: Float64
    total: float
    after: int
    last: int
    notes: tuple[str, ...]

    @property
    def contribution(self) -> Float64:
        """All parts together, smoothed over time (Cariño 1999)."""
        return np.asarray(self.parts.sum(axis=0))


def book_contribution(lines: BookLines, label: Callable[[Line], str], *, after: int, last: int) -> BookContribution:
    """Contributions by label, linked so that they sum to the time-weighted return of the span."""
    kept, notes = usable(lines, after=after, last=last)
    whole = line_periods(kept, spans=[(after, last)])
    labels = [line.name if line.kind == OWN else label(line) for line in kept.lines]
    names = tuple(dict.fromkeys(labels))
    member = np.zeros((len(labels), len(names)))
    member[np.arange(len(labels)), [names.index(one) for one in labels]] = 1.0
    return BookContribution(
        lines.subject, names, kept.weights.mean(axis=0) @ member, whole.parts[:, 0] @ member, float(whole.returns[0]),
        int(kept.before[0]), int(kept.days[-1]), notes,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class EventContribution:
    """What one event added to the return of a span, by part; ``lines`` are those it touched."""

    event: int
    day: int
    lines: tuple[str, ...]
    parts: tuple[float, ...]

    @property
    def contribution(self) -> float:
        """All parts together."""
        return sum(self.parts)


@dataclass(frozen=True, eq=False)
class EventContributions:
    """Contributions of every event of a span, and ``held`` of what was simply held; they sum to ``total``."""

    subject: str
    events: tuple[EventContribution, ...]
    held: float
    rounding: float
    total: float
    notes: tuple[str, ...]


def book_events(lines: BookLines, *, after: int, last: int) -> EventContributions:
    """Contributions by transaction: what each trade, dividend, fee and corporate action made on its day, linked."""
    kept, notes = usable(lines, after=after, last=last)
    whole = line_periods(kept, spans=[(after, last)])
    moves = kept.moves
    scaled = moves.amount * (whole.steps / kept.base)[moves.step]
    rows: dict[int, tuple[int, dict[str, None], list[float]]] = {}
    for seq, step, line, part, amount in zip(
        moves.event_seq.tolist(), moves.step.tolist(), moves.line.tolist(), moves.part.tolist(), scaled.tolist(),
        strict=True,
    ):  # fmt: skip
        _, names, sums = rows.setdefault(seq, (int(kept.days[step]), {}, [0.0] * len(PARTS)))
        names.setdefault(kept.lines[line].name)
        sums[part] += amount
    total = float(whole.returns[0])
    at = rounding_place(kept.lines)
    rounding = float(whole.whole_parts[0, at]) if at >= 0 else 0.0
    rows.pop(0, None)  # splits: part of what was held
    found = tuple(EventContribution(seq, day, tuple(names), tuple(sums)) for seq, (day, names, sums) in rows.items())
    return EventContributions(
        lines.subject, found, total - rounding - sum(one.contribution for one in found), rounding, total, notes
    )
