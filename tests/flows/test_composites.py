"""Composites of a book: weighted by capital, counted in whole months of membership, recomputed from each portfolio."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import argosy
from argosy.base.dates import format_date, parse_date
from argosy.base.errors import InvalidInput, MissingData, UnknownName
from argosy.interfaces.cli import cli
from argosy.measures.attribution.book_composite import carve_out
from argosy.workflows.measured import Asked, measured

CODES = [f"P{number}" for number in range(1, 8)]
LAST = "2023-03-31"


def month_ends() -> list[str]:
    days = np.arange("2019-12", "2023-05", dtype="datetime64[M]").astype("datetime64[D]").astype(int) - 1
    return [format_date(day - max((day + 3) % 7 - 4, 0)) for day in days.tolist()][1:]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[argosy.Book]:
    rng = np.random.default_rng(5)
    prices = "date,instrument,price\n"
    for name, drift in (("TECH", 0.01), ("TOOL", 0.004)):
        level = 100.0
        for day in month_ends():
            level *= 1 + drift + rng.normal(0, 0.04)
            prices += f"{day},{name},{level:.2f}\n"
    levels = "date,level\n" + "".join(f"{day},{100 + n}\n" for n, day in enumerate(month_ends()))
    events = "date,type,portfolio,instrument,quantity,price,net,currency\n"
    for number, code in enumerate(CODES):
        begin = "2019-12-31" if number < 6 else "2021-02-26"
        cash = 10000 * (number + 1)
        events += f"{begin},deposit,{code},,,,{cash},EUR\n"
        events += (
            f"{begin},buy,{code},TECH,{20 + 15 * number},100,,\n{begin},buy,{code},TOOL,{10 + 20 * number},100,,\n"
        )
    events += "2021-06-15,deposit,P2,,,,5000,EUR\n"
    with argosy.create(f"sqlite:///{tmp_path_factory.mktemp('composite') / 'book.db'}") as opened:
        for code in CODES:
            opened.create_portfolio(code, currency="EUR")
        for report in (
            opened.import_instruments(
                b"code,name,type,currency,sector\nTECH,T,equity,EUR,Tech\nTOOL,U,equity,EUR,Tools\n", name="i.csv"
            ),
            opened.import_prices(prices.encode(), name="p.csv"),
            opened.import_transactions(events.encode(), name="t.csv"),
            opened.import_benchmark(levels.encode(), name="b.csv", code="INDEX", currency="EUR"),
        ):
            assert report.written, report.table()
        opened.create_group("ALL", members=CODES[:6])
        opened.create_group("LATE", members=["P1"])
        opened.set_membership("LATE", "P7", first="2021-03-15")
        opened.set_membership("LATE", "P1", last="2021-12-31")
        yield opened


def monthly(book: argosy.Book, code: str) -> dict[str, tuple[float, float]]:
    """Return and starting value of each calendar month, from `performance` alone."""
    ends = [parse_date(day) for day in month_ends()]
    out = {}
    for first, last in pairwise(ends):
        found = book.performance(portfolio=code, periods=f"{format_date(first + 1)}..{format_date(last)}", benchmark="")
        one = found.periods[0]
        if one.time_weighted.defined and one.start > 0:
            out[format_date(last)[:7]] = (one.time_weighted.value, one.start)
    return out


def test_returns_are_those_of_the_members(book: argosy.Book) -> None:
    found = book.composite("ALL", as_of=LAST, benchmark="INDEX", members=True)
    made = found.result
    assert made is not None
    each = {code: monthly(book, code) for code in CODES[:6]}
    months = [format_date(int(day))[:7] for day in made.days]
    assert months[0] == "2020-01"
    assert months[-1] == "2023-03"
    for row, month in enumerate(months):
        parts = [each[code][month] for code in CODES[:6]]
        total = sum(capital for _, capital in parts)
        want = sum(rate * capital for rate, capital in parts) / total
        assert made.found.returns.values[row] == pytest.approx(want, abs=1e-12)
        assert made.found.capital[row] == pytest.approx(total, rel=1e-12)
        assert made.found.members[row] == 6
    assert made.linked().number() == pytest.approx(float(np.prod(1 + made.found.returns.values)) - 1, abs=1e-14)
    year = made.years[1]
    assert (year.year, year.whole, year.members, year.full_year) == (2021, True, 6, 6)
    annual = [np.prod([1 + each[code][f"2021-{m:02d}"][0] for m in range(1, 13)]) - 1 for code in CODES[:6]]
    assert year.dispersion.number() == pytest.approx(float(np.std(annual, ddof=1)), abs=1e-12)
    assert year.benchmark is not None
    # Levels rise by one a month: 12 at the end of 2020, 24 a year later.
    assert year.benchmark.number() == pytest.approx(124 / 112 - 1, abs=1e-12)
    values = [book.performance(portfolio=code, periods="2021-01-01..2021-12-31").periods[0].end for code in CODES[:6]]
    assert year.assets == pytest.approx(sum(values), rel=1e-12)
    last = made.years[-2]
    window = made.found.returns.values[:36]
    assert last.deviation.number() == pytest.approx(float(np.std(window, ddof=1)) * 12**0.5, abs=1e-12)
    assert last.benchmark_deviation is not None
    assert last.benchmark_deviation.defined
    assert not made.years[0].deviation.defined
    partial = made.years[-1]
    assert (partial.year, partial.whole, partial.dispersion.defined) == (2023, False, False)
    shares = found.tables[2].rows()
    assert sum(row["weight"] for row in shares if row["to"].isoformat() == "2021-05-31") == pytest.approx(1.0)
    assert [len(one) for one in found.tables] == [4, 39, 39 * 6]


def test_the_part_of_the_firm_s_assets(book: argosy.Book) -> None:
    found = book.composite("ALL", as_of=LAST, firm_assets=True)
    assert found.result is not None
    for one in found.result.years:
        year = one.year
        last = f"{year}-12-31" if year < 2023 else LAST
        worth = {code: book.performance(portfolio=code, as_of=last, periods="ITD").periods[0].end for code in CODES[:6]}
        if year > 2020:  # the seventh portfolio of the firm is of 2021, and no member
            worth["P7"] = book.performance(portfolio="P7", as_of=last, periods="ITD").periods[0].end
        members = sum(worth[code] for code in CODES[:6])
        assert one.firm_share is not None
        assert one.firm_share.number() == pytest.approx(members / sum(worth.values()), rel=1e-12)
    assert found.tables[0].rows()[0]["firm_share"] == 1.0
    assert "firm_share" not in book.composite("ALL", as_of=LAST).tables[0].rows()[0]


def test_a_firm_that_cannot_be_valued_has_no_share(tmp_path: Path) -> None:
    with argosy.create(f"sqlite:///{tmp_path / 'book.db'}") as lone:
        lone.create_portfolio("P", currency="EUR")
        lone.create_portfolio("Q", currency="EUR")
        lone.import_instruments(b"code,name,type,currency\nA,A,equity,EUR\nB,B,equity,EUR\n", name="i.csv")
        lone.import_prices(b"date,instrument,price\n2019-12-31,A,10\n2020-01-31,A,11\n2020-02-28,A,12\n", name="p.csv")
        lone.import_transactions(
            b"date,type,portfolio,instrument,quantity,price,net,currency\n2019-12-31,deposit,P,,,,1000,EUR\n"
            b"2019-12-31,buy,P,A,50,10,,\n2019-12-31,deposit,Q,,,,1000,EUR\n2019-12-31,buy,Q,B,50,10,,\n", name="t.csv",
        )  # fmt: skip
        lone.create_group("ONE", members=["P"])
        found = lone.composite("ONE", as_of="2020-02-29", benchmark="", firm_assets=True)
        assert found.result is not None
        (year,) = found.result.years
        assert year.firm_share is not None
        assert not year.firm_share.defined
        assert "firm share of 2020: a portfolio of the firm has no value on 2020-02-28" in str(found)


@pytest.mark.parametrize("kind", ["asset", "range", "quartiles"])
def test_dispersion_by_kind(book: argosy.Book, kind: str) -> None:
    made = book.composite("ALL", as_of=LAST, dispersion=kind).result
    assert made is not None
    assert made.years[1].dispersion.number() > 0.0
    assert made.benchmark is None


def test_members_count_in_whole_months_only(book: argosy.Book) -> None:
    made = book.composite("LATE", as_of=LAST).result
    assert made is not None
    months = [format_date(int(day))[:7] for day in made.days]
    both = [month for month, count in zip(months, made.found.members.tolist(), strict=True) if count == 2]
    # P7 joins in the middle of March 2021: April is its first whole month; P1 leaves with 2021.
    assert (both[0], both[-1], len(both)) == ("2021-04", "2021-12", 9)
    alone = monthly(book, "P7")
    row = months.index("2022-02")
    assert made.found.returns.values[row] == pytest.approx(alone["2022-02"][0], abs=1e-12)
    text = str(book.composite("LATE", as_of=LAST))
    assert "are needed" in text


@pytest.mark.parametrize("cash", ["pro-rata", "none"])
def test_a_carve_out_brings_its_cash(book: argosy.Book, cash: str) -> None:
    made = book.composite("ALL", as_of=LAST, carve_out="Tech", cash=cash).result
    assert made is not None
    total = gain = 0.0
    month = parse_date("2021-01-31")
    for one in measured(book.look(as_of=LAST, portfolio=CODES[:6]), Asked()):
        lines = one.lines
        names = [line.name for line in lines.lines]
        tech, idle = names.index("TECH"), names.index("cash EUR")
        rows = np.flatnonzero((lines.days > parse_date("2020-12-31")) & (lines.days <= month))
        share = (
            lines.weights[rows, tech] / (1 - lines.weights[rows, idle]) if cash == "pro-rata" else np.zeros(len(rows))
        )
        base = lines.weights[rows, tech] + share * lines.weights[rows, idle]
        rate = (lines.contributions[rows, tech] + share * lines.contributions[rows, idle]) / base
        capital = base[0] * lines.base[rows[0]]
        gain += capital * (np.prod(1 + rate) - 1)
        total += capital
    row = [format_date(int(day))[:7] for day in made.days].index("2021-01")
    assert made.found.returns.values[row] == pytest.approx(gain / total, abs=1e-12)
    assert made.years[1].assets > 0.0


def test_a_carve_out_that_begins_later_has_no_return_before(book: argosy.Book) -> None:
    one = next(iter(measured(book.look(as_of=LAST, portfolio="P1"), Asked())))
    series = carve_out(one.lines, lambda line: line.name, "TOOL")
    assert series.defined[1:].all()
    with pytest.raises(InvalidInput, match="pro-rata or none"):
        carve_out(one.lines, lambda line: line.name, "TOOL", cash="some")
    with pytest.raises(MissingData, match="it held TECH, TOOL"):
        carve_out(one.lines, lambda line: line.name, "GOLD")


def test_bad_questions(book: argosy.Book) -> None:
    with pytest.raises(UnknownName, match="group"):
        book.composite("NONE")
    with pytest.raises(UnknownName, match="dispersion"):
        book.composite("ALL", dispersion="x")
    with pytest.raises(UnknownName, match="frequency"):
        book.composite("ALL", frequency="x")
    with pytest.raises(InvalidInput, match="week or longer"):
        book.composite("ALL", frequency="daily")
    with pytest.raises(MissingData, match="never held"):
        book.composite("ALL", carve_out="Gold")
    with pytest.raises(MissingData, match="whole period"):
        book.composite("ALL", as_of="2020-01-15")


@pytest.mark.parametrize("frequency", ["weekly", "quarterly", "yearly"])
def test_other_periods_link_to_the_same(book: argosy.Book, frequency: str) -> None:
    """With one member the length of periods does not matter."""
    one = book.composite("LATE", as_of="2020-12-31", frequency=frequency).result
    month = book.composite("LATE", as_of="2020-12-31").result
    assert one is not None
    assert month is not None
    if frequency != "weekly":
        assert one.linked().number() == pytest.approx(month.linked().number(), abs=1e-12)
    assert one.found.members.max() == 1


def test_the_command(book: argosy.Book) -> None:
    words = f"composite ALL --book {book.url} --as-of {LAST} --benchmark INDEX --members --format csv"
    done = CliRunner().invoke(cli, words.split())
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("year,return")
    assert len(done.stdout.splitlines()) == 5
    wrong = CliRunner().invoke(cli, f"composite NONE --book {book.url}".split())
    assert wrong.exit_code not in (0, 1)
