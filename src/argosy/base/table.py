"""The one shape results take: named columns with units and exact values, and where they came from.

A :class:`Table` reads well in a terminal and a notebook, and goes to JSON, CSV, Arrow, Polars and pandas without
losing a digit. Dataframe libraries are imported only inside the method that hands data to them.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from argosy.base.columns import DECIMALS, KINDS, NUMBERS, Column, ColumnKind, Exact, plain_list
from argosy.base.dates import format_date, format_instant, from_date, parse_date, parse_instant
from argosy.base.errors import InvalidInput, MissingExtra, unknown
from argosy.base.table_text import STYLE, csv_text, escape, html_table, text_lines, visible

__all__ = ["KINDS", "NUMBERS", "Column", "ColumnKind", "Exact", "Provenance", "Table"]

REPR_WIDTH = 120
REPR_ROWS = 40


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a result was computed from, enough to ask for it again to the last digit.

    ``as_of`` is an epoch day, ``known_at`` microseconds; versions are ``seq`` numbers of the book.

    Examples
    --------
    >>> Provenance(method="nav", as_of=18993, book_seq=12).text()
    'method nav · as of 2022-01-01 · book at 12'
    """

    method: str = ""
    convention: str = ""
    as_of: int | None = None
    known_at: int | None = None
    book_seq: int = 0
    head: str = ""
    market_version: int = 0
    mandate_version: int = 0
    code_version: str = ""
    fingerprint: str = ""
    warnings: tuple[str, ...] = ()

    def items(self) -> list[tuple[str, str]]:
        """Label and text of each part that is known, but for the warnings."""
        parts = [
            ("method", self.method),
            ("convention", self.convention),
            ("as of", format_date(self.as_of) if self.as_of is not None else ""),
            ("known at", format_instant(self.known_at) if self.known_at is not None else ""),
            ("book at", str(self.book_seq) if self.book_seq else ""),
            ("head", self.head),
            ("market version", str(self.market_version) if self.market_version else ""),
            ("mandate version", str(self.mandate_version) if self.mandate_version else ""),
            ("argosy", self.code_version),
            ("fingerprint", self.fingerprint),
        ]
        return [(label, text) for label, text in parts if text]

    def text(self) -> str:
        """One line for people."""
        return " · ".join(
            f"{label} {text[:16] if label in ('head', 'fingerprint') else text}" for label, text in self.items()
        )

    def data(self) -> dict[str, object]:
        """Plain values for JSON: dates and instants as ISO text."""
        given: dict[str, object] = asdict(self)
        given["as_of"] = format_date(self.as_of) if self.as_of is not None else None
        given["known_at"] = format_instant(self.known_at) if self.known_at is not None else None
        given["warnings"] = list(self.warnings)
        return given

    @classmethod
    def from_data(cls, given: Mapping[str, Any]) -> Provenance:
        """Read back what :meth:`data` gave."""
        values = dict(given)
        values["as_of"] = parse_date(values["as_of"]) if values.get("as_of") else None
        values["known_at"] = parse_instant(values["known_at"]) if values.get("known_at") else None
        values["warnings"] = tuple(values.get("warnings", ()))
        return cls(**values)


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Named columns of one length.

    ``totals`` maps column names to what stands in the last line (an integer at the column's scale, a ratio, a text).

    Examples
    --------
    >>> table = Table("cash", (Column("currency", "text", ["EUR", "USD"]),
    ...                        Column("traded", "amount", [1234500000, -20000], scale=4)))
    >>> table.rows()[1]
    {'currency': 'USD', 'traded': Decimal('-2.0000')}
    >>> print(table)
    cash
    currency      traded
    ────────  ──────────
    EUR       123,450.00
    USD            -2.00
    """

    name: str
    columns: Sequence[Column]
    notes: Sequence[str] = ()
    provenance: Provenance | None = None
    totals: Mapping[str, object] | None = None
    _places: dict[str, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for place, column in enumerate(self.columns):
            if column.name in self._places:
                raise InvalidInput(f"table {self.name!r} has two columns {column.name!r}", field="columns")
            if len(column) != len(self.columns[0]):
                raise InvalidInput(
                    f"table {self.name!r}: column {column.name!r} has {len(column)} rows, "
                    f"{self.columns[0].name!r} has {len(self.columns[0])}",
                    field=column.name,
                )
            self._places[column.name] = place

    @classmethod
    def of(cls, name: str, /, **columns: Sequence[object]) -> Table:
        """Build a small table, telling the kinds from the first value of each column.

        Examples
        --------
        >>> Table.of("scores", who=["Ann", "Bob"], points=[3, 4])["points"].kind
        'integer'
        """
        return cls(name, tuple(_guess(label, list(values)) for label, values in columns.items()))

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def __getitem__(self, name: str) -> Column:
        if name not in self._places:
            raise unknown("column", name, self._places, place=self.name)
        return self.columns[self._places[name]]

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[dict[str, Exact]]:
        return iter(self.rows())

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(self._places)

    def rows(self) -> list[dict[str, Exact]]:
        """Each row as a dictionary of exact values: Decimal, date, text, None where missing."""
        return [{column.name: column.exact(row) for column in self.columns} for row in range(len(self))]

    def select(self, names: Sequence[str]) -> Table:
        """The same rows with only these columns, in this order."""
        return Table(self.name, tuple(self[name] for name in names), self.notes, self.provenance, self.totals)

    def take(self, rows: Sequence[int]) -> Table:
        """The rows asked for, in that order; totals are dropped, since they would no longer foot."""
        return Table(self.name, tuple(column.take(rows) for column in self.columns), self.notes, self.provenance)

    # -- for people ---------------------------------------------------------------------------------------------------

    def to_text(self, *, width: int = REPR_WIDTH, limit: int | None = None, notes: bool = True) -> str:
        """Lines of at most ``width`` cells; ``limit`` shows only so many rows of head and tail."""
        lines = [visible(self.name)] if self.name else []
        if len(self):
            lines += text_lines(self.columns, width=width, limit=limit, totals=self.totals)
        else:
            lines.append("(no rows)")
        if notes:
            lines += [f"note: {visible(note)}" for note in self.notes]
            lines += [
                f"warning: {visible(warning)}" for warning in (self.provenance.warnings if self.provenance else ())
            ]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.to_text(limit=REPR_ROWS)

    def __repr__(self) -> str:
        return self.to_text(limit=REPR_ROWS)

    def _repr_html_(self) -> str:
        foot = [*self.notes]
        if self.provenance:
            foot += [f"warning: {warning}" for warning in self.provenance.warnings]
            foot.append(self.provenance.text())
        notes = "".join(f'<p class="argosy-notes">{escape(note)}</p>' for note in foot if note)
        return f"<style>{STYLE}</style>{self.to_html(limit=REPR_ROWS)}{notes}"

    def to_html(self, *, caption: str = "", limit: int | None = None, css: str = "argosy-table") -> str:
        """Only the ``<table>``, for a page that brings its own style."""
        return html_table(self.columns, caption=caption or self.name, limit=limit, totals=self.totals, css=css)

    # -- for files and programs ---------------------------------------------------------------------------------------

    def to_json(self, *, indent: int | None = 2) -> str:
        """JSON with decimals as strings, so that no reader rounds them; :meth:`from_json` reads it back."""
        columns = [
            {key: value for key, value in
             (("name", c.name), ("kind", c.kind), ("unit", c.unit), ("title", c.title)) if value}
            for c in self.columns
        ]  # fmt: skip
        body = {
            "name": self.name,
            "columns": columns,
            "rows": [{c.name: _json_value(c, row) for c in self.columns} for row in range(len(self))],
            "notes": list(self.notes),
            "provenance": self.provenance.data() if self.provenance else None,
        }
        return json.dumps(body, indent=indent, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Table:
        """Read back what :meth:`to_json` wrote, exactly."""
        body = json.loads(text)
        columns = [
            Column.from_data(
                spec["name"],
                spec["kind"],
                [_from_json_value(row[spec["name"]]) for row in body["rows"]],
                unit=spec.get("unit", ""),
                title=spec.get("title", ""),
            )
            for spec in body["columns"]
        ]
        provenance = Provenance.from_data(body["provenance"]) if body["provenance"] else None
        return cls(body["name"], tuple(columns), tuple(body["notes"]), provenance)

    def to_csv(self) -> str:
        """CSV with exact digits, safe to open in a spreadsheet (text never starts a formula)."""
        return csv_text(self.columns)

    def to_arrow(self) -> Any:
        """A ``pyarrow.Table``: decimal128 at the column's scale, date32, timestamps in UTC, nulls where missing."""
        try:
            import pyarrow
        except ImportError:
            raise _missing("pyarrow", "argosy") from None
        fields, arrays = [], []
        for column in self.columns:
            array = _arrow_array(pyarrow, column)
            fields.append(pyarrow.field(column.name, array.type, metadata={"kind": column.kind, "unit": column.unit}))
            arrays.append(array)
        about = {
            "argosy": json.dumps({"name": self.name, "provenance": self.provenance.data() if self.provenance else None})
        }
        return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields, metadata=about))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule protocol: any library that speaks it reads the table without a copy in text."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_polars(self) -> Any:
        """A ``polars.DataFrame`` with Decimal columns."""
        try:
            import polars
        except ImportError:
            raise _missing("polars", "argosy[frames]") from None
        return polars.from_arrow(self.to_arrow())

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame``; decimals stay ``Decimal`` objects."""
        try:
            import pandas  # noqa: F401  (pyarrow needs it here, and its own message would not name the extra)
        except ImportError:
            raise _missing("pandas", "argosy[frames]") from None
        return self.to_arrow().to_pandas()


def _missing(package: str, extra: str) -> MissingExtra:
    return MissingExtra(
        f"{package} is not installed", field="package", found=package, next_step=f"pip install '{extra}'"
    )


def _json_value(column: Column, row: int) -> object:
    value = column.exact(row)
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**53):
        return value
    return column.data(row)


def _from_json_value(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return ("true" if value else "false") if isinstance(value, bool) else repr(value)


def _guess(name: str, values: list[Any]) -> Column:
    present: Any = next((value for value in values if value is not None), "")
    missing = [value is None for value in values] if any(value is None for value in values) else None
    filled: list[Any] = [present if value is None else value for value in values]
    match present:
        case bool():
            return Column(name, "flag", filled, missing=missing)
        case int():
            return Column(name, "integer", filled, missing=missing)
        case float():
            return Column(name, "ratio", filled, missing=missing)
        case Decimal():
            column = Column.from_data(name, "quote", [format(value, "f") for value in filled])
            return Column(name, "quote", column.values, missing=missing)
        case datetime.date():
            return Column(name, "date", [from_date(value) for value in filled], missing=missing)
        case _:
            return Column(name, "text", [str(value) for value in filled], missing=missing)


def _arrow_array(pa: Any, column: Column) -> Any:
    types = {
        "text": pa.string(), "date": pa.date32(), "instant": pa.timestamp("us", tz="UTC"),
        "integer": pa.int64(), "ratio": pa.float64(), "flag": pa.bool_(),
    }  # fmt: skip
    gone = plain_list(column.missing) if column.missing is not None else None
    if column.kind not in DECIMALS:
        values = plain_list(column.values)
        given = values if gone is None else [None if out else value for value, out in zip(values, gone, strict=True)]
        if column.kind == "date":
            return pa.array(given, pa.int32()).cast(pa.date32())
        if column.kind == "instant":
            return pa.array(given, pa.int64()).cast(types["instant"])
        return pa.array(given, types[column.kind])
    if hasattr(column.values, "dtype") and isinstance(column.scale, int) and gone is None:
        return _decimal_buffer(pa, column)
    numbers = list(column)
    scales = [-int(number.as_tuple().exponent) for number in numbers if isinstance(number, Decimal)]
    return pa.array(
        numbers, pa.decimal128(38, max(scales, default=column.scale if isinstance(column.scale, int) else 0))
    )


def _decimal_buffer(pa: Any, column: Column) -> Any:
    """Decimals straight from int64: 16 bytes each, the upper eight the sign."""
    import numpy

    low = numpy.ascontiguousarray(column.values, dtype=numpy.int64)
    wide = numpy.empty((len(low), 2), numpy.int64)
    wide[:, 0], wide[:, 1] = low, low >> 63
    kind = pa.decimal128(38, column.scale)
    return pa.Array.from_buffers(kind, len(low), [None, pa.py_buffer(wide)])
