"""Column-mapping profiles: how somebody else's file is read as one of Argosy's neutral tables.

A profile is TOML::

    [profile]
    name = "my-custodian"
    reads = "transactions"          # or prices, fx, benchmark, instruments
    [columns]                       # neutral name = "their name"
    date = "Trade Date"
    [values.type]                   # their text = "ours", per neutral column
    "BOUGHT" = "buy"
    [constants]                     # neutral columns the file does not have
    account = "MAIN"
    [format]
    date = "%d.%m.%Y"
    decimal = ","
    thousands = "."
    delimiter = ";"
    encoding = "latin-1"
    [options]
    gross_rounding = "scale"
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from argosy.base.errors import InvalidInput, nearest
from argosy.kernels.decimals import encode
from argosy.kernels.text import TextColumn
from argosy.workflows.tabular import RawTable

SECTIONS = ("profile", "columns", "values", "constants", "format", "options")
FORMAT_KEYS = ("date", "decimal", "thousands", "delimiter", "encoding")
READS = ("transactions", "instruments", "prices", "fx", "benchmark", "calendar", "segments", "classification")


@dataclass(frozen=True)
class TextFormat:
    """How a file writes dates and numbers. ``date`` is a strptime pattern; the ISO pattern is read fastest."""

    date: str = "%Y-%m-%d"
    decimal: str = "."
    thousands: str = ""
    delimiter: str | None = None
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Profile:
    """A parsed profile; :data:`NEUTRAL` reads a file that already has neutral columns."""

    name: str = "neutral"
    reads: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)  # neutral name -> their name
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # neutral name -> their text -> ours
    constants: Mapping[str, str] = field(default_factory=dict)
    format: TextFormat = TextFormat()
    options: Mapping[str, str] = field(default_factory=dict)

    def apply(self, table: RawTable) -> RawTable:
        """Rename, translate and add columns, so that what follows sees neutral names only.

        A column of the file whose own name is neutral (case and surrounding blanks aside) needs no mapping. Columns
        that nothing maps keep their own names. A mapped column that the file does not have raises
        :class:`InvalidInput` with the nearest names.
        """
        if not table.columns:
            return table
        taken = set(self.columns.values())
        missing = [(ours, theirs) for ours, theirs in self.columns.items() if theirs not in table.columns]
        if missing:
            ours, theirs = missing[0]
            close = nearest(theirs, table.columns) or sorted(table.columns)[:12]
            raise InvalidInput(
                f"profile {self.name!r} reads {ours!r} from column {theirs!r}, which the file does not have",
                field=ours,
                found=", ".join(table.columns),
                place=table.name,
                next_step="the file has " + ", ".join(repr(name) for name in close),
            )
        columns: dict[str, TextColumn] = {}
        for name, cells in table.columns.items():
            if name not in taken:
                columns[neutral_name(name)] = cells
        for ours, theirs in self.columns.items():
            columns[ours] = table.columns[theirs]
        for name, text in self.constants.items():
            columns[name] = TextColumn.constant(text, len(table))
        for name, mapping in self.values.items():
            if name in columns:
                columns[name] = _translate(columns[name], mapping)
        return RawTable(table.name, columns, table.lines, table.problems, table.reader, table.warnings)


NEUTRAL = Profile()


def neutral_name(name: str) -> str:
    """A header as a column name: lower case, words joined by underscores.

    Examples
    --------
    >>> neutral_name(" Settle Date ")
    'settle_date'
    """
    return "_".join(name.strip().lower().replace("-", " ").split())


def parse_profile(text: str, *, source: str = "profile.toml", neutral: Collection[str] = ()) -> Profile:
    """Read a profile; ``neutral`` are the column names allowed on the left (empty = any).

    Raises :class:`InvalidInput` that names everything wrong at once.

    Examples
    --------
    >>> profile = parse_profile('[profile]\\nname = "x"\\n[columns]\\nprice = "Close"\\n[format]\\ndecimal = ","')
    >>> profile.columns["price"], profile.format.decimal
    ('Close', ',')
    >>> parse_profile('[colums]\\nprice = "Close"')
    Traceback (most recent call last):
    ...
    argosy.base.errors.InvalidInput: profile.toml: unknown section 'colums' (did you mean 'columns'?)
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"not TOML: {error}", place=source, next_step="check quotes and brackets there") from None
    wrong: list[str] = [_unknown("section", name, SECTIONS) for name in given if name not in SECTIONS]
    tables = {name: given.get(name, {}) for name in SECTIONS}
    for name, table in tables.items():
        if not isinstance(table, dict):
            wrong.append(f"[{name}] is not a table")
            tables[name] = {}
    head = _texts(tables["profile"], "profile", wrong)
    wrong += [_unknown("key", f"profile.{key}", ("profile.name", "profile.reads")) for key in head
              if key not in ("name", "reads")]  # fmt: skip
    reads = head.get("reads", "")
    if reads and reads not in READS:
        wrong.append(_unknown("value of profile.reads", reads, READS))
    columns = _texts(tables["columns"], "columns", wrong)
    constants = _texts(tables["constants"], "constants", wrong)
    values: dict[str, dict[str, str]] = {}
    for name, mapping in tables["values"].items():
        if isinstance(mapping, dict):
            values[name] = _texts(mapping, f"values.{name}", wrong)
        else:
            wrong.append(f"[values.{name}] is not a table of theirs = ours")
    if neutral:
        for name in (*columns, *constants, *values):
            if name not in neutral and not name.startswith("x_"):
                wrong.append(_unknown("column", name, neutral))
    wrong += [f"{name!r} is both mapped and constant" for name in columns if name in constants]
    style = _format(tables["format"], wrong)
    options = {key: str(value).lower() if isinstance(value, bool) else str(value)
               for key, value in tables["options"].items()}  # fmt: skip
    if wrong:
        raise InvalidInput("; ".join(wrong), place=source)
    return Profile(head.get("name", source), reads, columns, values, constants, style, options)


