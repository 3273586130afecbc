from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.base.errors import InvalidInput, MissingPrice, MissingRate, OverflowDigits, StaleData
from argosy.measures.valuation.history import FIGURES, NavHistory, history
from argosy.measures.valuation.share_basis import known_splits
from argosy.measures.valuation.subjects import Subject, firm_subject, group_subject, portfolio_subjects
from argosy.measures.valuation.value import value
from argosy.record.facts import FactKind
from argosy.record.ledger.events import Kind
from argosy.record.ledger.order import effective
from tests.measures.valuation.book import Book, day, days, span

SETTLED = '[cash]\nview = "settled"\n'


def two_currency_book(mandate: str = "") -> Book:
    book = Book()
    book.portfolio("A", "EUR", mandate)
    book.instrument("X", "USD")
    book.price("X", "2024-01-02", "10.00")
    book.price("X", "2024-01-03", "11.00")
    book.rate("EUR", "USD", "2024-01-02", "1.25")
    book.event(Kind.DEPOSIT, "2024-01-02", "A", "EUR", "1000")
    book.event(Kind.FX, "2024-01-02", "A", "EUR", "-400", currency2="USD", net2="500")
    book.event(Kind.BUY, "2024-01-02", "A", "USD", "-301", instrument="X", quantity="30", fee="1", settle="2024-01-04")
    book.event(Kind.DIVIDEND, "2024-01-03", "A", "USD", "8.50", instrument="X", tax="1.50", settle="2024-01-05")
    return book


def ask(book: Book, *on: str, engine: str = "auto", subjects: list[Subject] | None = None) -> NavHistory:
    reference = book.reference
    asked = subjects or portfolio_subjects(reference, reference.portfolios)
    return history(book.state(), reference, book.market, subjects=asked, days=days(*on), engine=engine)


def test_worked_example_in_two_currencies() -> None:
    found = ask(two_currency_book(), "2024-01-01", "2024-01-02", "2024-01-03")
    # Day 2: EUR 600 + USD (199 cash + 300) / 1.25; day 3: + 8.50 dividend, price 11.
    assert found["nav"].tolist() == [[0, 999_2000, 1030_0000]]
    assert found["positions"].tolist() == [[0, 240_0000, 264_0000]]
    assert found["cash"].tolist() == [[0, 759_2000, 766_0000]]
    assert found["flow"].tolist() == [[0, 1000_0000, 0]]
    assert found["income"].tolist() == [[0, 0, 8_0000]]
    assert found["fees"].tolist() == [[0, 8000, 0]]
    assert found["taxes"].tolist() == [[0, 0, 1_2000]]
    assert found.oldest_price_days.tolist() == [[-1, 0, 0]]


def test_the_settled_view_shows_what_is_on_its_way_and_has_the_same_nav() -> None:
    asked = ("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05")
    traded, settled = ask(two_currency_book(), *asked), ask(two_currency_book(SETTLED), *asked)
    assert settled["nav"].tolist() == traded["nav"].tolist()
    assert settled["payable"].tolist() == [[0, 240_8000, 240_8000, 0, 0]]
    assert settled["receivable"].tolist() == [[0, 0, 6_8000, 6_8000, 0]]
    assert settled["cash"].tolist() == [[0, 1000_0000, 1000_0000, 759_2000, 766_0000]]
    assert not traded["payable"].any()


def test_each_missing_price_is_named_with_its_days() -> None:
    book = two_currency_book()
    book.event(Kind.DEPOSIT, "2023-12-20", "A", "EUR", "10")
    book.event(Kind.BUY, "2023-12-28", "A", "USD", "-10", instrument="X", quantity="1")
    book.rate("EUR", "USD", "2023-12-01", "1.20")
    found = ask(book, "2023-12-22", "2023-12-28", "2023-12-29", "2024-01-02")
    assert found.ok.tolist() == [[True, False, False, True]]
    assert [gap.text() for gap in found.gaps] == ["no price of X from 2023-12-28 to 2023-12-29 (A)"]
    assert found["nav"][0, 1] == 0
    with pytest.raises(MissingPrice, match="no price of X from 2023-12-28") as caught:
        found.complete()
    assert caught.value.found == found.gaps
    with pytest.raises(MissingPrice):
        found.returns()


