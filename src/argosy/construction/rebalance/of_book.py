"""A portfolio of the book as rebalancing sees it: lines with what a unit is worth, cash, lots, targets by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from argosy.base.dates import from_date, to_date
from argosy.base.errors import InvalidInput, MissingData, MissingPrice, MissingRate, unknown
from argosy.base.money import Quote
from argosy.construction.rebalance.plan import CASH, Lines, TaxCurve, checked_lines
from argosy.measures.tax.lots import Sale, TaxLots, sale_order, sell, tax_per_unit
from argosy.measures.tax.regimes import Regime
from argosy.measures.tax.wash_sales import Purchase
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.units import unit_accrued, unit_value
from argosy.measures.valuation.value import SubjectValue
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.state import State
from argosy.record.mandate import Mandate, PriceRules
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.orders.proposal import Order
from argosy.record.reference import Instrument
from argosy.record.reference_fold import Reference

Float64 = npt.NDArray[np.float64]
DUST = 1e-9
"""Part of a unit below which a quantity is rounding, not an order."""


@dataclass(frozen=True, eq=False)
class BookLines:
    """Lines of one portfolio with the instruments they are, their prices, cash in its currency, and open lots."""

    lines: Lines
    instruments: tuple[Instrument, ...]
    prices: tuple[Quote, ...]
    price_days: tuple[int, ...]
    cash: float
    value: float
    lots: Mapping[int, LotRows]


@dataclass(frozen=True, eq=False)
class LotRows:
    """Open lots of one instrument: where each lies, its quantity as stored, and the same for taxes."""

    seq: tuple[int, ...]
    account: tuple[int, ...]
    sleeve: tuple[int, ...]
    quantity: tuple[int, ...]
    tax: TaxLots


def book_lines(
    valued: SubjectValue, names: Sequence[str], reference: Reference, market: MarketSnapshot, state: State,
    mandate: Mandate, *, day: int,
) -> BookLines:  # fmt: skip
    """Lines of everything a portfolio holds and of ``names`` beside it, valued on a day in its currency.

    Raises
    ------
    MissingPrice, MissingRate
        A name that is wanted and has no price, or no way to the portfolio's currency.
    """
    rules, currency = mandate.trading, valued.subject.currency
    held: dict[int, int] = {}
    for row in valued.rows:
        if row.section == "position" and not reference.instruments[row.instrument].margined:
            held[row.instrument] = held.get(row.instrument, 0) + row.quantity
    known = {one.code: one for one in reference.instruments.values()}
    wanted = {known[name].id for name in names if name in known}
    for name in names:
        if name not in known:
            raise unknown("instrument", name, known, place="targets")
    chosen = sorted({*(one for one, quantity in held.items() if quantity), *wanted},
                    key=lambda one: reference.instruments[one].code)  # fmt: skip
    instruments = tuple(reference.instruments[one] for one in chosen)
    rates = Rates(market)
    worth, quotes, days = [], [], []
    for one in instruments:
        if one.margined:
            raise InvalidInput(f"{one.code} is traded on margin: its weight is not its value", field="targets",
                               found=one.code, next_step="leave it out of the targets")  # fmt: skip
        point, unit = market.price(one.id, day), unit_money(one, market, rates, currency, day=day)
        if unit <= 0:
            raise MissingPrice(f"{one.code} is worth nothing on the day", field="price", found=one.code,
                               next_step="exclude it from the targets")  # fmt: skip
        worth.append(unit)
        quotes.append(Quote(point.mantissa, point.exponent))
        days.append(point.date)
    quantity = np.array([held.get(one.id, 0) / 10**one.quantity_scale for one in instruments])
    money = valued.nav / 10**valued.scale
    steps = [_step(one) if rules.trading.whole_units else 0.0 for one in instruments]
    lines = checked_lines(
        [one.code for one in instruments], quantity, worth, step=steps,
        volume=[_volume(one, unit) for one, unit in zip(instruments, worth, strict=True)],
        no_buy=(*rules.trading.no_buy, *mandate.policy.universe.exclude),
        no_sell=(*rules.trading.no_sell, *mandate.policy.universe.exclude),
        extra=[0.0 if one.currency == currency else mandate.policy.costs.exchange for one in instruments],
    ) if instruments else _none()  # fmt: skip
    members = {portfolio for portfolio, _, _ in valued.subject.members}
    return BookLines(
        lines, instruments, tuple(quotes), tuple(days), money - float(lines.values.sum()), money,
        {one.id: open_lots(one, members, state) for one in instruments},
    )  # fmt: skip


def unit_money(one: Instrument, market: MarketSnapshot, rates: Rates, currency: str, *, day: int) -> float:
    """What one unit of an instrument is worth in a currency on a day, accrued interest included.

    Raises
    ------
    MissingPrice, MissingRate
        There is no price, or no way to the currency.
    """
    point = market.price(one.id, day)
    rate = rates.get(one.currency, currency, day)
    if rate is None:
        raise MissingRate(f"no rate from {one.currency} to {currency} for {one.code}", field="rate")
    parts = (unit_value(one, point.mantissa, point.exponent), unit_accrued(one, day))
    return float(sum((_fraction(part) for part in parts), Fraction(0)) * rate)


def _none() -> Lines:
    empty = np.zeros(0)
    return Lines((), empty, empty, empty, empty, np.zeros(0, np.bool_), np.zeros(0, np.bool_), empty)


def _fraction(unit: tuple[int, int]) -> Fraction:
    return Fraction(unit[0]) * Fraction(10) ** unit[1]


def _step(one: Instrument) -> float:
    """The lot of an instrument (attribute ``lot``), else one unit; what is not counted in units has none."""
    told = one.attributes.get("lot", "")
    if told:
        return float(told)
    return 0.0 if one.quantity_scale == 0 or one.type in ("private_fund", "crypto") else 1.0


def _volume(one: Instrument, unit: float) -> float:
    """Money that trades in a day (attribute ``volume`` in units), NaN where it is not known."""
    told = one.attributes.get("volume", "")
    return float(told) * unit if told else float("nan")


def open_lots(one: Instrument, members: set[int], state: State) -> LotRows:
    """Open lots of an instrument in some portfolios; costs per unit at the money scale of the book."""
    rows = state.lots
    mine = np.flatnonzero((rows.instrument == one.id) & (rows.quantity > 0) & np.isin(rows.portfolio, sorted(members)))
    scale = 10.0**one.quantity_scale
    quantity = rows.quantity[mine]
    # Costs are at the money scale of each lot's portfolio: only their ratio to value matters, which the caller scales.
    cost = rows.cost_base[mine] / (quantity / scale) if mine.size else np.zeros(0)
    tax = TaxLots(quantity / scale, cost.astype(np.float64), rows.acquired[mine].astype(np.int64))
    return LotRows(
        tuple(rows.lot_seq[mine].tolist()), tuple(rows.account[mine].tolist()), tuple(rows.sleeve[mine].tolist()),
        tuple(quantity.tolist()), tax,
    )  # fmt: skip


def line_taxes(found: BookLines, *, scale: int, day: int, regime: Regime, method: str) -> dict[str, TaxCurve]:
    """Expected tax of selling each line, lot after lot in the order of a method, in the portfolio's currency."""
    taxes: dict[str, TaxCurve] = {}
    if not (regime.short or regime.long):
        return taxes
    for place, one in enumerate(found.instruments):
        rows = scaled_lots(found.lots[one.id], scale)
        if len(rows):
            price = float(found.lines.unit_value[place])
            order = sale_order(rows, price, day, regime, method if regime.lots == "choice" else "FIFO")
            quantity = rows.quantity[order]
            due = quantity * tax_per_unit(rows, price, day, regime)[order]
            taxes[one.code] = TaxCurve(np.append(0.0, np.cumsum(quantity)), np.append(0.0, np.cumsum(due)))
    return taxes


