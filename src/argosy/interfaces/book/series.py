"""Importing what explains returns: yield curves, returns of factors, exposures of instruments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.interfaces.arguments import content
from argosy.interfaces.book.imports import read_profile
from argosy.interfaces.book.opened import OpenedBook
from argosy.wiring import row_reader

if TYPE_CHECKING:
    from argosy.workflows.import_report import ImportReport


class SeriesImports(OpenedBook):
    """Series that attribution of bonds and by factors reads."""

    def import_curve(
        self,
        given: object,
        *,
        code: str,
        currency: str = "",
        name: str = "",
        profile: str = "",
        source: str = "",
        accept_good: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """A yield curve: date, tenor in years, yield (effective a year, a fraction); ``currency`` for a new one."""
        from argosy.workflows.import_series import import_curve

        found, label = content(given, name=name)
        return import_curve(
            self._store, row_reader(), content=found, name=label, code=code, currency=currency,
            profile=read_profile(profile), source=source, accept_good=accept_good, dry_run=dry_run,
        )  # fmt: skip

    def import_factors(
        self,
        given: object,
        *,
        code: str,
        frequency: str = "daily",
        name: str = "",
        profile: str = "",
        source: str = "",
        accept_good: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Returns of factors: date, factor, return (a fraction) over the period that ends on the date."""
        from argosy.workflows.import_series import import_factors

        found, label = content(given, name=name)
        return import_factors(
            self._store, row_reader(), content=found, name=label, code=code, frequency=frequency,
            profile=read_profile(profile), source=source, accept_good=accept_good, dry_run=dry_run,
        )  # fmt: skip

    def import_exposures(
        self,
        given: object,
        *,
        code: str,
        name: str = "",
        profile: str = "",
        source: str = "",
        accept_good: bool = False,
        dry_run: bool = False,
    ) -> ImportReport:
        """Exposures of instruments to the factors of ``code``: instrument, factor, exposure, and date (from when)."""
        from argosy.workflows.import_series import import_exposures

        found, label = content(given, name=name)
        return import_exposures(
            self._store, row_reader(), content=found, name=label, code=code, profile=read_profile(profile),
            source=source, accept_good=accept_good, dry_run=dry_run,
        )  # fmt: skip
