"""The types of a transactions file: which event each becomes, which fields it uses, which it must have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from argosy.record.ledger.events import Kind

FIELDS: tuple[str, ...] = (
    "date", "type", "portfolio", "account", "sleeve", "instrument", "quantity", "price", "gross", "fee", "tax",
    "accrued", "net", "currency", "counter_currency", "counter_amount", "settle_date", "order", "reference", "ratio",
    "acquired", "lots", "value", "income", "return_of_capital", "to_portfolio", "to_account", "to_sleeve", "note",
)  # fmt: skip
"""Neutral columns, in the order of the documentation."""

REQUIRED = ("date", "type", "portfolio")

_ALWAYS = frozenset({
    "date", "type", "portfolio", "account", "sleeve", "currency", "settle_date", "order", "reference", "note",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowType:
    """One type of row. ``family`` says which rule books it, ``uses`` what it reads beside the fields of every row.

    ``ignores`` are fields that may be filled for information only. A filled field that is neither is a problem: what a
    file says is either booked or refused, never dropped.
    """

    name: str
    kind: Kind
    family: str
    uses: frozenset[str]
    ignores: frozenset[str]
    sign: int = 0  # of net: 1 received, -1 paid, 0 as written

    def allows(self, field: str) -> bool:
        """Whether a filled field belongs on a row of this type."""
        return field in _ALWAYS or field in self.uses or field in self.ignores


def _type(name: str, kind: Kind, family: str, uses: str, *, ignores: str = "", sign: int = 0) -> RowType:
    return RowType(name, kind, family, frozenset(uses.split()), frozenset(ignores.split()), sign)


_TRADE = "instrument quantity price gross fee tax accrued net"
_INCOME = "instrument gross fee tax net"
_TO = "to_portfolio to_account to_sleeve"

_LISTED = (
    _type("deposit", Kind.DEPOSIT, "cash", "gross net", sign=1),
    _type("withdrawal", Kind.WITHDRAWAL, "cash", "gross net", sign=-1),
    _type("opening_cash", Kind.OPENING_CASH, "cash", "gross net"),
    _type("buy", Kind.BUY, "trade", _TRADE, sign=-1),
    _type("sell", Kind.SELL, "trade", _TRADE + " lots", sign=1),
    _type("short", Kind.SHORT_SELL, "trade", _TRADE, sign=1),
    _type("cover", Kind.COVER, "trade", _TRADE + " lots", sign=-1),
    _type("dividend", Kind.DIVIDEND, "income", _INCOME, ignores="quantity price", sign=1),
    _type("coupon", Kind.COUPON, "income", _INCOME, ignores="quantity price", sign=1),
    _type("interest", Kind.INTEREST, "income", _INCOME, ignores="quantity price", sign=1),
    _type("fee", Kind.FEE, "charge", "instrument gross fee net", sign=-1),
    _type("fee_refund", Kind.FEE, "charge", "instrument gross fee net", sign=1),
    _type("tax", Kind.TAX, "charge", "instrument gross tax net", sign=-1),
    _type("tax_refund", Kind.TAX, "charge", "instrument gross tax net", sign=1),
    _type("fx", Kind.FX, "fx", "gross fee net counter_currency counter_amount", ignores="price", sign=-1),
    _type("fx_forward_settlement", Kind.FX_FORWARD_SETTLEMENT, "forward",
          "gross fee net counter_currency counter_amount", ignores="price"),
    _type("split", Kind.SPLIT, "split", "instrument quantity ratio gross net", ignores="price"),
    _type("return_of_capital", Kind.RETURN_OF_CAPITAL, "income", _INCOME, ignores="quantity price", sign=1),
    _type("capital_call", Kind.CAPITAL_CALL, "call", "instrument quantity gross fee tax net", ignores="price", sign=-1),
    _type("distribution", Kind.DISTRIBUTION, "income", _INCOME + " income return_of_capital", ignores="quantity price",
          sign=1),
    _type("opening", Kind.OPENING_LOT, "opening", "instrument quantity price gross value acquired", ignores="net"),
    _type("delivery_in", Kind.DELIVERY_IN, "delivery", "instrument quantity price gross fee tax value acquired",
          sign=1),
    _type("delivery_out", Kind.DELIVERY_OUT, "delivery", "instrument quantity price gross fee tax value lots", sign=-1),
    _type("transfer", Kind.TRANSFER_OUT, "transfer", f"instrument quantity gross net lots {_TO}",
          ignores="price value"),
)  # fmt: skip

TYPES: Mapping[str, RowType] = MappingProxyType({rule.name: rule for rule in _LISTED})
"""Row types by the name a file uses."""
