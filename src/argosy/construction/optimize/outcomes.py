"""Ways a model can have no answer, each in the words of a portfolio manager."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, NotConverged
from argosy.base.limits import MEASURES, Limit, show


@dataclass(frozen=True, slots=True)
class Clash:
    """One limit of a clashing set, and by how much it alone would have to give for the others to be met."""

    limit: Limit
    give: float

    def text(self) -> str:
        """One line for people."""
        if self.give != self.give:
            return f"{self.limit.text()} (giving way here alone does not help)"
        unit = MEASURES[self.limit.measure].unit
        return f"{self.limit.text()} (would have to give {show(float(f'{self.give:.4g}'), unit)})"


class Infeasible(ArgosyError):
    """The limits cannot all be met; ``clash`` is a smallest set of them that cannot."""

    code = "infeasible"

    def __init__(self, clash: tuple[Clash, ...]) -> None:
        self.clash = clash
        lines = "; ".join(item.text() for item in clash)
        super().__init__(
            f"these limits cannot be met together: {lines}", field="limits", next_step="relax one of them by its amount"
        )


class Unbounded(ArgosyError):
    """Nothing stops the objective from growing without end."""

    code = "unbounded"


def unproven(*, gap: float, violation: float, steps: int) -> NotConverged:
    """The error of a best answer that could not be proven good enough; it is not handed out."""
    return NotConverged(
        f"no answer could be proven best: after {steps} steps it may be {gap:.2g} (of its own size) from the best "
        f"and breaks a limit by {violation:.2g}",
        next_step="look for nearly identical assets or limits that leave almost no room",
    )


class TimeLimitReached(ArgosyError):
    """The time given ran out before an answer was proven best.

    ``weights`` are the best found that keep every limit (None: none was found), ``objective`` what the solver
    minimizes there, ``gap`` how far, in units of the objective's size, a better answer can be at most.
    """

    code = "time_limit"

    def __init__(
        self, message: str, *, weights: npt.NDArray[np.float64] | None = None, objective: float = float("nan"),
        gap: float = float("inf"),
    ) -> None:  # fmt: skip
        self.weights, self.objective, self.gap = weights, objective, gap
        super().__init__(message, field="time_limit", next_step="allow more time, or look at the weights found so far"
                         if weights is not None else "allow more time or fewer names")  # fmt: skip


class NoExcessReturn(ArgosyError):
    """No allowed portfolio is expected to earn more than the risk-free rate, so no Sharpe ratio is positive."""

    code = "no_excess_return"
