"""What stands beside a book's history: the benchmark's returns, and instruments taken as factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import MissingData, unknown
from argosy.measures.attribution.bench_segments import BenchmarkSteps
from argosy.measures.risk.book.history import RiskHistory
from argosy.measures.risk.book.report import BookRisk
from argosy.measures.risk.loss.contributions import FactorRisk
from argosy.record.market.adjust import Splits
from argosy.record.market.return_prices import return_prices
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Float64 = npt.NDArray[np.float64]


def beside_days(steps: BenchmarkSteps, history: RiskHistory) -> Float64:
    """Returns (T,) of a benchmark on the days of a history.

    Raises
    ------
    MissingData
        It has no return on one of them.
    """
    if not np.array_equal(steps.days, history.days):
        raise MissingData(
            f"{steps.text} has {steps.days.size} of {history.days.size} returns on the days of the positions",
            field="benchmark", next_step="import a longer history of it, or ask for none with --benchmark ''",
        )  # fmt: skip
    return np.asarray(steps.total, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class NamedFactors:
    """Factors by name with the volatility they explain."""

    names: tuple[str, ...]
    risk: FactorRisk


def factor_moves(
    names: Sequence[str],
    reference: Reference,
    market: MarketSnapshot,
    risk: BookRisk,
    *,
    splits: Mapping[int, Splits],
) -> NamedFactors:
    """Volatility by instruments taken as factors, each of the holdings regressed on their returns in the currency.

    Raises
    ------
    UnknownName, MissingData
        A factor that is not in the book, or not priced on the days of the history.
    """
    known = {one.code: one for one in reference.instruments.values()}
    ends = risk.history.ends
    moves = np.empty((ends.size - 1, len(names)))
    for place, name in enumerate(names):
        if name not in known:
            raise unknown("instrument", name, known, place="factors")
        one = known[name]
        panel = return_prices(market, [one.id], [name], currency=risk.held.currency, last=int(ends[-1]), splits=splits)
        at = np.searchsorted(panel.panel.days, ends)
        there = (at < panel.panel.days.size) & (panel.panel.days[np.minimum(at, panel.panel.days.size - 1)] == ends)
        if not there.all():
            raise MissingData(f"the factor {name} is not priced on {int((~there).sum())} of {ends.size} days",
                              field="factors", found=name, next_step="take another factor")  # fmt: skip
        prices = panel.panel.values[at, 0]
        moves[:, place] = prices[1:] / prices[:-1] - 1.0
    return NamedFactors(tuple(names), risk.named_factors(names, moves))
