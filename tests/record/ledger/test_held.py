"""What is kept and brought up to date is what a fold of everything gives, whatever came in between."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.fold import fold
from argosy.record.ledger.held import Held, ties_of
from argosy.record.ledger.order import effective
from argosy.record.ledger.rows import Rows

PORTFOLIOS, INSTRUMENTS = (1, 2, 3, 4), (7, 8)
FAR = 10_000


def event(seq: int, kind: Kind, day: int, portfolio: int, **rest: int) -> dict[str, object]:
    return {"seq": seq, "batch": seq, "kind": kind, "trade_date": day, "settle_date": day + 2, "portfolio": portfolio,
            "account": portfolio, "currency": 5591876, **rest}  # fmt: skip


@st.composite
def books(draw: st.DrawFn) -> EventColumns:
    """Purchases, transfers in kind between portfolios, deposits, and voids of what came before."""
    rows: list[dict[str, object]] = []
    voided: set[int] = set()
    seq = 1
    for portfolio in PORTFOLIOS:
        for instrument in INSTRUMENTS:
            rows.append(event(seq, Kind.BUY, 1, portfolio, instrument=instrument, quantity=10_000, net=-50_000 - seq))
            seq += 1
    for _ in range(draw(st.integers(1, 25))):
        day = draw(st.integers(2, 40))
        portfolio = draw(st.sampled_from(PORTFOLIOS))
        instrument = draw(st.sampled_from(INSTRUMENTS))
        match draw(st.sampled_from(["buy", "sell", "deposit", "move", "void"])):
            case "buy":
                rows.append(event(seq, Kind.BUY, day, portfolio, instrument=instrument, quantity=100, net=-700 - seq))
            case "sell":
                rows.append(event(seq, Kind.SELL, day, portfolio, instrument=instrument, quantity=-30, net=300 + seq))
            case "deposit":
                rows.append(event(seq, Kind.DEPOSIT, day, portfolio, net=1000 + seq))
            case "move":
                other = draw(st.sampled_from([one for one in PORTFOLIOS if one != portfolio]))
                rows.append(
                    event(seq, Kind.TRANSFER_OUT, day, portfolio, instrument=instrument, quantity=-20, link=seq)
                )
                rows.append(event(seq + 1, Kind.TRANSFER_IN, day, other, instrument=instrument, quantity=20, link=seq))
                seq += 1
            case "void":
                targets = [row for row in rows if row["kind"] in (Kind.SELL, Kind.DEPOSIT) and row["seq"] not in voided]
                if targets:
                    target = draw(st.sampled_from(targets))
                    voided.add(int(str(target["seq"])))
                    rows.append({**target, "seq": seq, "batch": seq, "kind": Kind.VOID, "target": target["seq"]})
        seq += 1
    return EventColumns.from_rows(rows)


def held(events: EventColumns, key: str = "k") -> Held:
    state = fold(events, as_of=FAR)
    assert not state.problems
    return Held.of(state, events, effective(events), key=key, day=FAR)


def as_set(rows: Rows) -> set[tuple[int, ...]]:
    return set(zip(*(values.tolist() for values in rows.columns().values()), strict=True))


@given(books(), st.data())
def test_kept_and_brought_up_to_date_is_the_whole(events: EventColumns, data: st.DataObject) -> None:
    seqs = events["seq"].tolist()
    # A batch is whole or absent: never between the two legs of a transfer.
    cuts = [i for i in range(1, len(seqs)) if events["kind"][i] != Kind.TRANSFER_IN]
    cut = data.draw(st.sampled_from(cuts))
    before, new = events.take(np.arange(cut)), events.take(np.arange(cut, len(seqs)))
    kept = Held.from_bytes(held(before).to_bytes())
    assert kept is not None
    portfolios = kept.tied(new)
    part = events.take(np.flatnonzero(np.isin(events["portfolio"], portfolios)))
    found, whole = kept.replaced(held(part), portfolios), held(events)
    for name in ("positions", "holdings", "cash"):
        assert as_set(getattr(found, name)) == as_set(getattr(whole, name)), name
    assert found.until >= whole.until or found.until == held(part).until


@given(books())
def test_bytes_come_back(events: EventColumns) -> None:
    one = held(events, key="the key")
    again = Held.from_bytes(one.to_bytes())
    assert again is not None
    assert (again.key, again.day, again.until, again.ties) == (one.key, one.day, one.until, one.ties)
    for name in ("positions", "holdings", "cash"):
        for left, right in zip(
            getattr(one, name).columns().values(), getattr(again, name).columns().values(), strict=True
        ):
            assert left.tolist() == right.tolist()
            assert right.flags.writeable


def test_portfolios_that_moved_lots_are_tied() -> None:
    rows = [event(1, Kind.TRANSFER_OUT, 1, 1, link=1), event(2, Kind.TRANSFER_IN, 1, 2, link=1),
            event(3, Kind.TRANSFER_OUT, 1, 2, link=3), event(4, Kind.TRANSFER_IN, 1, 3, link=3),
            event(5, Kind.TRANSFER_OUT, 1, 4, link=5), event(6, Kind.TRANSFER_IN, 1, 4, link=5)]  # fmt: skip
    events = EventColumns.from_rows(rows)
    assert ties_of(events) == {(1, 2), (2, 3)}
    state = fold(EventColumns.empty(), as_of=1)
    kept = Held("k", 0, 0, state.positions, state.holdings, state.cash, ties_of(events))
    assert kept.tied(EventColumns.from_rows([event(7, Kind.BUY, 1, 3)])) == [1, 2, 3]
    assert kept.tied(EventColumns.from_rows([event(7, Kind.BUY, 1, 4)])) == [4]


@pytest.mark.parametrize("content", [b"", b"{}", b"nonsense\n", b'{"format": 99}\n', b"\xff\n", None])
def test_what_does_not_fit_is_not_believed(content: bytes | None) -> None:
    if content is None:
        content = held(EventColumns.from_rows([event(1, Kind.DEPOSIT, 1, 1, net=5)])).to_bytes()[:-1]
    assert Held.from_bytes(content) is None


def test_what_is_kept_answers_for_its_day_and_once_all_has_settled() -> None:
    none = fold(EventColumns.empty())
    kept = Held("k", 10, 12, none.positions, none.holdings, none.cash, frozenset())
    assert [kept.answers(day) for day in (9, 10, 11, 12, 13)] == [False, True, False, False, False]
    settled = Held("k", 14, 12, none.positions, none.holdings, none.cash, frozenset())
    assert [settled.answers(day) for day in (11, 12, 13, 14, 20)] == [False, True, True, True, True]
