"""What shocks cost: by position and by factor, first and second order, or by any revaluation of the caller's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.table import Column, Table
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array, named
from argosy.models.moments.observations import floats

Float64 = npt.NDArray[np.float64]
Revalue = Callable[[Float64], npt.ArrayLike]


@dataclass(frozen=True, eq=False)
class StressResult:
    """Losses in scenarios, positive when money is lost.

    ``by_position`` (S, N) and ``by_factor`` (S, K) each sum to ``losses`` (S,).
    """

    scenarios: tuple[str, ...]
    positions: tuple[str, ...]
    factors: tuple[str, ...]
    losses: Float64
    by_position: Float64
    by_factor: Float64

    def table(self) -> Table:
        """One row per scenario, the positions beside the total."""
        columns = [Column(name, "ratio", self.by_position[:, n], unit="x") for n, name in enumerate(self.positions)]
        return Table(
            "stress losses",
            (
                Column("scenario", "text", list(self.scenarios)),
                Column("loss", "ratio", self.losses, unit="x"),
                *columns,
            ),
        )


def stress_losses(
    values: Any,
    sensitivities: Any,
    shocks: Any,
    *,
    convexities: Any = None,
    scenarios: Sequence[str] | None = None,
    positions: Sequence[str] | None = None,
    factors: Sequence[str] | None = None,
) -> StressResult:
    """Losses of positions whose value answers to factors by ``s x + c x^2 / 2``.

    Parameters
    ----------
    values : (N,) what each position is worth, negative when short
    sensitivities : (N, K) relative change of value per unit of shock: 1 for a share on its own price, minus duration
        for a bond on its yield, minus spread duration on its spread
    shocks : (S, K) or (K,) relative for prices, absolute for rates and spreads (-0.008 for minus 80 basis points)
    convexities : (N, K) second-order terms, such as a bond's convexity

    Examples
    --------
    >>> found = stress_losses([60.0, 25.0, 15.0], [[1, 0, 0], [0, -4, 0], [0, 0, -6]], [-0.3, 0.015, -0.008],
    ...                       convexities=[[0, 0, 0], [0, 0, 0], [0, 0, 50]])
    >>> found.by_position.round(6).tolist(), found.losses.round(6).tolist()
    ([[18.0, 1.5, -0.744]], [18.756])
    """
    worth = array(values, (None,), "values")
    slope = array(sensitivities, (worth.size, None), "sensitivities")
    count = slope.shape[1]
    moves = array(np.atleast_2d(floats(shocks, "shocks")), (None, count), "shocks")
    bend = np.zeros(slope.shape) if convexities is None else array(convexities, slope.shape, "convexities")
    first = moves[:, None, :] * (slope * worth[:, None])[None, :, :]
    second = (0.5 * moves * moves)[:, None, :] * (bend * worth[:, None])[None, :, :]
    lost = -(first + second)
    return StressResult(
        named(scenarios, len(moves), "scenarios"), named(positions, worth.size, "positions"),
        named(factors, count, "factors"), lost.sum(axis=(1, 2)), lost.sum(axis=2), lost.sum(axis=1),
    )  # fmt: skip


def revalued_losses(revalue: Revalue, shocks: Any, *, scenarios: Sequence[str] | None = None) -> StressResult:
    """Losses by full revaluation: ``revalue`` takes shocks (S, K) and gives values (S,) or by position (S, N).

    It is called once with the shocks and a first row of zeros, the base that losses are measured from.

    Examples
    --------
    >>> revalued_losses(lambda x: 100.0 * (1.0 + x[:, 0]) ** 2, [[-0.1], [0.1]]).losses.round(6).tolist()
    [19.0, -21.0]
    """
    moves = array(np.atleast_2d(floats(shocks, "shocks")), (None, None), "shocks")
    rows = np.vstack([np.zeros((1, moves.shape[1])), moves])
    found = floats(revalue(rows), "revalue")
    found = found[:, None] if found.ndim == 1 else found
    if found.ndim != 2 or len(found) != len(rows):
        raise refusal(f"the revaluation gave shape {found.shape}", field="revalue", found=found.shape,
                      expected=f"({len(rows)},) or ({len(rows)}, positions)")  # fmt: skip
    worth = array(found, (len(rows), None), "revalue")
    lost = worth[0] - worth[1:]
    total = lost.sum(axis=1)
    return StressResult(
        named(scenarios, len(moves), "scenarios"), named(None, worth.shape[1]), ("all",), total, lost, total[:, None]
    )
