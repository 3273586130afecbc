"""Lines of a book for a question about performance: whose, in which currency, net or gross, beside which benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from argosy.base.errors import InvalidInput, MissingData, unknown
from argosy.measures.attribution.bench_dated import dated_steps, mandate_text
from argosy.measures.attribution.bench_segments import BenchmarkReader, BenchmarkSteps
from argosy.measures.attribution.book_lines import BookLines
from argosy.measures.attribution.book_tax import OwedTax, after_tax, owed_tax
from argosy.measures.attribution.line_builder import LineBuilder
from argosy.measures.performance.blend_text import parse_dated
from argosy.measures.performance.periods import Period, period, window
from argosy.measures.performance.returns import ReturnSeries
from argosy.measures.valuation.calendar import opens_after
from argosy.measures.valuation.gaps import Gap, refuse
from argosy.measures.valuation.history import NavHistory
from argosy.measures.valuation.sleeves import sleeve_histories
from argosy.measures.valuation.stored import stored_history
from argosy.measures.valuation.subjects import Subject, firm_subject, portfolio_subjects
from argosy.record.ledger.events import Int64
from argosy.record.mandate import Mandate
from argosy.workflows.history import history
from argosy.workflows.keep_lines import stored_lines
from argosy.workflows.look import Look

BASES = ("net", "gross", "pretax", "aftertax")
ON_MISSING = ("raise", "span")


@dataclass(frozen=True)
class Asked:
    """What a question about performance is about.

    ``basis`` net is after all fees and taxes that were booked, gross adds management fees back, pretax taxes too;
    aftertax takes off what realized gains owe at the rates of the mandate.
    ``timing`` start or end of day, or mixed (in at the start, out at the end), overrides the mandate's. ``firm`` sees
    all portfolios of the look as one. ``on_missing`` "span" lets a return run over days without a value. ``stored``
    takes what the close stored, as known at the look's watermark, instead of computing it. ``sleeves`` are
    codes of sleeves of the portfolios (``all`` for each, ``none`` for what is in none), each a subject of its own.
    """

    currency: str = ""
    timing: str = ""
    basis: str = "net"
    firm: bool = False
    on_missing: str = "raise"
    stored: bool = False
    sleeves: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.basis not in BASES:
            raise unknown("basis of returns", self.basis, BASES)
        if self.timing not in ("", "start", "end", "mixed"):
            raise unknown("timing of flows", self.timing, ("start", "end", "mixed"))
        if self.on_missing not in ON_MISSING:
            raise unknown("way with missing values", self.on_missing, ON_MISSING)


@dataclass(frozen=True)
class Measured:
    """One subject and its days; lines are made when first asked for."""

    seen: Look
    history: NavHistory
    number: int
    asked: Asked
    make: Callable[..., BookLines] = field(repr=False)
    sessions: Int64 = field(repr=False)
    """All days of the subject: a benchmark drifts from the first of them on, whatever the period."""

    @property
    def subject(self) -> Subject:
        """Whose lines these are."""
        return self.history.subjects[self.number]

    @property
    def mandate(self) -> Mandate:
        """The mandate of the (first) portfolio on the last day."""
        return self.seen.reference.mandate(self.subject.members[0][0], self.last)

    @property
    def last(self) -> int:
        """The last day of the history."""
        return int(self.history.days[-1])

    @property
    def lost(self) -> tuple[Gap, ...]:
        """What is missing on days without a value."""
        return tuple(gap for gap in self.history.gaps if self.subject.code in gap.portfolios)

    def on(self, basis: str) -> Measured:
        """The same on another basis."""
        return self if basis == self.asked.basis else replace(self, asked=replace(self.asked, basis=basis))

    @cached_property
    def lines(self) -> BookLines:
        """What each line made on each day, on the basis asked for."""
        return self._told(self.make())

    def apart(self) -> BookLines:
        """The same with lines of its own for each portfolio of a group."""
        return self._told(self.make(apart=True)) if self.subject.is_group else self.lines

    def _told(self, lines: BookLines) -> BookLines:
        if self.asked.basis == "aftertax":
            lines = after_tax(lines, self._owed(lines))
        elif self.asked.basis != "net":
            lines = lines.gross(taxes=self.asked.basis == "pretax")
        notes = (*lines.notes, *(f"{gap.text()}; returns run over these days" for gap in self.lost))
        return replace(lines, notes=notes)

    def _owed(self, lines: BookLines) -> OwedTax:
        if self.asked.stored:
            raise InvalidInput("the close does not store tax on gains", field="basis", found="aftertax",
                               next_step="ask without --stored, or net")  # fmt: skip
        state, gaps = self.seen.based
        codes = {self.seen.reference.portfolios[one].code for one in self.subject.portfolios()}
        lost = tuple(gap for gap in gaps if codes & set(gap.portfolios))
        owed = owed_tax(state, self.seen.reference, self.seen.market, self.subject, lines)
        if lost or owed.gaps:
            refuse((*lost, *owed.gaps))
        return owed

    @cached_property
    def series(self) -> ReturnSeries:
        """Returns day by day: from the official values, or from lines where something is added back or was stored."""
        if self.asked.basis == "net" and not self.asked.stored:
            return self.history.returns(self.number, timing=self.asked.timing, span=self.asked.on_missing == "span")
        return self.lines.returns()

    def period(self, name: str) -> Period:
        """A period by name, ending on the last day unless it names its own.

        One in which the subject opened on the first session begins at the end of its opening day.
        """
        begun = self.series.inception
        found = period(name, self.last, inception=begun if begun is not None else self.last)
        opening = int(self.series.days[0]) if len(self.series) else self.last
        if begun is None or not self.history.funded[self.number] or found.after >= begun:
            return found
        opens = opens_after(self.seen.market, self.mandate.calendar, found.after, opening)
        return replace(found, after=begun) if opens else found

    def benchmark(self, text: str | None) -> BenchmarkSteps | None:
        """The benchmark named, the mandate's as it changed (None), or none ("")."""
        reference, owner = self.seen.reference, self.subject.members[0][0]
        code = mandate_text(reference.benchmark_rules(owner, self.last)) if text is None else text
        if not code:
            return None
        reader = BenchmarkReader(
            reference, self.seen.market, self.sessions, self.subject.currency, dict(self.seen.splits),
            self.mandate.comparison.rates,
        )  # fmt: skip
        return dated_steps(reader, parse_dated(code))


