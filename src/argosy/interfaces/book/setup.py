"""Who and what the book is about: portfolios, accounts, sleeves, groups, currencies, mandates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING

from argosy.interfaces.arguments import DayLike, MomentLike, NamesLike, day, moment, names
from argosy.interfaces.arguments import mandate as mandate_text
from argosy.interfaces.book.opened import OpenedBook

if TYPE_CHECKING:
    from argosy.base.table import Table
    from argosy.record.reference_fold import Reference
    from argosy.workflows.look import Statement
    from argosy.workflows.setup import SetupResult


class SetupSteps(OpenedBook):
    """Creating and changing what the book is about. Nothing is overwritten: each change stands beside what was."""

    def create_portfolio(
        self,
        code: str,
        *,
        currency: str,
        name: str = "",
        accounts: Sequence[str] = (),
        opened: DayLike = None,
        mandate: str | bytes | PathLike[str] = "",
        attributes: Mapping[str, str] | None = None,
        dry_run: bool = False,
    ) -> SetupResult:
        """Create a portfolio with its accounts (default MAIN); ``mandate`` as in :meth:`set_mandate`."""
        from argosy.workflows.setup import create_portfolio

        text = mandate_text(mandate)[0] if mandate else ""
        return create_portfolio(
            self._store, code=code, base_currency=currency, name=name, opened=day(opened, field="opened") or 0,
            accounts=tuple(accounts) or ("MAIN",), attributes=attributes, mandate=text, dry_run=dry_run,
        )  # fmt: skip

    def update_portfolio(
        self,
        code: str,
        *,
        name: str | None = None,
        rename: str | None = None,
        closed: DayLike = None,
        effective: DayLike = None,
        attributes: Mapping[str, str] | None = None,
        dry_run: bool = False,
    ) -> SetupResult:
        """Change a portfolio's name, code, closing day or attributes from a day on."""
        from argosy.workflows.changing import update_portfolio

        return update_portfolio(
            self._store, code=code, name=name, rename=rename, closed=day(closed, field="closed"),
            effective=day(effective, field="effective") or 0, attributes=attributes, dry_run=dry_run,
        )  # fmt: skip

    def create_account(
        self,
        portfolio: str,
        code: str,
        *,
        name: str = "",
        custodian: str = "",
        registration: str = "",
        attributes: Mapping[str, str] | None = None,
        dry_run: bool = False,
    ) -> SetupResult:
        """Create an account inside a portfolio."""
        from argosy.workflows.setup import create_account

        return create_account(
            self._store, portfolio=portfolio, code=code, name=name, custodian=custodian, registration=registration,
            attributes=attributes, dry_run=dry_run,
        )  # fmt: skip

    def create_sleeve(self, portfolio: str, code: str, *, name: str = "", dry_run: bool = False) -> SetupResult:
        """Create a sleeve inside a portfolio."""
        from argosy.workflows.setup import create_sleeve

        return create_sleeve(self._store, portfolio=portfolio, code=code, name=name, dry_run=dry_run)

    def create_group(
        self, code: str, *, members: Sequence[str] = (), name: str = "", dry_run: bool = False
    ) -> SetupResult:
        """Create a group of portfolios; the code of another group stands for its members."""
        from argosy.workflows.setup import create_group

        return create_group(self._store, code=code, members=tuple(members), name=name, dry_run=dry_run)

    def set_membership(
        self, group: str, portfolio: str, *, first: DayLike = None, last: DayLike = None, dry_run: bool = False
    ) -> SetupResult:
        """Say from when to when a portfolio belongs to a group."""
        from argosy.workflows.setup import set_membership

        return set_membership(
            self._store, group=group, portfolio=portfolio, first=day(first, field="first") or 0,
            last=day(last, field="last") or 0, dry_run=dry_run,
        )  # fmt: skip

    def create_party(self, code: str, *, role: str = "other", name: str = "", dry_run: bool = False) -> SetupResult:
        """Create a custodian, broker, issuer, client or manager."""
        from argosy.workflows.setup import create_party

        return create_party(self._store, code=code, role=role, name=name, dry_run=dry_run)

    def define_currency(
        self, code: str, *, scale: int | None = None, shown: int | None = None, dry_run: bool = False
    ) -> SetupResult:
        """Make a currency known, or fix its decimals before its first event."""
        from argosy.workflows.setup import define_currency

        return define_currency(self._store, code=code, scale=scale, shown=shown, dry_run=dry_run)

    def add_identifier(
        self, instrument: str, scheme: str, value: str, *, first: DayLike = None, last: DayLike = None,
        dry_run: bool = False,
    ) -> SetupResult:  # fmt: skip
        """Say that an instrument bears an identifier (isin, ticker, ...) from one day to another."""
        from argosy.workflows.identities import add_identifier

        return add_identifier(
            self._store, instrument=instrument, scheme=scheme, value=value, effective=day(first, field="first") or 0,
            until=day(last, field="last") or 0, dry_run=dry_run,
        )  # fmt: skip

    def merge_instruments(self, source: str, into: str, *, reason: str = "", dry_run: bool = False) -> SetupResult:
        """Make one instrument of two; asked as it was known before, the book still has two."""
        from argosy.workflows.identities import merge_instruments

        return merge_instruments(self._store, source=source, into=into, reason=reason, dry_run=dry_run)

    def set_mandate(
        self, portfolio: str, text: str | bytes | PathLike[str], *, name: str = "", effective: DayLike = None,
        dry_run: bool = False,
    ) -> SetupResult:  # fmt: skip
        """Give a portfolio a mandate from a day on; earlier versions rule before it.

        ``text`` is TOML, or its file: a path, or a name ending in ``.toml``.
        """
        from argosy.workflows.setup import set_mandate

        read, label = mandate_text(text, name=name or f"mandate of {portfolio}")
        return set_mandate(
            self._store, portfolio=portfolio, text=read, source=name or label,
            effective=day(effective, field="effective") or 0, dry_run=dry_run,
        )  # fmt: skip

    # -- what there is ------------------------------------------------------------------------------------------------

    def portfolios(self, *, known_at: MomentLike = None) -> Table:
        """Portfolios with accounts, lot rules and benchmark."""
        from argosy.reporting.statements.registry import portfolios_table

        return portfolios_table(self._reference(known_at))

    def portfolio(self, code: str, *, known_at: MomentLike = None) -> Statement:
        """One portfolio: its terms, accounts and sleeves."""
        from argosy.reporting.statements.registry import accounts_table, portfolio_table, sleeves_table
        from argosy.workflows.look import Statement

        reference = self._reference(known_at)
        found = reference.portfolio(code)
        tables = (
            portfolio_table(reference, found.id), accounts_table(reference, [found.id]),
            sleeves_table(reference, [found.id]),
        )  # fmt: skip
        return Statement(tuple(table for table in tables if len(table)))

    def accounts(self, portfolio: NamesLike = (), *, known_at: MomentLike = None) -> Table:
        """Accounts with custodian and registration."""
        from argosy.reporting.statements.registry import accounts_table

        reference = self._reference(known_at)
        return accounts_table(reference, _ids(reference, portfolio))

    def sleeves(self, portfolio: NamesLike = (), *, known_at: MomentLike = None) -> Table:
        """Sleeves."""
        from argosy.reporting.statements.registry import sleeves_table

        reference = self._reference(known_at)
        return sleeves_table(reference, _ids(reference, portfolio))

    def groups(self, *, known_at: MomentLike = None) -> Table:
        """Groups with their members."""
        from argosy.reporting.statements.registry import groups_table

        return groups_table(self._reference(known_at))

    def members(self, group: str, *, known_at: MomentLike = None) -> Table:
        """From when to when portfolios belong to a group."""
        from argosy.reporting.statements.registry import members_table

        return members_table(self._reference(known_at), group)

    def currencies(self, *, known_at: MomentLike = None) -> Table:
        """Currencies of the book with the decimals kept and shown."""
        from argosy.reporting.statements.registry import currencies_table

        return currencies_table(self._reference(known_at))

    def instruments(self, *, known_at: MomentLike = None) -> Table:
        """Instruments with type, currency and identifiers."""
        from argosy.reporting.statements.registry import instruments_table

        return instruments_table(self._reference(known_at))

    def benchmarks(self, *, known_at: MomentLike = None) -> Table:
        """Benchmarks with what they are made of."""
        from argosy.reporting.statements.registry import benchmarks_table

        return benchmarks_table(self._reference(known_at))

    def loads(self, *, known_at: MomentLike = None) -> Table:
        """Market files in the order in which they became known."""
        from argosy.reporting.statements.registry import loads_table

        return loads_table(self._reference(known_at))

    def portfolio_history(self, portfolio: str, *, known_at: MomentLike = None) -> Table:
        """How a portfolio's own data changed."""
        from argosy.workflows.keeping import portfolio_history

        return portfolio_history(self._store, portfolio, known_at=moment(known_at))

    def mandate_history(self, portfolio: str, *, known_at: MomentLike = None) -> Table:
        """The versions of a portfolio's mandate."""
        from argosy.workflows.keeping import mandate_history

        return mandate_history(self._store, portfolio, known_at=moment(known_at))

    def mandate_text(self, portfolio: str, *, as_of: DayLike = None, known_at: MomentLike = None) -> str:
        """The text of the mandate in force on a day; the template's defaults where none was given."""
        from argosy.workflows.keeping import mandate_text

        return mandate_text(self._store, portfolio, day=day(as_of), known_at=moment(known_at))


def _ids(reference: Reference, portfolio: NamesLike) -> list[int]:
    return [reference.portfolio(code).id for code in names(portfolio)] or list(reference.portfolios)
