"""Entropy pooling: probabilities of scenarios that fit views and stay as near as possible to what they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from argosy.base.errors import ArgosyError, InvalidInput, NotConverged
from argosy.kernels.entropy import Tilted, can_meet, tilt
from argosy.models.moments.covariance import DenseCovariance
from argosy.models.moments.observations import observed
from argosy.models.moments.scenario_views import Condition, ScenarioView, conditions

Float64 = npt.NDArray[np.float64]

GRID = 24
"""Tail thresholds tried for a view that lowers an expected shortfall, before the best is refined."""


class ClashingViews(ArgosyError):
    """No probabilities of the scenarios given fit the views; ``views`` is a smallest set that does not."""

    code = "clashing_views"

    def __init__(self, views: tuple[str, ...]) -> None:
        self.views = views
        super().__init__(
            f"no probabilities of these scenarios meet: {'; '.join(views)}", field="views",
            next_step="soften one of these views, or give scenarios that reach as far",
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pooled:
    """Posterior probabilities (T,) and what they amount to.

    ``relative_entropy`` is the distance from the prior; ``effective_scenarios`` is the exponential of the entropy
    (Meucci 2012), at most T; ``measured`` gives what each view asked about is now, in the order of the views. ``mean``
    (N,) and ``covariance`` are those of the scenarios under the posterior, about the posterior mean, divided by one.
    """

    probabilities: Float64
    prior: Float64
    relative_entropy: float
    effective_scenarios: float
    measured: tuple[tuple[str, float], ...]
    scenarios: Float64

    @property
    def mean(self) -> Float64:
        """Expected returns (N,)."""
        found: Float64 = self.probabilities @ self.scenarios
        return found

    @property
    def covariance(self) -> DenseCovariance:
        """Covariance (N, N)."""
        apart = self.scenarios - self.mean
        return DenseCovariance((apart * self.probabilities[:, None]).T @ apart)

    def draw(self, count: int, generator: Generator) -> Float64:
        """Scenarios (count, N) drawn by their posterior probabilities, for models that take them as equally likely."""
        places = generator.choice(self.probabilities.size, size=count, p=self.probabilities)
        return np.ascontiguousarray(self.scenarios[places])


def entropy_pooling(
    scenarios: npt.ArrayLike,
    *,
    names: Sequence[str],
    views: Sequence[ScenarioView],
    prior: npt.ArrayLike | None = None,
    confidence: float = 1.0,
) -> Pooled:
    """Blend scenarios with views on means, ranks, probabilities, volatilities, correlations and expected shortfalls.

    Of all probabilities that fit the views, those with the least relative entropy to the prior (Meucci 2008). Views on
    means, ranks and probabilities are linear and exact. A volatility is pinned with the mean that the linear views
    give, a correlation with those means and volatilities (Vorobets 2021), so that each is linear too. An expected
    shortfall below a bound is a search over its threshold: on a grid, then refined; above a bound it is convex and
    exact. ``confidence`` blends posterior and prior probabilities (Meucci 2008, eq. 24).

    Parameters
    ----------
    scenarios : (T, N) returns of one period
    names : N names
    views : what the posterior has to say
    prior : (T,) probabilities; equal when not given
    confidence : above 0, at most 1

    Raises
    ------
    ClashingViews
        Names a smallest set of views that no probabilities meet.
    UnknownName, InvalidInput, MissingData
        A view on an unknown asset; a level of 95; scenarios with gaps; a prior that is no probability.
    NotConverged
        Views that can only be met at the very edge of the scenarios.

    Examples
    --------
    >>> r = np.array([[-0.1], [0.0], [0.1]])
    >>> found = entropy_pooling(r, names=["A"], views=[ScenarioView.mean("A", equals=0.05)])
    >>> found.probabilities.round(4).tolist(), round(found.effective_scenarios, 4)
    ([0.1162, 0.2676, 0.6162], 2.4626)
    """
    r = observed(scenarios, least=2)
    labels = [str(name) for name in names]
    if len(labels) != r.shape[1]:
        raise InvalidInput(f"{len(labels)} names for scenarios of {r.shape[1]} assets", field="names")
    if not 0.0 < confidence <= 1.0:
        raise InvalidInput(f"a confidence of {confidence!r}", field="confidence", expected="above 0, at most 1")
    start = _prior(prior, r.shape[0])
    p = start
    held: list[Condition] = []
    for stage in ("linear", "volatility", "correlation"):
        found = [c for view in views if view.stage == stage for c in conditions(view, labels, r, p)]
        if found:
            held += found
            p = _solve(start, held).probabilities
    tails = [view for view in views if view.stage == "cvar"]
    if tails:
        p = _with_tails(start, held, tails, labels, r, p)
    blended = confidence * p + (1.0 - confidence) * start
    positive = blended > 0.0
    return Pooled(
        blended, start, float(np.sum(blended[positive] * np.log(blended[positive] / start[positive]))),
        float(np.exp(-np.sum(blended[positive] * np.log(blended[positive])))),
        tuple((view.text(), view.value(labels, r, blended)) for view in views), r,
    )  # fmt: skip


def _prior(given: npt.ArrayLike | None, size: int) -> Float64:
    if given is None:
        return np.full(size, 1.0 / size)
    found = np.asarray(given, dtype=np.float64)
    if found.shape != (size,) or not np.isfinite(found).all() or (found <= 0.0).any():
        raise InvalidInput(f"prior probabilities of shape {found.shape} for {size} scenarios", field="prior",
                           expected=f"({size},), all positive")  # fmt: skip
    if abs(float(found.sum()) - 1.0) > 1e-9:
        raise InvalidInput(f"prior probabilities sum to {float(found.sum()):.6g}", field="prior", expected="1")
    return found / float(found.sum())


def _arrays(held: Sequence[Condition]) -> tuple[Float64, Float64, npt.NDArray[np.bool_]]:
    equal = np.array([c.equal for c in held], dtype=bool)
    return np.array([c.row for c in held]), np.array([c.right for c in held]), equal


def _solve(start: Float64, held: Sequence[Condition]) -> Tilted:
    found = tilt(start, *_arrays(held))
    if found.settled:
        return found
    if not can_meet(*_arrays(held)):
        raise ClashingViews(_smallest(held))
    raise NotConverged(
        "the views can only be met by giving almost all scenarios no weight", field="views",
        next_step="soften the views, or give more scenarios beyond them",
    )  # fmt: skip


def _smallest(held: Sequence[Condition]) -> tuple[str, ...]:
    """Texts of a smallest clashing set: views are left out one after another while the rest still clashes."""
    needed = list(dict.fromkeys(c.text for c in held))
    for text in tuple(needed):
        rest = [c for c in held if c.text in needed and c.text != text]
        if rest and not can_meet(*_arrays(rest)):
            needed.remove(text)
    return tuple(needed)


def _with_tails(
    start: Float64, held: list[Condition], tails: list[ScenarioView], labels: list[str], r: Float64, p: Float64
) -> Float64:
    """Meet views on expected shortfall, one round after another until all hold.

    With threshold e, shortfall is the least of ``e + E max(loss - e, 0) / (1 - level)``. "At least" holds if it holds
    for every e: conditions are added at the thresholds that break it. "At most" holds if it holds for one e.
    """
    cuts: list[Condition] = []
    caps: dict[int, Condition] = {}
    for _ in range(200):
        broken = False
        for k, view in enumerate(tails):
            now = view.value(labels, r, p)
            low, high = view.bounds
            size = max(abs(now), 1e-12)
            if now < low - 1e-9 * size:
                cuts.append(view.tail_condition(labels, r, view.threshold(labels, r, p), low, least=True))
                p, broken = _solve(start, [*held, *cuts, *caps.values()]).probabilities, True
            elif now > high + 1e-9 * size:
                caps[k], p = _capped(start, [*held, *cuts, *(c for j, c in caps.items() if j != k)], view, labels, r, p)
                broken = True
        if not broken:
            return p
    raise NotConverged("views on expected shortfall pull against each other without end", field="views",
                       next_step="give fewer of them")  # fmt: skip


def _capped(
    start: Float64, others: list[Condition], view: ScenarioView, labels: list[str], r: Float64, p: Float64
) -> tuple[Condition, Float64]:
    high = view.bounds[1]
    places = view.thresholds(labels, r, p, GRID)
    best: tuple[float, Condition, Float64] | None = None
    for place in places:
        condition = view.tail_condition(labels, r, place, high, least=False)
        found = tilt(start, *_arrays([*others, condition]))
        if found.settled and (best is None or found.entropy < best[0]):
            best = (found.entropy, condition, found.probabilities)
    if best is None:
        lowest = view.tail_condition(labels, r, places[0], high, least=False)
        _solve(start, [*others, lowest])
        raise ClashingViews(_smallest([*others, lowest]))
    for _ in range(100):
        # The threshold that fits the probabilities best leaves room, and the room brings them nearer to the prior.
        condition = view.tail_condition(labels, r, view.threshold(labels, r, best[2]), high, least=False)
        found = tilt(start, *_arrays([*others, condition]))
        if not found.settled or found.entropy >= best[0] - 1e-13:
            break
        best = (found.entropy, condition, found.probabilities)
    return best[1], best[2]
