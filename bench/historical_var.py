"""Historical value at risk and shortfall with contributions: many portfolios over one set of scenarios."""

from __future__ import annotations

import numpy as np

from argosy.measures.risk.loss.many import historical_many
from bench.harness import Promise, once, take_turns
from bench.risk_data import long_only, returns

PROMISE = (
    "1,000 portfolios x 500 assets x 2,520 scenarios with contributions within 1.5 of a matrix product and a partition."
)


def skfolio(r: np.ndarray, w: np.ndarray) -> float:
    """Seconds of the peer for the first portfolios, scaled to all of them."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas
        from skfolio import Portfolio, RiskMeasure

        few = min(2, len(w))
        frame = pandas.DataFrame(r, index=pandas.bdate_range("2014-01-01", periods=len(r)))
        frame.columns = [f"a{i}" for i in range(r.shape[1])]

        def run() -> None:
            for row in w[:few]:
                made = Portfolio(X=frame, weights=row)
                assert made.value_at_risk + made.cvar > 0.0
                made.contribution(measure=RiskMeasure.CVAR)

        return once(run) * len(w) / few


def run(size: str) -> list[Promise]:
    count, assets, scenarios = (1_000, 500, 2_520) if size == "full" else (100, 60, 400)
    r, w = returns(scenarios, assets), long_only(count, assets)
    rank = int(np.ceil(0.05 * scenarios)) - 1

    def loop() -> np.ndarray:
        out = np.empty((count, 2))
        for i, row in enumerate(w):
            profits = r @ row
            worst = np.argsort(profits)[: rank + 1]
            out[i] = -profits[worst[-1]], -profits[worst].mean()
            assert (r[worst] * row).mean(axis=0).size == assets
        return out

    seconds = take_turns({
        "argosy": lambda: historical_many(w, r, confidence=0.95),
        "matrix product and partition": lambda: np.partition(w @ r.T, rank, axis=1),
        "numpy, portfolio by portfolio": loop,
    }, rounds=9)  # fmt: skip
    peer = skfolio(r, w)
    limits: tuple[tuple[str, float, float], ...] = ()
    if size == "full":
        limits = (
            ("times product and partition", seconds["argosy"] / seconds["matrix product and partition"], 1.5),
            ("share of skfolio's time", seconds["argosy"] / peer, 0.01),
        )
    return [Promise(f"historical VaR and ES, {count} portfolios", {**seconds, "skfolio (scaled up)": peer}, limits)]
