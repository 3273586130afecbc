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
from argosy.record.ledger.sleeves import Folded
from argosy.record.market.points import PriceMatrix
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference import Instrument
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
POSITIONS, CASH, RECEIVABLE, PAYABLE, ACCRUED = range(5)
PART_NAMES = ("positions", "cash", "receivable", "payable", "accrued")
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
    """Distinct rows of price ages by day; STALE_AGE and MISSING_AGE mark days without a price that may be used."""
    age_item: Int64
    """Row of ``ages`` for each run (-1: the run needs no price)."""
    instrument: Int64
    """Instrument of each run that needs a price, else 0."""
    spare: Int64
    """Zeros taken off the levels of each item."""

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
    instrument: list[Int64] = field(default_factory=list)

    def add(
        self, part: int, subject: Int64, item: Int64, first: Int64, stop: Int64, level: Int64,
        age: Int64 | None = None, instrument: Int64 | None = None,
    ) -> None:  # fmt: skip
        count = len(item)
        for pile, column in (
            (self.part, np.full(count, part, np.int64)), (self.subject, subject), (self.item, item),
            (self.first, first), (self.stop, stop), (self.level, level),
            (self.age, np.full(count, -1, np.int64) if age is None else age),
            (self.instrument, np.zeros(count, np.int64) if instrument is None else instrument),
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
    state: Folded, reference: Reference, market: MarketSnapshot, subjects: Sequence[Subject],
    listed: Sequence[Segment], days: Int64, *, splits: SplitBook,
) -> Layout:  # fmt: skip
    """Lay out everything subjects held over ``days``."""
    index = SegmentIndex(listed)
    items, piles = _Items(days), _Piles()
    portfolios = np.unique(index.portfolio)
    ages = _positions(state, reference, market, index, portfolios, items, piles, splits)
    _balances(state, reference, index, portfolios, items, piles)
    columns = [np.concatenate(pile) if pile else np.zeros(0, np.int64) for pile in (
        piles.part, piles.subject, piles.item, piles.first, piles.stop, piles.level, piles.age, piles.instrument,
    )]  # fmt: skip
    part, subject, item, first, stop, level, age, instrument = columns
    names = sorted(set(items.currency), key=currency_code)
    of_item = np.array([names.index(name) for name in items.currency], np.int64)
    groups, group = _compress(subject * max(len(names), 1) + of_item[item], len(subjects) * max(len(names), 1))
    group_subject, group_currency = np.divmod(groups, max(len(names), 1))
    scale, values, level, spare = _one_scale(items, reference, item, level)
    order = np.argsort(group, kind="stable")
    return Layout(
        subjects, days, group_subject, [names[place] for place in group_currency.tolist()], scale,
        part[order], group[order], item[order], first[order], stop[order], level[order], values, ages,
        age[order], instrument[order], spare,
    )  # fmt: skip


def _compress(key: Int64, size: int) -> tuple[Int64, Int64]:
    """The keys that occur, ascending, and each key's place among them; keys are below ``size``."""
    seen = np.zeros(size, np.bool_)
    seen[key] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[key]


def _day_index(dates: Int64, days: Int64) -> Int64:
    """The first valuation day on or after each date."""
    return np.searchsorted(days, dates, side="left").astype(np.int64)


