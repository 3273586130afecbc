"""One row of a transactions file as ledger events.

Every rule that a row can break is checked here and nowhere else: the columnar reader takes the rows it can prove good
and hands each other one to :func:`book_row`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from argosy.base.money import currency_code
from argosy.base.problems import Problem
from argosy.kernels.reference.decimals import OK, scaled_cells
from argosy.record.booking.fields import Fields, Place
from argosy.record.booking.names import Where, read_currency, read_instrument, read_type, read_where
from argosy.record.booking.rules import RULES, Draft, Event
from argosy.record.booking.types import FIELDS, RowType
from argosy.record.reference import Instrument

_MEASURED = tuple(name for name in FIELDS if name not in ("date", "type", "portfolio", "note"))
_ZEROS = frozenset("0.,-+ ")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row becomes: one event, or two for a transfer, in booking order.

    ``lots`` names the lots a sale relieves as (reference or ``#seq``, quantity); they become seq numbers once the book
    is asked. ``reference`` is the source's own name of the row, empty when it has none. ``everywhere``: a split that
    names no account. ``unsettled``: a trade on margin without ``net``, which only an opening one may be.
    """

    line: int
    reference: str
    account: int
    events: tuple[Event, ...]
    lots: tuple[tuple[str, int], ...] = ()
    everywhere: bool = False
    unsettled: bool = False


def book_row(cells: Mapping[str, str], line: int, place: Place) -> tuple[Entry | None, list[Problem]]:
    """Read one row; gives its entry, or None and everything wrong with it.

    Examples
    --------
    >>> from argosy.record.reference_fold import Reference
    >>> entry, problems = book_row({"date": "2020-13-01", "type": "by"}, 2, Place("t.csv", Reference.from_facts([])))
    >>> print(problems[0].text())
    t.csv line 2: type: unknown type 'by' (did you mean 'buy'?)
    """
    row = Fields(cells, line, place)
    rule = read_type(row)
    day = row.date("date")
    if not row.text("date"):
        row.refuse("date", "nothing there", "give the trade date of each row")
    where = read_where(row)
    instrument = read_instrument(row, day)
    if rule is not None:
        _refuse_strangers(row, rule)
    if rule is None or day is None or where is None or row.problems:
        return None, row.problems
    draft = _start(row, rule, where, day, instrument)
    events = RULES[rule.family](draft) if not row.problems else None
    reference, note = row.free_text("reference"), row.free_text("note")
    lots = _lots(row, draft.instrument) if row.text("lots") else ()
    if events is None or row.problems:
        return None, row.problems
    for event in events:
        given = event.get("payload")
        payload: dict[str, object] = dict(given) if isinstance(given, dict) else {}
        event["payload"] = payload | {name: text for name, text in (("ref", reference), ("note", note)) if text}
    return Entry(line, reference, where.account, tuple(events), lots, draft.everywhere, draft.unsettled), []


def _start(row: Fields, rule: RowType, where: Where, day: int, instrument: Instrument | None) -> Draft:
    reference = row.place.reference
    portfolio = reference.portfolios[where.portfolio]
    if portfolio.closed and day > portfolio.closed:
        row.refuse("date", f"portfolio {portfolio.code} was closed before", "check the date, or reopen the portfolio")
    currency = read_currency(row, "currency", instrument.currency if instrument else portfolio.base_currency)
    settle = row.date("settle_date") if row.text("settle_date") else day
    if settle is not None and settle < day:
        row.refuse("settle_date", f"settles {day - settle} days before it is traded", "check both dates")
    order = row.integer("order") or 0
    if order < 0:
        row.refuse("order", "is negative", "number the rows of a day from 1")
    base: Event = {
        "kind": int(rule.kind), "version": 1, "trade_date": day, "settle_date": settle if settle is not None else day,
        "ord": order, "portfolio": where.portfolio, "account": where.account, "sleeve": where.sleeve,
        "instrument": instrument.id if instrument else 0, "currency": currency_code(currency) if currency else 0,
        "line": row.line,
    }  # fmt: skip
    scale = reference.money_scale(currency) if currency else 0
    draft = Draft(row, rule, where, day, instrument, currency, scale, base)
    if "instrument" in rule.uses and instrument is None and rule.family not in ("charge", "transfer"):
        if rule.name != "interest":
            row.refuse("instrument", f"a {rule.name} needs an instrument", "name it by code or identifier")
    elif instrument and currency and currency != instrument.currency and rule.family not in ("income", "charge"):
        row.refuse(
            "currency", f"{instrument.code} trades in {instrument.currency}, the row is in {currency}",
            f"book it in {instrument.currency} and add an fx row for the conversion", "contradiction",
        )  # fmt: skip
    return draft


def _refuse_strangers(row: Fields, rule: RowType) -> None:
    """Refuse what the row says and its type does not use: nothing a file says is dropped."""
    for name in _MEASURED:
        text = row.text(name)
        if text and not rule.allows(name) and not set(text) <= _ZEROS:
            using = "only a transfer has it" if name.startswith("to_") else f"leave it empty on a {rule.name}"
            row.refuse(name, f"a {rule.name} has no {name}", using, "contradiction")


def _lots(row: Fields, instrument: Instrument | None) -> tuple[tuple[str, int], ...]:
    """``ref:qty;ref:qty``: the lots a sale names, by reference or ``#seq``."""
    found: list[tuple[str, int]] = []
    for part in row.text("lots").split(";"):
        name, mark, quantity = part.strip().rpartition(":")
        if not mark or instrument is None:
            row.refuse("lots", f"{part.strip()[:60]!r} does not name a lot", "write reference:quantity; ...")
            return ()
        values, codes = scaled_cells([quantity], [instrument.quantity_scale], decimal=row.place.style.decimal)
        if codes[0] != OK or values[0] <= 0:
            row.refuse("lots", f"{quantity[:40]!r} is not a quantity of {instrument.code}", "write reference:quantity")
            return ()
        found.append((name.strip(), values[0]))
    return tuple(found)
