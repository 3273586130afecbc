"""Shards on a Dask cluster of this machine: the same bits, also when a worker is killed in the middle."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from argosy.adapters.compute.cluster import DaskCluster, connect
from argosy.adapters.compute.local import in_process
from argosy.base.errors import MissingExtra
from argosy.wiring import compute_runner
from tests.adapters.compute import work


@pytest.mark.slow
@pytest.mark.serial
@pytest.mark.filterwarnings("ignore")
def test_the_same_bits_on_a_cluster_and_after_a_death(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from distributed import LocalCluster

    made = work.simulation()
    here = in_process(made, range(3))
    settings = {"dashboard_address": None, "processes": True, "threads_per_worker": 1}
    with LocalCluster(n_workers=2, **settings) as cluster:
        run = connect(cluster.scheduler_address)
        with run.client:
            for one, other in zip(here, run(made, range(3)), strict=True):
                np.testing.assert_array_equal(one[0], other[0])
            killed = run(work.DiesOnce(made, str(tmp_path / "mark")), range(3))
            assert (tmp_path / "mark").exists()
            for one, other in zip(here, killed, strict=True):
                np.testing.assert_array_equal(one[0], other[0])


class Straight:
    """A client that does everything at once."""

    def map(self, task, numbers, *, pure, retries):
        return [task(number) for number in numbers]

    def gather(self, futures):
        return futures


def test_results_come_in_order() -> None:
    assert DaskCluster(Straight())(abs, [-2, -1]) == [2, 1]


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"argosy\[cluster\]"):
        connect("tcp://127.0.0.1:1")


class Connected(Straight):
    """The client that a scheduler's address gives."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_the_cluster_by_name_is_left_connected_no_longer_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=Connected))
    with compute_runner(cluster="tcp://127.0.0.1:1") as run:
        assert run(abs, [-2, -1]) == [2, 1]
    assert run.client.closed
    assert run.client.address == "tcp://127.0.0.1:1"
