"""A day's rebalance of many accounts under one risk model, ours for all and peers one by one on a sample."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from argosy.construction.optimize.batch import Account, optimize_many
from bench.harness import Promise, once
from bench.universes import SECTORS, Universe, universe

PROMISE = "Ten thousand accounts with their own holdings, limits and cash, each proven, at 50 a second and core."

AVERSION, COST = 10.0, 0.002


def accounts(u: Universe, count: int) -> list[Account]:
    """Accounts that drifted from the model portfolio by themselves, with limits and cash of their own."""
    rng = np.random.default_rng(97)
    found = []
    for k in range(count):
        cash = float(rng.choice([0.0, 0.01, 0.02]))
        held = u.holdings * rng.uniform(0.9, 1.1, u.mu.size)
        held *= (1.0 - cash) / held.sum()
        limits = [f"turnover <= {rng.uniform(0.06, 0.12):.4f}",
                  f"tracking error <= {u.tracking_error * rng.uniform(1.1, 1.4):.5f}"]  # fmt: skip
        found.append(Account(f"account {k}", held, limits, cash=cash))
    return found


def ours(u: Universe, chosen: list[Account]) -> int:
    """Solve all; gives how many were proven."""
    n = u.mu.size
    done = optimize_many(
        chosen, expected_returns=u.mu, covariance=u.covariance, names=[f"A{i}" for i in range(n)],
        limits=["active weight of each <= 2%", "active weight of sector=each within 2%"], benchmark=u.benchmark,
        attributes={"sector": [f"S{i}" for i in u.sectors.tolist()]}, costs=COST, risk_aversion=AVERSION,
    )  # fmt: skip
    return len(done.outcomes) - len(done.failed)


def general(u: Universe) -> Callable[[Account], np.ndarray]:
    """The same in a general modeling language with parameters, so that its compilation is paid once."""
    import cvxpy as cp

    n = u.mu.size
    w, y = cp.Variable(n), cp.Variable(u.covariance.factors.shape[1])
    held, budget, turnover, risk = cp.Parameter(n), cp.Parameter(), cp.Parameter(nonneg=True), cp.Parameter(nonneg=True)
    root = np.sqrt(u.covariance.specific)
    groups = np.eye(SECTORS)[u.sectors]
    active = w - u.benchmark
    bench = u.covariance.factors.T @ u.benchmark
    problem = cp.Problem(
        cp.Maximize(u.mu @ w - AVERSION / 2 * (cp.sum_squares(y) + cp.sum_squares(cp.multiply(root, w)))
                    - COST * cp.norm1(w - held)),
        [y == u.covariance.factors.T @ w, cp.sum(w) == budget, w >= 0, w <= u.benchmark + 0.02,
         cp.abs(groups.T @ active) <= 0.02, cp.norm1(w - held) <= turnover,
         cp.norm(cp.hstack([y - bench, cp.multiply(root, active)])) <= risk],
    )  # fmt: skip

    def run(account: Account) -> np.ndarray:
        held.value = np.asarray(account.holdings)
        budget.value = 1.0 - account.cash
        turnover.value, risk.value = (float(str(line).split()[-1]) for line in account.limits)
        problem.solve(solver=cp.CLARABEL)
        return np.asarray(w.value)

    return run


def run(size: str) -> list[Promise]:
    n, count, sample = (500, 10_000, 6) if size == "full" else (40, 40, 2)
    u = universe(n, periods=50)
    chosen = accounts(u, count)
    cold = once(lambda: ours(u, chosen[:1]))
    # Enough of them to load the compiled kernel before the clock starts.
    ours(u, chosen[: 1 + 6000 // n])
    # The promise is per core: processor time counts, whatever else the machine does.
    start, worked = time.perf_counter(), time.process_time()
    proven = ours(u, chosen)
    each, core = (time.perf_counter() - start) / count, (time.process_time() - worked) / count
    peer = general(u)
    peer(chosen[0])
    theirs = once(lambda: [peer(account) for account in chosen[1 : 1 + sample]]) / sample
    value = [worth(u, account, peer(account)) for account in chosen[:sample]]
    best = [worth(u, account, None) for account in chosen[:sample]]
    apart = max(abs(a - b) for a, b in zip(value, best, strict=True))
    limits: tuple[tuple[str, float, float], ...] = (("accounts without a proof", float(count - proven), 0.0),)
    if size == "full":
        limits += (("core seconds an account", core, 0.02),)
    return [
        Promise(
            f"{count} accounts of {n} names", {"argosy, an account": each, "cvxpy, an account": theirs}, limits,
            {"first account": cold},
            (f"{1 / core:.0f} accounts a second and core, {theirs / each:.0f} times as fast as one by one in cvxpy",
             f"objectives within {apart:.1e} of each other on the sample"),
        )
    ]  # fmt: skip


def worth(u: Universe, account: Account, weights: np.ndarray | None) -> float:
    """The objective at a peer's weights, or at ours."""
    if weights is None:
        done = optimize_many(
            [account], expected_returns=u.mu, covariance=u.covariance,
            names=[f"A{i}" for i in range(u.mu.size)],
            limits=["active weight of each <= 2%", "active weight of sector=each within 2%"], benchmark=u.benchmark,
            attributes={"sector": [f"S{i}" for i in u.sectors.tolist()]}, costs=COST, risk_aversion=AVERSION,
        ).outcomes[0]  # fmt: skip
        assert done.result is not None
        weights = done.result.weights
    risk = float(weights @ u.covariance.times(weights))
    return float(u.mu @ weights) - AVERSION / 2 * risk - COST * float(np.abs(weights - account.holdings).sum())
