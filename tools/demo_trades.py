"""Constructed trades of the demo book: two portfolios that follow plain rules on the market data of the demo."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from tools.demo_market import (
    BOND,
    BOND_MATURITY,
    FIRST,
    FUND,
    FUND_SPLIT,
    FUND_SPLIT_NEW,
    LAST,
    Closes,
    Distribution,
    Rates,
    Series,
    accrued_per_100,
    coupon_dates,
    fund_days,
    rate_on,
)

CENT = Decimal("0.01")
COLUMNS = (
    "date", "type", "portfolio", "account", "instrument", "quantity", "price", "gross", "fee", "tax", "accrued", "net",
    "currency", "counter_currency", "counter_amount", "settle_date", "reference", "ratio", "to_portfolio", "to_account",
    "note",
)  # fmt: skip
MAIN = "MAIN"


def cents(value: Decimal) -> Decimal:
    """Round to cents, half to even."""
    return value.quantize(CENT, ROUND_HALF_EVEN)


def commission(gross: Decimal) -> Decimal:
    """Two basis points, at least one unit of currency."""
    return max(Decimal("1.00"), cents(gross * 2 / 10_000))


@dataclass
class Market:
    """Everything that has a price, and the days on which it has one."""

    closes: Closes
    rates: Rates
    bond: Series
    fund: Series
    distributions: list[Distribution]
    sessions: list[date] = field(init=False)

    def __post_init__(self) -> None:
        self.history = sorted(self.closes)
        self.sessions = [day for day in self.history if FIRST <= day <= LAST]
        self._own = {BOND: (sorted(self.bond), self.bond), FUND: (sorted(self.fund), self.fund)}

    def price(self, name: str, day: date) -> Decimal:
        """Last price on or before the day, as quoted."""
        if name not in self._own:
            return self.closes[self.session(day)][name]
        days, series = self._own[name]
        return series[days[bisect_right(days, day) - 1]]

    def session(self, day: date) -> date:
        """Last session on or before the day."""
        return self.sessions[bisect_right(self.sessions, day) - 1]

    def next_session(self, day: date, count: int = 0) -> date:
        """Session that is ``count`` sessions after the first one on or after the day; weekdays beyond the last."""
        place = bisect_right(self.sessions, day - timedelta(days=1)) + count
        if place < len(self.sessions):
            return self.sessions[place]
        found, beyond = self.sessions[-1], place - len(self.sessions) + 1
        while beyond:
            found += timedelta(days=1)
            beyond -= found.weekday() < 5
        return found

    def settle(self, day: date) -> date:
        """Three sessions after the trade, two since September 5, 2017."""
        return self.next_session(day, 3 if day < date(2017, 9, 5) else 2)

    def convert(self, amount: Decimal, source: str, target: str, day: date) -> Decimal:
        """An amount in another currency at the ECB rates of the day, unrounded."""
        legs = [Decimal(1) if name == "EUR" else rate_on(self.rates, name, day) for name in (source, target)]
        return amount * legs[1] / legs[0]

    def best(self, day: date, count: int) -> list[str]:
        """The names that rose most over the 252 sessions before the day."""
        place = bisect_right(self.history, day) - 1
        now, then = self.closes[self.history[place]], self.closes[self.history[place - 252]]
        ranked = sorted(now, key=lambda name: (-(now[name] / then[name]), name))
        return sorted(ranked[:count])


@dataclass
class Blotter:
    """The rows of one portfolio, with holdings and cash kept beside them so that no rule overdraws."""

    market: Market
    code: str
    base: str
    rows: list[dict[str, str]] = field(default_factory=list)
    held: defaultdict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    traded: defaultdict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    movements: list[tuple[date, str, str, Decimal]] = field(default_factory=list)

    def row(self, day: date, kind: str, *, account: str = MAIN, settle: date | None = None, **cells: object) -> None:
        """Write one row; ``net`` and ``counter_amount`` move cash on the settlement date."""
        when = settle or day
        written = {name: str(value) for name, value in cells.items() if value not in ("", None)}
        self.rows.append({
            "date": day.isoformat(), "type": kind, "portfolio": self.code, "account": account,
            "settle_date": when.isoformat(), "reference": f"{self.code}-{len(self.rows) + 1:05d}", **written,
        })  # fmt: skip
        for amount, currency in (("net", "currency"), ("counter_amount", "counter_currency")):
            if amount in written:
                self.cash(day, when, account, written[currency], Decimal(written[amount]))

    def cash(self, day: date, settle: date, account: str, currency: str, amount: Decimal) -> None:
        """Move cash now by trade date and later by settlement date."""
        self.traded[account, currency] += amount
        self.movements.append((settle, account, currency, amount))
        assert self.traded[account, currency] >= 0, (self.code, day, account, currency, amount)

    def settled(self, account: str, currency: str, day: date) -> Decimal:
        """Cash that has arrived by the day."""
        return sum((m[3] for m in self.movements if m[0] <= day and m[1:3] == (account, currency)), Decimal(0))

    def trade(self, day: date, name: str, quantity: Decimal, *, account: str = MAIN, note: str = "") -> None:
        """Buy (+) or sell (-) at the day's price; the bond with accrued interest to settlement, the fund in pence."""
        price, size, settle = self.market.price(name, day), abs(quantity), self.market.settle(day)
        percent = name in (BOND, FUND)
        gross = cents(size * price / 100) if percent else cents(size * price)
        accrued = cents(size * accrued_per_100(settle) / 100) if name == BOND and settle < BOND_MATURITY else Decimal(0)
        fee = commission(gross) if not percent else Decimal(0)
        buys = quantity > 0
        net = -(gross + fee + accrued) if buys else gross - fee + accrued
        self.held[account, name] += quantity
        assert self.held[account, name] >= 0
        self.row(
            day, "buy" if buys else "sell", account=account, settle=settle, instrument=name, quantity=size, price=price,
            gross=gross, fee=fee if fee else "", accrued=accrued if accrued else "", net=net,
            currency="GBP" if name == FUND else "USD", note=note,
        )  # fmt: skip

    def exchange(self, day: date, sold: str, bought: str, *, at_least: Decimal, account: str = MAIN) -> None:
        """Buy at least an amount of one currency with another at the ECB rate of the day."""
        pay = self.market.convert(at_least, bought, sold, day).quantize(CENT, ROUND_CEILING)
        got = max(at_least, cents(self.market.convert(pay, sold, bought, day)))
        self.row(day, "fx", account=account, settle=self.market.settle(day), net=-pay, currency=sold,
                 counter_currency=bought, counter_amount=got, note="at the ECB reference rates")  # fmt: skip

    def sweep(self, day: date, sold: str, *, account: str = MAIN) -> None:
        """Turn all cash of a foreign currency into the base currency."""
        pay = min(self.traded[account, sold], self.settled(account, sold, self.market.settle(day)))
        if pay > 100:
            got = cents(self.market.convert(pay, sold, self.base, day))
            self.row(day, "fx", account=account, settle=self.market.settle(day), net=-pay, currency=sold,
                     counter_currency=self.base, counter_amount=got, note="at the ECB reference rates")  # fmt: skip

    def quantity(self, name: str) -> Decimal:
        """What all accounts hold."""
        return sum((size for (_, held), size in self.held.items() if held == name), Decimal(0))

    def worth(self, name: str, day: date) -> Decimal:
        """Value of a holding in the base currency."""
        price = self.market.price(name, day) if self.quantity(name) else Decimal(0)
        local = self.quantity(name) * price / (100 if name in (BOND, FUND) else 1)
        return self.market.convert(local, "GBP" if name == FUND else "USD", self.base, day)

    def nav(self, day: date) -> Decimal:
        """Value of everything in the base currency, accrued interest included: what fees and targets refer to."""
        cash = sum((self.market.convert(v, c, self.base, day) for (_, c), v in self.traded.items()), Decimal(0))
        accrued = self.quantity(BOND) * accrued_per_100(day) / 100 if day < BOND_MATURITY else Decimal(0)
        names = {name for _, name in self.held}
        return (
            cash
            + self.market.convert(accrued, "USD", self.base, day)
            + sum((self.worth(n, day) for n in sorted(names)), Decimal(0))
        )

    def check(self) -> None:
        """Cash is never below zero on a settled basis, on any day."""
        running: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for day in sorted({movement[0] for movement in self.movements}):
            for movement in self.movements:
                if movement[0] == day:
                    running[movement[1], movement[2]] += movement[3]
            short = {key: value for key, value in running.items() if value < 0}
            assert not short, (self.code, day, short)


