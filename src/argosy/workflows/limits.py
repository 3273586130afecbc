"""Limits on the live book: every number with its headroom, breaches with their history, waivers with four eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from argosy.base.dates import DAY_US
from argosy.base.errors import ArgosyError, InvalidInput, unknown
from argosy.base.table import Column, Table
from argosy.compliance.monitor import Reading, Watched, cure_by, readings, readings_table
from argosy.compliance.watching import WindowLoss, scenarios_of, weights_of
from argosy.construction.optimize.candidates import held_weights
from argosy.construction.rebalance.of_book import book_lines
from argosy.construction.rebalance.proposing import universe_of
from argosy.measures.risk.book.report import BookRisk
from argosy.measures.valuation.subjects import portfolio_subjects
from argosy.measures.valuation.value import SubjectValue, value
from argosy.record.breaches import Breach, Key, Waiver, read_breaches, read_waivers
from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.ledger.state import State
from argosy.record.mandate import Mandate
from argosy.record.reference_fold import Reference
from argosy.workflows.look import Look, Statement
from argosy.workflows.ports import BatchDraft, BookStore, Clock
from argosy.workflows.propose import covariance_of
from argosy.workflows.risk import AskedRisk, previous_session, risk_subjects, subject_risk, untraded


@dataclass(frozen=True, repr=False)
class LimitsStatement(Statement):
    """The limits as a table; ``readings`` are the typed rows."""

    readings: tuple[Reading, ...] = ()

    @property
    def breaches(self) -> tuple[Reading, ...]:
        """Limits that do not hold and are not waived."""
        return tuple(one for one in self.readings if one.state in ("breach", "soft breach"))


def monitoring_facts(reference: Reference) -> list[Fact]:
    """Breaches and waivers as known, without those of batches that were taken back."""
    return [
        fact for fact in reference.facts
        if fact.kind in (FactKind.BREACH, FactKind.WAIVER) and fact.batch not in reference.voided_batches
    ]  # fmt: skip


def limits_statement(seen: Look, *, broken: bool = False) -> LimitsStatement:
    """Every limit of each portfolio of a look, those that do not hold first; with ``broken`` no others."""
    found: list[Reading] = []
    for portfolio in seen.portfolios:
        found += watch(seen, portfolio)
    if broken:
        found = [one for one in found if one.broken or one.state == "unknown"]
    told = seen.provenance("limits", warnings=seen.problems())
    return LimitsStatement((replace(readings_table(found), provenance=told),), tuple(found))


def watch(seen: Look, portfolio: int, *, risk: BookRisk | None = None) -> tuple[Reading, ...]:
    """Readings of one portfolio, with what is known of its breaches and waivers.

    ``risk`` saves computing it again.
    """
    case = watched(replace(seen, portfolios=(portfolio,), group=""), risk=risk)
    facts = monitoring_facts(seen.reference)
    _, live = read_breaches(facts)
    waivers = [one for one in read_waivers(facts).values() if one.portfolio == portfolio]
    return tuple(_told(one, portfolio, live, waivers, seen.day, case.mandate) for one in readings(case))


def _told(
    one: Reading, portfolio: int, live: Mapping[Key, Breach], waivers: Sequence[Waiver], day: int, mandate: Mandate
) -> Reading:
    if not one.broken:
        return one
    known = live.get((portfolio, one.rule, one.subject))
    since = day if known is None else known.since
    cause = one.cause if known is None or one.cause == "active" else known.cause
    cure = known.cure_by if known is not None else cure_by(cause, day, mandate)
    waived = any(waiver.holds(one.rule, day) for waiver in waivers)
    return replace(one, since=since, cause=cause, cure_by=cure, state="waived" if waived else one.state)


def watched(seen: Look, *, risk: BookRisk | None = None) -> Watched:
    """What the limits of the look's only portfolio are read from."""
    subject = seen.subjects()[0]
    since = previous_session(seen)
    left = untraded(seen, since)
    now = _valued(seen, seen.based[0])
    then = _valued(seen, left)
    one = risk_subjects(seen, AskedRisk())[0]
    mandate = one.mandate
    other = held_weights(then, seen.reference) if then.nav > 0 else {}
    book = book_lines(now, list(other), seen.reference, seen.market, seen.based[0], mandate, day=seen.day)
    weights = weights_of(book.lines.names, held_weights(now, seen.reference))
    covariance, _ = covariance_of(seen, book, mandate, subject.currency)
    blind = ""
    try:
        risk = subject_risk(seen, one, AskedRisk()) if risk is None else risk
        risk.setting  # noqa: B018  where nothing is at risk, this tells it
    except ArgosyError as error:
        risk, blind = None, error.message
    universe = universe_of(book, weights)
    sleeves = {(two.portfolio, two.id): two.code for two in seen.reference.sleeves.values()}
    return Watched(
        subject.code, mandate, universe, weights, weights_of(book.lines.names, other), covariance,
        scenarios_of(universe, risk), risk,
        partial(_without_trades, seen, left), blind,
        WindowLoss(seen.reference, seen.market, one.proxies, seen.splits), sleeves,
    )  # fmt: skip


