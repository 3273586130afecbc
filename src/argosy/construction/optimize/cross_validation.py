"""Combinatorial purged cross-validation: a model judged on many paths through one history, not on one.

The history is cut into N groups; each choice of k of them is held back once, and weights are made from what is left
after purging what overlaps it and an embargo behind it (Lopez de Prado 2018, chapters 7 and 12). Every group is held
back ``k C(N, k) / N`` times, so that many whole paths out of sample come together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData
from argosy.construction.optimize.candidates import Candidates
from argosy.construction.optimize.walk_forward import Decide
from argosy.models.moments.observations import InsufficientData

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Folds:
    """``groups`` pieces of a history of which ``held_back`` are kept for judging at a time.

    An observation says something about ``label`` periods after its own; training leaves out what overlaps a piece held
    back, and ``embargo`` periods behind it.
    """

    groups: int = 6
    held_back: int = 2
    label: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        if self.groups < 2 or not 1 <= self.held_back < self.groups:
            raise InvalidInput(f"{self.held_back} of {self.groups} groups are held back", field="held_back",
                               expected="from 1 to one less than the groups")  # fmt: skip
        for name in ("label", "embargo"):
            if getattr(self, name) < 0:
                raise InvalidInput(f"{name} is {getattr(self, name)} periods", field=name, expected="0 or more")

    @property
    def splits(self) -> int:
        """How many choices of groups there are."""
        return comb(self.groups, self.held_back)

    @property
    def paths(self) -> int:
        """How many whole paths out of sample they make.

        Examples
        --------
        >>> Folds(6, 2).splits, Folds(6, 2).paths
        (15, 5)
        """
        return self.splits * self.held_back // self.groups

    def pieces(self, periods: int) -> list[Int64]:
        """Rows of each group, in order, as even as they go."""
        if periods < self.groups:
            raise InsufficientData(f"{periods} periods cannot be cut into {self.groups} groups", field="groups")
        return [np.asarray(part, dtype=np.int64) for part in np.array_split(np.arange(periods), self.groups)]

    def training(self, periods: int, pieces: list[Int64]) -> Int64:
        """Rows to learn from when some pieces are held back.

        Examples
        --------
        >>> Folds(3, 1, label=2, embargo=1).training(12, [np.arange(4, 8)]).tolist()
        [0, 1, 11]
        """
        rows = np.arange(periods)
        kept = np.ones(periods, dtype=bool)
        for piece in pieces:
            first, last = int(piece[0]), int(piece[-1]) + self.label
            kept &= (rows + self.label < first) | (rows > last + self.embargo)
        return np.flatnonzero(kept)


@dataclass(frozen=True, eq=False)
class Paths:
    """Returns out of sample along each path (P, T), the Sharpe ratio a year of each (P,), weights (S, N) by split."""

    returns: Float64
    sharpes: Float64
    weights: Float64
    splits: tuple[tuple[int, ...], ...]

    @property
    def below(self) -> float:
        """Part of the paths that lost against cash."""
        return float((self.sharpes < 0.0).mean())


def cross_validate(candidates: Candidates, choose: Decide, folds: Folds, *, risk_free: float = 0.0) -> Paths:
    """Weights of every split, held at every period of the groups held back, put together to whole paths.

    Costs are left out: weights of different splits never follow one another in time. Holdings are not known to the
    model, so that limits on trading have no meaning here.

    Raises
    ------
    MissingData
        Returns with gaps.
    InsufficientData
        Fewer periods than groups, or fewer than two left to learn from.
    """
    sample = candidates.sample
    if not sample.complete:
        raise MissingData("a portfolio cannot be judged on missing returns", field="prices",
                          next_step="use missing 'complete periods' or 'leave out assets'")  # fmt: skip
    returns = sample.returns
    periods = returns.shape[0]
    pieces = folds.pieces(periods)
    rate = (1.0 + risk_free) ** (1.0 / sample.periods_per_year) - 1.0
    splits = tuple(combinations(range(folds.groups), folds.held_back))
    paths = np.empty((folds.paths, periods))
    weights = np.empty((len(splits), returns.shape[1]))
    used = [0] * folds.groups
    for place, split in enumerate(splits):
        seen = folds.training(periods, [pieces[group] for group in split])
        if seen.size < 2:
            raise InsufficientData(
                f"{seen.size} periods are left to learn from when groups {split} are held back", field="groups",
                next_step="hold back fewer groups, or give a longer history",
            )  # fmt: skip
        keep = np.isin(np.arange(periods), seen)
        beside = candidates.beside
        known = replace(
            candidates, sample=replace(sample, panel=sample.panel.rows(keep)),
            beside=None if beside is None else beside.rows(keep), holdings=None, aside=None,
            trading=replace(candidates.trading, lots={}),
        )  # fmt: skip
        weights[place] = choose(known)
        for group in split:
            rows = pieces[group]
            paths[used[group], rows] = returns[rows] @ weights[place] + (1.0 - weights[place].sum()) * rate
            used[group] += 1
    spread = paths.std(axis=1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (paths.mean(axis=1) - rate) / spread * np.sqrt(sample.periods_per_year)
    return Paths(paths, np.where(spread > 0.0, ratios, np.nan), weights, splits)
