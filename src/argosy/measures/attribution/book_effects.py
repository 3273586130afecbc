"""Brinson effects of a book by segment, with trading and charges apart, linked so that they sum to the active return.

Selection here is what the holdings of the start of each period made; what trades inside it made stands apart, and fees,
taxes, currency trades, forwards and rounding are rows of their own. Definitions: ``docs/formulas/book-attribution.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.measures.attribution.brinson import Interaction, Method
from argosy.measures.attribution.inputs import UndefinedEffect, weights_sum_to_one
from argosy.measures.attribution.line_periods import SegmentPeriods
from argosy.measures.attribution.linking import LinkMethod, coefficients

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
OffBenchmark = Literal["selection", "allocation"]
EFFECTS = ("allocation", "selection", "interaction", "trading", "other")
CASH_SEGMENT = "cash"


@dataclass(frozen=True, eq=False)
class BenchmarkSegments:
    """Weights and returns (P, S) of a benchmark's segments at the start of and over each period; ``total`` (P,)."""

    names: tuple[str, ...]
    weights: Float64
    returns: Float64
    before: Int64
    days: Int64

    @property
    def total(self) -> Float64:
        """Return of the benchmark in each period."""
        return np.asarray((self.weights * self.returns).sum(axis=1))


@dataclass(frozen=True, eq=False)
class BookEffects:
    """Effects per period and segment, shape (P, S), by name in ``effects``; arrays of one order of ``names``.

    Arithmetic: all effects of a period sum to ``portfolio - benchmark``. Geometric: (1 + allocation)(1 + the rest) =
    (1 + portfolio)/(1 + benchmark).
    """

    names: tuple[str, ...]
    before: Int64
    days: Int64
    weights: Float64
    benchmark_weights: Float64
    contributions: Float64
    benchmark_returns: Float64
    effects: dict[str, Float64]
    portfolio: Float64
    benchmark: Float64
    geometric: bool = False

    @property
    def active(self) -> Float64:
        """Active return of each period."""
        if self.geometric:
            return np.asarray((1.0 + self.portfolio) / (1.0 + self.benchmark) - 1.0)
        return np.asarray(self.portfolio - self.benchmark)

    @property
    def total(self) -> Float64:
        """All effects of a period put together; :attr:`active` to rounding."""
        sums = {name: values.sum(axis=1) for name, values in self.effects.items()}
        if self.geometric:
            rest = sum((sums[name] for name in EFFECTS if name != "allocation"), np.zeros(len(self.days)))
            return np.asarray((1.0 + sums["allocation"]) * (1.0 + rest) - 1.0)
        return np.asarray(sum(sums.values(), np.zeros(len(self.days))))

    def linked(self, method: LinkMethod = "carino") -> LinkedBook:
        """The effects of the whole span (geometric ones by segment are shares of totals that compound)."""
        whole = float(np.prod(1.0 + self.portfolio)) - 1.0
        base = float(np.prod(1.0 + self.benchmark)) - 1.0
        if self.geometric:
            kinds = {name: values.sum(axis=1) for name, values in self.effects.items()}
            rest = sum((kinds[name] for name in EFFECTS if name != "allocation"), np.zeros(len(self.days)))
            # Each segment's share of its effect's compounded total, by Carino's coefficients of that total.
            scale = {"allocation": _smooth(kinds["allocation"]), "rest": _smooth(rest)}
            found = {
                name: (values * scale["allocation" if name == "allocation" else "rest"][:, None]).sum(axis=0)
                for name, values in self.effects.items()
            }
            active = (1.0 + whole) / (1.0 + base) - 1.0
            return LinkedBook(self.names, found, whole, base, active, np.ones(len(self.days)), geometric=True)
        weights = coefficients(self.portfolio, self.benchmark, method=method)
        found = {name: weights @ values for name, values in self.effects.items()}
        return LinkedBook(self.names, found, whole, base, whole - base, weights)


@dataclass(frozen=True, eq=False)
class LinkedBook:
    """Effects of the whole span by name, each (S,), that sum (geometric: compound) to ``active``."""

    names: tuple[str, ...]
    effects: dict[str, Float64]
    portfolio: float
    benchmark: float
    active: float
    coefficients: Float64
    geometric: bool = False

    @property
    def total(self) -> float:
        """All effects put together."""
        sums = {name: float(values.sum()) for name, values in self.effects.items()}
        if self.geometric:
            rest = sum(value for name, value in sums.items() if name != "allocation")
            return (1.0 + sums["allocation"]) * (1.0 + rest) - 1.0
        return sum(sums.values())


def _smooth(effects: Float64) -> Float64:
    from argosy.measures.performance.linking import carino_coefficients

    return carino_coefficients(effects)


