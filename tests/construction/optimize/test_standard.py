"""What holds without limits is compiled once a size: nobody writes to it, and saying it in words changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.construction.optimize.face import optimize
from argosy.construction.optimize.problem import STANDARD, _standard
from argosy.kernels.convex import certify
from argosy.measures.limits.compiling import compile_limits
from argosy.measures.limits.universe import Universe
from argosy.models.moments.covariance import FactorCovariance
from tests.kernels.universes import universe

U = universe(9)
S = FactorCovariance(U.factors, U.specific)
R = np.random.default_rng(4).normal(0.001, 0.01, (60, 9))


@pytest.mark.parametrize("model", ["minimum variance", "maximum sharpe", "utility", "risk parity", "minimum cvar"])
@pytest.mark.parametrize("dense", [False, True])
def test_said_or_not_the_answer_is_the_same(model: str, *, dense: bool) -> None:
    belief = U.covariance if dense else S
    kept = optimize(model, covariance=belief, expected_returns=U.mu, returns=R, risk_aversion=3.0)
    said = optimize(model, covariance=belief, expected_returns=U.mu, returns=R, risk_aversion=3.0, long_only=False,
                    limits=["net = 100%", "weight of each >= 0%"])  # fmt: skip
    np.testing.assert_allclose(kept.weights, said.weights, atol=1e-7)
    assert kept.binding == said.binding == ()
    fresh = compile_limits(STANDARD, Universe(tuple("ABCDEFGHI")), None)
    for name in ("low", "high", "low_owner", "high_owner"):
        np.testing.assert_array_equal(getattr(_standard(9), name), getattr(fresh, name))
    for name in ("columns", "low", "high", "owner", "price"):
        np.testing.assert_array_equal(getattr(_standard(9).rows, name), getattr(fresh.rows, name))


@pytest.mark.parametrize("model", ["minimum variance", "maximum sharpe"])
def test_the_short_proof_says_what_the_long_one_says(model: str) -> None:
    found = optimize(model, covariance=S, expected_returns=U.mu)
    assert found.basis is not None
    long = certify(found.basis.form, found.basis.answer)
    assert found.evidence.relative_gap < 1e-9
    assert long.relative_gap < 1e-9
    # Worse weights are seen by both.
    for off in (0.01, 0.1):
        x = (1.0 - off) * found.weights + off / 9
        slope = found.basis.form.aversion * S.times(x) - found.basis.form.linear
        assert float(x @ slope - slope.min()) > 0.0
