"""Entropy pooling against skfolio, against searches written out, and where views clash."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skfolio.prior import EntropyPooling

from argosy.base.errors import ArgosyError, InvalidInput, MissingData, NotConverged, UnknownName
from argosy.kernels.entropy import tilt
from argosy.models.moments.entropy_pooling import ClashingViews, Pooled, entropy_pooling
from argosy.models.moments.scenario_views import ScenarioView

NAMES = ["A", "B", "C"]
RNG = np.random.default_rng(8)
R = 0.01 * (RNG.standard_t(5, (500, 1)) * np.array([1.0, 0.8, 0.3]) + RNG.normal(size=(500, 3))) + 0.0005


def pool(*views: ScenarioView, **more: Any) -> Pooled:
    return entropy_pooling(R, names=NAMES, views=views, **more)


def theirs(**views: Any) -> np.ndarray:
    model = EntropyPooling(**views)
    model.fit(pd.DataFrame(R, columns=NAMES))
    return np.asarray(model.return_distribution_.sample_weight)


def test_means_as_skfolio() -> None:
    ours = pool(ScenarioView.mean("A", equals=0.002), ScenarioView.mean({"B": 1.0, "C": -1.0}, at_least=0.001))
    other = theirs(mean_views=["A == 0.002", "B - C >= 0.001"])
    np.testing.assert_allclose(ours.probabilities, other, atol=1e-8)
    assert ours.mean[0] == pytest.approx(0.002, abs=1e-14)
    assert ours.mean[1] - ours.mean[2] == pytest.approx(0.001, abs=1e-14)
    assert dict(ours.measured)["mean of A = 0.002"] == pytest.approx(0.002)


def test_volatilities_and_correlations_as_skfolio() -> None:
    ours = pool(ScenarioView.volatility("A", equals=0.02))
    np.testing.assert_allclose(ours.probabilities, theirs(variance_views=["A == 0.0004"]), atol=1e-7)
    assert np.sqrt(ours.covariance.matrix[0, 0]) == pytest.approx(0.02, rel=1e-9)
    both = pool(ScenarioView.correlation("A", "B", equals=0.7))
    np.testing.assert_allclose(both.probabilities, theirs(correlation_views=["(A, B) == 0.7"]), atol=1e-7)
    assert both.measured[0][1] == pytest.approx(0.7, rel=1e-9)


def test_shortfall_above_the_prior_as_skfolio() -> None:
    ours = pool(ScenarioView.cvar("A", level=0.95, equals=0.04))
    other = theirs(cvar_views=["A == 0.04"])
    # Theirs ends its search of the threshold a little off; ours may not be farther from the prior.
    assert ours.relative_entropy <= float(np.sum(other * np.log(other * 500))) + 1e-7
    np.testing.assert_allclose(ours.probabilities, other, atol=2e-4)
    assert ours.measured[0][1] == pytest.approx(0.04, rel=1e-8)


def test_shortfall_below_the_prior_is_the_best_over_all_thresholds() -> None:
    view = ScenarioView.cvar("A", level=0.9, at_most=0.02)
    ours = pool(view)
    best = np.inf
    for e in np.unique(-R[:, 0]):
        if e < 0.02:
            row = np.maximum(-R[:, 0] - e, 0.0)
            found = tilt(np.full(500, 0.002), row[None, :], np.array([0.1 * (0.02 - e)]), np.array([False]))
            best = min(best, found.entropy if found.settled else np.inf)
    assert ours.relative_entropy == pytest.approx(best, rel=1e-6)
    assert ours.measured[0][1] == pytest.approx(0.02, rel=1e-8)


def test_all_kinds_together() -> None:
    views = [
        *ScenarioView.rank("A", "C", "B"),
        ScenarioView.probability("A", below=-0.02, equals=0.12),
        ScenarioView.volatility("B", at_least=0.018),
        ScenarioView.correlation("A", "C", at_most=0.2),
        ScenarioView.cvar("C", level=0.9, at_least=0.025),
        ScenarioView.cvar("A", level=0.9, at_most=0.04),
    ]
    found = pool(*views)
    m = dict(found.measured)
    assert found.mean[0] >= found.mean[2] - 1e-12
    assert found.mean[2] >= found.mean[1] - 1e-12
    assert m["probability of A <= -0.02 = 0.12"] == pytest.approx(0.12)
    assert m["volatility of B >= 0.018"] >= 0.018 - 1e-9
    assert m["correlation of A and C <= 0.2"] <= 0.2 + 1e-9
    assert m["cvar of C at 0.9 >= 0.025"] >= 0.025 - 1e-9
    assert m["cvar of A at 0.9 <= 0.04"] <= 0.04 + 1e-9
    assert 1.0 < found.effective_scenarios < 500.0


def test_views_that_hold_already_change_nothing() -> None:
    found = pool(ScenarioView.mean("A", at_least=-0.5), ScenarioView.cvar("B", at_most=1.0),
                 ScenarioView.volatility("A", at_most=1.0))  # fmt: skip
    np.testing.assert_allclose(found.probabilities, 0.002)
    assert found.relative_entropy == pytest.approx(0.0, abs=1e-12)
    assert found.effective_scenarios == pytest.approx(500.0)
    none = entropy_pooling(R, names=NAMES, views=[])
    np.testing.assert_allclose(none.covariance.matrix, np.cov(R, rowvar=False, ddof=0))


@given(st.floats(-0.01, 0.01), st.floats(0.1, 1.0))
@settings(max_examples=20)
def test_confidence_blends_and_entropy_grows_with_the_view(aim: float, confidence: float) -> None:
    sure = pool(ScenarioView.mean("A", equals=aim))
    half = pool(ScenarioView.mean("A", equals=aim), confidence=confidence)
    base = float(R[:, 0].mean())
    assert half.mean[0] == pytest.approx(base + confidence * (aim - base), abs=1e-12)
    assert half.relative_entropy <= sure.relative_entropy + 1e-12
    further = pool(ScenarioView.mean("A", equals=base + 1.2 * (aim - base)))
    assert further.relative_entropy >= sure.relative_entropy - 1e-12


def test_a_prior_of_its_own_and_draws() -> None:
    prior = np.linspace(1.0, 3.0, 500)
    prior /= prior.sum()
    found = pool(ScenarioView.mean("B", equals=0.001), prior=prior)
    assert found.mean[1] == pytest.approx(0.001)
    drawn = found.draw(20000, np.random.default_rng(1))
    np.testing.assert_array_equal(drawn, found.draw(20000, np.random.default_rng(1)))
    assert drawn[:, 1].mean() == pytest.approx(0.001, abs=4e-4)


def test_views_that_clash_are_named() -> None:
    with pytest.raises(ClashingViews) as caught:
        pool(
            ScenarioView.mean("A", at_least=0.01), ScenarioView.mean("B", equals=0.001),
            ScenarioView.mean("A", at_most=0.005), ScenarioView.probability("C", below=0.0, at_most=0.6),
        )  # fmt: skip
    assert caught.value.views == ("mean of A >= 0.01", "mean of A <= 0.005")
    with pytest.raises(ClashingViews, match=r"mean of A = 0\.9"):
        pool(ScenarioView.mean("A", equals=0.9))
    with pytest.raises(ClashingViews, match=r"cvar of A at 0\.95 >= 0\.9"):
        pool(ScenarioView.cvar("A", at_least=0.9))
    with pytest.raises(ClashingViews, match=r"cvar of A at 0\.95 <= -0\.9"):
        pool(ScenarioView.cvar("A", at_most=-0.9))
    with pytest.raises(ClashingViews):
        pool(ScenarioView.cvar("A", at_most=0.02), ScenarioView.cvar("A", at_least=0.03))


MEAN = ScenarioView.mean
BAD: list[tuple[Any, type[ArgosyError], str]] = [
    (lambda: pool(MEAN("D", equals=0.1)), UnknownName, "unknown asset 'D'"),
    (lambda: pool(MEAN({}, equals=0.1)), InvalidInput, "needs assets"),
    (lambda: MEAN("A"), InvalidInput, "needs equals"),
    (lambda: MEAN("A", equals=0.1, at_least=0.0), InvalidInput, "not both"),
    (lambda: MEAN("A", at_least=0.2, at_most=0.1), InvalidInput, "says nothing"),
    (lambda: MEAN("A", equals=np.nan), InvalidInput, "says nothing"),
    (lambda: ScenarioView.probability("A", below=0.0, equals=1.2), InvalidInput, "out of range"),
    (lambda: ScenarioView.correlation("A", "B", equals=-1.2), InvalidInput, "out of range"),
    (lambda: ScenarioView.cvar("A", level=95, equals=0.1), InvalidInput, "between 0 and 1"),
    (lambda: ScenarioView.rank("A"), InvalidInput, "two assets"),
    (lambda: pool(MEAN("A", equals=0.0), confidence=0.0), InvalidInput, "a confidence of"),
    (lambda: pool(prior=np.ones(500)), InvalidInput, "sum to 500"),
    (lambda: pool(prior=np.ones(3)), InvalidInput, "prior probabilities of shape"),
    (lambda: entropy_pooling(R, names=["A"], views=[]), InvalidInput, "1 names"),
    (lambda: entropy_pooling([[np.nan], [1.0]], names=["A"], views=[]), MissingData, "row 0"),
    (
        lambda: entropy_pooling(np.ones((5, 1)), names=["A"], views=[ScenarioView.volatility("A", equals=0.1)]),
        InvalidInput,
        "does not vary",
    ),
    (
        lambda: entropy_pooling(
            np.column_stack([np.arange(5.0), np.ones(5)]), names=["A", "B"],
            views=[ScenarioView.correlation("A", "B", equals=0.1)],
        ),
        InvalidInput,
        "B does not vary",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "says"), BAD)
def test_what_is_no_view(call: Any, kind: type[ArgosyError], says: str) -> None:
    with pytest.raises(kind, match=says):
        call()


def test_the_edge_of_the_scenarios_leaves_one_of_them() -> None:
    found = pool(MEAN("A", equals=float(R[:, 0].max())))
    assert found.effective_scenarios == pytest.approx(1.0, abs=1e-6)


def test_a_search_that_is_cut_short_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from argosy.models.moments import entropy_pooling as room

    monkeypatch.setattr(room, "tilt", partial(tilt, most_steps=1))
    with pytest.raises(NotConverged, match="almost all scenarios"):
        pool(MEAN("A", equals=0.02))


def test_views_read_as_they_are_meant() -> None:
    texts = [
        ScenarioView.volatility({"A": -1.0, "B": 0.5}, at_least=0.1, at_most=0.2).text(),
        ScenarioView.correlation("A", "B", at_most=0.2).text(),
        ScenarioView.cvar("A", at_least=0.1).text(),
    ]
    assert texts == [
        "volatility of -1 A + 0.5 B between 0.1 and 0.2", "correlation of A and B <= 0.2", "cvar of A at 0.95 >= 0.1"
    ]  # fmt: skip
