"""Strategies looked through to what they hold: overlap, gross and net, and who adds what to the risk of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.construction.rebalance.checks import Float64
from argosy.models.moments.covariance import Covariance, as_covariance


@dataclass(frozen=True, eq=False)
class LookThrough:
    """Holdings of all strategies on one list of names, as fractions of the whole portfolio.

    ``by_strategy`` is S x N, ``net`` (N) its sum: a name long in one strategy and short in another nets out. ``gross``
    is the sum of absolute holdings strategy by strategy, ``net_gross`` that of the netted ones.
    """

    strategies: tuple[str, ...]
    names: tuple[str, ...]
    by_strategy: Float64

    @property
    def net(self) -> Float64:
        """Holdings of the whole."""
        return np.asarray(self.by_strategy.sum(axis=0))

    @property
    def gross(self) -> float:
        """Sum of absolute holdings, strategy by strategy."""
        return float(np.abs(self.by_strategy).sum())

    @property
    def net_gross(self) -> float:
        """Sum of absolute holdings of the whole."""
        return float(np.abs(self.net).sum())

    @property
    def offsetting(self) -> tuple[str, ...]:
        """Names held long by one strategy and short by another."""
        both = (self.by_strategy > 0.0).any(axis=0) & (self.by_strategy < 0.0).any(axis=0)
        return tuple(np.array(self.names, dtype=object)[both].tolist())


def look_through(holdings: Mapping[str, Mapping[str, float]], capital: Mapping[str, float]) -> LookThrough:
    """Holdings per strategy (weights of its own value) times its share of capital, on one list of names.

    Names are those of the book: one instrument under two identifiers is one name there, so it nets here.

    Examples
    --------
    >>> found = look_through({"A": {"X": 1.0}, "B": {"X": -0.5, "Y": 1.5}}, {"A": 0.5, "B": 0.5})
    >>> found.net.tolist(), found.gross, found.net_gross, found.offsetting
    ([0.25, 0.75], 1.5, 1.0, ('X',))
    """
    if set(holdings) != set(capital):
        odd = sorted(set(holdings) ^ set(capital))
        raise InvalidInput(f"strategy {odd[0]!r} has holdings or capital, not both", field="capital")
    names = tuple(dict.fromkeys(name for held in holdings.values() for name in held))
    rows = np.array([[capital[one] * held.get(name, 0.0) for name in names] for one, held in holdings.items()],
                    dtype=np.float64).reshape(len(holdings), len(names))  # fmt: skip
    if not np.isfinite(rows).all():
        raise InvalidInput("a holding or a share of capital is not finite", field="holdings")
    return LookThrough(tuple(holdings), names, rows)


def overlap(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Sum of the smaller weights of two long-only strategies: one less their active share (Cremers & Petajisto 2009).

    Examples
    --------
    >>> round(overlap({"X": 0.5, "Y": 0.3, "Z": 0.2}, {"Y": 0.4, "Z": 0.1, "W": 0.5}), 10)
    0.4
    """
    for held in (first, second):
        low = min(held.values(), default=0.0)
        if low < 0.0:
            raise InvalidInput("overlap is of long-only strategies", field="holdings", found=low,
                               next_step="look at gross and net for strategies that short")  # fmt: skip
    return float(sum(min(weight, second.get(name, 0.0)) for name, weight in first.items()))


def overlaps(holdings: Mapping[str, Mapping[str, float]]) -> Float64:
    """Overlap of each pair of strategies (S x S)."""
    rows = list(holdings.values())
    found = np.array([[overlap(one, other) for other in rows] for one in rows], dtype=np.float64)
    return found.reshape(len(rows), len(rows))


@dataclass(frozen=True, eq=False)
class SharedRisk:
    """Volatility of the whole and what each strategy adds to it; ``contribution`` (S) sums to ``volatility``.

    ``alone`` (S) is what each would have alone at its capital; ``diversification`` their sum over the volatility.
    """

    strategies: tuple[str, ...]
    volatility: float
    contribution: Float64
    alone: Float64

    @property
    def share(self) -> Float64:
        """Contributions as fractions of the whole."""
        return self.contribution / self.volatility

    @property
    def diversification(self) -> float:
        """Sum of the volatilities alone over that of the whole (Choueifaty & Coignard 2008)."""
        return float(self.alone.sum()) / self.volatility


def shared_risk(found: LookThrough, covariance: Covariance | npt.ArrayLike) -> SharedRisk:
    """Who adds what to the volatility of the whole, by Euler, from looked-through holdings and a covariance (N x N).

    Source: Litterman (1996), "Hot spots and hedges".
    """
    belief = as_covariance(covariance)
    if belief.size != len(found.names):
        raise InvalidInput(f"covariance is of {belief.size} names, {len(found.names)} are held", field="covariance")
    pull = belief.times(found.net)
    variance = float(found.net @ pull)
    if variance <= 0.0:
        raise InvalidInput("the whole has no risk to share", field="covariance", found=variance)
    volatility = float(np.sqrt(variance))
    alone = np.array([np.sqrt(max(float(row @ belief.times(row)), 0.0)) for row in found.by_strategy])
    return SharedRisk(found.strategies, volatility, found.by_strategy @ pull / volatility, alone)


def strategy_risk(names: Sequence[str], weights: npt.ArrayLike, covariance: npt.ArrayLike) -> SharedRisk:
    """The same from capital weights and the covariance of the strategies' own returns.

    Examples
    --------
    >>> V = [[0.0144, 0.0036, 0.0012], [0.0036, 0.0324, 0.009], [0.0012, 0.009, 0.0625]]
    >>> found = strategy_risk(["A", "B", "C"], [0.5, 0.3, 0.2], V)
    >>> round(found.volatility, 6), found.share.round(5).tolist(), round(found.diversification, 5)
    (0.106846, [0.37316, 0.35004, 0.2768], 1.53492)
    """
    share = np.array(weights, dtype=np.float64)
    if share.shape != (len(names),) or not np.isfinite(share).all():
        raise InvalidInput(f"weights has shape {share.shape}", field="weights", found=share.shape,
                           expected=f"({len(names)},), finite")  # fmt: skip
    return shared_risk(LookThrough(tuple(names), tuple(names), np.diag(share)), covariance)
