"""The rule of each family of types: from fields to the event's own columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from argosy.base.errors import ArgosyError
from argosy.base.money import Quote, currency_code
from argosy.record.booking.amounts import Footed, Parts, foot, gross_of, inverse_gross_of, money_text, price_agrees
from argosy.record.booking.fields import Fields
from argosy.record.booking.names import Where, read_currency, read_where
from argosy.record.booking.types import RowType
from argosy.record.ledger.events import Kind
from argosy.record.reference import Instrument

Event = dict[str, object]


@dataclass(slots=True)
class Draft:
    """What is common to every type, read before the type's own rule."""

    row: Fields
    rule: RowType
    where: Where
    day: int
    instrument: Instrument | None
    currency: str
    scale: int
    base: Event
    everywhere: bool = False
    unsettled: bool = False


def _parts(draft: Draft, *, negative_price: bool = False) -> Parts:
    """The amounts as given. Gross may carry the sign of net; a contrary one is refused unless the price is negative."""
    row, currency, uses = draft.row, draft.currency, draft.rule.uses

    def amount(name: str) -> int | None:
        return row.amount(name, currency) if name in uses else None

    gross = amount("gross")
    if gross is not None and gross < 0 and not negative_price and draft.rule.family != "income":
        if draft.rule.sign > 0:
            row.refuse("gross", f"is negative on a {draft.rule.name}", "check type and sign", "contradiction")
        elif draft.rule.sign < 0:
            gross = -gross
    return Parts(gross, amount("fee"), amount("tax"), amount("accrued"), amount("net"))


def _foot(draft: Draft, parts: Parts, sign: int) -> Footed | None:
    if draft.row.problems:
        return None
    found = foot(parts, sign, draft.scale)
    if isinstance(found, str):
        missing = found.startswith("neither")
        step = "give net, or gross" if missing else "check gross, fee, tax, accrued and net"
        draft.row.refuse("net", found, step, "invalid_input" if missing else "does_not_foot")
        return None
    return found


def _event(draft: Draft, amounts: Footed) -> Event:
    return {
        **draft.base, "net": amounts.net, "fee": amounts.fee, "tax": amounts.tax, "accrued": amounts.accrued,
    }  # fmt: skip


def _quantity(draft: Draft, sign: int) -> int | None:
    """The quantity with the sign of its type; an unsigned one takes it, a contrary one is refused."""
    row, name = draft.row, draft.rule.name
    assert draft.instrument is not None
    value = row.quantity("quantity", draft.instrument)
    if value == 0:
        row.refuse("quantity", "is zero", "give the number of units, or leave the row out")
    elif value is None and not row.text("quantity"):
        row.refuse("quantity", f"a {name} needs a quantity", "give the number of units")
    elif value is not None and value < 0 < sign:
        row.refuse("quantity", f"is negative on a {name}", "check type and sign", "contradiction")
    return None if value is None else sign * abs(value)


def _gross(draft: Draft, quantity: int, price: Quote) -> int | None:
    """Gross worked out from quantity and price, rounded as the profile says."""
    row, instrument = draft.row, draft.instrument
    assert instrument is not None
    try:
        if instrument.inverse and price.mantissa:
            return inverse_gross_of(abs(quantity), instrument, price, money_scale=draft.scale)
        gross = gross_of(
            abs(quantity), instrument, price, money_scale=draft.scale,
            minor_units=row.place.reference.minor_units(draft.currency), rounding=row.place.style.gross_rounding,
        )  # fmt: skip
    except ArgosyError as error:
        row.refuse_error("gross", error)
        return None
    if gross is None:
        row.refuse("price", f"quantity times price does not fit {draft.scale} decimals",
                   "give gross, or let the profile round it", "too_many_digits")  # fmt: skip
    return gross


def _check_price(draft: Draft, quantity: int, price: Quote, gross: int) -> None:
    """Refuse a gross that quantity and price contradict, such as pence taken for pounds."""
    instrument = draft.instrument
    assert instrument is not None
    if draft.row.place.style.price_check == "off" or _on_margin(instrument):
        return
    if not price_agrees(gross, quantity, instrument, price, money_scale=draft.scale):
        draft.row.refuse(
            "price", f"quantity times price is far from gross {money_text(gross, draft.scale)} {draft.currency}",
            f"{instrument.code} is quoted in {instrument.quote_unit}; check price, quote unit and gross",
            "does_not_foot",
        )  # fmt: skip


