"""A book in a process that lives long: positions stay in memory and follow each new batch of the book."""

from __future__ import annotations

from argosy.record.ledger.live import LivePositions
from argosy.record.ledger.rows import LedgerProblem, Positions
from argosy.record.ledger_terms import ledger_policies, quantity_units
from argosy.record.reference_fold import Reference
from argosy.workflows.ports import BookStore, Watermark

START_AGAIN = 100_000
"""New events after which folding the whole book again is cheaper to carry than the list of what came since."""


class WarmBook:
    """Positions after every event of a book, brought up to date when asked.

    Another process may write meanwhile: what it committed is seen at the next question. Rules (mandates, voided
    batches, instruments) that change make it fold everything once again.
    """

    def __init__(self, store: BookStore) -> None:
        self._store = store
        self._mark: Watermark | None = None
        self._reference = Reference.from_facts(())
        self._live: LivePositions | None = None

    @property
    def watermark(self) -> Watermark | None:
        """How far the last answer saw; None before the first."""
        return self._mark

    @property
    def reference(self) -> Reference:
        """Who is who at that watermark."""
        return self._reference

    def positions(self, *portfolios: str) -> Positions:
        """Lot pools of these portfolios (all of them when none is named), as far as the book reaches now."""
        live = self._current()
        ids = [self._reference.portfolio(code).id for code in portfolios] or sorted(self._reference.portfolios)
        return live.positions(ids)

    def problems(self) -> tuple[LedgerProblem, ...]:
        """Events that cannot be true given the others."""
        return self._current().problems

    def _current(self) -> LivePositions:
        mark = self._store.watermark()
        if self._live is None or self._mark is None or mark.seq < self._mark.seq:
            return self._start(mark)
        if mark.seq == self._mark.seq:
            return self._live
        new = self._store.events(watermark=mark, after_seq=self._mark.seq)
        # Rows of a book are numbered without gaps: when all new ones are events, no fact can have changed a rule.
        if len(new) != mark.seq - self._mark.seq and self._rules_changed(mark):
            return self._start(mark)
        if self._live.behind + len(new) > START_AGAIN:
            return self._start(mark)
        self._live, self._mark = self._live.after(self._reference.canonical_events(new)), mark
        return self._live

    def _start(self, mark: Watermark) -> LivePositions:
        reference = Reference.from_facts(self._store.facts(watermark=mark))
        events = reference.canonical_events(self._store.events(watermark=mark))
        live = LivePositions.start(events, policies=ledger_policies(reference), quantity_unit=quantity_units(reference),
                                   voided_batches=reference.voided_batches)  # fmt: skip
        self._live, self._mark, self._reference = live, mark, reference
        return live

    def _rules_changed(self, mark: Watermark) -> bool:
        """Take up new facts; say whether they change what a fold gives for the events already seen."""
        old, self._reference = self._reference, Reference.from_facts(self._store.facts(watermark=mark))
        now = self._reference
        return (
            old.voided_batches != now.voided_batches
            or old.merged != now.merged
            or ledger_policies(old) != ledger_policies(now)
            or quantity_units(old) != quantity_units(now)
        )
