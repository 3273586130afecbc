"""Common mistakes: each is answered with the place, the value, the nearest valid name or the next step, and a code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interfaces.conftest import Run

FILES = {
    "typo.csv": "date,type,portfolio,instrument,quantity,price,currency\n2022-01-07,bye,GROWTH,ACME,1,1,USD\n",
    "instrument.csv": "date,type,portfolio,instrument,quantity,price,currency\n2022-01-07,buy,GROWTH,ACMEE,1,1,USD\n",
    "portfolio.csv": "date,type,portfolio,instrument,quantity,price,currency\n2022-01-07,buy,GROWHT,ACME,1,1,USD\n",
    "date.csv": "date,type,portfolio,instrument,quantity,price,currency\n07/01/2022,buy,GROWTH,ACME,1,1,USD\n",
    "oversell.csv": "date,type,portfolio,instrument,quantity,price,currency\n2022-01-07,sell,GROWTH,ACME,9000,1,USD\n",
    "foot.csv": "date,type,portfolio,instrument,quantity,price,gross,fee,net,currency\n"
                "2022-01-07,buy,GROWTH,ACME,1,10,10,1,-12,USD\n",
    "header.csv": "dat,type,portfolio,amount\n2022-01-07,deposit,GROWTH,5\n",
    "currency.csv": "date,type,portfolio,net,currency\n2022-01-07,deposit,GROWTH,5,EURO\n",
    "digits.csv": "date,type,portfolio,net,currency\n2022-01-07,deposit,GROWTH,5.123456,USD\n",
    "number.csv": "date,type,portfolio,net,currency\n2022-01-07,deposit,GROWTH,1.000.000,USD\n",
    "isin.csv": "code,name,type,currency,isin\nX,X,equity,USD,US0378331006\n",
    "kind.csv": "code,name,type,currency\nX,X,equty,USD\n",
    "price.csv": "date,instrument,price\n2022-01-08,ACM E,10\n",
    "latin.csv": b"date,type,portfolio,net,currency,note\n2022-01-07,deposit,GROWTH,5,USD,Soci\xe9t\xe9\n",
    "empty.csv": "",
    "bad.toml": '[portfolio]\nbase_curency = "USD"\n\n[lots]\nmethod = "FIFFO"\n',
    "syntax.toml": "[portfolio\n",
    "euro.toml": '[portfolio]\nbase_currency = "EUR"\n',
    "notabook.db": "hello, I am a text file that is long enough to be read as a header",
    "colums.toml": '[colums]\nprice = "Close"\n',
}  # fmt: skip

CORPUS: list[tuple[str, int, tuple[str, ...]]] = [
    # commands and options
    ("valeu", 2, ("unknown command 'valeu'", "did you mean 'value'")),
    ("portfolio crate X", 2, ("unknown command 'crate'", "'create'")),
    ("import transaction x.csv", 2, ("unknown command 'transaction'", "'transactions'")),
    ("qqqqqq", 2, ("unknown command 'qqqqqq'", "choose one of:", "positions")),
    ("positions --portfoli GROWTH", 2, ("No such option '--portfoli'", "'--portfolio'")),
    ("positions --as-off 2022-01-07", 2, ("No such option '--as-off'", "--as-of")),
    ("positions extra", 2, ("unexpected extra argument", "extra")),
    ("positions --format tabel", 2, ("'tabel'", "'table'", "'json'")),
    ("portfolio create NEW", 2, ("Missing option '--currency'",)),
    ("import prices", 2, ("Missing argument 'FILE...'",)),
    # dates and moments
    ("positions --as-of 07/01/2022", 2, ("as-of '07/01/2022' is not a date", "2022-12-30")),
    ("positions --as-of 2022-02-30", 2, ("'2022-02-30' is not in the calendar", "February")),
    ("positions --known-at 2022-01-07T10:00", 2, ("is not a moment with a time zone", "2022-12-30T16:00:00Z")),
    # names
    ("positions --portfolio GROWHT", 2, ("unknown portfolio 'GROWHT'", "did you mean 'GROWTH'")),
    ("value --group HOSE", 2, ("unknown group 'HOSE'", "did you mean 'HOUSE'")),
    ("value --currency ERU", 2, ("unknown currency 'ERU'", "'EUR'")),
    ("lots --instrument ACMEE", 2, ("unknown instrument 'ACMEE'", "'ACME'")),
    ("cash --columns currancy", 2, ("unknown column 'currancy'", "did you mean 'currency'")),
    ("account create GROWHT X", 2, ("unknown portfolio 'GROWHT'", "'GROWTH'")),
    ("returns --benchmark INDX", 2, ("unknown benchmark 'INDX'", "'INDEX'")),
    ("returns --period YDT", 2, ("unknown period 'YDT'", "'YTD'")),
    ("history --calendar weekday", 2, ("weekday", "'weekdays'")),
    ("explain positon GROWTH/ACME", 2, ("'positon'", "'position'")),
    ("explain position GROWTH/ACMEE", 2, ("'ACMEE'", "'ACME'")),
    ("value --portfolio GROWTH --group HOUSE", 2, ("portfolios and a group were both named", "one or the other")),
    # setting up
    ("portfolio create GROWTH --currency USD", 2, ("portfolio 'GROWTH' exists already", "another code")),
    ("portfolio create a/b --currency USD", 2, ("'a/b' cannot be the code", "letters, digits")),
    ("portfolio create NEW --currency EURO", 2, ("unknown currency 'EURO'", "'EUR'")),
    ("portfolio set GROWTH", 2, ("nothing to change was given", "--name")),
    ("mandate check bad.toml", 2, ("bad.toml line 2", "'base_currency'", "line 5", "'FIFO'")),
    ("mandate check syntax.toml", 2, ("syntax.toml", "line 1")),
    ("mandate set GROWTH euro.toml", 2, ("base currency EUR", "created in USD")),
    ("group set HOUSE GROWTH --from 2022-02-01 --to 2022-01-01", 2, ("ends before it begins",)),
    ("currency set USD --scale 8", 2, ("the book has events in USD at scale 4",)),
    ("portfolio create NEW --currency USD --attribute client", 2, ("'client' is not KEY=VALUE", "client=ACME")),
    ("benchmark define MIX ACME FOND --currency USD", 2, ("unknown instrument 'FOND'", "'FUND'")),
    # files
    ("import transactions missing.csv", 2, ("missing.csv", "does not exist")),
    ("import transactions typo.csv", 3, ("typo.csv line 2", "'bye'", "'buy'", "nothing was written")),
    ("import transactions instrument.csv", 3, ("instrument.csv line 2", "'ACMEE'", "'ACME'")),
    ("import transactions portfolio.csv", 3, ("portfolio.csv line 2", "'GROWHT'", "'GROWTH'")),
    ("import transactions date.csv", 3, ("date.csv line 2", "07/01/2022")),
    ("import transactions oversell.csv", 3, ("oversell.csv line 2", "9000", "60")),
    ("import transactions foot.csv", 3, ("foot.csv line 2", "do not foot")),
    ("import transactions header.csv", 3, ("header.csv", "date")),
    ("import transactions currency.csv", 3, ("currency.csv line 2", "EURO")),
    ("import transactions digits.csv", 3, ("digits.csv line 2", "5.123456")),
    ("import transactions number.csv", 3, ("number.csv line 2", "1.000.000")),
    ("import transactions latin.csv", 3, ("latin.csv", "line 2", "0xe9")),
    ("import transactions empty.csv", 3, ("empty.csv", "empty")),
    ("import transactions trades.csv --profile colums.toml", 2, ("colums.toml", "'colums'", "'columns'")),
    ("import instruments isin.csv", 3, ("isin.csv line 2", "US0378331006", "5")),
    ("import instruments kind.csv", 3, ("kind.csv line 2", "'equty'", "'equity'")),
    ("import prices price.csv", 3, ("price.csv line 2", "'ACM E'", "'ACME'")),
    ("import prices prices.csv --basis trade", 2, ("'trade'", "'traded'")),
    ("import calendar XNYS", 2, ("need a span", "--from and --to")),
    # the past and what is missing
    ("value --as-of 2021-12-31 --known-at 2020-01-01", 2, ("there is no portfolio in the book yet",)),
    ("value --portfolio INCOME --currency CHF", 4, ("CHF", "2022-01-07")),
    ("void --event 99999", 2, ("there is no event 99999", "argosy transactions")),
    ("void --batch 99", 2, ("there is no batch 99", "batches go from 1 to")),
    ("void", 2, ("name one event or one batch", "--event SEQ or --batch N")),
    ("correct 99999 quantity=1", 2, ("there is no event 99999",)),
    ("verify --against nonsense", 2, ("'nonsense' is not a head", "earlier close, backup or verify")),
    ("verify --against 3:0123456789abcdef", 5, ("history was changed", "problem")),
    # books and files around it
    ("value --book nowhere.db", 6, ("nowhere.db", "there is no book", "argosy init")),
    ("value --book notabook.db", 6, ("notabook.db", "is not a database", "Next: ")),
    ("value --book .", 6, ("this is a folder, not a book",)),
    ("value --book mysql://host/x", 2, ("mysql", "sqlite", "postgresql")),
    ("init", 6, ("there is a file already", "another name")),
    ("backup book.db", 2, ("there is a file already",)),
    ("restore notabook.db --book new.db", 6, ("notabook.db",)),
    ("positions --output nowhere/x.csv", 8, ("nowhere/x.csv", "No such file or directory")),
    ("completion csh", 2, ("'csh'", "'bash'")),
]


@pytest.fixture
def with_files(folder: Path) -> None:
    for name, content in FILES.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "trades.csv").write_text("date,type,portfolio\n")
    (folder / "prices.csv").write_text("date,instrument,price\n")


@pytest.mark.usefixtures("with_files")
@pytest.mark.parametrize(("line", "code", "parts"), CORPUS, ids=[line for line, _, _ in CORPUS])
def test_a_mistake_is_answered(run: Run, line: str, code: int, parts: tuple[str, ...]) -> None:
    result = run(*line.split())
    told = result.stderr
    assert result.exit_code == code, told or repr(result.exception)
    assert not [part for part in parts if part not in told], told
    assert "Traceback" not in told
    assert "defect" not in told


def test_the_corpus_is_large_and_told_apart() -> None:
    assert len(CORPUS) >= 60
    assert len({line for line, _, _ in CORPUS}) == len(CORPUS)
