"""Questions about what should be held: the optimized portfolio and the frontier, as the mandate wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from argosy.interfaces.arguments import DayLike, MomentLike
from argosy.interfaces.book.opened import OpenedBook
from argosy.wiring import generator, stopwatch, system_clock

if TYPE_CHECKING:
    from argosy.base.limits import Limits
    from argosy.construction.optimize.walk_forward import Schedule
    from argosy.record.mandate_policy import Wishes
    from argosy.workflows.optimizing import EvaluationStatement, FrontierStatement, OptimizedStatement, Question
    from argosy.workflows.strategies import CareerResult


class OptimizingQuestions(OpenedBook):
    """What should be held."""

    def optimize(
        self,
        portfolio: str,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        objective: str | None = None,
        target: float | None = None,
        risk_aversion: float | None = None,
        confidence: float | None = None,
        risk_free: float | None = None,
        limits: Limits = (),
        long_only: bool | None = None,
        cost: float | None = None,
        universe: str | None = None,
        benchmark: str | None = None,
        risk_model: str | None = None,
        mean_model: str | None = None,
        frequency: str | None = None,
        lookback: int | None = None,
        half_life: int | None = None,
        factors: int | None = None,
        missing: str | None = None,
        nearest_psd: bool | None = None,
        periods_per_year: float | None = None,
        views: Sequence[str] = (),
        seed: int | None = None,
        time_limit: float = 0.0,
    ) -> OptimizedStatement:
        """The best portfolio by its mandate's objective, universe, limits, costs and risk model.

        What is given here counts instead of the mandate's word; ``limits`` are added to the mandate's. Returns, risks
        and rates are per year. Views are texts such as ``"AAPL - MSFT earns 3% confidence 60%"``. The typed result is
        in ``decision.result``; ``figure()`` is the chart.
        """
        from argosy.workflows.optimizing import optimized

        asked = wishes(
            objective=objective, target=target, risk_aversion=risk_aversion, confidence=confidence,
            risk_free=risk_free, limits=limits, long_only=long_only, cost=cost, universe=universe,
            risk_model=risk_model, mean_model=mean_model, frequency=frequency, lookback=lookback,
            half_life=half_life, factors=factors, missing=missing, nearest_psd=nearest_psd,
            periods_per_year=periods_per_year,
        )  # fmt: skip
        question = self.optimization(portfolio, asked, as_of=as_of, known_at=known_at, benchmark=benchmark)
        return optimized(question, views=views, seed=seed, randomness=generator, time_limit=time_limit, clock=stopwatch)

    def frontier(
        self,
        portfolio: str,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        points: int = 20,
        risk_free: float | None = None,
        limits: Limits = (),
        long_only: bool | None = None,
        universe: str | None = None,
        benchmark: str | None = None,
        risk_model: str | None = None,
        mean_model: str | None = None,
        frequency: str | None = None,
        lookback: int | None = None,
        half_life: int | None = None,
        factors: int | None = None,
        missing: str | None = None,
        nearest_psd: bool | None = None,
        periods_per_year: float | None = None,
        views: Sequence[str] = (),
    ) -> FrontierStatement:
        """Efficient portfolios of the mandate's universe under its limits, from least risk to highest return."""
        from argosy.workflows.optimizing import efficient

        asked = wishes(
            risk_free=risk_free, limits=limits, long_only=long_only, universe=universe, risk_model=risk_model,
            mean_model=mean_model, frequency=frequency, lookback=lookback, half_life=half_life, factors=factors,
            missing=missing, nearest_psd=nearest_psd, periods_per_year=periods_per_year,
        )  # fmt: skip
        question = self.optimization(portfolio, asked, as_of=as_of, known_at=known_at, benchmark=benchmark)
        return efficient(question, points=points, views=views)

    def evaluate(
        self,
        portfolio: str,
        *,
        models: Sequence[str],
        window: int,
        every: int,
        expanding: bool = False,
        purge: int = 0,
        seed: int = 1,
        draws: int = 2_000,
        asked: Wishes | None = None,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        benchmark: str | None = None,
        strategy: str = "",
        by: str = "evaluate",
    ) -> EvaluationStatement:
        """Models walked forward over the history of the mandate's universe, beside equal weight, costs paid.

        ``asked`` are :func:`wishes` beside the mandate. The typed result is in ``evaluation``. With ``strategy`` each
        model is counted as a trial of it, by the name of who runs it.
        """
        from argosy.construction.optimize.walk_forward import Schedule
        from argosy.workflows.optimizing import evaluated

        question = self.optimization(portfolio, asked or wishes(), as_of=as_of, known_at=known_at, benchmark=benchmark)
        schedule = Schedule(window, every, expanding=expanding, purge=purge)
        found = evaluated(question, schedule, models=models, seed=seed, randomness=generator, draws=draws,
                          confidence=question.policy.objective.confidence)  # fmt: skip
        if strategy:
            self.count_trials(question, schedule, found, strategy=strategy, seed=seed, by=by)
        return found

    def count_trials(
        self, question: Question, schedule: Schedule, found: EvaluationStatement, *, strategy: str, seed: int, by: str
    ) -> CareerResult:
        """Count each model of an evaluation as a trial of a strategy; the same run counts once."""
        from argosy.workflows.trials import count_trials

        return count_trials(self._store, question, schedule, found, clock=system_clock, strategy=strategy, seed=seed,
                            by=by)  # fmt: skip

    def optimization(
        self,
        portfolio: str,
        asked: Wishes,
        *,
        as_of: DayLike = None,
        known_at: MomentLike = None,
        benchmark: str | None = None,
    ) -> Question:
        """What the mandate of a portfolio and wishes beside it ask for, ready to be answered in several ways."""
        from argosy.workflows.optimizing_portfolio import portfolio_question

        seen = self.look(as_of=as_of, known_at=known_at, portfolio=portfolio)
        return portfolio_question(seen, asked, benchmark=benchmark)


def wishes(
    *,
    objective: str | None = None,
    target: float | None = None,
    risk_aversion: float | None = None,
    confidence: float | None = None,
    risk_free: float | None = None,
    limits: Limits = (),
    long_only: bool | None = None,
    cost: float | None = None,
    universe: str | None = None,
    risk_model: str | None = None,
    mean_model: str | None = None,
    frequency: str | None = None,
    lookback: int | None = None,
    half_life: int | None = None,
    factors: int | None = None,
    missing: str | None = None,
    nearest_psd: bool | None = None,
    periods_per_year: float | None = None,
) -> Wishes:
    """What a caller says beside a mandate; None leaves the mandate's word."""
    from argosy.base.limits import parse_limits
    from argosy.record.mandate_policy import Wishes

    return Wishes(
        objective, target, risk_aversion, confidence, risk_free, universe, parse_limits(limits), long_only, cost,
        risk_model, mean_model, frequency, lookback, half_life, factors, missing, nearest_psd, periods_per_year,
    )  # fmt: skip
