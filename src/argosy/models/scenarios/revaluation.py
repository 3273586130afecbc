"""Full revaluation of options, bonds and forwards in scenarios, and delta-gamma checked against it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData
from argosy.kernels.distributions import normal_cdf, normal_density
from argosy.models.moments.observations import floats

Float64 = npt.NDArray[np.float64]
Kind = Literal["call", "put"]


def _given(**inputs: npt.ArrayLike | None) -> dict[str, Float64]:
    out = {}
    for name, value in inputs.items():
        if value is None:
            raise MissingData(f"the {name} is missing, so the instrument cannot be valued", field=name,
                              next_step=f"give the {name}, or leave the instrument out by name")  # fmt: skip
        array = floats(value, name)
        if not np.isfinite(array).all():
            raise MissingData(f"the {name} has values that are missing or infinite", field=name)
        out[name] = array
    try:
        # Cash flows and yields of a bond are lists of their own length; what an option takes lines up.
        if "strike" in out:
            np.broadcast_shapes(*(array.shape for array in out.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in out.items() if array.ndim)
        raise InvalidInput(f"the inputs do not line up: {shapes}", field="spot", expected="shapes that fit") from None
    return out


def _positive(name: str, values: Float64, *, least: float = 0.0) -> None:
    if (values <= least).any() if least == 0.0 else (values < least).any():
        raise InvalidInput(f"the {name} falls to {float(values.min()):.6g}", field=name, found=float(values.min()),
                           expected=f"above {least:g}", next_step="bound the scenario's shock")  # fmt: skip


def black_scholes(
    spot: npt.ArrayLike | None, *, strike: npt.ArrayLike | None, years: npt.ArrayLike | None,
    volatility: npt.ArrayLike | None, rate: npt.ArrayLike | None, dividend: npt.ArrayLike = 0.0, kind: Kind = "call",
) -> Float64:  # fmt: skip
    """European option values (Black and Scholes 1973; Merton 1973), arrays broadcast together.

    ``rate`` and ``dividend`` are continuous per year, ``years`` to expiry (0 or less gives what it pays).

    Examples
    --------
    >>> round(float(black_scholes(100.0, strike=100.0, years=1.0, volatility=0.2, rate=0.05)), 6)
    10.450584
    """
    g = _given(spot=spot, strike=strike, years=years, volatility=volatility, rate=rate, dividend=dividend)
    _positive("spot", g["spot"])
    _positive("strike", g["strike"])
    _positive("volatility", g["volatility"])
    sign = _sign(kind)
    years_left = np.maximum(g["years"], 0.0)
    paid = np.maximum(sign * (g["spot"] - g["strike"]), 0.0)
    d1, d2, forward, bond = _terms(g, np.maximum(years_left, 1e-12))
    value = sign * (forward * normal_cdf(sign * d1) - bond * normal_cdf(sign * d2))
    return np.asarray(np.where(years_left > 0.0, value, paid))


def option_greeks(
    spot: npt.ArrayLike | None, *, strike: npt.ArrayLike | None, years: npt.ArrayLike | None,
    volatility: npt.ArrayLike | None, rate: npt.ArrayLike | None, dividend: npt.ArrayLike = 0.0, kind: Kind = "call",
) -> tuple[Float64, Float64]:  # fmt: skip
    """Delta and gamma of European options, per unit of spot.

    Examples
    --------
    >>> delta, gamma = option_greeks(100.0, strike=100.0, years=1.0, volatility=0.2, rate=0.05)
    >>> round(float(delta), 6), round(float(gamma), 6)
    (0.636831, 0.018762)
    """
    g = _given(spot=spot, strike=strike, years=years, volatility=volatility, rate=rate, dividend=dividend)
    for name in ("spot", "strike", "years", "volatility"):
        _positive(name, g[name])
    sign = _sign(kind)
    d1, _, forward, _ = _terms(g, g["years"])
    grown = forward / g["spot"]
    delta = sign * grown * normal_cdf(sign * d1)
    gamma = grown * normal_density(d1) / (g["spot"] * g["volatility"] * np.sqrt(g["years"]))
    return np.asarray(delta), np.asarray(gamma)


def _sign(kind: str) -> float:
    if kind not in ("call", "put"):
        raise InvalidInput(f"there is no option {kind!r}", field="kind", found=kind, expected="call or put")
    return 1.0 if kind == "call" else -1.0


def _terms(g: dict[str, Float64], years: Float64) -> tuple[Float64, Float64, Float64, Float64]:
    spread = g["volatility"] * np.sqrt(years)
    d1 = (np.log(g["spot"] / g["strike"]) + (g["rate"] - g["dividend"]) * years) / spread + 0.5 * spread
    return d1, d1 - spread, g["spot"] * np.exp(-g["dividend"] * years), g["strike"] * np.exp(-g["rate"] * years)


def bond_value(
    flows: npt.ArrayLike, years: npt.ArrayLike, *, yields: npt.ArrayLike | None, per_year: int = 1
) -> Float64:
    """Value of dated payments at each yield (...,): ``sum of c_k (1 + y / m)^(-m t_k)``.

    Parameters
    ----------
    flows, years : (C,) payments and their times in years, above 0
    yields : any shape; compounded ``per_year`` times

    Examples
    --------
    >>> bond_value([5.0, 5.0, 105.0], [1.0, 2.0, 3.0], yields=[0.05, 0.06]).round(6).tolist()
    [100.0, 97.326988]
    """
    g = _given(flows=flows, years=years, yields=yields)
    if g["flows"].ndim != 1 or g["flows"].shape != g["years"].shape:
        raise InvalidInput(f"flows are {g['flows'].shape}, years {g['years'].shape}", field="flows", expected="(C,)")
    if per_year < 1:
        raise InvalidInput(f"per_year is {per_year}", field="per_year", found=per_year, expected="1 or more")
    _positive("years", g["years"])
    growth = 1.0 + g["yields"] / per_year
    _positive("1 + yield / per_year", growth)
    return np.asarray(np.exp(-per_year * np.log(growth)[..., None] * g["years"]) @ g["flows"])


def forward_value(
    spot: npt.ArrayLike | None, *, strike: npt.ArrayLike | None, years: npt.ArrayLike | None,
    rate: npt.ArrayLike | None, carry: npt.ArrayLike = 0.0,
) -> Float64:  # fmt: skip
    """Value of a bought forward: ``S exp(-q T) - K exp(-r T)``; ``carry`` q is the dividend yield or foreign rate.

    Examples
    --------
    >>> round(float(forward_value(1.10, strike=1.10, years=1.0, rate=0.04, carry=0.02)), 6)
    0.02135
    """
    g = _given(spot=spot, strike=strike, years=years, rate=rate, carry=carry)
    _positive("spot", g["spot"])
    return np.asarray(g["spot"] * np.exp(-g["carry"] * g["years"]) - g["strike"] * np.exp(-g["rate"] * g["years"]))


@dataclass(frozen=True)
class Option:
    """A position of European options on the asset in column ``asset``, as they stand today."""

    asset: int
    quantity: float
    spot: float
    strike: float
    years: float
    volatility: float | None
    rate: float | None
    dividend: float = 0.0
    kind: Kind = "call"

    def value(self, spot: npt.ArrayLike, *, years: float) -> Float64:
        """Value of the whole position at these spots with ``years`` to expiry."""
        return self.quantity * black_scholes(
            spot, strike=self.strike, years=years, volatility=self.volatility, rate=self.rate, dividend=self.dividend,
            kind=self.kind,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Revalued:
    """Profit of money in assets (N,) and options on them, every option valued anew in every scenario.

    ``horizon_years`` passes in each scenario: options lose that much of their life.

    Examples
    --------
    >>> book = Revalued(np.array([100.0]), (Option(0, -1.0, 100.0, 100.0, 0.25, 0.2, 0.0),))
    >>> book(np.array([[0.0], [-0.1]])).round(4).tolist()
    [0.0, -6.7246]
    """

    exposures: Float64
    options: tuple[Option, ...] = ()
    horizon_years: float = 0.0

    def __call__(self, returns: Float64) -> Float64:
        """Profits (B,) in scenarios of returns (B, N)."""
        out = np.asarray(returns @ self.exposures)
        for option in self.options:
            spot = option.spot * (1.0 + returns[:, option.asset])
            out += option.value(spot, years=option.years - self.horizon_years)
            out -= float(option.value(option.spot, years=option.years))
        return out

    def delta_gamma(self) -> DeltaGamma:
        """The quadratic approximation around today; the passing of time enters as its exact value at today's spot."""
        linear, square = np.array(self.exposures, dtype=np.float64), np.zeros(len(self.exposures))
        drift = 0.0
        for o in self.options:
            delta, gamma = option_greeks(
                o.spot, strike=o.strike, years=o.years, volatility=o.volatility, rate=o.rate, dividend=o.dividend,
                kind=o.kind,
            )  # fmt: skip
            linear[o.asset] += o.quantity * float(delta) * o.spot
            square[o.asset] += o.quantity * float(gamma) * o.spot**2
            drift += float(o.value(o.spot, years=o.years - self.horizon_years) - o.value(o.spot, years=o.years))
        return DeltaGamma(drift, linear, square)


