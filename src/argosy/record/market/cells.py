"""Text cells of a market file read as values with an owner and a date; each row that cannot be read is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from argosy.base.errors import ArgosyError, UnknownName, nearest, unknown
from argosy.base.money import currency_code
from argosy.base.problems import Problem
from argosy.kernels.decimals import EMPTY, ISO_DATE, encode, explain_code, read_dates, read_quotes
from argosy.kernels.text import TextColumn
from argosy.record.ledger.events import Int64
from argosy.record.market.ingest import ValueRows
from argosy.record.market.points import Flags
from argosy.record.reference_fold import Reference

Told = tuple[str, str, str]  # message, next step, code


@dataclass(frozen=True)
class CellStyle:
    """How the file writes dates and numbers."""

    date: str = ISO_DATE
    decimal: str = "."
    thousands: str = ""


@dataclass
class Sieve:
    """Rows of one file, the ones refused so far, and why."""

    name: str
    cells: Mapping[str, TextColumn]
    lines: Int64
    bad: Flags = field(init=False)
    problems: list[Problem] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.bad = np.zeros(len(self.lines), np.bool_)

    def refuse(self, rows: Flags, column: str, tell: Callable[[int], Told]) -> None:
        """Refuse rows that nothing has refused yet, each with its own words."""
        for row in np.flatnonzero(rows & ~self.bad).tolist():
            message, step, code = tell(row)
            found = self.cells[column][row] if column in self.cells else ""
            self.problems.append(Problem(
                self.name, int(self.lines[row]), message, column, found, step, code,
                {name: cells[row] for name, cells in self.cells.items()},
            ))  # fmt: skip
        self.bad |= rows

    @property
    def refused(self) -> int:
        """How many rows are refused."""
        return int(np.count_nonzero(self.bad))

    def require(self, columns: Sequence[str]) -> bool:
        """Whether the file has each column; one problem for each it lacks, and then all rows are refused."""
        for column in columns:
            if column not in self.cells:
                close = nearest(column, self.cells) or sorted(self.cells)[:12]
                self.problems.append(Problem(
                    self.name, 1, f"there is no column {column!r}", column, ", ".join(self.cells),
                    "map it in a profile; the file has " + ", ".join(repr(item) for item in close), "missing_column",
                ))  # fmt: skip
                self.bad[:] = True
        return all(column in self.cells for column in columns)

    def dates(self, style: CellStyle) -> Int64:
        """The date column as epoch days."""
        read = read_dates(self.cells["date"], pattern=style.date)
        codes, cells = read.codes, self.cells["date"]
        self.refuse(codes >= EMPTY, "date", lambda row: explain_code(int(codes[row]), cells[row]))
        return read.values

    def values(self, column: str, style: CellStyle) -> tuple[Int64, Int64]:
        """A column of quotes as mantissas and exponents."""
        cells = self.cells[column]
        read = read_quotes(cells, decimal=style.decimal, thousands=style.thousands)
        self.refuse(read.codes >= EMPTY, column, lambda row: explain_code(int(read.codes[row]), cells[row]))
        return read.mantissas, read.exponents

    def named(self, column: str, find: Callable[[str], int]) -> tuple[Int64, Int64, list[str]]:
        """A column of names as ids (-1 where refused), with the codes and names of the distinct texts."""
        codes, names = encode(self.cells[column])
        ids = np.full(len(names), -1, np.int64)
        told: dict[int, Told] = {}
        for place, name in enumerate(names):
            try:
                ids[place] = find(name.strip())
            except ArgosyError as error:
                told[place] = (error.message, error.next_step, error.code)
        if told:
            lost = np.zeros(len(names), np.bool_)
            lost[list(told)] = True
            self.refuse(lost[codes], column, lambda row: told[int(codes[row])])
        return ids[codes], codes, names

    def kept(self, owner: Int64, date: Int64, mantissa: Int64, exponent: Int64) -> ValueRows:
        """The rows nothing has refused."""
        return ValueRows(owner, date, mantissa, exponent, self.lines).take(~self.bad)


def read_price_rows(sieve: Sieve, reference: Reference, style: CellStyle) -> ValueRows:
    """Columns date, instrument, price; currency and quote_unit are compared with the instrument's when given."""
    if not sieve.require(("date", "instrument", "price")):
        return sieve.kept(*(np.zeros(len(sieve.lines), np.int64) for _ in range(4)))
    dates = sieve.dates(style)

    def find(name: str) -> int:
        if not name:
            raise UnknownName("nothing there", next_step="name the instrument")
        found = reference.find_instrument(name)
        if found is None:
            raise unknown("instrument", name, [each.code for each in reference.instruments.values()])
        return found.id

    ids, codes, names = sieve.named("instrument", find)
    ids = _by_day(reference, ids, codes, names, dates, sieve)
    for column in ("currency", "quote_unit"):
        if column in sieve.cells:
            _compare(sieve, reference, ids, column)
    mantissa, exponent = sieve.values("price", style)
    return sieve.kept(ids, dates, mantissa, exponent)


