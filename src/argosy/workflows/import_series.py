"""Importing what explains returns: yield curves by tenor, returns of factors, exposures of instruments to them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from argosy.base.errors import ArgosyError, InvalidInput, unknown
from argosy.base.problems import Problem
from argosy.record.booking.fields import Fields
from argosy.record.facts import FactDraft, FactKind
from argosy.record.reference_fold import Reference
from argosy.record.segments import FREQUENCIES
from argosy.record.series import CURVE, EXPOSURES, FACTORS, series_codes, series_rows
from argosy.workflows.fact_rows import Reading, read_facts
from argosy.workflows.import_report import ImportReport
from argosy.workflows.ports import BookStore, Writer
from argosy.workflows.profile import NEUTRAL, Profile
from argosy.workflows.setup import check_code
from argosy.workflows.tabular import RowReader

LIMIT = Decimal(1)
"""A yield or a factor's return of one period at or above this is taken for a percentage."""
Key = tuple[int, str, str]
Cell = Callable[[Reading, Fields, Reference], tuple[Key, Decimal] | None]


def import_curve(
    store: BookStore, reader: RowReader, *, content: bytes, name: str, code: str, currency: str = "",
    profile: Profile = NEUTRAL, source: str = "", accept_good: bool = False, dry_run: bool = False,
) -> ImportReport:  # fmt: skip
    """Import a yield curve: date, tenor (years), yield (effective a year, as a fraction: 0.0215 = 2.15%).

    Every day must have the same tenors. ``currency`` says which bonds the curve is for; a known curve keeps its own.
    """

    def cell(reading: Reading, cells: Fields, _reference: Reference) -> tuple[Key, Decimal] | None:
        day, tenor = cells.date("date"), cells.quote("tenor")
        earned = reading.fraction(cells, "yield")
        if tenor is not None and tenor.decimal() <= 0:
            cells.refuse("tenor", f"{cells.text('tenor')} is not above zero", "give years, as 0.25 or 10")
        _within(cells, "yield", earned)
        if day is None or tenor is None or earned is None:
            return None
        return (day, "", f"{tenor.decimal().normalize():f}"), earned

    return _import(store, reader, CURVE, ("date", "tenor", "yield"), cell, content=content, name=name, code=code,
                   currency=currency, frequency="daily", profile=profile, source=source, accept_good=accept_good,
                   dry_run=dry_run)  # fmt: skip


def import_factors(
    store: BookStore, reader: RowReader, *, content: bytes, name: str, code: str, frequency: str = "daily",
    profile: Profile = NEUTRAL, source: str = "", accept_good: bool = False, dry_run: bool = False,
) -> ImportReport:  # fmt: skip
    """Import returns of factors: date, factor, return over the period that ends on the date (0.01 = 1%)."""
    if frequency not in FREQUENCIES:
        raise unknown("frequency", frequency, FREQUENCIES)

    def cell(reading: Reading, cells: Fields, _reference: Reference) -> tuple[Key, Decimal] | None:
        day, factor = cells.date("date"), cells.free_text("factor")
        earned = reading.fraction(cells, "return")
        _within(cells, "return", earned)
        return None if day is None or earned is None else ((day, "", factor), earned)

    return _import(store, reader, FACTORS, ("date", "factor", "return"), cell, content=content, name=name, code=code,
                   currency="", frequency=frequency, profile=profile, source=source, accept_good=accept_good,
                   dry_run=dry_run)  # fmt: skip


def import_exposures(
    store: BookStore, reader: RowReader, *, content: bytes, name: str, code: str, profile: Profile = NEUTRAL,
    source: str = "", accept_good: bool = False, dry_run: bool = False,
) -> ImportReport:  # fmt: skip
    """Import exposures of instruments to the factors of ``code``: instrument, factor, exposure, and date (from when).

    Without a date they hold from the beginning.
    """

    def cell(_reading: Reading, cells: Fields, reference: Reference) -> tuple[Key, Decimal] | None:
        day = cells.date("date") if cells.text("date") else 0
        factor, found, exposure = cells.free_text("factor"), "", cells.quote("exposure")
        try:
            found = str(reference.instrument(cells.text("instrument")).id)
        except ArgosyError as error:
            cells.refuse_error("instrument", error)
        return None if day is None or exposure is None else ((day, found, factor), exposure.decimal())

    return _import(store, reader, EXPOSURES, ("instrument", "factor", "exposure"), cell, content=content, name=name,
                   code=code, currency="", frequency="", profile=profile, source=source, accept_good=accept_good,
                   dry_run=dry_run)  # fmt: skip


