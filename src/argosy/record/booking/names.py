"""Who and what a row is about: portfolio, account, sleeve, instrument and currency, each by the name the file uses."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.base.errors import ArgosyError, unknown
from argosy.record.booking.fields import Fields
from argosy.record.booking.types import TYPES, RowType
from argosy.record.reference import Instrument


@dataclass(frozen=True, slots=True)
class Where:
    """The legs' address: ids of portfolio, account and sleeve (0 = none)."""

    portfolio: int
    account: int
    sleeve: int


def read_type(row: Fields) -> RowType | None:
    """The type of the row; an unknown one is answered with the nearest."""
    text = row.text("type")
    if not text:
        row.refuse("type", "nothing there", "write one of: " + ", ".join(TYPES))
        return None
    rule = TYPES.get("_".join(text.lower().replace("-", " ").split()))
    if rule is None:
        row.refuse_error("type", unknown("type", text[:60], TYPES))
    return rule


def read_where(row: Fields, prefix: str = "", portfolio: int = 0) -> Where | None:
    """Portfolio, account and sleeve, or with prefix ``to_`` those of the receiving side."""
    reference = row.place.reference
    name = row.text(f"{prefix}portfolio")
    if name:
        try:
            portfolio = reference.portfolio(name).id
        except ArgosyError as error:
            row.refuse_error(f"{prefix}portfolio", error)
            return None
    elif not portfolio:
        row.refuse(f"{prefix}portfolio", "nothing there", "name the portfolio of each row")
        return None
    account_name, sleeve_name = row.text(f"{prefix}account"), row.text(f"{prefix}sleeve")
    account = sleeve = 0
    try:
        account = (
            reference.account(account_name, portfolio) if account_name else reference.default_account(portfolio)
        ).id
    except ArgosyError as error:
        row.refuse_error(f"{prefix}account", error)
    if sleeve_name:
        try:
            sleeve = reference.sleeve(sleeve_name, portfolio).id
        except ArgosyError as error:
            row.refuse_error(f"{prefix}sleeve", error)
    return Where(portfolio, account, sleeve)


def read_instrument(row: Fields, day: int | None) -> Instrument | None:
    """The instrument by code or identifier as borne on the row's date, or None when the row names none."""
    name = row.text("instrument")
    if not name:
        return None
    try:
        return row.place.reference.instrument(name, day)
    except ArgosyError as error:
        row.refuse_error("instrument", error)
        return None


def read_currency(row: Fields, name: str, default: str) -> str:
    """A currency code that ISO 4217 or the book knows."""
    text = row.text(name)
    if not text:
        return default
    try:
        return row.place.reference.currency(text)
    except ArgosyError as error:
        row.refuse_error(name, error)
        return ""
