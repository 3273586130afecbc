"""What of a book can gain or lose: positions by instrument and cash by currency, of any subject, in one currency."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argosy.base.errors import MissingData
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.units import unit_value
from argosy.measures.valuation.value import SubjectValue, ValueRow
from argosy.record.ledger.sleeves import spread_trail
from argosy.record.ledger.state import State
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Float64 = npt.NDArray[np.float64]
CASH = "cash"


@dataclass(frozen=True, slots=True)
class Asset:
    """An instrument (``id``), or with 0 the cash of a currency; ``attributes`` as the book knows them."""

    id: int
    name: str
    currency: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Holding:
    """Money that answers to the price of an asset, and money that answers to its currency.

    Both are its value, but for what is traded on margin: its notional answers to the price, its value to the currency.
    """

    asset: int
    portfolio: int
    sleeve: int
    price: float
    fx: float
    units: float = 0.0


@dataclass(frozen=True, eq=False)
class Holdings:
    """Holdings of one subject on a day; ``value`` is its net asset value in ``currency``."""

    code: str
    day: int
    currency: str
    value: float
    assets: tuple[Asset, ...]
    lines: tuple[Holding, ...]

    @cached_property
    def price(self) -> Float64:
        """Parts of the value (A,) that answer to each asset's price."""
        return self._sum([one.price for one in self.lines])

    @cached_property
    def fx(self) -> Float64:
        """Parts of the value (A,) that answer to each asset's currency; 0 in the subject's own."""
        own = np.array([one.currency != self.currency for one in self.assets], dtype=np.float64)
        return np.asarray(self._sum([one.fx for one in self.lines]) * own)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the assets."""
        return tuple(one.name for one in self.assets)

    def _sum(self, amounts: Sequence[float]) -> Float64:
        found = np.zeros(len(self.assets))
        np.add.at(found, [one.asset for one in self.lines], amounts)
        return found / self.value

    def labels(self, attribute: str) -> tuple[str, ...]:
        """One label for each asset: its attribute, its type or currency, ``cash``, or ``none`` where it has none."""
        return tuple(
            one.currency
            if attribute == "currency"
            else CASH
            if one.id == 0
            else one.attributes.get(attribute) or "none"
            for one in self.assets
        )

    def onto(self, assets: Sequence[Asset]) -> Holdings:
        """The same holdings among ``assets``, which hold all of theirs."""
        places = {(one.id, one.name): at for at, one in enumerate(assets)}
        moved = [places[(one.id, one.name)] for one in self.assets]
        lines = tuple(replace(one, asset=moved[one.asset]) for one in self.lines)
        return replace(self, assets=tuple(assets), lines=lines)

    def of_sleeve(self, sleeve: int, code: str) -> Holdings:
        """What lies in one sleeve (0: in none), as parts of what that sleeve is worth.

        Raises
        ------
        MissingData
            It is not worth more than nothing.
        """
        lines = tuple(line for line in self.lines if line.sleeve == sleeve)
        return replace(self, code=code, value=_worth(code, sum(line.fx for line in lines), self.currency), lines=lines)


def asset_of(reference: Reference, instrument: int) -> Asset:
    """An instrument as an asset."""
    one = reference.instruments[instrument]
    return Asset(one.id, one.code, one.currency, {"type": one.type, "currency": one.currency, **one.attributes})


def holdings(valued: SubjectValue, reference: Reference, market: MarketSnapshot, state: State, *, day: int) -> Holdings:
    """Holdings of a valued subject; ``state`` says how much of a position lies in which sleeve.

    Raises
    ------
    MissingData
        The net asset value is not above zero, so nothing can be a part of it.
    """
    code, currency = valued.subject.code, valued.subject.currency
    scale, rates = 10.0**valued.scale, Rates(market)
    worth = _worth(code, valued.nav / scale, currency)
    shares = _sleeves(state, valued.subject.portfolios(), day)
    assets: list[Asset] = []
    places: dict[tuple[int, str], int] = {}
    lines: list[Holding] = []
    for row in valued.rows:
        held = row.instrument if row.section in ("position", "accrued") else 0
        key = (held, "" if held else row.currency)
        if key not in places:
            places[key] = len(assets)
            cash = Asset(0, f"{CASH} {row.currency}", row.currency, {})
            assets.append(asset_of(reference, held) if held else cash)
        value = row.value / scale
        price = _notional(row, reference, rates, currency, day) if held else value
        units = row.quantity / 10.0 ** reference.instruments[held].quantity_scale if row.section == "position" else 0.0
        whole = value if price is None else price
        parts = shares.get((row.portfolio, row.account, held)) if held and not row.sleeve else None
        for sleeve, part in (parts or {row.sleeve: 1.0}).items():
            lines.append(Holding(places[key], row.portfolio, sleeve, whole * part, value * part, units * part))
    order = sorted(range(len(assets)), key=lambda at: (assets[at].id == 0, assets[at].name))
    rank = {old: new for new, old in enumerate(order)}
    moved = tuple(replace(one, asset=rank[one.asset]) for one in lines if one.price or one.fx)
    return Holdings(code, day, currency, worth, tuple(assets[at] for at in order), moved)


def _worth(code: str, worth: float, currency: str) -> float:
    if worth <= 0.0:
        raise MissingData(f"{code} is worth {worth:,.2f} {currency}, so risk cannot be a part of it", field="portfolio",
                          found=worth, next_step="fund it, or ask for another date")  # fmt: skip
    return worth


def _sleeves(state: State, portfolios: Collection[int], day: int) -> dict[tuple[int, int, int], dict[int, float]]:
    """Part of a position in each sleeve, by portfolio, account (0: of all) and instrument.

    Lots are matched within accounts or portfolios, so that positions carry no sleeve; the tags of events do.
    """
    trail = state.trail.take(np.isin(state.trail.portfolio, sorted(portfolios)) & (state.trail.date <= day))
    if not trail.sleeve.any():
        return {}
    spread = spread_trail(trail)
    units: dict[tuple[int, int, int], dict[int, float]] = {}
    columns = (spread.portfolio, spread.account, spread.instrument, spread.sleeve, spread.quantity_delta)
    for portfolio, account, instrument, sleeve, delta in zip(*(one.tolist() for one in columns), strict=True):
        for key in {(portfolio, account, instrument), (portfolio, 0, instrument)}:
            mine = units.setdefault(key, {})
            mine[sleeve] = mine.get(sleeve, 0.0) + delta
    found = {}
    for key, mine in units.items():
        total = sum(mine.values())
        if total:
            found[key] = {sleeve: amount / total for sleeve, amount in mine.items() if amount}
    return found


def _notional(row: ValueRow, reference: Reference, rates: Rates, currency: str, day: int) -> float | None:
    """What a position on margin stands for; None for all others, whose value is what stands at risk."""
    one = reference.instruments[row.instrument]
    if not one.margined or row.price is None:
        return None
    mantissa, exponent = unit_value(one, row.price.mantissa, row.price.exponent)
    rate = rates.get(one.currency, currency, day)
    units = row.quantity / 10**one.quantity_scale
    return float(units * mantissa * 10.0**exponent * float(rate or 0))


def together(first: Sequence[Asset], second: Sequence[Asset]) -> tuple[Asset, ...]:
    """All assets of two lists, each once."""
    known = {(one.id, one.name) for one in first}
    return (*first, *(one for one in second if (one.id, one.name) not in known))
