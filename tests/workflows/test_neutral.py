"""The neutral table books itself again: an export and an import give the same state."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.record.booking.types import TYPES
from argosy.workflows.neutral import neutral_table
from argosy.workflows.ports import BookStore
from argosy.workflows.profile import Profile
from argosy.workflows.setup import set_mandate
from tests.record.booking.test_table import GOOD
from tests.workflows.books import csv, imported, small_book, state_of

SHORT = '[lots]\noversell = "short"'
KNOWN = ("ACME", "SHEL", "BOND", "FUND", "WHOLE")
ROWS = [row for row in GOOD if row.get("instrument", "ACME") in KNOWN] + [
    {"type": "capital_call", "instrument": "FUND", "net": "500", "fee": "5"},
    {"type": "return_of_capital", "instrument": "FUND", "gross": "100", "tax": "10"},
    {"type": "delivery_in", "instrument": "ACME", "quantity": "3", "value": "70", "fee": "1"},
    {"type": "delivery_out", "instrument": "ACME", "quantity": "1"},
    {"type": "opening_cash", "net": "-50"},
    {"type": "fx_forward_settlement", "net": "-12.5", "currency": "EUR"},
    {"type": "fx_forward_settlement", "net": "-12.5", "currency": "EUR", "counter_currency": "USD",
     "counter_amount": "14"},
    {"type": "split", "instrument": "ACME", "quantity": "10"},
    {"type": "split", "instrument": "ACME", "ratio": "1:3", "net": "2.5"},
    {"type": "transfer", "instrument": "ACME", "quantity": "1", "to_account": "SECOND", "to_sleeve": "CORE"},
]  # fmt: skip


def shape(store: BookStore) -> list[object]:
    """Everything of a state but seqs."""
    state = state_of(store)
    tables = [
        state.positions,
        state.holdings,
        state.cash,
        state.income,
        state.costs,
        state.flows,
        state.lots,
        state.reliefs,
    ]
    return [
        {name: values.tolist() for name, values in table.columns().items() if not name.endswith("_seq")}
        for table in tables
    ] + [problem.message for problem in state.problems]


def written(store: BookStore) -> bytes:
    table = neutral_table(store)
    return csv(*({name: str(value) for name, value in row.items() if name != "seq"} for row in table.rows()))


def test_every_type_has_a_row() -> None:
    assert {row["type"] for row in ROWS} == set(TYPES)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from(ROWS), st.integers(1, 5), st.sampled_from(["", "1", "2"])), min_size=1, max_size=12
    )
)
def test_an_export_imports_to_the_same_state(listed: list[tuple[dict[str, str], int, str]]) -> None:
    rows = [{"type": "deposit", "net": "1"}]
    rows += [{**row, "date": f"2020-01-0{day}", "order": order} for row, day, order in listed]
    with TemporaryDirectory() as folder:
        first, second = (small_book(f"sqlite:///{Path(folder) / name}.db", SHORT) for name in ("first", "second"))
        imported(first, csv(*rows), accept_good=True)
        content = written(first)
        report = imported(second, content, profile=Profile(options={"price_check": "off"}))
        assert not report.problems, [problem.text() for problem in report.problems]
        assert shape(first) == shape(second)
        assert written(second) == content
        # and importing it all again, in either book, adds nothing
        assert imported(second, content, profile=Profile(options={"price_check": "off"})).inserted == 0
        for store in (first, second):
            store.close()


def test_lots_are_exported_by_reference(sqlite_book_url: str, tmp_path: Path) -> None:
    first = small_book(sqlite_book_url)
    second = small_book(f"sqlite:///{tmp_path / 'second.db'}")
    for store in (first, second):
        set_mandate(store, portfolio="GROWTH", text='[lots]\nmethod = "SPECIFIC"')
    buy = {"type": "buy", "instrument": "ACME", "quantity": "10", "price": "10"}
    imported(first, csv({"type": "deposit", "net": "5"}))
    imported(first, csv(
        {**buy, "reference": "A"}, {**buy, "price": "20", "reference": "B"},
        {"type": "sell", "instrument": "ACME", "quantity": "4", "price": "15", "lots": "B:3;A:1"},
    ))  # fmt: skip
    assert neutral_table(first).rows()[3]["lots"] == "B:3;A:1"
    imported(second, written(first))
    assert shape(first) == shape(second)


def test_a_view_by_date_knowledge_and_portfolio(sqlite_book_url: str) -> None:
    store = small_book(sqlite_book_url)
    imported(store, csv({"type": "deposit", "net": "1"}))
    then = store.watermark()
    imported(
        store,
        csv(
            {"type": "deposit", "net": "2", "date": "2020-05-01"},
            {"type": "deposit", "net": "3", "portfolio": "INCOME"},
        ),
    )
    nets = [row["net"] for row in neutral_table(store).rows()]
    assert nets == ["1.0000", "3.0000", "2.0000"]
    assert [row["net"] for row in neutral_table(store, known_at=then.known_at).rows()] == ["1.0000"]
    assert [row["net"] for row in neutral_table(store, as_of=18_300).rows()] == ["1.0000", "3.0000"]
    assert [row["net"] for row in neutral_table(store, portfolios=["INCOME"]).rows()] == ["3.0000"]
