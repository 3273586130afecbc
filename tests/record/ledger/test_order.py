"""Order of replay, dense numbers and the small parts beneath the fold."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.base.errors import ConservationError, InvalidInput
from argosy.kernels import lot_rows as codes
from argosy.record.ledger import slots
from argosy.record.ledger.conservation import check
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.fold import fold
from argosy.record.ledger.order import effective
from argosy.record.ledger.policy import LedgerPolicy
from argosy.record.ledger.replay import Replayed
from argosy.record.ledger.selection import select
from argosy.record.ledger.wording import why
from tests.record.ledger.book_of import Book

INTS = st.one_of(st.integers(0, 5), st.integers(0, 2**40), st.integers(-3, 3))


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(-40_000, 90_000), st.integers(-1, 1), st.integers(0, 9)), max_size=30))
def test_effective_order_is_the_sort_by_date_order_anchor_seq(rows: list[tuple[int, int, int]]) -> None:
    events = EventColumns.from_rows(
        {"seq": seq, "trade_date": date, "ord": order, "anchor": anchor}
        for seq, (date, order, anchor) in enumerate(rows, 1)
    )
    expected = sorted(range(len(rows)), key=lambda n: (rows[n][0], rows[n][1], rows[n][2] or n + 1, n))
    assert effective(events).tolist() == expected


@given(st.lists(st.tuples(INTS, INTS), max_size=40))
def test_number_rows_is_the_rank_of_the_row(rows: list[tuple[int, int]]) -> None:
    left, right = (np.array([row[n] for row in rows], np.int64) for n in (0, 1))
    numbers, count = slots.number_rows(left, right)
    distinct = sorted(set(rows))
    assert count == len(distinct)
    assert numbers.tolist() == [distinct.index(row) for row in rows]
    first = slots.first_rows(numbers, count)
    assert first.tolist() == [rows.index(row) for row in distinct]


def test_many_values_far_apart_are_sorted() -> None:
    values = np.random.default_rng(3).integers(-(2**60), 2**60, 500)
    numbers, count = slots.compress(values)
    assert count == 500
    np.testing.assert_array_equal(np.sort(values)[numbers], values)


@pytest.mark.parametrize("count", [10, 70_000, 2**33])
def test_sorted_by_is_a_stable_sort(count: int) -> None:
    numbers = np.random.default_rng(5).integers(0, count, 400)
    np.testing.assert_array_equal(slots.sorted_by(numbers, count), np.argsort(numbers, kind="stable"))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_join_is_the_closure(edges: list[tuple[int, int]]) -> None:
    label = list(range(10))
    for _ in range(10):
        for a, b in edges:
            label[a] = label[b] = min(label[a], label[b])
    arrays = (np.array([edge[n] for edge in edges], np.int64) for n in (0, 1))
    assert slots.join(10, *arrays).tolist() == label


def test_selection_knows_its_columns() -> None:
    events = EventColumns.from_rows([{"seq": 1}, {"seq": 2}])
    picked = select(events, np.array([1]))
    assert len(picked) == 1
    assert set(picked.columns) == set(events.columns)
    assert len(picked.columns) == len(events.columns)
    assert select(events, np.array([0, 1])) is events


class Texts(dict[int, dict[str, object]]):
    """Payloads of a large store: it finds names by text and dislikes being read in full."""

    read = 0

    def __getitem__(self, position: int) -> dict[str, object]:
        self.read += 1
        return super().__getitem__(position)

    def positions_with(self, *names: str) -> list[int]:
        return [position for position, rest in self.items() if any(name in str(rest) for name in names)]


def test_payloads_that_can_be_searched_are_not_all_read() -> None:
    book = Book(quantity_scale=0)
    for when in range(2, 40):
        book.trade("10", "-100", when, payload={"ref": f"lots {when}" if when == 9 else str(when)})
    book.trade("-4", "60", 1, payload={"lots": [[5, 4]]})
    book.trade("-4", "60", 50, payload={"lots": [[5, 4]]})
    texts = Texts(book.events.payload)
    state = fold(EventColumns(book.events.columns, texts))
    assert [problem.code for problem in state.problems] == ["oversold"]
    assert state.reliefs.lot_seq.tolist() == [5]
    assert texts.read <= 8


def test_moved_payloads() -> None:
    events = EventColumns.from_rows([{"seq": n, "payload": {"ref": str(n)} if n % 2 else {}} for n in range(1, 6)])
    payload = select(events, np.array([4, 0, 1])).payload
    assert {position: payload[position]["ref"] for position in payload} == {0: "5", 1: "1"}
    assert len(payload) == 2
    assert 2 not in payload
    assert 7 not in payload


@pytest.mark.parametrize("field", ["method", "scope", "fees", "oversell"])
def test_policy_refuses_unknown_words(field: str) -> None:
    with pytest.raises(InvalidInput, match=f"lot policy: {field} 'xyzzy' is not known"):
        LedgerPolicy(**{field: "xyzzy"})


def _replayed(book: Book) -> Replayed:
    return book.fold()._done


@pytest.mark.parametrize("column", [codes.QUANTITY, codes.COST, codes.COST_BASE])
def test_a_lost_unit_is_found(column: int) -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.trade("-4", "60", 2)
    book.trade("4", "-60", 2, account=2)
    done = _replayed(book)
    check(done)
    done.result.lots[-1, column] += 1
    with pytest.raises(ConservationError, match="nothing of this state may be shown"):
        check(done)


def test_a_wrong_relief_is_found() -> None:
    book = Book(quantity_scale=0)
    book.trade("10", "-100", 1)
    book.trade("-4", "60", 2)
    for column in (codes.R_COST, codes.R_PROCEEDS):
        done = _replayed(book)
        done.result.reliefs[0, column] -= 1
        with pytest.raises(ConservationError, match="cost bought is not cost relieved plus open"):
            check(done)
    done = _replayed(book)
    done.result.delta[1] += 1
    with pytest.raises(ConservationError, match="another quantity"):
        check(done)
    done = _replayed(book)
    done.result.cost_after[1] += 1
    with pytest.raises(ConservationError, match="running cost"):
        check(done)


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (codes.OVERFLOW, Kind.BUY, "quantity or cost would not fit 64 bits at this scale"),
        (codes.LOTS_NOT_NAMED, Kind.SELL, "sells 3 without naming the lots, which the lot method SPECIFIC asks for"),
        (codes.LOTS_DIFFER, Kind.TRANSFER_OUT, "transfers 3, but the lots it names are not open here in that quantity"),
        (codes.TARGET_SIGN, Kind.TRANSFER_OUT, "moves a long holding onto a short one, or the reverse"),
        (codes.OTHER_LEG, Kind.TRANSFER_IN, "the other leg of the transfer is refused"),
        (codes.NO_POSITION, Kind.RETURN_OF_CAPITAL, "return of capital on a holding of nothing"),
    ],
)
def test_wording(code: int, kind: Kind, said: str) -> None:
    assert why(code, kind, 20, -30, 10) == said


def test_large_books_take_the_kernel() -> None:
    """The engine follows size; both give the same rows."""
    count = 60_000
    columns = {name: np.zeros(count, np.int64) for name in EventColumns.empty().columns}
    columns |= {"seq": np.arange(1, count + 1), "kind": np.full(count, int(Kind.BUY)), "quantity": np.full(count, 3),
                "net": np.full(count, -7), "portfolio": np.ones(count, np.int64)}  # fmt: skip
    columns["instrument"] = np.arange(count) % 50 + 1
    events = EventColumns(columns)
    auto, plain = fold(events), fold(events, engine="reference")
    np.testing.assert_array_equal(auto.lots.cost, plain.lots.cost)
    assert auto.positions.cost.sum() == 7 * count


def test_small_books_load_no_compiler() -> None:
    code = (
        "import sys\n"
        "from argosy.record.ledger.events import EventColumns, Kind\n"
        "from argosy.record.ledger.fold import fold\n"
        "rows = [{'seq': 1, 'kind': int(Kind.BUY), 'quantity': 5, 'net': -5, 'instrument': 1}]\n"
        "assert fold(EventColumns.from_rows(rows)).positions.cost.tolist() == [5]\n"
        "assert 'numba' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
