"""Import prices, exchange rates, benchmarks and calendars into the book."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from argosy.base.errors import InvalidInput, unknown
from argosy.base.money import currency_code
from argosy.base.problems import Problem
from argosy.record.facts import FactDraft, FactKind
from argosy.record.market.cells import Sieve, read_benchmark_rows, read_price_rows, read_rate_rows
from argosy.record.market.checks import check_rows
from argosy.record.market.intake import by_owner, take_benchmark, take_prices, take_rates
from argosy.record.market.points import BASES
from argosy.record.market.sessions import calendar_payload, calendars_of, compare_sessions
from argosy.record.market.tables import MarketTables
from argosy.record.reference_fold import Reference
from argosy.workflows.import_report import ImportReport
from argosy.workflows.market_steps import Given, Judged, cell_style, finish, read_table
from argosy.workflows.ports import BatchDraft, BookStore, MarketFiles, RawFile, Writer
from argosy.workflows.profile import NEUTRAL, Profile
from argosy.workflows.tabular import RowReader

LAYOUTS = ("long", "wide", "ecb")
EXCHANGE_READER = "exchange sessions 1"

SessionSource = Callable[[str, int, int], Sequence[int]]
"""Gives the sessions (epoch days) of an exchange between two epoch days, both included."""


def import_prices(
    store: BookStore,
    files: MarketFiles,
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    source: str = "",
    basis: str = "traded",
    profile: Profile = NEUTRAL,
    accept_good: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import prices: columns date, instrument, price, and optionally currency and quote_unit, which are then checked.

    ``basis`` says what the prices mean: traded, split_adjusted or total_return. The profile option ``layout = "wide"``
    reads a file with a column per instrument. Nothing is written when a row is refused, unless ``accept_good``;
    nothing is written either when the file brings nothing new.
    """
    if basis not in BASES:
        raise unknown("price basis", basis, BASES)
    given = Given(content, name, source, profile)
    table = read_table(reader, given, what="prices", wide=("instrument", "price"))

    def judge(reference: Reference, tables: MarketTables, writer: Writer | None) -> Judged:
        sieve = Sieve(table.name, table.columns, table.lines)
        rows = read_price_rows(sieve, reference, cell_style(profile))
        names = {each.id: each.code for each in reference.instruments.values()}
        intake = take_prices(tables, rows, source=given.source, basis=basis, name=name, names=names)
        odd = check_rows(rows, name=name, names=names)
        return Judged("prices", given, table, sieve, [({"data": "prices", "basis": basis}, intake)], warnings=odd)

    return finish(store, files, judge, accept_good=accept_good, dry_run=dry_run)


