"""What each position adds to a risk: marginal, component and incremental, summing to the whole; losses are positive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.base.levels import confidence_level
from argosy.kernels.distributions import normal_density, normal_quantile
from argosy.kernels.tails import dense_tails, tail_rank
from argosy.models.moments.covariance import Covariance, as_covariance
from argosy.models.moments.observations import floats, observed

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Contributions:
    """A risk of a portfolio and its parts (N,), all in the same unit; a negative part is a hedge.

    ``marginal`` is the change of the risk per unit of weight, ``component`` = weight x marginal sums to ``total``,
    ``incremental`` is the risk minus the risk without the position (sold for cash).
    """

    measure: str
    total: float
    weights: Float64
    marginal: Float64
    component: Float64
    incremental: Float64
    convention: str

    @property
    def shares(self) -> Float64:
        """Component over total (N,); :class:`UndefinedMeasure` where there is no risk to share."""
        if self.total == 0.0:
            raise UndefinedMeasure(f"the {self.measure} is zero, so it has no shares", field=self.measure)
        return np.asarray(self.component / self.total)

    def by(self, groups: Sequence[str]) -> dict[str, float]:
        """Components summed by group, in the order in which groups first appear; they sum to ``total``.

        Examples
        --------
        >>> found = volatility_contributions([0.5, 0.5], [[0.04, 0.0], [0.0, 0.04]])
        >>> {name: round(value, 6) for name, value in found.by(["bonds", "bonds"]).items()}
        {'bonds': 0.141421}
        """
        if len(groups) != self.component.size:
            raise InvalidInput(f"{len(groups)} groups for {self.component.size} positions", field="groups")
        out: dict[str, float] = {}
        for name, value in zip(groups, self.component.tolist(), strict=True):
            out[name] = out.get(name, 0.0) + value
        return out


def volatility_contributions(weights: npt.ArrayLike, covariance: Covariance | npt.ArrayLike) -> Contributions:
    """Volatility of a portfolio and what each position adds: ``w_i (S w)_i / sigma`` (Litterman 1996).

    Parameters
    ----------
    weights : (N,) weights, or exposures in money
    covariance : factor-structured (never made dense) or (N, N); its period is the result's

    Examples
    --------
    >>> found = volatility_contributions([0.6, 0.4], [[0.04, 0.01], [0.01, 0.09]])
    >>> round(found.total, 6), found.component.round(6).tolist()
    (0.183303, [0.091652, 0.091652])
    """
    belief = as_covariance(covariance)
    w = _weights(weights, belief.size)
    spread = belief.times(w)
    total = math.sqrt(max(float(w @ spread), 0.0))
    marginal = spread / total if total > 0.0 else np.zeros(w.size)
    without = np.sqrt(np.maximum(total**2 - 2.0 * w * spread + w * w * belief.diagonal(), 0.0))
    return Contributions("volatility", total, w, marginal, w * marginal, total - without, "Euler, per period")


def tracking_error_contributions(
    weights: npt.ArrayLike, benchmark: npt.ArrayLike, covariance: Covariance | npt.ArrayLike
) -> Contributions:
    """Tracking error against a benchmark and what each active weight adds to it.

    Incremental: the tracking error minus that with the position at its benchmark weight.
    """
    belief = as_covariance(covariance)
    active = _weights(weights, belief.size) - _weights(benchmark, belief.size)
    found = volatility_contributions(active, belief)
    return Contributions(
        "tracking error", found.total, active, found.marginal, found.component, found.incremental,
        "Euler in active weights, per period",
    )  # fmt: skip


def normal_contributions(
    weights: npt.ArrayLike, covariance: Covariance | npt.ArrayLike, *, confidence: float,
    mean: npt.ArrayLike | None = None,
) -> tuple[Contributions, Contributions]:  # fmt: skip
    """Normal value at risk and expected shortfall, and what each position adds to them (Garman 1996).

    Examples
    --------
    >>> var, es = normal_contributions([0.6, 0.4], [[0.04, 0.01], [0.01, 0.09]], confidence=0.99)
    >>> round(var.total, 6), bool(abs(var.component.sum() - var.total) < 1e-15)
    (0.426427, True)
    """
    level = confidence_level(confidence)
    base = volatility_contributions(weights, covariance)
    drift = np.zeros(base.weights.size) if mean is None else _weights(mean, base.weights.size)
    z = float(normal_quantile(level))
    out = []
    for name, factor in (("value at risk", z), ("expected shortfall", float(normal_density(z)) / (1.0 - level))):
        marginal = factor * base.marginal - drift
        out.append(Contributions(
            name, factor * base.total - float(drift @ base.weights), base.weights, marginal, base.weights * marginal,
            factor * base.incremental - drift * base.weights, f"Euler, normal, confidence {level:g}",
        ))  # fmt: skip
    return out[0], out[1]


def tail_contributions(
    weights: npt.ArrayLike, returns: npt.ArrayLike, *, confidence: float, neighbors: int = 0
) -> tuple[Contributions, Contributions]:
    """Value at risk and expected shortfall over scenarios, and what each position adds to them.

    Parameters
    ----------
    weights : (N,)
    returns : (S, N), each row one scenario, equally likely
    neighbors : scenarios on either side of the one at risk over which its contributions are averaged (and scaled to
        sum to the value at risk); 0 takes the one scenario alone, which is exact and noisy

    Notes
    -----
    Component value at risk is the expected loss of the position given that the portfolio loses its value at risk;
    component shortfall that given a loss in the tail (Tasche 1999; Hallerbach 2003). O(S N).

    Examples
    --------
    >>> r = np.random.default_rng(1).normal(0.0, 0.01, (500, 3))
    >>> var, es = tail_contributions([0.5, 0.3, 0.2], r, confidence=0.95)
    >>> bool(np.allclose([var.component.sum(), es.component.sum()], [var.total, es.total]))
    True
    """
    level = confidence_level(confidence)
    r = observed(returns, least=10)
    w = _weights(weights, r.shape[1])
    mass = 1.0 - level
    at, beyond, _, by_at, by_beyond = dense_tails(r, w[None, :], mass)
    component = by_at[0]
    profits = r @ w
    rank, size = tail_rank(r.shape[0], mass)
    note = "the scenario at risk"
    if neighbors:
        if neighbors < 0:
            raise InvalidInput(f"neighbors is {neighbors}", field="neighbors", found=neighbors, expected="0 or more")
        order = np.argsort(profits, kind="stable")[max(rank - 1 - neighbors, 0) : rank + neighbors]
        smoothed = -w * r[order].mean(axis=0)
        whole = float(smoothed.sum())
        if abs(whole) < 0.1 * abs(float(at[0])):
            raise UndefinedMeasure("the neighbors' mean loss is nearly zero and cannot be scaled", field="neighbors",
                                   next_step="take fewer neighbors")  # fmt: skip
        component = smoothed * (float(at[0]) / whole)
        note = f"{order.size} scenarios around the one at risk"
    incremental = _without(profits, r, w, rank, size)
    safe = np.where(w == 0.0, 1.0, w)
    # Of a position not held the component is zero and the marginal is read off the scenarios.
    edge = np.argsort(profits, kind="stable")[:rank]
    shares = np.ones(rank)
    shares[-1] = size - (rank - 1)
    marginals = (
        np.where(w == 0.0, -r[edge[-1]], component / safe),
        np.where(w == 0.0, -(shares @ r[edge]) / size, by_beyond[0] / safe),
    )
    convention = f"Euler over {r.shape[0]} scenarios, confidence {level:g}"
    return (
        Contributions("value at risk", float(at[0]), w, marginals[0], component, float(at[0]) - incremental[0],
                      f"{convention}, {note}"),
        Contributions("expected shortfall", float(beyond[0]), w, marginals[1], by_beyond[0],
                      float(beyond[0]) - incremental[1], convention),
    )  # fmt: skip


def _without(profits: Float64, r: Float64, w: Float64, rank: int, size: float) -> tuple[Float64, Float64]:
    """Value at risk and shortfall of the portfolio without each position, a block of positions at a time."""
    at, beyond = np.empty(w.size), np.empty(w.size)
    block = max(1, 4_000_000 // r.shape[0])
    for first in range(0, w.size, block):
        part = slice(first, first + block)
        left = np.partition((profits[:, None] - r[:, part] * w[part]).T, rank - 1, axis=1)[:, :rank]
        at[part] = -left[:, -1]
        beyond[part] = -(left.sum(axis=1) + (size - rank) * left[:, -1]) / size
    return at, beyond


@dataclass(frozen=True, eq=False)
class FactorRisk:
    """Volatility by factor as exposure x factor volatility x correlation (K,), and the specific rest.

    ``contribution`` = ``exposure * volatility * correlation``; they and ``specific`` sum to ``total``.
    """

    total: float
    exposure: Float64
    volatility: Float64
    correlation: Float64
    contribution: Float64
    specific: float


def factor_risk(
    weights: npt.ArrayLike, loadings: npt.ArrayLike, factor_covariance: npt.ArrayLike, specific: npt.ArrayLike
) -> FactorRisk:
    """Split a portfolio's volatility by factor: x-sigma-rho (Menchero and Davis 2011).

    Parameters
    ----------
    weights : (N,) weights, or active weights for tracking error
    loadings : (N, K); factor_covariance : (K, K); specific : (N,) specific variances

    Examples
    --------
    >>> found = factor_risk([0.5, 0.5], [[1.0], [0.8]], [[0.04]], [0.01, 0.02])
    >>> round(found.total, 6), round(float(found.contribution[0] + found.specific), 6)
    (0.19975, 0.19975)
    """
    b = floats(loadings, "loadings")
    factors = as_covariance(factor_covariance)
    rest = floats(specific, "specific")
    w = _weights(weights, b.shape[0] if b.ndim == 2 else -1)
    if b.shape[1] != factors.size or rest.shape != w.shape:
        raise InvalidInput(
            f"loadings are {b.shape}, factors {factors.size}, specific variances {rest.shape}", field="loadings",
            expected="(N, K), (K, K) and (N,)",
        )  # fmt: skip
    if not (np.isfinite(b).all() and np.isfinite(rest).all() and (rest >= 0.0).all()):
        raise InvalidInput("loadings and specific variances must be finite, variances 0 or more", field="specific")
    x = b.T @ w
    spread = factors.times(x)
    own = float(w @ (rest * w))
    total = math.sqrt(max(float(x @ spread) + own, 0.0))
    if total == 0.0:
        raise UndefinedMeasure("the portfolio has no risk to split", field="weights")
    sigma = np.sqrt(factors.diagonal())
    correlation = np.where(sigma > 0.0, spread / (np.where(sigma > 0.0, sigma, 1.0) * total), 0.0)
    return FactorRisk(total, x, sigma, correlation, x * sigma * correlation, own / total)


@dataclass(frozen=True)
class Diversification:
    """How many independent risks a portfolio holds.

    ``ratio``: weighted mean volatility over portfolio volatility (Choueifaty and Coignard 2008); ``effective_bets``:
    exponential of the entropy of variance shares by principal component (Meucci 2009), between 1 and N.
    """

    ratio: float
    effective_bets: float


def diversification(weights: npt.ArrayLike, covariance: Covariance | npt.ArrayLike) -> Diversification:
    """Diversification ratio and effective number of bets; O(N^3) for the principal components.

    Where components have equal variance their axes, and with them the number of bets, are a matter of choice.

    Examples
    --------
    >>> found = diversification([0.5, 0.5], [[0.04, 0.01], [0.01, 0.05]])
    >>> round(found.ratio, 6), round(found.effective_bets, 6)
    (1.277223, 1.153946)
    """
    belief = as_covariance(covariance)
    w = _weights(weights, belief.size)
    variance = float(w @ belief.times(w))
    if variance <= 0.0:
        raise UndefinedMeasure("a portfolio without risk has no diversification", field="weights")
    values, vectors = np.linalg.eigh(belief.dense())
    shares = values * (vectors.T @ w) ** 2 / variance
    shares = shares[shares > 1e-15]
    bets = math.exp(-float((shares * np.log(shares)).sum()))
    return Diversification(float(np.abs(w) @ np.sqrt(belief.diagonal())) / math.sqrt(variance), bets)


def _weights(weights: npt.ArrayLike, size: int) -> Float64:
    w = floats(weights, "weights")
    if w.shape != (size,):
        raise InvalidInput(f"weights have shape {w.shape}", field="weights", found=w.shape, expected=f"({size},)")
    if not np.isfinite(w).all():
        raise InvalidInput(f"weight {int(np.argmin(np.isfinite(w)))} is not a finite number", field="weights")
    return w
