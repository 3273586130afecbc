"""Changing what the book says about a portfolio: a newer fact from a day on, the older ones stay."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.base.errors import InvalidInput
from argosy.record.facts import FactDraft, FactKind
from argosy.record.reference_fold import Reference
from argosy.workflows.ports import BatchDraft, BookStore
from argosy.workflows.setup import SetupResult, check_code


def update_portfolio(
    store: BookStore,
    *,
    code: str,
    name: str | None = None,
    rename: str | None = None,
    closed: int | None = None,
    effective: int = 0,
    attributes: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> SetupResult:
    """Change a portfolio's name, code, closing day or attributes from an epoch day on (0 = always).

    The base currency never changes: every amount of its history is in it.
    """
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        held = reference.portfolio(code)
        if rename is not None:
            check_code(rename, what="portfolio")
            others = {one.code for one in reference.portfolios.values()} - {held.code}
            if rename in others | {one.code for one in reference.groups.values()}:
                raise InvalidInput(f"{rename!r} is taken", field="code", found=rename, next_step="choose another code")
        payload = {
            "code": rename or held.code, "name": held.name if name is None else name,
            "base_currency": held.base_currency, "opened": held.opened,
            "closed": held.closed if closed is None else closed,
            "attributes": {**held.attributes, **(attributes or {})},
        }  # fmt: skip
        draft = FactDraft(FactKind.PORTFOLIO, held.id, effective, payload)
        info = None if dry_run else writer.append(BatchDraft("portfolio", "by hand", facts=[draft]))
    return SetupResult("portfolio", str(payload["code"]), held.id, (draft,), (), info)
