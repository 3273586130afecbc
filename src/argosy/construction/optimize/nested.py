"""Nested clusters: one model inside each cluster, another between the clusters, under the limits of the whole."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from argosy.base.errors import ArgosyError
from argosy.construction.optimize.allocation import by_rule
from argosy.construction.optimize.clusters import Clustering, report
from argosy.construction.optimize.mean_variance import Outcome, is_plain
from argosy.construction.optimize.model import Asked, Model, Run
from argosy.construction.optimize.parts import keeping_proportions, mixes, some_assets
from argosy.construction.optimize.problem import Problem
from argosy.kernels import conic

SAME_ON_ASSETS = frozenset({
    "minimum variance", "maximum sharpe", "utility", "maximum return", "target return", "target risk", "minimum cvar",
})  # fmt: skip
"""Models whose answer between clusters is their answer on the assets when each cluster keeps its proportions."""


@dataclass(frozen=True)
class NestedClusters:
    """Nested clustered optimization (Lopez de Prado 2019): ``inner`` within each cluster, ``outer`` between them.

    Limits of the whole are kept exactly by outer models of mean, variance and shortfall: they choose the clusters'
    weights under them. Where proportions within clusters leave no room for the limits, where limits choose names, and
    for outer models that are rules, the nearest weights that keep the limits are taken, and the notes say how far.
    """

    inner: str | Model = "minimum variance"
    outer: str | Model = "minimum variance"
    clustering: Clustering = field(default_factory=Clustering)

    @property
    def name(self) -> str:
        """What the result is called."""
        return "nested clusters"

    def outcome(self, problem: Problem, asked: Asked, run: Run) -> Outcome:
        """Weights, with a report of clusters."""
        _, label = self.clustering.of(problem)
        alone = replace(asked, budgets=None)
        n, count = problem.size, int(label.max()) + 1
        columns = np.zeros((n, count))
        for c in range(count):
            places = np.flatnonzero(label == c)
            try:
                columns[places, c] = (
                    run(self.inner, some_assets(problem, places), alone).solved.answer.weights
                    if places.size > 1 else 1.0
                )  # fmt: skip
            except ArgosyError as error:
                error.add_note(f"in cluster {c + 1}: {', '.join(problem.universe.names[i] for i in places.tolist())}")
                raise
        within = columns[np.arange(n), label]
        found = self._between(problem, columns, label, within, alone, run)
        outer = np.array([float(found.solved.answer.weights[label == c].sum()) for c in range(count)])
        return replace(found, reports=(report(problem, label, within, outer), *found.reports))

    def _between(
        self, problem: Problem, columns: np.ndarray, label: np.ndarray, within: np.ndarray, asked: Asked, run: Run
    ) -> Outcome:
        if self.outer in SAME_ON_ASSETS and not is_plain(problem) and not problem.compiled.chooses:
            kept = keeping_proportions(problem, label, within)
            # One look whether the proportions leave any room is far cheaper than the reasons why they do not.
            if conic.solve(kept.form_of(kept.limits)).status != conic.INFEASIBLE:
                found = run(self.outer, kept, asked)
                return replace(found, posed=found.posed or kept)
        names = [f"cluster {c + 1}" for c in range(columns.shape[1])]
        top = run(self.outer, mixes(problem, columns, names), asked)
        return by_rule(problem, columns @ top.solved.answer.weights)
