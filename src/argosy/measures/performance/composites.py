"""Composites of portfolios: asset-weighted returns, their dispersion, and carve-outs with cash (GIPS 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from argosy.base.errors import InvalidInput
from argosy.base.table import Column, Table
from argosy.measures.performance.reasons import Flags, Float64, Measured, Reason, undefined
from argosy.measures.performance.series import Int64, refusal, same_length, vector

Spread = Literal["equal", "asset", "range", "quartiles"]
LEAST_MEMBERS = 6
"""Members for the whole year from which GIPS asks for dispersion; with five or fewer it is not meaningful."""


@dataclass(frozen=True, eq=False)
class Composite:
    """Returns (T,) of a composite, the number of its members and its capital in each period."""

    returns: Measured
    members: Int64
    capital: Float64

    def table(self, name: str = "composite") -> Table:
        """Period, return, members and capital."""
        missing = self.returns.reasons != 0
        return Table(
            name,
            (
                Column("period", "integer", list(range(len(self.capital)))),
                Column("return", "ratio", np.where(missing, 0.0, self.returns.values), missing=missing),
                Column("members", "integer", self.members.tolist()),
                Column("capital", "ratio", self.capital, unit="x"),
            ),
        )


def composite_returns(returns: Any, capital: Any, member: Any = None) -> Composite:
    """Asset-weighted return of a composite: ``sum V_i r_i / sum V_i`` over the members of each period.

    Parameters
    ----------
    returns, capital : (T, N) returns, and starting values (or starting values with day-weighted flows)
    member : (T, N) flags; a portfolio counts only in whole periods in which it is a member

    A period without members has the reason ``NO_CAPITAL``. What non-members hold is never read.

    Examples
    --------
    >>> found = composite_returns([[0.1, 0.0]], [[100.0, 300.0]])
    >>> found.returns.values.tolist(), found.members.tolist()
    ([0.025], [2])
    """
    earned, base = np.asarray(returns, dtype=np.float64), np.asarray(capital, dtype=np.float64)
    flags: Flags = np.ones(earned.shape, np.bool_) if member is None else np.asarray(member, dtype=np.bool_)
    if earned.ndim != 2 or base.shape != earned.shape or flags.shape != earned.shape:
        raise refusal(
            f"returns has shape {earned.shape}, capital {base.shape}, member {flags.shape}", field="returns",
            expected="(periods, portfolios)",
        )  # fmt: skip
    wrong = flags & ~(np.isfinite(earned) & np.isfinite(base) & (base > 0.0))
    if wrong.any():
        period, portfolio = np.argwhere(wrong)[0].tolist()
        raise InvalidInput(
            f"portfolio {portfolio} is a member in period {period} without a return on capital above zero",
            field="member", found=[period, portfolio], next_step="leave it out of the composite for that period",
        )  # fmt: skip
    held = np.where(flags, base, 0.0)
    total = held.sum(axis=1)
    gains = (held * np.where(flags, earned, 0.0)).sum(axis=1)
    empty = total == 0.0
    values = gains / np.where(empty, 1.0, total)
    return Composite(Measured.of(values, (empty, Reason.NO_CAPITAL)), flags.sum(axis=1), total)


def dispersion(returns: Any, capital: Any = None, *, kind: Spread = "equal") -> float:
    """Internal dispersion of the annual returns (N,) of portfolios that were members all year.

    ``equal``: standard deviation (n - 1); ``asset``: around the asset-weighted mean with weights ``capital`` (N,);
    ``range``: highest less lowest; ``quartiles``: third less first (type 7). Raises :class:`UndefinedMeasure` with
    fewer than six members.

    Examples
    --------
    >>> round(dispersion([0.01, 0.02, 0.03, 0.04, 0.05, 0.06], kind="range"), 12)
    0.05
    """
    earned = vector(returns, "returns")
    if earned.size < LEAST_MEMBERS:
        raise undefined("dispersion", Reason.TOO_SHORT, detail=f"{earned.size} portfolios, {LEAST_MEMBERS} are needed")
    match kind:
        case "equal":
            return float(earned.std(ddof=1))
        case "range":
            return float(earned.max() - earned.min())
        case "quartiles":
            low, high = np.quantile(earned, [0.25, 0.75])
            return float(high - low)
        case "asset":
            if capital is None:
                raise InvalidInput("asset-weighted dispersion needs capital", field="capital")
            base = vector(capital, "capital")
            same_length(returns=earned, capital=base)
            if (base <= 0.0).any():
                raise undefined("dispersion", Reason.NO_CAPITAL, detail=f"capital[{int((base <= 0.0).argmax())}]")
            weight = base / base.sum()
            return float(np.sqrt(weight @ (earned - weight @ earned) ** 2))


def carve_out_returns(weights: Any, returns: Any, cash_weight: Any, cash_returns: Any) -> Float64:
    """Return (T,) of a segment of a portfolio together with the cash allocated to it.

    ``weights``, ``returns`` (T, N) of the segment's holdings as fractions of the portfolio; ``cash_weight``,
    ``cash_returns`` (T,). ``(sum w_i r_i + w_c r_c) / (sum w_i + w_c)``. Raises :class:`UndefinedMeasure` where the
    segment holds nothing.

    Examples
    --------
    >>> carve_out_returns([[0.3, 0.1]], [[0.1, 0.0]], [0.1], [0.01]).round(12).tolist()
    [0.062]
    """
    share, earned = np.atleast_2d(np.asarray(weights, float)), np.atleast_2d(np.asarray(returns, float))
    cash, rate = vector(cash_weight, "cash_weight"), vector(cash_returns, "cash_returns")
    if share.shape != earned.shape:
        raise InvalidInput(f"weights has shape {share.shape}, returns {earned.shape}", field="weights")
    same_length(weights=share, cash_weight=cash, cash_returns=rate)
    vector(share.ravel(), "weights")
    vector(earned.ravel(), "returns")
    total = share.sum(axis=1) + cash
    if (total <= 0.0).any():
        raise undefined("carve-out return", Reason.NO_CAPITAL, detail=f"period {int((total <= 0.0).argmax())}")
    return np.asarray(((share * earned).sum(axis=1) + cash * rate) / total)
