"""The copula kernel: twin, its normals against the distribution, exact published words, blocks that stand alone."""

from __future__ import annotations

import numpy as np
from scipy import stats

from argosy.kernels import copula, quasi
from argosy.kernels.reference import copula as plain
from argosy.models.scenarios.margins import NormalMargin, StudentMargin, table

RNG = np.random.default_rng(3)
LOADINGS = RNG.uniform(-0.5, 0.5, (7, 3))
OWN = np.sqrt(1.0 - (LOADINGS**2).sum(axis=1))
WEIGHTS = RNG.normal(0.2, 0.3, 7)
TABLES = np.array([table(StudentMargin(4.0, 0.01 * (1 + i)), 5.0) for i in range(7)], dtype=np.float32)


def losses(engine: str, **changed):
    given = {"nu": 5.0, "seed": 9, "first": 0, "count": 2, **changed}
    return copula.copula_losses(LOADINGS, OWN, WEIGHTS, TABLES, engine=engine, **given)


def test_kernel_and_twin() -> None:
    chosen = (np.arange(2 * copula.BLOCK) % 3 == 0).astype(float)
    for nu in (5.0, None):
        fast, slow = (losses(engine, nu=nu, chosen=chosen) for engine in ("kernel", "reference"))
        # Single precision, and logarithms and sines by other polynomials: a few 1e-6 of the loss's deviation.
        np.testing.assert_allclose(fast[0], slow[0], atol=2e-5 * slow[0].std())
        np.testing.assert_allclose(fast[1], slow[1], atol=1e-3 * slow[0].std())
        assert losses("kernel", nu=nu)[1].size == 0


def test_blocks_stand_alone() -> None:
    whole, _ = losses("kernel", count=3)
    for place in range(3):
        alone, _ = losses("kernel", first=place, count=1)
        np.testing.assert_array_equal(alone, whole[place * copula.BLOCK : (place + 1) * copula.BLOCK])
    other, _ = losses("kernel", seed=10, count=1)
    assert not (other == whole[: copula.BLOCK]).any()


def test_xoshiro_as_published() -> None:
    # First words of xoshiro128++ 1.0 from the state 1, 2, 3, 4, by the published recurrence in whole numbers.
    s = [1, 2, 3, 4]
    state = np.array(s, dtype=np.uint32).reshape(4, 1)
    mask = 0xFFFFFFFF

    def rotated(x: int, k: int) -> int:
        return ((x << k) | (x >> (32 - k))) & mask

    for _ in range(50):
        expected = (rotated((s[0] + s[3]) & mask, 7) + s[0]) & mask
        t = (s[1] << 9) & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotated(s[3], 11)
        assert int(plain.drawn(state)[0]) == expected
    # splitmix64 from 0, as published with its source.
    assert plain.mixed(plain.GOLDEN) == 0xE220A8397B1DCDAF


def test_the_normals_are_normal() -> None:
    model = np.zeros((1, 0))
    flat = np.array([copula.knots()], dtype=np.float32)
    found, _ = copula.copula_losses(
        model, np.ones(1), np.array([-1.0]), flat, nu=None, seed=4, count=60, engine="kernel"
    )
    assert stats.kstest(found, "norm").pvalue > 1e-3
    assert abs(found.mean()) < 4.0 / np.sqrt(found.size)
    assert abs(found.var() - 1.0) < 4.0 * np.sqrt(2.0 / found.size)
    for level in (1e-4, 1e-3):
        held = (found > stats.norm.isf(level)).mean()
        assert abs(held - level) < 4.5 * np.sqrt(level / found.size)
    # Neighbors in a row of lanes, and one row to the next, do not go together.
    for lag in (1, copula.BLOCK // 16, copula.BLOCK):
        assert abs(np.corrcoef(found[lag:], found[:-lag])[0, 1]) < 4.5 / np.sqrt(found.size)


def test_tables_against_the_exact_margin() -> None:
    y = RNG.standard_t(5, 20_000)
    at = copula.knots()
    for margin in (StudentMargin(3.0, 0.02), NormalMargin(0.02)):
        exact = (
            stats.t.ppf(stats.t.cdf(y, 5.0), 3.0) * 0.02 * np.sqrt(1 / 3) if isinstance(margin, StudentMargin)
            else stats.norm.ppf(stats.t.cdf(y, 5.0)) * 0.02
        )  # fmt: skip
        u = y / (np.abs(y) + copula.BEND)
        found = np.interp(u, at / (np.abs(at) + copula.BEND), table(margin, 5.0))
        inside = np.abs(y) < stats.t.ppf(0.9995, 5.0)
        assert np.abs(found - exact)[inside].max() < 2e-5 * 0.02
        assert np.abs(found - exact).max() < 2e-4 * 0.02


def test_mirrored_and_quasi_normals() -> None:
    pairs = quasi.mirrored(1, 2, 64, 3)
    np.testing.assert_array_equal(pairs[0::2], -pairs[1::2])
    points, uniform = quasi.quasi(1, 2, 1024, 5, 2)
    # Each quasi-random column falls once into each of 1,024 equal slices.
    slices = np.floor(stats.norm.cdf(points[:, :2]) * 1024).astype(int)
    assert all(len(set(column)) == 1024 for column in slices.T)
    assert len(set(np.floor(uniform * 1024).astype(int))) == 1024
    np.testing.assert_array_equal(points, quasi.quasi(1, 2, 1024, 5, 2)[0])
    assert not np.array_equal(quasi.pseudo(1, 2, 8, 2), quasi.pseudo(1, 3, 8, 2))
