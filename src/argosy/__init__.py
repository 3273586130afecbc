"""Argosy: portfolio management on one append-only book.

``argosy.open(url)`` is the door: it opens (or creates) a book and returns a :class:`argosy.interfaces.book.Book`.
Nothing heavy is imported until it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from argosy.base.version import __version__

_LAZY = {
    "open": ("argosy.interfaces.book", "open_book"),
    "create": ("argosy.interfaces.book", "create_book"),
    "Book": ("argosy.interfaces.book", "Book"),
    "Table": ("argosy.base.table", "Table"),
    "ArgosyError": ("argosy.base.errors", "ArgosyError"),
    "optimize": ("argosy.construction.optimize.face", "optimize"),
    "frontier": ("argosy.construction.optimize.face", "frontier"),
    "Account": ("argosy.construction.optimize.batch", "Account"),
    "Costs": ("argosy.models.costs.trading", "Costs"),
    "TaxLot": ("argosy.models.costs.tax_lots", "TaxLot"),
    "optimize_many": ("argosy.construction.optimize.batch", "optimize_many"),
    "round_to_lots": ("argosy.construction.optimize.rounding", "round_to_lots"),
    "Blend": ("argosy.construction.optimize.stack", "Blend"),
    "Clustering": ("argosy.construction.optimize.clusters", "Clustering"),
    "FactorBudget": ("argosy.construction.optimize.factors", "FactorBudget"),
    "FactorNeutral": ("argosy.construction.optimize.factors", "FactorNeutral"),
    "FactorTarget": ("argosy.construction.optimize.factors", "FactorTarget"),
    "Herc": ("argosy.construction.optimize.clusters", "Herc"),
    "Hrp": ("argosy.construction.optimize.clusters", "Hrp"),
    "Kelly": ("argosy.construction.optimize.kelly", "Kelly"),
    "NestedClusters": ("argosy.construction.optimize.nested", "NestedClusters"),
    "Resampled": ("argosy.construction.optimize.resampled", "Resampled"),
    "Robust": ("argosy.construction.optimize.robust", "Robust"),
    "Stack": ("argosy.construction.optimize.stack", "Stack"),
    "resampled_frontier": ("argosy.construction.optimize.resampled_line", "resampled_frontier"),
    "ScenarioView": ("argosy.models.moments.scenario_views", "ScenarioView"),
    "entropy_pooling": ("argosy.models.moments.entropy_pooling", "entropy_pooling"),
    "FactorCovariance": ("argosy.models.moments.covariance", "FactorCovariance"),
    "View": ("argosy.models.moments.black_litterman", "View"),
    "black_litterman": ("argosy.models.moments.black_litterman", "black_litterman"),
}

__all__ = [
    "Account", "ArgosyError", "Blend", "Book", "Clustering", "Costs", "FactorBudget", "FactorCovariance",
    "FactorNeutral", "FactorTarget", "Herc", "Hrp", "Kelly", "NestedClusters", "Resampled", "Robust", "ScenarioView",
    "Stack", "Table", "TaxLot", "View", "__version__", "black_litterman", "create", "entropy_pooling", "frontier",
    "open", "optimize", "optimize_many", "resampled_frontier", "round_to_lots",
]  # fmt: skip

if TYPE_CHECKING:
    from argosy.base.errors import ArgosyError
    from argosy.base.table import Table
    from argosy.construction.optimize.batch import Account, optimize_many
    from argosy.construction.optimize.clusters import Clustering, Herc, Hrp
    from argosy.construction.optimize.face import frontier, optimize
    from argosy.construction.optimize.factors import FactorBudget, FactorNeutral, FactorTarget
    from argosy.construction.optimize.kelly import Kelly
    from argosy.construction.optimize.nested import NestedClusters
    from argosy.construction.optimize.resampled import Resampled
    from argosy.construction.optimize.resampled_line import resampled_frontier
    from argosy.construction.optimize.robust import Robust
    from argosy.construction.optimize.rounding import round_to_lots
    from argosy.construction.optimize.stack import Blend, Stack
    from argosy.interfaces.book import Book
    from argosy.interfaces.book import create_book as create
    from argosy.interfaces.book import open_book as open
    from argosy.models.costs.tax_lots import TaxLot
    from argosy.models.costs.trading import Costs
    from argosy.models.moments.black_litterman import View, black_litterman
    from argosy.models.moments.covariance import FactorCovariance
    from argosy.models.moments.entropy_pooling import entropy_pooling
    from argosy.models.moments.scenario_views import ScenarioView


def __getattr__(name: str) -> object:
    try:
        module, attribute = _LAZY[name]
    except KeyError:
        raise AttributeError(f"module 'argosy' has no attribute {name!r}") from None
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