def _positions(
    state: Folded, reference: Reference, market: MarketSnapshot, index: SegmentIndex, portfolios: Int64, items: _Items,
    piles: _Piles, splits: SplitBook,
) -> Int64:  # fmt: skip
    """Pile up holdings and accrued interest; gives the distinct rows of price ages."""
    days, trail = items.days, state.trail
    keep = trail.date <= (days[-1] if len(days) else 0)
    if not np.array_equal(portfolios, np.unique(trail.portfolio)):
        keep &= np.isin(trail.portfolio, portfolios)
    trail = trail.take(keep)
    held, place = np.unique(trail.instrument, return_inverse=True)
    key = trail.portfolio * max(len(held), 1) + place
    runs = runs_from_changes(key, _day_index(trail.date, days), trail.quantity_delta, len(days))
    if not len(runs):
        return np.zeros((0, len(days)), np.int64)
    portfolio, which = np.divmod(runs.key, len(held))
    row, segment, first, stop = index.clip(portfolio, runs.first, runs.stop)
    which, level = which[row], runs.level[row]
    rules = [s.mandate.prices for s in index.listed]
    names = list(dict.fromkeys((rule.basis, rule.sources) for rule in rules))
    rule = index.column(names.index((one.basis, one.sources)) for one in rules)[segment]
    limits = _limits(index, reference, held, segment, which)
    kinds, kind = np.unique(limits, return_inverse=True)
    combinations, combination = _compress(
        (rule * len(held) + which) * max(len(kinds), 1) + kind, len(names) * len(held) * max(len(kinds), 1)
    )
    matrices = _matrices(market, names, combinations, len(held), max(len(kinds), 1), held, days)
    made: dict[tuple[int, int], tuple[int, int]] = {}
    age_rows: dict[bytes, int] = {}
    per_item, per_age, per_bond = (np.full(len(combinations), -1, np.int64) for _ in range(3))
    for number, packed in enumerate(combinations.tolist()):
        pair, limit_place = divmod(packed, max(len(kinds), 1))
        rule_number, held_place = divmod(pair, len(held))
        matrix, column = matrices[rule_number, held_place]
        instrument = reference.instruments[int(held[held_place])]
        if (rule_number, held_place) not in made:
            mantissa, power = per_share_row(
                matrix.mantissa[:, column], int(matrix.exponent[column]), matrix.age[:, column],
                matrix.missing[:, column], days, splits.get(instrument.id, ()), basis=names[rule_number][0],
            )  # fmt: skip
            values, exponent = _unit_row(instrument, mantissa, power)
            made[rule_number, held_place] = (
                items.add(values, exponent - instrument.quantity_scale, instrument.currency),
                _accrued_item(instrument, items) if instrument.bond is not None else -1,
            )
        per_item[number], per_bond[number] = made[rule_number, held_place]
        age = _ages(matrix, column, int(kinds[limit_place]))
        per_age[number] = age_rows.setdefault(age.tobytes(), len(age_rows))
    subject, bond = index.subject[segment], per_bond[combination]
    piles.add(POSITIONS, subject, per_item[combination], first, stop, level, per_age[combination], held[which])
    bonds = bond >= 0
    if bonds.any():
        piles.add(ACCRUED, subject[bonds], bond[bonds], first[bonds], stop[bonds], level[bonds])
    _margins(state, reference, index, portfolios, items, piles)
    return np.frombuffer(b"".join(age_rows), np.int64).reshape(len(age_rows), len(days))


def _matrices(
    market: MarketSnapshot, names: Sequence[tuple[str, tuple[str, ...]]], combinations: Int64, held_count: int,
    kinds: int, held: Int64, days: Int64,
) -> dict[tuple[int, int], tuple[PriceMatrix, int]]:  # fmt: skip
    """Prices of what is held under each rule: (rule, place in ``held``) -> matrix and column."""
    found = {}
    rule, place = np.divmod(np.unique(combinations // kinds), held_count)
    for number, (basis, sources) in enumerate(names):
        needed = place[rule == number]
        if len(needed):
            matrix = market.choosing(basis=basis, sources=sources).price_matrix(held[needed], days)
            found.update({(number, one): (matrix, column) for column, one in enumerate(needed.tolist())})
    return found


def _ages(matrix: PriceMatrix, column: int, limit: int) -> Int64:
    age = matrix.age[:, column].copy()
    if limit:
        age[age > limit] = STALE_AGE
    age[matrix.missing[:, column]] = MISSING_AGE
    return age


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
    state: Folded, reference: Reference, index: SegmentIndex, portfolios: Int64, items: _Items, piles: _Piles
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
    piles.add(part, index.subject[segment], item[which[row]], first, stop, runs.level[row])


def _balances(
    state: Folded, reference: Reference, index: SegmentIndex, portfolios: Int64, items: _Items, piles: _Piles
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
) -> tuple[dict[str, int], npt.NDArray[Any], Int64, Int64]:
    """Bring all items of a currency to one power of ten; give scale by currency, values, shortened levels, zeros."""
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
    return scale, values, level, spare
