"""Files about strategies: what each wants to trade, what the market filled, who may cross, what each earned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ImportRefused, InvalidInput, unknown
from argosy.base.money import to_decimal
from argosy.base.panel import Panel
from argosy.base.problems import Problem
from argosy.construction.strategies.netting import Permission
from argosy.kernels.decimals import OK, read_dates
from argosy.kernels.numbers import read_floats
from argosy.kernels.text import TextColumn

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

MOST_SHOWN = 5
MOST_DECIMALS = 18
KINDS = ("sleeve", "registered fund", "erisa plan", "account")
"""Whose money a strategy runs; see :func:`argosy.construction.strategies.netting.permission_table`."""


@dataclass(frozen=True, eq=False)
class StrategyOrders:
    """Orders (S x N, integers at one scale, positive buys) with the price of each instrument (N) and kinds (S)."""

    strategies: tuple[str, ...]
    instruments: tuple[str, ...]
    units: Int64
    scale: int
    price: Float64
    kinds: tuple[str, ...]

    def quantity(self, units: int) -> Decimal:
        """Units as people write them."""
        return to_decimal(int(units), self.scale)

    @property
    def unit_price(self) -> Float64:
        """Money per unit at the scale."""
        return self.price / 10.0**self.scale


@dataclass(frozen=True, eq=False)
class MarketFills:
    """What the market filled per instrument (N), buys and sells apart, both positive, with their average prices."""

    bought: Int64
    sold: Int64
    buy_price: Float64
    sell_price: Float64


def strategy_orders(cells: Mapping[str, TextColumn], lines: Int64, *, source: str) -> StrategyOrders:
    """Read orders: columns strategy, instrument, quantity (signed), price, and kind where accounts differ.

    Several rows of one strategy and instrument add up. An instrument has one price: what crosses does so at a price
    that is nobody's own.

    Raises
    ------
    ImportRefused
        Names the rows that cannot be read.
    """
    rows = _Rows(cells, lines, source, ("strategy", "instrument", "quantity", "price"))
    quantity, price = rows.decimals("quantity"), rows.decimals("price")
    kind = rows.optional("kind")
    prices: dict[str, Decimal] = {}
    kinds: dict[str, str] = {}
    for row, (strategy, instrument) in enumerate(zip(rows["strategy"], rows["instrument"], strict=True)):
        rows.named(row, "strategy", strategy)
        rows.named(row, "instrument", instrument)
        one = price[row]
        if one is not None and one <= 0:
            rows.wrong(row, "price", str(one), "is not a price above zero", "give the price to cross at")
        elif one is not None and prices.setdefault(instrument, one) != one:
            rows.wrong(row, "price", str(one), f"is another price of {instrument} than {prices[instrument]}",
                       "give one independent price")  # fmt: skip
        said = kind[row] or "sleeve"
        if said not in KINDS:
            rows.wrong(row, "kind", said, "is not a kind of account", f"choose one of {', '.join(KINDS)}")
        elif kinds.setdefault(strategy, said) != said:
            rows.wrong(row, "kind", said, f"is another kind of {strategy} than {kinds[strategy]}", "give one kind")
    rows.refuse("orders")
    known = [one for one in quantity if one is not None]
    scale = _scale(known, source)
    names, listed = tuple(dict.fromkeys(rows["strategy"])), tuple(dict.fromkeys(rows["instrument"]))
    units = _added(rows["strategy"], rows["instrument"], known, names, listed, scale, source)
    return StrategyOrders(names, listed, units, scale, np.array([float(prices[one]) for one in listed]),
                          tuple(kinds[one] for one in names))  # fmt: skip


def market_fills(cells: Mapping[str, TextColumn], lines: Int64, *, source: str, orders: StrategyOrders) -> MarketFills:
    """Read fills of the orders that went to the market: instrument, quantity (signed), price where it is known.

    Without a price an instrument's price is that of the orders.
    """
    rows = _Rows(cells, lines, source, ("instrument", "quantity"))
    quantity = rows.decimals("quantity")
    price = rows.decimals("price") if rows.has("price") else [None] * len(lines)
    size = len(orders.instruments)
    filled, money = np.zeros((2, size), np.int64), np.zeros((2, size))
    places = {name: place for place, name in enumerate(orders.instruments)}
    for row, name in enumerate(rows["instrument"]):
        amount = quantity[row]
        if name not in places:
            rows.wrong(row, "instrument", name, "was not ordered", "give the orders that these are the fills of")
        elif amount is not None:
            units = amount.scaleb(orders.scale)
            if units != units.to_integral_value():
                rows.wrong(row, "quantity", str(amount), "is finer than any order", "fills are parts of orders")
                continue
            side, place = (0 if amount > 0 else 1), places[name]
            one = price[row]
            filled[side, place] += abs(int(units))
            money[side, place] += abs(int(units)) * (float(one) if one is not None else float(orders.price[place]))
    rows.refuse("fills")
    average = np.divide(money, filled, out=np.tile(orders.price, (2, 1)), where=filled > 0)
    return MarketFills(filled[0], filled[1], average[0], average[1])


def permissions(cells: Mapping[str, TextColumn], lines: Int64, *, source: str) -> tuple[Permission, ...]:
    """Read who may cross with whom: columns first, second, allowed (yes or no), rule (why)."""
    rows = _Rows(cells, lines, source, ("first", "second", "allowed"))
    rule = rows.optional("rule")
    found = []
    for row, said in enumerate(rows["allowed"]):
        if said.lower() not in ("yes", "no"):
            rows.wrong(row, "allowed", said, "is neither yes nor no", "write yes or no")
        found.append(Permission(rows["first"][row], rows["second"][row], said.lower() == "yes", rule[row] or "given"))
    rows.refuse("permissions")
    return tuple(found)


def strategy_returns(cells: Mapping[str, TextColumn], lines: Int64, *, source: str) -> Panel:
    """Read histories of strategies: a column date, then one column of returns (0.01 = 1%) per strategy, all complete.

    Raises
    ------
    ImportRefused
        Names the cells that are no return: a missing one is not a return of zero.
    """
    rows = _Rows(cells, lines, source, ("date",))
    names = tuple(name for name in cells if name != "date")
    if not names:
        raise InvalidInput("there is no strategy beside the dates", place=source, field="returns",
                           next_step="give one column of returns per strategy")  # fmt: skip
    days, read = read_dates(cells["date"]), read_floats([cells[name] for name in names])
    for row in np.flatnonzero(days.codes != OK)[: MOST_SHOWN + 1].tolist():
        rows.wrong(row, "date", cells["date"][row], "is not a date", "write dates as 2024-01-31")
    bad = read.bad | ~np.isfinite(read.values) | (read.values <= -1.0)
    for row, place in np.argwhere(bad)[:100].tolist():
        rows.wrong(row, names[place], cells[names[place]][row], "is not a return", "write 0.01 for 1%")
    order = np.argsort(days.values, kind="stable")
    if not rows.problems:
        for place in np.flatnonzero(np.diff(days.values[order]) == 0).tolist():
            rows.wrong(
                int(order[place + 1]), "date", cells["date"][int(order[place])], "stands in two rows", "keep one"
            )
    rows.refuse("returns")
    return Panel(days.values[order], names, read.values[order])


def by_name(
    said: Mapping[str, float], names: Sequence[str], *, field: str, missing: float | None = None
) -> Float64 | None:
    """Numbers given by strategy as a vector (S); None where none was given.

    A strategy without a number has ``missing``; with ``missing`` None each needs one.
    """
    if not said:
        return None
    for name in said:
        if name not in names:
            raise unknown("strategy", name, names)
    absent = [name for name in names if name not in said]
    if absent and missing is None:
        raise InvalidInput(f"{absent[0]} has no {field}", field=field, found=absent[0],
                           next_step="give one for each strategy")  # fmt: skip
    return np.array([said.get(name, missing if missing is not None else 0.0) for name in names])


def _scale(quantities: Sequence[Decimal], source: str) -> int:
    """The decimals that all quantities need."""
    found = max((max(-_exponent(one), 0) for one in quantities), default=0)
    if found > MOST_DECIMALS:
        raise InvalidInput(f"a quantity has {found} decimals", place=source, field="quantity", found=found,
                           expected=f"at most {MOST_DECIMALS}")  # fmt: skip
    return found


def _exponent(value: Decimal) -> int:
    found = value.normalize().as_tuple().exponent
    assert isinstance(found, int), "finite numbers have one"
    return found


def _added(
    strategies: Sequence[str], instruments: Sequence[str], quantities: Sequence[Decimal], names: Sequence[str],
    listed: Sequence[str], scale: int, source: str,
) -> Int64:  # fmt: skip
    first = {name: place for place, name in enumerate(names)}
    second = {name: place for place, name in enumerate(listed)}
    sums: dict[tuple[int, int], int] = {}
    for strategy, instrument, quantity in zip(strategies, instruments, quantities, strict=True):
        key = first[strategy], second[instrument]
        sums[key] = sums.get(key, 0) + int(quantity.scaleb(scale))
    # All orders of a name are summed over strategies: half of what 64 bits hold leaves room for that.
    if any(abs(units) * len(names) >= 2**62 for units in sums.values()):
        raise InvalidInput("a quantity is too large for its decimals", place=source, field="quantity",
                           next_step="give fewer decimals")  # fmt: skip
    found = np.zeros((len(names), len(listed)), np.int64)
    for (row, column), units in sums.items():
        found[row, column] = units
    return found


class _Rows:
    """Text columns that are checked cell by cell; problems are collected and refused together."""

    def __init__(self, cells: Mapping[str, TextColumn], lines: Int64, source: str, needed: Sequence[str]) -> None:
        for name in needed:
            if name not in cells:
                raise unknown("column", name, cells, place=source)
        self._texts = {name: [text.strip() for text in column.to_list()] for name, column in cells.items()}
        self._lines, self._source = lines, source
        self.problems: list[Problem] = []
        if not len(lines):
            raise InvalidInput("the file has no rows", place=source, field=needed[0], next_step="give one at least")

    def __getitem__(self, name: str) -> list[str]:
        return self._texts[name]

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self._texts

    def optional(self, name: str) -> list[str]:
        """A column that may be missing: empty then."""
        return self._texts.get(name) or [""] * len(self._lines)

    def decimals(self, name: str) -> list[Decimal | None]:
        """A column of exact numbers; None where a cell has none."""
        found: list[Decimal | None] = []
        for row, text in enumerate(self._texts[name]):
            try:
                value: Decimal | None = Decimal(text)
            except InvalidOperation:
                value = None
            if value is None or not value.is_finite():
                self.wrong(row, name, text, "is not a number", "write 1250 or -12.5")
                value = None
            found.append(value)
        return found

    def named(self, row: int, name: str, text: str) -> None:
        """A cell that has to name something."""
        if not text:
            self.wrong(row, name, text, "names nothing", f"give the {name}")

    def wrong(self, row: int, name: str, text: str, why: str, next_step: str) -> None:
        """Keep a problem of one cell."""
        self.problems.append(Problem(self._source, int(self._lines[row]), f"{text[:40]!r} {why}", field=name,
                                     found=text[:40], next_step=next_step))  # fmt: skip

    def refuse(self, what: str) -> None:
        """Refuse the file if anything was wrong."""
        if self.problems:
            shown = "\n".join("  " + problem.text() for problem in self.problems[:MOST_SHOWN])
            more = len(self.problems) - MOST_SHOWN
            tail = f"\n  and {more} more" if more > 0 else ""
            raise ImportRefused(f"{self._source} cannot be read as {what}:\n{shown}{tail}", field=what)
