"""Lines where the book holds what is rare: futures on margin in another currency, transfers without a price."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import argosy
from argosy.workflows.measured import Asked, measured

INSTRUMENTS = b"""code,name,type,currency,multiplier,margined,sector
FUT,Future,future,USD,50,yes,Rates
ACME,Acme,equity,USD,,,Tech
GHOST,Ghost,equity,EUR,,,Tech
"""
PRICES = b"""date,instrument,price
2024-01-02,FUT,4000
2024-01-03,FUT,4010
2024-01-04,FUT,3990
2024-01-05,FUT,4020
2024-01-08,FUT,4025
2024-01-02,ACME,100
2024-01-05,ACME,104
2024-01-08,ACME,103
2024-01-05,GHOST,10
2024-01-08,GHOST,11
"""
RATES = b"""date,base,quote,rate
2024-01-02,EUR,USD,1.10
2024-01-03,EUR,USD,1.12
2024-01-05,EUR,USD,1.09
2024-01-08,EUR,USD,1.11
"""
EVENTS = b"""date,type,portfolio,instrument,quantity,price,net,currency,to_portfolio
2024-01-02,deposit,EDGE,,,,50000,EUR,
2024-01-02,buy,EDGE,FUT,3,4000,0,USD,
2024-01-03,sell,EDGE,FUT,-1,4008,400,USD,
2024-01-05,buy,EDGE,FUT,1,4015,0,USD,
2024-01-05,buy,EDGE,ACME,20,104,,USD,
2024-01-06,transfer,EDGE,ACME,5,,,USD,QUIET
2024-01-08,sell,EDGE,FUT,-3,4025,2583.34,USD,
2024-01-03,buy,EDGE,GHOST,10,9,,EUR,
2024-01-04,transfer,EDGE,GHOST,4,,,EUR,QUIET
2024-01-02,deposit,QUIET,,,,1000,EUR,
"""
DAY = "2024-01-08"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    with argosy.create(f"sqlite:///{tmp_path_factory.mktemp('rare') / 'book.db'}") as opened:
        opened.create_portfolio("EDGE", currency="EUR")
        opened.create_portfolio("QUIET", currency="EUR")
        opened.create_group("BOTH", members=["EDGE", "QUIET"])
        for report in (
            opened.import_instruments(INSTRUMENTS, name="i.csv"), opened.import_prices(PRICES, name="p.csv"),
            opened.import_fx(RATES, name="fx.csv"), opened.import_transactions(EVENTS, name="t.csv"),
        ):  # fmt: skip
            assert report.written, report.table()
        yield opened


@pytest.mark.parametrize("currency", ["EUR", "USD"])
@pytest.mark.parametrize("subject", [{"portfolio": "EDGE"}, {"group": "BOTH"}], ids=str)
def test_lines_sum_to_the_return(book: argosy.Book, subject: dict[str, str], currency: str) -> None:
    for one in measured(book.look(as_of=DAY, **subject), Asked(currency, on_missing="span")):
        for lines in (one.lines, one.apart()):
            official, rebuilt = one.history.returns(one.number, span=True), lines.returns()
            assert np.array_equal(official.days, rebuilt.days)
            assert float(np.abs(official.values - rebuilt.values).max()) < 1e-12
        assert "FUT" in [line.name for line in one.lines.lines]


def test_a_future_counts_with_its_gain_only(book: argosy.Book) -> None:
    found = book.contribution(portfolio="EDGE", as_of=DAY, on_missing="span").contributions[0]
    lines = next(iter(measured(book.look(as_of=DAY, portfolio="EDGE"), Asked(on_missing="span")))).lines
    place = [line.name for line in lines.lines].index("FUT")
    # Worth its open gain, never its 200,000 dollars.
    assert float(np.abs(lines.start[:, place]).max()) < 3_000.0
    assert found.contribution[found.labels.index("FUT")] > 0.0
    assert float(found.contribution.sum()) == pytest.approx(found.total, abs=1e-13)


def test_a_transfer_on_a_saturday_goes_out_at_the_price_of_friday(book: argosy.Book) -> None:
    lines = next(iter(measured(book.look(as_of=DAY, portfolio="EDGE"), Asked(on_missing="span")))).lines
    step = lines.days.tolist().index(19730)
    place = [line.name for line in lines.lines].index("ACME")
    # 15 stayed; 5 went at 104 / 1.09, which is what they were worth, so only the others made something on Monday.
    assert lines.parts[:, step, place].sum() == pytest.approx(15 * (103 / 1.11 - 104 / 1.09), abs=1e-6)
