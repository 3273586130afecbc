"""Portfolio optimization: the public face, its kernels alone, and skfolio, on one set of problems.

"argosy" includes checks of the inputs, the proof, shadow prices and the frozen result; "its kernel alone" goes from
moments in memory to weights, which is what the prototypes behind the bounds did.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from argosy.construction.optimize.face import frontier, optimize
from argosy.kernels import excess
from argosy.kernels.budget import risk_budgets
from argosy.kernels.cluster import hierarchical_risk_parity
from argosy.kernels.convex import Answer, Form, Rows
from argosy.kernels.critical_line import at_returns, corner_portfolios
from argosy.kernels.risk_terms import RiskTerm
from argosy.kernels.separable import Separable, nonnegative, solve
from argosy.measures.risk.convex.shortfall import Shortfall
from argosy.models.costs.trading import Costs
from bench.harness import Promise, once, process, take_turns
from bench.universes import SECTORS, Universe, universe

PROMISE = "Every classic model from moments to proven weights in milliseconds, the daily rebalance at 3,000 names too."

# Worst warm seconds allowed on the reference machine: three times the best hand-written prototype there.
BOUNDS = {
    "minimum variance": {100: 0.00008, 500: 0.00024, 1000: 0.0003, 3000: 0.00135},
    "maximum Sharpe": {100: 0.0001, 500: 0.0002, 1000: 0.00026, 3000: 0.00111},
    "frontier of 50 points": {100: 0.0015, 500: 0.0037, 1000: 0.0034, 3000: 0.014},
    "equal risk contribution": {100: 0.00014, 500: 0.00016, 1000: 0.00033},
    "hierarchical risk parity": {100: 0.00063, 500: 0.0078, 1000: 0.027},
    "realistic rebalance": {100: 0.0035, 500: 0.007, 1000: 0.0109, 3000: 0.035},
    "realistic rebalance with market impact": {100: 0.0035, 500: 0.007, 1000: 0.0109, 3000: 0.035},
    "minimum CVaR": {100: 0.010, 500: 0.067},
    "20 names of 1% to 10%": {100: 0.033},
}


def rebalance(u: Universe, *, impact: bool = False) -> Callable[[], np.ndarray]:
    n = u.mu.size
    # A portfolio of 1% of what its names trade in a year, at 30% volatility: the 3/2 power beside 20 bp.
    costs: float | Costs = Costs(commission=0.002, impact=np.full(n, 0.02 * np.sqrt(n / 100))) if impact else 0.002
    names = [f"A{i}" for i in range(n)]
    sectors = [f"S{i}" for i in u.sectors.tolist()]
    limits = ["active weight of each <= 2%", "active weight of sector=each within 1%", "turnover <= 5%",
              f"tracking error <= {u.tracking_error!r}"]  # fmt: skip

    def run() -> np.ndarray:
        return optimize(
            "utility", expected_returns=u.mu, covariance=u.covariance, names=names, limits=limits, holdings=u.holdings,
            benchmark=u.benchmark, attributes={"sector": sectors}, costs=costs, risk_aversion=10.0,
        ).weights  # fmt: skip

    return run


def ours(u: Universe, name: str) -> Callable[[], np.ndarray]:
    match name:
        case "minimum variance":
            return lambda: optimize("minimum variance", covariance=u.covariance).weights
        case "maximum Sharpe":
            return lambda: optimize("max sharpe", expected_returns=u.mu, covariance=u.covariance).weights
        case "frontier of 50 points":
            return lambda: frontier(expected_returns=u.mu, covariance=u.covariance, points=50).weights
        case "equal risk contribution":
            return lambda: optimize("risk parity", covariance=u.covariance).weights
        case "hierarchical risk parity":
            return lambda: hierarchical_risk_parity(np.cov(u.returns, rowvar=False), engine="kernel")[0]
        case "minimum CVaR":
            return lambda: optimize("min cvar", returns=u.returns).weights
        case "20 names of 1% to 10%":
            few = ["weight of each <= 10%", "names <= 20", "position >= 1%"]
            return lambda: optimize("minimum variance", covariance=u.covariance, limits=few).weights
    return rebalance(u, impact=name.endswith("impact"))


def kernel(u: Universe, name: str) -> Callable[[], np.ndarray] | None:
    """From moments in memory to weights, without checks of inputs, proof and explanation: what the bounds measure."""
    c = u.covariance
    n = u.mu.size
    match name:
        case "minimum variance":
            return lambda: nonnegative(c.factors, c.specific, np.ones(n), engine="kernel").weights
        case "maximum Sharpe":
            reward = u.mu / np.abs(u.mu).max()
            return lambda: nonnegative(c.factors, c.specific, reward, engine="kernel").weights
        case "frontier of 50 points":
            return lambda: corner_points(u)
        case "equal risk contribution":
            return lambda: risk_budgets(c.factors, c.specific, np.full(n, 1.0 / n), engine="kernel").weights
        case "realistic rebalance" | "realistic rebalance with market impact":
            groups = np.eye(SECTORS)[u.sectors]
            middle = groups.T @ u.benchmark
            posed = Separable(
                c.factors, c.specific, u.mu / 10.0, np.zeros(n), u.benchmark + 0.02,
                np.column_stack([np.ones(n), groups]), np.concatenate([[1.0], middle - 0.01]),
                np.concatenate([[1.0], middle + 0.01]), u.holdings, np.full(n, 0.0002), u.benchmark, 0.05,
                u.tracking_error, impact=np.full(n, 0.002 * np.sqrt(n / 100)) if name.endswith("impact") else None,
            )  # fmt: skip
            return lambda: solve(posed, engine="kernel").weights
        case "minimum CVaR":
            tail = RiskTerm(Shortfall(u.returns, 0.95), weight=1.0)
            model = long_only_mix(n, tail)
            return lambda: solved(excess.solve(model))
        case _:
            return None


def long_only_mix(n: int, tail: RiskTerm) -> Form:
    nobody, zero = np.full(n, -1), np.zeros(n)
    invested = Rows(np.ones((n, 1)), np.ones(1), np.ones(1), np.full(1, -1), np.full(1, np.inf))
    return Form(
        np.zeros((n, 0)), zero, 0.0, zero, zero, np.full(n, np.inf), nobody, nobody, invested, zero, zero, risks=(tail,)
    )  # fmt: skip


def solved(answer: Answer | None) -> np.ndarray:
    assert answer is not None
    return answer.weights


def corner_points(u: Universe) -> np.ndarray:
    corners, _ = corner_portfolios(u.covariance.factors, u.covariance.specific, u.mu, engine="kernel")
    earned = corners @ u.mu
    return at_returns(corners, u.mu, np.linspace(earned[0], earned[-1], 50))


def skfolio(u: Universe, name: str) -> Callable[[], np.ndarray] | None:
    """The peer with moments given through its own prior, where it has the model."""
    from skfolio import RiskMeasure
    from skfolio.optimization import HierarchicalRiskParity, MeanRisk, ObjectiveFunction
    from skfolio.prior import BasePrior, ReturnDistribution

    class Given(BasePrior):
        def __init__(self) -> None:
            pass

        def fit(self, X, y=None, **_):  # type: ignore[no-untyped-def]
            self.return_distribution_ = ReturnDistribution(mu=u.mu, covariance=u.dense, returns=u.returns)
            return self

    match name:
        case "minimum variance":
            model = MeanRisk(risk_measure=RiskMeasure.VARIANCE, prior_estimator=Given())
        case "maximum Sharpe":
            model = MeanRisk(ObjectiveFunction.MAXIMIZE_RATIO, RiskMeasure.VARIANCE, prior_estimator=Given())
        case "minimum CVaR":
            model = MeanRisk(risk_measure=RiskMeasure.CVAR)
        case "hierarchical risk parity":
            model = HierarchicalRiskParity(risk_measure=RiskMeasure.VARIANCE)
        case "20 names of 1% to 10%":
            import cvxpy

            if "SCIP" not in cvxpy.installed_solvers():
                return None
            model = MeanRisk(risk_measure=RiskMeasure.VARIANCE, prior_estimator=Given(), cardinality=20, solver="SCIP",
                             min_weights=0.0, max_weights=0.1, threshold_long=0.01)  # fmt: skip
        case _:
            return None
    return lambda: model.fit(u.returns).weights_


def warmed(u: Universe) -> None:
    """Load compiled kernels, so that no compilation hides in a warm figure."""
    from argosy.kernels import budget_jit, cluster_jit, critical_line_jit, separable_jit

    assert all(m.__name__ for m in (budget_jit, cluster_jit, critical_line_jit, separable_jit))
    for name in BOUNDS:
        ours(u, name)()


def run(size: str) -> list[Promise]:
    sizes = {100, 500, 1000, 3000} if size == "full" else {30}
    found = []
    cold = once(lambda: warmed(universe(30, periods=200)))
    for name, bounds in BOUNDS.items():
        for n in sorted(sizes & set(bounds)) if size == "full" else sorted(sizes):
            u = universe(n, periods=1260 if size == "full" else 200)
            contenders = {"argosy": ours(u, name)}
            bare = kernel(u, name)
            if bare is not None:
                contenders["its kernel alone"] = bare
            if n <= 100:
                peer = skfolio(u, name)
                if peer is not None:
                    contenders["skfolio"] = peer
            seconds = take_turns(contenders, rounds=7 if n < 1000 else 5)
            limits: tuple[tuple[str, float, float], ...] = ()
            if size == "full":
                fastest = seconds.get("its kernel alone", seconds["argosy"])
                limits = (("times the prototype's median", fastest / bounds[n], 3.0),)
            notes = ()
            if "skfolio" in seconds:
                notes = (f"{seconds['skfolio'] / seconds['argosy']:.0f} times as fast as skfolio",)
            found.append(Promise(f"{name}, {n} names", seconds, limits, {"first call of all models": cold}, notes))
    code = (
        "import numpy as np; from argosy import optimize; r = np.random.default_rng(1).normal(size=(600, 500));"
        "optimize('minimum variance', covariance=np.cov(r, rowvar=False))"
    )
    alone = process(["-c", code], rounds=3)
    found.append(Promise("one cold process, 500 dense names", {"argosy": alone}, (("seconds", alone, 1.5),)))
    return found
