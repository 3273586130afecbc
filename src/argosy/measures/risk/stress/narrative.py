"""A crisis told in steps: a shock, a margin call, forced sales that move prices, the next call; with its cash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput
from argosy.base.table import Column, Table
from argosy.measures.performance.series import refusal
from argosy.measures.risk.inputs import array, named, positive
from argosy.models.moments.observations import floats

Float64 = npt.NDArray[np.float64]

SMALLEST_CALL = 1e-6
"""Share of what was held at the start below which no lender calls: rounds get smaller without end."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the cash ladder; money, losses and payments positive.

    ``cash_before - paid + surplus = cash_after``; ``proceeds`` of sales repay the loan.
    """

    round: int
    event: str
    loss: float
    call: float
    paid: float
    sold: float
    cost: float
    proceeds: float
    surplus: float
    cash_before: float
    cash_after: float
    loan: float
    value: float


@dataclass(frozen=True, eq=False)
class Narrative:
    """The steps and how it ended.

    ``survived`` is whether every call was met; ``deficit`` is what was still owed when nothing was left to sell. Equity
    at the end is equity at the start less ``market_loss``, ``second_round_loss`` and ``costs``.
    """

    steps: tuple[Step, ...]
    holdings: Float64
    cash: float
    loan: float
    equity_before: float
    equity: float
    market_loss: float
    second_round_loss: float
    costs: float
    survived: bool
    deficit: float

    def table(self) -> Table:
        """The cash ladder."""
        numbers = ("loss", "call", "paid", "sold", "cost", "proceeds", "surplus", "cash_before", "cash_after", "loan",
                   "value")  # fmt: skip
        return Table(
            "cash ladder",
            (
                Column("round", "integer", [step.round for step in self.steps]),
                Column("event", "text", [step.event for step in self.steps]),
                *(Column(name, "ratio", [getattr(step, name) for step in self.steps], unit="x") for name in numbers),
            ),
        )


def margin_spiral(
    values: Any,
    *,
    loan: float,
    cash: float,
    margin: Any,
    shock: Any,
    margin_after: Any = None,
    cost: Any = 0.0,
    impact: Any = 0.0,
    depth: Any = None,
    order: Sequence[int] | None = None,
    rounds: int = 50,
) -> Narrative:
    """Follow a leveraged book through a shock, margin calls, forced sales and the losses that the sales cause.

    The lender asks that the positions be worth the loan plus margin: ``sum (1 - m) v >= loan``. What is missing is paid
    from cash first; then positions are sold, pro rata or in ``order``, and the proceeds repay the loan. Sales press the
    price of what is left by ``impact * sold / depth``, which may bring the next call. All amounts in one currency.

    Parameters
    ----------
    values : (N,) long positions
    margin : (N,) or one: share of value that must be own money; ``margin_after`` where the lender raises it
    shock : (N,) or one: return of the first day
    cost : (N,) or one: share of the value sold that is lost to half-spread and fees, below the margin
    impact, depth : (N,): fall of price when ``depth`` of money is sold; without ``depth`` there is no second round

    Raises
    ------
    InvalidInput
        Negative values, margins outside 0 to 1, a cost as high as the margin (then sales cannot cure a call).

    Examples
    --------
    >>> told = margin_spiral([100.0], loan=60.0, cash=5.0, margin=0.3, shock=-0.2)
    >>> [(step.event, round(step.call, 6), round(step.paid, 6), round(step.sold, 6)) for step in told.steps]
    [('shock', 0.0, 0.0, 0.0), ('margin call', 4.0, 4.0, 0.0)]
    >>> told.survived, round(told.equity, 6)
    (True, 25.0)
    """
    worth = array(values, (None,), "values").copy()
    count = worth.size
    if (worth < 0.0).any():
        raise refusal("a position is short", field="values", expected="long positions, 0 or more")
    owed, money = positive(loan, "loan", zero=True), positive(cash, "cash", zero=True)
    need = _share(margin if margin_after is None else margin_after, count, "margin")
    if margin_after is not None:
        _share(margin, count, "margin")
    lost_to_trade = _share(cost, count, "cost")
    if (lost_to_trade >= need).any():
        raise InvalidInput("a sale costs as much as the margin it frees", field="cost", expected="cost below margin",
                           next_step="lower the cost, or raise the margin")  # fmt: skip
    press = np.zeros(count)
    if depth is not None:
        press = _numbers(impact, count, "impact") / np.maximum(_numbers(depth, count, "depth"), 1e-300)
    sequence = _ordered(order, count)
    start = float(worth.sum()) + money - owed
    least = SMALLEST_CALL * float(worth.sum())
    moved = _numbers(shock, count, "shock")
    if (moved < -1.0).any():
        raise refusal("a price falls by more than all of it", field="shock", expected="-1 or more")
    first_loss = float(-(worth * moved).sum())
    worth *= 1.0 + moved
    steps = [Step(0, "shock", first_loss, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, money, money, owed, float(worth.sum()))]
    second, costs, number, deficit, falling = 0.0, 0.0, 0, 0.0, True
    while falling and number < rounds:
        number += 1
        call = owed - float(((1.0 - need) * worth).sum())
        if call <= least:
            break
        paid = min(call, money)
        before, money, owed = money, money - paid, owed - paid
        rest = call - paid
        if rest <= 0.0:
            steps.append(Step(number, "margin call", 0.0, call, paid, 0.0, 0.0, 0.0, 0.0, before, money, owed,
                              float(worth.sum())))  # fmt: skip
            break
        sold = _sales(worth, need - lost_to_trade, rest, sequence)
        fee = float((sold * lost_to_trade).sum())
        proceeds = float(sold.sum()) - fee
        surplus = max(proceeds - owed, 0.0)
        owed, money, costs = max(owed - proceeds, 0.0), money + surplus, costs + fee
        worth = worth - sold
        pressed = worth * np.minimum(press * sold, 1.0)
        worth, second = worth - pressed, second + float(pressed.sum())
        steps.append(Step(number, "forced sale", float(pressed.sum()), call, paid, float(sold.sum()), fee, proceeds,
                          surplus, before, money, owed, float(worth.sum())))  # fmt: skip
        falling = float(worth.sum()) > 0.0
    call = owed - float(((1.0 - need) * worth).sum())
    survived = call <= least
    if not survived:
        deficit = max(owed - float(worth.sum()) - money, 0.0)
    equity = float(worth.sum()) + money - owed
    return Narrative(tuple(steps), worth, money, owed, start, equity, first_loss, second, costs, survived, deficit)


def _sales(worth: Float64, frees: Float64, rest: float, order: tuple[int, ...] | None) -> Float64:
    """What to sell so that ``sum frees * sold`` is ``rest``: pro rata, or in order until it is met."""
    total = float((frees * worth).sum())
    if order is None or rest >= total:
        return worth * min(rest / total, 1.0) if total > 0.0 else worth.copy()
    sold = np.zeros(worth.size)
    for place in order:
        take = min(float(worth[place]), rest / float(frees[place]))
        sold[place] = take
        rest -= take * float(frees[place])
        if rest <= 0.0:
            break
    return sold


def _ordered(order: Sequence[int] | None, count: int) -> tuple[int, ...] | None:
    if order is None:
        return None
    if sorted(order) != list(range(count)):
        raise refusal(f"order is {list(order)}", field="order", found=list(order), expected="each place once")
    return tuple(int(place) for place in named([str(place) for place in order], count, "order"))


def _numbers(values: Any, count: int, field: str) -> Float64:
    given = floats(values, field)
    return array(np.full(count, given) if given.ndim == 0 else given, (count,), field)


def _share(values: Any, count: int, field: str) -> Float64:
    found = _numbers(values, count, field)
    if (found < 0.0).any() or (found > 1.0).any():
        raise refusal(f"{field} lies outside 0 to 1", field=field, expected="fractions such as 0.3")
    return found
