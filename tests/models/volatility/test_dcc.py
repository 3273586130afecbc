"""Dynamic correlations: the recursion by hand, scipy's density, parameters found again, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from argosy.base.errors import NotConverged, UndefinedMeasure
from argosy.kernels import correlation_path as kernel
from argosy.models.moments.observations import InsufficientData
from argosy.models.volatility.dcc import fit_dcc


def moving(count: int, a: float, b: float, *, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    target = np.array([[1.0, 0.4], [0.4, 1.0]])
    q, out = target.copy(), np.empty((count, 2))
    for t in range(count):
        root = np.sqrt(q.diagonal())
        out[t] = np.linalg.cholesky(q / np.outer(root, root)) @ rng.standard_normal(2)
        q = (1 - a - b) * target + a * np.outer(out[t], out[t]) + b * q
    return out


def test_the_recursion_by_hand() -> None:
    z = np.array([[1.0, -0.5], [0.2, 0.3]])
    target = np.array([[1.0, 0.3], [0.3, 1.0]])
    found = kernel.correlations(z, target, 0.1, 0.8)
    q = 0.1 * target + 0.1 * np.outer(z[0], z[0]) + 0.8 * target
    assert found[1, 0, 1] == pytest.approx(q[0, 1] / np.sqrt(q[0, 0] * q[1, 1]))
    assert found[0, 0, 1] == 0.3
    density = sum(stats.multivariate_normal(cov=found[t]).logpdf(z[t]) for t in range(2))
    assert kernel.log_likelihood(z, found[:-1]) == pytest.approx(density + 2.0 * np.log(2.0 * np.pi))


def test_parameters_are_found_again() -> None:
    z = moving(2500, 0.06, 0.9)
    a, b, _, settled = kernel.fit(z, z.T @ z / 2500)
    assert settled
    assert a == pytest.approx(0.06, abs=0.03)
    assert b == pytest.approx(0.9, abs=0.07)


def test_a_fit_of_returns() -> None:
    returns = 0.01 * moving(700, 0.08, 0.88, seed=3)
    h = np.repeat([1.0, 2.0, 1.0, 1.5, 1.0], 140)[:, None]
    found = fit_dcc(returns * h)
    assert found.log_likelihood >= found.constant_log_likelihood
    assert found.correlations.shape == (701, 2, 2)
    np.testing.assert_allclose(np.diagonal(found.correlations, axis1=1, axis2=2), 1.0)
    covariance = found.next_covariance.matrix
    assert covariance[0, 0] == pytest.approx(found.margins[0].next_variance)
    assert covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]) == pytest.approx(
        found.correlations[-1, 0, 1]
    )


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = moving(300, 0.05, 0.9, seed=4) * np.repeat([1.0, 2.0, 1.0], 100)[:, None]
    with pytest.raises(InsufficientData, match="one asset"):
        fit_dcc(returns[:, :1])
    with pytest.raises(UndefinedMeasure, match="repeat"):
        fit_dcc(returns[:, [0, 0]])
    monkeypatch.setattr(kernel, "fit", lambda *_: (0.1, 0.8, 0.0, False))
    with pytest.raises(NotConverged):
        fit_dcc(returns)
