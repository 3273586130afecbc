"""Gains and where they come from: realized per lot, unrealized per position, income by type, fees and taxes.

Gains are split into price and currency in the portfolio's base currency (see :mod:`argosy.measures.valuation.split`);
cost in base is at the rates of the purchases, income and charges at the rate of their date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from argosy.base.money import currency_code, currency_name, div_half_even
from argosy.measures.valuation.gaps import Gap, GapKind, merge_gaps
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.split import split_gain
from argosy.measures.valuation.value import Valuation
from argosy.record.ledger.rows import Costs, Income, Reliefs
from argosy.record.ledger.state import State
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RealizedGains:
    """One row per relieved lot, as in ``reliefs``, with the gain in local and in the portfolio's base currency.

    gain = proceeds - cost (local); gain_base = proceeds_base - cost_base = price_gain + fx_gain. Integers at the money
    scale of their currency.
    """

    reliefs: Reliefs
    gain: Int64
    gain_base: Int64
    price_gain: Int64
    fx_gain: Int64
    base: Int64
    """Base currency code of each row's portfolio."""

    def __len__(self) -> int:
        return len(self.gain)


def _inside(
    rows_portfolio: Int64, dates: Int64, portfolios: Sequence[int], first: int | None, last: int | None
) -> Flags:
    keep = np.isin(rows_portfolio, np.array(sorted(portfolios), np.int64))
    if first is not None:
        keep &= dates >= first
    if last is not None:
        keep &= dates <= last
    return np.asarray(keep)


def _bases(reference: Reference, portfolio: Int64) -> Int64:
    known, place = np.unique(portfolio, return_inverse=True)
    codes = [currency_code(reference.portfolios[int(one)].base_currency) for one in known]
    found: Int64 = np.array(codes, np.int64)[place] if len(codes) else np.zeros(0, np.int64)
    return found


def realized(
    state: State, reference: Reference, *, portfolios: Sequence[int], first: int | None = None, last: int | None = None
) -> RealizedGains:
    """Realized gains of the days from ``first`` to ``last`` (both inside; None = open), per relieved lot.

    The price part is rounded half to even at the money scale of the base currency, currency takes the rest, so the two
    add up to the gain. ``state`` must carry base amounts, else the base columns are 0.
    """
    rows = state.reliefs
    rows = rows.take(_inside(rows.portfolio, rows.date, portfolios, first, last))
    base = _bases(reference, rows.portfolio)
    rows = _margined_at_the_day(rows, reference)
    gain, gain_base = rows.proceeds - rows.cost, rows.proceeds_base - rows.cost_base
    price = gain_base.copy()
    crosses: dict[tuple[int, int], str] = {}
    for row in np.flatnonzero(rows.currency != base).tolist():
        key = (int(rows.portfolio[row]), int(rows.date[row]))
        if key not in crosses:
            crosses[key] = reference.mandate(*key).gains.cross
        # Scales cancel: rates between steps of the two currencies serve as well as rates between units.
        part, _ = split_gain(
            *(Fraction(int(column[row])) for column in (rows.proceeds, rows.cost, rows.proceeds_base, rows.cost_base)),
            cross=crosses[key],
        )
        price[row] = div_half_even(part.numerator, part.denominator)
    return RealizedGains(rows, gain, gain_base, price, gain_base - price, base)


def trades_abroad(reliefs: Reliefs, reference: Reference, *, portfolios: Sequence[int]) -> bool:
    """Whether any relief of these portfolios is in another currency than its portfolio's base."""
    rows = reliefs.take(_inside(reliefs.portfolio, reliefs.date, portfolios, None, None))
    return bool((rows.currency != _bases(reference, rows.portfolio)).any())


def comes_from_abroad(income: Income, reference: Reference, *, portfolios: Sequence[int]) -> bool:
    """Whether any income of these portfolios is in another currency than its portfolio's base."""
    rows = income.take(_inside(income.portfolio, income.date, portfolios, None, None))
    return bool((rows.currency != _bases(reference, rows.portfolio)).any())


def _margined_at_the_day(rows: Reliefs, reference: Reference) -> Reliefs:
    """Margined instruments with base cost at the rate of the relief: no money was put in, so none met the old rate."""
    margined = [one.id for one in reference.instruments.values() if one.margined]
    base = rows.cost_base.copy()
    for row in np.flatnonzero(np.isin(rows.instrument, margined) & (rows.proceeds != 0)).tolist():
        base[row] = div_half_even(int(rows.cost[row]) * int(rows.proceeds_base[row]), int(rows.proceeds[row]))
    return replace(rows, cost_base=base)


@dataclass(frozen=True, eq=False)
class IncomeReceived:
    """Income rows with their gross, tax, fee and net in the portfolio's base currency at the rate of the date."""

    rows: Income
    gross_base: Int64
    tax_base: Int64
    fee_base: Int64
    base: Int64
    gaps: tuple[Gap, ...] = ()
    missing: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    """Rows without a rate; their base amounts mean nothing."""

    @property
    def net_base(self) -> Int64:
        """What reached the portfolio: gross less tax less fee."""
        return self.gross_base - self.tax_base - self.fee_base


@dataclass(frozen=True, eq=False)
class ChargesPaid:
    """Fees and taxes with their amounts in the portfolio's base currency; ``in_lots`` ones are inside gains already."""

    rows: Costs
    fee_base: Int64
    tax_base: Int64
    base: Int64
    gaps: tuple[Gap, ...] = ()


