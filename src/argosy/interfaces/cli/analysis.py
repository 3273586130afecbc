"""``argosy returns | performance | contribution | attribution``: how well, from what, and why not as the benchmark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from argosy.interfaces.cli.options import currency_option, read_options
from argosy.interfaces.cli.show import emit

Command = TypeVar("Command", bound=Callable[..., Any])
BASES = ["net", "gross", "pretax", "aftertax"]
FREQUENCIES = ["daily", "weekly", "monthly", "quarterly", "yearly"]


def _about(*, several: bool = False) -> Callable[[Command], Command]:
    """What all take: net or gross, whose, which periods, what to do about days without a value."""

    def add(command: Command) -> Command:
        for option in (
            click.option("--span-missing", is_flag=True,
                         help="Let returns run over days that have no value, and name what was missing."),
            click.option("--stored", is_flag=True, help="What the close stored, as known at --known-at."),
            click.option("--timing", type=click.Choice(["start", "end", "mixed"]), default=None,
                         help="Flows at start or end of day, or in at start and out at end. Default: the mandate's."),
            click.option("--basis", type=click.Choice(BASES), default=("net",) if several else "net",
                         show_default=True, multiple=several,
                         help="After all charges, before management fees, before taxes too, or gains taxed."
                         + (" Several stand side by side." if several else "")),
            click.option("--sleeve", "sleeves", multiple=True, metavar="CODE",
                         help="A sleeve of the portfolios, as one subject each; all for every one, none for the rest."),
            click.option("--firm", is_flag=True, help="All portfolios seen as one."),
            click.option("--period", "periods", multiple=True, metavar="PERIOD",
                         help="MTD, QTD, YTD, 1Y, 3Y, ITD or FROM..TO; may be given more than once."),
        ):  # fmt: skip
            command = option(command)
        return command

    return add


def _benchmark(command: Command) -> Command:
    return click.option(
        "--benchmark", default=None, metavar="BENCHMARK",
        help="A code, a blend as '60% MSCIW + 40% BONDS @ quarterly', or none. Default: the mandate's.",
    )(command)  # fmt: skip


def _named(benchmark: str | None) -> str | None:
    return "" if benchmark == "none" else benchmark


@click.command(
    "returns", epilog="Example: argosy returns --portfolio GROWTH --period YTD --period 2020-01-01..2020-12-31"
)
@read_options
@currency_option
@_about(several=True)
@_benchmark
@click.option("--frequency", type=click.Choice(FREQUENCIES), default=None,
              help="The return of each day, week, month, quarter or year instead of each period.")  # fmt: skip
@click.option("--daily", is_flag=True, help="The return of each day: short for --frequency daily.")
def returns_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, currency: str, periods: tuple[str, ...], basis: tuple[str, ...], timing: str | None,
    benchmark: str | None, frequency: str | None, sleeves: tuple[str, ...], *,
    firm: bool, span_missing: bool, stored: bool, daily: bool,
) -> None:  # fmt: skip
    """Time-weighted returns by period, beside the benchmark's.

    Default are MTD, QTD, YTD, 1Y and ITD. Only prices that the periods need are asked for. Several --basis stand
    beside each other.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.returns(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, firm=firm, sleeve=sleeves,
            periods=periods,
            benchmark=_named(benchmark), currency=currency, basis=basis, timing=timing or "",
            frequency=frequency or "", daily=daily, on_missing="span" if span_missing else "raise", stored=stored,
        )  # fmt: skip
        emit(found.tables, form=form, output=output, columns=columns, limit=24)


@click.command("performance", epilog="Example: argosy performance --portfolio GROWTH --period YTD --period 3Y")
@read_options
@currency_option
@_about()
@_benchmark
@click.option("--measures", is_flag=True, help="Measures of risk and reward instead of money and rates.")
@click.option("--measure", "named", multiple=True, metavar="NAME",
              help="Only this measure; may be given more than once.")  # fmt: skip
