"""Taking back and correcting: what stays possible, what a later import of the same file meets."""

from __future__ import annotations

import pytest

from argosy.base.errors import ImportRefused, InsufficientPosition, InvalidInput, UnknownName
from argosy.record.reference_fold import Reference
from argosy.workflows.correct import correct_events
from argosy.workflows.neutral import neutral_table
from argosy.workflows.ports import BookStore
from argosy.workflows.setup import create_portfolio, set_mandate
from argosy.workflows.void import void_batch, void_event
from tests.workflows.books import cash, csv, holdings, imported, reference_of, small_book, state_of

DEPOSIT = {"type": "deposit", "net": "10000", "reference": "D1"}
BUY = {"type": "buy", "instrument": "ACME", "quantity": "10", "price": "100", "fee": "1", "reference": "B1"}
SELL = {"type": "sell", "instrument": "ACME", "quantity": "4", "price": "110", "date": "2020-02-03", "reference": "S1"}
MAIN = ("GROWTH", "MAIN", "ACME")


@pytest.fixture
def book(book_url: str) -> BookStore:
    return small_book(book_url)


def seqs(store: BookStore) -> list[int]:
    """Seqs of the standing events by reference order of the file."""
    return [int(seq) for seq in neutral_table(store)["seq"].values]


def test_an_event_is_taken_back_and_stays_readable_before(book: BookStore) -> None:
    imported(book, csv(DEPOSIT, BUY, SELL))
    before = book.watermark()
    _, _, sale = seqs(book)
    preview = void_event(book, seq=sale, dry_run=True)
    assert (preview.written, len(preview.rows), preview.rows[0]["reference"]) == (False, 1, "S1")
    assert book.watermark() == before
    result = void_event(book, seq=sale, reason="never happened")
    assert result.written
    assert "void event" in result.summary()
    assert result.table().rows()[0]["change"] == "void"
    assert holdings(book) == {MAIN: "10"}
    voided = book.events()
    assert dict(voided.payload[len(voided) - 1]) == {"note": "never happened"}
    assert len(book.events(watermark=before)) == 3


def test_a_void_that_breaks_a_later_sale_is_refused(book: BookStore) -> None:
    imported(book, csv(DEPOSIT, BUY, SELL))
    purchase = seqs(book)[1]
    with pytest.raises(
        InsufficientPosition, match=r"event \d+ of the book would no longer be possible: sells 4, holds 0"
    ):
        void_event(book, seq=purchase)
    batch = book.batches()[-1].batch
    assert void_event(book, seq=purchase, allow_broken=True, dry_run=True).notes
    assert book.batches()[-1].batch == batch
    set_mandate(book, portfolio="GROWTH", text='[lots]\noversell = "short"')
    assert void_event(book, seq=purchase).written
    assert holdings(book) == {MAIN: "-4"}


def test_a_void_batch_that_breaks_a_later_sale_is_refused(book: BookStore) -> None:
    first = imported(book, csv(DEPOSIT, BUY))
    second = imported(book, csv(SELL))
    with pytest.raises(InsufficientPosition, match="sells 4, holds 0"):
        void_batch(book, batch=first.batch)
    assert void_batch(book, batch=second.batch).written
    assert void_batch(book, batch=first.batch, reason="wrong account").written
    assert holdings(book) == {}
    with pytest.raises(InvalidInput, match="void already"):
        void_batch(book, batch=first.batch)


def test_both_legs_of_a_transfer_go_together(book: BookStore) -> None:
    imported(
        book, csv(DEPOSIT, BUY, {"type": "transfer", "instrument": "ACME", "quantity": "3", "to_account": "SECOND"})
    )
    out = seqs(book)[2]
    result = void_event(book, seq=out + 1)  # the receiving leg will do as well
    assert len(result.rows) == 2
    assert holdings(book) == {MAIN: "10"}


