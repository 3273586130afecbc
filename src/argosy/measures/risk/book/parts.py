"""What adds to a risk of a book: by position, group, factor and sleeve, each summing to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.table import Column, Table
from argosy.measures.risk.book.holdings import CASH, Holdings
from argosy.measures.risk.loss.contributions import Contributions

Float64 = npt.NDArray[np.float64]
PRICES, BENCHMARK = "prices", "benchmark"


@dataclass(frozen=True, eq=False)
class Parts:
    """Euler parts of one measure: of each asset by its price (A,) and by its currency (A,), and of a benchmark.

    They sum to ``total``. ``marginal`` is the change of the measure per unit of weight bought for cash of the book,
    ``incremental`` the measure less that without the asset.
    """

    measure: str
    total: float
    by_price: Float64
    by_currency: Float64
    marginal: Float64
    incremental: Float64
    convention: str
    benchmark: float = 0.0

    @property
    def component(self) -> Float64:
        """Parts of the assets (A,), price and currency together."""
        return np.asarray(self.by_price + self.by_currency)

    def by(self, held: Holdings, attribute: str) -> dict[str, float]:
        """Parts by an attribute of the assets; they sum to ``total``."""
        return self._with_benchmark(_summed(held.labels(attribute), self.component))

    def by_factor(self, held: Holdings) -> dict[str, float]:
        """Parts of prices in their own currency, and of each currency against the book's."""
        found = {PRICES: float(self.by_price.sum())}
        for asset, part, weight in zip(held.assets, self.by_currency.tolist(), held.fx.tolist(), strict=True):
            if weight:
                name = f"{asset.currency}/{held.currency}"
                found[name] = found.get(name, 0.0) + part
        return self._with_benchmark(found)

    def by_sleeve(self, held: Holdings) -> dict[tuple[int, int], float]:
        """Parts by (portfolio, sleeve): an asset's is shared by what each holds of it; of a benchmark (0, 0)."""
        found: dict[tuple[int, int], float] = {}
        price, fx = held.price * held.value, held.fx * held.value
        for line in held.lines:
            key, at = (line.portfolio, line.sleeve), line.asset
            part = self.by_price[at] * line.price / price[at] if price[at] else 0.0
            part += self.by_currency[at] * line.fx / fx[at] if fx[at] else 0.0
            found[key] = found.get(key, 0.0) + float(part)
        if self.benchmark:
            found[(0, 0)] = found.get((0, 0), 0.0) + self.benchmark
        return found

    def _with_benchmark(self, found: dict[str, float]) -> dict[str, float]:
        return {**found, BENCHMARK: self.benchmark} if self.benchmark else found


def _summed(labels: Sequence[str], parts: Float64) -> dict[str, float]:
    found: dict[str, float] = {}
    for label, part in zip(labels, parts.tolist(), strict=True):
        found[label] = found.get(label, 0.0) + part
    return found


def joined(found: Contributions, split: int, count: int, places: npt.NDArray[np.intp]) -> Parts:
    """Contributions of price and currency columns (places of 2A, the benchmark at 2A) as parts of A assets."""
    whole, marginal, incremental = (np.zeros(2 * count + 1) for _ in range(3))
    whole[places], marginal[places], incremental[places] = found.component, found.marginal, found.incremental
    return Parts(
        found.measure, found.total, whole[:count], whole[count:split], marginal[:count] + marginal[count:split],
        incremental[:count] + incremental[count:split], found.convention, float(whole[split]),
    )  # fmt: skip


def position_table(held: Holdings, parts: Sequence[Parts], title: str) -> Table:
    """One row per asset: weight, and for each measure its part; the last column is its share of the last measure."""
    order = sorted(range(len(held.assets)), key=lambda at: -abs(float(parts[-1].component[at])))
    last = parts[-1]
    shown = [at for at in order if held.price[at] or held.fx[at]]
    rows: list[tuple[str, float, list[float], float, float]] = [
        (held.names[at], float(held.price[at]), [float(one.component[at]) for one in parts], float(last.marginal[at]),
         float(last.incremental[at]))
        for at in shown
    ]  # fmt: skip
    if any(one.benchmark for one in parts):
        rows.append((BENCHMARK, 0.0, [one.benchmark for one in parts], 0.0, 0.0))
    whole = last.total or 1.0
    return Table(
        title,
        (
            Column("position", "text", [row[0] for row in rows]),
            Column("weight", "ratio", [row[1] for row in rows], shown=2),
            *(Column(one.measure.replace(" ", "_"), "ratio", [row[2][n] for row in rows], shown=2)
              for n, one in enumerate(parts)),
            Column("share", "ratio", [row[2][-1] / whole for row in rows], shown=2),
            Column("marginal", "ratio", [row[3] for row in rows], shown=2),
            Column("incremental", "ratio", [row[4] for row in rows], shown=2),
        ),
        notes=(f"share, marginal and incremental are of {last.measure}; {last.convention}",),
    )  # fmt: skip


def group_table(parts: Sequence[Parts], by: Sequence[dict[str, float]], title: str, label: str) -> Table:
    """One row per group: its part of each measure, and its share of the last; the rows sum to the measures."""
    names = list(dict.fromkeys(name for one in by for name in one))
    names.sort(key=lambda name: (name == CASH, -abs(by[-1].get(name, 0.0))))
    whole = parts[-1].total or 1.0
    return Table(
        title,
        (
            Column(label, "text", names),
            *(Column(one.measure.replace(" ", "_"), "ratio", [part.get(name, 0.0) for name in names], shown=2)
              for one, part in zip(parts, by, strict=True)),
            Column("share", "ratio", [by[-1].get(name, 0.0) / whole for name in names], shown=2),
        ),
    )  # fmt: skip