@click.option("--frequency", type=click.Choice(FREQUENCIES), default=None,
              help="Frequency of the returns that are measured. Default: daily, or the benchmark's.")  # fmt: skip
@click.option("--per-year", type=float, default=252.0, show_default=True, help="Daily returns in a year.")
@click.option("--convention", default="GIPS", show_default=True, help="GIPS, R, empyrical or Basel.")
@click.option("--risk-free", type=float, default=0.0, show_default=True, help="Risk-free return of one period.")
@click.option("--target", type=float, default=0.0, show_default=True, help="Target return of one period.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="Level of intervals and tail risk.")
@click.option("--window", type=click.IntRange(2), default=None, help="Rolling measures over so many periods.")
@click.option(
    "--intervals",
    type=click.Choice(["lo", "bootstrap"]),
    default=None,
    help="Confidence intervals: Lo's of the Sharpe ratio, or the stationary bootstrap of any measure.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the bootstrap.")
@click.option("--draws", type=click.IntRange(2), default=2000, show_default=True, help="Series the bootstrap draws.")
def performance_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, currency: str, periods: tuple[str, ...], basis: str, timing: str | None,
    benchmark: str | None, named: tuple[str, ...], frequency: str | None, per_year: float, convention: str,
    risk_free: float, target: float, confidence: float, window: int | None, intervals: str | None, seed: int,
    draws: int, sleeves: tuple[str, ...], *,
    firm: bool, span_missing: bool, stored: bool,
    measures: bool,
) -> None:  # fmt: skip
    """How well it did: money in and out, gains, and rates of return by period, beside the benchmark.

    With --measures or --measure it is volatility, Sharpe, drawdown, tracking error and the rest of the catalogue; what
    does not exist says why. --window makes them rolling, --intervals says how sure they are.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.performance(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, firm=firm, sleeve=sleeves,
            periods=periods,
            benchmark=_named(benchmark), currency=currency, basis=basis, timing=timing or "",
            measures=named or measures, frequency=frequency or "", periods_per_year=per_year, convention=convention,
            risk_free=risk_free, target=target, confidence=confidence, window=window or 0, intervals=intervals or "",
            seed=seed if intervals == "bootstrap" else None, draws=draws,
            on_missing="span" if span_missing else "raise", stored=stored,
        )  # fmt: skip
        emit(found.tables, form=form, output=output, columns=columns, limit=24 if window else None)


@click.command("contribution", epilog="Example: argosy contribution --portfolio GROWTH --period YTD --by sector")
@read_options
@currency_option
@_about()
@click.option("--by", default=("security",), show_default=True, metavar="LEVEL", multiple=True,
              help="security, lot, transaction, type, currency, any attribute or classification; several "
                   "drill down: portfolio, ..., security, lot, transaction.")  # fmt: skip
def contribution_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, currency: str, periods: tuple[str, ...], basis: str, timing: str | None,
    by: tuple[str, ...], sleeves: tuple[str, ...], *, firm: bool, span_missing: bool, stored: bool,
) -> None:  # fmt: skip
    """What each security, sector or currency added to the return: holding, income, trading, fees and taxes.

    The parts sum to the time-weighted return of the period; what rounding to the cent leaves is a line of its own.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.contribution(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, firm=firm, sleeve=sleeves,
            periods=periods or ("ITD",),
            by=by, currency=currency, basis=basis, timing=timing or "",
            on_missing="span" if span_missing else "raise", stored=stored,
        )  # fmt: skip
        emit(found.tables, form=form, output=output, columns=columns)


@click.command(
    "attribution", epilog="Example: argosy attribution --portfolio GROWTH --period YTD --benchmark MSCIW --by sector"
)
@read_options
@currency_option
@_about()
@_benchmark
@click.option("--by", multiple=True, metavar="LEVEL",
              help="sector, type, currency, security, any attribute or classification; several for a path from the top "
                   "down.")  # fmt: skip
