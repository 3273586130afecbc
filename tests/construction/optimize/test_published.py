"""Published examples of the optimization literature, number by number."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import pdist

from argosy.construction.optimize.clusters import Hrp
from argosy.construction.optimize.face import frontier, optimize
from argosy.kernels.reference.cluster import bisect
from argosy.models.moments.black_litterman import View, black_litterman

# Bailey and Lopez de Prado (2013), An Open-Source Implementation of the Critical-Line Algorithm, the ten assets of
# Markowitz and Todd (2000): lower triangle of the covariance, row by row.
TEN_MEANS = [1.175, 1.19, 0.396, 1.12, 0.346, 0.679, 0.089, 0.73, 0.481, 1.08]
TEN_COVARIANCES = """
0.40755159
0.03175842 0.9063047
0.05183923 0.03136385 0.19490901
0.05663904 0.02687256 0.04408485 0.19528471
0.0330226 0.01917172 0.03006772 0.02777345 0.34059105
0.00827775 0.00934384 0.01322738 0.00526665 0.00777055 0.15983874
0.02165938 0.02495043 0.03525971 0.01375808 0.02067844 0.02105575 0.68056711
0.01332419 0.00761036 0.0115493 0.00780878 0.00736409 0.00518686 0.01377882 0.95526918
0.0343476 0.02874874 0.0427563 0.02914176 0.02542657 0.01723737 0.04627027 0.0106553 0.31681584
0.02249903 0.01336866 0.02057303 0.01640377 0.01284075 0.00723779 0.01926088 0.00760955 0.01854318 0.11079287
"""
# Table 2 of the paper: return, risk and weights of each turning point.
TURNING_POINTS = [
    [1.19000, 0.95200, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    [1.18026, 0.54566, 0.64937, 0.35063, 0, 0, 0, 0, 0, 0, 0, 0],
    [1.16006, 0.41726, 0.43398, 0.23125, 0, 0.33477, 0, 0, 0, 0, 0, 0],
    [1.11126, 0.26672, 0.12689, 0.07234, 0, 0.28125, 0, 0, 0, 0, 0, 0.51952],
    [1.10836, 0.26502, 0.12320, 0.07044, 0, 0.27899, 0, 0, 0, 0.00644, 0, 0.52093],
    [1.02248, 0.22968, 0.08692, 0.05045, 0, 0.22359, 0, 0.17383, 0, 0.03017, 0, 0.43503],
    [1.01531, 0.22798, 0.08467, 0.04925, 0, 0.21963, 0, 0.18004, 0, 0.03103, 0.00649, 0.42889],
    [0.97272, 0.21955, 0.07379, 0.04383, 0, 0.19898, 0.02616, 0.19815, 0, 0.03342, 0.02790, 0.39777],
    [0.94994, 0.21602, 0.06834, 0.04139, 0.01522, 0.18813, 0.03416, 0.20232, 0, 0.03393, 0.03363, 0.38288],
    [0.80322, 0.20524, 0.03697, 0.02690, 0.09494, 0.12578, 0.07675, 0.21936, 0.02999, 0.03596, 0.06135, 0.29201],
]


def ten_assets() -> np.ndarray:
    lower = np.zeros((10, 10))
    for i, line in enumerate(TEN_COVARIANCES.split("\n")[1:-1]):
        lower[i, : i + 1] = [float(value) for value in line.split()]
    return lower + np.tril(lower, -1).T


def test_bailey_and_lopez_de_prado_2013_ten_assets() -> None:
    s = ten_assets()
    line = frontier(expected_returns=TEN_MEANS, covariance=s, points=None)
    expected = np.array(TURNING_POINTS)[::-1]
    assert line.exact
    np.testing.assert_allclose(line.expected_returns, expected[:, 0], atol=6e-6)
    np.testing.assert_allclose(line.volatilities, expected[:, 1], atol=6e-6)
    np.testing.assert_allclose(line.weights, expected[:, 2:], atol=6e-6)
    least = optimize("minimum variance", covariance=s)
    assert least.volatility == pytest.approx(0.20523762, abs=1e-8)
    best = optimize("maximum sharpe", expected_returns=TEN_MEANS, covariance=s)
    assert best.objective == pytest.approx(4.4535, abs=5e-5)


def test_lopez_de_prado_2016_ten_assets() -> None:
    # The data of the appendix: five series, and five more that follow the third, first, fifth, second and second.
    random = np.random.RandomState(12345)
    x = random.normal(0.0, 1.0, size=(10000, 5))
    r = np.column_stack([x, x[:, [2, 0, 4, 1, 1]] + random.normal(0.0, 0.25, size=(10000, 5))])
    s = np.cov(r, rowvar=False)
    # Exhibit 6: weights of the minimum variance, hierarchical and inverse-variance portfolios.
    least = optimize("minimum variance", covariance=s).weights
    np.testing.assert_allclose(100 * least, [14.44, 19.93, 19.73, 19.87, 18.68, 0, 5.86, 1.49, 0, 0], atol=6e-3)
    # The paper links by distances between columns of the distance matrix; ours, by the distances themselves.
    distance = np.sqrt(np.maximum(1.0 - np.corrcoef(r, rowvar=False), 0.0) / 2.0)
    leaves = leaves_list(linkage(pdist(distance), "single"))
    assert (leaves + 1).tolist() == [9, 2, 10, 1, 7, 3, 6, 4, 5, 8]
    np.testing.assert_allclose(
        100 * bisect(s, leaves.astype(np.int64)),
        [7.00, 7.59, 10.84, 19.03, 9.72, 10.19, 6.62, 9.10, 7.12, 12.79], atol=6e-3,
    )  # fmt: skip
    by_columns = optimize(Hrp(by_columns=True), covariance=s)
    np.testing.assert_allclose(by_columns.weights, bisect(s, leaves.astype(np.int64)), rtol=1e-10)
    np.testing.assert_array_equal(optimize(Hrp(), covariance=s).weights, optimize("hrp", covariance=s).weights)
    inverse = (1.0 / s.diagonal()) / (1.0 / s.diagonal()).sum()
    np.testing.assert_allclose(
        100 * inverse, [10.36, 10.28, 10.36, 10.25, 10.31, 9.74, 9.80, 9.65, 9.64, 9.61], atol=6e-3
    )


IDZOREK = """
 0.001005  0.001328 -0.000579 -0.000675  0.000121  0.000128 -0.000445 -0.000437
 0.001328  0.007277 -0.001307 -0.000610 -0.002237 -0.000989  0.001442 -0.001535
