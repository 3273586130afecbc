"""From a layout to money: exact sums by currency, converted and rounded once per subject and day."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference.products import convert_and_foot, step_products
from argosy.kernels.reference.products import step_largest as plain_largest
from argosy.measures.valuation.layout import PARTS, Layout
from argosy.measures.valuation.rates import Rates
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_BLOCK = 64
# What the compiled engine costs before it starts, in seconds of the plain one.
_WORTH_COMPILING = 1.0


@dataclass
class Totals:
    """``minor`` (1 + parts, subjects, days): whole minor units of the reporting currency, the total first.

    ``oldest``: age of the oldest price by subject and day (-1: no price was needed). ``no_rate``: (group, days) where a
    currency was held and has no rate.
    """

    minor: Int64
    oldest: Int64
    no_rate: dict[int, Flags]


def totals(layout: Layout, reference: Reference, rates: Rates, *, engine: str = "auto") -> Totals:
    """Value a layout. ``engine``: "kernel" (compiled), "reference" (plain Python, same integers) or "auto" by size."""
    weights = _weights(layout, reference, rates)
    if engine == "auto":
        work = 1e-7 * float((layout.stop - layout.first).sum()) + 2e-5 * len(layout.subjects) * len(layout.days)
        engine = "kernel" if work > _WORTH_COMPILING else "reference"
    return (
        _plain(layout, weights) if engine == "reference" or not layout.fits else _compiled(layout, reference, weights)
    )


def _weights(layout: Layout, reference: Reference, rates: Rates) -> list[list[Fraction | None]]:
    """Per group and day: minor units of the reporting currency for one step of the group's sums."""
    known: dict[tuple[str, str], list[Fraction | None]] = {}
    found = []
    for subject, currency in zip(layout.group_subject.tolist(), layout.group_currency, strict=True):
        target = layout.subjects[subject].currency
        if (currency, target) not in known:
            power = reference.minor_units(target) - layout.scale[currency]
            step = Fraction(10) ** power
            known[currency, target] = [
                None if rate is None else rate * step for rate in rates.over(currency, target, layout.days)
            ]
        found.append(known[currency, target])
    return found


def _groups_of(layout: Layout) -> Int64:
    return np.searchsorted(layout.group_subject, np.arange(len(layout.subjects) + 1)).astype(np.int64)


def _plain(layout: Layout, weights: list[list[Fraction | None]]) -> Totals:
    days, subjects = len(layout.days), len(layout.subjects)
    groups = len(layout.group_subject)
    runs = zip(
        (layout.part * groups + layout.group).tolist(), layout.item.tolist(), layout.first.tolist(),
        layout.stop.tolist(), layout.level.tolist(), strict=True,
    )  # fmt: skip
    values = [row.tolist() for row in layout.values]
    sums = step_products(runs, values, PARTS * groups, days)
    minor = np.zeros((1 + PARTS, subjects, days), object)
    no_rate: dict[int, Flags] = {}
    edges = _groups_of(layout)
    for p in range(subjects):
        mine = range(int(edges[p]), int(edges[p + 1]))
        for t in range(days):
            parts: list[list[tuple[int, int, int]]] = []
            for k in range(PARTS):
                part = []
                for g in mine:
                    amount = sums[k * groups + g][t]
                    if amount:
                        weight = weights[g][t]
                        if weight is None:
                            no_rate.setdefault(g, np.zeros(days, np.bool_))[t] = True
                        else:
                            part.append((amount, weight.numerator, weight.denominator))
                parts.append(part)
            total, footed = convert_and_foot(parts)
            minor[0, p, t] = total
            minor[1:, p, t] = footed
    priced = layout.age_item >= 0
    ages = plain_largest(
        zip(layout.group_subject[layout.group[priced]].tolist(), layout.age_item[priced].tolist(),
            layout.first[priced].tolist(), layout.stop[priced].tolist(), strict=True),
        layout.ages.tolist(), subjects, days,
    )  # fmt: skip
    return Totals(_narrow(minor), np.array(ages, np.int64).reshape(subjects, days), no_rate)


