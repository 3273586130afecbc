"""Five million positions under a new batch of prices: NAV of every portfolio, exact, beside a float sum.

    python -m bench revaluation

Holdings, cash and rates are laid out once; then a batch with a price for every instrument arrives, and every NAV is
read.
The bound is one gather, one product and one segmented sum in float64.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from argosy.base.money import currency_code
from argosy.measures.valuation.live import price_board
from argosy.measures.valuation.subjects import portfolio_subjects
from argosy.record.facts import Fact, FactKind
from argosy.record.ledger.rows import Entries, Trail
from argosy.record.market.rates import RateBook
from argosy.record.market.series import SeriesTable
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference
from bench.harness import Promise, once, take_turns

PROMISE = "A new price batch for 5 million positions: NAV of every portfolio in its base currency within 150 ms"
CURRENCIES = ("USD", "EUR", "JPY", "GBP")
SIZES = {"small": (200, 50, 500), "full": (50_000, 100, 20_000)}
DAY = 19_000


def holdings(
    portfolios: int, held: int, instruments: int
) -> tuple[Any, Reference, MarketSnapshot, dict[str, np.ndarray]]:
    """What a fold would give for portfolios that bought once and never traded again."""
    rng = np.random.default_rng(11)
    count = portfolios * held
    portfolio = np.repeat(np.arange(1, portfolios + 1), held)
    instrument = rng.integers(1, instruments + 1, count)
    quantity = rng.integers(1, 10**6, count) * 1_234_567
    nothing, day = np.zeros(count, np.int64), np.full(count, DAY - 10)
    trail = Trail(nothing, np.arange(1, count + 1), portfolio, portfolio, nothing, instrument, nothing, day, quantity,
                  quantity, nothing, nothing, nothing)  # fmt: skip
    owners = np.arange(1, portfolios + 1)
    few = np.zeros(portfolios, np.int64)
    codes = np.array([currency_code(name) for name in CURRENCIES])
    cash = Entries(few, owners, owners, few, codes[owners % 4], rng.integers(0, 10**12, portfolios), few + DAY - 9,
                   few + DAY - 9, few, few)  # fmt: skip
    facts = [Fact(p, 1, FactKind.PORTFOLIO, p, 0, {"code": f"P{p}", "name": "", "base_currency": CURRENCIES[p % 4]})
             for p in range(1, portfolios + 1)]  # fmt: skip
    facts += [Fact(10**6 + i, 1, FactKind.INSTRUMENT, i, 0, {
        "code": f"I{i}", "name": "", "type": "equity", "currency": CURRENCIES[i % 4], "quantity_scale": 8,
    }) for i in range(1, instruments + 1)]  # fmt: skip
    zeros, ones = np.zeros(instruments, np.int64), np.ones(instruments, np.int64)
    prices = SeriesTable.build({
        "owner": np.arange(1, instruments + 1), "basis": zeros, "source": zeros, "date": ones * DAY,
        "mantissa": rng.integers(10**4, 10**8, instruments), "exponent": ones * -4, "load": ones, "line": zeros,
    })  # fmt: skip
    three = np.zeros(3, np.int64)
    fx = SeriesTable.build({
        "owner": np.arange(3), "basis": three, "source": three, "date": three + DAY,
        "mantissa": np.array([10_923, 1_563_401, 8_561]), "exponent": three - 4, "load": three + 1, "line": three,
    })  # fmt: skip
    pairs = np.array([[currency_code("EUR"), currency_code(name)] for name in ("USD", "JPY", "GBP")])
    market = MarketSnapshot(1, prices, RateBook(fx, pairs, (0,), ("file",)), SeriesTable.empty(), ("file",), (0,))
    plain = {"first": np.arange(0, count, held), "instrument": instrument, "quantity": quantity / 1e8,
             "base": owners % 4, "cash": cash.amount / 10.0 ** np.where(owners % 4 == 2, 2, 4)}  # fmt: skip
    return SimpleNamespace(trail=trail, entries=cash), Reference.from_facts(facts), market, plain


def run(size: str) -> list[Promise]:
    portfolios, held, instruments = SIZES[size]
    state, reference, market, plain = holdings(portfolios, held, instruments)
    subjects = portfolio_subjects(reference, reference.portfolios)
    ids = np.arange(1, instruments + 1)
    batch = np.random.default_rng(12).integers(10**4, 10**8, instruments)
    exponent = np.full(instruments, -4)
    made = []
    preparing = once(lambda: made.append(price_board(state, reference, market, subjects=subjects, day=DAY)))
    board = made[0]
    per_eur = np.array([1.0923, 1.0, 156.3401, 0.8561])

    def ours() -> np.ndarray:
        return board.nav(ids, batch, exponent)

    def floats() -> np.ndarray:
        worth = np.concatenate([[0.0], batch / 1e4 / per_eur[ids % 4]])
        sums = np.add.reduceat(plain["quantity"] * worth[plain["instrument"]], plain["first"])
        return sums * per_eur[plain["base"]] + plain["cash"]

    cold = once(ours)
    scale = 10.0 ** np.where(plain["base"] == 2, 2, 4)
    worst = float(np.abs(ours() / scale / floats() - 1.0).max())
    seconds = take_turns({"argosy, exact": ours, "float gather, product, sum": floats}, rounds=5)
    limits: list[tuple[str, float, float]] = [("largest relative difference from floats", worst, 1e-8)]
    if size == "full":
        limits += [("seconds", seconds["argosy, exact"], 0.150)]
    cold_runs = {"laying the positions out": preparing, "argosy, first call": cold}
    note = f"{portfolios * held} positions in {portfolios} portfolios, {instruments} instruments, 4 currencies"
    return [Promise("Revaluation", seconds, tuple(limits), cold_runs, (note,))]
