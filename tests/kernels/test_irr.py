"""Rates of return: the compiled kernel against the plain twin, and both against polynomials with known roots."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from argosy.kernels import irr
from argosy.kernels.reference import irr as twin


def present_value(flows, times, rate: float) -> float:
    return math.fsum(flow * (1.0 + rate) ** -time for flow, time in zip(flows, times, strict=True))


def from_roots(rates: list[float]) -> list[float]:
    """Flows one year apart whose rates are exactly these: a polynomial in 1 / (1 + r)."""
    coefficients = np.poly([1.0 / (1.0 + rate) for rate in rates])
    return list(-coefficients[::-1])


@pytest.mark.parametrize(
    "rates",
    [[0.1], [0.25, 0.3], [-0.5, 0.0, 1.0], [-0.9, 0.05, 0.4, 3.0], [0.05, 0.1, 0.2, 0.4, 0.8], [-0.99, 50.0]],
)
def test_all_roots_are_found(rates: list[float]) -> None:
    flows = from_roots(rates)
    status, found = irr.all_rates(flows, list(range(len(flows))))
    assert status == (irr.FOUND if len(rates) == 1 else irr.SEVERAL)
    assert found == pytest.approx(rates, abs=1e-9, rel=1e-9)


@pytest.mark.parametrize(
    ("flows", "times", "status"),
    [
        ([-1.0, -2.0], [0, 1], irr.ONE_SIGN),
        ([1.0, 2.0], [0, 1], irr.ONE_SIGN),
        ([-1.0, 1.0], [3, 3], irr.ALL_ZERO),
        ([-1.0, 3.0], [3, 3], irr.SAME_DAY),
        ([1.0, 3.0], [3, 3], irr.ONE_SIGN),
        ([0.0, 0.0], [0, 1], irr.ALL_ZERO),
        ([-100.0, 200.0, -150.0], [0, 1, 2], irr.NO_ROOT),
        ([-1.0, 10.0], [0, 1 / 365], irr.TOO_LARGE),
        ([-1.0, math.nan], [0, 1], irr.NOT_FINITE),
        ([-1.0, 2.0, -2.0], [0, 1, 1], irr.ONE_SIGN),
    ],
)
def test_no_rate_and_why(flows, times, status) -> None:
    assert irr.all_rates(flows, times) == (status, [])


def test_a_rate_that_touches_zero_is_one_rate() -> None:
    status, found = irr.all_rates([-1.0, 2.2, -1.21], [0, 1, 2])
    assert status == irr.FOUND
    assert found == pytest.approx([0.1], abs=1e-7)


def test_order_does_not_matter() -> None:
    flows, times = [-100.0, 30.0, 90.0, -5.0], [0.0, 0.5, 2.0, 1.0]
    mixed = [2, 0, 3, 1]
    assert irr.all_rates(flows, times) == irr.all_rates([flows[k] for k in mixed], [times[k] for k in mixed])


@st.composite
def streams(draw):
    count = draw(st.integers(2, 12))
    days = sorted(draw(st.lists(st.integers(0, 4000), min_size=count, max_size=count)))
    flows = draw(st.lists(st.integers(-1000, 1000), min_size=count, max_size=count))
    return [float(flow) for flow in flows], days


@settings(max_examples=300)
@given(streams())
def test_kernel_and_twin_agree(stream) -> None:
    flows, days = stream
    offsets = np.array([0, len(flows)])
    args = (np.array(flows), np.array(days, dtype=np.int64), offsets)
    left, left_status, left_all = irr.rates(*args, year=365.0, engine="kernel")
    right, right_status, right_all = irr.rates(*args, year=365.0, engine="reference")
    assert left_status.tolist() == right_status.tolist()
    np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-11)
    assert left_all == right_all


@settings(max_examples=200)
@given(streams())
def test_every_rate_is_a_zero_and_signs_change_as_often_as_rates(stream) -> None:
    flows, days = stream
    times = [day / 365.0 for day in days]
    status, found = irr.all_rates(flows, times)
    c, t = twin.net_by_time(flows, times)
    for rate in found:
        if rate + 1.0 < 1e-9:
            # So near to a total loss the rate itself is rounded: the zero lies between its neighbors.
            step = math.ulp(1.0)
            low, high = math.log(max(rate + 1.0 - step, 1e-300)), math.log(rate + 1.0 + step)
            alike = sum(abs(other - rate) <= step for other in found) % 2 == 0
            signs = math.copysign(1.0, twin.scaled_value(c, t, low)) * math.copysign(1.0, twin.scaled_value(c, t, high))
            assert alike or signs < 0.0
            continue
        x = math.log1p(rate)
        size = math.fsum(
            abs(flow) * math.exp(-x * time - max(-x * s for s in t)) for flow, time in zip(c, t, strict=True)
        )
        assert abs(twin.scaled_value(c, t, x)) <= 1e-7 * size
    if status in (irr.FOUND, irr.SEVERAL, irr.NO_ROOT) and not any(
        r + 1.0 >= 1e-9 and twin._touch(c, t, math.log1p(r)) for r in found
    ):
        assert len(found) % 2 == ((c[0] > 0) != (c[-1] > 0))


@settings(max_examples=100)
@given(streams(), st.floats(0.001, 1000.0), st.integers(-5000, 5000))
def test_money_and_calendar_do_not_matter(stream, scale, shift) -> None:
    flows, days = stream
    assume(any(flows))
    times = [day / 365.0 for day in days]
    status, found = irr.all_rates(flows, times)
    other_status, other = irr.all_rates([flow * scale for flow in flows], times)
    assert (status, len(found)) == (other_status, len(other))
    moved_status, moved = irr.all_rates(flows, [(day + shift) / 365.0 for day in days])
    assert status == moved_status
    for against in (other, moved):
        assert found == pytest.approx(against, rel=1e-6, abs=1e-8)


def test_one_change_of_sign_in_balances_over_time_still_proves_the_rate() -> None:
    # More comes back early than was put in; the twin is not needed to see that 1.2% is the only rate.
    flows = np.array([-100.0, 140.0, -90.0, 52.0])
    found, status, _ = irr.rates(flows, np.array([0, 30, 60, 2000]), np.array([0, 4]), year=365.0, engine="kernel")
    plain = irr.all_rates(flows.tolist(), [0.0, 30 / 365, 60 / 365, 2000 / 365])
    assert (int(status[0]), [] if math.isnan(found[0]) else [pytest.approx(float(found[0]))]) == (
        plain[0], plain[1] if plain[0] == irr.FOUND else [],
    )  # fmt: skip


def test_many_streams_of_different_lengths() -> None:
    flows = np.array([-100.0, 110.0, -1000.0, 2550.0, -1625.0, -1.0, -1.0, np.nan, 1.0, -100.0, 120.0])
    days = np.array([0, 365, 0, 365, 730, 0, 365, 0, 365, 365, 0])
    offsets = np.array([0, 2, 5, 7, 9, 11])
    for engine in ("kernel", "reference"):
        rates, status, several = irr.rates(flows, days, offsets, year=365.0, engine=engine)
        assert status.tolist() == [irr.FOUND, irr.SEVERAL, irr.ONE_SIGN, irr.NOT_FINITE, irr.FOUND]
        assert rates[0] == pytest.approx(0.1)
        # Days in the wrong order: paid 100 a year after 120 came back.
        assert rates[4] == pytest.approx(100.0 / 120.0 - 1.0)
        assert several == {1: [pytest.approx(0.25), pytest.approx(0.3)]}


def test_auto_takes_the_twin_for_little_work() -> None:
    found, _, _ = irr.rates(np.array([-1.0, 1.5]), np.array([0, 365]), np.array([0, 2]), year=365.0)
    assert found[0] == pytest.approx(0.5)
