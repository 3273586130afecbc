"""What each event is worth in its portfolio's base currency at the rate of its trade date: what gains are split by.

Lots that move to a portfolio with another base currency bring their base cost along, converted at the rate of the move:
what they gained or lost in the old currency stays with the portfolio that gave them.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from argosy.base.money import currency_name, div_half_even
from argosy.measures.valuation.gaps import Gap, GapKind, merge_gaps
from argosy.measures.valuation.rates import Rates
from argosy.record.ledger.amounts import lot_amounts
from argosy.record.ledger.events import EventColumns, Kind
from argosy.record.ledger.policy import LedgerPolicy
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]


def base_amounts(
    events: EventColumns, reference: Reference, market: MarketSnapshot | None, *, policies: Mapping[int, LedgerPolicy]
) -> tuple[Int64, list[Gap]]:
    """Convert what enters or leaves lots to base currency at each event's trade date, rounded half to even.

    One int64 per event at the money scale of its portfolio's base currency; on the two legs of a transfer in kind
    between base currencies, amounts of equal worth (see :func:`argosy.record.ledger.fold.fold`). Where no rate exists
    the amount is 0 and the gap is named: gains of those portfolios in base currency must then be refused.
    """
    amounts = lot_amounts(events, policies=policies).copy()
    rates, missing = Rates(market), _moves(amounts, events, reference, Rates(market))
    touched = np.flatnonzero((amounts != 0) & ~np.isin(events["kind"], _LEGS))
    if not len(touched):
        return amounts, merge_gaps(missing, sorted({day for _, _, day, _ in missing}))
    portfolio, currency = events["portfolio"][touched], events["currency"][touched]
    known, place = np.unique(portfolio, return_inverse=True)
    bases = [reference.portfolios[int(one)].base_currency for one in known]
    names = {int(code): currency_name(int(code)) for code in np.unique(currency)}
    codes = {name: code for code, name in names.items()}
    base_code = np.array([codes.get(base, -1) for base in bases], np.int64)[place]
    for row, owner in zip(touched[currency != base_code].tolist(), place[currency != base_code].tolist(), strict=True):
        source, target = names[int(events["currency"][row])], bases[owner]
        day = int(events["trade_date"][row])
        rate = rates.get(source, target, day)
        if rate is None:
            amounts[row] = 0
            missing.append(("rate", f"{source}/{target}", day, reference.portfolios[int(known[owner])].code))
            continue
        power = reference.money_scale(target) - reference.money_scale(source)
        top, bottom = rate.numerator * 10 ** max(power, 0), rate.denominator * 10 ** max(-power, 0)
        amounts[row] = div_half_even(int(amounts[row]) * top, bottom)
    days = sorted({day for _, _, day, _ in missing})
    return amounts, merge_gaps(missing, days)


def unknown_costs(
    events: EventColumns, order: Int64, reference: Reference, amounts: Int64, *, policies: Mapping[int, LedgerPolicy]
) -> frozenset[tuple[int, int]]:
    """(portfolio, instrument) whose cost in base currency is not known, because a rate it needs is missing.

    ``order`` are the events that count, ``amounts`` what :func:`base_amounts` gave for them. Lots that were moved on
    take the doubt along.
    """
    rows = np.zeros(len(events), np.bool_)
    rows[order] = True
    legs = np.isin(events["kind"], _LEGS)
    lost = np.flatnonzero(rows & ~legs & (amounts == 0) & (lot_amounts(events, policies=policies) != 0))
    doubtful = set(zip(events["portfolio"][lost].tolist(), events["instrument"][lost].tolist(), strict=True))
    portfolio, instrument = events["portfolio"].tolist(), events["instrument"].tolist()
    ends: dict[int, int] = {}
    for leg in order[legs[order]].tolist():
        link = int(events["link"][leg] or events["seq"][leg])
        if events["kind"][leg] == Kind.TRANSFER_OUT:
            ends[link] = leg
            continue
        out = ends.get(link)
        if out is None:
            continue
        giver, taker = (reference.portfolios[portfolio[row]].base_currency for row in (out, leg))
        if (portfolio[out], instrument[out]) in doubtful or (giver != taker and not amounts[leg]):
            doubtful.add((portfolio[leg], instrument[leg]))
    return frozenset(doubtful)


_LEGS = (int(Kind.TRANSFER_OUT), int(Kind.TRANSFER_IN))
_EXACT = 2**62
"""Amounts on the legs stay below this; a rate of more digits is taken to its nearest fraction that fits."""


def _moves(
    amounts: Int64, events: EventColumns, reference: Reference, rates: Rates
) -> list[tuple[GapKind, str, int, str]]:
    """Write amounts of equal worth on both legs of each transfer between base currencies; say which rates are missing.

    The rate is used exactly, as numerator and denominator, scaled to the money of the two currencies.
    """
    legs = np.flatnonzero(np.isin(events["kind"], _LEGS))
    if not len(legs):
        return []
    links = np.where(events["link"][legs] == 0, events["seq"][legs], events["link"][legs]).tolist()
    outs: dict[int, int] = {}
    missing: list[tuple[GapKind, str, int, str]] = []
    for leg, link in zip(legs.tolist(), links, strict=True):
        if events["kind"][leg] == Kind.TRANSFER_OUT:
            outs[link] = leg
    for leg, link in zip(legs.tolist(), links, strict=True):
        out = outs.get(link)
        if events["kind"][leg] != Kind.TRANSFER_IN or out is None:
            continue
        giver, taker = (reference.portfolios[int(events["portfolio"][row])] for row in (out, leg))
        source, target = giver.base_currency, taker.base_currency
        if source == target:
            continue
        day = int(events["trade_date"][leg])
        rate = rates.get(source, target, day)
        if rate is None:
            missing.append(("rate", f"{source}/{target}", day, taker.code))
            continue
        worth = rate * Fraction(10) ** (reference.money_scale(target) - reference.money_scale(source))
        if max(worth.numerator, worth.denominator) > _EXACT:
            worth = worth.limit_denominator(max(1, int(_EXACT / max(worth, Fraction(1)))))
        amounts[out], amounts[leg] = worth.denominator, worth.numerator
    return missing
