"""Random streams of lot operations for the kernel and its twin."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from argosy.kernels import lot_rows as codes
from argosy.kernels.lot_rows import LotRows

SLOTS = 4
SMALL = st.integers(1, 30)
MONEY = st.one_of(st.integers(-500, 500), st.integers(-(10**6), 10**6), st.sampled_from([0, 1, -1, 7, 10**15]))


@st.composite
def one_row(draw: st.DrawFn) -> dict[str, object]:
    kind = draw(st.sampled_from(["trade"] * 8 + ["move"] * 2 + ["split", "add", "capital"]))
    slot = draw(st.integers(0, SLOTS - 1))
    row: dict[str, object] = {"kind": kind, "slot": slot, "custody": slot, "amount": draw(MONEY), "base": draw(MONEY)}
    row["acquired"] = draw(st.integers(0, 6))
    row["flags"] = draw(st.sampled_from([0, 0, codes.MAY_CROSS, codes.MAY_CROSS, codes.COVER_ONLY, codes.AT_COST, codes.OPENS,
                                         codes.NEED_NAMES | codes.MAY_CROSS]))  # fmt: skip
    row["quantity"] = draw(SMALL) * draw(st.sampled_from([1, 1, -1]))
    row["target"] = draw(st.integers(0, SLOTS - 1))
    row["ratio"] = draw(st.sampled_from([(2, 1), (3, 1), (1, 2), (1, 10), (3, 2), (1, 1000), (7, 3), (2**62, 1)]))
    row["unit"] = draw(st.sampled_from([0, 0, 1, 5, 10]))
    row["names"] = draw(st.one_of(st.none(), st.none(), st.none(),
                                  st.lists(st.tuples(st.integers(0, 12), st.integers(1, 12)), min_size=1, max_size=3)))  # fmt: skip
    row["rate"] = draw(st.sampled_from([None, None, (10, 11), (-3, 7)]))
    return row


STREAMS = st.tuples(
    st.lists(one_row(), min_size=1, max_size=40),
    st.lists(st.integers(0, 4), min_size=SLOTS, max_size=SLOTS),
    st.booleans(),
    st.sampled_from([1, 1, 1, 2**56]),
)


def rows_of(stream: tuple[list[dict[str, object]], list[int], bool, int]) -> LotRows:
    """All slots in one component; ``pooled`` makes slots 0 and 1 two custodies of one slot; ``scale`` brings numbers near 2**63."""
    listed, methods, pooled, scale = stream
    columns: dict[str, list[int]] = {name: [] for name in (
        "op", "flags", "slot", "custody", "quantity", "amount", "base", "acquired", "num", "den", "unit", "named")}  # fmt: skip
    start, keys, amounts = [0], [], []

    def slot_of(custody: int) -> int:
        return 0 if pooled and custody == 1 else custody

    def add(**values: int) -> None:
        for name in columns:
            columns[name].append(values.get(name, 0))

    for row in listed:
        custody, target = int(row["custody"]), int(row["target"])  # type: ignore[call-overload]
        common = {name: int(row[name]) for name in ("flags", "amount", "base", "acquired", "unit", "quantity")}  # type: ignore[call-overload]
        common |= {"amount": common["amount"] * scale, "base": common["base"] * scale}
        common |= {"quantity": common["quantity"] * scale, "custody": custody, "slot": slot_of(custody)}
        for name in ("amount", "base", "quantity"):
            common[name] = max(-codes.LIMIT, min(codes.LIMIT, common[name]))
        names = row["names"]
        if names and row["kind"] in ("trade", "move"):
            for key, quantity in names:  # type: ignore[attr-defined]
                keys.append(key)
                amounts.append(min(quantity * scale, codes.LIMIT))
            start.append(len(keys))
            common["named"] = len(start) - 1
        here = len(columns["op"])
        match row["kind"]:
            case "trade":
                if common["flags"] & codes.AT_COST:
                    common["quantity"] = -abs(common["quantity"])
                add(op=codes.TRADE, **common)
            case "split":
                num, den = row["ratio"]  # type: ignore[misc]
                add(op=codes.SPLIT, num=num, den=den, **common)
            case "add":
                add(op=codes.ADD, **common)
            case "capital":
                add(op=codes.CAPITAL, **(common | {"unit": 10, "quantity": 0}))
            case _:
                num, den = row["rate"] or (0, 0)  # type: ignore[misc]
                add(op=codes.MOVE_OUT, **(common | {"amount": 0, "base": den, "num": here + 1}))
                add(
                    op=codes.MOVE_IN,
                    custody=target,
                    slot=slot_of(target),
                    quantity=-common["quantity"],
                    base=num,
                    num=here,
                )
    arrays = {name: np.array(values, np.int64) for name, values in columns.items()}
    return LotRows(
        **arrays, names_start=np.array(start, np.int64), names_row=np.array(keys, np.int64),
        names_quantity=np.array(amounts, np.int64), method=np.array(methods, np.int64), custodies=SLOTS,
    )  # fmt: skip
