"""Files into the book: transactions, instruments, prices, rates, benchmarks, calendars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from argosy.interfaces.arguments import DayLike, content, day, utf8
from argosy.interfaces.book.opened import OpenedBook
from argosy.wiring import row_reader

if TYPE_CHECKING:
    from argosy.workflows.import_report import ImportReport
    from argosy.workflows.profile import Profile


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
            self._store, row_reader(), content=found, name=label, profile=_profile(profile), source=source,
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
            self._store, row_reader(), content=found, name=label, profile=_profile(profile), source=source,
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
            basis=basis, profile=_profile(profile), accept_good=accept_good, dry_run=dry_run,
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
            profile=_profile(profile), accept_good=accept_good, dry_run=dry_run,
        )  # fmt: skip


def _profile(path: str) -> Profile:
    from argosy.workflows.profile import NEUTRAL, parse_profile

    return parse_profile(utf8(Path(path).read_bytes(), path), source=path) if path else NEUTRAL
