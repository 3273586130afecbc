"""Stored daily valuations beside fresh ones: which days are new, which changed, which stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.fingerprint import two_words
from argosy.measures.valuation.history import FIGURES, NavHistory
from argosy.measures.valuation.subjects import Subject
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

METHOD = "nav/1"
"""Name and version of how a stored value is computed; a change of it restates nothing by itself."""
COMPARED = ("currency", *FIGURES)
"""What makes a stored day the same as a fresh one."""
NOT_VALUED = ("missing data",)
"""In place of the figures that differ: the day cannot be valued any more."""
WITHDRAWN = -2
"""``oldest_price_days`` of a day that was stored and cannot be valued any more."""
_DAYS = 1 << 32


@dataclass(frozen=True, slots=True)
class Restatement:
    """A day whose stored figures differ from what is known now. Amounts at the scale of the currency."""

    portfolio: int
    date: int
    currency: int
    old_nav: int
    new_nav: int
    columns: tuple[str, ...]
    """Which figures changed."""


@dataclass(frozen=True, eq=False)
class Changes:
    """Rows to store: ``columns`` as stored, ``new`` marks first values, the rest are ``restated``; ``same`` stood."""

    columns: dict[str, Int64]
    new: Flags
    restated: tuple[Restatement, ...]
    same: int

    def __len__(self) -> int:
        return len(self.new)

    def part(self, first: int, stop: int) -> dict[str, Int64]:
        """Rows ``first`` to ``stop`` as columns to append."""
        return {name: values[first:stop] for name, values in self.columns.items()}

    def per_portfolio(self) -> tuple[dict[int, int], dict[int, int]]:
        """Rows to store, and how many of them restate, by portfolio."""
        owners = self.columns["portfolio"]
        return _counts(owners), _counts(owners[~self.new])

    def without_known(self, rows: dict[str, Int64], stored: Mapping[str, Int64], *, after: int) -> dict[str, Int64]:
        """``rows`` less those that somebody else stored with the same figures since ``after`` (a ``seq``)."""
        later = standing({name: values[stored["seq"] > after] for name, values in stored.items()})
        keep = ~_same(rows, later)
        return {name: values[keep] for name, values in rows.items()}


def _counts(owners: Int64) -> dict[int, int]:
    known, counts = np.unique(owners, return_counts=True)
    return dict(zip(known.tolist(), counts.tolist(), strict=True))


def _same(rows: Mapping[str, Int64], old: Mapping[str, Int64]) -> Flags:
    """Which rows stand in ``old`` (one row a key, sorted) with the same figures."""
    spot, known = _find(rows, old)
    same = known.copy()
    for name in COMPARED if len(old["date"]) else ():
        same &= rows[name] == old[name][spot]
    return same


def _find(rows: Mapping[str, Int64], old: Mapping[str, Int64]) -> tuple[Int64, Flags]:
    """Place of each row's portfolio and day in ``old``, and whether it is there."""
    key = rows["portfolio"] * _DAYS + rows["date"]
    old_key = old["portfolio"] * _DAYS + old["date"]
    spot = np.minimum(np.searchsorted(old_key, key), max(len(old_key) - 1, 0)).astype(np.int64)
    known = old_key[spot] == key if len(old_key) else np.zeros(len(key), np.bool_)
    return spot, np.asarray(known)


def standing(stored: Mapping[str, Int64]) -> dict[str, Int64]:
    """Of all rows ever stored, the last one of each portfolio and day."""
    key = stored["portfolio"] * _DAYS + stored["date"]
    order = np.lexsort((stored["seq"], key))
    last = np.ones(len(order), np.bool_)
    last[:-1] = np.diff(key[order]) != 0
    return {name: values[order[last]] for name, values in stored.items()}


def fingerprint(*, book_seq: int, market_seq: int, mandate_seq: int, code_version: str) -> tuple[int, int]:
    """128 bits of what a value was computed from, as two int64.

    Examples
    --------
    >>> fingerprint(book_seq=1, market_seq=1, mandate_seq=0, code_version="1") == fingerprint(
    ...     book_seq=2, market_seq=1, mandate_seq=0, code_version="1")
    False
    """
    return two_words(METHOD, {"book": book_seq, "market": market_seq, "mandate": mandate_seq, "argosy": code_version})


