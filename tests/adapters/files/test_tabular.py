from __future__ import annotations

import datetime
import gzip
import io
import os
import random
import struct
import time
import zlib
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argosy.adapters.files.scan import scan_bytes, scan_rows
from argosy.adapters.files.tabular import find_delimiter, read_rows
from argosy.workflows.tabular import RawTable

CELL = st.text(alphabet='ab1.",\r\n é;', max_size=5)

PACKED = gzip.compress(b"a,b\n1,2\n", mtime=0)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set('",\r\n') else cell


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans())
@example([["a", "b"], ["1", "2"], ["x"], ["", ""], [""]], "\n", False)
def test_vector_scan_answers_as_the_csv_module(rows: list[list[str]], end: str, final: bool) -> None:
    text = end.join(",".join(quoted(cell) for cell in row) for row in rows) + (end if final else "")
    compare(text)


@given(st.text(alphabet='a,"\n\r', max_size=30))
def test_vector_scan_answers_as_the_csv_module_on_noise(text: str) -> None:
    compare(text)


def compare(text: str) -> None:
    fast = scan_bytes(text.encode(), ",")
    if fast is None:
        return
    slow = scan_rows(text.encode(), ",")
    assert fast.header == slow.header
    assert [column.to_list() for column in fast.columns] == [column.to_list() for column in slow.columns]
    assert fast.lines.tolist() == slow.lines.tolist()
    assert fast.bad == slow.bad


def test_vector_scan_takes_ordinary_files() -> None:
    for text in ("a,b\n1,2\n", 'a,b\r\n"1,x","2"\r\n\r\n3,""\r\n', "a;b\n1;2"):
        assert scan_bytes(text.encode(), ";" if ";" in text else ",") is not None


def test_lines_are_exact_with_newlines_inside_quotes() -> None:
    text = b'date,note\n2024-01-02,"two\nlines"\n\n2024-01-03,x\nshort\n2024-01-04,y\n'
    for engine in ("scan", "rows"):
        table = read_rows(text, "t.csv", engine=engine)
        assert table.lines.tolist() == [2, 5, 7]
        assert table["note"].to_list() == ["two\nlines", "x", "y"]
        assert [problem.line for problem in table.problems] == [6]


def only(table: RawTable) -> str:
    assert not table.columns
    assert len(table) == 0
    assert len(table.problems) == 1
    return table.problems[0].text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "t.csv: the file is empty (give a file with a header line and rows)"),
        (b" \n\r\n", "t.csv: the file is empty (give a file with a header line and rows)"),
        (b"a,b,a\n1,2,3\n", "t.csv line 1: columns 1 and 3 are both called 'a' (rename one of them)"),
        (b"a,b\n1,2\nM\xfcller,3\n",
         "t.csv line 3: byte 9 (0xfc) is not utf-8 (give the file's encoding, such as cp1252 or latin-1)"),
        ("a,b\n1,2\n".encode("utf-16"), "t.csv: the file is written in utf-16, not utf-8 (give encoding utf-16)"),
        (b"PK\x03\x04....", "t.csv: the file is a zip archive or a workbook (save the sheet as CSV)"),
        (PACKED[:-9], "t.csv: the gzip data ends too early: the file is cut off (fetch"),
        (PACKED + b"junk", "t.csv: other bytes follow the gzip data (fetch the file again)"),
        (b"PAR1....", "t.csv: not readable as Parquet"),
        (b"\0" * 200, "t.csv: the file has 200 NUL characters"),
        (b'"a,b\n1,2\n', "t.csv line 1: a quote is opened and never closed"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(content: bytes, said: str) -> None:
    assert only(read_rows(content, "t.csv")).startswith(said)


def test_damaged_gzip_is_named() -> None:
    packed = bytearray(gzip.compress(b"a,b\n" + b"1,2\n" * 1000))
    packed[20] ^= 0xFF
    assert "gzip" in only(read_rows(bytes(packed), "t.csv.gz"))


def test_gzip_bomb_is_refused_early() -> None:
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(stream.compress(b"\0" * (1 << 20)) for _ in range(64)) + stream.flush()
    began = time.perf_counter()
    assert "unfolds to more than 1000000 bytes" in only(read_rows(bomb, "t.csv.gz", largest=1_000_000))
    assert time.perf_counter() - began < 1


def test_gzip_that_folds_a_hundredfold_is_a_bomb() -> None:
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 20_000_000)
    assert "unfolds to more than 67108864 bytes" in only(read_rows(bomb, "t.csv.gz"))


