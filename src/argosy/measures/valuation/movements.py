"""What came and went by day, in the reporting currency: external flows, income, fees and taxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from argosy.base.errors import MissingPrice
from argosy.base.money import currency_name, div_half_even
from argosy.measures.valuation.gaps import GapKind
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.share_basis import SplitBook, per_share, share_factor
from argosy.measures.valuation.subjects import Segment, SegmentIndex, Subject
from argosy.measures.valuation.units import unit_value
from argosy.record.ledger.events import Kind
from argosy.record.ledger.rows import Flows
from argosy.record.ledger.sleeves import Folded
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
Finding = tuple[GapKind, str, int, int]
"""(kind, what is missing, day, subject index)."""


@dataclass
class Movements:
    """Minor units of the reporting currency by (subject, day); each day's total converted at its dates, rounded once.

    A movement between two valuation days counts on the later one. ``flow`` includes ``flow_in_kind``. None: nothing
    moved.
    """

    flow: Int64 | None
    flow_in_kind: Int64 | None
    income: Int64 | None
    fees: Int64 | None
    taxes: Int64 | None
    missing: list[Finding] = field(default_factory=list)


class _Sheet:
    """Adds exact amounts up by subject and day, and rounds at the end."""

    def __init__(
        self, reference: Reference, rates: Rates, subjects: Sequence[Subject], days: Int64, missing: list[Finding]
    ) -> None:
        self.reference, self.rates, self.subjects, self.days = reference, rates, subjects, days
        self.missing = missing
        self.sums: dict[tuple[int, int], Fraction | int] = {}
        self._powers: dict[tuple[str, str], tuple[int, int]] = {}

    def add(self, subject: int, day: int, date: int, currency: str, amount: Fraction | int) -> None:
        """``amount`` is at the currency's money scale; the sums are in minor units of the subject's currency."""
        target = self.subjects[subject].currency
        rate = self.rates.get(currency, target, date)
        if rate is None:
            self.missing.append(("rate", f"{currency}/{target}", int(self.days[day]), subject))
            return
        power = self.reference.minor_units(target) - self.reference.money_scale(currency)
        step = Fraction(10) ** power
        key = (subject, day)
        self.sums[key] = self.sums.get(key, 0) + amount * rate * step

    def grid(self) -> Int64 | None:
        if not self.sums:
            return None
        out = np.zeros((len(self.subjects), len(self.days)), np.int64)
        for (subject, day), exact in self.sums.items():
            out[subject, day] = div_half_even(exact.numerator, exact.denominator)
        return out


def movements(
    state: Folded, reference: Reference, market: MarketSnapshot, subjects: Sequence[Subject],
    listed: Sequence[Segment], days: Int64, rates: Rates, *, splits: SplitBook, after: int | None = None,
) -> Movements:  # fmt: skip
    """Add up what came and went for each subject and valuation day, after the day ``after`` (None = ever)."""
    since = -(2**40) if after is None else after
    index = SegmentIndex(listed)
    missing: list[Finding] = []
    cash, kind_, income, fees, taxes = (_Sheet(reference, rates, subjects, days, missing) for _ in range(5))
    _flows(state.flows.take(state.flows.date > since), reference, market, subjects, index, days, splits, cash, kind_)
    rows = state.income.take(state.income.date > since)
    _columns(index, days, rows.portfolio, rows.date, rows.currency, rows.gross, income)
    costs = state.costs.take(state.costs.date > since)
    _columns(index, days, costs.portfolio, costs.date, costs.currency, costs.fee, fees)
    _columns(index, days, costs.portfolio, costs.date, costs.currency, costs.tax, taxes)
    external = np.array([s.mandate.flows.fees_external for s in listed], np.bool_)
    if external.any():
        own = costs.take(costs.kind == Kind.FEE)
        _columns(index, days, own.portfolio, own.date, own.currency, -own.fee, cash, wanted=external)
    in_kind = kind_.grid()
    for key, amount in kind_.sums.items():
        cash.sums[key] = cash.sums.get(key, 0) + amount
    return Movements(cash.grid(), in_kind, income.grid(), fees.grid(), taxes.grid(), missing)


def _columns(
    index: SegmentIndex, days: Int64, portfolio: Int64, date: Int64, currency: Int64, amount: Int64, sheet: _Sheet,
    *, wanted: npt.NDArray[np.bool_] | None = None,
) -> None:  # fmt: skip
    live = np.flatnonzero(amount)
    portfolio, date, currency, amount = portfolio[live], date[live], currency[live], amount[live]
    day = np.searchsorted(days, date, side="left").astype(np.int64)
    row, segment = index.on(portfolio, day)
    if wanted is not None:
        keep = wanted[segment]
        row, segment = row[keep], segment[keep]
    if not len(row):
        return
    key = np.stack([index.subject[segment], day[row], date[row], currency[row]], axis=1)
    groups, place = np.unique(key, axis=0, return_inverse=True)
    size = float(np.abs(amount[row]).astype(np.float64).sum())
    if size < 2.0**62:
        sums = np.zeros(len(groups), np.int64)
        np.add.at(sums, place, amount[row])
        totals = sums.tolist()
    else:
        totals = [0] * len(groups)
        for where, value in zip(place.tolist(), amount[row].tolist(), strict=True):
            totals[where] += value
    for (subject, at, on, code), total in zip(groups.tolist(), totals, strict=True):
        sheet.add(subject, at, on, currency_name(code), total)


def _flows(
    flows: Flows, reference: Reference, market: MarketSnapshot, subjects: Sequence[Subject], index: SegmentIndex,
    days: Int64, splits: SplitBook, cash: _Sheet, in_kind: _Sheet,
) -> None:  # fmt: skip
    day = np.searchsorted(days, flows.date, side="left").astype(np.int64)
    row, segment = index.on(flows.portfolio, day)
    members = [subject.portfolios() for subject in subjects]
    for r, s in zip(row.tolist(), segment.tolist(), strict=True):
        subject = int(index.subject[s])
        counter = int(flows.counter_portfolio[r])
        if counter and counter in members[subject]:
            continue
        at, on = int(day[r]), int(flows.date[r])
        if flows.amount[r]:
            cash.add(subject, at, on, currency_name(int(flows.currency[r])), int(flows.amount[r]))
        if flows.valued[r]:
            in_kind.add(subject, at, on, currency_name(int(flows.currency[r])), int(flows.value[r]))
        elif flows.quantity[r]:
            instrument = reference.instruments[int(flows.instrument[r])]
            rules = index.listed[s].mandate.prices
            try:
                point = market.choosing(basis=rules.basis, sources=rules.sources).price(instrument.id, on)
            except MissingPrice:
                in_kind.missing.append(("price", instrument.code, int(days[at]), subject))
                continue
            held_as = splits.get(instrument.id, ())
            factor = share_factor(held_as, basis=point.basis, date=point.date, day=on)
            unit, power = unit_value(instrument, *per_share(point.mantissa, point.exponent, factor))
            power += reference.money_scale(instrument.currency) - instrument.quantity_scale
            in_kind.add(subject, at, on, instrument.currency, int(flows.quantity[r]) * unit * Fraction(10) ** power)
