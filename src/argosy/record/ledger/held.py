"""What is held, kept: positions, holdings and cash of a whole book as bytes, and brought up to date by portfolio.

Derived and disposable: it names what it was made from (``key``) and by which day everything had happened (``until``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from argosy.record.ledger.events import EventColumns, Int64, Kind
from argosy.record.ledger.rows import Cash, Holdings, Positions, Rows
from argosy.record.ledger.state import State

FORMAT = 2
_TABLES: Mapping[str, type[Rows]] = {"positions": Positions, "holdings": Holdings, "cash": Cash}
Table = TypeVar("Table", bound=Rows)


@dataclass(frozen=True, eq=False)
class Held:
    """Positions, holdings and cash of a book as of ``day``; by ``until`` the last event had happened and settled.

    ``key`` names the conventions it was folded by. ``ties`` are pairs of portfolios that have moved lots between them:
    a portfolio is brought up to date together with all it is tied to.
    """

    key: str
    day: int
    until: int
    positions: Positions
    holdings: Holdings
    cash: Cash
    ties: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, state: State, events: EventColumns, order: Int64, *, key: str, day: int) -> Held:
        """Keep what a fold as of ``day`` gave. ``order`` are the positions of the events that count, later ones too."""
        return cls(key, day, last_date(events, order), state.positions, state.holdings, state.cash, ties_of(events))

    def answers(self, day: int) -> bool:
        """Whether it is what is held on a day: on its own, or on any day by which everything had settled."""
        return day == self.day or self.until <= min(day, self.day)

    def to_bytes(self) -> bytes:
        """The whole as bytes: a line of JSON, then the columns as little-endian int64."""
        parts, shape = [], {}
        for name, kind in _TABLES.items():
            rows: Rows = getattr(self, name)
            shape[name] = len(rows)
            parts += [np.ascontiguousarray(getattr(rows, field.name), "<i8").tobytes() for field in fields(kind)]
        head = {
            "format": FORMAT,
            "key": self.key,
            "day": self.day,
            "until": self.until,
            "rows": shape,
            "ties": sorted(self.ties),
        }
        return json.dumps(head).encode() + b"\n" + b"".join(parts)

    @classmethod
    def from_bytes(cls, content: bytes) -> Held | None:
        """Read back; None for another format or anything that does not fit."""
        line, _, body = content.partition(b"\n")
        try:
            head = json.loads(line)
            if head["format"] != FORMAT:
                return None
            columns = sum(count * len(fields(_TABLES[name])) for name, count in head["rows"].items())
            if len(body) != 8 * columns:
                return None
            tables, at = {}, 0
            for name, kind in _TABLES.items():
                count, arrays = int(head["rows"][name]), []
                for _ in fields(kind):
                    arrays.append(np.frombuffer(body, "<i8", count, at).astype(np.int64))
                    at += 8 * count
                tables[name] = kind(*arrays)
            ties = frozenset((int(one), int(other)) for one, other in head["ties"])
            return cls(str(head["key"]), int(head["day"]), int(head["until"]), ties=ties, **tables)  # type: ignore[arg-type]
        except (ValueError, KeyError, TypeError):
            return None

    def tied(self, new: EventColumns) -> list[int]:
        """Portfolios that new events touch, with all that they are tied to: these are folded again."""
        ties = self.ties | ties_of(new)
        reached, waiting = set[int](), set(np.unique(new["portfolio"]).tolist()) - {0}
        while waiting:
            one = waiting.pop()
            reached.add(one)
            waiting |= {b for a, b in ties if a == one} | {a for a, b in ties if b == one}
            waiting -= reached
        return sorted(reached)

    def replaced(self, fresh: Held, portfolios: Iterable[int]) -> Held:
        """The whole with the rows of some portfolios as ``fresh`` has them."""
        gone = np.array(sorted(portfolios), np.int64)

        def merge(old: Table, new: Table) -> Table:
            kept = old.take(~np.isin(old.columns()["portfolio"], gone))
            joined = zip(kept.columns().values(), new.columns().values(), strict=True)
            return type(old)(*(np.concatenate(pair) for pair in joined))

        return Held(
            self.key, fresh.day, max(self.until, fresh.until), merge(self.positions, fresh.positions),
            merge(self.holdings, fresh.holdings), merge(self.cash, fresh.cash), self.ties | fresh.ties,
        )  # fmt: skip


def last_date(events: EventColumns, order: Int64) -> int:
    """The last trade or settlement date of the events that count; 0 for none."""
    if not len(order):
        return 0
    return int(max(events["trade_date"][order].max(), events["settle_date"][order].max()))


def ties_of(events: EventColumns) -> frozenset[tuple[int, int]]:
    """Pairs of different portfolios between which lots were moved, voided moves included."""
    legs = np.flatnonzero((events["kind"] == Kind.TRANSFER_OUT) | (events["kind"] == Kind.TRANSFER_IN))
    links = np.where(events["link"][legs] == 0, events["seq"][legs], events["link"][legs]).tolist()
    ends: dict[int, set[int]] = {}
    for link, portfolio in zip(links, events["portfolio"][legs].tolist(), strict=True):
        ends.setdefault(link, set()).add(portfolio)
    return frozenset((min(pair), max(pair)) for pair in ends.values() if len(pair) > 1)
