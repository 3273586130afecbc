"""What of an event's money belongs to lots: fees by policy, accrued interest apart, parts of distributions.

All amounts here are signed like cash: minus is paid. Cost is their negative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.record.ledger.events import EventColumns, Int64, Kind
from argosy.record.ledger.policy import DEFAULT_POLICY, LedgerPolicy
from argosy.record.ledger.selection import positions_with
from argosy.record.ledger.slots import compress, first_rows

LIMIT = 2**63 - 1
_TOP = max(Kind) + 1


def by_kind(*kinds: Kind) -> npt.NDArray[np.bool_]:
    """A table to ask "is this kind one of these" for whole columns: ``by_kind(...)[kind]``."""
    table = np.zeros(_TOP, np.bool_)
    table[list(kinds)] = True
    return table


def known(kind: Int64) -> Int64:
    """The kinds, 0 in place of any number that is out of their range, so that tables by kind can be asked."""
    if len(kind) and (int(kind.min()) < 0 or int(kind.max()) >= _TOP):
        return np.where((kind < 0) | (kind >= _TOP), 0, kind)
    return kind


TRADES = by_kind(Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER)
BOUGHT = by_kind(Kind.BUY, Kind.COVER)
DELIVERIES = by_kind(Kind.DELIVERY_IN, Kind.DELIVERY_OUT)
CHARGED_IN_LOTS = by_kind(
    Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER, Kind.DELIVERY_IN, Kind.DELIVERY_OUT, Kind.CAPITAL_CALL, Kind.SPLIT
)
"""Kinds whose fees and taxes are part of lot cost or proceeds where the policy says "in_cost"."""
WITH_NET = by_kind(
    Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER, Kind.CAPITAL_CALL, Kind.SPLIT, Kind.RETURN_OF_CAPITAL
)
ASKS_PAYLOAD = by_kind(Kind.OPENING_LOT, Kind.DELIVERY_IN, Kind.DELIVERY_OUT, Kind.DISTRIBUTION)


def per_portfolio(
    portfolios: Int64, policies: Mapping[int, LedgerPolicy], question: Callable[[LedgerPolicy], int]
) -> Int64:
    """The answer of each row's portfolio policy to one question, as a column."""
    answers = {question(policy) for policy in (DEFAULT_POLICY, *policies.values())}
    if len(answers) == 1:
        return np.full(len(portfolios), answers.pop(), np.int64)
    numbers, count = compress(portfolios)
    names = portfolios[first_rows(numbers, count)].tolist()
    return np.array([question(policies.get(name, DEFAULT_POLICY)) for name in names], np.int64)[numbers]


def whole(value: object) -> int:
    """A whole number of a payload, written as a number or as text."""
    return int(value) if isinstance(value, (int, str)) else 0


@dataclass(frozen=True)
class Money:
    """Per event: ``lots`` is what enters lots, ``income`` the gross income of a distribution.

    ``fits`` is False where 64 bits do not hold a sum, ``told`` where an opening lot does not say its cost or a delivery
    its value.
    """

    lots: Int64
    income: Int64
    fits: npt.NDArray[np.bool_]
    told: npt.NDArray[np.bool_]


def money_of(events: EventColumns, *, policies: Mapping[int, LedgerPolicy]) -> Money:
    """Split each event's money into what belongs to lots and what is income."""
    kind = known(events["kind"])
    net, fee, tax, accrued = events["net"], events["fee"], events["tax"], events["accrued"]
    count = len(kind)
    income = np.zeros(count, np.int64)
    fits, told = np.ones(count, np.bool_), np.ones(count, np.bool_)
    expensed = per_portfolio(events["portfolio"], policies, lambda policy: int(policy.fees == "expensed"))
    expensed &= CHARGED_IN_LOTS[kind]
    expensed |= kind == Kind.RETURN_OF_CAPITAL  # capital comes back gross; what was withheld is a cost
    side = np.where(BOUGHT[kind], 1, -1) * TRADES[kind]
    extremes = [(int(column.min(initial=0)), int(column.max(initial=0))) for column in (net, fee, tax, accrued)]
    if sum(max(-low, high) for low, high in extremes) <= LIMIT:
        lots = np.where(WITH_NET[kind], net, 0) + side * accrued
        lots += expensed * (fee + tax)
    else:
        exact = [
            (n if w else 0) + s * a + x * (f + t)
            for n, w, s, a, x, f, t in zip(
                *(column.tolist() for column in (net, WITH_NET[kind], side, accrued, expensed, fee, tax)), strict=True
            )
        ]
        fits = np.array([abs(value) <= LIMIT for value in exact], np.bool_)
        lots = np.array([value if ok else 0 for value, ok in zip(exact, fits, strict=True)], np.int64)
    if ASKS_PAYLOAD[kind].any():
        _from_payload(events, kind, lots, income, expensed, told)
    for position in positions_with(events.payload, "notional"):
        if TRADES[kind[position]]:
            lots[position] = whole(events.payload[position]["notional"])
    fits &= (lots > -LIMIT - 1) & (events["quantity"] > -LIMIT - 1)  # the one int64 that has no negative
    return Money(lots, income, fits, told)


def _from_payload(
    events: EventColumns, kinds: Int64, lots: Int64, income: Int64, expensed: Int64, told: npt.NDArray[np.bool_]
) -> None:
    for position in np.flatnonzero(ASKS_PAYLOAD[kinds]).tolist():
        rest = events.payload.get(position, {})
        kind = int(kinds[position])
        charges = int(events["fee"][position]) + int(events["tax"][position])
        sign = -1 if events["quantity"][position] > 0 else 1
        if kind == Kind.OPENING_LOT:
            told[position] = "cost" in rest
            lots[position] = -whole(rest.get("cost", 0))  # cost has the sign of its quantity
        elif kind == Kind.DISTRIBUTION:
            gross = int(events["net"][position]) + charges
            if "return_of_capital" in rest:
                back = whole(rest["return_of_capital"])
                lots[position], income[position] = back, whole(rest.get("income", gross - back))
            else:
                income[position] = whole(rest.get("income", 0))
                lots[position] = gross - income[position]
        else:
            told[position] = "value" in rest
            lots[position] = sign * whole(rest.get("value", 0)) + int(expensed[position]) * charges


def lot_amounts(events: EventColumns, *, policies: Mapping[int, LedgerPolicy] | None = None) -> Int64:
    """What each event brings into (minus) or out of (plus) lots, in its own currency and scale.

    Convert these to each portfolio's base currency at the rates of the events' trade dates, and hand the result to
    ``fold`` as ``base_amounts`` to have cost and gains in base currency too. Bought: net paid without accrued
    interest, and without fees and taxes where the policy says "expensed". Shape: one int64 per event, 0 where lots
    are not touched.

    Examples
    --------
    >>> buy = {"seq": 1, "kind": Kind.BUY, "quantity": 10, "net": -1050, "fee": 30, "accrued": 20}
    >>> lot_amounts(EventColumns.from_rows([buy])).tolist()
    [-1030]
    """
    return money_of(events, policies=policies or {}).lots
