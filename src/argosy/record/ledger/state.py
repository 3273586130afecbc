"""What the book amounts to at one point: positions, lots, cash and the rest, each made when first asked for."""

from __future__ import annotations

from functools import cached_property

from argosy.record.ledger import cashflow, holdings
from argosy.record.ledger.replay import Replayed
from argosy.record.ledger.rows import (
    Cash,
    Costs,
    Entries,
    Flows,
    Holdings,
    Income,
    LedgerProblem,
    Lots,
    Pending,
    Positions,
    Reliefs,
    Trail,
)


class State:
    """The ledger folded up to ``as_of`` (epoch day, None = everything, all of it settled).

    Tables are columns of int64 (see :mod:`argosy.record.ledger.rows`). ``problems`` are events that cannot be true
    given the others; they are left out of every table. ``has_base`` says whether the ``_base`` columns mean anything.
    """

    def __init__(self, done: Replayed, *, as_of: int | None, has_base: bool) -> None:
        self._done = done
        self.as_of = as_of
        self.has_base = has_base
        self.problems: list[LedgerProblem] = list(done.problems)

    def __repr__(self) -> str:
        return f"State(as_of={self.as_of}, events={self.events}, problems={len(self.problems)})"

    @property
    def events(self) -> int:
        """How many events count in this state."""
        return len(self._done.events) - int(self._done.refused.sum())

    @cached_property
    def positions(self) -> Positions:
        """Quantity and cost per lot pool."""
        return holdings.positions(self._done)

    @cached_property
    def holdings(self) -> Holdings:
        """Quantity per portfolio, account, sleeve and instrument."""
        return holdings.holdings(self._done)

    @cached_property
    def lots(self) -> Lots:
        """Open lots."""
        return holdings.lots(self._done)

    @cached_property
    def reliefs(self) -> Reliefs:
        """Which lots made each gain."""
        return holdings.reliefs(self._done)

    @cached_property
    def trail(self) -> Trail:
        """Holding and cost after each event, per lot pool."""
        return holdings.trail(self._done)

    @cached_property
    def entries(self) -> Entries:
        """Every movement of cash."""
        return cashflow.entries(self._done)

    @cached_property
    def cash(self) -> Cash:
        """Balances by trade date and by settlement date."""
        return cashflow.cash(self.entries, self.as_of)

    @cached_property
    def pending(self) -> Pending:
        """Cash traded but not settled."""
        return cashflow.pending(self.entries, self.as_of)

    @cached_property
    def income(self) -> Income:
        """Dividends, interest, coupons, distributions, accrued interest."""
        return cashflow.income(self._done)

    @cached_property
    def costs(self) -> Costs:
        """Fees and taxes."""
        return cashflow.costs(self._done)

    @cached_property
    def flows(self) -> Flows:
        """What entered or left each portfolio from outside it."""
        return cashflow.flows(self._done)

    @cached_property
    def sleeve_flows(self) -> Flows:
        """What entered or left each sleeve from outside it, from other sleeves of its portfolio too."""
        return cashflow.flows(self._done, of_sleeves=True)
