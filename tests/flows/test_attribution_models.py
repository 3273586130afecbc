"""Bonds, factors and tracking error of a book: every effect sums to the return, checked by second methods."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import argosy
from argosy.base.dates import format_date, parse_date
from argosy.base.errors import InvalidInput, MissingData, UnknownName
from argosy.measures.attribution.inputs import UndefinedEffect
from argosy.workflows.attribution_models import Model, explained
from argosy.workflows.measured import Asked, measured

INSTRUMENTS = """code,name,type,currency,quote_unit,quantity_scale,coupon,frequency,day_count,issue_date,first_coupon,\
maturity,sector
LONG,Long 4%,bond,EUR,percent,2,0.04,1,ACT/ACT ICMA,2020-03-15,2021-03-15,2034-03-15,Government
SHORT,Short 2%,bond,EUR,percent,2,0.02,2,30/360,2022-02-20,2022-08-20,2026-02-20,Corporate
DOLLAR,Dollar 5%,bond,USD,percent,2,0.05,2,30/360,2023-01-31,2023-07-31,2029-01-31,Corporate
ACME,Acme,equity,EUR,,8,,,,,,,Equity
BOLT,Bolt,equity,EUR,,8,,,,,,,Equity
"""
EVENTS = """date,type,portfolio,instrument,quantity,price,fee,net,currency,counter_currency,counter_amount
2024-01-02,deposit,MIXED,,,,,400000,EUR,,
2024-01-02,fx,MIXED,,,,,-60000,EUR,USD,66000
2024-01-02,buy,MIXED,LONG,100000,,5,-103500,EUR,,
2024-01-02,buy,MIXED,SHORT,80000,,,-77900,EUR,,
2024-01-02,buy,MIXED,DOLLAR,60000,,,-62000,USD,,
2024-01-02,buy,MIXED,ACME,300,100,3,,,,
2024-01-12,buy,MIXED,SHORT,20000,,,-19400,EUR,,
2024-01-31,coupon,MIXED,DOLLAR,,,,1500,USD,,
2024-02-09,sell,MIXED,LONG,-40000,,4,41250,EUR,,
2024-02-16,deposit,MIXED,,,,,25000,EUR,,
2024-02-20,coupon,MIXED,SHORT,,,,1000,EUR,,
2024-02-27,fee,MIXED,,,,,-150,EUR,,
"""


def weekdays() -> list[str]:
    first = parse_date("2024-01-02")
    return [format_date(day) for day in range(first, first + 60) if (day + 3) % 7 < 5]


def files() -> dict[str, str]:
    """Prices, rates, curves and factors that move for reasons of their own."""
    rng = np.random.default_rng(11)
    days = weekdays()
    steps = len(days)
    level = 0.027 + np.cumsum(rng.normal(0, 4e-4, steps))
    slope = 0.004 + np.cumsum(rng.normal(0, 2e-4, steps))
    out = {"prices": "date,instrument,price\n", "fx": "date,base,quote,rate\n", "eur": "date,tenor,yield\n",
           "usd": "date,tenor,yield\n", "factors": "date,factor,return\n"}  # fmt: skip
    market, size = rng.normal(0, 0.01, steps), rng.normal(0, 0.006, steps)
    acme, bolt = 100.0, 40.0
    for n, day in enumerate(days):
        for name, tenor in (("LONG", 10.0), ("SHORT", 2.0), ("DOLLAR", 5.0)):
            rate = level[n] + slope[n] * (tenor - 5) / 5 + rng.normal(0, 1e-4)
            out["prices"] += f"{day},{name},{100 * (1 + (0.035 - rate) * tenor * 0.9):.4f}\n"
        acme *= 1 + 1.2 * market[n] + 0.4 * size[n] + rng.normal(0, 0.004)
        bolt *= 1 + 0.7 * market[n] - 0.3 * size[n] + rng.normal(0, 0.004)
        out["prices"] += f"{day},ACME,{acme:.4f}\n{day},BOLT,{bolt:.4f}\n"
        out["fx"] += f"{day},EUR,USD,{1.10 + 0.01 * np.sin(n / 5):.5f}\n"
        for tenor in (1, 2, 5, 10, 30):
            for key, spread in (("eur", 0.0), ("usd", 0.012)):
                out[key] += f"{day},{tenor},{level[n] + spread + slope[n] * (tenor - 5) / 10:.6f}\n"
        out["factors"] += f"{day},market,{market[n]:.6f}\n{day},size,{size[n]:.6f}\n"
    return out


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    made = files()
    with argosy.create(f"sqlite:///{tmp_path_factory.mktemp('bonds') / 'book.db'}") as opened:
        opened.create_portfolio("MIXED", currency="EUR")
        for report in (
            opened.import_instruments(INSTRUMENTS.encode(), name="i.csv"),
            opened.import_prices(made["prices"].encode(), name="p.csv"),
            opened.import_fx(made["fx"].encode(), name="fx.csv"),
            opened.import_transactions(EVENTS.encode(), name="t.csv"),
            opened.import_curve(made["eur"].encode(), name="e.csv", code="EURGOV", currency="EUR"),
            opened.import_curve(made["usd"].encode(), name="u.csv", code="USDGOV", currency="USD"),
            opened.import_factors(made["factors"].encode(), name="f.csv", code="TWO"),
        ):
            assert report.written, report.table()
        opened.define_benchmark("PAIR", currency="EUR", instruments=["ACME", "BOLT"], rebalance="daily")
        yield opened


def ask(book: argosy.Book, name: str, **given: Any) -> Any:
    asked = {key: given.pop(key) for key in ("curves", "tenor", "factors", "exposures") if key in given}
    return explained(book.look(), model=Model(name, **asked), **given).results[0]


def test_bond_effects_sum_to_the_return(book: argosy.Book) -> None:
    found = ask(book, "fixed-income")
    assert np.abs(found.per_step.sum(axis=1) - found.returns).max() < 1e-12
    assert abs(found.residual) < 1e-10
    whole = book.performance(periods="ITD").periods[0].time_weighted.number()
    assert found.total == pytest.approx(whole, abs=1e-12)
    lines = book.contribution().contributions[0]
    for label in ("LONG", "SHORT", "DOLLAR", "ACME", "cash EUR", "fees"):
        mine, theirs = found.labels.index(label), lines.labels.index(label)
        assert found.contribution[mine] == pytest.approx(lines.contribution[theirs], abs=1e-13)
        assert found.weight[mine] == pytest.approx(lines.weight[theirs], abs=1e-13)
    places = [found.labels.index(one) for one in ("ACME", "cash USD", "fees")]
    assert not found.effects[:8, places].any()


def test_every_effect_of_a_day_by_hand(book: argosy.Book) -> None:
    """One bond on one quiet day, computed anew from prices, QuantLib's yields and the curve's file."""
    ql = pytest.importorskip("QuantLib")
    day, before = "2024-01-10", "2024-01-09"
    prices = dict(line.rsplit(",", 1) for line in files()["prices"].splitlines()[1:])
    curve: dict[str, dict[float, float]] = {}
    for line in files()["eur"].splitlines()[1:]:
        at, tenor, rate = line.split(",")
        curve.setdefault(at, {})[float(tenor)] = float(rate)

    def figures(at: str) -> tuple[float, float, float, float]:
        epoch = parse_date(at)
        date = ql.Date(int(at[8:]), int(at[5:7]), int(at[:4]))
        ql.Settings.instance().evaluationDate = date
        schedule = ql.Schedule(
            ql.Date(15, 3, 2020), ql.Date(15, 3, 2034), ql.Period(1, ql.Years), ql.NullCalendar(), ql.Unadjusted,
            ql.Unadjusted, ql.DateGeneration.Backward, False,
        )  # fmt: skip
        count = ql.ActualActual(ql.ActualActual.ISMA, schedule)
        peer = ql.FixedRateBond(0, 100.0, schedule, [0.04], count)
        clean = float(prices[f"{at},LONG"])
        rate = peer.bondYield(ql.BondPrice(clean, ql.BondPrice.Clean), count, ql.Compounded, ql.Annual, date, 1e-14,
                              1000, 0.03)  # fmt: skip
        length = ql.BondFunctions.duration(peer, ql.InterestRate(rate, count, ql.Compounded, ql.Annual),
                                           ql.Duration.Modified, date)  # fmt: skip
        return rate, length, (clean + peer.accruedAmount(date)) / 100, (parse_date("2034-03-15") - epoch) / 365

    y0, d0, p0, m0 = figures(before)
    y1, _, p1, m1 = figures(day)

    def at(when: str, years: float) -> float:
        tenors = sorted(curve[when])
        return float(np.interp(years, tenors, [curve[when][one] for one in tenors]))

    weight = next(
        one.lines.weights[int(np.searchsorted(one.lines.days, parse_date(day)))][
            [line.name for line in one.lines.lines].index("LONG")
        ] for one in measured(book.look(), Asked())
    )  # fmt: skip
    shift = at(day, 5) - at(before, 5)
    want = {
        "income": y0 / 365, "roll_down": -d0 * (at(before, m1) - at(before, m0)), "shift": -d0 * shift,
        "twist": -d0 * (at(day, m1) - at(before, m1) - shift),
        "spread": -d0 * ((y1 - at(day, m1)) - (y0 - at(before, m0))),
    }  # fmt: skip
    want["selection"] = p1 / p0 - 1 - sum(want.values())
    only = explained(book.look(as_of=day), model=Model("fixed-income"), periods=(f"{day}..{day}",)).results[0]
    place = only.labels.index("LONG")
    for row, (name, value) in enumerate(want.items()):
        assert only.effects[row, place] == pytest.approx(weight * value, abs=1e-9), name


def test_bond_effects_by_level_and_currency(book: argosy.Book) -> None:
    apart, joined = ask(book, "fixed-income"), ask(book, "fixed-income", by=("sector",))
    places = [apart.labels.index(one) for one in ("SHORT", "DOLLAR")]
    corporate = joined.labels.index("Corporate")
    assert joined.effects[:, corporate] == pytest.approx(apart.effects[:, places].sum(axis=1), abs=1e-15)
    # Only the dollar bond has a currency of its own.
    assert apart.effects[6, apart.labels.index("DOLLAR")] != 0.0
    assert apart.effects[6, apart.labels.index("LONG")] == 0.0
    dollars = explained(book.look(), model=Model("fixed-income"), asked=Asked(currency="USD")).results[0]
    assert dollars.effects[6, dollars.labels.index("DOLLAR")] == 0.0
    # Where a bond's currency is the book's own, its local effects do not depend on who asks.
    assert abs(dollars.residual) < 1e-10
    wide = ask(book, "fixed-income", tenor=10.0)
    both = apart.effects[2:4].sum(axis=0)
    assert wide.effects[2:4].sum(axis=0) == pytest.approx(both, abs=1e-12)
    assert wide.effects[2].sum() != pytest.approx(apart.effects[2].sum(), abs=1e-6)


@pytest.mark.parametrize("exposures", ["regressed", "auto"])
@pytest.mark.parametrize("benchmark", [None, "PAIR", "60% ACME + 40% PAIR @ never"])
def test_factor_effects_sum(book: argosy.Book, exposures: str, benchmark: str | None) -> None:
    found = ask(book, "factors", exposures=exposures, benchmark=benchmark, periods=("2024-01-03..2024-02-29",))
    assert np.abs(found.per_period).max() < 1e-12
    assert abs(found.residual) < 1e-10
    whole = book.performance(periods="2024-01-03..2024-02-29").periods[0].time_weighted.number()
    assert found.portfolio == pytest.approx(whole, abs=1e-12)
    assert found.factors == ("market", "size")
    if benchmark is None:
        assert found.active == found.portfolio


def test_regressed_exposures_are_those_of_statsmodels(book: argosy.Book) -> None:
    sm = pytest.importorskip("statsmodels.api")
    found = ask(book, "factors", benchmark="ACME", periods=("2024-01-03..2024-02-29",))
    prices = [float(line.rsplit(",", 1)[1]) for line in files()["prices"].splitlines() if ",ACME," in line]
    factors = [float(line.rsplit(",", 1)[1]) for line in files()["factors"].splitlines()[1:]]
    y = np.diff(prices) / np.array(prices[:-1])
    x = np.array(factors).reshape(-1, 2)[1:]
    days = [day for day in weekdays()[1:] if day <= "2024-02-29"]
    fit = sm.OLS(y[: len(days)], sm.add_constant(x[: len(days)])).fit()
    first = np.searchsorted([parse_date(day) for day in days], int(found.days[0]))
    assert first == 1 or first == 0
    fit = sm.OLS(y[first : len(days)], sm.add_constant(x[first : len(days)])).fit()
    assert found.benchmark_exposure == pytest.approx(fit.params[1:], abs=1e-9)


def test_imported_exposures(book: argosy.Book, tmp_path: Path) -> None:
    with argosy.create(str(tmp_path / "b.db")) as other:
        made = files()
        other.create_portfolio("P", currency="EUR")
        events = "\n".join(
            line for line in EVENTS.splitlines() if "MIXED,," in line or "ACME" in line or "date" in line
        )
        for report in (
            other.import_instruments(INSTRUMENTS.encode(), name="i.csv"),
            other.import_prices(made["prices"].encode(), name="p.csv"),
            other.import_fx(made["fx"].encode(), name="fx.csv"),
            other.import_transactions(events.replace("MIXED", "P").encode(), name="t.csv"),
            other.import_factors(made["factors"].encode(), name="f.csv", code="TWO"),
            other.import_exposures(
                b"instrument,factor,exposure,date\nACME,market,1.2,\nACME,size,0.4,\nACME,market,1,2024-02-01\n"
                b"ACME,size,0.5,2024-02-01\n", name="x.csv", code="TWO",
            ),
        ):  # fmt: skip
            assert report.written, report.table()
        found = ask(other, "factors")
        line = next(iter(measured(other.look(), Asked()))).lines
        place = [one.name for one in line.lines].index("ACME")
        keep = line.days > parse_date("2024-01-02")
        slope = np.where(line.before[keep] >= parse_date("2024-02-01"), 1.0, 1.2)
        assert found.exposure[0] == pytest.approx((line.weights[keep, place] * slope).mean(), abs=1e-8)  # rounding
        assert abs(found.residual) < 1e-10
        other.define_benchmark("PAIR", currency="EUR", instruments=["ACME", "BOLT"], rebalance="daily")
        with pytest.raises(MissingData, match="BOLT has no exposure to market, size of TWO on 2024-01-02"):
            ask(other, "factors", benchmark="PAIR")
        assert abs(ask(other, "factors", benchmark="PAIR", exposures="regressed").residual) < 1e-10


@pytest.mark.parametrize("by", [(), ("type",), ("security",)])
def test_contributions_sum_to_the_tracking_error(book: argosy.Book, by: tuple[str, ...]) -> None:
    found = ask(book, "risk", benchmark="PAIR", by=by)
    active = found.found.effects.active
    assert found.risk.contribution.sum() == pytest.approx(active.std(ddof=1) * 252**0.5, abs=1e-12)
    assert abs(found.residual) < 1e-12
    share = found.risk.contribution / found.risk.tracking_error
    assert float(share @ found.risk.component_ratio) == pytest.approx(found.risk.information_ratio, abs=1e-10)
    beta = np.cov(found.found.effects.portfolio, found.found.effects.benchmark)
    assert found.beta == pytest.approx(beta[0, 1] / beta[1, 1], rel=1e-12)
    split = found.split
    assert split is not None
    parts = split.risk_free + split.systematic + split.diversification + split.net_selectivity
    assert parts == pytest.approx(float(found.found.effects.portfolio.mean()) * 252, abs=1e-12)


def test_bad_questions_have_a_next_step(book: argosy.Book) -> None:
    for wrong in ({"name": "x"}, {"name": "factors", "exposures": "x"}):
        with pytest.raises(UnknownName):
            Model(**wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="tenor"):
        Model("fixed-income", tenor=0)
    with pytest.raises(InvalidInput, match="model is risk"):
        Model("risk", curves=("EURGOV",))
    with pytest.raises(InvalidInput, match="not the difference from a benchmark"):
        ask(book, "fixed-income", benchmark="PAIR")
    with pytest.raises(InvalidInput, match="one level and one view"):
        ask(book, "risk", benchmark="PAIR", by=("type", "sector"))
    with pytest.raises(InvalidInput, match="has no benchmark"):
        ask(book, "risk")
    with pytest.raises(MissingData, match="DOLLAR is in USD, for which there is no yield curve"):
        ask(book, "fixed-income", curves=("EURGOV",))
    with pytest.raises(UnknownName, match="yield curve"):
        ask(book, "fixed-income", curves=("EURGUV",))
    with pytest.raises(InvalidInput, match="both curves in EUR"):
        ask(book, "fixed-income", curves=("EURGOV", "EURGOV"))
    with pytest.raises(UnknownName, match="factor returns"):
        ask(book, "factors", factors="THREE")
    with pytest.raises(MissingData, match="too few to regress"):
        ask(book, "factors", periods=("2024-01-09..2024-01-10",))
    with pytest.raises(UndefinedEffect, match="1 periods cannot give a deviation"):
        ask(book, "risk", benchmark="PAIR", periods=("2024-01-10..2024-01-10",))
    for kind in ("factors", "risk"):
        with pytest.raises(InvalidInput, match="arithmetic"):
            from argosy.workflows.choices import choices

            ask(book, kind, benchmark="PAIR", choices=choices(geometric=True))