def _valued(seen: Look, state: State) -> SubjectValue:
    subjects = portfolio_subjects(seen.reference, seen.portfolios)
    return value(state, seen.reference, seen.market, subjects=subjects, day=seen.day, splits=seen.splits).subjects[0]


def _without_trades(seen: Look, state: State) -> BookRisk | None:
    try:
        still = risk_subjects(seen, AskedRisk(), state=state)[0]
        return subject_risk(seen, still, AskedRisk())
    except ArgosyError:
        # Nothing was held before: whatever is broken now, trades broke.
        return None


@dataclass(frozen=True)
class BreachSteps:
    """What a day's readings change: facts to append, and breaches opened, worsened and cured."""

    facts: tuple[FactDraft, ...]
    opened: int
    cured: int


def breach_steps(seen: Look, portfolio: int, found: Sequence[Reading]) -> BreachSteps:
    """Facts that the readings of a day add to the history of breaches; none where nothing changed."""
    _, live = read_breaches(monitoring_facts(seen.reference))
    facts: list[FactDraft] = []
    opened = cured = 0
    broken = {(portfolio, one.rule, one.subject): one for one in found if one.broken}
    blind = {one.rule for one in found if one.state == "unknown"}
    for key, one in broken.items():
        told = Breach(portfolio, one.rule, one.subject, one.since, f"{one.measured:.10g}", f"{one.allowed:.10g}",
                      one.cause, one.hard, one.cure_by)  # fmt: skip
        if key not in live:
            facts.append(told.draft("opened", seen.day))
            opened += 1
        elif one.cause == "active" and live[key].cause == "passive":
            facts.append(replace(told, cure_by=seen.day).draft("worsened", seen.day))
    for key, old in live.items():
        if key[0] == portfolio and key not in broken and old.rule not in blind:
            facts.append(old.draft("cured", seen.day))
            cured += 1
    return BreachSteps(tuple(facts), opened, cured)


