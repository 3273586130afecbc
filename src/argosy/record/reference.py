"""Who and what the book is about: portfolios, accounts, sleeves, groups, parties, instruments, currencies.

Built by folding facts up to a watermark; surrogate ids are small integers per kind, names and identifiers are dated
aliases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from argosy.base.money import Quote

INSTRUMENT_TYPES = ("equity", "fund", "bond", "private_fund", "future", "crypto", "other")


@dataclass(frozen=True, slots=True)
class BondTerms:
    """What accrued interest needs. ``coupon`` is the yearly rate as a fraction (0.05), dates are epoch days."""

    coupon: Quote
    frequency: int  # coupons a year: 1, 2, 4, 12 (0 = zero coupon)
    day_count: str  # "30/360", "30E/360", "ACT/ACT ICMA", "ACT/365F", "ACT/360"
    issue: int
    first_coupon: int
    maturity: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument as known at a watermark.

    Money value of a position in ``currency`` = quantity * price * factor, where ``factor`` holds the quote unit
    (pence: 1e-2), percent of par (1e-2) and the contract multiplier. ``inverse``: value = -quantity * factor / price.
    ``margined``: only the gain since opening counts in NAV (value - cost), as for futures.
    """

    id: int
    code: str
    name: str
    type: str
    currency: str
    quantity_scale: int
    quote_unit: str
    factor: Quote
    inverse: bool = False
    margined: bool = False
    bond: BondTerms | None = None
    identifiers: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What is measured and has a mandate. ``base_currency`` comes from its creation, the rest from the mandate."""

    id: int
    code: str
    name: str
    base_currency: str
    opened: int
    closed: int  # 0 = open
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """Custody plus tax registration; owns lots and cash. Belongs to one portfolio."""

    id: int
    code: str
    name: str
    portfolio: int
    custodian: int  # party id, 0 = none
    registration: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sleeve:
    """A tag on every leg inside a portfolio."""

    id: int
    code: str
    name: str
    portfolio: int


@dataclass(frozen=True, slots=True)
class Group:
    """A dated set of portfolios (and of other groups, already resolved to portfolio ids)."""

    id: int
    code: str
    name: str
    members: tuple[tuple[int, int, int], ...]  # (portfolio id, from day, to day or 0)


@dataclass(frozen=True, slots=True)
class Party:
    """A custodian, broker, issuer or client."""

    id: int
    code: str
    name: str
    role: str
    identifiers: Mapping[str, str] = field(default_factory=dict)
