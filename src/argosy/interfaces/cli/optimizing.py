"""``argosy optimize | frontier | evaluate``: what should be held, by a portfolio's mandate or from a file of prices."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from argosy.base.errors import InvalidInput
from argosy.base.limits import number
from argosy.construction.optimize.face import MODELS
from argosy.interfaces.cli.options import (
    FILE,
    Command,
    book_option,
    known_names,
    output_options,
    read_file,
    time_options,
)
from argosy.interfaces.cli.show import emit, tell
from argosy.models.moments.beliefs import EQUILIBRIUM, MEAN_MODELS, RISK_MODELS
from argosy.models.moments.sample import FREQUENCIES, MISSING

if TYPE_CHECKING:
    from argosy.workflows.optimizing import FrontierStatement, OptimizedStatement, Question

UNIVERSES = ("held", "benchmark", "held and benchmark", "all")


class Number(click.ParamType[float]):
    """A number as 0.05, 5% or 50bp."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it, or say how to write it."""
        try:
            return number(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a number. Next: write 0.05, 5% or 50bp", param, ctx)


def belief_options(command: Command) -> Command:
    """Where the question comes from, its limits, and how risks and returns are estimated."""
    for option in reversed((
        click.option("--portfolio", "-p", metavar="CODE", default="", shell_complete=known_names("portfolio"),
                     help="A portfolio of the book: its mandate, holdings and benchmark."),
        click.option("--prices", type=FILE, default=None,
                     help="A file of prices instead: a column per asset, or date, asset, price."),
        click.option("--assets", type=FILE, default=None,
                     help="Beside --prices: a row per asset with sector and the like, holding, benchmark (weights)."),
        click.option("--value", type=Number(), default=None, metavar="MONEY",
                     help="Beside --prices: what the portfolio is worth, for fees, price impact and days of volume."),
        click.option("--mandate", type=FILE, default=None, help="Beside --prices: a mandate, for its rules."),
        click.option("--limit", "-l", "limits", multiple=True, metavar="LIMIT",
                     help="Such as 'sector Energy <= 10%', 'turnover <= 5%'; added to the mandate's; repeatable."),
        click.option("--short/--no-short", "short", default=None, help="Whether weights may be below zero."),
        click.option("--universe", type=click.Choice(UNIVERSES), default=None, help="What may be held."),
        click.option("--benchmark", default=None, metavar="CODE", help="Another than the mandate's; 'none' for none."),
        click.option("--risk-free", type=Number(), default=None, help="Risk-free rate a year."),
        click.option("--risk-model", type=click.Choice(tuple(RISK_MODELS)), default=None, metavar="MODEL",
                     help=f"How the covariance is estimated: {', '.join(RISK_MODELS)}. Default: the mandate's, else "
                          "ledoit wolf."),
        click.option("--mean-model", type=click.Choice((*MEAN_MODELS, EQUILIBRIUM)), default=None, metavar="MODEL",
                     help=f"How expected returns are estimated: {', '.join((*MEAN_MODELS, EQUILIBRIUM))}. Default: the "
                          "mandate's, else historical."),
        click.option("--frequency", type=click.Choice(FREQUENCIES), default=None, help="Periods of the returns."),
        click.option("--lookback", type=click.IntRange(0), default=None, help="Periods back; 0 = all."),
        click.option("--half-life", type=click.IntRange(1), default=None, help="For exponential models, in periods."),
        click.option("--factors", type=click.IntRange(1), default=None, help="For the risk model of factors."),
        click.option("--missing", type=click.Choice(MISSING), default=None,
                     help="What is done about missing prices. Default: the mandate's, else refuse."),
        click.option("--nearest-psd", is_flag=True, default=None,
                     help="Replace a matrix that is no covariance by the nearest one; the answer says so."),
        click.option("--periods-per-year", type=Number(), default=None, help="Default: as the prices' days say."),
    )):  # fmt: skip
        command = option(command)
    return command


def chart_option(command: Command) -> Command:
    """``--chart``: a picture beside the answer."""
    return click.option(
        "--chart", type=click.Path(dir_okay=False), default=None, metavar="FILE",
        help="Draw it: a file that ends in .svg or .png.",
    )(command)  # fmt: skip


def view_option(command: Command) -> Command:
    """``--view``: opinions on returns."""
    return click.option(
        "--view", "views", multiple=True, metavar="VIEW",
        help="Such as 'AAPL - MSFT earns 3% confidence 60%'; blended in; repeatable.",
    )(command)  # fmt: skip


WISHES = ("objective", "target", "risk_aversion", "confidence", "risk_free", "limits", "cost", "universe", "risk_model",
          "mean_model", "frequency", "lookback", "half_life", "factors", "missing", "nearest_psd",
          "periods_per_year")  # fmt: skip


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """Gather the options that say what is asked into one question for the command."""

    @functools.wraps(command)
    def gathered(**given: Any) -> None:
        from argosy.interfaces.book.optimizing import wishes
        from argosy.interfaces.charts import check_ending

        if given.get("chart"):
            check_ending(given["chart"])
        short = given.pop("short")
        asked = wishes(
            long_only=None if short is None else not short,
            **{name: given.pop(name) for name in WISHES if name in given},
        )
        # A command that writes into the book is told which one it is.
        book = given["book"] if "strategy" in given else given.pop("book")
        question = _question(
            asked, book=book, portfolio=given.pop("portfolio"), prices=given.pop("prices"),
            assets=given.pop("assets"), mandate=given.pop("mandate"), as_of=given.pop("as_of"),
            known_at=given.pop("known_at"), benchmark=given.pop("benchmark"), value=given.pop("value"),
        )  # fmt: skip
        command(question=question, **given)

    return gathered


def _question(
    asked: Any, *, book: str, portfolio: str, prices: str | None, assets: str | None, mandate: str | None,
    as_of: int | None, known_at: int | None, benchmark: str | None, value: float | None,
) -> Question:  # fmt: skip
    if bool(portfolio) == bool(prices):
        raise InvalidInput(
            "say what it is about: a portfolio of the book, or a file of prices", field="portfolio",
            next_step="give --portfolio CODE or --prices FILE",
        )  # fmt: skip
    if prices:
        if as_of is not None or known_at is not None or benchmark is not None:
            raise InvalidInput("--as-of, --known-at and --benchmark are about a book, not about a file of prices",
                               field="prices", next_step="give a column benchmark in --assets")  # fmt: skip
        from argosy.interfaces.arguments import utf8
        from argosy.wiring import row_reader
        from argosy.workflows.optimizing import file_question

        content, name = read_file(prices)
        sheet, sheet_name = read_file(assets) if assets else (b"", "")
        rules, rules_name = read_file(mandate) if mandate else (b"", "")
        return file_question(
            row_reader(), content=content, name=name, wishes=asked, assets=sheet, assets_name=sheet_name,
            mandate=utf8(rules, rules_name), mandate_name=rules_name, value=value,
        )  # fmt: skip
    if assets or mandate or value is not None:
        raise InvalidInput("a portfolio has its mandate, its instruments and its value in the book", field="assets",
                           next_step="leave out --assets, --mandate and --value")  # fmt: skip
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        return opened.optimization(
            portfolio, asked, as_of=as_of, known_at=known_at, benchmark="" if benchmark == "none" else benchmark
        )


def _draw(found: OptimizedStatement | FrontierStatement, chart: str) -> None:
    from argosy.interfaces.charts import chart_bytes

    Path(chart).write_bytes(chart_bytes(found.figure(), name=chart))
    tell(f"wrote {chart}")


@click.command(
    "optimize",
    epilog="Objectives: "
    + ", ".join(MODELS)
    + "; or in words: 'least cvar of 95% and most expected return weight 2' (weighed), "
    "'least volatility give 5% then most exposure of esg' (in order). Example: argosy optimize --prices prices.csv "
    "--objective 'maximum sharpe' --limit 'weight of each <= 10%'",
)
@click.option("--objective", "-m", metavar="MODEL", default=None,
              help="What is best, see below. Default: the mandate's, else minimum variance.")  # fmt: skip
@click.option("--target", type=Number(), default=None, help="Return or risk a year, for objectives with a target.")
@click.option("--risk-aversion", type=Number(), default=None, help="Price of variance, for objectives that weigh it.")
@click.option("--confidence", type=Number(), default=None, help="Level of tail risk, as 0.95.")
@click.option("--cost", type=Number(), default=None, help="Cost of trading as a part of what is traded, as 10bp.")
@belief_options
@view_option
@chart_option
@click.option("--seed", type=int, default=None, help="For objectives that draw samples.")
@click.option("--time-limit", type=click.FloatRange(0.0, min_open=True), default=None, metavar="SECONDS",
              help="Give up after so long.")  # fmt: skip
@book_option
@time_options
@output_options
@asking
def optimize_command(
    question: Question, views: tuple[str, ...], seed: int | None, time_limit: float | None, chart: str | None,
    form: str | None, output: str, columns: str,
) -> None:  # fmt: skip
    """The best portfolio under limits and costs, proven, with what holds it back.

    From a portfolio's mandate (objective, universe, limits, costs, risk model; holdings and benchmark are the book's)
    or from a file of prices. Options count instead of the mandate's word. Shows weights, trades, expected return and
    risk a year, shares of the risk, what one more percent of room at each binding limit is worth, and the proof. Limits
    that clash come back as the smallest set that does, with what each would have to give; then, as for any question
    without a proven answer, the exit code is 11.
    """
    from argosy.wiring import generator, stopwatch
    from argosy.workflows.optimizing import optimized

    found = optimized(
        question, views=views, seed=seed, randomness=generator, time_limit=time_limit or 0.0, clock=stopwatch
    )
    emit(found.tables, form=form, output=output, columns=columns, limit=20)
    if chart:
        _draw(found, chart)


@click.command("frontier", epilog="Example: argosy frontier --portfolio GROWTH --points 10 --chart frontier.svg")
@click.option("--points", type=click.IntRange(2), default=20, show_default=True, help="Portfolios along the line.")
@click.option("--weights", is_flag=True, help="The weights first: for JSON, CSV and Parquet.")
@belief_options
@view_option
@chart_option
@book_option
@time_options
@output_options
@asking
def frontier_command(
    question: Question, points: int, views: tuple[str, ...], chart: str | None, form: str | None, output: str,
    columns: str, *, weights: bool,
) -> None:  # fmt: skip
    """Efficient portfolios, from least risk to highest expected return."""
    from argosy.workflows.optimizing import efficient

    found = efficient(question, points=points, views=views)
    emit(found.tables[1] if weights else found.tables[0], form=form, output=output, columns=columns, limit=50)
    if chart:
        _draw(found, chart)


@click.command(
    "evaluate",
    epilog="Example: argosy evaluate --prices prices.csv -m 'minimum variance' -m 'risk parity' --window 156 --every 4",
)
@click.option("--objective", "-m", "models", multiple=True, required=True, metavar="MODEL",
              help="A model to walk forward, as in `argosy optimize --help`; repeatable.")  # fmt: skip
@click.option("--window", type=click.IntRange(2), required=True, help="Periods that each estimate looks back.")
@click.option(
    "--every", type=click.IntRange(1), required=True, help="Periods between one date of weights and the next."
)
@click.option("--expanding", is_flag=True, help="Estimate from all that is past, not from the last window alone.")
@click.option("--purge", type=click.IntRange(0), default=0, show_default=True,
              help="Periods left out between what is estimated from and the date.")  # fmt: skip
@click.option("--target", type=Number(), default=None, help="Return or risk a year, for objectives with a target.")
@click.option("--risk-aversion", type=Number(), default=None, help="Price of variance, for objectives that weigh it.")
@click.option("--confidence", type=Number(), default=None, help="Level of tail risk and of the intervals, as 0.95.")
@click.option("--cost", type=Number(), default=None, help="Cost of trading as a part of what is traded, as 10bp.")
@belief_options
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same figures.")
@click.option("--draws", type=click.IntRange(100), default=2_000, show_default=True, help="Draws of the bootstrap.")
@click.option("--strategy", default="", metavar="CODE", help="Count each model as a trial of a strategy of the book.")
@click.option("--by", default="evaluate", show_default=True, metavar="NAME", help="Whose trials they are.")
@book_option
@time_options
@output_options
@asking
def evaluate_command(
    question: Question, models: tuple[str, ...], window: int, every: int, purge: int, seed: int, draws: int,
    strategy: str, by: str, book: str, form: str | None, output: str, columns: str, *, expanding: bool,
) -> None:  # fmt: skip
    """Models out of sample: walked forward, costs paid, beside equal weight.

    At each date weights are made from what was known then, drift until the next, and pay for trades. Each model gets
    the interval of its Sharpe ratio, the probability that its lead over equal weight is chance (alone, and corrected
    for how many were tried), and the deflated Sharpe ratio.
    """
    from argosy.construction.optimize.walk_forward import Schedule
    from argosy.wiring import generator
    from argosy.workflows.optimizing import evaluated

    schedule = Schedule(window, every, expanding=expanding, purge=purge)
    found = evaluated(question, schedule, models=models, seed=seed, randomness=generator, draws=draws,
                      confidence=question.policy.objective.confidence)  # fmt: skip
    emit(found.tables, form=form, output=output, columns=columns)
    if strategy:
        from argosy.interfaces.book import open_book

        with open_book(book) as opened:
            counted = opened.count_trials(question, schedule, found, strategy=strategy, seed=seed, by=by)
        tell(counted.summary())
