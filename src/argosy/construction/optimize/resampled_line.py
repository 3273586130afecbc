"""The resampled efficient frontier: portfolios of the same rank averaged over samples that might have been."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import InvalidInput
from argosy.base.limits import Limits
from argosy.construction.optimize.face import frontier
from argosy.construction.optimize.problem import Weights, as_weights
from argosy.construction.optimize.resampled import normal_sample
from argosy.construction.optimize.result import Frontier
from argosy.models.moments.covariance import Covariance, as_covariance

Float64 = npt.NDArray[np.float64]


def resampled_frontier(
    *,
    expected_returns: Weights,
    covariance: Covariance | npt.ArrayLike,
    periods: int,
    generator: Generator,
    draws: int = 100,
    points: int = 20,
    names: Sequence[str] | None = None,
    limits: Limits = (),
    long_only: bool = True,
    holdings: Weights | None = None,
    benchmark: Weights | None = None,
    attributes: Mapping[str, Sequence[object]] | None = None,
) -> Frontier:
    """Frontier averaged rank by rank over ``draws`` normal samples of ``periods`` observations (Michaud 1998, ch. 6).

    Each sample's frontier has ``points`` portfolios in equal steps of return from its least risk to its highest
    return; those of the same rank are averaged. Expected returns and volatilities are those of the moments given, so
    the line lies below the efficient one. The same generator state gives the same bits. Cost: ``draws`` frontiers.

    Examples
    --------
    >>> line = resampled_frontier(expected_returns=[0.04, 0.08], covariance=[[0.01, 0.0], [0.0, 0.04]], periods=60,
    ...                           generator=np.random.default_rng(1), draws=50, points=3)
    >>> len(line), bool((line.weights.sum(axis=1).round(9) == 1.0).all())
    (3, True)
    """
    belief = as_covariance(covariance)
    labels = tuple(str(name) for name in names) if names is not None else tuple(f"A{i + 1}" for i in range(belief.size))
    mean = as_weights(expected_returns, labels, "expected_returns")
    assert mean is not None
    if draws < 1:
        raise InvalidInput(f"{draws} draws", field="draws", expected="at least 1")
    if mean.size != belief.size:
        raise InvalidInput(f"{mean.size} expected returns for a covariance of {belief.size}", field="expected_returns")
    total = np.zeros((points, mean.size))
    for _ in range(draws):
        sample = normal_sample(mean, belief, periods, generator)
        line = frontier(
            expected_returns=sample.mean(axis=0), covariance=np.cov(sample, rowvar=False), names=labels, limits=limits,
            long_only=long_only, points=points, holdings=holdings, benchmark=benchmark, attributes=attributes,
        )  # fmt: skip
        total += line.weights
    weights = total / draws
    risks = np.sqrt([float(row @ belief.times(row)) for row in weights])
    return Frontier(labels, weights, weights @ mean, np.asarray(risks, dtype=np.float64))