def import_fx(
    store: BookStore,
    files: MarketFiles,
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    source: str = "",
    profile: Profile = NEUTRAL,
    layout: str = "",
    accept_good: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import exchange rates as the source quotes them: columns date, base, quote, rate (1 base = rate quote).

    ``layout`` "ecb" reads the European Central Bank's history file: a column per currency, units of it for one euro,
    N/A where there is none. ``layout`` "wide" does the same for the base given by the profile's constant ``base``.
    """
    layout = layout or profile.options.get("layout", "long")
    if layout not in LAYOUTS:
        raise unknown("layout", layout, LAYOUTS)
    ecb = layout == "ecb"
    given = Given(content, name, source or ("ECB" if ecb else ""), profile)
    base = "EUR" if ecb else profile.constants.get("base", "")
    table = read_table(reader, given, what="fx", wide=("quote", "rate"), is_wide=layout != "long", base=base)

    def judge(reference: Reference, tables: MarketTables, writer: Writer | None) -> Judged:
        sieve = Sieve(table.name, table.columns, table.lines)
        rows, bases, quotes = read_rate_rows(sieve, reference, cell_style(profile))
        intake = take_rates(tables, rows, bases, quotes, source=given.source, name=name)
        return Judged("fx", given, table, sieve, [({"data": "fx", "basis": ""}, intake)])

    return finish(store, files, judge, accept_good=accept_good, dry_run=dry_run)


def import_benchmark(
    store: BookStore,
    files: MarketFiles,
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    code: str = "",
    title: str = "",
    currency: str = "",
    source: str = "",
    profile: Profile = NEUTRAL,
    accept_good: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import levels or returns of benchmarks: columns date and level, or date and return (0.01 = 1%), and code.

    ``code`` names the benchmark when the file has no column ``code``. A benchmark the book does not know is created,
    and then needs its ``currency``. A return belongs to the period that ends on its date.
    """
    given = Given(content, name, source, profile)
    table = read_table(reader, given, what="benchmark")
    column = "return" if "return" in table and "level" not in table else "level"
    kind = "returns" if column == "return" else "levels"

    def judge(reference: Reference, tables: MarketTables, writer: Writer | None) -> Judged:
        sieve = Sieve(table.name, table.columns, table.lines)
        free = writer.next_id(FactKind.BENCHMARK) if writer else 1 + max(
            (each.id for each in reference.benchmarks.values()), default=0)  # fmt: skip
        drafts: dict[str, FactDraft] = {}

        def find(text: str) -> int:
            if text in reference.benchmarks:
                held = reference.benchmarks[text]
                if held.kind != kind:
                    raise InvalidInput(f"benchmark {text} is made of {held.kind}, the file has {kind}")
                return held.id
            if text not in drafts:
                if not text:
                    raise InvalidInput("nothing there", next_step="name the benchmark")
                if not currency:
                    raise InvalidInput(f"benchmark {text} is new", next_step="give its currency")
                currency_code(reference.currency(currency))
                drafts[text] = FactDraft(FactKind.BENCHMARK, free + len(drafts), 0, {
                    "code": text, "name": title or text, "kind": kind, "currency": currency,
                })  # fmt: skip
            return drafts[text].subject

        rows = read_benchmark_rows(sieve, column, cell_style(profile), code=code, find=find)
        names = {each.id: each.code for each in reference.benchmarks.values()}
        names |= {draft.subject: text for text, draft in drafts.items()}
        intakes = [
            ({"data": "benchmark", "basis": "", "subject": owner},
             take_benchmark(tables, part, benchmark=owner, source=given.source, name=name, code=names[owner],
                            column=column))
            for owner, part in by_owner(rows)
        ]  # fmt: skip
        used = {owner for owner, _ in by_owner(rows)}
        facts = [draft for draft in drafts.values() if draft.subject in used]
        return Judged("benchmark", given, table, sieve, intakes, facts)

    return finish(store, files, judge, accept_good=accept_good, dry_run=dry_run)


def import_calendar(
    store: BookStore,
    reader: RowReader,
    *,
    content: bytes,
    name: str,
    calendar: str,
    first: int | None = None,
    last: int | None = None,
    source: str = "",
    profile: Profile = NEUTRAL,
    dry_run: bool = False,
) -> ImportReport:
    """Import a calendar from a file with a column date, one line per session.

    It speaks about the days from ``first`` to ``last`` (epoch days; None = the first and last session). A calendar of
    that name is replaced as a whole. Any bad line refuses the file: a calendar with holes is no calendar.
    """
    given = Given(content, name, source, profile)
    table = read_table(reader, given, what="calendar")
    sieve = Sieve(table.name, table.columns, table.lines)
    days: list[int] = sieve.dates(cell_style(profile)).tolist() if sieve.require(("date",)) else []
    problems = (*table.problems, *sieve.problems)
    if problems or not days:
        unread = len([problem for problem in table.problems if problem.line])
        return ImportReport(
            "calendar", name, len(table) + unread, 0, 0, 0, len(table) + unread, written=False, dry_run=dry_run,
            problems=problems or (Problem(name, 0, "the file has no session", next_step="give one line per session"),),
        )  # fmt: skip
    low, high = min(days) if first is None else first, max(days) if last is None else last
    payload = calendar_payload(calendar, days, first=low, last=high, source=given.source)
    file = RawFile(name, content, table.reader)
    return _keep_calendar(store, calendar, payload, name=name, given=days, file=file, dry_run=dry_run)


def import_exchange(
    store: BookStore,
    sessions: SessionSource,
    *,
    exchange: str,
    first: int,
    last: int,
    calendar: str = "",
    dry_run: bool = False,
) -> ImportReport:
    """Keep the sessions of an exchange between two epoch days as a stored calendar (named as the exchange)."""
    days = list(sessions(exchange, first, last))
    payload = calendar_payload(calendar or exchange, days, first=first, last=last, source="exchange_calendars")
    return _keep_calendar(store, calendar or exchange, payload, name=exchange, given=days, file=None, dry_run=dry_run)


def _keep_calendar(
    store: BookStore,
    calendar: str,
    payload: dict[str, object],
    *,
    name: str,
    given: Sequence[int],
    file: RawFile | None,
    dry_run: bool,
) -> ImportReport:
    with store.writer() as writer:
        reference = Reference.from_facts(writer.facts())
        old = calendars_of(reference.facts).get(calendar)
        new, known, repeated = compare_sessions(old, given)
        report = ImportReport(
            "calendar", name, len(given), new, known + repeated, 0, 0, written=False, dry_run=dry_run,
            sha256=hashlib.sha256(file.content).hexdigest() if file else "",
        )  # fmt: skip
        same = any(
            fact.kind == FactKind.CALENDAR and dict(fact.payload) == payload and old is not None and old.seq == fact.seq
            for fact in reference.facts
        )
        if dry_run or same:
            return report
        draft = FactDraft(FactKind.CALENDAR, writer.next_id(FactKind.CALENDAR), int(str(payload["from"])), payload)
        info = writer.append(BatchDraft("import calendar", str(payload["source"]), [draft], file=file))
    return replace(report, written=True, batch=info.batch, seq=info.last_seq)