@click.option("--model", type=click.Choice(["brinson", "fixed-income", "factors", "risk"]), default="brinson",
              show_default=True,
              help="By segments, by what moved bonds, by factors, or where tracking error came from.")  # fmt: skip
@click.option("--curve", "curves", multiple=True, metavar="CODE",
              help="fixed-income: yield curve to use; one a currency. Default: all of the book.")  # fmt: skip
@click.option("--tenor", type=float, default=5.0, show_default=True,
              help="fixed-income: years at which the curve's move is called the parallel shift.")  # fmt: skip
@click.option("--factors", default="", metavar="CODE", help="factors: which returns of factors. Default: the only one.")
@click.option("--exposures", type=click.Choice(["auto", "imported", "regressed"]), default="auto", show_default=True,
              help="factors: imported exposures, or slopes of a regression.")  # fmt: skip
@click.option("--per-year", type=float, default=252.0, show_default=True, help="risk: daily periods in a year.")
@click.option("--risk-free", type=float, default=0.0, show_default=True, help="risk: risk-free return of one period.")
@click.option("--view", default="segments", show_default=True,
              type=click.Choice(["segments", "securities", "portfolios", "lots", "transactions", "periods"]),
              help="Effects by segment; selection and trading by security, by portfolio of a group or lot; trading "
                   "by transaction; or effects of each period.")  # fmt: skip
@click.option("--method", type=click.Choice(["brinson-fachler", "brinson-hood-beebower"]), default="brinson-fachler",
              show_default=True, help="Allocation against the total benchmark, or against zero.")  # fmt: skip
@click.option("--interaction", type=click.Choice(["separate", "selection", "allocation"]), default="separate",
              show_default=True, help="Shown apart or merged.")  # fmt: skip
@click.option("--linking", type=click.Choice(["carino", "menchero", "grap", "frongello"]), default="carino",
              show_default=True, help="How effects are linked over time.")  # fmt: skip
@click.option("--off-benchmark", type=click.Choice(["selection", "allocation"]), default="selection", show_default=True,
              help="What a bet outside the benchmark is called.")  # fmt: skip
@click.option("--geometric", is_flag=True, help="Geometric effects, which link without residual.")
@click.option("--merge-trading", is_flag=True, help="Leave what trades made in selection.")
@click.option("--frequency", type=click.Choice(FREQUENCIES), default=None,
              help="Length of the periods that are linked. Default: daily, or the benchmark's.")  # fmt: skip
def attribution_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, currency: str, periods: tuple[str, ...], basis: str, timing: str | None,
    benchmark: str | None, by: tuple[str, ...], view: str, method: str, interaction: str, linking: str,
    off_benchmark: str, frequency: str | None, sleeves: tuple[str, ...], model: str, curves: tuple[str, ...],
    tenor: float, factors: str, exposures: str, per_year: float, risk_free: float, *, firm: bool, span_missing: bool,
    stored: bool, geometric: bool, merge_trading: bool,
) -> None:  # fmt: skip
    """Why the return differs from the benchmark's: allocation, selection, interaction, trading and charges.

    All effects sum to the active return; the notes say what float arithmetic leaves. The benchmark needs segments: made
    of instruments, imported by `argosy import segments`, or a blend. The model fixed-income splits the whole return by
    what moved its bonds, factors the return (with a benchmark the active one) by factor.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.attribution(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, firm=firm, sleeve=sleeves,
            periods=periods or ("ITD",),
            by=by, benchmark=_named(benchmark), currency=currency, basis=basis, timing=timing or "",
            frequency=frequency or "", method=method, interaction=interaction, linking=linking,
            off_benchmark=off_benchmark, geometric=geometric, trading=not merge_trading, view=view,
            on_missing="span" if span_missing else "raise", stored=stored, model=model, curves=curves, tenor=tenor,
            factors=factors, exposures=exposures, days_per_year=per_year, risk_free=risk_free,
        )  # fmt: skip
        emit(found.tables, form=form, output=output, columns=columns, limit=24 if view == "periods" else None)
