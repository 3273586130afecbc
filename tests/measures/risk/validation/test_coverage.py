"""Kupiec's and Christoffersen's tests against worked cases, all sequences written out, and chance itself."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from argosy.base.errors import InvalidInput
from argosy.measures.risk.validation.basel import traffic_light
from argosy.measures.risk.validation.coverage import christoffersen, conditional_coverage, kupiec
from argosy.measures.risk.validation.verdict import Verdict, hits_of
from argosy.models.moments.observations import InsufficientData


def test_the_worked_case(shared_cases: Path) -> None:
    cases = json.loads((shared_cases / "domain.json").read_text("utf-8"))["examples"]
    case = next(one for one in cases if one["id"] == "11.1-KUPIEC")
    given, expected = case["inputs"], case["expected"]
    found = kupiec(given["exceptions"], given["n"], confidence=1.0 - given["p"])
    assert found.statistic == pytest.approx(expected["lr"], rel=1e-6, abs=1e-8)
    assert found.p_value == pytest.approx(expected["pvalue"], rel=1e-6, abs=1e-8)
    light = traffic_light(given["exceptions"], given["n"])
    assert (light.zone, light.add_on) == (expected["zone"], expected["multiplier_addon"])


def test_kupiec_by_the_binomial() -> None:
    # The likelihood ratio from scipy's log probabilities; the exact probability from all 101 counts.
    def ratio(x: int) -> float:
        law = stats.binom.logpmf
        return float(2.0 * (law(x, 100, x / 100) - law(x, 100, 0.05)))

    found = kupiec(9, 100, confidence=0.95)
    assert found.statistic == pytest.approx(ratio(9), rel=1e-10)
    chance = sum(stats.binom.pmf(x, 100, 0.05) for x in range(101) if ratio(x) >= ratio(9) - 1e-9)
    assert found.exact_p_value == pytest.approx(chance, rel=1e-10)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, 1), rel=1e-12)


def test_kupiec_non_rejection_regions_are_the_published_ones() -> None:
    # Kupiec (1995), table: failures allowed at the 5% level. p = 0.01: T = 255, N < 7; T = 510, 1 < N < 11;
    # T = 1000, 4 < N < 17. p = 0.05: T = 255, 6 < N < 21; T = 510, 16 < N < 36; T = 1000, 37 < N < 65.
    for confidence, days, low, high in (
        (0.99, 255, -1, 7), (0.99, 510, 1, 11), (0.99, 1000, 4, 17), (0.95, 255, 6, 21), (0.95, 510, 16, 36),
        (0.95, 1000, 37, 65),
    ):  # fmt: skip
        passed = [x for x in range(100) if kupiec(x, days, confidence=confidence).passes()]
        # The published region for T = 255 at 1% counts N = 0 as passing; its ratio is 5.13 with the 0 ln 0 = 0 rule.
        first = 1 if low == -1 else low + 1
        assert (passed[0], passed[-1]) == (first, high - 1)


def test_no_exceptions_and_nothing_else() -> None:
    assert kupiec(0, 250, confidence=0.99).statistic == pytest.approx(-500 * np.log(0.99), rel=1e-12)
    assert kupiec(250, 250, confidence=0.99).statistic == pytest.approx(-500 * np.log(0.01), rel=1e-12)
    for same in (0, 1):
        quiet = christoffersen([same] * 20)
        assert (quiet.statistic, quiet.p_value, quiet.exact_p_value) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("sequence", [(0, 1, 1, 0, 0, 0, 1, 0), (1, 1, 0, 0, 0, 0, 0, 1), (1,) + (0,) * 7])
def test_exact_probabilities_are_those_of_all_sequences(sequence: tuple[int, ...]) -> None:
    independence = christoffersen(sequence)
    coverage = conditional_coverage(sequence, confidence=0.8)
    same_count, every = [], 0.0
    for other in itertools.product((0, 1), repeat=len(sequence)):
        if sum(other) == sum(sequence):
            same_count.append(christoffersen(other).statistic >= independence.statistic - 1e-9)
        if conditional_coverage(other, confidence=0.8).statistic >= coverage.statistic - 1e-9:
            every += 0.2 ** sum(other) * 0.8 ** (len(other) - sum(other))
    assert independence.exact_p_value == pytest.approx(np.mean(same_count), rel=1e-9)
    assert coverage.exact_p_value == pytest.approx(every, rel=1e-9)


def test_independence_is_the_likelihood_ratio_of_a_two_by_two_table() -> None:
    hits = np.random.default_rng(2).random(800) < 0.08
    table = np.array([[((hits[:-1] == a) & (hits[1:] == b)).sum() for b in (0, 1)] for a in (0, 1)])
    second = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    found = christoffersen(hits)
    assert found.statistic == pytest.approx(second.statistic, rel=1e-9)
    assert found.p_value == pytest.approx(second.pvalue, rel=1e-9)


def test_exact_sizes_are_what_they_say() -> None:
    # Under the model an exact test at 5% rejects at most 5%, up to chance over 1,000 samples (four standard errors).
    generator = np.random.default_rng(5)
    rejected = np.zeros(3)
    for _ in range(1_000):
        hits = generator.random(250) < 0.05
        tests = (
            kupiec(int(hits.sum()), 250, confidence=0.95),
            christoffersen(hits),
            conditional_coverage(hits, confidence=0.95),
        )
        rejected += [not one.passes(exact=True) for one in tests]
    assert (rejected / 1_000 <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 1_000)).all()
    assert (rejected / 1_000 >= 0.02).all()


@given(st.lists(st.booleans(), min_size=2, max_size=60), st.floats(0.55, 0.995))
def test_statistics_are_no_negative_and_add_up(hits: list[bool], confidence: float) -> None:
    one = kupiec(sum(hits), len(hits), confidence=confidence)
    two = christoffersen(hits)
    both = conditional_coverage(hits, confidence=confidence)
    assert one.statistic >= 0.0
    assert two.statistic >= 0.0
    assert both.statistic == pytest.approx(one.statistic + two.statistic, abs=1e-9)
    for verdict in (one, two, both):
        assert 0.0 <= verdict.p_value <= 1.0
        assert verdict.exact_p_value is not None
        assert 0.0 < verdict.exact_p_value <= 1.0


def test_clusters_are_seen() -> None:
    clustered = np.tile([0] * 45 + [1] * 5, 20)
    assert not christoffersen(clustered).passes()
    assert christoffersen(np.tile([0] * 9 + [1], 5)).passes(exact=True)


def test_basel_tables() -> None:
    # Basel Committee (1996), table 2, and MAR99 (2019), table 1: zone and multiplier by exceptions of 250 days.
    old = [traffic_light(x).multiplier for x in range(11)]
    assert old == [3.0] * 5 + [3.4, 3.5, 3.65, 3.75, 3.85, 4.0]
    new = [traffic_light(x, rules="basel 2019").multiplier for x in range(11)]
    assert new == [1.5] * 5 + [1.7, 1.76, 1.83, 1.88, 1.92, 2.0]
    assert [traffic_light(x).zone for x in (4, 5, 9, 10)] == ["green", "yellow", "yellow", "red"]
    # Cumulative probabilities of the same table: 4 exceptions 89.22%, 9 exceptions 99.97%; at least 5: 10.78%.
    assert traffic_light(4).cumulative == pytest.approx(0.8922, abs=5e-5)
    assert traffic_light(9).cumulative == pytest.approx(0.9997, abs=5e-5)
    assert traffic_light(5).as_many == pytest.approx(0.1078, abs=5e-5)
    other = traffic_light(20, 500, confidence=0.975)
    assert (other.zone, other.add_on, other.multiplier) == ("yellow", None, None)
    assert traffic_light(0).as_many == 1.0


def test_losses_beside_forecasts() -> None:
    assert hits_of([0.01, 0.02, 0.03], [0.02, 0.02, 0.02]).tolist() == [False, False, True]
    with pytest.raises(InvalidInput, match="lengths differ"):
        hits_of([0.01, 0.02], [0.01, 0.02, 0.03])
    with pytest.raises(InvalidInput, match=r"losses\[1\] is nan"):
        hits_of([0.01, float("nan")], 0.02)


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"give 0[.]99 for 99 percent"):
        kupiec(3, 250, confidence=99)
    with pytest.raises(InvalidInput, match=r"confidence is 1[.]5"):
        conditional_coverage([0, 1, 0], confidence=1.5)
    with pytest.raises(InvalidInput, match="0 to 250"):
        kupiec(251, 250, confidence=0.99)
    with pytest.raises(InvalidInput, match="0 to 250"):
        traffic_light(-1)
    with pytest.raises(InvalidInput, match="rules"):
        traffic_light(1, rules="basel 1988")  # type: ignore[arg-type]
    with pytest.raises(InsufficientData):
        kupiec(0, 0, confidence=0.99)
    with pytest.raises(InsufficientData):
        traffic_light(0, 0)
    with pytest.raises(InsufficientData):
        christoffersen([1])
    with pytest.raises(InvalidInput, match="yes and no"):
        christoffersen([0.5, 1.0, 0.0])
    with pytest.raises(InvalidInput, match="level"):
        kupiec(3, 250, confidence=0.99).passes(5)
    with pytest.raises(InvalidInput, match="without finite-sample"):
        Verdict("x", 1.0, 0.5, 1).passes(exact=True)