def test_what_is_not_there_or_void_already_is_said(book: BookStore) -> None:
    imported(book, csv(DEPOSIT))
    (seq,) = seqs(book)
    for wrong in (0, 1, seq + 1, 10**9):
        with pytest.raises(UnknownName, match=f"there is no event {wrong}"):
            void_event(book, seq=wrong)
    void_event(book, seq=seq)
    with pytest.raises(InvalidInput, match="does not count any more"):
        void_event(book, seq=seq)
    with pytest.raises(InvalidInput, match="is itself a void"):
        void_event(book, seq=seq + 1)
    with pytest.raises(UnknownName, match="batches go from 1 to 7"):
        void_batch(book, batch=99)


def test_a_voided_event_stays_out_of_later_imports_a_voided_batch_does_not(book: BookStore) -> None:
    content = csv(DEPOSIT, BUY)
    first = imported(book, content)
    void_event(book, seq=seqs(book)[1])
    again = imported(book, content)
    assert (again.inserted, again.known) == (0, 2)
    assert "which was voided" in again.notes[1].message
    assert imported(book, content, as_new=True).inserted == 1
    assert holdings(book) == {MAIN: "10"}
    void_batch(book, batch=book.batches()[-1].batch)
    void_batch(book, batch=first.batch)
    assert cash(book) == {}
    fresh = imported(book, content)
    assert (fresh.inserted, fresh.written) == (2, True)
    assert imported(book, content).inserted == 0


def test_a_source_may_send_a_voided_trade_again_corrected(book: BookStore) -> None:
    imported(book, csv(DEPOSIT, BUY))
    void_event(book, seq=seqs(book)[1])
    assert imported(book, csv(DEPOSIT, {**BUY, "quantity": "11"})).inserted == 1
    assert holdings(book) == {MAIN: "11"}
    # the first version, in a file that is imported again, is known for what it is
    assert "was corrected since" in imported(book, csv(BUY)).notes[0].message


def test_voiding_everything_leaves_an_empty_book(book: BookStore) -> None:
    imported(
        book, csv(DEPOSIT, BUY, SELL, {"type": "transfer", "net": "5", "to_portfolio": "INCOME", "reference": "T"})
    )
    imported(book, csv({**BUY, "reference": "B2", "instrument": "FUND"}, {"type": "fee", "net": "3"}))
    void_event(book, seq=seqs(book)[-1])
    for info in reversed(book.batches()):
        void_batch(book, batch=info.batch)
    state, reference = state_of(book), reference_of(book)
    assert len(state.positions) == len(state.cash) == len(state.lots) == len(state.flows) == 0
    assert not reference.portfolios
    assert not reference.instruments


def test_what_events_use_cannot_be_taken_back(book: BookStore) -> None:
    imported(book, csv({**DEPOSIT, "account": "SECOND"}, {**BUY, "account": "SECOND", "sleeve": "CORE"}))
    for batch, what in ((1, "portfolio GROWTH"), (2, "account SECOND"), (3, "sleeve CORE"), (5, "instrument ACME")):
        with pytest.raises(InvalidInput, match=f"created {what}, which events use, the first on 2020-01-02"):
            void_batch(book, batch=batch)
    assert void_batch(book, batch=4).written  # INCOME was never used
    assert "INCOME" not in {portfolio.code for portfolio in reference_of(book).portfolios.values()}
    assert create_portfolio(book, code="INCOME", base_currency="EUR").id == 3  # ids are never used again
    with pytest.raises(InvalidInput, match="cannot be undone"):
        void_batch(book, batch=book.batches()[-2].batch)


def test_undoing_a_void_brings_the_event_back(book: BookStore) -> None:
    imported(book, csv(DEPOSIT, BUY))
    void = void_event(book, seq=seqs(book)[1])
    assert void.batch is not None
    void_batch(book, batch=void.batch.batch)
    assert holdings(book) == {MAIN: "10"}


