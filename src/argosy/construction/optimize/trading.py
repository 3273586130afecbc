"""What trading candidates costs by a mandate's [costs]: rates, impact by volumes, fees by value, taxes lot by lot."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData
from argosy.base.limits import Limit
from argosy.models.costs.impact import impact_coefficients
from argosy.models.costs.tax_lots import TaxLot
from argosy.models.costs.trading import Costs
from argosy.record.mandate_policy import CostRules

Float64 = npt.NDArray[np.float64]
TRADING_DAYS = 252.0
"""Days of volume in a year: the impact of a trade is in volatilities of one of them."""


@dataclass(frozen=True, eq=False)
class Trading:
    """What costs and liquidity depend on beyond returns.

    ``value`` is the money that weights are parts of, None where nobody said; ``volume`` the money that trades in a day,
    by name; ``foreign`` the names whose orders change money first, None where currencies are not known; ``lots`` tax
    lots by name in their order of sale, at today's weights.
    """

    value: float | None = None
    volume: Mapping[str, float] = field(default_factory=dict)
    foreign: frozenset[str] | None = None
    lots: Mapping[str, tuple[TaxLot, ...]] = field(default_factory=dict)

    def worth(self, why: str) -> float:
        """The value, or the refusal that says what needs it."""
        if self.value is None:
            raise MissingData(f"{why} needs to know what the portfolio is worth", field="value",
                              next_step="say so: --value 25000000, in the money of the prices")  # fmt: skip
        return self.value

    def volumes(self, names: Sequence[str], why: str, *, still: Collection[str] = ()) -> Float64:
        """Money a day (N,), or the refusal that says whose is missing; names that stand ``still`` need none."""
        lacking = [name for name in names if name not in self.volume and name not in still]
        if lacking:
            more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
            raise MissingData(
                f"{why} needs the volume of {', '.join(lacking[:5])}{more}", field="volume",
                next_step="give the units that trade in a day as attribute volume of the instruments, or as a column "
                          "volume in the sheet of assets",
            )  # fmt: skip
        return np.array([self.volume.get(name, np.inf) for name in names])


def costs_of(
    names: Sequence[str], rules: CostRules, known: Trading, volatility: Float64, *, still: Collection[str] = ()
) -> Costs | float:
    """The costs of a mandate for names (N) with volatilities a year (N), spread over its horizon; 0.0 for none.

    Raises
    ------
    MissingData
        Fixed costs without the portfolio's value, impact without value or volumes, costs of changing money where
        nobody knows the currencies.
    """
    if not (known.lots or any((rules.trading, rules.half_spread, rules.impact, rules.fixed, rules.purchase_tax,
                               rules.exchange))):  # fmt: skip
        return 0.0
    impact = np.zeros(len(names))
    if rules.impact:
        value, volume = known.worth("price impact"), known.volumes(names, "price impact", still=still)
        traded = np.isfinite(volume)
        impact[traded] = impact_coefficients(
            volatility=volatility[traded] / np.sqrt(TRADING_DAYS), volume_value=volume[traded], nav=value,
            coefficient=rules.impact,
        )  # fmt: skip
    if rules.exchange and known.foreign is None:
        raise MissingData("the cost of changing money needs the currencies of the assets", field="exchange",
                          next_step="give base_currency in the mandate and a column currency in the sheet of assets, "
                                    "or leave out exchange in [costs]")  # fmt: skip
    return Costs(
        commission=rules.trading, half_spread=rules.half_spread, buy_duty=rules.purchase_tax, impact=impact,
        fixed=rules.fixed / known.worth("a fixed cost per order") if rules.fixed else 0.0,
        exchange=np.array([rules.exchange * (name in (known.foreign or ())) for name in names]),
        lots=known.lots, years=rules.horizon_years,
    )  # fmt: skip


def liquid_attributes(
    names: Sequence[str], attributes: Mapping[str, tuple[str, ...]], known: Trading, limits: Sequence[Limit]
) -> Mapping[str, tuple[str, ...]]:
    """Attributes (N each) with the volume as limits on days take it: the weight that trades in a day."""
    asks = next((limit for limit in limits if limit.measure.startswith("days to")), None)
    if asks is None:
        return attributes
    value = known.worth(repr(asks.text()))
    weights = known.volumes(names, repr(asks.text())) / value
    return {**attributes, "volume": tuple(map(repr, weights.tolist()))}


def sheet_trading(
    sheet: Mapping[str, Mapping[str, str]], last: Mapping[str, float], *, value: float | None, currency: str
) -> Trading:
    """What a sheet of assets (by column, then by name) says of trading, at the last price of each name.

    ``value`` is the portfolio's in ``currency``, which is empty where nobody said. A column ``volume`` counts units a
    day; orders in another than the portfolio's currency change money first.

    Raises
    ------
    InvalidInput
        A value that is not above zero, or a volume that is no number above zero.
    """
    if value is not None and not 0.0 < value < np.inf:
        raise InvalidInput(f"the portfolio is worth {value:g}", field="value", found=value, expected="above zero")
    volume: dict[str, float] = {}
    for name, told in sheet.get("volume", {}).items():
        if told.strip() and name in last:
            try:
                units = float(told.replace(",", ""))
            except ValueError:
                units = 0.0
            if not 0.0 < units < np.inf:
                raise InvalidInput(f"{told!r} is no volume of {name}", place="assets", field="volume", found=told,
                                   expected="units that trade in a day, above zero")  # fmt: skip
            volume[name] = units * last[name]
    foreign = None
    if currency and "currency" in sheet:
        foreign = frozenset(name for name, told in sheet["currency"].items() if told.strip() not in ("", currency))
    return Trading(value, volume, foreign)


def convex_lots(weights: Float64, taxes: Float64) -> tuple[TaxLot, ...]:
    """Lots in their order of sale (weights, tax per unit of each) as the convex curve nearest below their tax.

    Where a lot is taxed less than the one sold before it, the two count as one at their average: the tax is then right
    wherever a pool of lots is sold whole, and too low inside it.

    Examples
    --------
    >>> [(round(lot.weight, 3), round(lot.tax, 3)) for lot in convex_lots(np.array([0.1, 0.1, 0.2]),
    ...                                                                   np.array([0.2, 0.1, 0.3]))]
    [(0.2, 0.15), (0.2, 0.3)]
    """
    pools: list[tuple[float, float]] = []
    for weight, tax in zip(weights.tolist(), (weights * taxes).tolist(), strict=True):
        pools.append((weight, tax))
        while len(pools) > 1 and pools[-2][1] * pools[-1][0] > pools[-1][1] * pools[-2][0]:
            last, before = pools.pop(), pools.pop()
            pools.append((last[0] + before[0], last[1] + before[1]))
    return tuple(TaxLot(weight, tax / weight, 1.0) for weight, tax in pools)
