"""The outbox: what happened in the book, for others to act on, delivered at least once and in order.

A message is a fact of the book, so it exists exactly when what it tells was committed. A consumer reads from where it
acknowledged last; whatever dies between reading and acknowledging is delivered again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from argosy.base.errors import InvalidInput
from argosy.base.table import Column, Table
from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.payload import integer, text
from argosy.record.reference_fold import voided_batches
from argosy.reporting.statements.outbox import message_text
from argosy.workflows.ports import BatchDraft, BatchInfo, BookStore
from argosy.workflows.setup import check_code

TOLD: Mapping[FactKind, str] = {
    FactKind.CLOSE: "close", FactKind.PROPOSAL: "proposal", FactKind.DECISION: "decision", FactKind.MANDATE: "mandate",
    FactKind.BATCH_VOID: "void", FactKind.RISK: "risk", FactKind.BREACH: "breach", FactKind.WAIVER: "waiver",
}  # fmt: skip
"""Kinds of facts that others want to hear of, with the name of their message."""


@dataclass(frozen=True)
class Outbox:
    """Messages for a consumer, oldest first, and where it stands. Acknowledge ``last`` once all are dealt with."""

    consumer: str
    offset: int
    facts: tuple[Fact, ...]
    more: int = 0

    @property
    def last(self) -> int:
        """The seq to acknowledge; the offset itself when there is nothing new."""
        return self.facts[-1].seq if self.facts else self.offset

    def __len__(self) -> int:
        return len(self.facts)

    def table(self) -> Table:
        """One line per message; ``content`` is the JSON of the fact."""
        notes = (f"acknowledge with: argosy outbox ack {self.consumer} {self.last}",) if self.facts else ()
        return Table(
            "Outbox",
            (
                Column("seq", "integer", [fact.seq for fact in self.facts]),
                Column("message", "text", [TOLD[fact.kind] for fact in self.facts]),
                Column("subject", "integer", [fact.subject for fact in self.facts]),
                Column("effective", "date", [fact.effective for fact in self.facts]),
                Column("content", "text", [message_text(fact) for fact in self.facts]),
            ),
            notes=(*notes, *((f"{self.more} more are waiting",) if self.more else ())),
        )


def outbox(store: BookStore, *, consumer: str, kinds: Sequence[str] = (), most: int = 1000) -> Outbox:
    """What a consumer has not acknowledged yet, oldest first, at most ``most`` messages."""
    check_code(consumer, what="consumer")
    wanted = _kinds(kinds)
    if most < 1:
        raise InvalidInput("at least one message has to be asked for", field="most", found=most)
    facts = store.facts(kinds=[*wanted, FactKind.OFFSET])
    offset = _offset(facts, consumer)
    voided = voided_batches(store.facts(kinds=[FactKind.BATCH_VOID]))
    waiting = [
        fact for fact in facts if fact.kind != FactKind.OFFSET and fact.seq > offset and fact.batch not in voided
    ]
    return Outbox(consumer, offset, tuple(waiting[:most]), max(len(waiting) - most, 0))


def _kinds(names: Sequence[str]) -> list[FactKind]:
    unknown = [name for name in names if name not in TOLD.values()]
    if unknown:
        raise InvalidInput(f"{unknown[0]!r} is not a message", field="kind", found=unknown[0],
                           expected=", ".join(TOLD.values()))  # fmt: skip
    return [kind for kind, name in TOLD.items() if not names or name in names]


def acknowledge(store: BookStore, *, consumer: str, seq: int) -> BatchInfo | None:
    """Say that a consumer has dealt with every message up to ``seq``; acknowledging twice changes nothing.

    Raises :class:`~argosy.base.errors.InvalidInput` for a seq that the book has not reached.
    """
    check_code(consumer, what="consumer")
    with store.writer() as writer:
        mark = writer.watermark()
        if not 0 < seq <= mark.seq:
            raise InvalidInput(f"the book goes to {mark.seq}", field="seq", found=seq, expected=f"1 to {mark.seq}")
        if seq <= _offset(writer.facts(kinds=[FactKind.OFFSET]), consumer):
            return None
        fact = FactDraft(FactKind.OFFSET, 0, 0, {"consumer": consumer, "seq": seq})
        return writer.append(BatchDraft("offset", consumer, facts=[fact]))


def _offset(facts: Sequence[Fact], consumer: str) -> int:
    """How far a consumer has come; it never goes back."""
    return max(
        (
            integer(fact.payload, "seq") for fact in facts
            if fact.kind == FactKind.OFFSET and text(fact.payload, "consumer") == consumer
        ),
        default=0,
    )  # fmt: skip
