"""Backtests of a strategy counted by the system: whatever evaluates models for one leaves a trial for each."""

from __future__ import annotations

import hashlib

from argosy.base.fingerprint import fingerprint
from argosy.base.version import __version__
from argosy.construction.optimize.walk_forward import Schedule
from argosy.record.strategies.career import Trial
from argosy.workflows.optimizing import EvaluationStatement, Question
from argosy.workflows.ports import BookStore, Clock
from argosy.workflows.strategies import CareerResult, record_trials


def count_trials(
    store: BookStore, question: Question, schedule: Schedule, found: EvaluationStatement, *, clock: Clock,
    strategy: str, seed: int, by: str, dry_run: bool = False,
) -> CareerResult:  # fmt: skip
    """Record each model of an evaluation as a trial of a strategy; the same run a second time counts once.

    A trial is known by what decides its outcome: the returns themselves, the policy, the schedule, the model, the seed
    and the version of the code.
    """
    panel = question.candidates.sample.panel
    data = hashlib.sha256(panel.days.tobytes() + panel.values.tobytes()).hexdigest()
    trials = [
        Trial(
            fingerprint("trial", {
                "data": data, "names": list(panel.names), "policy": repr(question.policy), "schedule": repr(schedule),
                "model": model, "seed": seed, "argosy": __version__,
            }),
            f"{sharpe:.12g}", periods, by,
        )
        for model, sharpe, periods in found.evaluation.trials
    ]  # fmt: skip
    return record_trials(store, clock=clock, strategy=strategy, trials=trials, by=by, dry_run=dry_run)
