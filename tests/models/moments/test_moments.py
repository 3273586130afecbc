"""Moments against independent libraries, definitions written out, and published examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from skfolio.moments import GerberCovariance, ShrunkMu
from sklearn.covariance import OAS, LedoitWolf

from argosy.base.errors import ArgosyError, InvalidInput, MissingData, UnknownName
from argosy.models.moments import means, shrinkage, spectrum
from argosy.models.moments.black_litterman import View, black_litterman, equilibrium_returns
from argosy.models.moments.observations import InsufficientData, fading


def sample(periods: int = 120, n: int = 15, seed: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(0.002, 0.02, (periods, 1)) * rng.uniform(0.5, 1.5, n) + rng.normal(0.0, 0.02, (periods, n))


def test_means_and_fading_moments_by_pandas() -> None:
    r = sample()
    frame = pd.DataFrame(r)
    np.testing.assert_allclose(means.historical_mean(r), frame.mean())
    np.testing.assert_allclose(means.exponential_mean(r, half_life=20.0), frame.ewm(halflife=20.0).mean().iloc[-1])
    np.testing.assert_allclose(shrinkage.sample_covariance(r).matrix, frame.cov(), rtol=1e-12)
    ours = shrinkage.exponential_covariance(r, half_life=20.0).matrix
    np.testing.assert_allclose(ours, frame.ewm(halflife=20.0).cov().iloc[-15:], rtol=1e-9)
    flat = shrinkage.exponential_covariance(r, half_life=1e12).matrix
    np.testing.assert_allclose(flat, frame.cov(), rtol=1e-9)


@pytest.mark.parametrize(("periods", "n"), [(120, 15), (30, 40)])
def test_identity_targets_by_scikit_learn(periods: int, n: int) -> None:
    r = sample(periods, n)
    for ours, theirs in (
        (shrinkage.ledoit_wolf(r), LedoitWolf().fit(r)),
        (shrinkage.oracle_approximating(r), OAS().fit(r)),
    ):
        assert ours.intensity == pytest.approx(theirs.shrinkage_, rel=1e-10)
        np.testing.assert_allclose(ours.covariance.matrix, theirs.covariance_, rtol=1e-9, atol=1e-14)


def written_out(r: np.ndarray, target: str) -> float:
    """Intensity by the sums of the papers' appendices, entry by entry."""
    x = r - r.mean(axis=0)
    periods, n = x.shape
    s = x.T @ x / periods
    market = x.mean(axis=1)
    cov_market = x.T @ market / periods
    var_market = float(market @ market) / periods
    average = np.mean([s[i, j] / np.sqrt(s[i, i] * s[j, j]) for i in range(n) for j in range(n) if i != j])
    pi = rho = gamma = 0.0
    for i in range(n):
        for j in range(n):
            cell = float(((x[:, i] * x[:, j] - s[i, j]) ** 2).mean())
            pi += cell
            if i == j:
                rho += cell
                continue
            if target == "constant correlation":
                f = average * np.sqrt(s[i, i] * s[j, j])
                ii = float(((x[:, i] ** 2 - s[i, i]) * (x[:, i] * x[:, j] - s[i, j])).mean())
                jj = float(((x[:, j] ** 2 - s[j, j]) * (x[:, i] * x[:, j] - s[i, j])).mean())
                rho += average / 2 * (np.sqrt(s[j, j] / s[i, i]) * ii + np.sqrt(s[i, i] / s[j, j]) * jj)
            else:
                f = cov_market[i] * cov_market[j] / var_market
                t = (
                    cov_market[j] * var_market * x[:, i] + cov_market[i] * var_market * x[:, j]
                    - cov_market[i] * cov_market[j] * market
                ) / var_market**2 * market * x[:, i] * x[:, j]  # fmt: skip
                rho += float(t.mean()) - f * s[i, j]
            gamma += (f - s[i, j]) ** 2
    return min(max((pi - rho) / gamma / periods, 0.0), 1.0)


