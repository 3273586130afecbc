"""A one-shot command: ``argosy optimize`` in a cold process, from a CSV of prices to proven weights.

The bound is what no such command can avoid: starting the interpreter, loading numpy and reading the file's numbers.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from bench.harness import Promise, process

PROMISE = "A cold `argosy optimize` on 500 assets from a CSV answers within 1.5 s; importing argosy loads no solver."

SECONDS = 1.5
SOLVERS = ("numpy", "scipy", "clarabel", "numba", "highspy")

BOUND = """
import sys, numpy
with open(sys.argv[1], encoding="ascii") as lines:
    next(lines)
    numpy.array([line.split(",")[1:] for line in lines], dtype="S").astype(float)
"""
IMPORT = f"""
import sys, argosy
found = [name for name in {SOLVERS!r} if name in sys.modules]
sys.exit(1 if found else 0)
"""


def write_prices(path: Path, *, assets: int, periods: int) -> None:
    """Prices of assets with ten common factors, one column each."""
    rng = np.random.default_rng(1)
    loadings = rng.normal(0.0, 0.5, (assets, 10))
    loadings[:, 0] += 1.0
    returns = rng.normal(0.0, 0.008, (periods, 10)) @ loadings.T + rng.normal(0.0003, 0.015, (periods, assets))
    prices = 100.0 * np.cumprod(1.0 + returns, axis=0)
    days = np.busday_offset("2018-01-01", np.arange(periods), roll="forward")
    with path.open("w", encoding="ascii") as file:
        file.write("date," + ",".join(f"A{i}" for i in range(assets)) + "\n")
        for day, row in zip(days, prices, strict=True):
            file.write(f"{day}," + ",".join(f"{x:.4f}" for x in row) + "\n")


def run(size: str) -> list[Promise]:
    """Whole processes, each started anew; the file is in the page cache."""
    assets, periods, rounds = (500, 1260, 5) if size == "full" else (60, 260, 1)
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "prices.csv", str(Path(folder) / "weights.csv")
        write_prices(path, assets=assets, periods=periods)
        ask = ["-m", "argosy", "optimize", "--prices", str(path), "--output", out]
        questions = {
            "minimum variance": [],
            "utility, weights at most 10%": ["-m", "utility", "--risk-aversion", "5", "-l", "weight of each <= 10%"],
            "maximum sharpe, long only": ["-m", "maximum sharpe"],
            "risk parity": ["-m", "risk parity"],
        }
        seconds = {name: process([*ask, *words], rounds=rounds) for name, words in questions.items()}
        bound = process(["-c", BOUND, str(path)], rounds=rounds)
    imported = process(["-c", IMPORT], rounds=rounds)  # fails where a solver is loaded
    return [
        Promise(
            f"argosy optimize, cold, {assets} assets x {periods} days",
            {},
            tuple((name, took, SECONDS) for name, took in seconds.items()),
            cold={**seconds, "bound: interpreter, numpy, reading": bound, "import argosy": imported},
        )
    ]
