"""Shocks to factors: measured over historical windows, or supposed; relative for prices, absolute for rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData, unknown
from argosy.base.table import Column, Table
from argosy.measures.performance.series import Int64, ascending, day_numbers, refusal
from argosy.measures.risk.inputs import array, named
from argosy.models.moments.observations import floats

Float64 = npt.NDArray[np.float64]
Kind = Literal["relative", "absolute"]
KINDS = ("relative", "absolute")

# A level this many days old still stands for the day a window begins or ends: a long weekend.
STALE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Window:
    """A named stretch of history, from the close of its first day to the close of its last."""

    name: str
    first: Any
    last: Any


@dataclass(frozen=True, eq=False)
class ShockTable:
    """Changes (S, K) of factors in scenarios. A relative shock is a fraction of the level, an absolute one in its unit.

    ``missing`` (S, K) marks factors that had no history in the window; their shock is 0 and must not be used: ask
    :meth:`row`, which refuses, or fill by :meth:`with_proxies`.
    """

    scenarios: tuple[str, ...]
    factors: tuple[str, ...]
    kinds: tuple[Kind, ...]
    values: Float64
    missing: npt.NDArray[np.bool_]

    def row(self, scenario: str) -> Float64:
        """Shocks (K,) of one scenario; :class:`MissingData` names the factors without history."""
        if scenario not in self.scenarios:
            raise unknown("scenario", scenario, self.scenarios)
        place = self.scenarios.index(scenario)
        gone = [name for name, lost in zip(self.factors, self.missing[place], strict=True) if lost]
        if gone:
            raise MissingData(f"no history of {', '.join(gone)} in {scenario}", field="scenario", found=gone,
                              next_step="name a proxy for each with with_proxies, or leave the factor out")  # fmt: skip
        return np.array(self.values[place])

    def with_proxies(self, proxies: Mapping[str, tuple[str, float]]) -> ShockTable:
        """Fill what is missing by ``beta`` times another factor's shock: ``{"crypto": ("equity", 2.0)}``.

        Only missing shocks are filled; a proxy that is missing itself leaves the gap.
        """
        values, missing = self.values.copy(), self.missing.copy()
        for name, (stand_in, beta) in proxies.items():
            for one in (name, stand_in):
                if one not in self.factors:
                    raise unknown("factor", one, self.factors, place="proxies")
            at, by = self.factors.index(name), self.factors.index(stand_in)
            if self.kinds[at] != self.kinds[by]:
                raise InvalidInput(f"{name} moves by {self.kinds[at]} shocks and {stand_in} by {self.kinds[by]} ones",
                                   field="proxies", next_step="take a proxy of the same kind")  # fmt: skip
            fill = self.missing[:, at] & ~self.missing[:, by]
            values[fill, at] = float(beta) * self.values[fill, by]
            missing[fill, at] = False
        return ShockTable(self.scenarios, self.factors, self.kinds, values, missing)

    def table(self) -> Table:
        """One row per scenario; relative shocks as fractions, absolute ones in the factor's unit."""
        columns = [
            Column(name, "ratio", np.where(self.missing[:, k], 0.0, self.values[:, k]), unit="x",
                   missing=self.missing[:, k])
            for k, name in enumerate(self.factors)
        ]  # fmt: skip
        return Table("shocks", (Column("scenario", "text", list(self.scenarios)), *columns))


