"""The history of lines as the close stores it: integers by portfolio, day and line, and what a later look changed.

A day's rows are money at the scale of the currency and sum to the change of the net asset value exactly, because the
rounding line takes what rounding each line leaves. A return is ``profit / base``; an effect is a sum of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt

from argosy.base.fingerprint import two_words
from argosy.base.money import currency_code, currency_name
from argosy.measures.attribution.book_lines import CASH, HELD, OWN, PENDING, BookLines, Line
from argosy.measures.attribution.line_moves import OWN_LINES, PARTS, ROUNDING_LINE, TRADING, Moves
from argosy.measures.performance.returns import Timing
from argosy.measures.valuation.history import NavHistory
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
Columns = dict[str, Int64]
METHOD = "lines/1"
"""Name and version of how stored lines are computed."""
KINDS = (HELD, CASH, PENDING, OWN)
WITHDRAWN = len(KINDS)
"""Kind of the one row that says: this day was stored and has no value any more."""
TIMINGS: tuple[Timing, ...] = get_args(Timing)
AMOUNTS = ("start", *PARTS, "base", "flow")
COLUMNS = ("portfolio", "date", "before", "currency", "kind", "line", *AMOUNTS, "timing", "mandate_seq",
           "fingerprint_hi", "fingerprint_lo")  # fmt: skip
COMPARED = ("before", "currency", "kind", "line", *AMOUNTS, "timing")
"""What makes the rows of a stored day the same as fresh ones."""
OWN_FIGURES = ("currency", "start", *PARTS)
"""What a line says of itself: the others say what the whole day is measured on."""
_DAYS = 1 << 32


def fingerprint(*, book_seq: int, market_seq: int, mandate_seq: int, code_version: str) -> tuple[int, int]:
    """128 bits of what stored lines were computed from, as two int64."""
    return two_words(METHOD, {"book": book_seq, "market": market_seq, "mandate": mandate_seq, "argosy": code_version})


def line_columns(lines: BookLines, nav: NavHistory, number: int, *, book_seq: int, code_version: str) -> Columns:
    """Lines of one portfolio as columns to store: a row for each day and line that stood or moved."""
    step = 10 ** nav.scales[number]
    parts = np.rint(lines.parts * step).astype(np.int64)
    start = np.rint(lines.start * step).astype(np.int64)
    place = np.searchsorted(nav.days, lines.days)
    worth, flow = nav["nav"][number][place], nav["flow"][number][place]
    earlier = np.searchsorted(nav.days, lines.before, side="right") - 1
    before = np.where(earlier >= 0, worth_at(nav, number, earlier), 0)
    early = {"start": flow, "mixed": np.maximum(flow, 0), "end": np.zeros_like(flow)}[lines.timing]
    base = before + early
    # The rounding line takes what is left, so that a day's rows sum to the exact figures.
    rounding = [p for p, line in enumerate(lines.lines) if line.kind == OWN and line.id == ROUNDING_LINE]
    listed = list(lines.lines)
    if not rounding:
        listed.append(Line(OWN, ROUNDING_LINE, OWN_LINES[ROUNDING_LINE], lines.currency))
        parts = np.concatenate([parts, np.zeros((len(PARTS), len(lines), 1), np.int64)], axis=2)
        start = np.concatenate([start, np.zeros((len(lines), 1), np.int64)], axis=1)
        rounding = [len(listed) - 1]
    at = rounding[0]
    parts[:, :, at], start[:, at] = 0, 0
    parts[TRADING, :, at] = (worth - before - flow) - parts.sum(axis=(0, 2))
    start[:, at] = base - start.sum(axis=1)
    live = (start != 0) | (parts != 0).any(axis=0)
    live[:, at] = True  # every day has a row, so that a quiet one is known to be so
    t, n = np.nonzero(live)
    count = len(t)
    mandate = nav.mandate_seq[number][place]
    prints = {
        int(one): fingerprint(book_seq=book_seq, market_seq=nav.market_version, mandate_seq=int(one),
                              code_version=code_version)
        for one in np.unique(mandate)
    }  # fmt: skip
    high, low = (np.array([prints[int(one)][half] for one in mandate], np.int64) for half in (0, 1))
    return {
        "portfolio": np.full(count, nav.subjects[number].id, np.int64), "date": lines.days[t],
        "before": lines.before[t],
        "currency": np.full(count, currency_code(lines.currency), np.int64),
        "kind": np.array([KINDS.index(one.kind) for one in listed], np.int64)[n],
        "line": np.array([one.id for one in listed], np.int64)[n], "start": start[t, n],
        **{name: parts[number_of][t, n] for number_of, name in enumerate(PARTS)},
        "base": base[t], "flow": flow[t], "timing": np.full(count, TIMINGS.index(lines.timing), np.int64),
        "mandate_seq": mandate[t], "fingerprint_hi": high[t], "fingerprint_lo": low[t],
    }  # fmt: skip


def worth_at(nav: NavHistory, number: int, places: Int64) -> Int64:
    """The last value at or before places of days (0 before the first)."""
    known = np.where(nav.ok[number], np.arange(len(nav.days)), -1)
    last = np.maximum.accumulate(known)[np.maximum(places, 0)]
    return np.where(last >= 0, nav["nav"][number][np.maximum(last, 0)], 0)


def join_columns(parts: Sequence[Mapping[str, Int64]]) -> Columns:
    """Rows of several, one after the other."""
    return {name: np.concatenate([np.zeros(0, np.int64), *(one[name] for one in parts)]) for name in COLUMNS}


def take_rows(columns: Mapping[str, Int64], keep: npt.NDArray[np.bool_] | Int64) -> Columns:
    """Rows by mask or position."""
    return {name: columns[name][keep] for name in COLUMNS}


def places_of(owners: Int64, wanted: Iterable[int]) -> Int64:
    """Places of the rows that belong to some portfolios."""
    return np.flatnonzero(np.isin(owners, sorted(wanted)))


def standing(layers: Sequence[Mapping[str, Int64]]) -> Columns:
    """Of all rows ever stored, oldest layer first: for each portfolio and day those of the newest layer that has it."""
    found: Columns = join_columns([])
    for layer in layers:
        fresh = np.unique(layer["portfolio"] * _DAYS + layer["date"])
        old = found["portfolio"] * _DAYS + found["date"]
        found = join_columns([take_rows(found, ~np.isin(old, fresh)), layer])
    return found


@dataclass(frozen=True, slots=True)
class LineRestatement:
    """A stored day whose lines are not what is known now. Returns are ``None`` where the base is zero or less."""

    portfolio: int
    date: int
    old_return: float | None
    new_return: float | None
    lines: tuple[tuple[int, int], ...]
    """(kind, id) of the lines that changed."""


def _keys(columns: Mapping[str, Int64]) -> Int64:
    return columns["portfolio"] * _DAYS + columns["date"]


def _ordered(columns: Mapping[str, Int64]) -> Columns:
    order = np.lexsort((columns["line"], columns["kind"], columns["date"], columns["portfolio"]))
    return take_rows(columns, order)


def line_changes(
    fresh: Mapping[str, Int64], old: Mapping[str, Int64], *, until: int
) -> tuple[Columns, tuple[LineRestatement, ...], int]:
    """Rows to store, days that are restated, and how many days are new.

    A day up to ``until`` that is only in ``old`` has lost its value and is withdrawn; later ones are left as they are.
    """
    theirs = _ordered(old)
    mine = _ordered(join_columns([fresh, _withdrawn(fresh, theirs, until)]))
    key, known = _keys(mine), _keys(theirs)
    days, first = np.unique(key, return_index=True)
    stop = np.append(first[1:], len(key))
    low, high = np.searchsorted(known, days, side="left"), np.searchsorted(known, days, side="right")
    new = low == high
    write = new.copy()
    restated: list[LineRestatement] = []
    # A day whose rows are as many and equal stands; the comparison is one pass over all rows of such days.
    even = ~new & (stop - first == high - low)
    write |= ~new & ~even
    rows = np.flatnonzero(np.repeat(even, stop - first))
    partner = rows - np.repeat(first, stop - first)[rows] + np.repeat(low, stop - first)[rows]
    differs = np.zeros(len(rows), np.bool_)
    for name in COMPARED:
        differs |= mine[name][rows] != theirs[name][partner]
    day_of_row = np.repeat(np.arange(len(days)), stop - first)[rows]
    write[np.unique(day_of_row[differs])] = True
    for place in np.flatnonzero(write & ~new).tolist():
        a = take_rows(mine, np.arange(first[place], stop[place]))
        b = take_rows(theirs, np.arange(low[place], high[place]))
        restated.append(LineRestatement(
            int(a["portfolio"][0]), int(a["date"][0]), _day_return(b), _day_return(a), _changed(a, b)
        ))  # fmt: skip
    return take_rows(mine, np.repeat(write, stop - first)), tuple(restated), int(new.sum())


def _withdrawn(fresh: Mapping[str, Int64], old: Mapping[str, Int64], until: int) -> Columns:
    """A row for each stored day that is not among the fresh ones."""
    lost = np.setdiff1d(_keys(old)[old["date"] <= until], _keys(fresh))
    none = np.zeros(len(lost), np.int64)
    told = {"portfolio": lost // _DAYS, "date": lost % _DAYS, "kind": none + WITHDRAWN}
    return {name: told.get(name, none) for name in COLUMNS}


def _day_return(rows: Mapping[str, Int64]) -> float | None:
    base = int(rows["base"][0])
    return sum(int(rows[part].sum()) for part in PARTS) / base if base > 0 else None


def _changed(a: Mapping[str, Int64], b: Mapping[str, Int64]) -> tuple[tuple[int, int], ...]:
    """Lines whose own figures differ; all of them where only what they are measured on does (base, flow, timing)."""

    def listed(rows: Mapping[str, Int64]) -> dict[tuple[int, int], tuple[int, ...]]:
        figures = [rows[name].tolist() for name in OWN_FIGURES]
        return {
            (kind, line): tuple(values)
            for kind, line, *values in zip(rows["kind"].tolist(), rows["line"].tolist(), *figures, strict=True)
        }

    mine, theirs = listed(a), listed(b)
    every = tuple(key for key in dict.fromkeys((*mine, *theirs)) if key[0] != WITHDRAWN)
    return tuple(key for key in every if mine.get(key) != theirs.get(key)) or every


def lines_from_columns(columns: Mapping[str, Int64], reference: Reference, portfolio: int) -> BookLines:
    """The lines of one portfolio as stored; there are no events behind them."""
    rows = _ordered(take_rows(columns, (columns["portfolio"] == portfolio) & (columns["kind"] != WITHDRAWN)))
    code = reference.portfolios[portfolio]
    currency = currency_name(int(rows["currency"][-1])) if len(rows["date"]) else code.base_currency
    scale = float(10.0 ** -reference.money_scale(currency))
    days, step = np.unique(rows["date"], return_inverse=True)
    pairs, line = np.unique(np.stack([rows["kind"], rows["line"]]), axis=1, return_inverse=True)
    line = line.reshape(-1)
    shape = (len(days), pairs.shape[1])
    start, parts = np.zeros(shape), np.zeros((len(PARTS), *shape))
    start[step, line] = rows["start"] * scale
    for place, name in enumerate(PARTS):
        parts[place][step, line] = rows[name] * scale
    at = np.searchsorted(rows["date"], days)
    timing: Timing = TIMINGS[int(rows["timing"][at[-1]])] if len(days) else "end"
    none = np.zeros(0, np.int64)
    base, flow = (np.asarray(rows[name][at] * scale) for name in ("base", "flow"))
    lines = tuple(_line(int(kind), int(one), reference, currency) for kind, one in pairs.T)
    moves = Moves(none, none, none, none, np.zeros(0))
    return BookLines(
        code.code, currency, 10.0 ** -reference.minor_units(currency), lines, days, rows["before"][at], start, parts,
        base, flow, moves, timing, ("as stored by the close",),
    )  # fmt: skip


def _line(kind: int, number: int, reference: Reference, currency: str) -> Line:
    match KINDS[kind]:
        case "security":
            found = reference.instruments[number]
            return Line(HELD, number, found.code, found.currency)
        case "cash":
            return Line(CASH, number, f"cash {currency_name(number)}", currency_name(number))
        case "receivable":
            return Line(PENDING, number, f"receivable {currency_name(number)}", currency_name(number))
        case _:
            return Line(OWN, number, OWN_LINES[number], currency)


def line_name(kind: int, number: int, reference: Reference) -> str:
    """What people call a stored line."""
    return _line(kind, number, reference, "").name