def limits_history(seen: Look, *, only_open: bool = False) -> Statement:
    """Breaches with their days, and waivers with who asked and decided, as known at the look's watermark."""
    facts = monitoring_facts(seen.reference)
    breaches, _ = read_breaches(facts)
    kept = [one for one in breaches if one.portfolio in seen.portfolios and not (only_open and one.until)]
    waivers = [one for one in read_waivers(facts).values() if one.portfolio in seen.portfolios]
    codes = {one.id: one.code for one in seen.reference.portfolios.values()}
    told = seen.provenance("history of limits")
    first = Table(
        "Breaches",
        (
            Column("portfolio", "text", [codes[one.portfolio] for one in kept]),
            Column("rule", "text", [one.rule for one in kept]),
            Column("subject", "text", [one.subject for one in kept]),
            Column("since", "date", [one.since for one in kept]),
            Column("cured", "date", [one.until for one in kept], missing=[not one.until for one in kept]),
            Column("cause", "text", [one.cause for one in kept]),
            Column("measured", "text", [one.measured for one in kept]),
            Column("allowed", "text", [one.allowed for one in kept]),
            Column("cure_by", "date", [one.cure_by for one in kept]),
            Column("state", "text", [_state(one, seen.day) for one in kept]),
        ),
        provenance=told,
    )
    second = Table(
        "Waivers",
        (
            Column("waiver", "integer", [one.number for one in waivers]),
            Column("portfolio", "text", [codes[one.portfolio] for one in waivers]),
            Column("rule", "text", [one.rule for one in waivers]),
            Column("until", "date", [one.until for one in waivers]),
            Column("state", "text", ["over" if one.holds(one.rule, one.until) and one.until < seen.day else one.state
                                     for one in waivers]),
            Column("asked_by", "text", [one.asked_by for one in waivers]),
            Column("decided_by", "text", [one.decided_by for one in waivers]),
            Column("reason", "text", [one.reason for one in waivers]),
        ),
    )  # fmt: skip
    return Statement((first, second) if waivers else (first,))


def _state(one: Breach, day: int) -> str:
    if one.until:
        return "cured"
    return "overdue" if day > one.cure_by else "open"


def ask_waiver(
    store: BookStore,
    *,
    clock: Clock,
    portfolio: str,
    rule: str,
    until: int,
    reason: str,
    by: str,
    dry_run: bool = False,
) -> Waiver:
    """Ask that a portfolio may be beyond a rule until a day; it holds once another person approves it.

    Raises
    ------
    InvalidInput, UnknownName
        No name, reason or such rule; a day that is over.
    """
    _named(by)
    if not reason:
        raise InvalidInput("a waiver needs a reason", field="reason", next_step="give --reason TEXT")
    today = clock() // DAY_US
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        owner = reference.portfolio(portfolio)
        mandate = reference.mandate(owner.id, today)
        rules = [limit.text() for limit in mandate.policy.limits.rules]
        rules += [one.text() for one in mandate.monitoring.rules]
        if mandate.policy.limits.long_only:
            rules.insert(0, LONG_ONLY)
        if rule not in rules:
            raise InvalidInput(
                f"the mandate of {portfolio} has no rule {rule!r}",
                field="rule",
                found=rule,
                expected=", ".join(map(repr, rules)),
                next_step="copy it from argosy limits",
            )
        made = Waiver(_next(reference), owner.id, rule, until, reason, by)
        if not dry_run:
            writer.append(BatchDraft("waiver", by, facts=[made.draft("asked", by=by, day=today)]))
    return made


def decide_waiver(
    store: BookStore, *, clock: Clock, number: int, step: str, by: str, note: str = "", dry_run: bool = False
) -> Waiver:
    """Approve (somebody else than who asked), reject or withdraw a waiver."""
    _named(by)
    if step not in ("approved", "rejected", "withdrawn"):
        raise unknown("step of a waiver", step, ("approved", "rejected", "withdrawn"))
    with store.writer() as writer:
        waivers = read_waivers(monitoring_facts(Reference.from_facts(writer.facts())))
        if number not in waivers:
            raise InvalidInput(f"there is no waiver {number}", field="waiver", found=number,
                               next_step="see argosy limits history")  # fmt: skip
        made = waivers[number].decided(step, by=by)
        if not dry_run:
            writer.append(BatchDraft("waiver", by, facts=[made.draft(step, by=by, day=clock() // DAY_US, note=note)]))
    return made


LONG_ONLY = "weight of each >= 0%"


def _next(reference: Reference) -> int:
    told = read_waivers([fact for fact in reference.facts if fact.kind == FactKind.WAIVER])
    return max(told, default=0) + 1


def _named(by: str) -> None:
    if not by:
        raise InvalidInput("a waiver needs a name", field="by", next_step="give --by NAME")
