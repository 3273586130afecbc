"""A convex risk at one portfolio: its number, and what each asset adds to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.conic import holding
from argosy.kernels.risk_terms import Pull, Risk
from argosy.measures.risk.convex.catalogue import Kind

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """A measure of risk (``shortfall of 95%``), its value, and Euler contributions (N,) that sum to the value.

    Contributions are NaN where the measure does not grow in step with the weights. At a kink of the risk they are one
    of several right answers: the one whose multipliers prove the portfolio best.
    """

    measure: str
    value: float
    contributions: Float64

    @property
    def shares(self) -> Float64:
        """Contributions as parts of one."""
        found: Float64 = self.contributions / self.value if self.value else np.zeros_like(self.contributions)
        return found


def measured(text: str, kind: Kind, risk: Risk, x: Float64, pull: Pull | None) -> Measured:
    """Measure a risk; the line that holds the answer gives contributions (Tasche 1999), else one is found."""
    number = risk.number(x)
    value = number**kind.power
    if not kind.homogeneous:
        return Measured(text, value, np.full(x.size, np.nan))
    slope = pull.slope if pull is not None and pull.price > 0.0 else risk.line(holding(risk, x))[0]
    parts = x * slope
    total = float(parts.sum())
    # What the solver's rounding leaves is shared out; contributions then sum to the last digit that counts.
    if total > 0.0:
        parts = parts * (value / total)
    return Measured(text, value, parts)
