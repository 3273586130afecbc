"""One portfolio from the book to a proposal: targets, bands, reasons, trades, lots, evidence, one sentence why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, InvalidInput
from argosy.base.limits import Limit
from argosy.construction.rebalance.bands import Bands, no_trade_bands, tolerance_bands, volatility_bands
from argosy.construction.rebalance.of_book import BookLines, line_taxes, orders_of, with_cash
from argosy.construction.rebalance.plan import CASH, Market, Plan, PlanRules, drift_of, plan
from argosy.construction.rebalance.tax_steps import gain_budget, take_losses
from argosy.construction.rebalance.triggers import Situation, Trigger, TriggerRules, active_after, raised
from argosy.measures.limits.compiling import measured
from argosy.measures.limits.universe import Universe
from argosy.measures.tax.regimes import Regime, law_of
from argosy.measures.tax.wash_sales import Purchase, clean_from
from argosy.models.moments.covariance import Covariance, FactorCovariance
from argosy.record.mandate import Mandate
from argosy.record.mandate_trading import RebalancingRules
from argosy.record.orders.proposal import Order, Proposal
from argosy.record.reference_fold import Reference

Float64 = npt.NDArray[np.float64]
HOUR_US = 3_600_000_000
TRADING_DAYS = 252.0
"""Days of volume in a year: the impact of a trade is in volatilities of one of them."""


@dataclass(frozen=True)
class Circumstances:
    """What a proposal depends on beyond the book's lines.

    ``covariance`` is of the lines by name, a year; None where no risk model was asked for or none can be estimated,
    with the reason in ``blind``. ``purchases`` are those of the household in the wash-sale window, ``barred`` the
    names sold at a loss too lately to be bought. ``due`` is cash that has to be paid out.
    """

    covariance: Covariance | None
    blind: str = ""
    last_rebalance: int = 0
    signal_turnover: float = 0.0
    budgets: Sequence[tuple[str, float, float]] = ()
    events: Sequence[str] = ()
    active: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    purchases: Sequence[Purchase] = ()
    barred: frozenset[str] = field(default_factory=frozenset)
    due: float = 0.0
    realized: float = 0.0
    """Net gain realized this year, in the portfolio's currency."""
    asked: str = ""
    """A reason somebody gives to rebalance now, whatever the rules say."""


@dataclass(frozen=True, eq=False)
class Proposed:
    """A plan with its orders; ``proposal`` is None where nothing is to be traded, and ``plan.sentence`` says why."""

    plan: Plan
    proposal: Proposal | None
    limits: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def active(self) -> frozenset[tuple[str, str]]:
        """Triggers that are active after it."""
        return active_after(self.plan.triggers)

    @property
    def raised(self) -> tuple[Trigger, ...]:
        """Triggers that asked for it."""
        return raised(self.plan.triggers)


def bands_of(rules: RebalancingRules, target: Float64, volatility: Float64 | None, cost: float) -> Bands:
    """The bands that a mandate asks for, cash last.

    Raises
    ------
    InvalidInput
        Volatility bands where no volatility is known.
    """
    if rules.bands == "volatility":
        if volatility is None:
            raise InvalidInput("bands scaled by volatility need a risk model", field="rebalancing.bands",
                               next_step="import prices, or use tolerance bands")  # fmt: skip
        found = volatility_bands(target, np.append(volatility, 0.0), base=rules.absolute, inner=rules.inner,
                                 floor=rules.floor)  # fmt: skip
    elif rules.bands == "no-trade":
        found = no_trade_bands(target, cost=cost, risk_aversion=rules.risk_aversion, floor=rules.floor)
    else:
        found = tolerance_bands(target, absolute=rules.absolute, relative=rules.relative, inner=rules.inner,
                                floor=rules.floor)  # fmt: skip
    return found


