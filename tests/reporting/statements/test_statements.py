"""Statements: the ledger's own numbers with names, unit costs as quoted, totals only where they mean something."""

from __future__ import annotations

from decimal import Decimal

import pytest

from argosy.base.dates import parse_date
from argosy.base.money import currency_code
from argosy.record.facts import Fact, FactKind
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.fold import fold
from argosy.record.ledger.order import effective
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.activity import (
    income_by_year_table,
    income_table,
    reliefs_table,
    transactions_table,
)
from argosy.reporting.statements.holdings import cash_table, holdings_table, lots_table, pending_table, positions_table
from argosy.reporting.statements.registry import history_table, portfolio_table

USD, GBP, JPY = (currency_code(code) for code in ("USD", "GBP", "JPY"))


def instrument(code: str, currency: str, factor: list[int], scale: int = 0) -> dict[str, object]:
    return {"code": code, "name": f"{code} name", "type": "equity", "currency": currency, "quantity_scale": scale,
            "quote_unit": "", "factor": factor, "identifiers": {}, "attributes": {}}  # fmt: skip


FACTS = [
    Fact(1, 1, FactKind.PORTFOLIO, 1, 0, {"code": "P", "name": "Portfolio", "base_currency": "USD"}),
    Fact(2, 1, FactKind.ACCOUNT, 1, 0, {"code": "MAIN", "name": "Main", "portfolio": 1}),
    Fact(3, 1, FactKind.PORTFOLIO, 2, 0, {"code": "Q", "name": "Other", "base_currency": "USD"}),
    Fact(4, 1, FactKind.ACCOUNT, 2, 0, {"code": "MAIN", "name": "Main", "portfolio": 2}),
    Fact(5, 1, FactKind.INSTRUMENT, 1, 0, instrument("DOLLARS", "USD", [1, 0])),
    Fact(6, 1, FactKind.INSTRUMENT, 2, 0, instrument("PENCE", "GBP", [1, -2])),
    Fact(7, 1, FactKind.INSTRUMENT, 3, 0, instrument("YEN", "JPY", [1, 0], 2)),
]
REFERENCE = Reference.from_facts(FACTS)


def day(text: str) -> int:
    return parse_date(text)


def event(seq: int, kind: Kind, date: str, currency: int, net: int, **rest: object) -> dict[str, object]:
    return {"seq": seq, "batch": 7, "kind": kind, "trade_date": day(date), "settle_date": day(date), "portfolio": 1,
            "account": 1, "currency": currency, "net": net, "line": seq, **rest}  # fmt: skip


EVENTS = EventColumns.from_rows([
    event(10, Kind.DEPOSIT, "2021-01-04", USD, 1_000_000_0000, payload={"ref": "D-1"}),
    event(11, Kind.BUY, "2021-01-05", USD, -1000_0000, instrument=1, quantity=30, price=333333, price_exp=-4),
    event(12, Kind.BUY, "2021-02-05", GBP, -260_0000, instrument=2, quantity=100, price=260, price_exp=0),
    event(13, Kind.BUY, "2021-02-06", JPY, -1000_00, instrument=3, quantity=250),
    event(14, Kind.DIVIDEND, "2021-06-30", USD, 8500, instrument=1, tax=1500),
    event(15, Kind.SELL, "2022-01-05", USD, 500_0000, instrument=1, quantity=-10,
          settle_date=day("2022-01-07")),
    event(16, Kind.DIVIDEND, "2022-06-30", USD, 17000, instrument=1, tax=3000),
    event(17, Kind.INTEREST, "2022-06-30", GBP, 5_0000),
    event(18, Kind.DEPOSIT, "2022-06-30", USD, 1, portfolio=2, account=2),
])  # fmt: skip
STATE = fold(EVENTS, quantity_unit={1: 1, 2: 1, 3: 100}, as_of=day("2022-12-31"))


def test_positions_have_the_cost_of_a_unit_as_it_is_quoted() -> None:
    rows = {row["instrument"]: row for row in positions_table(STATE.positions, REFERENCE).rows()}
    assert rows["DOLLARS"]["quantity"] == 20
    assert rows["DOLLARS"]["cost"] == Decimal("666.6667")
    assert rows["DOLLARS"]["unit_cost"] == Decimal("33.3333")
    assert rows["PENCE"]["unit_cost"] == Decimal("260.0000")  # pence, as the exchange quotes it
    assert rows["YEN"]["quantity"] == Decimal("2.50")
    assert rows["YEN"]["unit_cost"] == Decimal("400.0000")
    assert rows["YEN"]["account"] == "MAIN"


