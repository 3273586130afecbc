"""Each limit's number against its own rows and cones: where a limit binds, the number stands at the bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData, UnknownName
from argosy.base.limits import Limit, parse_limit
from argosy.construction.optimize.face import optimize
from argosy.measures.limits.compiling import betas, compile_limits, measured
from argosy.measures.limits.universe import Universe
from argosy.measures.risk.convex.catalogue import level_of
from argosy.models.moments.covariance import DenseCovariance, FactorCovariance
from tests.kernels.universes import universe

U = universe(12)
S = FactorCovariance(U.factors, U.specific)
RNG = np.random.default_rng(2)
RETURNS = RNG.normal(0.0, 0.01, (200, 12)) + RNG.normal(0.0, 0.01, (200, 1))
DURATION = RNG.uniform(1.0, 9.0, 12)
GIVEN: dict[str, Any] = {
    "names": [f"N{i}" for i in range(12)], "holdings": U.holdings, "benchmark": U.benchmark,
    "attributes": {
        "sector": ["ABC"[i] for i in U.sectors], "country": ["US", "DE"] * 6, "duration": DURATION,
        "volume": [0.01] * 12,
    },
}  # fmt: skip
PLACE = Universe(tuple(GIVEN["names"]), GIVEN["attributes"], U.holdings, U.benchmark)


@pytest.mark.parametrize(
    ("text", "long_only"),
    [
        ("weight of each <= 20%", True), ("weight of N3 >= 9%", True), ("weight of sector=A <= 20%", True),
        ("weight of sector=each & country=each <= 19%", True), ("active weight of each within 3%", True),
        ("active weight of sector=each within 2%", True), ("trade of each <= 3%", True),
        ("trade of sector=A <= 1%", True),
        ("days to trade of each <= 4", True), ("net = 90%", True), ("cash >= 5%", True), ("gross <= 140%", False),
        ("long <= 120%", False), ("short <= 15%", False), ("turnover <= 20%", True), ("volatility <= 18%", True),
        ("tracking error <= 4%", True), ("cvar of 90% <= 1.9%", True), ("beta >= 1.05", True),
        ("exposure of duration between 3 and 4", True), ("active exposure of duration within 0.2", True),
    ],
)  # fmt: skip
def test_the_solver_stops_where_the_number_says(text: str, long_only: bool) -> None:
    limit = parse_limit(text)
    others = [] if long_only else ["weight of each between -30% and 60%"]
    if not long_only and limit.measure != "gross":
        others.append("gross <= 200%")
    found = optimize(
        "maximum return", expected_returns=U.mu - 0.004 * DURATION, covariance=S, returns=RETURNS,
        limits=[limit, *others], long_only=long_only, **GIVEN,
    )  # fmt: skip
    numbers = [value for _, value in measured(limit, found.weights, PLACE, S, RETURNS)]
    low = -np.inf if limit.low is None else limit.low
    high = np.inf if limit.high is None else limit.high
    assert all(low - 1e-7 <= value <= high + 1e-7 for value in numbers)
    assert min(min(abs(value - low), abs(value - high)) for value in numbers) < 2e-6
    if limit.low != limit.high:
        assert any(item.limit == limit for item in found.binding)


def test_soft_boxes_and_counts() -> None:
    compiled = compile_limits(
        [parse_limit("weight of each <= 5% soft 1%"), parse_limit("names between 3 and 9"), parse_limit("names <= 7"),
         parse_limit("position >= 2%")], PLACE, S,
    )  # fmt: skip
    assert compiled.rows.columns.shape == (12, 12)
    assert np.isfinite(compiled.rows.price).all()
    assert compiled.chooses
    w = np.zeros(12)
    w[:3] = [0.5, 0.3, 0.2]
    assert measured(parse_limit("names <= 7"), w, PLACE, S) == [("names", 3.0)]
    assert measured(parse_limit("position >= 2%"), w, PLACE, S)[0] == ("position of N0", 0.5)
    assert [round(value, 9) for _, value in measured(parse_limit("weight of country=each <= 90%"), w, PLACE, S)] == [
        0.3,
        0.7,
    ]


def test_beta_of_the_benchmark_is_one() -> None:
    assert float(betas(PLACE, S, "beta") @ U.benchmark) == pytest.approx(1.0)
    np.testing.assert_allclose(betas(PLACE, DenseCovariance(U.covariance), "beta"), betas(PLACE, S, "beta"))


def test_what_is_not_there() -> None:
    bare = Universe(("A", "B"))
    with pytest.raises(MissingData, match="needs a covariance"):
        compile_limits([parse_limit("volatility <= 5%")], bare, None)
    with pytest.raises(MissingData, match="needs a covariance"):
        betas(Universe(("A",), benchmark=np.ones(1)), None, "beta <= 1")
    with pytest.raises(UnknownName, match="unknown asset 'C'"):
        bare.place("C")
    with pytest.raises(InvalidInput, match="confidence level"):
        level_of("often")
    with pytest.raises(UnknownName, match="unknown attribute"):
        compile_limits([Limit("exposure", "duration", high=1.0)], bare, None)
    with pytest.raises(UnknownName, match="unknown asset 'Z'"):
        bare.groups("Z")
    with pytest.raises(InvalidInput, match="is not numeric: 'x'"):
        Universe(("A",), {"duration": ["x"]}).numbers("duration")
