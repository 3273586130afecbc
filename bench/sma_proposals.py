"""Separately managed accounts on one model, each with its own tax lots: optimal trades, and plans by bands.

"optimal" gives every account the trades that are best after tracking error, costs and taxes by lot, each proven; cvxpy
solves the same problem one account at a time. A loss counts there up to what selling and buying back would cost: taking
losses is a list of its own, because what was sold may not be bought back. "by bands" is what `argosy rebalance propose`
does with an account: reasons, whole shares, the part of the way that is worth most.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from argosy.construction.optimize.batch import Account, optimize_many
from argosy.construction.rebalance.bands import tolerance_bands
from argosy.construction.rebalance.plan import (
    CASH,
    Market,
    Plan,
    PlanRules,
    TaxCurve,
    checked_lines,
    drift_of,
    plan,
)
from argosy.construction.rebalance.triggers import Situation, TriggerRules
from argosy.models.costs.tax_lots import TaxLot
from argosy.models.costs.trading import Costs
from bench.harness import Promise, once
from bench.universes import Universe, universe

PROMISE = "Ten thousand accounts of 50 to 300 lots on one model, after costs and taxes, at 50 a second and core."

AVERSION, COMMISSION, SPREAD = 10.0, 0.0002, 0.0005
ROUND_TRIP = 2.0 * (COMMISSION + SPREAD)
SHORT, LONG = 0.408, 0.238
SIZES = {"small": (50, 20, 2), "full": (60, 10_000, 6)}
VALUE = 1_000_000.0


@dataclass(frozen=True, eq=False)
class Client:
    """Weights held (N,), and per lot its name, weight, gain as a part of value, and rate."""

    held: np.ndarray
    place: np.ndarray
    weight: np.ndarray
    gain: np.ndarray
    rate: np.ndarray

    def account(self, name: str, names: list[str]) -> Account:
        """The same for the optimizer."""
        lots: dict[str, list[TaxLot]] = {one: [] for one in names}
        floor = -ROUND_TRIP / self.rate
        for place, weight, gain, rate in zip(
            self.place.tolist(), self.weight.tolist(), np.maximum(self.gain, floor).tolist(), self.rate.tolist(),
            strict=True,
        ):  # fmt: skip
            lots[names[place]].append(TaxLot(weight, gain, rate))
        return Account(name, self.held, costs=Costs(commission=COMMISSION, half_spread=SPREAD, lots=lots))


def clients(n: int, count: int) -> list[Client]:
    """Accounts that drifted from an equal model, one to five lots a name, a quarter of them at a loss."""
    rng = np.random.default_rng(1404)
    found = []
    for _ in range(count):
        held = rng.uniform(0.6, 1.4, n)
        held /= held.sum()
        lots = rng.integers(1, rng.integers(2, 7), n)
        place = np.repeat(np.arange(n), lots)
        parts = rng.uniform(0.2, 1.0, place.size)
        weight = held[place] * parts / np.bincount(place, parts)[place]
        # The lots of a name have to add up to it: the last one takes what rounding leaves.
        last = np.cumsum(lots) - 1
        weight[last] += held - np.bincount(place, weight)
        gain = rng.uniform(-0.2, 0.6, place.size)
        found.append(Client(held, place, weight, gain, np.where(rng.random(place.size) < 0.7, LONG, SHORT)))
    return found


class Bench:
    """One model and its clients."""

    def __init__(self, n: int, count: int) -> None:
        self.u: Universe = universe(n, periods=50)
        self.model = np.full(n, 1.0 / n)
        # Returns for which the model is best: utility is then minus half aversion times tracking variance.
        self.mu = AVERSION * self.u.covariance.times(self.model)
        self.names = [f"A{at}" for at in range(n)]
        self.clients = clients(n, count)
        self.market = Market(self.u.covariance)
        self.bands = tolerance_bands(np.append(self.model, 0.0), floor=0.001)

    def optimal(self, chosen: list[Client]) -> list[np.ndarray]:
        """Best weights of each."""
        accounts = [client.account(str(at), self.names) for at, client in enumerate(chosen)]
        done = optimize_many(
            accounts, expected_returns=self.mu, covariance=self.u.covariance, names=self.names, benchmark=self.model,
            risk_aversion=AVERSION,
        )  # fmt: skip
        return [item.result.weights for item in done.outcomes if item.result is not None]

    def planned(self, client: Client) -> Plan:
        """What the rebalancer would do with one."""
        price = 50.0
        lines = checked_lines(self.names, np.floor(client.held * VALUE / price), np.full(len(self.names), price),
                              step=np.ones(len(self.names)))  # fmt: skip
        cash = VALUE - float(lines.values.sum())
        taxes = {}
        per_unit = client.rate * client.gain * price
        order = np.lexsort((per_unit, client.place))
        starts = np.flatnonzero(np.diff(client.place[order], prepend=-1))
        for name, mine in zip(self.names, np.split(order, starts[1:]), strict=True):
            units = client.weight[mine] * VALUE / price
            taxes[name] = TaxCurve(np.append(0.0, np.cumsum(units)), np.append(0.0, np.cumsum(units * per_unit[mine])))
        away = drift_of(lines, cash, np.append(self.model, 0.0), self.market)
        rules = PlanRules("optimal", commission=COMMISSION, half_spread=SPREAD, risk_aversion=AVERSION)
        situation = Situation(20_000, (*self.names, CASH), away, self.bands)
        return plan(lines, cash, situation, rules, TriggerRules(), self.market, tax=taxes)

    def objective(self, client: Client, weights: np.ndarray) -> float:
        """What both solvers maximize, at some weights: the tax by each lot in order of its tax."""
        account = client.account("", self.names)
        assert account.costs is not None
        spent = account.costs.priced(self.names, client.held).total(weights)
        risk = float(weights @ self.u.covariance.times(weights))
        return float(self.mu @ weights) - AVERSION / 2.0 * risk - spent

    def general(self, client: Client) -> np.ndarray:
        """One account in a general modeling language: what is sold of each lot is a variable."""
        import cvxpy as cp

        n, size = client.held.size, client.place.size
        bought, sold = cp.Variable(n, nonneg=True), cp.Variable(size, nonneg=True)
        gather = np.zeros((n, size))
        gather[client.place, np.arange(size)] = 1.0
        weights = client.held + bought - gather @ sold
        common = self.u.covariance.factors.T @ weights
        tax = client.rate * np.maximum(client.gain, -ROUND_TRIP / client.rate)
        trading = COMMISSION + SPREAD
        problem = cp.Problem(
            cp.Maximize(
                self.mu @ weights
                - AVERSION / 2.0 * (cp.sum_squares(common)
                                    + cp.sum_squares(cp.multiply(np.sqrt(self.u.covariance.specific), weights)))
                - trading * (cp.sum(bought) + cp.sum(sold)) - tax @ sold
            ),
            [cp.sum(weights) == 1.0, weights >= 0.0, sold <= client.weight],
        )  # fmt: skip
        problem.solve(solver=cp.CLARABEL)
        return np.asarray(weights.value)


def _each(work: Callable[[], object], count: int) -> tuple[float, float]:
    """Wall and processor seconds an account."""
    start, worked = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - start) / count, (time.process_time() - worked) / count


def run(size: str) -> list[Promise]:
    n, count, sample = SIZES[size]
    bench = Bench(n, count)
    lots = [client.place.size for client in bench.clients]
    cold = once(lambda: bench.optimal(bench.clients[:1]))
    if size == "full":
        bench.optimal(bench.clients[:500])  # loads the compiled kernel before the clock starts
    solved: list[np.ndarray] = []

    def all_of_them() -> None:
        for first in range(0, count, 1_000):
            solved.extend(bench.optimal(bench.clients[first : first + 1_000]))

    each, core = _each(all_of_them, count)
    bench.general(bench.clients[0])
    theirs = once(lambda: [bench.general(client) for client in bench.clients[1 : 1 + sample]]) / sample
    apart = max(
        abs(bench.objective(client, weights) - bench.objective(client, bench.general(client)))
        for client, weights in zip(bench.clients[:sample], solved, strict=False)
    )
    plans: list[Plan] = []
    plan_each, plan_core = _each(lambda: plans.extend(bench.planned(client) for client in bench.clients), count)
    named = f"{count:,} accounts of {n} names, {min(lots)} to {max(lots)} lots"
    optimal: tuple[tuple[str, float, float], ...] = (("accounts without a proof", float(count - len(solved)), 0.0),
                                                     ("objectives apart from cvxpy", apart, 1e-7))  # fmt: skip
    banded: tuple[tuple[str, float, float], ...] = ()
    if size == "full":
        optimal += (("core seconds an account", core, 0.02), ("times cvxpy", each / theirs, 1.0))
        banded = (("core seconds an account", plan_core, 0.02),)
    return [
        Promise(f"optimal: {named}", {"argosy, an account": each, "cvxpy, an account": theirs}, optimal,
                {"first account": cold},
                (f"{1 / core:.0f} accounts a second and core, {theirs / each:.0f} times as fast as one by one in "
                 f"cvxpy",)),
        Promise(f"by bands: {named}", {"argosy, an account": plan_each}, banded, {},
                (f"{1 / plan_core:.0f} accounts a second and core; {sum(one.trades for one in plans):,} trade",)),
    ]  # fmt: skip
