"""The life of each proposal: its steps folded into the state it is in, and the check of the next step."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from argosy.base.dates import format_instant
from argosy.base.errors import ArgosyError, InsufficientPosition, InvalidInput
from argosy.record.facts import Fact, FactKind
from argosy.record.orders.proposal import Order, Proposal, Step, read_proposal, read_step
from argosy.record.orders.states import (
    ORDER_STEPS,
    PROPOSAL_STEPS,
    ExpiredProposal,
    IllegalStep,
    OrderState,
    ProposalState,
    StepKind,
    allowed_steps,
)
from argosy.record.payload import integer

_ENDS = {
    StepKind.REJECT: ProposalState.REJECTED,
    StepKind.CANCEL: ProposalState.CANCELLED,
    StepKind.EXPIRE: ProposalState.EXPIRED,
    StepKind.SUPERSEDE: ProposalState.SUPERSEDED,
}
_CLOSES = {
    StepKind.CANCEL_ORDER: OrderState.CANCELLED,
    StepKind.REFUSE_ORDER: OrderState.REFUSED,
    StepKind.REPLACE_ORDER: OrderState.REPLACED,
}


@dataclass(frozen=True, slots=True)
class OrderLife:
    """An order with what has happened to it. ``number`` counts from 1; a replacement gets the next free one."""

    number: int
    terms: Order
    closed: OrderState | None = None
    fills: tuple[Step, ...] = ()
    sent: bool = False
    replaces: int = 0

    @property
    def filled(self) -> int:
        """Quantity filled, at the instrument's scale."""
        return sum(fill.quantity for fill in self.fills)

    @property
    def leaves(self) -> int:
        """Quantity the market may still fill."""
        return 0 if self.closed or not self.sent else self.terms.quantity - self.filled

    @property
    def state(self) -> OrderState:
        """Where it stands."""
        if self.filled == self.terms.quantity:
            return OrderState.FILLED
        if self.closed:
            return self.closed
        if not self.sent:
            return OrderState.PENDING
        return OrderState.PARTIALLY_FILLED if self.fills else OrderState.SENT


@dataclass(frozen=True, slots=True)
class ProposalLife:
    """A proposal with what has happened to it."""

    terms: Proposal
    orders: tuple[OrderLife, ...]
    steps: tuple[Step, ...] = ()
    ended: ProposalState | None = None
    busted: tuple[str, ...] = ()
    ignored: tuple[Step, ...] = ()
    """Steps that do not count any more, because a batch that they stood on was taken back."""

    @classmethod
    def of(cls, terms: Proposal) -> ProposalLife:
        """A proposal to which nothing has happened yet."""
        return cls(terms, tuple(OrderLife(number, order) for number, order in enumerate(terms.orders, 1)))

    @property
    def approved_by(self) -> tuple[str, ...]:
        """Who agreed, in order."""
        return tuple(step.by for step in self.steps if step.kind == StepKind.APPROVE)

    @property
    def was_sent(self) -> bool:
        """Whether its orders went out."""
        return any(step.kind == StepKind.SEND for step in self.steps)

    @property
    def state(self) -> ProposalState:
        """Where it stands by its steps alone; :meth:`state_at` also looks at the clock."""
        if self.ended:
            return self.ended
        if self.was_sent:
            working = any(order.state.working for order in self.orders)
            return ProposalState.SENT if working else ProposalState.EXECUTED
        enough = len(self.approved_by) >= self.terms.approvals
        return ProposalState.APPROVED if enough else ProposalState.PROPOSED

    def state_at(self, now: int) -> ProposalState:
        """Where it stands at an instant: what was not sent in time has expired."""
        state = self.state
        late = 0 < self.terms.expires <= now
        return ProposalState.EXPIRED if late and state in PROPOSAL_STEPS[StepKind.EXPIRE] else state

    def order(self, number: int) -> OrderLife:
        """An order by number."""
        if not 1 <= number <= len(self.orders):
            raise InvalidInput(
                f"proposal {self.terms.id} has no order {number}", field="order", found=number,
                expected=f"1 to {len(self.orders)}", next_step="see argosy rebalance show",
            )  # fmt: skip
        return self.orders[number - 1]

    def fill(self, reference: str) -> tuple[OrderLife, Step] | None:
        """The standing fill with a broker's reference."""
        for order in self.orders:
            for fill in order.fills:
                if fill.reference == reference:
                    return order, fill
        return None

    def after(self, step: Step, *, now: int | None = None) -> ProposalLife:
        """This proposal after a further step.

        With ``now`` the clock counts too: an expired proposal allows nothing but to be marked as such.

        Raises
        ------
        IllegalStep, ExpiredProposal
            When the state does not allow it, or the same person would count twice.
        InsufficientPosition
            When a fill is for more than the order has left.
        """
        return _order_step(self, step) if step.kind.of_order else _proposal_step(self, step, now)


