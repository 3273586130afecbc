"""Net asset values of very many positions under new prices: everything but the price is laid out once.

For one day: holdings, cash, accrued interest and rates stay, prices change. Exact as
:mod:`argosy.measures.valuation.value`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.errors import DigitsError, InvalidInput, OverflowDigits
from argosy.kernels.reference.products import convert_totals
from argosy.measures.valuation.layout import STALE_AGE, lay_out
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.share_basis import SplitBook
from argosy.measures.valuation.subjects import Subject, segments
from argosy.measures.valuation.totals import Weight, group_edges, weights_of
from argosy.record.ledger.state import State
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
_ROOM = 2
_FAR = 2**62


@dataclass(frozen=True, eq=False)
class PriceBoard:
    """Positions of subjects laid out for one day. Make it with :func:`price_board`, ask :meth:`nav` with new prices."""

    subjects: tuple[Subject, ...]
    first_group: Int64
    first_row: Int64
    item: Int64
    level: Int64
    values: Int64
    item_of: dict[int, int]
    """Item of each instrument."""
    power: Int64
    """By item: a price's mantissa at exponent e is worth mantissa * factor * 10**(power + e)."""
    factor: Int64
    divisor: Int64
    weights: list[Weight]
    """By group, at the group's place."""
    fixed: tuple[Int64, Int64]
    steps: Int64
    codes: dict[int, str]

    def nav(
        self, instruments: Sequence[int] | Int64 = (), mantissa: Sequence[int] | Int64 = (),
        exponent: Sequence[int] | Int64 = (),
    ) -> Int64:  # fmt: skip
        """NAV of each subject at the money scale of its currency, with these prices in place of the board's.

        Prices are ``mantissa * 10**exponent`` in each instrument's quote unit; instruments nobody holds are ignored.
        Raises DigitsError for a price finer than the board has room for: make a new board.
        """
        from argosy.kernels import products

        values = self.values.copy()
        self._place(values, np.asarray(instruments, np.int64), np.asarray(mantissa, np.int64),
                    np.asarray(exponent, np.int64))  # fmt: skip
        slot = np.zeros(len(values), np.int64)
        hi, lo = products.row_products(self.first_row, self.item, self.level, values, slot, 1)
        places = np.arange(len(self.divisor), dtype=np.int64)
        out, unsure = products.convert_and_foot(
            self.first_group, places, self.divisor, hi[None, :, :], lo[None, :, :], *self.fixed
        )
        for p in np.flatnonzero(unsure[:, 0]).tolist():
            terms = [
                ((int(hi[g, 0]) << 64) + (int(lo[g, 0]) & (2**64 - 1)), *self.weights[g])
                for g in range(int(self.first_group[p]), int(self.first_group[p + 1]))
            ]
            out[0, p, 0] = convert_totals([terms])[0]
        found: Int64 = out[0, :, 0] * self.steps
        return found

    def _place(self, values: Int64, instruments: Int64, mantissa: Int64, exponent: Int64) -> None:
        if not len(instruments) == len(mantissa) == len(exponent):
            raise InvalidInput("instruments, mantissa and exponent differ in length", field="prices")
        item = np.array([self.item_of.get(one, -1) for one in instruments.tolist()], np.int64)
        held = item >= 0
        item, mantissa, power = item[held], mantissa[held], (self.power[item] + exponent)[held]
        if (power < 0).any():
            worst = int(instruments[held][int(np.argmin(power))])
            raise DigitsError(
                f"a price of {self.codes.get(worst, worst)} is finer than this board has room for", field="price",
                next_step="make a new board",
            )  # fmt: skip
        size = np.abs(mantissa.astype(np.float64)) * np.abs(self.factor[item]) * 10.0**power
        if (size >= _FAR).any():
            raise OverflowDigits("a price does not fit 64 bits beside the others of its currency", field="price")
        values[item] = mantissa * self.factor[item] * 10**power


def price_board(
    state: State, reference: Reference, market: MarketSnapshot, *, subjects: Sequence[Subject], day: int,
    splits: SplitBook | None = None,
) -> PriceBoard:  # fmt: skip
    """Lay out what subjects hold at the end of ``day`` so that new prices give new values at once.

    An instrument without a price on the day counts as worth 0 until :meth:`PriceBoard.nav` is given one: ask
    :func:`argosy.measures.valuation.value.value` which are missing. Inverse contracts are refused.
    """
    days = np.array([day], np.int64)
    layout = lay_out(state, reference, market, subjects, segments(reference, subjects, days), days, splits=splits or {})
    inverse = [one for one in np.unique(layout.instrument).tolist() if one and reference.instruments[one].inverse]
    if inverse:
        raise InvalidInput(f"{reference.instruments[inverse[0]].code} is an inverse contract", field="instrument",
                           next_step="value it with `argosy value`")  # fmt: skip
    if not layout.fits or int(np.abs(layout.values).max(initial=0)) * 10**_ROOM >= _FAR:
        raise OverflowDigits("the values do not fit the price board", field="positions")
    scale = {currency: places + _ROOM for currency, places in layout.scale.items()}
    layout.scale = scale
    weights = [(each[0] if each[0] is not None else (0, 1)) for each in weights_of(layout, reference, Rates(market))]
    groups = len(layout.group_subject)
    count = len(layout.values)
    priced = layout.instrument > 0
    item_of = dict(zip(layout.instrument[priced].tolist(), layout.item[priced].tolist(), strict=True))
    power, factor = np.zeros(count, np.int64), np.ones(count, np.int64)
    for instrument, item in item_of.items():
        terms = reference.instruments[instrument]
        power[item] = scale[terms.currency] + terms.factor.exponent - terms.quantity_scale + int(layout.spare[item])
        factor[item] = terms.factor.mantissa
    divisor = np.zeros(groups, np.int64)
    for g, (subject, currency) in enumerate(zip(layout.group_subject.tolist(), layout.group_currency, strict=True)):
        places = scale[currency] - reference.minor_units(currency)
        if currency == subjects[subject].currency and places <= 17:
            divisor[g] = 10**places
    from argosy.kernels.products import fixed_point

    fixed = [fixed_point(*one) if one[0] else (0, 62) for one in weights]
    steps = [10 ** (reference.money_scale(s.currency) - reference.minor_units(s.currency)) for s in subjects]
    values = layout.values[:, 0] * 10**_ROOM
    stale = np.unique(layout.item[priced][layout.ages[layout.age_item[priced], 0] >= STALE_AGE])
    values[stale] = 0
    return PriceBoard(
        tuple(subjects), group_edges(layout), np.searchsorted(layout.group, np.arange(groups + 1)).astype(np.int64),
        layout.item, layout.level, values, item_of, power, factor, divisor, weights,
        (np.array([w for w, _ in fixed], np.int64), np.array([s for _, s in fixed], np.int64)),
        np.array(steps, np.int64), {one: reference.instruments[one].code for one in item_of},
    )  # fmt: skip