def test_a_filter_keeps_to_its_portfolios() -> None:
    assert len(positions_table(STATE.positions, REFERENCE, portfolios=[2])) == 0
    assert list(cash_table(STATE.cash, REFERENCE, portfolios=[2])["portfolio"]) == ["Q"]
    assert [row["instrument"] for row in lots_table(STATE.lots, REFERENCE, instruments=[2])] == ["PENCE"]
    assert len(holdings_table(STATE.holdings, REFERENCE)) == 3


def test_cash_and_what_is_on_its_way() -> None:
    before = fold(EVENTS, quantity_unit={1: 1, 2: 1, 3: 100}, as_of=day("2022-01-06"))
    cash = {(row["portfolio"], row["currency"]): row for row in cash_table(before.cash, REFERENCE)}
    assert cash["P", "USD"]["pending"] == Decimal(500)
    assert cash["P", "USD"]["traded"] == cash["P", "USD"]["settled"] + cash["P", "USD"]["pending"]  # type: ignore[operator]
    waiting = pending_table(before.pending, REFERENCE).rows()
    assert [(row["type"], row["amount"], str(row["settles"])) for row in waiting] == [
        ("sell", Decimal(500), "2022-01-07")
    ]


def test_transactions_are_in_order_and_leave_out_what_is_empty() -> None:
    order = effective(EVENTS, as_of=day("2022-12-31"))
    table = transactions_table(EVENTS, order, REFERENCE)
    assert [row["event"] for row in table] == list(range(10, 19))
    assert "counter" not in table
    assert "accrued" not in table
    assert "fee" not in table
    first = table.rows()[0]
    assert first["reference"] == "D-1"
    assert first["quantity"] is None
    assert first["type"] == "deposit"
    assert table.rows()[1]["price"] == Decimal("33.3333")
    span = transactions_table(
        EVENTS, order, REFERENCE, first=day("2021-02-05"), last=day("2021-06-30"), instruments=[1]
    )
    assert [row["event"] for row in span] == [14]


def test_income_is_added_only_within_a_currency() -> None:
    assert income_table(STATE.income, REFERENCE).totals is None
    dollars = income_table(STATE.income, REFERENCE, last=day("2021-12-31"))
    assert dollars.totals == {"date": "total", "gross": 10000, "tax": 1500, "fee": 0, "net": 8500}
    assert "total" in str(dollars)


def test_income_by_year_adds_up_to_income() -> None:
    table = income_by_year_table(STATE.income, REFERENCE)
    assert list(table["year"]) == ["2022", "2021"]
    assert list(table["dividend_USD"]) == [Decimal("1.7000"), Decimal("0.8500")]
    assert list(table["interest_GBP"]) == [Decimal("5.0000"), None]
    total = sum(row["net"] for row in income_table(STATE.income, REFERENCE) if row["currency"] == "USD")  # type: ignore[misc]
    assert sum(table["dividend_USD"]) == total  # type: ignore[arg-type]


def test_gains_are_proceeds_less_cost_with_the_days_between() -> None:
    table = reliefs_table(STATE.reliefs, REFERENCE)
    (row,) = table.rows()
    assert row["gain"] == row["proceeds"] - row["cost"] == Decimal(500) - Decimal("333.3333")  # type: ignore[operator]
    assert row["days"] == 365
    assert (row["lot"], row["event"]) == (11, 15)
    assert table.totals is not None
    assert len(reliefs_table(STATE.reliefs, REFERENCE, first=day("2022-02-01"))) == 0


def test_a_history_shows_only_what_changed() -> None:
    facts = [FACTS[0], Fact(9, 3, FactKind.PORTFOLIO, 1, day("2022-01-01"), {**FACTS[0].payload, "name": "New name"})]
    rows = history_table(facts, {1: 5, 3: 6}, name="h").rows()
    assert [(row["batch"], row["field"]) for row in rows] == [
        (1, "code"),
        (1, "name"),
        (1, "base_currency"),
        (3, "name"),
    ]
    assert str(rows[-1]["effective"]) == "2022-01-01"
    assert rows[0]["effective"] is None


def test_a_portfolio_in_words() -> None:
    fields = dict(zip(*(list(portfolio_table(REFERENCE, 1)[name]) for name in ("field", "value")), strict=True))
    assert fields["base currency"] == "USD"
    assert fields["lots"] == "FIFO per account, fees in cost"
    assert "closed" not in fields


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_word(kind: Kind) -> None:
    from argosy.reporting.statements.kinds import WORDS

    assert WORDS[kind.value].islower()
    assert "_" not in WORDS[kind.value]
