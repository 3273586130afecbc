"""The grammar of limits: every form reads back, every mistake is named."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.limits import MEASURES, Limit, LimitError, number, parse_limit, parse_limits

FORMS = {
    "weight of each <= 5%": Limit("weight", "each", high=0.05),
    "weight of AAPL at least 1%": Limit("weight", "AAPL", low=0.01),
    "weight of BRK.B ≤ 2.5%": Limit("weight", "BRK.B", high=0.025),
    "weight of sector=Health Care & country=US between 10% and 30%": Limit(
        "weight", "sector=Health Care & country=US", 0.1, 0.3
    ),
    "active weight of sector=each within 1% of benchmark": Limit("active weight", "sector=each", -0.01, 0.01),
    "net = 100%": Limit("net", "", 1.0, 1.0),
    "leverage <= 1.6": Limit("gross", "", high=1.6),
    "TE <= 300bp": Limit("tracking error", "", high=0.03),
    "turnover max 10% soft 0.5%": Limit("turnover", "", high=0.1, soft=0.005),
    "cvar of 95% <= 2%": Limit("shortfall", "95%", high=0.02),
    "exposure of duration between 4 and 6": Limit("exposure", "duration", 4.0, 6.0),
    "names <= 20": Limit("names", "", high=20.0),
    "position >= 1%": Limit("position", "", low=0.01),
    "trade of each <= 2%": Limit("trade", "each", high=0.02),
    "trade of each between 0.2% and 2%": Limit("trade", "each", 0.002, 0.02),
    "names of sector=each between 2 and 8": Limit("names", "sector=each", 2.0, 8.0),
    "number of trades <= 30": Limit("trades", "", high=30.0),
    "position of country=US >= 50bp": Limit("position", "country=US", low=0.005),
    "lots of lot_weight >= 1": Limit("lots", "lot_weight", low=1.0),
    "buys <= 3% soft 10bp": Limit("buys", "", high=0.03, soft=0.001),
    "tracking error <= 2% soft 1%": Limit("tracking error", "", high=0.02, soft=0.01),
    "days to liquidate of each <= 5": Limit("days to liquidate", "each", high=5.0),
    "weight of sector=Oil, within limits <= 3%": Limit("weight", "sector=Oil, within limits", high=0.03),
}


@pytest.mark.parametrize("text", FORMS)
def test_forms(text: str) -> None:
    assert parse_limit(text) == FORMS[text]
    assert parse_limit(FORMS[text].text()) == FORMS[text]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("weight of each", "no bound"),
        ("weight of each <= lots", "cannot read the bound"),
        ("weigth of each <= 5%", "did you mean 'weight'"),
        ("zzz <= 5%", "choose one of"),
        ("weight <= 5%", "needs 'of ...'"),
        ("exposure <= 5", "the attribute"),
        ("shortfall <= 5%", "a level such as 95%"),
        ("turnover of AAPL <= 5%", "takes no 'of AAPL'"),
        ("weight of each between 5% and 1%", "is above the upper"),
        ("turnover >= 5%", "from above"),
        ("turnover <= -5%", "never negative"),
        ("position <= 5%", "position >= 1%"),
        ("names <= 2.5", "whole numbers"),
        ("names <= 20 soft 1%", "cannot be soft"),
        ("trade of each between 0% and 2%", "must be positive"),
        ("trade of each <= -2%", "never negative"),
        ("trade of each >= 1% soft 1%", "smallest trade cannot be soft"),
        ("lots of lot <= 3", "lots of lot_weight >= 1"),
        ("buys >= 3%", "from above"),
        ("gross <= 2 soft 0", "must be positive"),
        ("net <= 1e999", "not a finite number"),
    ],
)
def test_mistakes_are_named(text: str, says: str) -> None:
    with pytest.raises(LimitError, match=says):
        parse_limit(text)


def test_a_limit_without_bounds_is_refused() -> None:
    with pytest.raises(LimitError, match="neither"):
        Limit("net")


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(LimitError) as caught:
        parse_limits(["weight of each", "gross <= 2", {"measure": "net", "maximum": 1}, {"measure": "net", "max": "x"}])
    text = str(caught.value)
    assert "limit 1" in text
    assert "unknown key 'maximum'" in text
    assert "max = 'x'" in text
    assert "limit 2" not in text


def test_toml_text_and_python_say_the_same() -> None:
    one = parse_limits([{"measure": "te", "max": 0.03}, {"limit": "names <= 20"}, Limit("net", "", 1.0, 1.0)])
    assert [limit.text() for limit in one] == ["tracking error <= 3%", "names <= 20", "net = 100%"]


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(LimitError):
        parse_limits(text)


WORDS = st.sampled_from(
    [*MEASURES, "of", "each", "sector=A", "<=", ">=", "between", "and", "within", "5%", "-1", "soft", "1bp", "&"]
)


@given(st.lists(WORDS, max_size=8).map(" ".join))
def test_words_in_any_order_are_read_or_refused(text: str) -> None:
    try:
        (limit,) = parse_limits([text or "net = 1"])
    except LimitError:
        return
    again = parse_limit(limit.text())
    assert (again.measure, again.scope) == (limit.measure, limit.scope)
    for mine, other in ((again.low, limit.low), (again.high, limit.high)):
        assert mine == pytest.approx(other) if mine is not None else other is None


@given(st.floats(-10, 10))
def test_numbers_read_back(value: float) -> None:
    assert number(f"{value:.17g}") == value


@pytest.mark.parametrize("short", ["sector Energy <= 10%", "sector=Energy <= 10%", "sector  Energy  at most 1000bp"])
def test_a_group_without_a_measure_means_its_weight(short: str) -> None:
    assert parse_limit(short) == Limit("weight", "sector=Energy", high=0.10)


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers()))
KEYS = st.sampled_from(["measure", "of", "min", "max", "soft", "limit", "source", "maximum"])
ENTRIES = st.one_of(
    st.dictionaries(KEYS, st.one_of(VALUES, WORDS, st.sampled_from(sorted(MEASURES))), max_size=5),
    st.text(max_size=30), VALUES,
)  # fmt: skip


@given(st.lists(ENTRIES, max_size=4))
def test_entries_of_any_kind_are_read_or_refused(entries: list[object]) -> None:
    try:
        found = parse_limits(entries)  # type: ignore[arg-type]
    except LimitError:
        return
    for limit in found:
        assert parse_limit(limit.text()).measure == limit.measure


@given(
    st.sampled_from(sorted(MEASURES)), st.sampled_from(["", "each", "sector=A", "95%", "esg"]),
    st.one_of(st.none(), st.floats()), st.one_of(st.none(), st.floats()), st.one_of(st.none(), st.floats()),
)  # fmt: skip
def test_python_values_are_limits_or_refused(
    measure: str, scope: str, low: float | None, high: float | None, soft: float | None
) -> None:
    with contextlib.suppress(LimitError):
        limit = Limit(measure, scope, low, high, soft)
        again = parse_limit(limit.text())
        assert (again.measure, again.scope, again.chooses) == (measure, scope, limit.chooses)
