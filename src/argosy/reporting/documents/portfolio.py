"""The chapter of one portfolio (or group) on a page: what it is worth, how it did, what it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from argosy.base.columns import group, rescaled
from argosy.base.dates import format_date, to_date
from argosy.base.table import Column, Table
from argosy.measures.performance.annualize import annualize_days
from argosy.measures.performance.periods import PeriodReturn
from argosy.measures.performance.returns import Outcome
from argosy.measures.performance.summary import ReturnSummary
from argosy.measures.valuation.history import NavHistory
from argosy.measures.valuation.value import SubjectValue
from argosy.reporting.charts.lines import Figure, Series, drawdown_figure, growth_figure, value_figure
from argosy.reporting.documents.page import NARROW, WIDE, Block, Drawing, One, Section, Tile
from argosy.reporting.documents.tables import TableBlock

Draw = Callable[[dict[str, object], str, str, str], str]
"""Draws a figure: specification, title, description and a name unique in the page; gives an ``<svg>`` element."""

HALF = (500, 260)
A_YEAR = 366


@dataclass(frozen=True)
class Chapter:
    """Everything a chapter shows. Tables that are None or empty are left out."""

    title: str
    lead: str
    value: SubjectValue
    day: int
    history: NavHistory
    place: int  # the subject's row in the history
    returns: ReturnSummary
    years: Sequence[PeriodReturn]
    benchmark: str
    holdings: Table
    cash: Table | None = None
    income: Table | None = None
    unrealized: Table | None = None
    realized: Table | None = None
    lots: Table | None = None
    warnings: tuple[str, ...] = ()


def portfolio_section(chapter: Chapter, draw: Draw, *, name: str) -> Section:
    """The chapter as a section of a page; ``name`` makes the drawings' ids unique."""
    blocks: list[Block] = []
    figures = _figures(chapter)
    if figures:
        blocks.append(drawn(figures[0], draw, name=f"{name}-growth"))
        blocks.append(tuple(drawn(figure, draw, name=f"{name}-{place}", wide=HALF)
                            for place, figure in enumerate(figures[1:])))  # fmt: skip
    blocks.append(TableBlock(_page_holdings(chapter.holdings), "Holdings", f"on {format_date(chapter.day)}",
                             bars="weight", phone=("instrument", "value", "weight")))  # fmt: skip
    left: list[One] = [TableBlock(_period_columns(chapter.returns.periods), "Returns", "time-weighted")]
    if chapter.cash is not None and len(chapter.cash):
        left.append(TableBlock(_without(chapter.cash, "portfolio"), "Cash", "on trade and settlement dates"))
    right = [TableBlock(_period_columns(chapter.years, years=True), "Returns by year", "time-weighted")]
    blocks.append((tuple(left), tuple(right)) if chapter.years else (tuple(left),))
    if chapter.income is not None and len(chapter.income):
        blocks.append(TableBlock(chapter.income, "Income by year", "after tax withheld, as it was paid"))
    for table, caption in (
        (chapter.unrealized, "Unrealized gains"), (chapter.lots, "Open lots"), (chapter.realized, "Realized gains"),
    ):  # fmt: skip
        if table is not None and len(table):
            blocks.append(TableBlock(replace(_without(table, "portfolio"), notes=()), caption, folded=True))
    return Section(chapter.title, chapter.lead, _tiles(chapter), blocks, chapter.warnings)


def drawn(figure: Figure, draw: Draw, *, name: str, wide: tuple[int, int] = WIDE) -> Drawing:
    """A figure drawn for a desk and for a phone."""
    return Drawing(
        figure,
        draw(figure.spec(*wide), figure.title, figure.description, f"{name}-w"),
        draw(figure.spec(*NARROW), figure.title, figure.description, f"{name}-n"),
    )


def _page_holdings(table: Table) -> Table:
    """Largest first, without what a page has no room for; cash keeps its name."""
    value = [float(amount or 0) for amount in table["value"]]  # type: ignore[arg-type]
    order = sorted(range(len(table)), key=lambda row: -value[row])
    sections, names = list(table["section"]), list(table["name"])
    told = Column("name", "text", [
        str(names[row] or str(sections[row]).capitalize()) if sections[row] == "position"
        else f"{names[row]} ({sections[row]})" if names[row] else str(sections[row]).capitalize()
        for row in range(len(table))
    ])  # fmt: skip
    ages = [age for age in table["age"] if age]
    dropped = {"portfolio", "section", "local", *(() if ages else ("age",))}
    columns = [told if column.name == "name" else column for column in table.columns if column.name not in dropped]
    columns.sort(key=lambda column: ("instrument", "name").index(column.name) if column.name in ("instrument", "name")
                 else 2)  # fmt: skip
    totals = {name: total for name, total in (table.totals or {}).items() if total != "total"}
    return Table(table.name, tuple(column.take(order) for column in columns), totals={"instrument": "Total", **totals})


def _without(table: Table, *names: str) -> Table:
    kept = [name for name in table.column_names if name not in names]
    totals = dict(table.totals) if table.totals else None
    if totals is not None and kept and kept[0] not in totals:
        label = next((totals.pop(name) for name in names if name in totals), "total")
        totals[kept[0]] = label
    return Table(table.name, tuple(table[name] for name in kept), table.notes, table.provenance, totals)


