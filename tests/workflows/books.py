"""Small books for the tests of workflows."""

from __future__ import annotations

from collections.abc import Mapping

from argosy.adapters.files.tabular import read_rows
from argosy.adapters.store.opening import create_book
from argosy.record.ledger.fold import fold
from argosy.record.ledger.state import State
from argosy.record.ledger_terms import ledger_policies, quantity_units
from argosy.record.reference_fold import Reference
from argosy.workflows.import_instruments import import_instruments
from argosy.workflows.import_report import ImportReport
from argosy.workflows.import_transactions import import_transactions
from argosy.workflows.ports import BookStore
from argosy.workflows.profile import NEUTRAL, Profile
from argosy.workflows.setup import create_account, create_portfolio, create_sleeve

INSTRUMENTS = """\
code,name,type,currency,quote_unit,quantity_scale,isin,ticker,coupon,frequency,day_count,issue_date,maturity,multiplier
ACME,Acme,equity,USD,,,US0378331005,ACM,,,,,,
SHEL,Shell,equity,GBP,GBp,,,,,,,,,
BOND,Bond 5%,bond,USD,,2,,,0.05,2,30/360,2015-01-15,2030-01-15,
FUND,Private fund,private_fund,USD,,,,,,,,,,
WHOLE,Whole units,equity,USD,,0,,,,,,,,
"""


class Clock:
    """A clock that is always a second later."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000

    def __call__(self) -> int:
        self.now += 1_000_000
        return self.now


def empty_book(url: str) -> BookStore:
    return create_book(url, clock=Clock())


def small_book(url: str, mandate: str = "") -> BookStore:
    """GROWTH (USD; MAIN, SECOND; sleeve CORE), INCOME (EUR) and five instruments, in five batches."""
    store = empty_book(url)
    create_portfolio(store, code="GROWTH", base_currency="USD", mandate=mandate)
    create_account(store, portfolio="GROWTH", code="SECOND")
    create_sleeve(store, portfolio="GROWTH", code="CORE")
    create_portfolio(store, code="INCOME", base_currency="EUR")
    report = import_instruments(store, read_rows, content=INSTRUMENTS.encode(), name="instruments.csv")
    assert report.written, [problem.text() for problem in report.problems]
    return store


def csv(*rows: Mapping[str, str]) -> bytes:
    """Rows as a neutral file; portfolio GROWTH and 2020-01-02 unless they say otherwise."""
    full = [{"date": "2020-01-02", "portfolio": "GROWTH", **row} for row in rows]
    names = list(dict.fromkeys(name for row in full for name in row))
    lines = [",".join(names)]
    for row in full:
        lines.append(",".join('"' + row.get(name, "").replace('"', '""') + '"' for name in names))
    return ("\n".join(lines) + "\n").encode()


def imported(
    store: BookStore,
    content: bytes,
    *,
    name: str = "trades.csv",
    profile: Profile = NEUTRAL,
    source: str = "",
    accept_good: bool = False,
    as_new: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    report = import_transactions(
        store, read_rows, content=content, name=name, profile=profile, source=source, accept_good=accept_good,
        as_new=as_new, dry_run=dry_run,
    )  # fmt: skip
    assert report.rows == report.inserted + report.known + report.conflicting + report.refused
    return report


def reference_of(store: BookStore) -> Reference:
    return Reference.from_facts(store.facts())


def state_of(store: BookStore) -> State:
    reference = reference_of(store)
    return fold(
        reference.canonical_events(store.events()), policies=ledger_policies(reference),
        quantity_unit=quantity_units(reference), voided_batches=reference.voided_batches,
    )  # fmt: skip


def holdings(store: BookStore) -> dict[tuple[str, str, str], str]:
    """Quantity held by portfolio, account and instrument code, as text."""
    reference, held = reference_of(store), state_of(store).holdings
    found: dict[tuple[str, str, str], str] = {}
    for portfolio, account, instrument, quantity in zip(
        held.portfolio.tolist(), held.account.tolist(), held.instrument.tolist(), held.quantity.tolist(), strict=True
    ):
        one = reference.instruments[instrument]
        unit = 10**one.quantity_scale
        key = (reference.portfolios[portfolio].code, reference.accounts[account].code, one.code)
        found[key] = f"{quantity / unit:g}"
    return found


def cash(store: BookStore) -> dict[tuple[str, str, str], int]:
    """Cash by portfolio, account and currency in units of the money scale, without zeros."""
    from argosy.base.money import currency_name

    reference, rows = reference_of(store), state_of(store).cash
    found: dict[tuple[str, str, str], int] = {}
    for portfolio, account, currency, amount in zip(
        rows.portfolio.tolist(), rows.account.tolist(), rows.currency.tolist(), rows.traded.tolist(), strict=True
    ):
        key = (reference.portfolios[portfolio].code, reference.accounts[account].code, currency_name(currency))
        found[key] = found.get(key, 0) + amount
    return {key: amount for key, amount in found.items() if amount}
