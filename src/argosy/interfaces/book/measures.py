"""Questions about value over time: the close, daily history, returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from argosy.interfaces.arguments import DayLike, MomentLike, NamesLike, day, names
from argosy.interfaces.book.opened import OpenedBook
from argosy.wiring import draw_svg, system_clock

if TYPE_CHECKING:
    from argosy.base.table import Table
    from argosy.reporting.explanations.tree import Explanation
    from argosy.workflows.close import CloseReport
    from argosy.workflows.look import Statement
    from argosy.workflows.report import ReportPage
    from argosy.workflows.returns import ReturnsStatement


class MeasureQuestions(OpenedBook):
    """What it was worth on each day, and how well it did."""

    def run_close(
        self,
        *,
        portfolio: NamesLike = (),
        group: str = "",
        first: DayLike = None,
        last: DayLike = None,
        progress: Callable[[int, int], None] | None = None,
        dry_run: bool = False,
        attribution: bool = True,
        risk: bool = True,
        risk_from: DayLike = None,
        rebalancing: bool = True,
        propose: bool = False,
    ) -> CloseReport:
        """The daily close: value each business day and store it (:meth:`close` lets go of the book).

        With ``attribution`` it also stores what each line made on each day, with ``risk`` the risk of the last day (of
        each session from ``risk_from`` on), and tells breaches of limits. With ``rebalancing`` it says which
        portfolios with [targets] have a reason to trade and marks proposals whose time is over; ``propose`` stores
        proposals too. A second run writes nothing; late events restate only the days they changed.
        """
        from argosy.workflows.close import close
        from argosy.workflows.close_rebalance import close_rebalance
        from argosy.workflows.keep_lines import close_lines
        from argosy.workflows.keep_risk import close_risk

        done = close(
            self._store, self._files(), clock=system_clock, portfolios=names(portfolio), group=group,
            first=day(first, field="first"), last=day(last, field="last"), progress=progress, dry_run=dry_run,
        )  # fmt: skip
        if attribution:
            done = close_lines(
                self._store, self._files(), done, clock=system_clock, portfolios=names(portfolio), group=group,
                last=day(last, field="last"), dry_run=dry_run,
            )  # fmt: skip
        if risk:
            done = close_risk(
                self._store, self._files(), done, clock=system_clock, portfolios=names(portfolio), group=group,
                last=day(last, field="last"), first=day(risk_from, field="risk-from"), dry_run=dry_run,
            )  # fmt: skip
        if rebalancing:
            done = close_rebalance(
                self._store, self._files(), done, clock=system_clock, last=day(last, field="last"), propose=propose,
                dry_run=dry_run,
            )  # fmt: skip
        return done

    def history(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        first: DayLike = None,
        currency: str = "",
        calendar: str = "",
    ) -> Statement:
        """Net asset value day by day up to ``as_of``; a day that cannot be valued is missing and named in the notes."""
        from argosy.workflows.history import history
        from argosy.workflows.look import Statement

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        answer = history(seen, first=day(first, field="first"), currency=currency, calendar=calendar)
        told = seen.provenance(
            "net asset value by day", convention="rounded once, half to even", warnings=seen.problems(),
            asked={"first": day(first, field="first"), "currency": currency, "calendar": calendar},
        )  # fmt: skip
        tables = tuple(one.table("History") for one in answer.histories) or (_no_history(),)
        return Statement(tuple(replace(table, provenance=told) for table in tables))

    def returns(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        firm: bool = False,
        sleeve: NamesLike = (),
        first: DayLike = None,
        currency: str = "",
        periods: NamesLike = (),
        benchmark: str | None = None,
        basis: NamesLike = "net",
        timing: str = "",
        frequency: str = "",
        daily: bool = False,
        on_missing: str = "raise",
        stored: bool = False,
    ) -> ReturnsStatement:
        """Time-weighted returns by period (or step by step) beside the benchmark's.

        ``periods`` are MTD, QTD, YTD, 1Y, 3Y, ITD or ``2021-01-01..2021-06-30``; only the prices they need are asked
        for. ``frequency`` (``daily`` for short) gives the return of each day, week, month, quarter or year instead.
        ``benchmark`` is a code or a blend, "" asks for none, None takes the mandate's. ``basis`` is net, gross,
        pretax or aftertax (gains taxed as the mandate says), or several beside each other. ``timing`` start, end or
        mixed overrides the mandate's convention for flows. The typed results are in ``results``.
        """
        from argosy.workflows.measured import Asked
        from argosy.workflows.returns import returns_statement

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        bases = names(basis) or ("net",)
        return returns_statement(
            seen, periods=names(periods), benchmark=benchmark, bases=bases, first=day(first, field="first"),
            frequency=frequency or ("daily" if daily else ""),
            asked=Asked(currency, timing, bases[0], firm, on_missing, stored, names(sleeve)),
        )  # fmt: skip

    def explain(
        self,
        target: str,
        name: str = "",
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        currency: str = "",
        by: str = "",
        benchmark: str | None = None,
        period: str = "",
    ) -> Explanation:
        """Where a number comes from, down to events, prices and rates.

        ``target`` is value or nav (of a portfolio or group; without a name of each portfolio asked about), position
        (``PORTFOLIO/INSTRUMENT``), gain, income or event (the number of an event), price (of an instrument), rate
        (``EUR/USD``) or effect (``PORTFOLIO/SEGMENT/EFFECT``, of the attribution that ``by``, ``benchmark`` and
        ``period`` name). ``currency`` is the reporting currency of a value or effect.
        """
        from argosy.workflows.explain import EffectOf, explain

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        given = by or period or benchmark is not None
        return explain(
            seen, target, name, currency=currency,
            effect=EffectOf(by, benchmark, period or "ITD") if given else None,
        )  # fmt: skip

    def report(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        currency: str = "",
        title: str = "",
        notes: Sequence[str] = (),
    ) -> ReportPage:
        """One self-contained HTML page: value, track record, holdings, cash, income, gains and where they come from."""
        from argosy.workflows.report import report_page

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return report_page(seen, draw_svg, title=title, currency=currency, notes=tuple(notes))


def _no_history() -> Table:
    from argosy.base.table import Table

    return Table("History", (), notes=("nothing has happened yet on or before this day",))
