"""What comes out of notebooks and spreadsheets: taken where it is numbers, refused in words where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from argosy.base.errors import ArgosyError, InvalidInput, MissingData, UndefinedMeasure
from argosy.measures.risk.budgets.use import RiskBudget
from argosy.measures.risk.loss.contributions import tail_contributions, volatility_contributions
from argosy.measures.risk.loss.history import age_weighted, historical, simulated_horizon
from argosy.measures.risk.loss.many import historical_many, historical_positions
from argosy.measures.risk.loss.parametric import cornish_fisher, normal, normal_tail, student_t_tail
from argosy.measures.risk.loss.what_if import prepare
from argosy.measures.risk.monitoring.concentration import leverage
from argosy.measures.risk.stress.losses import stress_losses
from argosy.measures.risk.stress.shocks import Window, window_shocks
from argosy.measures.risk.validation.forecasts import rolling_forecasts
from argosy.models.moments.covariance import FactorCovariance
from argosy.models.scenarios.models import FactorScenarios
from argosy.models.scenarios.revaluation import black_scholes
from argosy.models.scenarios.shards import Linear, LossShards
from argosy.models.tails.hill import hill
from argosy.models.tails.peaks import fit_tail
from argosy.models.volatility.ewma import ewma_variances
from argosy.models.volatility.garch import fit_garch

RNG = np.random.default_rng(1)
R = RNG.normal(0.0, 0.01, 300)
MANY = RNG.normal(0.0, 0.01, (300, 3))
MODEL = FactorScenarios(FactorCovariance([[0.01]], [1e-4]))

ONE: list[Callable[[Any], Any]] = [
    lambda r: historical(r, confidence=0.95), lambda r: age_weighted(r, confidence=0.95),
    lambda r: normal(r, confidence=0.95), lambda r: cornish_fisher(r, confidence=0.95), fit_garch, ewma_variances,
    lambda r: fit_tail(r, share=0.1), lambda r: hill(r, k=5),
]  # fmt: skip


@pytest.mark.parametrize("f", ONE)
def test_columns_lists_and_whole_numbers_are_taken(f: Callable[[Any], Any]) -> None:
    np.testing.assert_equal(_text(f(R)), _text(f(pd.Series(R))))
    np.testing.assert_equal(_text(f(R)), _text(f(pl.Series(R))))
    np.testing.assert_equal(_text(f(R)), _text(f(R.tolist())))
    f((1e4 * R).astype(np.int64))


def _text(found: Any) -> str:
    return str(found)


@pytest.mark.parametrize("f", ONE)
@pytest.mark.parametrize(
    "bad",
    [["a"] * 300, None, [[0.01, 0.02], [0.01]], ["2020-01-01"] * 300, R + 0j, [], R[:3], np.where(R > 0.02, np.nan, R)],
)
def test_everything_else_is_a_sentence(f: Callable[[Any], Any], bad: Any) -> None:
    if f is ewma_variances and bad is not None and len(bad) == 3:
        # A recursion needs no more than one return.
        assert f(bad).size == 4
        return
    with pytest.raises(ArgosyError) as told:
        f(bad)
    assert len(str(told.value)) > 20


@pytest.mark.parametrize("confidence", [95, "95%", None, [0.95], 0, 1, -1, np.nan])
def test_confidence(confidence: Any) -> None:
    for f in (historical, normal, tail_of_three):
        with pytest.raises(InvalidInput, match=r"give 0\.95 for 95 percent|give a fraction such as 0\.95"):
            f(R, confidence=confidence)


def tail_of_three(_: Any, *, confidence: Any) -> Any:
    return tail_contributions(np.ones(3) / 3, MANY, confidence=confidence)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda: volatility_contributions(["a"], [[1.0]]), "weights hold something that is no number"),
        (lambda: volatility_contributions([1.0], [["x"]]), "covariance hold something that is no number"),
        (lambda: student_t_tail(confidence=0.99, volatility=0.01, nu="5%"), "nu hold something that is no number"),
        (lambda: normal_tail(confidence=0.99, volatility=None), "volatility is None"),
        (lambda: historical(R, confidence=0.95).over(2.5), "periods is 2.5"),
        (lambda: simulated_horizon(R, confidence=0.95, horizon=1.5, seed=1), "horizon is 1.5"),
        (lambda: hill(np.abs(R), k=5.5), "k of 300 losses is 5.5"),
        (lambda: LossShards(MODEL, Linear([1.0]), "one"), "seed is 'one'"),
        (lambda: LossShards(MODEL, Linear([1.0, 2.0]), 1), "2 weights for a model of 1 assets"),
        (lambda: Linear([[1.0]]), "weights have shape"),
        (lambda: prepare([1.0, 1.0, 1.0], MANY, confidence=0.95).what_if({"AAPL": 1.0}), "of a trade is 'AAPL'"),
        (lambda: prepare([1.0, 1.0, 1.0], MANY, confidence=0.95).what_if({0: "5"}), "trades hold something"),
        (lambda: leverage([1.0], net_asset_value="much"), "net_asset_value hold something"),
        (lambda: RiskBudget("energy", "20%"), "the budget of energy is '20%'"),
        (lambda: stress_losses([1.0], [[1.0]], ["x"]), "shocks hold something"),
        (lambda: historical_many(["a"], MANY, confidence=0.95), "weights hold something"),
        (lambda: historical_positions([0, 1], [0], ["a"], MANY, confidence=0.95), "exposures hold something"),
        (lambda: rolling_forecasts(R, model="normal", confidences=99, window=250), "give 0.99 for 99 percent"),
        (lambda: black_scholes([9.0, 9.5], strike=[9.0, 9.5, 9.9], years=1.0, volatility=0.2, rate=0.0), "line up"),
        (lambda: black_scholes(["x"], strike=90.0, years=1.0, volatility=0.2, rate=0.0), "spot hold something"),
        (lambda: window_shocks(["2020-01-01"], [["x"]], factors=["a"], kinds=["relative"],
                               windows=[Window("w", "2019-01-01", "2020-01-01")]), "levels hold something"),
    ],
)  # fmt: skip
def test_each_in_its_words(f: Callable[[], Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        f()


def test_tails_without_a_mean_and_options_without_volatility() -> None:
    heavy = fit_tail(np.random.default_rng(2).pareto(0.6, 4_000), share=0.05)
    with pytest.raises(UndefinedMeasure, match="have no mean"):
        heavy.expected_shortfall(0.999)
    with pytest.raises(MissingData, match="the volatility is missing"):
        black_scholes(100.0, strike=100.0, years=1.0, volatility=None, rate=0.05)


def test_one_confidence_for_forecasts() -> None:
    one = rolling_forecasts(R, model="normal", confidences=0.95, window=250)
    assert one.confidences == (0.95,)
