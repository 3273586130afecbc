"""What the ledger needs from reference data: the lot policy of each portfolio, the unit of each instrument."""

from __future__ import annotations

from collections.abc import Iterable

from argosy.record.ledger.policy import LedgerPolicy
from argosy.record.reference_fold import Reference


def ledger_policies(
    reference: Reference, portfolios: Iterable[int] | None = None, *, day: int | None = None
) -> dict[int, LedgerPolicy]:
    """The lot policy of each portfolio, from the mandate in force on a day (None = the last one)."""
    chosen = reference.portfolios if portfolios is None else portfolios
    found: dict[int, LedgerPolicy] = {}
    for portfolio in chosen:
        lots = reference.mandate(portfolio, day).lots
        found[portfolio] = LedgerPolicy(method=lots.method, scope=lots.scope, fees=lots.fees, oversell=lots.oversell)
    return found


def quantity_units(reference: Reference) -> dict[int, int]:
    """Per instrument id, the integer that stands for one unit: ten to the quantity scale."""
    return {instrument.id: 10**instrument.quantity_scale for instrument in reference.instruments.values()}
