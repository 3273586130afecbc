"""Internal rates of return of many streams: ours with its proof that there is one rate only, pyxirr, and a bound."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable

import numpy as np
from numba import njit, prange

from argosy.measures.performance.irr import xirr_all
from bench.harness import Promise, once, take_turns

PROMISE = "XIRR of 100,000 streams of 36 flows takes at most 1.5x the bound and less than pyxirr."


@njit(parallel=True, cache=True)
def _bound(flows: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Newton on present value in the log rate, from 10%, without looking for other rates or checking anything."""
    count, length = flows.shape
    out = np.empty(count)
    for s in prange(count):
        x = math.log(1.1)
        for _ in range(100):
            value = slope = 0.0
            for i in range(length):
                t = (days[s, i] - days[s, 0]) / 365.0
                v = flows[s, i] * math.exp(-x * t)
                value += v
                slope -= t * v
            step = min(max(-value / slope, -1.0), 1.0)
            x += step
            if abs(step) < 1e-12:
                break
        out[s] = math.expm1(x)
    return out


def streams(count: int, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flows (count, length) over ten years, mostly paid in, closed by the value that makes the rate known."""
    rng = np.random.default_rng(20260103)
    days = np.sort(rng.integers(1, 3650, (count, length)), axis=1)
    days[:, 0], days[:, -1] = 0, np.maximum(days[:, -1], 365)
    rates = rng.normal(0.07, 0.1, count).clip(-0.5, 0.6)
    flows = -rng.lognormal(7.0, 0.5, (count, length)) * np.where(rng.random((count, length)) < 0.85, 1.0, -0.5)
    flows[:, 0] = -6.0 * np.abs(flows[:, 0])
    growth = (1.0 + rates[:, None]) ** ((days[:, -1:] - days[:, :-1]) / 365.0)
    flows[:, -1] = -(flows[:, :-1] * growth).sum(axis=1)
    kept = flows[:, -1] > 0.0
    return np.ascontiguousarray(flows[kept]), np.ascontiguousarray(days[kept]), rates[kept]


def run(size: str) -> list[Promise]:
    """Contenders take turns on the same streams; pyxirr on a tenth, scaled up, where it is installed."""
    count = 100_000 if size == "full" else 2_000
    flows, days, rates = streams(count, 36)

    def ours() -> np.ndarray:
        return xirr_all(flows, days, engine="kernel").values

    cold = once(ours)
    found = ours()
    single = ~np.isnan(found)
    np.testing.assert_allclose(found[single], rates[single], atol=1e-9)
    several = int((~single).sum())
    contenders: dict[str, Callable[[], object]] = {
        "ours": ours, "bound (Newton, one rate assumed)": lambda: _bound(flows, days),
    }  # fmt: skip
    tenth = len(flows) // 10
    dates = days[:tenth].astype("datetime64[D]")
    notes = []
    if importlib.util.find_spec("pyxirr") is None:
        notes.append("pyxirr is not installed and was not measured")
    else:
        import pyxirr

        contenders["pyxirr (a tenth)"] = lambda: [pyxirr.xirr(dates[k], flows[k]) for k in range(tenth)]
    seconds = take_turns(contenders, rounds=5)
    full = size == "full"
    limits = [("ours / bound", seconds["ours"] / seconds["bound (Newton, one rate assumed)"], 1.5 if full else 50.0)]
    if "pyxirr (a tenth)" in seconds:
        seconds["pyxirr, scaled"] = seconds["pyxirr (a tenth)"] * len(flows) / tenth
        limits.append(("ours / pyxirr", seconds["ours"] / seconds["pyxirr, scaled"], 1.0 if full else 50.0))
    note = f"{several} of {len(flows)} streams have several rates, found and listed with all of them"
    return [Promise(PROMISE, seconds, tuple(limits), cold={"ours": cold}, notes=(note, *notes))]
