from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.fold import fold
from argosy.record.ledger.live import LivePositions
from argosy.record.ledger.policy import LedgerPolicy

POLICIES = {
    1: LedgerPolicy(method="FIFO", oversell="short"),
    2: LedgerPolicy(method="AVERAGE", scope="portfolio"),
    3: LedgerPolicy(method="HIFO", scope="sleeve", oversell="short"),
}


@st.composite
def streams(draw: st.DrawFn) -> list[list[dict[str, Any]]]:
    """Batches of purchases, sales, splits, transfers, cash and voids of any earlier event."""
    batches: list[list[dict[str, Any]]] = []
    seq = 0
    for _ in range(draw(st.integers(1, 5))):
        rows: list[dict[str, Any]] = []
        for _ in range(draw(st.integers(1, 5))):
            seq += 1
            owner, code = draw(st.integers(1, 3)), draw(st.integers(7, 9))
            row: dict[str, Any] = {
                "seq": seq, "anchor": seq, "batch": len(batches) + 1, "portfolio": owner, "account": owner * 10,
                "sleeve": draw(st.integers(0, 1)), "trade_date": draw(st.integers(0, 9)), "currency": 1,
            }  # fmt: skip
            what = draw(st.sampled_from(["buy", "buy", "sell", "split", "move", "fee", "void"]))
            size = draw(st.integers(1, 50))
            if what == "void" and seq > 1:
                target = draw(st.integers(1, seq - 1))
                earlier = next(one for batch in [*batches, rows] for one in batch if one["seq"] == target)
                row |= {name: earlier.get(name, 0) for name in ("portfolio", "account", "sleeve", "instrument")}
                row |= {"kind": Kind.VOID, "target": target}
            elif what == "move":
                other = draw(st.integers(1, 3))
                leg = {**row, "instrument": code, "link": seq}
                rows.append({**leg, "kind": Kind.TRANSFER_OUT, "quantity": -size})
                seq += 1
                row = {**leg, "seq": seq, "anchor": seq, "kind": Kind.TRANSFER_IN, "quantity": size,
                       "portfolio": other, "account": other * 10}  # fmt: skip
            elif what == "split":
                row |= {"kind": Kind.SPLIT, "instrument": code, "num": 3, "den": 2}
            elif what == "fee":
                row |= {"kind": Kind.FEE, "net": -size}
            else:
                sign = 1 if what == "buy" else -1
                row |= {"kind": Kind.BUY if sign > 0 else Kind.SELL, "instrument": code, "quantity": sign * size,
                        "net": -sign * size * draw(st.integers(1, 9))}  # fmt: skip
            rows.append(row)
        batches.append(rows)
    return batches


@settings(max_examples=150)
@given(streams())
def test_batch_by_batch_gives_what_a_fold_of_everything_gives(batches: list[list[dict[str, Any]]]) -> None:
    live = LivePositions.start(EventColumns.from_rows(batches[0]), policies=POLICIES, quantity_unit={})
    rows = list(batches[0])
    for batch in batches[1:]:
        live, rows = live.after(EventColumns.from_rows(batch)), rows + batch
        whole = fold(EventColumns.from_rows(rows), policies=POLICIES)
        for portfolio in (1, 2, 3):
            expected = whole.positions.take(whole.positions.portfolio == portfolio)
            order = np.lexsort((expected.sleeve, expected.instrument, expected.account))
            found = live.positions([portfolio])
            found = found.take(np.lexsort((found.sleeve, found.instrument, found.account)))
            for name, column in expected.take(order).columns().items():
                assert found.columns()[name].tolist() == column.tolist(), (name, portfolio)
        assert {one.event_seq for one in live.problems} == {one.event_seq for one in whole.problems}
    assert live.behind == len(rows) - len(batches[0])


def test_nothing_new_is_the_same_object() -> None:
    live = LivePositions.start(EventColumns.empty(), policies={}, quantity_unit={})
    assert live.after(EventColumns.empty()) is live
    assert len(live.positions([])) == 0
