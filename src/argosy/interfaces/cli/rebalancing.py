"""``argosy rebalance`` and ``argosy outbox``: what to trade, who agreed, what happened, who has to hear of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from argosy.base.errors import InvalidInput
from argosy.interfaces.cli.imports import import_files
from argosy.interfaces.cli.options import (
    FILE,
    Day,
    Moment,
    book_option,
    dry_run_option,
    group_option,
    output_options,
    portfolio_option,
)
from argosy.interfaces.cli.root import NamedGroup
from argosy.interfaces.cli.show import emit, progress, tell

if TYPE_CHECKING:
    from argosy.workflows.proposals import DecisionResult

_by = click.option("--by", required=True, metavar="NAME", help="Who decides; it is kept with the decision.")
_day = click.option(
    "--as-of", "-d", type=Day(), metavar="DATE", help="Day whose prices count. Default: the latest known."
)
_numbers = click.argument("proposals", nargs=-1, required=True, type=click.IntRange(min=1))


def _told(result: DecisionResult) -> None:
    for note in result.notes:
        tell(f"note: {note}")
    tell(result.summary())


@click.group("rebalance", cls=NamedGroup, epilog="Example: argosy rebalance check --portfolio GROWTH")
def rebalance_command() -> None:
    """Check drift, propose trades, decide, send, book fills.

    The rules are the mandate's: [targets], [rebalancing], [trading], [costs], [tax], [limits], [approvals].
    """


@rebalance_command.command("check", epilog="Example: argosy rebalance check --as-of 2022-12-30")
@portfolio_option
@group_option
@_day
@click.option("--reason", default="", help="A reason of your own to trade now, whatever the rules say.")
@click.option("--prices", default="", metavar="FILE", type=click.Path(dir_okay=False),
              help="Live prices (columns instrument, price): those of the day, stored nowhere.")  # fmt: skip
@book_option
@output_options
def check(
    portfolios: tuple[str, ...], group: str, as_of: int | None, reason: str, prices: str, book: str, form: str | None,
    output: str, columns: str,
) -> None:  # fmt: skip
    """Drift, reasons to trade, cost and worth of each portfolio. Nothing is written."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.check_rebalance(portfolios, group=group, as_of=as_of, reason=reason, prices=prices)
        emit(found.statement().tables, form=form, output=output, columns=columns)


@rebalance_command.command("propose", epilog="Example: argosy rebalance propose --portfolio GROWTH --by ann")
@portfolio_option
@group_option
@_day
@click.option("--reason", default="", help="A reason of your own to trade now, whatever the rules say.")
@_by
@book_option
@dry_run_option
@output_options
def propose(
    portfolios: tuple[str, ...], group: str, as_of: int | None, reason: str, by: str, book: str, form: str | None,
    output: str, columns: str, *, dry_run: bool,
) -> None:  # fmt: skip
    """Store a proposal for each portfolio that should trade; say why the others should not.

    A new proposal takes the place of one that is still open. A portfolio with orders in the market gets none.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        checked, stored = opened.propose_rebalance(
            portfolios, by=by, group=group, as_of=as_of, reason=reason, dry_run=dry_run
        )
        tables = (*checked.statement().tables, *((stored.table(),) if stored.lives else ()))
        emit(tables, form=form, output=output, columns=columns)
    _told(stored)


@rebalance_command.command("show", epilog="Example: argosy rebalance show 12")
@click.argument("proposal", type=click.IntRange(min=1))
@click.option("--known-at", type=Moment(), metavar="MOMENT", help="As the book knew it then. Default: now.")
@book_option
@output_options
def show(proposal: int, known_at: int | None, book: str, form: str | None, output: str, columns: str) -> None:
    """One proposal: why, evidence before and after, limits, orders with lots, realized cost, every step."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.proposal(proposal, known_at=known_at).tables, form=form, output=output, columns=columns)


@rebalance_command.command("history", epilog="Example: argosy rebalance history --state approved")
@portfolio_option
@group_option
@click.option("--state", default="", help="Only those in a state: proposed, approved, sent, executed, ...")
@click.option("--known-at", type=Moment(), metavar="MOMENT", help="As the book knew it then. Default: now.")
@book_option
@output_options
def history(
    portfolios: tuple[str, ...], group: str, state: str, known_at: int | None, book: str, form: str | None, output: str,
    columns: str,
) -> None:  # fmt: skip
    """All proposals with the state each is in."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        found = opened.proposals(portfolios, group=group, state=state, known_at=known_at)
        emit(found.tables, form=form, output=output, columns=columns)


@rebalance_command.command("approve", epilog="Example: argosy rebalance approve 12 --by bob")
@_numbers
@_by
@click.option("--note", default="", help="Kept with the approval.")
@_day
@book_option
@dry_run_option
def approve(proposals: tuple[int, ...], by: str, note: str, as_of: int | None, book: str, *, dry_run: bool) -> None:
    """Approve PROPOSALS, all or none. Prices and limits are checked again first.

    Where the mandate asks for two people, none of them may be the one who made the proposal.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        _told(opened.approve(proposals, by=by, note=note, as_of=as_of, dry_run=dry_run))


