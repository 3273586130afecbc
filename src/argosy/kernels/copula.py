"""Losses of a portfolio under a factor copula with given margins, by Monte Carlo in blocks.

A block's numbers depend on the seed and its own number alone, so the same bits come serial, parallel and distributed.
:mod:`argosy.kernels.reference.copula` has the method; small work runs there.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference import copula as plain
from argosy.kernels.reference.copula import BEND, BLOCK
from argosy.kernels.streams import MIXING, stream

__all__ = ["BEND", "BLOCK", "Engine", "copula_losses", "knots"]

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
Engine = Literal["auto", "kernel", "reference"]

KNOTS = 4096
"""Steps of a margin's table."""

SMALL = 500_000
"""Scenarios x assets up to which the plain twin answers before a compiled kernel is loaded."""


def knots(count: int = KNOTS) -> Float64:
    """Latent values (count + 1,) at which margins are tabulated: equal steps of ``y / (|y| + 3)``; the ends finite."""
    u = np.linspace(-1.0, 1.0, count + 1)
    u[0], u[-1] = u[0] + 0.5 / count, u[-1] - 0.5 / count
    return np.asarray(BEND * u / (1.0 - np.abs(u)))


def mixing(seed: int, block: int, nu: float | None) -> Float32:
    """What the latent variables of each scenario of a block are multiplied by: ``sqrt(nu / chi square)``, or ones."""
    if nu is None:
        return np.ones(BLOCK, dtype=np.float32)
    return np.sqrt(nu / stream(seed, MIXING, block).chisquare(nu, BLOCK)).astype(np.float32)


def copula_losses(
    loadings: Float64,
    own: Float64,
    weights: Float64,
    tables: Float32,
    *,
    nu: float | None,
    seed: int,
    first: int = 0,
    count: int = 1,
    chosen: Float64 | None = None,
    engine: Engine = "auto",
) -> tuple[Float64, Float64]:
    """Losses (count * BLOCK,) of ``count`` blocks from ``first`` on.

    Parameters
    ----------
    loadings : (N, K), own : (N,) with ``sum of squares + own^2 = 1`` in each row
    weights : (N,); tables : (N, M + 1) returns at the latent values of :func:`knots`
    nu : degrees of freedom of the t copula; None for the normal copula
    chosen : weights of scenarios (count * BLOCK,) for sums of losses by asset

    Returns
    -------
    Losses, and the sums (N,) weighted by ``chosen`` (empty without it), added block after block.
    """
    mix = np.concatenate([mixing(seed, block, nu) for block in range(first, first + count)])
    f, d = np.ascontiguousarray(loadings, dtype=np.float32), np.ascontiguousarray(own, dtype=np.float32)
    picked = np.zeros(mix.size) if chosen is None else np.ascontiguousarray(chosen, dtype=np.float64)
    w, margins = np.ascontiguousarray(weights, dtype=np.float64), np.ascontiguousarray(tables, dtype=np.float32)
    if engine == "kernel" or (engine == "auto" and mix.size * w.size > SMALL):
        from argosy.kernels.copula_jit import blocks

        losses, parts = blocks(np.uint64(seed), first, mix, f, d, w, margins, picked, int(chosen is not None))
        sums = np.zeros(w.size if chosen is not None else 0)
        for part in parts:
            sums += part
        return losses, sums
    found = []
    total = np.zeros(w.size)
    for place in range(count):
        part = slice(place * BLOCK, (place + 1) * BLOCK)
        losses, sums = plain.block_losses(seed, first + place, mix[part], f, d, w, margins, picked[part])
        found.append(losses)
        total += sums
    return np.concatenate(found), total if chosen is not None else np.zeros(0)
