"""Pre-trade judgment: every rule asked about a case, before approval and again before sending.

A rule is a function from a case to verdicts. The rules here are those of the mandate; a regulatory regime adds a
function to the tuple that the workflow hands over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError
from argosy.base.limits import SLACK, Limit
from argosy.measures.limits.compiling import measured
from argosy.measures.limits.universe import Universe
from argosy.models.moments.covariance import Covariance

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule about one number: what it was, what it would be, what is allowed, and where the rule comes from.

    ``passed`` is False where a hard limit would not hold and the trades are to blame: it holds before, or is further
    away from holding after. ``unknown`` says why a rule could not be judged; such a verdict does not pass either.
    """

    rule: str
    subject: str
    before: float
    after: float
    allowed: float
    passed: bool
    hard: bool
    source: str
    unknown: str = ""
    broken: bool = False
    """Whether the limit does not hold after, whoever is to blame."""

    def text(self) -> str:
        """One line for people.

        Examples
        --------
        >>> Verdict("weight of each <= 5%", "weight of ACME", 0.04, 0.06, 0.05, False, True, "mandate").text()
        'weight of each <= 5% (mandate): weight of ACME goes from 0.04 to 0.06, 0.05 is allowed: breach'
        """
        if self.unknown:
            return f"{self.rule} ({self.source}): cannot be judged, {self.unknown}"
        state = "breach" if not self.passed else "warning" if not self.hard and self.broken else "kept"
        return (
            f"{self.rule} ({self.source}): {self.subject} goes from {self.before:.4g} to {self.after:.4g}, "
            f"{self.allowed:.4g} is allowed: {state}"
        )


@dataclass(frozen=True, eq=False)
class Case:
    """What is judged: weights (N) before and after trades, with all that rules speak about."""

    universe: Universe
    before: Float64
    after: Float64
    limits: Sequence[Limit]
    covariance: Covariance | None = None
    source: str = "mandate"
    no_buy: frozenset[str] = field(default_factory=frozenset)
    no_sell: frozenset[str] = field(default_factory=frozenset)


Rule = Callable[[Case], Sequence[Verdict]]
"""A rule, or all those of a regime."""


def mandate_limits(case: Case) -> Sequence[Verdict]:
    """Every limit of the mandate, by the number that optimizer and monitor use for it."""
    found: list[Verdict] = []
    for limit in case.limits:
        hard, text = limit.soft is None, limit.text()
        try:
            first = measured(limit, case.before, case.universe, case.covariance)
            second = measured(limit, case.after, case.universe, case.covariance)
        except ArgosyError as error:
            found.append(Verdict(text, "", 0.0, 0.0, 0.0, not hard, hard, case.source, error.message))
            continue
        for (subject, before), (_, after) in zip(first, second, strict=True):
            allowed = limit.bound_at(after)
            worse = limit.beyond(after) > limit.beyond(before) + SLACK
            found.append(Verdict(text, subject, before, after, allowed, not (hard and worse), hard, case.source,
                                 broken=limit.broken_by(after)))  # fmt: skip
    return found


def restricted_names(case: Case) -> Sequence[Verdict]:
    """Names that are not bought, or not sold."""
    found = []
    for name, before, after in zip(case.universe.names, case.before.tolist(), case.after.tolist(), strict=True):
        for names, wrong, word in ((case.no_buy, after > before + SLACK, "buy"), (case.no_sell, after < before - SLACK,
                                                                                  "sell")):  # fmt: skip
            if name in names:
                found.append(
                    Verdict(f"do not {word} {name}", name, before, after, before, not wrong, True, case.source)
                )
    return found


MANDATE_RULES: tuple[Rule, ...] = (mandate_limits, restricted_names)


def judge(case: Case, rules: Sequence[Rule] = MANDATE_RULES) -> tuple[Verdict, ...]:
    """All verdicts on a case, those that do not pass first."""
    found = [verdict for rule in rules for verdict in rule(case)]
    return tuple(sorted(found, key=lambda one: (one.passed, not one.hard)))
