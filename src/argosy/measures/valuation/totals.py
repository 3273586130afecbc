"""From a layout to money: exact sums by currency, converted and rounded once per subject and day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.kernels.reference.products import convert_and_foot, step_products
from argosy.kernels.reference.products import step_largest as plain_largest
from argosy.measures.valuation.layout import Layout
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.runs import Runs, runs_from_changes
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Weight = tuple[int, int]
"""Minor units of the reporting currency for one step of a group's sums, as numerator and denominator."""
_BLOCK = 16
"""Subjects converted together: their sums should stay in the processor's cache."""
_WORTH_COMPILING = 3.0
"""Seconds of plain work from which loading the compiled engine pays."""


@dataclass
class Totals:
    """Whole minor units of the reporting currency by (subject, day): ``nav``, and ``parts`` that occur at all.

    ``oldest``: age of the oldest price by subject and day (-1: no price was needed). ``no_rate``: (group, days) where a
    currency was held and has no rate.
    """

    nav: Int64
    parts: dict[int, Int64]
    oldest: Int64
    no_rate: dict[int, Flags]


def totals(layout: Layout, reference: Reference, rates: Rates, *, engine: str = "auto") -> Totals:
    """Value a layout. ``engine``: "kernel" (compiled), "reference" (plain Python, same integers) or "auto" by size."""
    weights = weights_of(layout, reference, rates)
    if engine == "auto":
        work = 1e-7 * float((layout.stop - layout.first).sum()) + 2e-5 * len(layout.subjects) * len(layout.days)
        engine = "kernel" if work > _WORTH_COMPILING else "reference"
    if engine == "reference" or not layout.fits:
        return _plain(layout, weights)
    return _compiled(layout, reference, weights)


def weights_of(layout: Layout, reference: Reference, rates: Rates) -> list[list[Weight | None]]:
    """Weights per group and day; groups of the same two currencies share one list. None where there is no rate."""
    known: dict[tuple[str, str], list[Weight | None]] = {}
    found = []
    for subject, currency in zip(layout.group_subject.tolist(), layout.group_currency, strict=True):
        target = layout.subjects[subject].currency
        if (currency, target) not in known:
            power = reference.minor_units(target) - layout.scale[currency]
            up, down = 10 ** max(power, 0), 10 ** max(-power, 0)
            known[currency, target] = [
                None if rate is None else (rate[0] * up, rate[1] * down)
                for rate in rates.over(currency, target, layout.days)
            ]
        found.append(known[currency, target])
    return found


def group_edges(layout: Layout) -> Int64:
    """First group of each subject, and one past the last."""
    return np.searchsorted(layout.group_subject, np.arange(len(layout.subjects) + 1)).astype(np.int64)


def _age_runs(layout: Layout) -> Runs:
    """When each subject needed prices of each distinct age row: key = subject * rows + row."""
    priced = layout.age_item >= 0
    key = layout.group_subject[layout.group[priced]] * max(len(layout.ages), 1) + layout.age_item[priced]
    first, stop = layout.first[priced], layout.stop[priced]
    change = np.ones(len(key), np.int64)
    return runs_from_changes(
        np.concatenate([key, key]), np.concatenate([first, stop]), np.concatenate([change, -change]), len(layout.days)
    )


def _plain(layout: Layout, weights: list[list[Weight | None]]) -> Totals:
    days, subjects = len(layout.days), len(layout.subjects)
    groups = len(layout.group_subject)
    kinds = np.unique(layout.part).tolist()
    part = np.searchsorted(kinds, layout.part)
    runs = zip(
        (part * groups + layout.group).tolist(), layout.item.tolist(), layout.first.tolist(), layout.stop.tolist(),
        layout.level.tolist(), strict=True,
    )  # fmt: skip
    sums = step_products(runs, [row.tolist() for row in layout.values], len(kinds) * groups, days)
    minor = np.zeros((1 + len(kinds), subjects, days), object)
    no_rate: dict[int, Flags] = {}
    edges = group_edges(layout)
    for p in range(subjects):
        mine = range(int(edges[p]), int(edges[p + 1]))
        for t in range(days):
            parts: list[list[tuple[int, int, int]]] = []
            for k in range(len(kinds)):
                terms = []
                for g in mine:
                    amount = sums[k * groups + g][t]
                    if amount:
                        weight = weights[g][t]
                        if weight is None:
                            no_rate.setdefault(g, np.zeros(days, np.bool_))[t] = True
                        else:
                            terms.append((amount, *weight))
                parts.append(terms)
            minor[0, p, t], minor[1:, p, t] = convert_and_foot(parts)
    ages = _age_runs(layout)
    subject, row = np.divmod(ages.key, max(len(layout.ages), 1))
    listed = zip(subject.tolist(), row.tolist(), ages.first.tolist(), ages.stop.tolist(), strict=True)
    oldest = plain_largest(listed, layout.ages.tolist(), subjects, days)
    exact = _narrow(minor)
    return Totals(exact[0], dict(zip(kinds, exact[1:], strict=True)),
                  np.array(oldest, np.int64).reshape(subjects, days), no_rate)  # fmt: skip


