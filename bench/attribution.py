"""Brinson-Fachler daily with Carino linking: peers where installed, plain numpy, one bare pass over the same memory."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from argosy.measures.attribution.linking import link
from argosy.measures.attribution.segments import brinson_securities
from bench.harness import Promise, once, take_turns

PROMISE = (
    "Ten years of daily attribution of 500 securities take at most 2x one bare pass over the numbers, 30x less than "
    "perfattr."
)


def _frames(wp: np.ndarray, wb: np.ndarray, rp: np.ndarray, rb: np.ndarray, labels: list[str]) -> tuple[Any, Any, Any]:
    """The three frames perfattr reads: portfolio and benchmark by date and security, and the security's sector."""
    import pandas as pd

    days, names = wp.shape
    dates = pd.bdate_range("2014-01-01", periods=days).strftime("%Y-%m-%d").to_numpy()
    ids = [f"A{one}" for one in range(names)]

    def frame(weights: np.ndarray, returns: np.ndarray) -> Any:
        return pd.DataFrame({
            "from_date": np.repeat(dates, names), "thru_date": np.repeat(dates, names),
            "identifier": np.tile(ids, days), "weight": weights.ravel(), "return": returns.ravel(),
        })  # fmt: skip

    return frame(wp, rp), frame(wb, rb), pd.DataFrame({"identifier": ids, "classification_identifier": labels})


def _polars(wp: np.ndarray, wb: np.ndarray, rp: np.ndarray, rb: np.ndarray, codes: np.ndarray) -> Callable[[], object]:
    """The four sums by day and sector as a dataframe library makes them; the finish is numpy's."""
    import polars as pl

    days, names = wp.shape
    frame = pl.DataFrame({
        "t": np.repeat(np.arange(days, dtype=np.int32), names), "s": np.tile(codes.astype(np.int16), days),
        "rp": rp.ravel(), "rb": rb.ravel(), "p": wp.ravel(), "b": wb.ravel(),
    })  # fmt: skip
    held, base = pl.col("p"), pl.col("b")
    query = frame.lazy().group_by("t", "s").agg(
        w=held.sum(), u=base.sum(), c=(held * pl.col("rp")).sum(), d=(base * pl.col("rb")).sum()
    ).sort("t", "s")  # fmt: skip
    return query.collect


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
    contenders: dict[str, Callable[[], object]] = {"ours": ours, "plain numpy": plain_numpy, "bound (one pass)": bound}
    notes = []
    if importlib.util.find_spec("polars") is None:
        notes.append("polars is not installed and was not measured")
    else:
        contenders["polars (sums alone)"] = _polars(wp, wb, rp, rb, codes)
    seconds = take_turns(contenders, rounds=7)
    limits = [("ours / bound", seconds["ours"] / seconds["bound (one pass)"], 2.0 if size == "full" else 50.0)]
    if importlib.util.find_spec("perfattr") is None:
        notes.append("perfattr is not installed and was not measured")
    else:
        import perfattr as pa

        mine, theirs, sectors_of = _frames(wp, wb, rp, rb, labels)
        three = pa.AttributionMethod.BRINSON_FACHLER_THREE_EFFECT

        def peer() -> object:
            made = pa.prepare_attribution(
                mine, theirs, reconciliation_tolerance=1e-9, portfolio_mapping=sectors_of, benchmark_mapping=sectors_of
            )
            return pa.calculate_attribution(
                made.portfolio, made.benchmark, method=three, reconciliation_tolerance=1e-8
            ).overall_detail

        seconds["perfattr"] = once(peer)
        limits.append(("ours / perfattr", seconds["ours"] / seconds["perfattr"], 1 / 30 if size == "full" else 50.0))
    return [Promise(PROMISE, seconds, tuple(limits), cold={"ours": cold}, notes=tuple(notes))]
