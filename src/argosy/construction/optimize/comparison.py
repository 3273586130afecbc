"""Models beside equal weight, out of sample: measures with intervals, and what is left after many were tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.columns import Column
from argosy.base.dates import format_date
from argosy.base.errors import ArgosyError, InvalidInput
from argosy.base.table import Table
from argosy.construction.optimize.candidates import Candidates
from argosy.construction.optimize.walk_forward import Schedule, Walk, by_policy, equal_weight, paid_by, walk
from argosy.measures.performance.catalogue import measure_all
from argosy.measures.performance.confidence import deflated_sharpe, stationary_bootstrap
from argosy.measures.performance.many_trials import SuperiorAbility, holm, superior_ability
from argosy.record.mandate_policy import InvestmentPolicy

Float64 = npt.NDArray[np.float64]
BASELINE = "equal weight"
MEASURES = ("annual_return", "volatility", "sharpe_ratio", "max_drawdown")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Walks of models and of equal weight (the first), with what can be said about them.

    Rows follow ``walks``; the first row of ``probability``, ``adjusted`` and ``deflated`` is NaN. ``low`` and ``high``
    (K,) bound the annual Sharpe ratio; ``probability`` is that of a lead in the Sharpe ratio over equal weight as
    large as the one found, were there none; ``adjusted`` after Holm; ``deflated`` the probability that the ratio is
    above what the best of so many tries brings by chance; ``best`` the test for superior predictive ability.
    """

    walks: tuple[Walk, ...]
    periods_per_year: float
    confidence: float
    returns: Float64
    volatilities: Float64
    sharpes: Float64
    low: Float64
    high: Float64
    drawdowns: Float64
    probability: Float64
    adjusted: Float64
    deflated: Float64
    best: SuperiorAbility | None
    notes: tuple[str, ...]

    @property
    def trials(self) -> tuple[tuple[str, float, int], ...]:
        """What was tried: each model with its Sharpe ratio per period and the periods it rests on."""
        single = (self.sharpes / np.sqrt(self.periods_per_year)).tolist()
        return tuple((one.name, single[at], one.returns.size) for at, one in enumerate(self.walks) if at)

    def table(self, title: str = "Out of sample") -> Table:
        """One row per model."""
        years = self.walks[0].returns.size / self.periods_per_year
        turnover = np.array([float(one.turnover.sum()) / years for one in self.walks])
        cost = np.array([float(one.costs.sum()) / years for one in self.walks])
        return Table(
            title,
            (
                Column("model", "text", [one.name for one in self.walks]),
                _known("annual_return", self.returns, unit="%"),
                _known("volatility", self.volatilities, unit="%"),
                _known("sharpe_ratio", self.sharpes, unit="x"),
                _known("low", self.low, unit="x"),
                _known("high", self.high, unit="x"),
                _known("maximum_drawdown", self.drawdowns, unit="%"),
                Column("turnover", "ratio", turnover, unit="%", title="turnover a year"),
                Column("cost", "ratio", cost, unit="%", title="cost a year"),
                _known("p_value", self.probability, unit="x"),
                _known("p_holm", self.adjusted, unit="x"),
                _known("deflated_sharpe", self.deflated, unit="x"),
            ),
            notes=self.notes,
        )


def _known(name: str, values: Float64, *, unit: str) -> Column:
    """Figures that may not exist: a return a year of less than a year, a ratio without any risk."""
    gone = np.isnan(values)
    return Column(name, "ratio", np.where(gone, 0.0, values), unit=unit, missing=gone)


def evaluate(
    candidates: Candidates,
    policy: InvestmentPolicy,
    schedule: Schedule,
    *,
    models: Sequence[str],
    generator: Generator,
    draws: int = 2_000,
    confidence: float = 0.95,
) -> Evaluation:
    """Walk each model under a policy, and equal weight beside them, over the same dates and at the same cost.

    Intervals and probabilities come from the stationary bootstrap with all series drawn together: a generator in the
    same state gives the same figures. Each model that draws has a stream of its own. A date without an answer (clashing
    limits, no excess return) keeps what is held.

    Raises
    ------
    InvalidInput
        No model, or one twice.
    InsufficientData, MissingData
        As :func:`walk`; no model had an answer on any date.
    """
    if not models or len(set(models)) != len(models):
        raise InvalidInput("models are to be named, each once", field="models", found=", ".join(models))
    cost, rate = paid_by(policy.costs), policy.objective.risk_free
    walks = [walk(candidates, schedule, equal_weight, name=BASELINE, cost=cost, risk_free=rate)]
    for model, stream in zip(models, generator.spawn(len(models)), strict=True):
        mine = replace(policy, objective=replace(policy.objective, model=model))
        found = walk(candidates, schedule, by_policy(mine, generator=stream), name=model, cost=cost, risk_free=rate)
        if len(found.failures) == found.dates.size:
            raise InvalidInput(f"{model} has no answer on any date; on the first: {found.failures[0][1]}",
                               field="models", found=model)  # fmt: skip
        walks.append(found)
    return compare(walks, candidates, generator=generator, draws=draws, confidence=confidence, risk_free=rate)


