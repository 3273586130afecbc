"""Questions about risk: of portfolios, a group, sleeves or the firm, on any day, as known at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from argosy.base.errors import ArgosyError, InvalidInput, unknown
from argosy.base.risk_limits import Proxy
from argosy.base.table import Table
from argosy.measures.attribution.bench_segments import BenchmarkReader
from argosy.measures.performance.blend_text import parse_blend
from argosy.measures.risk.book.change import RiskChange, risk_change
from argosy.measures.risk.book.history import RiskHistory, risk_history
from argosy.measures.risk.book.holdings import Asset, Holdings, asset_of, holdings, together
from argosy.measures.risk.book.models import MODELS, checked_model
from argosy.measures.risk.book.named import beside_days, factor_moves
from argosy.measures.risk.book.report import BookRisk, Float64, RiskQuestion
from argosy.measures.risk.book.tables import risk_tables
from argosy.measures.risk.book.trades import Trade, parse_trade, trade_value, what_if_table
from argosy.measures.valuation.sleeves import NONE
from argosy.measures.valuation.subjects import Subject, firm_subject
from argosy.measures.valuation.value import value
from argosy.record.ledger.events import Kind
from argosy.record.ledger.fold import fold
from argosy.record.ledger.order import without
from argosy.record.ledger.state import State
from argosy.record.ledger_terms import quantity_units
from argosy.record.mandate import Mandate
from argosy.workflows.look import Look, Statement

TRADES = (Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER, Kind.FX)
"""What a manager does: without it a portfolio changes by the market and by flows alone."""
FORTNIGHT = 14
MEMORY = 2
"""Windows of history that are read: models that learn see more than one."""


@dataclass(frozen=True)
class AskedRisk:
    """What a question about risk is about. None and empty take the mandate's word.

    ``models`` stand beside the one that is asked for; ``factors`` are instruments whose returns explain the others;
    ``group`` is the attribute contributions are summed by; ``firm`` sees all portfolios of the look as one; ``sleeves``
    are codes (``all``, ``none``).
    """

    model: str = ""
    confidence: float | None = None
    horizon: int | None = None
    window: int | None = None
    seed: int | None = None
    models: tuple[str, ...] = tuple(MODELS)
    benchmark: str | None = None
    factors: tuple[str, ...] = ()
    group: str = ""
    firm: bool = False
    sleeves: tuple[str, ...] = ()
    currency: str = ""

    def question(self, mandate: Mandate) -> RiskQuestion:
        """The question with the mandate's word where nothing was asked."""
        rules, plain = mandate.risk, RiskQuestion()
        return RiskQuestion(
            self.model or rules.model, rules.confidence if self.confidence is None else self.confidence,
            rules.horizon if self.horizon is None else self.horizon,
            rules.window if self.window is None else self.window, plain.seed if self.seed is None else self.seed,
        )  # fmt: skip


@dataclass(frozen=True)
class RiskSubject:
    """One subject with its mandate and holdings on a day."""

    mandate: Mandate
    subject: Subject
    held: Holdings
    proxies: tuple[Proxy, ...]


@dataclass(frozen=True, repr=False)
class RiskStatement(Statement):
    """Tables, and the typed results behind them: one a subject."""

    results: tuple[BookRisk, ...] = ()
    changes: tuple[RiskChange, ...] = ()

    def led_by(self, kind: str) -> tuple[Table, ...]:
        """The tables, those of one kind first: models, position, group, factor, sleeve, what-if or change."""
        starts = {"models": "Risk of ", "position": "Risk by position", "factor": "Risk by factor",
                  "sleeve": "Risk by sleeve", "what-if": "What if", "change": "Change of risk"}  # fmt: skip
        rest = tuple(starts.values())
        first = [
            table for table in self.tables
            if (table.name.startswith(starts[kind]) if kind in starts else not table.name.startswith(rest))
        ]  # fmt: skip
        if not first:
            raise InvalidInput(f"there is no table by {kind} here", field="first", found=kind,
                               next_step="ask for what it shows, such as --what-if, or for another")  # fmt: skip
        return (*first, *(table for table in self.tables if table not in first))


