"""Tasks that travel to other processes, and a simulation to run there."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from argosy.models.moments.covariance import FactorCovariance
from argosy.models.scenarios.models import FactorScenarios
from argosy.models.scenarios.shards import Linear, LossShards


def simulation(seed: int = 3) -> LossShards:
    rng = np.random.default_rng(1)
    model = FactorScenarios(FactorCovariance(rng.normal(0.0, 0.01, (5, 2)), rng.uniform(1e-5, 1e-4, 5)), nu=6.0)
    return LossShards(model, Linear(rng.random(5)), seed)


@dataclass(frozen=True)
class DiesOnce:
    """The task itself, whose worker kills itself the first time it is given shard 2."""

    task: LossShards
    mark: str

    def __call__(self, number: int):
        mark = Path(self.mark)
        if number == 2 and not mark.exists():
            mark.write_text("dead")
            os.kill(os.getpid(), signal.SIGKILL)
        return self.task(number)


def always_dies(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def fails(number: int) -> int:
    raise ValueError(f"shard {number}")


def threads(_: int) -> str:
    return os.environ["OMP_NUM_THREADS"]