def propose(
    book: BookLines, target: Mapping[str, float], mandate: Mandate, reference: Reference, known: Circumstances, *,
    portfolio: int, account: int, scale: int, day: int, now: int, by: str, fingerprint: str = "",
) -> Proposed:  # fmt: skip
    """Propose the trades of one portfolio, or say why there are none.

    ``target`` are weights by name (what is left is cash), ``scale`` the money scale of its currency, ``now`` the moment
    in microseconds from which the proposal's time counts, ``by`` who makes it.
    """
    rules = mandate.trading
    lines = book.lines
    wanted = with_cash(lines, target, rules.trading.cash_buffer)
    sigma = None if known.covariance is None else np.sqrt(known.covariance.diagonal())
    market = Market(known.covariance, None if sigma is None else sigma / np.sqrt(TRADING_DAYS))
    away = drift_of(lines, book.cash, wanted, market)
    costs = mandate.policy.costs
    bands = bands_of(rules.rebalancing, wanted, sigma, costs.trading + costs.half_spread)
    limits, universe = mandate.policy.limits.rules, universe_of(book, away.weights[:-1])
    before = _limit_numbers(limits, away.weights[:-1], universe, known.covariance)
    breaches = [(label, measured_, limit.bound_at(measured_)) for limit, label, measured_ in before
                if limit.soft is None and limit.broken_by(measured_)]  # fmt: skip
    situation = Situation(
        day, (*lines.names, CASH), away, bands, known.last_rebalance,
        float(away.weights[-1]) - rules.trading.cash_buffer - known.due / book.value, known.signal_turnover, breaches,
        known.budgets, known.events, known.asked, known.active,
    )  # fmt: skip
    law = law_of(mandate)
    plan_rules = _plan_rules(mandate)
    taxes = line_taxes(book, scale=scale, day=day, regime=law, method=rules.selling.lots)
    selling, rate = rules.selling, costs.trading + costs.half_spread
    fit = None
    if selling.gain_budget is not None:
        fit = gain_budget(book, selling.gain_budget - known.realized, scale=scale, day=day, regime=law,
                          method=selling.lots, cost=rate).fit  # fmt: skip
    found = plan(lines, book.cash, situation, plan_rules, _trigger_rules(rules.rebalancing), market, tax=taxes, fit=fit)
    if known.barred and found.trades:
        found = _without_barred(found, lines.names, known.barred)
    notes = [*found.notes, *([known.blind] if known.blind else [])]
    orders, more = _orders(book, found, reference, portfolio, account, scale, day, law, mandate, known)
    notes += more
    reason, why = found.sentence, [one.kind.value for one in raised(found.triggers)]
    if selling.harvest_from is not None:
        taken = take_losses(
            book, found.units, selling.harvest_from, scale=scale, day=day, regime=law, account=account,
            purchases=known.purchases, barred=known.barred, cost_rate=2.0 * rate,
        )  # fmt: skip
        notes += taken.notes
        if taken.orders:
            said = f"losses worth taking save {taken.saving:,.2f} of tax"
            reason = f"{reason}; {said}" if orders else said
            why.append("losses")
            orders = [*orders, *taken.orders]
    after = _limit_numbers(limits, found.after[:-1], universe, known.covariance)
    told = tuple(_verdict(limit, label, first, second)
                 for (limit, label, first), (_, _, second) in zip(before, after, strict=True))  # fmt: skip
    if not orders:
        return Proposed(found, None, told, tuple(notes))
    made = Proposal(
        0, portfolio, day, by, now + rules.approvals.expiry_hours * HOUR_US, rules.approvals.required,
        ", ".join(dict.fromkeys(why)), reason, tuple(orders), evidence(found, tuple(orders)), (*told, *notes),
        fingerprint, reasons=tuple(sorted(active_after(found.triggers))),
        targets=tuple((name, f"{weight:.10f}") for name, weight in sorted(target.items())),
    )  # fmt: skip
    return Proposed(found, made, told, tuple(notes))


def _plan_rules(mandate: Mandate) -> PlanRules:
    trading, costs, bands = mandate.trading.trading, mandate.policy.costs, mandate.trading.rebalancing
    return PlanRules(
        bands.how_far, trading.cash_buffer, trading.minimum_trade, trading.participation, trading.days, costs.trading,
        costs.half_spread, costs.purchase_tax, costs.impact, costs.fixed, bands.risk_aversion, costs.horizon_years,
        bands.only_if_it_pays,
    )  # fmt: skip


def _trigger_rules(rules: RebalancingRules) -> TriggerRules:
    return TriggerRules(
        rules.drift, rules.tracking_error, rules.every_months or None, rules.cash, rules.signal, rules.clear_at,
        rules.rest_days,
    )  # fmt: skip


def universe_of(book: BookLines, weights: Float64) -> Universe:
    """The names limits speak about, with their attributes and weights held (N)."""
    labels = sorted({label for one in book.instruments for label in one.attributes})
    attributes: dict[str, Sequence[object]] = {
        "type": [one.type for one in book.instruments], "currency": [one.currency for one in book.instruments],
        **{label: [one.attributes.get(label, "") for one in book.instruments] for label in labels},
    }  # fmt: skip
    if "volume" in attributes and book.value > 0.0:
        # Limits on days speak of the weight that trades in a day; instruments give units.
        attributes["volume"] = (book.lines.volume / book.value).tolist()
    return Universe(book.lines.names, attributes, weights)


