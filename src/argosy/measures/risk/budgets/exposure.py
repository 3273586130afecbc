"""What exposures decided the day before would have earned, and the refusal of any that were not decided before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError
from argosy.base.table import Column, Table
from argosy.measures.performance.series import Int64, refusal
from argosy.measures.risk.inputs import array, positive

Float64 = npt.NDArray[np.float64]


class LookAhead(ArgosyError):
    """A decision used something that was not known when it was made."""

    code = "look_ahead"


@dataclass(frozen=True, eq=False)
class ExposurePath:
    """A rule run over time.

    Attributes
    ----------
    exposures : (T + 1,) fraction of wealth in the risky asset on each day, the last for the day after the data
    returns : (T,) of the strategy after costs
    wealth : (T + 1,) from 1
    costs : (T,) fraction of wealth paid that day
    turnover : sum of changes of exposure
    """

    exposures: Float64
    returns: Float64
    wealth: Float64
    costs: Float64
    turnover: float

    def table(self) -> Table:
        """Day, exposure, return, cost and wealth at its end."""
        return Table(
            "exposure",
            (
                Column("day", "integer", list(range(self.returns.size))),
                Column("exposure", "ratio", self.exposures[: self.returns.size], unit="x"),
                Column("return", "ratio", self.returns, unit="x"),
                Column("cost", "ratio", self.costs, unit="x"),
                Column("wealth", "ratio", self.wealth[1:], unit="x"),
            ),
        )


def run_exposures(returns: Any, exposures: Any, *, known: Any, risk_free: Any = 0.0, cost: float = 0.0) -> ExposurePath:
    """Run exposures over returns, if each was decided from data of earlier days.

    Parameters
    ----------
    returns : (T,) of the risky asset
    exposures : (T,) or (T + 1,): fraction of wealth held on each day
    known : (T,) or (T + 1,): the last day whose data each exposure used, counted from 0; -1 for none
    risk_free : (T,) or one: earned on the rest
    cost : fraction of each change of exposure, paid at its beginning; the first is from 0

    Raises
    ------
    LookAhead
        An exposure used the day it earns on, or a later one; the message names the first.

    Examples
    --------
    >>> run_exposures([0.1, -0.1], [1.0, 0.5], known=[-1, 0]).returns.tolist()
    [0.1, -0.05]
    >>> run_exposures([0.1, -0.1], [1.0, 0.5], known=[0, 0])
    Traceback (most recent call last):
    ...
    argosy.measures.risk.budgets.exposure.LookAhead: the exposure of day 0 uses data of day 0, which is known when it \
is over. Next: use data to day -1 at the latest
    """
    r = array(returns, (None,), "returns")
    held = np.asarray(exposures, dtype=np.float64)
    held = array(held, (r.size if held.size == r.size else r.size + 1,), "exposures")
    used = np.asarray(known)
    if used.shape != held.shape or not np.issubdtype(used.dtype, np.integer):
        raise refusal(f"known has shape {used.shape}", field="known", found=used.shape,
                      expected=f"{held.size} whole numbers")  # fmt: skip
    seen: Int64 = used.astype(np.int64)
    late = np.flatnonzero(seen >= np.arange(held.size))
    if late.size:
        day = int(late[0])
        raise LookAhead(f"the exposure of day {day} uses data of day {int(seen[day])}, which is known when it is over",
                        field="known", found=int(seen[day]), expected=f"at most {day - 1}",
                        next_step=f"use data to day {day - 1} at the latest")  # fmt: skip
    rate = np.asarray(risk_free, dtype=np.float64)
    idle = array(np.full(r.size, rate) if rate.ndim == 0 else rate, (r.size,), "risk_free")
    changed = np.abs(np.diff(held, prepend=0.0))
    paid = positive(cost, "cost", zero=True) * changed[: r.size]
    earned = held[: r.size] * r + (1.0 - held[: r.size]) * idle - paid
    wealth = np.concatenate([[1.0], np.cumprod(1.0 + earned)])
    return ExposurePath(held, earned, wealth, paid, float(changed[: r.size].sum()))
