from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from argosy.base.dates import format_date, parse_date
from argosy.base.errors import InvalidInput, MissingData, MissingPrice, MissingRate, UnknownName
from argosy.record.market.benchmarks import benchmark_levels
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_terms import BenchmarkTerms
from tests.record.market.market_rows import market, prices, rates, values

START = parse_date("2024-01-01")


def terms(
    kind: str,
    instruments: tuple[int, ...] = (),
    weights: tuple[tuple[int, int], ...] = (),
    rebalance: str = "never",
) -> dict[str, BenchmarkTerms]:
    return {"B": BenchmarkTerms(1, "B", "B", kind, "USD", instruments, weights, rebalance, 1)}


def random_prices(seed: int, days: int, instruments: int) -> pd.DataFrame:
    steps = np.random.default_rng(seed).normal(0, 0.02, (days, instruments))
    index = pd.bdate_range("2024-01-01", periods=days)
    return pd.DataFrame(np.round(100 * np.exp(steps.cumsum(0)), 4), index, range(1, instruments + 1))


def snapshot(frame: pd.DataFrame, **more: object) -> MarketSnapshot:
    rows = [(int(i), parse_date(str(day.date())), f"{frame.at[day, i]:.4f}") for i in frame for day in frame.index]
    return market(prices(1, rows), **more)


def test_levels_as_published() -> None:
    found = benchmark_levels(market(values(1, 1, [(10, "100"), (12, "101.5")]), benchmark_terms=terms("levels")), "B")
    assert (found.days.tolist(), found.levels.tolist()) == ([10, 12], [100.0, 101.5])
    assert found.at(np.array([11, 12, 99])).tolist() == [100.0, 101.5, 101.5]
    with pytest.raises(MissingData, match="benchmark B begins on 1970-01-11"):
        found.at(np.array([9]))


def test_returns_are_chained_from_the_day_before() -> None:
    monthly = [(parse_date("2024-01-31"), "0.10"), (parse_date("2024-02-29"), "-0.05")]
    found = benchmark_levels(market(values(1, 1, monthly), benchmark_terms=terms("returns")), "B")
    assert [format_date(int(day)) for day in found.days] == ["2023-12-31", "2024-01-31", "2024-02-29"]
    assert found.levels == pytest.approx([100, 110, 104.5])
    daily = benchmark_levels(
        market(values(1, 1, [(START, "0.01"), (START + 1, "0.01")]), benchmark_terms=terms("returns")), "B"
    )
    assert format_date(int(daily.days[0])) == "2023-12-29"  # 1 January 2024 is a Monday
    cut = benchmark_levels(
        market(values(1, 1, monthly), benchmark_terms=terms("returns")), "B", days=np.array([monthly[0][0], 99_999])
    )
    assert len(cut.levels) == 2


def test_daily_equal_weight_is_the_mean_return() -> None:
    frame = random_prices(1, 60, 5)
    found = benchmark_levels(
        snapshot(frame, benchmark_terms=terms("equal_weight", (1, 2, 3, 4, 5), rebalance="daily")), "B"
    )
    expected = 100 * (1 + frame.pct_change().mean(axis=1).fillna(0)).cumprod()
    assert found.levels == pytest.approx(expected.to_numpy(), rel=1e-12)


@pytest.mark.parametrize(("rebalance", "rule"), [("monthly", "M"), ("quarterly", "Q"), ("yearly", "Y")])
def test_fixed_weights_drift_between_rebalancings(rebalance: str, rule: str) -> None:
    frame = random_prices(2, 400, 3)
    weights = np.array([0.5, 0.3, 0.2])
    given = terms("weights", (1, 2, 3), ((5, -1), (3, -1), (2, -1)), rebalance)
    found = benchmark_levels(snapshot(frame, benchmark_terms=given), "B")
    units, level, expected = None, 100.0, []
    periods = frame.index.to_period(rule)
    for place, (_, row) in enumerate(frame.iterrows()):
        level = level if units is None else float(units @ row.to_numpy())
        expected.append(level)
        if units is None or (place + 1 < len(frame) and periods[place + 1] != periods[place]):
            units = level * weights / row.to_numpy()
    assert found.levels == pytest.approx(expected, rel=1e-12)


