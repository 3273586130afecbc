"""Prices on one share basis: as traded, or adjusted for splits. Exact on fractions; matrices in float for measures.

A split of ``num`` new shares for ``den`` old ones on day S divides what is traded from S on by ``num / den``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from argosy.record.ledger.events import EventColumns, Int64, Kind
from argosy.record.market.points import PriceMatrix, PricePoint

Splits = Sequence[tuple[int, int, int]]
"""(ex-date, new, old) of one instrument, in any order; splits of one day multiply."""


def split_factor(splits: Splits, after: int, until: int) -> Fraction:
    """New shares per old share from the end of day ``after`` to the end of day ``until``.

    Going back in time (``until`` before ``after``) gives the inverse.

    Examples
    --------
    >>> split_factor([(10, 7, 1)], 9, 10), split_factor([(10, 7, 1)], 10, 12), split_factor([(10, 7, 1)], 10, 9)
    (Fraction(7, 1), Fraction(1, 1), Fraction(1, 7))
    """
    if until < after:
        return 1 / split_factor(splits, until, after)
    factor = Fraction(1)
    for day, new, old in splits:
        if after < day <= until:
            factor *= Fraction(new, old)
    return factor


def adjust(price: Fraction, day: int, splits: Splits, *, as_of: int) -> Fraction:
    """A price traded on ``day`` per share as shares are at the end of ``as_of``.

    Examples
    --------
    >>> adjust(Fraction(700), 9, [(10, 7, 1)], as_of=20)
    Fraction(100, 1)
    """
    return price / split_factor(splits, day, as_of)


def unadjust(price: Fraction, day: int, splits: Splits, *, as_of: int) -> Fraction:
    """The price traded on ``day`` behind one adjusted to the shares of ``as_of``; the inverse of :func:`adjust`."""
    return price * split_factor(splits, day, as_of)


def price_per_share(point: PricePoint, day: int, splits: Splits, *, adjusted_to: int = 0) -> Fraction:
    """A price found for ``day`` per share as shares are on ``day``.

    A price that is older than a split (it is the last one known) is divided by it. A split-adjusted price is first
    unadjusted from ``adjusted_to``, the day its source adjusted to. A total-return price has no share basis and is
    given as it is.
    """
    if point.basis == "total_return":
        return point.fraction
    begin = point.date if point.basis == "traded" else adjusted_to
    return adjust(point.fraction, begin, splits, as_of=day)


def split_adjusted(
    matrix: PriceMatrix, splits: Mapping[int, Splits], *, as_of: int, basis: str = "traded"
) -> npt.NDArray[np.float64]:
    """Prices (T, N) per share as shares are on ``as_of``, float64, for returns. Raises as :meth:`PriceMatrix.floats`.

    ``basis`` is the matrix's: prices that are split-adjusted or total return already are given as they are.
    """
    prices = matrix.floats()
    if basis != "traded":
        return prices
    dates = matrix.days[:, None] - matrix.age
    for place, instrument in enumerate(matrix.instruments.tolist()):
        for day, new, old in splits.get(instrument, ()):
            if day <= as_of:
                prices[:, place] = np.where(dates[:, place] < day, prices[:, place] * old / new, prices[:, place])
    return prices


def splits_of(events: EventColumns, positions: Int64 | None = None) -> dict[int, list[tuple[int, int, int]]]:
    """Splits by instrument from ledger events with a ratio; the same split booked in many accounts counts once.

    ``positions`` are the effective events (voided ones left out); None = all.
    """
    rows = np.flatnonzero((events["kind"] == Kind.SPLIT) & (events["num"] > 0) & (events["den"] > 0))
    if positions is not None:
        rows = np.intersect1d(rows, positions)
    found: dict[int, set[tuple[int, int, int]]] = {}
    for row in rows.tolist():
        ratio = Fraction(int(events["num"][row]), int(events["den"][row]))
        key = (int(events["trade_date"][row]), ratio.numerator, ratio.denominator)
        found.setdefault(int(events["instrument"][row]), set()).add(key)
    return {instrument: sorted(each) for instrument, each in found.items()}
