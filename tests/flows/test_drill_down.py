"""From a group down to a transaction: every row is the sum of those below it, whatever the levels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from click.testing import CliRunner

import argosy
from argosy.base.errors import InvalidInput, UnknownName
from argosy.interfaces.cli import cli
from argosy.workflows.measured import Asked, measured
from tests.flows.analysis_books import world_book

DAY = "2024-01-09"
LEVELS = ["portfolio", "sector", "security", "lot", "transaction"]


@pytest.fixture(scope="module", params=["end", "start"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    home = tmp_path_factory.mktemp("drill")
    with world_book(f"sqlite:///{home / 'book.db'}", home, timing=request.param) as opened:
        opened.define_benchmark("PAIR", currency="USD", instruments=["ACME", "BOLT"], rebalance="daily")
        yield opened


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
@pytest.mark.parametrize("subject", [{"group": "BOTH", "currency": "USD"}, {"portfolio": "WORLD"}, {"firm": True}])
def test_rows_sum_to_the_one_above(book: argosy.Book, subject: dict[str, object], depth: int) -> None:
    given = {"currency": "USD", **subject}
    found = book.contribution(as_of=DAY, by=LEVELS[:depth], **given).drilled[0]  # type: ignore[arg-type]
    whole = book.performance(as_of=DAY, periods="ITD", **given).periods[0].time_weighted.number()  # type: ignore[arg-type]
    assert found.total == pytest.approx(whole, abs=1e-12)
    assert sum(one.contribution for one in found.under()) == pytest.approx(whole, abs=1e-12)
    for row in found.rows:
        below = found.under(row.path)
        if below:
            assert np.abs(sum(one.parts for one in below) - row.parts).max() < 1e-13, row.path
    levels = {one.level for one in found.rows}
    assert levels == set(LEVELS[:depth])


def test_a_handover_inside_the_group_is_no_profit(book: argosy.Book) -> None:
    """LOCAL hands BOLT over to WORLD: what each made is what it made alone, with the handover as a flow."""
    found = book.contribution(group="BOTH", currency="USD", as_of=DAY, by=["portfolio", "security"]).drilled[0]
    assert {one.path[0] for one in found.under()} >= {"WORLD", "LOCAL"}
    apart = {
        one.subject.code: float(one.lines.profit.sum())
        for one in measured(book.look(as_of=DAY, portfolio=["WORLD", "LOCAL"]), Asked("USD"))
    }  # fmt: skip
    group = next(iter(measured(book.look(as_of=DAY, group="BOTH"), Asked("USD"))))
    lines = group.apart()
    for code in ("WORLD", "LOCAL"):
        owner = group.seen.reference.portfolio(code).id
        mine = [n for n, line in enumerate(lines.lines) if line.portfolio == owner and line.name != "rounding"]
        # The first day's rounding and the cent of each day's is the group's own line.
        assert float(lines.profit[:, mine].sum()) == pytest.approx(apart[code], abs=0.2), code
    assert np.abs(lines.contributions.sum(axis=1) - group.lines.contributions.sum(axis=1)).max() < 1e-13
    assert np.abs(lines.weights[lines.defined].sum(axis=1) - 1).max() < 1e-12


def test_transactions_under_a_lot_are_those_of_the_lot(book: argosy.Book) -> None:
    found = book.contribution(portfolio="WORLD", as_of=DAY, by=["security", "lot", "transaction"]).drilled[0]
    bolt = [one for one in found.rows if one.path[:1] == ("BOLT",) and one.level == "lot"]
    assert len(bolt) == 2
    sold = [one for one in found.rows if one.path[:1] == ("ACME",) and one.level == "transaction"]
    assert any(one.event for one in sold)
    flat = {one.event: one.contribution for one in book.contribution(
        portfolio="WORLD", as_of=DAY, by="transaction").events[0].events}  # fmt: skip
    sums: dict[int, float] = {}
    for row in found.rows:
        if row.event:
            sums[row.event] = sums.get(row.event, 0.0) + row.contribution
    for event, value in flat.items():
        assert sums[event] == pytest.approx(value, abs=1e-13), event


@pytest.mark.parametrize("levels", [
    ["sector", "portfolio"], ["transaction", "security"], ["lot", "sector"], ["sector", "sector"],
])  # fmt: skip
def test_levels_out_of_place_are_refused(book: argosy.Book, levels: list[str]) -> None:
    with pytest.raises(InvalidInput, match="is not in its place"):
        book.contribution(portfolio="WORLD", as_of=DAY, by=levels)


def test_what_the_close_did_not_store_is_refused(book: argosy.Book) -> None:
    with pytest.raises(InvalidInput, match="the close stores"):
        book.contribution(portfolio="WORLD", as_of=DAY, by=["security", "lot"], stored=True)
    with pytest.raises(InvalidInput, match="sleeves"):
        book.contribution(portfolio="WORLD", as_of=DAY, by=["security", "lot"], sleeve="all")


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_the_command(book: argosy.Book, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # what a narrow terminal cuts is not asked here
    words = ["contribution", "--book", book.url, "-g", "BOTH", "-c", "USD", "--as-of", DAY, "--format", form]
    done = CliRunner().invoke(cli, [*words, *(word for level in LEVELS for word in ("--by", level))])
    assert done.exit_code == 0, done.stderr
    assert "WORLD" in done.stdout
    assert "BOLT lot" in done.stdout


@pytest.mark.parametrize("view", ["lots", "transactions", "portfolios"])
def test_effects_drill_down_too(book: argosy.Book, view: str) -> None:
    for subject in ({"portfolio": "WORLD"}, {"group": "BOTH", "currency": "USD"}):
        found = book.attribution(as_of=DAY, benchmark="PAIR", by="sector", view=view, **subject)  # type: ignore[arg-type]
        effects = found.results[0].linked.effects  # type: ignore[union-attr]
        total = found.table().totals
        assert total is not None
        assert total["trading"] == pytest.approx(effects["trading"].sum(), abs=1e-12)
        if view != "transactions":
            assert total["selection"] == pytest.approx(
                effects["selection"].sum() + effects["interaction"].sum(), abs=1e-12
            )
        rows = found.table().rows()
        assert sum(float(row["trading"]) for row in rows) == pytest.approx(  # type: ignore[arg-type]
            effects["trading"].sum(), abs=1e-12
        )


@pytest.mark.parametrize("frequency", ["", "weekly"])
@pytest.mark.parametrize("geometric", [False, True])
def test_lots_and_portfolios_sum_to_their_security(book: argosy.Book, frequency: str, *, geometric: bool) -> None:
    given = {"as_of": DAY, "benchmark": "PAIR", "by": "sector", "frequency": frequency, "geometric": geometric}
    subject = {"group": "BOTH", "currency": "USD"}
    whole = {str(row["line"]): row for row in book.attribution(view="securities", **subject, **given).table().rows()}  # type: ignore[arg-type]
    for view in ("lots", "portfolios"):
        sums: dict[str, list[float]] = {}
        for row in book.attribution(view=view, **subject, **given).table().rows():  # type: ignore[arg-type]
            name = str(row["line"]).split(" lot ")[0]
            found = sums.setdefault(name, [0.0, 0.0])
            found[0] += float(row["selection"])  # type: ignore[arg-type]
            found[1] += float(row["trading"])  # type: ignore[arg-type]
        for name, row in whole.items():
            assert sums[name][0] == pytest.approx(row["selection"], abs=1e-12), (view, name)
            assert sums[name][1] == pytest.approx(row["trading"], abs=1e-12), (view, name)


def test_a_view_that_does_not_exist_is_answered(book: argosy.Book) -> None:
    with pytest.raises(UnknownName, match="view"):
        book.attribution(portfolio="WORLD", as_of=DAY, benchmark="PAIR", by="sector", view="lot")
    with pytest.raises(InvalidInput, match="stores no lots"):
        book.attribution(portfolio="WORLD", as_of=DAY, benchmark="PAIR", by="sector", view="lots", stored=True)
