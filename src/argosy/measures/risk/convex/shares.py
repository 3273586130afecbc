"""Weights of scenarios brought, from a solver's rounding, exactly into the set that a risk allows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def capped(weights: Float64, cap: float) -> Float64:
    """Weights that sum to one and lie between 0 and ``cap``, near the ones given.

    Examples
    --------
    >>> capped(np.array([0.9, 0.3, -0.1]), 0.55).round(12).tolist()
    [0.55, 0.45, 0.0]
    """
    if cap * weights.size <= 1.0:
        return np.full(weights.size, 1.0 / weights.size)
    p = np.clip(weights, 0.0, cap)
    total = float(p.sum())
    if total >= 1.0:
        return p / total
    # Spread what is missing over the room that is left, first where there is weight: none passes the cap.
    room = np.where(p > 0.0, cap - p, 0.0)
    if float(room.sum()) < 1.0 - total:
        room = cap - p
    return np.minimum(p + room * ((1.0 - total) / float(room.sum())), cap)


def within_norm(weights: Float64, length: float) -> Float64:
    """Non-negative weights of Euclidean length at most ``length``.

    Examples
    --------
    >>> within_norm(np.array([3.0, 4.0, -1.0]), 1.0).round(12).tolist()
    [0.6, 0.8, 0.0]
    """
    p = np.maximum(weights, 0.0)
    size = float(np.sqrt(p @ p))
    return p * (length / size) if size > length else p


def within_entropy(weights: Float64, most: float) -> Float64:
    """Weights that sum to one with ``sum p log(p T)`` at most ``most``, mixed with equal ones as far as needed.

    Examples
    --------
    >>> within_entropy(np.array([1.0, 0.0]), 0.1).round(6).tolist()
    [0.719795, 0.280205]
    """
    p = np.maximum(weights, 0.0)
    total = float(p.sum())
    even = np.full(p.size, 1.0 / p.size)
    if total <= 0.0:
        return even
    p = p / total
    if entropy(p) <= most:
        return p
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if entropy(p + middle * (even - p)) <= most:
            high = middle
        else:
            low = middle
    return p + high * (even - p)


def entropy(p: Float64) -> float:
    """Relative entropy to equal weights, ``sum p log(p T)``."""
    inside = p[p > 0.0]
    return float((inside * np.log(inside * p.size)).sum())
