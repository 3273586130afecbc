"""Drift and band check of a whole firm on new prices: ours, the same by pandas, and one pass of multiply-add."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from argosy.construction.rebalance.drift import FirmDrift, firm_drift
from bench.harness import Promise, once, take_turns

PROMISE = "Every portfolio of a firm checked against its bands on new prices: 100,000 of 50 lines within a second."

MARKET = 5_000
SIZES = {"small": (1_000, 20), "full": (100_000, 50)}


class Firm:
    """Lines of many portfolios with targets and bands, and prices that move."""

    def __init__(self, portfolios: int, lines: int) -> None:
        rng = np.random.default_rng(14)
        count = portfolios * lines
        self.starts = np.arange(0, count + 1, lines)
        self.instrument = rng.integers(0, MARKET, count)
        self.prices = rng.uniform(5.0, 500.0, MARKET)
        money = rng.uniform(1e3, 1e5, count)
        self.quantity = money / self.prices[self.instrument]
        self.target = money / np.repeat(np.add.reduceat(money, self.starts[:-1]), lines)
        half = np.maximum(0.25 * self.target, 0.0025)
        self.lower, self.upper = self.target - half, self.target + half
        self.prices = self.prices * rng.normal(1.0, 0.08, MARKET)
        self.beside = self.prices[self.instrument]

    def ours(self) -> FirmDrift:
        """What the product calls."""
        return firm_drift(
            self.starts, self.instrument, self.quantity, self.prices, target=self.target, lower=self.lower,
            upper=self.upper,
        )  # fmt: skip

    def peer(self) -> Callable[[], np.ndarray]:
        """Weights by group, largest excess over the band and turnover by group; the frame is made beforehand."""
        import pandas as pd

        portfolio = np.repeat(np.arange(self.starts.size - 1), np.diff(self.starts))
        frame = pd.DataFrame({"portfolio": portfolio, "instrument": self.instrument, "quantity": self.quantity,
                              "target": self.target, "lower": self.lower, "upper": self.upper})  # fmt: skip

        def run() -> np.ndarray:
            money = frame["quantity"] * self.prices[frame["instrument"].to_numpy()]
            weight = money / money.groupby(frame["portfolio"], sort=False).transform("sum")
            outside = np.maximum(weight - frame["upper"], frame["lower"] - weight)
            away = (weight - frame["target"]).abs()
            found = pd.DataFrame({"portfolio": portfolio, "outside": outside, "away": away})
            by = found.groupby("portfolio", sort=False)
            return np.column_stack([by["outside"].max().to_numpy(), by["away"].sum().to_numpy() / 2.0])

        return run

    def bound(self) -> float:
        """Quantity times price and a sum, with the prices already beside their lines."""
        return float(np.einsum("i,i->", self.quantity, self.beside))


def run(size: str) -> list[Promise]:
    portfolios, lines = SIZES[size]
    firm = Firm(portfolios, lines)
    cold = once(firm.ours)
    peer = firm.peer()
    ours, theirs = firm.ours(), peer()
    assert np.allclose(ours.excess, np.maximum(theirs[:, 0], 0.0), atol=1e-12)
    assert np.allclose(ours.one_way, theirs[:, 1], atol=1e-12)
    seconds = take_turns({"argosy": firm.ours, "pandas groupby": peer, "one multiply-add": firm.bound}, rounds=3)
    limits: tuple[tuple[str, float, float], ...] = (
        ("times pandas", seconds["argosy"] / seconds["pandas groupby"], 1.0),
    )
    if size == "full":
        limits = (("seconds", seconds["argosy"], 1.0), *limits)
    return [Promise(
        f"drift of {portfolios:,} portfolios of {lines} lines", seconds, limits, {"argosy": cold},
        (f"{ours.triggered.size:,} portfolios outside a band; "
         f"{seconds['argosy'] / seconds['one multiply-add']:.0f} times one pass of multiply-add",),
    )]  # fmt: skip
