"""Positions in foreign currency: exact products, hedges, and exchange rates as factors whose risk sums."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, UnknownName
from argosy.measures.risk.loss.contributions import normal_contributions, tail_contributions
from argosy.measures.risk.loss.monte_carlo import monte_carlo
from argosy.models.moments.covariance import FactorCovariance
from argosy.models.scenarios.currencies import foreign_positions
from argosy.models.scenarios.models import FactorScenarios
from argosy.models.scenarios.shards import LossShards

RNG = np.random.default_rng(6)
BOOK = foreign_positions([40.0, 30.0, 30.0], held_in=["EUR", "USD", "JPY"], currencies=["USD", "JPY"], base="EUR",
                         hedged=[0.0, 0.0, 0.5])  # fmt: skip


def test_the_product_of_local_and_currency_returns() -> None:
    prices, rates = np.array([100.0, 50.0, 2_000.0]), np.array([1.0, 0.9, 0.007])
    after, moved = np.array([103.0, 48.0, 2_100.0]), np.array([1.0, 0.95, 0.0068])
    units = BOOK.exposures / (prices * rates)
    worth = units * after * moved - BOOK.exposures
    # Half of the yen was sold forward at the old rate.
    worth[2] += 0.5 * 30.0 * (1.0 - moved[2] / rates[2])
    scenario = np.concatenate([after / prices - 1.0, moved[1:] / rates[1:] - 1.0])[None, :]
    np.testing.assert_allclose(BOOK.by_position(scenario)[0], worth, rtol=1e-12)
    assert BOOK(scenario)[0] == pytest.approx(worth.sum())
    assert BOOK.linear.tolist() == [40.0, 30.0, 30.0, 30.0, 15.0]


def test_currencies_take_their_part_of_the_risk() -> None:
    """By history: what positions and currencies add sums to the risk of returns turned into base currency before."""
    local, rates = RNG.normal(0.0, 0.01, (1_000, 3)), RNG.normal(0.0, 0.006, (1_000, 2))
    together = np.column_stack([local, rates])
    var, es = tail_contributions(BOOK.linear, together, confidence=0.95)
    profits = np.sort(BOOK(together))
    # The product of both returns is left out of the first order: at most a few percent of a percent.
    assert var.total == pytest.approx(-profits[49], rel=0.02)
    assert es.by(["shares"] * 3 + ["currencies"] * 2)["currencies"] > 0.0
    assert sum(es.by(["shares"] * 3 + ["currencies"] * 2).values()) == pytest.approx(es.total)


def test_simulation_with_exchange_rates_as_factors() -> None:
    # Shares and rates share two factors; the rates have little of their own.
    covariance = FactorCovariance(RNG.normal(0.0, 0.006, (5, 2)), np.array([1e-4, 1e-4, 1e-4, 1e-5, 1e-5]))
    found = monte_carlo(LossShards(FactorScenarios(covariance), BOOK, 2), confidence=0.99, scenarios=130_000)
    linear = normal_contributions(BOOK.linear, covariance, confidence=0.99)[0].total
    assert found.tail.value_at_risk == pytest.approx(linear, rel=0.02)
    hedged = foreign_positions([100.0], held_in=["USD"], currencies=["USD"], base="EUR", hedged=1.0)
    assert hedged.linear.tolist() == [100.0, 0.0]


def test_refusals() -> None:
    with pytest.raises(UnknownName, match="CHF"):
        foreign_positions([1.0], held_in=["CHF"], currencies=["USD"], base="EUR")
    with pytest.raises(InvalidInput, match="currencies are"):
        foreign_positions([1.0], held_in=["EUR"], currencies=["EUR"], base="EUR")
    with pytest.raises(InvalidInput, match="2 currencies held"):
        foreign_positions([1.0], held_in=["EUR", "USD"], currencies=["USD"], base="EUR")
    with pytest.raises(InvalidInput, match="finite"):
        foreign_positions([np.nan], held_in=["EUR"], currencies=[], base="EUR")
    with pytest.raises(InvalidInput, match=r"shape \(2, 3\)"):
        BOOK(np.zeros((2, 3)))
