"""An event written back as the neutral row that would book it: for corrections, exports and round trips."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from argosy.base.dates import format_date
from argosy.base.money import Quote, currency_name, to_decimal
from argosy.record.booking.types import TYPES
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.reference_fold import Reference

_NAMES = {rule.kind: rule.name for rule in reversed(list(TYPES.values()))}
_SECOND_LEGS = frozenset({Kind.TRANSFER_IN, Kind.CASH_TRANSFER_IN})
_PAID = frozenset({Kind.BUY, Kind.COVER, Kind.CAPITAL_CALL, Kind.FX})
_GROSS = frozenset({
    Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER, Kind.CAPITAL_CALL, Kind.DIVIDEND, Kind.COUPON, Kind.INTEREST,
    Kind.DISTRIBUTION, Kind.RETURN_OF_CAPITAL,
})  # fmt: skip

LotName = Callable[[int], str]
"""What a lot is called in a file, given the seq of the event that brought it."""


def by_seq(seq: int) -> str:
    """A lot by its place in the book."""
    return f"#{seq}"


def is_second_leg(kind: int) -> bool:
    """Whether an event is the receiving side of a transfer, which has no row of its own."""
    return kind in _SECOND_LEGS


def neutral_row(
    events: EventColumns, position: int, reference: Reference, *, partner: int | None = None, lot_name: LotName = by_seq
) -> dict[str, str]:
    """The neutral fields of one event. ``partner`` is the position of the receiving leg of a transfer.

    The row gives amounts in full (gross, costs and net), so that it books the same event whatever the profile.
    """
    event, payload = events.row(position), events.payload.get(position, {})
    kind = Kind(event["kind"])
    instrument = reference.instruments.get(event["instrument"])
    currency = currency_name(event["currency"])
    scale = reference.money_scale(currency) if currency else 0

    def money(value: int) -> str:
        return f"{to_decimal(value, scale):f}"

    def units(value: int) -> str:
        return _plain(value, instrument.quantity_scale if instrument else 0)

    name = _NAMES.get(kind, kind.name.lower())
    if kind in (Kind.CASH_TRANSFER_OUT, Kind.TRANSFER_OUT):
        name = "transfer"
    if kind in (Kind.FEE, Kind.TAX) and event["net"] > 0:
        name += "_refund"
    row = {
        "date": format_date(event["trade_date"]),
        "type": name,
        "portfolio": reference.portfolios[event["portfolio"]].code,
        "account": reference.accounts[event["account"]].code if event["account"] in reference.accounts else "",
        "sleeve": reference.sleeves[event["sleeve"]].code if event["sleeve"] in reference.sleeves else "",
        "instrument": instrument.code if instrument else "",
        "currency": currency,
        "settle_date": format_date(event["settle_date"]),
        "order": str(event["ord"]) if event["ord"] else "",
        "reference": str(payload.get("ref", "")),
        "note": str(payload.get("note", "")),
    }
    if event["quantity"]:
        row["quantity"] = units(event["quantity"])
    if event["price"] or event["price_exp"]:
        row["price"] = f"{Quote(event['price'], event['price_exp']).decimal():f}"
    in_kind = kind in (Kind.OPENING_LOT, Kind.DELIVERY_IN, Kind.DELIVERY_OUT, Kind.TRANSFER_OUT)
    if not in_kind and not (kind == Kind.SPLIT and not event["net"]):
        row["net"] = money(event["net"])
    if kind in _GROSS and "notional" not in payload:
        row |= {"gross": money(_gross(event, kind))}
    if "notional" in payload:
        row["gross"] = money(abs(_whole(payload["notional"])))
    for column in ("fee", "tax", "accrued"):
        if event[column] and kind not in (Kind.FEE, Kind.TAX):
            row[column] = money(event[column])
    if event["currency2"]:
        other = currency_name(event["currency2"])
        row["counter_currency"] = other
        row["counter_amount"] = f"{to_decimal(event['net2'], reference.money_scale(other)):f}"
    if event["num"]:
        row["ratio"] = f"{event['num']}:{event['den']}"
    if event["acquired"]:
        row["acquired"] = format_date(event["acquired"])
    for field, key in (("value", "cost"), ("value", "value"), ("income", "income"),
                       ("return_of_capital", "return_of_capital")):  # fmt: skip
        if key in payload:
            row[field] = money(abs(_whole(payload[key])))
    lots = payload.get("lots")
    if isinstance(lots, list | tuple) and lots:
        row["lots"] = ";".join(f"{lot_name(seq)}:{units(quantity)}" for seq, quantity in lots)
    if partner is not None:
        there = events.row(partner)
        row |= {
            "to_portfolio": reference.portfolios[there["portfolio"]].code,
            "to_account": reference.accounts[there["account"]].code,
            "to_sleeve": reference.sleeves[there["sleeve"]].code if there["sleeve"] in reference.sleeves else "",
        }
    return {field: text for field, text in row.items() if text}


def _gross(event: Mapping[str, int], kind: Kind) -> int:
    if kind in _PAID:
        return -event["net"] - event["fee"] - event["tax"] - event["accrued"]
    return event["net"] + event["fee"] + event["tax"] - event["accrued"]


def _plain(value: int, scale: int) -> str:
    text = f"{to_decimal(value, scale):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | str) else 0


_DEPENDS: Mapping[str, tuple[str, ...]] = {
    "quantity": ("gross", "net", "value"),
    "price": ("gross", "net", "value"),
    "gross": ("net",),
    "fee": ("net",),
    "tax": ("net",),
    "accrued": ("net",),
    "net": ("gross",),
    "type": (),
}
"""What is worked out anew when a field is changed, unless it is given too."""


def changed_row(row: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """A neutral row with some fields changed; amounts that depend on them are left to be worked out again.

    Examples
    --------
    >>> changed_row({"quantity": "10", "price": "2", "gross": "20", "net": "-21", "fee": "1"}, {"quantity": "11"})
    {'quantity': '11', 'price': '2', 'fee': '1'}
    """
    dropped = {field for change in changes for field in _DEPENDS.get(change, ()) if field not in changes}
    if "price" not in row and "price" not in changes and "quantity" in changes:
        dropped -= {"gross", "net", "value"}  # without a price the amounts cannot be worked out: they stay
    kept = {field: text for field, text in row.items() if field not in dropped}
    return {field: text for field, text in (kept | dict(changes)).items() if text}