def compare(
    walks: Sequence[Walk],
    candidates: Candidates,
    *,
    generator: Generator,
    draws: int = 2_000,
    confidence: float = 0.95,
    risk_free: float = 0.0,
) -> Evaluation:
    """Measure walks beside the first of them."""
    if not 0.0 < confidence < 1.0:
        raise InvalidInput(f"confidence is {confidence}", field="confidence", expected="a fraction such as 0.95")
    per_year = candidates.sample.periods_per_year
    rate = (1.0 + risk_free) ** (1.0 / per_year) - 1.0
    returns = np.stack([one.returns for one in walks])
    whole = measure_all(returns, periods_per_year=per_year, names=MEASURES, risk_free=rate)
    earned, volatilities, sharpes, drawdowns = (whole.of(name).values for name in MEASURES)
    block = max(returns.shape[1] ** (1.0 / 3.0), 1.0)
    places = stationary_bootstrap(generator, returns.shape[1], draws, mean_block=block)
    drawn = np.stack([
        measure_all(row[places], periods_per_year=per_year, names=("sharpe_ratio",), risk_free=rate)
        .of("sharpe_ratio").values
        for row in returns
    ])  # fmt: skip
    low, high = np.nanquantile(drawn, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0], axis=1)
    lead = sharpes - sharpes[0]
    moved = drawn - drawn[0] - lead[:, None]
    # Centered on no lead at all, how often would chance bring one as large.
    chance = (1.0 + (moved >= lead[:, None]).sum(axis=1)) / (1.0 + draws)
    chance[0] = np.nan
    best = None
    if len(walks) > 1:
        try:
            best = superior_ability((returns[1:] - returns[0]).T, generator, draws=draws)
        except ArgosyError:
            best = None  # no model differs from equal weight
    return Evaluation(
        tuple(walks), per_year, confidence, earned, volatilities, sharpes, low, high, drawdowns, chance, holm(chance),
        _deflated(returns, sharpes, per_year), best, _notes(walks, best, confidence, draws, block),
    )  # fmt: skip


def _deflated(returns: Float64, sharpes: Float64, per_year: float) -> Float64:
    found = np.full(sharpes.size, np.nan)
    single = sharpes / np.sqrt(per_year)
    tries = single[1:]
    if tries.size < 2 or not float(tries.var(ddof=1)) > 0.0:
        return found
    for place in range(1, sharpes.size):
        apart = returns[place] - returns[place].mean()
        second = float((apart**2).mean())
        found[place] = deflated_sharpe(
            float(single[place]), returns.shape[1], trials=int(tries.size), variance=float(tries.var(ddof=1)),
            skewness=float((apart**3).mean()) / second**1.5, kurtosis=float((apart**4).mean()) / second**2,
        )  # fmt: skip
    return found


def _notes(
    walks: Sequence[Walk], best: SuperiorAbility | None, confidence: float, draws: int, block: float
) -> tuple[str, ...]:
    first = walks[0]
    notes = [
        f"{first.returns.size} returns of {format_date(int(first.days[0]))} to {format_date(int(first.days[-1]))}, "
        f"net of costs, weights set on {first.dates.size} dates from what was known before",
        f"low and high: {confidence:.0%} interval of the Sharpe ratio, stationary bootstrap, {draws} draws of blocks "
        f"of {block:.1f} periods; p values: a lead over {BASELINE} as large by chance, alone and after Holm",
    ]
    if best is not None:
        verdict = "is" if best.consistent < 1.0 - confidence else "is not"
        notes.append(
            f"the best of {len(walks) - 1} by excess return, {walks[1 + best.best].name}, {verdict} shown to beat "
            f"{BASELINE}: p = {best.consistent:.3f} (superior predictive ability, Hansen 2005)"
        )
    for one in walks:
        if one.failures:
            day, reason = one.failures[0]
            notes.append(f"{one.name} had no answer on {len(one.failures)} of {one.dates.size} dates and kept what it "
                         f"held; first on {format_date(day)}: {reason}")  # fmt: skip
    return tuple(notes)
