"""Asset location: in which account of a household each asset should lie, so that taxes take the least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, InvalidInput, unknown
from argosy.construction.rebalance.checks import Float64, finite, weights_of
from argosy.kernels.transport import transport


class NoLocation(ArgosyError):
    """The assets do not fit into the accounts that may hold them."""

    code = "infeasible"


@dataclass(frozen=True, slots=True)
class AccountTax:
    """How an account type taxes what an asset yields each year, and what is left at the end.

    Rates are fractions: on ``income`` (interest), ``dividends``, ``gains`` realized along the way, and on ``exit``
    (what is paid on the whole value when money is taken out of a deferred account, weighed as a rate a year).
    """

    name: str
    income: float
    dividends: float
    gains: float
    exit: float = 0.0


ACCOUNT_TYPES: Mapping[str, AccountTax] = {
    "taxable": AccountTax("taxable", income=0.408, dividends=0.238, gains=0.238),
    "deferred": AccountTax("deferred", 0.0, 0.0, 0.0),
    "exempt": AccountTax("exempt", 0.0, 0.0, 0.0),
}
"""Account types at the highest federal rates of the United States; a household gives its own."""


@dataclass(frozen=True, slots=True)
class AssetYield:
    """What an asset is expected to yield a year, as fractions: interest, dividends, gains realized along the way."""

    income: float = 0.0
    dividends: float = 0.0
    gains: float = 0.0


def tax_drag(asset: AssetYield, account: AccountTax) -> float:
    """What taxes take from an asset in an account a year, as a fraction of its value.

    Examples
    --------
    >>> round(tax_drag(AssetYield(income=0.05), ACCOUNT_TYPES["taxable"]), 4)
    0.0204
    """
    return (
        asset.income * account.income + asset.dividends * account.dividends + asset.gains * account.gains + account.exit
    )


@dataclass(frozen=True, eq=False)
class Location:
    """Money of each asset (rows) in each account (columns), the tax a year, and what the plan saves.

    ``pro_rata`` is the tax where every account holds the whole mix. ``room_price`` is what one more unit of room in
    each account would save a year, against the first account.
    """

    assets: tuple[str, ...]
    accounts: tuple[str, ...]
    amounts: Float64
    tax: float
    pro_rata: float
    room_price: Float64

    @property
    def saving(self) -> float:
        """Tax a year saved against holding the mix in every account."""
        return self.pro_rata - self.tax


def locate(
    assets: Sequence[str], target: npt.ArrayLike, accounts: Sequence[str], capacity: npt.ArrayLike,
    drag: npt.ArrayLike, *, forbidden: Sequence[tuple[str, str]] = (),
) -> Location:  # fmt: skip
    """Place a household's target mix (N weights) into its accounts (M, money) with the least tax a year.

    ``drag`` (N x M) is what taxes take a year per unit (see :func:`tax_drag`); ``forbidden`` are (asset, account) pairs
    that may not be. Solved as a transportation problem, exactly.

    Raises
    ------
    NoLocation
        When forbidden pairs leave an asset without room.

    Examples
    --------
    >>> found = locate(["stocks", "bonds"], [0.6, 0.4], ["taxable", "ira"], [50.0, 50.0], [[0.004, 0.0], [0.02, 0.0]])
    >>> found.amounts.tolist(), round(found.tax, 4), round(found.saving, 4)
    ([[50.0, 10.0], [0.0, 40.0]], 0.2, 0.32)
    """
    mix = weights_of("target", target)
    room = finite("capacity", capacity, least=0.0)
    cost = np.array(drag, dtype=np.float64)
    if mix.size != len(assets) or room.size != len(accounts) or cost.shape != (mix.size, room.size):
        raise InvalidInput(
            f"drag has shape {cost.shape} for {len(assets)} assets and {len(accounts)} accounts", field="drag",
            found=cost.shape, expected=f"({len(assets)}, {len(accounts)})",
        )  # fmt: skip
    if not np.isfinite(cost).all() or (mix < 0.0).any() or not room.sum() > 0.0:
        raise InvalidInput("drag has to be finite, targets not negative, and some account not empty", field="drag")
    pro_rata = float(mix @ cost @ room)
    for asset, account in forbidden:
        if asset not in assets:
            raise unknown("asset", asset, assets)
        if account not in accounts:
            raise unknown("account", account, accounts)
        cost[list(assets).index(asset), list(accounts).index(account)] = np.inf
    found = transport(cost, mix * room.sum(), room)
    if not np.isfinite(found.cost):
        raise NoLocation(
            "the assets do not fit into the accounts that may hold them", field="forbidden",
            next_step="allow a pair, or change the target",
        )  # fmt: skip
    price = found.demand_price
    return Location(tuple(assets), tuple(accounts), found.amounts, found.cost, pro_rata, price[0] - price)