def _limit_numbers(
    limits: Sequence[Limit], weights: Float64, universe: Universe, covariance: Covariance | None
) -> list[tuple[Limit, str, float]]:
    """Each limit's number for weights (N); limits that need what is not known here are judged where it is."""
    found: list[tuple[Limit, str, float]] = []
    risk = (
        covariance if covariance is not None else FactorCovariance(np.zeros((weights.size, 0)), np.zeros(weights.size))
    )
    for limit in limits:
        if limit.measure in ("volatility", "tracking error", "beta") and covariance is None:
            continue
        try:
            found += [(limit, label, value) for label, value in measured(limit, weights, universe, risk)]
        except ArgosyError:
            continue
    return found


def _verdict(limit: Limit, label: str, before: float, after: float) -> str:
    state = "breached" if limit.broken_by(after) else "kept"
    return f"{limit.text()}: {label} {before:.4g} before, {after:.4g} after, {state}"


def _without_barred(found: Plan, names: Sequence[str], barred: frozenset[str]) -> Plan:
    """The plan without purchases of what was sold at a loss too lately."""
    stopped = np.array([name in barred and units > 0.0 for name, units in zip(names, found.units, strict=True)])
    if not stopped.any():
        return found
    told = ", ".join(name for name, no in zip(names, stopped, strict=True) if no)
    return replace(
        found, units=np.where(stopped, 0.0, found.units),
        notes=(*found.notes, f"not bought, for it would spoil a loss taken lately: {told}"),
    )  # fmt: skip


def _orders(
    book: BookLines, found: Plan, reference: Reference, portfolio: int, account: int, scale: int, day: int, law: Regime,
    mandate: Mandate, known: Circumstances,
) -> tuple[list[Order], list[str]]:  # fmt: skip
    total = float(np.abs(found.units) @ book.lines.unit_value)
    paid = sum(cost for part, cost in found.parts.items() if part != "tax")
    orders: list[Order] = []
    notes: list[str] = []
    # Sales first: what they bring pays for the purchases.
    for place in sorted(np.flatnonzero(found.units).tolist(), key=lambda at: (found.units[at] > 0.0, at)):
        name = book.lines.names[place]
        money = abs(float(found.units[place])) * float(book.lines.unit_value[place])
        made = orders_of(
            book, place, float(found.units[place]), reference=reference, portfolio=portfolio,
            cost=paid * money / total if total else 0.0, scale=scale, day=day, regime=law,
            method=mandate.trading.selling.lots, account=account,
            reason=f"{name}: {found.weights[place]:.2%} held, {found.target[place]:.2%} wanted",
        )  # fmt: skip
        orders += made.orders
        if made.sale is not None and made.sale.gain < 0.0:
            free = clean_from(known.purchases, identity=book.instruments[place].id, day=day, regime=law)
            if free > day:
                notes.append(f"the loss on {name} would not count: it was bought within {law.wash_days} days")
    return orders, notes


def evidence(found: Plan, orders: Sequence[Order]) -> dict[str, str]:
    """What a plan was judged by, as decimal texts."""
    drifted = found.drift.largest
    told = {
        "value": f"{found.value:.2f}",
        "largest_drift": f"{found.names[drifted]} {found.drift.absolute[drifted]:+.4%}",
        "one_way_to_target": f"{found.drift.one_way:.4%}",
        "turnover": f"{found.turnover:.4%}",
        "expected_cost": f"{sum(cost for part, cost in found.parts.items() if part != 'tax'):.2f}",
        "expected_tax": f"{sum(float(order.tax) for order in orders):.2f}",
    }
    told |= {f"cost_{part.replace(' ', '_').replace('-', '_')}": f"{cost:.2f}" for part, cost in found.parts.items()}
    if found.worth is not None:
        told |= {
            "tracking_error_before": f"{found.worth.tracking_error_before:.4%}",
            "tracking_error_after": f"{found.worth.tracking_error_after:.4%}",
            "expected_benefit": f"{found.worth.benefit:.2f}",
            "net_benefit": f"{found.worth.net:.2f}",
        }
    if found.full is not None:
        told["cost_of_full_rebalancing"] = f"{found.full.cost:.2f}"
    late = int(found.days.max()) if found.days.size else 0
    if late > 1:
        told["days_to_trade"] = str(late)
    return told
