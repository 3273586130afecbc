"""What limits are read from: weights by name, the scenarios and the loss of a named window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import MissingData
from argosy.base.risk_limits import Proxy
from argosy.measures.limits.universe import Universe
from argosy.measures.risk.book.report import BookRisk
from argosy.measures.risk.book.scenarios import window_scenarios
from argosy.record.market.adjust import Splits
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Float64 = npt.NDArray[np.float64]
Scenarios = Callable[[Universe], Float64 | None]


def weights_of(names: Sequence[str], weights: Mapping[str, float]) -> Float64:
    """Weights (N,) of names; what is not there weighs nothing."""
    return np.array([weights.get(name, 0.0) for name in names], dtype=np.float64)


def scenarios_of(universe: Universe, risk: BookRisk | None) -> Float64 | None:
    """Returns (T, N) of a universe's names in the currency of the book; None where one of them has no history."""
    if risk is None or not universe.names or any(name not in risk.held.names for name in universe.names):
        return None
    places = [risk.held.names.index(name) for name in universe.names]
    return np.asarray(risk.history.total[-risk.asked.window :, places])


@dataclass(frozen=True, eq=False)
class WindowLoss:
    """Answers what a risk's holdings would lose in a window of history, by name."""

    reference: Reference
    market: MarketSnapshot
    proxies: tuple[Proxy, ...]
    splits: Mapping[int, Splits]

    def __call__(self, risk: BookRisk, name: str) -> float:
        """The loss as a part of the value; :class:`MissingData` where an asset has no history in the window."""
        found, lost = window_scenarios(risk.held, [name], self.reference, self.market, proxies=self.proxies,
                                       splits=self.splits)  # fmt: skip
        if not found:
            raise MissingData(lost[0], field="stress", found=name)
        return float(found[0].losses(risk.held).sum())
