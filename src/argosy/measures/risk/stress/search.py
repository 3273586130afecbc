"""The worst scenario of a book with options: many starts on the ellipsoid, and how far apart the best two ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.random import Generator
from scipy.special import chdtrc

from argosy.base.errors import NotConverged, UndefinedMeasure
from argosy.kernels.streams import NORMALS, stream
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array, positive
from argosy.measures.risk.stress.losses import Revalue
from argosy.measures.risk.stress.plausibility import SINGULAR, spectrum
from argosy.models.moments.covariance import Covariance, as_covariance

Float64 = npt.NDArray[np.float64]

STEPS = 400
# Two ends closer than this share of the radius are one scenario.
SAME_PLACE = 1e-2


@dataclass(frozen=True, eq=False)
class WorstSearch:
    """The worst scenario (K,) that was found within the radius, and the next-best different one.

    ``gap`` is how much less the second loses, None where all starts ended at one place; ``agreeing`` of ``starts``
    ended at the best. No search proves that there is nothing worse: a small share of agreement says to use more starts.
    """

    scenario: Float64
    loss: float
    second: Float64 | None
    gap: float | None
    radius: float
    degrees: int
    probability: float
    agreeing: int
    starts: int


def search_worst(
    revalue: Revalue,
    covariance: Covariance | npt.ArrayLike,
    *,
    radius: float,
    generator: Generator,
    starts: int = 32,
    tolerance: float = 1e-9,
) -> WorstSearch:
    """Search all scenarios within a Mahalanobis ``radius`` for the one that loses most, by full revaluation.

    Parameters
    ----------
    revalue : takes shocks (S, K), gives the book's value (S,); smooth enough for differences, called with many rows
    covariance : (K, K) of factor changes over the horizon
    generator, starts : random starts, beside the center and the ends of each principal axis

    Method: ascent along numerical gradients, projected onto the ball ``x = L z, |z| <= radius``, with a step for each
    start that halves until the loss rises. Cost: about ``2 K`` revaluations of every start per step.

    Raises
    ------
    NotConverged
        Every start was still climbing after the last step.

    Examples
    --------
    >>> linear = lambda x: 1.0 + x @ np.array([0.5, 0.5])
    >>> found = search_worst(linear, [[0.01, 0.0], [0.0, 0.04]], radius=2.0, generator=np.random.default_rng(1))
    >>> round(found.loss, 6), found.scenario.round(4).tolist(), found.gap
    (0.223607, [-0.0894, -0.3578], None)
    """
    k = positive(radius, "radius")
    if starts < 1:
        raise refusal(f"{starts} starts", field="starts", found=starts, expected="1 or more")
    values, vectors = spectrum(as_covariance(covariance))
    kept = values > SINGULAR * values[-1]
    root = vectors[:, kept] * np.sqrt(values[kept])
    degrees = int(kept.sum())
    base = float(array(np.asarray(revalue(np.zeros((1, root.shape[0])))).reshape(-1), (1,), "revalue")[0])

    def loss(z: Float64) -> Float64:
        return base - array(np.asarray(revalue(z @ root.T)).reshape(-1), (len(z),), "revalue")

    z = _starting_points(k, degrees, starts, generator)
    z, lost, still = _climb(loss, z, k, tolerance)
    if still.all():
        raise NotConverged("the search was still climbing after its last step", field="revalue",
                           next_step="scale the factors, smooth the revaluation, or use more starts")  # fmt: skip
    order = np.argsort(-lost, kind="stable")
    best = z[order[0]]
    if lost[order[0]] <= 0.0:
        raise UndefinedMeasure("no scenario within the radius loses money", field="radius",
                               next_step="take a larger radius")  # fmt: skip
    apart = np.linalg.norm(z - best, axis=1) > SAME_PLACE * k
    # A start that still climbs is no place of its own.
    others = [int(place) for place in order if apart[place] and not still[place]]
    second = others[0] if others else None
    return WorstSearch(
        root @ best, float(lost[order[0]]), None if second is None else root @ z[second],
        None if second is None else float(lost[order[0]] - lost[second]), k, degrees, float(chdtrc(degrees, k * k)),
        int((~apart).sum()), len(z),
    )  # fmt: skip


def search_reverse(
    revalue: Revalue,
    covariance: Covariance | npt.ArrayLike,
    *,
    loss: float,
    generator: Generator,
    farthest: float = 10.0,
    starts: int = 32,
) -> WorstSearch:
    """Search for the most plausible scenario that loses at least ``loss``: the smallest radius at which one does.

    The worst loss rises with the radius, so the radius is halved in upon; it is right to 1e-4 of itself. Raises
    :class:`UndefinedMeasure` where not even the ``farthest`` radius loses so much.
    """
    wanted = positive(loss, "loss")
    seed = int(generator.integers(2**63 - 1))

    def at(radius: float) -> WorstSearch | None:
        try:
            # The same starts at each radius, so that luck does not move the boundary.
            found = search_worst(revalue, covariance, radius=radius, generator=stream(seed, NORMALS, 0), starts=starts)
        except UndefinedMeasure:
            return None
        return found if found.loss >= wanted else None

    high = positive(farthest, "farthest")
    found = at(high)
    if found is None:
        raise UndefinedMeasure(f"no scenario within {farthest:g} standard deviations loses {wanted:g}", field="loss",
                               next_step="ask for a smaller loss, or look farther")  # fmt: skip
    low = 0.0
    while high - low > 1e-4 * high:
        middle = 0.5 * (low + high)
        nearer = at(middle)
        if nearer is None:
            low = middle
        else:
            high, found = middle, nearer
    return found


def _starting_points(radius: float, degrees: int, starts: int, generator: Generator) -> Float64:
    axes = radius * np.vstack([np.eye(degrees), -np.eye(degrees)])
    drawn = generator.standard_normal((starts, degrees))
    length = radius * generator.random((starts, 1)) ** (1.0 / degrees)
    drawn *= length / np.linalg.norm(drawn, axis=1, keepdims=True)
    return np.vstack([np.zeros((1, degrees)), axes, drawn])


def _climb(loss: Any, z: Float64, radius: float, tolerance: float) -> tuple[Float64, Float64, npt.NDArray[np.bool_]]:
    count, degrees = z.shape
    lost = loss(z)
    step = np.full(count, 0.5 * radius)
    still = np.ones(count, dtype=np.bool_)
    width = 1e-5 * radius
    shifts = width * np.eye(degrees)
    for _ in range(STEPS):
        active = np.flatnonzero(still)
        if active.size == 0:
            break
        points = z[active]
        around = np.concatenate([points[:, None, :] + shifts, points[:, None, :] - shifts], axis=1)
        values = loss(around.reshape(-1, degrees)).reshape(active.size, 2, degrees)
        gradient = (values[:, 0] - values[:, 1]) / (2.0 * width)
        size = np.linalg.norm(gradient, axis=1, keepdims=True)
        direction = np.divide(gradient, size, out=np.zeros_like(gradient), where=size > 0.0)
        trial = points + step[active, None] * direction
        length = np.linalg.norm(trial, axis=1, keepdims=True)
        trial *= np.minimum(1.0, radius / np.maximum(length, 1e-300))
        value = loss(trial)
        better = value > lost[active]
        rose = value - lost[active]
        z[active[better]], lost[active[better]] = trial[better], value[better]
        step[active] = np.where(better, np.minimum(1.6 * step[active], 2.0 * radius), 0.4 * step[active])
        # Done: no direction, a step too small to matter, or a rise too small to matter.
        small = tolerance * np.maximum(np.abs(lost[active]), 1e-12)
        done = (size[:, 0] == 0.0) | (step[active] < 1e-7 * radius) | (better & (rose <= small))
        still[active[done]] = False
    return z, lost, still
