"""Sleeves of a portfolio as strategies: looked through together, watched one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argosy.interfaces.arguments import DayLike, MomentLike
from argosy.interfaces.book.opened import OpenedBook

if TYPE_CHECKING:
    from argosy.workflows.strategies_together import SleeveRiskStatement, WatchStatement


class SleeveQuestions(OpenedBook):
    """How the strategies inside a portfolio go together."""

    def sleeves_risk(
        self, portfolio: str, *, as_of: DayLike = None, known_at: MomentLike = None
    ) -> SleeveRiskStatement:
        """Overlap, gross and net of a portfolio's sleeves, and who adds what to its risk."""
        from argosy.workflows.strategies_together import sleeves_risk

        return sleeves_risk(self.look(as_of=as_of, known_at=known_at, portfolio=portfolio))

    def watch_sleeve(
        self, portfolio: str, sleeve: str, *, expected: float, tracking_error: float, benchmark: str | None = None,
        frequency: str = "monthly", false_alarm_years: float = 10.0, as_of: DayLike = None,
        known_at: MomentLike = None,
    ) -> WatchStatement:  # fmt: skip
        """Whether a sleeve has lost the skill expected of it (active return and tracking error a year)."""
        from argosy.workflows.strategies_together import watch_sleeve

        return watch_sleeve(
            self.look(as_of=as_of, known_at=known_at, portfolio=portfolio), sleeve=sleeve, expected=expected,
            tracking_error=tracking_error, benchmark=benchmark, frequency=frequency,
            false_alarm_years=false_alarm_years,
        )  # fmt: skip
