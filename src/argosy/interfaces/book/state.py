"""Questions about state: positions, lots, cash, transactions, income, gains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.interfaces.arguments import DayLike, MomentLike, NamesLike, day, names
from argosy.interfaces.book.opened import OpenedBook

if TYPE_CHECKING:
    from argosy.workflows.look import Statement


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
