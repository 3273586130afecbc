"""Why a portfolio should trade now: each rule of the mandate asked for itself, each answer with its sentence.

A trigger that has fired stays active until the portfolio is back inside its inner bands, and is not raised again
meanwhile: a weight that trembles at the edge of its band makes one proposal, not one a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput
from argosy.construction.rebalance.bands import Bands
from argosy.construction.rebalance.checks import Float64
from argosy.construction.rebalance.drift import Drift


class TriggerKind(StrEnum):
    """What made a portfolio worth looking at."""

    DRIFT = "drift"
    TRACKING_ERROR = "tracking error"
    CALENDAR = "calendar"
    CASH_FLOW = "cash flow"
    RISK_BUDGET = "risk budget"
    LIMIT = "limit"
    SIGNAL = "signal"
    CORPORATE_ACTION = "corporate action"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One reason to trade: what was measured against what. ``hard``: policy asks for it whatever it costs."""

    kind: TriggerKind
    subject: str
    measured: float
    threshold: float
    sentence: str
    hard: bool = False
    active: bool = False
    """It fired before and has not been cleared: it is told, and raises no new proposal."""


@dataclass(frozen=True, slots=True)
class TriggerRules:
    """Which triggers a mandate asks for; a threshold of None leaves that trigger out.

    ``tracking_error`` is per year, ``cash`` and ``signal`` are fractions of value (the one-way turnover to the new
    target), ``every_months`` the months between calendar rebalances. ``clear_at`` is the part of a threshold under
    which an active trigger is cleared. ``rest_days``: days after a rebalance during which only hard triggers fire.
    """

    drift: bool = True
    tracking_error: float | None = None
    every_months: int | None = None
    cash: float | None = None
    signal: float | None = None
    clear_at: float = 0.8
    rest_days: int = 0

    def __post_init__(self) -> None:
        for name in ("tracking_error", "cash", "signal"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value > 0.0):
                raise InvalidInput(f"{name} is {value}", field=name, found=value, expected="above 0, or left out")
        if self.every_months is not None and self.every_months < 1:
            raise InvalidInput(f"every_months is {self.every_months}", field="every_months", found=self.every_months,
                               expected="1 or more")  # fmt: skip
        if not 0.0 < self.clear_at <= 1.0:
            raise InvalidInput(f"clear_at is {self.clear_at}", field="clear_at", found=self.clear_at,
                               expected="above 0, up to 1")  # fmt: skip
        if self.rest_days < 0:
            raise InvalidInput(f"rest_days is {self.rest_days}", field="rest_days", found=self.rest_days,
                               expected="0 or more")  # fmt: skip


@dataclass(frozen=True)
class Situation:
    """What is known of a portfolio on a day.

    ``cash_away`` is cash beyond what the policy wants to hold, as a fraction of value (negative: missing, for
    withdrawals and fees due). ``signal_turnover`` is what moving to a new target would turn over. ``breaches`` are
    limits that do not hold and ``budgets`` risk budgets that are overspent, each (name, measured, allowed);
    ``events`` are corporate actions that changed the holdings; ``asked`` is the reason of somebody who wants to
    rebalance whatever the rules say. ``active`` are the triggers that fired before and
    were not cleared, as (kind, subject).
    """

    day: int
    names: Sequence[str]
    drift: Drift
    bands: Bands
    last_rebalance: int = 0
    cash_away: float = 0.0
    signal_turnover: float = 0.0
    breaches: Sequence[tuple[str, float, float]] = ()
    budgets: Sequence[tuple[str, float, float]] = ()
    events: Sequence[str] = ()
    asked: str = ""
    active: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def triggers(rules: TriggerRules, found: Situation) -> tuple[Trigger, ...]:
    """Every trigger of a day, the hard ones first, then by how far each is over its threshold."""
    fired = [
        *_asked(found), *_limits(found), *_drift(rules, found), *_tracking_error(rules, found), *_cash(rules, found),
        *_signal(rules, found), *_calendar(rules, found), *_events(found),
    ]  # fmt: skip
    if found.last_rebalance and found.day - found.last_rebalance < rules.rest_days:
        fired = [one for one in fired if one.hard]
    return tuple(sorted(fired, key=lambda one: (not one.hard, one.active, -round(_over(one), 9))))


def raised(found: Sequence[Trigger]) -> tuple[Trigger, ...]:
    """The triggers that ask for a new proposal: those that were not active before."""
    return tuple(one for one in found if not one.active)


def active_after(found: Sequence[Trigger]) -> frozenset[tuple[str, str]]:
    """What is active once these triggers are known: the ``active`` of the next day's situation."""
    return frozenset((one.kind.value, one.subject) for one in found)


def _over(one: Trigger) -> float:
    return abs(one.measured) / abs(one.threshold) if one.threshold else np.inf


def _is_active(found: Situation, kind: TriggerKind, subject: str) -> bool:
    return (kind.value, subject) in found.active


def _asked(found: Situation) -> list[Trigger]:
    return [Trigger(TriggerKind.ASKED, "", 1.0, 1.0, found.asked, hard=True)] if found.asked else []


def _limits(found: Situation) -> list[Trigger]:
    rows = [(TriggerKind.LIMIT, *row) for row in found.breaches] + [
        (TriggerKind.RISK_BUDGET, *row) for row in found.budgets
    ]
    return [
        Trigger(
            kind, name, measured, allowed,
            f"{name} is {measured:.4g}, {'the limit' if kind == TriggerKind.LIMIT else 'its risk budget'} is "
            f"{allowed:.4g}", hard=True, active=_is_active(found, kind, name),
        )
        for kind, name, measured, allowed in rows
    ]  # fmt: skip


