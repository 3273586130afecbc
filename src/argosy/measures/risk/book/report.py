"""The risk of one subject of a book: volatility, tracking error, value at risk and shortfall by model; their parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, UndefinedMeasure, unknown
from argosy.base.levels import confidence_level
from argosy.measures.risk.book.history import RiskHistory
from argosy.measures.risk.book.holdings import Holdings
from argosy.measures.risk.book.models import (
    DEFAULT,
    SCALED,
    SEED,
    Setting,
    checked_model,
    model_loss,
    model_losses,
    scaled_returns,
)
from argosy.measures.risk.book.parts import Parts, joined
from argosy.measures.risk.loss.contributions import (
    Diversification,
    FactorRisk,
    diversification,
    factor_risk,
    tail_contributions,
    volatility_contributions,
)
from argosy.measures.risk.loss.tail import TailLoss
from argosy.measures.risk.loss.what_if import PreparedRisk, prepare
from argosy.models.moments.covariance import DenseCovariance

Float64 = npt.NDArray[np.float64]
PER_YEAR = 252.0
NEIGHBORS = 5
"""Scenarios on either side of the one at risk that share its contributions, or a few days would decide them."""


@dataclass(frozen=True, slots=True)
class RiskQuestion:
    """How risk is asked: model, confidence, days ahead, days that models see, and the seed of simulations."""

    model: str = DEFAULT
    confidence: float = 0.99
    horizon: int = 1
    window: int = 1000
    seed: int = SEED

    def __post_init__(self) -> None:
        checked_model(self.model)
        confidence_level(self.confidence)
        if self.horizon < 1:
            raise InvalidInput(f"horizon is {self.horizon}", field="horizon", found=self.horizon, expected="1 or more")
        if self.window < 250:
            raise InvalidInput(
                f"window is {self.window}", field="window", found=self.window, expected="250 or more days"
            )
        if self.seed < 0:
            raise InvalidInput(f"seed is {self.seed}", field="seed", found=self.seed, expected="0 or more")


@dataclass(frozen=True, eq=False)
class BookRisk:
    """Risk of holdings over a history. Figures are parts of the net asset value, losses positive.

    ``beside`` (T,) are the benchmark's returns on the days of the history, None where there is none.
    """

    held: Holdings
    history: RiskHistory
    asked: RiskQuestion
    beside: Float64 | None = None
    benchmark: str = ""
    notes: tuple[str, ...] = ()

    @cached_property
    def returns(self) -> Float64:
        """Returns (T,) of what is held now, had it been held all the time at these weights."""
        return np.asarray(self.history.local @ self.held.price + self.history.fx @ self.held.fx)

    @cached_property
    def _columns(self) -> tuple[Float64, Float64, npt.NDArray[np.intp]]:
        """Columns (T, K) of what is held, their weights (K,), and places among (price, currency) of all assets."""
        weights = np.concatenate([self.held.price, self.held.fx])
        places = np.flatnonzero((weights != 0.0) & self._moving)
        return np.hstack([self.history.local, self.history.fx])[:, places], weights[places], places

    @property
    def _moving(self) -> npt.NDArray[np.bool_]:
        """Columns that ever move: cash at home does not."""
        return np.asarray(np.hstack([self.history.local, self.history.fx]).any(axis=0), dtype=np.bool_)

    @cached_property
    def setting(self) -> Setting:
        """What models see."""
        columns, weights, _ = self._columns
        if not weights.size:
            raise UndefinedMeasure(f"nothing that {self.held.code} holds can gain or lose", field="portfolio",
                                   next_step="ask about a portfolio that is invested")  # fmt: skip
        return Setting(self.returns, columns, weights, self.asked.confidence, self.asked.window, self.asked.seed)

    @cached_property
    def loss(self) -> TailLoss:
        """Value at risk and shortfall by the model asked for."""
        return model_loss(self.asked.model, self.setting, horizon=self.asked.horizon)

    def models(self, names: Sequence[str]) -> tuple[tuple[tuple[str, TailLoss], ...], tuple[str, ...]]:
        """Models beside each other, the one asked for first, and why some could not be had."""
        rest, notes = model_losses([name for name in names if name != self.asked.model], self.setting,
                                   horizon=self.asked.horizon)  # fmt: skip
        return ((self.asked.model, self.loss), *rest), notes

    @cached_property
    def covariance(self) -> DenseCovariance:
        """Sample covariance of the columns held, a day, over the window."""
        recent = self._columns[0][-self.asked.window :]
        return DenseCovariance(np.atleast_2d(np.cov(recent, rowvar=False)))

    @cached_property
    def volatility(self) -> Parts:
        """Volatility a year and its parts."""
        weights, places = self.setting.weights, self._columns[2]
        return self._yearly(weights, self.covariance.matrix, places, "volatility")

    @cached_property
    def tracking_error(self) -> Parts | None:
        """Tracking error a year against the benchmark and its parts; None without a benchmark."""
        if self.beside is None:
            return None
        columns, weights, places = self._columns
        both = np.column_stack([columns, self.beside])[-self.asked.window :]
        active = np.append(weights, -1.0)
        where = np.append(places, 2 * len(self.held.assets))
        return self._yearly(active, np.atleast_2d(np.cov(both, rowvar=False)), where, "tracking error")

    def _yearly(self, weights: Float64, matrix: Float64, places: npt.NDArray[np.intp], name: str) -> Parts:
        found = volatility_contributions(weights, DenseCovariance(matrix * PER_YEAR))
        count = len(self.held.assets)
        parts = joined(found, 2 * count, count, places)
        days = min(self.asked.window, self.returns.size)
        return Parts(name, parts.total, parts.by_price, parts.by_currency, parts.marginal, parts.incremental,
                     f"Euler, a year of {PER_YEAR:g} days, sample of {days}", parts.benchmark)  # fmt: skip

    @cached_property
    def scenarios(self) -> Float64:
        """Scenarios (S, 2A) of price and currency columns, in the manner of the model that was asked for."""
        whole = np.hstack([self.history.local, self.history.fx])[-self.asked.window :]
        if self.asked.model not in SCALED:
            return np.asarray(whole)
        return scaled_returns(self.returns[-self.asked.window :], whole)

    @cached_property
    def tail_parts(self) -> tuple[Parts, Parts]:
        """Parts of value at risk and shortfall: mean losses at and beyond, scaled to the figures of the model."""
        _, weights, places = self._columns
        count = len(self.held.assets)
        both = tail_contributions(weights, self.scenarios[:, places], confidence=self.asked.confidence,
                                  neighbors=NEIGHBORS)  # fmt: skip
        out = []
        for found, total in zip(both, (self.loss.value_at_risk, self.loss.expected_shortfall), strict=True):
            parts, factor = joined(found, 2 * count, count, places), total / found.total
            kind = "filtered" if self.asked.model in SCALED else "historical"
            out.append(Parts(
                found.measure, total, factor * parts.by_price, factor * parts.by_currency, factor * parts.marginal,
                factor * parts.incremental, f"shares over {kind} scenarios, the sum by {self.asked.model}",
            ))  # fmt: skip
        return out[0], out[1]

    @property
    def parts(self) -> tuple[Parts, ...]:
        """Parts of volatility, tracking error where there is a benchmark, value at risk and shortfall."""
        active = () if self.tracking_error is None else (self.tracking_error,)
        return (self.volatility, *active, *self.tail_parts)

    @cached_property
    def diversification(self) -> Diversification | None:
        """Diversification ratio and effective bets; None where there is no risk."""
        try:
            return diversification(self._columns[1], self.covariance)
        except UndefinedMeasure:
            return None

    def joint_covariance(self) -> Float64:
        """Covariance (2A, 2A) a day of prices and currencies of all assets, over the window."""
        both = np.hstack([self.history.local, self.history.fx])[-self.asked.window :]
        return np.asarray(np.cov(both, rowvar=False))

    def prepared(self) -> PreparedRisk:
        """Ready for trades: an asset's price and currency move together with what is bought of it."""
        count = len(self.held.assets)
        own = np.array([one.currency == self.held.currency for one in self.held.assets])
        both = self.scenarios[:, :count] + np.where(own, 0.0, self.scenarios[:, count:])
        # Holdings on margin answer to their currency by less: the difference stands as a column of its own.
        rest = self.scenarios[:, count:] @ (self.held.fx - np.where(own, 0.0, self.held.price))
        held = np.append(self.held.price, 1.0)
        return prepare(held, np.column_stack([both, rest]), confidence=self.asked.confidence)

    def named_factors(self, names: Sequence[str], moves: Float64) -> FactorRisk:
        """Volatility by named factors (T, K) as exposure x volatility x correlation, each asset regressed on them."""
        columns, weights, _ = self._columns
        count = min(self.asked.window, columns.shape[0])
        x, y = moves[-count:], columns[-count:]
        design = np.column_stack([np.ones(count), x])
        fitted, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
        if rank < design.shape[1]:
            raise InvalidInput(f"the factors {', '.join(names)} repeat each other", field="factors",
                               next_step="leave one out")  # fmt: skip
        rest = (y - design @ fitted).var(axis=0, ddof=design.shape[1])
        covariance = np.atleast_2d(np.cov(x, rowvar=False)) * PER_YEAR
        return factor_risk(weights, fitted[1:].T, covariance, rest * PER_YEAR)

    def place(self, name: str) -> int:
        """Where an asset stands."""
        if name not in self.held.names:
            raise unknown("position", name, self.held.names)
        return self.held.names.index(name)
