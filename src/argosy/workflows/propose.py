"""From the book to proposals: who should trade, what and why, for one portfolio or for thousands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from argosy.base.errors import ArgosyError, InvalidInput
from argosy.base.problems import Problem
from argosy.base.table import Table
from argosy.construction.optimize.candidates import held_weights, sampled
from argosy.construction.optimize.decision import decide, estimators
from argosy.construction.rebalance.of_book import (
    BookLines,
    book_lines,
    corporate_actions,
    gains_realized,
    losses_taken,
    purchase_account,
    recent_purchases,
    replacements,
    target_weights,
    turnover_between,
)
from argosy.construction.rebalance.proposing import Circumstances, Proposed, propose
from argosy.measures.tax.regimes import regime
from argosy.measures.valuation.subjects import Subject, portfolio_subjects
from argosy.measures.valuation.value import SubjectValue, value
from argosy.models.moments.beliefs import believe
from argosy.models.moments.covariance import Covariance
from argosy.record.breaches import read_breaches
from argosy.record.ledger.state import State
from argosy.record.mandate import Mandate
from argosy.record.mandate_policy import Wishes
from argosy.record.market.return_prices import return_prices
from argosy.record.orders.fold import ProposalLife, recent_lives
from argosy.record.orders.states import ProposalState
from argosy.record.reference import Portfolio
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.rebalancing import checks_table
from argosy.workflows.look import Look, Statement
from argosy.workflows.optimizing_portfolio import portfolio_question
from argosy.workflows.ports import BookStore, Clock
from argosy.workflows.proposals import DecisionResult, store_proposals


@dataclass(frozen=True)
class RebalanceCheck:
    """What each portfolio would do today. ``problems`` are those of which it could not be said, with the reason."""

    found: tuple[tuple[Portfolio, Proposed], ...]
    problems: tuple[Problem, ...]
    seen: Look = field(repr=False)

    def statement(self) -> Statement:
        """One line per portfolio: value, drift, reasons, what trading would cost and be worth, one sentence."""
        told = self.seen.provenance("rebalance check", warnings=self.seen.problems())
        table = checks_table(self.found, [problem.text() for problem in self.problems])
        return Statement((replace(table, provenance=told),))

    def table(self) -> Table:
        """The same as a table."""
        return self.statement().table()


@dataclass(frozen=True)
class Shared:
    """What portfolios of one look have in common: the covariance of the same lines by the same rules."""

    covariances: dict[object, tuple[Covariance | None, str]] = field(default_factory=dict)


def check_rebalance(
    seen: Look, *, by: str, clock: Clock, asked: str = "", collect: bool | None = None
) -> RebalanceCheck:
    """What each portfolio of a look would trade, and why; nothing is written.

    A portfolio that lacks a price, a rate or a sound mandate is reported, and the others go on; alone it raises, unless
    ``collect`` asks for a report.
    """
    collecting = len(seen.portfolios) > 1 if collect is None else collect
    lives = recent_lives(seen.reference.facts)
    state, _ = seen.based
    found: list[tuple[Portfolio, Proposed]] = []
    problems: list[Problem] = []
    now, shared = clock(), Shared()
    for subject in portfolio_subjects(seen.reference, seen.portfolios):
        portfolio = seen.reference.portfolios[subject.id]
        try:
            found.append((portfolio, _propose(seen, state, subject, lives, shared, by=by, now=now, asked=asked)))
        except ArgosyError as error:
            if not collecting:
                raise
            problems.append(Problem(portfolio.code, 0, error.message, field=error.field, next_step=error.next_step,
                                    code=error.code))  # fmt: skip
    return RebalanceCheck(tuple(found), tuple(problems), seen)


def propose_rebalance(
    store: BookStore, seen: Look, *, by: str, clock: Clock, asked: str = "", dry_run: bool = False
) -> tuple[RebalanceCheck, DecisionResult]:
    """Store a proposal for each portfolio that should trade; the check says why the others should not."""
    if not by:
        raise InvalidInput("a proposal needs the name of who makes it", field="by", next_step="give --by NAME")
    checked = check_rebalance(seen, by=by, clock=clock, asked=asked)
    drafts = [one.proposal for _, one in checked.found if one.proposal is not None]
    return checked, store_proposals(store, drafts, clock=clock, dry_run=dry_run)


def _propose(
    seen: Look, state: State, subject: Subject, lives: Mapping[int, ProposalLife], shared: Shared, *, by: str, now: int,
    asked: str,
) -> Proposed:  # fmt: skip
    reference, day = seen.reference, seen.day
    mandate = reference.mandate(subject.id, day)
    book, target, scale = lines_and_target(seen, subject)
    key = (tuple(one.id for one in book.instruments), subject.currency, repr(mandate.policy))
    if key not in shared.covariances:
        shared.covariances[key] = covariance_of(seen, book, mandate, subject.currency)
    covariance, blind = shared.covariances[key]
    family = household(seen, mandate, subject.id)
    law = regime(mandate.trading.selling.regime)
    losses = losses_taken(state, family, day=day, window=law.wash_days) if law.wash_days else frozenset()
    known = Circumstances(
        covariance, blind, _last_rebalance(lives, subject.id), _signal(lives, subject.id, target),
        _overspent(reference, subject.id),
        corporate_actions(seen.events, seen.order, subject.id, reference, day=day)
        if mandate.trading.rebalancing.corporate_actions else (),
        realized=gains_realized(state, [subject.id], day=day, scale=scale),
        active=_active(lives, subject.id, now), asked=asked,
        purchases=recent_purchases(seen.events, seen.order, family, day=day, window=law.wash_days),
        barred=frozenset(reference.instruments[one].code for one in losses),
    )  # fmt: skip
    accounts = [one.id for one in reference.accounts.values() if one.portfolio == subject.id]
    return propose(
        book, target, mandate, reference, known, portfolio=subject.id,
        account=purchase_account(state, subject.id, accounts), scale=scale, day=day, now=now, by=by,
        fingerprint=seen.provenance("rebalance", asked={"portfolio": subject.id, "by": by, "asked": asked}).fingerprint,
    )  # fmt: skip


def lines_and_target(seen: Look, subject: Subject) -> tuple[BookLines, Mapping[str, float], int]:
    """What a portfolio of a look holds, what its mandate wants it to hold, and the money scale of its currency."""
    state, reference, day = seen.based[0], seen.reference, seen.day
    mandate = reference.mandate(subject.id, day)
    valued = value(state, reference, seen.market, subjects=[subject], day=day, splits=seen.splits).subjects[0]
    target = _target(seen, state, subject, valued, mandate)
    names = [*target, *(replacements(valued, reference) if mandate.trading.selling.harvest_from is not None else ())]
    return book_lines(valued, names, reference, seen.market, state, mandate, day=day), target, valued.scale


def _target(seen: Look, state: State, subject: Subject, valued: SubjectValue, mandate: Mandate) -> Mapping[str, float]:
    """Weights by name that the mandate wants."""
    rules = mandate.trading.targets
    if rules.source == "weights":
        if not rules.weights:
            raise InvalidInput("the mandate names no weights", field="targets.weights",
                               next_step='write weights = ["ACME 5%", ...] under [targets]')  # fmt: skip
        known = {one.code: one for one in seen.reference.instruments.values()}
        return target_weights(rules.weights, known, held_weights(valued, seen.reference))
    if rules.source == "model":
        if not rules.follow:
            raise InvalidInput("the mandate follows no portfolio", field="targets.follow",
                               next_step="name the portfolio that is the model")  # fmt: skip
        model = seen.reference.portfolio(rules.follow)
        told = value(state, seen.reference, seen.market, subjects=portfolio_subjects(seen.reference, [model.id]),
                     day=seen.day, splits=seen.splits)  # fmt: skip
        return held_weights(told.subjects[0], seen.reference)
    alone = replace(seen, portfolios=(subject.id,), group="")
    question = portfolio_question(alone, Wishes())
    found = decide(question.candidates, question.policy)
    weights = dict(zip(found.result.names, found.result.weights.tolist(), strict=True))
    return {**(question.candidates.aside or {}), **weights}


def covariance_of(seen: Look, book: BookLines, mandate: Mandate, currency: str) -> tuple[Covariance | None, str]:
    """Covariance of a portfolio's lines a year; where prices do not allow one, the reason instead."""
    if not book.instruments:
        return None, ""
    ids = [one.id for one in book.instruments]
    try:
        prices = return_prices(seen.market, ids, [one.code for one in book.instruments], currency=currency,
                               last=seen.day, splits=seen.splits)  # fmt: skip
        sample = sampled(prices.panel, mandate.policy.beliefs)
        if sample.names != tuple(one.code for one in book.instruments):
            return None, "no tracking error: some lines have no returns in the periods of the others"
        belief = believe(sample, estimators(mandate.policy))
    except ArgosyError as error:
        return None, f"no tracking error: {error.message}"
    return belief.covariance, ""


