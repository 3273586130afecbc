"""The two portfolios of the demo book: what each one does on which day."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_DOWN, Decimal

from tools.demo_market import BOND, BOND_MATURITY, FUND
from tools.demo_trades import MAIN, Blotter, Market, cents, every_day, fund_order_day, income, interest, rebalance

RESERVE = "RESERVE"
USD_INTEREST = {2010: "0.10", 2011: "0.10", 2012: "0.10", 2013: "0.10", 2014: "0.10", 2015: "0.10", 2016: "0.30",
                2017: "0.80", 2018: "1.60", 2019: "2.00", 2020: "0.25", 2021: "0.05", 2022: "1.50"}  # fmt: skip
EUR_INTEREST = {2010: "0.40", 2011: "0.60", 2012: "0.25", 2013: "0.10", 2014: "0.05", 2022: "0.20"}
BOND_ORDERS = {date(2010, 9, 15): 1_200_000, date(2012, 3, 21): 300_000, date(2016, 5, 18): -400_000}
TO_RESERVE, FROM_RESERVE, TO_BOREAL = date(2015, 6, 17), date(2019, 8, 14), date(2018, 6, 20)
QUALITY = ["JNJ", "KO", "LLY", "MRK", "MSFT", "PEP", "PG", "WMT"]

Gift = tuple[date, str, Decimal]


def atlas(market: Market) -> tuple[Blotter, list[Gift]]:
    """USD: the twelve names with the best year behind them, a bond, a fund; yearly deposits and withdrawals."""
    book = Blotter(market, "ATLAS", "USD")
    gifts: list[Gift] = []
    rested: dict[str, Decimal] = {}
    orders = {fund_order_day(market, year) for year in range(2010, 2023)}
    deposits = {market.next_session(date(year, 3, 15)) for year in range(2011, 2023)}
    withdrawals = {market.next_session(date(year, 12, 15)) for year in range(2010, 2023)}
    for day, session, first in every_day(market):
        income(book, day)
        if day == BOND_MATURITY:
            settle, left = market.next_session(day), book.held.pop((MAIN, BOND))
            book.row(day, "sell", settle=settle, instrument=BOND, quantity=left, price=100, gross=left, net=left,
                     currency="USD", note="redeemed at par")  # fmt: skip
        if not session:
            continue
        if day == market.sessions[0]:
            book.row(day, "deposit", net=Decimal("10000000.00"), currency="USD", note="initial funding")
        if first and day != market.sessions[0]:
            interest(book, day, "USD", USD_INTEREST)
        if day in deposits:
            book.row(day, "deposit", net=Decimal("250000.00"), currency="USD")
        if day in withdrawals:
            book.sweep(day, "GBP")
            book.row(day, "withdrawal", net=Decimal("-200000.00"), currency="USD")
        if day in BOND_ORDERS:
            book.trade(day, BOND, Decimal(BOND_ORDERS[day]))
        if day in orders:
            fund_order(book, day, Decimal("0.05"))
        if first and day.month in (1, 4, 7, 10):
            quarter(book, day, rested)
        if day == TO_RESERVE:
            for name in sorted(largest(book, day)[:3]):
                size = (book.held[MAIN, name] / 2).quantize(Decimal(1), ROUND_DOWN)
                move(book, day, name, size, to_account=RESERVE)
                book.held[RESERVE, name] += size
                rested[name] = size
        if day == FROM_RESERVE:
            name = max(sorted(rested), key=lambda one: book.held[RESERVE, one] * market.price(one, day))
            book.trade(day, name, -(book.held[RESERVE, name] / 2).quantize(Decimal(1), ROUND_DOWN), account=RESERVE)
            paid, when = book.traded[RESERVE, "USD"], market.settle(day)
            book.row(
                when, "transfer", account=RESERVE, to_account=MAIN, net=-paid, currency="USD", note="sale proceeds"
            )
            book.cash(when, when, MAIN, "USD", paid)
        if day == TO_BOREAL:
            name = next(one for one in largest(book, day) if one in QUALITY)
            size = (book.held[MAIN, name] / 4).quantize(Decimal(1), ROUND_DOWN)
            move(book, day, name, size, to_portfolio="BOREAL", to_account=MAIN)
            gifts.append((day, name, size))
    book.check()
    return book, gifts


def largest(book: Blotter, day: date) -> list[str]:
    """Shares held in the main account, largest value first."""
    worth = {name: size * book.market.price(name, day) for (account, name), size in book.held.items()
             if account == MAIN and size and name not in (BOND, FUND)}  # fmt: skip
    return sorted(worth, key=lambda name: (-worth[name], name))


def move(book: Blotter, day: date, name: str, size: Decimal, *, to_account: str, to_portfolio: str = "") -> None:
    """Transfer in kind: the lots move with their dates and costs."""
    book.held[MAIN, name] -= size
    book.row(day, "transfer", instrument=name, quantity=size, to_portfolio=to_portfolio,
             to_account=to_account, note="in kind")  # fmt: skip


def quarter(book: Blotter, day: date, rested: dict[str, Decimal]) -> None:
    """Fee, then the twelve best names in equal parts with what is not in bond, fund and the cash reserve."""
    worth = book.nav(day)
    if day != book.market.sessions[0]:
        book.row(day, "fee", net=-cents(worth * 15 / 10_000), currency="USD", note="advisory fee, 0.15% a quarter")
        worth = book.nav(day)
    names = book.market.best(day, 12)
    reserve = worth * (Decimal("0.22") if day < min(BOND_ORDERS) else Decimal("0.04"))
    aside = sum((book.held[RESERVE, n] * book.market.price(n, day) for n in rested if n not in names), Decimal(0))
    total = worth - reserve - book.worth(FUND, day) - book.worth(BOND, day) - aside
    spendable = worth / 100
    for name, change in rebalance(book, day, names, total, band=Decimal("0.10")):
        price = book.market.price(name, day)
        room = ((book.traded[MAIN, "USD"] - spendable) / (price * Decimal("1.001"))).quantize(Decimal(1), ROUND_DOWN)
        size = min(change, max(room, Decimal(0))) if change > 0 else change
        if size:
            book.trade(day, name, size)


def fund_order(book: Blotter, day: date, share: Decimal) -> None:
    """Bring the fund back to its share once a year, in whole units, if it is off by more than a sixth of it."""
    target = book.nav(day) * share
    price = book.market.convert(book.market.price(FUND, day) / 100, "GBP", book.base, day)
    units = ((target - book.worth(FUND, day)) / price).quantize(Decimal(1), ROUND_DOWN)
    if abs(units) * price < target / 6:
        return
    if units > 0:
        cost = cents(units * book.market.price(FUND, day) / 100)
        need = cost - book.traded[MAIN, "GBP"]
        if need > 0:
            book.exchange(day, book.base, "GBP", at_least=need)
        book.trade(day, FUND, units)
    else:
        book.trade(day, FUND, units)
        book.sweep(day, "GBP")


def boreal(market: Market, gifts: list[Gift]) -> Blotter:
    """EUR: eight steady names and the fund, dollars and pounds bought at the ECB rate; quarterly spending."""
    book = Blotter(market, "BOREAL", "EUR")
    orders = {fund_order_day(market, year) for year in range(2010, 2023)}
    spending = {market.next_session(date(y, m, 20)) for y in range(2011, 2023) for m in (2, 5, 8, 11)}
    given = {market.next_session(date(2013, 2, 15)): "1000000.00", market.next_session(date(2020, 3, 23)): "500000.00"}
    for day, session, first in every_day(market):
        income(book, day)
        for _, name, size in (gift for gift in gifts if gift[0] == day):
            book.held[MAIN, name] += size
        if not session:
            continue
        if day == market.sessions[0]:
            book.row(day, "deposit", net=Decimal("4000000.00"), currency="EUR", note="initial funding")
        if first and day != market.sessions[0]:
            interest(book, day, "EUR", EUR_INTEREST)
        if day in given:
            book.row(day, "deposit", net=Decimal(given[day]), currency="EUR")
        if first and day.month == 12:
            book.sweep(day, "GBP")
        if day in spending:
            book.row(day, "withdrawal", net=Decimal("-25000.00"), currency="EUR", note="quarterly spending")
        if day in orders:
            fund_order(book, day, Decimal("0.18"))
        if day == market.sessions[0] or (first and day.month in (2, 5, 8, 11)):
            season(book, day)
    book.check()
    return book


def season(book: Blotter, day: date) -> None:
    """Fee and fund tax, then the eight names in equal parts; euros buy the dollars that are missing."""
    worth = book.nav(day)
    if day != book.market.sessions[0]:
        book.row(day, "fee", net=-cents(worth * 10 / 10_000), currency="EUR", note="advisory fee, 0.10% a quarter")
        book.row(day, "tax", net=-cents(worth * 125 / 1_000_000), currency="EUR", note="fund tax, 0.0125% a quarter")
        worth = book.nav(day)
    fund = max(book.worth(FUND, day), worth * Decimal("0.18"))
    total = worth * Decimal("0.94") - fund
    orders = rebalance(book, day, QUALITY, total, band=Decimal("0.06"))
    ready = book.market.convert(book.traded[MAIN, "EUR"] - worth / 50, "EUR", "USD", day) + book.traded[MAIN, "USD"]
    kept, spent = [], Decimal(0)
    for name, change in orders:
        flow = change * book.market.price(name, day) * (Decimal("1.001") if change > 0 else Decimal("0.999"))
        if change < 0 or spent + flow <= ready:
            kept.append((name, change))
            spent += flow
    missing = cents(spent) + 100 - book.traded[MAIN, "USD"]
    if missing > 100:
        book.exchange(day, "EUR", "USD", at_least=missing)
    for name, change in kept:
        book.trade(day, name, change)
    if book.traded[MAIN, "USD"] > 5_000:
        book.sweep(day, "USD")
