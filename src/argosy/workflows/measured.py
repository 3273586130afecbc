"""Lines of a book for a question about performance: whose, in which currency, net or gross, beside which benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from argosy.base.errors import InvalidInput, MissingData, unknown
from argosy.measures.attribution.bench_segments import BenchmarkReader, BenchmarkSteps
from argosy.measures.attribution.book_lines import BookLines
from argosy.measures.attribution.line_builder import LineBuilder
from argosy.measures.performance.blend_text import parse_blend
from argosy.measures.performance.periods import Period, period
from argosy.measures.valuation.gaps import refuse
from argosy.measures.valuation.history import NavHistory
from argosy.measures.valuation.subjects import Subject, firm_subject
from argosy.workflows.history import history
from argosy.workflows.keep_lines import stored_lines
from argosy.workflows.look import Look

BASES = ("net", "gross", "pretax")
ON_MISSING = ("raise", "span")


@dataclass(frozen=True)
class Asked:
    """What a question about performance is about.

    ``basis`` net is after all fees and taxes that were booked, gross adds management fees back, pretax taxes too.
    ``timing`` start or end of day, or mixed (in at the start, out at the end), overrides the mandate's. ``firm`` sees
    all portfolios of the look as one. ``on_missing`` "span" lets a return run over days without a value. ``stored``
    takes the lines that the close stored, as known at the look's watermark, instead of computing them.
    """

    currency: str = ""
    timing: str = ""
    basis: str = "net"
    firm: bool = False
    on_missing: str = "raise"
    stored: bool = False

    def __post_init__(self) -> None:
        if self.basis not in BASES:
            raise unknown("basis of returns", self.basis, BASES)
        if self.timing not in ("", "start", "end", "mixed"):
            raise unknown("timing of flows", self.timing, ("start", "end", "mixed"))
        if self.on_missing not in ON_MISSING:
            raise unknown("way with missing values", self.on_missing, ON_MISSING)


@dataclass(frozen=True)
class Measured:
    """One subject: its history, its lines and its days."""

    seen: Look
    history: NavHistory
    number: int
    lines: BookLines

    @property
    def subject(self) -> Subject:
        """Whose lines these are."""
        return self.history.subjects[self.number]

    @property
    def last(self) -> int:
        """The last day of the history."""
        return int(self.history.days[-1])

    def period(self, name: str) -> Period:
        """A period by name, ending on the last day unless it names its own."""
        begun = self.lines.returns().inception
        return period(name, self.last, inception=begun if begun is not None else self.last)

    def benchmark(self, text: str | None) -> BenchmarkSteps | None:
        """The benchmark named, the mandate's (None), or none ("")."""
        code = text
        if code is None:
            code = self.seen.reference.mandate(self.subject.members[0][0], self.last).benchmark
        if not code:
            return None
        reader = BenchmarkReader(
            self.seen.reference, self.seen.market, self.history.days, self.subject.currency, dict(self.seen.splits)
        )
        return reader.steps(parse_blend(code))


def measured(seen: Look, asked: Asked) -> Iterator[Measured]:
    """Each subject of a look with its lines.

    Days without a value raise MissingPrice, MissingRate or StaleData with everything that is missing, unless they are
    to be spanned.
    """
    subjects: tuple[Subject, ...] = ()
    if asked.firm:
        if seen.group:
            raise InvalidInput("a group and the firm were both asked for", field="group", next_step="name one")
        wanted = seen.reference.currency(asked.currency) if asked.currency else None
        subjects = (firm_subject(seen.reference, seen.portfolios, currency=wanted),)
    answer = history(seen, currency=asked.currency, subjects=subjects)
    for one in answer.histories:
        builder = LineBuilder(seen.state, seen.reference, seen.market, one.days, splits=seen.splits)
        for number, subject in enumerate(one.subjects):
            lost = tuple(gap for gap in one.gaps if subject.code in gap.portfolios)
            if lost and asked.on_missing == "raise":
                refuse(lost)
            lines = _stored(seen, subject, asked) if asked.stored else builder.build(one, number, timing=asked.timing)
            if asked.basis != "net":
                lines = lines.gross(taxes=asked.basis == "pretax")
            notes = (*lines.notes, *(f"{gap.text()}; returns run over these days" for gap in lost))
            yield Measured(seen, one, number, replace(lines, notes=notes))


def _stored(seen: Look, subject: Subject, asked: Asked) -> BookLines:
    """The lines the close stored, which are of single portfolios in their base currency."""
    if subject.id <= 0 or asked.currency or asked.timing:
        raise InvalidInput(
            "what the close stored is of single portfolios, in their base currency and by their mandates",
            field="stored", next_step="leave out group, firm, currency and timing",
        )  # fmt: skip
    found = stored_lines(seen, subject.id)
    if not len(found):
        raise MissingData(f"nothing is stored for {subject.code}", field="stored", next_step="run argosy close")
    return found
