"""What holds for every book: nothing is lost, order of instruments is nothing, time travels, two engines are one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.fold import fold, linked
from argosy.record.ledger.policy import LedgerPolicy, Method, Scope
from argosy.record.ledger.state import State

TABLES = ("positions", "holdings", "lots", "reliefs", "cash", "entries", "pending", "income", "costs", "flows", "trail")
USD, EUR = 5591876, 4543826
UNITS = dict.fromkeys(range(1, 4), 10)

POLICIES = st.builds(
    LedgerPolicy,
    method=st.sampled_from([method.name for method in Method]),
    scope=st.sampled_from([scope.name.lower() for scope in Scope]),
    fees=st.sampled_from(["in_cost", "expensed"]),
    oversell=st.sampled_from(["error", "short"]),
)
MONEY = st.integers(-3_000, 3_000)
KINDS = [kind for kind in Kind if kind not in (Kind.VOID, Kind.TRANSFER_IN, Kind.CASH_TRANSFER_IN)]
USUAL = [Kind.BUY] * 12 + [Kind.SELL] * 8 + [Kind.TRANSFER_OUT] * 4 + KINDS


@st.composite
def drawn_event(draw: st.DrawFn) -> list[dict[str, object]]:
    kind = draw(st.sampled_from(USUAL))
    row: dict[str, object] = {
        "kind": int(kind), "trade_date": draw(st.integers(1, 8)), "ord": draw(st.sampled_from([0, 0, 0, 1])),
        "portfolio": draw(st.integers(1, 2)), "account": draw(st.integers(1, 2)), "sleeve": draw(st.integers(0, 1)),
        "instrument": draw(st.integers(1, 3)), "currency": draw(st.sampled_from([USD] * 12 + [EUR])),
        "net": draw(MONEY),
        "fee": draw(st.sampled_from([0, 0, 7])), "tax": draw(st.sampled_from([0, 0, 3])),
    }  # fmt: skip
    row["settle_date"] = draw(st.sampled_from([0, 0, 2, 9]))
    size = draw(st.integers(1, 40))
    down = kind in (Kind.SELL, Kind.SHORT_SELL, Kind.DELIVERY_OUT, Kind.TRANSFER_OUT)
    payload: dict[str, object] = {}
    if kind in (Kind.BUY, Kind.COVER, Kind.SELL, Kind.SHORT_SELL, Kind.OPENING_LOT, Kind.DELIVERY_IN, Kind.DELIVERY_OUT,
                Kind.TRANSFER_OUT):  # fmt: skip
        row["quantity"] = -size if down else size
        row["accrued"] = draw(st.sampled_from([0, 0, 0, 5]))
        if draw(st.integers(0, 5)) == 0:
            payload["lots"] = draw(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 20)), min_size=1, max_size=2))
    if kind in (Kind.OPENING_LOT, Kind.DELIVERY_IN, Kind.DELIVERY_OUT) and draw(st.booleans()):
        payload |= {"cost": draw(MONEY), "value": draw(st.integers(0, 3000))}
        row["acquired"] = draw(st.integers(-5, 8))
    if kind == Kind.CAPITAL_CALL:
        row["quantity"] = draw(st.sampled_from([0, 5]))
    if kind == Kind.DISTRIBUTION:
        payload |= draw(st.sampled_from([{}, {"income": 10}, {"return_of_capital": "40"}]))
    if kind == Kind.SPLIT:
        row["num"], row["den"] = draw(st.sampled_from([(2, 1), (1, 3), (3, 2), (1, 100), (0, 0)]))
        row["quantity"] = 0 if row["num"] else draw(st.sampled_from([6, -6]))
        payload |= draw(st.sampled_from([{}, {"whole_shares": "1"}]))
    if kind == Kind.FX:
        row |= {"currency2": EUR, "net2": draw(MONEY)}
    row["payload"] = payload
    if kind == Kind.TRANSFER_OUT:
        other = {**row, "kind": int(Kind.TRANSFER_IN), "portfolio": draw(st.integers(1, 2)), "payload": {},
                 "account": draw(st.integers(1, 2)), "quantity": size, "sleeve": draw(st.integers(0, 1))}  # fmt: skip
        return [row, other]
    return [row]


@st.composite
def books(draw: st.DrawFn) -> EventColumns:
    rows: list[dict[str, object]] = []
    for group in draw(st.lists(drawn_event(), min_size=1, max_size=25)):
        for place, row in enumerate(group):
            seq = len(rows) + 1
            link = seq - place if len(group) > 1 else 0
            rows.append({**row, "seq": seq, "anchor": seq, "batch": 1 + seq // 6, "link": link})
    if draw(st.integers(0, 3)) == 0:
        rows.append({"seq": len(rows) + 1, "kind": int(Kind.VOID), "target": draw(st.integers(1, len(rows)))})
    return EventColumns.from_rows(rows)


def same(left: State, right: State, tables: tuple[str, ...] = TABLES, *, without: tuple[str, ...] = ()) -> None:
    for name in tables:
        mine, other = getattr(left, name).columns(), getattr(right, name).columns()
        for column, values in mine.items():
            if column not in without:
                np.testing.assert_array_equal(values, other[column], f"{name}.{column}")


def pick(events: EventColumns, keep: np.ndarray) -> EventColumns:
    return events.take(np.flatnonzero(keep))


@settings(max_examples=100)
@given(books(), POLICIES, POLICIES, st.integers(0, 2**32))
def test_kernel_and_reference_are_one(events: EventColumns, one: LedgerPolicy, two: LedgerPolicy, seed: int) -> None:
    base = np.random.default_rng(seed).integers(-3000, 3000, len(events))
    options = {"policies": {1: one, 2: two}, "quantity_unit": UNITS, "base_amounts": base}
    compiled = fold(events, engine="kernel", **options)  # type: ignore[arg-type]
    plain = fold(events, engine="reference", **options)  # type: ignore[arg-type]
    same(compiled, plain)
    assert compiled.problems == plain.problems


@settings(max_examples=100)
@given(books(), POLICIES)
def test_lots_reliefs_holdings_and_cash_add_up(events: EventColumns, policy: LedgerPolicy) -> None:
    state = fold(events, policies={1: policy, 2: policy}, quantity_unit=UNITS)
    refused = {problem.event_seq for problem in state.problems}
    assert len(refused) == len(state.problems)
    for portfolio in (1, 2):
        for instrument in (1, 2, 3):

            def mine(table: str, column: str, p: int = portfolio, i: int = instrument) -> int:
                rows = getattr(state, table)
                return int(rows.columns()[column][(rows.portfolio == p) & (rows.instrument == i)].sum())

            held = {mine(table, "quantity") for table in ("positions", "holdings", "lots")}
            held.add(mine("trail", "quantity_delta"))
            assert len(held) == 1
            assert mine("lots", "cost") == mine("positions", "cost")
    assert not refused & set(state.entries.event_seq.tolist())
    accepted = [
        row for row in range(len(events))
        if int(events["seq"][row]) not in refused and events["kind"][row] != Kind.VOID
        and int(events["seq"][row]) not in events["target"][events["kind"] == Kind.VOID].tolist()
    ]  # fmt: skip
    assert state.cash.traded.sum() == sum(int(events["net"][row] + events["net2"][row]) for row in accepted)
    assert state.cash.settled.sum() == state.cash.traded.sum()


@settings(max_examples=100)
@given(books(), POLICIES)
def test_cost_is_conserved_in_exact_arithmetic(events: EventColumns, policy: LedgerPolicy) -> None:
    """Cost brought in by purchases = cost relieved + cost open, counted event by event without the kernel's help."""
    keep = np.isin(
        events["kind"], [Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER, Kind.TRANSFER_OUT, Kind.TRANSFER_IN]
    )
    events = pick(events, keep)
    state = fold(events, policies={1: policy, 2: policy}, quantity_unit=UNITS)
    refused = {problem.event_seq for problem in state.problems}
    brought = Fraction(0)
    for row in range(len(events)):
        one = events.row(row)
        if one["seq"] in refused or one["kind"] in (Kind.TRANSFER_OUT, Kind.TRANSFER_IN):
            continue
        paid = -one["net"] - (1 if one["quantity"] > 0 else -1) * one["accrued"]
        brought += paid - (one["fee"] + one["tax"] if policy.fees == "expensed" else 0)
    gain = int((state.reliefs.proceeds - state.reliefs.cost).sum())
    assert brought == int(state.lots.cost.sum()) - gain


