"""What the lot kernel and its twin take and give: rows of operations in, lots and reliefs out, all int64.

Amounts are signed like cost: what a row adds to cost (a sale adds minus its proceeds). Quantities are signed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]

FIFO, LIFO, HIFO, AVERAGE, SPECIFIC = range(5)
"""Methods, per slot."""

TRADE, MOVE_OUT, MOVE_IN, SPLIT, ADD, CAPITAL = range(1, 7)
"""Operations. TRADE relieves lots of the other sign, then opens one with the rest. MOVE_OUT hands lots to the slot of
its peer row, MOVE_IN only shows it. SPLIT scales by num/den, ADD by a quantity. CAPITAL gives cost back (or adds)."""

MAY_CROSS, COVER_ONLY, NEED_NAMES, AT_COST, OPENS = 1, 2, 4, 8, 16
"""Flags. MAY_CROSS: zero may be crossed. COVER_ONLY: at most the short is bought. NEED_NAMES: a closing trade names its
lots. AT_COST: relieved without gain. OPENS: CAPITAL on nothing held opens a lot of ``unit``."""

OK, OVERSOLD, OVERCOVERED, NO_POSITION, LOTS_NOT_NAMED, LOTS_DIFFER, OVERFLOW, OTHER_LEG, TARGET_SIGN = range(9)
"""Outcome of a row. A row that is not OK changed nothing."""

SLOT, ROW, ORIGIN, ACQUIRED, OPENED, QUANTITY, COST, COST_BASE = range(8)
"""Columns of a lot: ROW brought it into its slot, ORIGIN first acquired it (row numbers)."""

R_ROW, R_LOT, R_QUANTITY, R_COST, R_PROCEEDS, R_COST_BASE, R_PROCEEDS_BASE = range(7)
"""Columns of a relief: R_LOT is a row number of the lots table."""

LIMIT = 2**63 - 1


@dataclass(frozen=True)
class LotRows:
    """Operations in replay order, clustered so that slots joined by moves lie in one run (a component).

    ``slot`` is the lot pool and ``custody`` the part of it whose holding bounds sales (equal where pools are accounts).
    ``num``/``den``: split ratio; for MOVE_* ``num`` is the peer row and ``base`` of both rows, if given, the worth of
    one and the same amount in both base currencies. ``unit``: whole-share unit of a split (0 = keep fractions), opening
    quantity of CAPITAL. ``named``: 1-based number of a list in ``names_start``, 0 = none; ``names_row`` are row numbers
    that brought or first acquired lots.
    """

    op: Int64
    flags: Int64
    slot: Int64
    custody: Int64
    quantity: Int64
    amount: Int64
    base: Int64
    acquired: Int64
    num: Int64
    den: Int64
    unit: Int64
    named: Int64
    names_start: Int64
    names_row: Int64
    names_quantity: Int64
    method: Int64  # per slot
    custodies: int

    def __len__(self) -> int:
        return len(self.op)


@dataclass(frozen=True)
class LotResult:
    """``lots`` (all ever opened, closed ones with quantity 0) and ``reliefs`` as tables; the rest per input row.

    Lots are numbered as they arrive, so a slot's order is (ACQUIRED, number). ``delta`` is the change of holding with
    splits resolved; the ``_after`` arrays are of the row's slot. ``rebased`` is what a move between base currencies
    added to base cost.
    """

    lots: Int64
    reliefs: Int64
    delta: Int64
    quantity_after: Int64
    cost_after: Int64
    base_after: Int64
    rebased: Int64
    error: Int64