def household(seen: Look, mandate: Mandate, portfolio: int) -> list[int]:
    """Portfolios whose purchases count together with a portfolio's own."""
    name = mandate.trading.selling.household
    if not name:
        return [portfolio]
    return sorted({portfolio, *seen.reference.members(name, seen.day)})


def _signal(lives: Mapping[int, ProposalLife], portfolio: int, target: Mapping[str, float]) -> float:
    """How far the target has moved from that of the last proposal that was sent; 0 where there was none."""
    sent = [
        life for life in lives.values() if life.terms.portfolio == portfolio and life.terms.targets
        and life.state in (ProposalState.SENT, ProposalState.EXECUTED)
    ]  # fmt: skip
    if not sent:
        return 0.0
    last = max(sent, key=lambda life: life.terms.id)
    return turnover_between({name: float(weight) for name, weight in last.terms.targets}, target)


def _overspent(reference: Reference, portfolio: int) -> tuple[tuple[str, float, float], ...]:
    """Hard rules of [monitoring] that did not hold at the last close: risk budgets and limits on risk."""
    _, live = read_breaches(reference.facts)
    rules = {limit.text() for limit in reference.mandate(portfolio).policy.limits.rules}
    return tuple(
        (f"{one.rule}: {one.subject}", float(one.measured), float(one.allowed)) for one in live.values()
        if one.portfolio == portfolio and one.hard and one.rule not in rules
    )  # fmt: skip


def _last_rebalance(lives: Mapping[int, ProposalLife], portfolio: int) -> int:
    """The day as of which the last proposal that was sent was made; 0 where there was none."""
    done = [
        life.terms.as_of for life in lives.values() if life.terms.portfolio == portfolio
        and life.state in (ProposalState.SENT, ProposalState.EXECUTED)
    ]  # fmt: skip
    return max(done, default=0)


def _active(lives: Mapping[int, ProposalLife], portfolio: int, now: int) -> frozenset[tuple[str, str]]:
    """Reasons of the last proposal while it is open or was rejected: they raise no other one."""
    mine = [life for life in lives.values() if life.terms.portfolio == portfolio]
    if not mine:
        return frozenset()
    last = max(mine, key=lambda life: life.terms.id)
    standing = (ProposalState.PROPOSED, ProposalState.APPROVED, ProposalState.SENT, ProposalState.REJECTED)
    return frozenset(last.terms.reasons) if last.state_at(now) in standing else frozenset()