def test_a_price_too_old_for_the_mandate_is_stale_and_a_missing_rate_is_named() -> None:
    book = two_currency_book("[prices]\nmax_age_days = 3\n")
    found = ask(book, "2024-01-06", "2024-01-08", "2024-01-09")
    assert found.ok.tolist() == [[True, False, False]]
    with pytest.raises(StaleData, match="no fresh price of X from 2024-01-08 to 2024-01-09"):
        found.complete()
    book = two_currency_book()
    book.fx.clear()
    with pytest.raises(MissingRate, match="USD/EUR"):
        ask(book, "2024-01-02").complete()


def test_transfers_inside_a_group_are_no_flows() -> None:
    book = Book()
    book.portfolio("A", "EUR")
    book.portfolio("B", "EUR")
    book.event(Kind.DEPOSIT, "2024-01-02", "A", "EUR", "100")
    out = book.event(Kind.CASH_TRANSFER_OUT, "2024-01-03", "A", "EUR", "-40", link=2)
    book.event(Kind.CASH_TRANSFER_IN, "2024-01-03", "B", "EUR", "40", link=out)
    book.fact(FactKind.GROUP, 1, {"code": "G", "name": "G", "members": [[book.ids["A"], 0, 0], [book.ids["B"], 0, 0]]})
    reference = book.reference
    each = ask(book, "2024-01-02", "2024-01-03")
    assert each["flow"].tolist() == [[100_0000, -40_0000], [0, 40_0000]]
    for subject in (group_subject(reference, "G"), firm_subject(reference, list(reference.portfolios))):
        both = ask(book, "2024-01-02", "2024-01-03", subjects=[subject])
        assert both["flow"].tolist() == [[100_0000, 0]]
        assert both["nav"].tolist() == [[100_0000, 100_0000]]


def test_a_member_that_joins_or_leaves_is_a_flow_of_the_group() -> None:
    book = Book()
    for code in ("A", "B", "C"):
        book.portfolio(code, "EUR")
        book.event(Kind.DEPOSIT, "2024-01-02", code, "EUR", "100")
    book.event(Kind.INTEREST, "2024-01-04", "B", "EUR", "10")
    book.event(Kind.DEPOSIT, "2024-01-04", "B", "EUR", "5")
    a, b, c = (book.ids[code] for code in "ABC")
    members = [[a, 0, 0], [b, day("2024-01-04"), 0], [c, 0, day("2024-01-04")]]
    book.fact(FactKind.GROUP, 1, {"code": "G", "name": "G", "members": members})
    subjects = [group_subject(book.reference, "G")]
    found = ask(book, "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", subjects=subjects)
    assert found["nav"].tolist() == [[200_0000, 200_0000, 315_0000, 215_0000]]
    assert found["flow"].tolist() == [[200_0000, 0, 115_0000, -100_0000]]
    assert found.returns(0).values.tolist() == [0.0, 0.0, 0.0, 0.0]


def test_a_closed_portfolio_has_no_days_after_its_last() -> None:
    book = Book()
    number = book.portfolio("A", "EUR")
    book.event(Kind.DEPOSIT, "2024-01-02", "A", "EUR", "100")
    book.event(Kind.WITHDRAWAL, "2024-01-03", "A", "EUR", "-100")
    terms = {"code": "A", "name": "A", "base_currency": "EUR", "closed": day("2024-01-03")}
    book.fact(FactKind.PORTFOLIO, number, terms)
    found = ask(book, "2024-01-02", "2024-01-03", "2024-01-04")
    assert found.expected.tolist() == [[True, True, False]]
    assert found.open_days() == [0]