def _proposal_step(life: ProposalLife, step: Step, now: int | None) -> ProposalLife:
    terms, state = life.terms, life.state if now is None else life.state_at(now)
    if state == ProposalState.EXPIRED and life.ended is None and step.kind != StepKind.EXPIRE:
        raise ExpiredProposal(
            f"proposal {terms.id} expired at {format_instant(terms.expires)}", field="proposal", found=terms.id,
            next_step="propose again on today's prices with argosy rebalance propose",
        )  # fmt: skip
    if life.state not in PROPOSAL_STEPS[step.kind]:
        raise _illegal(life, step)
    if step.kind == StepKind.EXPIRE and now is not None and state != ProposalState.EXPIRED:
        raise IllegalStep(f"proposal {terms.id} has not expired yet", field="proposal", found=terms.id)
    if step.kind == StepKind.APPROVE:
        _check_approver(life, step.by)
    orders = life.orders
    if step.kind == StepKind.SEND:
        orders = tuple(replace(order, sent=True) for order in orders)
    return replace(life, orders=orders, steps=(*life.steps, step), ended=_ENDS.get(step.kind))


def _check_approver(life: ProposalLife, by: str) -> None:
    if not by:
        raise InvalidInput("an approval needs a name", field="by", next_step="give --by NAME")
    if by in life.approved_by:
        raise IllegalStep(
            f"{by} has approved proposal {life.terms.id} already", field="by", found=by,
            next_step="the second approval has to be another person's",
        )  # fmt: skip
    if life.terms.approvals > 1 and by == life.terms.made_by:
        raise IllegalStep(
            f"{by} made proposal {life.terms.id} and cannot approve it", field="by", found=by,
            next_step="the mandate asks for four eyes: two other people approve",
        )  # fmt: skip


def _illegal(life: ProposalLife, step: Step) -> IllegalStep:
    state = life.state
    last = f" by {life.steps[-1].by}" if life.steps and life.steps[-1].by else ""
    can = allowed_steps(state)
    return IllegalStep(
        f"proposal {life.terms.id} is {state}{last if state != ProposalState.PROPOSED else ''}: {step.kind} is not "
        "possible", field="proposal", found=state.value, expected=", ".join(can) or "nothing: this state is final",
        next_step=f"possible now: {', '.join(can)}" if can else "make a new proposal",
    )  # fmt: skip


def _order_step(life: ProposalLife, step: Step) -> ProposalLife:
    order = life.order(step.order)
    if order.state not in ORDER_STEPS[step.kind]:
        raise IllegalStep(
            f"order {step.order} of proposal {life.terms.id} is {order.state}: {step.kind} is not possible",
            field="order", found=order.state.value, next_step="see argosy rebalance show",
        )  # fmt: skip
    orders, busted = list(life.orders), life.busted
    if step.kind == StepKind.FILL:
        orders[step.order - 1] = _filled(life, order, step)
    elif step.kind == StepKind.BUST:
        orders[step.order - 1] = _without(order, step)
        busted = (*busted, step.reference)
    else:
        if step.kind == StepKind.REPLACE_ORDER:
            orders.append(_replacement(order, step, len(orders) + 1))
        orders[step.order - 1] = replace(order, closed=_CLOSES[step.kind])
    return replace(life, orders=tuple(orders), steps=(*life.steps, step), busted=busted)