def test_never_rebalanced_is_bought_and_held() -> None:
    frame = random_prices(3, 30, 2)
    found = benchmark_levels(snapshot(frame, benchmark_terms=terms("equal_weight", (1, 2))), "B")
    assert found.levels == pytest.approx((100 * frame / frame.iloc[0]).mean(axis=1).to_numpy(), rel=1e-12)


def test_currencies_splits_and_basis() -> None:
    rows = [(1, 10, "100"), (1, 11, "110"), (2, 10, "70"), (2, 11, "10")]
    book = market(
        prices(1, rows), rates(2, [("EUR", "USD", 10, "1.0"), ("EUR", "USD", 11, "1.2")]),
        benchmark_terms=terms("equal_weight", (1, 2)), currencies={1: "EUR", 2: "USD"},
    )  # fmt: skip
    found = benchmark_levels(book, "B", splits={2: [(11, 7, 1)]})
    assert found.levels == pytest.approx([100, 100 * (1.1 * 1.2 + 1) / 2])
    assert found.basis == "traded"
    both = market(
        prices(1, rows), prices(3, [(i, d, "50") for i, d, _ in rows], basis="total_return"),
        benchmark_terms=terms("equal_weight", (1, 2)),
    )  # fmt: skip
    assert benchmark_levels(both, "B").levels.tolist() == [100.0, 100.0]
    assert benchmark_levels(both, "B").basis == "total_return"


def test_a_benchmark_begins_when_all_have_a_price() -> None:
    book = market(
        prices(1, [(1, 10, "1"), (1, 11, "2"), (2, 11, "5"), (2, 13, "5")]),
        benchmark_terms=terms("equal_weight", (1, 2)),
    )
    assert benchmark_levels(book, "B").days.tolist() == [11, 13]
    with pytest.raises(MissingPrice, match="instrument 2"):
        benchmark_levels(book, "B", days=np.array([10, 11]))
    one = benchmark_levels(book, "B", days=np.array([12]))
    assert one.levels.tolist() == [100.0]


def test_what_a_benchmark_lacks_is_named() -> None:
    book = market(prices(1, [(1, 10, "1")]), benchmark_terms=terms("equal_weight", (1, 2)))
    with pytest.raises(MissingPrice, match=r"instrument 2 .* import its prices"):
        benchmark_levels(book, "B")
    with pytest.raises(UnknownName, match="unknown benchmark 'C'"):
        benchmark_levels(book, "C")
    with pytest.raises(MissingData, match="has no levels yet"):
        benchmark_levels(market(benchmark_terms=terms("levels")), "B")
    with pytest.raises(UnknownName, match="kind of benchmark"):
        benchmark_levels(market(benchmark_terms=terms("magic")), "B")
    with pytest.raises(InvalidInput, match="no instruments"):
        benchmark_levels(market(benchmark_terms=terms("equal_weight")), "B")
    with pytest.raises(InvalidInput, match="weights that sum to"):
        benchmark_levels(market(prices(1, [(1, 10, "1")]), benchmark_terms=terms("weights", (1,), ((9, -1),))), "B")
    with pytest.raises(UnknownName, match="rebalancing"):
        benchmark_levels(
            market(prices(1, [(1, 10, "1")]), benchmark_terms=terms("equal_weight", (1,), (), "weekly")), "B"
        )
    foreign = market(prices(1, [(1, 10, "1")]), rates(2, [("EUR", "USD", 12, "1")]),
                     benchmark_terms=terms("equal_weight", (1,)), currencies={1: "EUR"})  # fmt: skip
    with pytest.raises(MissingRate, match="benchmark B needs EUR in USD from 1970-01-11"):
        benchmark_levels(foreign, "B")
