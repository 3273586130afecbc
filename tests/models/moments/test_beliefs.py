"""Beliefs by name: each model is the estimate of its own module, a year long; gaps and views are said."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData, UnknownName
from argosy.base.panel import Panel
from argosy.models.moments import means, shrinkage, spectrum
from argosy.models.moments.beliefs import EQUILIBRIUM, MEAN_MODELS, RISK_MODELS, Estimators, believe
from argosy.models.moments.black_litterman import View, black_litterman
from argosy.models.moments.covariance import FactorCovariance, NotPSD
from argosy.models.moments.missing import em_moments, pairwise_moments
from argosy.models.moments.sample import Sample

RNG = np.random.default_rng(9)
RETURNS = RNG.normal(0.0005, 0.01, (120, 1)) * np.array([1.0, 0.8, 1.2, 0.5]) + RNG.normal(0.0, 0.008, (120, 4))
NAMES = ("A", "B", "C", "D")


def sample(returns: np.ndarray = RETURNS) -> Sample:
    return Sample(Panel(np.arange(returns.shape[0]), NAMES, returns), 252.0)


def with_gaps() -> np.ndarray:
    returns = RETURNS.copy()
    returns[:40, 3] = np.nan
    return returns


@pytest.mark.parametrize("name", RISK_MODELS)
def test_every_risk_model_gives_a_covariance_of_a_year(name: str) -> None:
    found = believe(sample(), Estimators(covariance=name, half_life=30, factors=2, nearest=True))
    dense = found.covariance.dense()
    assert np.linalg.eigvalsh(dense)[0] > -1e-12
    assert 0.3 < np.trace(dense) / np.trace(252.0 * np.cov(RETURNS, rowvar=False)) < 3.0
    assert any(name in note for note in found.notes)


def test_models_are_those_of_their_modules() -> None:
    wolf = believe(sample(), Estimators(covariance="constant correlation", mean="bayes stein"))
    expected = shrinkage.ledoit_wolf(RETURNS, target="constant correlation")
    np.testing.assert_allclose(wolf.covariance.dense(), 252.0 * expected.covariance.dense())
    np.testing.assert_allclose(wolf.mean, 252.0 * means.bayes_stein_mean(RETURNS))
    factors = believe(sample(), Estimators(covariance="factors", factors=1))
    assert isinstance(factors.covariance, FactorCovariance)
    np.testing.assert_allclose(
        factors.covariance.dense(), 252.0 * spectrum.principal_covariance(RETURNS, factors=1).dense()
    )
    for name in MEAN_MODELS:
        assert np.isfinite(believe(sample(), Estimators(mean=name, half_life=30)).mean).all()


def test_gaps_are_estimated_through_and_said() -> None:
    returns = with_gaps()
    pairs = believe(sample(returns), Estimators(covariance="sample", missing="pairwise"))
    np.testing.assert_allclose(pairs.covariance.dense(), 252.0 * pairwise_moments(returns).covariance)
    assert pairs.scenarios is None
    assert any("pairwise, at least 80 periods a pair" in note for note in pairs.notes)
    likely = believe(sample(returns), Estimators(covariance="sample", missing="em"))
    np.testing.assert_allclose(likely.mean, 252.0 * em_moments(returns).mean)
    with pytest.raises(InvalidInput, match="know the risk model 'sample'"):
        believe(sample(returns), Estimators(missing="em"))
    with pytest.raises(MissingData, match="returns have gaps"):
        believe(sample(returns), Estimators(covariance="sample"))


def test_an_indefinite_matrix_is_refused_or_mended_and_said() -> None:
    nan = np.nan
    # Three pairs that were never observed together contradict each other.
    parts = [np.array([[1, 1, nan, 0], [-1, -1, nan, 0], [2, 2, nan, 1], [-2, -2, nan, -1]]),
             np.array([[nan, 1, 1, 0], [nan, -1, -1, 0], [nan, 2, 2, -1], [nan, -2, -2, 1]]),
             np.array([[1, nan, -1, 1], [-1, nan, 1, -1], [2, nan, -2, 0], [-2, nan, 2, 0]])]  # fmt: skip
    returns = np.concatenate(parts) * 0.01
    with pytest.raises(NotPSD, match="smallest eigenvalue"):
        believe(sample(returns), Estimators(covariance="sample", missing="pairwise"))
    found = believe(sample(returns), Estimators(covariance="sample", missing="pairwise", nearest=True))
    assert np.linalg.eigvalsh(found.covariance.dense())[0] > -1e-12
    assert any("the covariance was indefinite" in note for note in found.notes)
    sound = believe(sample(), Estimators(covariance="sample", nearest=True))
    assert not any("indefinite" in note for note in sound.notes)


def test_equilibrium_and_views() -> None:
    how = Estimators(mean=EQUILIBRIUM, risk_aversion=3.0)
    market = np.array([0.4, 0.3, 0.2, 0.1])
    found = believe(sample(), how, market=market, risk_free=0.01)
    np.testing.assert_allclose(found.mean, 0.01 + 3.0 * found.covariance.dense() @ market)
    views = [View({"A": 1.0, "B": -1.0}, 0.05, confidence=0.5)]
    tilted = believe(sample(), how, market=market, risk_free=0.01, views=views)
    blend = black_litterman(found.covariance, names=NAMES, views=views, prior=found.mean, tau=1 / 120)
    np.testing.assert_allclose(tilted.mean, blend.mean)
    assert any("1 view blended in" in note for note in tilted.notes)
    given = believe(sample(), how, prior=np.full(4, 0.07))
    assert given.mean.tolist() == [0.07] * 4
    with pytest.raises(MissingData, match="market weights"):
        believe(sample(), how)


@pytest.mark.parametrize(
    ("how", "error", "says"),
    [
        (Estimators(covariance="ledoit wulf"), UnknownName, "did you mean 'ledoit wolf'"),
        (Estimators(mean="historic"), UnknownName, "did you mean 'historical'"),
        (Estimators(covariance="exponential"), MissingData, "needs half_life"),
        (Estimators(covariance="factors"), MissingData, "needs factors"),
    ],
)
def test_what_is_missing_is_named(how: Estimators, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        believe(sample(), how)
