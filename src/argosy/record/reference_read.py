"""One fact read as the thing it describes."""

from __future__ import annotations

from argosy.base.money import Quote
from argosy.record.facts import Fact
from argosy.record.payload import flag, inner, integer, integers, quote, strings, text, texts
from argosy.record.reference import Account, BondTerms, Group, Instrument, Party, Portfolio, Sleeve
from argosy.record.reference_terms import BenchmarkTerms, CalendarTerms, MarketLoad

ONE = Quote(1, 0)


def read_portfolio(fact: Fact) -> Portfolio:
    """A PORTFOLIO fact."""
    p = fact.payload
    return Portfolio(
        fact.subject, text(p, "code"), text(p, "name"), text(p, "base_currency"), integer(p, "opened"),
        integer(p, "closed"), strings(p, "attributes"),
    )  # fmt: skip


def read_account(fact: Fact) -> Account:
    """An ACCOUNT fact."""
    p = fact.payload
    return Account(
        fact.subject, text(p, "code"), text(p, "name"), integer(p, "portfolio"), integer(p, "custodian"),
        text(p, "registration"), strings(p, "attributes"),
    )  # fmt: skip


def read_sleeve(fact: Fact) -> Sleeve:
    """A SLEEVE fact."""
    p = fact.payload
    return Sleeve(fact.subject, text(p, "code"), text(p, "name"), integer(p, "portfolio"))


def read_group(fact: Fact) -> Group:
    """A GROUP fact; ``members`` is a list of ``[portfolio, from, to]``."""
    p = fact.payload
    listed = p.get("members") or ()
    members: list[tuple[int, int, int]] = []
    for row in listed if isinstance(listed, list | tuple) else ():
        portfolio, first, last = integers({"member": row}, "member")
        members.append((portfolio, first, last))
    return Group(fact.subject, text(p, "code"), text(p, "name"), tuple(members))


def read_party(fact: Fact) -> Party:
    """A PARTY fact."""
    p = fact.payload
    return Party(fact.subject, text(p, "code"), text(p, "name"), text(p, "role"), strings(p, "identifiers"))


def read_instrument(fact: Fact) -> Instrument:
    """An INSTRUMENT fact."""
    p = fact.payload
    currency = text(p, "currency")
    bond = inner(p, "bond")
    return Instrument(
        id=fact.subject,
        code=text(p, "code"),
        name=text(p, "name"),
        type=text(p, "type", "other"),
        currency=currency,
        quantity_scale=integer(p, "quantity_scale", 8),
        quote_unit=text(p, "quote_unit", currency),
        factor=quote(p, "factor", ONE),
        inverse=flag(p, "inverse"),
        margined=flag(p, "margined"),
        bond=None if bond is None else BondTerms(
            quote(bond, "coupon", Quote(0, 0)), integer(bond, "frequency"), text(bond, "day_count"),
            integer(bond, "issue"), integer(bond, "first_coupon"), integer(bond, "maturity"),
        ),
        identifiers=strings(p, "identifiers"),
        attributes=strings(p, "attributes"),
    )  # fmt: skip


def read_market_load(fact: Fact) -> MarketLoad:
    """A MARKET_LOAD fact."""
    p = fact.payload
    return MarketLoad(
        fact.seq, fact.batch, text(p, "data"), text(p, "file"), text(p, "sha256"), integer(p, "bytes"),
        integer(p, "rows"), text(p, "source"), text(p, "basis"), integer(p, "from"), integer(p, "to"),
        text(p, "reader"), fact.subject,
    )  # fmt: skip


def read_calendar(fact: Fact) -> CalendarTerms:
    """A CALENDAR fact."""
    p = fact.payload
    return CalendarTerms(
        text(p, "name"), integers(p, "sessions"), text(p, "weekmask", "1111100"), integers(p, "holidays"),
        text(p, "source"), fact.seq,
    )  # fmt: skip


def read_benchmark(fact: Fact) -> BenchmarkTerms:
    """A BENCHMARK fact."""
    p = fact.payload
    listed = p.get("weights") or ()
    weights: list[tuple[int, int]] = []
    for row in listed if isinstance(listed, list | tuple) else ():
        mantissa, exponent = integers({"weight": row}, "weight")
        weights.append((mantissa, exponent))
    return BenchmarkTerms(
        fact.subject, text(p, "code"), text(p, "name"), text(p, "kind"), text(p, "currency"),
        integers(p, "instruments"), tuple(weights), text(p, "rebalance", "never"), fact.seq,
    )  # fmt: skip


def read_source_precedence(fact: Fact) -> tuple[str, tuple[str, ...]]:
    """A SOURCE_PRECEDENCE fact: the kind of data and its sources, best first."""
    return text(fact.payload, "data"), texts(fact.payload, "sources")
