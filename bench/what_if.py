"""One trade on the value at risk of a whole firm, prepared once."""

from __future__ import annotations

import numpy as np

from argosy.measures.risk.loss.history import historical
from argosy.measures.risk.loss.what_if import prepare
from bench.harness import Promise, once, take_turns
from bench.risk_data import returns

PROMISE = "What one trade does to a firm-wide value at risk, in under 10 ms."


def run(size: str) -> list[Promise]:
    found = []
    for scenarios, assets in ((2_520, 3_000), (100_000, 300)) if size == "full" else ((500, 50),):
        r = returns(scenarios, assets)
        held = np.random.default_rng(61).lognormal(15.0, 1.0, assets)
        firm = prepare(held, r, confidence=0.99)
        after = held.copy()
        after[7] -= 1e6

        def whole(r: np.ndarray = r, after: np.ndarray = after) -> float:
            return historical(r @ after, confidence=0.99, errors="none").value_at_risk

        apart = abs(firm.what_if({7: -1e6}).value_at_risk - whole()) / firm.value_at_risk
        seconds = take_turns({
            "argosy": lambda firm=firm: firm.what_if({7: -1e6}), "the whole anew": whole,
        }, rounds=15)  # fmt: skip
        limits = [("relative difference", apart, 1e-12)]
        if size == "full":
            limits.append(("seconds", seconds["argosy"], 0.010))
        ready = once(lambda r=r, held=held: prepare(held, r, confidence=0.99))
        found.append(Promise(f"one trade, {scenarios} scenarios", seconds, tuple(limits), {"preparing": ready}))
    return found
