"""Importing what segments are: weights and returns of a benchmark's segments by period, and who belongs to which."""

from __future__ import annotations

from decimal import Decimal

from argosy.base.dates import format_date
from argosy.base.errors import ArgosyError, InvalidInput, unknown
from argosy.base.problems import Problem
from argosy.record.facts import FactDraft, FactKind
from argosy.record.reference_fold import Reference
from argosy.record.segments import FREQUENCIES, classification, schemes, stored_rows
from argosy.workflows.fact_rows import Reading, read_facts
from argosy.workflows.import_report import ImportReport
from argosy.workflows.ports import BookStore, Writer
from argosy.workflows.profile import NEUTRAL, Profile
from argosy.workflows.setup import check_code
from argosy.workflows.tabular import RowReader

TOLERANCE = Decimal("0.000001")
"""How far the weights of a period may be from 1: files carry rounded ones."""
SEGMENTS, CLASSES = "segments", "classification"


def import_segments(
    store: BookStore,
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    code: str = "",
    currency: str = "",
    frequency: str = "monthly",
    profile: Profile = NEUTRAL,
    source: str = "",
    accept_good: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import weights and returns of a benchmark's segments: benchmark, date, segment, weight, return (and currency).

    A row speaks about the period of ``frequency`` that ends on its date: ``weight`` at its start, ``return`` over it
    (0.01 = 1%). The weights of each period must sum to 1 within 0.000001. ``code`` names the benchmark where the file
    has no such column; one the book does not know is created, in the row's currency or in ``currency``.
    """
    if frequency not in FREQUENCIES:
        raise unknown("frequency", frequency, FREQUENCIES)

    def read(reading: Reading, reference: Reference, writer: Writer) -> None:
        given: dict[str, dict[tuple[int, str], tuple[str, str]]] = {}
        money: dict[str, str] = {}
        lines: dict[tuple[str, int], list[int]] = {}
        for cells in reading.rows(("date", "segment", "weight", "return") + (() if code else ("benchmark",))):
            bench, day, segment = cells.text("benchmark") or code, cells.date("date"), cells.free_text("segment")
            weight, earned = reading.fraction(cells, "weight"), reading.fraction(cells, "return")
            for label, value in (("benchmark", bench), ("date", day), ("segment", segment), ("weight", weight),
                                 ("return", earned)):  # fmt: skip
                if value in (None, "") and not any(one.field == label for one in cells.problems):
                    cells.refuse(label, "nothing there", f"give the {label}")
            if not reading.keep(cells) or day is None or weight is None or earned is None:
                continue
            rows = given.setdefault(bench, {})
            if (day, segment) in rows:
                cells.refuse("segment", f"{segment} stands twice on {format_date(day)}", "keep one of the rows")
                reading.keep(cells)
                continue
            rows[day, segment] = (f"{weight:f}", f"{earned:f}")
            money.setdefault(bench, cells.text("currency") or currency)
            lines.setdefault((bench, day), []).append(cells.line)
        free = writer.next_id(FactKind.BENCHMARK)
        for bench, rows in given.items():
            free += _benchmark(reading, reference, bench, rows, money[bench], frequency, lines, free)

    return read_facts(
        store, reader, SEGMENTS, content, name, profile, source, read, accept_good=accept_good, dry_run=dry_run
    )


def _benchmark(
    reading: Reading, reference: Reference, code: str, rows: dict[tuple[int, str], tuple[str, str]], currency: str,
    frequency: str, lines: dict[tuple[str, int], list[int]], free: int,
) -> int:  # fmt: skip
    """Facts of one benchmark; gives how many new ids were taken."""
    held = reference.benchmarks.get(code)
    first = min(min(found) for (bench, _), found in lines.items() if bench == code)
    try:
        check_code(code, what="benchmark")
        if held is not None and held.kind != SEGMENTS:
            raise InvalidInput(f"benchmark {code} is made of {held.kind}", field="benchmark",
                               next_step="choose another code")  # fmt: skip
        if held is None:
            reference.currency(currency)
    except ArgosyError as error:
        bad = [line for (bench, _), found in lines.items() if bench == code for line in found]
        reading.problems.append(Problem(reading.place.source, first, error.message, field="benchmark",
                                        next_step=error.next_step, code=error.code))  # fmt: skip
        reading.refused |= set(bad)
        return 0
    good: dict[tuple[int, str], tuple[str, str]] = {}
    for day in sorted({day for day, _ in rows}):
        mine = {key: row for key, row in rows.items() if key[0] == day}
        total = sum((Decimal(weight) for weight, _ in mine.values()), Decimal(0))
        if abs(total - 1) > TOLERANCE:
            found = lines[code, day]
            reading.problems.append(Problem(
                reading.place.source, found[0], f"weights of {code} for {format_date(day)} sum to {total}",
                field="weight", next_step="give every segment, cash included",
            ))  # fmt: skip
            reading.refused |= set(found)
        else:
            good |= mine
    old_frequency, old = stored_rows(reference, held.id) if held is not None else (frequency, {})
    if old and old_frequency != frequency:
        raise InvalidInput(f"the segments of {code} are {old_frequency}, not {frequency}", field="frequency",
                           next_step=f"give --frequency {old_frequency}")  # fmt: skip
    fresh = {key: row for key, row in good.items() if old.get(key) != row}
    reading.known += len(good) - len(fresh)
    reading.new += len(fresh)
    reading.superseding += sum(key in old for key in fresh)
    if not fresh:
        return 0
    subject = free if held is None else held.id
    if held is None:
        reading.drafts.append(FactDraft(FactKind.BENCHMARK, subject, 0, {
            "code": code, "name": code, "kind": SEGMENTS, "currency": currency, "rebalance": "never",
        }))  # fmt: skip
    listed = [[day, segment, *row] for (day, segment), row in sorted(fresh.items())]
    reading.drafts.append(FactDraft(FactKind.BENCHMARK_SEGMENTS, subject, 0, {"frequency": frequency, "rows": listed}))
    return int(held is None)


def import_classification(
    store: BookStore,
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    scheme: str = "segment",
    profile: Profile = NEUTRAL,
    source: str = "",
    accept_good: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import which segment of a ``scheme`` each instrument belongs to: instrument, segment, and portfolio or nothing.

    What stands with a portfolio holds inside it only. An instrument may move: a later row replaces an earlier one.
    """
    check_code(scheme, what="classification")

    def read(reading: Reading, reference: Reference, _writer: Writer) -> None:
        given: dict[int, dict[int, str]] = {}
        for cells in reading.rows(("instrument", "segment")):
            segment, portfolio, instrument = cells.free_text("segment"), 0, 0
            try:
                instrument = reference.instrument(cells.text("instrument")).id
                portfolio = reference.portfolio(cells.text("portfolio")).id if cells.text("portfolio") else 0
            except ArgosyError as error:
                cells.refuse_error("portfolio" if instrument else "instrument", error)
            if not segment:
                cells.refuse("segment", "nothing there", "name the segment")
            if not reading.keep(cells):
                continue
            if given.setdefault(portfolio, {}).setdefault(instrument, segment) != segment:
                cells.refuse("segment", "the instrument stands in another segment above", "keep one of the rows")
                reading.keep(cells)
        for portfolio, mine in given.items():
            old = classification(reference, scheme, portfolio) if scheme in schemes(reference) else {}
            fresh = {instrument: segment for instrument, segment in mine.items() if old.get(instrument) != segment}
            reading.known += len(mine) - len(fresh)
            reading.new += len(fresh)
            reading.superseding += sum(instrument in old for instrument in fresh)
            if fresh:
                payload = {"name": scheme, "map": {str(one): segment for one, segment in sorted(fresh.items())}}
                reading.drafts.append(FactDraft(FactKind.CLASSIFICATION, portfolio, 0, payload))

    return read_facts(
        store, reader, CLASSES, content, name, profile, source, read, accept_good=accept_good, dry_run=dry_run
    )
