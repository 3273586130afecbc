"""The paper market by hand: rivals of a mandate, days to look at, fills, money changed, losses carried."""

from __future__ import annotations

import numpy as np
import pytest

from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput, UnknownName
from argosy.base.money import Quote
from argosy.construction.rebalance.comparison import PaperTrade, RuleOutcome, tracking_error_to
from argosy.construction.rebalance.of_book import BookLines
from argosy.construction.rebalance.plan import checked_lines
from argosy.construction.rebalance.rivals import RIVALS, first_text, rival_text
from argosy.construction.rebalance.watching import constant_target, days_to_look, looked_at
from argosy.record.mandate import Mandate, parse_mandate
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference import Instrument
from argosy.reporting.statements.simulated import comparison_table, paper_trades_table, values_table

DAYS = np.arange(parse_date("2022-01-03"), parse_date("2022-01-13"))
TARGET = {"A": 0.6, "B": 0.4}
RULES = '[targets]\nsource = "weights"\nweights = ["A 60%", "B 40%"]\n[rebalancing]\nabsolute = "5%"\n'


def market(levels: dict[int, list[float]]) -> MarketSnapshot:
    """A market of one price a day for each instrument, given as if live day by day."""
    found = MarketSnapshot.empty()
    series = {}
    for instrument, prices in levels.items():
        for day, price in zip(DAYS.tolist(), prices, strict=False):
            found = found.with_live({instrument: Quote(round(price * 100), -2)}, day)
        series[instrument] = found.live[instrument]
    return type(found)(0, found.prices, found.fx, found.benchmarks, sources=("",) * 100, live=series)


def book(*, cash: float = 0.0) -> BookLines:
    instruments = tuple(
        Instrument(at, name, "", "equity", "USD", 0, "", Quote(1, 0)) for at, name in ((1, "A"), (2, "B"))
    )
    lines = checked_lines(["A", "B"], [60.0, 40.0], [1.0, 1.0])
    return BookLines(lines, instruments, (Quote(1, 0),) * 2, (0, 0), cash, 100.0 + cash, {})


def look(text: str, prices: dict[int, list[float]], *, cash: float = 0.0, last: int = 0) -> list[bool]:
    mandate = parse_mandate(text)
    return days_to_look(
        book(cash=cash), constant_target(mandate, TARGET), mandate, market(prices), days=DAYS, currency="USD",
        last_rebalance=last,
    ).tolist()  # fmt: skip


CALM = {1: [1.0] * 10, 2: [1.0] * 10}


def test_only_days_outside_a_band_are_looked_at() -> None:
    # 60 of A at 1.30 beside 40 of B at 1: 78 of 118 are 66.1%, more than 5% above 60%.
    assert look(RULES, {1: [1.0] * 4 + [1.3] + [1.0] * 5, 2: [1.0] * 10}) == [False] * 4 + [True] + [False] * 5
    assert not any(look(RULES + "drift = false\n", {1: [1.3] * 10, 2: [1.0] * 10}))
    # B has no price before the fourth day: nobody can say that there is nothing to do.
    short = market({1: [1.0] * 10, 2: [1.0] * 10})
    late = {1: short.live[1], 2: type(short.live[2])(0, *(getattr(short.live[2], name)[3:] for name in (
        "date", "mantissa", "exponent", "load", "line", "source")))}  # fmt: skip
    mandate = parse_mandate(RULES)
    found = days_to_look(book(), TARGET, mandate, type(short)(0, short.prices, short.fx, short.benchmarks,
                         sources=short.sources, live=late), days=DAYS, currency="USD", last_rebalance=0)  # fmt: skip
    assert found.tolist() == [True] * 3 + [False] * 7


def test_cash_calendar_and_limits() -> None:
    assert all(look(RULES + 'cash = "2%"\n', CALM, cash=5.0))
    assert not any(look(RULES + 'cash = "20%"\n', CALM, cash=5.0))
    day = parse_date("2021-12-09")
    assert look(RULES + "every_months = 1\n", CALM, last=day) == [False] * 6 + [True] * 4
    limited = RULES + '[limits]\nrules = ["weight of A <= 62%"]\n'
    assert look(limited, {1: [1.0] * 8 + [1.12] * 2, 2: [1.0] * 10}) == [False] * 8 + [True] * 2
    floor = RULES + '[limits]\nrules = ["weight of B >= 39%", "weight of sector=Energy <= 10%"]\n'
    assert look(floor, {1: [1.0] * 8 + [1.12] * 2, 2: [1.0] * 10})[-2:] == [True, True]


