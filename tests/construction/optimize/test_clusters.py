"""Hierarchical equal risk contribution and nested clusters against skfolio, and under limits."""

from __future__ import annotations

import warnings
from typing import Any

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest
from scipy.cluster import hierarchy
from scipy.spatial.distance import pdist
from skfolio import RiskMeasure
from skfolio.cluster import HierarchicalClustering, LinkageMethod
from skfolio.optimization import (
    HierarchicalEqualRiskContribution,
    InverseVolatility,
    MeanRisk,
    NestedClustersOptimization,
    ObjectiveFunction,
    RiskBudgeting,
)

from argosy.base.errors import InvalidInput, UnknownName
from argosy.construction.optimize.clusters import Clustering, Herc, Hrp
from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.nested import NestedClusters
from argosy.construction.optimize.outcomes import Infeasible, NoExcessReturn
from argosy.kernels.reference.cluster import bisect


def returns(n: int = 12, groups: int = 3, periods: int = 250) -> np.ndarray:
    rng = np.random.default_rng(11)
    common = rng.normal(0.0005, 0.01, (periods, groups))[:, np.arange(n) % groups]
    return common * rng.uniform(0.6, 1.4, n) + rng.normal(0.0003, 0.006, (periods, n))


R = returns()
S = np.cov(R, rowvar=False)
MU = R.mean(axis=0)
LOSING = -np.abs(MU)


def clustering(count: int, method: str) -> Any:
    return HierarchicalClustering(max_clusters=count, linkage_method=LinkageMethod[method.upper()])


@pytest.mark.parametrize("method", ["ward", "average", "complete", "single"])
@pytest.mark.parametrize(
    ("risk", "theirs"),
    [("variance", RiskMeasure.VARIANCE), ("volatility", RiskMeasure.STANDARD_DEVIATION), ("cvar", RiskMeasure.CVAR)],
)
def test_herc_is_that_of_skfolio(method: str, risk: str, theirs: RiskMeasure) -> None:
    other = HierarchicalEqualRiskContribution(
        risk_measure=theirs, hierarchical_clustering_estimator=clustering(3, method)
    )
    other.fit(pd.DataFrame(R))
    count = other.hierarchical_clustering_estimator_.n_clusters_
    found = optimize(Herc(Clustering(method, clusters=count), risk), covariance=S, returns=R)
    np.testing.assert_allclose(found.weights, other.weights_, atol=1e-9)
    assert found.status == "heuristic"


def test_herc_written_out_for_three_assets() -> None:
    # A and B move together: one cluster of two, and C alone. Variances 4, 4 and 1; correlation of A and B 0.5.
    s = np.array([[4.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 1.0]])
    found = optimize(Herc(Clustering(clusters=2)), covariance=s, names=["A", "B", "C"])
    # The cluster holds halves: variance (4 + 4 + 2 * 2) / 4 = 3, against 1 of C: weights 1/4 and 3/4.
    np.testing.assert_allclose(found.weights, [0.125, 0.125, 0.75])
    rows = [(row["asset"], row["cluster"], row["cluster_weight"]) for row in found.reports[0].rows()]
    assert [row[:2] for row in rows] == [("A", 1), ("B", 1), ("C", 2)]
    assert [float(row[2]) for row in rows] == pytest.approx([0.25, 0.25, 0.75])  # type: ignore[arg-type]


def test_hrp_by_columns_is_the_linkage_of_columns_for_many_assets() -> None:
    r = returns(60, 5, 300)
    s = np.cov(r, rowvar=False)
    sigma = np.sqrt(s.diagonal())
    distance = np.sqrt(np.clip((1.0 - s / np.outer(sigma, sigma)) / 2.0, 0.0, 1.0))
    np.fill_diagonal(distance, 0.0)
    leaves = hierarchy.leaves_list(hierarchy.linkage(pdist(distance), "single"))
    found = optimize(Hrp(by_columns=True), covariance=s)
    np.testing.assert_allclose(found.weights, bisect(s, leaves.astype(np.int64)), rtol=1e-9)


def test_by_name_with_one_cluster_and_under_a_limit() -> None:
    free = optimize("herc", covariance=S)
    assert free.model == "hierarchical equal risk contribution"
    assert free.weights.sum() == pytest.approx(1.0)
    one = optimize(Herc(Clustering(clusters=1)), covariance=S)
    np.testing.assert_allclose(one.weights, (1 / S.diagonal()) / (1 / S.diagonal()).sum())
    capped = optimize("herc", covariance=S, limits=["weight of each <= 10%"])
    assert capped.weights.max() <= 0.1 + 1e-9
    assert "moved by" in capped.notes[0]
    assert len(capped.reports) == 1


