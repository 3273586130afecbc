"""Compiled twin of ``kernels.reference.copula``: lanes side by side, so that every loop over them is vector code."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from argosy.kernels.reference import copula as twin

LANES, CHUNKS, BLOCK = twin.LANES, twin.CHUNKS, twin.BLOCK
F = np.float32
LN2 = F(0.6931471805599453)
QUARTER = F(2.0**-29 * np.pi / 4)
TINY = F(2.0**-32)
BEND = F(twin.BEND)
FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(cache=True, nogil=True)
def _mixed(z):  # type: ignore[no-untyped-def]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(cache=True, nogil=True)
def _seeded(seed, block, s0, s1, s2, s3):  # type: ignore[no-untyped-def]
    golden = np.uint64(0x9E3779B97F4A7C15)
    base = _mixed(_mixed(seed + golden) ^ (block * np.uint64(0xD1342543DE82EF95)))
    low = np.uint64(0xFFFFFFFF)
    for lane in range(LANES):
        first = _mixed(base + golden * np.uint64(2 * lane + 1))
        second = _mixed(base + golden * np.uint64(2 * lane + 2))
        s0[lane] = np.uint32(first & low)
        s1[lane] = np.uint32(first >> np.uint64(32))
        s2[lane] = np.uint32(second & low)
        s3[lane] = np.uint32((second >> np.uint64(32)) | np.uint64(1))


@njit(cache=True, nogil=True)
def _drawn(s0, s1, s2, s3, out):  # type: ignore[no-untyped-def]
    for i in range(LANES):
        a, b, c, d = s0[i], s1[i], s2[i], s3[i]
        x = np.uint32(a + d)
        out[i] = np.uint32(np.uint32(np.uint32(x << np.uint32(7)) | np.uint32(x >> np.uint32(25))) + a)
        t = np.uint32(b << np.uint32(9))
        c = np.uint32(c ^ a)
        d = np.uint32(d ^ b)
        s1[i] = np.uint32(b ^ c)
        s0[i] = np.uint32(a ^ d)
        s2[i] = np.uint32(c ^ t)
        s3[i] = np.uint32(np.uint32(d << np.uint32(11)) | np.uint32(d >> np.uint32(21)))


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def _normals(s0, s1, s2, s3, word, u, bits, first, second):  # type: ignore[no-untyped-def]
    """Two normals per lane; ``bits`` is the memory of ``u`` read as integers."""
    _drawn(s0, s1, s2, s3, word)
    for i in range(LANES):
        u[i] = min((F(word[i]) + F(0.5)) * TINY, F(1.0))
    for i in range(LANES):
        # u = 2^e m with m in [sqrt(1/2), sqrt(2)): the exponent is read off, the mantissa's logarithm is a series.
        shifted = np.int32(bits[i] - np.int32(0x3F3504F3))
        e = np.int32(shifted >> np.int32(23))
        bits[i] = np.int32(bits[i] - np.int32(e << np.int32(23)))
        first[i] = F(e)
    for i in range(LANES):
        m = u[i]
        q = (m - F(1.0)) / (m + F(1.0))
        p = q * q
        log = F(2.0) * q * (F(1.0) + p * (F(1 / 3) + p * (F(0.2) + p * (F(1 / 7) + p * F(1 / 9)))))
        second[i] = np.sqrt(max(F(-2.0) * (first[i] * LN2 + log), F(0.0)))
    _drawn(s0, s1, s2, s3, word)
    for i in range(LANES):
        w = word[i]
        x = F(np.int32(w >> np.uint32(3))) * QUARTER
        p = x * x
        b = x * (F(1.0) - p * (F(1 / 6) - p * (F(1 / 120) - p * (F(1 / 5040) - p * F(1 / 362880)))))
        a = F(1.0) - p * (F(0.5) - p * (F(1 / 24) - p * (F(1 / 720) - p * F(1 / 40320))))
        r = second[i]
        swap = (w & np.uint32(1)) != 0
        one = b if swap else a
        other = a if swap else b
        first[i] = -r * one if (w & np.uint32(2)) != 0 else r * one
        second[i] = -r * other if (w & np.uint32(4)) != 0 else r * other


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def _latent(y, noise, own, f, loading, mix):  # type: ignore[no-untyped-def]
    for i in range(LANES):
        y[i] = own * noise[i]
    k = 0
    while k + 4 <= loading.size:
        a, b, c, d = loading[k], loading[k + 1], loading[k + 2], loading[k + 3]
        fa, fb, fc, fd = f[k], f[k + 1], f[k + 2], f[k + 3]
        for i in range(LANES):
            y[i] += (a * fa[i] + b * fb[i]) + (c * fc[i] + d * fd[i])
        k += 4
    while k < loading.size:
        a = loading[k]
        fa = f[k]
        for i in range(LANES):
            y[i] += a * fa[i]
        k += 1
    for i in range(LANES):
        y[i] *= mix[i]


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def _through_margin(y, table, knot):  # type: ignore[no-untyped-def]
    """Latent values to returns, in place."""
    half = F(0.5) * F(table.size - 1)
    last = np.int32(table.size - 2)
    for i in range(LANES):
        at = (y[i] / (abs(y[i]) + BEND) + F(1.0)) * half
        k = min(np.int32(at), last)
        knot[i] = k
        y[i] = at - F(k)
    for i in range(LANES):
        # Unsigned places need no test for negative ones.
        place = np.uint64(knot[i])
        low = table[place]
        y[i] = low + y[i] * (table[place + np.uint64(1)] - low)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def _add(losses, value, weight):  # type: ignore[no-untyped-def]
    for i in range(LANES):
        losses[i] -= weight * value[i]


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def _chosen_sum(value, chosen):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(LANES):
        total += value[i] * chosen[i]
    return total


@njit(cache=True, nogil=True)
def _block(seed, block, mix, loadings, own, weights, tables, chosen, losses, sums):  # type: ignore[no-untyped-def]
    count, factors = loadings.shape
    s0, s1 = np.empty(LANES, np.uint32), np.empty(LANES, np.uint32)
    s2, s3 = np.empty(LANES, np.uint32), np.empty(LANES, np.uint32)
    word = np.empty(LANES, np.uint32)
    u = np.empty(LANES, np.float32)
    bits = u.view(np.int32)
    knot = np.empty(LANES, np.int32)
    f = np.empty((factors + 1, LANES), np.float32)
    one, other = np.empty(LANES, np.float32), np.empty(LANES, np.float32)
    y = np.empty(LANES, np.float32)
    _seeded(seed, block, s0, s1, s2, s3)
    for chunk in range(CHUNKS):
        start = chunk * LANES
        for k in range(0, factors, 2):
            _normals(s0, s1, s2, s3, word, u, bits, f[k], f[k + 1])
        for n in range(count):
            if n % 2 == 0:
                _normals(s0, s1, s2, s3, word, u, bits, one, other)
            noise = one if n % 2 == 0 else other
            _latent(y, noise, own[n], f, loadings[n], mix[start : start + LANES])
            _through_margin(y, tables[n], knot)
            _add(losses[start : start + LANES], y, weights[n])
            if sums.size:
                sums[n] -= weights[n] * _chosen_sum(y, chosen[start : start + LANES])


@njit(cache=True, nogil=True, parallel=True)
def blocks(seed, first, mix, loadings, own, weights, tables, chosen, with_sums):  # type: ignore[no-untyped-def]
    """Losses (B * BLOCK,) of the blocks from ``first`` on, and each block's sums (B, N) of chosen losses by asset."""
    count = mix.size // BLOCK
    losses = np.zeros(mix.size)
    sums = np.zeros((count, loadings.shape[0] if with_sums else 0))
    for b in prange(count):
        part = slice(b * BLOCK, (b + 1) * BLOCK)
        number = np.uint64(first) + np.uint64(b)
        _block(seed, number, mix[part], loadings, own, weights, tables, chosen[part], losses[part], sums[b])
    return losses, sums
