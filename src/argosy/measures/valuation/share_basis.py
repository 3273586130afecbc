"""Prices brought to the shares that are held: a price older than a split, or one adjusted for later splits.

A holding is in shares as they are on the day. A traded price from before a split that nobody has traded since is
divided by the split's ratio; a split-adjusted price is multiplied by the splits after the day, up to the last known.
Total-return prices have no share basis and stay as they are. A quotient is rounded half to even at 12 decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.money import div_half_even
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.state import State
from argosy.record.market.adjust import Splits, splits_of

Int64 = npt.NDArray[np.int64]
SplitBook = Mapping[int, Splits]
"""Instrument id -> (ex-date, new, old)."""
SHARE_SCALE = 12


def known_splits(
    events: EventColumns, order: Int64, state: Callable[[], State]
) -> dict[int, list[tuple[int, int, int]]]:
    """Splits of every instrument: by their ratio, or, where only the shares added are known, by what they did.

    ``order`` are the events that count; ``state`` is asked only where shares added are all that is known.
    """
    found = {instrument: list(splits) for instrument, splits in splits_of(events, order).items()}
    rows = order[(events["kind"][order] == Kind.SPLIT) & (events["num"][order] == 0)]
    if not len(rows):
        return found
    trail = state().trail
    mine = trail.take(np.isin(trail.event_seq, events["seq"][rows]))
    for instrument, date, after, delta in zip(
        mine.instrument.tolist(), mine.date.tolist(), mine.quantity_after.tolist(), mine.quantity_delta.tolist(),
        strict=True,
    ):  # fmt: skip
        before = after - delta
        known = found.setdefault(instrument, [])
        if before > 0 and after > 0 and not any(day == date for day, _, _ in known):
            ratio = Fraction(after, before)
            known.append((date, ratio.numerator, ratio.denominator))
    return found


def share_factor(splits: Splits, *, basis: str, date: int, day: int) -> Fraction:
    """What a price of ``date`` is multiplied by to be per share as shares are on ``day``.

    Examples
    --------
    >>> seven = [(10, 7, 1)]
    >>> share_factor(seven, basis="traded", date=9, day=10), share_factor(seven, basis="split_adjusted", date=9, day=9)
    (Fraction(1, 7), Fraction(7, 1))
    """
    factor = Fraction(1)
    for ex, new, old in splits:
        if basis == "traded" and date < ex <= day:
            factor *= Fraction(old, new)
        elif basis == "split_adjusted" and ex > day:
            factor *= Fraction(new, old)
    return factor


def per_share(mantissa: int, exponent: int, factor: Fraction) -> tuple[int, int]:
    """A price times a factor as mantissa and exponent; rounded half to even at 12 decimals where it does not end.

    Examples
    --------
    >>> per_share(700, -2, Fraction(1, 7)), per_share(100, 0, Fraction(1, 3))
    ((1000000000000, -12), (33333333333333, -12))
    """
    if factor == 1:
        return mantissa, exponent
    exact = mantissa * factor * Fraction(10) ** (exponent + SHARE_SCALE)
    return div_half_even(exact.numerator, exact.denominator), -SHARE_SCALE


def per_share_row(
    mantissa: npt.NDArray[Any], exponent: int, age: Int64, missing: npt.NDArray[np.bool_], days: Int64, splits: Splits,
    *, basis: str,
) -> tuple[npt.NDArray[Any], int]:  # fmt: skip
    """:func:`per_share` of a whole history at one exponent."""
    if basis == "total_return" or not splits:
        return mantissa, exponent
    dates = days - age
    touched = np.zeros(len(days), np.bool_)
    for ex, _, _ in splits:
        touched |= ((dates < ex) & (ex <= days)) if basis == "traded" else days < ex
    touched &= ~missing
    if not touched.any() or exponent < -SHARE_SCALE:
        return mantissa, exponent
    values = [int(one) * 10 ** (exponent + SHARE_SCALE) for one in mantissa]
    for place in np.flatnonzero(touched).tolist():
        factor = share_factor(splits, basis=basis, date=int(dates[place]), day=int(days[place]))
        value, power = per_share(int(mantissa[place]), exponent, factor)
        values[place] = value * 10 ** (power + SHARE_SCALE)
    fits = max(map(abs, values)) < 2**62
    return np.array(values, dtype=np.int64 if fits else object), -SHARE_SCALE
