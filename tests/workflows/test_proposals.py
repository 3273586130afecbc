"""Proposals in the book: stored, approved by two, sent, filled, broken; and the outbox that tells of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from argosy.adapters.files.tabular import read_rows
from argosy.adapters.store.opening import open_book
from argosy.base.errors import InsufficientPosition, InvalidInput, UnknownName
from argosy.base.money import Quote
from argosy.record.orders.fold import ProposalLife
from argosy.record.orders.proposal import Order, Proposal
from argosy.record.orders.states import ExpiredProposal, IllegalStep, OrderState, ProposalState, StepKind
from argosy.record.reference_fold import Reference
from argosy.workflows.fills import book_fills, bust_fill
from argosy.workflows.import_report import ImportReport
from argosy.workflows.outbox import acknowledge, outbox
from argosy.workflows.ports import BookStore
from argosy.workflows.proposals import (
    decide,
    expire_due,
    lives_at,
    proposal_history,
    show_proposal,
    store_proposals,
)
from argosy.workflows.void import void_batch
from tests.workflows.books import Clock, cash, csv, holdings, imported, reference_of, small_book

UNIT = 10**8
HELD = ("GROWTH", "MAIN", "ACME")


@pytest.fixture
def book(book_url: str) -> BookStore:
    store = small_book(book_url)
    rows = (
        {"type": "deposit", "net": "100000"},
        {"type": "buy", "instrument": "ACME", "quantity": "60", "price": "100", "reference": "B1"},
        {"type": "buy", "instrument": "ACME", "quantity": "40", "price": "120", "reference": "B2"},
    )
    assert imported(store, csv(*rows)).written
    return store


def lot(store: BookStore, number: int) -> int:
    """The seq of the ``number``-th purchase."""
    return int(store.events()["seq"][number])


def draft(store: BookStore, **changes: object) -> Proposal:
    reference = reference_of(store)
    account = next(one.id for one in reference.accounts.values() if one.code == "MAIN" and one.portfolio == 1)
    acme, whole = reference.instrument("ACME").id, reference.instrument("WHOLE").id
    orders = (
        Order(account, 0, acme, "sell", 50 * UNIT, Quote(110, 0), 18_300, lots=((lot(store, 2), 40 * UNIT),
              (lot(store, 1), 10 * UNIT)), cost="2.50", tax="12"),
        Order(account, 0, whole, "buy", 20, Quote(50, 0), 18_300),
    )  # fmt: skip
    made = Proposal(0, 1, 18_300, "ann", 0, 2, "drift", "ACME 5% over its band", orders, {"cost": "2.50"})
    return replace(made, **changes)  # type: ignore[arg-type]


def life(store: BookStore, number: int = 1) -> ProposalLife:
    return lives_at(store)[1][number]


def step(store: BookStore, kind: StepKind, by: str, **more: object) -> str:
    result = decide(store, clock=Clock(), proposals=[1], kind=kind, by=by, **more)  # type: ignore[arg-type]
    return str(result.lives[0].state)


def sent(store: BookStore) -> None:
    store_proposals(store, [draft(store)], clock=Clock())
    step(store, StepKind.APPROVE, "bob")
    step(store, StepKind.APPROVE, "eve")
    assert step(store, StepKind.SEND, "desk") == "sent"


def fills(store: BookStore, *rows: str, dry_run: bool = False, accept_good: bool = False) -> ImportReport:
    content = "order,date,quantity,price,fee,reference\n" + "\n".join(rows) + "\n"
    return book_fills(store, read_rows, content=content.encode(), name="fills.csv", by="broker", dry_run=dry_run,
                      accept_good=accept_good)  # fmt: skip


def test_a_proposal_is_approved_by_two_sent_and_filled(book: BookStore) -> None:
    preview = store_proposals(book, [draft(book)], clock=Clock(), dry_run=True)
    assert (preview.written, len(preview.lives)) == (False, 1)
    assert not lives_at(book)[1]
    sent(book)
    before_cash = cash(book)["GROWTH", "MAIN", "USD"]
    report = fills(book, "1-1,2020-02-03,45,111,1.50,F1", "1-2,2020-02-03,20,49.5,0,F2")
    assert (report.written, report.inserted, report.problems) == (True, 2, ())
    assert holdings(book) == {HELD: "55", ("GROWTH", "MAIN", "WHOLE"): "20"}
    assert cash(book)["GROWTH", "MAIN", "USD"] - before_cash == (45 * 111 * 100 - 150 - 20 * 4950) * 100
    assert life(book).order(1).state == OrderState.PARTIALLY_FILLED
    # The lots are those the order named: 40 of the second purchase, then 5 of the first.
    events = book.events()
    assert [list(pair) for pair in events.payload[3]["lots"]] == [[lot(book, 2), 40 * UNIT], [lot(book, 1), 5 * UNIT]]
    assert fills(book, "1-1,2020-02-04,5,112,0,F3").written
    assert life(book).state == ProposalState.EXECUTED


def test_asking_twice_is_safe(book: BookStore) -> None:
    sent(book)
    assert step(book, StepKind.SEND, "desk") == "sent"
    row = "1-1,2020-02-03,45,111,1.50,F1"
    assert fills(book, row).written
    again = fills(book, row)
    assert (again.written, again.known, again.inserted) == (False, 1, 0)
    assert holdings(book)[HELD] == "55"
    mark = book.watermark()
    assert not decide(book, clock=Clock(), proposals=[1], kind=StepKind.APPROVE, by="bob").written
    assert book.watermark() == mark


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1-1,2020-02-03,51,111,0,F1", "more than order 1 of proposal 1 has left"),
        ("7-1,2020-02-03,5,111,0,F1", "there is no order 7-1"),
        ("1-9,2020-02-03,5,111,0,F1", "there is no order 1-9"),
        ("ACME,2020-02-03,5,111,0,F1", "is not an order"),
        ("1-1,2020-02-03,5,111,0,", "as the broker reports it"),
        ("1-1,2020-02-03,,111,0,F1", "nothing there"),
        ("1-1,2020-02-30,5,111,0,F1", "date"),
        ("1-2,2020-02-03,0.5,111,0,F1", "scale"),
    ],
)
def test_fills_that_cannot_be_are_problems_of_their_line(book: BookStore, row: str, said: str) -> None:
    sent(book)
    mark = book.watermark()
    report = fills(book, "1-1,2020-02-03,1,111,0,F0", row)
    assert (report.written, report.problems[0].line) == (False, 3)
    assert said in report.problems[0].text()
    assert book.watermark() == mark
    assert fills(book, "1-1,2020-02-03,1,111,0,F0", row, accept_good=True).written


def test_a_fill_before_sending_and_a_file_without_columns(book: BookStore) -> None:
    store_proposals(book, [draft(book)], clock=Clock())
    assert "order 1 of proposal 1 is pending" in fills(book, "1-1,2020-02-03,5,111,0,F1").problems[0].text()
    report = book_fills(book, read_rows, content=b"order,quantity\n1-1,5\n", name="f.csv", by="broker")
    assert [problem.field for problem in report.problems] == ["price", "date", "reference"]
    wrong = "order,date,quantity,price,reference,side,instrument\n1-1,2020-02-03,5,1,F1,buy,SHEL\n"
    report = book_fills(book, read_rows, content=wrong.encode(), name="f.csv", by="broker")
    assert [problem.field for problem in report.problems] == ["side", "instrument"]


def test_a_sale_of_what_is_gone_is_refused_by_the_ledger(book: BookStore) -> None:
    sent(book)
    row = {"type": "sell", "instrument": "ACME", "quantity": "90", "price": "100", "date": "2020-02-01",
           "lots": f"#{lot(book, 1)}:60;#{lot(book, 2)}:30"}  # fmt: skip
    assert imported(book, csv(row)).written
    mark = book.watermark()
    report = fills(book, "1-1,2020-02-03,45,111,0,F1")
    assert not report.written
    assert report.problems
    assert book.watermark() == mark


def test_a_fill_is_taken_back_with_its_trade(book: BookStore) -> None:
    sent(book)
    fills(book, "1-1,2020-02-03,50,111,1.50,F1")
    assert life(book).order(1).state == OrderState.FILLED
    preview = bust_fill(
        book, clock=Clock(), proposal=1, reference="F1", by="broker", reason="trade break", dry_run=True
    )
    assert not preview.written
    result = bust_fill(book, clock=Clock(), proposal=1, reference="F1", by="broker", reason="trade break")
    assert "taken back" in result.notes[0]
    assert holdings(book) == {HELD: "100"}
    assert life(book).order(1).leaves == 50 * UNIT
    with pytest.raises(UnknownName, match="no fill 'F1'"):
        bust_fill(book, clock=Clock(), proposal=1, reference="F1", by="broker", reason="again")
    assert fills(book, "1-1,2020-02-04,50,110,0,F2").written


def test_a_voided_batch_of_fills_may_come_again(book: BookStore) -> None:
    sent(book)
    batch = fills(book, "1-1,2020-02-03,50,111,0,F1").batch
    void_batch(book, batch=batch, reason="wrong day")
    assert life(book).order(1).state == OrderState.SENT
    assert holdings(book)[HELD] == "100"
    assert fills(book, "1-1,2020-02-04,50,111,0,F1").written
    assert holdings(book)[HELD] == "50"


def test_orders_are_cancelled_replaced_and_refused(book: BookStore) -> None:
    sent(book)
    assert step(book, StepKind.REPLACE_ORDER, "desk", order=1, quantity=30 * UNIT) == "sent"
    with pytest.raises(InvalidInput, match="reason is needed"):
        step(book, StepKind.REFUSE_ORDER, "broker", order=2)
    step(book, StepKind.REFUSE_ORDER, "broker", order=2, note="not tradable")
    assert step(book, StepKind.CANCEL_ORDER, "desk", order=3) == "executed"
    assert [order.state for order in life(book).orders] == [
        OrderState.REPLACED, OrderState.REFUSED, OrderState.CANCELLED,
    ]  # fmt: skip


def test_two_approvers_at_once_are_put_in_order(book_url: str) -> None:
    first = small_book(book_url)
    assert imported(
        first,
        csv(
            {"type": "deposit", "net": "100"},
            {"type": "delivery_in", "instrument": "ACME", "quantity": "60", "value": "1"},
            {"type": "delivery_in", "instrument": "ACME", "quantity": "40", "value": "1"},
        ),
    ).written
    store_proposals(first, [draft(first, approvals=1)], clock=Clock())
    second = open_book(book_url, clock=Clock())
    assert step(first, StepKind.APPROVE, "bob") == "approved"
    with pytest.raises(IllegalStep, match="approved by bob"):
        step(second, StepKind.APPROVE, "eve")
    second.close()


def test_a_newer_proposal_takes_the_place_of_an_open_one(book: BookStore) -> None:
    store_proposals(book, [draft(book)], clock=Clock())
    step(book, StepKind.APPROVE, "bob")
    store_proposals(book, [draft(book)], clock=Clock())
    assert (life(book, 1).state, life(book, 2).state) == (ProposalState.SUPERSEDED, ProposalState.PROPOSED)
    with pytest.raises(IllegalStep, match="superseded"):
        step(book, StepKind.APPROVE, "eve")


def test_nothing_new_is_proposed_while_orders_work(book: BookStore) -> None:
    sent(book)
    with pytest.raises(IllegalStep, match="orders of proposal 1 for GROWTH are still in the market"):
        store_proposals(book, [draft(book)], clock=Clock())


def test_time_runs_out(book: BookStore) -> None:
    clock = Clock()
    store_proposals(book, [draft(book, expires=clock() + 10_000_000)], clock=clock)
    assert not expire_due(book, clock=clock).written
    clock.now += 60_000_000
    with pytest.raises(ExpiredProposal, match="propose again"):
        decide(book, clock=clock, proposals=[1], kind=StepKind.APPROVE, by="bob")
    assert expire_due(book, clock=clock).written
    assert not expire_due(book, clock=clock).written
    assert life(book).state == ProposalState.EXPIRED


def test_decisions_are_checked(book: BookStore) -> None:
    with pytest.raises(UnknownName, match="there is no proposal 1"):
        step(book, StepKind.APPROVE, "bob")
    store_proposals(book, [draft(book)], clock=Clock())
    with pytest.raises(InvalidInput, match="needs a name"):
        step(book, StepKind.APPROVE, "")
    with pytest.raises(InvalidInput, match="no proposal was named"):
        decide(book, clock=Clock(), proposals=[], kind=StepKind.APPROVE, by="bob")

    def judge(life: ProposalLife, reference: Reference) -> None:
        raise InsufficientPosition("the limit on ACME would be broken")

    mark = book.watermark()
    with pytest.raises(InsufficientPosition):
        decide(book, clock=Clock(), proposals=[1], kind=StepKind.APPROVE, by="bob", before=judge)
    assert book.watermark() == mark


def test_proposals_are_shown_as_they_were_known(book: BookStore) -> None:
    store_proposals(book, [draft(book)], clock=Clock())
    moment = book.watermark().known_at
    step(book, StepKind.REJECT, "bob", note="earnings tomorrow")
    rows = proposal_history(book, clock=Clock()).table().rows()
    assert (rows[0]["state"], rows[0]["reason"]) == ("rejected", "ACME 5% over its band")
    assert proposal_history(book, clock=Clock(), known_at=moment).table().rows()[0]["state"] == "proposed"
    assert not len(proposal_history(book, clock=Clock(), state="approved", portfolios=["GROWTH"]))
    with pytest.raises(InvalidInput, match="not a state"):
        proposal_history(book, clock=Clock(), state="done")
    shown = show_proposal(book, clock=Clock(), proposal=1)
    assert [table.name for table in shown.tables] == ["Proposal 1", "Orders", "Steps"]
    assert shown.tables[1].rows()[0]["lots"] == f"#{lot(book, 2)}:40;#{lot(book, 1)}:10"
    assert shown.tables[2].rows()[0]["note"] == "earnings tomorrow"


def test_the_outbox_delivers_until_it_is_acknowledged(book: BookStore) -> None:
    start = outbox(book, consumer="oms", kinds=["proposal", "decision"])
    assert (len(start), start.last) == (0, 0)
    sent(book)
    waiting = outbox(book, consumer="oms", kinds=["proposal", "decision"])
    assert waiting.table()["message"].values == ["proposal", "decision", "decision", "decision"]
    assert json.loads(waiting.table()["content"].values[0])["reason"] == "ACME 5% over its band"
    # Nothing was acknowledged, so it comes again, and to another consumer too.
    assert outbox(book, consumer="oms", kinds=["proposal", "decision"]) == waiting
    assert len(outbox(book, consumer="mail", kinds=["proposal"])) == 1
    part = outbox(book, consumer="oms", kinds=["proposal", "decision"], most=3)
    assert (len(part), part.more) == (3, 1)
    assert acknowledge(book, consumer="oms", seq=part.last) is not None
    assert acknowledge(book, consumer="oms", seq=part.last) is None
    assert len(outbox(book, consumer="oms", kinds=["proposal", "decision"])) == 1
    with pytest.raises(InvalidInput, match="the book goes to"):
        acknowledge(book, consumer="oms", seq=10**9)
    with pytest.raises(InvalidInput, match="not a message"):
        outbox(book, consumer="oms", kinds=["trades"])
    with pytest.raises(InvalidInput, match="at least one"):
        outbox(book, consumer="oms", most=0)