def _trade(draft: Draft) -> list[Event]:
    instrument = draft.instrument
    assert instrument is not None
    adds = draft.rule.kind in (Kind.BUY, Kind.COVER)
    quantity = _quantity(draft, 1 if adds else -1)
    price = draft.row.quote("price")
    parts = _parts(draft, negative_price=price is not None and price.mantissa < 0)
    if draft.row.problems or quantity is None:
        return []
    if parts.gross is None and (parts.net is None or _on_margin(instrument)):
        if price is None:
            draft.row.refuse("price", "neither price nor gross nor net is given", "give one of them")
            return []
        parts = Parts(_gross(draft, quantity, price), parts.fee, parts.tax, parts.accrued, parts.net)
    if _on_margin(instrument):
        return _margined(draft, quantity, price, parts)
    amounts = _foot(draft, parts, draft.rule.sign)
    if amounts is None:
        return []
    event = _event(draft, amounts) | {"quantity": quantity}
    if price is not None:
        _check_price(draft, quantity, price, amounts.gross)
        event |= {"price": price.mantissa, "price_exp": price.exponent}
    return [event]


def _on_margin(instrument: Instrument) -> bool:
    return instrument.margined or instrument.inverse


def _margined(draft: Draft, quantity: int, price: Quote | None, parts: Parts) -> list[Event]:
    """A trade whose full amount does not move: cash is what net says, else the costs; the amount is notional.

    Whether a trade closes, and so has a gain to settle, only the ledger knows: one without net is marked for it.
    """
    if parts.gross is None:
        draft.row.refuse("gross", "a margined trade needs gross or price", "give the notional amount")
        return []
    fee, tax = parts.fee or 0, parts.tax or 0
    draft.unsettled = parts.net is None
    event = _event(draft, Footed(parts.gross, fee, tax, 0, -(fee + tax) if parts.net is None else parts.net))
    assert draft.instrument is not None
    # An inverse contract is worth -quantity / price: what is bought has a negative cost, nearer 0 at a higher price.
    sign = -draft.rule.sign if draft.instrument.inverse else draft.rule.sign
    event |= {"quantity": quantity, "payload": {"notional": sign * parts.gross}}
    if price is not None:
        event |= {"price": price.mantissa, "price_exp": price.exponent}
    return [event]


def _cash(draft: Draft) -> list[Event]:
    parts = _parts(draft)
    if draft.rule.sign == 0:
        given = parts.net if parts.net is not None else parts.gross
        if given is None:
            draft.row.refuse("net", "neither gross nor net is given", "give net")
        return [{**draft.base, "net": given or 0}]
    amounts = _foot(draft, parts, draft.rule.sign)
    return [_event(draft, amounts)] if amounts else []


def _signed(draft: Draft, parts: Parts) -> Footed | None:
    """Amounts of a payment that may go either way: a dividend owed on a short position, interest on an overdraft."""
    if parts.net is None or parts.net >= 0:
        return _foot(draft, parts, 1)
    fee, tax = abs(parts.fee or 0), parts.tax or 0
    if parts.gross is None:
        return Footed(parts.net + fee + tax, fee, tax, 0, parts.net)
    for gross, one_tax in ((parts.gross, tax), (-abs(parts.gross), tax), (-abs(parts.gross), -tax)):
        if gross - fee - one_tax == parts.net:
            return Footed(gross, fee, one_tax, 0, parts.net)
    return _foot(draft, parts, 1)


def _income(draft: Draft) -> list[Event]:
    amounts = _signed(draft, _parts(draft))
    if amounts is None:
        return []
    event = _event(draft, amounts)
    if draft.rule.kind == Kind.RETURN_OF_CAPITAL and amounts.net < 0:
        draft.row.refuse("net", "capital that comes back is received", "check type and sign", "contradiction")
    if draft.rule.kind == Kind.DISTRIBUTION:
        payload = _distribution(draft, amounts)
        if payload:
            event["payload"] = payload
    return [event]


def _distribution(draft: Draft, amounts: Footed) -> dict[str, object]:
    """How much of a distribution is income and how much is capital; a part that is not given is the rest."""
    row = draft.row
    income, capital = row.amount("income", draft.currency), row.amount("return_of_capital", draft.currency)
    if income is None and capital is None:
        return {}
    if income is None:
        income = amounts.gross - (capital or 0)
    if capital is None:
        capital = amounts.gross - income
    if income + capital != amounts.gross or income < 0 or capital < 0:
        shown = [money_text(value, draft.scale) for value in (income, capital, amounts.gross)]
        row.refuse("income", f"income {shown[0]} and return of capital {shown[1]} do not add up to {shown[2]}",
                   "check the parts against gross", "does_not_foot")  # fmt: skip
    return {"income": income, "return_of_capital": capital}


