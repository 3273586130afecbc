"""What happened: transactions, income, realized gains."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from argosy.base.dates import to_date
from argosy.base.money import currency_name
from argosy.base.table import Column, Table
from argosy.measures.valuation.gains import IncomeReceived, RealizedGains
from argosy.record.ledger.events import EventColumns, Int64
from argosy.record.ledger.rows import Income, Reliefs
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.kinds import kind_names
from argosy.reporting.statements.names import Mask, Names, chosen, in_order


def between(days: Int64, first: int | None, last: int | None) -> Mask:
    """Days inside a span; an end that is not given is open."""
    keep = np.ones(len(days), np.bool_)
    if first is not None:
        keep &= days >= first
    if last is not None:
        keep &= days <= last
    return keep


def transactions_table(
    events: EventColumns,
    order: Int64,
    reference: Reference,
    *,
    portfolios: Sequence[int] | None = None,
    instruments: Sequence[int] | None = None,
    first: int | None = None,
    last: int | None = None,
    name: str = "transactions",
) -> Table:
    """Events in the order in which they count (``order`` as the ledger gives it), with the file's line."""
    names = Names(reference)
    keep = chosen(events["portfolio"][order], portfolios) & chosen(events["instrument"][order], instruments)
    keep &= between(events["trade_date"][order], first, last)
    rows = events.take(order[keep])
    no_instrument = rows["instrument"] == 0
    moved = rows["quantity"] != 0
    columns = [
        Column("event", "integer", rows["seq"]), Column("date", "date", rows["trade_date"]),
        Column("type", "text", kind_names(rows["kind"])),
        names.portfolio(rows["portfolio"]), names.account(rows["account"]), *names.sleeve(rows["sleeve"]),
        names.instrument(rows["instrument"]),
        names.quantity("quantity", rows["quantity"], rows["instrument"], missing=no_instrument | ~moved),
        Column("price", "quote", (rows["price"], rows["price_exp"]), missing=rows["price"] == 0),
        names.amount("net", rows["net"], rows["currency"], missing=rows["currency"] == 0),
        names.currency(rows["currency"]),
        names.amount("fee", rows["fee"], rows["currency"], missing=rows["fee"] == 0),
        names.amount("tax", rows["tax"], rows["currency"], missing=rows["tax"] == 0),
        names.amount("accrued", rows["accrued"], rows["currency"], missing=rows["accrued"] == 0),
    ]  # fmt: skip
    if (rows["currency2"] != 0).any():
        columns += [
            names.amount("counter", rows["net2"], rows["currency2"], missing=rows["currency2"] == 0),
            names.currency(rows["currency2"], "counter_currency"),
        ]
    references = [str(rows.payload.get(place, {}).get("ref", "")) for place in range(len(rows))]
    columns += [
        Column("settles", "date", rows["settle_date"], missing=rows["settle_date"] == 0),
        Column("reference", "text", references),
        Column("batch", "integer", rows["batch"]), Column("line", "integer", rows["line"], missing=rows["line"] == 0),
    ]  # fmt: skip
    return Table(name, _worth_showing(columns))


