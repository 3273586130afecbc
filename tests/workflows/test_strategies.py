"""Strategies in the book: a career from research to retirement, on evidence and by two people."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.errors import InvalidInput, UnknownName
from argosy.construction.strategies.gates import GateClosed, GateRules, evidence
from argosy.measures.performance.confidence import deflated_sharpe
from argosy.record.strategies.career import MOVES, IllegalMove, Move, MoveKind, Stage, Strategy
from argosy.workflows.ports import BookStore
from argosy.workflows.strategies import (
    CareerResult,
    answer_promotion,
    create_strategy,
    list_strategies,
    move_strategy,
    record_trial,
    show_strategy,
)
from argosy.workflows.void import void_batch
from tests.workflows.books import Clock, csv, imported, small_book

GOOD = [float(x) for x in np.random.default_rng(4).normal(0.012, 0.02, 48)]
POOR = [float(x) for x in np.random.default_rng(4).normal(0.001, 0.04, 48)]


@pytest.fixture
def book(book_url: str) -> BookStore:
    store = small_book(book_url)
    create_strategy(store, clock=Clock(), code="TREND", by="ann", portfolio="GROWTH", sleeve="CORE", name="Trend")
    return store


def stage(store: BookStore) -> str:
    return str(list_strategies(store).table().rows()[0]["stage"])


def move(store: BookStore, to: str, returns: list[float] | None = None, by: str = "ann", **more: str) -> CareerResult:
    record = None if returns is None else (lambda _: returns)
    return move_strategy(store, clock=Clock(), strategy="TREND", to=to, by=by, returns=record, **more)


def answer(store: BookStore, by: str, *, approve: bool = True, note: str = "") -> CareerResult:
    return answer_promotion(store, clock=Clock(), strategy="TREND", by=by, approve=approve, note=note)


def promoted(store: BookStore, *stages: str) -> None:
    for to in stages:
        move(store, to, GOOD)
        answer(store, "bob")


def test_a_whole_career(book: BookStore) -> None:
    assert stage(book) == "research"
    asked = move(book, "paper")
    assert (asked.what, asked.strategy.stage, asked.judged) == ("asked", Stage.RESEARCH, None)
    assert stage(book) == "research"  # until somebody else agrees
    answer(book, "bob")
    assert stage(book) == "paper"
    promoted(book, "incubation", "live")
    assert move(book, "soft-closed").what == "moved"
    promoted(book, "live")
    move(book, "wind-down")
    move(book, "retired")
    assert stage(book) == "retired"
    with pytest.raises(IllegalMove, match="TREND is retired: it cannot go to live"):
        move(book, "live")
    shown = show_strategy(book, strategy="TREND")
    entries = shown.tables[1].rows()
    assert [row["entry"] for row in entries[:3]] == ["created", "asked", "approved"]
    assert "deflated_sharpe" in str(entries[3]["evidence"])


def test_the_gate_stops_a_poor_record_and_an_override_is_kept(book: BookStore) -> None:
    promoted(book, "paper")
    with pytest.raises(GateClosed, match="probabilistic Sharpe ratio"):
        move(book, "incubation", POOR)
    with pytest.raises(GateClosed, match="no record to be judged by"):
        move(book, "incubation")
    with pytest.raises(GateClosed, match="12 periods of 24 asked for"):
        move(book, "incubation", GOOD[:12])
    move(book, "incubation", POOR, override="hedges the rest of the fund")
    with pytest.raises(IllegalMove, match="ann asked for it and cannot approve it"):
        answer(book, "ann")
    answer(book, "bob")
    entry = show_strategy(book, strategy="TREND").tables[1].rows()[-2]
    assert entry["override"] == "hedges the rest of the fund"
    assert stage(book) == "incubation"


def test_trials_are_counted_and_deflate_the_record(book: BookStore) -> None:
    promoted(book, "paper")
    rng = np.random.default_rng(1)
    sharpes = [f"{value:.6f}" for value in rng.normal(0.0, 0.35, 60)]
    for at, sharpe in enumerate(sharpes):
        record_trial(book, clock=Clock(), strategy="TREND", inputs=f"hash{at}", sharpe=sharpe, periods=48, by="ann")
    again = record_trial(book, clock=Clock(), strategy="TREND", inputs="hash0", sharpe=sharpes[0], periods=48, by="ann")
    assert not again.written
    assert list_strategies(book).table().rows()[0]["trials"] == 60
    with pytest.raises(GateClosed, match="after 60 trials"):
        move(book, "incubation", GOOD)
    found = evidence(GOOD, trial_sharpes=[float(value) for value in sharpes])
    deviations = np.array(GOOD) - np.mean(GOOD)
    spread = deviations.std()
    expected = deflated_sharpe(
        float(np.mean(GOOD) / np.std(GOOD, ddof=1)), 48, trials=60,
        variance=float(np.var([float(value) for value in sharpes], ddof=1)),
        skewness=float(np.mean(deviations**3) / spread**3), kurtosis=float(np.mean(deviations**4) / spread**4),
    )  # fmt: skip
    assert found.deflated == pytest.approx(expected)
    assert found.probabilistic > 0.95 > found.deflated


def test_a_refusal_needs_a_reason_and_leaves_the_stage(book: BookStore) -> None:
    with pytest.raises(IllegalMove, match="nobody asked"):
        answer(book, "bob")
    move(book, "paper")
    with pytest.raises(InvalidInput, match="needs a reason"):
        answer(book, "bob", approve=False)
    answer(book, "bob", approve=False, note="no capacity")
    assert stage(book) == "research"
    move(book, "paper")
    preview = move_strategy(book, clock=Clock(), strategy="TREND", to="retired", by="ann", dry_run=True)
    assert not preview.written
    assert "dry run" in preview.summary()


def test_what_still_holds_something_is_not_retired(book: BookStore) -> None:
    rows = (
        {"type": "deposit", "net": "10000", "sleeve": "CORE"},
        {"type": "buy", "instrument": "ACME", "quantity": "10", "price": "100", "sleeve": "CORE"},
    )
    assert imported(book, csv(*rows)).written
    with pytest.raises(IllegalMove, match="TREND still holds ACME"):
        move(book, "retired")
    sale = {"type": "sell", "instrument": "ACME", "quantity": "10", "price": "101", "sleeve": "CORE",
            "date": "2020-02-03"}  # fmt: skip
    assert imported(book, csv(sale)).written
    move(book, "retired")
    assert stage(book) == "retired"


def test_moves_on_a_voided_batch_do_not_count(book: BookStore) -> None:
    asked = move(book, "paper")
    answer(book, "bob")
    assert asked.batch is not None
    void_batch(book, batch=asked.batch.batch, reason="asked by mistake")
    assert stage(book) == "research"


def test_every_stage_leads_to_retirement_and_none_skips() -> None:
    for start, nexts in MOVES.items():
        assert (start == Stage.RETIRED) is (not nexts)
    base = Strategy(1, "S", "S", 0, 0, Stage.PAPER)
    with pytest.raises(IllegalMove, match="it cannot go to live"):
        base.after(Move(MoveKind.ASK, Stage.LIVE, "ann"))
    with pytest.raises(IllegalMove, match="only when one person asks"):
        base.after(Move(MoveKind.MOVE, Stage.INCUBATION, "ann"))
    with pytest.raises(IllegalMove, match="needs no approval"):
        base.after(Move(MoveKind.ASK, Stage.RETIRED, "ann"))


def test_refusals(book: BookStore) -> None:
    for call, error, said in (
        (lambda: create_strategy(book, clock=Clock(), code="TREND", by="ann"), InvalidInput, "exists already"),
        (lambda: create_strategy(book, clock=Clock(), code="X", by=""), InvalidInput, "name of who creates"),
        (lambda: create_strategy(book, clock=Clock(), code="X", by="a", sleeve="CORE"), InvalidInput, "belongs to"),
        (lambda: move(book, "alive"), UnknownName, "live"),
        (lambda: move(book, "paper", by=""), InvalidInput, "needs a name"),
        (lambda: show_strategy(book, strategy="TREN"), UnknownName, "TREND"),
        (lambda: list_strategies(book, stage="x"), UnknownName, "stage"),
        (lambda: record_trial(book, clock=Clock(), strategy="TREND", inputs="", sharpe="1", periods=9, by="a"),
         InvalidInput, "fingerprint"),
        (lambda: record_trial(book, clock=Clock(), strategy="TREND", inputs="a", sharpe="x", periods=9, by="a"),
         InvalidInput, "not a number"),
        (lambda: GateRules(deflated=95), InvalidInput, "deflated is 95"),
        (lambda: evidence([0.1, 0.2]), InvalidInput, "says nothing"),
        (lambda: evidence([0.1] * 30), InvalidInput, "constant"),
    ):  # fmt: skip
        with pytest.raises(error, match=said):
            call()
    losing = evidence([-0.01, -0.02, -0.01, -0.03, 0.001])
    assert losing.texts()["least_track_record"] == "none"
    assert not losing.passed
