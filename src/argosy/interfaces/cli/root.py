"""The root of the command line: which commands there are, how they are found, how errors end."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from argosy import __version__
from argosy.base.errors import ArgosyError, nearest
from argosy.interfaces.wire import DEFECT, INTERRUPTED, outcome

HERE = "argosy.interfaces.cli"

SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Begin": {
        "demo": ("demo", "Build and value the bundled demo book."),
        "init": ("setup", "Create an empty book."),
        "doctor": ("doctor", "Check the installation and the book."),
    },
    "Set up": {
        "portfolio": ("portfolios", "Create, list and change portfolios."),
        "account": ("portfolios", "Create and list accounts of portfolios."),
        "sleeve": ("portfolios", "Create and list sleeves of portfolios."),
        "group": ("portfolios", "Create, list and change groups of portfolios."),
        "currency": ("portfolios", "List currencies and fix their decimals."),
        "mandate": ("mandates", "Check, set and show the rules of a portfolio."),
        "benchmark": ("market", "Define and list benchmarks."),
        "source": ("market", "List market loads, say which source goes first."),
        "import": ("imports", "Read instruments, prices, rates, transactions."),
    },
    "Ask": {
        "positions": ("reads", "What is held."),
        "lots": ("reads", "The lots behind the positions."),
        "cash": ("reads", "Cash by currency, traded and settled."),
        "transactions": ("reads", "What happened, event by event."),
        "income": ("reads", "Dividends, interest and coupons."),
        "gains": ("reads", "Realized and unrealized gains."),
        "value": ("measures", "What it is worth, to the cent."),
        "history": ("measures", "Net asset value day by day."),
        "returns": ("analysis", "Returns, beside the benchmark."),
        "performance": ("analysis", "Money, rates and measures by period."),
        "contribution": ("analysis", "What added to the return."),
        "attribution": ("analysis", "Why it differs from the benchmark."),
        "composite": ("composites", "Portfolios of a group, asset-weighted."),
        "risk": ("risk", "How much can be lost, and what adds to it."),
        "stress": ("stress", "What bad times would cost."),
        "backtest-risk": ("stress", "Whether the risk model was right."),
        "limits": ("limits", "Limits: use, breaches, waivers."),
        "explain": ("measures", "Where a number comes from."),
        "report": ("report", "One self-contained HTML page."),
    },
    "Decide": {
        "optimize": ("optimizing", "The best portfolio under limits, proven."),
        "frontier": ("optimizing", "Efficient portfolios, risk by risk."),
        "evaluate": ("optimizing", "Models out of sample, beside equal weight."),
        "rebalance": ("rebalancing", "Drift, proposals, approvals, orders, fills."),
        "strategy": ("strategies", "Strategies, their careers and trades together."),
        "outbox": ("rebalancing", "What happened, for other systems."),
    },
    "Close and keep": {
        "close": ("measures", "Value each business day and store it."),
        "verify": ("keeping", "Check the book against itself and a kept head."),
        "batches": ("keeping", "What was written, when, from which file."),
        "void": ("keeping", "Take back an event or a whole batch."),
        "correct": ("keeping", "Replace an event by a corrected one."),
        "backup": ("keeping", "Copy the book and its market files."),
        "restore": ("keeping", "Bring a backup back."),
        "completion": ("completion", "Completion for bash, zsh and fish."),
    },
}
"""Section -> command -> (module with the command, summary). The summary is here so that help loads no module."""


class Failure(click.ClickException):
    """An error on its way to stderr and the exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        # click declares the code for the class; the table of outcomes gives it for each error.
        setattr(self, "exit_code", exit_code)  # noqa: B010

    def show(self, file: Any = None) -> None:
        """One message on stderr."""
        label = click.style("Error:", fg="red", bold=True) if colored(sys.stderr) else "Error:"
        click.echo(f"{label} {self.message}", file=file or sys.stderr)


def colored(stream: Any) -> bool:
    """Say whether color is welcome on a stream."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def failure(error: BaseException) -> Failure:
    """The words and the exit code of an error."""
    if isinstance(error, ArgosyError):
        return Failure(str(error), outcome(error).exit_code)
    if isinstance(error, KeyboardInterrupt):
        return Failure("stopped; what was written before is whole", INTERRUPTED.exit_code)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return Failure(f"{place}{error.strerror or error}. Next: check the path, its permissions and the disk", 8)
    return Failure(
        f"a defect in Argosy ({type(error).__name__}: {error}). Next: run it again with ARGOSY_TRACEBACK=1 and report "
        "what it prints",
        DEFECT.exit_code,
    )


class NamedGroup(click.Group):
    """A group that answers a mistyped command with the nearest ones."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which names are near."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            valid = self.list_commands(ctx)
            close = nearest(name, valid)
            step = "did you mean " + " or ".join(repr(item) for item in close) + "?" if close else (
                "choose one of: " + ", ".join(valid)
            )  # fmt: skip
            raise click.UsageError(f"unknown command {name!r}. Next: {step}", ctx)
        return super().resolve_command(ctx, args)


class Root(NamedGroup):
    """The root group: loads the module of a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the help page."""
        return [name for section in SECTIONS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module that holds the command."""
        for section in SECTIONS.values():
            if cmd_name in section:
                module = importlib.import_module(f"{HERE}.{section[cmd_name][0]}")
                found = getattr(module, f"{cmd_name.replace('-', '_')}_command")
                assert isinstance(found, click.Command)
                return found
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands by section, from the table above."""
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(12), summary) for name, (_, summary) in section.items()], col_max=16)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; errors become one message and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except (ArgosyError, KeyboardInterrupt) as error:
            raise failure(error) from None
        except BrokenPipeError:
            raise
        except Exception as error:
            if os.environ.get("ARGOSY_TRACEBACK"):
                raise
            raise failure(error) from None


@click.group(
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: see `argosy doctor --help` and docs/guide/cli.md. Example: argosy demo",
)
@click.version_option(__version__, "-V", "--version", message="argosy %(version)s", help="Show the version and leave.")
def cli() -> None:
    """Portfolio management on a book of record that never loses or blurs a number.

    Try `argosy demo`: it builds a real book of twelve years, values it every day and measures it. Every command has
    --help with an example. The book is found by --book, else the variable ARGOSY_BOOK, else ./book.db.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line of this process."""
    try:
        cli.main(args=list(arguments) if arguments is not None else None, prog_name="argosy")
    except KeyboardInterrupt as error:  # before click has taken over
        stopped = failure(error)
        stopped.show()
        sys.exit(stopped.exit_code)
