"""Brinson-Fachler daily with Carino linking, beside plain numpy and one bare pass over the same memory."""

from __future__ import annotations

import numpy as np

from argosy.measures.attribution.linking import link
from argosy.measures.attribution.segments import brinson_securities
from bench.harness import Promise, once, take_turns

PROMISE = "Ten years of daily attribution of 500 securities takes at most 2x one bare pass over the numbers."


def run(size: str) -> list[Promise]:
    """Ours from security weights to linked effects; the bound is the four sector sums alone, compiled."""
    days, names, sectors = (2520, 500, 11) if size == "full" else (252, 100, 11)
    rng = np.random.default_rng(20260101)
    wp, wb = rng.dirichlet(np.ones(names), days), rng.dirichlet(np.ones(names), days)
    rp, rb = rng.normal(0.0003, 0.01, (days, names)), rng.normal(0.0003, 0.01, (days, names))
    codes = rng.integers(0, sectors, names)
    codes[:sectors] = np.arange(sectors)
    labels = [f"sector {code}" for code in codes]

    def ours() -> float:
        _, fx = brinson_securities(wp, wb, rp, rb, labels)
        return float(link(fx.stacked, fx.portfolio, fx.benchmark).linked.sum())

    def bound() -> object:
        from argosy.kernels.segments_jit import sums

        return sums(wp, wb, rp, rb, codes, sectors)

    def plain_numpy() -> float:
        member = np.zeros((names, sectors))
        member[np.arange(names), codes] = 1.0
        w, b, p, q = wp @ member, wb @ member, (wp * rp) @ member, (wb * rb) @ member
        total, base = p.sum(1), q.sum(1)
        rs, bs = p / w, q / b
        effects = np.concatenate([(w - b) * (bs - base[:, None]), b * (rs - bs), (w - b) * (rs - bs)], axis=1)
        k = (np.log1p(total) - np.log1p(base)) / (total - base)
        whole, start = np.prod(1 + total), np.prod(1 + base)
        return float((effects * (k / ((np.log(whole) - np.log(start)) / (whole - start)))[:, None]).sum())

    cold = once(ours)
    assert abs(ours() - plain_numpy()) < 1e-10
    seconds = take_turns({"ours": ours, "plain numpy": plain_numpy, "bound (one pass)": bound}, rounds=7)
    limits = (("ours / bound", seconds["ours"] / seconds["bound (one pass)"], 2.0 if size == "full" else 50.0),)
    return [Promise(PROMISE, seconds, limits, cold={"ours": cold})]