def inner_of(kind: str) -> Any:
    return {
        "minimum variance": MeanRisk(),
        "maximum sharpe": MeanRisk(objective_function=ObjectiveFunction.MAXIMIZE_RATIO),
        "risk parity": RiskBudgeting(),
        "inverse volatility": InverseVolatility(),
        "minimum cvar": MeanRisk(risk_measure=RiskMeasure.CVAR),
    }[kind]


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ("minimum variance", "risk parity"), ("risk parity", "minimum variance"), ("maximum sharpe", "maximum sharpe"),
        ("inverse volatility", "minimum cvar"), ("minimum cvar", "inverse volatility"),
    ],
)  # fmt: skip
def test_nested_clusters_are_those_of_skfolio(inner: str, outer: str) -> None:
    other = NestedClustersOptimization(
        inner_estimator=inner_of(inner), outer_estimator=inner_of(outer), clustering_estimator=clustering(3, "ward"),
        cv="ignore",
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Its solver stops at an absolute tolerance, so it is given returns of size one.
        other.fit(pd.DataFrame(60.0 * R))
    count = int(other.clustering_estimator_.n_clusters_)
    found = optimize(
        NestedClusters(inner, outer, Clustering(clusters=count)), covariance=S, returns=R, expected_returns=MU
    )
    np.testing.assert_allclose(found.weights, other.weights_, atol=1e-5)


def test_outer_model_keeps_limits_exactly() -> None:
    shape = Clustering(clusters=3)
    limits = ["weight of each <= 11%", "turnover <= 90%"]
    held = np.full(12, 1 / 12)
    found = optimize(NestedClusters("risk parity", clustering=shape), covariance=S, limits=limits, holdings=held)
    label = shape.of(_posed())[1]
    inside = np.zeros((12, 3))
    for c in range(3):
        mine = np.flatnonzero(label == c)
        inside[mine, c] = optimize("risk parity", covariance=S[np.ix_(mine, mine)]).weights
    y = cp.Variable(3, nonneg=True)
    w = inside @ y
    best = cp.Problem(
        cp.Minimize(cp.quad_form(y, cp.psd_wrap(inside.T @ S @ inside)) * 1e4),
        [cp.sum(y) == 1, w <= 0.11, cp.norm1(w - held) <= 0.9],
    )
    best.solve(solver=cp.CLARABEL)
    np.testing.assert_allclose(found.weights, inside @ y.value, atol=1e-5)
    assert found.status == "optimal"
    assert {item.limit.measure for item in found.binding} == {"weight"}


def _posed() -> Any:
    from argosy.construction.optimize.problem import pose

    return pose(
        names=None, expected_returns=None, covariance=S, returns=None, limits=(), long_only=True, holdings=None,
        benchmark=None, attributes={}, costs=0.0, risk_free=0.0, seconds=0.0,
    )  # fmt: skip


def test_proportions_give_way_where_limits_need_it() -> None:
    limits = ["weight of A1 >= 30%", "weight of A4 <= 1%"]
    found = optimize(NestedClusters("equal", "minimum variance", Clustering(clusters=3)), covariance=S, limits=limits)
    assert found.weights[0] >= 0.3 - 1e-7
    assert "moved by" in found.notes[0]
    with pytest.raises(Infeasible) as caught:
        optimize("nco", covariance=S, limits=["weight of each <= 5%"])
    assert "weight of each <= 5%" in {item.limit.text() for item in caught.value.clash}
    rule = optimize(NestedClusters(outer="risk parity"), covariance=S, limits=["weight of each <= 10%"])
    assert rule.weights.max() <= 0.1 + 1e-9


def test_numbers_of_names_are_kept() -> None:
    found = optimize("nco", covariance=S, limits=["names <= 4"])
    assert int((found.weights > 0.0).sum()) == 4
    assert "moved by" in found.notes[0]


def test_long_short_inside_clusters() -> None:
    found = optimize(NestedClusters(clustering=Clustering(clusters=2)), covariance=S, long_only=False)
    assert found.weights.sum() == pytest.approx(1.0)


def test_what_cannot_be_clustered() -> None:
    with pytest.raises(InvalidInput, match="13 clusters of 12"):
        optimize(Herc(Clustering(clusters=13)), covariance=S)
    with pytest.raises(UnknownName, match="unknown linkage 'wart'"):
        optimize(Herc(Clustering("wart")), covariance=S)
    with pytest.raises(UnknownName, match="unknown risk"):
        optimize(Herc(risk="varianz"), covariance=S)
    with pytest.raises(InvalidInput, match="A2 does not vary"):
        optimize("herc", covariance=np.diag([1.0, 0.0, 2.0]))
    up = np.abs(R)
    with pytest.raises(InvalidInput, match="no risk of this kind"):
        optimize(Herc(risk="cvar"), covariance=S, returns=up)
    with pytest.raises(NoExcessReturn) as caught:
        optimize(
            NestedClusters("max sharpe", clustering=Clustering(clusters=2)), covariance=S, expected_returns=-MU - 1
        )
    assert "in cluster 1" in caught.value.__notes__[0]