def scaled_lots(rows: LotRows, scale: int) -> TaxLots:
    """Lots with their unit costs in money of the portfolio's currency."""
    """Lots with costs per unit in money."""
    return TaxLots(rows.tax.quantity, rows.tax.unit_cost / 10.0**scale, rows.tax.acquired)


@dataclass(frozen=True, slots=True)
class SoldLots:
    """What a sale takes: the orders it becomes (one per account and sleeve), gain by term and tax, by name."""

    orders: tuple[Order, ...]
    sale: Sale | None


def orders_of(
    found: BookLines, place: int, units: float, *, reference: Reference, portfolio: int, cost: float, scale: int,
    day: int, regime: Regime, method: str, account: int, reason: str,
) -> SoldLots:  # fmt: skip
    """The orders that trade some units of a line: purchases in one account, sales where their lots lie.

    Quantities are cut to the instrument's scale, never rounded up. ``cost`` is shared over the orders by quantity.
    """
    one = found.instruments[place]
    unit = 10**one.quantity_scale
    wanted = int(abs(units) * unit + DUST * unit)
    price, priced = found.prices[place], found.price_days[place]
    if wanted == 0:
        return SoldLots((), None)
    if units > 0:
        bought = Order(account, 0, one.id, "buy", wanted, price, priced, (), f"{cost:.2f}", "0", reason)
        return SoldLots((bought,), None)
    rows = found.lots[one.id]
    lots = scaled_lots(rows, scale)
    held = sum(rows.quantity)
    sale = sell(lots, min(wanted, held) / unit, float(found.lines.unit_value[place]), day=day, regime=regime,
                method=method if regime.lots == "choice" else "FIFO")  # fmt: skip
    taken = _whole_lots(sale, rows, min(wanted, held), unit)
    per_lot_gain = sale.taken * (found.lines.unit_value[place] - lots.unit_cost)
    rates = np.array([regime.rate(int(acquired), day) for acquired in lots.acquired.tolist()])
    orders = []
    for where in dict.fromkeys(zip(rows.account, rows.sleeve, strict=True)):
        mine = [at for at in range(len(taken)) if (rows.account[at], rows.sleeve[at]) == where and taken[at]]
        quantity = sum(taken[at] for at in mine)
        if quantity:
            tax = float(sum(per_lot_gain[at] * rates[at] for at in mine))
            named = tuple((rows.seq[at], taken[at]) for at in mine)
            orders.append(Order(
                where[0], where[1], one.id, "sell", quantity, price, priced, named, f"{cost * quantity / wanted:.2f}",
                f"{tax:.2f}", reason,
            ))  # fmt: skip
    return SoldLots(tuple(orders), sale)