def window_shocks(
    days: Any, levels: Any, *, factors: Sequence[str], kinds: Sequence[Kind], windows: Sequence[Window]
) -> ShockTable:
    """Measure what each factor did over each window.

    Parameters
    ----------
    days : (T,) dates, ascending
    levels : (T, K) prices or indices above zero for relative factors, rates or spreads for absolute ones; NaN before a
        series began, after it ended, and on days without a quote
    factors, kinds : K names, and "relative" or "absolute" each
    windows : names with first and last day; the level of a day is the last quote at most seven days old

    Raises
    ------
    InvalidInput
        A price of zero or less, infinite levels, a window that ends before it begins.

    Examples
    --------
    >>> found = window_shocks(["2020-02-19", "2020-03-23"], [[100.0, 0.015], [66.0, 0.007]], factors=["equity", "rate"],
    ...                       kinds=["relative", "absolute"], windows=[Window("covid", "2020-02-19", "2020-03-23")])
    >>> found.row("covid").round(6).tolist()
    [-0.34, -0.008]
    """
    names = named(factors, len(factors), "factors")
    sorts = checked_kinds(kinds, len(names))
    when = day_numbers(days)
    ascending(when)
    table = floats(levels, "levels")
    if table.shape != (when.size, len(names)):
        raise refusal(f"levels have shape {table.shape}", field="levels", found=table.shape,
                      expected=f"{(when.size, len(names))}")  # fmt: skip
    if np.isinf(table).any():
        raise refusal("levels hold infinity", field="levels", expected="finite numbers, NaN where there is no quote")
    for k, name in enumerate(names):
        if sorts[k] == "relative" and (table[:, k] <= 0.0).any():
            low = int(np.flatnonzero(table[:, k] <= 0.0)[0])
            raise refusal(f"{name} is {table[low, k]:g} at place {low}", field="levels", found=float(table[low, k]),
                          expected="a price above 0, or kind 'absolute'")  # fmt: skip
    values = np.zeros((len(windows), len(names)))
    missing = np.zeros(values.shape, dtype=np.bool_)
    for s, window in enumerate(windows):
        first, last = (int(day_numbers([day], window.name)[0]) for day in (window.first, window.last))
        if last <= first:
            raise refusal(f"window {window.name} ends {window.last} and begins {window.first}", field="windows",
                          expected="an end after the beginning")  # fmt: skip
        for k, sort in enumerate(sorts):
            start, end = _level(when, table[:, k], first), _level(when, table[:, k], last)
            if start is None or end is None:
                missing[s, k] = True
            else:
                values[s, k] = end / start - 1.0 if sort == "relative" else end - start
    labels = named([window.name for window in windows], len(windows), "windows")
    return ShockTable(labels, names, sorts, values, missing)


def supposed_shocks(
    scenarios: Mapping[str, Mapping[str, float]], *, factors: Sequence[str], kinds: Sequence[Kind]
) -> ShockTable:
    """Scenarios made up by hand: factor -> shock; a factor that is not named does not move.

    Use :func:`argosy.measures.risk.stress.propagation.propagate` where it should move along. A price cannot fall by
    more than all of it.

    Examples
    --------
    >>> supposed_shocks({"crash": {"equity": -0.3}}, factors=["equity", "rate"],
    ...                 kinds=["relative", "absolute"]).row("crash").tolist()
    [-0.3, 0.0]
    """
    names = named(factors, len(factors), "factors")
    sorts = checked_kinds(kinds, len(names))
    values = np.zeros((len(scenarios), len(names)))
    for s, (label, shocks) in enumerate(scenarios.items()):
        for name, shock in shocks.items():
            if name not in names:
                raise unknown("factor", name, names, place=label)
            values[s, names.index(name)] = possible(shock, sorts[names.index(name)], f"{label}: {name}")
    return ShockTable(tuple(scenarios), names, sorts, values, np.zeros(values.shape, dtype=np.bool_))


def possible(shock: float, kind: Kind, field: str) -> float:
    """A shock that the factor can take: finite, and no price below zero."""
    value = float(array([shock], (1,), field)[0])
    if kind == "relative" and value < -1.0:
        raise InvalidInput(f"{field} is {value:g}: a price cannot fall by more than all of it", field=field,
                           found=value, expected="-1 or more", next_step="give -0.3 for minus 30%")  # fmt: skip
    return value


def checked_kinds(kinds: Sequence[str], count: int) -> tuple[Kind, ...]:
    """One kind for each factor."""
    if len(kinds) != count or any(kind not in KINDS for kind in kinds):
        raise refusal(f"kinds are {list(kinds)}", field="kinds", found=list(kinds),
                      expected=f"{count} of 'relative' and 'absolute'")  # fmt: skip
    return tuple("relative" if kind == "relative" else "absolute" for kind in kinds)


def _level(days: Int64, levels: Float64, day: int) -> float | None:
    end = int(np.searchsorted(days, day, side="right"))
    start = int(np.searchsorted(days, day - STALE_DAYS, side="left"))
    known = np.flatnonzero(~np.isnan(levels[start:end]))
    return float(levels[start + known[-1]]) if known.size else None
