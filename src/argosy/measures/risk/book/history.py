"""Returns that a book's assets had, split into price and currency, on days on which all were priced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import MissingData, MissingRate
from argosy.base.risk_limits import Proxy
from argosy.measures.risk.book.holdings import Asset
from argosy.models.moments.observations import InsufficientData
from argosy.record.market.adjust import Splits
from argosy.record.market.return_prices import return_prices
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

LEAST = 20
"""Returns below which nothing is said about risk."""
DENSE = 0.9
"""Part of the days of a window on which an instrument has to be priced, or it has no daily history."""
STALE_DAYS = 7


@dataclass(frozen=True, eq=False)
class RiskHistory:
    """Returns (T, A) of assets by price and by currency, oldest first; ``total`` is what their sum did to money.

    The product of both belongs to the currency: ``total = local + fx``, ``1 + total = (1 + local)(1 + rate change)``.
    """

    currency: str
    days: Int64
    assets: tuple[Asset, ...]
    local: Float64
    fx: Float64
    first: int = 0
    """The day the first return begins on."""
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> Float64:
        """Returns (T, A) in the currency of the book."""
        return np.asarray(self.local + self.fx)

    @property
    def ends(self) -> Int64:
        """Days (T + 1,) between which the returns lie."""
        return np.concatenate([[self.first], self.days])


def risk_history(
    assets: Sequence[Asset],
    reference: Reference,
    market: MarketSnapshot,
    *,
    currency: str,
    last: int,
    days: int,
    splits: Mapping[int, Splits],
    proxies: Sequence[Proxy] = (),
) -> RiskHistory:
    """Returns of the last ``days`` (0: all) days up to ``last`` on which every asset was priced; nothing is carried.

    A proxy stands in for the whole history of what it names.

    Raises
    ------
    MissingData
        An instrument without prices, or priced too rarely, and without a proxy; a proxy for what is not in the book.
    InsufficientData
        Fewer than 20 returns.
    MissingRate
        No way from an asset's currency to the book's on a day with prices.
    """
    codes = {one.code: one for one in reference.instruments.values()}
    told: list[str] = []
    sources: list[tuple[int, float] | None] = []
    for asset in assets:
        proxy = next((one for one in proxies if one.name == asset.name), None)
        if asset.id == 0:
            sources.append(None)
            continue
        if proxy is None:
            sources.append((asset.id, 1.0))
            continue
        if proxy.stand_in not in codes:
            raise MissingData(f"{proxy.stand_in} stands in for {asset.name} and is not in the book", field="proxies",
                              found=proxy.stand_in, next_step="name an instrument of the book instead")  # fmt: skip
        sources.append((codes[proxy.stand_in].id, proxy.beta))
        told.append(f"{asset.name} moves as {proxy.beta:g} times {proxy.stand_in} (proxy of the mandate)")
    wanted = sorted({one[0] for one in sources if one is not None})
    series = [asset_prices(reference, market, one, last, splits) for one in wanted]
    grid = np.unique(np.concatenate([dates for dates, _ in series])) if series else _rate_days(assets, market, last)
    values = np.full((grid.size, len(wanted)), np.nan)
    for place, (dates, prices) in enumerate(series):
        values[np.searchsorted(grid, dates), place] = prices
    whole = ~np.isnan(values).any(axis=1)
    kept = np.flatnonzero(whole)[-(days + 1) if days else 0 :]
    _refuse_gaps([reference.instruments[one].code for one in wanted], values, grid, days)
    if kept.size < LEAST + 1:
        raise _short([reference.instruments[one].code for one in wanted], values, grid, max(kept.size - 1, 0))
    chosen, at = values[kept], grid[kept]
    moved = chosen[1:] / chosen[:-1] - 1.0
    local = np.zeros((kept.size - 1, len(assets)))
    for place, source in enumerate(sources):
        if source is not None:
            column = wanted.index(source[0])
            local[:, place] = source[1] * moved[:, column]
    rates = _rates(assets, market, currency, at)
    fx = (rates[1:] / rates[:-1] - 1.0) * (1.0 + local)
    if last - int(at[-1]) > STALE_DAYS:
        told.append(f"the history ends on {format_date(int(at[-1]))}")
    if days and kept.size <= days and wanted:
        late = int(np.argmax(np.isnan(values).argmin(axis=0)))
        told.append(f"{kept.size - 1} returns instead of {days}: "
                    f"{reference.instruments[wanted[late]].code} has no longer history")  # fmt: skip
    return RiskHistory(currency, at[1:], tuple(assets), local, fx, int(at[0]), tuple(told))


def asset_prices(
    reference: Reference, market: MarketSnapshot, instrument: int, last: int, splits: Mapping[int, Splits]
) -> tuple[Int64, Float64]:
    """Days and prices of an instrument in its own currency, on its best basis."""
    one = reference.instruments[instrument]
    try:
        found = return_prices(market, [one.id], [one.code], currency=one.currency, last=last, splits=splits)
    except MissingData:
        raise MissingData(
            f"{one.code} has no price history", field="prices", found=one.code, next_step=_step(one.code)
        ) from None
    return found.panel.days, found.panel.values[:, 0]


def _step(name: str) -> str:
    return f'import its prices, or write proxies = ["{name} as OTHER 1.0"] under [risk] of the mandate'


def _refuse_gaps(names: Sequence[str], values: Float64, grid: Int64, days: int) -> None:
    """Refuse an instrument that is priced too rarely for daily returns since its first price in the window."""
    if not names:
        return
    window = values[-(days + 1) if days else 0 :]
    for place, name in enumerate(names):
        there = np.flatnonzero(~np.isnan(window[:, place]))
        since = int(there[0]) if there.size else 0
        span = window.shape[0] - since
        if there.size < DENSE * span:
            begin = format_date(int(grid[-window.shape[0] + since]))
            raise MissingData(
                f"{name} is priced on {there.size} of {span} days since {begin}",
                field="prices", found=name, next_step=_step(name),
            )  # fmt: skip


def _short(names: Sequence[str], values: Float64, grid: Int64, found: int) -> InsufficientData:
    first = [int(np.flatnonzero(~np.isnan(values[:, at]))[0]) for at in range(len(names))]
    late = int(np.argmax(first)) if first else 0
    who = f": {names[late]} is priced since {format_date(int(grid[first[late]]))}" if first else ""
    return InsufficientData(
        f"{found} common returns{who}", field="prices", found=found, expected=f"at least {LEAST}",
        next_step=_step(names[late]) if names else "import prices",
    )  # fmt: skip


def _rate_days(assets: Sequence[Asset], market: MarketSnapshot, last: int) -> Int64:
    """Days with a rate of any of the currencies held, where nothing else is held."""
    held = {one.currency for one in assets}
    listed = [
        market.fx.table.choose(place, basis=None, ranks=())
        for place, pair in enumerate(market.fx.names)
        if held & set(pair)
    ]
    found = [one.date for one in listed if one is not None]
    days = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return np.asarray(days[days <= last], dtype=np.int64)


def _rates(assets: Sequence[Asset], market: MarketSnapshot, currency: str, days: Int64) -> Float64:
    own = [one.currency for one in assets]
    distinct = sorted(set(own))
    if distinct in ([currency], []):
        return np.ones((days.size, len(own)))
    rows = market.rate_rows(distinct, currency, days)
    for gap in rows.gaps():
        raise MissingRate(f"no rate of {gap.what} on a day with prices", field="fx", next_step="import its rates")
    rates = np.asarray(rows.num, np.float64) / np.asarray(rows.den, np.float64)
    return rates[:, [distinct.index(one) for one in own]]