def _worth_showing(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Without the columns that are empty in each row."""

    def empty(column: Column) -> bool:
        if column.name in ("quantity", "net", "instrument"):
            return False
        if column.missing is not None and len(column):
            return bool(np.all(column.missing))
        return column.kind == "text" and not any(column.values)

    return tuple(column for column in columns if not empty(column))


def income_table(
    rows: Income,
    reference: Reference,
    *,
    portfolios: Sequence[int] | None = None,
    first: int | None = None,
    last: int | None = None,
    name: str = "income",
    received: IncomeReceived | None = None,
) -> Table:
    """Dividends, interest, coupons and the income part of distributions: gross, tax withheld, net.

    ``received`` (of the same rows) adds gross, tax and net in the portfolio's base currency, missing without a rate.
    """
    names = Names(reference)
    place = np.flatnonzero(chosen(rows.portfolio, portfolios) & between(rows.date, first, last))
    income = rows.take(place)
    order = in_order(income.date, income.portfolio, income.event_seq)
    income, place = income.take(order), place[order]
    in_base: list[Column] = []
    if received is not None:
        base, gone = received.base[place], received.missing[place]
        in_base = [
            names.amount(label, values[place], base, title=title, missing=gone)
            for label, values, title in (
                ("gross_base", received.gross_base, "gross in base"), ("tax_base", received.tax_base, "tax in base"),
                ("net_base", received.net_base, "net in base"),
            )
        ] + [names.currency(base, "base")]  # fmt: skip
    return Table(
        name,
        (
            Column("date", "date", income.date), Column("pays", "date", income.pay_date),
            Column("type", "text", kind_names(income.kind)),
            names.portfolio(income.portfolio), names.account(income.account), names.instrument(income.instrument),
            names.amount("gross", income.gross, income.currency), names.amount("tax", income.tax, income.currency),
            names.amount("fee", income.fee, income.currency), names.amount("net", income.net, income.currency),
            names.currency(income.currency), *in_base, Column("event", "integer", income.event_seq),
        ),
        totals=_one_currency(
            income.currency, {"gross": income.gross, "tax": income.tax, "fee": income.fee, "net": income.net}
        ),
    )  # fmt: skip


def income_by_year_table(
    rows: Income, reference: Reference, *, portfolios: Sequence[int] | None = None, name: str = "income by year"
) -> Table:
    """Net income by year (newest first), a column for each kind and currency. Interest bought or sold is "accrued"."""
    names = Names(reference)
    income = rows.take(chosen(rows.portfolio, portfolios))
    sums: dict[tuple[str, int], dict[int, int]] = {}
    for date, kind, currency, net in zip(
        income.date.tolist(), kind_names(income.kind), income.currency.tolist(), income.net.tolist(), strict=True
    ):
        label = "accrued interest" if kind in ("buy", "sell", "short sell", "cover") else kind
        years = sums.setdefault((label, currency), {})
        years[to_date(date).year] = years.get(to_date(date).year, 0) + net
    listed = sorted({year for years in sums.values() for year in years}, reverse=True)
    columns = [Column("year", "text", [str(year) for year in listed])]
    for (label, currency), years in sorted(sums.items()):
        values = np.array([years.get(year, 0) for year in listed], np.int64)
        gone = np.array([year not in years for year in listed], np.bool_)
        one = np.full(len(listed), currency, np.int64)
        columns.append(names.amount(f"{label}_{currency_name(currency)}", values, one, title=label, missing=gone))
    return Table(name, tuple(columns))


def reliefs_table(
    rows: Reliefs,
    reference: Reference,
    *,
    portfolios: Sequence[int] | None = None,
    first: int | None = None,
    last: int | None = None,
    name: str = "realized gains",
    split: RealizedGains | None = None,
    unknown_costs: Set[tuple[int, int]] = frozenset(),
) -> Table:
    """Which lots made each realized gain: proceeds less cost, with the days held.

    ``split`` (of the same rows) adds the gain in the portfolio's base currency with its price and currency parts;
    nothing is shown there for positions (portfolio, instrument) in ``unknown_costs``.
    """
    names = Names(reference)
    place = np.flatnonzero(chosen(rows.portfolio, portfolios) & between(rows.date, first, last))
    reliefs = rows.take(place)
    order = in_order(reliefs.date, reliefs.portfolio, reliefs.event_seq, reliefs.acquired)
    reliefs, place = reliefs.take(order), place[order]
    gain = reliefs.proceeds - reliefs.cost
    in_base: list[Column] = []
    if split is not None:
        pairs = zip(reliefs.portfolio.tolist(), reliefs.instrument.tolist(), strict=True)
        gone = np.array([pair in unknown_costs for pair in pairs], np.bool_)
        in_base = [
            names.amount(label, values[place], split.base[place], title=title, missing=gone)
            for label, values, title in (
                ("gain_base", split.gain_base, "gain in base"), ("price_gain", split.price_gain, ""),
                ("fx_gain", split.fx_gain, "currency gain"),
            )
        ] + [names.currency(split.base[place], "base")]  # fmt: skip
    return Table(
        name,
        (
            Column("date", "date", reliefs.date), names.portfolio(reliefs.portfolio), names.account(reliefs.account),
            names.instrument(reliefs.instrument), Column("type", "text", kind_names(reliefs.kind)),
            Column("acquired", "date", reliefs.acquired),
            Column("days", "integer", reliefs.date - reliefs.acquired, title="days held"),
            names.quantity("quantity", reliefs.quantity, reliefs.instrument),
            names.amount("proceeds", reliefs.proceeds, reliefs.currency),
            names.amount("cost", reliefs.cost, reliefs.currency), names.amount("gain", gain, reliefs.currency),
            names.currency(reliefs.currency), *in_base,
            Column("lot", "integer", reliefs.lot_seq), Column("event", "integer", reliefs.event_seq),
        ),
        totals=_one_currency(
            reliefs.currency, {"proceeds": reliefs.proceeds, "cost": reliefs.cost, "gain": gain}
        ),
    )  # fmt: skip


def _one_currency(currencies: Int64, columns: dict[str, Int64]) -> dict[str, object] | None:
    """Totals, where one currency makes them meaningful; summed in Python's integers, which do not overflow."""
    if len(currencies) == 0 or bool((currencies != currencies[0]).any()):
        return None
    return {"date": "total", **{name: sum(values.tolist()) for name, values in columns.items()}}