def income(book: Blotter, day: date) -> None:
    """Coupons, fund distributions and the fund's split that fall due on a day, before that day's trades."""
    market = book.market
    for due in coupon_dates():
        if due == day and book.held[MAIN, BOND]:
            net = cents(book.held[MAIN, BOND] * Decimal("0.02125"))
            book.row(
                day, "coupon", settle=market.next_session(day), instrument=BOND, gross=net, net=net, currency="USD"
            )
    if day == FUND_SPLIT and book.held[MAIN, FUND]:
        book.held[MAIN, FUND] *= FUND_SPLIT_NEW
        book.row(day, "split", instrument=FUND, ratio=f"{FUND_SPLIT_NEW}:1", note="five units for one")
    for paid in market.distributions:
        if paid.ex_date == day and book.held[MAIN, FUND]:
            gross = cents(book.held[MAIN, FUND] * paid.pence / 100)
            tax = Decimal(0) if paid.capital else cents(gross * 15 / 100)
            book.row(
                day, "return_of_capital" if paid.capital else "dividend", settle=market.next_session(day, 8),
                instrument=FUND, quantity=book.held[MAIN, FUND], price=paid.pence, gross=gross, tax=tax if tax else "",
                net=gross - tax, currency="GBP", note="" if paid.capital else "15% withheld",
            )  # fmt: skip