def _within(cells: Fields, name: str, value: Decimal | None) -> None:
    if value is not None and abs(value) >= LIMIT:
        cells.refuse(name, f"{cells.text(name)} looks like a percentage", "write a fraction: 0.0125 for 1.25%")


def _import(
    store: BookStore, reader: RowReader, kind: str, needed: tuple[str, ...], cell: Cell, *, content: bytes, name: str,
    code: str, currency: str, frequency: str, profile: Profile, source: str, accept_good: bool, dry_run: bool,
) -> ImportReport:  # fmt: skip
    check_code(code, what=kind)

    def read(reading: Reading, reference: Reference, _writer: Writer) -> None:
        known = series_codes(reference, kind)
        money = known.get(code, currency)
        if kind == CURVE:
            if currency and currency != money:
                raise InvalidInput(f"the curve {code} is in {money}, not {currency}", field="currency",
                                   next_step="choose another code")  # fmt: skip
            money = reference.currency(money)
        _, old_frequency, old = series_rows(reference, kind, code)
        if old and old_frequency != frequency:
            raise InvalidInput(f"the {kind} of {code} are {old_frequency}, not {frequency}", field="frequency",
                               next_step=f"give --frequency {old_frequency}")  # fmt: skip
        rows: dict[Key, str] = {}
        lines: dict[int, int] = {}
        for cells in reading.rows(needed):
            found = cell(reading, cells, reference)
            for label in needed:
                if not cells.text(label) and not any(one.field == label for one in cells.problems):
                    cells.refuse(label, "nothing there", f"give the {label}")
            if found is not None and found[0] in rows:
                cells.refuse(needed[1], "the same row stands above", "keep one of the rows")
            if not reading.keep(cells) or found is None:
                continue
            rows[found[0]] = f"{found[1]:f}"
            lines.setdefault(found[0][0], cells.line)
        if kind != EXPOSURES:
            _whole_days(reading, rows, old, lines, needed[1])
        fresh = {key: value for key, value in rows.items() if old.get(key) != value}
        reading.known += len(rows) - len(fresh)
        reading.new += len(fresh)
        reading.superseding += sum(key in old for key in fresh)
        if fresh:
            payload = {"code": code, "kind": kind, "currency": money, "frequency": frequency,
                       "rows": [[*key, value] for key, value in sorted(fresh.items())]}  # fmt: skip
            reading.drafts.append(FactDraft(FactKind.SERIES, 0, 0, payload))

    return read_facts(store, reader, kind, content, name, profile, source, read, accept_good=accept_good,
                      dry_run=dry_run)  # fmt: skip


def _whole_days(
    reading: Reading, rows: dict[Key, str], old: dict[Key, str], lines: dict[int, int], column: str
) -> None:
    """Refuse (and take out) days that do not have exactly the tenors or factors of the others."""
    names = {name for _, _, name in old or rows}
    held: dict[int, set[str]] = {}
    for day, _, name in (*old, *rows):
        held.setdefault(day, set()).add(name)
    for day, line in lines.items():
        lost, new = sorted(names - held[day]), sorted(held[day] - names)
        if lost or new:
            said = f"the day has no {', '.join(lost[:5])}" if lost else f"{', '.join(new[:5])} is new on this day"
            reading.problems.append(Problem(
                reading.place.source, line, said, field=column,
                next_step="give every day all of them, or another code to what begins later",
            ))  # fmt: skip
            reading.refused.add(line)
            for key in [key for key in rows if key[0] == day]:
                del rows[key]
