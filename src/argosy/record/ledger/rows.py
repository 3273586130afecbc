"""The tables of a ledger state: one int64 array per column, all of one length.

Amounts are at their currency's scale, quantities at their instrument's, dates are days since 1970-01-01, ids 0 = none.
A column ending in ``_base`` is in the base currency of the row's portfolio (0 where no base amounts were given).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from argosy.record.ledger.events import Int64


@dataclass(frozen=True)
class Rows:
    """What every table can do: say its length, give its columns by name, pick rows."""

    def __len__(self) -> int:
        first: Int64 = getattr(self, fields(self)[0].name)
        return len(first)

    def columns(self) -> dict[str, Int64]:
        """The columns by name, in order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def take(self, index: Int64 | npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Self:
        """Rows by position or mask."""
        return type(self)(*(values[index] for values in self.columns().values()))


@dataclass(frozen=True)
class Positions(Rows):
    """What is held per lot pool, with its cost.

    ``account`` is 0 where accounts are pooled, ``sleeve`` is 0 unless pools are by sleeve.
    """

    portfolio: Int64
    account: Int64
    sleeve: Int64
    instrument: Int64
    quantity: Int64
    cost: Int64
    cost_base: Int64
    currency: Int64


@dataclass(frozen=True)
class Holdings(Rows):
    """What is held per account and sleeve, whatever the lot scope. No zero rows."""

    portfolio: Int64
    account: Int64
    sleeve: Int64
    instrument: Int64
    quantity: Int64


@dataclass(frozen=True)
class Lots(Rows):
    """Open lots in acquisition order within their pool; short ones have negative quantity and cost (entry proceeds).

    ``lot_seq`` is the event that brought the lot here, ``origin_seq`` the one that acquired it (they differ after a
    transfer in kind). ``quantity_opened`` is restated for later splits.
    """

    lot_seq: Int64
    origin_seq: Int64
    portfolio: Int64
    account: Int64
    sleeve: Int64
    instrument: Int64
    acquired: Int64
    quantity_opened: Int64
    quantity: Int64
    cost: Int64
    cost_base: Int64
    currency: Int64


@dataclass(frozen=True)
class Reliefs(Rows):
    """Which lots made each gain: gain = ``proceeds - cost``, for long and short alike.

    ``quantity`` carries the sign of the lot; it is 0 where cost came back without a sale (return of capital, cash in
    lieu).
    """

    event_seq: Int64
    lot_seq: Int64
    origin_seq: Int64
    portfolio: Int64
    account: Int64
    sleeve: Int64
    instrument: Int64
    kind: Int64
    date: Int64
    acquired: Int64
    quantity: Int64
    cost: Int64
    proceeds: Int64
    cost_base: Int64
    proceeds_base: Int64
    currency: Int64


@dataclass(frozen=True)
class Cash(Rows):
    """Balances: ``traded`` moves on the trade date, ``settled`` on the settlement date; their difference is pending."""

    portfolio: Int64
    account: Int64
    sleeve: Int64
    currency: Int64
    traded: Int64
    settled: Int64


@dataclass(frozen=True)
class Entries(Rows):
    """Every movement of cash, in effective order; an FX conversion gives two."""

    event_seq: Int64
    portfolio: Int64
    account: Int64
    sleeve: Int64
    currency: Int64
    amount: Int64
    trade_date: Int64
    settle_date: Int64
    kind: Int64
    instrument: Int64


@dataclass(frozen=True)
class Pending(Rows):
    """Cash traded but not settled: receivable (+) or payable (-)."""

    event_seq: Int64
    portfolio: Int64
    account: Int64
    sleeve: Int64
    currency: Int64
    amount: Int64
    trade_date: Int64
    settle_date: Int64
    kind: Int64
    instrument: Int64


@dataclass(frozen=True)
class Income(Rows):
    """Dividends, interest, coupons, the income part of distributions, and accrued interest bought (-) or sold (+)."""

    event_seq: Int64
    portfolio: Int64
    account: Int64
    sleeve: Int64
    instrument: Int64
    kind: Int64
    date: Int64
    pay_date: Int64
    gross: Int64
    tax: Int64
    fee: Int64
    net: Int64
    currency: Int64


@dataclass(frozen=True)
class Costs(Rows):
    """Fees and taxes per event (a refund is negative). ``in_lots`` is 1 where they are inside lot cost or proceeds."""

    event_seq: Int64
    portfolio: Int64
    account: Int64
    sleeve: Int64
    instrument: Int64
    kind: Int64
    date: Int64
    fee: Int64
    tax: Int64
    currency: Int64
    in_lots: Int64


@dataclass(frozen=True)
class Flows(Rows):
    """What entered (+) or left (-) a portfolio from outside it.

    Cash is in ``amount``; in kind it is ``quantity`` of ``instrument``, worth ``value`` where ``valued`` is 1 (else
    value it at the day's price). ``counter_portfolio`` is the other side of a transfer, 0 for the outside world: a
    group leaves out rows whose other side is a member.
    """

    event_seq: Int64
    portfolio: Int64
    account: Int64
    sleeve: Int64
    kind: Int64
    date: Int64
    settle_date: Int64
    currency: Int64
    amount: Int64
    instrument: Int64
    quantity: Int64
    value: Int64
    valued: Int64
    counter_portfolio: Int64


@dataclass(frozen=True)
class Trail(Rows):
    """The way to today's holdings: one row per event that touched lots, by lot pool, then in effective order.

    ``quantity_delta`` has splits resolved. The ``_after`` columns are of the whole pool (``slot`` numbers pools
    densely).
    """

    slot: Int64
    event_seq: Int64
    portfolio: Int64
    account: Int64
    sleeve: Int64
    instrument: Int64
    kind: Int64
    date: Int64
    quantity_delta: Int64
    quantity_after: Int64
    cost_after: Int64
    cost_base_after: Int64
    currency: Int64


@dataclass(frozen=True, slots=True)
class LedgerProblem:
    """An event that cannot be true given the others; it was left out of the state as if it were not there.

    ``held`` and ``asked`` are at the instrument's scale. ``code`` is stable: oversold, overcovered, no_position,
    lots_not_named, lots_differ, overflow, transfer, currency, sign, no_cost, kind.
    """

    event_seq: int
    code: str
    message: str
    held: int = 0
    asked: int = 0
