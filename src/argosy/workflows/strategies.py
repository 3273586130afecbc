"""Strategies in the book: created, tried, promoted on evidence by two people, moved, retired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from argosy.base.dates import DAY_US
from argosy.base.errors import InvalidInput, UnknownName, unknown
from argosy.base.table import Table
from argosy.construction.strategies.gates import Evidence, GateClosed, GateRules, evidence
from argosy.record.facts import FactDraft, FactKind
from argosy.record.reference_fold import Reference
from argosy.record.strategies.career import (
    PROMOTIONS,
    IllegalMove,
    Move,
    MoveKind,
    Stage,
    Strategy,
    Trial,
    read_strategies,
)
from argosy.reporting.statements.strategies import career_table, strategies_table, trials_table
from argosy.workflows.look import Statement, look
from argosy.workflows.ports import BatchDraft, BatchInfo, BookStore, Clock
from argosy.workflows.setup import check_code

Returns = Callable[[Strategy], Sequence[float] | None]
"""The record of a strategy: its excess returns per period; None where it has none."""


@dataclass(frozen=True)
class CareerResult:
    """A strategy after an entry of its career, with the evidence that was looked at."""

    what: str
    strategy: Strategy
    reference: Reference = field(repr=False)
    judged: Evidence | None = None
    batch: BatchInfo | None = None

    @property
    def written(self) -> bool:
        """Whether the book holds it now."""
        return self.batch is not None

    def summary(self) -> str:
        """One line for people."""
        place = f"batch {self.batch.batch}" if self.batch else "dry run, nothing written"
        return f"{self.what}: strategy {self.strategy.code} is {self.strategy.stage} ({place})"

    def table(self) -> Table:
        """The strategy as it stands."""
        return strategies_table([self.strategy], self.reference)


def create_strategy(
    store: BookStore, *, clock: Clock, code: str, by: str, name: str = "", portfolio: str = "", sleeve: str = "",
    note: str = "", dry_run: bool = False,
) -> CareerResult:  # fmt: skip
    """Create a strategy in research. ``sleeve`` (of ``portfolio``) is where it trades, once it does."""
    check_code(code, what="strategy")
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        known = read_strategies(reference.facts)
        if code in {one.code for one in known.values()}:
            raise InvalidInput(f"strategy {code!r} exists already", field="code", found=code,
                               next_step="choose another code")  # fmt: skip
        if sleeve and not portfolio:
            raise InvalidInput("a sleeve belongs to a portfolio", field="portfolio", next_step="give --portfolio")
        home = reference.portfolio(portfolio).id if portfolio else 0
        place = reference.sleeve(sleeve, home).id if sleeve else 0
        if not by:
            raise InvalidInput("a strategy needs the name of who creates it", field="by", next_step="give --by NAME")
        day, subject = clock() // DAY_US, writer.next_id(FactKind.STRATEGY)
        terms = {"code": code, "name": name or code, "portfolio": home, "sleeve": place}
        draft = Move(MoveKind.CREATE, Stage.RESEARCH, by, note).draft(subject, day, terms)
        made = Strategy(subject, code, name or code, home, place, Stage.RESEARCH)
        batch = None if dry_run else writer.append(BatchDraft("strategy", by, facts=[draft], note=note))
    return CareerResult("created", made, reference, None, batch)


def record_trial(
    store: BookStore, *, clock: Clock, strategy: str, inputs: str, sharpe: str, periods: int, by: str,
    dry_run: bool = False,
) -> CareerResult:  # fmt: skip
    """Count a backtest of a strategy: called by whatever runs one, so that trials are counted and not declared.

    ``inputs`` is the fingerprint of what it was run with; ``sharpe`` a decimal text, per period. The same inputs with
    the same outcome are known already and write nothing.
    """
    if not inputs or periods < 2:
        raise InvalidInput("a trial needs the fingerprint of its inputs and two periods at least", field="trial")
    try:
        float(sharpe)
    except ValueError:
        raise InvalidInput(f"{sharpe!r} is not a number", field="sharpe", found=sharpe) from None
    return record_trials(store, clock=clock, strategy=strategy, trials=[Trial(inputs, sharpe, periods, by)], by=by,
                         dry_run=dry_run)  # fmt: skip


def record_trials(
    store: BookStore, *, clock: Clock, strategy: str, trials: Sequence[Trial], by: str, dry_run: bool = False
) -> CareerResult:
    """Count several backtests in one batch, but for those that are known."""
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        held = find_strategy(read_strategies(reference.facts), strategy)
        known = {(one.inputs, one.sharpe, one.periods) for one in held.trials}
        new = [one for one in trials if (one.inputs, one.sharpe, one.periods) not in known]
        if not new:
            return CareerResult("known trial", held, reference)
        day = clock() // DAY_US
        facts = [one.draft(held.id, day) for one in new]
        batch = None if dry_run else writer.append(BatchDraft("trial", by, facts=facts))
    return CareerResult("trial" if len(new) == 1 else f"{len(new)} trials", held, reference, None, batch)


def move_strategy(
    store: BookStore, *, clock: Clock, strategy: str, to: str, by: str, note: str = "", override: str = "",
    returns: Returns | None = None, rules: GateRules | None = None, dry_run: bool = False,
) -> CareerResult:  # fmt: skip
    """Move a strategy, or ask for its promotion where that needs evidence and a second person.

    A promotion beyond paper is judged by the gate: ``returns`` gives the record, the trials are those the book counted.
    A closed gate stops it, unless ``override`` says why it should go on; the reason is kept, and the second person sees
    it. Retiring a strategy whose sleeve still holds something is refused.

    Raises
    ------
    GateClosed
        With what the record lacks.
    """
    if to not in set(Stage):
        raise unknown("stage", to, list(Stage))
    stage = Stage(to)
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        held = find_strategy(read_strategies(reference.facts), strategy)
        promotion = (held.stage, stage) in PROMOTIONS
        move = Move(MoveKind.ASK if promotion else MoveKind.MOVE, stage, by, note, override)
        after = held.after(move)
        judged = None
        if promotion and held.stage != Stage.RESEARCH:
            judged = _judged(held, returns, rules, override)
            move = Move(move.kind, stage, by, note, override, judged.texts() if judged else {})
            after = held.after(move)
        if stage == Stage.RETIRED and held.sleeve:
            _refuse_holding(store, clock, held, reference)
        facts: list[FactDraft] = [move.draft(held.id, clock() // DAY_US)]
        batch = None if dry_run else writer.append(BatchDraft("strategy", by, facts=facts, note=note))
    return CareerResult("asked" if promotion else "moved", after, reference, judged, batch)


def _judged(held: Strategy, returns: Returns | None, rules: GateRules | None, override: str) -> Evidence | None:
    record = None if returns is None else returns(held)
    if record is None:
        if override:
            return None
        raise GateClosed(
            f"{held.code} has no record to be judged by", field="returns",
            next_step="give its returns, or a reason to override with a second person's approval",
        )  # fmt: skip
    found = evidence(record, trial_sharpes=[float(one.sharpe) for one in held.distinct_trials], rules=rules)
    if not found.passed and not override:
        raise GateClosed(
            f"{held.code} may not go on: " + "; ".join(found.missing), field="returns",
            next_step="wait for a longer record, or give a reason to override",
        )  # fmt: skip
    return found


def answer_promotion(
    store: BookStore, *, clock: Clock, strategy: str, by: str, approve: bool, note: str = "", dry_run: bool = False
) -> CareerResult:
    """Approve or refuse the promotion that was asked for; the person who asked cannot approve."""
    if not approve and not note:
        raise InvalidInput("a refusal needs a reason", field="reason", next_step="give --reason TEXT")
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        held = find_strategy(read_strategies(reference.facts), strategy)
        if held.asked is None:
            raise IllegalMove(f"nobody asked for a promotion of {held.code}", field="strategy", found=held.code,
                              next_step="argosy strategy promote asks for it")  # fmt: skip
        move = Move(MoveKind.APPROVE if approve else MoveKind.REFUSE, held.asked.to, by, note)
        after = held.after(move)
        facts = [move.draft(held.id, clock() // DAY_US)]
        batch = None if dry_run else writer.append(BatchDraft("strategy", by, facts=facts, note=note))
    return CareerResult("approved" if approve else "refused", after, reference, None, batch)


def _refuse_holding(store: BookStore, clock: Clock, held: Strategy, reference: Reference) -> None:
    seen = look(store, clock=clock, portfolios=[reference.portfolios[held.portfolio].code])
    open_names = sorted({
        reference.instruments[instrument].code
        for sleeve, instrument, quantity in zip(
            seen.held.holdings.sleeve.tolist(), seen.held.holdings.instrument.tolist(),
            seen.held.holdings.quantity.tolist(), strict=True,
        )
        if sleeve == held.sleeve and quantity
    })  # fmt: skip
    if open_names:
        raise IllegalMove(
            f"{held.code} still holds {', '.join(open_names[:5])}", field="strategy", found=held.code,
            next_step="sell or transfer what it holds, then retire it",
        )  # fmt: skip


def find_strategy(known: dict[int, Strategy], code: str) -> Strategy:
    """A strategy by code."""
    for one in known.values():
        if one.code == code:
            return one
    if not known:
        raise UnknownName(f"there is no strategy {code!r}", field="strategy", found=code,
                          next_step="create one with argosy strategy create")  # fmt: skip
    raise unknown("strategy", code, [one.code for one in known.values()])


def list_strategies(store: BookStore, *, known_at: int | None = None, stage: str = "") -> Statement:
    """Every strategy and its stage, as known at a moment."""
    if stage and stage not in set(Stage):
        raise unknown("stage", stage, list(Stage))
    reference = Reference.from_facts(store.facts(watermark=store.watermark(known_at)))
    found = [one for one in read_strategies(reference.facts).values() if not stage or one.stage == stage]
    return Statement((strategies_table(found, reference),))


def show_strategy(store: BookStore, *, strategy: str, known_at: int | None = None) -> Statement:
    """One strategy: where it stands, its career with the evidence, its trials."""
    reference = Reference.from_facts(store.facts(watermark=store.watermark(known_at)))
    held = find_strategy(read_strategies(reference.facts), strategy)
    return Statement((strategies_table([held], reference), career_table(held), trials_table(held)))
