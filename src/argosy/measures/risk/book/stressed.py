"""Stress of one subject of a book: losses by scenario and position, correlations, sales in distress, the reverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from argosy.base.errors import ArgosyError, MissingData
from argosy.base.table import Column, Table
from argosy.measures.risk.book.report import PER_YEAR, BookRisk
from argosy.measures.risk.book.scenarios import Scenario
from argosy.measures.risk.loss.parametric import normal_tail
from argosy.measures.risk.stress.correlations import blend_to_one
from argosy.measures.risk.stress.liquidity import LiquidationLoss, liquidation_losses
from argosy.measures.risk.stress.plausibility import Plausibility, plausibility
from argosy.measures.risk.stress.reverse import ReverseStress, reverse_stress, worst_scenario

Float64 = npt.NDArray[np.float64]
MONTH, YEAR = 21, 252
"""Days that a supposed and a prescribed scenario are taken to last, for plausibility."""


@dataclass(frozen=True, eq=False)
class BookStress:
    """Scenarios on the holdings of a risk; losses are parts of the value, positive when money is lost.

    ``broken`` says for each scenario which limits would not hold after it; ``notes`` name what was left out.
    """

    risk: BookRisk
    scenarios: tuple[Scenario, ...]
    broken: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def by_position(self) -> Float64:
        """Losses (S, A); each row sums to the loss of the whole."""
        count = len(self.risk.held.assets)
        return np.array([one.losses(self.risk.held) for one in self.scenarios]).reshape(-1, count)

    @property
    def losses(self) -> Float64:
        """Losses (S,) of the whole."""
        return np.asarray(self.by_position.sum(axis=1))

    @cached_property
    def _moving(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero(self.risk.history.total.any(axis=0))

    @cached_property
    def covariance(self) -> Float64:
        """Covariance a day of the assets that move, in the currency of the book."""
        recent = self.risk.history.total[-self.risk.asked.window :, self._moving]
        return np.atleast_2d(np.cov(recent, rowvar=False))

    def plausibility(self, one: Scenario) -> Plausibility | None:
        """How far-fetched a scenario is over its days; None where the covariance rules it out altogether."""
        days = one.days or (YEAR if one.kind == "prescribed" else MONTH)
        try:
            return plausibility(one.moves[self._moving], self.covariance * days)
        except ArgosyError:
            return None

    @property
    def exposures(self) -> Float64:
        """Weights of the assets that move."""
        return np.asarray(self.risk.held.price[self._moving])

    def reverse(self, loss: float, *, days: int = MONTH) -> ReverseStress:
        """The most plausible scenario that loses so much within so many days."""
        return reverse_stress(self.exposures, self.covariance * days, loss=loss)

    def worst(self, probability: float, *, days: int = MONTH) -> ReverseStress:
        """The most damaging scenario of a plausibility."""
        return worst_scenario(self.exposures, self.covariance * days, probability=probability)

    def liquidation(self, one: Scenario, *, participation: float, days: float) -> LiquidationLoss:
        """Cost of selling everything after a scenario into half the volume at twice the spread and volatility.

        Raises
        ------
        MissingData
            A position without the attributes ``volume`` (units a day, as a weight here) and ``spread``.
        """
        held = self.risk.held
        places = [at for at, asset in enumerate(held.assets) if asset.id and held.price[at]]
        for at in places:
            for label in ("volume", "spread"):
                if not held.assets[at].attributes.get(label):
                    raise MissingData(
                        f"{held.names[at]} has no {label}, so what selling it costs is not known", field=label,
                        found=held.names[at], next_step=f"import instruments with a column {label}",
                    )  # fmt: skip
        volume = [float(held.assets[at].attributes["volume"]) * self._unit(at) for at in places]
        deviation = self.risk.history.total[-self.risk.asked.window :, places].std(axis=0, ddof=1)
        return liquidation_losses(
            held.price[places], volume, spread=[float(held.assets[at].attributes["spread"]) for at in places],
            volatility=deviation, shock=one.moves[places], participation=participation, days=days, volume_factor=0.5,
            spread_factor=2.0, volatility_factor=2.0, positions=[held.names[at] for at in places],
        )  # fmt: skip

    def _unit(self, at: int) -> float:
        """What a unit of an asset is worth as a part of the value."""
        units = sum(one.units for one in self.risk.held.lines if one.asset == at)
        return float(self.risk.held.price[at]) / units if units else 0.0


def stress_tables(
    found: BookStress, *, correlations: Sequence[float], reverse: float | None, worst: float | None, liquidate: bool,
    participation: float, days: float,
) -> list[Table]:  # fmt: skip
    """Scenarios, losses by position, and what else was asked for."""
    held, rows = found.risk.held, list(zip(found.scenarios, found.losses.tolist(), strict=True))
    code = held.code
    notes = [f"losses positive, parts of {held.value:,.2f} {held.currency}", *found.notes]
    notes += [f"{one.name}: {', '.join(one.silent)} stay as they are: nothing answers to them" for one, _ in rows
              if one.silent]  # fmt: skip
    told = [found.plausibility(one) for one, _ in rows]
    blank = [one is None for one in told]
    columns = [
        Column("scenario", "text", [one.name for one, _ in rows]),
        Column("kind", "text", [one.kind for one, _ in rows]),
        Column("loss", "ratio", [loss for _, loss in rows], shown=2),
        Column("loss_money", "amount", [round(100.0 * loss * held.value) for _, loss in rows], scale=2,
               unit=held.currency),
        Column("distance", "ratio", [one.distance if one else 0.0 for one in told], unit="x", missing=blank),
        Column("probability", "ratio", [one.probability if one else 0.0 for one in told], unit="x", missing=blank),
        Column("worst_position", "text", [_worst(found, n) for n in range(len(rows))]),
    ]  # fmt: skip
    if liquidate:
        costs = [found.liquidation(one, participation=participation, days=days) for one, _ in rows]
        columns.append(Column("sale_cost", "ratio", [float(one.cost.sum()) for one in costs], shown=2))
        columns.append(Column("unsold", "ratio", [float(one.unsold.sum()) for one in costs], shown=2))
        notes.append(
            f"sales within {days:g} days at {participation:.0%} of half the volume, twice spread and volatility"
        )
    if found.broken:
        columns.append(Column("limits_broken", "text", ["; ".join(one) for one in found.broken]))
    columns.append(Column("story", "text", [one.story for one, _ in rows]))
    tables = [Table(f"Stress of {code}", tuple(columns), notes=tuple(notes)), _positions(found)]
    if correlations:
        tables.append(_correlations(found, correlations))
    if reverse is not None:
        tables.append(_reverse(found, found.reverse(reverse), f"Reverse stress: {code} loses {reverse:.2%}"))
    if worst is not None:
        tables.append(_reverse(found, found.worst(worst), f"Most damaging scenario of probability {worst:g}: {code}"))
    return tables


def _worst(found: BookStress, row: int) -> str:
    losses = found.by_position[row]
    return found.risk.held.names[int(np.argmax(losses))] if losses.max(initial=0.0) > 0.0 else ""


def _positions(found: BookStress) -> Table:
    held = found.risk.held
    shown = [at for at in range(len(held.assets)) if held.price[at] or held.fx[at]]
    return Table(
        f"Stress by position: {held.code}",
        (
            Column("position", "text", [held.names[at] for at in shown]),
            Column("weight", "ratio", held.price[shown], shown=2),
            *(Column(one.name, "ratio", found.by_position[row][shown], shown=2)
              for row, one in enumerate(found.scenarios)),
        ),
    )  # fmt: skip


def _correlations(found: BookStress, shares: Sequence[float]) -> Table:
    yearly = found.covariance * PER_YEAR
    level = found.risk.asked.confidence
    done = [blend_to_one(found.exposures, yearly, share=share) for share in shares]
    daily = [normal_tail(confidence=level, volatility=one.after / PER_YEAR**0.5) for one in done]
    return Table(
        f"Correlation stress: {found.risk.held.code}",
        (
            Column("drawn_to_one", "ratio", list(shares), shown=0),
            Column("volatility_before", "ratio", [one.before for one in done], shown=2),
            Column("volatility_after", "ratio", [one.after for one in done], shown=2),
            Column("value_at_risk_after", "ratio", [one.value_at_risk for one in daily], shown=2),
            Column("smallest_eigenvalue", "ratio", [one.smallest for one in done], unit="x"),
        ),
        notes=(f"volatility a year; normal value at risk a day at {level:g}",),
    )


def _reverse(found: BookStress, one: ReverseStress, title: str) -> Table:
    names = [found.risk.held.names[at] for at in found._moving.tolist()]
    order = np.argsort(one.scenario)
    return Table(
        title,
        (
            Column("position", "text", [names[at] for at in order.tolist()]),
            Column("move", "ratio", one.scenario[order], shown=2),
            Column("loss", "ratio", (-one.scenario * found.exposures)[order], shown=2),
        ),
        notes=(f"loss {one.loss:.2%} within {MONTH} days; distance {one.distance:.3g}, probability of one as far "
               f"{one.probability:.3g}, of a loss as large {one.loss_probability:.3g} (normal law)",),
    )  # fmt: skip