@pytest.mark.parametrize("target", ["constant correlation", "single index"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_structured_targets_by_their_sums_written_out(target: str, seed: int) -> None:
    r = sample(60, 7, seed)
    found = shrinkage.ledoit_wolf(r, target=target)
    assert found.intensity == pytest.approx(written_out(r, target), rel=1e-9)
    s = np.cov(r, rowvar=False) * 59 / 60
    np.testing.assert_allclose(found.covariance.matrix.diagonal(), s.diagonal())


@pytest.mark.parametrize(("periods", "n"), [(200, 100), (60, 120)])
def test_nonlinear_shrinkage_comes_closer_to_the_truth(periods: int, n: int) -> None:
    rng = np.random.default_rng(9)
    values = np.where(np.arange(n) < n // 5, 1.0, np.where(np.arange(n) < 3 * n // 5, 3.0, 10.0))
    basis = np.linalg.qr(rng.normal(size=(n, n)))[0]
    truth = (basis * values) @ basis.T
    r = rng.normal(size=(periods, n)) @ (basis * np.sqrt(values)) @ basis.T
    ours = shrinkage.nonlinear_shrinkage(r).matrix
    loss = np.linalg.norm(ours - truth)
    assert loss < np.linalg.norm(shrinkage.ledoit_wolf(r).covariance.matrix - truth)
    assert loss < 0.8 * np.linalg.norm(np.cov(r, rowvar=False) - truth)
    assert np.linalg.eigvalsh(ours)[0] > 0.0
    assert ours.trace() == pytest.approx(truth.trace(), rel=0.1)


def test_james_stein_by_skfolio_and_bayes_stein_by_hand() -> None:
    r = np.random.default_rng(6).normal(0.001, 0.02, (60, 12))
    theirs = ShrunkMu().fit(r)
    assert 0.0 < theirs.beta_ < 1.0
    np.testing.assert_allclose(means.james_stein_mean(r), theirs.mu_, rtol=1e-12)
    mean, s = r.mean(axis=0), np.cov(r, rowvar=False) * 59 / (60 - 12 - 2)
    inverse = np.linalg.inv(s)
    target = inverse.sum(axis=0) @ mean / inverse.sum()
    pull = 14 / (14 + 60 * (mean - target) @ inverse @ (mean - target))
    np.testing.assert_allclose(means.bayes_stein_mean(r), (1 - pull) * mean + pull * target, rtol=1e-9)


def test_shrunk_means_never_leave_their_range() -> None:
    r = sample(6, 12)
    found = means.james_stein_mean(r)
    assert found.min() >= r.mean(axis=0).min() - 1e-15
    alike = np.repeat(np.random.default_rng(1).normal(size=(20, 1)), 4, axis=1)
    np.testing.assert_allclose(means.james_stein_mean(alike), alike.mean(axis=0))


def test_gerber_by_its_counts() -> None:
    r = sample(80, 6)
    sigma = r.std(axis=0, ddof=1)
    ours = spectrum.gerber_covariance(r)
    for i in range(6):
        for j in range(6):
            moves = [(np.sign(a) * (abs(a) >= 0.5 * sigma[i]), np.sign(b) * (abs(b) >= 0.5 * sigma[j])) for a, b in
                     zip(r[:, i], r[:, j], strict=True)]  # fmt: skip
            together = sum(a * b > 0 for a, b in moves)
            against = sum(a * b < 0 for a, b in moves)
            still = sum(a == 0 and b == 0 for a, b in moves)
            assert ours[i, j] == pytest.approx((together - against) / (80 - still) * sigma[i] * sigma[j])
    # The other form of the paper leaves out what moved alone; it is skfolio's.
    theirs = GerberCovariance(psd_variant=False, nearest=False).fit(r).covariance_
    assert (np.sign(theirs) == np.sign(ours)).all()


def test_denoising_keeps_variances_and_the_market() -> None:
    r = sample(400, 30)
    s = np.cov(r, rowvar=False)
    found = spectrum.denoised_covariance(r)
    assert found.signals == 1
    assert found.edge == pytest.approx((1 + np.sqrt(30 / 400)) ** 2)
    np.testing.assert_allclose(found.covariance.matrix.diagonal(), s.diagonal())
    toneless = spectrum.denoised_covariance(r, detone=1).covariance.matrix
    sigma = np.sqrt(s.diagonal())
    assert np.abs((toneless / np.outer(sigma, sigma)).mean()) < 0.05
    np.testing.assert_allclose(toneless.diagonal(), s.diagonal())


def test_factor_covariances() -> None:
    rng = np.random.default_rng(8)
    f = rng.normal(0.0, 0.01, (500, 3))
    loadings = rng.normal(1.0, 0.4, (12, 3))
    r = f @ loadings.T + rng.normal(0.0, 0.01, (500, 12))
    found = spectrum.factor_covariance(r, f)
    design = np.column_stack([np.ones(500), f])
    beta = np.linalg.lstsq(design, r, rcond=None)[0]
    specific = ((r - design @ beta) ** 2).sum(axis=0) / 496
    np.testing.assert_allclose(found.dense(), beta[1:].T @ np.cov(f, rowvar=False) @ beta[1:] + np.diag(specific))
    parts = spectrum.principal_covariance(r, factors=3)
    np.testing.assert_allclose(parts.diagonal(), r.var(axis=0, ddof=1))
    assert np.linalg.norm(parts.dense() - np.cov(r, rowvar=False)) < 0.2 * np.linalg.norm(np.cov(r, rowvar=False))


HE = {
    "countries": ["Australia", "Canada", "France", "Germany", "Japan", "UK", "USA"],
    "market": [0.016, 0.022, 0.052, 0.055, 0.116, 0.124, 0.615],
    "volatility": [0.160, 0.203, 0.248, 0.271, 0.210, 0.200, 0.187],
    "correlation": [
        [1, 0.488, 0.478, 0.515, 0.439, 0.512, 0.491], [0.488, 1, 0.664, 0.655, 0.310, 0.608, 0.779],
        [0.478, 0.664, 1, 0.861, 0.355, 0.783, 0.668], [0.515, 0.655, 0.861, 1, 0.354, 0.777, 0.653],
        [0.439, 0.310, 0.355, 0.354, 1, 0.405, 0.306], [0.512, 0.608, 0.783, 0.777, 0.405, 1, 0.652],
        [0.491, 0.779, 0.668, 0.653, 0.306, 0.652, 1],
    ],
}  # fmt: skip


def he_litterman() -> tuple[np.ndarray, np.ndarray]:
    sigma = np.array(HE["volatility"])
    return np.array(HE["correlation"]) * np.outer(sigma, sigma), np.array(HE["market"])


def test_he_and_litterman_1999() -> None:
    s, market = he_litterman()
    np.testing.assert_allclose(
        equilibrium_returns(s, market, risk_aversion=2.5) * 100, [3.9, 6.9, 8.4, 9.0, 4.3, 6.8, 7.6], atol=0.06
    )
    # Table 4: Germany beats the rest of Europe by 5%, weighed by capitalization.
    view = View({"Germany": 1.0, "France": -0.052 / 0.176, "UK": -0.124 / 0.176}, 0.05)
    names = [str(name) for name in HE["countries"]]
    one = black_litterman(s, names=names, market=market, risk_aversion=2.5, tau=0.05, views=[view])
    np.testing.assert_allclose(one.mean * 100, [4.3, 7.6, 9.3, 11.0, 4.5, 7.0, 8.1], atol=0.06)
    best = np.linalg.solve(2.5 * one.covariance.matrix, one.mean)
    np.testing.assert_allclose(best * 100, [1.5, 2.1, -4.0, 35.4, 11.0, -9.5, 58.6], atol=0.11)


def test_the_mixed_estimate_in_information_form() -> None:
    s, market = he_litterman()
    names = [str(name) for name in HE["countries"]]
    views = [View({"USA": 1.0}, 0.1, variance=0.002), View({"Japan": 1.0, "UK": -1.0}, 0.01, confidence=0.3)]
    found = black_litterman(s, names=names, market=market, views=views, tau=0.025)
    p = np.zeros((2, 7))
    p[0, 6], p[1, 4], p[1, 5] = 1.0, 1.0, -1.0
    omega = np.diag(1.0 / found.view_variances)
    precision = np.linalg.inv(0.025 * s)
    uncertainty = np.linalg.inv(precision + p.T @ omega @ p)
    mean = uncertainty @ (precision @ found.equilibrium + p.T @ omega @ np.array([0.1, 0.01]))
    np.testing.assert_allclose(found.mean, mean, rtol=1e-10)
    np.testing.assert_allclose(found.uncertainty, uncertainty, rtol=1e-9, atol=1e-15)
    none = black_litterman(s, names=names, prior=mean, views=[])
    np.testing.assert_allclose(none.mean, mean)


@pytest.mark.parametrize("confidence", [0.1, 0.25, 0.65, 1.0])
def test_idzorek_2005_confidence_is_the_share_of_a_sure_views_tilt(confidence: float) -> None:
    s, market = he_litterman()
    names = [str(name) for name in HE["countries"]]
    view = {"Germany": 1.0, "France": -1.0}

    def tilt(share: float) -> np.ndarray:
        found = black_litterman(s, names=names, market=market, views=[View(view, 0.08, confidence=share)])
        return np.linalg.solve(2.5 * s, found.mean) - market

    # Step 4 of the paper: the departure from the market is the confidence times that of a sure view.
    np.testing.assert_allclose(tilt(confidence), confidence * tilt(1.0), atol=1e-12)


def test_bootstrap_keeps_columns_together() -> None:
    r = sample(50, 3)
    sets = spectrum.block_bootstrap(r, draws=200, block=7, generator=np.random.default_rng(1))
    assert sets.shape == (200, 50, 3)
    rows = {row.tobytes() for row in r}
    assert all(row.tobytes() in rows for row in sets[0])
    np.testing.assert_allclose(sets.mean(axis=(0, 1)), r.mean(axis=0), atol=3e-4)


S2 = np.diag([0.04, 0.09])
RNG = np.random.default_rng(1)
SURE = View({"A": 1.0}, 0.1, confidence=1.0)
BAD: list[tuple[Any, type[ArgosyError], str]] = [
    (lambda: means.historical_mean([0.1, 0.2]), InvalidInput, "have shape"),
    (lambda: shrinkage.sample_covariance([[0.1, 0.2]]), InsufficientData, "1 observations"),
    (lambda: means.historical_mean([[0.1, np.nan]]), MissingData, "row 0, column 1"),
    (lambda: fading(3, 0.0), InvalidInput, "half-life"),
    (lambda: means.james_stein_mean(np.ones((5, 2))), InsufficientData, "needs three"),
    (lambda: means.bayes_stein_mean(np.ones((5, 4))), InsufficientData, "5 observations of 4"),
    (lambda: means.capm_mean(np.ones((5, 2)), np.ones(4), premium=0.1), InvalidInput, "market returns"),
    (lambda: means.capm_mean(np.ones((5, 2)), np.ones(5), premium=0.1), InvalidInput, "does not vary"),
    (lambda: shrinkage.ledoit_wolf(np.eye(3), target="market"), InvalidInput, "no target"),
    (lambda: shrinkage.ledoit_wolf(np.ones((3, 2)), target="single index"), InvalidInput, "does not vary"),
    (lambda: shrinkage.nonlinear_shrinkage(np.ones((5, 2))), InsufficientData, "5 observations"),
    (lambda: shrinkage.nonlinear_shrinkage(np.ones((15, 2))), InsufficientData, "repeat each other"),
    (lambda: spectrum.denoised_covariance(np.ones((5, 2))), InvalidInput, "does not vary"),
    (lambda: spectrum.denoised_covariance(sample(), detone=15), InvalidInput, "detone=15"),
    (lambda: spectrum.gerber_covariance(sample(), threshold=-1.0), InvalidInput, "threshold"),
    (lambda: spectrum.gerber_covariance(sample(), threshold=50.0), InsufficientData, "lower the threshold"),
    (lambda: spectrum.factor_covariance(np.eye(9), sample(4, 2)), InvalidInput, "beside 4"),
    (lambda: spectrum.factor_covariance(np.eye(9), np.ones((9, 2))), InvalidInput, "repeat each other"),
    (lambda: spectrum.factor_covariance(np.eye(3), np.ones((3, 2))), InsufficientData, "3 observations"),
    (lambda: spectrum.principal_covariance(sample(), factors=15), InvalidInput, "15 components"),
    (lambda: spectrum.block_bootstrap(sample(), draws=1, block=0, generator=RNG), InvalidInput, "blocks"),
    (lambda: equilibrium_returns(S2, [1.0], risk_aversion=1.0), InvalidInput, "market weights"),
    (lambda: black_litterman(S2, names=["A"], market=[0.5, 0.5], views=[]), InvalidInput, "1 names"),
    (lambda: black_litterman(S2, names=["A", "B"], views=[]), InvalidInput, "either"),
    (lambda: black_litterman(S2, names=["A", "B"], market=[0.5, 0.5], views=[], tau=0.0), InvalidInput, "tau"),
    (lambda: blend(View({"C": 1.0}, 0.1)), UnknownName, "unknown asset 'C'"),
    (lambda: blend(View({}, 0.1)), InvalidInput, "needs assets"),
    (lambda: blend(View({"A": 1.0}, 0.1, confidence=0.0)), InvalidInput, "no confidence"),
    (lambda: blend(View({"A": 1.0}, 0.1, variance=-1.0)), InvalidInput, "variance of a view"),
    (lambda: blend(SURE, View({"A": 1.0}, 0.2, confidence=1.0)), InvalidInput, "two sure"),
]  # fmt: skip


def blend(*views: View) -> object:
    return black_litterman(S2, names=["A", "B"], market=[0.5, 0.5], views=views)


@pytest.mark.parametrize(("call", "kind", "says"), BAD)
def test_what_cannot_be_estimated(call: Any, kind: type[ArgosyError], says: str) -> None:
    with pytest.raises(kind, match=says):
        call()
