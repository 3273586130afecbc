"""Strategies and their careers as tables."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.columns import Column
from argosy.base.table import Table
from argosy.record.reference_fold import Reference
from argosy.record.strategies.career import MOVES, MoveKind, Strategy


def strategies_table(found: Sequence[Strategy], reference: Reference, *, name: str = "Strategies") -> Table:
    """One line per strategy: stage, since when, what it waits for, how many trials."""
    return Table(
        name,
        (
            Column("strategy", "text", [one.code for one in found]),
            Column("name", "text", [one.name for one in found]),
            Column("portfolio", "text", [_code(one, reference) for one in found]),
            Column("sleeve", "text", [reference.sleeves[one.sleeve].code if one.sleeve else "" for one in found]),
            Column("stage", "text", [one.stage.value for one in found]),
            Column("since", "date", [one.since for one in found]),
            Column("asked", "text", [one.asked.to.value if one.asked else "" for one in found]),
            Column("trials", "integer", [len(one.distinct_trials) for one in found]),
            Column("may_go_to", "text", [", ".join(MOVES[one.stage]) for one in found]),
        ),
    )


def _code(one: Strategy, reference: Reference) -> str:
    return reference.portfolios[one.portfolio].code if one.portfolio else ""


def career_table(one: Strategy, *, name: str = "Career") -> Table:
    """Every entry of a strategy's career with its evidence."""
    return Table(
        name,
        (
            Column("seq", "integer", [move.seq for move in one.moves]),
            Column("date", "date", [move.effective for move in one.moves]),
            Column("entry", "text", [_said(move.kind) for move in one.moves]),
            Column("stage", "text", [move.to.value for move in one.moves]),
            Column("by", "text", [move.by for move in one.moves]),
            Column("note", "text", [move.note for move in one.moves]),
            Column("override", "text", [move.override for move in one.moves]),
            Column("evidence", "text", [
                ", ".join(f"{label} {value}" for label, value in move.evidence.items()) for move in one.moves
            ]),
        ),
    )  # fmt: skip


def _said(kind: MoveKind) -> str:
    return {MoveKind.CREATE: "created", MoveKind.ASK: "asked", MoveKind.APPROVE: "approved",
            MoveKind.REFUSE: "refused", MoveKind.MOVE: "moved"}[kind]  # fmt: skip


def trials_table(one: Strategy, *, name: str = "Trials") -> Table:
    """Every backtest that was counted."""
    return Table(
        name,
        (
            Column("seq", "integer", [trial.seq for trial in one.trials]),
            Column("inputs", "text", [trial.inputs for trial in one.trials]),
            Column("sharpe_per_period", "text", [trial.sharpe for trial in one.trials]),
            Column("periods", "integer", [trial.periods for trial in one.trials]),
            Column("by", "text", [trial.by for trial in one.trials]),
        ),
        notes=(f"{len(one.distinct_trials)} different trials: the same inputs count once",),
    )
