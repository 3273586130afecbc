"""Whole public calls against the fastest peer installed: checks, answer, proof and explanation all counted.

The peer is skfolio with the moments given through its own prior, the covariance as a factor model where its risk is a
variance (its best case), the scenarios where its risk is a tail.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bench.harness import Promise, take_turns
from bench.optimization import ours
from bench.universes import Universe, universe

PROMISE = (
    "A whole call for minimum variance, maximum Sharpe, CVaR and risk parity is 50 times as fast as the best peer."
)

SIZES = {
    "minimum variance": (100, 500, 1000, 3000),
    "maximum Sharpe": (100, 500, 1000, 3000),
    "equal risk contribution": (100, 500, 1000),
    "minimum CVaR": (100, 500),
}
LEAST = 50.0


def skfolio(u: Universe, name: str) -> Callable[[], np.ndarray]:
    from skfolio import RiskMeasure
    from skfolio.optimization import MeanRisk, ObjectiveFunction, RiskBudgeting
    from skfolio.prior import BasePrior, ReturnDistribution
    from skfolio.prior._model._factor_model import FactorModel

    days, n = u.returns.shape
    count = u.covariance.factors.shape[1]
    names = np.array([f"A{i}" for i in range(n)])
    structure = FactorModel(
        observations=np.arange(days), asset_names=names, factor_names=np.array([f"F{i}" for i in range(count)]),
        factor_families=None, loading_matrix=u.covariance.factors, exposures=None, factor_covariance=np.eye(count),
        factor_mu=np.zeros(count), factor_returns=None, idio_covariance=u.covariance.specific, idio_mu=None,
        idio_returns=None, idio_variances=None,
    )  # fmt: skip
    dense = u.dense

    class Given(BasePrior):
        def __init__(self) -> None:
            pass

        def fit(self, X, y=None, **_):  # type: ignore[no-untyped-def]
            factors = None if name == "minimum CVaR" else structure
            self.return_distribution_ = ReturnDistribution(
                mu=u.mu, covariance=dense, returns=u.returns, factor_model=factors
            )
            self.n_features_in_ = n
            self.feature_names_in_ = names.astype(object)
            return self

    match name:
        case "minimum variance":
            model = MeanRisk(prior_estimator=Given())
        case "maximum Sharpe":
            model = MeanRisk(objective_function=ObjectiveFunction.MAXIMIZE_RATIO, prior_estimator=Given())
        case "minimum CVaR":
            model = MeanRisk(risk_measure=RiskMeasure.CVAR, cvar_beta=0.95, prior_estimator=Given())
        case _:
            model = RiskBudgeting(prior_estimator=Given())
    return lambda: model.fit(u.returns).weights_


def run(size: str) -> list[Promise]:
    from argosy.kernels import budget_jit, separable_jit

    assert budget_jit.__name__
    assert separable_jit.__name__
    found = []
    for name, sizes in SIZES.items():
        for n in sizes if size == "full" else (20,):
            u = universe(n, periods=1260 if size == "full" else 120)
            rounds = 3 if name == "minimum CVaR" else 25 if n <= 1000 else 7
            seconds = take_turns({"argosy": ours(u, name), "skfolio": skfolio(u, name)}, rounds=rounds)
            ratio = seconds["skfolio"] / seconds["argosy"]
            limits = (("peer's time over ours, inverted times 50", LEAST / ratio, 1.0),) if size == "full" else ()
            found.append(Promise(f"whole call: {name}, {n} names", seconds, limits,
                                 notes=(f"{ratio:.0f} times as fast as skfolio",)))  # fmt: skip
    return found
