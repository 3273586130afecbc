"""Another book's market files: read, never written, with caches in memory so that nothing is left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from argosy.base.errors import BookError
from argosy.record.ledger.events import Int64
from argosy.workflows.ports import MarketFiles


@dataclass(frozen=True)
class BorrowedFiles:
    """Market files for a book that lives for one question only."""

    owner: MarketFiles
    _kept: dict[str, dict[str, Int64]] = field(default_factory=dict, repr=False)

    def write(self, name_hint: str, columns: Mapping[str, Int64]) -> tuple[str, str, int]:
        """Refused: the files belong to another book."""
        raise BookError(f"{name_hint} ({len(columns)} columns) cannot be written among the files of another book",
                        next_step="load market data into the book that owns them")  # fmt: skip

    def read(self, name: str) -> dict[str, Int64]:
        """The columns of one file."""
        return self.owner.read(name)

    def sha256(self, name: str) -> str:
        """The hash of one file as it is on disk now."""
        return self.owner.sha256(name)

    def names(self) -> list[str]:
        """All files present."""
        return self.owner.names()

    def load_cache(self, key: str) -> dict[str, Int64] | None:
        """Arrays kept under a version key."""
        return self._kept.get(key)

    def save_cache(self, key: str, arrays: Mapping[str, Int64]) -> None:
        """Keep arrays under a version key, as long as this lives."""
        self._kept[key] = dict(arrays)
