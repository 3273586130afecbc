"""Whether it pays: the formula by hand, the best part against a grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput
from argosy.construction.rebalance.benefit import best_part, sentence, worth


def spread(trades: np.ndarray) -> float:
    return 0.001 * float(np.abs(trades).sum())


def test_worth_by_hand() -> None:
    # TE^2 goes from 0.05^2 * 0.04 to 0; gamma/2 = 2; value 1,000; half a year.
    found = worth([-50.0, 50.0], [0.05, -0.05], [[0.04, 0.0], [0.0, 0.0]], value=1000.0, risk_aversion=4.0, years=0.5,
                  cost=spread)  # fmt: skip
    assert found.benefit == pytest.approx(2.0 * 0.0001 * 1000.0 * 0.5)
    assert found.cost == pytest.approx(0.1)
    assert (found.tracking_error_before, found.tracking_error_after) == (pytest.approx(0.01), 0.0)
    assert found.net == pytest.approx(0.0)
    dear = worth([-50.0, 50.0], [0.05, -0.05], [[0.04, 0.0], [0.0, 0.0]], value=1000.0, risk_aversion=4.0, years=0.5,
                 cost=lambda trades: 5.0)  # fmt: skip
    assert not dear.pays


@given(st.integers(0, 2**32))
def test_the_best_part_is_the_top_of_a_grid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(4, 4)) * 0.2
    covariance, away = root @ root.T, rng.normal(size=4) * 0.05
    rate, power = rng.uniform(0.0, 0.003), rng.uniform(0.0, 1e-4)

    def cost(trades: np.ndarray) -> float:
        return float(rate * np.abs(trades).sum() + power * (np.abs(trades) ** 1.5).sum())

    trades = -away * 1e6
    terms = {"value": 1e6, "risk_aversion": 5.0, "years": 1.0, "cost": cost}
    found = best_part(trades, away, covariance, **terms)  # type: ignore[arg-type]
    grid = [worth(part * trades, away, covariance, **terms).net for part in np.linspace(0.0, 1.0, 201)]  # type: ignore[arg-type]
    assert found.net >= max(grid) - 1e-9 * max(1.0, abs(max(grid)))
    assert 0.0 <= found.part <= 1.0


def test_a_sentence_for_each_case() -> None:
    covariance = np.diag([0.04, 0.0])
    terms = {"value": 1e6, "risk_aversion": 20.0, "years": 1.0, "cost": spread}
    full = worth([-5e4, 5e4], [0.05, -0.05], covariance, **terms)  # type: ignore[arg-type]
    part = worth([-2e4, 2e4], [0.05, -0.05], covariance, **terms)  # type: ignore[arg-type]
    assert sentence("drift", part, full, value=1e6, how="to the inner band") == (
        "drift; trading to the inner band saves 1 bp of expected cost against full rebalancing"
    )
    assert sentence("drift", full, None, value=1e6, how="to the target") == (
        "drift; trading to the target costs 1 bp and is worth 10 bp"
    )


def test_shapes_are_checked() -> None:
    with pytest.raises(InvalidInput, match="covariance has shape"):
        worth([1.0, -1.0], [0.1, -0.1], [[1.0]], value=1.0, risk_aversion=1.0, years=1.0, cost=spread)
    with pytest.raises(InvalidInput, match="away has shape"):
        worth([1.0, -1.0], [0.1], [[1.0]], value=1.0, risk_aversion=1.0, years=1.0, cost=spread)
