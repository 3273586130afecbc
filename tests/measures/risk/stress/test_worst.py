"""The most damaging scenario: closed form, search, and plausibility."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import norm

from argosy.base.errors import InvalidInput, NotConverged, UndefinedMeasure
from argosy.measures.risk.stress import search
from argosy.measures.risk.stress.plausibility import plausibility, radius_of
from argosy.measures.risk.stress.reverse import reverse_stress, worst_scenario
from argosy.measures.risk.stress.search import search_reverse, search_worst
from argosy.models.moments.covariance import NotPSD


def random_covariance(seed: int, size: int) -> np.ndarray:
    root = np.random.default_rng(seed).normal(0.0, 0.1, (size, size))
    return root @ root.T + 1e-4 * np.eye(size)


def test_the_reverse_case(shared_cases: Path) -> None:
    cases = json.loads((shared_cases / "domain.json").read_text("utf-8"))["examples"]
    one = next(case for case in cases if case["id"] == "11.2-REVERSE")
    x, expected = one["inputs"], one["expected"]
    found = worst_scenario(x["weights"], x["annual_cov"], radius=x["radius"])
    assert found.scenario.tolist() == pytest.approx(expected["scenario"], rel=1e-6, abs=1e-8)
    assert found.loss == pytest.approx(expected["loss"], rel=1e-6, abs=1e-8)
    assert plausibility(found.scenario, x["annual_cov"]).distance ** 2 == pytest.approx(expected["plausibility"])
    searched = search_worst(lambda s: 1.0 + s @ np.array(x["weights"]), x["annual_cov"], radius=x["radius"],
                            generator=np.random.default_rng(1))  # fmt: skip
    assert searched.loss == pytest.approx(expected["loss"], rel=1e-7)
    assert searched.gap is None


@given(st.integers(0, 10_000), st.integers(1, 6), st.floats(0.1, 5.0))
def test_nothing_on_the_ellipsoid_is_worse(seed: int, size: int, radius: float) -> None:
    cov = random_covariance(seed, size)
    g = np.random.default_rng(seed)
    w = g.normal(size=size)
    found = worst_scenario(w, cov, radius=radius)
    z = g.normal(size=(200, size))
    z *= radius / np.linalg.norm(z, axis=1, keepdims=True)
    others = -(z @ np.linalg.cholesky(cov).T) @ w
    assert others.max() <= found.loss * (1 + 1e-9)
    assert -found.scenario @ w == pytest.approx(found.loss, rel=1e-9)
    back = reverse_stress(w, cov, loss=found.loss)
    assert back.distance == pytest.approx(radius, rel=1e-9)
    assert back.scenario.tolist() == pytest.approx(found.scenario.tolist(), rel=1e-9, abs=1e-15)
    assert found.loss_probability == pytest.approx(norm.cdf(-radius), rel=1e-9)


def test_plausibility_by_scipy_and_by_chance() -> None:
    cov = random_covariance(4, 3)
    x = np.array([0.1, -0.2, 0.05])
    found = plausibility(x, cov, mean=[0.01, 0.0, 0.0])
    square = (x - [0.01, 0, 0]) @ np.linalg.inv(cov) @ (x - [0.01, 0, 0])
    assert found.distance**2 == pytest.approx(square, rel=1e-9)
    assert found.probability == pytest.approx(stats.chi2.sf(square, 3), rel=1e-9)
    assert radius_of(found.probability, 3) == pytest.approx(found.distance, rel=1e-9)
    assert worst_scenario([1, 1, 1], cov, probability=0.01).distance == pytest.approx(np.sqrt(stats.chi2.isf(0.01, 3)))


def test_singular_covariances_keep_to_where_factors_go() -> None:
    twins = np.array([[0.04, 0.04], [0.04, 0.04]])
    found = worst_scenario([1.0, 0.0], twins, radius=2.0)
    assert found.scenario.tolist() == pytest.approx([-0.4, -0.4])
    assert found.degrees == 1
    assert plausibility([-0.4, -0.4], twins).distance == pytest.approx(2.0)
    with pytest.raises(InvalidInput, match="cannot move apart"):
        plausibility([-0.4, 0.4], twins)
    with pytest.raises(UndefinedMeasure, match="no exposure"):
        worst_scenario([1.0, -1.0], twins, radius=2.0)
    with pytest.raises(NotPSD, match="smallest eigenvalue is -1"):
        worst_scenario([1.0, 1.0], [[1.0, 2.0], [2.0, 1.0]], radius=1.0)


def test_bad_radius() -> None:
    for radius in (0.0, -1.0, float("nan")):
        with pytest.raises(InvalidInput, match="radius"):
            worst_scenario([1.0], [[1.0]], radius=radius)
    with pytest.raises(InvalidInput, match="either"):
        worst_scenario([1.0], [[1.0]])
    with pytest.raises(InvalidInput, match="either"):
        worst_scenario([1.0], [[1.0]], radius=1.0, probability=0.1)
    with pytest.raises(InvalidInput, match="probability"):
        worst_scenario([1.0], [[1.0]], probability=5)
    with pytest.raises(InvalidInput, match="degrees"):
        radius_of(0.1, 0)


def straddle(x: np.ndarray) -> np.ndarray:
    # Short gamma with a lean: two bad directions, of which the fall is worse.
    return 100.0 + 20.0 * x[:, 0] - 400.0 * x[:, 0] ** 2 - 10.0 * x[:, 1]


def test_options_have_two_bad_places_and_the_gap_is_told() -> None:
    cov = np.array([[0.04, 0.0], [0.0, 0.01]])
    found = search_worst(straddle, cov, radius=2.0, generator=np.random.default_rng(2))
    # Second method: the edge of the ellipse at a hundred thousand angles.
    angles = np.linspace(0.0, 2.0 * np.pi, 100_001)
    edge = 2.0 * np.column_stack([0.2 * np.cos(angles), 0.1 * np.sin(angles)])
    losses = 100.0 - straddle(edge)
    assert found.loss == pytest.approx(losses.max(), rel=1e-6)
    assert found.scenario[0] < 0.0
    assert found.second is not None
    assert found.second[0] > 0.0
    other = losses[edge[:, 0] > 0.2].max()
    assert found.gap == pytest.approx(losses.max() - other, rel=1e-4)
    assert found.agreeing + 1 <= found.starts
    again = search_worst(straddle, cov, radius=2.0, generator=np.random.default_rng(2))
    assert again.scenario.tobytes() == found.scenario.tobytes()


def test_reverse_search_meets_the_closed_form() -> None:
    cov, w = random_covariance(7, 3), np.array([0.5, -0.2, 0.7])
    wanted = reverse_stress(w, cov, loss=0.1)
    found = search_reverse(lambda x: x @ w, cov, loss=0.1, generator=np.random.default_rng(3), starts=4)
    assert found.radius == pytest.approx(wanted.distance, rel=2e-4)
    assert found.scenario.tolist() == pytest.approx(wanted.scenario.tolist(), rel=1e-2, abs=1e-4)


def test_search_refuses() -> None:
    g = np.random.default_rng(1)
    with pytest.raises(UndefinedMeasure, match="no scenario within the radius"):
        search_worst(lambda x: x[:, 0] ** 2, [[1.0]], radius=1.0, generator=g)
    with pytest.raises(UndefinedMeasure, match="no scenario within 3"):
        search_reverse(lambda x: x[:, 0], [[1.0]], loss=100.0, farthest=3.0, generator=g)
    with pytest.raises(InvalidInput, match="starts"):
        search_worst(lambda x: x[:, 0], [[1.0]], radius=1.0, generator=g, starts=0)
    with pytest.raises(InvalidInput):
        search_worst(lambda x: x[:, 0] * np.nan, [[1.0]], radius=1.0, generator=g)
    assert search_worst(lambda x: x[:, 0], [[1.0]], radius=1.0, generator=g, starts=1).loss == pytest.approx(1.0)


def test_a_search_that_has_not_ended_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STEPS", 1)
    with pytest.raises(NotConverged, match="still climbing"):
        search_worst(lambda x: x[:, 0] + x[:, 1] ** 3, np.eye(2), radius=1.0, generator=np.random.default_rng(1))
