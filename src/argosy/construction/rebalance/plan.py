"""From what is held and what should be held to trades: reasons, how far, whole units, what they cost and are worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.construction.rebalance.bands import Bands
from argosy.construction.rebalance.benefit import Worth, best_part, sentence, worth
from argosy.construction.rebalance.checks import Float64, finite, number, weights_of
from argosy.construction.rebalance.drift import Drift, drift
from argosy.construction.rebalance.sizing import invest, raise_cash, trade_to, within_liquidity
from argosy.construction.rebalance.triggers import Situation, Trigger, TriggerKind, TriggerRules, raised, triggers
from argosy.models.costs.impact import impact_coefficients
from argosy.models.costs.trading import Costs, Priced
from argosy.models.moments.covariance import Covariance

Fit = Callable[[Float64], "tuple[Float64, tuple[str, ...]]"]
"""Changes units (N) and says so in words."""

CASH = "cash"
"""Name of the line that everything not invested is."""


@dataclass(frozen=True, eq=False)
class Lines:
    """What may be held (N lines), without cash: quantity now, money per unit, the smallest step of a trade.

    ``step`` is in units (1 for whole shares, 0 where any part can be traded), ``volume`` money that trades in a day
    (NaN where it is not known), ``buy`` and ``sell`` whether a line may be bought or sold.
    """

    names: tuple[str, ...]
    quantity: Float64
    unit_value: Float64
    step: Float64
    volume: Float64
    buy: npt.NDArray[np.bool_]
    sell: npt.NDArray[np.bool_]
    extra: Float64
    """What a line costs to trade beyond the rest, as a part of it: changing money."""

    @property
    def values(self) -> Float64:
        """Money in each line."""
        return self.quantity * self.unit_value


@dataclass(frozen=True, eq=False)
class TaxCurve:
    """Tax of selling a line lot after lot: at ``units`` (K, rising from 0) the ``tax`` (K) is what is due."""

    units: Float64
    tax: Float64

    def at(self, sold: float) -> float:
        """Tax of selling so many units.

        Examples
        --------
        >>> TaxCurve(np.array([0.0, 10.0, 30.0]), np.array([0.0, -5.0, 15.0])).at(20.0)
        5.0
        """
        return float(np.interp(sold, self.units, self.tax))


@dataclass(frozen=True, slots=True)
class PlanRules:
    """How far to trade and at what cost; see the sections [rebalancing], [trading] and [costs] of a mandate."""

    how_far: str = "inner"
    cash_buffer: float = 0.0
    minimum_trade: float = 0.0
    participation: float = 0.1
    days: int = 1
    commission: float = 0.0
    half_spread: float = 0.0
    purchase_tax: float = 0.0
    impact: float = 0.0
    fixed: float = 0.0
    risk_aversion: float = 5.0
    years: float = 1.0
    only_if_it_pays: bool = True


@dataclass(frozen=True, eq=False)
class Plan:
    """What a portfolio would trade and why. ``units`` (N) are signed; where there are none, ``sentence`` says why.

    ``weights``, ``target`` and ``after`` have a last line for cash. ``left`` (N, money) could not be traded within
    liquidity, restrictions and whole units.
    """

    names: tuple[str, ...]
    value: float
    weights: Float64
    target: Float64
    after: Float64
    units: Float64
    left: Float64
    days: npt.NDArray[np.int64]
    triggers: tuple[Trigger, ...]
    drift: Drift
    worth: Worth | None
    full: Worth | None
    parts: Mapping[str, float]
    sentence: str
    notes: tuple[str, ...] = ()

    @property
    def trades(self) -> bool:
        """Whether anything is traded."""
        return bool(self.units.any())

    @property
    def turnover(self) -> float:
        """Half the sum of buys and sells, as a part of value."""
        return float(np.abs(self.after[:-1] - self.weights[:-1]).sum()) / 2.0


@dataclass(frozen=True, eq=False)
class Market:
    """What a plan is judged by: covariance of the lines a year (None: tracking error is not known) and volatility."""

    covariance: Covariance | None
    daily_volatility: Float64 | None = None


def drift_of(lines: Lines, cash: float, target: npt.ArrayLike, market: Market) -> Drift:
    """The drift of a portfolio, cash as its last line, from a target (N + 1 weights, cash last).

    Raises
    ------
    InvalidInput
        A portfolio that is worth nothing has no weights.
    """
    held = lines.values
    value = float(held.sum()) + cash
    if not value > 0.0:
        raise InvalidInput(f"the portfolio is worth {value:,.2f}", field="value", found=value,
                           next_step="fund it before it is rebalanced")  # fmt: skip
    wanted = weights_of("target", target)
    if wanted.size != len(lines.names) + 1:
        raise InvalidInput(f"target has {wanted.size} weights", field="target",
                           expected=f"{len(lines.names) + 1}, cash last")  # fmt: skip
    return drift(np.append(held, cash) / value, wanted, _with_cash(market.covariance))


def plan(
    lines: Lines, cash: float, situation: Situation, rules: PlanRules, trigger_rules: TriggerRules, market: Market, *,
    tax: Mapping[str, TaxCurve] | None = None, fit: Fit | None = None,
) -> Plan:  # fmt: skip
    """Plan the trades of one portfolio in a situation (its drift from :func:`drift_of`, names with cash last).

    ``tax`` is the expected tax of selling each line, by name, in the order in which its lots are sold; ``fit``
    changes units last, as a budget of gains does, unless a hard trigger asks for the trades. There are no
    trades where nothing asks for them, or where they cost more than they are worth.
    """
    apart, bands = situation.drift, situation.bands
    held, weights, wanted = lines.values, apart.weights, apart.target
    value = float(held.sum()) + cash
    found = triggers(trigger_rules, situation)
    new = raised(found)
    zero = np.zeros(len(lines.names))
    still = Plan(
        tuple(situation.names), value, weights, wanted, weights, zero, zero, zero.astype(np.int64), found, apart, None,
        None, {}, "",
    )  # fmt: skip
    if not new:
        stands = f"nothing new: {found[0].sentence}, as an earlier proposal says" if found else ""
        return replace(still, sentence=stands or "inside all bands: nothing to do")
    if all(one.kind == TriggerKind.CASH_FLOW for one in new):
        after, how = _by_cash(held, wanted, value, situation.cash_away), "with the least trading"
    else:
        after, how = _moved(weights, bands, rules), _how(rules.how_far)
    money = _restricted((after[:-1] - weights[:-1]) * value, lines)
    costs = _Costing(lines, rules, market, value, tax or {})
    if rules.how_far == "optimal" and market.covariance is not None and not any(one.hard for one in new):
        best = best_part(money, apart.absolute[:-1], _dense(market), value=value, risk_aversion=rules.risk_aversion,
                         years=rules.years, cost=costs.total)  # fmt: skip
        money, how = best.trades, f"{best.part:.0%} of the way"
    money, late, days = _liquid(money, lines, rules)
    units, notes = _whole(money, lines, cash, value, rules, costs)
    if fit is not None and not any(one.hard for one in new):
        units, more = fit(units)
        notes += more
    traded = units * lines.unit_value
    chosen = _worth(traded, apart, market, costs, value, rules)
    full = _worth((wanted[:-1] - weights[:-1]) * value, apart, market, costs, value, rules)
    hard = any(one.hard for one in new)
    if chosen is not None and rules.only_if_it_pays and not hard and not chosen.pays and traded.any():
        said = (
            f"{new[0].sentence}; trading {how} would cost {chosen.cost / value * 1e4:.1f} bp and is worth "
            f"{max(chosen.benefit, 0.0) / value * 1e4:.1f} bp: not worth it"
        )
        return replace(still, worth=chosen, full=full, sentence=said)
    reached = np.append(held + traded, cash - float(traded.sum()) - costs.paid(traded)) / value
    said = _said(new[0].sentence, chosen, full, value, how, traded, costs.total(traded))
    return replace(
        still, after=reached, units=units, left=late + (money - traded), days=days, worth=chosen, full=full,
        parts=costs.parts(traded), sentence=said, notes=notes,
    )  # fmt: skip


def _how(how_far: str) -> str:
    return {"target": "to the target", "edge": "to the edge of the band", "inner": "to the inner band"}.get(
        how_far, "as far as it pays"
    )


def _said(
    reason: str, chosen: Worth | None, full: Worth | None, value: float, how: str, traded: Float64, spent: float
) -> str:
    if not traded.any():
        return f"{reason}; no order is large enough to be traded"
    if chosen is None:
        return f"{reason}; trading {how} costs {spent / value * 1e4:.0f} bp"
    other = full if full is not None and how not in ("to the target", "with the least trading") else None
    return sentence(reason, chosen, other, value=value, how=how)


def _with_cash(covariance: Covariance | None) -> Float64 | None:
    """The covariance with a riskless line for cash."""
    if covariance is None:
        return None
    n = covariance.size
    whole = np.zeros((n + 1, n + 1))
    whole[:n, :n] = covariance.dense()
    return whole


def _dense(market: Market) -> Float64:
    assert market.covariance is not None
    return market.covariance.dense()


def _moved(weights: Float64, bands: Bands, rules: PlanRules) -> Float64:
    outside = bands.breached(weights).any()
    if rules.how_far in ("target", "optimal") or not outside:
        # A calendar, a signal or a limit asks for the target itself: no line has to be outside its band.
        return bands.target.copy()
    return trade_to(weights, bands, rules.how_far)


def _by_cash(held: Float64, wanted: Float64, value: float, cash_away: float) -> Float64:
    away, invested = cash_away * value, wanted[:-1]
    share = float(invested.sum())
    if not share > 0.0:
        return wanted.copy()
    target = invested / share
    moved = held + invest(held, target, away) if away > 0.0 else held - raise_cash(held, target, min(-away, held.sum()))
    return np.append(moved, value - float(moved.sum())) / value


def _restricted(money: Float64, lines: Lines) -> Float64:
    """Trades without those that may not be."""
    return np.where(((money > 0.0) & ~lines.buy) | ((money < 0.0) & ~lines.sell), 0.0, money)


def _liquid(money: Float64, lines: Lines, rules: PlanRules) -> tuple[Float64, Float64, npt.NDArray[np.int64]]:
    """Trades within volume; lines whose volume nobody knows are taken as they are."""
    known = np.isfinite(lines.volume)
    days = np.ones(money.size, dtype=np.int64)
    now, late = money.copy(), np.zeros(money.size)
    if known.any():
        now[known], late[known], days[known] = within_liquidity(
            money[known], lines.volume[known], participation=rules.participation, days=rules.days
        )
    return now, late, np.where(money == 0.0, 0, days)


@dataclass(frozen=True, eq=False)
class _Costing:
    """Expected cost of trades (N, money) by the one model of costs, with taxes lot by lot."""

    lines: Lines
    rules: PlanRules
    market: Market
    value: float
    tax: Mapping[str, TaxCurve]

    @cached_property
    def _priced(self) -> Priced:
        size = len(self.lines.names)
        impact: Float64 | float = 0.0
        sigma = self.market.daily_volatility
        if self.rules.impact and sigma is not None:
            known = np.isfinite(self.lines.volume) & (self.lines.volume > 0.0)
            impact = np.zeros(size)
            impact[known] = impact_coefficients(
                volatility=sigma[known], volume_value=self.lines.volume[known], nav=self.value,
                coefficient=self.rules.impact,
            )  # fmt: skip
        model = Costs(
            commission=self.rules.commission + self.lines.extra, half_spread=self.rules.half_spread,
            buy_duty=self.rules.purchase_tax, impact=impact, fixed=self.rules.fixed / self.value,
        )  # fmt: skip
        return model.priced(self.lines.names, np.zeros(size))

    def parts(self, trades: Float64) -> dict[str, float]:
        """Money by part of cost."""
        found = {part: amount * self.value for part, amount in self._priced.parts(trades / self.value).items()}
        tax = self._tax(trades)
        return found | ({"tax": tax} if tax else {})

    def _tax(self, trades: Float64) -> float:
        sold = np.maximum(-trades, 0.0) / self.lines.unit_value
        return float(sum(
            self.tax[self.lines.names[at]].at(float(sold[at]))
            for at in np.flatnonzero(sold).tolist() if self.lines.names[at] in self.tax
        ))  # fmt: skip

    def total(self, trades: Float64) -> float:
        """All of it."""
        return float(sum(self.parts(trades).values()))

    def paid(self, trades: Float64) -> float:
        """What is paid when trading: everything but the tax on gains, which is due later."""
        return float(sum(cost for part, cost in self.parts(trades).items() if part != "tax"))


def _whole(
    money: Float64, lines: Lines, cash: float, value: float, rules: PlanRules, costs: _Costing
) -> tuple[Float64, tuple[str, ...]]:
    """Trades in units: rounded to the step, small ones dropped, purchases cut until the cash buffer is kept."""
    units = whole_units(money / lines.unit_value, lines.step)
    # A sale never goes beyond what is held: rounding must not open a short position.
    units = np.where(lines.quantity >= 0.0, np.maximum(units, -lines.quantity), units)
    small = np.abs(units * lines.unit_value) < rules.minimum_trade * value
    notes = []
    if (small & (units != 0.0)).any():
        notes.append(f"{int((small & (units != 0.0)).sum())} trades below {rules.minimum_trade:.2%} of value left out")
    units = np.where(small, 0.0, units)
    kept = rules.cash_buffer * value
    short = _shortfall(units, lines, cash, kept, costs)
    if short > 0.0 and (units > 0.0).any():
        notes.append("purchases cut to what cash and sales pay for")
        units = _affordable(units, lines, cash, kept, costs)
    return units, tuple(notes)


def whole_units(units: Float64, step: Float64) -> Float64:
    """Units (N) cut to whole steps, towards zero; a step of 0 leaves them."""
    whole = np.where(step > 0.0, step, 1.0)
    return np.where(step > 0.0, np.trunc(units / whole + np.sign(units) * 1e-9) * whole, units)


def _shortfall(units: Float64, lines: Lines, cash: float, kept: float, costs: _Costing) -> float:
    traded = units * lines.unit_value
    return kept - (cash - float(traded.sum()) - costs.paid(traded))


def _affordable(units: Float64, lines: Lines, cash: float, kept: float, costs: _Costing) -> Float64:
    """The largest common part of the purchases that leaves the buffer, found by bisection; then unit by unit."""
    buys, sells = np.maximum(units, 0.0), np.minimum(units, 0.0)
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2.0
        tried = sells + whole_units(middle * buys, lines.step)
        if _shortfall(tried, lines, cash, kept, costs) > 0.0:
            high = middle
        else:
            low = middle
    return sells + whole_units(low * buys, lines.step)


def _worth(
    traded: Float64, apart: Drift, market: Market, costs: _Costing, value: float, rules: PlanRules
) -> Worth | None:
    if market.covariance is None:
        return None
    return worth(
        traded, apart.absolute[:-1], _dense(market), value=value, risk_aversion=rules.risk_aversion, years=rules.years,
        cost=costs.total,
    )  # fmt: skip


def checked_lines(
    names: Sequence[str], quantity: npt.ArrayLike, unit_value: npt.ArrayLike, *, step: npt.ArrayLike | None = None,
    volume: npt.ArrayLike | None = None, no_buy: Sequence[str] = (), no_sell: Sequence[str] = (),
    extra: npt.ArrayLike | None = None,
) -> Lines:  # fmt: skip
    """Lines from columns, with what may not be traded by name.

    Examples
    --------
    >>> checked_lines(["A", "B"], [10, 5], [2.0, 4.0], no_buy=["B"]).buy.tolist()
    [True, False]
    """
    size = len(names)
    held, money = finite("quantity", quantity, size=size), finite("unit_value", unit_value, size=size, least=0.0)
    if not (money > 0.0).all():
        raise InvalidInput(f"{names[int(np.argmax(money <= 0.0))]} is worth nothing", field="unit_value", found=0.0,
                           next_step="leave out what cannot be traded")  # fmt: skip
    steps = finite("step", step if step is not None else np.zeros(size), size=size, least=0.0)
    traded = np.array(volume, dtype=np.float64) if volume is not None else np.full(size, np.nan)
    if traded.shape != (size,) or np.isinf(traded).any() or (traded < 0.0).any():
        raise InvalidInput("volume is money a day, NaN where it is not known", field="volume", found=traded.shape)
    number("lines", size, least=1)
    return Lines(
        tuple(names), held, money, steps, traded, np.array([name not in no_buy for name in names]),
        np.array([name not in no_sell for name in names]),
        finite("extra", extra if extra is not None else np.zeros(size), size=size, least=0.0),
    )  # fmt: skip