def test_a_bond_accrues_and_an_inverse_contract_and_a_margined_one_count() -> None:
    book = Book()
    book.portfolio("A", "USD")
    book.instrument("B", "USD", type="bond", scale=2, quote_unit="percent", factor=[1, -2], bond={
        "coupon": [6, -2], "frequency": 2, "day_count": "30/360", "issue": day("2023-01-15"),
        "first_coupon": day("2023-07-15"), "maturity": day("2030-01-15"),
    })  # fmt: skip
    book.instrument("XBTUSD", "BTC", type="future", scale=0, inverse=True, margined=True)
    book.price("B", "2024-01-02", "99.50")
    book.price("XBTUSD", "2024-01-02", "11505.60")
    book.rate("BTC", "USD", "2024-01-01", "10000")
    book.event(Kind.DEPOSIT, "2024-01-02", "A", "USD", "20000")
    book.event(Kind.BUY, "2024-01-02", "A", "USD", "-10117", instrument="B", quantity="10000", accrued="167")
    # notional of 100,000 contracts bought at 10,500: -(-100000/10500) is what cost is entered at
    book.event(Kind.BUY, "2024-01-02", "A", "BTC", "-0.00714286", instrument="XBTUSD", quantity="100000",
               fee="0.00714286", payload={"notional": str(952_380_952)})  # fmt: skip
    found = ask(book, "2024-01-02")
    # 6% for 167 days of 30/360 on 10,000 face
    assert found["accrued"].tolist() == [[278_3300]]
    # 9,950 bond + 10,000 * 0.83238969 gain of the contract (100000/10500 - 100000/11505.60)
    assert found["positions"].tolist()[0][0] == pytest.approx(9950_0000 + 8323_9000, abs=200)


def split_book(mandate: str = "") -> Book:
    book = Book()
    book.portfolio("A", "USD", mandate)
    book.instrument("X", "USD")
    book.event(Kind.DEPOSIT, "2024-01-02", "A", "USD", "1000")
    book.event(Kind.BUY, "2024-01-02", "A", "USD", "-1000", instrument="X", quantity="10")
    book.event(Kind.SPLIT, "2024-01-04", "A", instrument="X", num=3, den=1)
    return book


def test_a_price_from_before_a_split_is_brought_to_the_new_shares() -> None:
    book = split_book()
    book.price("X", "2024-01-02", "100")
    book.price("X", "2024-01-08", "34")
    reference, market, state = book.reference, book.market, book.state()
    subjects, over = portfolio_subjects(reference, reference.portfolios), span("2024-01-02", "2024-01-08")
    splits = known_splits(book.events, effective(book.events), lambda: state)
    for engine in ("reference", "kernel"):
        found = history(state, reference, market, subjects=subjects, days=over, splits=splits, engine=engine)
        assert found["nav"][0].tolist() == [1000_0000] * 6 + [1020_0000]
    alone = value(book.state("2024-01-05"), reference, market, subjects=subjects, day=day("2024-01-05"), splits=splits)
    assert alone["A"].nav == 1000_0000


def test_split_adjusted_prices_value_the_shares_of_their_day() -> None:
    book = split_book('[prices]\nbasis = "split_adjusted"\n')
    book.basis = "split_adjusted"
    book.price("X", "2024-01-02", "33.5")
    book.price("X", "2024-01-05", "34")
    state = book.state()
    splits = known_splits(book.events, effective(book.events), lambda: state)
    found = history(
        state, book.reference, book.market, subjects=portfolio_subjects(book.reference, [1]), splits=splits,
        days=span("2024-01-02", "2024-01-05"),
    )  # fmt: skip
    assert found["nav"][0].tolist() == [1005_0000, 1005_0000, 1005_0000, 1020_0000]


def test_a_split_known_by_its_added_shares_has_a_ratio_too() -> None:
    book = Book()
    book.portfolio("A", "USD")
    book.instrument("X", "USD")
    book.event(Kind.BUY, "2024-01-02", "A", "USD", "-1000", instrument="X", quantity="10")
    book.event(Kind.SPLIT, "2024-01-04", "A", instrument="X", quantity="5")
    assert known_splits(book.events, effective(book.events), book.state) == {2: [(day("2024-01-04"), 3, 2)]}


