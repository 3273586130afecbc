"""Explanations built from a state: value, position, realized gain, income, event, price and rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import numpy as np

from argosy.base.columns import quote_decimal
from argosy.base.dates import format_date
from argosy.base.errors import UnknownName
from argosy.base.money import currency_name, to_decimal
from argosy.measures.valuation.value import SECTIONS, SubjectValue, ValueRow
from argosy.record.ledger.events import EventColumns, Int64
from argosy.record.ledger.state import State
from argosy.record.market.points import PricePoint, RatePoint
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference
from argosy.reporting.explanations.tree import Node
from argosy.reporting.explanations.withdrawn import Withdrawals
from argosy.reporting.statements.kinds import kind_names

TITLES = {
    "position": "positions", "cash": "cash", "receivable": "receivables", "payable": "payables (negative)",
    "accrued": "accrued interest",
}  # fmt: skip


def plain(number: Decimal) -> str:
    """A decimal for people: thousands separated, no trailing zeros beyond two places."""
    text = f"{number:,f}"
    if "." in text:
        whole, _, rest = text.partition(".")
        rest = rest.rstrip("0")
        text = f"{whole}.{rest.ljust(2, '0')}" if rest else whole
    return text


@dataclass(frozen=True)
class Evidence:
    """Everything explanations draw on. ``files`` names the source file of each batch, ``known`` its moment."""

    events: EventColumns
    order: Int64
    reference: Reference
    market: MarketSnapshot
    state: State
    files: Mapping[int, str]
    day: int
    known: Mapping[int, int] = field(default_factory=dict)

    # -- words ----------------------------------------------------------------------------------------------------

    def money(self, value: int, currency: str) -> str:
        """An amount at the currency's scale."""
        return f"{plain(to_decimal(value, self.reference.money_scale(currency)))} {currency}"

    def units(self, value: int, instrument: int) -> str:
        """A quantity at the instrument's scale."""
        return plain(to_decimal(value, self.reference.instruments[instrument].quantity_scale))

    @cached_property
    def _place(self) -> dict[int, int]:
        return {seq: place for place, seq in enumerate(self.events["seq"].tolist())}

    @cached_property
    def _withdrawals(self) -> Withdrawals:
        return Withdrawals(self.events, self.reference, self.known)

    def place(self, seq: int) -> int:
        """Row of an event; UnknownName when it is not in the book as known."""
        if seq not in self._place:
            raise UnknownName(f"event {seq} is not in the book", field="event", found=str(seq),
                              next_step="see `argosy transactions`")  # fmt: skip
        return self._place[seq]

    def origin(self, seq: int) -> str:
        """Batch, file and line that brought an event."""
        place = self.place(seq)
        batch, line = int(self.events["batch"][place]), int(self.events["line"][place])
        file = self.files.get(batch, "")
        where = f"{file} line {line}" if file and line else file or "entered by hand"
        return f"{where}, batch {batch}"

    # -- leaves ---------------------------------------------------------------------------------------------------

    def event(self, seq: int, *, note: str = "") -> Node:
        """One event as booked."""
        place = self.place(seq)
        row = self.events.row(place)
        what = f"{format_date(row['trade_date'])} {kind_names(self.events['kind'][place : place + 1])[0]}"
        parts = []
        if row["instrument"]:
            code = self.reference.instruments[self.reference.canonical(row["instrument"])].code
            quantity = self.units(row["quantity"], row["instrument"]) if row["quantity"] else ""
            parts.append(f"{quantity} {code}".strip())
        if row["price"]:
            parts.append(f"at {quote_decimal(row['price'], row['price_exp'])}")
        currency = currency_name(row["currency"]) if row["currency"] else ""
        for name in ("fee", "tax", "accrued"):
            if row[name]:
                parts.append(f"{name} {self.money(row[name], currency)}")
        if row["num"]:
            parts.append(f"{row['num']} for {row['den']}")
        if row["currency2"]:
            parts.append(f"against {self.money(row['net2'], currency_name(row['currency2']))}")
        amount = self.money(row["net"], currency) if currency else ""
        children: tuple[Node, ...] = ()
        gone = self._withdrawals.of(place)
        if gone is not None:
            parts.append("does not count any more")
            children = (gone,)
        elif target := self._withdrawals.takes_back(place):
            parts.append(f"takes back event {target}")
        how = "; ".join([*parts, note] if note else parts)
        return Node(what, amount, how, seq, self.origin(seq), children)

    def price(self, point: PricePoint, code: str) -> Node:
        """A price with its date, age and the row that brought it."""
        age = f", {point.age_days} days old" if point.age_days else ""
        return Node(f"price of {code}", f"{point.decimal}", f"{point.basis}, of {format_date(point.date)}{age}",
                    source=self._load(point.load_seq, point.row, point.source))  # fmt: skip

    def rate(self, point: RatePoint, source: str, target: str) -> Node:
        """A rate with the quotes it is made of."""
        legs = tuple(
            Node(f"{leg.base}/{leg.quote}{' inverted' if leg.inverted else ''}", f"{leg.decimal}",
                 f"of {format_date(leg.date)}", source=self._load(leg.load_seq, leg.row, leg.source))
            for leg in point.legs
        )  # fmt: skip
        return Node(f"rate {source} to {target}", f"{float(point.fraction):.8g}", f"{point.num}/{point.den}",
                    children=legs)  # fmt: skip

    @cached_property
    def _loads(self) -> dict[int, int]:
        return {load.seq: load.batch for load in self.reference.market_loads}

    def _load(self, seq: int, row: int, source: str) -> str:
        batch = self._loads.get(seq, 0)
        file = self.files.get(batch, "")
        where = f"{file} line {row}" if file and row else file
        return ", ".join(part for part in (source, where, f"batch {batch}" if batch else "") if part)

    # -- branches -------------------------------------------------------------------------------------------------

    def value(self, found: SubjectValue) -> Node:
        """Net asset value down to holdings, prices, rates and the events behind each."""
        currency = found.subject.currency
        sections = []
        for section in SECTIONS:
            rows = [row for row in found.rows if row.section == section]
            if rows:
                total = sum(row.value for row in rows)
                sections.append(Node(TITLES[section], self.money(total, currency),
                                     children=tuple(self._row(row, currency) for row in rows)))  # fmt: skip
        return Node(f"net asset value of {found.subject.code} on {format_date(self.day)}",
                    self.money(found.nav, currency), "sum of the parts, rounded once half to even",
                    children=tuple(sections))  # fmt: skip

    def _row(self, row: ValueRow, currency: str) -> Node:
        reference = self.reference
        children: list[Node] = []
        how = self.money(row.value_local, row.currency)
        what = row.currency
        if row.instrument:
            instrument = reference.instruments[row.instrument]
            what = instrument.code
            if row.price is not None:
                factor = f" x {quote_decimal(*_pair(instrument.factor))}" if _pair(instrument.factor) != (1, 0) else ""
                how = f"{self.units(row.quantity, row.instrument)} x {row.price.decimal}{factor} = {how}"
                children.append(self.price(row.price, instrument.code))
        if row.currency != currency:
            how += " at the day's rate"
            children.append(self.rate(self.market.rate(row.currency, currency, self.day), row.currency, currency))
        if row.section == "position":
            children.append(self.position(row.portfolio, row.instrument, account=row.account))
        elif row.section == "cash":
            children += self._cash(row)
        elif row.section in ("receivable", "payable"):
            children += self._pending(row)
        account = reference.accounts[row.account].code if row.account else ""
        return Node(f"{what} {account}".strip(), self.money(row.value, currency), how, children=tuple(children))

    def _cash(self, row: ValueRow) -> list[Node]:
        entries = self.state.entries
        mine = (entries.portfolio == row.portfolio) & (entries.account == row.account) & (entries.sleeve == row.sleeve)
        mine &= np.array([currency_name(code) == row.currency for code in entries.currency.tolist()], np.bool_)
        settled = self.reference.mandate(row.portfolio, self.day).cash.view == "settled"
        mine &= (entries.settle_date if settled else entries.trade_date) <= self.day
        rows = entries.take(mine)
        return [
            self.event(seq, note=f"moves {self.money(amount, row.currency)}")
            for seq, amount in zip(rows.event_seq.tolist(), rows.amount.tolist(), strict=True)
        ]

    def _pending(self, row: ValueRow) -> list[Node]:
        pending = self.state.pending
        return [
            self.event(seq, note=f"settles {format_date(day)}")
            for seq, owner, amount, day in zip(
                pending.event_seq.tolist(), pending.portfolio.tolist(), pending.amount.tolist(),
                pending.settle_date.tolist(), strict=True)
            if owner == row.portfolio and amount == row.value_local
        ]  # fmt: skip

    def position(self, portfolio: int, instrument: int, *, account: int = 0) -> Node:
        """A holding with its open lots and every event that changed it."""
        reference, state = self.reference, self.state
        code = reference.instruments[instrument].code

        def mine(owner: Int64, what: Int64, where: Int64) -> Int64:
            keep = (owner == portfolio) & (what == instrument)
            return np.flatnonzero(keep & (where == account) if account else keep)

        held = state.positions.take(mine(state.positions.portfolio, state.positions.instrument,
                                         state.positions.account))  # fmt: skip
        lots = state.lots.take(mine(state.lots.portfolio, state.lots.instrument, state.lots.account))
        trail = state.trail.take(mine(state.trail.portfolio, state.trail.instrument, state.trail.account))
        open_lots = tuple(
            Node(f"lot of {format_date(acquired)}", f"{self.units(quantity, instrument)} {code}",
                 f"cost {self.money(cost, currency_name(currency))}", seq, self.origin(seq))
            for acquired, quantity, cost, currency, seq in zip(
                lots.acquired.tolist(), lots.quantity.tolist(), lots.cost.tolist(), lots.currency.tolist(),
                lots.lot_seq.tolist(), strict=True)
        )  # fmt: skip
        history = tuple(
            self.event(seq, note=f"then {self.units(after, instrument)} held")
            for seq, after in zip(trail.event_seq.tolist(), trail.quantity_after.tolist(), strict=True)
        )
        quantity = sum(held.quantity.tolist())
        cost = sum(held.cost.tolist())
        currency = reference.instruments[instrument].currency
        return Node(
            f"{code} held by {reference.portfolios[portfolio].code}", f"{self.units(quantity, instrument)} {code}",
            f"cost {self.money(cost, currency)}",
            children=(Node("open lots", f"{len(open_lots)}", children=open_lots),
                      Node("events", f"{len(history)}", children=history)),
        )  # fmt: skip

    def gain(self, seq: int) -> Node:
        """What an event realized, lot by lot."""
        reliefs = self.state.reliefs
        rows = reliefs.take(np.flatnonzero(reliefs.event_seq == self.events["seq"][self.place(seq)]))
        if not len(rows):
            raise UnknownName(f"event {seq} realized no gain", field="event", found=str(seq),
                              next_step="see `argosy gains` for events that did")  # fmt: skip
        currency = currency_name(int(rows.currency[0]))
        lots = []
        for place in range(len(rows)):
            cost, proceeds = int(rows.cost[place]), int(rows.proceeds[place])
            base = ""
            if self.state.has_base:
                base_currency = self.reference.portfolios[int(rows.portfolio[place])].base_currency
                gained = int(rows.proceeds_base[place]) - int(rows.cost_base[place])
                base = f"; {self.money(gained, base_currency)} in base" if base_currency != currency else ""
            origin, brought = int(rows.origin_seq[place]), int(rows.lot_seq[place])
            events = tuple(self.event(one) for one in dict.fromkeys((origin, brought)) if one)
            lots.append(Node(
                f"lot of {format_date(int(rows.acquired[place]))}", self.money(proceeds - cost, currency),
                f"{self.units(int(rows.quantity[place]), int(rows.instrument[place]))} for "
                f"{self.money(proceeds, currency)} less cost {self.money(cost, currency)}{base}",
                children=events,
            ))  # fmt: skip
        total = sum(rows.proceeds.tolist()) - sum(rows.cost.tolist())
        return Node(f"gain realized by event {seq}", self.money(total, currency), "proceeds less cost of the lots sold",
                    children=(self.event(seq), *lots))  # fmt: skip

    def income(self, seq: int) -> Node:
        """Gross, tax, fee and net of an income event, and the holding it was paid on."""
        income = self.state.income
        rows = income.take(np.flatnonzero(income.event_seq == self.events["seq"][self.place(seq)]))
        if not len(rows):
            raise UnknownName(f"event {seq} brought no income", field="event", found=str(seq),
                              next_step="see `argosy income` for events that did")  # fmt: skip
        currency = currency_name(int(rows.currency[0]))
        parts = [
            Node(name, self.money(sum(getattr(rows, name).tolist()), currency)) for name in ("gross", "tax", "fee")
        ]
        instrument = int(rows.instrument[0])
        held = [self.position(int(rows.portfolio[0]), instrument)] if instrument else []
        return Node(f"income of event {seq}", self.money(sum(rows.net.tolist()), currency), "gross less tax less fee",
                    children=(self.event(seq), *parts, *held))  # fmt: skip


def _pair(quote: object) -> tuple[int, int]:
    return getattr(quote, "mantissa", 1), getattr(quote, "exponent", 0)