def _narrow(minor: npt.NDArray[np.object_]) -> Int64:
    # OverflowError rather than a wrong number: int64 of a Python integer never wraps.
    return minor.astype(np.int64)


def _compiled(layout: Layout, reference: Reference, weights: list[list[Weight | None]]) -> Totals:
    from argosy.kernels import products

    days, subjects = len(layout.days), len(layout.subjects)
    kinds = np.unique(layout.part).tolist()
    part = np.searchsorted(kinds, layout.part).astype(np.int64)
    edges = group_edges(layout)
    distinct = list({id(one): one for one in weights}.values())
    row_of = {id(one): number for number, one in enumerate(distinct)}
    fixed = [products.fixed_point(*one) if one else (0, 62) for each in distinct for one in each]
    weight = np.array([one for one, _ in fixed], np.int64)
    shift = np.array([one for _, one in fixed], np.int64)
    weight_row = np.array([row_of[id(one)] for one in weights], np.int64)
    divisor = np.array([_divisor(layout, reference, g) for g in range(len(layout.group_currency))], np.int64)
    gone = [np.array([w is None for w in one], np.bool_) for one in distinct]
    minor = np.zeros((1 + len(kinds), subjects, days), np.int64)
    no_rate: dict[int, Flags] = {}
    # Runs are sorted by group and groups by subject: a block of subjects is a slice of both.
    for low in range(0, subjects, _BLOCK):
        high = min(low + _BLOCK, subjects)
        g0, g1 = int(edges[low]), int(edges[high])
        if g0 == g1:
            continue
        r0, r1 = np.searchsorted(layout.group, [g0, g1])
        mine = slice(int(r0), int(r1))
        count = g1 - g0
        wide_hi, wide_lo = products.step_products(
            part[mine] * count + layout.group[mine] - g0, layout.item[mine], layout.first[mine], layout.stop[mine],
            layout.level[mine], layout.values, len(kinds) * count,
        )  # fmt: skip
        hi, lo = wide_hi.reshape(len(kinds), count, days), wide_lo.reshape(len(kinds), count, days)
        for g in range(g0, g1):
            lost = gone[int(weight_row[g])]
            if lost.any():
                bad = lost & ((hi[:, g - g0] != 0) | (lo[:, g - g0] != 0)).any(axis=0)
                if bad.any():
                    no_rate[g] = bad
        out, unsure = products.convert_and_foot(
            edges[low : high + 1] - g0, weight_row[g0:g1] * days, divisor[g0:g1], hi, lo, weight, shift
        )
        for p, t in zip(*(index.tolist() for index in np.nonzero(unsure)), strict=True):
            groups = range(int(edges[low + p]), int(edges[low + p + 1]))
            out[0, p, t], out[1:, p, t] = convert_and_foot([
                [
                    ((int(hi[k, g - g0, t]) << 64) + (int(lo[k, g - g0, t]) & (2**64 - 1)), *rate)
                    for g in groups if (rate := weights[g][t]) is not None
                ]
                for k in range(len(kinds))
            ])  # fmt: skip
        minor[:, low:high] = out
    ages = _age_runs(layout)
    subject, row = np.divmod(ages.key, max(len(layout.ages), 1))
    oldest = products.step_largest(subject, row, ages.first, ages.stop, layout.ages, subjects)
    return Totals(minor[0], dict(zip(kinds, minor[1:], strict=True)), oldest, no_rate)


def _divisor(layout: Layout, reference: Reference, group: int) -> int:
    """Steps of the group's sums in one minor unit, if it is in the reporting currency and int64 holds it; else 0."""
    currency = layout.group_currency[group]
    power = layout.scale[currency] - reference.minor_units(currency)
    same = currency == layout.subjects[int(layout.group_subject[group])].currency
    return int(10**power) if same and power <= 17 else 0