def _by_day(reference: Reference, ids: Int64, codes: Int64, names: Sequence[str], dates: Int64, sieve: Sieve) -> Int64:
    """An identifier may have been borne by another instrument then: ask again for names that are not codes."""
    good = ~sieve.bad
    result = ids.copy()
    for place, name in enumerate(names):
        bearer = reference.find_instrument(name.strip()) if name.strip() else None
        if bearer is None or bearer.code == name.strip():
            continue
        rows = np.flatnonzero(good & (codes == place))
        for day in np.unique(dates[rows]).tolist():
            then = reference.find_instrument(name.strip(), int(day))
            if then is not None and then.id != bearer.id:
                result[rows[dates[rows] == day]] = then.id
    return result


def _compare(sieve: Sieve, reference: Reference, ids: Int64, column: str) -> None:
    codes, names = encode(sieve.cells[column])
    pairs, inverse = np.unique(ids * len(names) + codes, return_inverse=True)
    verdicts = np.zeros(len(pairs), np.bool_)
    for place, pair in enumerate(pairs.tolist()):
        instrument, code = divmod(pair, len(names))
        given = names[code].strip()
        if instrument < 0 or not given:
            continue
        own = reference.instruments[instrument]
        allowed = {own.currency, own.quote_unit} if column == "currency" else {own.quote_unit or own.currency}
        verdicts[place] = given not in allowed
    wrong = verdicts[inverse]

    def tell(row: int) -> Told:
        own = reference.instruments[int(ids[row])]
        expected = own.currency if column == "currency" else own.quote_unit or own.currency
        return (f"the price is in {names[int(codes[row])]!r}, {own.code} is quoted in {expected}",
                "correct the row, or the instrument's quote unit", "wrong_currency")  # fmt: skip

    sieve.refuse(wrong, column, tell)


def read_rate_rows(sieve: Sieve, reference: Reference, style: CellStyle) -> tuple[ValueRows, Int64, Int64]:
    """Columns date, base, quote, rate (one base costs rate quote). Owner 0; base and quote as currency codes beside."""
    none = np.zeros(len(sieve.lines), np.int64)
    if not sieve.require(("date", "base", "quote", "rate")):
        return sieve.kept(none, none, none, none), none[:0], none[:0]
    dates = sieve.dates(style)

    def find(name: str) -> int:
        return currency_code(reference.currency(name)) if name else currency_code("")

    base, _, _ = sieve.named("base", find)
    quote, _, _ = sieve.named("quote", find)
    sieve.refuse(base == quote, "quote", lambda row: ("base and quote are the same", "name two currencies",
                                                      "invalid_input"))  # fmt: skip
    mantissa, exponent = sieve.values("rate", style)
    sieve.refuse(mantissa <= 0, "rate", lambda row: ("a rate is more than 0", "correct the row", "invalid_input"))
    good = ~sieve.bad
    return sieve.kept(none, dates, mantissa, exponent), base[good], quote[good]


def read_benchmark_rows(
    sieve: Sieve, column: str, style: CellStyle, *, code: str, find: Callable[[str], int]
) -> ValueRows:
    """Columns date and level or return, and the benchmark's ``code`` (one for all rows when given).

    ``find`` gives the id of a code, or raises. The rows' owner is the benchmark.
    """
    if not sieve.require(("date", column) if code else ("date", "code", column)):
        return sieve.kept(*(np.zeros(len(sieve.lines), np.int64) for _ in range(4)))
    cells = {**sieve.cells, "code": TextColumn.constant(code, len(sieve.lines))} if code else sieve.cells
    sieve.cells = cells
    owner, _, _ = sieve.named("code", find)
    dates = sieve.dates(style)
    mantissa, exponent = sieve.values(column, style)
    if column == "level":
        sieve.refuse(mantissa <= 0, column, lambda row: ("a level is more than 0", "correct the row", "invalid_input"))
    else:
        power = np.minimum(np.maximum(-exponent, 0), 18)
        ruin = (mantissa < 0) & (-mantissa >= 10**power)
        sieve.refuse(ruin, column, lambda row: ("a return is more than -1", "write 1% as 0.01", "invalid_input"))
    return sieve.kept(owner, dates, mantissa, exponent)