def _charge(draft: Draft) -> list[Event]:
    """A fee or tax on its own: the amount may stand in its own column, in gross or in net."""
    row, sign = draft.row, draft.rule.sign
    own = "fee" if draft.rule.kind == Kind.FEE else "tax"
    given = {name: row.amount(name, draft.currency) for name in ("net", "gross", own)}
    filled = {name: value for name, value in given.items() if value is not None and (value or name == "net")}
    if row.problems:
        return []
    if not filled:
        row.refuse("net", "no amount is given", f"give net or {own}")
        return []
    sizes = {abs(value) for value in filled.values()}
    if len(sizes) > 1:
        shown = ", ".join(f"{name} {money_text(value, draft.scale)}" for name, value in filled.items())
        row.refuse("net", f"amounts do not foot: {shown}", f"give net or {own}, not two that differ", "does_not_foot")
        return []
    if sign > 0 and filled.get("net", 0) < 0:
        row.refuse("net", f"is negative on a {draft.rule.name}", "a refund is received", "contradiction")
    amount = sizes.pop()
    return [{**draft.base, "net": sign * amount, own: -sign * amount}]


def _fx(draft: Draft) -> list[Event]:
    row = draft.row
    parts = _parts(draft)
    other = read_currency(row, "counter_currency", "")
    if not other and not row.text("counter_currency"):
        row.refuse("counter_currency", "nothing there", "name the currency that was bought")
    counter = row.amount("counter_amount", other) if other else None
    if other and counter is None and not row.text("counter_amount"):
        row.refuse("counter_amount", "nothing there", "give the amount that was bought")
    if other and other == draft.currency:
        row.refuse("counter_currency", f"both legs are in {other}", "name two currencies", "contradiction")
    if counter is not None and counter <= 0:
        row.refuse("counter_amount", "is the leg that is received, it cannot be negative or zero",
                   "swap the legs: currency and net are sold, the counter leg is bought", "contradiction")  # fmt: skip
    amounts = _foot(draft, parts, -1)
    if amounts is None or counter is None:
        return []
    if amounts.net == 0:
        row.refuse("net", "is zero", "give the amount that was sold")
    return [_event(draft, amounts) | {"currency2": currency_code(other), "net2": counter}]


def _forward(draft: Draft) -> list[Event]:
    """A forward at maturity: its result in cash, or both legs when they are delivered."""
    row = draft.row
    if row.text("counter_currency"):
        return _fx(draft)
    parts = _parts(draft)
    if parts.net is None and parts.gross is None:
        row.refuse("net", "neither gross nor net is given", "give the result with its sign")
        return []
    amounts = _signed(draft, parts)
    return [_event(draft, amounts)] if amounts else []


def _split(draft: Draft) -> list[Event]:
    """A split by ratio new:old, or by the quantity it adds; cash paid for fractions leaves whole units only."""
    row = draft.row
    draft.everywhere = not row.text("account")
    assert draft.instrument is not None
    added = row.quantity("quantity", draft.instrument)
    new, old = _ratio(row) if row.text("ratio") else (0, 0)
    if not new and not added and not row.problems:
        row.refuse("ratio", "a split needs a ratio new:old or the quantity it adds", "write 2:1 for two units per one")
    parts = _parts(draft)
    cash = parts.net if parts.net is not None else parts.gross or 0
    if cash < 0:
        row.refuse("net", "cash for fractions is received", "check the sign", "contradiction")
    event: Event = {**draft.base, "net": cash}
    if new:
        event |= {"num": new, "den": old}
    else:
        event["quantity"] = added or 0
    if cash:
        event["payload"] = {"whole_shares": "1"}
    return [event]


def _ratio(row: Fields) -> tuple[int, int]:
    parts = row.text("ratio").replace("/", ":").replace(" for ", ":").split(":")
    if len(parts) == 2 and all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        new, old = int(parts[0][:12]), int(parts[1][:12])
        if 0 < new < 10**9 and 0 < old < 10**9 and new != old:
            return new, old
    row.refuse("ratio", f"{row.text('ratio')[:40]!r} is not a split ratio", "write new:old, as in 2:1 or 1:10")
    return 0, 0


def _call(draft: Draft) -> list[Event]:
    quantity = 0
    if draft.row.text("quantity") and not set(draft.row.text("quantity")) <= set("0."):
        quantity = _quantity(draft, 1) or 0
    amounts = _foot(draft, _parts(draft), -1)
    return [_event(draft, amounts) | {"quantity": quantity}] if amounts else []


