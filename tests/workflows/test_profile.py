from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, UnknownName
from argosy.kernels.text import TextColumn
from argosy.workflows.profile import NEUTRAL, Profile, TextFormat, neutral_name, parse_profile
from argosy.workflows.tabular import RawTable

WHOLE = """
[profile]
name = "bank"
reads = "transactions"
[columns]
date = "Trade Date"
type = "Kind"
[values.type]
"BOUGHT" = "buy"
[constants]
account = "MAIN"
[format]
date = "%d/%m/%Y"
decimal = ","
thousands = "."
delimiter = ";"
encoding = "latin-1"
[options]
gross_rounding = "scale"
strict = true
"""


def table(**columns: list[str]) -> RawTable:
    length = len(next(iter(columns.values()))) if columns else 0
    return RawTable("t.csv", {name: TextColumn(cells) for name, cells in columns.items()}, np.arange(2, 2 + length))


def test_a_whole_profile() -> None:
    profile = parse_profile(WHOLE)
    assert profile == Profile(
        "bank", "transactions",
        {"date": "Trade Date", "type": "Kind"}, {"type": {"BOUGHT": "buy"}}, {"account": "MAIN"},
        TextFormat("%d/%m/%Y", ",", ".", ";", "latin-1"), {"gross_rounding": "scale", "strict": "true"},
    )  # fmt: skip
    given = table(**{"Trade Date": ["1", "2"], "Kind": ["BOUGHT ", "x"], "Net Amount": ["5", "6"]})
    read = profile.apply(given)
    assert {name: column.to_list() for name, column in read.columns.items()} == {
        "net_amount": ["5", "6"], "date": ["1", "2"], "type": ["buy", "x"], "account": ["MAIN", "MAIN"],
    }  # fmt: skip
    assert read.lines.tolist() == [2, 3]
    assert read.row(1) == {"net_amount": "6", "date": "2", "type": "x", "account": "MAIN"}


def test_neutral_files_need_no_profile() -> None:
    read = NEUTRAL.apply(table(**{" Settle-Date ": ["1"]}))
    assert list(read.columns) == ["settle_date"] == [neutral_name("SETTLE DATE")]
    assert "settle_date" in read
    with pytest.raises(UnknownName, match="did you mean 'settle_date'"):
        read["settledate"]
    assert NEUTRAL.apply(table()).columns == {}


def test_a_mapped_column_the_file_lacks() -> None:
    with pytest.raises(InvalidInput, match=r"reads 'date' from column 'Trade Date', .* Next: the file has 'TradeDate'"):
        parse_profile(WHOLE).apply(table(TradeDate=["1"], Kind=["x"]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[profile", "not TOML"),
        ("profile = 3", r"\[profile\] is not a table"),
        ("[profile]\nnam = 'x'", "unknown key 'profile.nam' \\(did you mean 'profile.name'"),
        ("[profile]\nreads = 'trades'", "unknown value of profile.reads 'trades'"),
        ("[columns]\ndate = 3", "columns.date is not text"),
        ("[values]\ntype = 'x'", "is not a table of theirs = ours"),
        ("[columns]\nprise = 'x'", "unknown column 'prise' \\(did you mean 'price'"),
        ("[columns]\nprice = 'x'\n[constants]\nprice = '1'", "'price' is both mapped and constant"),
        ("[format]\ndecimal = ';'", "format.decimal is"),
        ("[format]\nthousands = '#'", "format.thousands is one of"),
        ("[format]\nthousands = '.'", "are the same"),
        ("[format]\ndelimiter = '||'", "format.delimiter is one character"),
        ("[format]\nlocale = 'x'", "unknown key 'format.locale'"),
    ],
)
def test_everything_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        parse_profile(text, neutral=("date", "type", "price"))


def test_all_mistakes_at_once() -> None:
    with pytest.raises(InvalidInput, match=r"mine\.toml: unknown section 'colums' .*; unknown key 'format\.dat'"):
        parse_profile("[colums]\na = 'b'\n[format]\ndat = 'x'", source="mine.toml")


def test_columns_of_ones_own_begin_with_x() -> None:
    assert parse_profile("[columns]\nx_desk = 'Desk'", neutral=("date",)).columns == {"x_desk": "Desk"}