def test_gzip_members_are_joined() -> None:
    table = read_rows(gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n") + b"\0" * 512, "t.csv.gz")
    assert table["a"].to_list() == ["1", "3"]


def test_bad_rows_are_named_and_good_ones_kept() -> None:
    text = b'\xef\xbb\xbfdate,price\n2024-01-02,1\n2024-01-03,1,2\n2024-01-04,3\0\n2024-01-05,"4"x\n2024-01-06,5\n2024'
    table = read_rows(text, "t.csv")
    assert table["date"].to_list() == ["2024-01-02", "2024-01-06"]
    assert [(problem.line, problem.message) for problem in table.problems] == [
        (3, "3 cells where the header has 2"),
        (4, "the row has a NUL character"),
        (5, "text follows a closing quote; a quote inside a quoted cell is written twice"),
        (7, "1 cells where the header has 2"),
    ]
    assert table.problems[-1].next_step == "the file may be cut off here"
    assert table.problems[0].record == {"date": "2024-01-03", "price": "1"}


def test_absurdly_long_cells_are_named() -> None:
    text = b"a,b\n" + b"1" * 200_000 + b",2\n3,4\n"
    for engine in ("scan", "rows"):
        table = read_rows(text, "t.csv", engine=engine)
        assert table["a"].to_list() == ["3"]
        assert table.problems[0].message == "a cell is longer than 131072 characters"


def test_header_only_and_unnamed_columns() -> None:
    table = read_rows(b"date, price ,\n", "t.csv")
    assert list(table.columns) == ["date", "price", "column 3"]
    assert len(table) == 0
    assert not table.problems


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "latin-1", "utf-8-sig"])
def test_other_encodings_when_asked(encoding: str) -> None:
    table = read_rows("name;x\nMüller;1\n".encode(encoding), "t.csv", encoding=encoding)
    assert table["name"].to_list() == ["Müller"]
    assert only(read_rows(b"a,b\n", "t.csv", encoding="klingon")).startswith("t.csv: unknown encoding 'klingon'")


def test_delimiter_is_found() -> None:
    assert find_delimiter(b"a|b|c") == "|"
    assert find_delimiter(b'"x;y;z",b') == ","
    assert find_delimiter(b"one") == ","
    assert read_rows(b"a\tb\n1\t2\n", "t.tsv")["b"].to_list() == ["2"]