class _ToBase:
    """Columns converted row by row at the rate of each row's date, rounded half to even at the base's money scale."""

    def __init__(self, reference: Reference, market: MarketSnapshot, portfolio: Int64, currency: Int64, date: Int64):
        self.base = _bases(reference, portfolio)
        self._foreign = np.flatnonzero(currency != self.base)
        self._factor: list[Fraction | None] = []
        rates = Rates(market)
        missing: list[tuple[GapKind, str, int, str]] = []
        for row in self._foreign.tolist():
            source, target = currency_name(int(currency[row])), currency_name(int(self.base[row]))
            day = int(date[row])
            rate = rates.get(source, target, day) if source else Fraction(1)
            if rate is None:
                missing.append(("rate", f"{source}/{target}", day, reference.portfolios[int(portfolio[row])].code))
                self._factor.append(None)
            else:
                power = reference.money_scale(target) - (reference.money_scale(source) if source else 0)
                self._factor.append(rate * Fraction(10) ** power)
        self.gaps = tuple(merge_gaps(missing, sorted({day for _, _, day, _ in missing})))
        self.missing = np.zeros(len(currency), np.bool_)
        self.missing[self._foreign] = [factor is None for factor in self._factor]

    def __call__(self, amounts: Int64) -> Int64:
        out = amounts.copy()
        for row, factor in zip(self._foreign.tolist(), self._factor, strict=True):
            exact = int(amounts[row]) * factor if factor is not None else Fraction(0)
            out[row] = div_half_even(exact.numerator, exact.denominator)
        return out


def income_received(
    state: State, reference: Reference, market: MarketSnapshot, *, portfolios: Sequence[int],
    first: int | None = None, last: int | None = None,
) -> IncomeReceived:  # fmt: skip
    """Dividends, interest and the like of a span of days, in local and base; a missing rate is a gap, not 0."""
    rows = state.income
    rows = rows.take(_inside(rows.portfolio, rows.date, portfolios, first, last))
    convert = _ToBase(reference, market, rows.portfolio, rows.currency, rows.date)
    return IncomeReceived(
        rows, convert(rows.gross), convert(rows.tax), convert(rows.fee), convert.base, convert.gaps, convert.missing
    )


def charges_paid(
    state: State, reference: Reference, market: MarketSnapshot, *, portfolios: Sequence[int],
    first: int | None = None, last: int | None = None,
) -> ChargesPaid:  # fmt: skip
    """Fees and taxes of a span of days, in local and base currency."""
    rows = state.costs
    rows = rows.take(_inside(rows.portfolio, rows.date, portfolios, first, last))
    convert = _ToBase(reference, market, rows.portfolio, rows.currency, rows.date)
    return ChargesPaid(rows, convert(rows.fee), convert(rows.tax), convert.base, convert.gaps)


@dataclass(slots=True)
class GainLine:
    """Everything one instrument of one portfolio brought, in its base currency (instrument 0 = cash itself).

    ``fees`` and ``taxes`` are those not already inside gains, positive; income is gross.
    """

    portfolio: int
    instrument: int
    realized_price: int = 0
    realized_fx: int = 0
    unrealized_price: int = 0
    unrealized_fx: int = 0
    income: int = 0
    fees: int = 0
    taxes: int = 0

    @property
    def total(self) -> int:
        """Gains and income less fees and taxes."""
        return (
            self.realized_price + self.realized_fx + self.unrealized_price + self.unrealized_fx
            + self.income - self.fees - self.taxes
        )  # fmt: skip


@dataclass(frozen=True)
class Gains:
    """Realized, income and charges of a span of days; unrealized since acquisition at its last day."""

    realized: RealizedGains
    unrealized: Valuation
    income: IncomeReceived
    charges: ChargesPaid
    lines: tuple[GainLine, ...] = field(default=())


def gains(
    state: State, reference: Reference, market: MarketSnapshot, *, portfolios: Sequence[int], valuation: Valuation,
    first: int | None = None,
) -> Gains:  # fmt: skip
    """All gains of portfolios up to the day of ``valuation`` (each portfolio valued in its base currency).

    ``first`` limits realized gains, income and charges to days from it on; unrealized gains are since acquisition.
    """
    last = valuation.day
    sold = realized(state, reference, portfolios=portfolios, first=first, last=last)
    income = income_received(state, reference, market, portfolios=portfolios, first=first, last=last)
    charges = charges_paid(state, reference, market, portfolios=portfolios, first=first, last=last)
    lines: dict[tuple[int, int], GainLine] = {}

    def line(portfolio: int, instrument: int) -> GainLine:
        return lines.setdefault((portfolio, instrument), GainLine(portfolio, instrument))

    for row in range(len(sold)):
        found = line(int(sold.reliefs.portfolio[row]), int(sold.reliefs.instrument[row]))
        found.realized_price += int(sold.price_gain[row])
        found.realized_fx += int(sold.fx_gain[row])
    for one in valuation.subjects:
        for held in one.rows:
            if held.section == "position":
                found = line(held.portfolio, held.instrument)
                found.unrealized_price += held.price_gain or 0
                found.unrealized_fx += held.fx_gain or 0
    for row in range(len(income.rows)):
        found = line(int(income.rows.portfolio[row]), int(income.rows.instrument[row]))
        found.income += int(income.gross_base[row])
    for row in range(len(charges.rows)):
        found = line(int(charges.rows.portfolio[row]), int(charges.rows.instrument[row]))
        if not charges.rows.in_lots[row]:
            found.fees += int(charges.fee_base[row])
            found.taxes += int(charges.tax_base[row])
    return Gains(sold, valuation, income, charges, tuple(lines[key] for key in sorted(lines)))