@settings(max_examples=100)
@given(books(), POLICIES, st.permutations([1, 2, 3]))
def test_instruments_do_not_see_each_other(events: EventColumns, policy: LedgerPolicy, names: list[int]) -> None:
    policies = {1: policy, 2: policy}
    whole = fold(events, policies=policies, quantity_unit=UNITS)
    void = events["kind"] == Kind.VOID
    for instrument in names:
        part = fold(pick(events, (events["instrument"] == instrument) | void), policies=policies, quantity_unit=UNITS)
        for table in ("positions", "holdings", "lots", "reliefs", "trail"):
            rows = getattr(whole, table)
            mine = rows.take(rows.instrument == instrument).columns()
            for column, values in getattr(part, table).columns().items():
                if column != "slot":
                    np.testing.assert_array_equal(values, mine[column], f"{table}.{column}")


@settings(max_examples=100)
@given(books(), POLICIES, st.integers(1, 2), st.integers(1, 3))
def test_folding_only_what_is_linked_gives_the_same_rows(
    events: EventColumns, policy: LedgerPolicy, portfolio: int, instrument: int
) -> None:
    policies = {1: policy, 2: policy}
    whole = fold(events, policies=policies, quantity_unit=UNITS)
    needed = linked(events, [(portfolio, instrument)])
    keep = np.array([
        (events["portfolio"][row], events["instrument"][row]) in needed or events["kind"][row] == Kind.VOID
        for row in range(len(events))
    ])  # fmt: skip
    part = fold(pick(events, keep), policies=policies, quantity_unit=UNITS)
    for table in ("positions", "holdings", "lots", "reliefs"):
        left, right = getattr(whole, table), getattr(part, table)
        here = (left.portfolio == portfolio) & (left.instrument == instrument)
        there = (right.portfolio == portfolio) & (right.instrument == instrument)
        for column, values in left.take(here).columns().items():
            np.testing.assert_array_equal(values, right.take(there).columns()[column], f"{table}.{column}")


