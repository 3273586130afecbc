"""Rolling measures, intervals and measures beside a benchmark of a book, held against the pure functions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import argosy
from argosy.base.errors import InvalidInput, UnknownName
from argosy.measures.performance.catalogue import measure_all
from argosy.measures.performance.confidence import sharpe_interval
from argosy.workflows.measured import Asked, measured

DAY = "2024-03-29"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    days = np.arange(np.datetime64("2023-12-29"), np.datetime64("2024-03-30"))
    days = days[np.is_busday(days)]
    draw = np.random.default_rng(2)
    price, level = (100 * np.cumprod(1 + draw.normal(0.001, 0.01, len(days))) for _ in range(2))
    with argosy.create(str(tmp_path_factory.mktemp("rated") / "book.db")) as book:
        book.create_portfolio("P", currency="EUR")
        book.import_instruments(b"code,name,type,currency\nACME,Acme,equity,EUR\n", name="i.csv")
        rows = [f"{day},ACME,{value:.4f}" for day, value in zip(days, price, strict=True)]
        book.import_prices("\n".join(["date,instrument,price", *rows]).encode(), name="p.csv")
        rows = [f"{day},INDEX,{value:.4f}" for day, value in zip(days, level, strict=True) if day != days[20]]
        book.import_benchmark(
            "\n".join(["date,benchmark,level", *rows]).encode(), code="INDEX", currency="EUR", name="b.csv"
        )
        book.import_transactions(
            b"date,type,portfolio,instrument,quantity,price,net,currency\n2023-12-29,deposit,P,,,,5000,EUR\n"
            b"2023-12-29,buy,P,ACME,40,100,,\n2024-02-15,deposit,P,,,,500,EUR\n", name="t.csv",
        )  # fmt: skip
        yield book


def _returns(book: argosy.Book) -> np.ndarray:
    (one,) = measured(book.look(as_of=DAY), Asked())
    return one.series.existing().values


def test_rolling_windows(book: argosy.Book) -> None:
    found = book.performance(as_of=DAY, measures="volatility", window=20, periods="ITD")
    series = _returns(book)
    rows = found.table().rows()
    assert len(rows) == len(series) - 19
    by_hand = [float(np.std(series[at : at + 20], ddof=1)) * 252**0.5 for at in range(len(rows))]
    assert [row["volatility"] for row in rows] == pytest.approx(by_hand, rel=1e-12)
    rolling = found.measures[0].rolling
    assert rolling is not None
    assert rolling.of("volatility").values == pytest.approx(by_hand, rel=1e-12)
    assert len(book.performance(as_of=DAY, window=20).table().columns) == 6  # the date and the usual five


def test_intervals(book: argosy.Book) -> None:
    found = book.performance(as_of=DAY, intervals="lo")
    assert found.measures[0].intervals is not None
    assert found.measures[0].intervals.found["sharpe_ratio"] == sharpe_interval(_returns(book), periods_per_year=252.0)
    drawn = book.performance(as_of=DAY, measures=["volatility"], intervals="bootstrap", seed=4, draws=100)
    row = drawn.table().rows()[0]
    assert row["low"] < row["estimate"] < row["high"]
    with pytest.raises(InvalidInput, match="seed"):
        book.performance(as_of=DAY, intervals="bootstrap")
    with pytest.raises(UnknownName, match="interval"):
        book.performance(as_of=DAY, intervals="normal")
    with pytest.raises(InvalidInput, match="windows have no intervals"):
        book.performance(as_of=DAY, intervals="lo", window=5)


def test_a_day_the_benchmark_lacks_is_linked_over(book: argosy.Book) -> None:
    found = book.performance(as_of=DAY, measures=["beta", "tracking_error"], benchmark="INDEX")
    one = found.assessments[0]
    assert one.benchmark is not None
    assert len(one.returns) == len(_returns(book)) - 1
    expected = measure_all(one.returns, periods_per_year=252, names=["beta"], benchmark=one.benchmark)
    assert one.measures.value("beta") == expected.value("beta")
    assert float(np.prod(1 + one.returns)) == pytest.approx(float(np.prod(1 + _returns(book))), rel=1e-13)
    assert any("linked over" in note for note in found.table().notes)


def test_lines_of_a_window_explain_everything(book: argosy.Book) -> None:
    found = book.performance(as_of=DAY, periods="MTD")
    assert found.periods[0].start > 5000
    assert not any("not explained" in note for note in found.table().notes)