def rebalance(
    book: Blotter, day: date, names: list[str], total: Decimal, *, band: Decimal
) -> list[tuple[str, Decimal]]:
    """Whole shares that bring equal parts of ``total`` into each name, small differences left alone; sales first."""
    target = total / len(names)
    held = sorted({name for (_, name), size in book.held.items() if size and name not in (BOND, FUND)})
    orders = []
    for name in sorted({*held, *names}):
        price = book.market.convert(book.market.price(name, day), "USD", book.base, day)
        wanted = (target / price).quantize(Decimal(1), ROUND_DOWN) if name in names else Decimal(0)
        change = wanted - book.quantity(name)
        if name in names and abs(change) * price < band * target:
            continue
        change = max(change, -book.held[MAIN, name])
        if change:
            orders.append((name, change))
    return sorted(orders, key=lambda order: order[1] > 0)


def every_day(market: Market) -> list[tuple[date, bool, bool]]:
    """Calendar days with (is a session, is the first session of a month)."""
    months = {(day.year, day.month): day for day in reversed(market.sessions)}
    firsts, sessions = set(months.values()), set(market.sessions)
    days = (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))
    return [(day, day in sessions, day in firsts) for day in days]


def interest(book: Blotter, day: date, currency: str, percent: dict[int, str]) -> None:
    """A month's interest on the cash that lies there on the first session of the next month."""
    rate = Decimal(percent.get(day.year, "0"))
    for account in sorted({account for account, held in book.traded if held == currency}):
        earned = cents(book.settled(account, currency, day) * rate / 1200)
        if earned > 0:
            book.row(day, "interest", account=account, net=earned, currency=currency)


def fund_order_day(market: Market, year: int) -> date:
    """The day in January on which a year's fund order is placed: the second of the fund's days."""
    return [day for day in fund_days(market.sessions) if day.year == year and day.month == 1][1]