@rebalance_command.command("reject", epilog="Example: argosy rebalance reject 12 --by bob --reason 'earnings tomorrow'")
@_numbers
@_by
@click.option("--reason", required=True, help="Why, kept with the decision.")
@book_option
@dry_run_option
def reject(proposals: tuple[int, ...], by: str, reason: str, book: str, *, dry_run: bool) -> None:
    """Reject PROPOSALS. What made them raises no other one until it is over."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        _told(opened.reject(proposals, by=by, reason=reason, dry_run=dry_run))


@rebalance_command.command("send", epilog="Example: argosy rebalance send 12 --by desk --orders orders.csv")
@_numbers
@_by
@click.option("--orders", "file", metavar="FILE", default="", type=click.Path(dir_okay=False),
              help="File for the orders: CSV, or FIX 4.4 where its name ends in .fix.")  # fmt: skip
@click.option("--sender", default="ARGOSY", show_default=True, metavar="ID", help="SenderCompID of FIX messages.")
@click.option("--target", default="BROKER", show_default=True, metavar="ID", help="TargetCompID of FIX messages.")
@_day
@book_option
@dry_run_option
def send(
    proposals: tuple[int, ...], by: str, file: str, sender: str, target: str, as_of: int | None, book: str, *,
    dry_run: bool,
) -> None:  # fmt: skip
    """Mark approved PROPOSALS as sent and write their orders. Prices and limits are checked once more.

    Sending again changes nothing and writes the same orders, so that a lost file can be made anew.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        result = opened.send(proposals, by=by, as_of=as_of, dry_run=dry_run)
        orders = opened.orders(proposals)
        if not file:
            emit(orders)
        elif file.lower().endswith(".fix"):
            text = opened.orders_fix(proposals, sender=sender, target=target)
            Path(file).write_text(text, encoding="utf-8", newline="")
            tell(f"wrote {file}")
        else:
            emit(orders, form="csv", output=file)
    _told(result)


@rebalance_command.command("fill", epilog="Example: argosy rebalance fill fills.csv --by BROKER")
@click.argument("file", type=FILE)
@_by
@click.option("--fix", is_flag=True, help="The file has FIX execution reports (also by a name that ends in .fix).")
@click.option("--accept-good", is_flag=True, help="Book the good rows even when others are refused.")
@book_option
@dry_run_option
def fill(file: str, by: str, book: str, *, fix: bool, accept_good: bool, dry_run: bool) -> None:
    """Book fills: each becomes a trade and a step of its order, in one batch.

    A CSV has order (as 12-1), date, quantity, price, reference, and fee, tax, settle_date, side, instrument, note where
    they are known. A fill that was booked already is left out.
    """
    import_files([file], book, "table", lambda opened, content, name: opened.book_fills(
        content, by=by, fix=fix, name=name, accept_good=accept_good, dry_run=dry_run,
    ))  # fmt: skip


@rebalance_command.command("bust", epilog="Example: argosy rebalance bust 12 F-77 --by BROKER --reason 'trade break'")
@click.argument("proposal", type=click.IntRange(min=1))
@click.argument("reference")
@_by
@click.option("--reason", required=True, help="Why, kept with the void.")
@book_option
@dry_run_option
def bust(proposal: int, reference: str, by: str, reason: str, book: str, *, dry_run: bool) -> None:
    """Take back the fill with REFERENCE that the broker broke: its trade is voided, its order is open again."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        _told(opened.bust_fill(proposal, reference, by=by, reason=reason, dry_run=dry_run))


@rebalance_command.command("cancel", epilog="Example: argosy rebalance cancel 12-3 --by desk")
@click.argument("what", nargs=-1, required=True)
@_by
@click.option("--reason", default="", help="Why, kept with the decision.")
@click.option("--refused", is_flag=True, help="The broker refused the orders (with --reason).")
@book_option
@dry_run_option
def cancel(what: tuple[str, ...], by: str, reason: str, book: str, *, refused: bool, dry_run: bool) -> None:
    """Withdraw proposals that were not sent (12), or cancel what orders have left in the market (12-3)."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        whole = [int(one) for one in what if one.isdigit()]
        if whole and refused:
            raise InvalidInput("a broker refuses orders, not proposals", field="what", next_step="name orders: 12-3")
        if whole:
            _told(opened.cancel(whole, by=by, reason=reason, dry_run=dry_run))
        for order in (one for one in what if not one.isdigit()):
            step = opened.refuse_order if refused else opened.cancel_order
            _told(step(order, by=by, reason=reason, dry_run=dry_run))


