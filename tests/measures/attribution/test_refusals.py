"""What attribution refuses, and in which words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from argosy.base.errors import ArgosyError
from argosy.measures.attribution.brinson import brinson, brinson_geometric
from argosy.measures.attribution.factors import factor_effects
from argosy.measures.attribution.hierarchy import brinson_hierarchy
from argosy.measures.attribution.linking import coefficients, frongello_path, link
from argosy.measures.attribution.risk import active_risk, fama
from argosy.measures.attribution.segments import brinson_securities, segment_sums
from argosy.measures.attribution.trading import trading_effects

HALF = [0.5, 0.5]
NAN = float("nan")

REFUSALS: list[tuple[Callable[[], object], str, str]] = [
    (lambda: brinson(HALF, HALF, [0.1, NAN], HALF), "invalid_input", "r_port[0, 1] is nan"),
    (lambda: brinson(HALF, HALF, [0.1, np.inf], HALF), "invalid_input", "pass the other side's return"),
    (lambda: brinson(HALF, [0.5, 0.4], HALF, HALF), "weight_sum", "w_bench of period 0 sums to 0.9"),
    (lambda: brinson(HALF, [1.0], HALF, HALF), "shape", "w_bench is (1, 1)"),
    (lambda: brinson(np.ones((1, 1, 1)), [1.0], [1.0], [1.0]), "shape", "3 dimensions"),
    (lambda: brinson_geometric([1.0], [1.0], [0.1], [-1.0]), "undefined", "benchmark loses everything in period 0"),
    (lambda: coefficients([0.1, -1.0], [0.1, 0.1]), "undefined", "r_port[1] is -1"),
    (lambda: coefficients([0.1], [-1.5], method="menchero"), "undefined", "link with grap or frongello"),
    (lambda: coefficients([[0.1]], [0.1]), "shape", "r_port has 2 dimensions"),
    (lambda: coefficients([0.1, 0.2], [0.1]), "shape", "r_bench is (1,)"),
    (lambda: link([[0.1]], [0.1, 0.2], [0.1, 0.2]), "shape", "effects has 1 periods"),
    (lambda: link([[NAN]], [0.1], [0.1]), "invalid_input", "effects[0, 0] is nan"),
    (lambda: frongello_path([[0.1]], [0.1, 0.2], [0.1, 0.2]), "shape", "1, 2, 2 periods"),
    (lambda: brinson_hierarchy(HALF, HALF, HALF, HALF, [("a", "x")]), "shape", "labels 1 leaves"),
    (
        lambda: brinson_hierarchy(HALF, HALF, HALF, HALF, [("a", "xy"), ("b", "zz")]),
        "shape",
        "'z' of level 'b' stands under more than one parent",
    ),
    (
        lambda: brinson_hierarchy([0.5, 0.3, 0.2], [1.0, 0.2, -0.2], [0, 0, 0], [0, 0.1, 0.2], [("a", "xll")]),
        "undefined",
        "'l' of level 'a' nets to weight 0",
    ),
    (lambda: segment_sums([HALF], [HALF], [HALF], [HALF], "a"), "shape", "labels 1 securities"),
    (lambda: brinson_securities(HALF, [0.5, 0.6], HALF, HALF, "ab"), "weight_sum", "sums to 1.1"),
    (lambda: factor_effects([HALF], [[1.0]], [[0.1]], [HALF]), "shape", "exposures is (1, 1, 1)"),
    (lambda: factor_effects([HALF], [[1.0], [1.0]], [[0.1]], [HALF], ("a", "b")), "shape", "2 names for 1 factors"),
    (lambda: trading_effects([[0.0, 0.0]], [HALF], [HALF], [0.1]), "undefined", "period 0 is 0"),
    (lambda: active_risk([HALF], periods_per_year=12), "undefined", "1 periods cannot give a deviation"),
    (lambda: active_risk([HALF, HALF], periods_per_year=12), "undefined", "never varies"),
    (lambda: active_risk([HALF, [0.1, 0.2]], periods_per_year=0), "invalid_input", "periods_per_year is 0"),
    (
        lambda: fama(r_port=NAN, r_bench=0, risk_free=0, beta=1, volatility_port=0.1, volatility_bench=0.1),
        "invalid_input",
        "r_port is nan",
    ),
    (
        lambda: fama(r_port=0.1, r_bench=0, risk_free=0, beta=1, volatility_port=0.1, volatility_bench=0),
        "undefined",
        "volatility must be positive",
    ),
]


@pytest.mark.parametrize(("call", "code", "words"), REFUSALS)
def test_refused_in_plain_words(call: Callable[[], object], code: str, words: str) -> None:
    with pytest.raises(ArgosyError) as caught:
        call()
    assert caught.value.code == code
    assert words in str(caught.value)


def test_a_bad_cell_of_a_long_history_is_named() -> None:
    returns = np.zeros((3, 2))
    returns[2, 1] = np.nan
    with pytest.raises(ArgosyError, match=r"r_bench\[2, 1\] is nan"):
        brinson_securities([HALF] * 3, [HALF] * 3, np.zeros((3, 2)), returns, "ab")