def _whole_lots(sale: Sale, rows: LotRows, wanted: int, unit: int) -> list[int]:
    """What is taken from each lot as integers that sum to what is sold: the last lot touched takes the rest."""
    taken = [min(int(part * unit), quantity) for part, quantity in zip(sale.taken.tolist(), rows.quantity, strict=True)]
    rest = wanted - sum(taken)
    for at in np.argsort(-sale.taken, kind="stable").tolist():
        room = min(rest, rows.quantity[at] - taken[at])
        taken[at] += room
        rest -= room
    return taken


def target_weights(
    weights: Sequence[tuple[str, float]], instruments: Mapping[str, Instrument], held: Mapping[str, float]
) -> dict[str, float]:
    """Targets of a mandate by name: a group (``attribute=value``) is shared over what is held of it, by value.

    Raises
    ------
    InvalidInput
        Targets beyond 100%, or a group of which nothing is held.

    Examples
    --------
    >>> target_weights([("cash", 0.1)], {}, {})
    {}
    """
    found: dict[str, float] = {}
    total = 0.0
    for name, weight in weights:
        total += weight
        if name.lower() == CASH:
            continue
        label, equals, value = name.partition("=")
        if not equals:
            if name not in instruments:
                raise unknown("instrument", name, instruments, place="targets.weights")
            found[name] = found.get(name, 0.0) + weight
            continue
        group = [one for one in instruments.values() if _is(one, label.strip(), value.strip())]
        inside = {one.code: held[one.code] for one in group if held.get(one.code, 0.0) > 0.0}
        if not inside:
            raise InvalidInput(
                f"nothing of {name} is held to share {weight:.2%} over", field="targets.weights", found=name,
                next_step="name an instrument of it",
            )  # fmt: skip
        whole = sum(inside.values())
        for code, part in inside.items():
            found[code] = found.get(code, 0.0) + weight * part / whole
    if total > 1.0 + 1e-9:
        raise InvalidInput(
            f"the targets sum to {total:.4g}", field="targets.weights", found=total, expected="1 at most"
        )
    return found


def _is(one: Instrument, label: str, value: str) -> bool:
    known = {"type": one.type, "currency": one.currency, **one.attributes}
    return known.get(label, "") == value


def with_cash(lines: Lines, target: Mapping[str, float], buffer: float) -> Float64:
    """Target weights of lines, cash last and never below the buffer: the others give way in proportion.

    Examples
    --------
    >>> with_cash(checked_lines(["A", "B"], [1, 1], [1.0, 1.0]), {"A": 0.75, "B": 0.25}, 0.02).round(4).tolist()
    [0.735, 0.245, 0.02]
    """
    weights = np.array([target.get(name, 0.0) for name in lines.names])
    total = float(weights.sum())
    if total > 1.0 - buffer and total > 0.0:
        weights *= (1.0 - buffer) / total
    return np.append(weights, 1.0 - float(weights.sum()))


def recent_purchases(
    events: EventColumns, order: npt.NDArray[np.int64], members: Sequence[int], *, day: int, window: int
) -> tuple[Purchase, ...]:
    """Purchases of some portfolios in the days before one, as wash-sale rules see them: alike is one instrument."""
    chosen = order[
        np.isin(events["portfolio"][order], list(members)) & (events["kind"][order] == int(Kind.BUY))
        & (events["trade_date"][order] >= day - window) & (events["trade_date"][order] <= day)
    ]  # fmt: skip
    return tuple(
        Purchase(
            int(events["seq"][at]), int(events["trade_date"][at]), int(events["ord"][at]), int(events["account"][at]),
            int(events["instrument"][at]), int(events["quantity"][at]), -int(events["net"][at]),
        )
        for at in chosen.tolist()
    )  # fmt: skip