@settings(max_examples=100)
@given(books(), POLICIES, st.integers(0, 9))
def test_as_of_is_the_replay_of_a_prefix(events: EventColumns, policy: LedgerPolicy, as_of: int) -> None:
    policies = {1: policy, 2: policy}
    early = fold(events, policies=policies, quantity_unit=UNITS, as_of=as_of)
    void = events["kind"] == Kind.VOID
    prefix = fold(
        pick(events, (events["trade_date"] <= as_of) | void), policies=policies, quantity_unit=UNITS, as_of=as_of
    )
    same(early, prefix)
    whole = fold(events, policies=policies, quantity_unit=UNITS)
    if not whole.problems:
        rows = whole.trail.take(whole.trail.date <= as_of)
        for column in ("event_seq", "quantity_after", "cost_after"):
            np.testing.assert_array_equal(rows.columns()[column], early.trail.columns()[column])


@settings(max_examples=60)
@given(books(), POLICIES)
def test_void_of_everything_is_empty(events: EventColumns, policy: LedgerPolicy) -> None:
    live = pick(events, events["kind"] != Kind.VOID)
    rows: list[dict[str, object]] = [{**live.row(n), "payload": live.payload.get(n, {})} for n in range(len(live))]
    last = int(live["seq"][-1]) if len(live) else 0
    voids = [{"seq": last + n + 1, "kind": int(Kind.VOID), "target": seq} for n, seq in enumerate(live["seq"].tolist())]
    state = fold(EventColumns.from_rows(rows + voids), policies={1: policy}, quantity_unit=UNITS)
    assert not state.problems
    for table in TABLES:
        assert len(getattr(state, table)) == 0
    batches = set(live["batch"].tolist())
    same(state, fold(live, policies={1: policy}, voided_batches=batches))


