"""An effect can be asked where it came from: formula, figures of each period, securities, prices and events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

import argosy
from argosy.base.errors import InvalidInput, UnknownName
from argosy.interfaces.cli import cli
from argosy.measures.attribution.book_effects import EFFECTS
from argosy.reporting.explanations.tree import Node
from tests.flows.analysis_books import world_book

DAY = "2024-01-09"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    home = tmp_path_factory.mktemp("why")
    with world_book(f"sqlite:///{home / 'book.db'}", home) as opened:
        opened.define_benchmark("PAIR", currency="USD", instruments=["ACME", "BOLT"], rebalance="daily")
        yield opened


def branch(root: Node, what: str) -> Node:
    return next(one for one in root.children if one.what == what)


def fraction(text: str) -> float:
    return float(text.rstrip("%")) / 100


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("segment", ["Tools", "cash", "fees"])
def test_the_tree_sums_to_the_effect(book: argosy.Book, segment: str, effect: str) -> None:
    found = book.attribution(portfolio="WORLD", as_of=DAY, benchmark="PAIR", by="sector").results[0]
    value = float(found.linked.effects[effect][found.effects.names.index(segment)])  # type: ignore[union-attr]
    root = book.explain("effect", f"WORLD/{segment}/{effect}", as_of=DAY, benchmark="PAIR", by="sector").root
    assert fraction(root.amount) == pytest.approx(value, abs=1e-6)
    periods = branch(root, "periods")
    assert sum(fraction(one.amount) for one in periods.children) == pytest.approx(value, abs=1e-5)
    lines = branch(root, "lines").children
    assert lines
    if effect == "trading" and segment != "fees":
        assert sum(fraction(one.amount) for one in lines) == pytest.approx(value, abs=1e-5)


def test_it_names_prices_events_and_the_formula(book: argosy.Book) -> None:
    text = book.explain("effect", "WORLD/Tools/selection", as_of=DAY, benchmark="PAIR", by="sector").text(limit=0)
    for said in ("k W (h/w - R_s)", "price of PENNY", "price of BOLT", "prices.csv line", "2024-01-08 delivery",
                 "events.csv", "brinson-fachler", "W 50.0000%"):  # fmt: skip
        assert said in text, said
    again = book.explain("effect", "WORLD/Tools/selection", as_of=DAY, benchmark="PAIR", by="sector").text(limit=0)
    assert again == text
    fees = book.explain("effect", "WORLD/fees/other", as_of=DAY, benchmark="PAIR", by="sector").text()
    assert "2024-01-08 fee" in fees
    group = book.explain("effect", "BOTH/Tools/trading", as_of=DAY, benchmark="PAIR", currency="USD", by="sector")
    assert "BOTH" in group.text()


@pytest.mark.parametrize(("name", "given", "error"), [
    ("WORLD/Tools", {}, InvalidInput), ("WORLD", {}, InvalidInput), ("WORLD/Tool/selection", {}, UnknownName),
    ("WORLD/Tools/selektion", {}, UnknownName), ("WORDL/Tools/selection", {}, UnknownName),
    ("WORLD/Tools/selection", {"benchmark": None}, InvalidInput),
    ("WORLD/Tools/selection", {"by": "tipe"}, UnknownName),
])  # fmt: skip
def test_mistakes(book: argosy.Book, name: str, given: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        book.explain("effect", name, as_of=DAY, **{"benchmark": "PAIR", "by": "sector", **given})  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="only an effect"):
        book.explain("value", "WORLD", as_of=DAY, by="sector")


def test_the_command(book: argosy.Book) -> None:
    words = f"explain effect WORLD/Tools/selection --book {book.url} --as-of {DAY} --by sector --benchmark PAIR"
    done = CliRunner().invoke(cli, words.split())
    assert done.exit_code == 0, done.stderr
    assert "selection of Tools, WORLD, 2024-01-02 to 2024-01-09" in done.stdout
    rows = CliRunner().invoke(cli, [*words.split(), "--format", "json"])
    assert rows.exit_code == 0
    wrong = CliRunner().invoke(cli, words.replace("/selection", "").split())
    assert wrong.exit_code not in (0, 1)
    assert "GROWTH/Technology/selection" in wrong.stderr