def test_a_correction_works_amounts_out_again_and_keeps_the_place(book: BookStore) -> None:
    imported(book, csv(DEPOSIT, BUY, {**SELL, "date": "2020-01-02"}))
    before = book.watermark()
    purchase = seqs(book)[1]
    changes = {purchase: {"quantity": "12"}}
    preview = correct_events(book, changes=changes, dry_run=True)
    assert (preview.written, [row["change"] for row in preview.rows]) == (False, ["void", "new"])
    assert book.watermark() == before
    assert correct_events(book, changes=changes, reason="typing error").written
    assert holdings(book) == {MAIN: "8"}
    assert [row["reference"] for row in neutral_table(book).rows()] == ["D1", "B1", "S1"]
    assert [str(row["net"]) for row in neutral_table(book).rows()] == ["10000.0000", "-1201.0000", "440.0000"]
    reference = Reference.from_facts(book.facts(watermark=before))
    assert reference.voided_batches == frozenset()
    old = neutral_table(book, known_at=before.known_at)
    assert [str(row["quantity"]) for row in old.rows()] == ["", "10", "-4"]


def test_what_was_corrected_is_known_to_later_imports(book: BookStore) -> None:
    content = csv(DEPOSIT, BUY)
    imported(book, content)
    correct_events(book, changes={seqs(book)[1]: {"quantity": "12"}})
    correct_events(book, changes={seqs(book)[1]: {"fee": "2"}})  # once more, on the corrected event
    again = imported(book, content)
    assert (again.inserted, again.known) == (0, 2)
    assert "was corrected since" in again.notes[1].message
    same = imported(book, csv({**BUY, "quantity": "12", "fee": "2"}))
    assert same.known == 1
    other = imported(book, csv({**BUY, "quantity": "13"}))
    assert other.conflicting == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"price": "50"}, "-501.0000"), ({"gross": "900"}, "-901.0000"), ({"net": "-800"}, "-800.0000"),
     ({"fee": "3"}, "-1003.0000"), ({"quantity": "1", "price": "7", "fee": ""}, "-7.0000"),
     ({"note": "x"}, "-1001.0000")],
)  # fmt: skip
def test_what_is_worked_out_anew(sqlite_book_url: str, changes: dict[str, str], expected: str) -> None:
    store = small_book(sqlite_book_url)
    imported(store, csv(DEPOSIT, BUY))
    correct_events(store, changes={seqs(store)[1]: changes})
    assert neutral_table(store).rows()[1]["net"] == expected


def test_a_correction_that_cannot_be_is_refused_whole(book: BookStore) -> None:
    imported(book, csv(DEPOSIT, BUY, SELL))
    deposit, purchase, sale = seqs(book)
    for changes, reason in (
        ({deposit: {"net": "5"}, purchase: {"quantity": "x"}}, "'x' is not a number"),
        ({purchase: {"quantity": "3"}}, "sells 4, holds 3"),
        ({sale: {"date": "2019-01-01"}}, "sells 4, holds 0"),
        ({purchase: {"instrument": "ACMEE"}}, "unknown instrument 'ACMEE'"),
    ):
        with pytest.raises(ImportRefused, match=reason):
            correct_events(book, changes=changes)
    with pytest.raises(UnknownName, match="did you mean 'quantity'"):
        correct_events(book, changes={purchase: {"qantity": "5"}})
    with pytest.raises(InvalidInput, match="nothing is to be corrected"):
        correct_events(book, changes={})
    assert len(book.batches()) == 6


def test_a_transfer_is_corrected_on_both_sides(book: BookStore) -> None:
    imported(
        book, csv(DEPOSIT, BUY, {"type": "transfer", "instrument": "ACME", "quantity": "3", "to_account": "SECOND"})
    )
    out = seqs(book)[2]
    correct_events(book, changes={out: {"quantity": "5", "to_account": "", "to_portfolio": "INCOME"}})
    assert holdings(book) == {MAIN: "5", ("INCOME", "MAIN", "ACME"): "5"}
    with pytest.raises(InvalidInput, match="corrected twice"):
        new = seqs(book)[2]
        correct_events(book, changes={new: {"note": "a"}, new + 1: {"note": "b"}})


def test_several_corrections_are_one_batch(book: BookStore) -> None:
    imported(book, csv(DEPOSIT, BUY, SELL))
    _, purchase, sale = seqs(book)
    before = len(book.batches())
    # Each alone would oversell or leave too little; together they fit.
    correct_events(book, changes={purchase: {"quantity": "2"}, sale: {"quantity": "2"}})
    assert len(book.batches()) == before + 1
    assert holdings(book) == {}
