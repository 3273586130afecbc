"""The catalogue of measures: peers as oracles, what is undefined and why, and identities between measures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, UnknownName
from argosy.measures.performance import catalogue as c
from argosy.measures.performance.conventions import BASEL, CONVENTIONS, EMPYRICAL, GIPS, Convention, R, convention
from argosy.measures.performance.reasons import Measured, Reason, UndefinedMeasure, undefined

T = np.arange(120.0)
MINE = 0.004 + 0.03 * np.sin(1.7 * T) + 0.02 * np.cos(0.31 * T * T)
MARKET = 0.003 + 0.025 * np.sin(1.7 * T + 0.4) + 0.01 * np.sin(0.17 * T * T)

# Output of empyrical-reloaded 0.7.1 (and pandas for shape) on MINE, MARKET with period="monthly".
EMPYRICAL_GIVES = {
    "total_return": 0.7623959400526801,
    "annual_return": 0.05830378254886126,
    "volatility": 0.0900196113956293,
    "sharpe_ratio": 0.6754133372042462,
    "sortino_ratio": 1.1485678759457678,
    "downside_deviation": 0.05293587555414289,
    "max_drawdown": 0.09461382703158745,
    "calmar_ratio": 0.6162289844738672,
    "omega_ratio": 1.5977392054647297,
    "tail_ratio": 1.339170427709526,
    "value_at_risk": 0.036216955787827645,
    "expected_shortfall": 0.04107362145932136,
    "steadiness": 0.9338006944128893,
    "beta": 0.91211460446781,
    "jensen_alpha": 0.016946358140906392,
    "information_ratio": 0.054145465638417475,
    "up_capture": 1.0826280871928289,
    "down_capture": 0.9822855526213708,
    "skewness": 0.01272091438127226,
    "excess_kurtosis": -0.8806788183438998,
    "tracking_error": 0.06705982380790942,
}

# scipy 1.17.1, statsmodels 0.15.0 and quantstats 0.0.86 on the same series.
OTHERS_GIVE = {
    "jarque_bera": 3.999302076555801,
    "jarque_bera_p": 0.13538251831124892,
    "skewness": 0.012561347586046412,
    "excess_kurtosis": -0.8939962334923175,
    "autocorrelation": -0.09999825648549861,
    "r_squared": 0.44922482428692556,
    "gain_to_pain_ratio": 0.5977392054647295,
}


@pytest.mark.parametrize("name", sorted(EMPYRICAL_GIVES))
def test_empyrical_agrees(name: str) -> None:
    found = c.find_measure(name)(MINE, periods_per_year=12, benchmark=MARKET, convention=EMPYRICAL)
    assert found == pytest.approx(EMPYRICAL_GIVES[name], rel=1e-10)


def test_empyrical_agrees_on_rates() -> None:
    assert c.sharpe_ratio(MINE, periods_per_year=12, risk_free=0.002) == pytest.approx(0.40880476571728624, rel=1e-10)
    assert c.sortino_ratio(MINE, periods_per_year=12, target=0.002) == pytest.approx(0.6473299759088575, rel=1e-10)


@pytest.mark.parametrize("name", sorted(OTHERS_GIVE))
def test_other_libraries_agree(name: str) -> None:
    found = c.find_measure(name)(MINE, periods_per_year=12, benchmark=MARKET)
    assert found == pytest.approx(OTHERS_GIVE[name], rel=1e-10)


def test_specific_risk_is_the_residual_of_a_regression() -> None:
    fit = np.polyfit(MARKET, MINE, 1)
    residual = MINE - np.polyval(fit, MARKET)
    found = c.specific_risk(MINE, periods_per_year=12, benchmark=MARKET)
    assert found == pytest.approx((residual @ residual / 119 * 12) ** 0.5, rel=1e-12)
    alpha = c.jensen_alpha(MINE, periods_per_year=12, benchmark=MARKET)
    assert alpha == pytest.approx(fit[1] * 12, rel=1e-10)
    assert fit == pytest.approx([0.9121146044678097, 0.0014013451748481804])  # statsmodels OLS


@pytest.mark.parametrize("name", sorted(c.MEASURES))
def test_every_entry_says_what_it_is(name: str) -> None:
    entry = c.MEASURES[name]
    assert all([entry.title, entry.definition, entry.source, entry.unit, entry.direction])
    assert getattr(c, name) is entry


def test_the_catalogue_reads_as_a_table() -> None:
    table = c.catalogue_table()
    assert len(table) == len(c.MEASURES) > 45
    assert table.rows()[0]["name"] == "total_return"


@pytest.mark.parametrize("preset", list(CONVENTIONS.values()), ids=str)
def test_all_measures_under_all_conventions(preset: Convention) -> None:
    found = c.measure_all(MINE, periods_per_year=12, benchmark=MARKET, convention=preset)
    assert not found.reasons.any()
    for name in found.names:
        single = c.find_measure(name)(MINE, periods_per_year=12, benchmark=MARKET, convention=preset)
        assert found.value(name) == single


def test_conventions_by_name() -> None:
    assert convention("r") is R
    with pytest.raises(UnknownName, match="GIPS"):
        convention("GIPSS")


def test_where_conventions_differ() -> None:
    def under(name: str, preset: Convention) -> float:
        return c.find_measure(name)(MINE, periods_per_year=12, benchmark=MARKET, convention=preset)

    log = np.log1p(MINE[MARKET > 0]).sum(), np.log1p(MARKET[MARKET > 0]).sum()
    count = int((MARKET > 0).sum())
    assert under("up_capture", GIPS) == pytest.approx(math.expm1(log[0] / count) / math.expm1(log[1] / count))
    assert under("up_capture", R) == pytest.approx(math.expm1(log[0]) / math.expm1(log[1]))
    summed = Convention("sums", "", capture="sum")
    assert under("up_capture", summed) == pytest.approx(MINE[MARKET > 0].sum() / MARKET[MARKET > 0].sum())
    assert under("sortino_ratio", R) * 12**0.5 == pytest.approx(under("sortino_ratio", GIPS))
    assert under("information_ratio", EMPYRICAL) * 12**0.5 == pytest.approx(under("information_ratio", GIPS))
    ordered = np.sort(MINE)
    assert under("value_at_risk", BASEL) == pytest.approx(-ordered[5])  # the sixth of 120 at 95%
    assert under("expected_shortfall", BASEL) == pytest.approx(-ordered[:6].mean())
    annual, other = c.annual_return(MINE, periods_per_year=12), c.annual_return(MARKET, periods_per_year=12)
    error = c.tracking_error(MINE, periods_per_year=12, benchmark=MARKET)
    assert under("information_ratio", R) == pytest.approx((annual - other) / error)
    beta = under("beta", R)
    assert under("treynor_ratio", R) == pytest.approx(annual / beta)
    assert under("treynor_ratio", GIPS) == pytest.approx(MINE.mean() * 12 / beta)
    assert under("burke_ratio", R) != under("burke_ratio", GIPS)


def test_burke_by_hand() -> None:
    returns = [0.1, -0.1, -0.1, 0.05, -0.02, 0.5]
    runs = (1 - 0.9 * 0.9) ** 2 + 0.02**2
    whole = 1.0 - 0.9 * 0.9  # one fall from the peak of 1.1, over the small rise
    annual = np.prod(1 + np.array(returns)) ** 2 - 1
    assert c.burke_ratio(returns, periods_per_year=12, convention=R) == pytest.approx(annual / runs**0.5)
    held = Convention("x", "", under_a_year=True)
    assert c.burke_ratio(returns, periods_per_year=12, convention=held) == pytest.approx(annual / whole)


CONSTANT = [0.01] * 24
RISING = [0.01, 0.02] * 12


@pytest.mark.parametrize(
    ("name", "returns", "options", "reason"),
    [
        ("annual_return", [0.1] * 11, {}, Reason.UNDER_A_YEAR),
        ("calmar_ratio", [0.1, -0.2] * 5, {}, Reason.UNDER_A_YEAR),
        ("annual_return", [0.1, -1.5] * 12, {}, Reason.BELOW_TOTAL_LOSS),
        ("total_return", [0.1, -1.5], {}, Reason.BELOW_TOTAL_LOSS),
        ("total_return", [0.5, *[120.0] * 2519], {}, Reason.OVERFLOW),
        ("max_drawdown", [-1.5], {}, Reason.BELOW_TOTAL_LOSS),
        ("volatility", [0.1], {}, Reason.TOO_SHORT),
        ("sharpe_ratio", CONSTANT, {}, Reason.NO_DISPERSION),
        ("sharpe_ratio", CONSTANT, {"risk_free": 0.01}, Reason.NO_DISPERSION),
        ("sharpe_ratio", MINE, {"risk_free": MINE - 0.1}, Reason.NO_DISPERSION),
        ("probabilistic_sharpe_ratio", CONSTANT, {}, Reason.NO_DISPERSION),
        ("skewness", CONSTANT, {}, Reason.NO_DISPERSION),
        ("skewness", [0.1, 0.2], {"convention": EMPYRICAL}, Reason.TOO_SHORT),
        ("excess_kurtosis", [0.1, 0.2, 0.4], {"convention": EMPYRICAL}, Reason.TOO_SHORT),
        ("jarque_bera_p", CONSTANT, {}, Reason.NO_DISPERSION),
        ("autocorrelation", CONSTANT, {}, Reason.NO_DISPERSION),
        ("autocorrelation", [0.1], {}, Reason.TOO_SHORT),
        ("steadiness", [0.0] * 5, {}, Reason.NO_DISPERSION),
        ("steadiness", [0.1, -1.0, 0.2], {}, Reason.TOTAL_LOSS),
        ("steadiness", [0.1, 0.2], {}, Reason.TOO_SHORT),
        ("sortino_ratio", RISING, {}, Reason.NO_DOWNSIDE),
        ("omega_ratio", RISING, {}, Reason.NO_DOWNSIDE),
        ("kappa_three", RISING, {}, Reason.NO_DOWNSIDE),
        ("upside_potential_ratio", RISING, {}, Reason.NO_DOWNSIDE),
        ("gain_to_pain_ratio", RISING, {}, Reason.NO_LOSS),
        ("gain_loss_ratio", RISING, {}, Reason.NO_LOSS),
        ("calmar_ratio", RISING, {}, Reason.NO_DRAWDOWN),
        ("burke_ratio", RISING, {}, Reason.NO_DRAWDOWN),
        ("pain_ratio", RISING, {}, Reason.NO_DRAWDOWN),
        ("martin_ratio", RISING, {}, Reason.NO_DRAWDOWN),
        ("sterling_ratio", RISING, {"convention": Convention("x", "", sterling_excess=0.0)}, Reason.NO_DRAWDOWN),
        ("tail_ratio", [0.0] * 5, {}, Reason.ZERO_QUANTILE),
        ("beta", MINE, {}, Reason.NO_BENCHMARK),
        ("beta", MINE, {"benchmark": [0.01] * 120}, Reason.CONSTANT_BENCHMARK),
        ("beta", MINE, {"benchmark": np.full(120, 0.01), "risk_free": 0.002}, Reason.CONSTANT_BENCHMARK),
        ("correlation", CONSTANT, {"benchmark": MARKET[:24]}, Reason.NO_DISPERSION),
        ("information_ratio", MINE, {"benchmark": MINE}, Reason.NO_ACTIVE_RISK),
        ("information_ratio", MINE, {"benchmark": MINE - 0.001}, Reason.NO_ACTIVE_RISK),
        ("treynor_ratio", [0.1, 0.1, -0.1, -0.1], {"benchmark": [0.1, -0.1, 0.1, -0.1]}, Reason.NO_BETA),
        ("up_capture", [0.1, 0.2], {"benchmark": [-0.1, -0.2]}, Reason.NO_RISING_MARKET),
        ("down_capture", [0.1, 0.2], {"benchmark": [0.1, 0.2]}, Reason.NO_FALLING_MARKET),
        ("up_beta", [0.1, 0.2, 0.3], {"benchmark": [0.1, -0.2, -0.1]}, Reason.NO_RISING_MARKET),
        ("down_beta", [0.1, 0.2, 0.3], {"benchmark": [-0.1, -0.1, 0.1]}, Reason.NO_FALLING_MARKET),
        ("active_return", RISING, {"benchmark": [-1.5] * 24}, Reason.BELOW_TOTAL_LOSS),
        ("jensen_alpha", [0.1, 0.2, 0.1], {"benchmark": [0.1, 0.0, 0.1], "convention": GIPS}, None),
        ("jensen_alpha", MINE[:6], {"benchmark": MARKET[:6], "convention": R}, None),
    ],
)  # fmt: skip
def test_undefined_says_why(name, returns, options, reason) -> None:
    measure = c.find_measure(name)
    if reason is None:
        assert math.isfinite(measure(returns, periods_per_year=12, **options))
        return
    with pytest.raises(UndefinedMeasure) as caught:
        measure(returns, periods_per_year=12, **options)
    assert caught.value.found == reason.name
    assert reason.sentence in str(caught.value)
    assert "Next: " in str(caught.value)


def test_every_reason_has_words() -> None:
    for reason in Reason:
        assert (reason.sentence != "") == (reason != Reason.DEFINED)
        assert (reason.next_step != "") == (reason != Reason.DEFINED)
    assert "(here)" in str(undefined("x", Reason.NO_ROOT, detail="here"))


def test_what_no_cause_explains_is_overflow() -> None:
    found = Measured.of(np.array([np.inf, 1.0]))
    assert found.reasons.tolist() == [Reason.OVERFLOW, 0]


def test_a_total_loss_is_a_return() -> None:
    lost = [0.1] * 12 + [-1.0] + [0.2] * 12
    assert c.total_return(lost, periods_per_year=12) == -1.0
    assert c.annual_return(lost, periods_per_year=12) == -1.0
    assert c.max_drawdown(lost, periods_per_year=12) == 1.0


def test_a_first_loss_is_a_drawdown() -> None:
    assert c.max_drawdown([-0.1, 0.05], periods_per_year=12) == pytest.approx(0.1)


def test_volatility_of_a_constant_series_is_zero_to_the_bit() -> None:
    assert c.volatility([0.1] * 7, periods_per_year=12) == 0.0
    assert c.tracking_error([0.3] * 7, periods_per_year=12, benchmark=[0.1] * 7) == 0.0


def test_inputs_are_refused_with_their_place() -> None:
    with pytest.raises(InvalidInput, match=r"returns\[1\] is nan"):
        c.sharpe_ratio([0.1, float("nan")], periods_per_year=12)
    with pytest.raises(InvalidInput, match=r"returns\[1, 0\] is inf"):
        c.measure_all([[0.1, 0.2], [float("inf"), 0.1]], periods_per_year=12)
    with pytest.raises(InvalidInput, match=r"benchmark\[0, 1\] is nan"):
        c.beta([0.1, 0.2], periods_per_year=12, benchmark=[0.1, float("nan")])
    with pytest.raises(InvalidInput, match="fractions, not prices"):
        c.volatility([1e308, 1e308], periods_per_year=12)
    with pytest.raises(InvalidInput, match="confidence is 95"):
        c.value_at_risk([0.1, 0.2], periods_per_year=12, confidence=95)
    with pytest.raises(InvalidInput, match="periods_per_year"):
        c.volatility([0.1, 0.2], periods_per_year=0)
    with pytest.raises(InvalidInput, match="shape"):
        c.volatility([], periods_per_year=12)
    with pytest.raises(InvalidInput, match="beside returns of shape"):
        c.beta([0.1, 0.2], periods_per_year=12, benchmark=[0.1, 0.2, 0.3])
    with pytest.raises(InvalidInput, match="not a number"):
        c.volatility(["a", "b"], periods_per_year=12)
    with pytest.raises(UnknownName, match="sharpe_ratio"):
        c.measure_all([0.1, 0.2], periods_per_year=12, names=["sharp_ratio"])
    with pytest.raises(InvalidInput, match="at least one name"):
        c.measure_all([0.1, 0.2], periods_per_year=12, names=[])


def test_series_of_different_lengths() -> None:
    block = np.stack([MINE, MINE, MARKET])
    block[1, :20] = np.nan
    spans = [[0, 120], [20, 120], [5, 50]]
    found = c.measure_all(block, periods_per_year=12, spans=spans, names=["sharpe_ratio", "max_drawdown"])
    assert found.value("sharpe_ratio", 1) == c.sharpe_ratio(MINE[20:], periods_per_year=12)
    assert found.value("max_drawdown", 2) == c.max_drawdown(MARKET[5:50], periods_per_year=12)
    with pytest.raises(InvalidInput, match=r"returns\[1, 19\] is nan"):
        c.measure_all(block, periods_per_year=12, spans=[[0, 120], [19, 120], [0, 1]])
    for wrong in ([[0, 120]], [[0, 121], [0, 1], [0, 1]], [[3, 3], [0, 1], [0, 1]]):
        with pytest.raises(InvalidInput, match="spans"):
            c.measure_all(block, periods_per_year=12, spans=wrong)


def test_bulk_answers_with_a_table() -> None:
    found = c.measure_all([MINE, CONSTANT + [0.01] * 96], periods_per_year=12, names=["sharpe_ratio", "volatility"])
    assert Reason(int(found.of("sharpe_ratio").reasons[1])) == Reason.NO_DISPERSION
    with pytest.raises(UndefinedMeasure, match="do not vary"):
        found.value("sharpe_ratio", 1)
    with pytest.raises(UnknownName):
        found.of("beta")
    rows = found.table(1).rows()
    assert rows[0]["value"] is None
    assert rows[0]["reason"] == "the returns do not vary"
    assert rows[1]["value"] == 0.0


series = st.lists(st.floats(-0.5, 0.5), min_size=24, max_size=60)


@settings(max_examples=60)
@given(series, st.floats(0.1, 1.5))
def test_scaling_a_series(values, factor) -> None:
    returns = np.array(values)
    left = c.measure_all(returns, periods_per_year=12, benchmark=MARKET[: returns.size])
    right = c.measure_all(returns * factor, periods_per_year=12, benchmark=MARKET[: returns.size])
    for name, power in (("sharpe_ratio", 0), ("volatility", 1), ("beta", 1), ("omega_ratio", 0), ("skewness", 0)):
        if not (left.of(name).reasons[0] or right.of(name).reasons[0]):
            assert right.value(name) == pytest.approx(left.value(name) * factor**power, rel=1e-6, abs=1e-9)


@settings(max_examples=60)
@given(series, st.randoms(use_true_random=False))
def test_order_matters_only_on_the_path(values, random) -> None:
    mixed = list(values)
    random.shuffle(mixed)
    names = ["total_return", "volatility", "sortino_ratio", "expected_shortfall", "value_at_risk", "skewness"]
    left = c.measure_all(values, periods_per_year=12, names=names)
    right = c.measure_all(mixed, periods_per_year=12, names=names)
    np.testing.assert_array_equal(left.reasons, right.reasons)
    np.testing.assert_allclose(left.values, right.values, rtol=1e-6, atol=1e-12)


@settings(max_examples=60)
@given(series)
def test_bounds_between_measures(values) -> None:
    found = c.measure_all(values, periods_per_year=12, benchmark=MARKET[: len(values)], confidence=0.9)
    value = {name: found.value(name) for name in found.names if not found.of(name).reasons[0]}
    assert value["expected_shortfall"] >= value["value_at_risk"] - 1e-12 or len(values) < 10
    assert value["pain_index"] <= value["ulcer_index"] + 1e-12 <= value["max_drawdown"] + 2e-12
    assert value["worst_return"] <= value["mean_return"] / 12 + 1e-12
    assert value["mean_return"] / 12 <= value["best_return"] + 1e-12
    if "omega_ratio" in value and value["downside_potential"] > 1e-9:
        assert value["omega_sharpe_ratio"] == pytest.approx(value["omega_ratio"] - 1.0, rel=1e-9, abs=1e-9)
        assert value["omega_ratio"] == pytest.approx(value["gain_loss_ratio"], rel=1e-9)
    if "correlation" in value:
        assert value["r_squared"] == pytest.approx(value["correlation"] ** 2)
        total = value["systematic_risk"] ** 2 + value["specific_risk"] ** 2
        assert total == pytest.approx(value["volatility"] ** 2, rel=1e-6, abs=1e-12)


def test_a_copy_of_the_benchmark() -> None:
    found = c.measure_all(MARKET, periods_per_year=12, benchmark=MARKET, risk_free=0.001)
    for name in ("beta", "up_beta", "down_beta", "correlation", "r_squared", "up_capture", "down_capture"):
        assert found.value(name) == pytest.approx(1.0, abs=1e-12)
    for name in ("jensen_alpha", "active_return", "tracking_error", "specific_risk"):
        assert found.value(name) == pytest.approx(0.0, abs=1e-7)
    assert found.value("m_squared") == pytest.approx(MARKET.mean() * 12)
