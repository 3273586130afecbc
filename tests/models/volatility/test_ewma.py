"""EWMA against the worked case, its closed form, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, UndefinedMeasure
from argosy.models.volatility.ewma import ewma_covariance, ewma_variances


def test_the_worked_correlation(shared_cases: Path) -> None:
    cases = json.loads((shared_cases / "domain.json").read_text())["examples"]
    case = next(item for item in cases if item["id"] == "11.3-EWMA")
    given, expected, start = case["inputs"], case["expected"], case["inputs"]["init"]
    initial = [[start["va"], start["cab"]], [start["cab"], start["vb"]]]
    found = ewma_covariance(np.column_stack([given["a"], given["b"]]), decay=given["lam"], initial=initial)
    assert found.covariance.matrix[0, 0] == pytest.approx(expected["va"], rel=1e-7, abs=1e-9)
    assert found.covariance.matrix[1, 1] == pytest.approx(expected["vb"], rel=1e-7, abs=1e-9)
    assert found.correlation[0, 1] == pytest.approx(expected["corr"], rel=1e-7, abs=1e-9)


def test_the_diagonal_is_the_recursion_of_variances() -> None:
    r = np.random.default_rng(1).normal(0.0, 0.01, (50, 3))
    matrix = ewma_covariance(r, initial=np.eye(3) * 1e-4).covariance.matrix
    np.testing.assert_allclose(matrix.diagonal(), ewma_variances(r, initial=1e-4)[-1], rtol=1e-12)
    one = ewma_variances(r[:, 0])
    np.testing.assert_array_equal(one, ewma_variances(r)[:, 0])
    assert one[0] == pytest.approx(np.average(r[:50, 0] ** 2, weights=0.94 ** np.arange(50)))


def test_without_a_start_the_weights_sum_to_one() -> None:
    r = np.full((40, 1), 0.02)
    assert ewma_covariance(r).covariance.matrix[0, 0] == pytest.approx(0.0004)


def test_refusals() -> None:
    with pytest.raises(InvalidInput, match="decay"):
        ewma_variances([0.01, 0.02], decay=1.0)
    with pytest.raises(InvalidInput, match="initial"):
        ewma_variances([0.01, 0.02], initial=-1.0)
    with pytest.raises(InvalidInput, match="initial"):
        ewma_covariance([[0.01], [0.02]], initial=np.eye(2))
    with pytest.raises(UndefinedMeasure, match="asset 1 does not vary"):
        assert ewma_covariance([[0.01, 0.0], [0.02, 0.0]]).correlation.size