def _worth(draft: Draft, quantity: int | None) -> int | None:
    """Value of units that come or go without money: given, or quantity times price."""
    row = draft.row
    given = [row.amount(name, draft.currency) for name in ("value", "gross")]
    price = row.quote("price")
    if row.problems or quantity is None:
        return None
    for value in given:
        if value is not None:
            if value < 0:
                row.refuse("value", "is negative", "give the value without a sign", "contradiction")
            return value
    return None if price is None else _gross(draft, quantity, price)


def _acquired(draft: Draft) -> int:
    row = draft.row
    day = row.date("acquired") or 0
    if day > draft.day:
        row.refuse("acquired", "is after the date of the row", "check both dates", "contradiction")
    return day


def _opening(draft: Draft) -> list[Event]:
    """A lot that was there when the book began; its cost has the sign of its quantity."""
    row = draft.row
    assert draft.instrument is not None
    quantity = row.quantity("quantity", draft.instrument)
    if not quantity:
        row.refuse("quantity", "an opening lot needs a quantity", "give the number of units")
    cost = _worth(draft, quantity)
    if cost is None and not row.problems:
        row.refuse("value", "the cost of the lot is not given", "give value, or quantity and price")
    if row.problems or cost is None or quantity is None:
        return []
    signed = cost if quantity > 0 else -cost
    return [{**draft.base, "quantity": quantity, "acquired": _acquired(draft), "payload": {"cost": signed}}]


def _delivery(draft: Draft) -> list[Event]:
    incoming = draft.rule.sign > 0
    quantity = _quantity(draft, draft.rule.sign)
    value = _worth(draft, quantity)
    if incoming and value is None and not draft.row.problems:
        draft.row.refuse("value", "the value of what is delivered is not given", "give value, or price")
    fee, tax = (draft.row.amount(name, draft.currency) or 0 for name in ("fee", "tax"))
    if fee < 0 or tax < 0:
        draft.row.refuse("fee", "fee and tax of a delivery are charged", "write them without a sign", "contradiction")
    # No cash moves here: what was charged is part of the value, and told apart for reports.
    event: Event = {**draft.base, "quantity": quantity or 0, "fee": fee, "tax": tax}
    if incoming:
        event["acquired"] = _acquired(draft)
    if value is not None:
        event["payload"] = {"value": value}
    return [event]


def _transfer(draft: Draft) -> list[Event]:
    """Cash or units from one account to another: two linked events, the out leg first."""
    row = draft.row
    target = read_where(row, "to_", draft.where.portfolio)
    if not any(row.text(name) for name in ("to_portfolio", "to_account", "to_sleeve")):
        row.refuse("to_account", "a transfer needs where it goes", "fill to_account, to_portfolio or to_sleeve")
        return []
    if target is not None and not row.text("to_account") and target.portfolio == draft.where.portfolio:
        target = Where(target.portfolio, draft.where.account, target.sleeve)  # between sleeves of one account
    if target == draft.where:
        row.refuse("to_account", "both sides are the same", "name two different places", "contradiction")
    parts = _parts(draft)
    if draft.instrument is not None:
        if parts.net:
            row.refuse("net", "a transfer in kind moves no cash", "book a cash transfer as a row of its own",
                       "contradiction")  # fmt: skip
        quantity = _quantity(draft, -1) or 0
        out: Event = {"kind": int(Kind.TRANSFER_OUT), "quantity": quantity}
        into: Event = {"kind": int(Kind.TRANSFER_IN), "quantity": -quantity}
    else:
        given = parts.net if parts.net is not None else parts.gross
        if not given:
            row.refuse("net", "a transfer needs net (cash) or an instrument and a quantity", "give one of them")
        amount = abs(given or 0)
        out = {"kind": int(Kind.CASH_TRANSFER_OUT), "net": -amount}
        into = {"kind": int(Kind.CASH_TRANSFER_IN), "net": amount}
    if target is None:
        return []
    there = {"portfolio": target.portfolio, "account": target.account, "sleeve": target.sleeve}
    return [{**draft.base, **out}, {**draft.base, **into, **there}]


RULES: Mapping[str, Callable[[Draft], list[Event]]] = MappingProxyType({
    "trade": _trade, "cash": _cash, "income": _income, "charge": _charge, "fx": _fx, "forward": _forward,
    "split": _split, "call": _call, "opening": _opening, "delivery": _delivery, "transfer": _transfer,
})  # fmt: skip
"""Rules by family."""
