"""A book in Python: the same capabilities as the command line, as typed results.

Results convert to Polars and pandas, pass as Arrow without importing either, and show themselves in a notebook.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from argosy.base.dates import format_instant
from argosy.base.errors import unknown
from argosy.base.table_text import escape
from argosy.interfaces.arguments import DayLike, MomentLike, NamesLike, day, moment, names
from argosy.wiring import create_store, market_files, open_store, system_clock

if TYPE_CHECKING:
    from argosy.base.table import Table
    from argosy.record.reference_fold import Reference
    from argosy.workflows.look import Look, Statement
    from argosy.workflows.ports import BookStore, MarketFiles, Watermark

__all__ = ["Book", "create_book", "open_book"]


def open_book(url: str) -> Book:
    """Open a book: a path, ``sqlite:///PATH`` or ``postgresql://USER@HOST/NAME``.

    Raises :class:`~argosy.base.errors.BookError` where there is none, or where it is of another version.
    """
    return Book(open_store(url))


def create_book(url: str, *, market: str = "") -> Book:
    """Make an empty book and open it. ``market`` is the folder of its market files (needed for PostgreSQL)."""
    return Book(create_store(url, market_location=market))


class Book:
    """An open book. Use it in a ``with`` block, or call :meth:`close`.

    Every question takes ``as_of`` (effective day: ISO text, date) and ``known_at`` (what the book knew then: ISO text
    with zone, datetime); without them it is the last day the book knows something about, and all it knows.
    """

    def __init__(self, store: BookStore) -> None:
        self._store = store
        self._market: MarketFiles | None = None

    # -- the book itself ----------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the book is."""
        return self._store.url

    @property
    def watermark(self) -> Watermark:
        """How far the book reaches now: last ``seq``, when it became known, head of the hash chain."""
        return self._store.watermark()

    def close(self) -> None:
        """Let go of the book. Asking a closed book is an error; closing twice is not."""
        self._store.close()

    def __enter__(self) -> Book:
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
            group=group,
        )  # fmt: skip

    # -- state --------------------------------------------------------------------------------------------------------

    def positions(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        by_account: bool = False,
    ) -> Statement:
        """What is held, with its cost: a row for each pool of lots."""
        from argosy.workflows import statements

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return statements.positions(seen, by_account=by_account)

    def lots(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        instrument: NamesLike = (),
    ) -> Statement:
        """The open lots behind the positions."""
        from argosy.workflows import statements

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return statements.lots(seen, instruments=names(instrument))

    def cash(
        self, *, as_of: DayLike = None, known_at: MomentLike = None, portfolio: NamesLike = (), group: str = ""
    ) -> Statement:
        """Cash by currency on trade and settlement dates, and what is on its way."""
        from argosy.workflows import statements

        return statements.cash(self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group))

    def transactions(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        instrument: NamesLike = (),
        first: DayLike = None,
        last: DayLike = None,
    ) -> Statement:
        """What happened, in the order in which it counts."""
        from argosy.workflows import statements

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return statements.transactions(
            seen, instruments=names(instrument), first=day(first, field="first"), last=day(last, field="last")
        )

    def income(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        first: DayLike = None,
        last: DayLike = None,
    ) -> Statement:
        """Dividends, interest, coupons and distributions."""
        from argosy.workflows import statements

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return statements.income(seen, first=day(first, field="first"), last=day(last, field="last"))

    # -- keeping ------------------------------------------------------------------------------------------------------

    def batches(self, *, known_at: MomentLike = None) -> Table:
        """What was written, when, and from which file."""
        from argosy.workflows.keeping import batches_table

        return batches_table(self._store, known_at=moment(known_at))
