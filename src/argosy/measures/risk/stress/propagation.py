"""Some factors are shocked: what do the others do? Their conditional expectation, and what stays uncertain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, unknown
from argosy.measures.risk.inputs import named
from argosy.measures.risk.stress.plausibility import SINGULAR, Plausibility, plausibility
from argosy.measures.risk.stress.shocks import Kind, checked_kinds, possible
from argosy.models.moments.covariance import Covariance, as_covariance

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Propagated:
    """Shocks (K,) of all factors, the covariance (K, K) that is left, and how plausible the shocks that were given are.

    ``covariance`` is the Schur complement, zero for the factors that were shocked.
    """

    factors: tuple[str, ...]
    shocks: Float64
    shocked: npt.NDArray[np.bool_]
    covariance: Float64
    plausibility: Plausibility

    def as_dict(self) -> dict[str, float]:
        """Factor -> shock."""
        return dict(zip(self.factors, self.shocks.tolist(), strict=True))


def propagate(
    shocks: Mapping[str, float],
    covariance: Covariance | npt.ArrayLike,
    *,
    factors: Sequence[str],
    kinds: Sequence[Kind] | None = None,
) -> Propagated:
    """Expect the factors that are not shocked to move with those that are: ``S21 S11^-1 x`` (Kupiec 1998).

    Parameters
    ----------
    shocks : factor -> shock
    covariance : (K, K) of changes over the horizon of the shocks; its window and half-life are the caller's choice
    kinds : with it, a propagated price shock below -100% is refused

    Raises
    ------
    InvalidInput
        No shock, shocks on factors that repeat each other, a price that would fall below zero.

    Examples
    --------
    >>> found = propagate({"equity": -0.2}, [[0.04, -0.004], [-0.004, 0.01]], factors=["equity", "bond"])
    >>> found.shocks.round(12).tolist()
    [-0.2, 0.02]
    """
    belief = as_covariance(covariance)
    names = named(factors, belief.size, "factors")
    sorts = None if kinds is None else checked_kinds(kinds, belief.size)
    if not shocks:
        raise InvalidInput("no factor is shocked", field="shocks", next_step="give a shock to one factor at least")
    moved = np.zeros(belief.size, dtype=np.bool_)
    x = np.zeros(belief.size)
    for name, shock in shocks.items():
        if name not in names:
            raise unknown("factor", name, names, place="shocks")
        place = names.index(name)
        moved[place] = True
        x[place] = possible(shock, "absolute" if sorts is None else sorts[place], name)
    matrix = belief.dense()
    core = matrix[np.ix_(moved, moved)]
    values = np.linalg.eigvalsh(core)
    if values[0] <= SINGULAR * max(float(values[-1]), 1e-300):
        twins = ", ".join(name for name, hit in zip(names, moved, strict=True) if hit)
        raise InvalidInput(f"the shocked factors {twins} repeat each other or do not vary", field="shocks",
                           next_step="shock one of them and let the other follow")  # fmt: skip
    link = np.linalg.solve(core, matrix[moved])
    full = x[moved] @ link
    full[moved] = x[moved]
    if sorts is not None:
        for name, sort, value in zip(names, sorts, full.tolist(), strict=True):
            possible(value, sort, name)
    left = matrix - matrix[:, moved] @ link
    left[moved, :] = 0.0
    left[:, moved] = 0.0
    return Propagated(names, full, moved, 0.5 * (left + left.T), plausibility(x[moved], core))
