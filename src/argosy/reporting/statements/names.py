"""Ids become the codes people use, and amounts get the scale of their currency."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from argosy.base.money import Quote, currency_name, div_half_even
from argosy.base.table import Column
from argosy.record.ledger.events import Int64
from argosy.record.reference_fold import Reference

Mask = npt.NDArray[np.bool_]
UNIT_DECIMALS = 4
"""Decimals of a unit cost: more than any price needs, for people only; cost itself is exact."""


class Names:
    """Columns of a statement, named by one reference."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference

    def _text(self, name: str, ids: Int64, label: Callable[[int], str], *, title: str = "") -> Column:
        known, places = np.unique(ids, return_inverse=True)
        labels = [label(int(one)) if one else "" for one in known.tolist()]
        return Column(name, "text", [labels[place] for place in places.tolist()], title=title)

    def portfolio(self, ids: Int64, name: str = "portfolio") -> Column:
        """Portfolio codes."""
        return self._text(name, ids, lambda one: self.reference.portfolios[one].code)

    def account(self, ids: Int64, name: str = "account") -> Column:
        """Account codes; empty where accounts are pooled."""
        return self._text(name, ids, lambda one: self.reference.accounts[one].code)

    def sleeve(self, ids: Int64) -> list[Column]:
        """Sleeve codes, if any row has a sleeve."""
        return [self._text("sleeve", ids, lambda one: self.reference.sleeves[one].code)] if ids.any() else []

    def instrument(self, ids: Int64) -> Column:
        """Instrument codes."""
        return self._text("instrument", ids, lambda one: self.reference.instruments[one].code)

    def title(self, ids: Int64) -> Column:
        """Instrument names."""
        return self._text("name", ids, lambda one: self.reference.instruments[one].name)

    def currency(self, codes: Int64, name: str = "currency") -> Column:
        """Currency letters."""
        return self._text(name, codes, currency_name)

    def amount(
        self, name: str, values: Int64, currencies: Int64, *, title: str = "", missing: Mask | None = None
    ) -> Column:
        """Money, each row at the scale of its currency; the unit stands above when all rows share one."""
        known, places = np.unique(currencies, return_inverse=True)
        listed = known.tolist()
        if len(listed) == 1:
            code = int(listed[0])
            return Column(
                name, "amount", values, scale=self.reference.money_scale(code) if code else 0, unit=currency_name(code),
                title=title, missing=missing, shown=self.reference.minor_units(code) if code else 0,
            )  # fmt: skip
        scales = np.array([self.reference.money_scale(code) if code else 0 for code in listed], np.int64)
        shown = np.array([self.reference.minor_units(code) if code else 0 for code in listed], np.int64)
        empty = len(listed) == 0
        return Column(
            name, "amount", values, scale=0 if empty else scales[places], title=title, missing=missing,
            shown=0 if empty else shown[places],
        )  # fmt: skip

    def quantity_scale(self, instruments: Int64) -> Int64:
        """Decimal scale of each row's quantities."""
        known, places = np.unique(instruments, return_inverse=True)
        scales = [self.reference.instruments[one].quantity_scale if one else 0 for one in known.tolist()]
        found: Int64 = np.array(scales, np.int64)[places] if len(scales) else np.zeros(0, np.int64)
        return found

    def quantity(
        self, name: str, values: Int64, instruments: Int64, *, title: str = "", missing: Mask | None = None
    ) -> Column:
        """Units held or moved, each row at the scale of its instrument."""
        scales = self.quantity_scale(instruments)
        same = len(scales) == 0 or bool((scales == scales[0]).all())
        scale = (int(scales[0]) if len(scales) else 0) if same else scales
        return Column(name, "quantity", values, scale=scale, title=title, missing=missing)

    def unit_cost(self, costs: Int64, quantities: Int64, instruments: Int64, currencies: Int64) -> Column:
        """Cost of one unit as it is quoted, rounded for the eye (pence, percent of par, multipliers undone)."""
        scales = self.quantity_scale(instruments)
        mantissas, missing = [], []
        for cost, quantity, scale, instrument, currency in zip(
            costs.tolist(), quantities.tolist(), scales.tolist(), instruments.tolist(), currencies.tolist(), strict=True
        ):
            missing.append(quantity == 0)
            factor = self.reference.instruments[instrument].factor
            mantissas.append(
                _unit(cost, self.reference.money_scale(currency), quantity, scale, factor) if quantity else 0
            )
        return Column(
            "unit_cost", "quote", (mantissas, [-UNIT_DECIMALS] * len(mantissas)),
            missing=missing if any(missing) else None, shown=UNIT_DECIMALS,
        )  # fmt: skip


def _unit(cost: int, money_scale: int, quantity: int, scale: int, factor: Quote) -> int:
    top = cost * 10 ** (scale + UNIT_DECIMALS)
    bottom = quantity * 10**money_scale * factor.mantissa
    top, bottom = (top, bottom * 10**factor.exponent) if factor.exponent >= 0 else (top * 10**-factor.exponent, bottom)
    return div_half_even(top, bottom)


def chosen(ids: Int64, wanted: Sequence[int] | None) -> Mask:
    """Rows whose id was asked for; all of them when nothing was."""
    return np.ones(len(ids), np.bool_) if wanted is None else np.isin(ids, np.array(sorted(wanted), np.int64))


def in_order(*keys: Int64) -> Int64:
    """Positions that sort rows by the first key, then the next."""
    found: Int64 = np.lexsort(tuple(reversed(keys))).astype(np.int64)
    return found
