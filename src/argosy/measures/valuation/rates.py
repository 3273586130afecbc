"""Exchange rates as exact fractions, asked for once per pair and day."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from argosy.base.errors import MissingData, UnknownName
from argosy.record.market.snapshot import MarketSnapshot

Int64 = npt.NDArray[np.int64]


class Rates:
    """Remembers what it asked; a missing rate is None.

    Examples
    --------
    >>> Rates(None).get("EUR", "EUR", 18993), Rates(None).get("EUR", "USD", 18993)
    (Fraction(1, 1), None)
    """

    def __init__(self, market: MarketSnapshot | None) -> None:
        self._market = market
        self._known: dict[tuple[str, str, int], Fraction | None] = {}

    def get(self, source: str, target: str, day: int) -> Fraction | None:
        """Units of ``target`` for one of ``source``, as known on or before ``day``; None where there is no path."""
        if source == target:
            return Fraction(1)
        key = (source, target, day)
        if key not in self._known:
            self._known[key] = self._ask(source, target, day)
        return self._known[key]

    def _ask(self, source: str, target: str, day: int) -> Fraction | None:
        if self._market is None:
            return None
        try:
            return self._market.rate(source, target, day).fraction
        except (MissingData, UnknownName):
            return None

    def over(self, source: str, target: str, days: Int64) -> list[tuple[int, int] | None]:
        """The rate of each day as numerator and denominator."""
        if source == target:
            return [(1, 1)] * len(days)
        if self._market is None:
            return [None] * len(days)
        rows = self._market.rate_rows([source], target, days)
        columns = (rows.num[:, 0].tolist(), rows.den[:, 0].tolist(), rows.missing[:, 0].tolist())
        return [None if gone else (int(num), int(den)) for num, den, gone in zip(*columns, strict=True)]
