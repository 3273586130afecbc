"""Files of prices: wide and long say the same; everything wrong is named with its line."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.adapters.files.tabular import read_rows
from argosy.base.dates import parse_date
from argosy.base.errors import ImportRefused, InvalidInput, MissingData
from argosy.base.panel import Panel
from argosy.record.market.price_file import price_panel


def read(text: str) -> Panel:
    raw = read_rows(text.encode(), "p.csv")
    assert not raw.problems
    return price_panel(raw.columns, raw.lines, source="p.csv")


def test_wide_and_long_files_say_the_same() -> None:
    wide = read("date,B,A\n2024-01-03,4,3\n2024-01-02,2,1\n")
    long = read("day,ticker,close\n2024-01-03,A,3\n2024-01-03,B,4\n2024-01-02,B,2\n2024-01-02,A,1\n")
    assert wide.names == ("B", "A")
    assert long.names == ("A", "B")
    assert wide.days.tolist() == long.days.tolist() == [parse_date("2024-01-02"), parse_date("2024-01-03")]
    assert wide.take(("A", "B")).values.tolist() == long.values.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_missing_prices_stay_missing_and_empty_columns_are_left_out() -> None:
    panel = read("when,A,B,column 4\n2024-01-02,1,,\n2024-01-03,N/A,2,\n")
    assert panel.names == ("A", "B")
    assert np.isnan(panel.values).tolist() == [[False, True], [True, False]]
    long = read("date,asset,price\n2024-01-02,A,1\n2024-01-03,B,2\n")
    assert np.isnan(long.values).tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date,A\n2024-01-02,1\n2024-01-03,x\n", "p.csv line 3: A: 'x' is not a positive price"),
        ("date,A\n2024-01-02,1\n2024-01-03,0\n", "p.csv line 3: A: '0' is not a positive price"),
        ("date,A\n2024-01-02,1\n2024-01-03,inf\n", "line 3: A: 'inf' is not a positive price"),
        ("date,A\n02.01.2024,1\n2024-01-03,2\n", "line 2: date: '02.01.2024' is not a date"),
        ("date,A\n2024-01-02,1\n2024-01-02,2\n", "line 3: date: the date stands in two rows"),
        ("date,asset,price\n2024-01-02,A,1\n2024-01-02,A,2\n", "line 3: price: a second price of A on one day"),
        ("date,asset,price\n2024-01-02,A,-1\n2024-01-03,A,2\n", "line 2: A: '-1' is not a positive price"),
        ("date,asset,price\n2024-01-02,,1\n2024-01-03,A,2\n", "line 2: asset: the asset is not named"),
    ],
)
def test_bad_cells_are_named_with_their_line(text: str, says: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        read(text)
    assert says in str(caught.value)


def test_many_bad_cells_are_counted() -> None:
    with pytest.raises(ImportRefused, match="and 5 more"):
        read("date,A\n" + "".join(f"2024-01-{day:02d},x\n" for day in range(1, 11)))


def test_a_file_without_prices_or_with_one_day_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no prices beside its dates"):
        read("date\n2024-01-02\n")
    with pytest.raises(MissingData, match="1 days of prices"):
        read("date,A\n2024-01-02,1\n")
