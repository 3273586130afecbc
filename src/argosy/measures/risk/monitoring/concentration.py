"""Is too much in one place: concentration of positions, and gross and net leverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from argosy.base.errors import UndefinedMeasure
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array, named, positive
from argosy.models.moments.observations import floats


@dataclass(frozen=True, slots=True)
class Concentration:
    """``herfindahl`` of shares of gross value, its inverse (``effective_names``), and the largest positions.

    ``normalized`` is 0 for equal shares and 1 for one position.
    """

    herfindahl: float
    effective_names: float
    normalized: float
    largest: tuple[tuple[str, float], ...]
    top_share: float


def concentration(
    values: Any, *, names: Sequence[str] | None = None, groups: Sequence[str] | None = None, top: int = 5
) -> Concentration:
    """Herfindahl index ``sum s_i^2`` of shares of gross value, by position or, with ``groups``, by group.

    Values (N,) are money or weights; a short position counts by its size, and inside a group long and short add up.

    Examples
    --------
    >>> found = concentration([0.5, 0.3, 0.2], names=["A", "B", "C"], top=1)
    >>> round(found.herfindahl, 6), round(found.effective_names, 6), found.largest
    (0.38, 2.631579, (('A', 0.5),))
    """
    given = np.abs(array(values, (None,), "values"))
    labels = named(names, given.size)
    if groups is not None:
        if len(groups) != given.size:
            raise refusal(f"{len(groups)} groups for {given.size} positions", field="groups", expected="one each")
        labels = tuple(sorted({str(group) for group in groups}))
        given = np.array([given[[str(g) == label for g in groups]].sum() for label in labels])
    if top < 1:
        raise refusal(f"top is {top}", field="top", found=top, expected="1 or more")
    total = float(given.sum())
    if total <= 0.0:
        raise UndefinedMeasure("nothing is held, so nothing is concentrated", field="values")
    shares = given / total
    index = float((shares * shares).sum())
    count = shares.size
    order = np.argsort(-shares, kind="stable")[:top]
    largest = tuple((labels[place], float(shares[place])) for place in order.tolist())
    return Concentration(
        index, 1.0 / index, (index - 1.0 / count) / (1.0 - 1.0 / count) if count > 1 else 1.0, largest,
        float(shares[order].sum()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leverage:
    """Exposures over net asset value: ``gross`` long plus short, ``net`` long less short."""

    long: float
    short: float
    gross: float
    net: float
    net_asset_value: float


def leverage(exposures: Any, *, net_asset_value: float) -> Leverage:
    """Gross and net leverage from exposures (N,) in money: market value, or delta times notional for derivatives.

    The commitment way of Directive 2011/61/EU counts derivatives by delta-adjusted notional, without cash. A net asset
    value of zero or less has no leverage and is refused.

    Examples
    --------
    >>> found = leverage([150.0, -50.0], net_asset_value=100.0)
    >>> found.gross, found.net
    (2.0, 1.0)
    """
    held = array(exposures, (None,), "exposures")
    if not float(floats(net_asset_value, "net_asset_value")) > 0.0:
        raise UndefinedMeasure(f"the net asset value is {net_asset_value}, so there is no leverage",
                               field="net_asset_value", next_step="look at exposures in money instead")  # fmt: skip
    nav = positive(net_asset_value, "net_asset_value")
    long, short = float(held[held > 0.0].sum()) / nav, float(-held[held < 0.0].sum()) / nav
    return Leverage(long, short, long + short, long - short, nav)
