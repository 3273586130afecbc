"""Losses under a factor copula with given margins, plain numpy: the slow twin of ``kernels.copula``.

Scenarios come in blocks of ``LANES * CHUNKS``; in a block each of the lanes has a generator of its own (xoshiro128++,
Blackman and Vigna 2021, seeded by splitmix64 from seed, block and lane), so a block's numbers depend on nothing else.
Two words make two normals (Box and Muller 1958). Latent ``y = (l'f + d e) g`` enters its margin's table, linear in
``y / (|y| + BEND)``. Everything is in single precision but the sum over assets, which is in double.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint32]

LANES, CHUNKS = 256, 16
BLOCK = LANES * CHUNKS
"""Scenarios of a block."""

BEND = 3.0
GOLDEN = 0x9E3779B97F4A7C15
MASK = 0xFFFFFFFFFFFFFFFF


def mixed(z: int) -> int:
    """One output of splitmix64."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def seeded(seed: int, block: int) -> Words:
    """States (4, LANES) of a block's generators."""
    out = np.empty((4, LANES), dtype=np.uint32)
    base = mixed((mixed((seed + GOLDEN) & MASK) ^ (block * 0xD1342543DE82EF95)) & MASK)
    for lane in range(LANES):
        first = mixed((base + GOLDEN * (2 * lane + 1)) & MASK)
        second = mixed((base + GOLDEN * (2 * lane + 2)) & MASK)
        out[0, lane], out[1, lane] = first & 0xFFFFFFFF, first >> 32
        out[2, lane], out[3, lane] = second & 0xFFFFFFFF, (second >> 32) | 1
    return out


def drawn(s: Words) -> Words:
    """The next word of each lane."""
    x = s[0] + s[3]
    found: Words = ((x << np.uint32(7)) | (x >> np.uint32(25))) + s[0]
    t = s[1] << np.uint32(9)
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = (s[3] << np.uint32(11)) | (s[3] >> np.uint32(21))
    return found


def normals(s: Words) -> tuple[Float32, Float32]:
    """Two normals of each lane."""
    f = np.float32
    u = (drawn(s).astype(np.float32) + f(0.5)) * f(2.0**-32)
    r = np.sqrt(f(-2.0) * np.log(np.minimum(u, f(1.0))))
    word = drawn(s)
    angle = (word >> np.uint32(3)).astype(np.float32) * f(2.0**-29 * np.pi / 4)
    a, b = np.cos(angle), np.sin(angle)
    swap = (word & np.uint32(1)) != 0
    first = np.where(swap, b, a) * np.where(word & np.uint32(2), f(-1.0), f(1.0))
    second = np.where(swap, a, b) * np.where(word & np.uint32(4), f(-1.0), f(1.0))
    return (r * first).astype(np.float32), (r * second).astype(np.float32)


def block_losses(
    seed: int, block: int, mix: Float32, loadings: Float32, own: Float32, weights: Float64, tables: Float32,
    chosen: Float64,
) -> tuple[Float64, Float64]:  # fmt: skip
    """Losses (BLOCK,) of one block and, weighted by ``chosen`` (BLOCK,), the sums of each asset's loss (N,).

    ``mix`` (BLOCK,) scales the latent variables of a scenario; ``tables`` (N, M + 1) are margins at M + 1 knots.
    """
    s = seeded(seed, block)
    count, factors = loadings.shape
    half = np.float32(0.5 * (tables.shape[1] - 1))
    losses, sums = np.zeros(BLOCK), np.zeros(count)
    for chunk in range(CHUNKS):
        part = slice(chunk * LANES, (chunk + 1) * LANES)
        rows: list[Float32] = []
        while len(rows) < factors:
            rows += normals(s)
        f = np.array(rows[:factors], dtype=np.float32).reshape(factors, LANES)
        spare: list[Float32] = []
        for n in range(count):
            if not spare:
                spare = list(normals(s))
            y = own[n] * spare.pop(0)
            for k in range(factors):
                y = y + loadings[n, k] * f[k]
            y = y * mix[part]
            at = (y / (np.abs(y) + np.float32(BEND)) + np.float32(1.0)) * half
            knot = np.minimum(at.astype(np.int32), tables.shape[1] - 2)
            low = tables[n][knot]
            value = low + (at - knot.astype(np.float32)) * (tables[n][knot + 1] - low)
            losses[part] -= weights[n] * value
            sums[n] -= weights[n] * float(value.astype(np.float64) @ chosen[part])
    return losses, sums
