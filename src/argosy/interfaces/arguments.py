"""What a caller may write for a day, a moment, names or a file, and the one form the floors below take."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable
from pathlib import Path

from argosy.base.dates import from_date, parse_date, parse_instant
from argosy.base.errors import InvalidInput

DayLike = str | datetime.date | int | None
MomentLike = str | datetime.datetime | datetime.date | int | None
NamesLike = str | Iterable[str]


def day(value: DayLike, *, field: str = "as_of") -> int | None:
    """An epoch day from ISO text, a date, or an epoch day.

    Examples
    --------
    >>> day("2022-01-01"), day(datetime.date(2022, 1, 1)), day(18993), day(None)
    (18993, 18993, 18993, None)
    """
    match value:
        case None | int():
            return value
        case datetime.datetime():
            return from_date(value.date())
        case datetime.date():
            return from_date(value)
        case _:
            return parse_date(str(value), field=field)


def moment(value: MomentLike, *, field: str = "known_at") -> int | None:
    """Microseconds from ISO text, a datetime with a zone, a date (its end, UTC), or microseconds."""
    match value:
        case None | int():
            return value
        case datetime.date():
            return parse_instant(value.isoformat(), field=field)
        case _:
            return parse_instant(str(value), field=field)


def names(value: NamesLike) -> tuple[str, ...]:
    """One name or several.

    Examples
    --------
    >>> names("GROWTH"), names(["GROWTH", "INCOME"]), names("")
    (('GROWTH',), ('GROWTH', 'INCOME'), ())
    """
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(value)


def content(given: object, *, name: str = "") -> tuple[bytes, str]:
    """Bytes and a name from a path, bytes, or a dataframe that speaks Arrow's PyCapsule protocol."""
    match given:
        case bytes():
            return given, name or "bytes"
        case str() | os.PathLike():
            path = Path(given)
            try:
                return path.read_bytes(), name or path.name
            except OSError as error:
                raise InvalidInput(
                    f"cannot read {path}: {error.strerror}", field="file", found=str(path), next_step="check the path"
                ) from None
        case _:
            from argosy.wiring import arrow_bytes

            return arrow_bytes(given), name or f"{type(given).__name__}.parquet"


def mandate(given: str | bytes | os.PathLike[str], *, name: str = "mandate.toml") -> tuple[str, str]:
    """The text of a mandate and its name: a path, or one line that ends in .toml, is read as a file, the rest is text.

    Examples
    --------
    >>> mandate('[lots]\\nmethod = "LIFO"', name="mandate of GROWTH")[1]
    'mandate of GROWTH'
    """
    if isinstance(given, os.PathLike) or (
        isinstance(given, str) and "\n" not in given and given.strip().lower().endswith(".toml")
    ):
        path = Path(given)
        try:
            return utf8(path.read_bytes(), str(path)), str(path)
        except OSError as error:
            raise InvalidInput(
                f"cannot read the mandate {path}: {error.strerror}", field="mandate", found=str(path),
                next_step="give the path of a TOML file that exists, or the text of the mandate",
            ) from None  # fmt: skip
    return utf8(given, name), name


def utf8(given: str | bytes, name: str) -> str:
    """Text of a file that must be UTF-8, with a message that names the first byte that is not."""
    if isinstance(given, str):
        return given
    try:
        return given.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = given.count(b"\n", 0, error.start) + 1
        raise InvalidInput(
            f"the file is not UTF-8: byte 0x{given[error.start]:02x} in line {line}", place=name, field="encoding",
            next_step="save it as UTF-8",
        ) from None  # fmt: skip
