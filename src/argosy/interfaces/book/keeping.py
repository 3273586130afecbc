"""Keeping a book: what was written, backups."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from argosy.interfaces.arguments import MomentLike, moment
from argosy.interfaces.book.opened import OpenedBook

if TYPE_CHECKING:
    from argosy.base.table import Table


class KeepingSteps(OpenedBook):
    """What was written, when, and from which file; copies of it."""

    def batches(self, *, known_at: MomentLike = None) -> Table:
        """What was written, when, and from which file."""
        from argosy.workflows.keeping import batches_table

        return batches_table(self._store, known_at=moment(known_at))

    def backup(self, destination: str, *, progress: Callable[[int, int], None] | None = None) -> str:
        """Copy the book and its market files into one archive; gives the head the copy must show."""
        mark = self._store.watermark()
        self._store.backup(destination, progress)
        return mark.head
