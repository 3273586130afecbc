"""GARCH fits against the arch package, forecasts against its forecasts, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, MissingData, NotConverged, UndefinedMeasure
from argosy.kernels import garch as kernel
from argosy.models.moments.observations import InsufficientData
from argosy.models.volatility import garch as room
from argosy.models.volatility.garch import NonStationary, fit_garch, fit_many
from tests.models.volatility.series import arch_model, garch_series

ARCH = {
    "garch": {"vol": "GARCH", "p": 1, "o": 0, "q": 1}, "gjr": {"vol": "GARCH", "p": 1, "o": 1, "q": 1},
    "egarch": {"vol": "EGARCH", "p": 1, "o": 1, "q": 1},
}  # fmt: skip


def oracle(y: np.ndarray, model: str, errors: str):
    found = arch_model(y, rescale=False, dist=errors, **ARCH[model])
    return found.fit(disp="off", show_warning=False, tol=1e-10, options={"maxiter": 1000})


@pytest.mark.parametrize("model", ["garch", "gjr", "egarch"])
@pytest.mark.parametrize("errors", ["normal", "t"])
def test_the_likelihood_of_arch(model: str, errors: str) -> None:
    y = garch_series(1500, gamma=0.06, alpha=0.04) + 0.3 * np.random.default_rng(3).standard_t(4, 1500)
    peer = oracle(y, model, errors)
    fit = fit_garch(y, model=model, errors=errors)
    # At the parameters of arch the same formula gives the same number; at ours it is not lower.
    at = np.zeros(6)
    names = {"mu": 0, "omega": 1, "alpha[1]": 2, "gamma[1]": 3, "beta[1]": 4, "nu": 5}
    for name, value in peer.params.items():
        at[names[name]] = value
    same, _ = kernel.cost(y, at, kind=room.KINDS[model], student=errors == "t")
    assert -same == pytest.approx(peer.loglikelihood, rel=1e-10)
    assert fit.log_likelihood >= peer.loglikelihood - 1e-4
    assert fit.log_likelihood == pytest.approx(peer.loglikelihood, abs=2e-3)
    np.testing.assert_allclose(fit.parameters, at, atol=0.02, rtol=0.02)
    np.testing.assert_allclose(np.sqrt(fit.variances[:-1]), peer.conditional_volatility, rtol=0.01)


def test_standard_errors_and_forecast_of_arch() -> None:
    y = garch_series(2000)
    peer = arch_model(y, rescale=False).fit(disp="off", cov_type="classic")
    fit = fit_garch(y)
    np.testing.assert_allclose(fit.parameter_errors[[0, 1, 2, 4]], peer.std_err, rtol=0.03)
    ahead = peer.forecast(horizon=10, reindex=False).variance.to_numpy()[0]
    np.testing.assert_allclose(fit.forecast(10), ahead, rtol=2e-3)
    assert fit.forecast(3000)[-1] == pytest.approx(fit.long_run_variance, rel=1e-6)


@pytest.mark.parametrize("model", ["garch", "gjr"])
def test_simulated_squares_agree_with_the_forecast(model: str) -> None:
    fit = fit_garch(garch_series(1200, gamma=0.05, alpha=0.04), model=model, errors="t")
    paths = fit.simulate(5, paths=200_000, generator=np.random.default_rng(1))
    squares = (paths - fit.mean) ** 2
    error = squares.std(axis=0) / np.sqrt(200_000)
    # The bound of five standard errors is over five periods at once.
    assert (np.abs(squares.mean(axis=0) - fit.forecast(5)) < 5.0 * error).all()


def test_filtered_futures_draw_the_residuals() -> None:
    fit = fit_garch(garch_series(600), model="egarch")
    ahead = fit.simulate(3, paths=500, generator=np.random.default_rng(2), innovations="history")
    first = (ahead[:, 0] - fit.mean) / np.sqrt(fit.next_variance)
    assert np.isin(first.round(9), fit.residuals.round(9)).all()
    again = fit.simulate(3, paths=500, generator=np.random.default_rng(2), innovations="history")
    np.testing.assert_array_equal(ahead, again)


def test_scale_changes_nothing_but_the_scale() -> None:
    y = garch_series(800)
    one, other = fit_garch(y), fit_garch(y / 100.0)
    assert other.alpha == pytest.approx(one.alpha, rel=1e-6)
    assert other.omega * 1e4 == pytest.approx(one.omega, rel=1e-6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood + 800 * np.log(100.0), abs=1e-6)


def test_many_series_are_each_fitted_alone() -> None:
    y = np.column_stack([garch_series(400, seed=s) for s in (1, 2)] + [np.full(400, 0.01)])
    many = fit_many(y)
    assert many.outcomes[2] == "constant"
    assert np.isnan(many.parameters[2]).all()
    for column in (0, 1):
        if many.outcomes[column] == "converged":
            np.testing.assert_array_equal(many.parameters[column], fit_garch(y[:, column]).parameters)


def test_a_random_walk_of_volatility_is_no_stationary_model() -> None:
    rng = np.random.default_rng(4)
    y = np.exp(np.linspace(-4.0, 4.0, 1500)) * rng.standard_normal(1500)
    with pytest.raises(NonStationary, match="never returns"):
        fit_garch(y)
    assert fit_many(y[:, None]).outcomes == ("non-stationary",)


def test_a_search_that_does_not_settle_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    row = np.array([0.0, 1.0, 0.1, 0.0, 0.8, 0.0, -1.0, kernel.UNSETTLED, 200.0])
    monkeypatch.setattr(kernel, "fits", lambda *_, **__: row[None, :])
    with pytest.raises(NotConverged, match="200 evaluations"):
        fit_garch(garch_series(200))


def test_refusals() -> None:
    y = garch_series(300)
    with pytest.raises(InsufficientData):
        fit_garch(y[:50])
    with pytest.raises(MissingData):
        fit_garch(np.where(np.arange(300) == 7, np.nan, y))
    with pytest.raises(UndefinedMeasure, match="do not vary"):
        fit_garch(np.full(300, 0.01))
    with pytest.raises(InvalidInput, match="no model"):
        fit_garch(y, model="arma")
    with pytest.raises(InvalidInput, match="no errors"):
        fit_garch(y, errors="cauchy")
    with pytest.raises(InvalidInput, match="shape"):
        fit_garch(np.zeros((200, 2)))
    fit = fit_garch(y, model="egarch", errors="t")
    assert any("uncertain" in line for line in fit.warnings)
    assert fit.persistence == fit.beta
    with pytest.raises(UndefinedMeasure, match="one period"):
        fit.forecast(2)
    assert fit.forecast(1)[0] == fit.next_variance
    with pytest.raises(UndefinedMeasure, match="closed form"):
        assert fit.long_run_variance
    with pytest.raises(InvalidInput):
        fit.forecast(0)
    with pytest.raises(InvalidInput):
        fit.simulate(0, paths=1, generator=np.random.default_rng(1))
    with pytest.raises(InvalidInput, match="innovations"):
        fit.simulate(1, paths=1, generator=np.random.default_rng(1), innovations="other")


def test_a_likelihood_at_its_edge_has_no_errors() -> None:
    # With no reaction to shocks, beta is any number: the likelihood is flat.
    fit = fit_garch(np.random.default_rng(9).standard_normal(600))
    with pytest.raises(UndefinedMeasure, match="flat"):
        assert replace(fit, alpha=0.0, beta=0.0, omega=1e9).parameter_errors.size