def test_days_have_to_be_in_order() -> None:
    with pytest.raises(InvalidInput):
        ask(two_currency_book(), "2024-01-03", "2024-01-02")


def test_a_value_beyond_64_bits_is_refused() -> None:
    book = Book()
    book.portfolio("A", "JPY")
    book.instrument("X", "JPY", scale=0)
    book.price("X", "2024-01-02", "900000000000000000")
    book.event(Kind.BUY, "2024-01-02", "A", "JPY", "-1", instrument="X", quantity="9000000000000000")
    with pytest.raises((OverflowDigits, OverflowError)):
        ask(book, "2024-01-02")


CURRENCIES = ("EUR", "USD", "JPY")


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Two portfolios, four instruments, three currencies, any trades and prices over twelve days."""
    book = Book()
    first = day("2024-03-01")
    for code in ("A", "B"):
        mandate = draw(st.sampled_from(["", SETTLED, "[prices]\nmax_age_days = 4\n"]))
        book.portfolio(code, draw(st.sampled_from(CURRENCIES)), mandate)
    terms = {"coupon": [5, -2], "frequency": 2, "day_count": "ACT/ACT ICMA", "issue": first - 100,
             "first_coupon": first + 83, "maturity": first + 83 + 184 * 4}  # fmt: skip
    book.instrument("X", "USD", scale=draw(st.sampled_from([0, 4, 8])))
    book.instrument("Y", "JPY", factor=[1, -2])
    book.instrument("Z", "EUR", type="bond", quote_unit="percent", factor=[1, -2], bond=terms)
    book.instrument("W", "USD", scale=2, inverse=True, factor=[100, 0])
    for code in "XYZW":
        for at in draw(st.lists(st.integers(0, 11), unique=True, max_size=6)):
            book.price(code, first + at, draw(st.sampled_from(["10", "33.3333", "0.5", "101.005", "7.25"])))
    for pair in (("EUR", "USD"), ("EUR", "JPY")):
        for at in draw(st.lists(st.integers(-5, 11), unique=True, max_size=4)):
            book.rate(*pair, first + at, draw(st.sampled_from(["1.25", "1.1037", "130.01", "2"])))
    for _ in range(draw(st.integers(1, 14))):
        at, owner = first + draw(st.integers(0, 11)), draw(st.sampled_from("AB"))
        settle = at + draw(st.integers(0, 3))
        kind = draw(st.sampled_from([Kind.DEPOSIT, Kind.BUY, Kind.BUY, Kind.SELL, Kind.DIVIDEND, Kind.FEE]))
        currency, amount = draw(st.sampled_from(CURRENCIES)), draw(st.integers(1, 10**6))
        sign = "-" if kind in (Kind.BUY, Kind.FEE) else ""
        more: dict[str, object] = {"settle": settle}
        if kind in (Kind.BUY, Kind.SELL):
            code = draw(st.sampled_from("XYZW"))
            currency = book.reference.instrument(code).currency
            amount_of = draw(st.integers(1, 300))
            more |= {"instrument": code, "quantity": str(amount_of if kind == Kind.BUY else -amount_of)}
        if kind == Kind.FEE:
            more["fee"] = str(amount)
        book.event(kind, at, owner, currency, f"{sign}{amount}", **more)  # type: ignore[arg-type]
    return book


@settings(max_examples=60)
@given(books())
def test_engines_agree_and_each_day_equals_its_own_valuation(book: Book) -> None:
    reference, market, state = book.reference, book.market, book.state()
    asked = portfolio_subjects(reference, reference.portfolios)
    asked.append(firm_subject(reference, list(reference.portfolios), currency="USD"))
    over = span("2024-03-01", "2024-03-14")
    plain = history(state, reference, market, subjects=asked, days=over, engine="reference")
    fast = history(state, reference, market, subjects=asked, days=over, engine="kernel")
    assert plain.gaps == fast.gaps
    assert (plain.ok == fast.ok).all()
    for name in FIGURES:
        assert plain[name].tolist() == fast[name].tolist(), name
    assert (plain.oldest_price_days == fast.oldest_price_days).all()
    whole = plain["positions"] + plain["cash"] + plain["receivable"] - plain["payable"] + plain["accrued"]
    assert (whole == plain["nav"]).all()
    for place, at in enumerate(over.tolist()):
        alone = value(book.state(at), reference, market, subjects=asked, day=at, on_missing="report")
        for number, one in enumerate(alone.subjects):
            if not plain.ok[number, place]:
                continue  # a flow of the day may lack a rate that the value does not need
            assert one.ok
            for name in ("nav", "positions", "cash", "receivable", "payable", "accrued"):
                assert getattr(one, name) == plain[name][number, place], (name, at)


def read(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        return list(csv.DictReader(lines))


KINDS = {
    "buy": Kind.BUY, "sell": Kind.SELL, "deposit": Kind.DEPOSIT, "withdrawal": Kind.WITHDRAWAL, "fee": Kind.FEE,
    "dividend": Kind.DIVIDEND, "fx": Kind.FX, "fx_forward_settlement": Kind.FX_FORWARD_SETTLEMENT, "split": Kind.SPLIT,
    "capital_call": Kind.CAPITAL_CALL, "pe_distribution": Kind.DISTRIBUTION,
}  # fmt: skip


def shared_book(folder: Path) -> Book:
    book = Book()
    for row in read(folder / "portfolios.csv"):
        book.portfolio(row["portfolio_id"], row["base_currency"])
    for row in read(folder / "instruments.csv"):
        book.instrument(row["instrument_id"], row["currency"], factor=[1, -2 if row["quote_unit"] == "GBp" else 0])
    for row in read(folder / "prices.csv.gz"):
        book.price(row["instrument_id"], row["date"], row["close"])
    for row in read(folder / "fx_rates.csv.gz"):
        book.rate(row["base_currency"], row["quote_currency"], row["date"], row["rate"])
    for row in read(folder / "transactions.csv.gz"):
        kind, more = KINDS[row["txn_type"]], {}
        if row["instrument_id"]:
            more["instrument"] = row["instrument_id"]
        if kind in (Kind.BUY, Kind.SELL, Kind.SPLIT):
            more["quantity"] = ("-" if kind == Kind.SELL else "") + row["quantity"]
        if row["net_amount"]:
            more |= {"fee": row["fees"] or "0", "tax": row["taxes"] or "0"}
        if row["counter_currency"]:
            more |= {"currency2": row["counter_currency"], "net2": row["counter_amount"]}
        book.event(kind, row["trade_date"], row["portfolio_id"], row["currency"] if row["net_amount"] else "",
                   row["net_amount"] or "0", settle=row["settle_date"] or row["trade_date"], **more)  # fmt: skip
    return book


def test_the_shared_demo_book_is_valued_to_the_cent_on_every_day(shared_data: Path) -> None:
    folder = shared_data / "demo_book"
    book = shared_book(folder)
    reference, market, state = book.reference, book.market, book.state()
    assert not state.problems
    for code in ("US_BALANCED_6040", "GLOBAL_EQUITY_EUR", "ENDOWMENT_USD"):
        rows = [row for row in read(folder / "expected_nav_daily.csv.gz") if row["portfolio_id"] == code]
        on = np.array([day(row["date"]) for row in rows], np.int64)
        found = history(
            state, reference, market, subjects=portfolio_subjects(reference, [book.ids[code]]), days=on
        ).complete()
        assert found["nav"][0].tolist() == [round(float(row["nav"]) * 100) * 100 for row in rows]
        assert found["flow"][0].tolist() == [round(float(row["external_flow"]) * 100) * 100 for row in rows]
