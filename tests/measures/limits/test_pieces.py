"""Intervals of weights that smallest positions, smallest trades and counts leave, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput
from argosy.base.limits import parse_limits
from argosy.kernels.choices import Choices
from argosy.measures.limits.compiling import compile_limits, measured
from argosy.measures.limits.pieces import SMALLEST, pieces
from argosy.measures.limits.universe import Universe
from argosy.models.moments.covariance import DenseCovariance

NAMES = ("A", "B", "C")
HELD = Universe(NAMES, {"sector": ["X", "Y", "X"], "lot": [0.01, 0.02, 0.03]}, np.array([0.5, 0.0, 0.02]))


def made(lines: str) -> Choices | None:
    limits = parse_limits(lines)
    compiled = compile_limits(limits, HELD, None)
    covariance = DenseCovariance(np.eye(3))
    none = np.zeros(3)
    form = compiled.form(covariance, aversion=1.0, linear=none, start=np.zeros(3), cost=none)
    return pieces(compiled, HELD, form)


def intervals(lines: str, asset: int) -> list[tuple[float, float]]:
    found = made(lines)
    assert found is not None
    mine = found.asset == asset
    return sorted(zip(found.low[mine].round(12).tolist(), found.high[mine].round(12).tolist(), strict=True))


def test_nothing_chooses() -> None:
    assert made("weight of each between 0% and 40%") is None


def test_a_smallest_position_leaves_zero_and_what_is_large_enough() -> None:
    assert intervals("weight of each between 0% and 40%\nposition >= 5%", 1) == [(0.0, 0.0), (0.05, 0.4)]
    both = "weight of each between -30% and 40%\nposition >= 5%"
    assert intervals(both, 1) == [(-0.3, -0.05), (0.0, 0.0), (0.05, 0.4)]


def test_a_smallest_trade_leaves_what_is_held_and_what_is_far_enough() -> None:
    lines = "weight of each between 0% and 60%\ntrade of each >= 5%"
    assert intervals(lines, 0) == [(0.0, 0.45), (0.5, 0.5), (0.55, 0.6)]
    # Nothing held: no trade is zero, and any purchase is large enough.
    assert intervals(lines, 1) == [(0.0, 0.0), (0.05, 0.6)]
    # 2% held: selling 5% of it is not possible, selling all of it is.
    assert intervals(lines, 2) == [(0.0, 0.0), (0.02, 0.02), (0.07, 0.6)]


def test_both_leave_their_intersections() -> None:
    lines = "weight of each between 0% and 60%\nposition >= 3%\ntrade of each >= 5%"
    assert intervals(lines, 0) == [(0.0, 0.0), (0.03, 0.45), (0.5, 0.5), (0.55, 0.6)]
    # 2% is too little to stay.
    assert intervals(lines, 2) == [(0.0, 0.0), (0.07, 0.6)]


def test_whole_lots_are_smallest_trades() -> None:
    assert intervals("weight of each between 0% and 60%\nlots of lot >= 2", 1) == [(0.0, 0.0), (0.04, 0.6)]


def test_no_interval_is_left() -> None:
    found = made("weight of each between 30% and 40%\ntrade of A >= 45%")
    assert found is not None
    assert (found.low[found.asset == 0] > found.high[found.asset == 0]).all()


def test_counts_by_group() -> None:
    found = made("weight of each between 0% and 60%\nnames of sector=X <= 1\nnames >= 2\ntrades <= 1")
    assert found is not None
    assert found.counts.shape[1] == 3
    # A name that counts towards "at least" has to hold something.
    assert found.low[(found.asset == 1) & (found.high > 0.0)].min() == SMALLEST
    assert found.count_high.tolist()[:1] == [1.0]
    # What is held now is not a trade.
    same = (found.low == found.high) & (found.low == HELD.holdings[found.asset])  # type: ignore[index]
    assert (found.counts[same, 2] == 0.0).all()


def test_bounds_follow_from_other_limits() -> None:
    assert intervals("weight of each >= 0%\nnet = 100%\nnames <= 2", 0) == [(0.0, 0.0), (0.0, 1.0)]
    assert intervals("gross <= 150%\nnames <= 2", 0) == [(-1.5, 1.5), (0.0, 0.0)]
    with pytest.raises(InvalidInput, match="nothing bounds its weight"):
        made("names <= 2")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("names <= 2", [("names", 2.0)]),
        ("names of sector=each <= 2", [("names of sector=X", 1.0), ("names of sector=Y", 1.0)]),
        ("trades <= 2", [("trades", 3.0)]),
        ("position >= 1%", [("position of A", 0.4), ("position of B", 0.6)]),
        ("position of sector=Y >= 1%", [("position of B", 0.6)]),
        ("lots of lot >= 1", [("lots of A", 10.0), ("lots of B", 30.0), ("lots of C", 0.02 / 0.03)]),
        ("buys <= 1%", [("buys", 0.6)]),
        ("sells <= 1%", [("sells", 0.12)]),
    ],
)
def test_numbers(line: str, expected: list[tuple[str, float]]) -> None:
    (limit,) = parse_limits(line)
    found = measured(limit, np.array([0.4, 0.6, 0.0]), HELD, None)
    assert [label for label, _ in found] == [label for label, _ in expected]
    np.testing.assert_allclose([value for _, value in found], [value for _, value in expected], rtol=1e-12)


def test_days_to_liquidate() -> None:
    universe = Universe(NAMES, {"volume": [0.1, 0.2, 0.5]}, np.zeros(3))
    (limit,) = parse_limits("days to liquidate of each <= 2")
    compiled = compile_limits([limit], universe, None)
    np.testing.assert_allclose(compiled.high, [0.2, 0.4, 1.0])
    assert measured(limit, np.array([0.2, 0.1, -0.5]), universe, None)[2] == ("days to liquidate of C", 1.0)
