"""Questions about value over time: daily history, returns beside a benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from argosy.base.errors import MissingData, UnknownName
from argosy.measures.performance.benchmark import levels_in
from argosy.measures.performance.periods import PERIODS
from argosy.measures.performance.returns import ReturnSeries
from argosy.measures.performance.summary import ReturnSummary, summarize
from argosy.measures.valuation.calendar import begins, by_calendar, first_days, valuation_days
from argosy.measures.valuation.history import NavHistory
from argosy.measures.valuation.history import history as value_days
from argosy.measures.valuation.subjects import Subject
from argosy.record.market.benchmarks import benchmark_levels
from argosy.workflows.look import Look


@dataclass(frozen=True)
class HistoryAnswer:
    """Histories by calendar: usually one; subjects that close on different calendars are valued apart."""

    seen: Look
    histories: tuple[NavHistory, ...]

    def find(self, code: str) -> tuple[NavHistory, int]:
        """The history that holds a subject, and its row there."""
        for one in self.histories:
            if any(subject.code == code for subject in one.subjects):
                return one, one.place(code)
        raise MissingData(f"{code} has no value on any of these days", field="portfolio")


def history(
    seen: Look,
    *,
    first: int | None = None,
    last: int | None = None,
    currency: str = "",
    calendar: str = "",
    subjects: Sequence[Subject] = (),
    engine: str = "auto",
) -> HistoryAnswer:
    """Value each subject on each session of its calendar from its first event (or ``first``) to ``last``.

    Days on which something is missing are marked and named in the history's ``gaps``.
    """
    state, market, reference = seen.state, seen.market, seen.reference
    until = seen.day if last is None else min(last, seen.day)
    firsts = first_days(state)
    chosen = [one for one in (subjects or seen.subjects(currency)) if begins(one, firsts) is not None]
    found = []
    for name, group in by_calendar(chosen, reference, until, calendar=calendar).items():
        starts = [start for one in group if (start := begins(one, firsts)) is not None]
        days, after = valuation_days(market, name, starts, first=first, last=until)
        if len(days):
            found.append(
                value_days(
                    state,
                    reference,
                    market,
                    subjects=group,
                    days=days,
                    starts=starts,
                    after=after,
                    splits=seen.splits,
                    engine=engine,
                )
            )
    return HistoryAnswer(seen, tuple(found))


def returns(
    seen: Look,
    *,
    first: int | None = None,
    last: int | None = None,
    currency: str = "",
    periods: Sequence[str] = PERIODS,
    benchmark: str | None = None,
    timing: str = "",
) -> tuple[ReturnSummary, ...]:
    """Time-weighted returns of each subject by day and period, beside its benchmark.

    ``benchmark`` names one, "" asks for none, None takes the mandate's. ``timing`` "start" or "end" overrides the
    mandate's convention for flows. Days without a value raise MissingData with everything that is missing.
    """
    answer = history(seen, last=last, currency=currency)
    found = []
    for one in answer.histories:
        for number, subject in enumerate(one.subjects):
            series = one.returns(number, timing=timing)
            if first is not None:
                series = series.between(first - 1, int(one.days[-1]))
            found.append(_summary(seen, one, subject, series, periods=periods, benchmark=benchmark))
    return tuple(found)


def _summary(
    seen: Look, one: NavHistory, subject: Subject, series: ReturnSeries, *, periods: Sequence[str],
    benchmark: str | None,
) -> ReturnSummary:  # fmt: skip
    last = int(one.days[-1])
    code = seen.reference.mandate(subject.members[0][0], last).benchmark if benchmark is None else benchmark
    levels, notes = None, [f"flows at {series.timing} of day, in {subject.currency}"]
    if code:
        try:
            found = benchmark_levels(seen.market, code, days=one.days, splits=seen.splits)
            levels = levels_in(seen.market, found, subject.currency)
            notes.append(f"benchmark {code}" + (f" ({found.basis})" if found.basis else ""))
        except (MissingData, UnknownName) as error:
            if benchmark is not None:
                raise
            notes.append(f"no benchmark: {error}")
    return summarize(subject.code, series, last=last, periods=periods, benchmark=levels, notes=notes)
