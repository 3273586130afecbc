"""Limits that make a model choose, as pieces: for each name the closed intervals its weight may lie in.

``position >= p`` leaves {0}, [p, ...] and [..., -p]; ``trade of each >= t`` leaves the weight held, what lies t above
it, what lies t below, and nothing at all: a position may always be closed whole, however small. Both together leave
their intersections, within the name's box. ``names`` and ``trades``
count the pieces that hold or trade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.base.limits import Limit
from argosy.kernels.choices import Choices
from argosy.kernels.convex import Form
from argosy.measures.limits.compiling import Compiled, covered
from argosy.measures.limits.universe import Universe

Float64 = npt.NDArray[np.float64]

SMALLEST = 1e-4
"""Least weight of a name that ``names >= k`` counts, where no smallest position is stated."""


@dataclass(frozen=True, slots=True)
class _Piece:
    low: float
    high: float
    low_owner: int
    high_owner: int
    held: bool
    traded: bool


def pieces(compiled: Compiled, universe: Universe, form: Form, *, far: float = np.inf) -> Choices | None:
    """Pieces and counts of the limits, or None where nothing chooses.

    Costs of trading a name at all, and gains on the first unit sold, make a name choose too. ``far`` bounds weights
    that nothing else bounds.

    Raises
    ------
    InvalidInput
        A name that must be chosen has no finite bounds that follow from the limits.
    """
    limits = compiled.limits
    n = universe.size
    position, position_owner = _smallest(limits, universe, "position")
    trade, trade_owner = _smallest(limits, universe, "trade")
    counted, moved, least_held = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for limit in limits:
        if limit.measure in ("names", "trades"):
            mask = np.logical_or.reduce([mask for _, mask in covered(limit.scope, universe)])
            if limit.measure == "names":
                counted |= mask
                least_held |= mask & bool(limit.low)
            else:
                moved |= mask
    position = np.where(least_held & (position <= 0.0), SMALLEST, position)
    moved |= trade > 0.0
    charges = form.charges
    costly = charges.fixed if charges is not None and charges.fixed is not None else np.zeros(n)
    gains = charges.relief if charges is not None and charges.relief is not None else np.zeros(n)
    moved |= (costly > 0.0) | (gains > 0.0)
    chooses = np.flatnonzero(counted | moved | (position > 0.0))
    if chooses.size == 0:
        return None
    start = universe.holdings if universe.holdings is not None else np.zeros(n)
    if moved.any():
        universe.held("a limit on trades")
    low, high = ends(form)
    low, high = np.where(np.isinf(low), -far, low), np.where(np.isinf(high), far, high)
    unbounded = chooses[~(np.isfinite(low[chooses]) & np.isfinite(high[chooses]))]
    if unbounded.size:
        raise InvalidInput(
            f"{universe.names[int(unbounded[0])]} must be chosen or not, but nothing bounds its weight", field="limits",
            next_step="add a limit such as weight of each between -10% and 10%, or gross <= 150%",
        )  # fmt: skip
    asset: list[int] = []
    found: list[_Piece] = []
    for i in chooses.tolist():
        mine = _of(
            (low[i], high[i], int(compiled.low_owner[i]), int(compiled.high_owner[i])), float(start[i]),
            (float(position[i]), int(position_owner[i])) if counted[i] or position[i] > 0.0 else None,
            (float(trade[i]), int(trade_owner[i])) if moved[i] else None,
        )  # fmt: skip
        asset += [i] * len(mine)
        found += mine
    where = np.array(asset, dtype=np.int64)
    held = np.array([p.held for p in found])
    traded = np.array([p.traded for p in found])
    columns, lows, highs, owners = [np.zeros((where.size, 0))], [], [], []
    for owner, limit in enumerate(limits):
        if limit.measure in ("names", "trades"):
            for _, mask in covered(limit.scope, universe):
                flag = held if limit.measure == "names" else traded
                columns.append((flag & mask[where]).astype(np.float64)[:, None])
                lows.append(-np.inf if limit.low is None else limit.low)
                highs.append(np.inf if limit.high is None else limit.high)
                owners.append(owner)
    selling = np.array([p.traded and p.high <= start[i] for i, p in zip(asset, found, strict=True)])
    return Choices(
        where, np.array([p.low for p in found]), np.array([p.high for p in found]), traded * costly[where],
        np.where(selling, gains[where], 0.0), start[where], np.hstack(columns), np.array(lows, dtype=np.float64),
        np.array(highs, dtype=np.float64), np.array(owners, dtype=np.int64), np.array([p.low_owner for p in found]),
        np.array([p.high_owner for p in found]),
    )  # fmt: skip


def _smallest(limits: Sequence[Limit], universe: Universe, measure: str) -> tuple[Float64, npt.NDArray[np.int64]]:
    """The smallest position or trade of each name, and the limit that says so; whole lots are smallest trades too."""
    found, owners = np.zeros(universe.size), np.full(universe.size, -1, dtype=np.int64)
    for owner, limit in enumerate(limits):
        size = np.zeros(universe.size)
        if limit.measure == measure and (limit.low or 0.0) > 0.0:
            mask = np.logical_or.reduce([mask for _, mask in covered(limit.scope, universe)])
            size = mask * float(limit.low or 0.0)
        elif limit.measure == "lots" and measure == "trade":
            size = float(limit.low or 0.0) * universe.numbers(limit.scope)
        larger = size > found
        found, owners = np.where(larger, size, found), np.where(larger, owner, owners)
    return found, owners


def ends(form: Form) -> tuple[Float64, Float64]:
    """Bounds of each weight that follow from the box, from rows of one sign, and from absolute sums."""
    low, high = form.low.copy(), form.high.copy()
    for limit in form.absolutes:
        if not np.isfinite(limit.price) and not limit.linear.any():
            with np.errstate(divide="ignore"):
                reach = np.where(limit.weights > 0.0, limit.bound / limit.weights, np.inf)
            low, high = np.maximum(low, limit.reference - reach), np.minimum(high, limit.reference + reach)
    hard = ~np.isfinite(form.rows.price)
    for j in np.flatnonzero(hard & np.isfinite(form.rows.high)).tolist():
        column = form.rows.columns[:, j]
        if (column < 0.0).any() or not np.isfinite(low[column > 0.0]).all():
            continue
        room = form.rows.high[j] - float(column[column > 0.0] @ low[column > 0.0])
        with np.errstate(divide="ignore", invalid="ignore"):
            high = np.where(column > 0.0, np.minimum(high, low + room / column), high)
    return low, high


def _of(
    box: tuple[float, float, int, int], start: float, position: tuple[float, int] | None,
    trade: tuple[float, int] | None,
) -> list[_Piece]:  # fmt: skip
    """Intersections of the intervals of holding with those of trading, within the box."""
    inf = float("inf")
    holding: list[_Piece] = [_Piece(-inf, inf, -1, -1, True, True)]
    if position is not None:
        least, owner = position
        holding = [_Piece(0.0, 0.0, -1, -1, False, True)]
        if least > 0.0:
            holding += [_Piece(least, inf, owner, -1, True, True), _Piece(-inf, -least, -1, owner, True, True)]
        else:
            holding.append(_Piece(-inf, inf, -1, -1, True, True))
    trading: list[_Piece] = [_Piece(-inf, inf, -1, -1, True, True)]
    if trade is not None:
        least, owner = trade
        trading = [
            _Piece(start, start, -1, -1, True, False), _Piece(start + least, inf, owner, -1, True, True),
            _Piece(-inf, start - least, -1, owner, True, True),
        ]  # fmt: skip
        if 0.0 < abs(start) < least:
            trading.append(_Piece(0.0, 0.0, -1, -1, True, True))
    low, high, low_owner, high_owner = box
    found: dict[tuple[float, float, bool, bool], _Piece] = {}
    for one in holding:
        for other in trading:
            ends_low = max((low, low_owner), (one.low, one.low_owner), (other.low, other.low_owner), key=lambda e: e[0])
            ends_high = min(
                (high, high_owner), (one.high, one.high_owner), (other.high, other.high_owner), key=lambda e: e[0]
            )
            held, traded = one.held, other.traded
            alone = ends_low[0] == ends_high[0]
            # Weight zero is not held, and the weight held now is not traded: such points belong to the other pieces.
            twice = alone and (
                (held and position is not None and ends_low[0] == 0.0)
                or (traded and trade is not None and ends_low[0] == start)
            )
            if ends_low[0] > ends_high[0] or twice:
                continue
            piece = _Piece(ends_low[0], ends_high[0], ends_low[1], ends_high[1], held, traded)
            found.setdefault((piece.low, piece.high, held, traded), piece)
    # No interval at all: one that holds nothing keeps the clash visible to the solver.
    return list(found.values()) or [_Piece(1.0, 0.0, -1, -1, True, True)]