def measured(seen: Look, asked: Asked, *, periods: Sequence[str] = ("ITD",)) -> Iterator[Measured]:
    """Each subject of a look with the days that ``periods`` need.

    Days without a value raise MissingPrice, MissingRate or StaleData with everything that is missing, unless they are
    to be spanned.
    """
    if asked.stored:
        yield from _stored(seen, asked)
        return
    subjects: tuple[Subject, ...] = ()
    if asked.firm:
        if seen.group:
            raise InvalidInput("a group and the firm were both asked for", field="group", next_step="name one")
        wanted = seen.reference.currency(asked.currency) if asked.currency else None
        subjects = (firm_subject(seen.reference, seen.portfolios, currency=wanted),)
    if asked.sleeves and (asked.firm or seen.group):
        raise InvalidInput("a sleeve is part of one portfolio", field="sleeve",
                           next_step="name portfolios, not a group or the firm")  # fmt: skip
    base, last = window(periods, seen.day)
    answer = history(seen, base=base, last=last, currency=asked.currency, subjects=subjects)
    if not answer.histories and last < seen.day:
        # Before anything happened: the whole history says when it began.
        answer = history(seen, currency=asked.currency, subjects=subjects)
    for one, sessions in zip(answer.histories, answer.sessions, strict=True):
        builder = LineBuilder(seen.state, seen.reference, seen.market, one.days, splits=seen.splits)
        for number in range(len(one.subjects)):
            if asked.sleeves:
                yield from map(_refused, _sleeves(seen, asked, one, number, sessions))
                continue
            make = partial(builder.build, one, number, timing=asked.timing)
            yield _refused(Measured(seen, one, number, asked, make, sessions))


def _refused(found: Measured) -> Measured:
    if found.lost and found.asked.on_missing == "raise":
        refuse(found.lost)
    return found


def _sleeves(seen: Look, asked: Asked, whole: NavHistory, number: int, sessions: Int64) -> Iterator[Measured]:
    """The sleeves asked for of one portfolio."""
    for part in sleeve_histories(
        seen.state, seen.reference, seen.market, whole, number, sleeves=asked.sleeves, splits=seen.splits
    ):
        builder = LineBuilder(part.rows, seen.reference, seen.market, whole.days, splits=seen.splits)
        make = partial(builder.build, part.history, 0, timing=asked.timing)
        yield Measured(seen, part.history, 0, asked, make, sessions)


def _stored(seen: Look, asked: Asked) -> Iterator[Measured]:
    """What the close stored, which is of single portfolios in their base currency."""
    if seen.group or asked.firm or asked.currency or asked.timing or asked.sleeves:
        raise InvalidInput(
            "what the close stored is of single portfolios, in their base currency and by their mandates",
            field="stored", next_step="leave out group, firm, sleeve, currency and timing",
        )  # fmt: skip
    for subject in portfolio_subjects(seen.reference, seen.portfolios):
        rows = seen.store.valuations(watermark=seen.watermark, portfolios=[subject.id])
        nav = stored_history(rows, seen.reference, subject, last=seen.day)
        lines = stored_lines(seen, subject.id)
        if not len(lines) or not len(nav.days):
            raise MissingData(f"nothing is stored for {subject.code}", field="stored", next_step="run argosy close")
        yield Measured(seen, nav, 0, asked, lambda lines=lines: lines, nav.days)
