"""Who and what the book is about: portfolios, accounts, sleeves, groups, currencies, instruments; how they changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from argosy.base.dates import format_date
from argosy.base.table import Column, Table
from argosy.measures.performance.returns import timing_text
from argosy.record.facts import Fact, FactKind
from argosy.record.reference_fold import Reference


def _dates(name: str, days: Sequence[int], *, title: str = "") -> Column:
    return Column(name, "date", days, title=title, missing=[day == 0 for day in days])


def _text(name: str, values: Iterable[str]) -> Column:
    return Column(name, "text", list(values))


def portfolios_table(reference: Reference) -> Table:
    """Portfolios with base currency, accounts and the mandate in force last."""
    rows = sorted(reference.portfolios.values(), key=lambda one: one.code)
    accounts = [[a.code for a in reference.accounts.values() if a.portfolio == one.id] for one in rows]
    mandates = [reference.mandate(one.id) for one in rows]
    return Table(
        "portfolios",
        (
            _text("portfolio", (one.code for one in rows)), _text("name", (one.name for one in rows)),
            _text("currency", (one.base_currency for one in rows)),
            _text("accounts", (", ".join(sorted(codes)) for codes in accounts)),
            _text("lots", (f"{m.lots.method} per {m.lots.scope}" for m in mandates)),
            _text("benchmark", (m.benchmark for m in mandates)), _text("calendar", (m.calendar for m in mandates)),
            _dates("opened", [one.opened for one in rows]), _dates("closed", [one.closed for one in rows]),
        ),
    )  # fmt: skip


def accounts_table(reference: Reference, portfolios: Sequence[int]) -> Table:
    """Accounts of portfolios with custodian and registration."""
    rows = sorted(
        (a for a in reference.accounts.values() if a.portfolio in portfolios), key=lambda a: (a.portfolio, a.code)
    )
    return Table(
        "accounts",
        (
            _text("portfolio", (reference.portfolios[a.portfolio].code for a in rows)),
            _text("account", (a.code for a in rows)), _text("name", (a.name for a in rows)),
            _text("custodian", (reference.parties[a.custodian].code if a.custodian else "" for a in rows)),
            _text("registration", (a.registration for a in rows)),
        ),
    )  # fmt: skip


def sleeves_table(reference: Reference, portfolios: Sequence[int]) -> Table:
    """Sleeves of portfolios."""
    rows = sorted(
        (s for s in reference.sleeves.values() if s.portfolio in portfolios), key=lambda s: (s.portfolio, s.code)
    )
    return Table(
        "sleeves",
        (
            _text("portfolio", (reference.portfolios[s.portfolio].code for s in rows)),
            _text("sleeve", (s.code for s in rows)), _text("name", (s.name for s in rows)),
        ),
    )  # fmt: skip


def groups_table(reference: Reference) -> Table:
    """Groups with the portfolios that belong to them without an end."""
    rows = sorted(reference.groups.values(), key=lambda one: one.code)
    members = [[reference.portfolios[p].code for p in reference.members(one.id)] for one in rows]
    return Table(
        "groups",
        (
            _text("group", (one.code for one in rows)), _text("name", (one.name for one in rows)),
            _text("members", (", ".join(codes) for codes in members)),
        ),
    )  # fmt: skip


def members_table(reference: Reference, group: str) -> Table:
    """Each stay in a group: portfolio, first day, last day."""
    held = reference.group(group)
    rows = sorted(held.members, key=lambda row: (row[1], row[0]))
    return Table(
        f"members of {held.code}",
        (
            _text("portfolio", (reference.portfolios[p].code for p, _, _ in rows)),
            _text("name", (reference.portfolios[p].name for p, _, _ in rows)),
            _dates("from", [first for _, first, _ in rows]), _dates("to", [last for _, _, last in rows]),
        ),
    )  # fmt: skip


def currencies_table(reference: Reference) -> Table:
    """Currencies of portfolios, instruments and the book's own, with the decimals kept and shown."""
    codes = {one.base_currency for one in reference.portfolios.values()}
    codes |= {one.currency for one in reference.instruments.values()}
    codes |= {str(fact.payload["code"]) for fact in reference.facts if fact.kind == FactKind.CURRENCY}
    rows = sorted(code for code in codes if code)
    return Table(
        "currencies",
        (
            _text("currency", rows),
            Column("kept", "integer", [reference.money_scale(code) for code in rows], title="decimals kept"),
            Column("shown", "integer", [reference.minor_units(code) for code in rows], title="decimals shown"),
        ),
    )


