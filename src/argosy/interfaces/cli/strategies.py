"""``argosy strategy``: strategies inside a portfolio and their careers."""

from __future__ import annotations

import click

from argosy.base.errors import InvalidInput
from argosy.interfaces.cli.options import FILE, Moment, book_option, dry_run_option, output_options, read_file
from argosy.interfaces.cli.root import NamedGroup
from argosy.interfaces.cli.show import emit, tell
from argosy.interfaces.cli.strategies_together import TOGETHER

_by = click.option("--by", required=True, metavar="NAME", help="Who asks or decides; it is kept.")


@click.group("strategy", cls=NamedGroup, epilog="Example: argosy strategy create TREND --by ann --portfolio GROWTH")
def strategy_command() -> None:
    """Strategies: create, count trials, promote on evidence, retire; net their trades, share capital.

    Stages: research, paper, incubation, live, soft-closed, wind-down, retired. A promotion is asked for by one person
    and approved by another.
    """


@strategy_command.command("create", epilog="Example: argosy strategy create TREND --by ann -p GROWTH --sleeve T")
@click.argument("code")
@_by
@click.option("--name", default="", help="Its name for people. Default: the code.")
@click.option("--portfolio", "-p", default="", metavar="CODE", help="The portfolio it trades in.")
@click.option("--sleeve", default="", metavar="CODE", help="The sleeve of that portfolio that is its own.")
@click.option("--note", default="", help="Kept with it.")
@book_option
@dry_run_option
def create(code: str, by: str, name: str, portfolio: str, sleeve: str, note: str, book: str, *, dry_run: bool) -> None:
    """Create a strategy in research."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        tell(opened.create_strategy(code, by=by, name=name, portfolio=portfolio, sleeve=sleeve, note=note,
                                    dry_run=dry_run).summary())  # fmt: skip


@strategy_command.command("list", epilog="Example: argosy strategy list --stage live")
@click.option("--stage", default="", help="Only those in a stage.")
@click.option("--known-at", type=Moment(), metavar="MOMENT", help="As the book knew it then. Default: now.")
@book_option
@output_options
def list_strategies(stage: str, known_at: int | None, book: str, form: str | None, output: str, columns: str) -> None:
    """List strategies with stage, trials and what they wait for."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.strategies(stage=stage, known_at=known_at).tables, form=form, output=output, columns=columns)


@strategy_command.command("show", epilog="Example: argosy strategy show TREND")
@click.argument("code")
@click.option("--known-at", type=Moment(), metavar="MOMENT", help="As the book knew it then. Default: now.")
@book_option
@output_options
def show(code: str, known_at: int | None, book: str, form: str | None, output: str, columns: str) -> None:
    """One strategy: stage, every entry of its career with the evidence, every trial."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.strategy(code, known_at=known_at).tables, form=form, output=output, columns=columns)


@strategy_command.command("promote", epilog="Example: argosy strategy promote TREND live --by ann --returns r.csv")
@click.argument("code")
@click.argument("stage")
@_by
@click.option("--returns", "file", type=FILE, default=None,
              help="Its record: a CSV with a column return (excess, per period, 0.01 = 1%). "
                   "Default: the monthly returns of its sleeve.")  # fmt: skip
@click.option("--override", default="", help="Why it should go on at a closed gate; a second person sees it.")
@click.option("--psr", default=0.95, show_default=True, help="Probabilistic Sharpe ratio the gate asks for.")
@click.option("--dsr", default=0.95, show_default=True, help="Deflated Sharpe ratio the gate asks for.")
@click.option(
    "--periods", default=24, show_default=True, type=click.IntRange(min=4), help="Periods of record at least."
)
@click.option("--note", default="", help="Kept with the move.")
@book_option
@dry_run_option
def promote(
    code: str, stage: str, by: str, file: str | None, override: str, psr: float, dsr: float, periods: int, note: str,
    book: str, *, dry_run: bool,
) -> None:  # fmt: skip
    """Move CODE to STAGE, or ask for it where that takes evidence and a second person.

    Beyond paper the record is judged by its probabilistic and deflated Sharpe ratio; the trials that deflate it are
    those the book counted.
    """
    from argosy.construction.strategies.gates import GateRules
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        result = opened.move_strategy(
            code, stage, by=by, returns=_returns(file) if file else None, note=note, override=override,
            rules=GateRules(psr, dsr, periods), dry_run=dry_run,
        )  # fmt: skip
    if result.judged is not None:
        tell(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in result.judged.texts().items()))
    tell(result.summary())


def _returns(file: str) -> list[float]:
    from argosy.wiring import row_reader

    content, name = read_file(file)
    table = row_reader()(content, name)
    for problem in table.problems:
        raise InvalidInput(problem.text(), field="returns")
    found: list[float] = []
    for line, text in zip(table.lines.tolist(), table["return"].to_list(), strict=True):
        try:
            found.append(float(text))
        except ValueError:
            raise InvalidInput(
                f"{text[:40]!r} is not a number", place=f"{name} line {line}", field="return", found=text,
                next_step="write a fraction: 0.01 for 1%",
            ) from None  # fmt: skip
    return found


@strategy_command.command("approve", epilog="Example: argosy strategy approve TREND --by bob")
@click.argument("code")
@_by
@click.option("--refuse", is_flag=True, help="Refuse it instead (with --reason).")
@click.option("--reason", default="", help="Why, kept with the answer.")
@book_option
@dry_run_option
def approve(code: str, by: str, reason: str, book: str, *, refuse: bool, dry_run: bool) -> None:
    """Approve the promotion that another person asked for."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        tell(opened.answer_promotion(code, by=by, approve=not refuse, reason=reason, dry_run=dry_run).summary())


@strategy_command.command(
    "trial", epilog="Example: argosy strategy trial TREND --inputs 3fa1 --sharpe 0.1 --periods 9 --by ann"
)
@click.argument("code")
@click.option("--inputs", required=True, metavar="HASH", help="Fingerprint of what the backtest was run with.")
@click.option("--sharpe", required=True, type=float, help="Its Sharpe ratio per period.")
@click.option("--periods", required=True, type=click.IntRange(min=2), help="Over how many periods.")
@_by
@book_option
@dry_run_option
def trial(code: str, inputs: str, sharpe: float, periods: int, by: str, book: str, *, dry_run: bool) -> None:
    """Count a backtest that was run elsewhere. Those of `argosy evaluate --strategy` count by themselves."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        tell(opened.record_trial(code, inputs=inputs, sharpe=sharpe, periods=periods, by=by,
                                 dry_run=dry_run).summary())  # fmt: skip


for command in TOGETHER:
    strategy_command.add_command(command)