-0.000579 -0.001307  0.059852  0.027588  0.063497  0.023036  0.032967  0.048039
-0.000675 -0.000610  0.027588  0.029609  0.026572  0.021465  0.020697  0.029854
 0.000121 -0.002237  0.063497  0.026572  0.102488  0.042744  0.039943  0.065994
 0.000128 -0.000989  0.023036  0.021465  0.042744  0.032056  0.019881  0.032235
-0.000445  0.001442  0.032967  0.020697  0.039943  0.019881  0.028355  0.035064
-0.000437 -0.001535  0.048039  0.029854  0.065994  0.032235  0.035064  0.079958
"""


def test_idzorek_2005_eight_assets() -> None:
    s = np.array([[float(value) for value in line.split()] for line in IDZOREK.split("\n")[1:-1]])
    names = ["US Bonds", "Intl Bonds", "US LG", "US LV", "US SG", "US SV", "Intl Dev", "Intl Emerg"]
    market = [0.1934, 0.2613, 0.1209, 0.1209, 0.0134, 0.0134, 0.2418, 0.0349]
    views = [
        View({"Intl Dev": 1.0}, 0.0525, variance=0.000709),
        View({"Intl Bonds": 1.0, "US Bonds": -1.0}, 0.0025, variance=0.000141),
        View({"US LG": 0.9, "US SG": 0.1, "US LV": -0.9, "US SV": -0.1}, 0.02, variance=0.000866),
    ]
    found = black_litterman(s, names=names, market=market, risk_aversion=3.07, tau=0.025, views=views)
    # Tables 1 and 6: implied and combined returns, recommended weights; the paper rounds its inputs to these digits.
    np.testing.assert_allclose(100 * found.equilibrium, [0.08, 0.67, 6.41, 4.08, 7.43, 3.70, 4.80, 6.60], atol=0.016)
    np.testing.assert_allclose(100 * found.mean, [0.07, 0.50, 6.50, 4.32, 7.59, 3.94, 4.93, 6.84], atol=0.016)
    weights = np.linalg.solve(3.07 * s, found.mean)
    np.testing.assert_allclose(100 * weights, [29.88, 15.59, 9.35, 14.82, 1.04, 1.65, 27.81, 3.49], atol=0.06)