def _narrow(minor: npt.NDArray[np.object_]) -> Int64:
    # OverflowError rather than a wrong number: int64 of a Python integer never wraps.
    return minor.astype(np.int64)


def _compiled(layout: Layout, reference: Reference, weights: list[list[Fraction | None]]) -> Totals:
    from argosy.kernels import products

    days, subjects = len(layout.days), len(layout.subjects)
    edges = _groups_of(layout)
    distinct = {id(one): one for one in weights}
    row_of = {key: number for number, key in enumerate(distinct)}
    w_hi, w_lo = np.zeros(len(distinct) * days), np.zeros(len(distinct) * days)
    for number, one in enumerate(distinct.values()):
        at = number * days
        for t, weight in enumerate(one):
            if weight is not None:
                w_hi[at + t] = high = float(weight)
                w_lo[at + t] = float(weight - Fraction(high))
    weight_at = np.array([row_of[id(one)] * days for one in weights], np.int64)
    divisor = np.array([_divisor(layout, reference, g) for g in range(len(layout.group_currency))], np.int64)
    gone = {number: np.array([w is None for w in one], np.bool_) for number, one in enumerate(distinct.values())}
    minor = np.zeros((1 + PARTS, subjects, days), np.int64)
    no_rate: dict[int, Flags] = {}
    # Runs are sorted by group and groups by subject: a block of subjects is a slice of both.
    for low in range(0, subjects, _BLOCK):
        high_subject = min(low + _BLOCK, subjects)
        g0, g1 = int(edges[low]), int(edges[high_subject])
        if g0 == g1:
            continue
        r0, r1 = np.searchsorted(layout.group, [g0, g1])
        mine = slice(int(r0), int(r1))
        count = g1 - g0
        hi, lo = products.step_products(
            layout.part[mine] * count + layout.group[mine] - g0, layout.item[mine], layout.first[mine],
            layout.stop[mine], layout.level[mine], layout.values, PARTS * count,
        )  # fmt: skip
        hi, lo = hi.reshape(PARTS, count, days), lo.reshape(PARTS, count, days)
        for g in range(g0, g1):
            lost = gone[int(weight_at[g]) // max(days, 1)]
            if lost.any():
                bad = lost & ((hi[:, g - g0] != 0) | (lo[:, g - g0] != 0)).any(axis=0)
                if bad.any():
                    no_rate[g] = bad
        out, unsure = products.convert_and_foot(
            edges[low : high_subject + 1] - g0, weight_at[g0:g1], divisor[g0:g1], hi, lo, w_hi, w_lo
        )
        for p, t in zip(*(index.tolist() for index in np.nonzero(unsure)), strict=True):
            parts = []
            for k in range(PARTS):
                part = []
                for g in range(int(edges[low + p]) - g0, int(edges[low + p + 1]) - g0):
                    weight = weights[g0 + g][t]
                    amount = (int(hi[k, g, t]) << 64) + (int(lo[k, g, t]) & (2**64 - 1))
                    if amount and weight is not None:
                        part.append((amount, weight.numerator, weight.denominator))
                parts.append(part)
            out[0, p, t], out[1:, p, t] = convert_and_foot(parts)
        minor[:, low:high_subject] = out
    priced = layout.age_item >= 0
    oldest = products.step_largest(
        layout.group_subject[layout.group[priced]], layout.age_item[priced], layout.first[priced],
        layout.stop[priced], layout.ages, subjects,
    )  # fmt: skip
    return Totals(minor, oldest, no_rate)


def _divisor(layout: Layout, reference: Reference, group: int) -> int:
    """Steps of the group's sums in one minor unit, if it is in the reporting currency and int64 holds it; else 0."""
    currency = layout.group_currency[group]
    power = layout.scale[currency] - reference.minor_units(currency)
    same = currency == layout.subjects[int(layout.group_subject[group])].currency
    return int(10**power) if same and power <= 17 else 0
