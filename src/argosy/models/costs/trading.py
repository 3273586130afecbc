"""All costs of trading in one statement, as numbers part by part and as arrays for the optimizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.kernels.charges import Charges, Layer
from argosy.models.costs.tax_lots import TaxLot, TaxSchedule, schedules

Float64 = npt.NDArray[np.float64]
Rate = npt.ArrayLike | float


@dataclass(frozen=True, eq=False)
class Costs:
    """What it costs to trade, each part one number or (N,), in units of portfolio value per unit of weight traded.

    Parameters
    ----------
    commission, half_spread : of every unit bought or sold
    exchange : of every unit whose order changes money first
    buy_duty, sell_duty : of units bought (stamp duty) and units sold (transaction taxes)
    impact : coefficient of the 3/2 power, from :func:`argosy.models.costs.impact.impact_coefficients`
    fixed : for trading a name at all; makes the model choose which names to trade
    lots : tax lots by name, each name's adding up to its holding
    order : order of sale of the lots
    years : over which a trade pays for itself; all costs count as those of one of them

    Examples
    --------
    >>> costs = Costs(commission=0.001, half_spread=[0.0005, 0.002], fixed=0.0001)
    >>> parts = costs.priced(("A", "B"), np.array([0.5, 0.5])).parts(np.array([0.6, 0.4]))
    >>> {part: round(value * 1e4, 6) for part, value in parts.items()}
    {'commission': 2.0, 'half-spread': 2.5, 'fixed': 2.0}
    """

    commission: Rate = 0.0
    half_spread: Rate = 0.0
    buy_duty: Rate = 0.0
    sell_duty: Rate = 0.0
    impact: Rate = 0.0
    fixed: Rate = 0.0
    lots: Mapping[str, Sequence[TaxLot]] = field(default_factory=dict)
    order: str = "least tax"
    exchange: Rate = 0.0
    years: float = 1.0

    def priced(self, names: Sequence[str], held: Float64) -> Priced:
        """Check all parts against names (N) and weights held (N,).

        Raises
        ------
        InvalidInput, UnknownName
            A rate that is negative or not finite, lots that do not add up to the holding, an order that is not convex.
        """
        if not 0.0 < self.years < np.inf:
            raise InvalidInput(f"costs are spread over {self.years!r} years", field="years", expected="above zero")
        rates: dict[str, Float64] = {}
        for what in ("commission", "half_spread", "exchange", "buy_duty", "sell_duty", "impact", "fixed"):
            given = np.asarray(getattr(self, what), dtype=np.float64)
            if given.ndim == 0:
                given = np.full(len(names), float(given))
            if given.shape != (len(names),):
                raise InvalidInput(f"{what} has shape {given.shape} for {len(names)} assets", field="costs")
            if not np.isfinite(given).all() or (given < 0.0).any():
                raise InvalidInput(f"{what} must be finite and not negative", field="costs")
            rates[what] = given / self.years
        taxes = {
            place: TaxSchedule(plan.weights, tuple(tax / self.years for tax in plan.taxes))
            for place, plan in schedules(self.lots, names, held, order=self.order).items()
        }
        return Priced(tuple(names), held, rates, taxes)


@dataclass(frozen=True, eq=False)
class Priced:
    """Costs of moving away from ``held`` (N,), checked; rates by part, tax schedules by place."""

    names: tuple[str, ...]
    held: Float64
    rates: Mapping[str, Float64]
    taxes: Mapping[int, TaxSchedule]

    def parts(self, weights: Float64) -> dict[str, float]:
        """Cost of each part that is not zero, in units of portfolio value; a loss sold makes "tax" negative."""
        moved = weights - self.held
        size = np.abs(moved)
        # What is below rounding is no trade and pays no fee.
        traded = size > 1e-12
        found = {
            "commission": float(self.rates["commission"] @ size),
            "half-spread": float(self.rates["half_spread"] @ size),
            "exchange": float(self.rates["exchange"] @ size),
            "duty": float(self.rates["buy_duty"] @ np.maximum(moved, 0.0)
                          + self.rates["sell_duty"] @ np.maximum(-moved, 0.0)),
            "impact": float(self.rates["impact"] @ (size * np.sqrt(size))),
            "fixed": float(self.rates["fixed"][traded].sum()),
            "tax": sum(plan.tax(max(float(-moved[place]), 0.0)) for place, plan in self.taxes.items()),
        }  # fmt: skip
        return {part: value for part, value in found.items() if value != 0.0}

    def total(self, weights: Float64) -> float:
        """Sum of the parts."""
        return float(sum(self.parts(weights).values()))

    @property
    def proportional(self) -> Float64:
        """Cost per unit bought or sold (N,): commission, half-spread, and the half of each duty and first tax."""
        first = np.zeros(len(self.names))
        for place, plan in self.taxes.items():
            first[place] = plan.taxes[0]
        first = np.where(self.relief > 0.0, 0.0, first)
        both = self._both
        found: Float64 = both + 0.5 * (self.rates["buy_duty"] + self.rates["sell_duty"] + first)
        return found

    @property
    def _both(self) -> Float64:
        """Cost per unit that is the same bought and sold (N,)."""
        return self.rates["commission"] + self.rates["half_spread"] + self.rates["exchange"]

    @property
    def relief(self) -> Float64:
        """Tax saved per unit by the first loss sold (N,), where it exceeds what buying and selling back would cost.

        Zero where the cost is convex at the weight held, as it is.
        """
        both = 2.0 * self._both + self.rates["buy_duty"] + self.rates["sell_duty"]
        found = np.zeros(len(self.names))
        for place, plan in self.taxes.items():
            if plan.taxes[0] < -both[place]:
                found[place] = -plan.taxes[0]
        return found

    @property
    def chooses(self) -> bool:
        """True when a model has to choose whether, or which way, to trade."""
        return bool(self.rates["fixed"].any() or self.relief.any())

    def charges(self) -> Charges | None:
        """What is beyond proportional: impact, and slopes that differ between buying and selling or with the size.

        ``t max(r - x, 0)`` is ``t/2 |x - r| + t/2 (r - x)``. None where there is nothing of the kind.
        """
        n = len(self.names)
        relief = self.relief
        lean = 0.5 * (self.rates["buy_duty"] - self.rates["sell_duty"])
        steps: list[tuple[Float64, Float64]] = []
        for place, plan in self.taxes.items():
            if relief[place] <= 0.0:
                lean[place] -= 0.5 * plan.taxes[0]
            sold = np.cumsum(plan.weights)
            for depth, (before, after) in enumerate(pairwise(plan.taxes)):
                if after > before:
                    free = next((step for step in steps if step[0][place] == 0.0), None)
                    if free is None:
                        free = (np.zeros(n), np.zeros(n))
                        steps.append(free)
                    free[0][place], free[1][place] = after - before, float(self.held[place] - sold[depth])
        tilt, constant = lean.copy(), -float(lean @ self.held)
        layers = []
        for rise, place_of in steps:
            layers.append(Layer(0.5 * rise, place_of))
            tilt -= 0.5 * rise
            constant += 0.5 * float(rise @ place_of)
        impact = self.rates["impact"]
        fixed = self.rates["fixed"]
        if not (layers or tilt.any() or impact.any() or fixed.any() or relief.any()):
            return None
        return Charges(impact, tuple(layers), tilt, constant, fixed, relief)
