from __future__ import annotations

import csv
import gzip
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.errors import MissingRate, StaleData, UnknownName
from tests.record.market.market_rows import market, rates

QUOTE = st.integers(1, 10**9).map(lambda n: f"{n}e-4")
ECB = [("EUR", "USD", 10, "1.10"), ("EUR", "JPY", 10, "160.5"), ("EUR", "GBP", 8, "0.85")]


def test_quoted_inverted_and_crossed() -> None:
    book = market(rates(3, ECB, source="ECB"))
    assert book.rate("EUR", "USD", 10).fraction == Fraction(11, 10)
    assert book.rate("USD", "EUR", 10).fraction == Fraction(10, 11)
    cross = book.rate("USD", "JPY", 11)
    assert cross.fraction == Fraction(1605, 11)
    assert [(leg.base, leg.quote, leg.inverted, str(leg.decimal)) for leg in cross.legs] == [
        ("EUR", "USD", True, "1.10"), ("EUR", "JPY", False, "160.5"),
    ]  # fmt: skip
    assert cross.legs[0].source == "ECB"
    assert (cross.legs[0].load_seq, cross.legs[0].row) == (3, 2)
    assert book.rate("USD", "GBP", 11).age_days == 3  # the age of the oldest leg
    assert book.rate("CHF", "CHF", 0).legs == ()


def test_a_quoted_pair_goes_before_a_cross() -> None:
    book = market(rates(1, [*ECB, ("USD", "JPY", 9, "150")]))
    assert book.rate("USD", "JPY", 10).fraction == 150
    assert book.rate("JPY", "USD", 10).fraction == Fraction(1, 150)
    assert book.rate("USD", "JPY", 8 + 1, max_age_days=1).fraction == 150
    # Where the quoted pair is too old for the policy, the cross answers.
    assert book.rate("USD", "JPY", 11, max_age_days=1).fraction == Fraction(1605, 11)


def test_what_is_missing_is_named() -> None:
    book = market(rates(1, ECB))
    with pytest.raises(
        MissingRate, match=r"no rate of USD in JPY for 1970-01-05\. Next: the first one is of 1970-01-11"
    ):
        book.rate("USD", "JPY", 4)
    with pytest.raises(UnknownName, match=r"unknown currency 'JPX'\. Next: did you mean 'JPY'"):
        book.rate("USD", "JPX", 10)
    lonely = market(rates(1, [*ECB, ("SEK", "NOK", 1, "1")]))
    with pytest.raises(MissingRate, match="import its rates"):
        lonely.rate("USD", "NOK", 10)
    with pytest.raises(StaleData, match="the last rate of EUR in USD on 1970-01-21 is 10 days old"):
        book.rate("EUR", "USD", 20, max_age_days=9)


@given(QUOTE, QUOTE, QUOTE)
def test_crosses_are_reciprocal_and_consistent(usd: str, jpy: str, gbp: str) -> None:
    book = market(rates(1, [("EUR", "USD", 1, usd), ("EUR", "JPY", 1, jpy), ("GBP", "EUR", 1, gbp)]))
    names = ["EUR", "USD", "JPY", "GBP"]
    for one in names:
        for two in names:
            assert book.rate(one, two, 1).fraction * book.rate(two, one, 1).fraction == 1
            for three in names:
                way = book.rate(one, two, 1).fraction * book.rate(two, three, 1).fraction
                assert way == book.rate(one, three, 1).fraction


@given(
    st.lists(st.tuples(st.sampled_from(["USD", "JPY", "GBP"]), st.integers(0, 12), QUOTE), max_size=12),
    st.sampled_from(["USD", "EUR", "GBP"]), st.integers(0, 5),
)  # fmt: skip
def test_rows_are_the_single_answers(quotes: list[tuple[str, int, str]], base: str, max_age: int) -> None:
    book = market(rates(1, [("EUR", *quote) for quote in quotes] + [("USD", "JPY", 5, "123.456789")]))
    names = ["EUR", "USD", "JPY", "GBP"]
    days = np.arange(14)
    rows = book.rate_rows(names, base, days, max_age_days=max_age)
    for t, day in enumerate(days.tolist()):
        for place, name in enumerate(names):
            try:
                expected = book.rate(name, base, day, max_age_days=max_age)
            except (MissingRate, StaleData, UnknownName):
                assert rows.missing[t, place]
                assert (rows.num[t, place], rows.den[t, place]) == (0, 1)
                continue
            assert not rows.missing[t, place]
            assert (int(rows.num[t, place]), int(rows.den[t, place])) == (expected.num, expected.den)
            assert rows.age[t, place] == expected.age_days


def test_rows_beyond_64_bits_stay_exact() -> None:
    book = market(rates(1, [("EUR", "USD", 1, "1.23456789012345678"), ("EUR", "JPY", 1, "987654321.123456789")]))
    rows = book.rate_rows(["USD", "EUR"], "JPY", np.array([0, 1]))
    assert rows.num.dtype == object
    assert Fraction(rows.num[1, 0], rows.den[1, 0]) == book.rate("USD", "JPY", 1).fraction
    assert rows.missing.tolist() == [[True, True], [False, False]]
    assert [gap.what for gap in rows.gaps()] == ["USD in JPY", "EUR in JPY"]


def test_sources_of_rates_have_precedence() -> None:
    one, two = rates(1, [("EUR", "USD", 1, "1")], source="A"), rates(2, [("EUR", "USD", 1, "2")], source="B")
    assert market(one, two).rate("EUR", "USD", 1).fraction == 2
    assert market(one, two, fx_order=["A"]).rate("EUR", "USD", 1).fraction == 1


@pytest.mark.shared_data
def test_ecb_crosses_against_decimal_arithmetic(shared_data: Path) -> None:
    with gzip.open(shared_data / "demo_book" / "fx_rates.csv.gz", "rt") as file:
        given_rows = list(csv.DictReader(file))
    days = {date: place for place, date in enumerate(sorted({row["date"] for row in given_rows}))}
    book = market(rates(1, [(r["base_currency"], r["quote_currency"], days[r["date"]], r["rate"]) for r in given_rows]))
    by_key = {(row["date"], row["quote_currency"]): Fraction(row["rate"]) for row in given_rows}
    currencies = sorted({row["quote_currency"] for row in given_rows})
    rows = book.rate_rows(currencies, "GBP", np.arange(len(days)))
    checked = 0
    for date, place in days.items():
        for column, currency in enumerate(currencies):
            if (date, currency) in by_key and (date, "GBP") in by_key:
                expected = by_key[date, "GBP"] / by_key[date, currency]
                assert Fraction(int(rows.num[place, column]), int(rows.den[place, column])) == expected
                checked += 1
    assert checked > 20_000
