"""What each event is worth in its portfolio's base currency at the rate of its trade date: what gains are split by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from argosy.base.money import currency_name, div_half_even
from argosy.measures.valuation.gaps import Gap, merge_gaps
from argosy.measures.valuation.rates import Rates
from argosy.record.ledger.amounts import lot_amounts
from argosy.record.ledger.events import EventColumns
from argosy.record.ledger.policy import LedgerPolicy
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]


def base_amounts(
    events: EventColumns, reference: Reference, market: MarketSnapshot | None, *, policies: Mapping[int, LedgerPolicy]
) -> tuple[Int64, list[Gap]]:
    """Convert what enters or leaves lots to base currency at each event's trade date, rounded half to even.

    One int64 per event at the money scale of its portfolio's base currency. Where no rate exists the amount is 0 and
    the gap is named: gains of those portfolios in base currency must then be refused.
    """
    amounts = lot_amounts(events, policies=policies).copy()
    touched = np.flatnonzero(amounts)
    if not len(touched):
        return amounts, []
    portfolio, currency = events["portfolio"][touched], events["currency"][touched]
    known, place = np.unique(portfolio, return_inverse=True)
    bases = [reference.portfolios[int(one)].base_currency for one in known]
    names = {int(code): currency_name(int(code)) for code in np.unique(currency)}
    codes = {name: code for code, name in names.items()}
    base_code = np.array([codes.get(base, -1) for base in bases], np.int64)[place]
    rates, missing = Rates(market), []
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
    return amounts, merge_gaps(missing, days)  # type: ignore[arg-type]