@settings(max_examples=60)
@given(books(), POLICIES, st.integers(1, 40))
def test_void_undoes_exactly_one_event(events: EventColumns, policy: LedgerPolicy, which: int) -> None:
    live = pick(events, (events["kind"] != Kind.VOID) & (events["link"] == 0))
    if not len(live):
        return
    target = int(live["seq"][which % len(live)])
    rows: list[dict[str, object]] = [{**live.row(n), "payload": live.payload.get(n, {})} for n in range(len(live))]
    rows.append({"seq": int(live["seq"][-1]) + 1, "kind": int(Kind.VOID), "target": target})
    policies = {1: policy, 2: policy}
    voided = fold(EventColumns.from_rows(rows), policies=policies, quantity_unit=UNITS)
    same(voided, fold(pick(live, live["seq"] != target), policies=policies, quantity_unit=UNITS))


@settings(max_examples=60)
@given(books(), st.randoms(use_true_random=False))
def test_order_of_arrival_on_one_day_is_the_given_order(events: EventColumns, random: object) -> None:
    """With an explicit place for each event, the order in which they became known changes no position."""
    plain = pick(events, (events["kind"] != Kind.VOID) & (events["link"] == 0))
    if not len(plain):
        return
    columns = {**plain.columns, "ord": np.arange(len(plain))}
    shuffled = np.arange(len(plain))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first = EventColumns(columns, {n: {k: v for k, v in p.items() if k != "lots"} for n, p in plain.payload.items()})
    other = first.take(shuffled)
    renumbered = {"seq": np.arange(1, len(plain) + 1), "anchor": np.zeros(len(plain), np.int64)}
    numbered = EventColumns({**other.columns, **renumbered}, other.payload)
    same(fold(first, quantity_unit=UNITS), fold(numbered, quantity_unit=UNITS),
         without=("event_seq", "lot_seq", "origin_seq"))  # fmt: skip


@pytest.mark.parametrize("method", [method.name for method in Method if method is not Method.SPECIFIC])
@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(-20, 30), st.integers(1, 500)), min_size=2, max_size=12),
    st.integers(2, 5),
    st.integers(0, 11),
)
def test_split_changes_no_gain(method: str, trades: list[tuple[int, int]], ratio: int, place: int) -> None:
    """A split multiplies what is held and what follows; gains and cost stay as they were."""
    place %= len(trades)

    def book(*, split: bool) -> State:
        rows: list[dict[str, object]] = []
        for number, (quantity, price) in enumerate(trades):
            if split and number == place:
                rows.append({"kind": int(Kind.SPLIT), "num": ratio, "den": 1})
            if quantity:
                size = quantity * 120 * (ratio if split and number >= place else 1)
                kind = Kind.BUY if quantity > 0 else Kind.SELL
                rows.append({"kind": int(kind), "quantity": size, "net": -quantity * price, "currency": USD})
        shared = {"portfolio": 1, "account": 1, "instrument": 1}
        numbered = [{**row, **shared, "seq": n, "trade_date": n} for n, row in enumerate(rows, 1)]
        return fold(EventColumns.from_rows(numbered), policies={1: LedgerPolicy(method=method)})

    without, with_split = book(split=False), book(split=True)
    np.testing.assert_array_equal(without.reliefs.cost, with_split.reliefs.cost)
    np.testing.assert_array_equal(without.reliefs.proceeds, with_split.reliefs.proceeds)
    np.testing.assert_array_equal(without.lots.cost, with_split.lots.cost)
    np.testing.assert_array_equal(without.lots.quantity * ratio, with_split.lots.quantity)
