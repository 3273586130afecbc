"""Positions in foreign currency, whose exchange rates are factors of the scenarios beside the assets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, unknown
from argosy.models.moments.observations import floats

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ForeignPositions:
    """Profit in base currency of N positions over scenarios whose columns are N local returns, then C currencies.

    A currency's column is the return of one of its units in base currency. Position i earns
    ``v_i ((1 + r_i) (1 + x_c) - 1 - h_i x_c)``: the product is exact, and ``h_i`` is the share of its value sold
    forward (forwards at no carry). A position of the base currency has place -1. Made by :func:`foreign_positions`.
    """

    exposures: Float64
    currency: Int64
    hedged: Float64
    currencies: tuple[str, ...]

    @property
    def size(self) -> int:
        """Columns of the scenarios: assets, then currencies."""
        return self.exposures.size + len(self.currencies)

    def by_position(self, returns: npt.ArrayLike) -> Float64:
        """Profits (S, N) in base currency over scenarios (S, N + C)."""
        given = floats(returns, "returns")
        if given.ndim != 2 or given.shape[1] != self.size:
            raise InvalidInput(f"returns have shape {given.shape}", field="returns", found=given.shape,
                               expected=f"(S, {self.size}): {self.exposures.size} assets, then "
                               f"{', '.join(self.currencies) or 'no currency'}")  # fmt: skip
        local = given[:, : self.exposures.size]
        # A last column of zeros is the base currency, which place -1 finds.
        moves = np.column_stack([given[:, self.exposures.size :], np.zeros(len(given))])[:, self.currency]
        return np.asarray(self.exposures * ((1.0 + local) * (1.0 + moves) - 1.0 - self.hedged * moves))

    def __call__(self, returns: Float64) -> Float64:
        """Profits (S,) of all positions."""
        return np.asarray(self.by_position(returns).sum(axis=1))

    @property
    def linear(self) -> Float64:
        """Exposures (N + C,) to first order: to each asset, and to each currency what is held in it and not hedged.

        With these, contributions split a risk into assets and currencies; their product, left out, is of second order.
        """
        open_ = self.exposures * (1.0 - self.hedged)
        held = [float(open_[self.currency == place].sum()) for place in range(len(self.currencies))]
        return np.concatenate([self.exposures, np.array(held, dtype=np.float64)])


def foreign_positions(
    exposures: npt.ArrayLike, *, held_in: Sequence[str], currencies: Sequence[str], base: str,
    hedged: npt.ArrayLike = 0.0,
) -> ForeignPositions:  # fmt: skip
    """Positions (N,) in base-currency money (or weights), each held in a currency.

    Parameters
    ----------
    exposures : (N,) values in base currency
    held_in : N codes; ``currencies``: codes of the C columns behind the assets; ``base``: the currency of the result
    hedged : one share for all or (N,): 1 is fully hedged

    Raises
    ------
    UnknownName, InvalidInput
        A currency without a column; lengths that differ.

    Examples
    --------
    >>> book = foreign_positions([50.0, 50.0], held_in=["EUR", "USD"], currencies=["USD"], base="EUR")
    >>> book(np.array([[0.1, 0.1, -0.05]])).round(6).tolist(), book.linear.tolist()
    ([7.25], [50.0, 50.0, 50.0])
    """
    values = floats(exposures, "exposures")
    share = floats(hedged, "hedged")
    share = np.full(values.shape, share) if share.ndim == 0 else share
    if values.ndim != 1 or len(held_in) != values.size or share.shape != values.shape:
        raise InvalidInput(f"{values.shape} exposures, {len(held_in)} currencies held, {share.shape} hedges",
                           field="exposures", expected="one of each for every position")  # fmt: skip
    if not (np.isfinite(values).all() and np.isfinite(share).all()):
        raise InvalidInput("an exposure or a hedge is not a finite number", field="exposures")
    columns = tuple(currencies)
    if len(set(columns)) != len(columns) or base in columns:
        raise InvalidInput(f"currencies are {list(columns)} for base {base}", field="currencies",
                           expected="each once, without the base currency, which does not move")  # fmt: skip
    places = []
    for code in held_in:
        if code != base and code not in columns:
            raise unknown("currency", code, (*columns, base), place="held_in")
        places.append(-1 if code == base else columns.index(code))
    return ForeignPositions(values, np.array(places, dtype=np.int64), share, columns)
