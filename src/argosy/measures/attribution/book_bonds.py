"""What the bonds of a book made: income, roll-down, shift, twist, spread and selection, in the book's currency.

Yields come from the prices the book is valued at, curves from what was imported; the effects of each bond sum to what
its lines made, and with all that is no bond to the return of the whole (``docs/formulas/bond-attribution.md``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import MissingData
from argosy.measures.attribution.bond_yields import BondFigures, bond_figures
from argosy.measures.attribution.book_answer import usable
from argosy.measures.attribution.book_lines import HELD, OWN, BookLines, Line
from argosy.measures.attribution.fixed_income import EFFECTS, bond_effects
from argosy.measures.attribution.line_moves import HOLDING, INCOME, TRADING
from argosy.measures.attribution.unit_values import Rule, UnitValues
from argosy.measures.performance.linking import carino_coefficients
from argosy.measures.valuation.units import is_percent
from argosy.record.reference import Instrument
from argosy.record.reference_fold import Reference
from argosy.record.series import StoredSeries

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
BOND_EFFECTS = (*EFFECTS, "currency", "trading", "other")
OLDEST = 7
"""Days a curve may be old; further back it is missing."""


@dataclass(frozen=True, eq=False)
class BookBonds:
    """Effects by label, linked: ``effects`` (E, L) sum to ``contribution`` (L,), that to ``total``.

    ``per_step`` (T, E) are the effects of each step over all labels, ``returns`` (T,) the return they sum to.
    ``weight`` and ``duration`` (L,) are means, the duration over the bonds of a label.
    """

    labels: tuple[str, ...]
    weight: Float64
    duration: Float64
    effects: Float64
    per_step: Float64
    returns: Float64
    total: float
    after: int
    last: int
    tenor: float
    notes: tuple[str, ...]

    @property
    def contribution(self) -> Float64:
        """All effects together (L,)."""
        return np.asarray(self.effects.sum(axis=0))

    @property
    def residual(self) -> float:
        """What the linked effects leave of the return: rounding of float64 only."""
        return self.total - float(self.effects.sum())


@dataclass(frozen=True, eq=False)
class _Curve:
    """A curve on the days asked for: the latest one that is not too old."""

    tenors: Float64
    days: Int64
    values: Float64

    @classmethod
    def on(cls, stored: StoredSeries, days: Int64) -> tuple[_Curve, int]:
        """The curve by day, and how many days use an older one."""
        rows = np.searchsorted(stored.days, days, side="right") - 1
        age = np.where(rows >= 0, days - stored.days[np.maximum(rows, 0)], OLDEST + 1)
        if (age > OLDEST).any():
            lost = days[age > OLDEST]
            raise MissingData(
                f"curve {stored.code} is missing from {format_date(int(lost[0]))} to {format_date(int(lost[-1]))} "
                f"({len(lost)} days)", field="curve", next_step="import its yields for these days",
            )  # fmt: skip
        tenors = np.array([float(name) for name in stored.names])
        return cls(tenors, days, stored.values[rows]), int((age > 0).sum())

    def at(self, days: Int64, years: Float64) -> Float64:
        """Yields for a time to maturity, straight between tenors and flat beyond them."""
        rows = np.searchsorted(self.days, days)
        return np.array([
            np.interp(time, self.tenors, self.values[row]) for row, time in zip(rows, years, strict=True)
        ])  # fmt: skip


def attribute_bonds(
    lines: BookLines, units: UnitValues, reference: Reference, curves: Mapping[str, StoredSeries], rule: Rule,
    label: Callable[[Line], str], *, after: int, last: int, tenor: float = 5.0,
) -> BookBonds:  # fmt: skip
    """Split what each bond of a book made over a span by what moved its price.

    Answers: did carry, the level or shape of rates, spreads, the currency or trading make the return?

    Parameters
    ----------
    units : prices of the book's days; ``rule`` says which prices
    curves : currency -> its yield curve (effective a year)
    tenor : years at which the curve's move is called the parallel shift

    Returns
    -------
    BookBonds
        Identity: effects of a step sum to its return within 1e-12, linked ones (Carino 1999) to the span's in 1e-10.

    Raises
    ------
    MissingData        a bond's currency has no curve, or the curve a gap of more than a week.
    UndefinedMeasure   the return of a step does not exist.
    """
    kept, said = usable(lines, after=after, last=last)
    steps, notes = len(kept), list(said)
    base = kept.base[:, None]
    parts = kept.parts / base
    made, weights = parts.sum(axis=0), kept.start / base
    own = np.array([line.kind == OWN for line in kept.lines])
    labels = [line.name if line.kind == OWN else label(line) for line in kept.lines]
    names = tuple(dict.fromkeys(labels))
    at = np.array([names.index(one) for one in labels])
    effects = np.zeros((len(BOND_EFFECTS), steps, len(kept.lines)))
    durations = np.zeros((steps, len(kept.lines)))
    held_curves: dict[str, _Curve] = {}
    ended = 0
    for place, line in enumerate(kept.lines):
        terms = reference.instruments[line.id] if line.kind == HELD else None
        if terms is None or terms.bond is None:
            effects[-1, :, place] = made[:, place]
            continue
        # What stood at nothing at the start, or came before there was a price, was traded inside the step.
        fresh = (weights[:, place] == 0.0) | ~np.isin(kept.before, units.days)
        rows = np.flatnonzero(~fresh)
        effects[-2, :, place] = parts[TRADING, :, place]
        effects[-1, :, place] = made[:, place] - parts[[HOLDING, INCOME, TRADING], :, place].sum(axis=0)
        effects[-2, fresh, place] += parts[[HOLDING, INCOME]][:, fresh, place].sum(axis=0)
        if not len(rows):
            continue
        if terms.currency not in held_curves:
            if terms.currency not in curves:
                raise MissingData(
                    f"{terms.code} is in {terms.currency}, for which there is no yield curve", field="curve",
                    found=terms.currency,
                    next_step=f"argosy import curve FILE --code CODE --currency {terms.currency}",
                )  # fmt: skip
            days = np.unique(np.concatenate([kept.before, kept.days]))
            found, carried = _Curve.on(curves[terms.currency], days[np.isin(days, units.days)])
            held_curves[terms.currency] = found
            if carried:
                notes.append(f"curve {curves[terms.currency].code} is of an earlier day on {carried} days")
        share = weights[rows, place]
        earned = parts[[HOLDING, INCOME]][:, rows, place].sum(axis=0) / share
        split, durations[rows, place], matured = _bond(
            terms, held_curves[terms.currency], units, rule, kept.before[rows], kept.days[rows], earned,
            lines.currency, tenor,
        )  # fmt: skip
        ended += matured
        effects[: len(EFFECTS) + 1, rows, place] = split * share
    if ended:
        notes.append(f"{ended} steps end on or after a maturity: what the yield does not explain there is selection")
    returns = made.sum(axis=1)
    scale = carino_coefficients(returns)
    linked = np.einsum("t,etn->en", scale, effects)
    member = np.zeros((len(labels), len(names)))
    member[np.arange(len(labels)), at] = 1.0
    share = np.where(own, 0.0, weights.mean(axis=0))
    bonded = np.where(durations != 0.0, weights, 0.0).sum(axis=0) @ member
    weighed = (weights * durations).sum(axis=0) @ member
    return BookBonds(
        names, share @ member, np.where(bonded != 0.0, weighed / np.where(bonded != 0.0, bonded, 1.0), 0.0),
        linked @ member, np.asarray(effects.sum(axis=2).T), returns, float(np.prod(1.0 + returns)) - 1.0,
        int(kept.before[0]), int(kept.days[-1]), tenor, tuple(notes),
    )  # fmt: skip


def _bond(
    terms: Instrument, curve: _Curve, units: UnitValues, rule: Rule, before: Int64, days: Int64, earned: Float64,
    currency: str, tenor: float,
) -> tuple[Float64, Float64, int]:  # fmt: skip
    """Effects (six and currency) of one bond by step as fractions of its value, its durations, steps over maturity."""
    bond = terms.bond
    assert bond is not None
    alive = days < bond.maturity
    needed = np.unique(np.concatenate([before, days[alive]]))
    place = np.searchsorted(units.days, needed)
    # From one step of quantity to a face value of 1.
    dirty = (units.price(terms.id, rule) + units.accrued(terms.id))[place] * 10.0**terms.quantity_scale / _face(terms)
    found: BondFigures = bond_figures(bond, needed, dirty)
    one, two = np.searchsorted(needed, before), np.searchsorted(needed, np.where(alive, days, before))
    rate = units.rate(terms.currency, currency)
    moved = rate[np.searchsorted(units.days, days)] / rate[np.searchsorted(units.days, before)] - 1.0
    local = (earned - moved) / (1.0 + moved)
    later = np.where(alive, days, before)
    c00, c01 = curve.at(before, found.years[one]), curve.at(before, found.years[two])
    c11 = curve.at(later, found.years[two])
    pivot = np.full(len(days), tenor)
    split = bond_effects(
        yield_start=found.effective[one][:, None], duration=found.duration[one][:, None],
        spread_duration=found.duration[one][:, None], years=(days - before) / 365.0,
        roll_yield_change=(c01 - c00)[:, None], curve_shift=curve.at(later, pivot) - curve.at(before, pivot),
        curve_change=(c11 - c01)[:, None],
        spread_change=((found.effective[two] - c11) - (found.effective[one] - c00))[:, None], r_actual=local[:, None],
    )  # fmt: skip
    rows = [getattr(split, name)[:, 0] for name in EFFECTS]
    return np.stack([*rows, earned - local]), found.duration[one], int((~alive).sum())


def _face(terms: Instrument) -> float:
    """Face value of one unit of quantity."""
    power = terms.factor.exponent + (2 if is_percent(terms) else 0)
    return float(terms.factor.mantissa) * 10.0**power
