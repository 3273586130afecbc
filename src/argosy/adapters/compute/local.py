"""Shards in this process or in processes of this machine, with one thread for linear algebra in each."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from argosy.base.errors import ArgosyError, InvalidInput

T = TypeVar("T")

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

ROUNDS = 3
"""Times a broken pool is built anew before the work is given up."""


class WorkersLost(ArgosyError):
    """Processes that worked on shards kept dying."""

    code = "workers_lost"


def in_process(task: Callable[[int], T], numbers: Iterable[int]) -> list[T]:
    """Work on shards here, one after the other.

    Examples
    --------
    >>> in_process(lambda number: number * number, range(3))
    [0, 1, 4]
    """
    return [task(number) for number in numbers]


def _alone() -> None:
    """A worker computes on one thread: its neighbors use the other processors."""
    for name in THREADS:
        os.environ[name] = "1"


@dataclass
class Processes:
    """Work on shards in ``workers`` processes, started once; use it as a context, and call it like ``map``.

    Shards of a process that dies are done again by new processes: a shard's result depends on its number alone.

    Examples
    --------
    >>> with Processes(workers=1) as run:
    ...     run(abs, [-1, -2])
    [1, 2]
    """

    workers: int
    _pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Processes:
        """Check the number of workers; processes start with the first shards."""
        if self.workers < 1:
            raise InvalidInput(f"workers is {self.workers}", field="workers", found=self.workers, expected="1 or more")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        self._close()

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None

    def _open(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned, not forked: no connection or lock of this process lives on in a worker.
            before = {name: os.environ.get(name) for name in THREADS}
            _alone()
            try:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=_alone)
                # Processes start with the work they are given: give each some while the environment is set.
                for started in [self._pool.submit(abs, place) for place in range(self.workers)]:
                    started.result()
            finally:
                for name, value in before.items():
                    if value is None:
                        del os.environ[name]
                    else:
                        os.environ[name] = value
        return self._pool

    def __call__(self, task: Callable[[int], T], numbers: Iterable[int]) -> list[T]:
        """Results in the order of ``numbers``; the error of a shard that fails is raised here."""
        wanted = list(numbers)
        done: dict[int, Any] = {}
        for _ in range(ROUNDS):
            futures: dict[int, Future[T]] = {}
            try:
                pool = self._open()
                futures = {number: pool.submit(task, number) for number in wanted if number not in done}
                for number, future in futures.items():
                    done[number] = future.result()
            except BrokenProcessPool:
                done |= {n: f.result() for n, f in futures.items() if f.done() and f.exception() is None}
                self._close()
                continue
            return [done[number] for number in wanted]
        raise WorkersLost(
            f"processes died {ROUNDS} times while working on {len(wanted) - len(done)} shards", field="workers",
            next_step="look at the memory of the machine, or use fewer workers",
        )  # fmt: skip
