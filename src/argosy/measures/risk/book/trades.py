"""Trades that somebody thinks of, as text: what they would do to the risk, before anything is traded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from argosy.base.errors import InvalidInput, MissingRate, unknown
from argosy.base.table import Column, Table
from argosy.measures.risk.book.report import PER_YEAR, BookRisk
from argosy.measures.risk.loss.contributions import volatility_contributions
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.units import unit_value
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference


@dataclass(frozen=True, slots=True)
class Trade:
    """Units of an instrument, bought (positive) or sold for cash of the book."""

    instrument: int
    code: str
    units: Decimal


def parse_trade(text: str, reference: Reference) -> Trade:
    """Read ``buy 100 ACME`` or ``sell 20.5 ACME``.

    Raises
    ------
    InvalidInput, UnknownName
        No such sentence, a quantity that is not above zero, an instrument that is not in the book.
    """
    words = text.split()
    if len(words) != 3 or words[0].lower() not in ("buy", "sell"):
        raise InvalidInput(f"{text!r} is no trade", field="what-if", found=text, expected="such as 'buy 100 ACME'")
    try:
        units = Decimal(words[1].replace(",", ""))
    except InvalidOperation:
        units = Decimal(0)
    if not units.is_finite() or units <= 0:
        raise InvalidInput(f"{words[1]!r} is no quantity", field="what-if", found=text, expected="above 0, such as 100")
    known = {one.code: one for one in reference.instruments.values()}
    if words[2] not in known:
        raise unknown("instrument", words[2], known, place="what-if")
    return Trade(known[words[2]].id, words[2], units if words[0].lower() == "buy" else -units)


def trade_value(trade: Trade, reference: Reference, market: MarketSnapshot, *, currency: str, day: int) -> float:
    """Money that a trade moves, in a currency, at the last price."""
    one = reference.instruments[trade.instrument]
    point = market.price(one.id, day)
    mantissa, exponent = unit_value(one, point.mantissa, point.exponent)
    rate = Rates(market).get(one.currency, currency, day)
    if rate is None:
        raise MissingRate(f"no rate from {one.currency} to {currency} for {one.code}", field="what-if")
    return float(trade.units) * mantissa * 10.0**exponent * float(rate)


def what_if_table(risk: BookRisk, trades: Sequence[Trade], amounts: Sequence[float]) -> Table:
    """Risk before and after each trade alone and all together; one row and one selection a trade, nothing else.

    The assets of ``risk`` hold all that is traded.
    """
    ready = risk.prepared()
    parts = [amount / risk.held.value for amount in amounts]
    places = [risk.place(trade.code) for trade in trades]
    names = [f"{'buy' if trade.units > 0 else 'sell'} {abs(trade.units)} {trade.code}" for trade in trades]
    moves: list[dict[int, float]] = [{place: part} for place, part in zip(places, parts, strict=True)]
    if len(trades) > 1:
        names.append("all together")
        moves.append({place: sum(p for at, p in zip(places, parts, strict=True) if at == place) for place in places})
    scale = risk.loss.value_at_risk / ready.value_at_risk, risk.loss.expected_shortfall / ready.expected_shortfall
    rows = [(name, float(sum(move.values())) * risk.held.value, ready.what_if(move), _volatility(risk, move))
            for name, move in zip(names, moves, strict=True)]  # fmt: skip
    before = risk.volatility.total
    columns = {
        "value_at_risk": [scale[0] * row[2].value_at_risk for row in rows],
        "value_at_risk_change": [scale[0] * row[2].change for row in rows],
        "expected_shortfall": [scale[1] * row[2].expected_shortfall for row in rows],
        "shortfall_change": [scale[1] * row[2].shortfall_change for row in rows],
        "volatility": [row[3] for row in rows],
        "volatility_change": [row[3] - before for row in rows],
    }
    return Table(
        f"What if: {risk.held.code}",
        (
            Column("trade", "text", [row[0] for row in rows]),
            Column("amount", "amount", [round(100 * row[1]) for row in rows], scale=2, unit=risk.held.currency),
            *(Column(name, "ratio", values, shown=2) for name, values in columns.items()),
        ),
        notes=(f"paid from or into cash in {risk.held.currency}; volatility a year; changes over the scenarios of "
               f"{risk.asked.model}",),
    )  # fmt: skip


def _volatility(risk: BookRisk, move: dict[int, float]) -> float:
    held, history = risk.held, risk.history
    count = min(risk.asked.window, history.days.size)
    price, fx = held.price.copy(), held.fx.copy()
    for place, part in move.items():
        price[place] += part
        fx[place] += part if held.assets[place].currency != held.currency else 0.0
    columns = np.hstack([history.local, history.fx])[-count:]
    weights = np.concatenate([price, fx])
    kept = np.flatnonzero(weights)
    matrix = np.atleast_2d(np.cov(columns[:, kept], rowvar=False)) * PER_YEAR
    return volatility_contributions(weights[kept], matrix).total
