"""What an import brings: the columns to write, counts, and words for each row that is not simply new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from argosy.base.columns import quote_decimal
from argosy.base.dates import format_date
from argosy.base.money import currency_name
from argosy.base.problems import Problem
from argosy.record.ledger.events import Int64
from argosy.record.market.ingest import CONFLICT, KNOWN, NEW, REPLACES, TWIN, Judgement, ValueRows, existing_rows, judge
from argosy.record.market.points import BASES
from argosy.record.market.tables import MarketTables, pair_owners


@dataclass(frozen=True, slots=True)
class Remark:
    """A row (or a run of rows) that needs no problem but a word: known or replacing."""

    status: str
    line: int
    message: str
    load: int
    load_line: int


@dataclass(frozen=True)
class Intake:
    """Judged rows of one file. ``conflicts`` are problems; ``first`` and ``last`` are days of the rows that are new."""

    rows: ValueRows
    judgement: Judgement
    existing: ValueRows
    loads: Int64
    labels: Sequence[str]
    columns: dict[str, Int64]
    conflicts: tuple[Problem, ...]

    @property
    def inserted(self) -> int:
        """Rows that bring something, replacing ones included."""
        return self.judgement.count(NEW) + self.superseding

    @property
    def superseding(self) -> int:
        """Rows that replace an earlier value."""
        return self.judgement.count(REPLACES)

    @property
    def known(self) -> int:
        """Rows that bring nothing: in the book already, or said twice in the file."""
        return self.judgement.count(KNOWN) + self.judgement.count(TWIN)

    @property
    def conflicting(self) -> int:
        """Rows that contradict another row of the file."""
        return self.judgement.count(CONFLICT)

    @property
    def first(self) -> int:
        """First day of what is new."""
        return int(self.columns["date"].min())

    @property
    def last(self) -> int:
        """Last day of what is new."""
        return int(self.columns["date"].max())

    def __len__(self) -> int:
        return len(self.columns["date"])

    def remarks(self) -> Iterator[Remark]:
        """Known rows by runs of lines, replacing rows one by one."""
        status, other, lines = self.judgement.status, self.judgement.other, self.rows.line
        for row in np.flatnonzero(status == REPLACES).tolist():
            old = int(other[row])
            yield Remark(
                "supersedes", int(lines[row]),
                f"{self.labels[row]}: {_value(self.rows, row)} replaces {_value(self.existing, old)}",
                int(self.loads[old]), int(self.existing.line[old]),
            )  # fmt: skip
        for row in np.flatnonzero(status == TWIN).tolist():
            earlier = int(lines[int(other[row])])
            yield Remark("known", int(lines[row]), f"{self.labels[row]}: repeats line {earlier}", 0, earlier)
        known = np.flatnonzero(status == KNOWN)
        if not len(known):
            return
        load = self.loads[other[known]]
        breaks = np.flatnonzero((np.diff(known) != 1) | (np.diff(load) != 0)) + 1
        for part in np.split(known, breaks):
            begin, end = int(lines[part[0]]), int(lines[part[-1]])
            old = int(other[part[0]])
            told = f"line {begin} is" if len(part) == 1 else f"lines {begin} to {end} are"
            yield Remark("known", begin, f"{told} in the book already", int(self.loads[old]),
                         int(self.existing.line[old]))  # fmt: skip


class Labels(Sequence[str]):
    """Names of rows for people, made only for the rows that are spoken about."""

    def __init__(self, rows: ValueRows, names: Sequence[str] | dict[int, str]) -> None:
        self._rows, self._names = rows, names

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, row):  # type: ignore[no-untyped-def]
        return f"{self._names[int(self._rows.owner[row])]} {format_date(int(self._rows.date[row]))}"


def take_prices(
    tables: MarketTables, rows: ValueRows, *, source: str, basis: str, name: str, names: dict[int, str]
) -> Intake:
    """Judge prices against the book's prices of the same source and basis. ``names`` are of instruments."""
    owners = [int(owner) for owner in np.unique(rows.owner)]
    existing, loads = _existing(tables, "prices", rows, owners, source, BASES.index(basis))
    judgement = judge(rows, existing)
    labels = Labels(rows, names)
    keep = judgement.wanted
    return Intake(rows, judgement, existing, loads, labels,
                  {"instrument": rows.owner[keep], **_values(rows.take(keep))},
                  _conflicts(rows, judgement, labels, name, "price"))  # fmt: skip


def take_rates(tables: MarketTables, rows: ValueRows, base: Int64, quote: Int64, *, source: str, name: str) -> Intake:
    """Judge exchange rates against the book's rates of the same source."""
    pairs = {(int(one), int(other)): place for place, (one, other) in enumerate(tables.pairs)}
    owner = pair_owners(base, quote, pairs) if len(rows) else rows.owner
    rows = ValueRows(owner, rows.date, rows.mantissa, rows.exponent, rows.line)
    existing, loads = _existing(tables, "fx", rows, [int(each) for each in np.unique(owner)], source, 0)
    judgement = judge(rows, existing)
    names = {place: f"{currency_name(one)}/{currency_name(other)}" for (one, other), place in pairs.items()}
    labels = Labels(rows, names)
    keep = judgement.wanted
    return Intake(rows, judgement, existing, loads, labels,
                  {"base": base[keep], "quote": quote[keep], **_values(rows.take(keep))},
                  _conflicts(rows, judgement, labels, name, "rate"))  # fmt: skip


def take_benchmark(tables: MarketTables, rows: ValueRows, *, benchmark: int, source: str, name: str, code: str,
                   column: str) -> Intake:  # fmt: skip
    """Judge levels or returns of one benchmark against the book's of the same source."""
    existing, loads = _existing(tables, "benchmarks", rows, [benchmark], source, 0)
    judgement = judge(rows, existing)
    labels = Labels(rows, {benchmark: code})
    return Intake(rows, judgement, existing, loads, labels, _values(rows.take(judgement.wanted)),
                  _conflicts(rows, judgement, labels, name, column))  # fmt: skip


def by_owner(rows: ValueRows) -> list[tuple[int, ValueRows]]:
    """The rows of each owner."""
    return [(int(owner), rows.take(rows.owner == owner)) for owner in np.unique(rows.owner)]


def _existing(
    tables: MarketTables, data: str, rows: ValueRows, owners: Sequence[int], source: str, basis: int
) -> tuple[ValueRows, Int64]:
    code = tables.sources.index(source) if source in tables.sources else -1
    first, last = (int(rows.date.min()), int(rows.date.max())) if len(rows) else (0, -1)
    return existing_rows(getattr(tables, data), owners, basis=basis, source=code, first=first, last=last)


def _values(rows: ValueRows) -> dict[str, Int64]:
    return {"date": rows.date, "mantissa": rows.mantissa, "exponent": rows.exponent, "line": rows.line}


def _value(rows: ValueRows, row: int) -> str:
    return format(quote_decimal(int(rows.mantissa[row]), int(rows.exponent[row])), "f")


def _conflicts(
    rows: ValueRows, judgement: Judgement, labels: Sequence[str], name: str, column: str
) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            name, int(rows.line[row]),
            f"{labels[row]}: {_value(rows, row)} here, {_value(rows, int(judgement.other[row]))} on line "
            f"{int(rows.line[int(judgement.other[row])])}",
            column, _value(rows, row), "keep one of the two", "conflict",
        )
        for row in np.flatnonzero(judgement.status == CONFLICT).tolist()
    )  # fmt: skip
