"""Questions about stress: what scenarios would cost what is held, and which limits would not hold after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from argosy.base.errors import ArgosyError, InvalidInput, unknown
from argosy.base.table import Table
from argosy.compliance.monitor import broken_after
from argosy.measures.risk.book.report import BookRisk
from argosy.measures.risk.book.scenarios import (
    WINDOWS,
    Scenario,
    prescribed_scenarios,
    supposed_scenario,
    window_scenarios,
)
from argosy.measures.risk.book.stressed import BookStress, stress_tables
from argosy.measures.risk.stress.prescribed import PrescribedSet
from argosy.workflows.limits import watched
from argosy.workflows.look import Look, Statement
from argosy.workflows.risk import AskedRisk, RiskSubject, risk_subjects, subject_risk


@dataclass(frozen=True)
class AskedStress:
    """What a question about stress is about.

    ``windows`` are names or ``FROM..TO`` (empty: all named ones with data); ``shocks`` make one story of their own,
    ``propagate`` lets the others move along; ``sets`` are prescribed scenarios; ``correlations`` are shares by which
    correlations are drawn to one; ``reverse`` a loss to look for, ``worst`` a plausibility; ``liquidate`` adds the cost
    of selling within ``days``.
    """

    windows: tuple[str, ...] = ()
    shocks: tuple[str, ...] = ()
    propagate: bool = False
    sets: tuple[PrescribedSet, ...] = ()
    correlations: tuple[float, ...] = ()
    reverse: float | None = None
    worst: float | None = None
    liquidate: bool = False
    days: float = 10.0

    def told(self) -> dict[str, object]:
        """The question as plain values, for provenance."""
        sets = [(one.name, [(each.name, each.paths.tolist()) for each in one.scenarios]) for one in self.sets]
        return {
            "windows": self.windows, "shocks": self.shocks, "propagate": self.propagate, "sets": sets,
            "correlations": self.correlations, "reverse": self.reverse, "worst": self.worst,
            "liquidate": self.liquidate, "days": self.days,
        }  # fmt: skip

    def __post_init__(self) -> None:
        for field, value in (("reverse", self.reverse), ("worst", self.worst)):
            if value is not None and not 0.0 < value < 1.0:
                raise InvalidInput(f"{field} is {value:g}", field=field, found=value,
                                   expected="a fraction such as 0.2")  # fmt: skip


@dataclass(frozen=True, repr=False)
class StressStatement(Statement):
    """Tables, and the typed results behind them: one a subject."""

    results: tuple[BookStress, ...] = ()


def chosen_sets(texts: Sequence[PrescribedSet], names: Sequence[str]) -> tuple[PrescribedSet, ...]:
    """Prescribed sets by name."""
    known = {one.name: one for one in texts}
    for name in names:
        if name not in known:
            raise unknown("set of scenarios", name, known)
    return tuple(known[name] for name in names)


def stress_statement(seen: Look, about: AskedRisk, asked: AskedStress) -> StressStatement:
    """Losses by scenario and position, plausibility, limits after each scenario."""
    tables: list[Table] = []
    results = []
    for one in risk_subjects(seen, about):
        risk = subject_risk(seen, one, about)
        scenarios, notes = _scenarios(seen, one, risk, asked)
        found = BookStress(risk, tuple(scenarios), (), tuple(notes))
        found = _with_limits(seen, one, about, found)
        told = seen.provenance("stress", warnings=seen.problems(), asked={"about": about, "stress": asked.told(),
                                                                          "subject": one.held.code})  # fmt: skip
        made = stress_tables(
            found, correlations=asked.correlations, reverse=asked.reverse, worst=asked.worst,
            liquidate=asked.liquidate, participation=one.mandate.trading.trading.participation, days=asked.days,
        )  # fmt: skip
        tables += [replace(table, provenance=told) for table in made]
        results.append(found)
    return StressStatement(tuple(tables), tuple(results))


def _scenarios(seen: Look, one: RiskSubject, risk: BookRisk, asked: AskedStress) -> tuple[list[Scenario], list[str]]:
    named = asked.windows
    if not named and not asked.shocks and not asked.sets:
        named = tuple(WINDOWS)
    found, notes = window_scenarios(
        risk.held, named, seen.reference, seen.market, proxies=one.proxies, splits=seen.splits
    ) if named else ([], [])  # fmt: skip
    if asked.windows and notes:
        raise InvalidInput(f"no scenario: {notes[0]}", field="window",
                           next_step="name another window, or proxies under [risk] of the mandate")  # fmt: skip
    if asked.shocks:
        found.append(supposed_scenario(
            risk.held, asked.shocks, covariance=risk.joint_covariance() if asked.propagate else None
        ))  # fmt: skip
    for each in asked.sets:
        found += prescribed_scenarios(risk.held, each)
        notes.append(f"{each.name}: {each.note}")
    return found, [*risk.history.notes, *notes]


def _with_limits(seen: Look, one: RiskSubject, about: AskedRisk, found: BookStress) -> BookStress:
    """Limits are of whole portfolios: of a group, a firm or a sleeve none are read."""
    if about.firm or about.sleeves or seen.group:
        return found
    portfolio = one.subject.members[0][0]
    if not one.mandate.policy.limits.rules:
        return found
    try:
        case = watched(replace(seen, portfolios=(portfolio,), group=""), risk=found.risk)
    except ArgosyError as error:
        return replace(found, notes=(*found.notes, f"limits after stress are not known: {error.message}"))
    return replace(found, broken=broken_after(case, found))
