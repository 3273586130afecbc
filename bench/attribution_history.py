"""Attribution of the whole history of many portfolios: from folded state and stored prices to linked effects.

    python -m bench attribution_history

Every line of every portfolio on every day, effects in eleven sectors against a daily benchmark, linked by Carino.
The bound takes weights and returns as finished matrices and does the sector sums alone.
"""

from __future__ import annotations

import resource
import time

import numpy as np

from argosy.measures.attribution.bench_segments import BenchmarkSteps
from argosy.measures.attribution.book_answer import attribute
from argosy.measures.attribution.labels import Labels
from argosy.measures.attribution.line_builder import LineBuilder
from argosy.measures.valuation.history import history
from argosy.measures.valuation.subjects import portfolio_subjects
from bench.harness import Promise, once
from bench.nav_history import INSTRUMENTS, World, world

PROMISE = "attribution of the whole history of 1,000 portfolios x 40 positions x 2,520 days under 60 s and 4 GiB"
SECTORS = 11
SIZES = {"small": (10, 250), "full": (1_000, 2_520)}
LABELS = Labels("sector", {one: f"S{one % SECTORS}" for one in range(1, INSTRUMENTS + 1)})


def benchmark(made: World) -> BenchmarkSteps:
    """Eleven sectors with drifting weights, in dollars."""
    rng = np.random.default_rng(3)
    steps = len(made.days) - 1
    weights = rng.uniform(0.5, 1.5, (steps, SECTORS))
    weights /= weights.sum(axis=1, keepdims=True)
    earned = rng.normal(0.0003, 0.01, (steps, SECTORS))
    items = tuple(f"S{one}" for one in range(SECTORS))
    total = (weights * earned).sum(axis=1)
    return BenchmarkSteps("SECTORS", items, made.days[:-1], made.days[1:], weights, earned, total)


def ours(made: World, steps: BenchmarkSteps) -> float:
    """Effects of every portfolio; gives the largest that any of them leaves unexplained."""
    subjects = portfolio_subjects(made.reference, made.reference.portfolios)
    builder = LineBuilder(made.state, made.reference, made.market, made.days, splits={})
    worst = 0.0
    for low in range(0, len(subjects), 100):
        nav = history(made.state, made.reference, made.market, subjects=subjects[low : low + 100], days=made.days,
                      engine="kernel")  # fmt: skip
        for number in range(len(nav.subjects)):
            found = attribute(
                builder.build(nav, number), steps, LABELS, after=int(made.days[0]), last=int(made.days[-1])
            )
            left = float(np.abs(found.effects.total - found.effects.active).max())
            worst = max(worst, left, abs(found.residual) * 1e-2)
    return worst


def run(size: str) -> list[Promise]:
    """Measure once: the work is long and every portfolio repeats it."""
    portfolios, days = SIZES[size]
    made = world(portfolios, days, deposit=40_000_000)
    steps = benchmark(made)
    worst = 0.0

    def whole() -> None:
        nonlocal worst
        worst = ours(made, steps)

    seconds = once(whole)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    limits: list[tuple[str, float, float]] = [("largest effect left in a day (or 1e-2 of the linked)", worst, 1e-12)]
    if size == "full":
        limits += [("seconds", seconds, 60.0), ("GiB of memory", memory, 4.0)]
    note = f"{portfolios} portfolios x 40 positions x {days} days, {SECTORS} sectors, one process"
    return [Promise("attribution of whole histories", {"argosy": seconds}, tuple(limits), {}, (note,))]


if __name__ == "__main__":
    started = time.perf_counter()
    for promise in run("full"):
        print(promise.text())
