"""Plain-Python twin of :mod:`argosy.kernels.decimals`: what each compiled reader must answer, cell by cell."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence

INT64_MAX = 2**63 - 1
BLANKS = " \t"

OK, EMPTY, NOT_A_NUMBER, TOO_MANY_DIGITS, OVERFLOW, NOT_A_DATE = range(6)

QUOTE_DIGITS = 18
QUOTE_EXPONENT = 18

_EPOCH = datetime.date(1970, 1, 1).toordinal()
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXPONENT = r"(?:[eE]([+-]?[0-9]+))?"


def number_pattern(decimal: str, thousands: str, *, exponent: bool) -> re.Pattern[str]:
    """The grammar of a number: optional sign, digits (grouped by threes, or not at all), decimals, exponent."""
    point, group = re.escape(decimal), re.escape(thousands)
    whole = r"[0-9]+" + (rf"|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+" if thousands else "")
    return re.compile(rf"([+-]?)(?:({whole})(?:{point}([0-9]*))?|{point}([0-9]+))" + (_EXPONENT if exponent else "()"))


def scaled_cells(
    cells: Sequence[str], scales: Iterable[int], *, decimal: str = ".", thousands: str = ""
) -> tuple[list[int], list[int]]:
    """Each cell as an integer at its scale, and a code; the value is 0 where the code is not OK.

    Examples
    --------
    >>> scaled_cells(["12.5", "", "x", "0.12345"], [4, 4, 4, 4])
    ([125000, 0, 0, 0], [0, 1, 2, 3])
    """
    pattern = number_pattern(decimal, thousands, exponent=False)
    values, codes = [], []
    for cell, scale in zip(cells, scales, strict=True):
        value, code = _scaled(cell.strip(BLANKS), scale, pattern, thousands)
        values.append(value)
        codes.append(code)
    return values, codes


def _scaled(text: str, scale: int, pattern: re.Pattern[str], thousands: str) -> tuple[int, int]:
    if not text:
        return 0, EMPTY
    match = pattern.fullmatch(text)
    if match is None:
        return 0, NOT_A_NUMBER
    sign, whole, fraction, bare, _ = match.groups()
    whole = whole or ""
    if thousands:
        whole = whole.replace(thousands, "")
    fraction = (fraction or bare or "").rstrip("0")
    if len(fraction) > scale:
        return 0, TOO_MANY_DIGITS
    # A cell may hold thousands of digits; Python refuses to convert so many, and they do not fit anyway.
    digits = (whole + fraction).lstrip("0")
    if len(digits) > 19:
        return 0, OVERFLOW
    value = int(digits or "0") * int(10 ** (scale - len(fraction)))
    if value > INT64_MAX:
        return 0, OVERFLOW
    return (-value if sign == "-" else value), OK


def quote_cells(
    cells: Sequence[str], *, decimal: str = ".", thousands: str = ""
) -> tuple[list[int], list[int], list[int]]:
    """Each cell as mantissa and exponent as received, and a code; 0 and 0 where the code is not OK.

    Examples
    --------
    >>> quote_cells(["1.0500", "2e-3", "1e99"])
    ([10500, 2, 0], [-4, -3, 0], [0, 0, 3])
    """
    pattern = number_pattern(decimal, thousands, exponent=True)
    mantissas, exponents, codes = [], [], []
    for cell in cells:
        mantissa, exponent, code = _quote(cell.strip(BLANKS), pattern, thousands)
        mantissas.append(mantissa)
        exponents.append(exponent)
        codes.append(code)
    return mantissas, exponents, codes


def _quote(text: str, pattern: re.Pattern[str], thousands: str) -> tuple[int, int, int]:
    if not text:
        return 0, 0, EMPTY
    match = pattern.fullmatch(text)
    if match is None:
        return 0, 0, NOT_A_NUMBER
    sign, whole, fraction, bare, power = match.groups()
    whole = whole or ""
    if thousands:
        whole = whole.replace(thousands, "")
    fraction = fraction or bare or ""
    digits = (whole + fraction).lstrip("0")
    shift = (power or "0").lstrip("+-").lstrip("0")
    if len(digits) > QUOTE_DIGITS or len(shift) > 6:
        return 0, 0, TOO_MANY_DIGITS
    exponent = int(shift or "0") * (-1 if (power or "").startswith("-") else 1) - len(fraction)
    if not -QUOTE_EXPONENT <= exponent <= QUOTE_EXPONENT:
        return 0, 0, TOO_MANY_DIGITS
    mantissa = int(digits or "0")
    return (-mantissa if sign == "-" else mantissa), exponent, OK


def date_cells(cells: Sequence[str]) -> tuple[list[int], list[int]]:
    """Each cell, written year-month-day, as an epoch day, and a code.

    Examples
    --------
    >>> date_cells(["1970-01-02", "2023-02-29"])
    ([1, 0], [0, 5])
    """
    # The same dates stand in a file thousands of times.
    seen: dict[str, tuple[int, int]] = {}
    days, codes = [], []
    for cell in cells:
        known = seen.get(cell)
        if known is None:
            known = seen[cell] = _date(cell.strip(BLANKS))
        days.append(known[0])
        codes.append(known[1])
    return days, codes


def _date(text: str) -> tuple[int, int]:
    if not text:
        return 0, EMPTY
    if not _DATE.fullmatch(text):
        return 0, NOT_A_DATE
    try:
        return datetime.date(int(text[:4]), int(text[5:7]), int(text[8:])).toordinal() - _EPOCH, OK
    except ValueError:
        return 0, NOT_A_DATE


def pattern_cells(cells: Sequence[str], pattern: str) -> tuple[list[int], list[int]]:
    """Each cell, written as a ``strptime`` pattern says, as an epoch day, and a code.

    Examples
    --------
    >>> pattern_cells(["31/12/1970", "12/31/1970"], "%d/%m/%Y")
    ([364, 0], [0, 5])
    """
    days, codes = [], []
    for cell in cells:
        text = cell.strip(BLANKS)
        day, code = 0, EMPTY if not text else OK
        if text:
            try:
                day = datetime.datetime.strptime(text, pattern).replace(tzinfo=datetime.UTC).toordinal() - _EPOCH
            except ValueError:
                code = NOT_A_DATE
        days.append(day)
        codes.append(code)
    return days, codes


def encode_cells(cells: Sequence[str]) -> tuple[list[int], list[str]]:
    """Each cell as a position in the list of distinct texts, which are in order of first appearance.

    Examples
    --------
    >>> encode_cells(["b", "a", "b"])
    ([0, 1, 0], ['b', 'a'])
    """
    places: dict[str, int] = {}
    codes = [places.setdefault(cell, len(places)) for cell in cells]
    return codes, list(places)
