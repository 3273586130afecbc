"""Scenarios on the assets of a book: what each asset's price and currency does in a window of history or a story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date, parse_date
from argosy.base.errors import InvalidInput, MissingData, unknown
from argosy.base.limits import number
from argosy.base.risk_limits import Proxy
from argosy.measures.risk.book.history import asset_prices
from argosy.measures.risk.book.holdings import Asset, Holdings
from argosy.measures.risk.stress.prescribed import PrescribedSet
from argosy.measures.risk.stress.propagation import propagate
from argosy.measures.risk.stress.shocks import ShockTable, Window, possible, window_shocks
from argosy.record.market.adjust import Splits
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Float64 = npt.NDArray[np.float64]

WINDOWS: Mapping[str, tuple[str, str]] = {
    "dotcom": ("2000-03-24", "2002-10-09"), "crisis 2008": ("2007-10-09", "2009-03-09"),
    "debt 2011": ("2011-07-22", "2011-10-03"), "august 2015": ("2015-08-17", "2015-08-25"),
    "autumn 2018": ("2018-09-20", "2018-12-24"), "covid": ("2020-02-19", "2020-03-23"),
    "rates 2022": ("2022-01-03", "2022-10-12"),
}  # fmt: skip
"""Windows of history by name: the closes between which prices are compared."""
SHARES = frozenset({"equity", "fund", "etf", "adr", "preferred", "reit"})
FX = "fx "
DAYS_A_YEAR = 252


@dataclass(frozen=True, eq=False)
class Scenario:
    """Moves of each asset's price in its currency (A,) and of its currency in the book's (A,).

    ``silent`` names positions that the scenario says nothing of and that stay as they are. ``days`` is its length, for
    plausibility; 0 where it has none.
    """

    name: str
    kind: str
    price: Float64
    fx: Float64
    days: int
    story: str = ""
    silent: tuple[str, ...] = ()

    @property
    def moves(self) -> Float64:
        """What each asset returns in the currency of the book (A,)."""
        return np.asarray((1.0 + self.price) * (1.0 + self.fx) - 1.0)

    def losses(self, held: Holdings) -> Float64:
        """Loss of each position (A,), a part of the value; they sum to the loss of the whole."""
        return np.asarray(-(held.price * self.price + held.fx * self.fx * (1.0 + self.price)))


def windows_of(names: Sequence[str]) -> list[Window]:
    """Windows by name, or as ``2020-02-19..2020-03-23``."""
    found = []
    for name in names:
        first, dots, last = name.partition("..")
        if dots:
            found.append(Window(name, first.strip(), last.strip()))
        elif name in WINDOWS:
            found.append(Window(name, *WINDOWS[name]))
        else:
            raise unknown("window", name, WINDOWS, place="window")
    return found


def window_scenarios(
    held: Holdings, names: Sequence[str], reference: Reference, market: MarketSnapshot, *,
    proxies: Sequence[Proxy], splits: Mapping[int, Splits],
) -> tuple[list[Scenario], list[str]]:  # fmt: skip
    """What the assets did in windows of history; a window that lacks one of them is told and left out.

    A proxy of the mandate stands in for what was not priced then.
    """
    asked = windows_of(names)
    table, lengths = _shocks(held, asked, reference, market, proxies, splits)
    found, lost = [], []
    for place, window in enumerate(asked):
        try:
            row = table.row(window.name)
        except MissingData as error:
            lost.append(f"{window.name}: {error.message}")
            continue
        moves = dict(zip(table.factors, row.tolist(), strict=True))
        price = np.array([moves.get(one.name, 0.0) if one.id else 0.0 for one in held.assets])
        fx = np.array([moves.get(FX + one.currency, 0.0) for one in held.assets])
        found.append(Scenario(window.name, "history", price, fx, lengths[place], f"{window.first} to {window.last}"))
    return found, lost


def _shocks(
    held: Holdings, windows: Sequence[Window], reference: Reference, market: MarketSnapshot,
    proxies: Sequence[Proxy], splits: Mapping[int, Splits],
) -> tuple[ShockTable, list[int]]:  # fmt: skip
    codes = {one.code: one for one in reference.instruments.values()}
    stand_ins = {one.name: one for one in proxies if one.stand_in in codes}
    wanted: dict[str, int] = {one.name: one.id for one in held.assets if one.id}
    for name in list(wanted):
        if name in stand_ins:
            wanted.setdefault(stand_ins[name].stand_in, codes[stand_ins[name].stand_in].id)
    series = {}
    for name, instrument in wanted.items():
        if name in stand_ins and name in held.names:
            continue
        series[name] = asset_prices(reference, market, instrument, held.day, splits)
    days = np.unique(np.concatenate([dates for dates, _ in series.values()])) if series else np.zeros(0, np.int64)
    if days.size < 2:
        raise MissingData(f"{held.code} holds nothing with a history of prices", field="prices",
                          next_step="import prices")  # fmt: skip
    currencies = sorted({one.currency for one in held.assets if one.currency != held.currency})
    names = [*wanted, *(FX + one for one in currencies)]
    levels = np.full((days.size, len(names)), np.nan)
    for name, (dates, prices) in series.items():
        levels[np.searchsorted(days, dates), names.index(name)] = prices
    if currencies:
        rows = market.rate_rows(currencies, held.currency, days)
        bottom = np.asarray(rows.den, np.float64)
        levels[:, len(wanted) :] = np.where(bottom > 0.0, np.asarray(rows.num, np.float64) / np.maximum(bottom, 1.0),
                                            np.nan)  # fmt: skip
    levels[levels <= 0.0] = np.nan
    table = window_shocks(
        [format_date(int(day)) for day in days], levels, factors=names, kinds=["relative"] * len(names), windows=windows
    )
    pairs = {name: (one.stand_in, one.beta) for name, one in stand_ins.items() if name in wanted}
    lengths = [int(((days >= parse_date(one.first)) & (days <= parse_date(one.last))).sum()) - 1 for one in windows]
    return table.with_proxies(pairs), lengths


def supposed_scenario(
    held: Holdings, shocks: Sequence[str], *, covariance: Float64 | None = None, days: int = 0
) -> Scenario:
    """A story from shocks such as ``ACME -30%``, ``sector=Energy -20%``, ``EUR -10%`` (a currency) or ``all -15%``.

    With ``covariance`` (2A, 2A) of prices and currencies the others move along as they used to (conditional mean).
    """
    if not shocks:
        raise InvalidInput("no shock was given", field="shock", next_step="such as --shock 'all -20%'")
    count = len(held.assets)
    moves, named = np.zeros(2 * count), np.zeros(2 * count, dtype=np.bool_)
    for text in shocks:
        what, _, size = text.strip().rpartition(" ")
        try:
            value = possible(number(size), "relative", text)
        except ValueError:
            raise InvalidInput(f"{text!r} is no shock", field="shock", found=text,
                               expected="such as 'ACME -30%'") from None  # fmt: skip
        hit = _hit(held, what.strip(), text)
        moves[hit], named[hit] = value, True
    if covariance is not None:
        moves = _propagated(moves, named, covariance)
    return Scenario("; ".join(shocks), "supposed", moves[:count], moves[count:], days)


def _hit(held: Holdings, what: str, text: str) -> npt.NDArray[np.bool_]:
    """Which prices (first A) and currencies (last A) a shock is for."""
    label, equals, name = (piece.strip() for piece in what.partition("="))
    price = np.array([
        bool(one.id) and (
            what == "all" or one.name == what or (bool(equals) and held.labels(label)[at] == name)
        )
        for at, one in enumerate(held.assets)
    ])  # fmt: skip
    fx = np.array([one.currency == what and one.currency != held.currency for one in held.assets])
    found = np.concatenate([price, fx])
    if not found.any():
        known = [*held.names, *sorted({one.currency for one in held.assets})]
        raise unknown("position, group or currency", what, known, place=text)
    return found


def _propagated(moves: Float64, named: npt.NDArray[np.bool_], covariance: Float64) -> Float64:
    live = np.flatnonzero(np.diagonal(covariance) > 0.0)
    labels = [str(at) for at in live.tolist()]
    # Columns that repeat each other (one currency of many assets) are shocked by the first of them.
    given: dict[str, float] = {}
    for at in live.tolist():
        if named[at]:
            trial = [int(label) for label in given] + [at]
            core = covariance[np.ix_(trial, trial)]
            if np.linalg.eigvalsh(core)[0] > 1e-10 * float(np.trace(core)):
                given[str(at)] = float(moves[at])
    if not given:
        return moves
    found = propagate(given, covariance[np.ix_(live, live)], factors=labels).shocks
    out = moves.copy()
    out[live] = np.where(named[live], moves[live], np.maximum(found, -1.0))
    return out


def prescribed_scenarios(held: Holdings, given: PrescribedSet) -> list[Scenario]:
    """Scenarios of a set on the positions: each at the step at which the book loses most.

    Shares answer to their sector where the set names it, else to equity; bonds to rates and spreads by the attributes
    ``duration`` and ``spread_duration``; everything to currencies. What nothing answers to stays as it is and is named.
    """
    found = []
    for one in given.scenarios:
        best: Scenario | None = None
        for step, row in enumerate(one.paths):
            moves = dict(zip(given.factors, row.tolist(), strict=True))
            price, fx, silent = _answers(held, moves)
            story = f"{one.story} Worst after {given.step} {step + 1}."
            trial = Scenario(f"{given.name}: {one.name}", "prescribed", price, fx, 0, story, silent)
            if best is None or trial.losses(held).sum() > best.losses(held).sum():
                best = trial
        assert best is not None
        found.append(best)
    return found


def _answers(held: Holdings, moves: Mapping[str, float]) -> tuple[Float64, Float64, tuple[str, ...]]:
    price, silent = np.zeros(len(held.assets)), []
    for at, one in enumerate(held.assets):
        if one.id:
            answer = _answer(one, moves)
            if answer is None:
                silent.append(one.name)
            price[at] = max(answer or 0.0, -1.0)
    dollars = {one.currency: _dollars(one.currency, moves) for one in held.assets}
    home = _dollars(held.currency, moves)
    fx = np.array([dollars[one.currency] / home - 1.0 for one in held.assets])
    return price, fx, tuple(silent)


def _answer(asset: Asset, moves: Mapping[str, float]) -> float | None:
    if asset.name in moves:
        return moves[asset.name]
    kind = asset.attributes.get("type", "")
    if kind in SHARES:
        sector = asset.attributes.get("sector", "").strip().lower().replace(" ", "_")
        for name in (sector, "small_cap" if asset.attributes.get("size") == "small" else "", "equity", "other_equity"):
            if name and name in moves:
                return moves[name]
        return None
    if kind == "bond" and "duration" in asset.attributes:
        rate = next((moves[name] for name in ("rate_10y", "rate_3m") if name in moves), 0.0)
        spread = moves.get("spread_bbb", 0.0)
        slope = float(asset.attributes["duration"])
        wider = float(asset.attributes.get("spread_duration", "0"))
        return -slope * rate - wider * spread
    return None


def _dollars(currency: str, moves: Mapping[str, float]) -> float:
    """What a unit of a currency is worth in dollars after the moves, 1 before."""
    low = currency.lower()
    if low == "usd":
        return 1.0
    if f"{low}usd" in moves:
        return 1.0 + moves[f"{low}usd"]
    if f"usd{low}" in moves:
        return 1.0 / (1.0 + moves[f"usd{low}"])
    return 1.0 / (1.0 + moves.get("dollar", 0.0))
