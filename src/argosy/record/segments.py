"""Segments as the book keeps them: weights and returns of a benchmark's segments by period, and who belongs where.

Built from BENCHMARK_SEGMENTS and CLASSIFICATION facts; a later one replaces the rows it names and leaves the others.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import from_date, to_date
from argosy.base.errors import BookError, MissingData, unknown
from argosy.record.facts import FactKind
from argosy.record.payload import text
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
FREQUENCIES = ("daily", "weekly", "monthly", "quarterly", "yearly")


@dataclass(frozen=True, eq=False)
class StoredSegments:
    """Weights (P, S) at the start of each period and returns (P, S) over it; a segment not named then has weight 0.

    A period runs from the end of ``before`` (P,) to the end of ``days`` (P,), the calendar ends of the frequency.
    """

    code: str
    currency: str
    frequency: str
    names: tuple[str, ...]
    before: Int64
    days: Int64
    weights: Floats
    returns: Floats


def stored_segments(reference: Reference, code: str) -> StoredSegments:
    """The segments of a benchmark as known at the reference's watermark; MissingData where none were imported."""
    terms = reference.benchmark(code)
    frequency, rows = stored_rows(reference, terms.id)
    if not rows:
        raise MissingData(f"benchmark {code} has no segments yet", field="benchmark",
                          next_step="argosy import segments FILE")  # fmt: skip
    names = tuple(dict.fromkeys(name for _, name in rows))
    days = np.array(sorted({day for day, _ in rows}), np.int64)
    weights, returns = np.zeros((len(days), len(names))), np.zeros((len(days), len(names)))
    place = {int(day): number for number, day in enumerate(days)}
    for (day, name), (weight, earned) in rows.items():
        weights[place[day], names.index(name)] = float(weight)
        returns[place[day], names.index(name)] = float(earned)
    # Files carry rounded weights; what import let through sums to 1 but for that rounding.
    weights /= weights.sum(axis=1, keepdims=True)
    before = np.array([period_start(int(day), frequency) for day in days], np.int64)
    return StoredSegments(code, terms.currency, frequency, names, before, days, weights, returns)


def stored_rows(reference: Reference, benchmark: int) -> tuple[str, dict[tuple[int, str], tuple[str, str]]]:
    """Frequency, and (last day, segment) -> (weight, return) as decimals in text, the newest of each."""
    rows: dict[tuple[int, str], tuple[str, str]] = {}
    frequency = "monthly"
    for fact in reference.history(FactKind.BENCHMARK_SEGMENTS, benchmark):
        frequency = text(fact.payload, "frequency", frequency)
        listed = fact.payload.get("rows")
        for day, name, weight, earned in listed if isinstance(listed, list | tuple) else ():
            rows[int(day), str(name)] = (str(weight), str(earned))
    return frequency, rows


def period_start(day: int, frequency: str) -> int:
    """The day at whose end the period that ends on ``day`` began.

    Examples
    --------
    >>> from argosy.base.dates import format_date, parse_date
    >>> format_date(period_start(parse_date("2012-02-29"), "monthly"))
    '2012-01-31'
    """
    at = to_date(day)
    match frequency:
        case "daily":
            return day - (3 if at.weekday() == 0 else 1)
        case "weekly":
            return day - 7
        case "monthly":
            return from_date(at.replace(day=1)) - 1
        case "quarterly":
            return from_date(datetime.date(at.year, at.month - (at.month - 1) % 3, 1)) - 1
        case "yearly":
            return from_date(datetime.date(at.year, 1, 1)) - 1
        case _:
            raise BookError(f"a fact of the book has the frequency {frequency!r}", field="frequency")


def schemes(reference: Reference) -> tuple[str, ...]:
    """Names of the classifications the book knows."""
    found = (fact for fact in reference.facts if fact.kind == FactKind.CLASSIFICATION)
    return tuple(dict.fromkeys(text(fact.payload, "name") for fact in found))


def classification(reference: Reference, scheme: str, portfolio: int = 0) -> Mapping[int, str]:
    """Instrument id -> segment in a scheme; what was said for one portfolio goes before what was said for all."""
    known = schemes(reference)
    if scheme not in known:
        raise unknown("classification", scheme, known)
    found: dict[int, str] = {}
    for subject in dict.fromkeys((0, portfolio)):
        for fact in reference.history(FactKind.CLASSIFICATION, subject):
            given = fact.payload.get("map")
            if text(fact.payload, "name") == scheme and isinstance(given, Mapping):
                found.update({reference.canonical(int(key)): str(value) for key, value in given.items()})
    return found
