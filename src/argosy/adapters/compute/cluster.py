"""Shards on a Dask cluster: the same bits as in one process, also after a worker was lost."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from argosy.base.errors import MissingExtra

T = TypeVar("T")

RETRIES = 3
"""Times a shard is begun again after a failure of its worker."""


@dataclass(frozen=True)
class DaskCluster:
    """Work on shards through a ``distributed.Client``, which leaving it as a context closes; call it like ``map``.

    The task lies with the scheduler, not with a worker, so a shard whose worker dies is begun again on another one.
    """

    client: Any

    def __enter__(self) -> DaskCluster:
        """The cluster; leaving the context closes the connection, not the cluster."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.client.close()

    def __call__(self, task: Callable[[int], T], numbers: Iterable[int]) -> list[T]:
        """Results in the order of ``numbers``."""
        # Impure: equal numbers of two tasks are two pieces of work.
        futures = self.client.map(task, list(numbers), pure=False, retries=RETRIES)
        found: list[T] = self.client.gather(futures)
        return found


def connect(address: str) -> DaskCluster:
    """Connect to the scheduler at ``address``; needs the extra ``cluster``."""
    try:
        client = importlib.import_module("distributed").Client
    except ImportError:
        raise MissingExtra("the package distributed is not installed", field="cluster",
                           next_step="install argosy[cluster]") from None  # fmt: skip
    return DaskCluster(client(address))
