"""Questions about value over time: daily history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from argosy.base.errors import MissingData
from argosy.measures.valuation.calendar import begins, by_calendar, first_days, valuation_days
from argosy.measures.valuation.history import NavHistory
from argosy.measures.valuation.history import history as value_days
from argosy.measures.valuation.subjects import Subject
from argosy.record.ledger.events import Int64
from argosy.workflows.look import Look


@dataclass(frozen=True)
class HistoryAnswer:
    """Histories by calendar: usually one; subjects that close on different calendars are valued apart."""

    seen: Look
    histories: tuple[NavHistory, ...]
    sessions: tuple[Int64, ...] = ()
    """For each history all days from its first event on, whichever of them were asked for."""

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
    base: int | None = None,
    last: int | None = None,
    currency: str = "",
    calendar: str = "",
    subjects: Sequence[Subject] = (),
    engine: str = "auto",
) -> HistoryAnswer:
    """Value each subject on each session of its calendar from its first event (or ``first``) to ``last``.

    ``base`` begins with the last session on or before it, so that a period after it has a value to begin with.
    Days on which something is missing are marked and named in the history's ``gaps``.
    """
    state, market, reference = seen.state, seen.market, seen.reference
    until = seen.day if last is None else min(last, seen.day)
    firsts = first_days(state)
    chosen = [one for one in (subjects or seen.subjects(currency)) if begins(one, firsts) is not None]
    found, sessions = [], []
    for name, group in by_calendar(chosen, reference, until, calendar=calendar).items():
        starts = [start for one in group if (start := begins(one, firsts)) is not None]
        days, after = valuation_days(market, name, starts, first=first, base=base, last=until)
        if len(days):
            sessions.append(days if after is None else valuation_days(market, name, starts, last=until)[0])
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
    return HistoryAnswer(seen, tuple(found), tuple(sessions))
