"""The Python face: typed results, dataframes in and out, a book that shows itself."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pandas
import polars
import pyarrow
import pytest

import argosy
from argosy.base.errors import BookError, InvalidInput, UnknownName
from argosy.interfaces.book import check_mandate


@pytest.fixture
def book(folder: Path) -> argosy.Book:
    with argosy.open("book.db") as opened:
        yield opened


def test_dates_may_be_text_or_dates(book: argosy.Book) -> None:
    by_text = book.value(as_of="2022-01-05", portfolio="GROWTH").table().to_json()
    by_date = book.value(as_of=datetime.date(2022, 1, 5), portfolio=["GROWTH"]).table().to_json()
    assert by_text == by_date
    moment = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)
    assert book.positions(known_at=moment).table().rows() == book.positions().table().rows()
    with pytest.raises(InvalidInput, match="zone"):
        book.positions(known_at=datetime.datetime(2022, 1, 1))


def test_results_go_to_each_library(book: argosy.Book) -> None:
    answer = book.value()
    frame = polars.DataFrame(answer.table())
    assert frame["nav"].dtype == polars.Decimal(38, 4)
    assert isinstance(answer.holdings().to_pandas(), pandas.DataFrame)
    assert pyarrow.table(answer.table()).num_rows == 2


def test_one_look_answers_several_questions_about_one_moment(book: argosy.Book) -> None:
    seen = book.look(as_of="2022-01-06", portfolio="GROWTH")
    from argosy.workflows import statements

    assert statements.positions(seen).table().provenance is not None
    assert (
        statements.valued(seen).table()["nav"][0]
        == book.value(as_of="2022-01-06", portfolio="GROWTH").table()["nav"][0]
    )


@pytest.mark.parametrize("library", ["polars", "pandas", "arrow"])
def test_a_dataframe_is_imported(book: argosy.Book, library: str) -> None:
    rows = {"date": ["2022-01-07"], "type": ["deposit"], "portfolio": ["GROWTH"], "net": ["12.50"], "currency": ["USD"]}
    frame = {"polars": polars.DataFrame, "pandas": pandas.DataFrame, "arrow": pyarrow.table}[library](rows)
    before = book.cash(portfolio="GROWTH").table()
    report = book.import_transactions(frame)
    assert report.inserted == 1, report.problems
    assert report.summary().startswith(f"{type(frame).__name__}.parquet")
    after = book.cash(portfolio="GROWTH").table()
    usd = list(before["currency"]).index("USD")
    assert after["traded"][usd] - before["traded"][usd] == Decimal("12.50")


def test_what_cannot_be_imported_says_what_can(book: argosy.Book) -> None:
    with pytest.raises(InvalidInput, match="Next: give a path or a dataframe"):
        book.import_transactions(12)
    with pytest.raises(InvalidInput, match=r"cannot read nowhere\.csv"):
        book.import_transactions("nowhere.csv")


def test_a_close_and_a_second_one(book: argosy.Book) -> None:
    done = book.run_close()
    assert done.complete
    assert done.written == 10
    assert book.run_close().written == 0
    assert book.verify(against=done.head).ok


def test_the_book_shows_itself(book: argosy.Book) -> None:
    assert repr(book).startswith("Book('sqlite:///book.db', ")
    html = book._repr_html_()
    assert "GROWTH (USD)" in html
    assert "<script" not in html
    for answer in (book.value(), book.gains(), book.returns(), book.history()):
        assert answer._repr_html_().count("<table") == len(answer.tables)
        assert repr(answer)


def test_names_are_known(book: argosy.Book) -> None:
    assert book.names("portfolio") == ["GROWTH", "INCOME"]
    assert book.names("instrument") == ["ACME", "FUND", "PENNY"]
    with pytest.raises(UnknownName, match="did you mean 'portfolio'"):
        book.names("portfolo")


def test_a_portfolio_changes_and_its_history_stays(book: argosy.Book) -> None:
    before = book.watermark.known_at
    book.update_portfolio("GROWTH", name="Growing", rename="GROW", attributes={"client": "Ann"})
    assert book.portfolios().rows()[0]["name"] == "Growing"
    assert book.value(portfolio="GROWTH").table()["portfolio"][0] == "GROW"  # the old code keeps answering
    changed = [row["value"] for row in book.portfolio_history("GROW").rows()][-3:]
    assert set(changed) == {"GROW", "Growing", "client=Ann"}
    assert book.portfolios(known_at=before).rows()[0]["name"] == "Growth fund"
    with pytest.raises(InvalidInput, match="taken"):
        book.update_portfolio("GROW", rename="INCOME")


def test_a_mandate_is_a_file_or_text(book: argosy.Book, folder: Path) -> None:
    text = '[lots]\nmethod = "LIFO"\n'
    (folder / "lifo.toml").write_text(text)
    for code, given in (("A", "lifo.toml"), ("B", folder / "lifo.toml"), ("C", text), ("D", text.encode())):
        book.create_portfolio(code, currency="USD", mandate=given)
        assert book.mandate_text(code) == text
        book.create_portfolio(code * 2, currency="USD")
        book.set_mandate(code * 2, given)
        assert book.mandate_text(code * 2) == text
        assert check_mandate(given).lots.method == "LIFO"
    for wrong in ("no/where.toml", Path("no/where")):
        for step in (
            lambda given=wrong: book.create_portfolio("E", currency="USD", mandate=given),
            lambda given=wrong: book.set_mandate("A", given),
        ):
            with pytest.raises(InvalidInput, match="no/where") as caught:
                step()
            assert "path of a TOML file" in caught.value.next_step
    assert "E" not in book.portfolios()["portfolio"].values


def test_closed_is_closed(folder: Path) -> None:
    book = argosy.open("book.db")
    book.close()
    book.close()
    with pytest.raises(BookError):
        book.positions()


def test_missing_is_reported_when_asked(book: argosy.Book) -> None:
    found = book.value(currency="CHF", on_missing="report")
    assert found.table()["nav"][0] is None
    assert any("CHF" in note for note in found.table().notes)


def test_the_public_face_is_small() -> None:
    assert len(argosy.__all__) <= 60
    assert set(argosy.__all__) <= set(dir(argosy))
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        argosy.opne  # type: ignore[attr-defined]  # noqa: B018


def test_income_from_abroad_is_shown_in_base_currency_where_there_is_a_rate(book: argosy.Book) -> None:
    assert "net_base" not in book.income().table().rows()[0]  # dollars in a dollar portfolio
    head = b"date,type,portfolio,instrument,gross,tax,currency,reference\n"
    rows = b"2022-01-05,dividend,GROWTH,PENNY,84,8.4,GBP,N1\n2022-01-02,interest,GROWTH,,5,,GBP,N2\n"
    assert book.import_transactions(head + rows, name="income.csv").written
    table = book.income(portfolio="GROWTH").table()
    found = {row["date"].isoformat() + str(row["currency"]): row for row in table.rows()}  # type: ignore[union-attr]
    # 1.12 dollars and 0.84 pounds per euro: 84 pounds are 112 dollars
    abroad = found["2022-01-05GBP"]
    assert [abroad[name] for name in ("gross_base", "tax_base", "net_base")] == [Decimal(112), Decimal("11.2"),
                                                                                 Decimal("100.8")]  # fmt: skip
    assert found["2022-01-05USD"]["net_base"] == Decimal("63.75")
    assert found["2022-01-02GBP"]["net_base"] is None  # the first rate is of the day after
    assert table.provenance is not None
    assert any("GBP/USD" in one for one in table.provenance.warnings)
