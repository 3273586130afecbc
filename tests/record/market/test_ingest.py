from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from argosy.record.market.digits import at_one_exponent, without_zeros
from argosy.record.market.ingest import CONFLICT, KNOWN, NEW, REPLACES, TWIN, ValueRows, existing_rows, judge
from argosy.record.market.series import SeriesTable, bisect_rows
from argosy.record.market.tables import MarketTables
from tests.record.market.market_rows import prices

CELLS = st.tuples(st.integers(1, 3), st.integers(-3, 3), st.sampled_from([(10, 0), (1, 1), (100, -1), (11, 0), (0, 5)]))


def rows_of(cells: list[tuple[int, int, tuple[int, int]]]) -> ValueRows:
    return ValueRows(
        np.array([each[0] for each in cells], np.int64), np.array([each[1] for each in cells], np.int64),
        np.array([each[2][0] for each in cells], np.int64), np.array([each[2][1] for each in cells], np.int64),
        np.arange(2, 2 + len(cells)),
    )  # fmt: skip


def slow(cells: list[tuple[int, int, tuple[int, int]]], book: dict[tuple[int, int], float]) -> list[int]:
    groups: dict[tuple[int, int], list[float]] = {}
    for owner, date, (mantissa, exponent) in cells:
        groups.setdefault((owner, date), []).append(mantissa * 10.0**exponent)
    seen: set[tuple[int, int]] = set()
    found = []
    for owner, date, (mantissa, exponent) in cells:
        key, value = (owner, date), mantissa * 10.0**exponent
        if len(set(groups[key])) > 1:
            found.append(CONFLICT)
        elif key in seen:
            found.append(TWIN)
        elif key in book:
            found.append(KNOWN if book[key] == value else REPLACES)
        else:
            found.append(NEW)
        seen.add(key)
    return found


@given(st.lists(CELLS, max_size=14), st.lists(CELLS, max_size=8))
def test_judgement_is_what_a_dictionary_says(
    cells: list[tuple[int, int, tuple[int, int]]], held: list[tuple[int, int, tuple[int, int]]]
) -> None:
    book = {(owner, date): (owner, date, value) for owner, date, value in held}
    existing = rows_of(list(book.values()))
    judged = judge(rows_of(cells), existing)
    assert judged.status.tolist() == slow(cells, {key: v[0] * 10.0 ** v[1] for key, (_, _, v) in book.items()})
    for row, status in enumerate(judged.status.tolist()):
        other = int(judged.other[row])
        if status in (TWIN, CONFLICT):
            assert cells[other][:2] == cells[row][:2]
            same = cells[other][2][0] * 10.0 ** cells[other][2][1] == cells[row][2][0] * 10.0 ** cells[row][2][1]
            assert other < row if status == TWIN else other != row
            assert same == (status == TWIN) or status == CONFLICT
        elif status in (KNOWN, REPLACES):
            assert (existing.owner[other], existing.date[other]) == cells[row][:2]
        else:
            assert other == -1


def test_a_conflict_names_the_other_value() -> None:
    judged = judge(rows_of([(1, 1, (10, 0)), (1, 1, (1, 1)), (1, 1, (11, 0))]), rows_of([]))
    assert judged.status.tolist() == [CONFLICT] * 3
    assert judged.other.tolist() == [2, 0, 0]
    assert not judged.wanted.any()


def test_existing_rows_are_of_one_source_and_basis() -> None:
    tables = MarketTables.empty().extended([
        prices(1, [(1, 1, "1"), (1, 2, "2"), (1, 9, "9")]), prices(2, [(1, 1, "5")], source="B"),
        prices(3, [(1, 1, "7")], basis="total_return"), prices(4, [(1, 2, "3")]),
    ])  # fmt: skip
    found, loads = existing_rows(tables.prices, [1, 2], basis=0, source=0, first=1, last=5)
    assert found.mantissa.tolist() == [1, 3]
    assert loads.tolist() == [1, 4]
    none, _ = existing_rows(tables.prices, [1], basis=0, source=-1, first=1, last=5)
    assert len(none) == 0


@given(st.lists(st.lists(st.integers(0, 20), unique=True).map(sorted), min_size=1, max_size=6), st.integers(-1, 21))
def test_bisection_in_ranges(groups: list[list[int]], day: int) -> None:
    dates = np.array([date for group in groups for date in group], np.int64)
    edges = np.cumsum([0, *map(len, groups)])
    rows, missing = bisect_rows(dates, edges[:-1], edges[1:], day)
    for place, group in enumerate(groups):
        before = [date for date in group if date <= day]
        assert bool(missing[place]) == (not before)
        if before:
            assert dates[rows[place]] == before[-1]


@given(st.lists(st.tuples(st.integers(-(10**18), 10**18), st.integers(-18, 18)), max_size=6))
def test_zeros_are_taken_off_without_changing_the_value(pairs: list[tuple[int, int]]) -> None:
    mantissa, exponent = np.array([p[0] for p in pairs], np.int64), np.array([p[1] for p in pairs], np.int64)
    plain, power = without_zeros(mantissa, exponent)
    for (before, e), after, p in zip(pairs, plain.tolist(), power.tolist(), strict=True):
        assert before * 10 ** (e + 18) == after * 10 ** (p + 18)
        assert after % 10 or (after == 0 and p == 0)
    missing = np.zeros(len(pairs), np.bool_)
    values, low = at_one_exponent(mantissa, exponent, missing)
    assert [int(v) * 10 ** (low + 18) for v in values] == [m * 10 ** (e + 18) for m, e in pairs]


def test_no_series() -> None:
    assert SeriesTable.empty().owners() == []
    assert SeriesTable.empty().choose(1, basis=None, ranks=()) is None


def test_series_with_ids_and_dates_beyond_32_bits() -> None:
    """Owners too large to be packed beside a date are sorted the long way, to the same tables."""
    rows = {
        "owner": np.array([2**40, 1, 2**40, 1]), "basis": np.zeros(4, np.int64), "source": np.zeros(4, np.int64),
        "date": np.array([5, 7, 5, 6]), "mantissa": np.array([1, 2, 3, 4]), "exponent": np.zeros(4, np.int64),
        "load": np.array([1, 1, 2, 2]), "line": np.arange(4),
    }  # fmt: skip
    table = SeriesTable.build(rows)
    assert table.owner.tolist() == [1, 2**40]
    assert table.mantissa.tolist() == [4, 2, 3]
    small = SeriesTable.build(rows | {"owner": np.array([9, 1, 9, 1])})
    assert (small.start.tolist(), small.mantissa.tolist()) == (table.start.tolist(), table.mantissa.tolist())
