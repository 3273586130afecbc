"""Bulk text to exact integers: decimals at a scale, quotes as received, ISO dates, repeated words as codes.

Each reader answers with values and a code per cell; nothing is rounded and nothing raises for data. Large columns are
read by compiled loops over the byte buffer, small ones by the plain-Python twin, with the same answers.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference.decimals import (
    EMPTY,
    NOT_A_DATE,
    NOT_A_NUMBER,
    OK,
    OVERFLOW,
    TOO_MANY_DIGITS,
    date_cells,
    encode_cells,
    pattern_cells,
    quote_cells,
    scaled_cells,
)
from argosy.kernels.text import Bytes, Int64, TextColumn

__all__ = [
    "EMPTY", "NOT_A_DATE", "NOT_A_NUMBER", "OK", "OVERFLOW", "TOO_MANY_DIGITS", "Quotes", "Scaled", "encode",
    "explain_code", "read_dates", "read_quotes", "read_scaled",
]  # fmt: skip

ISO_DATE = "%Y-%m-%d"

Engine = Literal["auto", "kernel", "reference"]

# Loading the JIT and its cached kernels costs as much as the twin needs for so many cells.
KERNEL_CELLS = 200_000
KERNEL_CELLS_LOADED = 5_000


@dataclass(frozen=True)
class Scaled:
    """Integers at a scale (or epoch days) and a code per cell; the value is 0 where the code is not ``OK``."""

    values: Int64
    codes: Bytes

    @property
    def bad(self) -> npt.NDArray[np.bool_]:
        """Cells that hold something that could not be read."""
        return np.asarray(self.codes > EMPTY)


@dataclass(frozen=True)
class Quotes:
    """Mantissa and exponent as received, and a code per cell."""

    mantissas: Int64
    exponents: Int64
    codes: Bytes

    @property
    def bad(self) -> npt.NDArray[np.bool_]:
        """Cells that hold something that could not be read."""
        return np.asarray(self.codes > EMPTY)


def _compiled(column: TextColumn, engine: Engine) -> bool:
    if engine != "auto":
        return engine == "kernel"
    least = KERNEL_CELLS_LOADED if "argosy.kernels.decimals_jit" in sys.modules else KERNEL_CELLS
    return len(column) >= least


def read_scaled(
    column: TextColumn, scale: int | Int64, *, decimal: str = ".", thousands: str = "", engine: Engine = "auto"
) -> Scaled:
    """Read plain decimals as integers at ``scale`` (one int from 0 to 18, or one per cell).

    Codes: OK, EMPTY, NOT_A_NUMBER, TOO_MANY_DIGITS (more decimals than the scale, trailing zeros aside), OVERFLOW.

    Examples
    --------
    >>> read = read_scaled(TextColumn(["1.5", "-0.25", ".1234"]), 2)
    >>> read.values.tolist(), read.codes.tolist()
    ([150, -25, 0], [0, 0, 3])
    """
    scales = np.full(len(column), scale, np.int64) if isinstance(scale, int) else np.ascontiguousarray(scale, np.int64)
    if _compiled(column, engine):
        from argosy.kernels.decimals_jit import scaled_kernel

        values, codes = np.zeros(len(column), np.int64), np.zeros(len(column), np.uint8)
        data, before, ends = column.buffer()
        scaled_kernel(data, before, ends, scales, ord(decimal), ord(thousands or "\0"), values, codes)
        return Scaled(values, codes)
    listed, wrong = scaled_cells(column.to_list(), scales.tolist(), decimal=decimal, thousands=thousands)
    return Scaled(np.array(listed, np.int64), np.array(wrong, np.uint8))


def read_quotes(column: TextColumn, *, decimal: str = ".", thousands: str = "", engine: Engine = "auto") -> Quotes:
    """Read prices, rates and ratios keeping each digit as received; exponent notation is allowed.

    Codes: OK, EMPTY, NOT_A_NUMBER, TOO_MANY_DIGITS (more than 18 digits, or an exponent beyond ±18).

    Examples
    --------
    >>> read = read_quotes(TextColumn(["1.0500", "1.234,5"]))
    >>> read.mantissas.tolist(), read.exponents.tolist(), read.codes.tolist()
    ([10500, 0], [-4, 0], [0, 2])
    >>> read_quotes(TextColumn(["1.234,5"]), decimal=",", thousands=".").mantissas.tolist()
    [12345]
    """
    if _compiled(column, engine):
        from argosy.kernels.decimals_jit import quote_kernel

        length = len(column)
        mantissas, exponents = np.zeros(length, np.int64), np.zeros(length, np.int64)
        codes = np.zeros(length, np.uint8)
        data, before, ends = column.buffer()
        quote_kernel(data, before, ends, ord(decimal), ord(thousands or "\0"), mantissas, exponents, codes)
        return Quotes(mantissas, exponents, codes)
    first, second, wrong = quote_cells(column.to_list(), decimal=decimal, thousands=thousands)
    return Quotes(np.array(first, np.int64), np.array(second, np.int64), np.array(wrong, np.uint8))


def read_dates(column: TextColumn, *, pattern: str = ISO_DATE, engine: Engine = "auto") -> Scaled:
    """Read dates as epoch days: year-month-day, or any ``pattern`` of ``strptime``. Codes: OK, EMPTY, NOT_A_DATE.

    A pattern's time of day and zone are read and left aside: the date is the one written.

    Examples
    --------
    >>> read_dates(TextColumn(["1970-01-02", "2023-02-29"])).codes.tolist()
    [0, 5]
    >>> read_dates(TextColumn(["03.01.1970"]), pattern="%d.%m.%Y").values.tolist()
    [2]
    """
    if pattern != ISO_DATE:
        places, names = encode(column, engine=engine)
        listed, wrong = pattern_cells(names, pattern)
        return Scaled(np.array(listed, np.int64)[places], np.array(wrong, np.uint8)[places])
    if _compiled(column, engine):
        from argosy.kernels.decimals_jit import date_kernel

        days, codes = np.zeros(len(column), np.int64), np.zeros(len(column), np.uint8)
        date_kernel(*column.buffer(), days, codes)
        return Scaled(days, codes)
    listed, wrong = date_cells(column.to_list())
    return Scaled(np.array(listed, np.int64), np.array(wrong, np.uint8))


def encode(column: TextColumn, *, engine: Engine = "auto") -> tuple[Int64, list[str]]:
    """Cells as positions in the list of distinct texts, which are in order of first appearance.

    Examples
    --------
    >>> codes, names = encode(TextColumn(["EUR", "USD", "EUR"]))
    >>> codes.tolist(), names
    ([0, 1, 0], ['EUR', 'USD'])
    """
    if _compiled(column, engine):
        from argosy.kernels.decimals_jit import encode_kernel

        data, before, ends = column.buffer()
        codes = np.zeros(len(column), np.int64)
        size, distinct = 1 << 12, -1
        while distinct < 0:
            table, firsts = np.zeros(size, np.int64), np.zeros(size, np.int64)
            distinct = int(encode_kernel(data, before, ends, table, firsts, codes))
            size *= 16
        return codes, column.take(firsts[:distinct]).to_list()
    listed, names = encode_cells(column.to_list())
    return np.array(listed, np.int64), names


def explain_code(code: int, text: str, scale: int = 0) -> tuple[str, str, str]:
    """What a code means for a cell: message, next step and stable error code, for people.

    Examples
    --------
    >>> explain_code(TOO_MANY_DIGITS, "0.12345", 4)
    ('0.12345 has 5 decimals, the scale holds 4', 'choose scale 5 or round it yourself', 'too_many_digits')
    """
    shown = text.strip() if len(text) <= 40 else text.strip()[:37] + "..."
    if code == EMPTY:
        return "nothing there", "fill it in", "invalid_input"
    if code == NOT_A_NUMBER:
        return f"{shown!r} is not a number", "write it as in 1234.50, or set the decimal mark", "invalid_input"
    if code == NOT_A_DATE:
        return f"{shown!r} is not a date", "write it year-month-day, or set the date format", "invalid_input"
    if code == OVERFLOW:
        return f"{shown} does not fit 64 bits at scale {scale}", "use a smaller scale", "overflow"
    decimals = len(text.strip().partition(".")[2].rstrip("0"))
    if scale and decimals > scale:
        step = f"choose scale {decimals} or round it yourself" if decimals <= 18 else "round it yourself"
        return f"{shown} has {decimals} decimals, the scale holds {scale}", step, "too_many_digits"
    return f"{shown} has more than the 18 digits or decimals a quote holds", "round it yourself", "too_many_digits"
