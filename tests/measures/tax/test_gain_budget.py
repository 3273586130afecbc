"""Cash within a budget of gains, against a linear program solved by another engine."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from argosy.measures.tax.harvest import NoSaleWithinBudget, raise_within_gains
from argosy.measures.tax.lots import TaxLots
from argosy.measures.tax.regimes import regime

US = regime("US")
DAY = 2_000


@pytest.mark.parametrize("seed", range(6))
def test_the_least_tax_is_that_of_the_linear_program(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = 8
    lots = TaxLots.of(rng.uniform(5, 50, size), rng.uniform(40, 160, size), rng.integers(1_000, 1_990, size))
    prices = rng.uniform(60, 140, size)
    worth = lots.quantity * prices
    gain = 1.0 - lots.unit_cost / prices
    rate = np.array([US.rate(int(acquired), DAY) for acquired in lots.acquired])
    cash = 0.5 * float(worth.sum())
    low = linprog(gain, A_eq=np.ones((1, size)), b_eq=[cash], bounds=[(0, one) for one in worth]).fun
    free = linprog(gain * rate, A_eq=np.ones((1, size)), b_eq=[cash], bounds=[(0, one) for one in worth])
    for share in (0.0, 0.4, 0.9, 1.5):
        budget = low + share * (float(gain @ free.x) - low)
        best = linprog(gain * rate, A_eq=np.ones((1, size)), b_eq=[cash], A_ub=[gain], b_ub=[budget + 1e-9 * cash],
                       bounds=[(0, one) for one in worth])  # fmt: skip
        found = raise_within_gains(lots, prices, cash, budget, day=DAY, regime=US)
        assert float(found.taken @ prices) == pytest.approx(cash)
        assert found.gain <= budget + 1e-6 * cash
        assert found.tax == pytest.approx(best.fun, abs=1e-6 * cash)
        assert found.price_of_budget >= 0.0
    with pytest.raises(NoSaleWithinBudget, match="at least"):
        raise_within_gains(lots, prices, cash, low - 1.0, day=DAY, regime=US)
