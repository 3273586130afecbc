"""Whatever happens in a book, its lines sum to its return, and effects to the active return."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import argosy
from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput, MissingData, MissingPrice, UndefinedMeasure, UnknownName
from argosy.workflows.measured import Asked, measured
from tests.flows.analysis_books import EVENTS, PRICES, world_book

DAY = "2024-01-09"
SEGMENTS = b"""benchmark,date,segment,weight,return,currency
MIX,2024-01-03,Tech,0.5,0.01,USD
MIX,2024-01-03,Tools,0.5,-0.02,USD
MIX,2024-01-04,Tech,0.55,0.015,USD
MIX,2024-01-04,Tools,0.45,0.005,USD
MIX,2024-01-05,Tech,0.55,-0.01,USD
MIX,2024-01-05,Tools,0.45,0.02,USD
MIX,2024-01-08,Tech,0.6,0.004,USD
MIX,2024-01-08,Tools,0.4,0.001,USD
MIX,2024-01-09,Tech,0.6,0.002,USD
MIX,2024-01-09,Tools,0.4,-0.003,USD
"""


@pytest.fixture(scope="module", params=[("trade", "end"), ("settled", "start")], ids="-".join)
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    view, timing = request.param
    home = tmp_path_factory.mktemp("world")
    with world_book(f"sqlite:///{home / 'book.db'}", home, view=view, timing=timing) as opened:
        assert opened.import_segments(SEGMENTS, name="mix.csv", frequency="daily").written
        opened.define_benchmark("PAIR", currency="USD", instruments=["ACME", "BOLT"], rebalance="daily")
        yield opened


@pytest.mark.parametrize("subject", [{"portfolio": "WORLD"}, {"portfolio": "LOCAL"}, {"group": "BOTH"}, {}], ids=str)
@pytest.mark.parametrize("currency", ["", "GBP"])
def test_lines_sum_to_the_return_of_every_day(book: argosy.Book, subject: dict[str, str], currency: str) -> None:
    if not currency and "portfolio" not in subject:
        currency = "USD"
    for one in measured(book.look(as_of=DAY, **subject), Asked(currency, firm=not subject)):
        official, rebuilt = one.history.returns(one.number), one.lines.returns()
        assert np.array_equal(official.days, rebuilt.days)
        assert np.array_equal(official.defined, rebuilt.defined)
        assert float(np.abs(official.values - rebuilt.values).max()) < 1e-12
        good = one.lines.defined
        assert float(np.abs(one.lines.weights[good].sum(axis=1) - 1.0).max()) < 1e-12
        # What is left is rounding to the cent and nothing else.
        assert one.lines.notes == ()
        assert float(np.abs(one.lines.parts[:, :, -1].sum(axis=0)).max()) < 0.03


@pytest.mark.parametrize("basis", ["net", "gross", "pretax"])
def test_gross_adds_back_what_was_charged(book: argosy.Book, basis: str) -> None:
    found = book.performance(portfolio="WORLD", as_of=DAY, periods="ITD", basis=basis).periods[0]
    net = book.performance(portfolio="WORLD", as_of=DAY, periods="ITD").periods[0]
    assert found.start + found.flows + found.gains + found.income - net.fees - net.taxes == pytest.approx(found.end)
    if basis == "net":
        # With flows at start of day the first day counts, and with it the 5 dollars of its purchase.
        first = 5 if found.period.after < parse_date("2024-01-02") else 0
        assert found.fees == pytest.approx(first + 120 + 4 + 3 * 1.11 / 0.86, abs=0.01)
    if basis != "net":
        assert found.time_weighted.value > net.time_weighted.value
        assert found.fees == pytest.approx(net.fees - 120, abs=0.01)
    if basis == "pretax":
        assert found.taxes == 0.0


@pytest.mark.parametrize("by", ["security", "lot", "type", "currency", "sector", "transaction"])
def test_contributions_sum_whatever_they_are_grouped_by(book: argosy.Book, by: str) -> None:
    whole = book.performance(portfolio="WORLD", as_of=DAY, periods="ITD").periods[0].time_weighted.number()
    found = book.contribution(portfolio="WORLD", as_of=DAY, by=by)
    if by == "transaction":
        rows = found.events[0]
        total = rows.held + rows.rounding + sum(one.contribution for one in rows.events)
    else:
        total = float(found.contributions[0].contribution.sum())
    assert total == pytest.approx(whole, abs=1e-13)


def test_lots_sum_to_their_security(book: argosy.Book) -> None:
    by_lot = book.contribution(portfolio="WORLD", as_of=DAY, by="lot").contributions[0]
    whole = book.contribution(portfolio="WORLD", as_of=DAY).contributions[0]
    for name in ("ACME", "BOLT", "PENNY", "BOND", "STAKE"):
        places = [place for place, label in enumerate(by_lot.labels) if label.startswith(f"{name} lot ")]
        assert places
        expected = whole.parts[:, whole.labels.index(name)]
        assert np.abs(by_lot.parts[:, places].sum(axis=1) - expected).max() < 1e-13
    assert len([one for one in by_lot.labels if one.startswith("BOLT lot ")]) == 2


@pytest.mark.parametrize("benchmark", ["MIX", "PAIR", "60% ACME + 40% PAIR:local @ never", "BOLT"])
@pytest.mark.parametrize("how", [
    {}, {"method": "brinson-hood-beebower"}, {"interaction": "selection"}, {"interaction": "allocation"},
    {"geometric": True}, {"trading": False}, {"off_benchmark": "allocation"}, {"linking": "menchero"},
    {"linking": "grap"}, {"linking": "frongello"}, {"geometric": True, "trading": False},
], ids=str)  # fmt: skip
def test_effects_sum_to_the_active_return(book: argosy.Book, benchmark: str, how: dict[str, object]) -> None:
    for subject in ({"portfolio": "WORLD"}, {"group": "BOTH", "currency": "USD"}):
        asked = book.attribution(as_of=DAY, benchmark=benchmark, by="sector", **subject, **how)  # type: ignore[arg-type]
        found = asked.results[0]
        assert float(np.abs(found.effects.total - found.effects.active).max()) < 1e-12  # type: ignore[union-attr]
        assert abs(found.residual) < 1e-10


@pytest.mark.parametrize("levels", [("type", "sector"), ("type", "sector", "security"), ("currency", "security")])
def test_the_decision_path_sums_too(book: argosy.Book, levels: tuple[str, ...]) -> None:
    found = book.attribution(portfolio="WORLD", as_of=DAY, benchmark="PAIR", by=levels).results[0]
    assert abs(found.residual) < 1e-10
    assert float(np.abs(found.per_period).max()) < 1e-12  # type: ignore[union-attr]


def test_securities_sum_to_their_segments(book: argosy.Book) -> None:
    for how in ({}, {"geometric": True}, {"off_benchmark": "allocation"}):
        found = book.attribution(portfolio="WORLD", as_of=DAY, benchmark="PAIR", by="sector", **how).results[0]
        lines = found.by_line()  # type: ignore[union-attr]
        linked = found.linked.effects  # type: ignore[union-attr]
        assert lines["selection"].sum() == pytest.approx(
            linked["selection"].sum() + linked["interaction"].sum(), abs=1e-12
        )
        assert lines["trading"].sum() == pytest.approx(linked["trading"].sum(), abs=1e-12)
        assert lines["contribution"].sum() == pytest.approx(found.linked.portfolio, abs=1e-12)  # type: ignore[union-attr]


def test_splitting_a_period_changes_no_day(book: argosy.Book) -> None:
    whole = book.attribution(portfolio="WORLD", as_of=DAY, benchmark="PAIR", by="sector").results[0].effects  # type: ignore[union-attr]
    halves = book.attribution(
        portfolio="WORLD", as_of=DAY, benchmark="PAIR", by="sector",
        periods=["2024-01-03..2024-01-05", "2024-01-06..2024-01-09"],
    ).results  # fmt: skip
    total = np.concatenate([one.effects.active for one in halves])  # type: ignore[union-attr]
    assert np.abs(total - whole.active).max() < 1e-15
    assert np.abs(np.concatenate([one.effects.total for one in halves]) - whole.total).max() < 1e-15  # type: ignore[union-attr]


def test_periods_of_any_length_compound_to_the_same(book: argosy.Book) -> None:
    daily, weekly = (
        book.attribution(
            portfolio="WORLD", as_of=DAY, benchmark="PAIR", by="sector", periods="2024-01-03..2024-01-09", frequency=one
        ).results[0].linked  # type: ignore[union-attr]
        for one in ("daily", "weekly")
    )  # fmt: skip
    assert (weekly.portfolio, weekly.benchmark) == pytest.approx((daily.portfolio, daily.benchmark), abs=1e-14)


def test_bad_questions_are_answered_with_the_next_step(book: argosy.Book) -> None:
    with pytest.raises(InvalidInput, match="no benchmark"):
        book.attribution(portfolio="WORLD", as_of=DAY)
    with pytest.raises(UnknownName, match="level"):
        book.attribution(portfolio="WORLD", as_of=DAY, benchmark="PAIR", by="sectr")
    with pytest.raises(UnknownName, match="benchmark"):
        book.attribution(portfolio="WORLD", as_of=DAY, benchmark="NONE", by="sector")
    with pytest.raises(MissingData, match="no return from"):
        book.attribution(portfolio="WORLD", as_of=DAY, benchmark="PAIR", by="sector", periods="2023-01-01..2023-02-01")
    with pytest.raises(InvalidInput, match="group and the firm"):
        book.performance(group="BOTH", firm=True, as_of=DAY)
    with pytest.raises(InvalidInput, match="cannot be blended"):
        book.attribution(portfolio="WORLD", as_of=DAY, benchmark="50% MIX + 50% ACME", by="sector")
    for wrong in ({"basis": "none"}, {"timing": "noon"}, {"on_missing": "guess"}):
        with pytest.raises(UnknownName):
            book.performance(portfolio="WORLD", as_of=DAY, **wrong)  # type: ignore[arg-type]
    for wrong in ({"method": "x"}, {"linking": "x"}, {"frequency": "hourly"}):
        with pytest.raises(UnknownName):
            book.attribution(portfolio="WORLD", as_of=DAY, benchmark="PAIR", by="sector", **wrong)  # type: ignore[arg-type]


def test_a_missing_price_is_named_or_spanned(tmp_path: Path) -> None:
    late = PRICES.replace(b"2024-01-03,STAKE,1000\n", b"")
    events = EVENTS.replace(b"2024-01-05,capital_call,WORLD,STAKE,,,,,,-500,EUR,,,,,,,W8B\n", b"")
    book = argosy.create(str(tmp_path / "book.db"))
    from tests.flows import analysis_books

    given = analysis_books.PRICES
    try:
        analysis_books.PRICES = late
        book.close()
        with world_book(f"sqlite:///{tmp_path / 'other.db'}", tmp_path, events=events) as opened:
            with pytest.raises(MissingPrice, match="STAKE"):
                opened.performance(portfolio="WORLD", as_of=DAY)
            found = opened.contribution(portfolio="WORLD", as_of=DAY, on_missing="span")
            assert any("no price of STAKE" in note and "run over" in note for note in found.contributions[0].notes)
            total = found.contributions[0]
            assert float(total.contribution.sum()) == pytest.approx(total.total, abs=1e-13)
    finally:
        analysis_books.PRICES = given


def test_no_capital_is_said(tmp_path: Path) -> None:
    head = EVENTS.splitlines(keepends=True)[0]
    gone = head + (
        b"2024-01-02,deposit,WORLD,,,,,,,100,USD,,,,,,,A\n2024-01-04,withdrawal,WORLD,,,,,,,-100,USD,,,,,,,B\n"
        b"2024-01-08,deposit,WORLD,,,,,,,50,USD,,,,,,,C\n2024-01-02,deposit,LOCAL,,,,,,,5,EUR,,,,,,,D\n"
    )
    with world_book(f"sqlite:///{tmp_path / 'book.db'}", tmp_path, events=gone) as opened:
        with pytest.raises(UndefinedMeasure, match="does not exist"):
            opened.contribution(portfolio="WORLD", as_of=DAY)
        with pytest.raises(UndefinedMeasure, match="zero or less"):
            opened.contribution(portfolio="WORLD", as_of=DAY, periods="2024-01-05..2024-01-05")
        found = opened.performance(portfolio="WORLD", as_of=DAY, periods="ITD").periods[0]
        assert not found.time_weighted.defined
        assert found.end == 50.0


def test_fees_may_be_flows(tmp_path: Path) -> None:
    extra = "fees_external = true\n"
    with world_book(f"sqlite:///{tmp_path / 'book.db'}", tmp_path, extra=extra) as opened:
        for one in measured(opened.look(as_of=DAY, portfolio="WORLD"), Asked()):
            official, rebuilt = one.history.returns(one.number), one.lines.returns()
            assert float(np.abs(official.values - rebuilt.values).max()) < 1e-12
            assert "fees" not in [line.name for line in one.lines.lines]