def risk_subjects(seen: Look, asked: AskedRisk, *, state: State | None = None) -> list[RiskSubject]:
    """Whose risk is asked for, valued; ``state`` replaces the book's own, to leave trades out."""
    subjects = seen.subjects(asked.currency)
    if asked.firm:
        if seen.group:
            raise InvalidInput("a group and the firm were both asked for", field="group", next_step="name one")
        wanted = seen.reference.currency(asked.currency) if asked.currency else None
        subjects = [firm_subject(seen.reference, seen.portfolios, currency=wanted)]
    if asked.sleeves and (asked.firm or seen.group):
        raise InvalidInput("a sleeve is part of one portfolio", field="sleeve",
                           next_step="name portfolios, not a group or the firm")  # fmt: skip
    folded = seen.state if state is None else state
    found = value(folded, seen.reference, seen.market, subjects=subjects,
                  day=seen.day, splits=seen.splits)  # fmt: skip
    out = []
    for subject, valued in zip(subjects, found.subjects, strict=True):
        members = [portfolio for portfolio, _, _ in subject.members]
        mandate = seen.reference.mandate(members[0], seen.day)
        each = [proxy for one in members for proxy in seen.reference.mandate(one, seen.day).risk.proxies]
        proxies = tuple({proxy.name: proxy for proxy in reversed(each)}.values())
        held = holdings(valued, seen.reference, seen.market, folded, day=seen.day)
        if not asked.sleeves:
            out.append(RiskSubject(mandate, subject, held, proxies))
        for number, code in _sleeves(seen, held, members[0], asked.sleeves):
            part = held.of_sleeve(number, f"{subject.code}/{code}")
            out.append(RiskSubject(mandate, subject, part, proxies))
    return out


def _sleeves(seen: Look, held: Holdings, portfolio: int, codes: Sequence[str]) -> list[tuple[int, str]]:
    known = {one.code: one.id for one in seen.reference.sleeves.values() if one.portfolio == portfolio} | {NONE: 0}
    if "all" in codes:
        there = {line.sleeve for line in held.lines}
        return [(number, code) for code, number in known.items() if number in there]
    for code in codes:
        if code not in known:
            raise unknown(f"sleeve of {held.code}", code, [*known, "all"])
    return [(known[code], code) for code in codes]


def subject_risk(
    seen: Look, one: RiskSubject, asked: AskedRisk, *, more: Sequence[Asset] = (), days: int | None = None
) -> BookRisk:
    """Risk of one subject. ``more`` assets stand in its history without being held; it has ``days`` (0: all)."""
    question = asked.question(one.mandate)
    assets = together(one.held.assets, more)
    history = _history(seen, one, assets, question, days)
    beside, code, notes = _benchmark(seen, one, asked, history)
    return BookRisk(one.held.onto(assets), history, question, beside, code, notes)


def _history(
    seen: Look, one: RiskSubject, assets: Sequence[Asset], question: RiskQuestion, days: int | None = None
) -> RiskHistory:
    count = MEMORY * question.window if days is None else days
    return risk_history(assets, seen.reference, seen.market, currency=one.held.currency, last=seen.day, days=count,
                        splits=seen.splits, proxies=one.proxies)  # fmt: skip


def _benchmark(
    seen: Look, one: RiskSubject, asked: AskedRisk, history: RiskHistory
) -> tuple[Float64 | None, str, tuple[str, ...]]:
    code = one.mandate.benchmark if asked.benchmark is None else asked.benchmark
    if not code:
        return None, "", ()
    reader = BenchmarkReader(seen.reference, seen.market, history.ends, one.held.currency, dict(seen.splits),
                             dict(one.mandate.comparison.rates))  # fmt: skip
    try:
        return beside_days(reader.steps(parse_blend(code)), history), code, ()
    except ArgosyError as error:
        if asked.benchmark is not None:
            raise
        return None, "", (f"no tracking error: {error.message}",)


