"""Factor exposures over a moving window, beside RollingOLS of statsmodels."""

from __future__ import annotations

import warnings

import numpy as np

from argosy.models.factors.rolling import rolling_exposures
from bench.harness import Promise, once, take_turns

PROMISE = "Rolling 252-day regressions of 500 assets on 5 factors at least a hundred times as fast as statsmodels."


def run(size: str) -> list[Promise]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.regression.rolling import RollingOLS
    periods, assets, window, few = (2_520, 500, 252, 4) if size == "full" else (300, 10, 60, 1)
    rng = np.random.default_rng(51)
    f = 0.01 * rng.standard_normal((periods, 5))
    y = f @ rng.normal(0.0, 1.0, (5, assets)) + 0.015 * rng.standard_normal((periods, assets))
    x = np.column_stack([np.ones(periods), f])

    def theirs() -> None:
        for n in range(few):
            RollingOLS(y[:, n], x, window=window).fit(params_only=True)

    cold = once(lambda: rolling_exposures(y, f, window=window, engine="kernel"))
    seconds = take_turns(
        {"argosy": lambda: rolling_exposures(y, f, window=window, engine="kernel"), "statsmodels (scaled up)": theirs},
        rounds=3,
    )
    seconds["statsmodels (scaled up)"] *= assets / few
    found = rolling_exposures(y, f, window=window, engine="kernel")
    peer = RollingOLS(y[:, 0], x, window=window).fit(params_only=True).params[window - 1 :]
    limits = [("largest difference", float(np.abs(found.betas[:, :, 0] - peer[:, 1:]).max()), 1e-9)]
    if size == "full":
        limits.append(("share of statsmodels' time", seconds["argosy"] / seconds["statsmodels (scaled up)"], 0.01))
    return [Promise(f"rolling regressions, {assets} assets", seconds, tuple(limits), {"first call": cold})]
