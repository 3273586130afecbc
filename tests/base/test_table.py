"""Tables: exact to programs, readable to people, harmless in spreadsheets, terminals and pages."""

from __future__ import annotations

import csv
import datetime
import io
import json
import subprocess
import sys
from decimal import Decimal
from html.parser import HTMLParser

import numpy as np
import polars
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.columns import group, rescaled, trimmed
from argosy.base.errors import InvalidInput, MissingExtra, UnknownName
from argosy.base.table import Column, Provenance, Table
from argosy.base.table_text import cell_width, text_lines

INT64 = st.integers(-(2**63) + 1, 2**63 - 1)
HOSTILE = [
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>', "a\x1b[31mred", "line\nbreak", "\u202etxt.exe", 'quo"te', "comma,comma", " edge ",
    "'", "&amp;", "日本語", "e\u0301", "",
]  # fmt: skip


def sample() -> Table:
    return Table(
        "holdings",
        (
            Column("instrument", "text", ["AAPL", "Société <b>", "=evil"]),
            Column("quantity", "quantity", np.array([1_000_000_000, -250_000_000, 33], np.int64), scale=8),
            Column("price", "quote", (np.array([12345, 99, 1]), np.array([-2, 0, 2]))),
            Column("value", "amount", np.array([123456789, -5, 0], np.int64), scale=4, unit="USD"),
            Column("mixed", "amount", [100, 200, 300], scale=[4, 2, 8], missing=[False, False, True]),
            Column("day", "date", [18993, 0, -1]),
            Column("at", "instant", [1, 2, 10**15]),
            Column("weight", "ratio", [0.5, 0.1, -0.00001]),
            Column("count", "integer", [1, 2**60, 3]),
            Column("ok", "flag", [True, False, True]),
        ),
        notes=("a note",),
        provenance=Provenance("nav", as_of=18993, known_at=5, head="ab" * 32, warnings=("stale",)),
        totals={"instrument": "total", "value": 123456784, "weight": 0.6},
    )  # fmt: skip


# -- exact ----------------------------------------------------------------------------------------------------------


def test_rows_have_each_digit() -> None:
    row = sample().rows()[0]
    assert row["quantity"] == Decimal("10.00000000")
    assert row["price"] == Decimal("123.45")
    assert row["value"] == Decimal("12345.6789")
    assert row["mixed"] == Decimal("0.0100")
    assert row["day"] == datetime.date(2022, 1, 1)
    assert sample().rows()[2]["mixed"] is None


def test_json_comes_back_as_it_went() -> None:
    table = sample()
    again = Table.from_json(table.to_json())
    assert again.rows() == table.rows()
    assert again.to_json() == table.to_json()
    assert again.provenance == table.provenance
    assert {c.name: c.unit for c in again.columns} == {c.name: c.unit for c in table.columns}


@given(st.lists(st.tuples(INT64, st.integers(0, 18)), min_size=1, max_size=20))
def test_amounts_survive_json_csv_and_arrow(values: list[tuple[int, int]]) -> None:
    mantissas, scales = [v for v, _ in values], [s for _, s in values]
    expected = [Decimal(v).scaleb(-s) for v, s in values]
    table = Table("t", (Column("amount", "amount", mantissas, scale=scales),))
    assert list(Table.from_json(table.to_json())["amount"]) == expected
    read = [Decimal(row["amount"]) for row in csv.DictReader(io.StringIO(table.to_csv(), newline=""))]
    assert read == expected
    assert [r.as_tuple().exponent for r in read] == [-s for s in scales]
    assert table.to_arrow()["amount"].to_pylist() == expected


@given(st.lists(INT64, max_size=30), st.integers(0, 18))
def test_int64_columns_become_arrow_decimals_by_their_bytes(values: list[int], scale: int) -> None:
    column = Column("a", "amount", np.array(values, np.int64), scale=scale)
    found = Table("t", (column,)).to_arrow()["a"]
    assert found.type == pyarrow.decimal128(38, scale)
    assert found.to_pylist() == [Decimal(v).scaleb(-scale) for v in values]


@given(st.lists(st.tuples(st.integers(-(10**17), 10**17), st.integers(-15, 6)), min_size=1, max_size=10))
def test_quotes_are_as_received(values: list[tuple[int, int]]) -> None:
    column = Column("q", "quote", ([m for m, _ in values], [e for _, e in values]))
    assert list(column) == [Decimal(m).scaleb(e) for m, e in values]


