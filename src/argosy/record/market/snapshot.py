"""The market as known at a watermark: exact prices and rates on any day, with their age and where they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import MissingPrice, StaleData, unknown
from argosy.base.money import Quote
from argosy.record.ledger.events import Int64
from argosy.record.market.digits import at_one_exponent
from argosy.record.market.points import BASES, PriceMatrix, PricePoint, PriceVector, RatePoint, RateRows
from argosy.record.market.rates import RateBook
from argosy.record.market.series import Series, SeriesTable, bisect_rows
from argosy.record.market.sessions import SessionCalendar, weekdays
from argosy.record.reference_terms import BenchmarkTerms

LIVE = "live"
"""Source of prices that somebody gave with a question and nobody stored."""


@dataclass(frozen=True)
class MarketSnapshot:
    """Prices, rates, benchmarks and calendars visible at one watermark.

    ``version`` is the ``seq`` of the last fact that changed the market. ``sources`` are names by code; ``ranks`` order
    them, best first, where several give the same date. ``basis`` None takes for each instrument the first of
    traded, split_adjusted and total_return it has; a place in :data:`BASES` asks for that one only.
    ``names`` and ``currencies`` of instruments serve messages and benchmarks.
    """

    version: int
    prices: SeriesTable
    fx: RateBook
    benchmarks: SeriesTable
    sources: tuple[str, ...] = ()
    ranks: tuple[int, ...] = ()
    basis: int | None = None
    names: Mapping[int, str] = field(default_factory=dict)
    currencies: Mapping[int, str] = field(default_factory=dict)
    calendars: Mapping[str, SessionCalendar] = field(default_factory=lambda: {"weekdays": weekdays()})
    benchmark_terms: Mapping[str, BenchmarkTerms] = field(default_factory=dict)
    canonical: Mapping[int, int] = field(default_factory=dict)
    live: Mapping[int, Series] = field(default_factory=dict)
    """Series by instrument with a price that is not stored at their end: they answer instead of the stored ones."""

    @classmethod
    def empty(cls) -> MarketSnapshot:
        """A market nobody has told anything about."""
        return cls(0, SeriesTable.empty(), RateBook(SeriesTable.empty(), np.zeros((0, 2), np.int64)),
                   SeriesTable.empty())  # fmt: skip

    def choosing(self, *, sources: Sequence[str] = (), basis: str = "") -> MarketSnapshot:
        """The same market read by a mandate's choice of price sources (best first) and basis ("" = as it is).

        Basis "any" takes for each instrument the first of traded, split_adjusted and total_return that it has. A source
        nobody has loaded is no error: it may come tomorrow. An unknown basis is.
        """
        if basis == "any":
            return replace(self.choosing(sources=sources), basis=None)
        if basis and basis not in BASES:
            raise unknown("price basis", basis, (*BASES, "any"))
        if not sources and not basis:
            return self
        ranks = tuple(self.sources.index(name) for name in sources if name in self.sources)
        return replace(
            self, ranks=ranks or self.ranks, basis=BASES.index(basis) if basis else self.basis,
        )  # fmt: skip

    def with_live(self, prices: Mapping[int, Quote], day: int) -> MarketSnapshot:
        """The same market with prices of a day that are not stored, each in the basis its instrument is read in.

        A price of the day, or a later one, that is stored already gives way. The source of such a price is "live".
        """
        sources = (*self.sources, LIVE)
        found = {}
        for instrument, quote in prices.items():
            known = self._series(instrument)
            before = 0 if known is None else int(np.searchsorted(known.date, day, side="left"))
            last = np.array([day, quote.mantissa, quote.exponent, 0, 0, len(sources) - 1], np.int64)
            columns = [
                np.append(getattr(known, name)[:before] if known is not None else np.zeros(0, np.int64), last[place])
                for place, name in enumerate(("date", "mantissa", "exponent", "load", "line", "source"))
            ]
            basis = 0 if known is None else known.basis
            found[self.canonical.get(instrument, instrument)] = Series(basis, *columns)
        return replace(self, sources=sources, live={**self.live, **found})

    def _series(self, instrument: int) -> Series | None:
        own = self.canonical.get(instrument, instrument)
        if own in self.live:
            return self.live[own]
        return self.prices.choose(self.canonical.get(instrument, instrument), basis=self.basis, ranks=self.ranks)

    def _name(self, instrument: int) -> str:
        return self.names.get(instrument, f"instrument {instrument}")

    def price(self, instrument: int, day: int, *, max_age_days: int = 0) -> PricePoint:
        """The last price on or before a day; ``max_age_days`` 0 = any age.

        Raises :class:`MissingPrice` when there is none yet, :class:`StaleData` when it is older than allowed.
        """
        series = self._series(int(instrument))
        row = -1 if series is None else int(np.searchsorted(series.date, day, side="right")) - 1
        if series is None or row < 0:
            step = "import its prices"
            if series is not None:
                step = f"the first one is of {format_date(int(series.date[0]))}; import earlier prices"
            raise MissingPrice(f"no price for {self._name(int(instrument))} on or before {format_date(day)}",
                               field="prices", next_step=step)  # fmt: skip
        date = int(series.date[row])
        if max_age_days and day - date > max_age_days:
            raise StaleData(
                f"the last price of {self._name(int(instrument))} on {format_date(day)} is of {format_date(date)}",
                field="prices",
                found=day - date,
                expected=f"at most {max_age_days} days old",
                next_step="import newer prices or allow a greater age in the mandate",
            )
        return PricePoint(
            int(series.mantissa[row]), int(series.exponent[row]), date, day - date,
            self.sources[int(series.source[row])], BASES[series.basis], int(series.load[row]), int(series.line[row]),
        )  # fmt: skip

    def price_history(self, instrument: int) -> Series | None:
        """Every price of an instrument under the snapshot's choice of basis and sources, None if there is none."""
        return self._series(int(instrument))

    def price_matrix(self, instruments: Sequence[int] | Int64, days: Int64) -> PriceMatrix:
        """Prices of many instruments on many days, each the last on or before; what is missing is flagged."""
        ids = np.asarray(instruments, np.int64)
        days = np.asarray(days, np.int64)
        shape = (len(days), len(ids))
        mantissa = np.zeros(shape, np.int64)
        exponent, age, missing = np.zeros(len(ids), np.int64), np.zeros(shape, np.int64), np.ones(shape, np.bool_)
        wide: dict[int, npt.NDArray[Any]] = {}
        for place, instrument in enumerate(ids.tolist()):
            series = self._series(instrument)
            if series is None:
                continue
            rows = series.at(days)
            gone = rows < 0
            if gone.all():
                continue
            rows = np.maximum(rows, 0)
            values, power = at_one_exponent(series.mantissa[rows], series.exponent[rows], gone)
            exponent[place], missing[:, place] = power, gone
            age[:, place] = np.where(gone, 0, days - series.date[rows])
            if values.dtype == object:
                wide[place] = values
            else:
                mantissa[:, place] = values
        result: npt.NDArray[Any] = mantissa.astype(object) if wide else mantissa
        for place, column in wide.items():
            result[:, place] = column
        return PriceMatrix(ids, days, result, exponent, age, missing)

    @cached_property
    def _single(self) -> tuple[Int64, Int64]:
        """Owners in order, and the series that alone answers for each (-1: several do, see :meth:`_series`)."""
        owners, first, counts = np.unique(self.prices.owner, return_index=True, return_counts=True)
        plain = counts == 1
        if self.basis is not None:
            plain &= self.prices.basis[first] == self.basis
        if self.live:
            plain &= ~np.isin(owners, list(self.live))
        return owners, np.where(plain, first, -1)

    def price_vector(self, instruments: Sequence[int] | Int64, day: int) -> PriceVector:
        """Prices of very many instruments on one day; what is missing is flagged."""
        ids = np.asarray(instruments, np.int64)
        asked = ids
        for old, new in self.canonical.items():
            asked = np.where(asked == old, new, asked)
        owners, single = self._single
        spot = np.minimum(np.searchsorted(owners, asked), max(len(owners) - 1, 0))
        known = owners[spot] == asked if len(owners) else np.zeros(len(asked), np.bool_)
        series = np.where(known, single[spot] if len(owners) else -1, -1)
        place = np.maximum(series, 0)
        table = self.prices
        mantissa, exponent, age = (np.zeros(len(ids), np.int64) for _ in range(3))
        missing = np.ones(len(ids), np.bool_)
        if len(table):
            rows, before = bisect_rows(table.date, table.start[place], table.start[place + 1], day)
            found = (series >= 0) & ~before
            at = rows[found]
            mantissa[found], exponent[found], age[found] = table.mantissa[at], table.exponent[at], day - table.date[at]
            missing[found] = False
        for spot_index in np.flatnonzero(known & (series < 0)).tolist():
            chosen = self._series(int(asked[spot_index]))
            row = -1 if chosen is None else int(np.searchsorted(chosen.date, day, side="right")) - 1
            if chosen is not None and row >= 0:
                mantissa[spot_index], exponent[spot_index] = chosen.mantissa[row], chosen.exponent[row]
                age[spot_index], missing[spot_index] = day - chosen.date[row], False
        return PriceVector(ids, day, mantissa, exponent, age, missing)

    def rate(self, source: str, target: str, day: int, *, max_age_days: int = 0) -> RatePoint:
        """What one unit of a currency is worth in another, see :meth:`RateBook.rate`."""
        return self.fx.rate(source, target, day, max_age_days=max_age_days)

    def rate_rows(
        self, currencies: Sequence[str], base: str, days: Sequence[int] | Int64, *, max_age_days: int = 0
    ) -> RateRows:
        """Rates of many currencies into one on many days, see :meth:`RateBook.rows`."""
        return self.fx.rows(currencies, base, np.asarray(days, np.int64), max_age_days=max_age_days)

    def calendar(self, name: str) -> SessionCalendar:
        """A calendar by name; unknown names are answered with the nearest."""
        if name not in self.calendars:
            raise unknown("calendar", name, self.calendars)
        return self.calendars[name]

    def sessions(self, calendar: str, first: int, last: int) -> Int64:
        """Sessions of a calendar between two days, both included."""
        return self.calendar(calendar).between(first, last)
