"""Risk parity on risks of scenarios where a cone solver ends early at some scales; one scenario; words of refusals."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import UnknownName
from argosy.base.limits import LimitError
from argosy.construction.optimize.face import optimize
from argosy.models.moments.observations import InsufficientData


def world(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    common = rng.normal(0.0, 0.01, (500, 2)) @ rng.normal(1.0, 0.5, (2, 12))
    found: np.ndarray = common + rng.normal(0.0005, 0.012, (500, 12))
    return found


# Each of these failed at the one scale that was tried before.
@pytest.mark.parametrize(("seed", "risk"), [
    (0, "cdar of 95%"), (1, "cdar of 80%"), (1, "ulcer index"), (3, "maximum drawdown"), (7, "average drawdown"),
    (7, "worst realization"),
])  # fmt: skip
def test_every_name_carries_its_share(seed: int, risk: str) -> None:
    returns = world(seed)
    found = optimize("risk parity", risk=risk, returns=returns)
    assert found.status == "optimal"
    assert found.risk is not None
    np.testing.assert_allclose(found.risk.shares, 1.0 / 12.0, rtol=2e-5)
    assert found.weights.sum() == pytest.approx(1.0)
    assert (found.weights > 0.0).all()
    # Any other scale of the returns has the same answer: the weights have none.
    again = optimize("risk parity", risk=risk, returns=returns * 1e-2)
    np.testing.assert_allclose(again.weights, found.weights, atol=2e-4)


def test_one_scenario_is_no_history() -> None:
    with pytest.raises(InsufficientData, match="one scenario says nothing of a risk"):
        optimize("minimum cvar", returns=world(0)[:1])


@pytest.mark.parametrize(("limit", "says"), [
    ("names <= 2 soft 1%", "'names' cannot be soft: counts and smallest sizes hold or they do not"),
    ("position >= 2% soft 1%", "'position' cannot be soft: counts and smallest sizes"),
    ("trade of each >= 2% soft 1%", "the smallest trade cannot be soft: it holds or it does not"),
    ("semi-variance <= 2 soft 1%", "'semi-variance' cannot be soft: soften semi-deviation"),
])  # fmt: skip
def test_what_cannot_be_soft_says_why(limit: str, says: str) -> None:
    with pytest.raises(LimitError, match=says):
        optimize(covariance=np.eye(3), limits=[limit])


def test_attributes_that_were_not_given_are_asked_for() -> None:
    with pytest.raises(UnknownName, match=r"unknown attribute 'sector'\. Next: give attributes="):
        optimize(covariance=np.eye(3), limits=["weight of sector=Tech <= 5%"])
