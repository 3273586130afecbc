"""A small book in memory: reference data, events and a market made of plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from argosy.base.dates import parse_date
from argosy.base.money import currency_code, money_scale, parse_quote, parse_scaled
from argosy.measures.valuation.base_amounts import base_amounts
from argosy.record.facts import Fact, FactKind
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.fold import fold
from argosy.record.ledger.policy import LedgerPolicy
from argosy.record.ledger.state import State
from argosy.record.market.points import BASES
from argosy.record.market.rates import RateBook
from argosy.record.market.series import SeriesTable
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference


def day(text: str | int) -> int:
    return text if isinstance(text, int) else parse_date(text)


@dataclass
class Book:
    """Say what there is, then ask for reference, market and state."""

    facts: list[Fact] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    prices: list[tuple[int, int, int, int, str]] = field(default_factory=list)
    fx: list[tuple[str, str, int, str]] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    scales: dict[int, int] = field(default_factory=dict)
    basis: str = "traded"

    def fact(self, kind: FactKind, subject: int, payload: Mapping[str, object], effective: int = 0) -> None:
        self.facts.append(Fact(len(self.facts) + 1, 1, kind, subject, effective, payload))

    def portfolio(self, code: str, base: str, mandate: str = "") -> int:
        number = self.ids.setdefault(code, len(self.ids) + 1)
        self.fact(FactKind.PORTFOLIO, number, {"code": code, "name": code, "base_currency": base})
        self.fact(FactKind.ACCOUNT, number, {"code": "MAIN", "name": "MAIN", "portfolio": number})
        if mandate:
            self.fact(FactKind.MANDATE, number, {"text": mandate, "version": 1})
        return number

    def instrument(self, code: str, currency: str, *, type: str = "equity", scale: int = 8, **payload: object) -> int:
        number = self.ids.setdefault(code, len(self.ids) + 1)
        self.scales[number] = scale
        self.fact(FactKind.INSTRUMENT, number, {
            "code": code, "name": code, "type": type, "currency": currency, "quantity_scale": scale, **payload,
        })  # fmt: skip
        return number

    def price(self, code: str, on: str | int, price: str) -> None:
        quote = parse_quote(price)
        self.prices.append((self.ids[code], day(on), quote.mantissa, quote.exponent, self.basis))

    def rate(self, base: str, quote: str, on: str | int, rate: str) -> None:
        self.fx.append((base, quote, day(on), rate))

    def event(self, kind: Kind, on: str | int, portfolio: str, currency: str = "", net: str = "0", **more: Any) -> int:
        number = self.ids[portfolio]
        seq = len(self.rows) + 1
        row: dict[str, Any] = {
            "seq": seq, "batch": 1, "kind": kind, "version": 1, "trade_date": day(on), "anchor": seq,
            "portfolio": number, "account": number, "settle_date": day(more.pop("settle", on)),
        }  # fmt: skip
        if currency:
            row |= {"currency": currency_code(currency), "net": parse_scaled(net, money_scale(currency))}
        for name in ("fee", "tax", "accrued"):
            if name in more:
                row[name] = parse_scaled(more.pop(name), money_scale(currency))
        if "instrument" in more:
            row["instrument"] = self.ids[more.pop("instrument")]
        if "quantity" in more:
            row["quantity"] = parse_scaled(more.pop("quantity"), self.scales[row["instrument"]])
        if "currency2" in more:
            other = more.pop("currency2")
            row |= {"currency2": currency_code(other), "net2": parse_scaled(more.pop("net2"), money_scale(other))}
        self.rows.append(row | more)
        return seq

    @property
    def reference(self) -> Reference:
        return Reference.from_facts(self.facts)

    @property
    def events(self) -> EventColumns:
        return EventColumns.from_rows(self.rows)

    @property
    def market(self) -> MarketSnapshot:
        columns = np.array([(i, d, m, e) for i, d, m, e, _ in self.prices], np.int64).reshape(-1, 4)
        none = np.zeros(len(columns), np.int64)
        prices = SeriesTable.build({
            "owner": columns[:, 0], "basis": np.array([BASES.index(b) for *_, b in self.prices], np.int64),
            "source": none, "date": columns[:, 1], "mantissa": columns[:, 2], "exponent": columns[:, 3],
            "load": none + 1, "line": np.arange(len(columns)),
        })  # fmt: skip
        pairs = sorted({(base, quote) for base, quote, _, _ in self.fx})
        quotes = [parse_quote(rate) for *_, rate in self.fx]
        none = np.zeros(len(quotes), np.int64)
        fx = SeriesTable.build({
            "owner": np.array([pairs.index((b, q)) for b, q, _, _ in self.fx], np.int64), "basis": none, "source": none,
            "date": np.array([d for _, _, d, _ in self.fx], np.int64),
            "mantissa": np.array([q.mantissa for q in quotes], np.int64),
            "exponent": np.array([q.exponent for q in quotes], np.int64), "load": none + 1,
            "line": np.arange(len(quotes)),
        })  # fmt: skip
        codes = np.array([[currency_code(a), currency_code(b)] for a, b in pairs], np.int64).reshape(-1, 2)
        return MarketSnapshot(1, prices, RateBook(fx, codes, (0,), ("file",)), SeriesTable.empty(), ("file",), (0,))

    def policies(self, at: int | None = None) -> dict[int, LedgerPolicy]:
        reference, found = self.reference, {}
        for number in reference.portfolios:
            rules = reference.mandate(number, at).lots
            found[number] = LedgerPolicy(rules.method, rules.scope, rules.fees, rules.oversell)
        return found

    def state(self, as_of: str | int | None = None, *, market: MarketSnapshot | None = None) -> State:
        events, policies = self.events, self.policies()
        amounts, _ = base_amounts(events, self.reference, market or self.market, policies=policies)
        return fold(
            events, policies=policies, quantity_unit={one: 10**scale for one, scale in self.scales.items()},
            as_of=None if as_of is None else day(as_of), base_amounts=amounts,
        )  # fmt: skip


def days(*texts: str | int) -> np.ndarray:
    return np.array([day(text) for text in texts], np.int64)


def span(first: str | int, last: str | int) -> np.ndarray:
    return np.arange(day(first), day(last) + 1)


def all_days(rows: Iterable[str]) -> np.ndarray:
    return np.array(sorted({day(row) for row in rows}), np.int64)
