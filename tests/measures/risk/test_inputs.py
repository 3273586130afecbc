"""What the rooms of risk accept, and the words in which they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput
from argosy.measures.risk.inputs import array, named, positive


def test_numbers_and_shapes() -> None:
    assert array([[1, 2]], (None, 2), "x").dtype == np.float64
    with pytest.raises(InvalidInput, match="not a number"):
        array(["a"], (None,), "x")
    with pytest.raises(InvalidInput, match=r"x has shape \(2,\); expected: \(any, 3\)"):
        array([1.0, 2.0], (None, 3), "x")
    with pytest.raises(InvalidInput, match="x has shape"):
        array([], (None,), "x")
    with pytest.raises(InvalidInput, match=r"x\[1\] is inf"):
        array([1.0, np.inf], (None,), "x")


def test_positive_numbers() -> None:
    assert positive(0.0, "x", zero=True) == 0.0
    for bad in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match="above 0"):
            positive(bad, "x")


def test_names() -> None:
    assert named(None, 2) == ("0", "1")
    with pytest.raises(InvalidInput, match="2 different names"):
        named(["A", "A"], 2)
