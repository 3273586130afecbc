"""Walking forward: at each date weights are made from what was known, then they drift, pay costs, and are judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import ArgosyError, InvalidInput, MissingData
from argosy.construction.optimize.candidates import Candidates
from argosy.construction.optimize.decision import decide
from argosy.construction.optimize.trading import costs_of
from argosy.models.costs.trading import Costs
from argosy.models.moments.observations import InsufficientData
from argosy.record.mandate_policy import CostRules, InvestmentPolicy

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

NEEDS_HOLDINGS = frozenset({"turnover", "trade", "buys", "sells", "trades", "days to trade", "lots"})
"""Measures of trading: they have no meaning on the day on which everything is bought."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Estimate over ``window`` periods (all so far when ``expanding``), ``purge`` periods before each date left out,
    and set weights anew every ``every`` periods.
    """

    window: int
    every: int
    expanding: bool = False
    purge: int = 0

    def __post_init__(self) -> None:
        for name, least in (("window", 2), ("every", 1), ("purge", 0)):
            if getattr(self, name) < least:
                raise InvalidInput(f"{name} is {getattr(self, name)} periods", field=name, expected=f"at least {least}")

    def dates(self, periods: int) -> range:
        """Rows at whose start weights are set: everything before them less the purge is known.

        Examples
        --------
        >>> list(Schedule(3, 2, purge=1).dates(9))
        [4, 6, 8]
        """
        return range(self.window + self.purge, periods, self.every)

    def known(self, date: int) -> tuple[int, int]:
        """First and last row (exclusive) to estimate from at a date."""
        last = date - self.purge
        return (0 if self.expanding else last - self.window), last


Paid = Callable[[Candidates, Float64], float]
"""From candidates as known at a date, holdings included, and weights wanted (N,) to what the trades cost."""

Decide = Callable[[Candidates], Float64]
"""From candidates as known at a date, holdings included, to weights (N,)."""


@dataclass(frozen=True, eq=False)
class Walk:
    """One model walked forward.

    ``returns`` (P,) are net of costs, ``gross`` before; ``days`` (P,) their ends. ``dates`` (R,) are rows of the sample
    at which weights were set: ``before`` (R, N) had drifted, ``weights`` (R, N) were bought; ``turnover`` and ``costs``
    (R,) as parts of the value then. ``failures`` say on which dates there was no answer, so that nothing was traded.
    """

    name: str
    days: Int64
    returns: Float64
    gross: Float64
    dates: Int64
    before: Float64
    weights: Float64
    turnover: Float64
    costs: Float64
    failures: tuple[tuple[int, str], ...] = ()


def walk(
    candidates: Candidates, schedule: Schedule, choose: Decide, *, name: str, cost: float | Paid = 0.0,
    risk_free: float = 0.0,
) -> Walk:  # fmt: skip
    """Walk one way of choosing weights through a sample.

    Between dates weights drift with returns. What is not invested earns ``risk_free`` (a year). A trade costs ``cost``
    per unit of weight, or what it says of each date's trades, and is paid from the portfolio at once. Only rows before
    a date, less the purge, are handed to ``choose``: what comes later cannot change what was decided.

    Raises
    ------
    MissingData
        Returns with gaps: a portfolio cannot drift through them.
    InsufficientData
        The sample ends before the first date.
    """
    sample = candidates.sample
    if not sample.complete:
        raise MissingData("a portfolio cannot be walked through missing returns", field="prices",
                          next_step="use missing 'complete periods' or 'leave out assets'")  # fmt: skip
    returns = sample.returns
    dates = schedule.dates(returns.shape[0])
    if not len(dates):
        raise InsufficientData(
            f"{returns.shape[0]} returns, and the first weights are set after {schedule.window + schedule.purge}",
            field="window", next_step="give a shorter window or a longer history",
        )  # fmt: skip
    rate = (1.0 + risk_free) ** (1.0 / sample.periods_per_year) - 1.0
    size = returns.shape[1]
    held = np.zeros(size)
    net, gross, before, after, turnover, costs = [], [], [], [], [], []
    failures: list[tuple[int, str]] = []
    for place, date in enumerate(dates):
        first, last = schedule.known(date)
        known = known_at(candidates, first, last, held if place else None)
        try:
            wanted = choose(known)
        except ArgosyError as error:
            failures.append((int(sample.panel.days[date - 1]), str(error)))
            wanted = held
        traded = float(np.abs(wanted - held).sum())
        before.append(held)
        after.append(wanted)
        turnover.append(traded)
        spent = cost(known, wanted) if callable(cost) else cost * traded
        costs.append(spent)
        until = dates[place + 1] if place + 1 < len(dates) else returns.shape[0]
        held, earned = _drift(wanted, returns[date:until], rate)
        gross.append(earned)
        paid = earned.copy()
        paid[0] = (1.0 + paid[0]) * (1.0 - spent) - 1.0
        net.append(paid)
    return Walk(
        name, sample.panel.days[dates[0] :], np.concatenate(net), np.concatenate(gross), np.array(dates),
        np.array(before), np.array(after), np.array(turnover), np.array(costs), tuple(failures),
    )  # fmt: skip


def known_at(candidates: Candidates, first: int, last: int, held: Float64 | None) -> Candidates:
    """The candidates as they were known: rows from first to last, and the weights held then."""
    beside = candidates.beside
    return replace(
        candidates,
        sample=candidates.sample.between(first, last),
        beside=None if beside is None else beside.rows(slice(first, last)),
        holdings=None if held is None else dict(zip(candidates.names, held.tolist(), strict=True)),
        aside=None,
        # Lots are those of today; what had been bought by then is not known.
        trading=replace(candidates.trading, lots={}),
    )


def _drift(weights: Float64, returns: Float64, rate: float) -> tuple[Float64, Float64]:
    """Weights at the end of a stretch without trades, and the return of each of its periods."""
    cash = 1.0 - float(weights.sum())
    grown = weights * np.cumprod(1.0 + returns, axis=0)
    value = grown.sum(axis=1) + cash * np.cumprod(np.full(returns.shape[0], 1.0 + rate))
    earned = value / np.concatenate([[1.0], value[:-1]]) - 1.0
    return grown[-1] / value[-1], earned


def by_policy(policy: InvestmentPolicy, *, generator: Generator | None = None) -> Decide:
    """Choose as a policy does. On the first date limits on trading do not count: everything is bought."""

    def choose(known: Candidates) -> Float64:
        mine = policy
        if known.holdings is None:
            rules = tuple(limit for limit in policy.limits.rules if limit.measure not in NEEDS_HOLDINGS)
            mine = replace(policy, limits=replace(policy.limits, rules=rules))
        return decide(known, mine, generator=generator).result.weights

    return choose


def paid_by(rules: CostRules) -> Paid:
    """What trades cost by a mandate, in volatilities as known then and volumes and value of today; no taxes."""

    def paid(known: Candidates, wanted: Float64) -> float:
        held = known.vector(known.holdings)
        risk = known.sample.returns.std(axis=0, ddof=1) * np.sqrt(known.sample.periods_per_year)
        costs = costs_of(known.names, replace(rules, horizon_years=1.0), known.trading, risk)
        if not isinstance(costs, Costs):
            return 0.0
        return costs.priced(known.names, np.zeros(wanted.size) if held is None else held).total(wanted)

    return paid


def equal_weight(known: Candidates) -> Float64:
    """The same weight for every asset: what a model has to beat (DeMiguel, Garlappi and Uppal 2009)."""
    size = len(known.names)
    return np.full(size, 1.0 / size)