def _filled(life: ProposalLife, order: OrderLife, step: Step) -> OrderLife:
    if step.quantity <= 0:
        raise InvalidInput("a fill needs a quantity above zero", field="quantity", found=step.quantity)
    if not step.reference:
        raise InvalidInput(
            "a fill needs the broker's reference", field="reference",
            next_step="without it a fill that arrives twice would be booked twice",
        )  # fmt: skip
    if step.reference in life.busted:
        raise IllegalStep(f"fill {step.reference} was taken back", field="reference", found=step.reference)
    if life.fill(step.reference):
        raise IllegalStep(f"fill {step.reference} is booked already", field="reference", found=step.reference)
    if step.quantity > order.leaves:
        raise InsufficientPosition(
            f"fill {step.reference} is for more than order {order.number} of proposal {life.terms.id} has left",
            field="quantity", found=step.quantity, expected=f"at most {order.leaves}",
            next_step="ask the broker, or replace the order first",
        )  # fmt: skip
    return replace(order, fills=(*order.fills, step))


def _without(order: OrderLife, step: Step) -> OrderLife:
    kept = tuple(fill for fill in order.fills if fill.reference != step.reference)
    if len(kept) == len(order.fills):
        raise InvalidInput(
            f"order {order.number} has no fill {step.reference!r}", field="reference", found=step.reference
        )
    return replace(order, fills=kept)


def _replacement(order: OrderLife, step: Step, number: int) -> OrderLife:
    if not 0 < step.quantity <= order.leaves:
        raise InvalidInput(
            f"a replacement may ask for at most what order {order.number} has left of what was approved",
            field="quantity", found=step.quantity, expected=f"1 to {order.leaves}",
            next_step="argosy rebalance show tells what is left; a larger order needs a proposal of its own",
        )  # fmt: skip
    # The lots of a sale stay in the order the first order named them; what was filled took the first of them.
    lots = _lots_left(order.terms.lots, order.filled, step.quantity)
    return OrderLife(number, replace(order.terms, quantity=step.quantity, lots=lots), sent=True, replaces=order.number)


def _lots_left(lots: tuple[tuple[int, int], ...], done: int, wanted: int) -> tuple[tuple[int, int], ...]:
    """The next ``wanted`` units of named lots, after the first ``done`` of them."""
    left: list[tuple[int, int]] = []
    for seq, quantity in lots:
        passed = min(done, quantity)
        done -= passed
        taken = min(quantity - passed, wanted)
        wanted -= taken
        if taken:
            left.append((seq, taken))
    return tuple(left)


def lots_of_fill(order: OrderLife, quantity: int) -> tuple[tuple[int, int], ...]:
    """The lots that a fill of the next ``quantity`` units relieves, when the order names lots.

    Examples
    --------
    >>> from argosy.base.money import Quote
    >>> terms = Order(1, 0, 1, "sell", 10, Quote(5, 0), 0, lots=((7, 4), (9, 6)))
    >>> lots_of_fill(OrderLife(1, terms, sent=True), 5)
    ((7, 4), (9, 1))
    """
    return _lots_left(order.terms.lots, order.filled, quantity)


def read_lives(facts: Iterable[Fact], only: Container[int] | None = None) -> dict[int, ProposalLife]:
    """Proposals among standing facts (in seq order) with what happened to them, by id: all, or ``only`` some ids."""
    lives: dict[int, ProposalLife] = {}
    for fact in facts:
        if fact.kind == FactKind.PROPOSAL and (only is None or fact.subject in only):
            lives[fact.subject] = ProposalLife.of(read_proposal(fact))
        elif fact.kind == FactKind.DECISION and fact.subject in lives:
            life, step = lives[fact.subject], read_step(fact)
            try:
                lives[fact.subject] = life.after(step)
            except ArgosyError:
                # Each step was checked before it was written: what it stood on was voided since.
                lives[fact.subject] = replace(life, ignored=(*life.ignored, step))
    return lives


def recent_lives(facts: Sequence[Fact]) -> dict[int, ProposalLife]:
    """The newest proposals of each portfolio, back to the last one that was sent: what a new one depends on."""
    made: dict[int, list[Fact]] = {}
    steps: dict[int, list[Fact]] = {}
    for fact in facts:
        if fact.kind == FactKind.PROPOSAL:
            made.setdefault(integer(fact.payload, "portfolio"), []).append(fact)
        elif fact.kind == FactKind.DECISION:
            steps.setdefault(fact.subject, []).append(fact)
    lives: dict[int, ProposalLife] = {}
    for own in made.values():
        for fact in reversed(own):
            lives |= read_lives([fact, *steps.get(fact.subject, ())])
            if lives[fact.subject].state in (ProposalState.SENT, ProposalState.EXECUTED):
                break
    return lives
