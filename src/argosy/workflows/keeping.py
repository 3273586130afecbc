"""What was written, when and from which file; how a subject changed."""

from __future__ import annotations

from argosy.base.table import Column, Table
from argosy.record.facts import FactKind
from argosy.record.mandate import mandate_template
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.registry import history_table
from argosy.workflows.ports import BookStore


def batches_table(store: BookStore, *, known_at: int | None = None) -> Table:
    """Every batch up to a moment: kind, source, counts, file, head of the hash chain; voided ones are marked."""
    watermark = store.watermark(known_at)
    rows = store.batches(watermark=watermark)
    voided = Reference.from_facts(store.facts(watermark=watermark, kinds=[FactKind.BATCH_VOID])).voided_batches
    return Table(
        "batches",
        (
            Column("batch", "integer", [row.batch for row in rows]),
            Column("known_at", "instant", [row.known_at for row in rows]),
            Column("kind", "text", [row.kind for row in rows]),
            Column("source", "text", [row.source for row in rows]),
            Column("events", "integer", [row.events for row in rows]),
            Column("facts", "integer", [row.facts for row in rows]),
            Column("valuations", "integer", [row.valuations for row in rows]),
            Column("first", "integer", [row.first_seq for row in rows]),
            Column("last", "integer", [row.last_seq for row in rows]),
            Column("file", "text", [row.file_name for row in rows]),
            Column("voided", "flag", [row.batch in voided for row in rows]),
            Column("note", "text", [row.note for row in rows]),
            Column("head", "text", [row.head for row in rows]),
        ),
    )  # fmt: skip


def portfolio_history(store: BookStore, code: str, *, known_at: int | None = None) -> Table:
    """Every change of a portfolio's own facts, oldest first."""
    return _history(store, code, FactKind.PORTFOLIO, f"history of {code}", known_at)


def mandate_history(store: BookStore, code: str, *, known_at: int | None = None) -> Table:
    """Every version of a portfolio's mandate, oldest first."""
    return _history(store, code, FactKind.MANDATE, f"mandates of {code}", known_at)


def _history(store: BookStore, code: str, kind: FactKind, name: str, known_at: int | None) -> Table:
    watermark = store.watermark(known_at)
    reference = Reference.from_facts(store.facts(watermark=watermark))
    known = {row.batch: row.known_at for row in store.batches(watermark=watermark)}
    return history_table(reference.history(kind, reference.portfolio(code).id), known, name=name)


def mandate_text(store: BookStore, code: str, *, day: int | None = None, known_at: int | None = None) -> str:
    """The text of the mandate in force on a day; the template with its defaults where none was given."""
    reference = Reference.from_facts(store.facts(watermark=store.watermark(known_at)))
    held = reference.portfolio(code)
    ruling = [
        fact for fact in reference.versions.get((FactKind.MANDATE, held.id), ()) if day is None or fact.effective <= day
    ]
    return str(ruling[-1].payload["text"]) if ruling else mandate_template(held.base_currency)
