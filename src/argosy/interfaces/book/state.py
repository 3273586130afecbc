"""Questions about state: positions, lots, cash, transactions, income, gains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.base.errors import unknown
from argosy.interfaces.arguments import DayLike, MomentLike, NamesLike, day, names
from argosy.interfaces.book.opened import OpenedBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from argosy.base.table import Table
    from argosy.workflows.look import Statement
    from argosy.workflows.statements import ValueStatement
    from argosy.workflows.warm import WarmBook


class StateQuestions(OpenedBook):
    """What is held, in which lots, how much cash, what happened."""

    def positions(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        by_account: bool = False,
    ) -> Statement:
        """What is held, with its cost: a row for each pool of lots."""
        from argosy.workflows import statements

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return statements.positions(seen, by_account=by_account)

    def follow(self) -> WarmBook:
        """Positions that stay in memory and follow the book: after one more event only the lots it touches change."""
        from argosy.workflows.warm import WarmBook

        return WarmBook(self.store)

    def lots(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        instrument: NamesLike = (),
    ) -> Statement:
        """The open lots behind the positions."""
        from argosy.workflows import statements

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return statements.lots(seen, instruments=names(instrument))

    def cash(
        self, *, as_of: DayLike = None, known_at: MomentLike = None, portfolio: NamesLike = (), group: str = ""
    ) -> Statement:
        """Cash by currency on trade and settlement dates, and what is on its way."""
        from argosy.workflows import statements

        return statements.cash(self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group))

    def transactions(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        instrument: NamesLike = (),
        first: DayLike = None,
        last: DayLike = None,
    ) -> Statement:
        """What happened, in the order in which it counts."""
        from argosy.workflows import statements

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return statements.transactions(
            seen, instruments=names(instrument), first=day(first, field="first"), last=day(last, field="last")
        )

    def income(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        first: DayLike = None,
        last: DayLike = None,
    ) -> Statement:
        """Dividends, interest, coupons and distributions."""
        from argosy.workflows import statements

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return statements.income(seen, first=day(first, field="first"), last=day(last, field="last"))

    def gains(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        first: DayLike = None,
        last: DayLike = None,
        kind: str = "both",
    ) -> Statement:
        """Realized gains with the lots they came from, unrealized gains split into price and currency, or both."""
        from argosy.workflows import statements
        from argosy.workflows.look import Statement

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        parts: dict[str, Callable[[], tuple[Table, ...]]] = {
            "realized": lambda: statements.realized(seen, first=day(first), last=day(last)).tables,
            "unrealized": lambda: statements.unrealized(seen).tables,
        }
        if kind not in (*parts, "both"):
            raise unknown("kind of gains", kind, [*parts, "both"])
        return Statement(tuple(table for name, ask in parts.items() if kind in (name, "both") for table in ask()))

    def value(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        currency: str = "",
        on_missing: str = "raise",
    ) -> ValueStatement:
        """What it is worth at the end of a day, to the minor unit.

        A missing or too old price or rate raises an error that names each; ``on_missing="report"`` shows the portfolios
        that can be valued and names what is missing for the others.
        """
        from argosy.workflows import statements

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return statements.valued(seen, currency=currency, on_missing=on_missing)
