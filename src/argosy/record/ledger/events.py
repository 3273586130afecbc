"""The one envelope of every ledger event, in columns of int64.

Sign conventions: ``net`` is the cash effect in ``currency`` (negative = paid out), fees, taxes and accrued interest
included. ``quantity`` is the change of the holding (buy +, sell -). ``fee`` and ``tax`` are what was charged
(positive). ``accrued`` is interest paid on a buy (+) or received on a sale (+), inside ``net``. Amounts are at the
currency's scale, quantities at the instrument's. Dates are days since 1970-01-01. 0 means "none" in every id column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]


class Kind(IntEnum):
    """What an event is. The number is stored and never reused."""

    DEPOSIT = 1
    WITHDRAWAL = 2
    CASH_TRANSFER_OUT = 3
    CASH_TRANSFER_IN = 4
    OPENING_CASH = 5
    BUY = 10
    SELL = 11
    SHORT_SELL = 12
    COVER = 13
    OPENING_LOT = 20
    DELIVERY_IN = 21
    DELIVERY_OUT = 22
    TRANSFER_OUT = 23
    TRANSFER_IN = 24
    DIVIDEND = 30
    INTEREST = 31
    COUPON = 32
    RETURN_OF_CAPITAL = 33
    CAPITAL_CALL = 34
    DISTRIBUTION = 35
    FEE = 40
    TAX = 41
    FX = 50
    FX_FORWARD_SETTLEMENT = 51
    SPLIT = 60
    VOID = 90


COLUMNS: tuple[str, ...] = (
    "seq",  # position in the book, assigned under the writer lock
    "batch",  # the batch that brought it
    "kind",  # Kind
    "version",  # version of this kind's meaning; old ones are read through upcasters
    "trade_date",  # effective date
    "settle_date",  # when cash (or stock) moves
    "ord",  # explicit order within a day (0 = by arrival)
    "anchor",  # seq whose place within the day this event takes (itself, or what it corrects)
    "portfolio",
    "account",
    "sleeve",
    "instrument",
    "quantity",  # signed change of holding, instrument scale (splits: quantity added, if that is what is known)
    "currency",  # currency_code
    "net",  # signed cash effect, currency scale
    "fee",
    "tax",
    "accrued",
    "currency2",  # the other leg of an FX conversion
    "net2",
    "price",  # mantissa as received (information; the amounts rule)
    "price_exp",
    "num",  # split: new, per `den` old
    "den",
    "link",  # transfers: seq of the out leg, on both legs
    "target",  # VOID: seq of the voided event
    "acquired",  # acquisition date of an opening or delivered lot (else trade_date)
    "line",  # line in the source file (0 = entered by hand)
)
"""Every column is int64 and not null: the same bytes in memory, on disk and in the hash chain."""


@dataclass(frozen=True)
class EventColumns:
    """Events as columns, one int64 array per name in :data:`COLUMNS`, all of one length, in ``seq`` order.

    ``payload`` holds the rare rest by row position: ``{"ref": ..., "note": ..., "lots": [[seq, qty], ...],
    "whole_shares": ..., "income": ..., "return_of_capital": ...}`` (strings and ints only).

    Examples
    --------
    >>> empty = EventColumns.empty()
    >>> len(empty)
    0
    """

    columns: Mapping[str, Int64]
    payload: Mapping[int, Mapping[str, object]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["seq"])

    def __getitem__(self, name: str) -> Int64:
        return self.columns[name]

    @classmethod
    def empty(cls) -> EventColumns:
        """No events."""
        return cls({name: np.zeros(0, np.int64) for name in COLUMNS})

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, object]]) -> EventColumns:
        """Build columns from dictionaries; names not given are 0; ``payload`` (a mapping) is optional."""
        listed = list(rows)
        known = set(COLUMNS) | {"payload"}
        for row in listed:
            extra = set(row) - known
            if extra:
                raise KeyError(f"not event columns: {sorted(extra)}")
        columns = {name: np.array([row.get(name, 0) for row in listed], dtype=np.int64) for name in COLUMNS}
        payload: dict[int, Mapping[str, object]] = {}
        for position, row in enumerate(listed):
            rest = row.get("payload")
            if isinstance(rest, Mapping) and rest:
                payload[position] = rest
        return cls(columns, payload)

    def take(self, index: npt.NDArray[np.intp] | Int64) -> EventColumns:
        """Rows by position (or boolean mask), in the order given."""
        positions = np.flatnonzero(index) if index.dtype == np.bool_ else np.asarray(index)
        columns = {name: values[positions] for name, values in self.columns.items()}
        if not self.payload:
            return EventColumns(columns)
        payload = {new: self.payload[int(old)] for new, old in enumerate(positions) if int(old) in self.payload}
        return EventColumns(columns, payload)

    def row(self, position: int) -> dict[str, int]:
        """One event as a dictionary of ints."""
        return {name: int(values[position]) for name, values in self.columns.items()}
