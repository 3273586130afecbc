"""What a trade would do to a risk, at once: the whole is prepared, and a trade costs one row and one selection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.base.levels import confidence_level
from argosy.kernels.tails import tail_rank
from argosy.models.moments.observations import floats, observed, whole

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class WhatIf:
    """Value at risk and shortfall before and after a trade; a positive change is more risk."""

    value_at_risk: float
    expected_shortfall: float
    value_at_risk_before: float
    expected_shortfall_before: float

    @property
    def change(self) -> float:
        """Incremental value at risk of the trade."""
        return self.value_at_risk - self.value_at_risk_before

    @property
    def shortfall_change(self) -> float:
        """Incremental expected shortfall of the trade."""
        return self.expected_shortfall - self.expected_shortfall_before


@dataclass(frozen=True, eq=False)
class PreparedRisk:
    """A portfolio's (or a whole firm's) profits by scenario, ready for trades; made by :func:`prepare`."""

    confidence: float
    value_at_risk: float
    expected_shortfall: float
    _profits: Float64
    _by_asset: Float64

    def what_if(self, trades: Mapping[int, float]) -> WhatIf:
        """Risk after ``trades``: amounts by column of the returns, bought positive; O(S) for each asset traded.

        Examples
        --------
        >>> r = np.random.default_rng(1).normal(0.0, 0.01, (1_000, 3))
        >>> firm = prepare([1e6, 2e6, 0.0], r, confidence=0.99)
        >>> firm.what_if({1: -2e6}).change < 0.0
        True
        """
        after = self._after(trades)
        at, beyond = _tail(after, self.confidence)
        return WhatIf(at, beyond, self.value_at_risk, self.expected_shortfall)

    def traded(self, trades: Mapping[int, float]) -> PreparedRisk:
        """The same firm after the trades, ready for the next."""
        after = self._after(trades)
        at, beyond = _tail(after, self.confidence)
        return PreparedRisk(self.confidence, at, beyond, after, self._by_asset)

    def _after(self, trades: Mapping[int, float]) -> Float64:
        after = self._profits.copy()
        for asset, amount in trades.items():
            row = self._by_asset[whole(asset, "the asset of a trade", least=0, most=self._by_asset.shape[0] - 1)]
            traded = float(floats(amount, "trades"))
            if not np.isfinite(traded):
                raise InvalidInput(f"the amount of asset {asset} is not a finite number", field="trades", found=amount)
            after += traded * row
        return after


def prepare(exposures: npt.ArrayLike, returns: npt.ArrayLike, *, confidence: float) -> PreparedRisk:
    """Prepare the risk of exposures (N,) over scenarios of returns (S, N) for trades; O(S N) once.

    Order statistic and exact tail mean, as :func:`argosy.measures.risk.loss.history.historical`.
    """
    level = confidence_level(confidence)
    r = observed(returns, least=10)
    held = floats(exposures, "exposures")
    if held.shape != (r.shape[1],) or not np.isfinite(held).all():
        raise InvalidInput(f"exposures have shape {held.shape}", field="exposures",
                           expected=f"({r.shape[1]},), finite")  # fmt: skip
    profits = r @ held
    at, beyond = _tail(profits, level)
    return PreparedRisk(level, at, beyond, profits, np.ascontiguousarray(r.T))


def _tail(profits: Float64, confidence: float) -> tuple[float, float]:
    rank, size = tail_rank(profits.size, 1.0 - confidence)
    worst = np.partition(profits, rank - 1)[:rank]
    edge = float(worst[-1])
    return -edge, -(float(worst.sum()) + (size - rank) * edge) / size
