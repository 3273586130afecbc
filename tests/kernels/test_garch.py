"""Likelihood of GARCH models: gradient against differences, kernel against twin, digamma against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from argosy.kernels import garch
from argosy.kernels.reference.garch import digamma
from tests.models.volatility.series import garch_series

POINT = np.array([0.03, 0.02, 0.07, 0.03, 0.88, 6.0])
MODELS = [(kind, student) for kind in (garch.GARCH, garch.GJR, garch.EGARCH) for student in (False, True)]


def point(kind: int) -> np.ndarray:
    return np.where(np.arange(6) == 3, 0.0, POINT) if kind == garch.GARCH else POINT.copy()


@pytest.mark.parametrize(("kind", "student"), MODELS)
def test_the_gradient_is_that_of_the_likelihood(kind: int, student: bool) -> None:
    y = garch_series(400)
    at = point(kind)
    _, found = garch.cost(y, at, kind=kind, student=student, engine="kernel")
    free = [0, 1, 2, 4] + ([3] if kind else []) + ([5] if student else [])
    for place in free:
        high, low = at.copy(), at.copy()
        high[place] += 1e-6
        low[place] -= 1e-6
        up, down = (garch.cost(y, p, kind=kind, student=student, engine="kernel")[0] for p in (high, low))
        # Differences of sums near 500 with steps of 1e-6 keep about eight digits.
        assert found[place] == pytest.approx((up - down) / 2e-6, rel=1e-5, abs=1e-3)


@pytest.mark.parametrize(("kind", "student"), MODELS)
def test_kernel_and_twin(kind: int, student: bool) -> None:
    y = garch_series(150)
    fast, slow = (garch.cost(y, point(kind), kind=kind, student=student, engine=e) for e in ("kernel", "reference"))
    assert fast[0] == pytest.approx(slow[0], rel=1e-13)
    np.testing.assert_allclose(fast[1], slow[1], rtol=1e-10, atol=1e-10)
    fast_h, slow_h = (garch.variances(y, point(kind), kind=kind, engine=e) for e in ("kernel", "reference"))
    np.testing.assert_allclose(fast_h, slow_h, rtol=1e-12)
    rows = [garch.fits(y[None, :], kind=kind, student=student, engine=e)[0] for e in ("kernel", "reference")]
    assert rows[0][6] == pytest.approx(rows[1][6], rel=1e-8)


def test_digamma() -> None:
    x = np.array([0.1, 0.5, 1.0, 2.5, 7.9, 8.0, 30.0, 251.0])
    np.testing.assert_allclose([digamma(float(value)) for value in x], special.digamma(x), rtol=1e-11)


def test_products_do_not_leave_the_range_of_numbers() -> None:
    # Returns in per mille and in millions: the product of variances is taken apart before it overflows.
    y = garch_series(300)
    at = point(garch.GARCH)
    base, _ = garch.cost(y, at, kind=garch.GARCH, student=False, engine="reference")
    for scale in (1e-8, 1e8):
        scaled = at.copy()
        scaled[0] *= scale
        scaled[1] *= scale**2
        found, _ = garch.cost(y * scale, scaled, kind=garch.GARCH, student=False, engine="reference")
        assert found == pytest.approx(base + 300 * np.log(scale), rel=1e-10)
