"""Compiled readers of numbers, dates and repeated words over one byte buffer. Imported only for large columns."""

from __future__ import annotations

import numpy as np
from numba import njit

from argosy.kernels.reference.decimals import (
    EMPTY,
    NOT_A_DATE,
    NOT_A_NUMBER,
    OK,
    OVERFLOW,
    QUOTE_DIGITS,
    QUOTE_EXPONENT,
    TOO_MANY_DIGITS,
)
from argosy.kernels.text import Bytes, Int64

_MAX = 2**63 - 1
_SPACE, _TAB, _PLUS, _MINUS, _ZERO, _NINE = 32, 9, 43, 45, 48, 57
_LOWER_E, _UPPER_E = 101, 69


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _trim(data, start, end):  # type: ignore[no-untyped-def]
    while start < end and (data[start] == _SPACE or data[start] == _TAB):
        start += 1
    while end > start and (data[end - 1] == _SPACE or data[end - 1] == _TAB):
        end -= 1
    return start, end


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _shape(data, start, end, point, group):  # type: ignore[no-untyped-def]
    """Where the plain number at ``start`` ends, and where its decimals begin; (-1, -1) if there is none."""
    place = start
    whole = 0
    run = 0
    grouped = False
    while place < end:
        byte = data[place]
        if _ZERO <= byte <= _NINE:
            whole += 1
            run += 1
            place += 1
        elif group != 0 and byte == group and group != point:
            # Groups are of three digits but for the first, which has one to three.
            if run == 0 or run > 3 or (grouped and run != 3):
                return -1, -1
            grouped = True
            run = 0
            place += 1
        else:
            break
    if grouped and run != 3:
        return -1, -1
    fraction = place
    if place < end and data[place] == point:
        place += 1
        fraction = place
        while place < end and _ZERO <= data[place] <= _NINE:
            place += 1
        if whole == 0 and place == fraction:
            return -1, -1
    elif whole == 0:
        return -1, -1
    return place, fraction


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _scaled_one(data, start, end, scale, point, group):  # type: ignore[no-untyped-def]
    start, end = _trim(data, start, end)
    if start == end:
        return 0, EMPTY
    negative = data[start] == _MINUS
    if negative or data[start] == _PLUS:
        start += 1
    stop, fraction = _shape(data, start, end, point, group)
    if stop != end:
        return 0, NOT_A_NUMBER
    last = end
    while last > fraction and data[last - 1] == _ZERO:
        last -= 1
    if last - fraction > scale:
        return 0, TOO_MANY_DIGITS
    value = 0
    for place in range(start, last):
        byte = data[place]
        if _ZERO <= byte <= _NINE:
            digit = byte - _ZERO
            if value > (_MAX - digit) // 10:
                return 0, OVERFLOW
            value = value * 10 + digit
    if value != 0:
        for _ in range(scale - (last - fraction)):
            if value > _MAX // 10:
                return 0, OVERFLOW
            value *= 10
    return (-value if negative else value), OK


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def scaled_kernel(data: Bytes, before: Int64, ends: Int64, scales: Int64, point: int, group: int, values: Int64,
                  codes: Bytes) -> None:  # fmt: skip
    """Fill ``values`` and ``codes`` for each cell of a buffer."""
    for row in range(len(ends)):
        value, code = _scaled_one(data, before[row] + 1, ends[row], scales[row], point, group)
        values[row] = value
        codes[row] = code


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _quote_one(data, start, end, point, group):  # type: ignore[no-untyped-def]
    start, end = _trim(data, start, end)
    if start == end:
        return 0, 0, EMPTY
    negative = data[start] == _MINUS
    if negative or data[start] == _PLUS:
        start += 1
    stop, fraction = _shape(data, start, end, point, group)
    if stop < 0:
        return 0, 0, NOT_A_NUMBER
    power = 0
    if stop < end:
        place = stop
        if data[place] != _LOWER_E and data[place] != _UPPER_E:
            return 0, 0, NOT_A_NUMBER
        place += 1
        down = False
        if place < end and (data[place] == _PLUS or data[place] == _MINUS):
            down = data[place] == _MINUS
            place += 1
        if place == end:
            return 0, 0, NOT_A_NUMBER
        while place < end:
            if not _ZERO <= data[place] <= _NINE:
                return 0, 0, NOT_A_NUMBER
            power = min(power * 10 + (data[place] - _ZERO), 10_000_000)
            place += 1
        if power > 999_999:
            return 0, 0, TOO_MANY_DIGITS
        if down:
            power = -power
    digits = 0
    value = 0
    for place in range(start, stop):
        byte = data[place]
        if _ZERO <= byte <= _NINE and (byte != _ZERO or digits != 0):
            digits += 1
            if digits > QUOTE_DIGITS:
                return 0, 0, TOO_MANY_DIGITS
            value = value * 10 + (byte - _ZERO)
    exponent = power - (stop - fraction)
    if exponent < -QUOTE_EXPONENT or exponent > QUOTE_EXPONENT:
        return 0, 0, TOO_MANY_DIGITS
    return (-value if negative else value), exponent, OK


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def quote_kernel(data: Bytes, before: Int64, ends: Int64, point: int, group: int, mantissas: Int64, exponents: Int64,
                 codes: Bytes) -> None:  # fmt: skip
    """Fill mantissas, exponents and codes for each cell of a buffer."""
    for row in range(len(ends)):
        value, exponent, code = _quote_one(data, before[row] + 1, ends[row], point, group)
        mantissas[row] = value
        exponents[row] = exponent
        codes[row] = code


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _date_one(data, start, end):  # type: ignore[no-untyped-def]
    start, end = _trim(data, start, end)
    if start == end:
        return 0, EMPTY
    if end - start != 10 or data[start + 4] != _MINUS or data[start + 7] != _MINUS:
        return 0, NOT_A_DATE
    numbers = 0
    for place in range(10):
        if place != 4 and place != 7:
            byte = data[start + place]
            if not _ZERO <= byte <= _NINE:
                return 0, NOT_A_DATE
            numbers = numbers * 10 + (byte - _ZERO)
    year, month, day = numbers // 10000, numbers // 100 % 100, numbers % 100
    if year < 1 or month < 1 or month > 12 or day < 1:
        return 0, NOT_A_DATE
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    longest = 31
    if month == 4 or month == 6 or month == 9 or month == 11:
        longest = 30
    elif month == 2:
        longest = 29 if leap else 28
    if day > longest:
        return 0, NOT_A_DATE
    # Count from 0000-03-01, so that the leap day comes last in a year.
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468, OK


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def date_kernel(data: Bytes, before: Int64, ends: Int64, days: Int64, codes: Bytes) -> None:
    """Fill epoch days and codes for each cell of a buffer."""
    for row in range(len(ends)):
        day, code = _date_one(data, before[row] + 1, ends[row])
        days[row] = day
        codes[row] = code


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def encode_kernel(data: Bytes, before: Int64, ends: Int64, table: Int64, firsts: Int64, codes: Int64) -> int:
    """Number distinct cells by first appearance with a hash table of row positions; -1 when the table is half full.

    ``table`` holds code + 1 (0 = free) and has a power of two of entries; ``firsts[code]`` is the first row of a code.
    """
    mask = len(table) - 1
    distinct = 0
    for row in range(len(ends)):
        start, end = before[row] + 1, ends[row]
        mixed = np.uint64(14695981039346656037)
        for place in range(start, end):
            mixed = (mixed ^ np.uint64(data[place])) * np.uint64(1099511628211)
        mixed ^= mixed >> np.uint64(29)
        slot = np.int64(mixed & np.uint64(mask))
        while True:
            code = table[slot] - 1
            if code < 0:
                if 2 * distinct >= mask:
                    return -1
                table[slot] = distinct + 1
                firsts[distinct] = row
                codes[row] = distinct
                distinct += 1
                break
            other = before[firsts[code]] + 1
            if ends[firsts[code]] - other == end - start:
                same = True
                for offset in range(end - start):
                    if data[other + offset] != data[start + offset]:
                        same = False
                        break
                if same:
                    codes[row] = code
                    break
            slot = (slot + 1) & mask
    return distinct
