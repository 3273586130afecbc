"""Every limit of a mandate on a day: its number, what is allowed, headroom, warning, breach, and who is to blame.

The numbers are those that the optimizer and the check before trading use. A breach is active where a trade caused it or
made it worse, passive where the market did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, MissingData, UndefinedMeasure, unknown
from argosy.base.limits import SLACK, Limit
from argosy.base.risk_limits import RiskLimit
from argosy.base.table import Column, Table
from argosy.measures.limits.compiling import measured
from argosy.measures.limits.universe import Universe
from argosy.measures.risk.book.report import BookRisk
from argosy.measures.risk.book.stressed import BookStress
from argosy.models.moments.covariance import Covariance
from argosy.record.mandate import Mandate

Float64 = npt.NDArray[np.float64]
Stress = Callable[[BookRisk, str], float]
"""Gives the loss of a risk's holdings in a scenario by name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One limit and one thing it covers. ``use`` is the part of the limit that is used, ``headroom`` what is left.

    ``state`` is inside, warning, soft breach, breach, waived or unknown (``why`` says why); ``cause`` of a breach is
    active or passive.
    """

    portfolio: str
    rule: str
    subject: str
    measured: float
    allowed: float
    use: float
    headroom: float
    state: str
    hard: bool = True
    cause: str = ""
    why: str = ""
    since: int = 0
    cure_by: int = 0

    @property
    def broken(self) -> bool:
        """Whether the limit does not hold, waived or not."""
        return self.state in ("breach", "soft breach", "waived")


@dataclass(frozen=True, eq=False)
class Watched:
    """What is watched: weights (N) now and without the trades since the session before, and the risk of both.

    ``risk`` is None where there is none, with the reason in ``blind``.
    """

    portfolio: str
    mandate: Mandate
    universe: Universe
    now: Float64
    untraded: Float64
    covariance: Covariance | None
    scenarios: Float64 | None
    risk: BookRisk | None
    without_trades: Callable[[], BookRisk | None]
    blind: str
    stress: Stress
    sleeves: dict[tuple[int, int], str]


def readings(case: Watched) -> tuple[Reading, ...]:
    """Every limit of the mandate, those that do not hold first."""
    found: list[Reading] = []
    warn = case.mandate.monitoring.warn_at
    rules = list(case.mandate.policy.limits.rules)
    if case.mandate.policy.limits.long_only:
        rules.insert(0, Limit("weight", "each", low=0.0))
    for limit in rules:
        try:
            pairs = _numbers(limit, case)
        except ArgosyError as error:
            found.append(_unknown(case.portfolio, limit.text(), error.message, hard=limit.soft is None))
            continue
        for subject, value, other in pairs:
            found.append(_read(case.portfolio, limit, subject, value, other, warn))
    for rule in case.mandate.monitoring.rules:
        try:
            value = other = _risk_number(rule, case, case.risk)
            if value > rule.most + SLACK:
                other = _before(rule, case)
        except ArgosyError as error:
            found.append(_unknown(case.portfolio, rule.text(), error.message, hard=not rule.soft))
            continue
        limit = Limit("exposure", "x", high=rule.most, soft=1.0 if rule.soft else None)
        one = _read(case.portfolio, limit, rule.subject, value, other, warn)
        found.append(replace(one, rule=rule.text()))
    order = {"breach": 0, "soft breach": 1, "unknown": 2, "warning": 3, "inside": 4}
    return tuple(sorted(_lean(found), key=lambda one: (order[one.state], -one.use)))


def _lean(found: Sequence[Reading]) -> list[Reading]:
    """One row of each rule that is kept by everything it covers: the one nearest to its limit; all others."""
    out: list[Reading] = []
    nearest: dict[str, Reading] = {}
    for one in found:
        if one.state != "inside":
            out.append(one)
        elif one.rule not in nearest or one.use > nearest[one.rule].use:
            nearest[one.rule] = one
    told = {one.rule for one in out}
    return out + [one for rule, one in nearest.items() if rule not in told]


def _numbers(limit: Limit, case: Watched) -> list[tuple[str, float, float]]:
    """What a limit covers: its number now, and without the trades."""
    if limit.measure in ("volatility", "tracking error") and (
        case.covariance is None or (limit.measure == "tracking error" and case.universe.benchmark is None)
    ):
        value = _figure(limit.measure, case.risk, case.blind)
        return [(limit.measure, value, value if not limit.broken_by(value) else _before(limit.measure, case))]
    first = measured(limit, case.now, case.universe, case.covariance, case.scenarios)
    second = measured(limit, case.untraded, case.universe, case.covariance, case.scenarios)
    return [(subject, value, other) for (subject, value), (_, other) in zip(first, second, strict=True)]


def _before(rule: RiskLimit | str, case: Watched) -> float:
    """The same without the trades; 0 where nothing was held before, so that trades are to blame."""
    risk = case.without_trades()
    if risk is None:
        return 0.0
    return _figure(rule, risk, case.blind) if isinstance(rule, str) else _risk_number(rule, case, risk)


def _figure(measure: str, risk: BookRisk | None, blind: str) -> float:
    if risk is None:
        raise MissingData(blind or "there is no risk of this portfolio", field="risk")
    if measure == "volatility":
        return risk.volatility.total
    if measure == "tracking error":
        if risk.tracking_error is None:
            raise MissingData("there is no benchmark with returns on these days", field="benchmark")
        return risk.tracking_error.total
    return risk.loss.value_at_risk if measure == "value at risk" else risk.loss.expected_shortfall


def _risk_number(rule: RiskLimit, case: Watched, risk: BookRisk | None) -> float:
    match rule.measure:
        case "days to liquidate":
            weights = case.now if risk is case.risk else case.untraded
            pairs = measured(Limit("days to liquidate", "each", high=rule.most), weights, case.universe, None)
            return max((value for _, value in pairs), default=0.0)
        case "stress":
            if risk is None:
                raise MissingData(case.blind, field="risk")
            return case.stress(risk, rule.scope)
        case "risk":
            return _share(rule.scope, risk, case)
        case measure:
            return _figure(measure, risk, case.blind)


def _share(scope: str, risk: BookRisk | None, case: Watched) -> float:
    if risk is None:
        raise MissingData(case.blind, field="risk")
    part = risk.tail_parts[1]
    if part.total <= 0.0:
        raise UndefinedMeasure("there is no risk to share", field="risk")
    label, equals, name = (piece.strip() for piece in scope.partition("="))
    if not equals:
        return float(part.component[risk.place(label)]) / part.total if label in risk.held.names else 0.0
    if label == "sleeve":
        known = {case.sleeves.get(key, "none"): value for key, value in part.by_sleeve(risk.held).items()}
        if name not in case.sleeves.values() and name != "none":
            raise unknown("sleeve", name, [*case.sleeves.values(), "none"])
        return known.get(name, 0.0) / part.total
    return part.by(risk.held, label).get(name, 0.0) / part.total


def _unknown(portfolio: str, rule: str, why: str, *, hard: bool) -> Reading:
    return Reading(portfolio, rule, "", 0.0, 0.0, 0.0, 0.0, "unknown", hard, why=why)


def _read(portfolio: str, limit: Limit, subject: str, value: float, other: float, warn: float) -> Reading:
    over = limit.beyond(value)
    upper, allowed = limit.upper_at(value), limit.bound_at(value)
    headroom = allowed - value if upper else value - allowed
    use = _use(value, allowed, upper=upper)
    hard = limit.soft is None
    if over > SLACK:
        cause = "active" if over > limit.beyond(other) + SLACK else "passive"
        return Reading(portfolio, limit.text(), subject, value, allowed, use, headroom,
                       "breach" if hard else "soft breach", hard, cause)  # fmt: skip
    state = "warning" if allowed and use >= warn else "inside"
    return Reading(portfolio, limit.text(), subject, value, allowed, use, headroom, state, hard)


def _use(value: float, allowed: float, *, upper: bool) -> float:
    """Part of a limit that is used; of a lower bound what it asks for against what there is."""
    if upper:
        return value / allowed if allowed > 0.0 else (0.0 if value <= allowed else float("inf"))
    return allowed / value if value > 0.0 else (0.0 if allowed <= value else float("inf"))


def cure_by(cause: str, day: int, mandate: Mandate) -> int:
    """Until when a breach is to be cured: at once where a trade caused it, else in the days of the mandate."""
    return day if cause == "active" else day + mandate.monitoring.cure_days


def readings_table(found: Sequence[Reading]) -> Table:
    """One row per limit and thing it covers."""
    known = [one.state != "unknown" for one in found]
    blank = [not one for one in known]
    return Table(
        "Limits",
        (
            Column("portfolio", "text", [one.portfolio for one in found]),
            Column("rule", "text", [one.rule for one in found]),
            Column("subject", "text", [one.subject for one in found]),
            Column("measured", "ratio", [one.measured for one in found], unit="x", missing=blank),
            Column("allowed", "ratio", [one.allowed for one in found], unit="x", missing=blank),
            Column("use", "ratio", [one.use if np.isfinite(one.use) else 0.0 for one in found], shown=1,
                   missing=[not ok or not np.isfinite(one.use) for ok, one in zip(known, found, strict=True)]),
            Column("headroom", "ratio", [one.headroom for one in found], unit="x", missing=blank),
            Column("state", "text", [one.state for one in found]),
            Column("cause", "text", [one.cause for one in found]),
            Column("since", "date", [one.since for one in found], missing=[not one.since for one in found]),
            Column("cure_by", "date", [one.cure_by for one in found], missing=[not one.cure_by for one in found]),
            Column("why", "text", [one.why for one in found]),
        ),
        notes=(() if found else ("the mandates name no limits: see [limits] and [monitoring]",)),
    )  # fmt: skip


def broken_after(case: Watched, stress: BookStress) -> tuple[tuple[str, ...], ...]:
    """For each scenario the limits on weights that hold now and would not after it."""
    names = stress.risk.held.names
    places = [names.index(name) if name in names else -1 for name in case.universe.names]
    now = set(_outside(case, case.now))
    out = []
    for scenario, loss in zip(stress.scenarios, stress.losses.tolist(), strict=True):
        moves = np.array([scenario.moves[at] if at >= 0 else 0.0 for at in places])
        left = max(1.0 - loss, 1e-12)
        after = _outside(case, case.now * (1.0 + moves) / left)
        out.append(tuple(f"{subject} ({rule})" for rule, subject in after if (rule, subject) not in now))
    return tuple(out)


def _outside(case: Watched, weights: Float64) -> list[tuple[str, str]]:
    """Limits that do not hold for some weights; those that need a model of risk are left to the day itself."""
    found = []
    for limit in case.mandate.policy.limits.rules:
        try:
            pairs = measured(limit, weights, case.universe, case.covariance, case.scenarios)
        except ArgosyError:
            continue
        found += [(limit.text(), subject) for subject, value in pairs if limit.broken_by(value)]
    return found
