"""The whole loop over history: book, value, risk, target, proposal, verdict, fill, book, day by day on paper.

Each rule of rebalancing trades in a book of its own that is thrown away afterwards: every simulated trade is an event,
decided by people on paper and judged like any other. A day sees prices and events up to itself only; orders are filled
at a later session's price and half the spread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from argosy.base.dates import DAY_US, format_date, to_date
from argosy.base.errors import ImportRefused, InvalidInput, MissingData, StaleData
from argosy.base.table import Table
from argosy.construction.rebalance.comparison import PaperTrade, RuleOutcome, rule_outcome
from argosy.construction.rebalance.paper_fills import (
    csv_rows,
    loss_carried,
    money_text,
    paper_fills,
    sweeps,
    tax_of_gains,
)
from argosy.construction.rebalance.rivals import NEVER, OWN, first_text, rival_text
from argosy.construction.rebalance.watching import constant_target, days_to_look, looked_at
from argosy.measures.tax.regimes import law_of
from argosy.measures.valuation.subjects import portfolio_subjects
from argosy.measures.valuation.value import value
from argosy.record.facts import FactDraft, FactKind
from argosy.record.ledger.events import Int64
from argosy.record.mandate import Mandate
from argosy.record.orders.states import StepKind
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.simulated import comparison_table, paper_trades_table, values_table
from argosy.workflows.borrowed_files import BorrowedFiles
from argosy.workflows.fills import book_fills
from argosy.workflows.history import history
from argosy.workflows.import_report import ImportReport
from argosy.workflows.import_transactions import import_transactions
from argosy.workflows.look import Look, Statement, look
from argosy.workflows.ports import BatchDraft, BookStore, MarketFiles
from argosy.workflows.pretrade import LimitsBroken, pre_trade
from argosy.workflows.proposals import decide, store_proposals
from argosy.workflows.propose import check_rebalance, lines_and_target
from argosy.workflows.setup import set_mandate
from argosy.workflows.tabular import RowReader

Scratch = Callable[[str], BookStore]
"""Gives an empty book for a rule; whoever passes it closes the book and throws it away."""
Progress = Callable[[int, int], None]

PAPER = (
    FactKind.PORTFOLIO, FactKind.ACCOUNT, FactKind.SLEEVE, FactKind.GROUP, FactKind.PARTY, FactKind.INSTRUMENT,
    FactKind.ALIAS, FactKind.CURRENCY, FactKind.CALENDAR, FactKind.BENCHMARK, FactKind.MARKET_LOAD, FactKind.MERGE,
    FactKind.SOURCE_PRECEDENCE, FactKind.BENCHMARK_SEGMENTS, FactKind.CLASSIFICATION, FactKind.SERIES,
)  # fmt: skip
"""Kinds of facts that a paper book takes over: who is who and what the market says, and nothing that happened."""
RULES = (OWN, NEVER, "monthly", "quarterly")
"""What is compared when nothing is asked for."""
MAKER, JUDGE, BROKER = "rebalancer", "compliance", "paper broker"
APPROVERS = ("first approver", "second approver")
EVENING_US = 82_800_000_000
"""Time of day at which the loop decides: 23:00."""


@dataclass(frozen=True)
class Simulation:
    """What each rule made of the same money."""

    portfolio: str
    currency: str
    outcomes: tuple[RuleOutcome, ...]
    seen: Look = field(repr=False)

    def statement(self) -> Statement:
        """The comparison, and each rebalance of the first rule."""
        told = self.seen.provenance("rebalance simulate", asked={"rules": [one.rule for one in self.outcomes]})
        return Statement((
            replace(self.table(), provenance=told), paper_trades_table(self.outcomes[0]), values_table(self.outcomes),
        ))  # fmt: skip

    def table(self) -> Table:
        """One line per rule."""
        return comparison_table(self.outcomes, portfolio=self.portfolio, currency=self.currency)


def simulate(
    seen: Look, scratch: Scratch, reader: RowReader, *, first: int, rules: Sequence[str] = RULES, every: str = "daily",
    every_day_whole: bool = False, progress: Progress | None = None,
) -> Simulation:  # fmt: skip
    """Trade a portfolio by its mandate, and by other rules, from a day to the day of a look.

    Every rule begins with the portfolio's value on the first session in cash; later deposits and withdrawals are left
    out, so that rules are compared on the same money. The mandate is the one in force on the last day. ``every`` is how
    often the portfolio is looked at. ``every_day_whole`` makes the whole proposal on each of these days instead of
    only where weights say that something may be due: the same answer, slowly.

    Raises
    ------
    InvalidInput
        No portfolio or several, no session in the period, a portfolio without value or one that follows a model.
    MissingData
        A day of the period cannot be valued.
    """
    portfolio = _one(seen)
    mandate = seen.reference.mandate(portfolio, seen.day)
    if mandate.trading.targets.source == "model":
        raise InvalidInput("a portfolio that follows another cannot be simulated alone", field="targets.source",
                           found="model", next_step="simulate the portfolio it follows")  # fmt: skip
    days = seen.market.sessions(mandate.calendar, first, seen.day)
    if len(days) < 2:
        raise InvalidInput(
            f"there are {len(days)} sessions from {format_date(first)} to {format_date(seen.day)}", field="from",
            found=format_date(first), expected="two or more",
        )  # fmt: skip
    capital = _capital(seen, portfolio, int(days[0]))
    assert seen.files is not None
    files = BorrowedFiles(seen.files)
    outcomes = []
    for number, rule in enumerate(rules):
        if progress:
            progress(number, len(rules))
        paper = _Paper(scratch(rule), files, reader, rule, portfolio, days, seen.reference, every, every_day_whole)
        outcomes.append(paper.run(mandate, capital, seen))
    if progress:
        progress(len(rules), len(rules))
    found = seen.reference.portfolios[portfolio]
    return Simulation(found.code, found.base_currency, tuple(outcomes), seen)


def _one(seen: Look) -> int:
    if len(seen.portfolios) != 1:
        raise InvalidInput("a simulation is of one portfolio", field="portfolio", found=len(seen.portfolios),
                           next_step="name one with --portfolio")  # fmt: skip
    return seen.portfolios[0]


def _capital(seen: Look, portfolio: int, day: int) -> str:
    """What the portfolio was worth on a day, as a file writes it."""
    then = replace(seen, day=day)
    subject = portfolio_subjects(seen.reference, [portfolio])[0]
    found = value(then.state, then.reference, then.market, subjects=[subject], day=day, splits=then.splits).subjects[0]
    if found.nav <= 0:
        raise InvalidInput(
            f"{subject.code} is worth nothing on {format_date(day)}", field="from", found=format_date(day),
            next_step="begin when there was money in it",
        )  # fmt: skip
    return money_text(found.nav, found.scale)


@dataclass
class _Paper:
    """A paper portfolio under way."""

    store: BookStore
    files: MarketFiles
    reader: RowReader
    rule: str
    portfolio: int
    days: Int64
    source: Reference
    every: str
    every_day_whole: bool
    trades: list[PaperTrade] = field(default_factory=list)
    targets: list[tuple[int, Mapping[str, float]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tax: float = 0.0
    carried: float = 0.0
    taxed_to: int = 0
    splits: list[tuple[int, int, int, int]] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The portfolio's code."""
        return self.source.portfolios[self.portfolio].code

    def run(self, mandate: Mandate, capital: str, seen: Look) -> RuleOutcome:
        """Trade the whole period; the exact history at its end is the outcome."""
        days = self.days.tolist()
        self._seed(mandate, capital, days[0])
        self.splits = sorted(
            (ex, instrument, new, old) for instrument, rows in seen.splits.items() for ex, new, old in rows
            if days[0] < ex <= days[-1]
        )  # fmt: skip
        self.taxed_to = days[0]
        wanted = looked_at(self.days, self.every).tolist()
        at, due = 0, None
        while at < len(days):
            if self._duties(days[at], last=at + 1 == len(days)):
                due = None
            if due is None:
                due = self._due(at)
            # The first day is always looked at: the money has to be invested.
            if at == 0 or (wanted[at] and due[at]):
                filled = self._look(days[at], asked="first investment" if at == 0 else "")
                if filled > days[at]:
                    at, due = days.index(filled), None
                    continue
            at += 1
        return self._outcome(days[-1])

    def _seed(self, mandate: Mandate, capital: str, day: int) -> None:
        facts = [FactDraft(one.kind, one.subject, one.effective, one.payload) for one in self.source.facts
                 if one.kind in PAPER]  # fmt: skip
        with self.store.writer() as writer:
            writer.append(BatchDraft("simulation", "reference data of the book it is about", facts=facts))
        set_mandate(self.store, portfolio=self.code, text=first_text(mandate), source="first investment")
        set_mandate(self.store, portfolio=self.code, text=rival_text(mandate, self.rule), effective=day + 1,
                    source=self.rule)  # fmt: skip
        self._import([{"type": "deposit", "net": capital, "reference": "CAPITAL"}], day)

    def _seen(self, day: int) -> Look:
        return look(self.store, clock=self._clock(day), as_of=day, portfolios=[self.code], files=self.files)

    def _clock(self, day: int) -> Callable[[], int]:
        return lambda: day * DAY_US + EVENING_US

    def _import(self, rows: Sequence[Mapping[str, str]], day: int) -> None:
        written = [tuple(({"date": format_date(day), "portfolio": self.code} | dict(row)).items()) for row in rows]
        _sound(import_transactions(self.store, self.reader, content=csv_rows(written), name=f"{self.rule} paper",
                                   source=BROKER))  # fmt: skip

    def _due(self, at: int) -> list[bool]:
        """For each session whether it has to be looked at, given what is held on session ``at``."""
        if self.every_day_whole:
            return [True] * len(self.days)
        seen = self._seen(int(self.days[at]))
        subject = portfolio_subjects(seen.reference, seen.portfolios)[0]
        # Rules of the days to come: the first day has a mandate of its own.
        mandate = seen.reference.mandate(self.portfolio, int(self.days[-1]))
        try:
            book, target, _ = lines_and_target(seen, subject)
        except MissingData:
            return [True] * len(self.days)
        flags = days_to_look(
            book, constant_target(mandate, target), mandate, seen.market, days=self.days[at:],
            currency=subject.currency, last_rebalance=self.trades[-1].day if self.trades else 0,
        )  # fmt: skip
        return [False] * at + list(flags.tolist())

    def _look(self, day: int, *, asked: str) -> int:
        """Propose, judge, decide and fill where something is due; the day of the last fill, or 0."""
        seen, clock = self._seen(day), self._clock(day)
        try:
            ((_, proposed),) = check_rebalance(seen, by=MAKER, clock=clock, asked=asked).found
        except MissingData as error:
            self._note(f"{format_date(day)}: {error.message}")
            return 0
        plan = proposed.plan
        self.targets.append((day, dict(zip(plan.names, plan.target.tolist(), strict=True))))
        if proposed.proposal is None:
            return 0
        number = store_proposals(self.store, [proposed.proposal], clock=clock).lives[0].terms.id
        try:
            before = pre_trade(seen)
            for who in APPROVERS[: proposed.proposal.approvals]:
                decide(self.store, clock=clock, proposals=[number], kind=StepKind.APPROVE, by=who, before=before)
            sent = decide(self.store, clock=clock, proposals=[number], kind=StepKind.SEND, by=BROKER, before=before)
        except (LimitsBroken, StaleData) as error:
            decide(self.store, clock=clock, proposals=[number], kind=StepKind.REJECT, by=JUDGE, note=error.message)
            self._note(f"{format_date(day)}: {error.message}")
            return 0
        mandate = seen.reference.mandate(self.portfolio, day)
        fills, lost = paper_fills(sent.lives[0], seen.reference, seen.market, mandate.policy.costs, after=day,
                                  last=int(self.days[-1]))  # fmt: skip
        for order in lost:
            decide(self.store, clock=clock, proposals=[number], kind=StepKind.CANCEL_ORDER, by=BROKER,
                   note="no price in the days after", order=order)  # fmt: skip
        spent = [one.cost for one in fills]
        traded = [order.instrument for order in sent.lives[0].terms.orders]
        for filled in sorted({one.day for one in fills}):
            rows = [one.row for one in fills if one.day == filled]
            _sound(book_fills(self.store, self.reader, content=csv_rows(rows), name=f"{self.rule} fills", by=BROKER))
            spent.append(self._change_money(filled, mandate, traded))
        self.trades.append(PaperTrade(day, plan.turnover, sum(spent), len(fills), plan.sentence))
        return max((one.day for one in fills), default=0)

    def _change_money(self, day: int, mandate: Mandate, traded: Sequence[int]) -> float:
        base = self.source.portfolios[self.portfolio].base_currency
        if all(self.source.instruments[one].currency == base for one in traded):
            return 0.0
        seen = self._seen(day)
        rows, cost = sweeps(seen.state, seen.reference, seen.market, mandate.policy.costs, portfolio=self.portfolio,
                            day=day)  # fmt: skip
        if rows:
            self._import(rows, day)
        return cost

    def _duties(self, day: int, *, last: bool) -> bool:
        """What falls due whatever the rule: splits of what is held, and tax on the gains of a year that is over."""
        done = False
        while self.splits and self.splits[0][0] <= day:
            done |= self._split(*self.splits.pop(0))
        if to_date(day).year != to_date(self.taxed_to).year or last:
            done |= self._pay_tax(day)
        return done

    def _split(self, ex: int, instrument: int, new: int, old: int) -> bool:
        seen = self._seen(ex)
        held = seen.state.holdings
        if instrument not in held.instrument.tolist():
            return False
        self._import([{"type": "split", "instrument": self.source.instruments[instrument].code,
                       "ratio": f"{new}:{old}", "reference": f"SPLIT-{instrument}-{ex}"}], ex)  # fmt: skip
        return True

    def _pay_tax(self, day: int) -> bool:
        seen = self._seen(day)
        mandate = seen.reference.mandate(self.portfolio, day)
        law = law_of(mandate)
        scale = seen.reference.money_scale(seen.reference.portfolios[self.portfolio].base_currency)
        found = tax_of_gains(seen.based[0], law, portfolio=self.portfolio, scale=scale, first=self.taxed_to, last=day)
        self.taxed_to = day + 1
        due, self.carried = loss_carried(found, self.carried)
        if due <= 0.0:
            return False
        self.tax = sum((self.tax, due))
        self._import([{"type": "tax", "net": money_text(-due), "reference": f"TAX-{day}"}], day)
        return True

    def _note(self, text: str) -> None:
        if len(self.notes) < 5:
            self.notes.append(text)

    def _outcome(self, day: int) -> RuleOutcome:
        seen = self._seen(day)
        found = history(seen, first=int(self.days[0])).histories[0]
        named = {name for _, target in self.targets for name in target}
        instruments = [one for one in self.source.instruments.values() if one.code in named]
        return rule_outcome(self.rule, found, seen.market, instruments, self.targets, self.trades, tax=self.tax,
                            notes=self.notes)  # fmt: skip


def _sound(report: ImportReport) -> None:
    if report.problems:
        raise ImportRefused(f"a paper trade was refused: {report.problems[0].text()}", place=report.source)