def changes(fresh: NavHistory, stored: Mapping[str, Int64], *, book_seq: int, code_version: str) -> Changes:
    """Compare freshly valued days with what is stored (rows in any order, older ones included).

    A stored day on which the portfolio, as known now, did not exist yet is restated to nothing; one that cannot be
    valued any more is withdrawn: its row says that there is no value.
    """
    old = standing(stored)
    columns = _with_vanished(fresh, old)
    spot, known = _find(columns, old)
    differs = {name: known & (columns[name] != old[name][spot]) if len(old["date"]) else known for name in COMPARED}
    changed = np.logical_or.reduce(list(differs.values()))
    lost = columns["oldest_price_days"] == WITHDRAWN
    if len(old["date"]):
        changed |= known & (lost != (old["oldest_price_days"][spot] == WITHDRAWN))
    restated = []
    for row in np.flatnonzero(changed).tolist():
        what = NOT_VALUED if lost[row] else tuple(name for name in COMPARED if differs[name][row])
        restated.append(Restatement(
            int(columns["portfolio"][row]), int(columns["date"][row]), int(columns["currency"][row]),
            int(old["nav"][spot[row]]), int(columns["nav"][row]), what,
        ))  # fmt: skip
    write = changed | ~known
    kept = {name: values[write] for name, values in columns.items()}
    count = int(write.sum())
    kept["book_seq"] = np.full(count, book_seq, np.int64)
    for mandate_seq in np.unique(kept["mandate_seq"]).tolist():
        high, low = fingerprint(
            book_seq=book_seq, market_seq=fresh.market_version, mandate_seq=mandate_seq, code_version=code_version
        )
        mine = kept["mandate_seq"] == mandate_seq
        kept["fingerprint_hi"][mine], kept["fingerprint_lo"][mine] = high, low
    return Changes(kept, ~known[write], tuple(restated), int((known & ~changed).sum()))


def _with_vanished(fresh: NavHistory, old: Mapping[str, Int64]) -> dict[str, Int64]:
    """Fresh columns, and a row of zeros for each stored day that has no value (any more)."""
    columns = fresh.columns()
    row_of = {subject.id: number for number, subject in enumerate(fresh.subjects)}
    row = np.array([row_of.get(one, -1) for one in old["portfolio"].tolist()], np.int64)
    at = np.searchsorted(fresh.days, old["date"])
    inside = (row >= 0) & (at < len(fresh.days))
    inside[inside] &= fresh.days[at[inside]] == old["date"][inside]
    gone, lost = inside.copy(), inside.copy()
    gone[inside] = ~fresh.ok[row[inside], at[inside]]
    lost[inside] = fresh.expected[row[inside], at[inside]]
    if not gone.any():
        return columns
    count = int(gone.sum())
    nothing = {name: np.zeros(count, np.int64) for name in columns}
    nothing |= {name: old[name][gone] for name in ("portfolio", "date", "currency")}
    nothing["oldest_price_days"] = np.where(lost[gone], WITHDRAWN, -1)
    nothing["market_seq"] += fresh.market_version
    return {name: np.concatenate([values, nothing[name]]) for name, values in columns.items()}


def differences(fresh: NavHistory, stored: Mapping[str, Int64]) -> list[Restatement]:
    """Stored rows that a fresh valuation of the same days does not confirm (days it cannot value count too)."""
    return list(changes(fresh, stored, book_seq=0, code_version="").restated)


def by_origin(stored: Mapping[str, Int64]) -> Iterator[tuple[int, dict[str, Int64]]]:
    """Stored rows apart by the ``seq`` the book had reached when they were computed."""
    for book_seq in np.unique(stored["book_seq"]).tolist():
        mine = stored["book_seq"] == book_seq
        yield book_seq, {name: values[mine] for name, values in stored.items()}


def portfolios_of(stored: Mapping[str, Int64]) -> list[int]:
    """Whose values these are."""
    return [int(one) for one in np.unique(stored["portfolio"])]


def stored_history(stored: Mapping[str, Int64], reference: Reference, subject: Subject, *, last: int) -> NavHistory:
    """The values of one portfolio up to a day as they were stored: the last ones known, days without any left out."""
    rows = standing(stored)
    keep = (rows["portfolio"] == subject.id) & (rows["date"] <= last) & (rows["oldest_price_days"] != WITHDRAWN)
    # What was restated to nothing is a day before the portfolio began.
    lived = np.flatnonzero(keep & np.logical_or.reduce([rows[name] != 0 for name in FIGURES]))
    keep &= rows["date"] >= (rows["date"][lived[0]] if len(lived) else last + 1)
    rows = {name: values[keep] for name, values in rows.items()}
    days = rows["date"]
    sure = np.ones((1, len(days)), np.bool_)
    mandate = reference.mandate(subject.id, int(days[-1])) if len(days) else None
    return NavHistory(
        (subject,), days, {name: rows[name][None, :] for name in FIGURES}, rows["oldest_price_days"][None, :],
        rows["mandate_seq"][None, :], sure, sure, (), (reference.money_scale(subject.currency),),
        (reference.minor_units(subject.currency),), (mandate.flows.timing if mandate is not None else "end",),
        int(rows["market_seq"].max(initial=0)), (True,),
    )  # fmt: skip


def first_stored(stored: Mapping[str, Int64]) -> int | None:
    """The earliest day that has a stored value; None where there is none."""
    return int(stored["date"].min()) if len(stored["date"]) else None
