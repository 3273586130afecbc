"""From policy to orders: checks, proposals, decisions, fills, the outbox; shared policies; careers of strategies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from os import PathLike
from typing import TYPE_CHECKING

from argosy.base.errors import InvalidInput
from argosy.base.money import parse_scaled
from argosy.interfaces.arguments import DayLike, MomentLike, NamesLike, content, day, moment, names
from argosy.interfaces.arguments import mandate as mandate_text
from argosy.interfaces.book.opened import OpenedBook
from argosy.wiring import fix_orders, fix_reader, row_reader, scratch_books, system_clock

if TYPE_CHECKING:
    from argosy.base.table import Table
    from argosy.construction.strategies.gates import GateRules
    from argosy.record.mandate import Mandate
    from argosy.workflows.import_report import ImportReport
    from argosy.workflows.look import Statement
    from argosy.workflows.outbox import Outbox
    from argosy.workflows.policies import PolicyResult
    from argosy.workflows.ports import BatchInfo
    from argosy.workflows.proposals import DecisionResult
    from argosy.workflows.propose import RebalanceCheck
    from argosy.workflows.simulate import Simulation
    from argosy.workflows.strategies import CareerResult


class RebalancingSteps(OpenedBook):
    """What to trade, who agreed, what happened."""

    # -- checks and proposals -----------------------------------------------------------------------------------------

    def check_rebalance(
        self, portfolios: NamesLike = (), *, group: str = "", as_of: DayLike = None, reason: str = "",
        prices: str | bytes | PathLike[str] = "",
    ) -> RebalanceCheck:  # fmt: skip
        """What each portfolio would trade today and why; nothing is written.

        ``prices`` are live ones (rows ``instrument, price``): they count as those of the day and are stored nowhere.
        """
        from argosy.workflows.live_prices import with_live_prices
        from argosy.workflows.propose import check_rebalance

        seen = self.look(as_of=as_of, portfolio=portfolios, group=group)
        if prices != "":
            read, label = content(prices, name="")
            seen = with_live_prices(seen, row_reader(), content=read, name=label)
        return check_rebalance(seen, by="check", clock=system_clock, asked=reason)

    def propose_rebalance(
        self, portfolios: NamesLike = (), *, by: str, group: str = "", as_of: DayLike = None, reason: str = "",
        dry_run: bool = False,
    ) -> tuple[RebalanceCheck, DecisionResult]:  # fmt: skip
        """Store a proposal for each portfolio that should trade. ``reason`` asks for one whatever the rules say."""
        from argosy.workflows.propose import propose_rebalance

        seen = self.look(as_of=as_of, portfolio=portfolios, group=group)
        return propose_rebalance(self._store, seen, by=by, clock=system_clock, asked=reason, dry_run=dry_run)

    def proposals(
        self, portfolios: NamesLike = (), *, group: str = "", state: str = "", known_at: MomentLike = None
    ) -> Statement:
        """All proposals with the state each is in."""
        from argosy.workflows.proposals import proposal_history

        return proposal_history(
            self._store, clock=system_clock, known_at=moment(known_at), portfolios=names(portfolios), group=group,
            state=state,
        )  # fmt: skip

    def proposal(self, number: int, *, known_at: MomentLike = None) -> Statement:
        """One proposal: why, evidence before and after, limits, orders, cost realized against expected, steps."""
        from argosy.workflows.proposals import show_proposal

        return show_proposal(self._store, clock=system_clock, proposal=number, known_at=moment(known_at),
                             files=self._files())  # fmt: skip

    def approve(
        self, proposals: Sequence[int], *, by: str, note: str = "", as_of: DayLike = None, dry_run: bool = False
    ) -> DecisionResult:
        """Approve proposals, all or none; prices and limits are checked again first."""
        return self._decide("approve", proposals, by=by, note=note, as_of=as_of, check=True, dry_run=dry_run)

    def reject(self, proposals: Sequence[int], *, by: str, reason: str, dry_run: bool = False) -> DecisionResult:
        """Reject proposals. Their reasons raise no other one until they are over."""
        return self._decide("reject", proposals, by=by, note=reason, dry_run=dry_run)

    def cancel(self, proposals: Sequence[int], *, by: str, reason: str = "", dry_run: bool = False) -> DecisionResult:
        """Withdraw proposals that were not sent."""
        return self._decide("cancel", proposals, by=by, note=reason, dry_run=dry_run)

    def send(
        self, proposals: Sequence[int], *, by: str, as_of: DayLike = None, dry_run: bool = False
    ) -> DecisionResult:
        """Mark approved proposals as sent, once prices and limits hold; :meth:`orders` has what to send."""
        return self._decide("send", proposals, by=by, as_of=as_of, check=True, dry_run=dry_run)

    def orders(self, proposals: Sequence[int]) -> Table:
        """The orders of some proposals, one row each: what a broker's file needs."""
        from argosy.workflows.proposals import orders_of

        return orders_of(self._store, proposals)

    def orders_fix(self, proposals: Sequence[int], *, sender: str, target: str, first: int = 1) -> str:
        """The same as FIX 4.4 messages, one a line."""
        return fix_orders(self.orders(proposals).rows(), sender=sender, target=target, first=first)

    def cancel_order(self, order: str, *, by: str, reason: str = "", dry_run: bool = False) -> DecisionResult:
        """Cancel what an order (``12-1``) has left in the market."""
        number, place = _order(order)
        return self._decide("cancel order", [number], by=by, note=reason, order=place, dry_run=dry_run)

    def refuse_order(self, order: str, *, by: str, reason: str, dry_run: bool = False) -> DecisionResult:
        """Say that the broker refused an order."""
        number, place = _order(order)
        return self._decide("refuse order", [number], by=by, note=reason, order=place, dry_run=dry_run)

    def replace_order(
        self, order: str, quantity: str | int | Decimal, *, by: str, reason: str = "", dry_run: bool = False
    ) -> DecisionResult:
        """Replace what an order has left by a smaller quantity."""
        from argosy.workflows.proposals import order_scale

        number, place = _order(order)
        scaled = parse_scaled(str(quantity), order_scale(self._store, number, place), field="quantity")
        return self._decide("replace order", [number], by=by, note=reason, order=place, quantity=scaled,
                            dry_run=dry_run)  # fmt: skip

    def book_fills(
        self, source: str | bytes | PathLike[str], *, by: str, fix: bool = False, name: str = "",
        accept_good: bool = False, dry_run: bool = False,
    ) -> ImportReport:  # fmt: skip
        """Book a broker's fills from a file of rows, or of FIX execution reports; a second time adds nothing."""
        from argosy.workflows.fills import book_fills

        read, label = content(source, name=name)
        reader = fix_reader() if fix or label.lower().endswith(".fix") else row_reader()
        return book_fills(self._store, reader, content=read, name=label, by=by, accept_good=accept_good,
                          dry_run=dry_run)  # fmt: skip

    def bust_fill(
        self, proposal: int, reference: str, *, by: str, reason: str, dry_run: bool = False
    ) -> DecisionResult:
        """Take back a fill that the broker broke, with its trade."""
        from argosy.workflows.fills import bust_fill

        return bust_fill(self._store, clock=system_clock, proposal=proposal, reference=reference, by=by, reason=reason,
                         dry_run=dry_run)  # fmt: skip

    def expire_proposals(self, *, dry_run: bool = False) -> DecisionResult:
        """Mark every proposal whose time is over."""
        from argosy.workflows.proposals import expire_due

        return expire_due(self._store, clock=system_clock, dry_run=dry_run)

    def _decide(
        self, step: str, proposals: Sequence[int], *, by: str, note: str = "", order: int = 0, quantity: int = 0,
        as_of: DayLike = None, check: bool = False, dry_run: bool = False,
    ) -> DecisionResult:  # fmt: skip
        from argosy.record.orders.states import StepKind
        from argosy.workflows.pretrade import pre_trade
        from argosy.workflows.proposals import decide

        before = pre_trade(self.look(as_of=as_of)) if check else None
        return decide(
            self._store, clock=system_clock, proposals=proposals, kind=StepKind(step), by=by, note=note, order=order,
            quantity=quantity, before=before, dry_run=dry_run,
        )  # fmt: skip

    # -- the whole loop on paper --------------------------------------------------------------------------------------

    def simulate_rebalancing(
        self, portfolio: str, *, first: DayLike, last: DayLike = None, rules: NamesLike = (), every: str = "daily",
        progress: Callable[[int, int], None] | None = None,
    ) -> Simulation:  # fmt: skip
        """Trade a portfolio's mandate on paper over a period, beside never rebalancing and the calendar.

        ``rules`` are of mandate, never, monthly, quarterly, yearly; ``every`` is how often one looks: daily, weekly,
        monthly. Each rule begins with the portfolio's value on the first session in cash. Nothing is written here.
        """
        from argosy.workflows.simulate import RULES, simulate

        begin = day(first, field="first")
        if begin is None:
            raise InvalidInput("a simulation needs a first day", field="first", next_step="give --from DATE")
        seen = self.look(as_of=last, portfolio=portfolio)
        with scratch_books() as scratch:
            return simulate(seen, scratch, row_reader(), first=begin, rules=names(rules) or RULES, every=every,
                            progress=progress)  # fmt: skip

    # -- outbox -------------------------------------------------------------------------------------------------------

    def outbox(self, consumer: str, *, kinds: NamesLike = (), most: int = 1000) -> Outbox:
        """What a consumer has not acknowledged yet, oldest first."""
        from argosy.workflows.outbox import outbox

        return outbox(self._store, consumer=consumer, kinds=names(kinds), most=most)

    def acknowledge(self, consumer: str, seq: int) -> BatchInfo | None:
        """Say that a consumer has dealt with every message up to a seq."""
        from argosy.workflows.outbox import acknowledge

        return acknowledge(self._store, consumer=consumer, seq=seq)

    # -- shared policies ----------------------------------------------------------------------------------------------

    def set_policy(
        self, name: str, text: str | bytes | PathLike[str], *, effective: DayLike = None, dry_run: bool = False
    ) -> PolicyResult:
        """Give a policy that mandates build on a text, from a day on."""
        from argosy.workflows.policies import set_policy

        read, label = mandate_text(text, name=f"{name}.toml")
        return set_policy(self._store, name=name, content=read, effective=day(effective, field="effective") or 0,
                          source=label, dry_run=dry_run)  # fmt: skip

    def policies(self, *, known_at: MomentLike = None) -> Table:
        """Policies with their versions and the mandates that build on them."""
        from argosy.workflows.policies import policies_table

        return policies_table(self._store, known_at=moment(known_at))

    def whole_mandate(self, portfolio: str, *, as_of: DayLike = None, known_at: MomentLike = None) -> str:
        """A portfolio's mandate with the policies under it, every key written out."""
        from argosy.workflows.policies import whole_mandate

        return whole_mandate(self._store, portfolio=portfolio, day=day(as_of), known_at=moment(known_at))

    def mandate_of(self, name: str) -> Mandate:
        """A mandate as ``PORTFOLIO`` or ``PORTFOLIO@DATE`` names it, policies laid under."""
        from argosy.workflows.policies import mandate_at

        return mandate_at(self._store, name)

    # -- strategies ---------------------------------------------------------------------------------------------------

    def create_strategy(
        self, code: str, *, by: str, name: str = "", portfolio: str = "", sleeve: str = "", note: str = "",
        dry_run: bool = False,
    ) -> CareerResult:  # fmt: skip
        """Create a strategy in research; ``sleeve`` of ``portfolio`` is where it trades."""
        from argosy.workflows.strategies import create_strategy

        return create_strategy(self._store, clock=system_clock, code=code, by=by, name=name, portfolio=portfolio,
                               sleeve=sleeve, note=note, dry_run=dry_run)  # fmt: skip

    def record_trial(
        self, strategy: str, *, inputs: str, sharpe: float, periods: int, by: str, dry_run: bool = False
    ) -> CareerResult:
        """Count a backtest of a strategy by the fingerprint of its inputs; ``sharpe`` is per period."""
        from argosy.workflows.strategies import record_trial

        return record_trial(self._store, clock=system_clock, strategy=strategy, inputs=inputs, sharpe=f"{sharpe:.12g}",
                            periods=periods, by=by, dry_run=dry_run)  # fmt: skip

    def move_strategy(
        self, strategy: str, to: str, *, by: str, returns: Sequence[float] | None = None, note: str = "",
        override: str = "", rules: GateRules | None = None, dry_run: bool = False,
    ) -> CareerResult:  # fmt: skip
        """Move a strategy, or ask for its promotion.

        ``returns`` are its excess returns per period; by default the monthly ones of its sleeve in the book.
        """
        from argosy.workflows.strategies import move_strategy
        from argosy.workflows.strategies_together import record_of

        own = record_of(self._store, self._files(), clock=system_clock)
        record = own if returns is None else (lambda _: returns)
        return move_strategy(self._store, clock=system_clock, strategy=strategy, to=to, by=by, note=note,
                             override=override, returns=record, rules=rules, dry_run=dry_run)  # fmt: skip

    def answer_promotion(
        self, strategy: str, *, by: str, approve: bool = True, reason: str = "", dry_run: bool = False
    ) -> CareerResult:
        """Approve or refuse the promotion that another person asked for."""
        from argosy.workflows.strategies import answer_promotion

        return answer_promotion(self._store, clock=system_clock, strategy=strategy, by=by, approve=approve,
                                note=reason, dry_run=dry_run)  # fmt: skip

    def strategies(self, *, stage: str = "", known_at: MomentLike = None) -> Statement:
        """Every strategy and its stage."""
        from argosy.workflows.strategies import list_strategies

        return list_strategies(self._store, known_at=moment(known_at), stage=stage)

    def strategy(self, code: str, *, known_at: MomentLike = None) -> Statement:
        """One strategy: stage, career with evidence, trials."""
        from argosy.workflows.strategies import show_strategy

        return show_strategy(self._store, strategy=code, known_at=moment(known_at))


def _order(text: str) -> tuple[int, int]:
    proposal, dash, number = text.partition("-")
    if not (dash and proposal.isdigit() and number.isdigit()):
        raise InvalidInput(f"{text!r} is not an order", field="order", found=text, expected="proposal-order, as 12-1",
                           next_step="see argosy rebalance show")  # fmt: skip
    return int(proposal), int(number)
