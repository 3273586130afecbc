"""Many portfolios of one look share what they have in common, and each gets the answer it would get alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import argosy
from argosy.workflows import propose
from tests.flows.test_rebalancing import MANDATE, NAMES, price_rows


def test_together_is_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = argosy.create(str(tmp_path / "book.db"))
    book.import_instruments(("code,name,type,currency\n" + "".join(f"{n},{n},equity,USD\n" for n in NAMES)).encode())
    book.import_prices(price_rows().encode())
    texts = (MANDATE, MANDATE, MANDATE.replace('covariance = "sample"', 'covariance = "ledoit wolf"'),
             MANDATE.replace(', "CCC 15%"', ""))  # fmt: skip
    rows = ["date,type,portfolio,instrument,quantity,price,net"]
    for number, text in enumerate(texts):
        book.create_portfolio(f"P{number}", currency="USD", mandate=text.encode())
        rows += [f"2021-01-04,deposit,P{number},,,,100000", f"2021-01-04,buy,P{number},AAA,{400 + 50 * number},100,",
                 f"2021-01-04,buy,P{number},BBB,300,100,"]  # fmt: skip
    assert book.import_transactions("\n".join(rows).encode() + b"\n").written
    asked = []
    found = propose.covariance_of

    def counted(*given: object) -> object:
        asked.append(given)
        return found(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(propose, "covariance_of", counted)
    together = {portfolio.code: one for portfolio, one in book.check_rebalance().found}
    assert len(asked) == 3  # the first two portfolios have one covariance between them
    for code, many in together.items():
        ((_, alone),) = book.check_rebalance(code).found
        assert alone.plan.sentence == many.plan.sentence
        assert alone.plan.units.tolist() == many.plan.units.tolist()
        assert alone.plan.drift.tracking_error == many.plan.drift.tracking_error
        assert (alone.proposal is None) == (many.proposal is None)
        if alone.proposal is not None and many.proposal is not None:
            assert alone.proposal.orders == many.proposal.orders
            assert alone.proposal.evidence == many.proposal.evidence