def losses_taken(state: State, members: Sequence[int], *, day: int, window: int) -> frozenset[int]:
    """Instruments that some portfolios sold at a loss in the days before one: buying them again spoils it."""
    rows = state.reliefs
    mine = (
        np.isin(rows.portfolio, list(members)) & (rows.date >= day - window) & (rows.date <= day)
        & (rows.proceeds < rows.cost) & (rows.quantity > 0)
    )  # fmt: skip
    return frozenset(np.unique(rows.instrument[mine]).tolist())


def purchase_account(state: State, portfolio: int, accounts: Sequence[int]) -> int:
    """The account that buys: the one with the largest balance of cash; the first of equals."""
    rows = state.cash
    mine = rows.portfolio == portfolio
    totals = dict.fromkeys(accounts, 0)
    for account, amount in zip(rows.account[mine].tolist(), rows.traded[mine].tolist(), strict=True):
        if account in totals:
            totals[account] = max(totals[account], amount)
    return max(accounts, key=lambda one: (totals[one], -one))


def moved_prices(
    orders: Sequence[Order], reference: Reference, market: MarketSnapshot, *, day: int, allowed: float,
    rules: PriceRules,
) -> tuple[str, ...]:  # fmt: skip
    """What is wrong with the prices that orders were judged at, in words; empty where they still hold."""
    found: dict[str, None] = {}
    for order in orders:
        one = reference.instruments[order.instrument]
        try:
            now = market.price(one.id, day, max_age_days=rules.max_age(one.type))
        except MissingData as error:
            found[f"{one.code}: {error.message}"] = None
            continue
        before, today = float(order.price.decimal()), float(Quote(now.mantissa, now.exponent).decimal())
        moved = abs(today / before - 1.0) if before else 1.0
        if moved > allowed:
            found[f"{one.code} moved by {moved:.1%} since, from {before:g} to {today:g}"] = None
    return tuple(found)


def weights_around(book: BookLines, orders: Sequence[Order], filled: Sequence[int]) -> tuple[Float64, Float64]:
    """Weights (N) now, and once what orders have left is filled at today's prices (``filled`` units are done)."""
    places = {one.id: place for place, one in enumerate(book.instruments)}
    quantity = book.lines.quantity.copy()
    for order, done in zip(orders, filled, strict=True):
        left = (order.quantity - done) / 10 ** book.instruments[places[order.instrument]].quantity_scale
        quantity[places[order.instrument]] += left if order.side == "buy" else -left
    return book.lines.values / book.value, quantity * book.lines.unit_value / book.value


def gains_realized(state: State, members: Sequence[int], *, day: int, scale: int) -> float:
    """Net gain that some portfolios have realized since the beginning of the year of a day, in base currency."""
    first = from_date(to_date(day).replace(month=1, day=1))
    rows = state.reliefs
    mine = np.isin(rows.portfolio, list(members)) & (rows.date >= first) & (rows.date <= day)
    return float((rows.proceeds_base[mine] - rows.cost_base[mine]).sum()) / 10.0**scale


def corporate_actions(
    events: EventColumns, order: npt.NDArray[np.int64], portfolio: int, reference: Reference, *, day: int
) -> tuple[str, ...]:
    """What changed holdings of a portfolio on a day without a trade: splits, capital returned or called."""
    kinds = {int(Kind.SPLIT): "split", int(Kind.RETURN_OF_CAPITAL): "return of capital",
             int(Kind.CAPITAL_CALL): "capital call", int(Kind.DISTRIBUTION): "distribution"}  # fmt: skip
    chosen = order[
        (events["portfolio"][order] == portfolio) & (events["trade_date"][order] == day)
        & np.isin(events["kind"][order], list(kinds))
    ]  # fmt: skip
    return tuple(dict.fromkeys(
        f"{reference.instruments[int(events['instrument'][at])].code}: {kinds[int(events['kind'][at])]}"
        for at in chosen.tolist()
    ))  # fmt: skip


def turnover_between(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """One-way turnover between two sets of targets, cash included.

    Examples
    --------
    >>> round(turnover_between({"A": 0.6, "B": 0.4}, {"A": 0.5, "B": 0.4}), 10)
    0.1
    """
    names = {*first, *second}
    moved = [second.get(name, 0.0) - first.get(name, 0.0) for name in names]
    return (sum(abs(one) for one in moved) + abs(sum(moved))) / 2.0


def replacements(valued: SubjectValue, reference: Reference) -> tuple[str, ...]:
    """What the attribute ``replacement`` of instruments held names: what may be held instead when a loss is taken."""
    held = {row.instrument for row in valued.rows if row.section == "position" and row.quantity}
    named = {reference.instruments[one].attributes.get("replacement", "") for one in held}
    return tuple(sorted(named - {""}))
