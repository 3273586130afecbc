"""Models with settings of their own, as they are when asked for by name."""

from __future__ import annotations

from argosy.construction.optimize.clusters import Herc
from argosy.construction.optimize.factors import FactorBudget, FactorNeutral, FactorTarget
from argosy.construction.optimize.kelly import Kelly
from argosy.construction.optimize.model import Model
from argosy.construction.optimize.multi_period import MultiPeriod
from argosy.construction.optimize.nested import NestedClusters
from argosy.construction.optimize.resampled import Resampled
from argosy.construction.optimize.robust import Robust
from argosy.construction.optimize.stack import Blend, Stack

_MODELS: tuple[Model, ...] = (
    Herc(), NestedClusters(), Kelly(), Robust(), Resampled(), FactorTarget(), FactorNeutral(), FactorBudget(), Stack(),
    Blend(), MultiPeriod(),
)  # fmt: skip

SETTABLE: dict[str, Model] = {model.name: model for model in _MODELS}

ALSO_CALLED = {
    "herc": "hierarchical equal risk contribution", "nco": "nested clusters", "log utility": "kelly", "michaud":
    "resampled", "stacking": "stack", "factor budget": "factor risk budget",
}  # fmt: skip
