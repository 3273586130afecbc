"""Daily NAV of many portfolios: from folded state and stored prices to exact values, beside bare float matrices.

    python -m bench nav_history

The bound is what a careful numpy user would write and no more: changes of holdings expanded to days, times prices,
times rates, summed in float64. It rounds nothing, names no gap, values no cash and knows no bonds.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from argosy.base.money import currency_code
from argosy.measures.valuation.history import history
from argosy.measures.valuation.subjects import portfolio_subjects
from argosy.record.facts import Fact, FactKind
from argosy.record.ledger.events import COLUMNS, EventColumns, Kind
from argosy.record.ledger.fold import fold
from argosy.record.ledger.state import State
from argosy.record.market.rates import RateBook
from argosy.record.market.series import SeriesTable
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference
from bench.harness import Promise, once, take_turns

PROMISE = "NAV history of 1,000 portfolios x 40 positions x 2,520 days in at most 3 s, within 4x of bare float matrices"
CURRENCIES = ("USD", "EUR", "JPY")
INSTRUMENTS, HELD, CHANGES, FIRST = 500, 40, 6, 15_000
SIZES = {"small": (20, 250), "full": (1_000, 2_520)}


@dataclass
class World:
    """A book and market of one size, and the plain arrays the bound works on."""

    state: State
    reference: Reference
    market: MarketSnapshot
    days: np.ndarray
    prices: np.ndarray  # (days, instruments)
    rates: np.ndarray  # (days, instruments) into USD
    changes: list[tuple[np.ndarray, np.ndarray, np.ndarray]]  # per portfolio: instruments, day and size of each change


def world(portfolios: int, days: int, seed: int = 7, *, deposit: int = 0) -> World:
    """Every portfolio in dollars holds 40 of 500 instruments of three currencies and changes each six times.

    ``deposit`` dollars come into each on the first day, before it buys.
    """
    rng = np.random.default_rng(seed)
    facts = [Fact(p, 1, FactKind.PORTFOLIO, p, 0, {"code": f"P{p}", "name": "", "base_currency": "USD"})
             for p in range(1, portfolios + 1)]  # fmt: skip
    facts += [Fact(10_000 + i, 1, FactKind.INSTRUMENT, i, 0, {
        "code": f"I{i}", "name": "", "type": "equity", "currency": CURRENCIES[i % 3], "quantity_scale": 8,
    }) for i in range(1, INSTRUMENTS + 1)]  # fmt: skip
    on = np.arange(FIRST, FIRST + days)
    steps = rng.integers(-300, 303, (INSTRUMENTS, days))
    mantissa = np.maximum(rng.integers(5_000, 60_000, (INSTRUMENTS, 1)) + np.cumsum(steps, axis=1), 100)
    prices = SeriesTable.build({
        "owner": np.repeat(np.arange(1, INSTRUMENTS + 1), days), "basis": np.zeros(INSTRUMENTS * days, np.int64),
        "source": np.zeros(INSTRUMENTS * days, np.int64), "date": np.tile(on, INSTRUMENTS),
        "mantissa": mantissa.ravel(), "exponent": np.full(INSTRUMENTS * days, -2),
        "load": np.ones(INSTRUMENTS * days, np.int64), "line": np.arange(INSTRUMENTS * days),
    })  # fmt: skip
    quoted = np.stack(
        [11_000 + np.cumsum(rng.integers(-20, 21, days)), 1_300_000 + np.cumsum(rng.integers(-900, 901, days))]
    )
    fx = SeriesTable.build({
        "owner": np.repeat([0, 1], days), "basis": np.zeros(2 * days, np.int64), "source": np.zeros(2 * days, np.int64),
        "date": np.tile(on, 2), "mantissa": quoted.ravel(), "exponent": np.full(2 * days, -4),
        "load": np.ones(2 * days, np.int64), "line": np.arange(2 * days),
    })  # fmt: skip
    pairs = np.array([[currency_code("EUR"), currency_code("USD")], [currency_code("EUR"), currency_code("JPY")]])
    market = MarketSnapshot(1, prices, RateBook(fx, pairs, (0,), ("file",)), SeriesTable.empty(), ("file",), (0,))
    usd_per = np.stack([np.ones(days), quoted[0] / 1e4, quoted[0] / quoted[1]])
    count = portfolios * HELD * CHANGES
    universe = np.stack([rng.permutation(INSTRUMENTS)[:HELD] + 1 for _ in range(portfolios)])
    when = np.sort(rng.integers(0, days, (portfolios * HELD, CHANGES)), axis=1)
    when[:, 0] = 0
    size = rng.integers(1, 900, (portfolios * HELD, CHANGES)) * 10**6
    columns = {name: np.zeros(count, np.int64) for name in COLUMNS}
    columns |= {
        "seq": np.arange(1, count + 1),
        "anchor": np.arange(1, count + 1),
        "kind": np.full(count, int(Kind.BUY)),
    }
    columns["portfolio"] = np.repeat(np.arange(1, portfolios + 1), HELD * CHANGES)
    columns["account"] = columns["portfolio"].copy()
    columns["instrument"] = np.repeat(universe.ravel(), CHANGES)
    columns["trade_date"] = FIRST + when.ravel()
    columns["settle_date"] = columns["trade_date"] + 2
    columns["quantity"] = size.ravel()
    codes = np.array([currency_code(name) for name in CURRENCIES])
    columns["currency"] = codes[columns["instrument"] % 3]
    columns["net"] = -(columns["quantity"] // 10**4)
    if deposit:
        first = {name: np.zeros(portfolios, np.int64) for name in COLUMNS}
        first["portfolio"] = first["account"] = np.arange(1, portfolios + 1)
        first["kind"], first["currency"] = np.full(portfolios, int(Kind.DEPOSIT)), np.full(portfolios, codes[0])
        first["trade_date"] = first["settle_date"] = np.full(portfolios, FIRST)
        first["net"] = np.full(portfolios, deposit * 10**4)
        columns = {name: np.concatenate([first[name], columns[name]]) for name in COLUMNS}
        columns["seq"] = columns["anchor"] = np.arange(1, len(columns["kind"]) + 1)
    state = fold(EventColumns(columns), as_of=int(on[-1]))
    changes = []
    for p in range(portfolios):
        mine = slice(p * HELD, (p + 1) * HELD)
        changes.append((universe[p] - 1, when[mine], size[mine] / 1e8))
    return World(state, Reference.from_facts(facts), market, on, np.ascontiguousarray(mantissa.T / 100.0),
                 np.ascontiguousarray(usd_per[np.arange(1, INSTRUMENTS + 1) % 3].T), changes)  # fmt: skip


def ours(one: World) -> np.ndarray:
    subjects = portfolio_subjects(one.reference, one.reference.portfolios)
    return history(one.state, one.reference, one.market, subjects=subjects, days=one.days, engine="kernel")["positions"]


def bare(one: World) -> np.ndarray:
    worth = np.ascontiguousarray((one.prices * one.rates).T)
    totals, line = [], np.arange(HELD)[:, None]
    for instruments, when, size in one.changes:
        held = np.zeros((HELD, len(one.days)))
        np.add.at(held, (line, when), size)
        totals.append(np.einsum("ht,ht->t", np.cumsum(held, axis=1), worth[instruments]))
    return np.stack(totals)


def run(size: str) -> list[Promise]:
    portfolios, days = SIZES[size]
    made = world(portfolios, days)
    # Lazy tables of the state belong to the fold, not to the history.
    _ = made.state.trail, made.state.entries, made.state.flows, made.state.income, made.state.costs
    cold = once(lambda: ours(made))
    exact, float_ = ours(made), bare(made)
    worst = float(np.abs(exact / 1e4 - float_).max())
    seconds = take_turns({"argosy, exact": lambda: ours(made), "bare float matrices": lambda: bare(made)}, rounds=3)
    ratio = seconds["argosy, exact"] / seconds["bare float matrices"]
    limits: list[tuple[str, float, float]] = [("largest difference from floats, USD", worst, 0.02)]
    if size == "full":
        limits += [("seconds", seconds["argosy, exact"], 3.0), ("ratio to the bound", ratio, 4.0)]
    note = f"{portfolios} portfolios x {HELD} positions x {days} days, {len(made.state.trail)} events, 3 currencies"
    return [Promise("NAV history", seconds, tuple(limits), {"argosy, first call": cold}, (note,))]


if __name__ == "__main__":
    started = time.perf_counter()
    for promise in run("full"):
        print(promise.text())
    print(f"{time.perf_counter() - started:.0f} s in all")
