"""What each item added to the return of the whole, per period and over many, always summing to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from argosy.base.errors import InvalidInput
from argosy.base.table import Column, Table
from argosy.measures.performance.linking import carino_coefficients, link
from argosy.measures.performance.reasons import Float64, Reason, undefined
from argosy.measures.performance.series import refusal, refuse_not_finite, same_length, vector


@dataclass(frozen=True, eq=False)
class Contributions:
    """Contributions per period (T, N), summing to ``returns`` (T,), and over all periods (N,), summing to ``total``."""

    items: tuple[str, ...]
    per_period: Float64
    returns: Float64
    linked: Float64
    total: float

    def grouped(self, groups: Sequence[str]) -> Contributions:
        """Add items up by group (one label per item), such as sector, asset class or currency.

        Examples
        --------
        >>> found = contributions([[0.5, 0.3, 0.2]], [[0.1, 0.2, 0.0]]).grouped(["x", "y", "x"])
        >>> found.items, found.linked.round(12).tolist()
        (('x', 'y'), [0.05, 0.06])
        """
        if len(groups) != len(self.items):
            raise InvalidInput(
                f"there are {len(groups)} group labels for {len(self.items)} items", field="groups", found=len(groups)
            )
        names = tuple(dict.fromkeys(groups))
        place = {name: k for k, name in enumerate(names)}
        member = np.zeros((len(groups), len(names)))
        member[np.arange(len(groups)), [place[group] for group in groups]] = 1.0
        return Contributions(names, self.per_period @ member, self.returns, self.linked @ member, self.total)

    def table(self, name: str = "contribution") -> Table:
        """Item and contribution over all periods, with the total."""
        return Table(
            name,
            (Column("item", "text", list(self.items)), Column("contribution", "ratio", self.linked)),
            totals={"item": "total", "contribution": self.total},
        )


def contributions(weights: Any, returns: Any, *, items: Sequence[str] = ()) -> Contributions:
    """Contributions ``w_i r_i`` of items with given weights at the start of each period, smoothed to the linked total.

    Parameters
    ----------
    weights, returns : (T, N) fractions of the whole at the start of each period, and simple returns
    items : N names

    The return of the whole in a period is the sum of its contributions. Over periods each is scaled by Cariño's
    coefficient, so that the sums equal the linked return to rounding. Raises :class:`UndefinedMeasure` when a period
    loses everything.

    Examples
    --------
    >>> found = contributions([[0.5, 0.5], [0.6, 0.4]], [[0.1, 0.0], [0.05, -0.02]], items=["a", "b"])
    >>> found.linked.round(6).tolist(), round(float(found.linked.sum() - found.total), 12) + 0.0
    ([0.081299, -0.008199], 0.0)
    """
    share, earned = _block(weights, "weights"), _block(returns, "returns")
    if share.shape != earned.shape:
        raise InvalidInput(f"weights has shape {share.shape}, returns {earned.shape}", field="weights")
    return linked_contributions(share * earned, items=items)


def contributions_of_gains(gains: Any, capital: Any, *, items: Sequence[str] = ()) -> Contributions:
    """Contributions of items from their gains in money (T, N) and the capital of the whole (T,) they were earned on.

    Whatever an item's own flows, gains over the capital of the whole add up to the return of the whole.
    Raises :class:`UndefinedMeasure` where the capital is zero or less.

    Examples
    --------
    >>> contributions_of_gains([[5.0, -1.0]], [100.0]).linked.round(12).tolist()
    [0.05, -0.01]
    """
    gained, base = _block(gains, "gains"), vector(capital, "capital")
    same_length(gains=gained, capital=base)
    if (base <= 0.0).any():
        raise undefined("contribution", Reason.NO_CAPITAL, detail=f"capital[{int((base <= 0.0).argmax())}]")
    return linked_contributions(gained / base[:, None], items=items)


def linked_contributions(per_period: Any, *, items: Sequence[str] = ()) -> Contributions:
    """Link contributions (T, N) whose sum is the return of each period (Cariño 1999).

    Examples
    --------
    >>> found = linked_contributions([[0.1, 0.0], [0.0, 0.1]])
    >>> round(float(found.linked.sum()), 12), round(found.total, 12)
    (0.21, 0.21)
    """
    parts = _block(per_period, "per_period")
    names = tuple(items) or tuple(str(k) for k in range(parts.shape[1]))
    if len(names) != parts.shape[1]:
        raise InvalidInput(f"there are {len(names)} names for {parts.shape[1]} items", field="items", found=len(names))
    whole = parts.sum(axis=1)
    return Contributions(names, parts, whole, np.asarray(carino_coefficients(whole) @ parts), link(whole))


def _block(values: Any, field: str) -> Float64:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or 0 in array.shape:
        raise refusal(f"{field} has shape {array.shape}", field=field, found=array.shape, expected="(periods, items)")
    refuse_not_finite(array, field)
    return array