def test_json_numbers_are_never_rounded_by_a_reader() -> None:
    rows = json.loads(sample().to_json())["rows"]
    assert rows[1]["count"] == str(2**60)  # more than a double holds
    assert rows[0]["value"] == "12345.6789"


def test_a_ratio_that_is_not_a_number_is_refused() -> None:
    table = Table("t", (Column("r", "ratio", [float("nan")]),))
    with pytest.raises(InvalidInput, match="finite"):
        table.to_json()


# -- other libraries ------------------------------------------------------------------------------------------------


def test_other_libraries_read_it_by_capsule() -> None:
    table = sample()
    frame = polars.DataFrame(table)
    assert frame["value"].to_list() == [Decimal("12345.6789"), Decimal("-0.0005"), Decimal(0)]
    assert frame["mixed"].null_count() == 1
    assert frame["day"].dtype == polars.Date
    assert pyarrow.table(table).num_rows == 3
    assert table.to_polars().equals(frame)
    pandas = table.to_pandas()
    assert pandas["value"].tolist()[0] == Decimal("12345.6789")
    assert pandas["ok"].tolist() == [True, False, True]


@pytest.mark.parametrize(("method", "package", "extra"), [
    ("to_polars", "polars", "argosy[frames]"), ("to_pandas", "pandas", "argosy[frames]"),
    ("to_arrow", "pyarrow", "argosy"),
])  # fmt: skip
def test_a_missing_library_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, method: str, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra) as found:
        getattr(sample(), method)()
    assert extra in str(found.value)


def test_a_table_is_made_and_shown_without_any_library() -> None:
    code = (
        "import sys; from argosy.base.table import *;"
        "t = Table('t', (Column('a', 'amount', [1], scale=4),)); str(t); t._repr_html_(); t.to_json(); t.to_csv();"
        "assert not {'numpy', 'pyarrow', 'pandas', 'polars'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# -- for people -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "scale", "shown", "text"), [
    (1234567890, 4, None, "123,456.79"), (-5, 4, None, "0.00"), (12345, 2, 0, "123"), (12350, 2, 0, "124"),
    (12250, 2, 0, "122"), (10**8, 8, None, "1.00000000"), (5, 2, None, "0"),
])  # fmt: skip
def test_money_is_shown_in_minor_units(value: int, scale: int, shown: int | None, text: str) -> None:
    assert Column("a", "amount", [value], scale=scale, shown=shown).text(0) == text


def test_the_currency_decides_what_is_shown() -> None:
    assert Column("a", "amount", [123456], scale=2, unit="JPY").text(0) == "1,235"
    assert Column("a", "amount", [123456], scale=5, unit="KWD").text(0) == "1.235"


@given(st.integers(-(10**15), 10**15), st.integers(0, 9), st.integers(0, 9))
def test_what_is_shown_is_rounded_half_to_even(value: int, scale: int, decimals: int) -> None:
    exact = Decimal(value).scaleb(-scale)
    expected = exact.quantize(Decimal(1).scaleb(-decimals), "ROUND_HALF_EVEN")
    shown = rescaled(value, scale, decimals)
    assert Decimal(shown) == expected
    assert not shown.startswith("-") or expected != 0
    assert group(shown).replace(",", "") == shown


def test_numbers_for_people() -> None:
    assert trimmed(Decimal("1.500"), 0) == "1.5"
    assert trimmed(Decimal("-0.000"), 2) == "0.00"
    assert Column("r", "ratio", [0.12345]).text(0) == "12.35"
    assert Column("r", "ratio", [1.2], unit="x").text(0) == "1.2000"
    assert Column("r", "ratio", [-0.000001]).text(0) == "0.00"
    assert Column("f", "flag", [True]).text(0) == "yes"
    assert Column("n", "integer", [1234567], unit="rows").text(0) == "1,234,567"
    assert Column("n", "integer", [1234567]).text(0) == "1234567"  # a number of an event is a name


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_lines_keep_to_the_width_and_numbers_are_whole(width: int) -> None:
    table = sample()
    text = table.to_text(width=width)
    assert all(cell_width(line) <= width for line in text.splitlines())
    for number in ("12,345.68", "-2.5", "1152921504606846976", "0.00000033"):
        assert number in text