@pytest.mark.parametrize("more", ['bands = "volatility"', 'tracking_error = "1%"', 'signal = "5%"'])
def test_what_weights_do_not_tell_makes_every_day_one_to_look_at(more: str) -> None:
    assert all(look(RULES + more + "\n", CALM))
    assert all(look(RULES + '[limits]\nrules = ["volatility <= 20%"]\n', CALM))
    assert all(look(RULES.replace('"A 60%"', '"type=equity 60%"'), CALM))


def test_rivals_differ_in_when_and_not_in_what() -> None:
    own = parse_mandate(RULES + '[limits]\nrules = ["weight of each <= 70%"]\n[costs]\nhalf_spread = "5bp"\n')
    read: dict[str, Mandate] = {rule: parse_mandate(rival_text(own, rule)) for rule in RIVALS}
    assert read["mandate"].trading == own.trading
    assert {rule: one.trading.rebalancing.every_months for rule, one in read.items()} == {
        "mandate": 0, "never": 0, "monthly": 1, "quarterly": 3, "yearly": 12,
    }  # fmt: skip
    assert not read["never"].policy.limits.rules
    assert read["monthly"].policy.limits.rules == own.policy.limits.rules
    assert all(one.trading.targets == own.trading.targets for one in read.values())
    assert all(one.policy.costs == own.policy.costs for one in read.values())
    assert parse_mandate(first_text(own)).trading.rebalancing.how_far == "target"
    with pytest.raises(UnknownName, match="hourly"):
        rival_text(own, "hourly")


def test_sessions_that_are_looked_at() -> None:
    days = np.array([parse_date(day) for day in ("2022-01-28", "2022-01-31", "2022-02-01", "2022-02-04")])
    assert looked_at(days, "daily").all()
    assert looked_at(days, "weekly").tolist() == [True, False, False, True]
    assert looked_at(days, "monthly").tolist() == [False, True, False, True]


def outcome(rule: str, nav: list[float]) -> RuleOutcome:
    days = np.array([0, 183, 365])
    trades = (PaperTrade(0, 0.5, 10.0, 2, "first"), PaperTrade(183, 0.1, 2.0, 2, "drift"))
    return RuleOutcome(rule, days, np.array(nav), trades, 3.0, 0.01, ("a note",))


def test_outcomes_by_hand() -> None:
    one = outcome("mandate", [100.0, 110.0, 121.0])
    years = 365 / 365.25
    assert one.return_annual == pytest.approx(1.21 ** (1 / years) - 1)
    assert one.volatility_annual == pytest.approx(0.0, abs=1e-12)
    assert (one.rebalances, one.cost) == (1, 12.0)
    assert one.turnover_annual == pytest.approx(0.1 / years)
    both = comparison_table([one, outcome("never", [100.0, 105.0, 111.0])], portfolio="P", currency="USD").rows()
    assert float(both[0]["earned"]) == 10.0
    assert float(both[1]["earned"]) == 0.0
    assert comparison_table([one], portfolio="P", currency="USD").rows()[0]["earned"] is None
    assert len(paper_trades_table(one).rows()) == 2
    assert len(values_table([one]).rows()) == 3


def test_tracking_error_by_hand() -> None:
    days = np.arange(4)
    values = np.array([[1.0], [1.1], [1.1], [1.21]])
    nav = np.array([1.0, 1.1, 1.1 * 1.01, 1.1 * 1.01 * 1.1])
    # Differences to the target: 0, 1%, 0.
    apart = np.array([0.0, 0.01, 0.0])
    found = tracking_error_to(days, nav, values, [(0, np.array([1.0]))], first=0)
    assert found == pytest.approx(apart.std(ddof=1) * np.sqrt(365.25))
    assert tracking_error_to(days, nav, values, [(0, np.array([1.0]))], first=2) == 0.0
    with pytest.raises(InvalidInput, match="no target"):
        tracking_error_to(days, nav, values, [], first=0)
