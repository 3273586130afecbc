"""The worked case of alternative risk measures, and a few more, across the rooms that hold them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from argosy.measures.performance import catalogue as measures
from argosy.measures.risk.convex.deviation import Deviation
from argosy.measures.risk.convex.entropic import entropic
from argosy.measures.risk.convex.gini import Gini
from argosy.measures.risk.convex.shortfall import Shortfall


def test_the_case(shared_cases: Path) -> None:
    cases = json.loads((shared_cases / "domain.json").read_text("utf-8"))["examples"]
    case = next(one for one in cases if one["id"] == "10.4-ALTRISK")
    x, expected = case["inputs"], case["expected"]
    r = np.array(x["returns"])
    scenarios, all_of_it = r[:, None], np.ones(1)
    found = {
        "cvar90": Shortfall(scenarios, 0.9).number(all_of_it),
        "cvar925": Shortfall(scenarios, 0.925).number(all_of_it),
        "evar90": entropic(-r, x["alpha_evar"]),
        "downside_dev": measures.downside_deviation(r, periods_per_year=1, target=x["mar"]),
        "sortino": measures.sortino_ratio(r, periods_per_year=1, target=x["mar"]),
        "omega": measures.omega_ratio(r, periods_per_year=1, target=x["mar"]),
        "max_drawdown": measures.max_drawdown(r, periods_per_year=1),
        "ulcer": measures.ulcer_index(r, periods_per_year=1),
        "gini_md": Gini(scenarios).number(all_of_it),
        "mad": Deviation(scenarios).number(all_of_it),
    }
    assert sorted(found) == sorted(expected)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)
