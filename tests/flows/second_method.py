"""Net asset values of the demo book a second time, in plain fractions from the CSV files; nothing of Argosy is used."""

from __future__ import annotations

import csv
import gzip
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "src" / "argosy" / "demo"
BASES = {"ATLAS": "USD", "BOREAL": "EUR"}
Key = tuple[str, str]


def rows(name: str, folder: Path = DEMO) -> list[dict[str, str]]:
    """A file of the demo as dictionaries of text."""
    raw = (folder / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8")
    return list(csv.DictReader(text.splitlines()))


@dataclass
class Series:
    """Dated values with the last one on or before a day."""

    days: list[date] = field(default_factory=list)
    values: list[Fraction] = field(default_factory=list)

    def on(self, day: date) -> Fraction:
        place = bisect_right(self.days, day)
        assert place, f"nothing on or before {day}"
        return self.values[place - 1]


def series(names: list[str], key: str) -> dict[str, Series]:
    """Series by instrument or currency, in date order."""
    found: defaultdict[str, Series] = defaultdict(Series)
    listed = sorted((row for name in names for row in rows(name)), key=lambda row: row["date"])
    for row in listed:
        one = found[row[key]]
        one.days.append(date.fromisoformat(row["date"]))
        one.values.append(Fraction(row.get("price") or row["rate"]))
    return found


def days360(start: date, end: date) -> int:
    """30/360 from a coupon date, always a 15th: the 31st is then the 31st (2006 ISDA Definitions, 4.16(f))."""
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + end.day - start.day


def accrued(day: date) -> Fraction:
    """Interest of one unit of par of the demo's bond since its last coupon, to 12 decimals."""
    if not date(2010, 6, 15) <= day < date(2020, 6, 15):
        return Fraction(0)
    dates = [date(year, month, 15) for year in range(2010, 2021) for month in (6, 12)]
    last = max(one for one in dates if one <= day)
    return Fraction(round(Fraction("0.0425") * days360(last, day) / 360 * 10**12), 10**12)


def cent(value: Fraction) -> Decimal:
    """Half to even, at cents."""
    return Decimal(round(value * 100)).scaleb(-2)


class Demo:
    """The demo book replayed: holdings and cash per portfolio and account after each day."""

    def __init__(self) -> None:
        self.prices = series(["prices-us20.csv.gz", "prices-constructed.csv.gz"], "instrument")
        self.rates = series(["fx-ecb.csv.gz"], "quote")
        self.currency = {row["code"]: row["currency"] for row in rows("instruments.csv")}
        self.held: defaultdict[Key, defaultdict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        self.cash: defaultdict[Key, defaultdict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        events = [row for code in ("atlas", "boreal") for row in rows(f"transactions-{code}.csv")]
        self.events = sorted(events, key=lambda row: row["date"])  # stable: file order within a day

    def rate(self, source: str, target: str, day: date) -> Fraction:
        """Units of the target for one unit of the source, by way of the euro."""
        per_euro = [Fraction(1) if name == "EUR" else self.rates[name].on(day) for name in (source, target)]
        return per_euro[1] / per_euro[0]

    def book(self, row: dict[str, str]) -> None:
        """Apply one row to holdings and cash."""
        place = row["portfolio"], row["account"]
        if row["type"] == "transfer":
            target = row["to_portfolio"] or row["portfolio"], row["to_account"] or row["account"]
            kind, size, what = (
                (self.held, Fraction(row["quantity"]), row["instrument"])
                if row["instrument"]
                else (self.cash, abs(Fraction(row["net"])), row["currency"])
            )
            kind[place][what] -= size
            kind[target][what] += size
            return
        if row["net"]:
            self.cash[place][row["currency"]] += Fraction(row["net"])
        if row["counter_amount"]:
            self.cash[place][row["counter_currency"]] += Fraction(row["counter_amount"])
        if row["type"] in ("buy", "sell"):
            self.held[place][row["instrument"]] += Fraction(row["quantity"]) * (1 if row["type"] == "buy" else -1)
        if row["type"] == "split":
            new, old = row["ratio"].split(":")
            self.held[place][row["instrument"]] *= Fraction(int(new), int(old))

    def worth(self, portfolio: str, day: date, currency: str) -> Fraction:
        """Everything a portfolio has, in a currency, unrounded."""
        total = Fraction(0)
        for place, held in self.held.items():
            for name, size in held.items() if place[0] == portfolio else ():
                if size:
                    percent = name in ("HARBOR425", "MERIDIAN")  # percent of par, pence
                    each = self.prices[name].on(day) / (100 if percent else 1)
                    each += accrued(day) if name == "HARBOR425" else 0
                    total += size * each * self.rate(self.currency[name], currency, day)
        for place, cash in self.cash.items():
            for name, amount in cash.items() if place[0] == portfolio else ():
                total += amount * self.rate(name, currency, day)
        return total

    def walk(self, first: date = date(2010, 1, 4), last: date = date(2022, 12, 28)) -> Iterator[date]:
        """Each weekday, after its events have been applied."""
        position, day = 0, first
        while day <= last:
            while position < len(self.events) and self.events[position]["date"] <= day.isoformat():
                self.book(self.events[position])
                position += 1
            if day.weekday() < 5:
                yield day
            day += timedelta(days=1)


def navs() -> dict[tuple[str, date], Decimal]:
    """Every portfolio's NAV in its base currency on every weekday of the demo."""
    demo = Demo()
    return {(code, day): cent(demo.worth(code, day, base)) for day in demo.walk() for code, base in BASES.items()}


def linked_returns() -> dict[str, float]:
    """Time-weighted return of each portfolio since its first evening, flows at the end of the day they are dated."""
    demo = Demo()
    linked = dict.fromkeys(BASES, 1.0)
    before: dict[str, Fraction] = {}
    pending = list(demo.events)
    for day in demo.walk():
        flow = dict.fromkeys(BASES, Fraction(0))
        while pending and pending[0]["date"] <= day.isoformat():
            row = pending.pop(0)
            if row["type"] in ("deposit", "withdrawal"):
                flow[row["portfolio"]] += Fraction(row["net"])
            elif row["to_portfolio"] not in ("", row["portfolio"]):
                local = Fraction(row["quantity"]) * demo.prices[row["instrument"]].on(day)
                for code, sign in ((row["portfolio"], -1), (row["to_portfolio"], 1)):
                    flow[code] += sign * local * demo.rate(demo.currency[row["instrument"]], BASES[code], day)
        for code, base in BASES.items():
            worth = demo.worth(code, day, base)
            if code in before:
                linked[code] *= float((worth - flow[code]) / before[code])
            before[code] = worth
    return {code: value - 1 for code, value in linked.items()}


def equal_weight_return(currency: str) -> float:
    """Return of the 20 names since the first evening, equal weights restored at each month's last close."""
    demo = Demo()
    names = sorted(name for name, held in demo.currency.items() if name not in ("HARBOR425", "MERIDIAN"))
    days = demo.prices[names[0]].days
    units = {name: 1 / (len(names) * float(demo.prices[name].on(days[0]))) for name in names}
    level = 1.0
    for day, after in zip(days, [*days[1:], date.max], strict=True):
        level = sum(units[name] * float(demo.prices[name].on(day)) for name in names)
        if after.month != day.month:
            units = {name: level / (len(names) * float(demo.prices[name].on(day))) for name in names}
    first, last = (float(demo.rate("USD", currency, day)) for day in (days[0], days[-1]))
    return level * last / first - 1
