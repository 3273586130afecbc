"""Views for entropy pooling, each as conditions on the probabilities of scenarios and as the number it speaks about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, unknown

Float64 = npt.NDArray[np.float64]
Assets = str | Mapping[str, float]

INF = float("inf")


@dataclass(frozen=True, eq=False)
class Condition:
    """``row @ p = right`` or ``row @ p <= right``, and the view it comes from."""

    row: Float64
    right: float
    equal: bool
    text: str


@dataclass(frozen=True)
class ScenarioView:
    """What some number of the posterior has to be: make one with the methods named after the number.

    Each method takes ``equals`` or one or both of ``at_least`` and ``at_most``. Assets are a name or weights by name.

    Examples
    --------
    >>> ScenarioView.mean({"A": 1.0, "B": -1.0}, at_least=0.02).text()
    'mean of 1 A - 1 B >= 0.02'
    >>> ScenarioView.probability("A", below=-0.1, equals=0.05).text()
    'probability of A <= -0.1 = 0.05'
    """

    measure: str
    assets: Assets
    bounds: tuple[float, float]
    other: str = ""
    place: float = 0.0

    @classmethod
    def mean(
        cls, assets: Assets, *, equals: float | None = None, at_least: float | None = None, at_most: float | None = None
    ) -> ScenarioView:
        """Expected return."""
        return cls("mean", assets, _bounds(equals, at_least, at_most))

    @classmethod
    def rank(cls, *best_first: str, by: float = 0.0) -> tuple[ScenarioView, ...]:
        """Expected returns in falling order, each above the next ``by`` at least: one view for each neighbor."""
        if len(best_first) < 2:
            raise InvalidInput("a rank needs two assets or more", field="views")
        return tuple(cls.mean({one: 1.0, two: -1.0}, at_least=by) for one, two in pairwise(best_first))

    @classmethod
    def volatility(
        cls, assets: Assets, *, equals: float | None = None, at_least: float | None = None, at_most: float | None = None
    ) -> ScenarioView:
        """Standard deviation."""
        return cls("volatility", assets, _bounds(equals, at_least, at_most, least=0.0))

    @classmethod
    def correlation(
        cls, one: str, two: str, *, equals: float | None = None, at_least: float | None = None,
        at_most: float | None = None,
    ) -> ScenarioView:  # fmt: skip
        """Correlation of two assets."""
        return cls("correlation", one, _bounds(equals, at_least, at_most, least=-1.0, most=1.0), other=two)

    @classmethod
    def probability(
        cls, assets: Assets, *, below: float, equals: float | None = None, at_least: float | None = None,
        at_most: float | None = None,
    ) -> ScenarioView:  # fmt: skip
        """Probability of a return at or below a number."""
        return cls("probability", assets, _bounds(equals, at_least, at_most, least=0.0, most=1.0), place=below)

    @classmethod
    def cvar(
        cls, assets: Assets, *, level: float = 0.95, equals: float | None = None, at_least: float | None = None,
        at_most: float | None = None,
    ) -> ScenarioView:  # fmt: skip
        """Expected shortfall beyond a confidence level, as a positive loss."""
        if not 0.0 < level < 1.0:
            raise InvalidInput(f"the confidence level {level!r} must lie between 0 and 1", field="level",
                               expected="0.95")  # fmt: skip
        return cls("cvar", assets, _bounds(equals, at_least, at_most), place=level)

    @property
    def stage(self) -> str:
        """When the view is brought in: linear ones first, then volatilities, correlations, tails."""
        return {"mean": "linear", "probability": "linear"}.get(self.measure, self.measure)

    def text(self) -> str:
        """One line for people."""
        subject = f"{self.measure} of {_said(self.assets)}"
        if self.measure == "correlation":
            subject += f" and {self.other}"
        elif self.measure == "probability":
            subject += f" <= {self.place:g}"
        elif self.measure == "cvar":
            subject += f" at {self.place:g}"
        low, high = self.bounds
        if low == high:
            return f"{subject} = {low:g}"
        if low == -INF:
            return f"{subject} <= {high:g}"
        return f"{subject} >= {low:g}" if high == INF else f"{subject} between {low:g} and {high:g}"

    def series(self, names: Sequence[str], scenarios: Float64) -> Float64:
        """Returns (T,) of the assets the view speaks about."""
        return scenarios @ _weights(self.assets, names)

    def value(self, names: Sequence[str], scenarios: Float64, p: Float64) -> float:
        """The number the view speaks about, under probabilities (T,)."""
        x = self.series(names, scenarios)
        if self.measure == "mean":
            return float(p @ x)
        if self.measure == "probability":
            return float(p[x <= self.place].sum())
        if self.measure == "cvar":
            e = self.threshold(names, scenarios, p)
            return e + float(p @ np.maximum(-x - e, 0.0)) / (1.0 - self.place)
        one = _central(x, p)
        if self.measure == "volatility":
            return one[1]
        y = scenarios @ _weights(self.other, names)
        two = _central(y, p)
        return float(p @ ((x - one[0]) * (y - two[0]))) / (one[1] * two[1])

    def threshold(self, names: Sequence[str], scenarios: Float64, p: Float64) -> float:
        """Value at risk: the smallest loss that is not exceeded with the view's confidence."""
        loss = -self.series(names, scenarios)
        order = np.argsort(loss, kind="stable")
        reached = np.cumsum(p[order])
        return float(loss[order[min(int(np.searchsorted(reached, self.place - 1e-12)), loss.size - 1)]])

    def thresholds(self, names: Sequence[str], scenarios: Float64, p: Float64, count: int) -> list[float]:
        """Losses that a lower value at risk may stand at: spread over the scenarios up to today's."""
        loss = np.unique(-self.series(names, scenarios))
        below = loss[loss <= min(self.threshold(names, scenarios, p), self.bounds[1])]
        if below.size == 0:
            return [float(loss[0])]
        return [float(below[i]) for i in np.unique(np.linspace(0, below.size - 1, count).astype(np.int64))]

    def tail_condition(
        self, names: Sequence[str], scenarios: Float64, e: float, bound: float, *, least: bool
    ) -> Condition:
        """Shortfall with its threshold at e, at least or at most a bound, as a condition on the probabilities."""
        row = np.maximum(-self.series(names, scenarios) - e, 0.0)
        right = (1.0 - self.place) * (bound - e)
        return Condition(-row if least else row, -right if least else right, False, self.text())


