"""Normals by counter: pseudo-random, in mirrored pairs, or quasi-random; each block by its own number alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.random import Generator, Philox, SeedSequence
from scipy import special
from scipy.stats import qmc

from argosy.kernels.streams import NORMALS, SCRAMBLE, stream

Float64 = npt.NDArray[np.float64]


def pseudo(seed: int, block: int, count: int, dimension: int) -> Float64:
    """Independent normals (count, dimension)."""
    return stream(seed, NORMALS, block).standard_normal((count, dimension))


def mirrored(seed: int, block: int, count: int, dimension: int) -> Float64:
    """Normals in pairs of opposite sign, neighbors in the block."""
    half = stream(seed, NORMALS, block).standard_normal((count // 2, dimension))
    out = np.empty((count, dimension))
    out[0::2], out[1::2] = half, -half
    return out


def sobol_uniforms(seed: int, block: int, count: int, dimension: int) -> Float64:
    """Points of Sobol's sequence (count, dimension), scrambled anew in each block (Owen 1998); count a power of two."""
    scramble = Generator(Philox(SeedSequence(seed, spawn_key=(SCRAMBLE, block))))
    points = qmc.Sobol(dimension, scramble=True, rng=scramble).random(count)
    # Scrambled points can be 0 and never 1; half a step of the 30 bits keeps quantiles finite.
    return np.asarray(np.clip(points, 2.0**-31, 1.0 - 2.0**-31), dtype=np.float64)


def quasi(seed: int, block: int, count: int, dimension: int, quasi_dimension: int) -> tuple[Float64, Float64]:
    """Normals of which the first ``quasi_dimension`` columns are quasi-random, and a further uniform (count,)."""
    points = sobol_uniforms(seed, block, count, quasi_dimension + 1)
    out = np.empty((count, dimension))
    out[:, :quasi_dimension] = special.ndtri(points[:, 1:])
    out[:, quasi_dimension:] = stream(seed, NORMALS, block).standard_normal((count, dimension - quasi_dimension))
    return out, points[:, 0]
