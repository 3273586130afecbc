"""An open book: where it is, how far it reaches, which names it knows, and the look every question begins with."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from argosy.base.dates import format_instant
from argosy.base.errors import unknown
from argosy.base.table_text import escape
from argosy.interfaces.arguments import DayLike, MomentLike, NamesLike, day, moment, names
from argosy.wiring import market_files, system_clock

if TYPE_CHECKING:
    from argosy.record.reference_fold import Reference
    from argosy.workflows.look import Look
    from argosy.workflows.ports import BookStore, MarketFiles, Watermark


class OpenedBook:
    """The store behind a book, and what all its capabilities share."""

    def __init__(self, store: BookStore) -> None:
        self._store = store
        self._market: MarketFiles | None = None

    # -- the book itself ----------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the book is."""
        return self._store.url

    @property
    def store(self) -> BookStore:
        """The port behind the book, for programs that append events themselves."""
        return self._store

    @property
    def watermark(self) -> Watermark:
        """How far the book reaches now: last ``seq``, when it became known, head of the hash chain."""
        return self._store.watermark()

    def close(self) -> None:
        """Let go of the book. Asking a closed book is an error; closing twice is not."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        mark = self.watermark
        known = f", known at {format_instant(mark.known_at)}" if mark.seq else ", empty"
        return f"Book({self.url!r}, {mark.seq} rows in {mark.batch} batches{known})"

    def _repr_html_(self) -> str:
        reference = self._reference()
        listed = ", ".join(f"{one.code} ({one.base_currency})" for one in reference.portfolios.values()) or "none yet"
        mark = self.watermark
        return (
            f"<p><b>Book</b> {escape(self.url)}<br>portfolios: {escape(listed)}<br>"
            f"{mark.seq:,} rows in {mark.batch:,} batches · head {escape(mark.head[:16])}</p>"
        )

    def _files(self) -> MarketFiles:
        if self._market is None:
            self._market = market_files(self._store)
        return self._market

    def _reference(self, known_at: MomentLike = None) -> Reference:
        from argosy.record.reference_fold import Reference

        return Reference.from_facts(self._store.facts(watermark=self._store.watermark(moment(known_at))))

    def names(self, kind: str) -> list[str]:
        """Codes the book knows: of ``portfolio``, ``group``, ``instrument``, ``benchmark`` or ``calendar``."""
        reference = self._reference()
        found = {
            "portfolio": lambda: [one.code for one in reference.portfolios.values()],
            "group": lambda: [one.code for one in reference.groups.values()],
            "instrument": lambda: [one.code for one in reference.instruments.values()],
            "benchmark": lambda: list(reference.benchmarks),
            "calendar": lambda: list(reference.calendars),
        }
        if kind not in found:
            raise unknown("kind of name", kind, found)
        return sorted(found[kind]())

    def look(
        self, *, as_of: DayLike = None, known_at: MomentLike = None, portfolio: NamesLike = (), group: str = ""
    ) -> Look:
        """Fix what several questions see, so that they are about the same moment."""
        from argosy.workflows.look import look

        return look(
            self._store, clock=system_clock, as_of=day(as_of), known_at=moment(known_at), portfolios=names(portfolio),
            group=group, files=self._files(),
        )  # fmt: skip
