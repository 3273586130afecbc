"""Rolling exposures: each window against a regression alone, kernel against twin, statsmodels, refusals."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from argosy.base.errors import InvalidInput
from argosy.kernels.rolling import rolling
from argosy.models.factors.rolling import rolling_exposures
from argosy.models.moments.observations import InsufficientData

with warnings.catch_warnings():
    # Importing the oracle touches what the newest pandas calls deprecated.
    warnings.simplefilter("ignore")
    from statsmodels.regression.rolling import RollingOLS

RNG = np.random.default_rng(2)
F = RNG.normal(0.001, 0.01, (900, 3))
Y = F @ RNG.normal(0.0, 1.0, (3, 5)) + RNG.normal(0.0, 0.02, (900, 5)) + 0.05


def test_rolling_ols_of_statsmodels() -> None:
    found = rolling_exposures(Y, F, window=60)
    x = np.column_stack([np.ones(900), F])
    for n in range(5):
        peer = RollingOLS(Y[:, n], x, window=60).fit()
        np.testing.assert_allclose(found.alphas[:, n], peer.params[59:, 0], rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(found.betas[:, :, n], peer.params[59:, 1:], rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(found.residual_variances[:, n], peer.mse_resid[59:], rtol=1e-8)


def test_kernel_and_twin() -> None:
    fast, slow = (rolling(F, Y, 40, engine=e) for e in ("kernel", "reference"))
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_a_singular_window_is_named() -> None:
    still = F.copy()
    still[100:170, 1] = still[100, 1]
    with pytest.raises(InvalidInput, match="rows 100 to 159"):
        rolling_exposures(Y, still, window=60)
    assert np.isnan(rolling(still, Y, 60)[0][105]).all()


def test_refusals() -> None:
    with pytest.raises(InsufficientData, match="window of 4"):
        rolling_exposures(Y, F, window=4)
    with pytest.raises(InsufficientData, match="900 observations"):
        rolling_exposures(Y, F, window=901)
    with pytest.raises(InvalidInput, match="beside"):
        rolling_exposures(Y[:-1], F, window=60)
