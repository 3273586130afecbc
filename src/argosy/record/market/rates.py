"""Exchange rates: quotes stored as their source gives them; inversion and crosses are made when asked, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import MissingRate, StaleData, unknown
from argosy.base.money import currency_name
from argosy.record.ledger.events import Int64
from argosy.record.market.digits import POWERS, without_zeros
from argosy.record.market.points import Flags, RateLeg, RatePoint, RateRows, exact, format_pair
from argosy.record.market.series import Series, SeriesTable

Leg = tuple[int, bool]  # place of the pair, inverted


@dataclass(frozen=True)
class RateBook:
    """Quotes of currency pairs. ``pairs[i]`` is (base, quote) as currency codes and the owner ``i`` of ``table``."""

    table: SeriesTable
    pairs: Int64
    ranks: tuple[int, ...] = ()
    sources: Sequence[str] = ()
    _paths: dict[tuple[str, str], list[tuple[Leg, ...]]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def names(self) -> list[tuple[str, str]]:
        """Pairs as letters."""
        return [(currency_name(int(base)), currency_name(int(quote))) for base, quote in self.pairs]

    @cached_property
    def currencies(self) -> tuple[str, ...]:
        """Every currency that stands in a pair."""
        return tuple(sorted({name for pair in self.names for name in pair}))

    @cached_property
    def _neighbors(self) -> Mapping[str, Mapping[str, Leg]]:
        found: dict[str, dict[str, Leg]] = {}
        for place, (base, quote) in enumerate(self.names):
            found.setdefault(quote, {}).setdefault(base, (place, True))
        for place, (base, quote) in enumerate(self.names):  # a direct quote goes before an inverted one
            found.setdefault(base, {})[quote] = (place, False)
        return found

    def paths(self, source: str, target: str) -> list[tuple[Leg, ...]]:
        """Ways from one currency to another, best first: quoted, inverted, then over the most quoted third currency."""
        key = (source, target)
        if key not in self._paths:
            near, far = self._neighbors.get(source, {}), self._neighbors.get(target, {})
            middles = sorted(set(near) & set(far), key=lambda name: (-len(self._neighbors[name]), name))
            direct = [(near[target],)] if target in near else []
            self._paths[key] = [*direct, *((near[middle], self._neighbors[middle][target]) for middle in middles)]
        return self._paths[key]

    def _series(self, place: int) -> Series:
        series = self.table.choose(place, basis=None, ranks=self.ranks)
        assert series is not None  # each pair has at least one row
        return series

    def rate(self, source: str, target: str, day: int, *, max_age_days: int = 0) -> RatePoint:
        """What one unit of ``source`` is worth in ``target`` on a day, from the last quotes on or before it.

        ``max_age_days`` 0 = any age. Raises :class:`UnknownName` for a currency no quote mentions,
        :class:`MissingRate` when no way exists on or before the day, :class:`StaleData` when each way is too old.
        """
        if source == target:
            return RatePoint(1, 1, (), 0)
        youngest: RatePoint | None = None
        for path in self.paths(source, target):
            point = self._walk(path, day)
            if point is not None and (not max_age_days or point.age_days <= max_age_days):
                return point
            if point is not None and (youngest is None or point.age_days < youngest.age_days):
                youngest = point
        if youngest is not None:
            raise StaleData(
                f"the last rate of {format_pair(source, target)} on {format_date(day)} is {youngest.age_days} days old",
                field="fx",
                found=youngest.age_days,
                expected=f"at most {max_age_days} days",
                next_step="import newer rates or allow a greater age in the mandate",
            )
        raise self.missing(source, target, day, day)

    def missing(self, source: str, target: str, first: int, last: int) -> MissingRate:
        """The error for a range of days without a rate, saying from when there is one."""
        for name in (source, target):
            if name not in self._neighbors:
                raise unknown("currency", name, self.currencies, place="exchange rates")
        paths = self.paths(source, target)
        begins = [max(int(self._series(place).date[0]) for place, _ in path) for path in paths]
        when = format_date(first) if first == last else f"{format_date(first)} to {format_date(last)}"
        step = f"the first one is of {format_date(min(begins))}; import earlier rates" if begins else "import its rates"
        return MissingRate(f"no rate of {format_pair(source, target)} for {when}", field="fx", next_step=step)

    def _walk(self, path: tuple[Leg, ...], day: int) -> RatePoint | None:
        legs: list[RateLeg] = []
        product = Fraction(1)
        for place, inverted in path:
            series = self._series(place)
            row = int(np.searchsorted(series.date, day, side="right")) - 1
            if row < 0:
                return None
            base, quote = self.names[place]
            leg = RateLeg(
                base, quote, int(series.mantissa[row]), int(series.exponent[row]), int(series.date[row]), inverted,
                self._source(int(series.source[row])), int(series.load[row]), int(series.line[row]),
            )  # fmt: skip
            value = exact(leg.mantissa, leg.exponent)
            product = product / value if inverted else product * value
            legs.append(leg)
        return RatePoint(product.numerator, product.denominator, tuple(legs), day - min(leg.date for leg in legs))

    def _source(self, code: int) -> str:
        return self.sources[code] if code < len(self.sources) else ""

    def rows(self, currencies: Sequence[str], base: str, days: Int64, *, max_age_days: int = 0) -> RateRows:
        """Rates of many currencies into ``base`` on many days; what is missing (or too old) is flagged, not raised."""
        shape = (len(days), len(currencies))
        num, den = np.zeros(shape, object), np.ones(shape, object)
        age, missing = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
        small = True
        for place, currency in enumerate(currencies):
            top, bottom, years, gone = self._column(currency, base, days, max_age_days)
            num[:, place], den[:, place] = top, bottom
            age[:, place], missing[:, place] = years, gone
            small &= top.dtype != object and bottom.dtype != object
        kind = np.int64 if small else object
        return RateRows(tuple(currencies), base, days, num.astype(kind), den.astype(kind), age, missing)

    def _column(
        self, source: str, target: str, days: Int64, max_age_days: int
    ) -> tuple[npt.NDArray[Any], npt.NDArray[Any], Int64, Flags]:
        num: npt.NDArray[Any] = np.zeros(len(days), np.int64)
        den: npt.NDArray[Any] = np.ones(len(days), np.int64)
        age, open_days = np.zeros(len(days), np.int64), np.ones(len(days), np.bool_)
        if source == target:
            return np.ones(len(days), np.int64), den, age, ~open_days
        for path in self.paths(source, target):
            taken = [(self._series(place), inverted) for place, inverted in path]
            rows = [series.at(days) for series, _ in taken]
            oldest = np.min([series.date[np.maximum(row, 0)] for (series, _), row in zip(taken, rows, strict=True)], 0)
            usable = open_days & np.all([row >= 0 for row in rows], axis=0)
            if max_age_days:
                usable &= days - oldest <= max_age_days
            if not usable.any():
                continue
            top, bottom = _product([
                (series.mantissa[row[usable]], series.exponent[row[usable]], inverted)
                for (series, inverted), row in zip(taken, rows, strict=True)
            ])  # fmt: skip
            if object in (top.dtype, bottom.dtype):
                num, den = num.astype(object), den.astype(object)
            num[usable], den[usable], age[usable] = top, bottom, (days - oldest)[usable]
            open_days &= ~usable
            if not open_days.any():
                break
        return num, den, age, open_days


def _product(legs: Sequence[tuple[Int64, Int64, bool]]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Reduced numerators and denominators of the product of quotes, inverted ones divided by."""
    plain = [(*without_zeros(mantissa, exponent), inverted) for mantissa, exponent, inverted in legs]
    power = sum(-exponent if inverted else exponent for _, exponent, inverted in plain)
    tops = [mantissa for mantissa, _, inverted in plain if not inverted]
    bottoms = [mantissa for mantissa, _, inverted in plain if inverted]
    up, down = np.maximum(power, 0), np.maximum(-power, 0)
    if _digits(tops) + int(up.max()) <= 18 and _digits(bottoms) + int(down.max()) <= 18:
        top = np.prod([*tops, POWERS[up]], axis=0, dtype=np.int64)
        bottom = np.prod([*bottoms, POWERS[down]], axis=0, dtype=np.int64)
        shared = np.gcd(top, bottom)
        return top // shared, bottom // shared
    fractions = [Fraction(1)] * len(up)
    for mantissa, exponent, inverted in plain:
        values = [exact(int(m), int(e)) for m, e in zip(mantissa, exponent, strict=True)]
        fractions = [old / new if inverted else old * new for old, new in zip(fractions, values, strict=True)]
    top_wide, bottom_wide = [f.numerator for f in fractions], [f.denominator for f in fractions]
    kind = np.int64 if max(map(abs, top_wide)) < 2**63 and max(bottom_wide) < 2**63 else object
    return np.array(top_wide, dtype=kind), np.array(bottom_wide, dtype=kind)


def _digits(factors: Sequence[Int64]) -> int:
    """Digits that surely hold the product of the largest of each factor."""
    return sum(len(str(int(np.abs(factor).max()))) for factor in factors)
