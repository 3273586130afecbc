"""What it is worth: net asset value by part, holdings with price, age and weight, unrealized gains."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from argosy.base.dates import format_date
from argosy.base.table import Column, Table
from argosy.measures.valuation.value import SubjectValue, Valuation, ValueRow
from argosy.record.reference_fold import Reference

PARTS = ("nav", "positions", "accrued", "cash", "receivable", "payable")
Pick = Callable[[ValueRow], int]


def nav_table(valuation: Valuation, reference: Reference) -> Table:
    """One row for each portfolio or group: net asset value and its parts; payables are negative."""
    rows = valuation.subjects
    names = [reference.groups[-s.subject.id].name if s.subject.id < 0 else _name(s, reference) for s in rows]
    missing = [not one.ok for one in rows]
    return Table(
        f"Net asset value on {format_date(valuation.day)}",
        (
            _text("portfolio", [one.subject.code for one in rows]), _text("name", names),
            _text("currency", [one.subject.currency for one in rows]),
            *(_amount(part, rows, [getattr(one, part) for one in rows], missing) for part in PARTS),
        ),
        notes=tuple(gap.text() for gap in valuation.gaps),
    )  # fmt: skip


def _name(one: SubjectValue, reference: Reference) -> str:
    held = reference.portfolios.get(one.subject.id)
    return held.name if held else one.subject.code


def _text(name: str, values: Sequence[str]) -> Column:
    return Column(name, "text", list(values))


def _amount(
    name: str, owners: Sequence[SubjectValue], values: Sequence[int], missing: Sequence[bool] | None = None, *,
    title: str = "",
) -> Column:  # fmt: skip
    """Money in each owner's currency; the unit stands above when all share one."""
    currencies = {one.subject.currency for one in owners}
    gone = list(missing) if missing is not None and any(missing) else None
    if len(currencies) == 1:
        first = owners[0]
        return Column(
            name, "amount", list(values), scale=first.scale, unit=first.subject.currency, title=title, missing=gone,
            shown=first.minor_units,
        )  # fmt: skip
    return Column(
        name, "amount", list(values), scale=[one.scale for one in owners], title=title, missing=gone,
        shown=[one.minor_units for one in owners],
    )  # fmt: skip


def _lines(valuation: Valuation, sections: Sequence[str]) -> list[tuple[SubjectValue, ValueRow]]:
    return [(one, row) for one in valuation.subjects if one.ok for row in one.rows if row.section in sections]


def holdings_value_table(valuation: Valuation, reference: Reference, *, name: str = "", group: bool = False) -> Table:
    """Each thing of value: quantity, price with its date and age, local value, value and weight. Values foot to NAV."""
    lines = _lines(valuation, ("position", "accrued", "cash", "receivable", "payable"))
    rows = [row for _, row in lines]
    owners = [one for one, _ in lines]
    priced = [row.price is None for row in rows]
    no_quantity = [row.section != "position" for row in rows]
    weights = [one.weight(row) for one, row in lines]
    scales = [reference.instruments[row.instrument].quantity_scale if row.instrument else 0 for row in rows]
    codes = [reference.instruments[row.instrument].code if row.instrument else row.currency for row in rows]
    one_subject = len(valuation.subjects) == 1
    columns = [
        *([] if one_subject else [_text("portfolio", [one.subject.code for one in owners])]),
        *([_text("member", [reference.portfolios[row.portfolio].code for row in rows])] if group else []),
        _text("account", [reference.accounts[row.account].code if row.account else "" for row in rows]),
        _text("section", [row.section for row in rows]), _text("instrument", codes),
        _text("name", [reference.instruments[row.instrument].name if row.instrument else "" for row in rows]),
        Column("quantity", "quantity", [row.quantity for row in rows], scale=scales, missing=no_quantity),
        Column("price", "quote", ([row.price.mantissa if row.price else 0 for row in rows],
                                  [row.price.exponent if row.price else 0 for row in rows]), missing=priced),
        Column("price_date", "date", [row.price.date if row.price else 0 for row in rows], missing=priced),
        Column("age", "integer", [row.price.age_days if row.price else 0 for row in rows], unit="days", missing=priced),
        _text("currency", [row.currency for row in rows]),
        Column("local", "amount", [row.value_local for row in rows],
               scale=[reference.money_scale(row.currency) for row in rows],
               shown=[reference.minor_units(row.currency) for row in rows], title="local value"),
        _amount("value", owners, [row.value for row in rows]),
        Column("weight", "ratio", [weight or 0.0 for weight in weights], missing=[w is None for w in weights]),
    ]  # fmt: skip
    totals: dict[str, object] | None = None
    if one_subject and valuation.subjects[0].ok:
        whole = valuation.subjects[0]
        totals = {columns[0].name: "total", "value": whole.nav, "weight": 1.0 if whole.nav > 0 else None}
    label = name or f"Holdings on {format_date(valuation.day)}"
    if one_subject and not name:
        label = f"{valuation.subjects[0].subject.code}: {label}"
    if not any(row.account for row in rows):
        columns = [column for column in columns if column.name != "account"]
    return Table(label, tuple(columns), totals=totals)


def unrealized_table(valuation: Valuation, reference: Reference, *, name: str = "") -> Table:
    """Gains of what is still held, split into what the price did and what the currency did, in reporting currency."""
    lines = _lines(valuation, ("position",))
    owners, rows = [one for one, _ in lines], [row for _, row in lines]
    unknown = [row.gain is None for row in rows]
    one_subject = len({one.subject.code for one in owners}) == 1

    def column(label: str, pick: Pick, *, title: str = "", known: bool = False) -> Column:
        return _amount(label, owners, [pick(row) for row in rows], None if known else unknown, title=title)

    picks: list[tuple[str, Pick, str, bool]] = [
        ("cost", lambda row: row.cost_base, "cost at purchase rates", False),
        ("value", lambda row: row.value, "", True),
        ("price_gain", lambda row: row.price_gain or 0, "", False),
        ("fx_gain", lambda row: row.fx_gain or 0, "currency gain", False),
        ("gain", lambda row: row.gain or 0, "", False),
    ]
    columns = [
        _text("portfolio", [one.subject.code for one in owners]),
        _text("account", [reference.accounts[row.account].code if row.account else "" for row in rows]),
        _text("instrument", [reference.instruments[row.instrument].code for row in rows]),
        _text("currency", [row.currency for row in rows]),
        *(column(label, pick, title=title, known=known) for label, pick, title, known in picks),
    ]  # fmt: skip
    totals: dict[str, object] | None = None
    if one_subject and not any(unknown):
        totals = {"portfolio": "total", **{label: sum(pick(row) for row in rows) for label, pick, _, _ in picks}}
    return Table(name or f"Unrealized gains on {format_date(valuation.day)}", tuple(columns), totals=totals)
