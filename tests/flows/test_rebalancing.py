"""From policy to orders through the public face: targets three ways, decisions, fills, taxes, and bad days."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import argosy
from argosy.base.errors import InvalidInput, MissingPrice, StaleData, UnknownName
from argosy.interfaces.book import Book
from argosy.record.mandate import MandateError
from argosy.record.orders.states import IllegalStep
from argosy.workflows.pretrade import LimitsBroken

NAMES = ("AAA", "BBB", "CCC")
MANDATE = """[targets]
source = "weights"
weights = ["AAA 50%", "BBB 30%", "CCC 15%"]
[rebalancing]
absolute = "2%"
risk_aversion = 80
[costs]
half_spread = "5bp"
[tax]
regime = "US"
[limits]
rules = ["weight of each <= 70%"]
[risk_model]
covariance = "sample"
"""


def price_rows(last_day: str = "2022-03-31") -> str:
    """Prices from 100 up, AAA fastest: the portfolio drifts."""
    days = np.arange(np.datetime64("2021-01-04"), np.datetime64(last_day) + 1)
    days = days[np.is_busday(days)]
    rng = np.random.default_rng(3)
    steps = rng.normal(0.0, 0.012, (days.size, 3)) + np.array([0.0013, 0.0, -0.0005])
    levels = np.round(100.0 * np.cumprod(1.0 + steps, axis=0), 4)
    rows = [f"{day},{name},{level:.4f}" for day, row in zip(days, levels, strict=True)
            for name, level in zip(NAMES, row, strict=True)]  # fmt: skip
    return "date,instrument,price\n" + "\n".join(rows) + "\n"


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = argosy.create(str(tmp_path / "book.db"))
    made.create_portfolio("GROWTH", currency="USD", mandate=MANDATE.encode())
    made.import_instruments(("code,name,type,currency\n" + "".join(f"{n},{n},equity,USD\n" for n in NAMES)).encode())
    made.import_prices(price_rows().encode())
    rows = ["date,type,portfolio,instrument,quantity,price,net", "2021-01-04,deposit,GROWTH,,,,100000",
            "2021-01-04,buy,GROWTH,AAA,500,100,", "2021-01-04,buy,GROWTH,BBB,300,100,",
            "2021-01-04,buy,GROWTH,CCC,150,100,"]  # fmt: skip
    assert made.import_transactions("\n".join(rows).encode() + b"\n").written
    return made


def held(book: Book) -> dict[str, Decimal]:
    rows = book.positions(portfolio="GROWTH").table().rows()
    return {str(row["instrument"]): Decimal(str(row["quantity"])) for row in rows}


def test_a_proposal_is_judged_sent_filled_and_the_book_is_back_on_target(book: Book) -> None:
    before = held(book)
    checked = book.check_rebalance("GROWTH")
    ((_, found),) = checked.found
    assert found.plan.trades
    assert found.plan.names[found.plan.drift.largest] == "CCC"
    assert "CCC 2.9% under its band; trading to the inner band" in found.plan.sentence
    _, stored = book.propose_rebalance("GROWTH", by="ann")
    number = stored.lives[0].terms.id
    evidence = stored.lives[0].terms.evidence
    assert float(evidence["tracking_error_after"].rstrip("%")) < float(evidence["tracking_error_before"].rstrip("%"))
    assert float(evidence["expected_tax"]) > 0.0  # AAA was held for more than a year at a gain
    assert any("weight of each <= 70%: weight of AAA" in told for told in stored.lives[0].terms.limits)
    # Asking again proposes nothing new: the reasons stand.
    _, again = book.propose_rebalance("GROWTH", by="ann")
    assert not again.lives
    book.approve([number], by="bob")
    book.send([number], by="desk")
    orders = book.orders([number]).rows()
    assert [row["side"] for row in orders] == ["sell", "sell", "buy"]
    fills = ["order,date,quantity,price,reference"]
    fills += [f"{row['order']},2022-03-31,{row['quantity']},{row['price']},R{at}" for at, row in enumerate(orders)]
    assert book.book_fills("\n".join(fills).encode() + b"\n", by="BROKER").written
    assert book.proposals().table().rows()[0]["state"] == "executed"
    after = held(book)
    for row in orders:
        sign = 1 if row["side"] == "buy" else -1
        assert after[str(row["instrument"])] - before[str(row["instrument"])] == sign * Decimal(str(row["quantity"]))
    # The sale named its lot: the gain the book realized is that lot's.
    gain = next(row for row in book.gains(portfolio="GROWTH").tables[0].rows() if row["instrument"] == "AAA")
    sold = next(row for row in orders if row["instrument"] == "AAA")
    proceeds = Decimal(str(sold["price"])) * Decimal(str(sold["quantity"]))
    assert Decimal(str(gain["gain"])) == round(proceeds, 2) - 100 * Decimal(str(sold["quantity"]))
    assert not book.check_rebalance("GROWTH").found[0][1].plan.trades
    assert book.verify().ok


def test_following_a_model_portfolio(book: Book) -> None:
    book.create_portfolio("CLIENT", currency="USD", mandate=b'[targets]\nsource = "model"\nfollow = "GROWTH"\n')
    rows = ["date,type,portfolio,instrument,quantity,price,net", "2021-01-04,deposit,CLIENT,,,,50000"]
    book.import_transactions("\n".join(rows).encode() + b"\n")
    ((_, found),) = book.check_rebalance("CLIENT", reason="first investment").found
    last = {row.split(",")[1]: float(row.split(",")[2]) for row in price_rows().splitlines()[-3:]}
    nav = sum(float(quantity) * last[name] for name, quantity in held(book).items()) + 5_000.0
    model = {name: float(quantity) * last[name] / nav for name, quantity in held(book).items()}
    assert found.plan.triggers[0].sentence == "first investment"
    for name, weight in model.items():
        at = found.plan.names.index(name)
        assert found.plan.target[at] == pytest.approx(float(str(weight)), abs=1e-6)
        assert found.plan.after[at] == pytest.approx(float(str(weight)), abs=0.005)
    assert found.proposal is not None
    assert {order.side for order in found.proposal.orders} == {"buy"}


def test_the_optimizer_gives_the_target(book: Book) -> None:
    text = MANDATE.replace('source = "weights"', 'source = "optimizer"') + '[objective]\nmodel = "minimum variance"\n'
    book.set_mandate("GROWTH", text.encode())
    ((_, found),) = book.check_rebalance("GROWTH", reason="new model").found
    best = book.optimize(portfolio="GROWTH").decision.result
    for name, weight in zip(best.names, best.weights.tolist(), strict=True):
        assert found.plan.target[found.plan.names.index(name)] == pytest.approx(weight, abs=1e-9)


def test_prices_that_moved_stop_an_approval(book: Book) -> None:
    _, stored = book.propose_rebalance("GROWTH", by="ann", as_of="2022-03-01")
    number = stored.lives[0].terms.id
    with pytest.raises(StaleData, match="was made at other prices: AAA moved by"):
        book.approve([number], by="bob", as_of="2022-03-31")
    book.approve([number], by="bob", as_of="2022-03-01")
    with pytest.raises(StaleData, match="moved by"):
        book.send([number], by="desk", as_of="2022-03-31")


def test_a_missing_price_stops_the_proposal_and_names_the_instrument(book: Book) -> None:
    strict = MANDATE + "[prices]\nmax_age_days = 5\n"
    book.set_mandate("GROWTH", strict.encode())
    with pytest.raises((MissingPrice, StaleData), match="AAA"):
        book.propose_rebalance("GROWTH", by="ann", as_of="2022-05-31")
    # Among several portfolios it is told, and the others go on.
    book.create_portfolio("OTHER", currency="USD", mandate=MANDATE.encode())
    checked = book.check_rebalance(as_of="2022-05-31")
    assert [problem.source for problem in checked.problems] == ["GROWTH", "OTHER"]


def test_a_limit_that_changed_since_stops_the_sending(book: Book) -> None:
    _, stored = book.propose_rebalance("GROWTH", by="ann")
    number = stored.lives[0].terms.id
    book.approve([number], by="bob")
    book.set_mandate("GROWTH", (MANDATE.replace("weight of each <= 70%", "weight of CCC <= 11%")).encode())
    with pytest.raises(LimitsBroken, match=r"weight of CCC <= 11%.*breach"):
        book.send([number], by="desk")
    restricted = MANDATE + '[trading]\nno_sell = ["AAA"]\n'
    book.set_mandate("GROWTH", restricted.encode())
    with pytest.raises(LimitsBroken, match="do not sell AAA"):
        book.send([number], by="desk")


def test_house_over_client_and_four_eyes(book: Book) -> None:
    house = '[inherit]\nlocked = ["approvals"]\n[approvals]\nrequired = 2\n[universe]\nexclude = ["CCC"]\n'
    assert book.set_policy("HOUSE", house.encode()).portfolios == ()
    client = MANDATE.replace("risk_aversion = 80", "risk_aversion = 80\nonly_if_it_pays = false")
    book.set_mandate("GROWTH", ('[inherit]\nfrom = ["HOUSE"]\n' + client).encode())
    assert book.policies().rows()[0]["mandates"] == "GROWTH"
    _, stored = book.propose_rebalance("GROWTH", by="ann")
    number = stored.lives[0].terms.id
    assert "CCC" not in {row["instrument"] for row in book.orders([number]).rows()}
    with pytest.raises(IllegalStep, match="cannot approve it"):
        book.approve([number], by="ann")
    book.approve([number], by="bob")
    with pytest.raises(IllegalStep, match="send is not possible"):
        book.send([number], by="desk")
    book.approve([number], by="eve")
    book.send([number], by="desk")
    with pytest.raises(MandateError, match="policy HOUSE has locked it"):
        book.set_mandate("GROWTH", ('[inherit]\nfrom = ["HOUSE"]\n[approvals]\nrequired = 1\n' + MANDATE).encode())
    with pytest.raises(UnknownName, match="HOUSE"):
        book.set_mandate("GROWTH", b'[inherit]\nfrom = ["HOUS"]\n')
    with pytest.raises(InvalidInput, match="builds on itself"):
        book.set_policy("HOUSE", b'[inherit]\nfrom = ["HOUSE"]\n')
    assert "required = 2" in book.whole_mandate("GROWTH")


def test_a_mandate_without_targets_says_what_is_missing(book: Book) -> None:
    for text, said in (
        ('[targets]\nsource = "weights"\n', "names no weights"),
        ('[targets]\nsource = "model"\n', "follows no portfolio"),
        ('[targets]\nsource = "weights"\nweights = ["ZZZ 5%"]\n', "ZZZ"),
        ('[targets]\nsource = "weights"\nweights = ["AAA 60%", "BBB 60%"]\n', "sum to 1.2"),
        ('[targets]\nsource = "weights"\nweights = ["type=bond 60%"]\n', "nothing of type=bond is held"),
    ):
        book.set_mandate("GROWTH", text.encode())
        with pytest.raises((InvalidInput, UnknownName), match=said):
            book.check_rebalance("GROWTH")
    with pytest.raises(InvalidInput, match="name of who makes it"):
        book.propose_rebalance("GROWTH", by="")


def test_cash_that_is_due_is_raised_and_a_loss_just_taken_is_not_bought_back(book: Book) -> None:
    rules = 'absolute = "2%"\ncash = "1%"\ndrift = false'
    text = MANDATE.replace('absolute = "2%"', rules) + '[trading]\ncash_buffer = "1%"\n'
    book.set_mandate("GROWTH", text.encode())
    rows = ["date,type,portfolio,instrument,quantity,price,net", "2022-03-30,withdrawal,GROWTH,,,,-9000",
            "2022-03-30,sell,GROWTH,CCC,10,50,"]  # fmt: skip
    assert book.import_transactions("\n".join(rows).encode() + b"\n").written
    ((_, found),) = book.check_rebalance("GROWTH").found
    assert found.plan.triggers[0].sentence.endswith("of cash to raise")
    assert found.proposal is not None
    assert {order.side for order in found.proposal.orders} == {"sell"}
    assert found.plan.after[-1] == pytest.approx(0.01, abs=0.002)  # whole shares
    book.set_mandate(
        "GROWTH", MANDATE.replace('absolute = "2%"', 'how_far = "target"\nonly_if_it_pays = false').encode()
    )
    ((_, found),) = book.check_rebalance("GROWTH", reason="now").found
    assert any("would spoil a loss taken lately: CCC" in note for note in found.notes)
    assert "CCC" not in {found.plan.names[at] for at in np.flatnonzero(found.plan.units > 0).tolist()}
