"""Proposals in the book: stored, decided, sent. Every change is a fact, written under the book's lock.

Two people who approve at once are put in order by the lock; the second finds the state that the first one left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from argosy.base.dates import DAY_US
from argosy.base.errors import InvalidInput, UnknownName
from argosy.base.table import Table
from argosy.construction.rebalance.realized import realized_costs
from argosy.record.facts import FactDraft, FactKind
from argosy.record.orders.fold import ProposalLife, read_lives
from argosy.record.orders.proposal import Proposal, Step, checked_order
from argosy.record.orders.states import IllegalStep, ProposalState, StepKind
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.proposals import (
    order_rows,
    orders_table,
    proposal_table,
    proposals_table,
    steps_table,
)
from argosy.reporting.statements.rebalancing import costs_table
from argosy.workflows.look import Statement
from argosy.workflows.market_view import open_market
from argosy.workflows.ports import BatchDraft, BatchInfo, BookStore, Clock, MarketFiles, Writer

PreTrade = Callable[[ProposalLife, Reference], None]
"""Looks at a proposal before it is approved and again before it is sent; raises when it may not go on."""

CLOSERS = frozenset({StepKind.REJECT, StepKind.CANCEL, StepKind.EXPIRE})


@dataclass(frozen=True)
class DecisionResult:
    """What a decision did, or would do: the proposals as they stand after it."""

    what: str
    lives: tuple[ProposalLife, ...]
    reference: Reference = field(repr=False)
    now: int = 0
    batch: BatchInfo | None = None
    notes: tuple[str, ...] = ()

    @property
    def written(self) -> bool:
        """Whether the book holds it now."""
        return self.batch is not None

    def summary(self) -> str:
        """One line for people."""
        place = f"batch {self.batch.batch}" if self.batch else "nothing written"
        told = ", ".join(f"proposal {life.terms.id} {life.state_at(self.now)}" for life in self.lives)
        return f"{self.what}: {told or 'no proposal'} ({place})"

    def table(self) -> Table:
        """One line per proposal."""
        return proposals_table(self.lives, self.reference, now=self.now, notes=self.notes)


def store_proposals(
    store: BookStore, drafts: Sequence[Proposal], *, clock: Clock, dry_run: bool = False
) -> DecisionResult:
    """Store new proposals (their ``id`` is given here), each in place of the open one of its portfolio.

    Refused for a portfolio whose orders are still working in the market: what they will do is not known yet.
    """
    with store.writer() as writer:
        reference, lives = _read(writer)
        now = clock()
        free = writer.next_id(FactKind.PROPOSAL)
        facts: list[FactDraft] = []
        made: list[ProposalLife] = []
        for number, draft in enumerate(drafts):
            for order in draft.orders:
                checked_order(order)
            new = Proposal(
                free + number, draft.portfolio, draft.as_of, draft.made_by, draft.expires, draft.approvals,
                draft.trigger, draft.reason, draft.orders, draft.evidence, draft.limits, draft.fingerprint,
                reasons=draft.reasons, targets=draft.targets,
            )  # fmt: skip
            facts += _make_room(lives, reference, new, now)
            facts.append(new.draft())
            made.append(ProposalLife.of(new))
        batch = None if dry_run or not facts else writer.append(BatchDraft("proposal", "rebalance", facts=facts))
    return DecisionResult("proposed", tuple(made), reference, now, batch)


def _make_room(lives: Mapping[int, ProposalLife], reference: Reference, new: Proposal, now: int) -> list[FactDraft]:
    """Steps that end the open proposals of the same portfolio."""
    steps = []
    for life in lives.values():
        if life.terms.portfolio != new.portfolio or life.state.final:
            continue
        if life.state == ProposalState.SENT:
            raise IllegalStep(
                f"orders of proposal {life.terms.id} for {reference.portfolios[new.portfolio].code} are still in the "
                "market", field="portfolio", found=life.terms.id,
                next_step="book their fills, or cancel them, and propose again",
            )  # fmt: skip
        late = life.state_at(now) == ProposalState.EXPIRED
        step = Step(StepKind.EXPIRE if late else StepKind.SUPERSEDE, new.made_by, f"by proposal {new.id}")
        steps.append(step.draft(life.terms.id, new.as_of))
    return steps


def decide(
    store: BookStore,
    *,
    clock: Clock,
    proposals: Sequence[int],
    kind: StepKind,
    by: str,
    note: str = "",
    order: int = 0,
    quantity: int = 0,
    before: PreTrade | None = None,
    dry_run: bool = False,
) -> DecisionResult:
    """Take one step on each of some proposals, all or none.

    An approval by somebody who has given it already, and a sending that was done already, are told and change nothing:
    asking twice is safe. ``before`` is the pre-trade check of approvals and sendings.
    """
    if not proposals:
        raise InvalidInput("no proposal was named", field="proposal", next_step="see argosy rebalance history")
    if not by:
        raise InvalidInput("a decision needs a name", field="by", next_step="give --by NAME")
    if kind in (StepKind.REJECT, StepKind.REFUSE_ORDER) and not note:
        raise InvalidInput(f"a reason is needed to {kind}", field="reason", next_step="give --reason TEXT")
    with store.writer() as writer:
        reference, lives = _read(writer, only=proposals)
        now = clock()
        facts: list[FactDraft] = []
        after: list[ProposalLife] = []
        notes: list[str] = []
        for number in dict.fromkeys(proposals):
            life = lives[number] if number in lives else find(read_lives(reference.facts), number)
            step = Step(kind, by, note, order=order, quantity=quantity)
            if _done_already(life, step):
                notes.append(f"proposal {number}: {kind} by {by} stands already")
                after.append(life)
                continue
            changed = life.after(step, now=now)
            if before is not None and kind in (StepKind.APPROVE, StepKind.SEND):
                before(life, reference)
            facts.append(step.draft(number, now // DAY_US))
            after.append(changed)
        batch = None if dry_run or not facts else writer.append(BatchDraft("decision", by, facts=facts, note=note))
    return DecisionResult(str(kind), tuple(after), reference, now, batch, tuple(notes))


def _done_already(life: ProposalLife, step: Step) -> bool:
    if step.kind == StepKind.APPROVE:
        return step.by in life.approved_by and not life.state.final
    return step.kind == StepKind.SEND and life.was_sent


def expire_due(store: BookStore, *, clock: Clock, dry_run: bool = False) -> DecisionResult:
    """Mark every proposal whose time is over; a second call finds nothing."""
    with store.writer() as writer:
        reference, lives = _read(writer)
        now = clock()
        due = [life for life in lives.values() if life.ended is None and life.state_at(now) == ProposalState.EXPIRED]
        step = Step(StepKind.EXPIRE, "clock")
        facts = [step.draft(life.terms.id, now // DAY_US) for life in due]
        after = tuple(life.after(step, now=now) for life in due)
        batch = None if dry_run or not facts else writer.append(BatchDraft("decision", "clock", facts=facts))
    return DecisionResult("expire", after, reference, now, batch)


def find(lives: Mapping[int, ProposalLife], number: int) -> ProposalLife:
    """A proposal by number."""
    if number not in lives:
        raise UnknownName(
            f"there is no proposal {number}", field="proposal", found=number,
            next_step=f"they go from 1 to {max(lives)}" if lives else "make one with argosy rebalance propose",
        )  # fmt: skip
    return lives[number]


def _read(writer: Writer, *, only: Sequence[int] | None = None) -> tuple[Reference, dict[int, ProposalLife]]:
    reference = Reference.from_facts(writer.facts())
    return reference, read_lives(reference.facts, only)


def lives_at(
    store: BookStore, *, known_at: int | None = None, portfolios: Sequence[str] = (), group: str = ""
) -> tuple[Reference, dict[int, ProposalLife]]:
    """Every proposal as known at a moment, of some portfolios or of all."""
    reference = Reference.from_facts(store.facts(watermark=store.watermark(known_at)))
    lives = read_lives(reference.facts)
    wanted = {reference.portfolio(code).id for code in portfolios}
    if group:
        wanted |= {member for member, _, _ in reference.group(group).members}
    if wanted:
        lives = {number: life for number, life in lives.items() if life.terms.portfolio in wanted}
    return reference, lives


def proposal_history(
    store: BookStore, *, clock: Clock, known_at: int | None = None, portfolios: Sequence[str] = (), group: str = "",
    state: str = "",
) -> Statement:  # fmt: skip
    """All proposals with the state each is in."""
    reference, lives = lives_at(store, known_at=known_at, portfolios=portfolios, group=group)
    now = clock() if known_at is None else known_at
    if state and state not in set(ProposalState):
        raise InvalidInput(f"{state!r} is not a state", field="state", found=state,
                           expected=", ".join(ProposalState))  # fmt: skip
    chosen = [life for life in lives.values() if not state or life.state_at(now) == state]
    return Statement((proposals_table(chosen, reference, now=now),))


def show_proposal(
    store: BookStore, *, clock: Clock, proposal: int, known_at: int | None = None, files: MarketFiles | None = None
) -> Statement:
    """One proposal: why, evidence before and after, orders with what has been filled, and every step.

    With market ``files`` and fills also what trading cost, against what it was expected to.
    """
    reference, lives = lives_at(store, known_at=known_at)
    now = clock() if known_at is None else known_at
    life = find(lives, proposal)
    tables = [proposal_table(life, reference, now=now), orders_table(life, reference), steps_table(life, reference)]
    if files is not None and any(order.fills for order in life.orders):
        market = open_market(store, files, watermark=store.watermark(known_at), reference=reference)
        currency = reference.portfolios[life.terms.portfolio].base_currency
        costs = realized_costs(life, reference, market)
        tables.insert(2, costs_table(costs, proposal=proposal, currency=currency))
    return Statement(tuple(tables))


def orders_of(store: BookStore, proposals: Sequence[int]) -> Table:
    """The orders of some proposals that are not done: what a broker's file needs, one row each."""
    reference, lives = lives_at(store)
    rows = [
        (life, order) for life in (find(lives, number) for number in dict.fromkeys(proposals)) for order in life.orders
        if order.closed is None
    ]  # fmt: skip
    return order_rows(rows, reference)


def order_scale(store: BookStore, proposal: int, order: int) -> int:
    """Decimal scale of an order's quantity."""
    reference, lives = lives_at(store)
    return reference.instruments[find(lives, proposal).order(order).terms.instrument].quantity_scale
