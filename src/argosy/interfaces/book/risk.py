"""Questions about risk: how large, why, under stress, how right the model is, which limits it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from argosy.interfaces.arguments import DayLike, MomentLike, NamesLike, day, names
from argosy.interfaces.book.opened import OpenedBook
from argosy.wiring import system_clock

if TYPE_CHECKING:
    from argosy.record.breaches import Waiver
    from argosy.workflows.backtesting_risk import BacktestStatement
    from argosy.workflows.limits import LimitsStatement
    from argosy.workflows.look import Statement
    from argosy.workflows.risk import RiskStatement
    from argosy.workflows.stress import StressStatement


class RiskQuestions(OpenedBook):
    """How much can be lost, and what adds to it."""

    def risk(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        firm: bool = False,
        sleeve: NamesLike = (),
        currency: str = "",
        model: str = "",
        models: NamesLike | None = None,
        confidence: float | None = None,
        horizon: int | None = None,
        window: int | None = None,
        seed: int | None = None,
        benchmark: str | None = None,
        factors: NamesLike = (),
        by: str = "",
        what_if: NamesLike = (),
        compare_to: DayLike = None,
        compare: bool = False,
    ) -> RiskStatement:
        """Volatility, tracking error, value at risk and shortfall by several models, and what adds to them.

        ``model`` is the one whose figures are taken apart, ``models`` stand beside it (None: all); ``by`` is the
        attribute contributions are summed by, ``factors`` are instruments whose returns explain the others;
        ``what_if`` are trades such as ``"buy 100 ACME"``; ``compare`` says what changed since the last session, or
        since ``compare_to``. What is not given is what the mandate says. The typed results are in ``results``.
        """
        from argosy.measures.risk.book.models import MODELS
        from argosy.workflows.risk import AskedRisk, previous_session, risk_statement

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        asked = AskedRisk(
            model, confidence, horizon, window, seed, tuple(MODELS) if models is None else names(models), benchmark,
            names(factors), by, firm, names(sleeve), currency,
        )  # fmt: skip
        since = day(compare_to, field="compare-to") if compare_to is not None or not compare else previous_session(seen)
        earlier = None if since is None else self.look(
            as_of=since, known_at=known_at, portfolio=portfolio, group=group
        )  # fmt: skip
        return risk_statement(seen, asked, what_if=(what_if,) if isinstance(what_if, str) else tuple(what_if),
                              earlier=earlier)  # fmt: skip

    def stored_risk(
        self, *, as_of: DayLike = None, known_at: MomentLike = None, portfolio: NamesLike = (), group: str = ""
    ) -> Statement:
        """The risk that the close stored up to ``as_of``, as known at ``known_at``."""
        from argosy.workflows.keep_risk import stored_risk

        return stored_risk(self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group))

    def stress(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        firm: bool = False,
        sleeve: NamesLike = (),
        currency: str = "",
        windows: NamesLike = (),
        shocks: NamesLike = (),
        propagate: bool = False,
        sets: NamesLike = (),
        scenarios: str = "",
        correlations: Sequence[float] = (),
        reverse: float | None = None,
        worst: float | None = None,
        liquidate: bool = False,
        days: float = 10.0,
    ) -> StressStatement:
        """What bad times would cost, by position, how plausible they are, and which limits would not hold after them.

        ``windows`` are named ones such as ``covid`` or ``2020-02-19..2020-03-23``; ``shocks`` such as ``"ACME -30%"``
        make one story, whose other assets move along with ``propagate``; ``sets`` are prescribed sets by name,
        ``scenarios`` is the TOML text of one's own; ``correlations`` are shares by which they are drawn to one;
        ``reverse`` is a loss and ``worst`` a probability to look for; ``liquidate`` adds the cost of selling in
        ``days``. Without any of them all windows with data are taken. The typed results are in ``results``.
        """
        from argosy.measures.risk.stress.prescribed import prescribed_set
        from argosy.wiring import scenario_sets
        from argosy.workflows.risk import AskedRisk
        from argosy.workflows.stress import AskedStress, chosen_sets, stress_statement

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        known = [prescribed_set(text, place=name) for name, text in scenario_sets().items()] if sets else []
        own = (prescribed_set(scenarios, place="scenarios"),) if scenarios else ()
        asked = AskedStress(
            names(windows), names(shocks), propagate, (*chosen_sets(known, names(sets)), *own), tuple(correlations),
            reverse, worst, liquidate, days,
        )  # fmt: skip
        return stress_statement(seen, AskedRisk(firm=firm, sleeves=names(sleeve), currency=currency), asked)

    def backtest_risk(
        self,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        portfolio: NamesLike = (),
        group: str = "",
        firm: bool = False,
        sleeve: NamesLike = (),
        currency: str = "",
        models: NamesLike = (),
        confidence: float | None = None,
        window: int | None = None,
        basis: NamesLike = (),
    ) -> BacktestStatement:
        """Whether models of risk were right on weights held now (hypothetical) and on what really happened (actual).

        Exceptions, Kupiec, Christoffersen, traffic light, Acerbi and Szekely; typed tests in ``results``, a picture by
        ``figure()``. Without ``models`` it is the mandate's beside historical and normal.
        """
        from argosy.workflows.backtesting_risk import BASES, backtest_statement
        from argosy.workflows.risk import AskedRisk

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        asked = AskedRisk(confidence=confidence, window=window, firm=firm, sleeves=names(sleeve), currency=currency)
        return backtest_statement(seen, asked, models=names(models), bases=names(basis) or BASES)

    # -- limits -------------------------------------------------------------------------------------------------------

    def limits(
        self, *, as_of: DayLike = None, known_at: MomentLike = None, portfolio: NamesLike = (), group: str = "",
        broken: bool = False,
    ) -> LimitsStatement:  # fmt: skip
        """Every limit of the mandates with use and headroom, those that do not hold first; typed in ``readings``."""
        from argosy.workflows.limits import limits_statement

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return limits_statement(seen, broken=broken)

    def limits_history(
        self, *, as_of: DayLike = None, known_at: MomentLike = None, portfolio: NamesLike = (), group: str = "",
        only_open: bool = False,
    ) -> Statement:  # fmt: skip
        """Breaches from the day they opened to the day they were cured, and waivers with who asked and decided."""
        from argosy.workflows.limits import limits_history

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio, group=group)
        return limits_history(seen, only_open=only_open)

    def ask_waiver(
        self, portfolio: str, rule: str, *, until: DayLike, reason: str, by: str, dry_run: bool = False
    ) -> Waiver:
        """Ask that a portfolio may be beyond a rule until a day; it holds once another person approves it."""
        from argosy.workflows.limits import ask_waiver

        return ask_waiver(
            self._store, clock=system_clock, portfolio=portfolio, rule=rule, until=day(until, field="until") or 0,
            reason=reason, by=by, dry_run=dry_run,
        )  # fmt: skip

    def decide_waiver(self, number: int, *, step: str, by: str, note: str = "", dry_run: bool = False) -> Waiver:
        """Step ``approved`` (by somebody else than who asked), ``rejected`` or ``withdrawn`` of a waiver."""
        from argosy.workflows.limits import decide_waiver

        return decide_waiver(
            self._store, clock=system_clock, number=number, step=step, by=by, note=note, dry_run=dry_run
        )
