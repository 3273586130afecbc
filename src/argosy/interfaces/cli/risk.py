"""``argosy risk``: how much can be lost, and what adds to it."""

from __future__ import annotations

import click

from argosy.interfaces.cli.options import Day, currency_option, read_options
from argosy.interfaces.cli.show import emit


@click.command("risk", epilog='Example: argosy risk --portfolio GROWTH --confidence 0.975 --what-if "buy 100 ACME"')
@read_options
@currency_option
@click.option("--firm", is_flag=True, help="All portfolios asked for as one.")
@click.option(
    "--sleeve", "sleeves", multiple=True, metavar="CODE", help="A sleeve; `all` for each, `none` for the rest."
)
@click.option("--model", default="", metavar="MODEL", help="Whose figures are taken apart. Default: the mandate's.")
@click.option("--models", default=None, metavar="NAMES", help="Models beside it, commas between. Default: all.")
@click.option("--confidence", type=float, default=None, metavar="LEVEL", help="As 0.99. Default: the mandate's.")
@click.option("--horizon", type=int, default=None, metavar="DAYS", help="Days ahead. Default: the mandate's.")
@click.option("--window", type=int, default=None, metavar="DAYS", help="Days models see. Default: the mandate's.")
@click.option("--seed", type=int, default=None, help="Seed of simulations.")
@click.option("--benchmark", default=None, metavar="CODE", help="Another than the mandate's; '' for none.")
@click.option("--factor", "factors", multiple=True, metavar="CODE", help="An instrument whose returns explain others.")
@click.option("--by", default="", metavar="ATTRIBUTE", help="Sum contributions by it. Default: the mandate's.")
@click.option("--what-if", "what_if", multiple=True, metavar="TRADE", help='A trade, as "buy 100 ACME": risk after it.')
@click.option("--compare", is_flag=True, help="What changed since the last session, and why.")
@click.option("--compare-to", type=Day(), metavar="DATE", help="The same since a date.")
@click.option("--stored", is_flag=True, help="What the close stored, instead of computing it.")
@click.option("--first", default="models", metavar="TABLE",
              type=click.Choice(["models", "position", "group", "factor", "sleeve", "what-if", "change"]),
              help="The table that JSON, CSV and Parquet get.")  # fmt: skip
def risk_command(
    book: str, as_of: int | None, known_at: int | None, portfolios: tuple[str, ...], group: str, form: str | None,
    output: str, columns: str, currency: str, sleeves: tuple[str, ...], model: str, models: str | None,
    confidence: float | None, horizon: int | None, window: int | None, seed: int | None, benchmark: str | None,
    factors: tuple[str, ...], by: str, what_if: tuple[str, ...], compare_to: int | None, first: str, *, firm: bool,
    compare: bool, stored: bool,
) -> None:  # fmt: skip
    """How much can be lost: volatility, tracking error, value at risk and shortfall by several models.

    Contributions by position, group, factor and sleeve sum to the whole. Losses are positive, parts of the value. An
    instrument without a daily history is refused until the mandate names a proxy for it. Models: adaptive gjr-t (the
    default, see docs/risk-validation.md), filtered gjr-t, filtered garch, volatility-scaled, historical, age-weighted,
    normal, student t, cornish-fisher, ewma, gjr-t, extreme value, monte carlo, monte carlo t.
    """
    from argosy.interfaces.book import open_book

    beside = None if models is None else [name.strip() for name in models.split(",") if name.strip()]
    with open_book(book) as opened:
        if stored:
            kept = opened.stored_risk(as_of=as_of, known_at=known_at, portfolio=portfolios, group=group)
            emit(kept.tables, form=form, output=output, columns=columns)
            return
        found = opened.risk(
            as_of=as_of, known_at=known_at, portfolio=portfolios, group=group, firm=firm, sleeve=sleeves,
            currency=currency, model=model, models=beside, confidence=confidence, horizon=horizon, window=window,
            seed=seed, benchmark=benchmark, factors=factors, by=by, what_if=what_if, compare_to=compare_to,
            compare=compare or first == "change",
        )  # fmt: skip
    emit(found.led_by(first), form=form, output=output, columns=columns)
