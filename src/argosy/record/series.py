"""Named series the book keeps for explanations: yields by tenor, returns of factors, exposures of instruments.

Built from SERIES facts; a later one replaces the rows it names and leaves the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import unknown
from argosy.record.facts import Fact, FactKind
from argosy.record.payload import text
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
CURVE, FACTORS, EXPOSURES = "curve", "factors", "exposures"
NOUNS = {CURVE: "yield curve", FACTORS: "set of factor returns", EXPOSURES: "set of exposures"}


@dataclass(frozen=True, eq=False)
class StoredSeries:
    """Values (T, K) of ``names`` (K,) on ``days`` (T,); every day has every name."""

    code: str
    currency: str
    frequency: str
    names: tuple[str, ...]
    days: Int64
    values: Floats


def _facts(reference: Reference, kind: str, code: str = "") -> Iterator[Fact]:
    for fact in reference.facts:
        mine = fact.kind == FactKind.SERIES and text(fact.payload, "kind") == kind
        if mine and code in ("", text(fact.payload, "code")):
            yield fact


def series_codes(reference: Reference, kind: str) -> dict[str, str]:
    """Code -> currency of every series of a kind (the currency of factor returns may be empty)."""
    return {text(fact.payload, "code"): text(fact.payload, "currency", "") for fact in _facts(reference, kind)}


def series_rows(reference: Reference, kind: str, code: str) -> tuple[str, str, dict[tuple[int, str, str], str]]:
    """Currency, frequency, and (day, subject, name) -> decimal in text, the newest of each.

    The subject is an instrument's number for exposures and empty for the others.
    """
    currency, frequency = "", ""
    rows: dict[tuple[int, str, str], str] = {}
    for fact in _facts(reference, kind, code):
        currency = text(fact.payload, "currency", currency)
        frequency = text(fact.payload, "frequency", frequency)
        listed = fact.payload.get("rows")
        for day, subject, name, value in listed if isinstance(listed, list | tuple) else ():
            rows[int(day), str(subject), str(name)] = str(value)
    return currency, frequency, rows


def stored_series(reference: Reference, kind: str, code: str) -> StoredSeries:
    """A curve or factor returns as known at the reference's watermark.

    Raises :class:`UnknownName` with the nearest code.
    """
    known = series_codes(reference, kind)
    if code not in known:
        raise unknown(NOUNS[kind], code, known)
    currency, frequency, rows = series_rows(reference, kind, code)
    names = tuple(dict.fromkeys(name for _, _, name in rows))
    if kind == CURVE:
        names = tuple(sorted(names, key=float))
    days = sorted({day for day, _, _ in rows})
    # What import let through has every name on every day.
    values = np.array([[float(rows[day, "", name]) for name in names] for day in days])
    return StoredSeries(code, currency, frequency, names, np.array(days, np.int64), values)


@dataclass(frozen=True, eq=False)
class StoredExposures:
    """Exposures of instruments to factors, in force from their day on."""

    code: str
    rows: dict[int, list[tuple[int, dict[str, float]]]]

    def on(self, instrument: int, day: int) -> dict[str, float] | None:
        """The newest exposures of an instrument on or before a day; None where there are none."""
        found = [given for since, given in self.rows.get(instrument, ()) if since <= day]
        return found[-1] if found else None


def stored_exposures(reference: Reference, code: str) -> StoredExposures:
    """Exposures imported for a set of factors; empty where there are none."""
    _, _, rows = series_rows(reference, EXPOSURES, code)
    found: dict[int, dict[int, dict[str, float]]] = {}
    for (day, subject, name), value in sorted(rows.items()):
        instrument = reference.canonical(int(subject))
        found.setdefault(instrument, {}).setdefault(day, {})[name] = float(value)
    return StoredExposures(code, {one: sorted(by_day.items()) for one, by_day in found.items()})
