"""Netting of many strategies over many names, shared to the unit: ours, a plain loop over names, and one pass."""

from __future__ import annotations

import numpy as np

from argosy.construction.strategies.netting import net, savings
from bench.harness import Promise, once, take_turns

PROMISE = "Orders of 50 strategies over 3,000 names crossed, shared to the unit and priced within 0.1 s."

SIZES = {"small": (10, 200), "full": (50, 3_000)}


def orders(strategies: int, names: int) -> np.ndarray:
    """Orders in units, a third of them none."""
    rng = np.random.default_rng(9)
    found = rng.integers(-5_000, 5_001, (strategies, names))
    return np.where(rng.random(found.shape) < 1 / 3, 0, found)


def loop(asked: np.ndarray) -> np.ndarray:
    """The same by hand, name by name: the smaller side crosses in full, the larger in proportion, rest by remainder."""
    left = asked.copy()
    for name in range(asked.shape[1]):
        column = asked[:, name].tolist()
        buys = [(at, units) for at, units in enumerate(column) if units > 0]
        sells = [(at, -units) for at, units in enumerate(column) if units < 0]
        amount = min(sum(units for _, units in buys), sum(units for _, units in sells))
        for side, sign in ((buys, 1), (sells, -1)):
            total = sum(units for _, units in side)
            if not amount:
                continue
            shares = [(at, amount * units // total, amount * units % total) for at, units in side]
            odd = amount - sum(share for _, share, _ in shares)
            first = {at for at, _, _ in sorted(shares, key=lambda one: (-one[2], one[0]))[:odd]}
            for at, share, _ in shares:
                left[at, name] -= sign * (share + (at in first))
    return left


def run(size: str) -> list[Promise]:
    strategies, names = SIZES[size]
    asked = orders(strategies, names)
    price = np.random.default_rng(10).uniform(5.0, 500.0, names)

    def ours() -> np.ndarray:
        found = net(asked)
        assert savings(found, price, 0.001).none_worse
        return found.external

    def bound() -> np.ndarray:
        return np.asarray(np.maximum(asked, 0).sum(axis=0))

    cold = once(ours)
    assert np.array_equal(ours(), loop(asked))
    seconds = take_turns({"argosy": ours, "loop over names": lambda: loop(asked), "one sum": bound}, rounds=5)
    limits: tuple[tuple[str, float, float], ...] = (
        ("times the loop", seconds["argosy"] / seconds["loop over names"], 1.0),
    )
    if size == "full":
        limits = (("seconds", seconds["argosy"], 0.1), *limits)
    return [Promise(
        f"netting of {strategies} strategies over {names:,} names", seconds, limits, {"argosy": cold},
        (f"the same units as the loop; {seconds['argosy'] / seconds['one sum']:.0f} times one sum over the orders",),
    )]  # fmt: skip
