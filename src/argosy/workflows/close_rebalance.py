"""The last part of the close: which portfolios have a reason to trade, and which proposals ran out of time.

Portfolios whose mandate says something under [targets] are looked at. Proposals are stored where that is asked for,
here or by the mandate; a second close finds their reasons standing and stores nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from argosy.base.table import Table
from argosy.record.orders.fold import ProposalLife, read_lives
from argosy.record.orders.states import ProposalState
from argosy.record.reference_fold import Reference
from argosy.reporting.statements.rebalancing import reasons_table
from argosy.workflows.close import CloseReport
from argosy.workflows.look import look
from argosy.workflows.ports import BookStore, Clock, MarketFiles
from argosy.workflows.proposals import expire_due, store_proposals
from argosy.workflows.propose import RebalanceCheck, check_rebalance

MAKER = "close"
"""Who makes the proposals of a close."""


def close_rebalance(
    store: BookStore, files: MarketFiles, done: CloseReport, *, clock: Clock, last: int | None = None,
    propose: bool = False, dry_run: bool = False,
) -> CloseReport:  # fmt: skip
    """Look at the triggers of what was closed and mark proposals whose time is over; the report then has both.

    A portfolio that cannot be judged, for a price or a sound mandate is missing, is named in the table's notes.
    """
    lives, now = read_lives(done.reference.facts), clock()
    notes = []
    due = [life for life in lives.values() if life.ended is None and life.state_at(now) == ProposalState.EXPIRED]
    if due:
        notes.append(expire_due(store, clock=clock, dry_run=dry_run).summary())
    steered = _steered(done, last)
    tables: tuple[Table, ...] = ()
    if steered:
        seen = look(store, clock=clock, as_of=last, portfolios=steered, files=files)
        checked = check_rebalance(seen, by=MAKER, clock=clock, collect=True)
        drafts = [
            found.proposal for portfolio, found in checked.found
            if found.proposal is not None and not _working(lives, portfolio.id)
            and (propose or seen.reference.mandate(portfolio.id, seen.day).trading.rebalancing.propose_at_close)
        ]  # fmt: skip
        if drafts:
            notes.append(store_proposals(store, drafts, clock=clock, dry_run=dry_run).summary())
        tables = _told(checked, notes)
    mark = store.watermark() if notes and not dry_run else done.watermark
    return replace(done, watermark=mark, attached=(*done.attached, *tables))


def _steered(done: CloseReport, day: int | None) -> list[str]:
    """Codes of the portfolios that were closed and have targets of their own."""
    reference: Reference = done.reference
    return [
        reference.portfolios[one.portfolio].code for one in done.portfolios
        if reference.mandate_says(one.portfolio, "targets", day)
    ]  # fmt: skip


def _working(lives: dict[int, ProposalLife], portfolio: int) -> bool:
    """Whether orders of a portfolio are in the market: what they will do is not known yet."""
    return any(life.terms.portfolio == portfolio and life.state == ProposalState.SENT for life in lives.values())


def _told(checked: RebalanceCheck, notes: Sequence[str]) -> tuple[Table, ...]:
    asking = [(portfolio, found) for portfolio, found in checked.found if found.plan.triggers]
    if not asking and not checked.problems and not notes:
        return ()
    return (reasons_table(asking, [*(problem.text() for problem in checked.problems), *notes]),)
