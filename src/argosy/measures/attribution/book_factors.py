"""A book's return, or its active return, by factor: exposures times factor returns, and what is specific to each line.

Exposures are those imported for each instrument, or slopes of a regression of its own returns on the factors. Cash has
none. Factors, specific, trading and the own lines sum to the return (``docs/formulas/factor-attribution.md``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, MissingData
from argosy.measures.attribution.bench_segments import BenchmarkSteps, covered, segments_over
from argosy.measures.attribution.book_answer import Choices, matched, same_session, usable
from argosy.measures.attribution.book_lines import HELD, OWN, BookLines, Line
from argosy.measures.attribution.factors import FactorEffects, factor_effects
from argosy.measures.attribution.inputs import UndefinedEffect
from argosy.measures.attribution.line_moves import TRADING
from argosy.measures.attribution.line_periods import LinePeriods, settled_weights
from argosy.measures.attribution.linking import coefficients
from argosy.record.segments import period_start
from argosy.record.series import StoredExposures, StoredSeries

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Item = int | str
Names = Callable[[Item], str]


@dataclass(frozen=True, eq=False)
class BookFactors:
    """Effects of a span by factor (K,) and by label (L,), linked; all sum to ``active``.

    Without a benchmark that is the return itself.

    ``exposure`` and ``benchmark_exposure`` (K,) are means over the periods, ``factor_return`` (K,) compounds.
    ``per_period`` (P,) is what the effects of each period leave of its active return.
    """

    factors: tuple[str, ...]
    exposure: Float64
    benchmark_exposure: Float64
    factor_return: Float64
    factor: Float64
    labels: tuple[str, ...]
    weight: Float64
    benchmark_weight: Float64
    specific: Float64
    trading: Float64
    other: Float64
    portfolio: float
    benchmark: float
    active: float
    per_period: Float64
    before: Int64
    days: Int64
    notes: tuple[str, ...]

    @property
    def total(self) -> float:
        """All effects put together."""
        return float(self.factor.sum() + self.specific.sum() + self.trading.sum() + self.other.sum())

    @property
    def residual(self) -> float:
        """What the linked effects leave: rounding of float64 only."""
        return self.active - self.total


def factor_steps(stored: StoredSeries) -> BenchmarkSteps:
    """Factor returns as steps of time; the items are the factors."""
    before = np.array([period_start(day, stored.frequency) for day in stored.days.tolist()], np.int64)
    if stored.frequency == "daily":
        before[1:] = stored.days[:-1]
    none = np.zeros(len(stored.days))
    return BenchmarkSteps(stored.code, stored.names, before, stored.days, np.zeros_like(stored.values), stored.values,
                          none, (), whole_periods=stored.frequency != "daily")  # fmt: skip


def _over(steps: BenchmarkSteps, before: Int64, days: Int64) -> Float64:
    """Factor returns compounded over periods (P, K)."""
    found = np.empty((len(days), len(steps.items)))
    for place, (after, last) in enumerate(zip(before.tolist(), days.tolist(), strict=True)):
        rows = np.flatnonzero((steps.days > after) & (steps.days <= last))
        ends = len(rows) and same_session(int(steps.before[rows[0]]), after) and same_session(
            int(steps.days[rows[-1]]), last
        )  # fmt: skip
        if not ends:
            raise MissingData(
                f"{steps.text} has no returns from {format_date(after)} to {format_date(last)}", field="factors",
                next_step="import them, or ask for a period they cover",
            )  # fmt: skip
        found[place] = np.prod(1.0 + steps.returns[rows], axis=0) - 1.0
    return found


def _slopes(name: str, returns: Float64, factors: Float64) -> Float64:
    """Slopes (K,) of a regression with intercept; the intercept stays specific."""
    count, wide = factors.shape
    if count < wide + 2:
        raise MissingData(
            f"{name} has {count} returns, too few to regress on {wide} factors", field="exposures", found=count,
            expected=f"at least {wide + 2}", next_step="ask for a longer period, or import exposures",
        )  # fmt: skip
    design = np.concatenate([np.ones((count, 1)), factors], axis=1)
    found, _, rank, _ = np.linalg.lstsq(design, returns, rcond=None)
    if int(rank) < wide + 1:
        raise UndefinedEffect(
            f"the factors do not tell apart over the {count} returns of {name}: one is a mix of the others",
            field="factors", next_step="leave a factor out, or ask for a longer period",
        )  # fmt: skip
    return np.asarray(found[1:], np.float64)


@dataclass(frozen=True)
class _Exposures:
    """Exposures by item, period and factor: imported ones, or slopes remembered by item."""

    code: str
    names: tuple[str, ...]
    given: StoredExposures | None
    before: Int64
    factors: Float64
    slopes: dict[Item, Float64]

    def of(self, item: Item, name: str, returns: Float64, held: npt.NDArray[np.bool_]) -> Float64:
        """(P, K); returns (P,) count where ``held``."""
        if self.given is None:
            if item not in self.slopes:
                self.slopes[item] = _slopes(name, returns[held], self.factors[held])
            return np.broadcast_to(self.slopes[item], self.factors.shape)
        found = np.zeros(self.factors.shape)
        for period in np.flatnonzero(held).tolist():
            day = int(self.before[period])
            row = self.given.on(item, day) if isinstance(item, int) else None
            lost = [one for one in self.names if row is None or one not in row]
            if row is None or lost:
                raise MissingData(
                    f"{name} has no exposure to {', '.join(lost)} of {self.code} on {format_date(day)}",
                    field="exposures", found=name,
                    next_step="import it (argosy import exposures), or have exposures regressed",
                )  # fmt: skip
            found[period] = [row[one] for one in self.names]
        return found


def _lines_of(periods: LinePeriods) -> tuple[Float64, Float64, Float64, npt.NDArray[np.bool_]]:
    """Weights, held and traded contributions (P, N) and which lines are own."""
    lines = periods.lines.lines
    own = np.array([line.kind == OWN for line in lines])
    weights = settled_weights(lines, periods.weights)
    whole = periods.whole_parts
    held = np.where(weights == 0.0, 0.0, whole - periods.parts[TRADING])
    held[:, own] = 0.0
    return weights, held, whole - held, own


def attribute_factors(
    lines: BookLines, stored: StoredSeries, given: StoredExposures | None, benchmark: BenchmarkSteps | None,
    label: Callable[[Line], str], item_label: Names, item_name: Names, *, after: int, last: int,
    choices: Choices | None = None,
) -> BookFactors:  # fmt: skip
    """Split the return of a span (against a benchmark: the active return) by factor.

    Answers: which systematic bets paid, and how much was the choice of securities?

    Parameters
    ----------
    stored : returns of the factors; ``given`` exposures, or None to regress them over the span
    benchmark : items are matched with lines by instrument; what nobody can look into has regressed exposures only
    label, item_label : where specific effects are shown; ``item_name`` is how messages call an item

    Returns
    -------
    BookFactors
        Identity: effects of a period sum to its (active) return within 1e-12, linked ones within 1e-10.
    """
    how = choices or Choices()
    if how.geometric:
        raise InvalidInput("factor effects are arithmetic", field="geometric", next_step="leave it out")
    kept, said = usable(lines, after=after, last=last)
    steps = factor_steps(stored)
    leads = benchmark if benchmark is not None and benchmark.whole_periods else steps
    periods, notes = matched(kept, leads, how, after, last)
    if benchmark is not None and not benchmark.whole_periods:
        both = covered(benchmark, periods.before, periods.days)
        if not both.any():
            raise MissingData(f"{benchmark.text} and {stored.code} have no period in common", field="benchmark",
                              next_step="import a longer history of one of them")  # fmt: skip
        if not both.all():
            notes.append(f"{int((~both).sum())} periods without the benchmark's return are left out")
        periods = periods.take(both)
    earned = _over(steps, periods.before, periods.days)
    weights, held, traded, own = _lines_of(periods)
    exposures = _Exposures(stored.code, stored.names, given, periods.before, earned, {})
    base = np.zeros(len(periods.days))
    theirs: FactorEffects | None = None
    names: list[str] = []
    theirs_at: list[int] = []
    if benchmark is not None:
        items = benchmark.items
        parts = segments_over(benchmark, periods.before, periods.days, lambda one: str(one))
        order = [parts.names.index(str(one)) for one in items]
        w, r = parts.weights[:, order], parts.returns[:, order]
        listed = [exposures.of(one, item_name(one), r[:, n], w[:, n] != 0.0) for n, one in enumerate(items)]
        theirs = factor_effects(w, np.stack(listed, axis=1), earned, r, stored.names)
        base = theirs.total
        for one in items:
            theirs_at.append(_place(names, item_label(one)))
    live = weights != 0.0
    returns = np.where(live, held / np.where(live, weights, 1.0), 0.0)
    listed = []
    mine_at: list[int] = []
    for place, line in enumerate(periods.lines.lines):
        mine_at.append(_place(names, line.name if own[place] else label(line)))
        if line.kind == HELD and live[:, place].any():
            listed.append(exposures.of(line.id, line.name, returns[:, place], live[:, place]))
        else:
            listed.append(np.zeros_like(earned))
    mine = factor_effects(weights, np.stack(listed, axis=1), earned, returns, stored.names)
    scale = coefficients(periods.returns, base, method=how.linking)
    specific, trading, other = (np.zeros(len(names)) for _ in range(3))
    weight, benchmark_weight = np.zeros(len(names)), np.zeros(len(names))
    np.add.at(specific, mine_at, scale @ mine.specific)
    np.add.at(trading, mine_at, np.where(own, 0.0, scale @ traded))
    np.add.at(other, mine_at, np.where(own, scale @ traded, 0.0))
    np.add.at(weight, mine_at, weights.mean(axis=0))
    per_period = mine.factor.sum(axis=1) + mine.specific.sum(axis=1) + traded.sum(axis=1)
    factor, away = mine.factor, np.zeros(len(stored.names))
    if theirs is not None:
        np.add.at(specific, theirs_at, -(scale @ theirs.specific))
        np.add.at(benchmark_weight, theirs_at, w.mean(axis=0))
        per_period = per_period - theirs.factor.sum(axis=1) - theirs.specific.sum(axis=1)
        factor, away = factor - theirs.factor, theirs.exposure.mean(axis=0)
    whole, bench = (float(np.prod(1.0 + one)) - 1.0 for one in (periods.returns, base))
    how_told = "imported" if given is not None else "regressed over the span"
    return BookFactors(
        stored.names, mine.exposure.mean(axis=0), away, np.prod(1.0 + earned, axis=0) - 1.0, scale @ factor,
        tuple(names), weight, benchmark_weight, specific, trading, other, whole, bench, whole - bench,
        periods.returns - base - per_period, periods.before, periods.days,
        (f"exposures to {stored.code} {how_told}", *said, *notes),
    )  # fmt: skip


def _place(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)