def _figures(chapter: Chapter) -> list[Figure]:
    fall = chapter.returns.drawdowns
    if not len(fall.days):
        return []
    mine = [Series(chapter.title, fall.days.tolist(), (fall.index * 100.0).tolist())]
    falls = [Series(chapter.title, fall.days.tolist(), (-fall.values).tolist())]
    found = chapter.returns.comparison
    if found is not None and len(found.benchmark):
        theirs = found.benchmark
        index = np.concatenate([[1.0], np.cumprod(1.0 + theirs.values)])
        days = np.concatenate([theirs.before[:1], theirs.days])
        # Both lines begin at 100 on the first day both have.
        start = float(np.interp(days[0], fall.days, fall.index)) * 100.0
        mine.append(Series(chapter.benchmark, days.tolist(), (index * start).tolist()))
        peak = np.maximum.accumulate(index)
        falls.append(Series(chapter.benchmark, days.tolist(), (index / peak - 1.0).tolist()))
    history = chapter.history
    ok = history.ok[chapter.place]
    nav = history["nav"][chapter.place][ok] / 10.0 ** history.scales[chapter.place]
    currency = history.subjects[chapter.place].currency
    value = value_figure([Series(chapter.title, history.days[ok].tolist(), nav.tolist())], currency=currency)
    return [growth_figure(mine), drawdown_figure(falls), value]


def _tiles(chapter: Chapter) -> list[Tile]:
    one = chapter.value
    currency = one.subject.currency

    def money(amount: int) -> str:
        return group(rescaled(amount, one.scale, one.minor_units))

    tiles = [Tile(f"Net asset value, {currency}", money(one.nav) if one.ok else "not known",
                  f"positions {money(one.positions)}, cash {money(one.cash)}" if one.ok else "")]  # fmt: skip
    by_name = {asked.period.name: asked for asked in chapter.returns.periods}
    for name, label in (("YTD", f"Return in {to_date(chapter.day).year}"), ("1Y", "Return over one year")):
        if name in by_name:
            tiles.append(_return_tile(label, by_name[name], chapter))
    whole = by_name.get("ITD")
    if whole is not None and whole.portfolio.defined:
        days = whole.period.last - whole.period.after
        since = f"Return since {format_date(whole.period.after)}"
        if days >= A_YEAR:
            yearly = annualize_days(whole.portfolio.value, days)
            note = f"{whole.portfolio.value:+.1%} in all"
            if whole.benchmark is not None and whole.benchmark.defined:
                note += f"; {chapter.benchmark} {annualize_days(whole.benchmark.value, days):.2%} a year"
            tiles.append(Tile(since, f"{yearly * 100:.2f}", note, "% a year"))
        else:
            tiles.append(_return_tile(since, whole, chapter))
    worst, peak, trough = chapter.returns.drawdowns.worst
    if trough:
        tiles.append(Tile("Deepest drawdown", f"{worst * 100:.1f}",
                          f"from {format_date(peak)} to {format_date(trough)}", "%"))  # fmt: skip
    return tiles


def _return_tile(label: str, asked: PeriodReturn, chapter: Chapter) -> Tile:
    if not asked.portfolio.defined:
        return Tile(label, "–", asked.portfolio.reason)
    note = ""
    if asked.benchmark is not None and asked.benchmark.defined:
        note = f"{chapter.benchmark} {asked.benchmark.value:.2%}"
    return Tile(label, f"{asked.portfolio.value * 100:.2f}", note, "%")


PERIOD_WORDS = {"MTD": "month to date", "QTD": "quarter to date", "YTD": "year to date", "1Y": "one year",
                "ITD": "since inception"}  # fmt: skip


def _period_columns(asked: Sequence[PeriodReturn], *, years: bool = False) -> Table:
    def ratio(name: str, outcomes: Sequence[Outcome]) -> Column:
        gone = [not one.defined for one in outcomes]
        return Column(name, "ratio", [one.value for one in outcomes], missing=gone if any(gone) else None)

    rows = list(reversed(asked)) if years else list(asked)
    label = [str(to_date(row.period.last).year) if years else PERIOD_WORDS.get(row.period.name, row.period.name)
             for row in rows]  # fmt: skip
    columns = [Column("period", "text", label, title="year" if years else "period"),
               ratio("portfolio", [row.portfolio for row in rows])]  # fmt: skip
    if any(row.benchmark is not None for row in rows):
        none = Outcome(0.0, "there is no benchmark")
        columns += [ratio("benchmark", [row.benchmark or none for row in rows]),
                    ratio("difference", [row.excess for row in rows])]  # fmt: skip
    return Table("returns", tuple(columns))


def calendar_years(first: int, last: int) -> list[str]:
    """Names of the calendar years between two epoch days, as periods: the first and the last are cut to the days.

    Examples
    --------
    >>> calendar_years(18993, 19400)
    ['2022-01-02..2022-12-31', '2023-01-01..2023-02-12']
    """
    begin, end = to_date(first), to_date(last)
    spans = []
    for year in range(begin.year, end.year + 1):
        # The first day itself has no return: its value is where the track record begins.
        start = format_date(first + 1) if year == begin.year else f"{year}-01-01"
        stop = format_date(last) if year == end.year else f"{year}-12-31"
        if start <= stop:
            spans.append(f"{start}..{stop}")
    return spans
