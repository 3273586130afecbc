"""Internal rates of return of many streams of dated flows: the rate where it is the only one, else a status.

Large work runs compiled; what cannot be shown to be the only rate goes to the plain twin, which finds every rate.
:mod:`argosy.kernels.reference.irr` has the method and the meaning of each status.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference.irr import (
    ALL_ZERO,
    FOUND,
    NO_ROOT,
    NOT_FINITE,
    ONE_SIGN,
    SAME_DAY,
    SEVERAL,
    TOO_LARGE,
    UNSETTLED,
    all_rates,
    block_rates,
)

__all__ = [
    "ALL_ZERO", "FOUND", "NOT_FINITE", "NO_ROOT", "ONE_SIGN", "SAME_DAY", "SEVERAL", "TOO_LARGE", "Engine", "all_rates",
    "rates",
]  # fmt: skip

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Status = npt.NDArray[np.int8]
Engine = Literal["auto", "kernel", "reference"]

# The twin settles about 20,000 flows a second; loading the JIT takes about a second. What was loaded before plays no
# part: the two forms round in another order, and the same question has to give the same bits.
KERNEL_FLOWS = 5_000


def rates(
    flows: Float64, days: Int64, offsets: Int64, *, year: float, engine: Engine = "auto"
) -> tuple[Float64, Status, dict[int, list[float]]]:
    """Rate of return of each stream ``flows[offsets[i]:offsets[i + 1]]``.

    Parameters
    ----------
    flows, days : (M,) amounts (paid in is negative) and the day of each, any whole unit
    offsets : (N + 1,)
    year : days that make a year; rates are per year

    Returns
    -------
    Rates (N,), NaN where the status (N,) is not ``FOUND``; and, by stream, all rates where there are several.

    Examples
    --------
    >>> found, status, _ = rates(np.array([-100.0, 110.0]), np.array([0, 365]), np.array([0, 2]), year=365.0)
    >>> round(float(found[0]), 12), int(status[0]) == FOUND
    (0.1, True)
    """
    compiled = engine == "kernel" or (engine == "auto" and flows.size >= KERNEL_FLOWS)
    if not compiled:
        values, statuses, several = block_rates(flows.tolist(), (days / year).tolist(), offsets.tolist())
        return np.array(values, dtype=np.float64), np.array(statuses, dtype=np.int8), several
    from argosy.kernels.irr_jit import rates_kernel

    found, status = rates_kernel(flows, days, offsets, year)
    several = {}
    for row in np.flatnonzero(status == UNSETTLED).tolist():
        first, last = int(offsets[row]), int(offsets[row + 1])
        settled, every = all_rates(flows[first:last].tolist(), (days[first:last] / year).tolist())
        status[row] = settled
        found[row] = every[0] if settled == FOUND else np.nan
        if settled == SEVERAL:
            several[row] = every
    return found, status, several
