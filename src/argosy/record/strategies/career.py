"""Stages of a strategy and the moves between them, folded from facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from argosy.base.errors import ArgosyError, InvalidInput
from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.payload import integer, strings, text


class IllegalMove(ArgosyError):
    """A strategy's stage does not allow the move, or the move is not approved as it has to be."""

    code = "illegal_step"


class Stage(StrEnum):
    """Where a strategy stands in its career."""

    RESEARCH = "research"
    PAPER = "paper"
    INCUBATION = "incubation"
    LIVE = "live"
    SOFT_CLOSED = "soft-closed"
    WIND_DOWN = "wind-down"
    RETIRED = "retired"


MOVES: Mapping[Stage, tuple[Stage, ...]] = MappingProxyType({
    Stage.RESEARCH: (Stage.PAPER, Stage.RETIRED),
    Stage.PAPER: (Stage.INCUBATION, Stage.RESEARCH, Stage.RETIRED),
    Stage.INCUBATION: (Stage.LIVE, Stage.PAPER, Stage.WIND_DOWN),
    Stage.LIVE: (Stage.SOFT_CLOSED, Stage.WIND_DOWN),
    Stage.SOFT_CLOSED: (Stage.LIVE, Stage.WIND_DOWN),
    Stage.WIND_DOWN: (Stage.RETIRED,),
    Stage.RETIRED: (),
})  # fmt: skip
"""Where a strategy may go from each stage."""

PROMOTIONS = frozenset({
    (Stage.RESEARCH, Stage.PAPER), (Stage.PAPER, Stage.INCUBATION), (Stage.INCUBATION, Stage.LIVE),
    (Stage.SOFT_CLOSED, Stage.LIVE),
})  # fmt: skip
"""Moves that give a strategy more money or trust: they need evidence, and a second person."""


class MoveKind(StrEnum):
    """What a fact about a strategy says."""

    CREATE = "create"
    ASK = "ask"
    APPROVE = "approve"
    REFUSE = "refuse"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Move:
    """One entry of a career: ``evidence`` are decimal texts by name, ``override`` says why a gate was passed over."""

    kind: MoveKind
    to: Stage
    by: str
    note: str = ""
    override: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)
    seq: int = 0
    effective: int = 0

    def draft(self, strategy: int, day: int, terms: Mapping[str, object] | None = None) -> FactDraft:
        """The fact that stores it; ``terms`` are the strategy's own at its creation."""
        return FactDraft(FactKind.STRATEGY, strategy, day, {
            **(terms or {}), "move": self.kind.value, "to": self.to.value, "by": self.by, "note": self.note,
            "override": self.override, "evidence": dict(self.evidence),
        })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """One backtest of a strategy: what it was run with, and its Sharpe ratio per period over so many periods."""

    inputs: str
    sharpe: str
    periods: int
    by: str
    seq: int = 0

    def draft(self, strategy: int, day: int) -> FactDraft:
        """The fact that stores it."""
        return FactDraft(FactKind.TRIAL, strategy, day, {
            "inputs": self.inputs, "sharpe": self.sharpe, "periods": self.periods, "by": self.by,
        })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy with its career. ``sleeve`` is where it trades (0: none yet); ``asked`` a promotion that waits."""

    id: int
    code: str
    name: str
    portfolio: int
    sleeve: int
    stage: Stage
    moves: tuple[Move, ...] = ()
    trials: tuple[Trial, ...] = ()
    asked: Move | None = None

    @property
    def since(self) -> int:
        """The epoch day on which it came to its stage."""
        for move in reversed(self.moves):
            if move.kind in (MoveKind.MOVE, MoveKind.APPROVE, MoveKind.CREATE):
                return move.effective
        return 0

    @property
    def distinct_trials(self) -> tuple[Trial, ...]:
        """Trials that differ in what they were run with: the same run twice is one trial."""
        return tuple({trial.inputs: trial for trial in self.trials}.values())

    def after(self, move: Move) -> Strategy:
        """This strategy after a further entry of its career.

        Raises
        ------
        IllegalMove
            When its stage does not lead there, a promotion was not asked for, or one person would do both.
        """
        if not move.by:
            raise InvalidInput("a move needs a name", field="by", next_step="give --by NAME")
        if move.kind == MoveKind.ASK:
            self._reachable(move.to)
            if (self.stage, move.to) not in PROMOTIONS:
                raise IllegalMove(f"going from {self.stage} to {move.to} needs no approval", field="to", found=move.to,
                                  next_step="move it at once")  # fmt: skip
            return replace(self, asked=move, moves=(*self.moves, move))
        if move.kind == MoveKind.MOVE:
            self._reachable(move.to)
            if (self.stage, move.to) in PROMOTIONS:
                raise IllegalMove(
                    f"{self.code} goes from {self.stage} to {move.to} only when one person asks and another approves",
                    field="to", found=move.to.value, next_step="argosy strategy promote, then argosy strategy approve",
                )  # fmt: skip
            return replace(self, stage=move.to, asked=None, moves=(*self.moves, move))
        return self._answered(move)

    def _reachable(self, to: Stage) -> None:
        allowed = MOVES[self.stage]
        if to not in allowed:
            listed = ", ".join(allowed)
            raise IllegalMove(
                f"{self.code} is {self.stage}: it cannot go to {to}", field="to", found=to.value,
                expected=listed or "nothing: it is retired", next_step=f"possible: {listed}" if listed else "",
            )  # fmt: skip

    def _answered(self, move: Move) -> Strategy:
        asked = self.asked
        if asked is None or asked.to != move.to:
            raise IllegalMove(f"nobody asked to bring {self.code} to {move.to}", field="to", found=move.to.value,
                              next_step="argosy strategy promote asks for it")  # fmt: skip
        if move.kind == MoveKind.APPROVE and move.by == asked.by:
            raise IllegalMove(
                f"{move.by} asked for it and cannot approve it", field="by", found=move.by,
                next_step="a second person approves",
            )  # fmt: skip
        stage = move.to if move.kind == MoveKind.APPROVE else self.stage
        return replace(self, stage=stage, asked=None, moves=(*self.moves, move))


def read_strategies(facts: Iterable[Fact]) -> dict[int, Strategy]:
    """Every strategy among standing facts (in seq order), by id. Moves that stood on a voided batch do not count."""
    found: dict[int, Strategy] = {}
    for fact in facts:
        if fact.kind == FactKind.TRIAL and fact.subject in found:
            held = found[fact.subject]
            found[fact.subject] = replace(held, trials=(*held.trials, _trial(fact)))
        if fact.kind != FactKind.STRATEGY:
            continue
        move = _move(fact)
        if move.kind == MoveKind.CREATE:
            terms = fact.payload
            found[fact.subject] = Strategy(
                fact.subject, text(terms, "code"), text(terms, "name"), integer(terms, "portfolio"),
                integer(terms, "sleeve"), move.to, (move,),
            )  # fmt: skip
        elif fact.subject in found:
            try:
                found[fact.subject] = found[fact.subject].after(move)
            except ArgosyError:
                continue
    return found


def _move(fact: Fact) -> Move:
    held = fact.payload
    return Move(
        MoveKind(text(held, "move")), Stage(text(held, "to")), text(held, "by"), text(held, "note"),
        text(held, "override"), strings(held, "evidence"), fact.seq, fact.effective,
    )  # fmt: skip


def _trial(fact: Fact) -> Trial:
    held = fact.payload
    return Trial(text(held, "inputs"), text(held, "sharpe"), integer(held, "periods"), text(held, "by"), fact.seq)
