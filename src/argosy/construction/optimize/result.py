"""What an optimization hands out: weights, what they amount to, which limits bind and what they cost, and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from argosy.base.columns import Column
from argosy.base.limits import Limit
from argosy.base.table import Table
from argosy.construction.optimize.measured import Measured
from argosy.construction.optimize.problem import Problem
from argosy.kernels.convex import Answer, Form

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit that holds the portfolio back, and what a little more room is worth.

    ``price`` is the gain per unit of room, in the unit that ``worth`` names.
    """

    limit: Limit
    label: str
    side: str
    price: float
    worth: str

    def text(self) -> str:
        """One line for people."""
        return f"{self.label} is at its {self.side}: one more percentage point {self.worth}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the answer was found and how good it is proven to be.

    ``gap`` is the proven distance of the objective from the best possible, ``relative_gap`` the same in units of the
    objective; ``violation`` the largest break of a hard limit. ``seconds`` is 0 unless a clock was given.
    """

    engine: str
    steps: int
    gap: float
    relative_gap: float
    violation: float
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Basis:
    """What the weights came from: the problem, its model in arrays, and the prices of its limits. For later steps."""

    problem: Problem
    form: Form
    answer: Answer


@dataclass(frozen=True, eq=False)
class Optimized:
    """One optimized portfolio. Returns and volatility are per period of the inputs, NaN where no such input was given.

    ``cost_parts`` breaks the cost down where :class:`argosy.models.costs.trading.Costs` were given.
    ``contributions`` (N,) are shares of the variance and sum to 1; ``turnover`` is buys plus sells; ``cost`` what they
    cost. ``risk`` is the convex risk of scenarios that the model was asked with, None where it was the variance.
    ``reports`` are tables of what the model has to tell beside its weights: clusters, contributions by factor.
    """

    model: str
    names: tuple[str, ...]
    weights: Float64
    objective: float
    expected_return: float
    volatility: float
    contributions: Float64
    turnover: float
    cost: float
    binding: tuple[Binding, ...]
    evidence: Evidence
    notes: tuple[str, ...] = ()
    reports: tuple[Table, ...] = ()
    cost_parts: Mapping[str, float] = field(default_factory=dict)
    basis: Basis | None = field(default=None, repr=False)
    risk: Measured | None = None

    @property
    def status(self) -> str:
        """ "optimal"; "heuristic" for a rule, "rounded" for whole lots: what claims to be best is proven best."""
        if self.evidence.engine.endswith("then whole lots"):
            return "rounded"
        return "optimal" if self.evidence.engine != "closed form" else "heuristic"

    def as_dict(self) -> dict[str, float]:
        """Weights by name."""
        return dict(zip(self.names, self.weights.tolist(), strict=True))

    def table(self) -> Table:
        """Names with a weight, largest first, with their shares of the risk."""
        order = np.argsort(-np.abs(self.weights), kind="stable")
        order = order[np.abs(self.weights[order]) > 0.0]
        shares = (self.risk.shares if self.risk is not None else self.contributions)[order]
        missing = np.isnan(shares)
        return Table(
            self.model,
            (
                Column("asset", "text", [self.names[i] for i in order.tolist()]),
                Column("weight", "ratio", self.weights[order], unit="%"),
                Column("risk_share", "ratio", np.where(missing, 0.0, shares), unit="%", missing=missing),
            ),
            notes=tuple(item.text() for item in self.binding) + self.notes,
        )

    def __str__(self) -> str:
        lines = [
            f"{self.model}: {int((self.weights != 0).sum())} of {len(self.names)} names",
            f"expected return {self.expected_return:.4%}, volatility {self.volatility:.4%}, "
            f"turnover {self.turnover:.2%}, cost {self.cost * 1e4:.2f} bp",
            *([f"{self.risk.measure} {self.risk.value:.4%}"] if self.risk is not None else []),
            *(item.text() for item in self.binding),
            f"proven within {self.evidence.relative_gap:.1e} of the best by {self.evidence.engine} "
            f"in {self.evidence.steps} steps",
            *self.notes,
        ]
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class Frontier:
    """Efficient portfolios from least risk to highest return: weights (P, N), expected returns and volatilities (P,).

    ``exact`` says that the rows are corner portfolios: every efficient portfolio is a mix of two neighbors.
    ``left_out`` lists targets that no allowed portfolio reaches.
    """

    names: tuple[str, ...]
    weights: Float64
    expected_returns: Float64
    volatilities: Float64
    exact: bool = False
    left_out: tuple[float, ...] = ()

    def __len__(self) -> int:
        return int(self.expected_returns.size)

    def table(self) -> Table:
        """One row per portfolio."""
        return Table(
            "frontier",
            (
                Column("portfolio", "integer", np.arange(1, len(self) + 1)),
                Column("expected_return", "ratio", self.expected_returns, unit="%"),
                Column("volatility", "ratio", self.volatilities, unit="%"),
                Column("names", "integer", (np.abs(self.weights) > 1e-9).sum(axis=1)),
            ),
        )
