"""The lot kernel and its twin: same bits on every stream; what they give adds up."""

from __future__ import annotations

import dataclasses
import hashlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from argosy.kernels import lot_rows as codes
from argosy.kernels import lots as compiled
from argosy.kernels.lot_rows import LotResult, LotRows
from argosy.kernels.reference import lots as plain
from argosy.kernels.reference.wide import mul_div
from tests.kernels.lot_streams import STREAMS, Stream, rows_of

CALLED = {
    "lot_heap": ("wide", "lot_rows"),
    "lot_chain": ("wide", "lot_rows", "lot_heap"),
    "lot_steps": ("wide", "lot_rows", "lot_heap", "lot_chain"),
    "lots": ("wide", "lot_rows", "lot_heap", "lot_chain", "lot_steps"),
}


@pytest.mark.parametrize("name", CALLED)
def test_cached_code_is_renewed_when_what_it_calls_changes(name: str) -> None:
    """A caller's cache would go on running old code; its own file has to change with what it calls."""
    folder = Path(compiled.__file__).parent
    digest = hashlib.sha256(b"".join((folder / f"{called}.py").read_bytes() for called in CALLED[name])).hexdigest()[
        :12
    ]
    text = (folder / f"{name}.py").read_text()
    assert f'BUILT_ON = "{digest}"' in text, f"set BUILT_ON of kernels/{name}.py to {digest}"


def same(left: LotResult, right: LotResult) -> None:
    for field in dataclasses.fields(LotResult):
        np.testing.assert_array_equal(getattr(left, field.name), getattr(right, field.name), field.name)


@settings(max_examples=500)
@given(STREAMS)
def test_kernel_and_twin_give_the_same_bits(stream: Stream) -> None:
    rows = rows_of(stream)
    same(compiled.replay(rows), plain.replay(rows))


@settings(max_examples=150)
@given(STREAMS)
def test_what_was_bought_is_relieved_or_open(stream: Stream) -> None:
    rows = rows_of(stream)
    result = plain.replay(rows)
    good = result.error == codes.OK
    assert sum(result.delta.tolist()) == sum(result.lots[:, codes.QUANTITY].tolist())
    at_cost = {row for row in np.flatnonzero(rows.flags & codes.AT_COST).tolist() if rows.op[row] == codes.TRADE}
    for amount, cost, relieved, proceeds, extra in (
        (rows.amount, codes.COST, codes.R_COST, codes.R_PROCEEDS, 0),
        (rows.base, codes.COST_BASE, codes.R_COST_BASE, codes.R_PROCEEDS_BASE, sum(result.rebased.tolist())),
    ):
        moves = (rows.op == codes.MOVE_OUT) | (rows.op == codes.MOVE_IN)
        brought = sum(int(amount[row]) for row in np.flatnonzero(good & ~moves).tolist() if row not in at_cost)
        gains = sum(
            (0 if relief[codes.R_ROW] in at_cost else relief[proceeds]) - relief[relieved]
            for relief in result.reliefs.tolist()
        )
        assert brought + extra + gains == sum(result.lots[:, cost].tolist())


@settings(max_examples=120)
@given(STREAMS)
def test_lots_of_a_slot_have_one_sign_and_its_quantity(
    stream: Stream,
) -> None:
    rows = rows_of(stream)
    result = plain.replay(rows)
    for slot in range(len(rows.method)):
        mine = result.lots[result.lots[:, codes.SLOT] == slot]
        signs = set(np.sign(mine[:, codes.QUANTITY]).tolist()) - {0}
        assert len(signs) <= 1
        last = np.flatnonzero(rows.slot == slot)
        if len(last):
            assert sum(mine[:, codes.QUANTITY].tolist()) == result.quantity_after[last[-1]]
            assert sum(mine[:, codes.COST].tolist()) == result.cost_after[last[-1]]


@settings(max_examples=120)
@given(STREAMS)
def test_a_refused_row_changes_nothing(stream: Stream) -> None:
    rows = rows_of(stream)
    result = plain.replay(rows)
    bad = np.flatnonzero(result.error)
    assert not result.delta[bad].any()
    assert not np.isin(result.reliefs[:, codes.R_ROW], bad).any()
    assert not np.isin(result.lots[:, codes.ROW], bad).any()


def test_nothing_in_nothing_out() -> None:
    empty = np.zeros(0, np.int64)
    rows = LotRows(*([empty] * 12), np.zeros(1, np.int64), empty, empty, empty, 0)
    same(compiled.replay(rows), plain.replay(rows))
    assert plain.replay(rows).lots.shape == (0, 8)


@settings(max_examples=200)
@given(STREAMS)
def test_highest_cost_first_is_the_highest_of_all_open(stream: Stream) -> None:
    """Against looking at every lot: trades only, one slot, unit costs compared as fractions."""
    trades = [row for row in stream.rows if row.kind in ("trade", "sale")]
    only = [dataclasses.replace(row, custody=0, names=None, flags=codes.MAY_CROSS) for row in trades]
    chosen = dataclasses.replace(stream, methods=[codes.HIFO] * 4, pooled=False, rows=only)
    rows = rows_of(chosen)
    result = plain.replay(rows)
    lots: list[list[int]] = []  # quantity, cost, date, number
    taken: list[tuple[int, int, int]] = []
    number = 0
    for row in range(len(rows)):
        if result.error[row]:
            continue
        slot, need = int(rows.slot[row]), int(rows.quantity[row])
        if slot:
            number += 1
            continue
        amount = int(rows.amount[row])
        while need and lots and lots[0][0] * need < 0:
            best = min(lots, key=lambda lot: (Fraction(-lot[1], abs(lot[0])), lot[2], lot[3]))
            size = min(abs(need), abs(best[0]))
            sign = 1 if best[0] > 0 else -1
            cost, part = mul_div(best[1], size, abs(best[0])), mul_div(amount, size, abs(need))
            taken.append((row, best[3], cost))
            best[0], best[1], need, amount = best[0] - sign * size, best[1] - cost, need + sign * size, amount - part
            lots = [lot for lot in lots if lot[0]]
        if need:
            lots.append([need, amount, int(rows.acquired[row]), number])
            number += 1
    assert [tuple(relief) for relief in result.reliefs[:, [codes.R_ROW, codes.R_LOT, codes.R_COST]].tolist()] == taken
