"""Every kind of convex limit and cost in one model, against the same model written down in a general language."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest

from argosy.construction.optimize.face import optimize
from argosy.models.costs.trading import Costs

RNG = np.random.default_rng(0)
N, T = 12, 300
RETURNS = RNG.normal(0.0, 0.01, (T, 2)) @ RNG.normal(1.0, 0.5, (2, N)) + RNG.normal(0.0005, 0.012, (T, N))
S = np.cov(RETURNS, rowvar=False) * 252.0
MU = np.abs(RETURNS.mean(axis=0)) * 252.0
HELD = np.full(N, 1.0 / N)
BENCH = np.linspace(1.0, 3.0, N) / np.linspace(1.0, 3.0, N).sum()
SECTOR = np.array(["A", "B", "C"] * 4)
COUNTRY = np.array(["US", "EU"] * 6)
DURATION, ESG, VOLUME = np.linspace(1.0, 9.0, N), np.linspace(20.0, 90.0, N), np.linspace(0.02, 0.3, N)
NAMES = [f"N{i}" for i in range(N)]
LIMITS = """
weight of each <= 30%
weight of N1 >= 2%
weight of sector=each between 20% and 50%
weight of sector=A & country=US <= 30%
active weight of sector=each within 15%
net = 100%
gross <= 140%
long <= 120%
short <= 20%
turnover <= 60%
buys <= 40%
sells <= 40%
trade of each <= 15%
tracking error <= 8%
volatility <= 30%
beta between 0.7 and 1.2
exposure of duration between 4 and 6
active exposure of esg within 10
days to trade of each <= 5
days to liquidate of each <= 20
cvar of 95% <= 4%
trade of restricted=yes <= 0%
weight of country=EU <= 40% soft 50bp
"""
ROOT = np.linalg.cholesky(S)
w, tail, beyond = cp.Variable(N), cp.Variable(), cp.Variable(T)


def limits() -> list[cp.Constraint]:
    moved, active, beta = w - HELD, w - BENCH, S @ BENCH / (BENCH @ S @ BENCH)
    found = [
        w <= 0.3, w[1] >= 0.02, cp.sum(w) == 1.0, cp.norm1(w) <= 1.4, cp.sum(cp.pos(w)) <= 1.2,
        cp.sum(cp.neg(w)) <= 0.2,
        cp.norm1(moved) <= 0.6, cp.sum(cp.pos(moved)) <= 0.4, cp.sum(cp.neg(moved)) <= 0.4, cp.abs(moved) <= 0.15,
        cp.norm(ROOT.T @ active) <= 0.08, cp.norm(ROOT.T @ w) <= 0.3, DURATION @ w >= 4.0, DURATION @ w <= 6.0,
        cp.abs(ESG @ active) <= 10.0, cp.abs(moved) <= 5.0 * VOLUME, cp.abs(w) <= 20.0 * VOLUME, w[3] == HELD[3],
        beta @ w >= 0.7, beta @ w <= 1.2, beyond >= -RETURNS @ w - tail, beyond >= 0.0,
        tail + cp.sum(beyond) / (0.05 * T) <= 0.04, ((SECTOR == "A") & (COUNTRY == "US")).astype(float) @ w <= 0.3,
    ]  # fmt: skip
    for sector in "ABC":
        group = (sector == SECTOR).astype(float)
        found += [group @ w >= 0.2, group @ w <= 0.5, cp.abs(group @ active) <= 0.15]
    return found


COST = 0.0015 * cp.norm1(w - HELD) + 0.01 * cp.sum(cp.power(cp.abs(w - HELD), 1.5))
SOFT = 0.005 * cp.pos((COUNTRY == "EU").astype(float) @ w - 0.4)


@pytest.mark.parametrize(("model", "sought"), [
    ("utility", 2.5 * cp.sum_squares(ROOT.T @ w) - MU @ w),
    ("maximum return", -MU @ w),
    ("minimum cvar", tail + cp.sum(beyond) / (0.05 * T)),
])  # fmt: skip
def test_all_limits_together(model: str, sought: cp.Expression) -> None:
    problem = cp.Problem(cp.Minimize(sought + COST + SOFT), limits())
    problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-9, tol_gap_rel=1e-9, tol_feas=1e-9)
    assert problem.status == "optimal"
    found = optimize(
        model, covariance=S, expected_returns=MU, returns=RETURNS, names=NAMES, holdings=HELD, benchmark=BENCH,
        limits=LIMITS, long_only=False, costs=Costs(commission=0.001, half_spread=0.0005, impact=0.01),
        risk_aversion=5.0 if model == "utility" else None,
        attributes={
            "sector": SECTOR.tolist(), "country": COUNTRY.tolist(), "duration": DURATION.tolist(), "esg": ESG.tolist(),
            "volume": VOLUME.tolist(), "restricted": ["yes" if i == 3 else "no" for i in range(N)],
        },
    )  # fmt: skip
    best = problem.value
    w.value = found.weights
    if model == "minimum cvar":
        losses = np.sort(-RETURNS @ found.weights)
        tail.value = losses[-int(0.05 * T)]
        beyond.value = np.maximum(-RETURNS @ found.weights - tail.value, 0.0)
    # Solved to 1e-9 by the other, which may be on either side of the best.
    assert problem.objective.value == pytest.approx(best, abs=1e-8)
    assert found.evidence.relative_gap < 1e-6
    assert found.evidence.violation < 1e-7