def parquet(columns: dict[str, pa.Array]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_parquet_keeps_each_digit() -> None:
    content = parquet({
        "date": pa.array([datetime.date(2024, 1, 2), None]),
        "when": pa.array([datetime.datetime(2024, 1, 2), datetime.datetime(2024, 1, 2, 3, 4)], pa.timestamp("us")),
        "price": pa.array([Decimal("0.000000000000000001"), Decimal("12345678901234567890.5")], pa.decimal128(38, 18)),
        "count": pa.array([2**63 - 1, -1]),
        "name": pa.array(["a", "b"]).dictionary_encode(),
        "flag": pa.array([True, False]),
        "ratio": pa.array([0.1, 3.0]),
    })  # fmt: skip
    table = read_rows(content, "t.parquet")
    assert {name: column.to_list() for name, column in table.columns.items()} == {
        "date": ["2024-01-02", ""],
        "when": ["2024-01-02", "2024-01-02T03:04:00"],
        "price": ["0.000000000000000001", "12345678901234567890.5"],
        "count": ["9223372036854775807", "-1"],
        "name": ["a", "b"],
        "flag": ["true", "false"],
        "ratio": ["0.1", "3"],
    }
    assert [warning.field for warning in table.warnings] == ["ratio"]
    assert table.lines.tolist() == [1, 2]


def test_parquet_of_shapes_nobody_asked_for() -> None:
    assert "list values" in only(read_rows(parquet({"x": pa.array([[1], [2]])}), "t.parquet"))


def test_parquet_bombs_are_refused_or_stay_small() -> None:
    many = parquet({f"c{n}": pa.nulls(1_000_000, pa.int64()) for n in range(8)})
    assert len(many) < 50_000
    assert "claims 8000000 cells" in only(read_rows(many, "t.parquet"))
    long = parquet({"x": pa.DictionaryArray.from_arrays(np.zeros(500_000, np.int32), ["y" * 100_000])})
    table = read_rows(long, "t.parquet")
    assert (len(table), len(table["x"][499_999])) == (500_000, 100_000)
    longer = parquet({"x": ["y" * 200_000]})
    assert "a cell is longer than 131072 characters" in only(read_rows(longer, "t.parquet"))


def test_parquet_text_of_all_kinds() -> None:
    whole = pa.chunked_array([["a", None], ["b", "a"], []], pa.string())
    content = parquet({"s": whole, "l": whole.cast(pa.large_string()), "v": whole.cast(pa.string_view()),
                       "d": whole.dictionary_encode()})  # fmt: skip
    table = read_rows(content, "t.parquet")
    assert list(table.columns) == ["s", "l", "v", "d"]
    assert all(column.to_list() == ["a", "", "b", "a"] for column in table.columns.values())
    none = read_rows(parquet({"s": pa.array([], pa.string())}), "t.parquet")
    assert (len(none), none["s"].to_list()) == (0, [])


def test_damaged_parquet_is_a_problem() -> None:
    whole = parquet({"x": pa.array(list(range(1000))), "y": pa.array([str(n) for n in range(1000)])})
    chooser = random.Random(5)
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(chooser.randrange(1, 4)):
            broken[chooser.randrange(4, len(broken))] ^= 1 << chooser.randrange(8)
        read_rows(bytes(broken), "t.parquet")
    assert only(read_rows(whole[: len(whole) // 2], "t.parquet"))
    lie = bytearray(whole)
    lie[-8:-4] = struct.pack("<I", 2**31)
    assert only(read_rows(bytes(lie), "t.parquet"))


@pytest.mark.shared_data
def test_mutated_real_files_give_problems_only(shared_data: Path) -> None:
    seeds = [path.read_bytes() for path in sorted((shared_data / "bad_data").glob("*.csv.gz"))[:6]]
    seeds += [gzip.decompress(seed) for seed in seeds]
    chooser = random.Random(11)
    for _ in range(20_000 if os.environ.get("ARGOSY_FULL") else 400):
        content = bytearray(chooser.choice(seeds))
        for _ in range(chooser.randrange(1, 6)):
            place = chooser.randrange(len(content) + 1) - 1
            match chooser.randrange(4):
                case 0:
                    content[place : place + 1] = bytes([chooser.randrange(256)])
                case 1:
                    del content[place:]
                    content += b"\n"
                case 2:
                    content[place:place] = bytes(chooser.choices(b'",\n\r\0\xff;', k=3))
                case 3:
                    del content[place : place + chooser.randrange(50)]
        for engine in ("scan", "rows"):
            table = read_rows(bytes(content), "x.csv", engine=engine)
            assert all(len(column) == len(table) for column in table.columns.values())


@pytest.mark.shared_data
def test_every_shared_table_reads_alike_both_ways(shared_data: Path) -> None:
    for path in sorted(shared_data.glob("demo_book/*.csv*")) + sorted(shared_data.glob("bad_data/*.csv.gz")):
        fast = read_rows(path.read_bytes(), path.name, engine="scan")
        slow = read_rows(path.read_bytes(), path.name, engine="rows")
        assert not fast.problems
        assert len(fast) == len(slow) > 0
        assert fast.lines.tolist() == slow.lines.tolist()
        for name, column in fast.columns.items():
            assert column.to_list() == slow[name].to_list(), (path, name)
