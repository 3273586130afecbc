"""The foreign book of three portfolios against its monthly segments: everything reconciles or says why."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import argosy
from argosy.measures.attribution.book_answer import BookAttribution
from tests.flows.books import PROFILES, shared_book

PORTFOLIOS = {"US_BALANCED_6040": "2018-06-29", "GLOBAL_EQUITY_EUR": "2024-05-03", "ENDOWMENT_USD": "2013-09-30"}

pytestmark = [pytest.mark.shared_data, pytest.mark.xdist_group("shared_book")]


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "demo_book"


@pytest.fixture(scope="module")
def book(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    home = tmp_path_factory.mktemp("shared_segments")
    with shared_book(f"sqlite:///{home / 'book.db'}", home, folder) as opened:
        report = opened.import_segments(
            folder / "benchmark_segments_monthly.csv.gz", profile=str(PROFILES / "book-segments.toml")
        )
        assert (report.written, report.inserted) == (True, 2262)
        report = opened.import_classification(
            folder / "segment_map.csv", profile=str(PROFILES / "book-classification.toml")
        )
        assert (report.written, report.inserted) == (True, 44)
        yield opened


@pytest.mark.parametrize("portfolio", PORTFOLIOS)
@pytest.mark.parametrize("linking", ["carino", "menchero", "grap"])
def test_effects_reconcile_over_the_whole_history(book: argosy.Book, portfolio: str, linking: str) -> None:
    found = book.attribution(
        portfolio=portfolio, as_of=PORTFOLIOS[portfolio], benchmark=portfolio, linking=linking
    ).results[0]
    assert isinstance(found, BookAttribution)
    assert float(np.abs(found.effects.total - found.effects.active).max()) < 1e-12
    assert abs(found.residual) < 1e-10
    assert found.segments.names  # by the imported classification, without being asked


def benchmark_by_hand(folder: Path, portfolio: str, first: str, last: str) -> float:
    """Compounded monthly returns of the benchmark, from the file alone."""
    months: dict[str, float] = {}
    with gzip.open(folder / "benchmark_segments_monthly.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if row["portfolio_id"] == portfolio and first <= row["month"] <= last:
                earned = float(row["weight_start"]) * float(row["return"])
                months[row["month"]] = months.get(row["month"], 0.0) + earned
    return float(np.prod([1.0 + one for one in months.values()])) - 1.0


def portfolio_by_hand(folder: Path, portfolio: str, first: str, last: str) -> float:
    """Compounded daily returns from the builder's own values and flows."""
    wealth, before = 1.0, 0.0
    with gzip.open(folder / "expected_nav_daily.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if row["portfolio_id"] == portfolio:
                nav, flow = float(row["nav"]), float(row["external_flow"])
                if first < row["date"] <= last:
                    wealth *= (nav - flow) / before
                before = nav
    return wealth - 1.0


@pytest.mark.parametrize(("portfolio", "first", "last"), [
    ("US_BALANCED_6040", "2007-01-31", "2018-06-30"), ("GLOBAL_EQUITY_EUR", "2017-01-31", "2024-04-30"),
    ("ENDOWMENT_USD", "2007-12-31", "2013-09-30"),
])  # fmt: skip
def test_both_sides_are_what_the_files_say(
    book: argosy.Book, folder: Path, portfolio: str, first: str, last: str
) -> None:
    found = book.attribution(portfolio=portfolio, as_of=PORTFOLIOS[portfolio], benchmark=portfolio).results[0]
    assert isinstance(found, BookAttribution)
    after = "2007-02-01" if portfolio.startswith("US") else "2017-02-01" if portfolio.startswith("GL") else first
    assert found.linked.benchmark == pytest.approx(benchmark_by_hand(folder, portfolio, after, last), abs=2e-5)
    assert found.linked.portfolio == pytest.approx(portfolio_by_hand(folder, portfolio, first, last), abs=1e-7)


def test_private_equity_is_a_bet_outside_the_benchmark(book: argosy.Book) -> None:
    asked = {"portfolio": "ENDOWMENT_USD", "as_of": PORTFOLIOS["ENDOWMENT_USD"], "benchmark": "ENDOWMENT_USD"}
    rows = {row["segment"]: row for row in book.attribution(**asked).table().rows()}  # type: ignore[arg-type]
    assert rows["private_equity"]["benchmark_weight"] == 0
    assert rows["private_equity"]["allocation"] == 0
    assert rows["private_equity"]["selection"] != 0
    moved = {row["segment"]: row for row in book.attribution(**asked, off_benchmark="allocation").table().rows()}  # type: ignore[arg-type]
    assert abs(float(str(moved["private_equity"]["selection"]))) < 1e-15
    assert float(str(moved["private_equity"]["allocation"])) == pytest.approx(
        float(str(rows["private_equity"]["selection"])), abs=1e-12
    )


def test_hedges_and_cash_are_lines_of_their_own(book: argosy.Book) -> None:
    found = book.contribution(portfolio="GLOBAL_EQUITY_EUR", as_of="2024-05-03").contributions[0]
    assert {"currency forwards", "fees", "cash EUR", "cash USD", "rounding"} <= set(found.labels)
    assert float(found.contribution.sum()) == pytest.approx(found.total, abs=1e-12)


def test_measures_at_the_frequency_of_the_benchmark(book: argosy.Book) -> None:
    found = book.performance(
        portfolio="ENDOWMENT_USD", as_of="2013-09-30", benchmark="ENDOWMENT_USD", measures=["tracking_error", "beta"],
        periods="ITD",
    )  # fmt: skip
    assert found.assessments[0].periods_per_year == 12.0
    assert 0.3 < found.assessments[0].measures.value("beta") < 1.5
    table = book.performance(portfolio="ENDOWMENT_USD", as_of="2013-09-30", benchmark="ENDOWMENT_USD")
    rows = {row["period"]: row for row in table.table().rows()}
    assert rows["1Y"]["benchmark"] is not None
