"""What took an event back: a void of the event, or of the whole batch that brought it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from argosy.base.dates import format_instant
from argosy.record.facts import FactKind
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.payload import integer, text
from argosy.record.reference_fold import Reference
from argosy.reporting.explanations.tree import Node


@dataclass(frozen=True)
class Withdrawals:
    """What stands taken back in a set of events. ``known`` gives the moment at which each batch became known."""

    events: EventColumns
    reference: Reference
    known: Mapping[int, int]

    def of(self, place: int) -> Node | None:
        """Which event or batch took the event in a row back, when and why; None while it counts."""
        by_event = self._by_event(int(self.events["seq"][place]))
        return by_event if by_event is not None else self._by_batch(int(self.events["batch"][place]))

    def takes_back(self, place: int) -> int:
        """The event that a VOID in a row takes back; 0 for any other event."""
        return int(self.events["target"][place]) if int(self.events["kind"][place]) == Kind.VOID else 0

    def _by_event(self, seq: int) -> Node | None:
        for void in self._voids.get(seq, ()):
            if self.of(void) is None:  # a void that was itself taken back takes nothing back
                own, batch = int(self.events["seq"][void]), int(self.events["batch"][void])
                reason = text(self.events.payload.get(void, {}), "note")
                return Node(f"taken back by event {own}", how=self._when(batch, reason), event=own,
                            source=f"batch {batch}", children=self._instead(seq, batch))  # fmt: skip
        return None

    @cached_property
    def _voids(self) -> dict[int, list[int]]:
        """Rows of the voids by the event they are about."""
        found: dict[int, list[int]] = {}
        for row in np.flatnonzero(self.events["kind"] == Kind.VOID).tolist():
            found.setdefault(int(self.events["target"][row]), []).append(row)
        return found

    def _by_batch(self, batch: int) -> Node | None:
        if batch not in self.reference.voided_batches:
            return None
        for fact in self.reference.facts:
            if fact.kind == FactKind.BATCH_VOID and integer(fact.payload, "batch") == batch:
                return Node(f"taken back with batch {batch}", how=self._when(fact.batch, text(fact.payload, "reason")),
                            source=f"batch {fact.batch}")  # fmt: skip
        return Node(f"taken back with batch {batch}")

    def _instead(self, seq: int, batch: int) -> tuple[Node, ...]:
        """Of a correction, the event that stands in the place of the old one."""
        old = int(np.flatnonzero(self.events["seq"] == seq)[0])
        anchor = int(self.events["anchor"][old]) or seq
        same = (self.events["batch"] == batch) & (self.events["anchor"] == anchor) & (self.events["kind"] != Kind.VOID)
        return tuple(
            Node(f"replaced by event {new}", event=new, source=f"batch {batch}")
            for new in self.events["seq"][same].tolist()
        )

    def _when(self, batch: int, reason: str) -> str:
        moment = self.known.get(batch)
        return "; ".join(part for part in (f"known at {format_instant(moment)}" if moment else "", reason) if part)
