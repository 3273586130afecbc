"""Reference data that the booking tests stand on."""

from __future__ import annotations

from argosy.record.facts import Fact, FactKind
from argosy.record.reference_fold import Reference

PORTFOLIO = {"name": "", "opened": 0, "closed": 0, "attributes": {}}
INSTRUMENT = {"name": "", "type": "equity", "currency": "USD", "quantity_scale": 8, "quote_unit": "", "factor": [1, 0],
              "inverse": False, "margined": False, "bond": None, "identifiers": {}, "attributes": {}}  # fmt: skip

LISTED: list[tuple[FactKind, int, dict[str, object]]] = [
    (FactKind.PORTFOLIO, 1, {**PORTFOLIO, "code": "GROWTH", "base_currency": "USD"}),
    (FactKind.PORTFOLIO, 2, {**PORTFOLIO, "code": "INCOME", "base_currency": "EUR"}),
    (FactKind.PORTFOLIO, 3, {**PORTFOLIO, "code": "OLD", "base_currency": "USD", "closed": 18000}),
    (FactKind.ACCOUNT, 1, {"code": "MAIN", "name": "", "portfolio": 1}),
    (FactKind.ACCOUNT, 2, {"code": "SECOND", "name": "", "portfolio": 1}),
    (FactKind.ACCOUNT, 3, {"code": "MAIN", "name": "", "portfolio": 2}),
    (FactKind.ACCOUNT, 4, {"code": "MAIN", "name": "", "portfolio": 3}),
    (FactKind.SLEEVE, 1, {"code": "CORE", "name": "", "portfolio": 1}),
    (FactKind.INSTRUMENT, 1, {**INSTRUMENT, "code": "ACME", "identifiers": {"isin": "US0378331005"}}),
    (FactKind.INSTRUMENT, 2, {**INSTRUMENT, "code": "SHEL", "currency": "GBP", "quote_unit": "GBp", "factor": [1, -2]}),
    (FactKind.INSTRUMENT, 3, {**INSTRUMENT, "code": "BOND", "type": "bond", "quantity_scale": 2, "factor": [1, -2]}),
    (FactKind.INSTRUMENT, 4, {**INSTRUMENT, "code": "SWAP", "type": "future", "margined": True, "factor": [50, 0]}),
    (FactKind.INSTRUMENT, 5, {**INSTRUMENT, "code": "TOYOTA", "currency": "JPY", "quantity_scale": 0}),
    (FactKind.INSTRUMENT, 6, {**INSTRUMENT, "code": "COIN", "type": "crypto", "quantity_scale": 18}),
]  # fmt: skip


def reference() -> Reference:
    """A small book: three portfolios, six instruments."""
    return Reference.from_facts(
        Fact(seq, 1, kind, subject, 0, payload) for seq, (kind, subject, payload) in enumerate(LISTED, 1)
    )