def conditions(view: ScenarioView, names: Sequence[str], scenarios: Float64, p: Float64) -> list[Condition]:
    """A view as linear conditions; what it is measured about (means, volatilities) is held as it is under p."""
    x = view.series(names, scenarios)
    low, high = view.bounds
    if view.measure == "mean":
        return _between(x, low, high, view.text())
    if view.measure == "probability":
        return _between((x <= view.place).astype(np.float64), low, high, view.text())
    one = _central(x, p)
    if one[1] <= 0.0:
        raise InvalidInput(f"{_said(view.assets)} does not vary over the scenarios", field="views")
    pinned = [Condition(x, one[0], True, view.text())]
    if view.measure == "volatility":
        return [*pinned, *_between((x - one[0]) ** 2, max(low, 0.0) ** 2, high**2, view.text())]
    y = scenarios @ _weights(view.other, names)
    two = _central(y, p)
    if two[1] <= 0.0:
        raise InvalidInput(f"{view.other} does not vary over the scenarios", field="views")
    pinned += [
        Condition(y, two[0], True, view.text()),
        Condition((x - one[0]) ** 2, one[1] ** 2, True, view.text()),
        Condition((y - two[0]) ** 2, two[1] ** 2, True, view.text()),
    ]
    both = one[1] * two[1]
    return [*pinned, *_between((x - one[0]) * (y - two[0]), low * both, high * both, view.text())]


def _between(row: Float64, low: float, high: float, text: str) -> list[Condition]:
    if low == high:
        return [Condition(row, low, True, text)]
    found = []
    if high < INF:
        found.append(Condition(row, high, False, text))
    if low > -INF:
        found.append(Condition(-row, -low, False, text))
    return found


def _central(x: Float64, p: Float64) -> tuple[float, float]:
    mean = float(p @ x)
    return mean, float(np.sqrt(p @ (x - mean) ** 2))


def _weights(assets: Assets, names: Sequence[str]) -> Float64:
    given = {assets: 1.0} if isinstance(assets, str) else assets
    found = np.zeros(len(names))
    for name, weight in given.items():
        if name not in names:
            raise unknown("asset", name, names, place="views")
        found[list(names).index(name)] = weight
    if not found.any() or not np.isfinite(found).all():
        raise InvalidInput("a view needs assets with finite weights", field="views")
    return found


def _said(assets: Assets) -> str:
    if isinstance(assets, str):
        return assets
    text = " ".join(f"{'-' if weight < 0 else '+'} {abs(weight):g} {name}" for name, weight in assets.items())
    return text.removeprefix("+ ").replace("- ", "-", 1) if text.startswith("- ") else text.removeprefix("+ ")


def _bounds(
    equals: float | None, at_least: float | None, at_most: float | None, *, least: float = -INF, most: float = INF
) -> tuple[float, float]:
    if equals is not None and (at_least is not None or at_most is not None):
        raise InvalidInput("a view says equals, or at_least and at_most, not both", field="views")
    low = equals if equals is not None else -INF if at_least is None else at_least
    high = equals if equals is not None else INF if at_most is None else at_most
    if low == -INF and high == INF:
        raise InvalidInput("a view needs equals, at_least or at_most", field="views")
    if not low <= high or low == INF or high == -INF:
        raise InvalidInput(f"a view between {low!r} and {high!r} says nothing", field="views")
    if (low != -INF and low < least) or (high != INF and high > most) or low > most or high < least:
        raise InvalidInput(f"a view between {low!r} and {high!r} is out of range", field="views",
                           expected=f"{least:g} to {most:g}")  # fmt: skip
    return low, high
