"""Keeping a book: what was written, backups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from argosy.interfaces.arguments import MomentLike, moment
from argosy.interfaces.book.opened import OpenedBook

if TYPE_CHECKING:
    from argosy.base.table import Table
    from argosy.workflows.verify import VerifyReport
    from argosy.workflows.void import VoidResult


class KeepingSteps(OpenedBook):
    """What was written, when, and from which file; copies of it."""

    def batches(self, *, known_at: MomentLike = None) -> Table:
        """What was written, when, and from which file."""
        from argosy.workflows.keeping import batches_table

        return batches_table(self._store, known_at=moment(known_at))

    def verify(self, *, against: str = "", progress: Callable[[int, int], None] | None = None) -> VerifyReport:
        """Check the hash chain, market files, conservation, values, stored values, and a head kept elsewhere."""
        from argosy.workflows.verify import verify

        return verify(self._store, self._files(), against=against, progress=progress)

    def backup(self, destination: str, *, progress: Callable[[int, int], None] | None = None) -> str:
        """Copy the book and its market files into one archive; gives the head (``seq:hash``) the copy must show."""
        mark = self._store.watermark()
        self._store.backup(destination, progress)
        return f"{mark.seq}:{mark.head}"

    def void_event(
        self, seq: int, *, reason: str = "", allow_broken: bool = False, dry_run: bool = False
    ) -> VoidResult:
        """Take one event back; of a transfer both legs. Earlier ``known_at`` still see it."""
        from argosy.workflows.void import void_event

        return void_event(self._store, seq=seq, reason=reason, allow_broken=allow_broken, dry_run=dry_run)

    def void_batch(
        self, batch: int, *, reason: str = "", allow_broken: bool = False, dry_run: bool = False
    ) -> VoidResult:
        """Take a whole batch back: an import, a market load, a set-up step."""
        from argosy.workflows.void import void_batch

        return void_batch(self._store, batch=batch, reason=reason, allow_broken=allow_broken, dry_run=dry_run)

    def correct(
        self, changes: Mapping[int, Mapping[str, str]], *, reason: str = "", dry_run: bool = False
    ) -> VoidResult:
        """Replace events by corrected ones: ``{seq: {"quantity": "110"}}``, in the fields of the neutral table."""
        from argosy.workflows.correct import correct_events

        return correct_events(self._store, changes=changes, reason=reason, dry_run=dry_run)