def book_effects(
    mine: SegmentPeriods,
    bench: BenchmarkSegments,
    *,
    method: Method = "brinson-fachler",
    interaction: Interaction = "separate",
    off_benchmark: OffBenchmark = "selection",
    trading: bool = True,
    geometric: bool = False,
) -> BookEffects:
    """Split the active return of each period by segment.

    Answers: where and by which decision did we differ from the benchmark, and what did trading and charges cost?

    Parameters
    ----------
    mine : segments of the book (P periods)
    bench : segments of the benchmark over the same periods
    off_benchmark : whether the whole bet on a segment outside the benchmark is selection or allocation. Cash outside
        the benchmark is always allocation: holding it is not choosing inside it.
    trading : True shows what trades inside a period made apart (transaction-based), False leaves it in selection

    Returns
    -------
    BookEffects
        Identity: effects of a period sum to portfolio - benchmark within 1e-12 (geometric: compound to the ratio).

    Notes
    -----
    allocation (w - W)(R_s - R), selection W (h/w - R_s), interaction (w - W)(h/w - R_s) with h what the holdings of the
    start made; trading and the own lines stand as they are. Source: Brinson & Fachler (1985); Bacon (2008) ch. 5-6.
    """
    if not np.array_equal(mine.days, bench.days):
        raise InvalidInput("book and benchmark do not have the same periods", field="benchmark",
                           next_step="match them first")  # fmt: skip
    weights_sum_to_one("benchmark weights", bench.weights)
    names = tuple(dict.fromkeys((*mine.names, *bench.names)))
    periods = len(mine.days)

    def spread(given: Float64, labels: Sequence[str]) -> Float64:
        wide = np.zeros((periods, len(names)))
        wide[:, [names.index(one) for one in labels]] = given
        return wide

    w, held, traded = (spread(one, mine.names) for one in (mine.weights, mine.held, mine.traded))
    big_w, r_bench = spread(bench.weights, bench.names), spread(bench.returns, bench.names)
    total = bench.total[:, None]
    known = big_w != 0.0
    own_return = np.where(w != 0.0, held / np.where(w != 0.0, w, 1.0), total)
    allocated = np.full(len(names), off_benchmark == "allocation")
    allocated |= np.array([name == CASH_SEGMENT for name in names])
    reference = np.where(known, r_bench, np.where(allocated & (w != 0.0), own_return, total))
    both = held - w * reference
    if not trading:
        both, traded = both + traded, np.zeros_like(traded)
    if geometric:
        effects = _geometric(w, big_w, reference, both, traded, total)
    else:
        judged = reference - total if method == "brinson-fachler" else reference
        allocation = (w - big_w) * judged
        ratio = np.where((w != 0.0) & known, big_w / np.where(w != 0.0, w, 1.0), np.where(known, 0.0, 1.0))
        if interaction == "separate":
            selection = np.where(known, ratio * both, both)
            crossed = both - selection
        elif interaction == "selection":
            selection, crossed = both, np.zeros_like(both)
        else:
            selection = np.where(known, ratio * both, both)
            allocation, crossed = allocation + both - selection, np.zeros_like(both)
        effects = {"allocation": allocation, "selection": selection, "interaction": crossed, "trading": traded}
    own = mine.own / (1.0 + (w * reference).sum(axis=1))[:, None] if geometric else mine.own
    earned = np.concatenate([held + spread(mine.traded, mine.names), mine.own], axis=1)
    extra = len(mine.own_names)
    blank = np.zeros((periods, extra))
    effects = {name: np.concatenate([values, blank], axis=1) for name, values in effects.items()}
    effects["other"] = np.concatenate([np.zeros((periods, len(names))), own], axis=1)
    return BookEffects(
        (*names, *mine.own_names), mine.before, mine.days, np.concatenate([w, blank], axis=1),
        np.concatenate([big_w, blank], axis=1), earned,
        np.concatenate([r_bench, blank], axis=1), effects, mine.returns, bench.total, geometric,
    )  # fmt: skip


def _geometric(
    w: Float64, big_w: Float64, reference: Float64, both: Float64, traded: Float64, total: Float64
) -> dict[str, Float64]:
    """Bacon's geometric effects on contributions: allocation against the benchmark, the rest on the notional fund."""
    notional = 1.0 + (w * reference).sum(axis=1, keepdims=True)
    for name, wealth in (("benchmark", 1.0 + total), ("portfolio at benchmark returns", notional)):
        if (wealth <= 0.0).any():
            raise UndefinedEffect(
                f"the {name} loses everything in period {int(np.argmax(wealth[:, 0] <= 0.0))}", field="benchmark",
                next_step="end the analysis before that period or use arithmetic effects",
            )  # fmt: skip
    allocation = (w - big_w) * ((1.0 + reference) / (1.0 + total) - 1.0)
    return {
        "allocation": allocation, "selection": both / notional, "interaction": np.zeros_like(both),
        "trading": traded / notional,
    }  # fmt: skip