def _format(given: Mapping[str, object], wrong: list[str]) -> TextFormat:
    texts = _texts(given, "format", wrong)
    wrong += [_unknown("key", f"format.{key}", [f"format.{name}" for name in FORMAT_KEYS]) for key in texts
              if key not in FORMAT_KEYS]  # fmt: skip
    decimal, thousands, delimiter = texts.get("decimal", "."), texts.get("thousands", ""), texts.get("delimiter")
    if decimal not in (".", ","):
        wrong.append("format.decimal is '.' or ','")
    if thousands not in ("", ",", ".", "'", " ", "_"):
        wrong.append("format.thousands is one of , . ' _ or a blank, or empty")
    if thousands and thousands == decimal:
        wrong.append("format.decimal and format.thousands are the same")
    if delimiter is not None and (len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n'):
        wrong.append("format.delimiter is one character such as , ; or \\t")
    return TextFormat(texts.get("date", "%Y-%m-%d"), decimal, thousands, delimiter, texts.get("encoding", "utf-8"))


def _texts(given: Mapping[str, object], place: str, wrong: list[str]) -> dict[str, str]:
    wrong += [f"{place}.{key} is not text" for key, value in given.items() if not isinstance(value, str)]
    return {key: value for key, value in given.items() if isinstance(value, str)}


def _unknown(what: str, name: str, valid: Collection[str]) -> str:
    close = nearest(name, valid)
    hint = " or ".join(repr(item) for item in close)
    return f"unknown {what} {name!r} " + (f"(did you mean {hint}?)" if close else f"(one of: {', '.join(valid)})")


def _translate(cells: TextColumn, mapping: Mapping[str, str]) -> TextColumn:
    codes, names = encode(cells)
    return TextColumn.from_codes(codes, [mapping.get(name, mapping.get(name.strip(), name)) for name in names])
