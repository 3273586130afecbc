"""How promises are measured: contenders take turns, medians are compared, cold runs stand apart from warm ones.

A bench file has ``PROMISE`` (one sentence) and ``run(size)`` giving :class:`Promise` rows; ``size`` is "small" in
the normal test run and "full" when the figures for people are made. Wall time only decides nothing here: the ratios do.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Promise:
    """One measured promise: seconds per contender, and limits as ratios or seconds."""

    name: str
    seconds: Mapping[str, float]
    limits: tuple[tuple[str, float, float], ...]  # (what, measured, allowed at most)
    cold: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """True when every measured figure is within its limit."""
        return all(measured <= allowed for _, measured, allowed in self.limits)

    def text(self) -> str:
        """The lines people read."""
        lines = [f"{'kept ' if self.kept else 'MISSED'} {self.name}"]
        lines += [f"    {who:<38} {seconds:10.4f} s warm" for who, seconds in self.seconds.items()]
        lines += [f"    {who:<38} {seconds:10.4f} s cold" for who, seconds in self.cold.items()]
        lines += [f"    {what:<38} {measured:10.3f}   allowed {allowed:g}" for what, measured, allowed in self.limits]
        lines += [f"    {note}" for note in self.notes]
        return "\n".join(lines)

    def json(self) -> dict[str, object]:
        """The same for baselines.json."""
        return {
            "name": self.name,
            "kept": self.kept,
            "seconds": {key: round(value, 6) for key, value in self.seconds.items()},
            "cold": {key: round(value, 6) for key, value in self.cold.items()},
            "limits": [[what, round(measured, 4), allowed] for what, measured, allowed in self.limits],
            "notes": list(self.notes),
        }


def take_turns(contenders: Mapping[str, Callable[[], object]], *, rounds: int = 5) -> dict[str, float]:
    """Median seconds per contender, run A B C A B C ... so that a drifting machine hits all alike."""
    for run in contenders.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def once(run: Callable[[], object]) -> float:
    """Seconds of a single call (cold figures)."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def process(arguments: list[str], *, rounds: int = 5, env: Mapping[str, str] | None = None) -> float:
    """Median wall seconds of a whole process started with this interpreter."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=env)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def show(promises: list[Promise]) -> str:
    """All promises as JSON, for baselines."""
    return json.dumps([promise.json() for promise in promises], indent=1)
