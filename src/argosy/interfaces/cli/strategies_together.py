"""``argosy strategy net | share | allocate | risk | watch``: several strategies in one portfolio."""

from __future__ import annotations

import click

from argosy.base.errors import InvalidInput
from argosy.base.limits import number
from argosy.construction.strategies.allocation import METHODS
from argosy.interfaces.cli.optimizing import Number
from argosy.interfaces.cli.options import (
    FILE,
    book_option,
    one_portfolio_option,
    output_options,
    read_file,
    time_options,
)
from argosy.interfaces.cli.show import emit

_permissions = click.option(
    "--permissions", type=FILE, default=None,
    help="Who may cross: first, second, allowed (yes or no), rule. Default: by kind.",
)  # fmt: skip


@click.command("net", epilog="Example: argosy strategy net orders.csv --cost 10bp")
@click.argument("file", type=FILE)
@_permissions
@click.option("--cost", type=Number(), default="10bp", show_default=True,
              help="Cost of trading in the market, as a part of what is traded.")  # fmt: skip
@output_options
def net(file: str, permissions: str | None, cost: float, form: str | None, output: str, columns: str) -> None:
    """Cross the orders of strategies inside; say what still goes to the market and what each saves.

    FILE has strategy, instrument, quantity (signed), price, and kind where accounts differ: sleeve, account,
    registered fund or erisa plan. Funds and plans cross only where --permissions names the pair.
    """
    from argosy.wiring import row_reader
    from argosy.workflows.strategies_together import File, net_orders

    allowed = File(*read_file(permissions)) if permissions else None
    found = net_orders(row_reader(), File(*read_file(file)), cost_rate=cost, allowed=allowed)
    emit(found.tables, form=form, output=output, columns=columns)


@click.command("share", epilog="Example: argosy strategy share fills.csv --orders orders.csv")
@click.argument("file", type=FILE)
@click.option("--orders", type=FILE, required=True, help="The orders before netting, as `argosy strategy net` read.")
@_permissions
@output_options
def share(file: str, orders: str, permissions: str | None, form: str | None, output: str, columns: str) -> None:
    """Share the market's fills over the strategies: in proportion, at one average price.

    FILE has instrument, quantity (signed; buys and sells apart) and price where it is known.
    """
    from argosy.wiring import row_reader
    from argosy.workflows.strategies_together import File, share_fills

    allowed = File(*read_file(permissions)) if permissions else None
    found = share_fills(row_reader(), File(*read_file(file)), orders=File(*read_file(orders)), allowed=allowed)
    emit(found.tables, form=form, output=output, columns=columns)


@click.command("allocate", epilog="Example: argosy strategy allocate returns.csv --method kelly --capacity TREND=40%")
@click.argument("file", type=FILE)
@click.option("--method", type=click.Choice(METHODS), default="risk budget", show_default=True, help="How to share.")
@click.option("--budget", "budgets", multiple=True, metavar="CODE=PART",
              help="Share of the risk of a strategy, for risk budgets; repeatable, they sum to 100%.")  # fmt: skip
@click.option("--capacity", "capacity", multiple=True, metavar="CODE=PART",
              help="Most that a strategy can take, as a part of the capital; repeatable.")  # fmt: skip
@click.option("--view", "views", multiple=True, metavar="TEXT",
              help="For views: 'TREND earns 6%' or 'TREND - VALUE earns 2% confidence 60%'; repeatable.")  # fmt: skip
@click.option("--fraction", type=Number(), default="50%", show_default=True, help="Part of Kelly's leverage.")
@click.option("--risk-model", default="ledoit wolf", show_default=True,
              help="How the covariance is estimated; `argosy optimize --help` lists the models.")  # fmt: skip
@click.option("--periods-per-year", type=Number(), default="12", show_default=True, help="Returns in a year.")
@output_options
def allocate(
    file: str, method: str, budgets: tuple[str, ...], capacity: tuple[str, ...], views: tuple[str, ...],
    fraction: float, risk_model: str, periods_per_year: float, form: str | None, output: str, columns: str,
) -> None:  # fmt: skip
    """Capital for strategies from their returns, with the share of risk of each.

    FILE has a column date and one column of returns (0.01 = 1%) per strategy. What a capacity takes away goes to the
    others in proportion.
    """
    from argosy.wiring import row_reader
    from argosy.workflows.strategies_together import File, allocate_capital

    found = allocate_capital(
        row_reader(), File(*read_file(file)), method=method, periods_per_year=periods_per_year,
        budgets=_parts(budgets, "budget"), capacity=_parts(capacity, "capacity"), views=views, fraction=fraction,
        risk_model=risk_model,
    )  # fmt: skip
    emit(found.tables, form=form, output=output, columns=columns)


def _parts(given: tuple[str, ...], field: str) -> dict[str, float]:
    """Numbers by strategy, as CODE=PART gives them."""
    found: dict[str, float] = {}
    for text in given:
        name, equals, part = text.rpartition("=")
        try:
            found[name.strip()] = number(part)
        except ValueError:
            equals = ""
        if not equals or not name.strip():
            raise InvalidInput(f"{text!r} is no {field}", field=field, found=text, expected="CODE=PART",
                               next_step="write TREND=40%")  # fmt: skip
    return found


@click.command("risk", epilog="Example: argosy strategy risk --portfolio GROWTH")
@one_portfolio_option
@book_option
@time_options
@output_options
def risk(
    portfolio: str, as_of: int | None, known_at: int | None, book: str, form: str | None, output: str, columns: str
) -> None:
    """Sleeves of a portfolio looked through: overlap, gross and net, contribution of each to the risk."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.sleeves_risk(portfolio, as_of=as_of, known_at=known_at)
        emit(found.tables, form=form, output=output, columns=columns)


@click.command("watch", epilog="Example: argosy strategy watch -p GROWTH --sleeve T --expected 2% --tracking-error 4%")
@one_portfolio_option
@click.option("--sleeve", required=True, metavar="CODE", help="The sleeve.")
@click.option("--expected", type=Number(), required=True, help="Active return a year that was expected, as 2%.")
@click.option("--tracking-error", type=Number(), required=True, help="Volatility a year of the active return, as 4%.")
@click.option("--benchmark", default=None, metavar="CODE", help="Another than the mandate's; 'none' for none.")
@click.option("--frequency", type=click.Choice(("daily", "weekly", "monthly")), default="monthly", show_default=True,
              help="Periods of the returns.")  # fmt: skip
@click.option("--false-alarm-years", type=Number(), default="10", show_default=True,
              help="Years between false alarms, among all sleeves of the portfolio together.")  # fmt: skip
@book_option
@time_options
@output_options
def watch(
    portfolio: str, sleeve: str, expected: float, tracking_error: float, benchmark: str | None, frequency: str,
    false_alarm_years: float, as_of: int | None, known_at: int | None, book: str, form: str | None, output: str,
    columns: str,
) -> None:  # fmt: skip
    """Whether a sleeve has lost the skill expected of it: a CUSUM on its active returns.

    The answer has the mean time to a false alarm and the mean time until lost skill would show.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.watch_sleeve(
            portfolio, sleeve, expected=expected, tracking_error=tracking_error,
            benchmark="" if benchmark == "none" else benchmark, frequency=frequency,
            false_alarm_years=false_alarm_years, as_of=as_of, known_at=known_at,
        )  # fmt: skip
        emit(found.tables, form=form, output=output, columns=columns)


TOGETHER = (net, share, allocate, risk, watch)
"""Commands of the group ``argosy strategy`` that see several strategies."""