def _drift(rules: TriggerRules, found: Situation) -> list[Trigger]:
    if not rules.drift:
        return []
    held, bands = found.drift.weights, found.bands
    outside = bands.excess(held)
    inner = _beyond_inner(held, bands)
    fired = []
    for at in np.flatnonzero((outside != 0.0) | (inner != 0.0)).tolist():
        name, active = found.names[at], _is_active(found, TriggerKind.DRIFT, found.names[at])
        if outside[at] == 0.0 and not active:
            continue  # between the inner and the outer band nothing fires anew
        edge = bands.upper[at] if held[at] > bands.target[at] else bands.lower[at]
        where = "over" if held[at] > bands.target[at] else "under"
        said = (
            f"{name} {abs(outside[at]):.1%} {where} its band"
            if outside[at]
            else f"{name} not yet inside its inner band"
        )
        fired.append(Trigger(
            TriggerKind.DRIFT, name, float(held[at] - bands.target[at]), float(edge - bands.target[at]), said,
            active=active,
        ))  # fmt: skip
    return fired


def _beyond_inner(held: Float64, bands: Bands) -> Float64:
    return np.maximum(held - bands.inner_upper, 0.0) - np.maximum(bands.inner_lower - held, 0.0)


def _crossed(
    rules: TriggerRules, found: Situation, kind: TriggerKind, measured: float, threshold: float
) -> bool | None:
    """Whether a measure fires: None when it does not, else whether it was active before."""
    active = _is_active(found, kind, "")
    return active if measured > threshold * (rules.clear_at if active else 1.0) else None


def _tracking_error(rules: TriggerRules, found: Situation) -> list[Trigger]:
    allowed, apart = rules.tracking_error, found.drift.tracking_error
    if allowed is None:
        return []
    if apart is None:
        raise InvalidInput(
            "a trigger on tracking error needs a covariance", field="tracking_error",
            next_step="give the risk model of the portfolio, or leave the trigger out",
        )  # fmt: skip
    active = _crossed(rules, found, TriggerKind.TRACKING_ERROR, apart, allowed)
    if active is None:
        return []
    said = f"tracking error {apart:.2%} against {allowed:.2%} allowed"
    return [Trigger(TriggerKind.TRACKING_ERROR, "", apart, allowed, said, active=active)]


def _cash(rules: TriggerRules, found: Situation) -> list[Trigger]:
    if rules.cash is None:
        return []
    active = _crossed(rules, found, TriggerKind.CASH_FLOW, abs(found.cash_away), rules.cash)
    if active is None:
        return []
    said = f"{abs(found.cash_away):.1%} of value {'in cash to invest' if found.cash_away > 0 else 'of cash to raise'}"
    # Money that is due has to be there: raising it is not a question of cost.
    return [
        Trigger(TriggerKind.CASH_FLOW, "", found.cash_away, rules.cash, said, hard=found.cash_away < 0, active=active)
    ]


def _signal(rules: TriggerRules, found: Situation) -> list[Trigger]:
    if rules.signal is None:
        return []
    active = _crossed(rules, found, TriggerKind.SIGNAL, found.signal_turnover, rules.signal)
    if active is None:
        return []
    said = f"the target has moved by {found.signal_turnover:.1%} one way"
    return [Trigger(TriggerKind.SIGNAL, "", found.signal_turnover, rules.signal, said, active=active)]


def _calendar(rules: TriggerRules, found: Situation) -> list[Trigger]:
    if rules.every_months is None or not found.last_rebalance:
        return []
    months = months_between(found.last_rebalance, found.day)
    if months < rules.every_months:
        return []
    said = f"{months} months since the last rebalance on {format_date(found.last_rebalance)}"
    active = _is_active(found, TriggerKind.CALENDAR, "")
    return [Trigger(TriggerKind.CALENDAR, "", float(months), float(rules.every_months), said, active=active)]


def _events(found: Situation) -> list[Trigger]:
    kind = TriggerKind.CORPORATE_ACTION
    return [Trigger(kind, name, 1.0, 1.0, name, active=_is_active(found, kind, name)) for name in found.events]


def months_between(first: int, last: int) -> int:
    """Whole calendar months from one epoch day to another; a month is over on the same day number, or the month's last.

    Examples
    --------
    >>> from argosy.base.dates import parse_date
    >>> months_between(parse_date("2022-01-31"), parse_date("2022-02-28"))
    1
    >>> months_between(parse_date("2022-01-15"), parse_date("2022-04-14"))
    2
    """
    start, end = (np.datetime64(day, "D") for day in (first, last))
    months = int((end.astype("M8[M]") - start.astype("M8[M]")).astype(int))
    reached = np.datetime64(start.astype("M8[M]") + months, "D") + (start - start.astype("M8[M]").astype("M8[D]"))
    month_end = (end.astype("M8[M]") + 1).astype("M8[D]") - 1
    return months if end >= min(reached, month_end) else months - 1


def summary(found: Sequence[Trigger]) -> Mapping[str, int]:
    """How many triggers of each kind, in the order of the list."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.kind.value] = counts.get(one.kind.value, 0) + 1
    return counts
