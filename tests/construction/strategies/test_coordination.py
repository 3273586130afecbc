"""Files of orders, fills and permissions; netting and sharing from them; look-through of sleeves."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import ArgosyError, ImportRefused, InsufficientPosition, InvalidInput, UndefinedMeasure
from argosy.base.errors import UnknownName as Unknown
from argosy.construction.strategies.coordination import (
    Coordinated,
    coordinate,
    excess_record,
    share_market_fills,
    watch,
)
from argosy.construction.strategies.order_file import (
    MarketFills,
    StrategyOrders,
    by_name,
    market_fills,
    permissions,
    strategy_orders,
    strategy_returns,
)
from argosy.kernels.text import TextColumn
from argosy.reporting.statements.together import fills_table, market_table, netted_table, savings_table


def cells(text: str) -> tuple[dict[str, TextColumn], np.ndarray]:
    rows = [line.split(",") for line in text.strip().splitlines()]
    columns = {name: TextColumn([row[at] for row in rows[1:]]) for at, name in enumerate(rows[0])}
    return columns, np.arange(2, len(rows) + 1)


def orders(text: str) -> StrategyOrders:
    columns, lines = cells("strategy,instrument,quantity,price\n" + text)
    return strategy_orders(columns, lines, source="orders.csv")


def fills(text: str, of: StrategyOrders) -> MarketFills:
    columns, lines = cells(text)
    return market_fills(columns, lines, source="fills.csv", orders=of)


def netted(text: str, **more: object) -> Coordinated:
    return coordinate(orders(text), cost_rate=0.001, **more)  # type: ignore[arg-type]


BOTH = "A,X,1000,50\nB,X,-600,50\nC,X,-100,50\nA,Y,10.5,20\nB,Y,-3,20\nA,X,0,50"


def test_orders_of_a_file_are_exact_at_one_scale() -> None:
    found = orders(BOTH)
    assert (found.strategies, found.instruments, found.scale) == (("A", "B", "C"), ("X", "Y"), 1)
    assert found.units.tolist() == [[10_000, 105], [-6_000, -30], [-1_000, 0]]
    assert found.quantity(105) == Decimal("10.5")
    assert orders("A,X,5,50\nA,X,-2,50").units.tolist() == [[3]]


def test_netting_says_what_it_saves() -> None:
    found = netted(BOTH)
    rows = {row["strategy"]: row for row in savings_table(found).rows()}
    # 700 of X cross at 50, 3 of Y at 20, each on two sides, at 10 bp.
    assert rows["together"]["saved"] == pytest.approx((1400 * 50 + 6 * 20) * 0.001)
    assert "no strategy pays more" in savings_table(found).notes[0]
    market = {row["instrument"]: row for row in market_table(found).rows()}
    assert (market["X"]["market_buys"], market["X"]["crossed"]) == (Decimal(300), Decimal(700))
    told = {(row["strategy"], row["instrument"]): row for row in netted_table(found).rows()}
    assert all(row["asked"] == row["crossed"] + row["to_market"] for row in told.values())  # type: ignore[operator]


def test_funds_do_not_cross_unless_the_pair_is_named() -> None:
    columns, lines = cells("strategy,instrument,quantity,price,kind\nA,X,100,10,registered fund\nB,X,-40,10,\n")
    funds = strategy_orders(columns, lines, source="o.csv")
    closed = coordinate(funds, cost_rate=0.001)
    assert closed.netted.crossed_total.tolist() == [0]
    assert closed.netted.restricted.tolist() == [40]
    assert market_table(closed).notes == ("A and B may not cross: 1940 Act rule 17a-7",)
    said, lines = cells("first,second,allowed,rule\nA,B,yes,board review of March\n")
    opened = coordinate(funds, cost_rate=0.001, permissions=permissions(said, lines, source="p.csv"))
    assert opened.netted.crossed_total.tolist() == [40]
    with pytest.raises(InvalidInput, match="no strategy is called 'Z'"):
        coordinate(funds, cost_rate=0.0, permissions=permissions(*cells("first,second,allowed\nA,Z,no"), source="p"))


def test_fills_go_to_those_who_sent_orders_each_side_for_itself() -> None:
    columns, lines = cells("strategy,instrument,quantity,price,kind\nA,X,100,10,erisa plan\nB,X,-40,10,\nC,X,50,10,\n")
    plan = coordinate(strategy_orders(columns, lines, source="o.csv"), cost_rate=0.0)
    assert plan.netted.external.ravel().tolist() == [100, 0, 10]  # B and C cross, the plan may not
    shared = share_market_fills(plan, fills("instrument,quantity,price\nX,22,10.1\nX,11,10.4", plan.orders))
    assert shared.filled.ravel().tolist() == [30, 0, 3]
    assert shared.buy_price.tolist() == pytest.approx([10.2])
    rows = fills_table(shared).rows()
    assert [row["open"] for row in rows] == [Decimal(70), Decimal(7)]
    none = fills_table(share_market_fills(plan, fills("instrument,quantity\nX,0", plan.orders))).rows()
    assert none[0]["price"] is None
    columns, lines = cells("strategy,instrument,quantity,price,kind\nA,X,100,10,erisa plan\nB,X,-40,10,\n")
    apart = coordinate(strategy_orders(columns, lines, source="o.csv"), cost_rate=0.0)
    both = share_market_fills(apart, fills("instrument,quantity\nX,60\nX,-40", apart.orders))
    assert both.filled.ravel().tolist() == [60, -40]
    with pytest.raises(InsufficientPosition, match="41 of X were sold and 40 were sent"):
        share_market_fills(apart, fills("instrument,quantity\nX,-41", apart.orders))


@given(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=8), st.floats(0.0, 1.0))
def test_shared_fills_sum_to_the_fill(asked: list[int], part: float) -> None:
    found = netted("\n".join(f"S{at},X,{units},7" for at, units in enumerate(asked)))
    total = int(found.netted.external_net[0])
    filled = int(total * part)
    shared = share_market_fills(found, fills(f"instrument,quantity\nX,{filled}", found.orders))
    assert int(shared.filled.sum()) == filled
    assert (np.abs(shared.filled) <= np.abs(shared.sent)).all()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A,X,ten,50", "'ten' is not a number"),
        ("A,X,1,0", "is not a price above zero"),
        ("A,X,1,50\nB,X,1,51", "another price of X than 50"),
        ("A,X,nan,50", "'nan' is not a number"),
        (",X,1,50", "names nothing"),
        ("A,,1,50", "names nothing"),
        ("\n".join("A,X,?,50" for _ in range(7)), "and 2 more"),
    ],
)
def test_orders_that_cannot_be_read_are_named_by_line(text: str, said: str) -> None:
    with pytest.raises(ImportRefused, match=said.replace("?", r"\?")):
        orders(text)


def test_other_bad_orders() -> None:
    columns, lines = cells(
        "strategy,instrument,quantity,price,kind\nA,X,1,5,hedge fund\nB,X,1,5,sleeve\nB,Y,1,5,account"
    )
    with pytest.raises(ImportRefused) as refused:
        strategy_orders(columns, lines, source="o.csv")
    assert "'hedge fund' is not a kind" in str(refused.value)
    assert "another kind of B than sleeve" in str(refused.value)
    with pytest.raises(InvalidInput, match="19 decimals"):
        orders("A,X,0.0000000000000000001,5")
    with pytest.raises(InvalidInput, match="too large"):
        orders("A,X,9000000000000000000,5")
    with pytest.raises(InvalidInput, match="no rows"):
        strategy_orders({name: TextColumn([]) for name in ("strategy", "instrument", "quantity", "price")},
                        np.zeros(0, np.int64), source="o.csv")  # fmt: skip
    with pytest.raises(Unknown, match="column 'price'"):
        strategy_orders(*cells("strategy,instrument,quantity\nA,X,1"), source="o.csv")


def test_bad_fills_permissions_and_returns() -> None:
    plan = orders("A,X,10,5")
    for text, said in (("Z,1", "was not ordered"), ("X,0.5", "finer than any order"), ("X,?", "is not a number")):
        with pytest.raises(ImportRefused, match=said):
            fills("instrument,quantity\n" + text, plan)
    with pytest.raises(ImportRefused, match="neither yes nor no"):
        permissions(*cells("first,second,allowed\nA,B,maybe"), source="p.csv")
    with pytest.raises(InvalidInput, match="no strategy beside"):
        strategy_returns(*cells("date\n2024-01-31"), source="r.csv")
    for text, said in (("31.1.2024,0.1", "is not a date"), ("2024-01-31,", "is not a return"),
                       ("2024-01-31,-1.5", "is not a return"),
                       ("2024-01-31,0\n2024-01-31,0", "in two rows")):  # fmt: skip
        with pytest.raises(ImportRefused, match=said):
            strategy_returns(*cells("date,A\n" + text), source="r.csv")
    panel = strategy_returns(*cells("date,A\n2024-02-29,0.02\n2024-01-31,0.01"), source="r.csv")
    assert panel.values.ravel().tolist() == [0.01, 0.02]


def test_numbers_by_strategy() -> None:
    assert by_name({}, ["A", "B"], field="budget") is None
    found = by_name({"B": 0.3}, ["A", "B"], field="capacity", missing=1.0)
    assert found is not None
    assert found.tolist() == [1.0, 0.3]
    with pytest.raises(InvalidInput, match="A has no budget"):
        by_name({"B": 0.3}, ["A", "B"], field="budget")
    with pytest.raises(Unknown, match="strategy 'C'"):
        by_name({"C": 0.3}, ["A", "B"], field="budget")


def test_a_watch_is_against_the_benchmark() -> None:
    days, own, theirs = np.arange(24), np.full(24, 0.01), np.full(24, 0.03)
    more = {"periods_per_year": 12.0, "expected": 0.02, "tracking_error": 0.04, "together": 1}
    lost = watch("S", days, own, theirs, false_alarm_years=10.0, **more)  # type: ignore[arg-type]
    assert lost.active.tolist() == pytest.approx([-0.02] * 24)
    assert lost.alarm.first is not None
    assert watch("S", days, own, None, false_alarm_years=10.0, **more).alarm.first is None  # type: ignore[arg-type]
    for years in (0.0, float("nan"), float("inf")):
        with pytest.raises(ArgosyError, match="false_alarm_years"):
            watch("S", days, own, None, false_alarm_years=years, **more)  # type: ignore[arg-type]
    with pytest.raises(UndefinedMeasure, match="no record"):
        excess_record(np.array([0.01]), risk_free=0.0, periods_per_year=12.0)
