"""``python -m bench [name ...] [--small] [--write]``: measure promises; ``--write`` keeps them in baselines.json."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import bench
from bench.harness import Promise, show

HARNESS = {"harness", "__main__"}


def names() -> list[str]:
    """Every bench file."""
    return sorted(item.name for item in pkgutil.iter_modules(bench.__path__) if item.name not in HARNESS)


def main(arguments: list[str]) -> int:
    """Run the chosen files (all by default); the exit code tells whether every promise was kept."""
    size = "small" if "--small" in arguments else "full"
    chosen = [item for item in arguments if not item.startswith("--")] or names()
    unknown = set(chosen) - set(names())
    if unknown:
        print(f"no such bench: {', '.join(sorted(unknown))}; there are: {', '.join(names())}")
        return 2
    promises: list[Promise] = []
    for name in chosen:
        module = importlib.import_module(f"bench.{name}")
        if not hasattr(module, "run"):
            continue
        for promise in module.run(size):
            print(promise.text(), flush=True)
            promises.append(promise)
    if "--write" in arguments:
        Path(__file__).with_name("baselines.json").write_text(show(promises) + "\n")
    missed = [promise.name for promise in promises if not promise.kept]
    print(f"{len(promises) - len(missed)} of {len(promises)} promises kept")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
