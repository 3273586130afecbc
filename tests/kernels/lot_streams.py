"""Random streams of lot operations for the kernel and its twin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from argosy.kernels import lot_rows as codes
from argosy.kernels.lot_rows import LotRows

SLOTS = 4
KINDS = ("trade", "trade", "trade", "sale", "sale", "sale", "move", "move", "split", "add", "capital")
FLAGS = (0, 0, codes.MAY_CROSS, codes.MAY_CROSS, codes.COVER_ONLY, codes.AT_COST, codes.OPENS,
         codes.NEED_NAMES | codes.MAY_CROSS)  # fmt: skip
RATIOS = ((2, 1), (3, 1), (1, 2), (1, 10), (3, 2), (1, 1000), (7, 3), (2**62, 1))
MONEY = st.one_of(st.integers(-500, 500), st.integers(-(10**6), 10**6), st.sampled_from([0, 1, -1, 7, 10**15]))
NAMES = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 15)), min_size=1, max_size=3)


@dataclass(frozen=True)
class Row:
    """One operation, before it is written in columns."""

    kind: str
    custody: int
    target: int
    quantity: int
    amount: int
    base: int
    acquired: int
    flags: int
    ratio: tuple[int, int]
    unit: int
    names: list[tuple[int, int]] | None
    rate: tuple[int, int] | None


ROWS = st.builds(
    Row,
    kind=st.sampled_from(KINDS),
    custody=st.integers(0, SLOTS - 1),
    target=st.integers(0, SLOTS - 1),
    quantity=st.integers(1, 30),
    amount=MONEY,
    base=MONEY,
    acquired=st.integers(0, 6),
    flags=st.sampled_from(FLAGS),
    ratio=st.sampled_from(RATIOS),
    unit=st.sampled_from([0, 0, 1, 5, 10]),
    names=st.one_of(st.none(), st.none(), st.none(), NAMES),
    rate=st.sampled_from([None, None, (10, 11), (-3, 7), (2**60, 1)]),
)


@dataclass(frozen=True)
class Stream:
    """Rows after an opening purchase in each slot. ``pooled`` makes custodies 0 and 1 parts of one slot; ``scale``
    brings numbers near 2**63; ``short`` opens short."""

    rows: list[Row]
    methods: list[int]
    pooled: bool
    scale: int
    short: bool


STREAMS = st.builds(
    Stream,
    rows=st.lists(ROWS, min_size=1, max_size=30),
    methods=st.lists(st.integers(0, 4), min_size=SLOTS, max_size=SLOTS),
    pooled=st.booleans(),
    scale=st.sampled_from([1, 1, 1, 2**56]),
    short=st.booleans(),
)


def _clip(value: int) -> int:
    return max(-codes.LIMIT, min(codes.LIMIT, value))


def rows_of(stream: Stream) -> LotRows:
    """The stream as the kernel takes it; all slots in one component."""
    names = ("op", "flags", "slot", "custody", "quantity", "amount", "base", "acquired", "num", "den", "unit", "named")
    columns: dict[str, list[int]] = {name: [] for name in names}
    start, keys, amounts = [0], [], []

    def slot_of(custody: int) -> int:
        return 0 if stream.pooled and custody == 1 else custody

    def add(op: int, custody: int, **values: int) -> None:
        values |= {"op": op, "custody": custody, "slot": slot_of(custody)}
        for name in names:
            columns[name].append(values.get(name, 0))

    side = -1 if stream.short else 1
    for custody in range(SLOTS):
        opening = {"flags": codes.MAY_CROSS, "quantity": side * 40 * min(stream.scale, 2**56), "acquired": custody}
        add(codes.TRADE, custody, amount=side * (1000 + custody), base=side * 900, **opening)
    for row in stream.rows:
        here = len(columns["op"])
        sign = -side if row.kind in ("sale", "move") else side if row.quantity % 7 else -side
        common = {
            "quantity": _clip(sign * row.quantity * stream.scale), "amount": _clip(row.amount * stream.scale),
            "base": _clip(row.base * stream.scale), "flags": row.flags, "acquired": row.acquired, "unit": row.unit,
        }  # fmt: skip
        if row.names and row.kind in ("trade", "sale", "move"):
            fitting = row.quantity if len(row.names) == 1 else 0  # a single name is often just what is needed
            for key, quantity in row.names:
                keys.append(key)
                amounts.append(_clip((fitting or quantity) * stream.scale))
            start.append(len(keys))
            common["named"] = len(start) - 1
        match row.kind:
            case "trade" | "sale":
                if row.flags & codes.AT_COST:
                    common["quantity"] = -abs(common["quantity"])
                add(codes.TRADE, row.custody, **common)
            case "split":
                add(codes.SPLIT, row.custody, **(common | {"num": row.ratio[0], "den": row.ratio[1]}))
            case "add":
                add(codes.ADD, row.custody, **common)
            case "capital":
                add(codes.CAPITAL, row.custody, **(common | {"unit": 10, "quantity": 0}))
            case _:
                num, den = row.rate or (0, 0)
                add(codes.MOVE_OUT, row.custody, **(common | {"amount": 0, "base": den, "num": here + 1}))
                add(codes.MOVE_IN, row.target, quantity=-common["quantity"], base=num, num=here)
    arrays = {name: np.array(values, np.int64) for name, values in columns.items()}
    return LotRows(
        **arrays, names_start=np.array(start, np.int64), names_row=np.array(keys, np.int64),
        names_quantity=np.array(amounts, np.int64), method=np.array(stream.methods, np.int64), custodies=SLOTS,
    )  # fmt: skip
