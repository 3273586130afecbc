"""Forecasts out of sample: the models' own functions on single days, no look-ahead, and tails that learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, NotConverged, UndefinedMeasure, UnknownName
from argosy.measures.risk.loss.history import age_weighted, filtered, historical
from argosy.measures.risk.loss.parametric import cornish_fisher, normal, normal_tail, student_t, student_t_tail
from argosy.measures.risk.loss.tail import tail_of
from argosy.measures.risk.validation import forecasts
from argosy.measures.risk.validation.forecasts import AGE_DECAY, LEARNING, MODELS, rolling_forecasts, tails_of_rows
from argosy.models.moments.observations import InsufficientData
from argosy.models.volatility.ewma import ewma_variances
from argosy.models.volatility.garch import NonStationary, fit_garch

WINDOW = 300


def series(days: int = 340, seed: int = 5) -> np.ndarray:
    g = np.random.default_rng(seed)
    out, h = np.empty(days), 1e-4
    for day in range(days):
        out[day] = np.sqrt(h) * g.standard_t(6) * np.sqrt(4 / 6)
        h = 4e-6 + (0.05 + 0.08 * (out[day] < 0)) * out[day] ** 2 + 0.87 * h
    return out


RETURNS = series()
LEVELS = [0.9, 0.975]


def run(model: str, returns: np.ndarray = RETURNS, refit: int = 25) -> forecasts.Forecasts:
    return rolling_forecasts(returns, model=model, confidences=LEVELS, window=WINDOW, refit=refit)


@given(
    st.lists(st.integers(-50, 50), min_size=5, max_size=40), st.floats(0.01, 0.6), st.booleans(),
)  # fmt: skip
def test_rows_have_the_tails_of_single_samples(losses: list[int], mass: float, fading: bool) -> None:
    x = np.array(losses, dtype=np.float64)
    weights = 0.9 ** np.arange(x.size)[::-1]
    weights /= weights.sum()
    expected = tail_of(x, weights if fading else np.full(x.size, 1.0 / x.size), mass)
    value, shortfall = tails_of_rows(np.vstack([x, x[::-1]]), [mass, 0.5], weights if fading else None)
    assert value[0, 0] == pytest.approx(expected[0], abs=1e-9)
    assert shortfall[0, 0] == pytest.approx(expected[1], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("day", [0, 1, 25, 39])
def test_each_day_is_the_models_own_answer(day: int) -> None:
    seen = RETURNS[day : WINDOW + day]
    at_fit = RETURNS[day - day % 25 : WINDOW + day - day % 25]
    for c, level in enumerate(LEVELS):
        own = {
            "historical": historical(seen, confidence=level, errors="none"),
            "age-weighted": age_weighted(seen, confidence=level, decay=AGE_DECAY, errors="none"),
            "normal": normal(seen, confidence=level),
            "student t": student_t(at_fit, confidence=level),
            "cornish-fisher": cornish_fisher(at_fit, confidence=level),
            "ewma": normal_tail(
                confidence=level, volatility=float(np.sqrt(ewma_variances(RETURNS[: WINDOW + day])[-1]))
            ),
        }
        for model, expected in own.items():
            found = run(model)
            assert found.value_at_risk[day, c] == pytest.approx(expected.value_at_risk, rel=1e-9), model
            assert found.shortfall[day, c] == pytest.approx(expected.expected_shortfall, rel=1e-9), model


def test_on_the_day_of_a_fit_a_garch_forecast_is_the_fits_own() -> None:
    fit = fit_garch(RETURNS[25 : WINDOW + 25], model="gjr", errors="t", engine="kernel")
    sigma = float(np.sqrt(fit.next_variance))
    expected = student_t_tail(confidence=0.975, volatility=sigma, nu=fit.nu, mean=fit.mean)
    found = run("gjr-t")
    assert found.value_at_risk[25, 1] == pytest.approx(expected.value_at_risk, rel=1e-9)
    assert found.shortfall[25, 1] == pytest.approx(expected.expected_shortfall, rel=1e-9)
    plain = run("garch")
    fit = fit_garch(RETURNS[:WINDOW], model="garch", engine="kernel")
    expected = normal_tail(confidence=0.9, volatility=float(np.sqrt(fit.next_variance)), mean=fit.mean)
    assert plain.value_at_risk[0, 0] == pytest.approx(expected.value_at_risk, rel=1e-9)
    own = filtered(RETURNS[:WINDOW], confidence=0.9, model="gjr", fit_errors="t")
    # The twin and the compiled search agree to about 1e-5 in parameters.
    assert run("filtered gjr-t").value_at_risk[0, 0] == pytest.approx(own.value_at_risk, rel=1e-3)


def test_between_fits_the_variance_moves_by_the_recursion() -> None:
    fit = fit_garch(RETURNS[:WINDOW], model="garch", engine="kernel")
    h = fit.next_variance
    found = run("garch")
    z = found.value_at_risk[0, 0] + fit.mean
    for day in range(1, 5):
        h = fit.omega + fit.alpha * (RETURNS[WINDOW + day - 1] - fit.mean) ** 2 + fit.beta * h
        expected = z * np.sqrt(h / fit.next_variance) - fit.mean
        assert found.value_at_risk[day, 0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("model", list(MODELS))
def test_tomorrow_changes_no_forecast_made_today(model: str) -> None:
    # Everything from day 30 of the forecasts on is another world; forecasts for days 0 to 30 stay what they were.
    other = RETURNS.copy()
    other[WINDOW + 30 :] = 5.0 * series(seed=9)[WINDOW + 30 :]
    one, two = run(model), run(model, other)
    for field in ("value_at_risk", "shortfall"):
        assert np.array_equal(getattr(one, field)[:31], getattr(two, field)[:31])
    assert one.value_at_risk.shape == (40, 2)
    assert (one.shortfall >= one.value_at_risk).all()
    assert (one.value_at_risk[:, 1] > one.value_at_risk[:, 0]).all()
    assert np.array_equal(one.losses, -RETURNS[WINDOW:])


@pytest.mark.parametrize("model", ["historical", "volatility-scaled", "gjr-t", "adaptive gjr-t", "student t"])
def test_the_forecast_for_tomorrow_is_what_the_next_day_would_have_been_told(model: str) -> None:
    shorter = run(model, RETURNS[:-1])
    assert np.array_equal(shorter.next_value_at_risk, run(model).value_at_risk[-1])
    assert np.array_equal(shorter.next_shortfall, run(model).shortfall[-1])


def test_volatility_scaled_by_its_definition() -> None:
    deviation = np.sqrt(ewma_variances(RETURNS))
    scaled = RETURNS[20:320] / np.where(np.arange(20, 320) < 75, deviation[75], deviation[20:320]) * deviation[320]
    expected = historical(scaled, confidence=0.9, errors="none")
    assert run("volatility-scaled").value_at_risk[20, 0] == pytest.approx(expected.value_at_risk, rel=1e-9)


def test_an_adaptive_tail_learns_from_each_exception() -> None:
    steady, learning = run("filtered gjr-t"), run("adaptive gjr-t")
    # The first day nothing has been learned yet.
    assert learning.value_at_risk[0, 0] == pytest.approx(steady.value_at_risk[0, 0], rel=1e-12)
    share = 0.1
    for day in range(39):
        share += LEARNING * (0.1 - (learning.losses[day] > learning.value_at_risk[day, 0]))
        share = min(max(share, 0.01), 0.25)
        # Its forecast is the filtered one at that share of days.
        again = rolling_forecasts(RETURNS[: WINDOW + day + 2], model="filtered gjr-t", confidences=[1.0 - share],
                                  window=WINDOW, refit=25)  # fmt: skip
        if day % 9 == 0:
            assert learning.value_at_risk[day + 1, 0] == pytest.approx(again.value_at_risk[day + 1, 0], rel=1e-9)
            assert learning.shortfall[day + 1, 0] == pytest.approx(again.shortfall[day + 1, 0], rel=1e-9)


def test_fits_that_fail_hold_on_to_what_there_was(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def failing(*given: object, **options: object) -> object:
        calls.append(given)
        if len(calls) != 2:
            raise NotConverged("no")
        return fit_garch(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(forecasts, "fit_garch", failing)
    found = run("garch-t", refit=15)
    assert (found.fits, found.held) == (1, 2)
    # Before the first fit the variance is RiskMetrics' and the errors are normal.
    first = normal_tail(confidence=0.9, volatility=1.0).value_at_risk
    variance = 0.94 * ((found.value_at_risk[0, 0] / first) ** 2) + 0.06 * RETURNS[WINDOW] ** 2
    assert (found.value_at_risk[1, 0] / first) ** 2 == pytest.approx(variance, rel=1e-9)


def test_a_static_fit_that_fails_is_held_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    jump = RETURNS.copy()
    jump[WINDOW + 10] = -0.5
    held = run("cornish-fisher", jump, refit=15)
    assert held.held >= 1
    assert np.array_equal(held.value_at_risk[15], held.value_at_risk[14])
    with pytest.raises(UndefinedMeasure, match="Cornish-Fisher"):
        run("cornish-fisher", np.roll(jump, -20))


def test_an_egarch_variance_that_runs_away_is_no_forecast() -> None:
    jump = RETURNS.copy()
    jump[WINDOW + 10 : WINDOW + 13] = [-9.0, 9.0, -9.0]
    with pytest.raises(NonStationary, match="ran away"):
        run("egarch-t", jump, refit=40)


def test_refusals() -> None:
    with pytest.raises(UnknownName, match="did you mean"):
        rolling_forecasts(RETURNS, model="garch_t", confidences=[0.99])
    with pytest.raises(InsufficientData, match="no day to forecast"):
        rolling_forecasts(RETURNS, model="normal", confidences=[0.99])
    with pytest.raises(InvalidInput, match="window is 100"):
        rolling_forecasts(RETURNS, model="normal", confidences=[0.99], window=100)
    with pytest.raises(InvalidInput, match="for 99 percent"):
        rolling_forecasts(RETURNS, model="normal", confidences=[99], window=WINDOW)
    with pytest.raises(InvalidInput, match="is nan"):
        rolling_forecasts([float("nan")] * 400, model="normal", confidences=[0.99], window=WINDOW)
    with pytest.raises(UndefinedMeasure, match="no volatility"):
        rolling_forecasts(np.zeros(400), model="volatility-scaled", confidences=[0.99], window=WINDOW)
