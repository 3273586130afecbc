"""``argosy stress`` and ``argosy backtest-risk``: what bad times would cost, and whether the model was right."""

from __future__ import annotations

from pathlib import Path

import click

from argosy.interfaces.cli.options import FILE, currency_option, read_file, read_options
from argosy.interfaces.cli.show import emit, tell


@click.command("stress", epilog='Example: argosy stress --portfolio GROWTH --shock "sector=Energy -30%" --propagate')
@read_options
@currency_option
@click.option("--firm", is_flag=True, help="All portfolios asked for as one.")
@click.option("--sleeve", "sleeves", multiple=True, metavar="CODE", help="A sleeve; all for each, none for the rest.")
@click.option("--window", "windows", multiple=True, metavar="NAME", help="covid, debt 2011, FROM..TO. Default: all.")
@click.option("--shock", "shocks", multiple=True, metavar="SHOCK", help='As "ACME -30%", "EUR -10%", "all -20%".')
@click.option("--propagate", is_flag=True, help="What is not shocked moves along as it used to.")
@click.option("--set", "sets", multiple=True, metavar="NAME", help="Prescribed scenarios: recession, europe, climate.")
@click.option("--scenarios", type=FILE, default=None, help="A TOML file of scenarios of your own.")
@click.option("--correlation", "correlations", multiple=True, type=float, metavar="SHARE",
              help="Draw correlations to one by 0.5, say.")  # fmt: skip
@click.option("--reverse", type=float, default=None, metavar="LOSS", help="The most plausible way to lose 0.2, say.")
@click.option("--worst", type=float, default=None, metavar="P", help="The most damaging scenario of probability 0.01.")
@click.option("--liquidate", is_flag=True, help="Add the cost of selling (attributes volume and spread).")
@click.option("--days", type=float, default=10.0, show_default=True, help="Days to sell in.")
def stress_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, currency: str, sleeves: tuple[str, ...], windows: tuple[str, ...],
    shocks: tuple[str, ...], sets: tuple[str, ...], scenarios: str | None, correlations: tuple[float, ...],
    reverse: float | None, worst: float | None, days: float, *, firm: bool, propagate: bool, liquidate: bool,
) -> None:  # fmt: skip
    """What bad times would cost: windows of history, shocks, prescribed scenarios; by position and for the limits.

    Distance and probability say how plausible a scenario is (Mahalanobis, by the covariance of the window of the
    mandate). A window that lacks a price is refused, or left out where all are asked for, until a proxy is named.
    """
    from argosy.interfaces.book import open_book

    own = "" if scenarios is None else read_file(scenarios)[0].decode("utf-8")
    with open_book(book) as opened:
        found = opened.stress(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, firm=firm, sleeve=sleeves,
            currency=currency, windows=windows, shocks=shocks, propagate=propagate, sets=sets, scenarios=own,
            correlations=correlations, reverse=reverse, worst=worst, liquidate=liquidate, days=days,
        )  # fmt: skip
    emit(found.tables, form=form, output=output, columns=columns)


@click.command("backtest-risk", epilog="Example: argosy backtest-risk --portfolio GROWTH --chart tested.svg")
@read_options
@currency_option
@click.option("--firm", is_flag=True, help="All portfolios asked for as one.")
@click.option("--sleeve", "sleeves", multiple=True, metavar="CODE", help="A sleeve; all for each, none for the rest.")
@click.option("--model", "models", multiple=True, metavar="MODEL", help="Default: the mandate's, historical, normal.")
@click.option("--confidence", type=float, default=None, metavar="LEVEL", help="As 0.99. Default: the mandate's.")
@click.option("--window", type=int, default=None, metavar="DAYS", help="Days models see. Default: the mandate's.")
@click.option("--basis", multiple=True, type=click.Choice(["hypothetical", "actual"]),
              help="Weights held now, or what really happened. Default: both.")  # fmt: skip
@click.option("--chart", type=click.Path(dir_okay=False), default=None, metavar="FILE", help="A picture: .svg or .png.")
def backtest_risk_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, currency: str, sleeves: tuple[str, ...], models: tuple[str, ...],
    confidence: float | None, window: int | None, basis: tuple[str, ...], chart: str | None, *, firm: bool,
) -> None:  # fmt: skip
    """Whether the model was right: each day forecast from the days before it, against what was lost.

    Exceptions, Kupiec's test, Christoffersen's, the traffic light of the last 250 days, shortfall by Acerbi and
    Szekely; on the weights held now and on the portfolio as it was.
    """
    from argosy.interfaces.book import open_book
    from argosy.interfaces.charts import chart_bytes, check_ending

    if chart:
        check_ending(chart)
    with open_book(book) as opened:
        found = opened.backtest_risk(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, firm=firm, sleeve=sleeves,
            currency=currency, models=models, confidence=confidence, window=window, basis=basis,
        )  # fmt: skip
    emit(found.tables, form=form, output=output, columns=columns, limit=24)
    if chart:
        Path(chart).write_bytes(chart_bytes(found.figure(), name=chart))
        tell(f"wrote {chart}")
