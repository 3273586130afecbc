"""Gini mean difference: the mean distance of two different scenarios (Yitzhaki 1982)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.kernels.risk_terms import NONNEGATIVE, ZERO, Excess, Lifted

Float64 = npt.NDArray[np.float64]

MOST = 600
"""Most scenarios of which every pair is compared."""

MOST_ENTRIES = 1_000_000
"""Most entries of the matrix of pairs that the fast kernel is given; beyond, sparse cones are quicker."""


@dataclass(frozen=True, eq=False)
class Gini:
    """Mean of ``|return - other return|`` over all pairs of different scenarios.

    The number costs a sort; to be minimized it has a row for each of the T (T - 1) ordered pairs, so that at most
    :data:`MOST` scenarios are taken.

    Examples
    --------
    >>> Gini(np.array([[0.0], [0.01], [0.03]])).number(np.ones(1)).__round__(12)
    0.02
    """

    scenarios: Float64

    def __post_init__(self) -> None:
        if self.scenarios.shape[0] < 2:
            raise InvalidInput("a mean difference needs at least two scenarios", field="returns")

    def _checked(self) -> int:
        t = int(self.scenarios.shape[0])
        if t > MOST:
            raise InvalidInput(
                f"the Gini mean difference compares every pair of {t} scenarios", field="returns",
                next_step=f"take at most {MOST} scenarios, or the mean absolute deviation",
            )  # fmt: skip
        return t

    @property
    def cap(self) -> float:
        """Weight of one pair."""
        t = self.scenarios.shape[0]
        return 2.0 / float(t * (t - 1))

    def number(self, x: Float64) -> float:
        """The Gini mean difference of weights x."""
        ordered = np.sort(self.scenarios @ x)
        t = ordered.size
        return self.cap * float((2.0 * np.arange(1, t + 1) - t - 1) @ ordered)

    def lifted(self) -> Lifted:
        """Least mean of v over pairs, with ``v`` at least the difference of the pair either way."""
        t = self._checked()
        place = np.arange(t)
        one, other = np.triu_indices(t, 1)
        pairs = one.size
        pair = np.arange(pairs)
        # Unknowns: losses (T), then one distance for each pair.
        rows = [place]
        columns, values = [place], [np.full(t, -1.0)]
        for start, sign in ((t, 1.0), (t + pairs, -1.0)):
            rows += [start + pair] * 3
            columns += [one, other, t + pair]
            values += [np.full(pairs, sign), np.full(pairs, -sign), np.full(pairs, -1.0)]
        return Lifted(
            -self.scenarios, np.concatenate(rows), np.concatenate(columns), np.concatenate(values),
            np.zeros(t + 2 * pairs), np.concatenate([np.zeros(t), np.full(pairs, self.cap)]),
            ((ZERO, t), (NONNEGATIVE, 2 * pairs)),
        )  # fmt: skip

    def line(self, duals: Float64) -> tuple[Float64, float]:
        """Differences of pairs, each weighed between minus and plus its share."""
        t = self.scenarios.shape[0]
        one, other = np.triu_indices(t, 1)
        if duals.size == 2 * one.size:
            # From the fast kernel: each pair one way round, then the other.
            push = np.clip(duals[: one.size] - duals[one.size :], -self.cap, self.cap)
            weights = np.bincount(one, push, t) - np.bincount(other, push, t)
            return -(self.scenarios.T @ weights), 0.0
        push = np.clip(duals[t : t + one.size] - duals[t + one.size :], -self.cap, self.cap)
        weights = np.bincount(one, push, t) - np.bincount(other, push, t)
        return -(self.scenarios.T @ weights), 0.0

    def excess(self) -> Excess | None:
        """What falls below zero over all ordered pairs, where that is not too many rows."""
        t = self._checked()
        if t * (t - 1) * self.scenarios.shape[1] > MOST_ENTRIES:
            return None
        one, other = np.triu_indices(t, 1)
        apart = self.scenarios[one] - self.scenarios[other]
        return Excess(np.vstack([apart, -apart]), self.cap, 0.0)