def book_risks(seen: Look, asked: AskedRisk) -> list[BookRisk]:
    """Risk of each subject of a look."""
    return [subject_risk(seen, one, asked) for one in risk_subjects(seen, asked)]


def risk_statement(
    seen: Look, asked: AskedRisk, *, what_if: Sequence[str] = (), earlier: Look | None = None
) -> RiskStatement:
    """Models side by side, contributions, what trades would do, and why risk is not what it was on an earlier look."""
    for name in asked.models:
        checked_model(name)
    trades = [parse_trade(text, seen.reference) for text in what_if]
    more = [asset_of(seen.reference, trade.instrument) for trade in trades]
    tables: list[Table] = []
    results, changes = [], []
    for one in risk_subjects(seen, asked):
        risk = subject_risk(seen, one, asked, more=more)
        results.append(risk)
        told = seen.provenance(
            "risk of the book", convention=f"confidence {risk.asked.confidence:g}, {risk.asked.horizon} days ahead",
            warnings=seen.problems(), asked={"about": asked, "subject": one.held.code},
        )  # fmt: skip
        if trades:
            tables.append(replace(_what_if(seen, risk, trades), provenance=told))
        if earlier is not None:
            change = explain_change(seen, earlier, one, asked, risk)
            changes.append(change)
            tables.append(replace(change.table(f"Change of risk: {one.held.code}"), provenance=told))
        factors = asked.factors or one.mandate.risk.factors
        named = factor_moves(factors, seen.reference, seen.market, risk, splits=seen.splits) if factors else None
        sleeves = {(two.portfolio, two.id): two.code for two in seen.reference.sleeves.values()}
        codes = {two.id: two.code for two in seen.reference.portfolios.values()}
        found = risk_tables(risk, asked.models, asked.group or one.mandate.risk.group, named, sleeves, codes)
        tables += [replace(table, provenance=told) for table in found]
    return RiskStatement(tuple(tables), tuple(results), tuple(changes))


def _what_if(seen: Look, risk: BookRisk, trades: Sequence[Trade]) -> Table:
    amounts = [
        trade_value(trade, seen.reference, seen.market, currency=risk.held.currency, day=seen.day) for trade in trades
    ]
    return what_if_table(risk, trades, amounts)


def explain_change(seen: Look, earlier: Look, one: RiskSubject, asked: AskedRisk, risk: BookRisk) -> RiskChange:
    """What moved a subject's risk between two looks at the same book."""
    before = next((two for two in risk_subjects(earlier, asked) if two.held.code == one.held.code), None)
    if before is None:
        raise InvalidInput(f"{one.held.code} was not there then", field="compare-to", next_step="name a later day")
    still = next(two for two in risk_subjects(seen, asked, state=untraded(seen, earlier.day))
                 if two.held.code == one.held.code)  # fmt: skip
    assets = together(together(before.held.assets, still.held.assets), risk.held.assets)
    question = asked.question(before.mandate)
    early = _history(earlier, before, assets, question)
    late = _history(seen, one, assets, risk.asked)
    first = BookRisk(before.held.onto(assets), early, question)
    return risk_change(first, still.held, risk, early, late)


def untraded(seen: Look, since: int) -> State:
    """The book without the trades after a day: what the market and flows alone would have made of it."""
    left = without(seen.events, seen.order, TRADES, after=since)
    return fold(left, policies=seen.policies, quantity_unit=quantity_units(seen.reference), as_of=seen.day)


def previous_session(seen: Look) -> int:
    """The session before the look's day, on the calendar of the (first) portfolio."""
    mandate = seen.reference.mandate(seen.portfolios[0], seen.day)
    found = seen.market.sessions(mandate.calendar, seen.day - FORTNIGHT, seen.day - 1)
    if not len(found):
        raise InvalidInput("there is no session in the two weeks before", field="compare-to",
                           next_step="name the day to compare with")  # fmt: skip
    return int(found[-1])
