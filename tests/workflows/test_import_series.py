"""Curves, factors and exposures: each bad row is named, percentages are refused, what is known is not written again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import argosy
from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput, UnknownName
from argosy.record.reference_fold import Reference
from argosy.record.series import series_codes, stored_exposures, stored_series

CURVE = "date,tenor,yield\n2024-01-02,10,0.030\n2024-01-02,2,0.025\n2024-01-03,2,0.026\n2024-01-03,10,0.031\n"
FACTORS = (
    "date,factor,return\n2024-01-31,market,0.02\n2024-01-31,size,-0.01\n2024-02-29,market,0.01\n2024-02-29,size,0\n"
)
LOADINGS = "instrument,factor,exposure,date\nACME,market,1.1,\nACME,market,1.3,2024-02-01\nACME,size,-0.2,\n"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[argosy.Book]:
    with argosy.create(str(tmp_path / "book.db")) as opened:
        assert opened.import_instruments(b"code,name,type,currency\nACME,Acme,equity,USD\n", name="i.csv").written
        opened.create_portfolio("P", currency="USD")
        yield opened


def reference(book: argosy.Book) -> Reference:
    return Reference.from_facts(book._store.facts())


def test_a_curve_comes_in_once(book: argosy.Book) -> None:
    report = book.import_curve(CURVE.encode(), name="c.csv", code="GOV", currency="USD")
    assert (report.written, report.inserted) == (True, 4)
    found = stored_series(reference(book), "curve", "GOV")
    assert (found.names, found.currency) == (("2", "10"), "USD")
    assert found.values.tolist() == [[0.025, 0.030], [0.026, 0.031]]
    again = book.import_curve(CURVE.encode(), name="c.csv", code="GOV")
    assert (again.written, again.known) == (False, 4)
    changed = book.import_curve(CURVE.replace("0.031", "0.032").encode(), name="c.csv", code="GOV")
    assert (changed.inserted, changed.superseding) == (1, 1)
    assert stored_series(reference(book), "curve", "GOV").values[1].tolist() == [0.026, 0.032]
    assert series_codes(reference(book), "curve") == {"GOV": "USD"}
    with pytest.raises(InvalidInput, match="is in USD"):
        book.import_curve(CURVE.encode(), name="c.csv", code="GOV", currency="EUR")
    with pytest.raises(UnknownName, match="yield curve"):
        stored_series(reference(book), "curve", "GUV")


def test_factors_and_exposures(book: argosy.Book) -> None:
    report = book.import_factors(FACTORS.encode(), name="f.csv", code="FF", frequency="monthly")
    assert (report.written, report.inserted) == (True, 4)
    found = stored_series(reference(book), "factors", "FF")
    assert (found.names, found.frequency, found.values[0].tolist()) == (("market", "size"), "monthly", [0.02, -0.01])
    with pytest.raises(InvalidInput, match="are monthly, not daily"):
        book.import_factors(FACTORS.encode(), name="f.csv", code="FF")
    with pytest.raises(UnknownName, match="frequency"):
        book.import_factors(FACTORS.encode(), name="f.csv", code="FF", frequency="hourly")
    assert book.import_exposures(LOADINGS.encode(), name="x.csv", code="FF").inserted == 3
    loadings = stored_exposures(reference(book), "FF")
    acme = reference(book).instrument("ACME").id
    assert loadings.on(acme, parse_date("2024-01-15")) == {"market": 1.1, "size": -0.2}
    assert loadings.on(acme, parse_date("2024-02-15")) == {"market": 1.3}
    assert loadings.on(99, 0) is None
    assert stored_exposures(reference(book), "OTHER").rows == {}


@pytest.mark.parametrize(("old", "new", "said"), [
    ("10,0.030", "10,3.0", "looks like a percentage"), ("10,0.030", "10,3.0%", "write a fraction"),
    ("2024-01-02,10", "2024-01-02,0", "not above zero"), ("2024-01-02,10", "2024-01-02,", "nothing there"),
    ("2024-01-02,10", "2024-02-31,10", "not a date"), ("2024-01-03,10,0.031\n", "", "has no 10"),
    ("2024-01-03,10,0.031", "2024-01-03,2,0.031", "stands above"), ("0.030", "x", "is not"),
])  # fmt: skip
def test_a_bad_row_is_named(book: argosy.Book, old: str, new: str, said: str) -> None:
    assert old in CURVE
    report = book.import_curve(CURVE.replace(old, new).encode(), name="c.csv", code="GOV", currency="USD")
    assert not report.written
    assert any(said in one.text() for one in report.problems), [one.text() for one in report.problems]


def test_an_unknown_instrument_is_named(book: argosy.Book) -> None:
    report = book.import_exposures(LOADINGS.replace("ACME,size", "ACMY,size").encode(), name="x.csv", code="FF")
    assert not report.written
    assert "ACMY" in report.problems[0].text()
    kept = book.import_exposures(LOADINGS.replace("ACME,size", "ACMY,size").encode(), name="x.csv", code="FF",
                                 accept_good=True)  # fmt: skip
    assert (kept.written, kept.inserted, kept.refused) == (True, 2, 1)


@pytest.mark.parametrize(("late", "said"), [
    ("2024-03-29,value,0.01\n", "has no market, size"),
    ("2024-03-29,market,0\n2024-03-29,size,0\n2024-03-29,value,0.01\n", "value is new on this day"),
])  # fmt: skip
def test_a_factor_that_begins_later_is_named(book: argosy.Book, late: str, said: str) -> None:
    assert book.import_factors(FACTORS.encode(), name="f.csv", code="FF", frequency="monthly").written
    report = book.import_factors(b"date,factor,return\n" + late.encode(), name="f.csv", code="FF",
                                 frequency="monthly", accept_good=True)  # fmt: skip
    assert said in report.problems[0].text()
    assert stored_series(reference(book), "factors", "FF").names == ("market", "size")
