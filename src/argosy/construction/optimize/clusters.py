"""Hierarchical equal risk contribution: risk split equally down a tree of assets, cut into clusters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.errors import InvalidInput, unknown
from argosy.base.table import Table
from argosy.construction.optimize.allocation import by_rule
from argosy.construction.optimize.mean_variance import Outcome
from argosy.construction.optimize.model import Asked, Run
from argosy.construction.optimize.problem import Problem
from argosy.kernels.cluster import hierarchical_risk_parity
from argosy.kernels.convex import shortfall
from argosy.kernels.linkage import METHODS, Tree, grow, suggested_clusters

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

RISKS = ("variance", "volatility", "cvar")


@dataclass(frozen=True)
class Clustering:
    """How assets are put into clusters: by ``linkage`` on ``sqrt((1 - correlation) / 2)``, into ``clusters`` of them.

    Without ``clusters`` their number is where one more stops helping, at most ``most`` (see
    :func:`argosy.kernels.linkage.suggested_clusters`).
    """

    linkage: str = "ward"
    clusters: int | None = None
    most: int | None = None

    def of(self, problem: Problem) -> tuple[Tree, Int64]:
        """The tree and the cluster (N,) of each asset.

        Raises
        ------
        InvalidInput, UnknownName
            An asset that does not vary; more clusters than assets; a linkage that is none.
        """
        if self.linkage not in METHODS:
            raise unknown("linkage", self.linkage, METHODS)
        n = problem.size
        for what, count in (("clusters", self.clusters), ("most", self.most)):
            if count is not None and not 1 <= count <= n:
                raise InvalidInput(f"{count} clusters of {n} assets", field=what, expected=f"1 to {n}")
        sigma = np.sqrt(problem.covariance.diagonal())
        if (sigma <= 0.0).any():
            name = problem.universe.names[int(np.argmin(sigma))]
            raise InvalidInput(f"{name} does not vary, so it has no correlation", field="covariance")
        correlation = problem.covariance.dense() / np.outer(sigma, sigma)
        distance = np.sqrt(np.clip((1.0 - correlation) / 2.0, 0.0, 1.0))
        np.fill_diagonal(distance, 0.0)
        tree = grow(distance, method=self.linkage)
        count = self.clusters if self.clusters is not None else suggested_clusters(distance, tree, most=self.most)
        return tree, tree.cut(count)


@dataclass(frozen=True)
class Herc:
    """Hierarchical equal risk contribution (Raffinot 2018).

    Assets of a cluster weigh by the inverse of their risk; down the tree each branch gets weight in inverse proportion
    to the summed risk of its clusters, so that branches carry equal risk. ``risk`` is variance, volatility or cvar
    (of scenarios, at the level asked).
    """

    clustering: Clustering = field(default_factory=Clustering)
    risk: str = "variance"

    @property
    def name(self) -> str:
        """What the result is called."""
        return "hierarchical equal risk contribution"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights; where they break a limit, the nearest that do not, with a note."""
        if self.risk not in RISKS:
            raise unknown("risk", self.risk, RISKS)
        tree, label = self.clustering.of(problem)
        n, count = problem.size, int(label.max()) + 1
        single = np.array([self._risk(problem, asked.level, row) for row in np.eye(n)])
        if (single <= 0.0).any():
            name = problem.universe.names[int(np.argmin(single))]
            raise InvalidInput(f"{name} has no risk of this kind, so it would take all", field="returns")
        inner = np.zeros((count, n))
        for c in range(count):
            mine = label == c
            inner[c, mine] = (1.0 / single[mine]) / (1.0 / single[mine]).sum()
        risks = np.array([self._risk(problem, asked.level, row) for row in inner])
        outer = np.ones(count)
        pending = [2 * n - 2] if count > 1 else []
        while pending:
            left, right = tree.merges[pending.pop() - n].tolist()
            sides = [np.unique(label[tree.leaves(node)]) for node in (left, right)]
            totals = [float(risks[side].sum()) for side in sides]
            share = 1.0 - totals[0] / sum(totals)
            outer[sides[0]] *= share
            outer[sides[1]] *= 1.0 - share
            pending += [node for node, side in zip((left, right), sides, strict=True) if side.size > 1]
        found = by_rule(problem, outer @ inner)
        return replace(found, reports=(report(problem, label, inner[label, np.arange(n)], outer),))

    def _risk(self, problem: Problem, level: float, weights: Float64) -> float:
        if self.risk == "cvar":
            return shortfall(-problem.returns @ weights, level)
        variance = float(weights @ problem.covariance.times(weights))
        return variance if self.risk == "variance" else float(np.sqrt(variance))


@dataclass(frozen=True)
class Hrp:
    """Hierarchical risk parity (Lopez de Prado 2016), linked as asked.

    By default a pair is linked by its own distance ``sqrt((1 - correlation) / 2)``, as ``optimize("hrp")`` does;
    ``by_columns`` links by the Euclidean distance between the columns of distances, as the paper's own code does.
    """

    by_columns: bool = False

    @property
    def name(self) -> str:
        """What the result is called."""
        return "hierarchical risk parity"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights; where they break a limit, the nearest that do not, with a note."""
        plain = run(self.name, problem, asked)
        if not self.by_columns:
            return plain
        covariance = problem.covariance.dense()
        sigma = np.sqrt(covariance.diagonal())
        distance = np.sqrt(np.clip((1.0 - covariance / np.outer(sigma, sigma)) / 2.0, 0.0, 1.0))
        np.fill_diagonal(distance, 0.0)
        square = distance @ distance
        # Squares of distances between columns are as good as the distances: only their order counts.
        apart = square.diagonal()[:, None] + square.diagonal()[None, :] - 2.0 * square
        nearness = -apart / max(float(apart.max()), 1e-300)
        return by_rule(problem, hierarchical_risk_parity(covariance, nearness=nearness)[0])


def report(problem: Problem, label: Int64, within: Float64, outer: Float64) -> Table:
    """Each asset's cluster, its weight within the cluster, and the cluster's own weight."""
    order = np.argsort(label, kind="stable")
    return Table(
        "clusters",
        (
            Column("asset", "text", [problem.universe.names[i] for i in order.tolist()]),
            Column("cluster", "integer", label[order] + 1),
            Column("weight_in_cluster", "ratio", within[order], unit="%"),
            Column("cluster_weight", "ratio", outer[label[order]], unit="%"),
        ),
    )
