"""Mandates: every problem of a text with its line, defaults, and the template that says it all."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.risk_limits import Proxy, RiskLimit
from argosy.record.mandate import Mandate, MandateError, mandate_problems, mandate_template, parse_mandate
from argosy.record.mandate_policy import BeliefRules, CostRules, InvestmentPolicy, ObjectiveRules, UniverseRules, Wishes
from argosy.record.mandate_risk import MonitoringRules, RiskRules
from argosy.record.mandate_schema import SECTIONS
from argosy.record.mandate_text import item_line, key_lines, line_of
from argosy.record.mandate_trading import (
    ApprovalRules,
    RebalancingRules,
    SellingRules,
    TargetRules,
    TradingRules,
)

WHOLE = """\
# The policy of GROWTH.
[inherit]
from = ["HOUSE"]
locked = ["limits.long_only"]
[portfolio]
base_currency = "USD"

[calendar]
name = "XNYS"
valuation_point = "17:30"
zone = "Europe/Paris"
[lots]
method = "AVERAGE"
scope = "portfolio"
fees = "expensed"
oversell = "short"
[flows]
timing = "start"
fees_external = true
large = "10%"
[cash]
view = "settled"
[prices]
basis = "total_return"
sources = ["ECB", "vendor"]
max_age_days = 5
max_age_by_type = { private_fund = 120, bond = 10 }
[gains]
cross = "price"
[benchmark]
code = "WORLD"
changes = ["2022-01-03 60% A + 40% B"]
rates = ["EUR ESTR"]
[tax]
short_rate = "37%"
long_rate = 0.2
long_after_days = 366
losses = "lost"
regime = "US"
lots = "HIFO"
household = "FAMILY"
gain_budget = 50000
harvest_from = "1000"
[objective]
model = "target return"
target = "6%"
risk_aversion = 4
confidence = 0.99
risk_free = "150bp"
[universe]
members = "all"
include = ["AAPL"]
exclude = ["TSLA"]
types = ["equity"]
[limits]
long_only = false
rules = ["gross <= 130%", "weight of each within 10%"]
[costs]
trading = "10bp"
horizon_years = 0.5
half_spread = "5bp"
impact = 1.0
fixed = 20
purchase_tax = "50bp"
exchange = "2bp"
[targets]
source = "weights"
weights = ["ACME 5%", "sector=Energy 12.5%"]
follow = "MODEL60"
[rebalancing]
drift = false
bands = "no-trade"
absolute = "4%"
relative = "20%"
floor = "1%"
inner = "30%"
how_far = "edge"
tracking_error = "1%"
every_months = 3
cash = "2%"
signal = "10%"
clear_at = "50%"
rest_days = 5
risk_aversion = 8
only_if_it_pays = false
propose_at_close = true
corporate_actions = true
[trading]
cash_buffer = "1%"
minimum_trade = "0.1%"
whole_units = false
no_buy = ["ACME"]
no_sell = ["OLD"]
participation = "20%"
days = 3
[approvals]
required = 2
expiry_hours = 48
price_move = "5%"
[risk_model]
covariance = "factors"
mean = "exponential"
frequency = "weekly"
lookback = 156
half_life = 52
factors = 5
missing = "em"
nearest = true
periods_per_year = 52.0
[risk]
model = "historical"
confidence = 0.975
horizon = 10
window = 500
proxies = ["NEWCO as SPY 1.2"]
factors = ["SPY"]
group = "country"
close = false
[monitoring]
rules = ["value at risk <= 2%", "risk of sector=Energy <= 25% soft"]
warn_at = "80%"
cure_days = 5
"""


def test_a_whole_mandate() -> None:
    mandate = parse_mandate(WHOLE, above=(("HOUSE", ""),))
    assert (mandate.base_currency, mandate.benchmark) == ("USD", "WORLD")
    assert (mandate.calendar, mandate.valuation_point, mandate.zone) == ("XNYS", "17:30", "Europe/Paris")
    assert (mandate.lots.method, mandate.lots.scope) == ("AVERAGE", "portfolio")
    assert (mandate.lots.fees, mandate.lots.oversell) == ("expensed", "short")
    assert (mandate.flows.timing, mandate.flows.fees_external, mandate.cash.view) == ("start", True, "settled")
    assert (mandate.prices.basis, mandate.prices.sources) == ("total_return", ("ECB", "vendor"))
    assert [mandate.prices.max_age(kind) for kind in ("private_fund", "bond", "equity")] == [120, 10, 5]
    assert mandate.gains.cross == "price"
    policy = mandate.policy
    assert policy.objective == ObjectiveRules("target return", 0.06, 4.0, 0.99, 0.015)
    assert policy.universe == UniverseRules("all", ("AAPL",), ("TSLA",), ("equity",))
    assert not policy.limits.long_only
    assert [limit.text() for limit in policy.limits.rules] == ["gross <= 130%", "weight of each within 10%"]
    assert policy.costs == CostRules(0.001, 0.5, 0.0005, 1.0, 20.0, 0.005, 0.0002)
    assert policy.beliefs == BeliefRules("factors", "exponential", "weekly", 156, 52, 5, "em", True, 52.0)
    trading = mandate.trading
    assert trading.targets == TargetRules("weights", (("ACME", 0.05), ("sector=Energy", 0.125)), "MODEL60")
    assert trading.rebalancing == RebalancingRules(
        False, "no-trade", 0.04, 0.2, 0.01, 0.3, "edge", 0.01, 3, 0.02, 0.1, 0.5, 5, 8.0, False, True, True
    )
    assert trading.trading == TradingRules(0.01, 0.001, False, ("ACME",), ("OLD",), 0.2, 3)
    assert trading.selling == SellingRules("US", "HIFO", "FAMILY", 50000.0, 1000.0)
    assert trading.approvals == ApprovalRules(2, 48, 0.05)
    assert mandate.risk == RiskRules("historical", 0.975, 10, 500, (Proxy("NEWCO", "SPY", 1.2),), ("SPY",), "country",
                                     False)  # fmt: skip
    assert mandate.monitoring == MonitoringRules(
        (RiskLimit("value at risk", "", 0.02), RiskLimit("risk", "sector=Energy", 0.25, True)), 0.8, 5
    )
    assert mandate.inherits == ("HOUSE",)


def test_an_empty_text_is_the_defaults() -> None:
    assert parse_mandate("") == Mandate.default()
    assert parse_mandate('[portfolio]\nbase_currency = "CHF"') == Mandate.default("CHF")


def test_every_key_has_an_effect() -> None:
    tables = tomllib.loads(WHOLE)
    assert {name: set(held) for name, held in tables.items()} == {s.name: {k.name for k in s.keys} for s in SECTIONS}
    default = Mandate.default().sections
    for name, held in tables.items():
        for key, value in held.items():
            assert default[name][key] != value
            assert parse_mandate(WHOLE).sections[name][key] == value


BAD = [
    ('[lots]\nmetod = "FIFO"', 2, "lots.metod", "there is no such key", "did you mean 'method'?"),
    ('[lotz]\nmethod = "FIFO"', 1, "lotz", "there is no such section", "did you mean 'lots'?"),
    ('base_currency = "USD"', 1, "base_currency", "there is no such key", "write it under [portfolio]"),
    ('[lots]\n\nmethod = "FIFOO"', 3, "lots.method", "did you mean 'FIFO'? choose one of", ""),
    ("[lots]\nmethod = 3", 2, "lots.method", "3 is not text in quotes", ""),
    ("[prices]\nmax_age_days = -1", 2, "prices.max_age_days", "negative", ""),
    ("[prices]\nmax_age_days = true", 2, "prices.max_age_days", "not a whole number", ""),
    ("[prices]\nmax_age_days = 2.5", 2, "prices.max_age_days", "not a whole number", ""),
    ('[prices]\nsources = "ECB"', 2, "prices.sources", "not a list of texts", ""),
    ("[prices]\nmax_age_by_type = { equty = 5 }", 2, "prices.max_age_by_type.equty", "no such type", "'equity'"),
    ("[prices.max_age_by_type]\nbond = 1\nequty = 5", 3, "prices.max_age_by_type.equty", "no such type", "'equity'"),
    ("[prices]\nmax_age_by_type = { bond = -5 }", 2, "prices.max_age_by_type", "not a table of whole numbers", ""),
    ("[flows]\nfees_external = 1", 2, "flows.fees_external", "not true or false", ""),
    ('[calendar]\nvaluation_point = "25:00"', 2, "calendar.valuation_point", "not a time of day", ""),
    ('[calendar]\nzone = "Europe/Pariss"', 2, "calendar.zone", "did you mean 'Europe/Paris'?", ""),
    ('[calendar]\nname = ""', 2, "calendar.name", "a name is needed", ""),
    ('[portfolio]\nbase_currency = "usd"', 2, "portfolio.base_currency", "not a currency code", ""),
    ('[portfolio]\nbase_currency = "USX"', 2, "portfolio.base_currency", "did you mean", ""),
    ('lots = "FIFO"', 1, "lots", "lots is a section", "write [lots] on a line of its own"),
    ('[objective]\nrisk_free = "x"', 2, "objective.risk_free", "not a number", ""),
    ("[objective]\nrisk_free = true", 2, "objective.risk_free", "not a number", ""),
    ('[objective]\ntarget = "inf"', 2, "objective.target", "not a number", ""),
    ("[objective]\nconfidence = 95", 2, "objective.confidence", "as 0.95 does", ""),
    ("[objective]\nrisk_aversion = 0", 2, "objective.risk_aversion", "not above zero", ""),
    ("[costs]\ntrading = -0.1", 2, "costs.trading", "no part of what is traded", ""),
    ('[limits]\nrules = [\n  "gross <= 1",\n  "wieght of each <= 5%",\n]', 4, "limits.rules", "mean 'weight'?", ""),
    ('[limits]\nrules = ["gross"]', 2, "limits.rules", "no bound in 'gross'", ""),
    ("[approvals]\nrequired = 3", 2, "approvals.required", "3 is neither 1 nor 2", ""),
    ('[rebalancing]\ninner = "150%"', 2, "rebalancing.inner", "between 0 and 100%", ""),
    ("[costs]\nimpact = -1", 2, "costs.impact", "is negative", ""),
    ("[trading]\ndays = 0", 2, "trading.days", "not 1 or more", ""),
    ('[targets]\nweights = ["ACME"]', 2, "targets.weights", "a name and a weight such as 'ACME 5%'", ""),
    ('[risk_model]\nmissing = "fill"', 2, "risk_model.missing", "is not a choice", ""),
    ('[lots]\nmethod = "FIFO', 2, "", "this is not TOML", ""),
    ('[lots]\nmethod = "FIFO"\nmethod = "LIFO"', 3, "", "this is not TOML", ""),
]


@pytest.mark.parametrize(("text", "line", "field", "message", "step"), BAD, ids=[row[0] for row in BAD])
def test_a_problem_has_its_line_and_the_nearest_name(text: str, line: int, field: str, message: str, step: str) -> None:
    (problem,) = mandate_problems(text, source="m.toml")
    assert problem.line == line
    assert problem.field == field
    assert message in problem.message
    assert step in problem.next_step
    assert problem.text().startswith(f"m.toml line {line}: ")


def test_wishes_are_laid_over_a_policy_and_limits_are_added() -> None:
    policy = parse_mandate(WHOLE).policy
    more = parse_mandate('[limits]\nrules = ["turnover <= 10%"]').policy.limits.rules
    wished = Wishes(
        model="utility", risk_aversion=8.0, members="held", limits=more, long_only=True, trading_cost=0.0,
        missing="pairwise", lookback=0,
    ).over(policy)  # fmt: skip
    assert (wished.objective.model, wished.objective.risk_aversion, wished.objective.target) == ("utility", 8.0, 0.06)
    assert wished.universe.members == "held"
    assert wished.universe.exclude == ("TSLA",)
    assert len(wished.limits.rules) == 3
    assert wished.limits.long_only
    assert wished.costs == CostRules(0.0, 0.5, 0.0005, 1.0, 20.0, 0.005, 0.0002)
    assert (wished.beliefs.missing, wished.beliefs.lookback, wished.beliefs.mean) == ("pairwise", 0, "exponential")
    assert Wishes().over(InvestmentPolicy()) == InvestmentPolicy()


def test_an_item_that_is_not_found_as_written_stands_where_its_list_begins() -> None:
    assert item_line('a = [\n "x\\u0041"]', 1, "xA") == 1


def test_all_problems_at_once_in_order() -> None:
    text = '[lots]\nmetod = 1\n[flows]\ntiming = "noon"\n\n[nope]\n[calendar]\nzone = 7\n'
    with pytest.raises(MandateError) as caught:
        parse_mandate(text, source="m.toml")
    assert [problem.line for problem in caught.value.problems] == [2, 4, 6, 8]
    assert str(caught.value).startswith("m.toml has 4 problems:\n  m.toml line 2: lots.metod")


def test_lines_are_found_past_texts_and_arrays_over_several_lines() -> None:
    text = '''\
[prices] # sources = 1
sources = [  # ] not the end
  "a = [", # "
  'b',
]
"max_age_days" = 1
[flows]
timing = """
[lots]
method = "x"
"""
fees_external = 5
[a."b.c".d]
e.f = 1
'''
    lines = key_lines(text)
    assert lines["prices", "sources"] == 2
    assert lines["prices", "max_age_days"] == 6
    assert lines["flows", "fees_external"] == 12
    assert ("lots",) not in lines
    assert lines["a", "b.c", "d", "e", "f"] == 14
    assert line_of(lines, ("a", "b.c", "d", "e", "f", "g")) == 14
    assert line_of(lines, ("nowhere",)) == 0


@pytest.mark.parametrize("currency", ["USD", "JPY", "BTC"])
def test_the_template_is_the_defaults_and_shows_every_key(currency: str) -> None:
    text = mandate_template(currency, benchmark="WORLD")
    mandate = parse_mandate(text)
    assert mandate.base_currency == currency
    assert mandate.benchmark == "WORLD"
    assert (mandate.lots, mandate.flows, mandate.prices) == (
        Mandate.default().lots, Mandate.default().flows, Mandate.default().prices,
    )  # fmt: skip
    for section in SECTIONS:
        assert f"[{section.name}]" in text
        for key in section.keys:
            assert f"\n{key.name} = " in text
            assert key.help in text


TOML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["FIFO", "error", "", "USD", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["equity", "bond", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
NAMES = st.sampled_from([s.name for s in SECTIONS] + [k.name for s in SECTIONS for k in s.keys] + ["typo"])


def toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(item)}" for name, item in value.items()) + "}"
    return str(0 if value is None else value)


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, TOML_VALUES, max_size=3), max_size=4))
def test_any_toml_is_read_or_refused_with_lines(tables: dict[str, dict[str, object]]) -> None:
    text = "\n".join(
        f"[{name}]\n" + "\n".join(f"{key} = {toml(value)}" for key, value in held.items())
        for name, held in tables.items()
    )
    problems = mandate_problems(text)
    assert all(0 < problem.line <= text.count("\n") + 1 for problem in problems)
    if not problems:
        assert parse_mandate(text).lots.method in ("FIFO", "LIFO", "HIFO", "AVERAGE", "SPECIFIC")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert all(isinstance(problem.text(), str) for problem in mandate_problems(text))


def test_what_returns_need_is_in_the_mandate() -> None:
    found = parse_mandate(
        '[flows]\ntiming = "mixed"\nlarge = "10%"\n[benchmark]\ncode = "OLD"\n'
        'changes = ["2022-01-03 60% A + 40% B", "2020-06-01 MID"]\nrates = ["EUR ESTR", "USD/EUR POINTS"]\n'
        '[tax]\nshort_rate = "37%"\nlong_rate = 0.2\nlosses = "lost"\n'
    )
    assert (found.flows.timing, found.flows.large) == ("mixed", 0.1)
    assert found.comparison.changes == ((18414, "MID"), (18995, "60% A + 40% B"))
    assert dict(found.comparison.rates) == {"EUR": "ESTR", "USD/EUR": "POINTS"}
    assert (found.tax.short_rate, found.tax.long_rate, found.tax.losses) == (0.37, 0.2, "lost")


def test_tax_rates_that_are_not_given_are_left_to_the_regime() -> None:
    tax = parse_mandate('[tax]\nregime = "US"\nlong_rate = 0\n').tax
    assert (tax.short_rate, tax.long_rate, tax.long_after_days) == (None, 0.0, None)
    assert parse_mandate("[tax]\nlong_after_days = 730\n").tax.long_after_days == 730


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('[benchmark]\nchanges = ["soon A"]', "does not begin with a date"),
        ('[benchmark]\nchanges = ["2022-01-03"]', "names no benchmark"),
        ('[benchmark]\nrates = ["ESTR"]', "not a currency"),
        ('[tax]\nshort_rate = "120%"', "not a share"),
        ("[tax]\nlong_after_days = -1", "not a number of days"),
        ("[tax]\nlong_after_days = 1.5", "not a number of days"),
        ("[flows]\nlarge = 0", "not above zero"),
    ],
)
def test_what_returns_need_is_checked(text: str, wrong: str) -> None:
    with pytest.raises(MandateError, match=wrong):
        parse_mandate(text)