@rebalance_command.command("replace", epilog="Example: argosy rebalance replace 12-3 500 --by desk")
@click.argument("order")
@click.argument("quantity")
@_by
@click.option("--reason", default="", help="Why, kept with the decision.")
@book_option
@dry_run_option
def replace(order: str, quantity: str, by: str, reason: str, book: str, *, dry_run: bool) -> None:
    """Replace what ORDER has left by a smaller QUANTITY: at most what was approved and is not filled."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        _told(opened.replace_order(order, quantity, by=by, reason=reason, dry_run=dry_run))


@rebalance_command.command("expire", epilog="Example: argosy rebalance expire")
@book_option
@dry_run_option
def expire(book: str, *, dry_run: bool) -> None:
    """Mark every proposal whose time is over. `argosy close` does it too."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        _told(opened.expire_proposals(dry_run=dry_run))


@rebalance_command.command(
    "simulate", epilog="Example: argosy rebalance simulate --portfolio GROWTH --from 2020-01-02 --to 2021-12-31"
)
@click.option("--portfolio", "-p", required=True, metavar="CODE", help="The portfolio whose mandate is tried.")
@click.option("--from", "first", required=True, type=Day(), metavar="DATE", help="First day.")
@click.option("--to", "last", type=Day(), metavar="DATE", help="Last day. Default: the latest known.")
@click.option("--rule", "rules", multiple=True, metavar="NAME",
              help="mandate, never, monthly, quarterly or yearly; repeatable. Default: all but yearly.")  # fmt: skip
@click.option("--every", default="daily", show_default=True, type=click.Choice(["daily", "weekly", "monthly"]),
              help="How often the portfolio is looked at.")  # fmt: skip
@book_option
@output_options
def simulate(
    portfolio: str, first: int, last: int | None, rules: tuple[str, ...], every: str, book: str, form: str | None,
    output: str, columns: str,
) -> None:  # fmt: skip
    """What rebalancing would have earned after costs: the mandate against never and against the calendar.

    Proposals, verdicts, fills and taxes are real events of a book that is thrown away. Orders are filled at the next
    price and half the spread; no day sees a later one. Your book is not changed.
    """
    from argosy.interfaces.book import open_book

    with open_book(book) as opened, progress("simulating") as advance:
        found = opened.simulate_rebalancing(
            portfolio, first=first, last=last, rules=rules, every=every, progress=advance
        )
    emit(found.statement().tables, form=form, output=output, columns=columns, limit=12)


@click.group("outbox", cls=NamedGroup, epilog="Example: argosy outbox read OMS")
def outbox_command() -> None:
    """What happened, for other systems: each message until it is acknowledged, in order."""


@outbox_command.command("read", epilog="Example: argosy outbox read OMS --kind decision --format json")
@click.argument("consumer")
@click.option("--kind", "kinds", multiple=True, metavar="NAME",
              help="Only these: close, proposal, decision, mandate, void. Repeatable.")  # fmt: skip
@click.option("--most", default=1000, show_default=True, type=click.IntRange(min=1), help="Messages at a time.")
@book_option
@output_options
def read(
    consumer: str, kinds: tuple[str, ...], most: int, book: str, form: str | None, output: str, columns: str
) -> None:
    """Messages that CONSUMER has not acknowledged, oldest first. Reading does not acknowledge."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        emit(opened.outbox(consumer, kinds=kinds, most=most).table(), form=form, output=output, columns=columns)


@outbox_command.command("ack", epilog="Example: argosy outbox ack OMS 812")
@click.argument("consumer")
@click.argument("seq", type=click.IntRange(min=1))
@book_option
def ack(consumer: str, seq: int, book: str) -> None:
    """Say that CONSUMER has dealt with every message up to SEQ."""
    from argosy.interfaces.book import open_book

    with open_book(book) as opened:
        info = opened.acknowledge(consumer, seq)
    tell(f"{consumer} is at {seq}" + (f" (batch {info.batch})" if info else ": nothing new"))
