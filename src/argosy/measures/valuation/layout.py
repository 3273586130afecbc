"""Holdings, balances and unit values laid out for exact products: who held how much of what from which day to which.

Every figure of a currency is brought to one power of ten, so that sums are sums of integers. Parts of a value are
positions, cash, receivables, payables (negative) and accrued interest, in this order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.money import currency_code, currency_name
from argosy.measures.valuation.runs import Runs, runs_from_changes
from argosy.measures.valuation.share_basis import SplitBook, per_share_row
from argosy.measures.valuation.subjects import Segment, SegmentIndex, Subject
from argosy.measures.valuation.units import unit_accrued, unit_value
from argosy.record.ledger.state import State
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference import Instrument
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
POSITIONS, CASH, RECEIVABLE, PAYABLE, ACCRUED = range(5)
PARTS = 5
MISSING_AGE = 2**40
STALE_AGE = 2**39
_FAR = 2**62


@dataclass
class Layout:
    """Rows of runs over items, ready for a product engine.

    ``level * values[item]`` is an integer at 10**-``scale`` of the item's currency (levels are already divided by the
    zeros that all levels of an item end in). Arrays of one length: ``part``, ``group``, ``item``, ``first``, ``stop``,
    ``level``. Groups are (subject, currency), sorted by subject.
    """

    subjects: Sequence[Subject]
    days: Int64
    group_subject: Int64
    group_currency: list[str]
    scale: dict[str, int]
    part: Int64
    group: Int64
    item: Int64
    first: Int64
    stop: Int64
    level: Int64
    values: npt.NDArray[Any]
    ages: Int64
    age_item: Int64
    """Row of ``ages`` for each run (-1: the run has no price)."""
    priced: list[tuple[int, int]] = field(default_factory=list)
    """(instrument, oldest age allowed) for each row of ``ages``."""

    @property
    def fits(self) -> bool:
        """Whether the compiled kernels can hold every number: values in 64 bits, sums in 127."""
        if self.values.dtype == object or max(self.scale.values(), default=0) > 30:
            return False
        if not len(self.item):
            return True
        largest = np.abs(self.values).max(axis=1).astype(np.float64)
        size = np.abs(self.level.astype(np.float64)) * largest[self.item]
        return bool(np.bincount(self.group, weights=size).max(initial=0.0) < 1e37)


@dataclass
class _Piles:
    """Runs collected part by part before they are brought to one scale."""

    part: list[Int64] = field(default_factory=list)
    subject: list[Int64] = field(default_factory=list)
    item: list[Int64] = field(default_factory=list)
    first: list[Int64] = field(default_factory=list)
    stop: list[Int64] = field(default_factory=list)
    level: list[Int64] = field(default_factory=list)
    age: list[Int64] = field(default_factory=list)

    def add(
        self, part: Int64, subject: Int64, item: Int64, first: Int64, stop: Int64, level: Int64, age: Int64
    ) -> None:
        for pile, column in zip(
            (self.part, self.subject, self.item, self.first, self.stop, self.level, self.age),
            (part, subject, item, first, stop, level, age), strict=True,
        ):  # fmt: skip
            pile.append(column)


class _Items:
    """Things that have a unit value by day."""

    def __init__(self, days: Int64) -> None:
        self.days = days
        self.values: list[npt.NDArray[Any]] = []
        self.exponent: list[int] = []
        self.currency: list[str] = []

    def add(self, values: npt.NDArray[Any], exponent: int, currency: str) -> int:
        """``values`` at 10**``exponent`` are worth one smallest step of the quantity."""
        self.values.append(values)
        self.exponent.append(exponent)
        self.currency.append(currency)
        return len(self.values) - 1


def lay_out(
    state: State, reference: Reference, market: MarketSnapshot, subjects: Sequence[Subject],
    listed: Sequence[Segment], days: Int64, *, splits: SplitBook,
) -> Layout:  # fmt: skip
    """Lay out everything subjects held over ``days``."""
    index = SegmentIndex(listed)
    items, piles = _Items(days), _Piles()
    ages: list[Int64] = []
    priced: list[tuple[int, int]] = []
    portfolios = np.unique(index.portfolio)
    _positions(state, reference, market, index, portfolios, items, piles, ages, priced, splits)
    _balances(state, reference, index, portfolios, items, piles)
    columns = [np.concatenate(pile) if pile else np.zeros(0, np.int64) for pile in (
        piles.part, piles.subject, piles.item, piles.first, piles.stop, piles.level, piles.age)]  # fmt: skip
    part, subject, item, first, stop, level, age = columns
    codes = np.array([currency_code(name) for name in items.currency], np.int64)
    key = np.stack([subject, codes[item]], axis=1) if len(item) else np.zeros((0, 2), np.int64)
    groups, group = np.unique(key, axis=0, return_inverse=True)
    scale, values, level = _one_scale(items, reference, item, level)
    order = np.argsort(group, kind="stable")
    return Layout(
        subjects, days, groups[:, 0], [currency_name(int(code)) for code in groups[:, 1]], scale,
        part[order], group.astype(np.int64)[order], item[order], first[order], stop[order], level[order], values,
        np.array(ages, np.int64).reshape(len(ages), len(days)), age[order], priced,
    )  # fmt: skip


def _day_index(dates: Int64, days: Int64) -> Int64:
    """The first valuation day on or after each date."""
    return np.searchsorted(days, dates, side="left").astype(np.int64)


def _positions(
    state: State, reference: Reference, market: MarketSnapshot, index: SegmentIndex, portfolios: Int64, items: _Items,
    piles: _Piles, ages: list[Int64], priced: list[tuple[int, int]], splits: SplitBook,
) -> None:  # fmt: skip
    days, trail = items.days, state.trail
    trail = trail.take(np.isin(trail.portfolio, portfolios) & (trail.date <= (days[-1] if len(days) else 0)))
    held, place = np.unique(trail.instrument, return_inverse=True)
    key = trail.portfolio * max(len(held), 1) + place
    day = _day_index(trail.date, days)
    runs = runs_from_changes(key, day, trail.quantity_delta, len(days))
    if not len(runs):
        return
    portfolio, which = np.divmod(runs.key, len(held))
    row, segment, first, stop = index.clip(portfolio, runs.first, runs.stop)
    which, level = which[row], runs.level[row]
    rules = [s.mandate.prices for s in index.listed]
    rule_of = {(rule.basis, rule.sources): rule for rule in rules}
    rule_names = list(rule_of)
    rule = index.column(rule_names.index((one.basis, one.sources)) for one in rules)[segment]
    limits = _limits(index, reference, held, segment, which)
    item, age_item, accrued = (np.full(len(which), -1, np.int64) for _ in range(3))
    for number, name in enumerate(rule_names):
        here = rule == number
        needed = np.unique(which[here])
        matrix = market.choosing(basis=name[0], sources=name[1]).price_matrix(held[needed], days)
        for column, place_of in enumerate(needed.tolist()):
            instrument = reference.instruments[int(held[place_of])]
            mantissa, power = per_share_row(
                matrix.mantissa[:, column], int(matrix.exponent[column]), matrix.age[:, column],
                matrix.missing[:, column], days, splits.get(instrument.id, ()), basis=name[0],
            )  # fmt: skip
            values, exponent = _unit_row(instrument, mantissa, power)
            number_of_item = items.add(values, exponent - instrument.quantity_scale, instrument.currency)
            mine = here & (which == place_of)
            item[mine] = number_of_item
            for limit in np.unique(limits[mine]).tolist():
                age = matrix.age[:, column].copy()
                if limit:
                    age[age > limit] = STALE_AGE
                age[matrix.missing[:, column]] = MISSING_AGE
                age_item[mine & (limits == limit)] = len(ages)
                ages.append(age)
                priced.append((instrument.id, int(limit)))
            if instrument.bond is not None:
                accrued[mine] = _accrued_item(instrument, items)
    subject = index.subject[segment]
    piles.add(np.full(len(item), POSITIONS), subject, item, first, stop, level, age_item)
    bonds = accrued >= 0
    if bonds.any():
        none = np.full(int(bonds.sum()), -1, np.int64)
        piles.add(np.full(len(none), ACCRUED), subject[bonds], accrued[bonds], first[bonds], stop[bonds], level[bonds],
                  none)  # fmt: skip
    _margins(state, reference, index, portfolios, items, piles)


def _limits(
    index: SegmentIndex, reference: Reference, held: Int64, segment: Int64, which: Int64
) -> Int64:  # fmt: skip
    """The oldest price allowed for each run, by the mandate's rule for the instrument's type."""
    if not any(s.mandate.prices.max_age_days or s.mandate.prices.max_age_by_type for s in index.listed):
        return np.zeros(len(which), np.int64)
    types = [reference.instruments[int(one)].type for one in held]
    names = sorted(set(types))
    by_segment = np.array([[s.mandate.prices.max_age(name) for name in names] for s in index.listed], np.int64)
    type_of = np.array([names.index(name) for name in types], np.int64)
    found: Int64 = by_segment[segment, type_of[which]]
    return found


def _unit_row(instrument: Instrument, mantissa: npt.NDArray[Any], exponent: int) -> tuple[npt.NDArray[Any], int]:
    factor = instrument.factor
    if instrument.inverse:
        row = [unit_value(instrument, int(m), exponent)[0] if m else 0 for m in mantissa]
        return _integers(row), unit_value(instrument, 1, exponent)[1]
    if mantissa.dtype != object and int(np.abs(mantissa).max(initial=0)) * abs(factor.mantissa) < _FAR:
        return mantissa * factor.mantissa, exponent + factor.exponent
    return _integers([int(m) * factor.mantissa for m in mantissa]), exponent + factor.exponent


def _integers(values: list[int]) -> npt.NDArray[Any]:
    """int64 where all fit, else Python integers."""
    fits = max(map(abs, values), default=0) < _FAR
    return np.array(values, dtype=np.int64 if fits else object)


def _accrued_item(instrument: Instrument, items: _Items) -> int:
    pairs = [unit_accrued(instrument, int(day)) for day in items.days]
    exponent = pairs[0][1] - instrument.quantity_scale
    return items.add(_integers([value for value, _ in pairs]), exponent, instrument.currency)


def _ones(items: _Items, reference: Reference, currency: str) -> int:
    """An item worth one smallest unit of a currency every day."""
    return items.add(np.ones(len(items.days), np.int64), -reference.money_scale(currency), currency)


def _margins(
    state: State, reference: Reference, index: SegmentIndex, portfolios: Int64, items: _Items, piles: _Piles
) -> None:
    """Margined instruments count with their gain only: take the cost off."""
    margined = [one.id for one in reference.instruments.values() if one.margined]
    if not margined:
        return
    trail = state.trail
    previous = np.zeros(len(trail), np.int64)
    same = trail.slot[1:] == trail.slot[:-1]
    previous[1:][same] = trail.cost_after[:-1][same]
    change = trail.cost_after - previous
    keep = np.isin(trail.instrument, margined) & np.isin(trail.portfolio, portfolios) & (change != 0)
    trail, change = trail.take(keep), change[keep]
    currencies, place = np.unique(trail.currency, return_inverse=True)
    number = np.array([_ones(items, reference, currency_name(int(code))) for code in currencies], np.int64)
    days = items.days
    runs = runs_from_changes(
        trail.portfolio * max(len(currencies), 1) + place, _day_index(trail.date, days), -change, len(days)
    )
    _add_balances(runs, number, len(currencies), POSITIONS, index, piles, None)


def _add_balances(
    runs: Runs, item: Int64, currencies: int, part: int, index: SegmentIndex, piles: _Piles,
    wanted: npt.NDArray[np.bool_] | None,
) -> None:  # fmt: skip
    if not len(runs):
        return
    portfolio, which = np.divmod(runs.key, currencies)
    row, segment, first, stop = index.clip(portfolio, runs.first, runs.stop)
    if wanted is not None:
        keep = wanted[segment]
        row, segment, first, stop = row[keep], segment[keep], first[keep], stop[keep]
    piles.add(
        np.full(len(row), part), index.subject[segment], item[which[row]], first, stop, runs.level[row],
        np.full(len(row), -1, np.int64),
    )  # fmt: skip


def _balances(
    state: State, reference: Reference, index: SegmentIndex, portfolios: Int64, items: _Items, piles: _Piles
) -> None:
    """Cash in the view each mandate asks for; in the settled view also what is on its way."""
    days, entries = items.days, state.entries
    entries = entries.take(np.isin(entries.portfolio, portfolios) & (entries.currency != 0))
    currencies, place = np.unique(entries.currency, return_inverse=True)
    number = np.array([_ones(items, reference, currency_name(int(code))) for code in currencies], np.int64)
    count = max(len(currencies), 1)
    key = entries.portfolio * count + place
    traded = _day_index(entries.trade_date, days)
    settled = _day_index(entries.settle_date, days)
    by_settlement = np.array([s.mandate.cash.view == "settled" for s in index.listed], np.bool_)
    if not by_settlement.all():
        runs = runs_from_changes(key, traded, entries.amount, len(days))
        _add_balances(runs, number, count, CASH, index, piles, ~by_settlement)
    if by_settlement.any():
        runs = runs_from_changes(key, settled, entries.amount, len(days))
        _add_balances(runs, number, count, CASH, index, piles, by_settlement)
        late = np.where(traded < settled, entries.amount, -entries.amount)
        begin, end = np.minimum(traded, settled), np.maximum(traded, settled)
        for part, mine in ((RECEIVABLE, (late > 0) & (begin < end)), (PAYABLE, (late < 0) & (begin < end))):
            changes = np.concatenate([late[mine], -late[mine]])
            when = np.concatenate([begin[mine], end[mine]])
            runs = runs_from_changes(np.concatenate([key[mine], key[mine]]), when, changes, len(days))
            _add_balances(runs, number, count, part, index, piles, by_settlement)


def _zeros(values: Int64) -> Int64:
    """Decimal zeros each value ends in, at most 18."""
    count = np.zeros(len(values), np.int64)
    left, live = values.copy(), np.flatnonzero(values)
    for _ in range(18):
        live = live[left[live] % 10 == 0]
        if not len(live):
            break
        left[live] //= 10
        count[live] += 1
    return count


def _one_scale(
    items: _Items, reference: Reference, item: Int64, level: Int64
) -> tuple[dict[str, int], npt.NDArray[Any], Int64]:
    """Bring all items of a currency to one power of ten; give scale by currency, values and shortened levels."""
    count = len(items.values)
    spare = np.full(count, 18, np.int64)
    np.minimum.at(spare, item, _zeros(level))
    level = level // (10 ** spare[item])
    exponent = np.array(items.exponent, np.int64) + spare
    scale: dict[str, int] = {}
    for number, currency in enumerate(items.currency):
        scale[currency] = max(scale.get(currency, reference.minor_units(currency)), -int(exponent[number]))
    rows: list[npt.NDArray[Any]] = []
    wide = False
    for number, (values, currency) in enumerate(zip(items.values, items.currency, strict=True)):
        power = 10 ** (scale[currency] + int(exponent[number]))
        wide |= values.dtype == object or int(np.abs(values).max(initial=0)) * power >= _FAR
        rows.append(values if power == 1 else values.astype(object) * power if wide else values * power)
    if wide:
        rows = [row.astype(object) for row in rows]
    shape = (count, len(items.days))
    values = np.stack(rows) if rows else np.zeros(shape, np.int64)
    return scale, values, level