def test_a_long_table_shows_head_and_tail() -> None:
    text = Table("t", (Column("n", "integer", list(range(1000))),)).to_text(limit=6)
    lines = text.splitlines()
    assert [line.strip() for line in lines[3:]] == ["0", "1", "2", "… 994 more rows …", "997", "998", "999"]


def test_nothing_in_a_name_moves_the_cursor_or_ends_the_line() -> None:
    table = Table("t\x1b[2J", (Column("name", "text", HOSTILE),), notes=("n\x1b[31m",))
    text = table.to_text()
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 3 + len(HOSTILE) + 1


def test_totals_stand_under_a_rule() -> None:
    lines = text_lines(sample().columns, width=400, totals=sample().totals)
    assert lines[-1].startswith("total")
    assert "12,345.68" in lines[-1]
    assert set(lines[-2]) <= {"─", " "}


def test_an_empty_table_says_so() -> None:
    assert "(no rows)" in str(Table("t", (Column("n", "integer", []),)))
    assert str(Table("t", ())) == "t\n(no rows)"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_html_of_hostile_names_has_no_tag_of_theirs() -> None:
    table = Table("<i>t</i>", (Column("name", "text", HOSTILE), Column("v", "amount", [1] * len(HOSTILE), scale=2)),
                  notes=("<script>",), provenance=Provenance(convention="<u>", warnings=("<b>",)))  # fmt: skip
    page = Tags()
    page.feed(table._repr_html_())
    assert {tag for tag, _ in page.seen} <= {
        "style",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "p",
        "small",
    }
    assert not any(name.startswith("on") for _, given in page.seen for name in given)
    assert "<script>alert(1)</script>" in page.text


def test_html_says_units_and_scopes() -> None:
    page = Tags()
    page.feed(sample()._repr_html_())
    heads = [given for tag, given in page.seen if tag == "th"]
    assert sum(given.get("scope") == "col" for given in heads) == len(sample().columns)
    assert sum(given.get("scope") == "row" for given in heads) == 3
    assert "USD" in page.text


# -- files ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.text() | st.sampled_from(HOSTILE), min_size=1, max_size=8))
def test_csv_starts_no_formula_and_keeps_the_text(values: list[str]) -> None:
    values = [value.replace("\x00", "") for value in values]
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return
    written = Table("t", (Column("a", "text", values), Column("n", "integer", [1] * len(values)))).to_csv()
    rows = list(csv.reader(io.StringIO(written, newline=""), strict=True))
    assert len(rows) == len(values) + 1
    for row, value in zip(rows[1:], values, strict=True):
        assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert row[0].removeprefix("'") == value.removeprefix("'") or row[0] == value


def test_csv_numbers_are_numbers() -> None:
    text = sample().to_csv().splitlines()
    assert text[2].startswith("Société <b>,-2.50000000,99,-0.0005,2.00,")
    assert text[3].startswith("'=evil,0.00000033,100,0.0000,,")


# -- mistakes -------------------------------------------------------------------------------------------------------


def test_a_mistyped_column_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'quantity'"):
        sample()["quantty"]
    assert "quantity" in sample()
    assert [c.name for c in sample().select(["value", "day"]).columns] == ["value", "day"]


def test_columns_must_fit() -> None:
    with pytest.raises(InvalidInput, match="2 rows"):
        Table("t", (Column("a", "integer", [1]), Column("b", "integer", [1, 2])))
    with pytest.raises(InvalidInput, match="two columns"):
        Table("t", (Column("a", "integer", [1]), Column("a", "integer", [1])))
    with pytest.raises(InvalidInput, match="entries of missing"):
        Column("a", "integer", [1, 2], missing=[True])
    with pytest.raises(InvalidInput, match="kind"):
        Column("a", "money", [1])  # type: ignore[arg-type]


def test_of_tells_kinds_from_values() -> None:
    table = Table.of(
        "t", a=["x", None], b=[1, 2], c=[0.5, None], d=[True, False], e=[datetime.date(2022, 1, 1), None],
        f=[Decimal("1.50"), Decimal("2")],
    )  # fmt: skip
    assert [column.kind for column in table.columns] == ["text", "integer", "ratio", "flag", "date", "quote"]
    assert table.rows()[1] == {"a": None, "b": 2, "c": None, "d": False, "e": None, "f": Decimal(2)}
    assert [row["b"] for row in table.take([1, 0])] == [2, 1]
