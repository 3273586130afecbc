"""Who an instrument is: identifiers borne for a time, and two instruments found to be one."""

from __future__ import annotations

from argosy.base.errors import InvalidInput
from argosy.base.ids import check_identifier
from argosy.record.booking.proof import problems_of
from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.reference_fold import Reference
from argosy.workflows.ports import BatchDraft, BookStore
from argosy.workflows.setup import SetupResult


def add_identifier(
    store: BookStore,
    *,
    instrument: str,
    scheme: str,
    value: str,
    effective: int = 0,
    until: int = 0,
    dry_run: bool = False,
) -> SetupResult:
    """Say that an instrument bears an identifier from ``effective`` to ``until`` (epoch days, inclusive, 0 = open).

    A later claim on the same value rules from its day on, as when a ticker passes to another company.
    """
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        bearer = reference.instrument(instrument)
        checked = check_identifier(scheme, value)
        if until and until < effective:
            raise InvalidInput("the identifier ends before it begins", field="until", next_step="check both dates")
        payload = {"kind": "instrument", "scheme": scheme, "value": checked, "until": until}
        draft = FactDraft(FactKind.ALIAS, bearer.id, effective, payload)
        info = None if dry_run else writer.append(BatchDraft("identifier", "by hand", facts=[draft]))
    return SetupResult("identifier", f"{scheme}:{checked}", bearer.id, (draft,), (), info)


def merge_instruments(
    store: BookStore, *, source: str, into: str, reason: str = "", dry_run: bool = False
) -> SetupResult:
    """Make one instrument of two: events, prices and names of ``source`` count for ``into`` from now on.

    Nothing is rewritten; asked as it was known before, the book still has two. Voiding the batch parts them again.
    Refused when their numbers do not mean the same (currency, quantity scale, factor) or their lots do not fit.
    """
    with store.writer() as writer:
        facts = writer.facts()
        reference = Reference.from_facts(facts)
        first, second = reference.instrument(source), reference.instrument(into)
        if first.id == second.id:
            raise InvalidInput(f"{source} and {into} are one instrument already", field="into", found=into)
        for name in ("currency", "quantity_scale", "factor", "inverse", "margined"):
            if getattr(first, name) != getattr(second, name):
                raise InvalidInput(
                    f"{first.code} and {second.code} differ in {name}: {getattr(first, name)}, {getattr(second, name)}",
                    field=name, next_step="transfer the holdings from one to the other instead",
                )  # fmt: skip
        payload = {"kind": "instrument", "from": first.id, "into": second.id, "reason": reason}
        draft = FactDraft(FactKind.MERGE, first.id, 0, payload)
        events = writer.events(instruments=[first.id, second.id])
        before = {problem.event_seq for problem in problems_of(events, reference, reference.voided_batches)}
        mark = writer.watermark()
        after = Reference.from_facts(
            [*facts, Fact(mark.seq + 1, mark.batch + 1, draft.kind, draft.subject, draft.effective, payload)]
        )
        broken = [one for one in problems_of(events, after, after.voided_batches) if one.event_seq not in before]
        if broken:
            raise InvalidInput(
                f"{first.code} and {second.code} do not fit together: event {broken[0].event_seq} {broken[0].message}",
                field="into", found=into, next_step="check the events of both on that day",
            )  # fmt: skip
        info = None if dry_run else writer.append(BatchDraft("merge", "by hand", facts=[draft], note=reason))
    return SetupResult("merge", f"{first.code} into {second.code}", second.id, (draft,), (), info)
