"""Files into the book: transactions, instruments, prices, rates, benchmarks, calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from argosy.base.errors import InvalidInput
from argosy.interfaces.arguments import DayLike, content, day, utf8
from argosy.interfaces.book.opened import OpenedBook
from argosy.wiring import exchange_sessions, row_reader

if TYPE_CHECKING:
    from argosy.workflows.import_report import ImportReport
    from argosy.workflows.profile import Profile
    from argosy.workflows.setup import SetupResult


class ImportSteps(OpenedBook):
    """Each import takes a path, bytes, or a dataframe that speaks Arrow's PyCapsule protocol (Polars, pandas, Arrow).

    A file is one batch, written whole or not at all; bad rows come back in the report with their lines. ``profile`` is
    the path of a TOML file that maps foreign columns to the neutral ones.
    """

    def import_transactions(
        self,
        given: object,
        *,
        name: str = "",
        profile: str = "",
        source: str = "",
        accept_good: bool = False,
        as_new: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Trades, cash movements, income, corporate actions. What is known already is not written again."""
        from argosy.workflows.import_transactions import import_transactions

        found, label = content(given, name=name)
        return import_transactions(
            self._store, row_reader(), content=found, name=label, profile=read_profile(profile), source=source,
            accept_good=accept_good, as_new=as_new, dry_run=dry_run,
        )  # fmt: skip

    def import_instruments(
        self,
        given: object,
        *,
        name: str = "",
        profile: str = "",
        source: str = "",
        effective: DayLike = None,
        accept_good: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Instruments with identifiers, quote units and bond terms; a changed row becomes a newer version."""
        from argosy.workflows.import_instruments import import_instruments

        found, label = content(given, name=name)
        return import_instruments(
            self._store, row_reader(), content=found, name=label, profile=read_profile(profile), source=source,
            effective=day(effective, field="effective"), accept_good=accept_good, dry_run=dry_run,
        )  # fmt: skip

    def import_prices(
        self,
        given: object,
        *,
        name: str = "",
        profile: str = "",
        source: str = "",
        basis: str = "traded",
        accept_good: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Prices: date, instrument, price. ``basis`` is traded, split_adjusted or total_return."""
        from argosy.workflows.import_market import import_prices

        found, label = content(given, name=name)
        return import_prices(
            self._store, self._files(), row_reader(), content=found, name=label, source=source,
            basis=basis, profile=read_profile(profile), accept_good=accept_good, dry_run=dry_run,
        )  # fmt: skip

    def import_fx(
        self,
        given: object,
        *,
        name: str = "",
        profile: str = "",
        source: str = "",
        layout: str = "",
        accept_good: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Exchange rates as quoted: date, base, quote, rate. ``layout`` "ecb" reads the ECB's history file."""
        from argosy.workflows.import_market import import_fx

        found, label = content(given, name=name)
        return import_fx(
            self._store, self._files(), row_reader(), content=found, name=label, source=source, layout=layout,
            profile=read_profile(profile), accept_good=accept_good, dry_run=dry_run,
        )  # fmt: skip

    def import_benchmark(
        self,
        given: object,
        *,
        code: str = "",
        name: str = "",
        currency: str = "",
        title: str = "",
        profile: str = "",
        source: str = "",
        accept_good: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Published levels or returns of a benchmark; ``code`` names it where the file has no column code."""
        from argosy.workflows.import_market import import_benchmark

        found, label = content(given, name=name)
        return import_benchmark(
            self._store, self._files(), row_reader(), content=found, name=label, code=code, title=title,
            currency=currency, source=source, profile=read_profile(profile), accept_good=accept_good, dry_run=dry_run,
        )  # fmt: skip

    def import_calendar(
        self,
        calendar: str,
        given: object,
        *,
        name: str = "",
        first: DayLike = None,
        last: DayLike = None,
        source: str = "",
        profile: str = "",
        dry_run: bool = False,
    ) -> ImportReport:
        """A calendar from a file with a column date, one line for each session."""
        from argosy.workflows.import_market import import_calendar

        found, label = content(given, name=name)
        return import_calendar(
            self._store, row_reader(), content=found, name=label, calendar=calendar, first=day(first, field="first"),
            last=day(last, field="last"), source=source, profile=read_profile(profile), dry_run=dry_run,
        )  # fmt: skip

    def import_exchange_calendar(
        self, exchange: str, *, first: DayLike, last: DayLike, calendar: str = "", dry_run: bool = False
    ) -> ImportReport:
        """The sessions of an exchange such as XNYS between two days (needs the extra ``calendars``)."""
        from argosy.workflows.import_market import import_exchange

        begin, end = day(first, field="first"), day(last, field="last")
        if begin is None or end is None:
            raise InvalidInput("an exchange's sessions need a first and a last day", field="first")
        return import_exchange(
            self._store, exchange_sessions(), exchange=exchange, first=begin, last=end, calendar=calendar,
            dry_run=dry_run,
        )  # fmt: skip

    def define_benchmark(
        self,
        code: str,
        *,
        currency: str,
        instruments: Sequence[str],
        weights: Mapping[str, str] | None = None,
        rebalance: str = "monthly",
        name: str = "",
        dry_run: bool = False,
    ) -> SetupResult:
        """A benchmark made of instruments, equally weighted or with fixed weights (decimals as text, sum 1)."""
        from argosy.workflows.market_setup import define_benchmark

        return define_benchmark(
            self._store, code=code, currency=currency, instruments=tuple(instruments), weights=weights,
            rebalance=rebalance, name=name, dry_run=dry_run,
        )  # fmt: skip

    def prefer_sources(self, data: str, sources: Sequence[str], *, dry_run: bool = False) -> SetupResult:
        """Which source of ``prices`` or ``fx`` goes first where several give the same date."""
        from argosy.workflows.market_setup import set_source_precedence

        return set_source_precedence(self._store, data=data, sources=tuple(sources), dry_run=dry_run)


def read_profile(path: str) -> Profile:
    """The profile at a path; the neutral one where none is named."""
    from argosy.workflows.profile import NEUTRAL, parse_profile

    return parse_profile(utf8(Path(path).read_bytes(), path), source=path) if path else NEUTRAL
