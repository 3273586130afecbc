"""Tax regimes as data: rates, the line between short and long term, which lots are sold, when a loss does not count.

Rates are the highest individual ones of the year named, without state, church or municipal taxes; a mandate that knows
better gives its own (:func:`law_of`). They are a starting point for decisions, not tax advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from argosy.base.dates import to_date
from argosy.base.errors import InvalidInput, unknown
from argosy.record.mandate import Mandate

Flags = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]

PLAIN_DAYS = 365
"""Days from which rates of one's own tell long from short where no regime draws the line."""


@dataclass(frozen=True, slots=True)
class Regime:
    """How one jurisdiction taxes gains.

    ``short`` and ``long`` are rates on gains; gains are long when held for more than ``long_after`` whole years (0: all
    are), or where ``long_days`` is given for more than so many days. ``lots`` is the rule of relief: "choice" (the
    owner names lots), "FIFO", or "pool" (average of a pool after same-day and 30-day matching). ``wash_days`` is how
    many days before and after a sale at a loss a purchase spoils it (0: no such rule); ``wash_before`` says whether
    purchases before the sale count. ``ordinary_cap`` is the net loss a year that may be set against other income, in
    the regime's currency.
    """

    code: str
    name: str
    short: float
    long: float
    long_after: int
    lots: str
    wash_days: int
    wash_before: bool
    ordinary_rate: float
    ordinary_cap: float
    year: int
    source: str
    long_days: int | None = None

    @property
    def taxes(self) -> bool:
        """Whether any gain owes something."""
        return bool(self.short or self.long)

    def with_rates(
        self, *, short: float | None = None, long: float | None = None, long_days: int | None = None
    ) -> Regime:
        """The same rules at rates, and with a line between short and long, of one's own; None leaves what is.

        Examples
        --------
        >>> regime("US").with_rates(long=0.15).long
        0.15
        """
        for name, rate in (("short", short), ("long", long)):
            if rate is not None and not 0.0 <= rate < 1.0:
                raise InvalidInput(f"the {name} rate is {rate}", field=name, found=rate,
                                   expected="a fraction such as 0.2")  # fmt: skip
        return replace(
            self, short=self.short if short is None else short, long=self.long if long is None else long,
            long_days=self.long_days if long_days is None else long_days,
        )  # fmt: skip

    def is_long(self, acquired: int, sold: int) -> bool:
        """Whether a lot acquired on one epoch day and sold on another is long term."""
        if self.long_days is not None:
            return sold - acquired > self.long_days
        return bool(sold >= long_from(acquired, self.long_after))

    def are_long(self, acquired: Int64, sold: Int64) -> Flags:
        """The same for many lots."""
        days, place = np.unique(acquired, return_inverse=True)
        if self.long_days is not None:
            return np.asarray(sold - acquired > self.long_days)
        first = np.array([long_from(day, self.long_after) for day in days.tolist()], np.int64)
        return np.asarray(sold >= first[place])

    @property
    def line(self) -> str:
        """The line between short and long in words.

        Examples
        --------
        >>> [regime(code).line for code in ("US", "UK")]
        ['held more than a year', 'however long held']
        """
        if self.long_days is not None:
            return f"held more than {self.long_days} days"
        return {0: "however long held", 1: "held more than a year"}.get(
            self.long_after, f"held more than {self.long_after} years"
        )

    def rate(self, acquired: int, sold: int) -> float:
        """The rate on the gain of a lot."""
        return self.long if self.is_long(acquired, sold) else self.short


def long_from(acquired: int, years: int) -> int:
    """The first epoch day on which a sale is long term: held for *more* than so many years.

    The holding period begins on the day after the purchase (IRC 1222, Rev. Rul. 66-7), so that a lot sold on the
    anniversary is still short term.

    Examples
    --------
    >>> from argosy.base.dates import format_date, parse_date
    >>> [format_date(long_from(parse_date(day), 1)) for day in ("2021-03-10", "2019-02-28", "2020-02-29")]
    ['2022-03-11', '2020-03-01', '2021-03-01']
    """
    if years == 0:
        return acquired
    first = to_date(acquired + 1)
    month = np.datetime64(f"{first.year + years:04d}-{first.month:02d}", "M")
    return int(month.astype("M8[D]").astype(np.int64)) + first.day - 1


def _row(
    code: str, name: str, short: float, long: float, long_after: int, lots: str, wash: tuple[int, bool],
    ordinary: tuple[float, float], year: int, source: str,
) -> Regime:  # fmt: skip
    return Regime(code, name, short, long, long_after, lots, wash[0], wash[1], ordinary[0], ordinary[1], year, source)


_LISTED = (
    _row("US", "United States, federal", 0.408, 0.238, 1, "choice", (30, True), (0.37, 3000.0), 2024,
         "IRC 1(h), 1(j), 1411 (3.8%), 1222, 1211(b), 1091; Treas. Reg. 1.1012-1(c)"),
    _row("UK", "United Kingdom", 0.24, 0.24, 0, "pool", (30, False), (0.0, 0.0), 2024,
         "TCGA 1992 s.104, s.105, s.106A; Finance Act 2025 s.7 (rates from 30 October 2024)"),
    _row("DE", "Germany", 0.26375, 0.26375, 0, "FIFO", (0, False), (0.0, 0.0), 2024,
         "EStG s.20(4), s.32d (25% and 5.5% solidarity surcharge)"),
    _row("FR", "France", 0.30, 0.30, 0, "pool", (0, False), (0.0, 0.0), 2024, "CGI art. 200 A (flat levy 30%)"),
    _row("NONE", "no tax on gains", 0.0, 0.0, 0, "choice", (0, False), (0.0, 0.0), 2024,
         "tax-exempt owners and deferred accounts"),
)  # fmt: skip

REGIMES: Mapping[str, Regime] = MappingProxyType({one.code: one for one in _LISTED})
"""Regimes by code."""


def regime(code: str) -> Regime:
    """A regime by code; :class:`~argosy.base.errors.UnknownName` with the nearest ones."""
    if code not in REGIMES:
        raise unknown("tax regime", code, REGIMES)
    return REGIMES[code]


def law_of(mandate: Mandate) -> Regime:
    """How a mandate's gains are taxed: its regime, with the rates and the line it gives itself in their place.

    Rates without a regime call a lot long after 365 days. Returns after tax, proposals and simulations all ask here.

    Examples
    --------
    >>> from argosy.record.mandate import parse_mandate
    >>> law = law_of(parse_mandate('[tax]\\nregime = "US"\\nlong_rate = 0.15'))
    >>> law.short, law.long, law.line
    (0.408, 0.15, 'held more than a year')
    """
    law, tax = regime(mandate.trading.selling.regime), mandate.tax
    days = PLAIN_DAYS if tax.long_after_days is None and law.code == "NONE" else tax.long_after_days
    return law.with_rates(short=tax.short_rate, long=tax.long_rate, long_days=days)
