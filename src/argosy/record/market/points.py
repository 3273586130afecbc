"""What the market answers: one price, one rate, or many of them in columns, each with age and origin."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.columns import quote_decimal
from argosy.base.dates import format_date
from argosy.base.errors import MissingPrice
from argosy.record.ledger.events import Int64

Flags = npt.NDArray[np.bool_]

BASES: tuple[str, ...] = ("traded", "split_adjusted", "total_return")
"""What a price means. The place in this list is stored in caches; the order is the order of preference for valuing."""


@dataclass(frozen=True, slots=True)
class PricePoint:
    """The last price on or before a day: ``mantissa * 10**exponent`` in the instrument's quote unit.

    ``date`` is the session it belongs to, ``age_days`` how long before the day asked for. ``load_seq`` and ``row`` (the
    line of the source file) say where it came from.
    """

    mantissa: int
    exponent: int
    date: int
    age_days: int
    source: str
    basis: str
    load_seq: int
    row: int

    @property
    def decimal(self) -> Decimal:
        """The price for people."""
        return quote_decimal(self.mantissa, self.exponent)

    @property
    def fraction(self) -> Fraction:
        """The price for exact arithmetic."""
        return exact(self.mantissa, self.exponent)


@dataclass(frozen=True, slots=True)
class RateLeg:
    """One stored quote behind a rate: 1 ``base`` = ``mantissa * 10**exponent`` ``quote``; ``inverted``: divided by."""

    base: str
    quote: str
    mantissa: int
    exponent: int
    date: int
    inverted: bool
    source: str
    load_seq: int
    row: int

    @property
    def decimal(self) -> Decimal:
        """The quote as received."""
        return quote_decimal(self.mantissa, self.exponent)


@dataclass(frozen=True, slots=True)
class RatePoint:
    """What one unit of a currency is worth in another: ``num / den`` exactly, and the quotes it is made of.

    ``age_days`` is the age of the oldest leg. A currency in itself is 1/1 with no legs.
    """

    num: int
    den: int
    legs: tuple[RateLeg, ...]
    age_days: int

    @property
    def fraction(self) -> Fraction:
        """The rate for exact arithmetic."""
        return Fraction(self.num, self.den)


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of days on which something has no value. Days are inclusive."""

    what: str
    first: int
    last: int


@dataclass(frozen=True)
class PriceMatrix:
    """Prices of N instruments on T days, each the last on or before its day.

    ``mantissa[t, n] * 10**exponent[n]`` in the instrument's quote unit; 0 where ``missing``. ``mantissa`` is int64;
    when the digits of one instrument's history do not fit 64 bits at one exponent the array holds Python integers
    (dtype object) instead. ``age`` is in days, 0 where missing.
    """

    instruments: Int64
    days: Int64
    mantissa: npt.NDArray[Any]
    exponent: Int64
    age: Int64
    missing: Flags

    def gaps(self) -> list[Gap]:
        """Runs of days without a price, per instrument id."""
        return [
            Gap(str(int(self.instruments[place])), int(self.days[first]), int(self.days[last]))
            for place in np.flatnonzero(self.missing.any(axis=0)).tolist()
            for first, last in runs(self.missing[:, place])
        ]

    def floats(self) -> npt.NDArray[np.float64]:
        """Prices as float64 (T, N), for measures that estimate, not for money.

        Raises :class:`MissingPrice` naming the first range without a price.
        """
        for gap in self.gaps():
            raise MissingPrice(
                f"no price for instrument {gap.what} from {format_date(gap.first)} to {format_date(gap.last)}",
                field="prices",
                next_step="import prices for that range, or ask for later days",
            )
        values = np.asarray(self.mantissa, np.float64)
        power = np.asarray(self.exponent, np.float64)
        # Dividing by an exact power of ten gives the nearest float; multiplying by its inverse would not.
        return np.where(power < 0, values / 10.0 ** np.maximum(-power, 0), values * 10.0 ** np.maximum(power, 0))


@dataclass(frozen=True)
class PriceVector:
    """Prices of N instruments on one day: ``mantissa * 10**exponent``; 0 where ``missing``."""

    instruments: Int64
    day: int
    mantissa: Int64
    exponent: Int64
    age: Int64
    missing: Flags


@dataclass(frozen=True)
class RateRows:
    """Rates of C currencies into one on T days: ``num[t, c] / den[t, c]``, exact and reduced.

    int64, or Python integers (dtype object) when a cross does not fit. ``missing`` rows have 0/1.
    """

    currencies: tuple[str, ...]
    base: str
    days: Int64
    num: npt.NDArray[Any]
    den: npt.NDArray[Any]
    age: Int64
    missing: Flags

    def gaps(self) -> list[Gap]:
        """Runs of days without a rate, per currency."""
        return [
            Gap(f"{self.currencies[place]} in {self.base}", int(self.days[first]), int(self.days[last]))
            for place in np.flatnonzero(self.missing.any(axis=0)).tolist()
            for first, last in runs(self.missing[:, place])
        ]


def exact(mantissa: int, exponent: int) -> Fraction:
    """``mantissa * 10**exponent`` as a fraction.

    Examples
    --------
    >>> exact(125, -2)
    Fraction(5, 4)
    """
    return Fraction(mantissa * 10**exponent) if exponent >= 0 else Fraction(mantissa, 10**-exponent)


def runs(flags: Flags) -> list[tuple[int, int]]:
    """First and last position of each run of true.

    Examples
    --------
    >>> runs(np.array([True, True, False, True]))
    [(0, 1), (3, 3)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(first), int(last) - 1) for first, last in edges.reshape(-1, 2)]


def format_pair(source: str, target: str) -> str:
    """A pair of currencies for people: what one unit of the first is in the second."""
    return f"{source} in {target}"
