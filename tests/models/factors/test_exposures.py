"""Exposures over the whole sample against statsmodels, and what is refused."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData, UndefinedMeasure
from argosy.models.factors.exposures import factor_exposures
from argosy.models.moments.observations import InsufficientData

RNG = np.random.default_rng(4)
F = RNG.normal(0.0, 0.01, (400, 3))
NOISE = np.convolve(RNG.normal(0.0, 0.004, 402), [1.0, 0.6, 0.3], "valid")
R = 0.0005 + F @ np.array([1.1, -0.4, 0.2]) + NOISE


@pytest.mark.parametrize("lags", [0, 1, 6])
def test_the_regression_of_statsmodels(lags: int) -> None:
    with warnings.catch_warnings():
        # Importing the oracle touches what the newest pandas calls deprecated.
        warnings.simplefilter("ignore")
        import statsmodels.api as sm

    peer = sm.OLS(R, sm.add_constant(F)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    found = factor_exposures(R, F, lags=lags)
    np.testing.assert_allclose(found.parameters, peer.params, rtol=1e-10)
    np.testing.assert_allclose(found.errors, peer.bse, rtol=1e-9)
    np.testing.assert_allclose(found.t_values, peer.tvalues, rtol=1e-9)
    assert found.r_squared == pytest.approx(peer.rsquared, rel=1e-10)
    assert (found.alpha, found.betas.size) == (found.parameters[0], 3)


def test_refusals() -> None:
    with pytest.raises(InsufficientData, match="4 observations for 4 parameters"):
        factor_exposures(R[:4], F[:4])
    with pytest.raises(InvalidInput, match="400 returns beside 399"):
        factor_exposures(R, F[:-1])
    with pytest.raises(InvalidInput, match="repeat each other"):
        factor_exposures(R, F[:, [0, 1, 0]])
    with pytest.raises(InvalidInput, match="repeat each other"):
        factor_exposures(R, np.zeros((400, 1)))
    with pytest.raises(UndefinedMeasure, match="do not vary"):
        factor_exposures(np.full(400, 0.01), F)
    with pytest.raises(InvalidInput, match="lags is 400"):
        factor_exposures(R, F, lags=400)
    with pytest.raises(MissingData, match="row 0, column 0"):
        factor_exposures(np.where(np.arange(400) == 0, np.nan, R), F)