def instruments_table(reference: Reference) -> Table:
    """Instruments with type, currency, scale and identifiers."""
    rows = sorted(reference.instruments.values(), key=lambda one: one.code)
    return Table(
        "instruments",
        (
            _text("instrument", (one.code for one in rows)), _text("name", (one.name for one in rows)),
            _text("type", (one.type for one in rows)), _text("currency", (one.currency for one in rows)),
            _text("quote_unit", (one.quote_unit for one in rows)),
            Column("quantity_scale", "integer", [one.quantity_scale for one in rows], title="decimals of quantity"),
            _text("identifiers", (" ".join(f"{k}:{v}" for k, v in sorted(one.identifiers.items())) for one in rows)),
        ),
    )  # fmt: skip


def history_table(facts: Sequence[Fact], known: Mapping[int, int], *, name: str) -> Table:
    """How a subject changed: each field that differs from the fact before. ``known`` maps batch to moment."""
    rows: list[tuple[int, int, int, str, str]] = []
    before: Mapping[str, object] = {}
    for fact in facts:
        for field, value in fact.payload.items():
            if before.get(field) != value and value not in ("", 0, None, {}, []):
                rows.append((fact.batch, known.get(fact.batch, 0), fact.effective, field, _shown(value)))
        before = fact.payload
    return Table(
        name,
        (
            Column("batch", "integer", [row[0] for row in rows]),
            Column("known_at", "instant", [row[1] for row in rows]),
            _dates("effective", [row[2] for row in rows], title="effective from"),
            _text("field", (row[3] for row in rows)), _text("value", (row[4] for row in rows)),
        ),
    )  # fmt: skip


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={part}" for key, part in value.items())
    text = str(value)
    return text if len(text) <= 120 else text[:117].replace("\n", " ") + "..."


def portfolio_table(reference: Reference, portfolio: int) -> Table:
    """One portfolio's terms and the rules of its mandate, one line each."""
    held, mandate = reference.portfolios[portfolio], reference.mandate(portfolio)
    rows = [
        ("name", held.name), ("base currency", held.base_currency),
        ("opened", format_date(held.opened) if held.opened else ""),
        ("closed", format_date(held.closed) if held.closed else ""),
        *((key, value) for key, value in held.attributes.items()),
        ("calendar", mandate.calendar), ("valuation point", f"{mandate.valuation_point} {mandate.zone}"),
        ("lots", f"{mandate.lots.method} per {mandate.lots.scope}, fees {mandate.lots.fees.replace('_', ' ')}"),
        ("overselling", mandate.lots.oversell), ("flows", timing_text(mandate.flows.timing).removeprefix("flows ")),
        ("benchmark", mandate.benchmark),
    ]  # fmt: skip
    given = [(key, value) for key, value in rows if value]
    return Table(held.code, (_text("field", (key for key, _ in given)), _text("value", (value for _, value in given))))


def benchmarks_table(reference: Reference) -> Table:
    """Benchmarks with what they are made of."""
    rows = sorted(reference.benchmarks.values(), key=lambda one: one.code)
    return Table(
        "benchmarks",
        (
            _text("benchmark", (one.code for one in rows)), _text("name", (one.name for one in rows)),
            _text("currency", (one.currency for one in rows)),
            _text("made_of", (one.kind.replace("_", " ") for one in rows)),
            _text("rebalanced", (one.rebalance if one.instruments else "" for one in rows)),
            _text("instruments", (" ".join(reference.instruments[i].code for i in one.instruments) for one in rows)),
        ),
    )  # fmt: skip


def loads_table(reference: Reference) -> Table:
    """Market files in the order in which they became known."""
    rows = reference.market_loads
    return Table(
        "market loads",
        (
            Column("batch", "integer", [one.batch for one in rows]), _text("data", (one.data for one in rows)),
            _text("source", (one.source for one in rows)), _text("basis", (one.basis for one in rows)),
            Column("rows", "integer", [one.rows for one in rows], unit="rows"),
            _dates("from", [one.first for one in rows]), _dates("to", [one.last for one in rows]),
            _text("file", (one.file for one in rows)),
        ),
    )  # fmt: skip
