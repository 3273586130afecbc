"""Shards in processes: the same bits, a killed worker's shards done again, errors passed on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from argosy.adapters.compute.local import Processes, WorkersLost, in_process
from argosy.base.errors import InvalidInput
from argosy.measures.risk.loss.monte_carlo import monte_carlo
from argosy.models.scenarios.shards import SCENARIOS
from argosy.wiring import compute_runner
from tests.adapters.compute import work


def test_order_and_checks() -> None:
    assert in_process(abs, [-3, 1]) == [3, 1]
    with pytest.raises(InvalidInput), Processes(0):
        pass


@pytest.mark.slow
def test_the_same_bits_in_processes_and_after_a_death(tmp_path: Path) -> None:
    made = work.simulation()
    here = in_process(made, range(3))
    before = os.environ.get("OMP_NUM_THREADS")
    with Processes(2) as run:
        for one, other in zip(here, run(made, range(3)), strict=True):
            np.testing.assert_array_equal(one[0], other[0])
        assert run(work.threads, [0]) == ["1"]
        killed = run(work.DiesOnce(made, str(tmp_path / "mark")), range(3))
        assert (tmp_path / "mark").exists()
        for one, other in zip(here, killed, strict=True):
            np.testing.assert_array_equal(one[0], other[0])
        # Other numbers of workers: the shards are the same.
        assert monte_carlo(made, confidence=0.99, scenarios=2 * SCENARIOS, run=run) == monte_carlo(
            made, confidence=0.99, scenarios=2 * SCENARIOS
        )
        with pytest.raises(ValueError, match="shard 0"):
            run(work.fails, [0])
        with pytest.raises(WorkersLost, match="1 shards"):
            run(work.always_dies, [0])
    assert os.environ.get("OMP_NUM_THREADS") == before


def test_the_runner_by_name() -> None:
    with compute_runner() as run:
        assert run(abs, [-3, 1]) == [3, 1]
    with pytest.raises(InvalidInput, match="both given"), compute_runner(workers=2, cluster="tcp://127.0.0.1:1"):
        pass


@pytest.mark.slow
def test_processes_by_name() -> None:
    with compute_runner(workers=1) as run:
        assert run(abs, [-3, 1]) == [3, 1]