@dataclass(frozen=True, eq=False)
class DeltaGamma:
    """Profit ``drift + d'r + g'r^2 / 2`` per scenario, d and g (N,) in money."""

    drift: float
    linear: Float64
    square: Float64

    def __call__(self, returns: Float64) -> Float64:
        """Profits (B,) in scenarios of returns (B, N)."""
        return np.asarray(self.drift + returns @ self.linear + 0.5 * (returns * returns) @ self.square)


@dataclass(frozen=True)
class ApproximationCheck:
    """How far delta-gamma is from full revaluation on the same scenarios, in the unit of profits.

    ``tail_error`` is the largest difference among the full tail's scenarios, ``relative`` that over the full tail's
    edge; ``sufficient`` says whether it is within the tolerance. Where it is not, only full revaluation may be used.
    """

    tail_error: float
    largest_error: float
    relative: float
    tolerance: float
    sufficient: bool


def check_delta_gamma(
    book: Revalued, returns: npt.ArrayLike, *, share: float = 0.01, tolerance: float = 0.05
) -> ApproximationCheck:
    """Compare delta-gamma with full revaluation over scenarios (B, N), in the worst ``share`` of them.

    Examples
    --------
    >>> book = Revalued(np.zeros(1), (Option(0, -1.0, 100.0, 130.0, 0.1, 0.2, 0.0),))
    >>> check_delta_gamma(book, np.linspace(-0.4, 0.4, 801)[:, None]).sufficient
    False
    """
    r = np.asarray(returns, dtype=np.float64)
    if r.ndim != 2 or not 0.0 < share < 1.0 or r.shape[0] * share < 1.0:
        raise InvalidInput(f"{r.shape} scenarios and a share of {share}", field="returns",
                           expected="(B, N) with at least one scenario in the share")  # fmt: skip
    full, short = book(r), book.delta_gamma()(r)
    apart = np.abs(full - short)
    count = math.ceil(r.shape[0] * share - 1e-9)
    worst = np.argpartition(full, count - 1)[:count]
    edge = abs(float(full[worst].max()))
    tail = float(apart[worst].max())
    relative = tail / edge if edge > 0.0 else math.inf if tail > 0.0 else 0.0
    return ApproximationCheck(tail, float(apart.max()), relative, tolerance, relative <= tolerance)
