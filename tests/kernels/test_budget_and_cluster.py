"""Risk budgets and hierarchical risk parity: kernel against twin, published examples, independent libraries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.kernels.budget import risk_budgets
from argosy.kernels.cluster import hierarchical_risk_parity
from tests.kernels.universes import universe


@pytest.mark.parametrize("n", [2, 15, 90])
def test_budgets_by_every_path(n: int) -> None:
    u = universe(n)
    budgets = np.random.default_rng(n).uniform(0.1, 2.0, n)
    budgets /= budgets.sum()
    found = [
        risk_budgets(u.factors, u.specific, budgets, engine="kernel"),
        risk_budgets(u.factors, u.specific, budgets, engine="reference"),
        risk_budgets(u.factors, u.specific, budgets, matrix=u.covariance),
    ]
    for one in found:
        shares = one.weights * (u.covariance @ one.weights)
        np.testing.assert_allclose(shares / shares.sum(), budgets, rtol=1e-9)
        assert one.residual < 1e-9
    np.testing.assert_allclose(found[0].weights, found[1].weights, rtol=1e-12)


def test_maillard_roncalli_teiletche_2010() -> None:
    # Their example of section 3: volatilities 10, 20, 30, 40%, correlation 0.8 between 1 and 2, -0.5 between 3 and 4.
    sigma = np.array([0.1, 0.2, 0.3, 0.4])
    correlation = np.array([[1, 0.8, 0, 0], [0.8, 1, 0, 0], [0, 0, 1, -0.5], [0, 0, -0.5, 1]])
    s = correlation * np.outer(sigma, sigma)
    found = risk_budgets(np.zeros((4, 0)), np.zeros(4), np.full(4, 0.25), matrix=s)
    np.testing.assert_allclose(found.weights, [0.384, 0.192, 0.243, 0.182], atol=6e-4)


@given(st.integers(2, 12), st.integers(0, 100))
def test_hrp_kernel_and_twin(n: int, seed: int) -> None:
    s = universe(n, seed=seed).covariance
    (fast, first), (slow, second) = (hierarchical_risk_parity(s, engine=e) for e in ("kernel", "reference"))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(fast, slow, rtol=1e-13)
    assert fast.sum() == pytest.approx(1.0)
    assert (fast > 0).all()


def test_hrp_in_the_steps_of_the_paper() -> None:
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    s = universe(40, seed=3).covariance
    sigma = np.sqrt(s.diagonal())
    apart = np.sqrt(np.maximum(1.0 - s / np.outer(sigma, sigma), 0.0) / 2.0)
    np.fill_diagonal(apart, 0.0)
    leaves = leaves_list(linkage(squareform(apart, checks=False), "single"))
    weights = np.ones(40)

    def variance(items: np.ndarray) -> float:
        inverse = 1.0 / s.diagonal()[items]
        inverse /= inverse.sum()
        return float(inverse @ s[np.ix_(items, items)] @ inverse)

    pending = [leaves]
    while pending:
        items = pending.pop()
        if len(items) < 2:
            continue
        one, two = items[: len(items) // 2], items[len(items) // 2 :]
        share = 1.0 - variance(one) / (variance(one) + variance(two))
        weights[one] *= share
        weights[two] *= 1.0 - share
        pending += [one, two]
    found, order = hierarchical_risk_parity(s)
    np.testing.assert_array_equal(order, leaves)
    np.testing.assert_allclose(found, weights, rtol=1e-12)


def test_one_asset() -> None:
    assert hierarchical_risk_parity(np.array([[0.04]]))[0].tolist() == [1.0]


def test_equal_distances_merge_in_the_pinned_order() -> None:
    s = 0.04 * (0.5 * np.eye(6) + 0.5)
    weights, order = hierarchical_risk_parity(s)
    # Three and three; then one against two, where the pair is less risky than the single by its own spread.
    np.testing.assert_allclose(weights[order], np.array([3, 2, 2, 3, 2, 2]) / 14)
    assert order.tolist() == hierarchical_risk_parity(s, engine="kernel")[1].tolist()
