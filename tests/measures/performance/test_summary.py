from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import MissingRate
from argosy.measures.performance.benchmark import levels_in
from argosy.measures.performance.returns import daily_returns
from argosy.measures.performance.summary import summarize
from argosy.record.market.benchmarks import Levels
from tests.measures.valuation.book import Book, day

FIRST = day("2024-01-01")


def test_a_summary_sets_the_benchmark_beside_each_period() -> None:
    series = daily_returns(np.arange(FIRST, FIRST + 4), [100, 110, 121, 121], [0, 0, 0, 0])
    benchmark = np.array([FIRST, FIRST + 2, FIRST + 3]), np.array([10.0, 10.5, 11.0])
    found = summarize("P", series, last=FIRST + 3, periods=["ITD", "MTD", "1Y"], benchmark=benchmark, notes=["said"])
    itd, mtd, year = found.periods
    assert itd.portfolio.number() == pytest.approx(0.21)
    assert itd.benchmark is not None
    assert itd.benchmark.number() == pytest.approx(0.10)
    assert itd.excess.number() == pytest.approx(0.11)
    assert not mtd.portfolio.defined
    assert "the benchmark begins on 2024-01-01" in (year.benchmark.reason if year.benchmark else "")
    assert found.comparison is not None
    assert len(found.table().notes) > 1
    assert found.drawdowns.worst[0] == 0.0


def test_a_benchmark_without_common_days_or_levels_is_said_and_not_invented() -> None:
    series = daily_returns([FIRST, FIRST + 1], [100, 110], [0, 0])
    other = np.array([FIRST + 100, FIRST + 101]), np.array([1.0, 2.0])
    found = summarize("P", series, last=FIRST + 1, periods=["ITD"], benchmark=other)
    assert found.comparison is None
    assert any("no two days in common" in note for note in found.notes)
    ended = np.array([FIRST - 3, FIRST]), np.array([1.0, 2.0])
    (itd,) = summarize("P", series, last=FIRST + 1, periods=["ITD"], benchmark=ended).periods
    assert itd.benchmark is not None
    assert "has no level after 2024-01-01" in itd.benchmark.reason


def test_a_history_without_any_return_says_so() -> None:
    found = summarize("P", daily_returns([FIRST], [0], [0]), last=FIRST, periods=["ITD"])
    assert found.periods[0].portfolio.reason == "no day has a return yet"


def test_levels_are_converted_at_the_rate_of_each_day_or_refused() -> None:
    book = Book()
    book.rate("EUR", "USD", FIRST, "1.25")
    book.rate("EUR", "USD", FIRST + 1, "1.00")
    levels = Levels("B", "USD", np.array([FIRST, FIRST + 1]), np.array([100.0, 100.0]))
    assert levels_in(book.market, levels, "EUR")[1].tolist() == [80.0, 100.0]
    assert levels_in(book.market, levels, "USD")[1].tolist() == [100.0, 100.0]
    early = Levels("B", "USD", np.array([FIRST - 1, FIRST]), np.array([100.0, 100.0]))
    with pytest.raises(MissingRate, match="benchmark B needs USD/EUR"):
        levels_in(book.market, early, "EUR")
