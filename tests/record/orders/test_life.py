"""The life of a proposal: which steps each state allows, four eyes, expiry, fills, breaks, replacements."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from argosy.base.errors import ArgosyError, InsufficientPosition, InvalidInput
from argosy.base.money import Quote
from argosy.record.facts import Fact
from argosy.record.orders.fold import ProposalLife, lots_of_fill, read_lives
from argosy.record.orders.proposal import Order, Proposal, Step, checked_order
from argosy.record.orders.states import ExpiredProposal, IllegalStep, OrderState, ProposalState, StepKind

PRICE = Quote(12_345, -2)
SELL = Order(1, 0, 7, "sell", 100, PRICE, 19_000, lots=((11, 60), (12, 40)), cost="1.25", tax="3", reason="over")
BUY = Order(1, 0, 8, "buy", 50, PRICE, 19_000)
TERMS = Proposal(1, 1, 19_000, "ann", 1_000, 2, "drift", "equity 3% over its band", (SELL, BUY),
                 {"cost": "1.25"}, ("equity <= 60%: 61% before, 58% after",), "ab12",
                 reasons=(("drift", "equity"),))  # fmt: skip


def approved(terms: Proposal = TERMS) -> ProposalLife:
    return ProposalLife.of(terms).after(Step(StepKind.APPROVE, "bob")).after(Step(StepKind.APPROVE, "eve"))


def sent() -> ProposalLife:
    return approved().after(Step(StepKind.SEND, "desk"))


def fill(order: int, quantity: int, reference: str) -> Step:
    return Step(StepKind.FILL, "broker", order=order, quantity=quantity, price=PRICE, reference=reference)


def test_a_proposal_goes_from_proposed_to_executed() -> None:
    life = ProposalLife.of(TERMS)
    assert life.state == ProposalState.PROPOSED
    life = life.after(Step(StepKind.APPROVE, "bob"))
    assert life.state == ProposalState.PROPOSED  # two have to agree
    life = life.after(Step(StepKind.APPROVE, "eve"))
    assert life.state == ProposalState.APPROVED
    assert [order.state for order in life.orders] == [OrderState.PENDING] * 2
    life = life.after(Step(StepKind.SEND, "desk"))
    assert [order.state for order in life.orders] == [OrderState.SENT] * 2
    life = life.after(fill(1, 70, "x1"))
    assert (life.order(1).state, life.order(1).leaves) == (OrderState.PARTIALLY_FILLED, 30)
    life = life.after(fill(1, 30, "x2"))
    assert life.state == ProposalState.SENT
    life = life.after(Step(StepKind.CANCEL_ORDER, "desk", order=2))
    assert life.state == ProposalState.EXECUTED
    assert [order.state for order in life.orders] == [OrderState.FILLED, OrderState.CANCELLED]


def test_four_eyes() -> None:
    life = ProposalLife.of(TERMS)
    with pytest.raises(IllegalStep, match="ann made proposal 1 and cannot approve it"):
        life.after(Step(StepKind.APPROVE, "ann"))
    once = life.after(Step(StepKind.APPROVE, "bob"))
    with pytest.raises(IllegalStep, match="bob has approved proposal 1 already"):
        once.after(Step(StepKind.APPROVE, "bob"))
    with pytest.raises(InvalidInput, match="needs a name"):
        life.after(Step(StepKind.APPROVE, ""))
    alone = ProposalLife.of(replace(TERMS, approvals=1)).after(Step(StepKind.APPROVE, "ann"))
    assert alone.state == ProposalState.APPROVED


def test_time_runs_out_only_before_sending() -> None:
    life = approved()
    assert life.state_at(999) == ProposalState.APPROVED
    assert life.state_at(1_000) == ProposalState.EXPIRED
    with pytest.raises(ExpiredProposal, match="expired at 1970-01-01"):
        life.after(Step(StepKind.SEND, "desk"), now=1_000)
    with pytest.raises(IllegalStep, match="has not expired yet"):
        life.after(Step(StepKind.EXPIRE, "close"), now=999)
    assert life.after(Step(StepKind.EXPIRE, "close"), now=1_000).state == ProposalState.EXPIRED
    assert sent().state_at(10**9) == ProposalState.SENT


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (StepKind.REJECT, ProposalState.REJECTED), (StepKind.CANCEL, ProposalState.CANCELLED),
        (StepKind.SUPERSEDE, ProposalState.SUPERSEDED), (StepKind.EXPIRE, ProposalState.EXPIRED),
    ],
)  # fmt: skip
def test_what_ends_a_proposal_is_final(kind: StepKind, state: ProposalState) -> None:
    ended = approved().after(Step(kind, "bob"))
    assert ended.state == state
    assert ended.state.final
    for further in (StepKind.APPROVE, StepKind.SEND, StepKind.REJECT):
        with pytest.raises(IllegalStep, match=f"is {state} by bob"):
            ended.after(Step(further, "eve"))
    with pytest.raises(IllegalStep, match="sent by desk"):
        sent().after(Step(kind, "bob"))


def test_fills_beyond_the_order_and_twice_are_refused() -> None:
    life = sent().after(fill(1, 60, "x1"))
    with pytest.raises(InsufficientPosition, match="more than order 1 of proposal 1 has left"):
        life.after(fill(1, 41, "x2"))
    with pytest.raises(IllegalStep, match="x1 is booked already"):
        life.after(fill(2, 10, "x1"))
    with pytest.raises(InvalidInput, match="above zero"):
        life.after(fill(1, 0, "x3"))
    with pytest.raises(InvalidInput, match="broker's reference"):
        life.after(fill(1, 1, ""))
    with pytest.raises(InvalidInput, match="no order 3"):
        life.after(fill(3, 1, "x4"))
    with pytest.raises(IllegalStep, match="order 1 of proposal 1 is pending"):
        approved().after(fill(1, 1, "x5"))


def test_a_fill_taken_back_opens_the_order_again() -> None:
    life = sent().after(fill(1, 100, "x1")).after(fill(2, 50, "x2"))
    assert life.state == ProposalState.EXECUTED
    life = life.after(Step(StepKind.BUST, "broker", order=1, reference="x1"))
    assert (life.state, life.order(1).leaves) == (ProposalState.SENT, 100)
    with pytest.raises(IllegalStep, match="was taken back"):
        life.after(fill(1, 100, "x1"))
    with pytest.raises(InvalidInput, match="has no fill 'x9'"):
        life.after(Step(StepKind.BUST, "broker", order=1, reference="x9"))
    assert life.after(fill(1, 100, "x3")).state == ProposalState.EXECUTED


def test_a_replacement_asks_for_no_more_than_was_approved() -> None:
    life = sent().after(fill(1, 70, "x1"))
    with pytest.raises(InvalidInput, match="at most what order 1 has left of what was approved"):
        life.after(Step(StepKind.REPLACE_ORDER, "desk", order=1, quantity=31))
    life = life.after(Step(StepKind.REPLACE_ORDER, "desk", order=1, quantity=25))
    assert (life.order(1).state, life.order(3).state) == (OrderState.REPLACED, OrderState.SENT)
    assert life.order(3).terms.lots == ((12, 25),)
    assert life.order(3).replaces == 1
    refused = life.after(Step(StepKind.REFUSE_ORDER, "broker", order=3))
    assert refused.order(3).state == OrderState.REFUSED


def test_lots_are_relieved_in_the_order_they_were_named() -> None:
    life = sent()
    assert lots_of_fill(life.order(1), 70) == ((11, 60), (12, 10))
    assert lots_of_fill(life.after(fill(1, 70, "x1")).order(1), 30) == ((12, 30),)
    assert lots_of_fill(life.order(2), 10) == ()


def test_orders_are_checked() -> None:
    assert checked_order(SELL) is SELL
    for wrong, said in (
        (replace(BUY, side="hold"), "not a side"), (replace(BUY, quantity=0), "above zero"),
        (replace(SELL, quantity=99), "sum to what it sells"), (replace(BUY, lots=((1, 50),)), "sum to what it sells"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=said):
            checked_order(wrong)


def test_the_book_gives_back_what_was_written() -> None:
    steps = [
        Step(StepKind.APPROVE, "bob", "fine"), Step(StepKind.APPROVE, "eve"), Step(StepKind.SEND, "desk"),
        fill(1, 60, "x1"), Step(StepKind.REPLACE_ORDER, "desk", order=2, quantity=20),
    ]  # fmt: skip
    drafts = [TERMS.draft(), *(step.draft(1, 19_001) for step in steps)]
    facts = [
        Fact(seq, 1, draft.kind, draft.subject, draft.effective, draft.payload) for seq, draft in enumerate(drafts, 1)
    ]
    life = read_lives(facts)[1]
    assert replace(life.terms, seq=0) == TERMS
    assert [replace(step, seq=0) for step in life.steps] == steps
    assert [order.state for order in life.orders] == [
        OrderState.PARTIALLY_FILLED, OrderState.REPLACED, OrderState.SENT,
    ]  # fmt: skip


def test_steps_that_stood_on_a_voided_batch_are_left_out() -> None:
    steps = [Step(StepKind.APPROVE, "bob"), Step(StepKind.SEND, "desk"), fill(1, 60, "x1")]
    drafts = [TERMS.draft(), *(step.draft(1, 19_001) for step in steps), steps[0].draft(2, 19_001)]
    facts = [
        Fact(seq, 1, draft.kind, draft.subject, draft.effective, draft.payload) for seq, draft in enumerate(drafts, 1)
    ]
    life = read_lives(facts)[1]  # the second approval was voided
    assert life.state == ProposalState.PROPOSED
    assert [step.kind for step in life.ignored] == [StepKind.SEND, StepKind.FILL]
    assert list(read_lives(facts)) == [1]  # and proposal 2 as a whole


class Lives(RuleBasedStateMachine):
    """Any steps in any order: what is refused changes nothing, what is accepted keeps the promises."""

    def __init__(self) -> None:
        super().__init__()
        self.life = ProposalLife.of(TERMS)
        self.now = 0
        self.count = 0

    def take(self, step: Step) -> None:
        before = self.life
        try:
            self.life = before.after(step, now=self.now)
        except ArgosyError:
            assert self.life == before

    @rule(kind=st.sampled_from([k for k in StepKind if not k.of_order]), by=st.sampled_from(["ann", "bob", "eve"]))
    def whole(self, kind: StepKind, by: str) -> None:
        self.take(Step(kind, by))

    @precondition(lambda self: self.life.was_sent)
    @rule(order=st.integers(0, 4), quantity=st.integers(0, 120), new=st.booleans())
    def fills(self, order: int, quantity: int, new: bool) -> None:
        self.count += new
        self.take(fill(order, quantity, f"x{self.count}"))

    @precondition(lambda self: self.life.was_sent)
    @rule(kind=st.sampled_from([k for k in StepKind if k.of_order]), order=st.integers(1, 4),
          quantity=st.integers(0, 120), reference=st.integers(0, 9))  # fmt: skip
    def changes(self, kind: StepKind, order: int, quantity: int, reference: int) -> None:
        self.take(Step(kind, "desk", order=order, quantity=quantity, reference=f"x{reference}"))

    @rule(step=st.integers(0, 400))
    def later(self, step: int) -> None:
        self.now += step

    @invariant()
    def never_more_than_approved(self) -> None:
        for side, limit in (("sell", 100), ("buy", 50)):
            orders = [order for order in self.life.orders if order.terms.side == side]
            assert sum(order.filled + order.leaves for order in orders) <= limit
            assert all(order.leaves >= 0 for order in orders)

    @invariant()
    def nothing_is_sent_that_two_others_did_not_approve(self) -> None:
        if self.life.was_sent:
            assert set(self.life.approved_by) >= {"bob", "eve"}
            assert "ann" not in self.life.approved_by

    @invariant()
    def a_reference_is_filled_once(self) -> None:
        references = [one.reference for order in self.life.orders for one in order.fills]
        assert len(references) == len(set(references))
        assert not set(references) & set(self.life.busted)


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
