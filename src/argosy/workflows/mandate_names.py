"""Names in a mandate that only the optimizer knows: models of objective, risk, return; each problem with its line."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

from argosy.base.errors import ArgosyError, unknown
from argosy.base.problems import Problem
from argosy.construction.optimize.face import named
from argosy.construction.optimize.multi_objective import criteria_of, worded
from argosy.models.moments.beliefs import EQUILIBRIUM, MEAN_MODELS, RISK_MODELS
from argosy.record.mandate_text import key_lines, line_of


def _objective(name: str) -> None:
    words = worded(name)
    if words is None:
        named(name)
    else:
        criteria_of(words.criteria)


def _risk(name: str) -> None:
    if name not in RISK_MODELS:
        raise unknown("risk model", name, RISK_MODELS)


def _mean(name: str) -> None:
    if name not in (*MEAN_MODELS, EQUILIBRIUM):
        raise unknown("model of expected returns", name, (*MEAN_MODELS, EQUILIBRIUM))


CHECKS: dict[tuple[str, str], Callable[[str], None]] = {
    ("objective", "model"): _objective,
    ("risk_model", "covariance"): _risk,
    ("risk_model", "mean"): _mean,
}


def name_problems(text: str, *, source: str) -> list[Problem]:
    """What is wrong with the models a sound mandate names.

    Examples
    --------
    >>> [one.text() for one in name_problems('[objective]\\nmodel = "max sharp"', source="m.toml")]
    ["m.toml line 2: objective.model: unknown model 'max sharp' (did you mean 'maximum sharpe'?)"]
    """
    content, lines = tomllib.loads(text), key_lines(text)
    found = []
    for path, check in CHECKS.items():
        value = content.get(path[0], {}).get(path[1], "")
        if not value:
            continue
        try:
            check(str(value))
        except ArgosyError as error:
            found.append(Problem(source, line_of(lines, path), error.message, field=".".join(path), found=str(value),
                                 next_step=error.next_step, code="mandate"))  # fmt: skip
    return sorted(found, key=lambda problem: problem.line)
