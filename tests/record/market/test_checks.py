from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from argosy.base.dates import parse_date
from argosy.record.market.checks import CheckPolicy, PriceWarning, check_prices, check_rows
from argosy.record.market.ingest import ValueRows


def look(folder: Path, name: str, *, splits: bool = False) -> tuple[list[str], list[PriceWarning]]:
    with gzip.open(folder / "bad_data" / f"{name}.csv.gz", "rt") as file:
        rows = sorted((row for row in csv.DictReader(file) if row["close"]), key=lambda row: row["date"])
    given = {parse_date(r["date"]): float(r["stock_splits"]) for r in rows if float(r.get("stock_splits") or 0)}
    days = np.array([parse_date(row["date"]) for row in rows])
    found = check_prices(days, [float(row["close"]) for row in rows], splits=given if splits else None)
    return [row["date"] for row in rows], [each for each in found if each.kind != "stale"]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aet_l_1d_100x_error", [("unit", "2022-05-09"), ("unit", "2022-05-20")]),
        ("ssw_jo_1d_100x_error", [("unit", "2023-06-01")]),
        ("mob_st_1d_bad_stock_split", [("jump", "2023-05-22"), ("jump", "2023-05-23")]),
    ],
)
def test_known_errors_are_seen_and_their_repairs_are_clean(
    shared_data: Path, name: str, expected: list[tuple[str, str]]
) -> None:
    dates, found = look(shared_data, name)
    assert [(each.kind, dates[each.row]) for each in found] == expected
    assert look(shared_data, f"{name}_fixed")[1] == []


@pytest.mark.shared_data
def test_a_split_that_prices_do_not_show_is_seen(shared_data: Path) -> None:
    """The vendor says 1:10 on 2023-05-24, the prices are adjusted already: one of the two is wrong."""
    dates, found = look(shared_data, "mob_st_1d_bad_stock_split", splits=True)
    assert ("jump", "2023-05-24") in [(each.kind, dates[each.row]) for each in found]


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["ewg_1d_no_bad_divs", "ibe_mc_1d_no_bad_divs", "dodfx_1d_cg_double_count"])
def test_clean_histories_give_no_warning(shared_data: Path, name: str) -> None:
    assert look(shared_data, name)[1] == []


@pytest.mark.shared_data
def test_every_bad_file_can_be_looked_at(shared_data: Path) -> None:
    names = [path.name.removesuffix(".csv.gz") for path in (shared_data / "bad_data").glob("*.csv.gz")]
    assert len(names) == 20
    for name in names:
        look(shared_data, name)


def test_stale_runs_and_values_that_are_no_prices() -> None:
    days = np.arange(30)
    found = check_prices(days, [5.0] * 12 + [6.0] * 10 + [0.0, -1.0] + [7.0] * 6)
    assert [(each.kind, each.row, each.last) for each in found] == [
        ("stale", 0, 11), ("nonpositive", 22, 22), ("nonpositive", 23, 23),
    ]  # fmt: skip
    assert "5 stands unchanged on 12 dates from 1970-01-01 to 1970-01-12" in found[0].message
    assert check_prices(days, [5.0] * 30, policy=CheckPolicy(stale_run=30)) == []
    assert check_prices(days[:0], []) == []


def test_rows_of_a_file_are_named_by_line() -> None:
    rows = ValueRows(
        np.array([1, 1, 2, 1]), np.array([3, 1, 1, 2]), np.array([1000, 10, 7, 10]), np.zeros(4, np.int64),
        np.array([2, 3, 4, 5]),
    )  # fmt: skip
    (found,) = check_rows(rows, name="p.csv", names={1: "AAPL", 2: "X"})
    assert found.line == 2
    assert found.message == (
        "AAPL: 1000 on 1970-01-04 after 10 on 1970-01-03 looks like another unit (a factor of 100)"
    )
    many = ValueRows(
        np.arange(50), np.zeros(50, np.int64), np.zeros(50, np.int64), np.zeros(50, np.int64), np.arange(50)
    )
    cut = check_rows(many, name="p.csv", names=dict.fromkeys(range(50), "X"), most=10)
    assert len(cut) == 11
    assert cut[-1].message == "40 further warnings are not listed"
    assert check_rows(many.take(np.zeros(50, np.bool_)), name="p", names={}) == ()
