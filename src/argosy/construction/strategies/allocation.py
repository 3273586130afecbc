"""Capital for strategies: equal, inverse volatility, by risk budget, fraction of Kelly, by views, under capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, InvalidInput, unknown
from argosy.base.limits import Limit
from argosy.construction.optimize.face import optimize
from argosy.construction.rebalance.checks import Float64, finite, weights_of
from argosy.models.moments.black_litterman import View, black_litterman
from argosy.models.moments.covariance import Covariance, as_covariance

METHODS = ("equal", "inverse volatility", "risk budget", "kelly", "views", "hierarchical")
SUM_TOLERANCE = 1e-8


class CapacityTooSmall(ArgosyError):
    """All strategies together cannot take the capital."""

    code = "infeasible"


@dataclass(frozen=True, eq=False)
class StrategyWeights:
    """Capital weights (N) that sum to one, what share of the risk each has, and what holds it back.

    ``capped`` are the strategies at their capacity; ``leverage`` is what a method would hold before its weights are
    brought to one (Kelly only; 1 elsewhere). Weights depend on budgets and risk, not on a target for volatility: how
    much to hold of the whole is a decision of its own.
    """

    names: tuple[str, ...]
    weights: Float64
    risk_share: Float64
    volatility: float
    capped: tuple[str, ...]
    leverage: float
    method: str


def allocate(
    method: str, names: Sequence[str], covariance: npt.ArrayLike, *, expected_returns: npt.ArrayLike | None = None,
    budgets: npt.ArrayLike | None = None, capacity: npt.ArrayLike | None = None, fraction: float = 0.5,
    views: Sequence[View] = (), risk_aversion: float = 3.0,
) -> StrategyWeights:  # fmt: skip
    """Capital weights of strategies (N) with a covariance of their returns (N x N), under capacity caps (N, weights).

    "risk budget" takes ``budgets`` that sum to one (default: equal risk); "kelly" takes ``fraction`` of
    ``V^-1 mu`` (Thorp 2006), long only; "views" starts from equal weights as the equilibrium and moves by the views
    (Black-Litterman). What a cap takes away goes to the others in proportion to their uncapped weights.

    Raises
    ------
    CapacityTooSmall
        When the caps sum to less than one.

    Examples
    --------
    >>> V = [[0.0144, 0.0036, 0.0012], [0.0036, 0.0324, 0.009], [0.0012, 0.009, 0.0625]]
    >>> found = allocate("risk budget", ["A", "B", "C"], V)
    >>> found.weights.round(4).tolist(), found.risk_share.round(4).tolist()
    ([0.4784, 0.2952, 0.2264], [0.3333, 0.3333, 0.3333])
    """
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    belief = as_covariance(covariance)
    size = len(names)
    if belief.size != size:
        raise InvalidInput(f"covariance is of {belief.size} strategies, {size} are named", field="covariance")
    leverage = 1.0
    if method == "kelly":
        wanted, leverage = _kelly(names, belief, expected_returns, fraction)
    elif method == "views":
        wanted = _views(names, belief, views, risk_aversion)
    elif method == "risk budget":
        shares = None if budgets is None else _budgets(budgets, size)
        wanted = optimize("risk parity", covariance=belief, names=names, budgets=shares).weights
    else:
        model = {"equal": "equal", "inverse volatility": "inverse volatility"}.get(method, "hierarchical risk parity")
        wanted = optimize(model, covariance=belief, names=names).weights
    capped: tuple[str, ...] = ()
    if capacity is not None:
        caps = finite("capacity", capacity, size=size, least=0.0)
        wanted = cap_weights(wanted, caps)
        capped = tuple(name for name, weight, cap in zip(names, wanted, caps, strict=True) if weight >= cap - 1e-12)
    matrix = belief.dense()
    pull = wanted * (matrix @ wanted)
    variance = float(pull.sum())
    share = pull / variance if variance > 0.0 else np.full(size, 1.0 / size)
    return StrategyWeights(tuple(names), wanted, share, float(np.sqrt(max(variance, 0.0))), capped, leverage, method)


def _budgets(budgets: npt.ArrayLike, size: int) -> Float64:
    found = finite("budgets", budgets, size=size)
    if (found < 0.0).any():
        raise InvalidInput(f"a risk budget is {found.min():g}", field="budgets", found=float(found.min()),
                           expected="0 or more")  # fmt: skip
    if abs(float(found.sum()) - 1.0) > SUM_TOLERANCE:
        raise InvalidInput(f"the risk budgets sum to {found.sum():g}", field="budgets", found=float(found.sum()),
                           expected="1", next_step="divide them by their sum if they are meant as parts")  # fmt: skip
    return found


def _kelly(
    names: Sequence[str], belief: Covariance, expected_returns: npt.ArrayLike | None, fraction: float
) -> tuple[Float64, float]:
    if expected_returns is None:
        raise InvalidInput("Kelly weights need expected returns", field="expected_returns",
                           next_step="give the excess return of each strategy a year")  # fmt: skip
    if not 0.0 < fraction <= 1.0:
        raise InvalidInput(f"the fraction of Kelly is {fraction}", field="fraction", found=fraction,
                           expected="above 0, up to 1")  # fmt: skip
    mu = finite("expected_returns", expected_returns, size=len(names))
    if not (mu > 0.0).any():
        raise InvalidInput("no strategy is expected to earn anything", field="expected_returns",
                           next_step="hold cash, or revise the forecasts")  # fmt: skip
    # max mu'w - w'Vw/2 over w >= 0 is Kelly's growth to second order; its scale is the leverage.
    full = optimize(
        "utility", covariance=belief, expected_returns=mu, names=names, risk_aversion=1.0,
        limits=[Limit("net", low=0.0, high=1e6)],
    ).weights  # fmt: skip
    total = float(full.sum())
    return full / total, fraction * total


def _views(names: Sequence[str], belief: Covariance, views: Sequence[View], risk_aversion: float) -> Float64:
    if not views:
        raise InvalidInput("there is no view", field="views", next_step="give at least one, or use equal weights")
    size = len(names)
    prior = np.full(size, 1.0 / size)
    posterior = black_litterman(belief, names=list(names), views=views, market=prior, risk_aversion=risk_aversion)
    return optimize(
        "utility", covariance=belief, expected_returns=posterior.mean, names=names, risk_aversion=risk_aversion,
    ).weights  # fmt: skip


def cap_weights(target: npt.ArrayLike, cap: npt.ArrayLike) -> Float64:
    """Weights clipped at caps (N), what is left going to the others in proportion to their targets, until it fits.

    Each round caps at least one more, so there are at most N of them.

    Examples
    --------
    >>> cap_weights([0.5, 0.3, 0.2], [0.35, 0.5, 0.5]).round(4).tolist()
    [0.35, 0.39, 0.26]
    """
    wanted = weights_of("target", target)
    most = finite("cap", cap, size=wanted.size, least=0.0)
    if float(most.sum()) < 1.0 - SUM_TOLERANCE:
        raise CapacityTooSmall(
            f"the caps sum to {most.sum():.4g}", field="cap", found=float(most.sum()), expected="1 or more",
            next_step="raise a cap, add a strategy, or hold the rest in cash",
        )  # fmt: skip
    full = np.zeros(wanted.size, dtype=np.bool_)
    found = wanted.copy()
    while (found > most + 1e-15).any():
        full |= found > most + 1e-15
        found = np.where(full, most, 0.0)
        rest, parts = 1.0 - float(found.sum()), np.where(full, 0.0, wanted)
        if not parts.any():
            # Those with a target are full: the rest goes where there is room, in proportion to it.
            room = np.where(full, 0.0, most)
            return found + (room * (rest / float(room.sum())) if room.any() else 0.0)
        found = found + parts * (rest / float(parts.sum()))
    return found
