"""Replays, supposed and prescribed shocks, propagation, and what they cost."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, MissingData, UnknownName
from argosy.measures.risk.stress.losses import revalued_losses, stress_losses
from argosy.measures.risk.stress.prescribed import prescribed_set
from argosy.measures.risk.stress.propagation import propagate
from argosy.measures.risk.stress.shocks import Window, supposed_shocks, window_shocks
from argosy.wiring import scenario_sets


def case(folder: Path, name: str) -> dict:
    cases = json.loads((folder / "domain.json").read_text("utf-8"))["examples"]
    return next(one for one in cases if one["id"] == name)


def test_the_replay_case(shared_cases: Path) -> None:
    one = case(shared_cases, "11.2-REPLAY")
    x = one["inputs"]
    shocks = supposed_shocks(
        {"replay": {"equity": x["equity"], "spread": x["spread"], "rate": x["rate"]}},
        factors=["equity", "spread", "rate"], kinds=["relative", "absolute", "absolute"],
    )  # fmt: skip
    slopes = [[1, 0, 0], [0, -x["spread_dur"], 0], [0, 0, -x["dur"]]]
    bends = [[0, 0, 0], [0, 0, 0], [0, 0, x["conv"]]]
    found = stress_losses(x["values"], slopes, shocks.row("replay"), convexities=bends)
    assert (-found.by_position[0]).tolist() == pytest.approx(one["expected"]["pnl"], rel=1e-6, abs=1e-8)
    assert -found.losses[0] == pytest.approx(one["expected"]["total"], rel=1e-6, abs=1e-8)
    assert found.by_factor.sum() == pytest.approx(found.losses[0], rel=1e-12)
    assert found.table().rows()[0]["loss"] == pytest.approx(18.756)


def test_the_conditional_case(shared_cases: Path) -> None:
    one = case(shared_cases, "10.2-CONDITIONAL")
    x, expected = one["inputs"], one["expected"]
    found = propagate({"equity": x["shock"]}, x["cov"], factors=["equity", "second", "third"])
    assert found.shocks[1:].tolist() == pytest.approx(expected["conditional_mean"], rel=1e-6, abs=1e-8)
    assert found.covariance[1:, 1:] == pytest.approx(np.array(expected["conditional_cov"]), rel=1e-6, abs=1e-8)
    lost = stress_losses(x["weights"], np.eye(3), found.shocks).losses[0]
    assert -lost == pytest.approx(expected["pnl"], rel=1e-6, abs=1e-8)


def test_windows_are_those_of_the_reference_table(shared_data: Path) -> None:
    # The reference computed market returns from the same factors; both link from the close of the first day.
    with gzip.open(shared_data / "factors" / "ff3_us_daily.csv.gz", "rt") as lines:
        rows = [(row["date"], (float(row["mkt_rf"]) + float(row["rf"])) / 100.0) for row in csv.DictReader(lines)]
    with (shared_data / "stress_windows" / "stress_windows.csv").open() as lines:
        windows = list(csv.DictReader(lines))
    wealth = np.cumprod(1.0 + np.array([r for _, r in rows]))
    found = window_shocks(
        [day for day, _ in rows], wealth[:, None], factors=["market"], kinds=["relative"],
        windows=[Window(one["window"], one["start_date"], one["end_date"]) for one in windows],
    )  # fmt: skip
    for one in windows:
        expected = float(one["us_market_total_return"])
        assert found.row(one["window"])[0] == pytest.approx(expected, abs=6e-5), one["window"]


def test_levels_that_do_not_exist_are_missing_and_proxies_are_said() -> None:
    days = ["2020-01-02", "2020-01-03", "2020-01-06", "2020-01-20"]
    levels = [[100.0, np.nan, 0.02], [99.0, np.nan, np.nan], [90.0, 50.0, 0.01], [95.0, 55.0, 0.015]]
    found = window_shocks(
        days, levels, factors=["equity", "crypto", "rate"], kinds=["relative", "relative", "absolute"],
        windows=[Window("first", "2020-01-02", "2020-01-07"), Window("second", "2020-01-06", "2020-01-20")],
    )  # fmt: skip
    with pytest.raises(MissingData, match="no history of crypto in first"):
        found.row("first")
    assert found.row("second").tolist() == pytest.approx([95 / 90 - 1, 0.1, 0.005])
    filled = found.with_proxies({"crypto": ("equity", 2.0)})
    assert filled.row("first").tolist() == pytest.approx([-0.1, -0.2, -0.01])
    assert filled.row("second").tolist() == found.row("second").tolist()
    assert found.table().rows()[0]["crypto"] is None
    with pytest.raises(InvalidInput, match="absolute"):
        found.with_proxies({"crypto": ("rate", 1.0)})
    with pytest.raises(UnknownName):
        found.with_proxies({"cripto": ("equity", 1.0)})
    with pytest.raises(UnknownName, match="did you mean"):
        found.row("frst")
    # A level more than a week old does not stand for the day.
    stale = window_shocks(days, levels, factors=["a", "b", "c"], kinds=["relative", "relative", "absolute"],
                          windows=[Window("late", "2020-01-14", "2020-01-20")])  # fmt: skip
    assert stale.missing.all()


def test_bad_shocks() -> None:
    with pytest.raises(InvalidInput, match="more than all of it"):
        supposed_shocks({"x": {"equity": -30.0}}, factors=["equity"], kinds=["relative"])
    with pytest.raises(UnknownName):
        supposed_shocks({"x": {"equty": -0.3}}, factors=["equity"], kinds=["relative"])
    with pytest.raises(InvalidInput, match="kinds"):
        supposed_shocks({}, factors=["equity"], kinds=["percent"])  # type: ignore[list-item]
    levels = [[1.0], [-1.0]]
    days, window = ["2020-01-02", "2020-01-03"], [Window("w", "2020-01-02", "2020-01-03")]
    with pytest.raises(InvalidInput, match="a price above 0"):
        window_shocks(days, levels, factors=["oil"], kinds=["relative"], windows=window)
    assert window_shocks(days, levels, factors=["oil"], kinds=["absolute"], windows=window).row("w").tolist() == [-2.0]
    with pytest.raises(InvalidInput, match="after the beginning"):
        window_shocks(days, [[1.0], [2.0]], factors=["oil"], kinds=["relative"],
                      windows=[Window("w", "2020-01-03", "2020-01-02")])  # fmt: skip
    with pytest.raises(InvalidInput, match="infinity"):
        window_shocks(days, [[1.0], [np.inf]], factors=["oil"], kinds=["relative"], windows=window)
    with pytest.raises(InvalidInput, match="shape"):
        window_shocks(days, [[1.0, 2.0]], factors=["oil"], kinds=["relative"], windows=window)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2**31))
def test_losses_sum_and_scale(positions: int, factors: int, scenarios: int, seed: int) -> None:
    g = np.random.default_rng(seed)
    values, slopes, shocks = (
        g.normal(size=positions),
        g.normal(size=(positions, factors)),
        g.normal(size=(scenarios, factors)),
    )
    bends = g.normal(size=slopes.shape)
    found = stress_losses(values, slopes, shocks, convexities=bends)
    assert np.allclose(found.by_position.sum(axis=1), found.losses, rtol=1e-12, atol=1e-12)
    assert np.allclose(found.by_factor.sum(axis=1), found.losses, rtol=1e-12, atol=1e-12)
    double = stress_losses(2.0 * values, slopes, shocks, convexities=bends)
    assert np.allclose(double.losses, 2.0 * found.losses, rtol=1e-12, atol=1e-12)
    # The same by full revaluation of the same quadratic.
    second = revalued_losses(lambda x: (values * (1 + x @ slopes.T + 0.5 * x**2 @ bends.T)).sum(axis=1), shocks)
    assert np.allclose(second.losses, found.losses, rtol=1e-9, atol=1e-12)


def test_revaluation_by_position_and_its_refusals() -> None:
    found = revalued_losses(lambda x: np.column_stack([x[:, 0], 2 * x[:, 0]]), [[-0.1]])
    assert found.by_position.tolist() == [pytest.approx([0.1, 0.2])]
    with pytest.raises(InvalidInput, match="shape"):
        revalued_losses(lambda x: np.zeros(5), [[-0.1]])
    with pytest.raises(InvalidInput):
        stress_losses([1.0], [[1.0]], [[np.nan]])


def test_propagation_is_the_regression_of_the_rest() -> None:
    g = np.random.default_rng(3)
    root = g.normal(size=(4, 4))
    cov = root @ root.T
    x = {"a": -1.0, "c": 0.5}
    found = propagate(x, cov, factors=list("abcd"))
    at, rest = [0, 2], [1, 3]
    inverse = np.linalg.inv(cov)
    # Second method: minimize the Mahalanobis distance over the free factors.
    free = -np.linalg.solve(inverse[np.ix_(rest, rest)], inverse[np.ix_(rest, at)] @ np.array([-1.0, 0.5]))
    assert found.shocks[rest].tolist() == pytest.approx(free.tolist(), rel=1e-9)
    assert found.covariance[np.ix_(rest, rest)] == pytest.approx(np.linalg.inv(inverse[np.ix_(rest, rest)]), rel=1e-9)
    assert found.plausibility.distance**2 == pytest.approx(found.shocks @ inverse @ found.shocks, rel=1e-9)
    assert found.as_dict()["a"] == -1.0


def test_propagation_refuses() -> None:
    twins = np.ones((2, 2))
    with pytest.raises(InvalidInput, match="repeat each other"):
        propagate({"a": 1.0, "b": 1.0}, twins, factors=["a", "b"])
    with pytest.raises(InvalidInput, match="more than all of it"):
        propagate({"a": -0.5}, [[0.01, 0.03], [0.03, 0.1]], factors=["a", "b"], kinds=["relative", "relative"])
    with pytest.raises(InvalidInput, match="no factor"):
        propagate({}, twins, factors=["a", "b"])
    with pytest.raises(UnknownName):
        propagate({"x": 1.0}, twins, factors=["a", "b"])


def test_packaged_sets_are_read_and_say_whose_numbers_they_are() -> None:
    texts = scenario_sets()
    assert list(texts) == ["climate", "europe", "recession"]
    for name, text in texts.items():
        found = prescribed_set(text, place=name)
        assert "illustrative" in found.note
        assert found.shocks().values.shape == (len(found.scenarios), len(found.factors))
        assert len(found.table().rows()) == sum(len(one.paths) for one in found.scenarios)
        assert found.path(found.scenarios[0].name).shape[1] == len(found.factors)
    first = prescribed_set(texts["recession"])
    assert first.shocks(at=0).row("adverse")[0] == -0.12
    with pytest.raises(UnknownName):
        first.path("worse")
    with pytest.raises(InvalidInput, match="step 9"):
        first.shocks(at=9)


SET = """
name = "s"
style = "s"
note = "s"
step = "year"
[factors]
equity = "relative"
[[scenarios]]
name = "one"
story = ""
shocks.equity = [-0.1]
"""


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("name = \"s\"", "nam = \"s\"", "unknown entry 'nam'"),
        ("note = \"s\"\n", "", "'note' is missing"),
        ("relative", "percent", "kinds"),
        ("shocks.equity", "shocks.equty", "unknown factor 'equty'"),
        ("[-0.1]", "-0.1", "different lengths or none"),
        ("[-0.1]", "[]", "different lengths or none"),
        ("[-0.1]", "[-10.0]", "more than all of it"),
        ("[-0.1]", "[-0.1", "no TOML"),
        ("[[scenarios]]", "[scenarios]", "no scenarios"),
        ("[factors]\nequity = \"relative\"", "factors = 3", "no table"),
    ],
)  # fmt: skip
def test_bad_sets_are_refused_in_words(before: str, after: str, message: str) -> None:
    assert prescribed_set(SET).shocks().row("one").tolist() == [-0.1]
    with pytest.raises((InvalidInput, UnknownName), match=message):
        prescribed_set(SET.replace(before, after))


def test_scenarios_have_names_of_their_own_and_are_tables() -> None:
    twice = SET + SET[SET.index("[[scenarios]]") :]
    with pytest.raises(InvalidInput, match="different names"):
        prescribed_set(twice)
    with pytest.raises(InvalidInput, match="no table"):
        prescribed_set('name = "s"\nstyle = "s"\nnote = "s"\nstep = "y"\nscenarios = [1]\n[factors]\na = "relative"\n')
