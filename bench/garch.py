"""GARCH(1,1) fits of many series, beside the arch package."""

from __future__ import annotations

import warnings

import numpy as np

from argosy.models.volatility.garch import fit_many
from bench.harness import Promise, once, take_turns
from bench.risk_data import garch

PROMISE = "500 GARCH(1,1) fits of 2,520 returns under half a second, at the likelihood of arch."


def run(size: str) -> list[Promise]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from arch import arch_model
    count, periods, few = (500, 2_520, 20) if size == "full" else (10, 300, 2)
    y = garch(count, periods)
    r = np.ascontiguousarray(y.T)
    cold = once(lambda: fit_many(r, engine="kernel"))
    peer = np.empty(few)

    def arch() -> None:
        for i in range(few):
            made = arch_model(y[i], rescale=False).fit(disp="off", show_warning=False)
            peer[i] = made.loglikelihood

    seconds = take_turns({"argosy": lambda: fit_many(r, engine="kernel"), "arch (scaled up)": arch}, rounds=3)
    seconds["arch (scaled up)"] *= count / few
    short = peer - fit_many(r, engine="kernel").log_likelihood[:few]
    limits = [("log-likelihood below arch's", float(np.nanmax(short)), 1e-3)]
    if size == "full":
        limits.append(("seconds", seconds["argosy"], 0.5))
    return [Promise(f"GARCH(1,1), {count} series", seconds, tuple(limits), {"first call": cold})]
