"""A benchmark by segment over the periods of a book: from its instruments, from imported segments, or from a blend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, MissingData, MissingRate, unknown
from argosy.measures.attribution.bench_hedge import CarryReader
from argosy.measures.attribution.book_effects import BenchmarkSegments
from argosy.measures.performance.blend_text import BlendPart, BlendText, Hedge
from argosy.measures.performance.blends import Rule, blend_returns, rebalances
from argosy.measures.performance.hedging import hedged_steps
from argosy.measures.performance.linking import carino_coefficients
from argosy.record.market.adjust import Splits, split_adjusted
from argosy.record.market.benchmarks import benchmark_levels, benchmark_parts
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference
from argosy.record.segments import stored_segments

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Labels = Callable[[int], str]
_Part = tuple[Int64, Int64, tuple[int | str, ...], Float64, Float64]
"""Days before and at the end of steps, items, weights and returns."""


@dataclass(frozen=True, eq=False)
class BenchmarkSteps:
    """Weights (T, K) at the start of and returns (T, K) over each step of a benchmark's items, in one currency.

    ``items`` are instrument ids, or names of what nobody can look into (an index); steps run from ``before`` to
    ``days``. ``total`` (T,) is the benchmark's return.
    """

    text: str
    items: tuple[int | str, ...]
    before: Int64
    days: Int64
    weights: Float64
    returns: Float64
    total: Float64
    notes: tuple[str, ...] = ()
    whole_periods: bool = False
    """The steps are the periods it was published for: they cannot be cut."""
    stale: Int64 = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)
    """Days of the book for which there is no level of its own: the last one stands, and nothing is compared there."""
    basis: str = ""
    """Of the prices of a benchmark made of instruments."""


COMMON = "ask for a longer period of the book, or import a longer history of the benchmark"


@dataclass
class BenchmarkReader:
    """Reads benchmarks on the days of a book, in its currency."""

    reference: Reference
    market: MarketSnapshot
    days: Int64
    currency: str
    splits: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    rates: Mapping[str, str] = field(default_factory=dict)
    """Money market indices, yield curves and premiums behind hedges, by currency or pair."""
    _stale: list[Int64] = field(default_factory=list, init=False, repr=False)
    _said: list[str] = field(default_factory=list, init=False, repr=False)
    _basis: str = field(default="", init=False, repr=False)

    def steps(self, asked: BlendText) -> BenchmarkSteps:
        """The benchmark step by step; imported segments in the periods they were published for."""
        if asked.single and self._kind(asked.single) == "segments":
            return self._stored(asked)
        self._stale, self._said, self._basis = [], [], ""
        parts = [self._part(part) for part in asked.parts]
        first = max(int(before[0]) for before, _, _, _, _ in parts)
        last = min(int(days[-1]) for _, days, _, _, _ in parts)
        keep = [(before >= first) & (days <= last) for before, days, _, _, _ in parts]
        if not keep[0].any():
            raise MissingData(f"the parts of {asked.text} share no day with the book", field="benchmark",
                              found=self._span(), next_step=COMMON)  # fmt: skip
        before, days = parts[0][0][keep[0]], parts[0][1][keep[0]]
        totals = np.stack([(weights * earned).sum(axis=1)[kept] for (_, _, _, weights, earned), kept in
                           zip(parts, keep, strict=True)], axis=1)  # fmt: skip
        rule = cast(Rule, "each" if asked.rule == "daily" else asked.rule)
        shares = [float(part.share) for part in asked.parts]
        blend = blend_returns(totals, shares, rebalances(days, rule))
        items = tuple(item for _, _, names, _, _ in parts for item in names)
        weights = np.concatenate([
            blend.weights[:, [place]] * parts[place][3][keep[place]] for place in range(len(parts))
        ], axis=1)  # fmt: skip
        returns = np.concatenate([parts[place][4][keep[place]] for place in range(len(parts))], axis=1)
        late = () if first <= int(self.days[0]) else (
            f"benchmark {asked.text} begins on {format_date(first)}; what lies before is not compared",
        )  # fmt: skip
        stale = np.unique(np.concatenate([np.zeros(0, np.int64), *self._stale]))
        return BenchmarkSteps(
            asked.text, items, before, days, weights, returns, blend.returns, (*late, *self._said), stale=stale,
            basis=self._basis if asked.single else "",
        )  # fmt: skip

    def _span(self) -> str:
        """The days of the book in words."""
        if not len(self.days):
            return "the book has no day"
        return f"the book runs from {format_date(int(self.days[0]))} to {format_date(int(self.days[-1]))}"

    def _kind(self, code: str) -> str:
        return self.reference.benchmarks[code].kind if code in self.reference.benchmarks else ""

    def _part(self, part: BlendPart) -> _Part:
        """Ends of steps, items, weights and returns of one part."""
        found = self._open(part)
        return found if part.hedge is None else self._hedged(part, part.hedge, found)

    def _hedged(self, part: BlendPart, hedge: Hedge, found: _Part) -> _Part:
        """The overlay earns the same on every item: a hedge sells the currency of the whole."""
        before, days, items, weights, returns = found
        terms = self.reference.benchmarks.get(part.code)
        held = self.reference.find_instrument(part.code)
        currency = terms.currency if terms is not None else held.currency if held is not None else ""
        if currency in ("", self.currency):
            return found
        ends = np.concatenate([before[:1], days])
        reader = CarryReader(self.reference, self.market, self.currency, self.rates)
        carry = reader.carry(hedge, part.code, currency, ends)
        whole = (weights * returns).sum(axis=1)
        hedged = hedged_steps(ends, whole, self._rate(currency, ends), carry, ratio=float(hedge.ratio))
        return before, days, items, weights, returns + (hedged - whole)[:, None]

    def _open(self, part: BlendPart) -> _Part:
        kind = self._kind(part.code)
        if kind == "segments":
            raise InvalidInput(f"{part.code} has periods of its own and cannot be blended", field="benchmark",
                               next_step="name it alone")  # fmt: skip
        if kind in ("equal_weight", "weights"):
            return self._instruments(part)
        if kind:
            found = benchmark_levels(self.market, part.code, days=self.days)
            rows = np.searchsorted(found.days, self.days, side="right") - 1
            ends = int(found.days[-1]) if len(found.days) else -1
            known = (rows >= 0) & (self.days <= ends)
            days, levels, currency = self.days[known], found.levels[rows[known]], found.currency
            self._mismatch(part.code, days, found.days)
        else:
            days, levels, currency = self._instrument(part.code)
        if len(days) < 2:
            raise MissingData(f"{part.code} has no two days in common with the book", field="benchmark",
                              found=self._span(), next_step=COMMON)  # fmt: skip
        levels = levels * (1.0 if part.local else self._rate(currency, days))
        returns = (levels[1:] / levels[:-1] - 1.0)[:, None]
        return days[:-1], days[1:], (self._name(part.code),), np.ones_like(returns), returns

    def _mismatch(self, code: str, days: Int64, published: Int64) -> None:
        """Remember days of the book without a level, and say which days one side has and the other has not."""
        if not len(days):
            return
        inside = published[(published >= days[0]) & (published <= days[-1])]
        mine, theirs = np.setdiff1d(days, inside), np.setdiff1d(inside, days)
        self._stale.append(mine)
        for lost, text in (
            (mine, f"have no level of {code} and are linked over"),
            (theirs, f"of {code} are no days of the portfolio and are linked over"),
        ):
            if len(lost):
                shown = ", ".join(format_date(int(day)) for day in lost[:5]) + (" ..." if len(lost) > 5 else "")
                self._said.append(f"{len(lost)} days {text}: {shown}")

    def _name(self, code: str) -> int | str:
        found = self.reference.find_instrument(code)
        return found.id if found is not None and code not in self.reference.benchmarks else code

    def _instrument(self, code: str) -> tuple[Int64, Float64, str]:
        found = self.reference.find_instrument(code)
        if found is None:
            raise unknown("benchmark", code, [*self.reference.benchmarks])
        for basis in ("total_return", "split_adjusted", "traded"):
            chosen = self.market.choosing(basis=basis)
            if chosen.price_history(found.id) is not None:
                break
        history = chosen.price_history(found.id)
        days = self.days if history is None else self.days[self.days >= int(history.date[0])]
        matrix = chosen.price_matrix(np.array([found.id], np.int64), days)
        prices = split_adjusted(matrix, self._splits, as_of=int(self.days[-1]), basis=basis)[:, 0]
        return days, np.asarray(prices), found.currency

    @property
    def _splits(self) -> dict[int, Splits]:
        return dict(self.splits)

    def _instruments(self, part: BlendPart) -> _Part:
        days = self.days
        terms = self.reference.benchmarks[part.code]
        begins = []
        for each in terms.instruments:
            history = self.market.price_history(each)
            # A constituent without any price is named by the question for its prices.
            begins.append(int(history.date[0]) if history is not None else int(days[0]))
        days = days[days >= max(begins)]
        if len(days) < 2:
            raise MissingData(f"benchmark {part.code} has no two days in common with the book", field="benchmark",
                              found=self._span(), next_step=COMMON)  # fmt: skip
        found = benchmark_parts(self.market, part.code, days=days, splits=self._splits)
        self._basis = found.basis
        local = found.prices[1:] / found.prices[:-1] - 1.0
        blend = blend_returns(local, found.weights, found.rebalance[1:])
        rate = np.ones(len(days)) if part.local else self._rate(found.currency, days)
        moved = (rate[1:] / rate[:-1])[:, None]
        return days[:-1], days[1:], found.instruments, blend.weights, (1.0 + local) * moved - 1.0

    def _rate(self, currency: str, days: Int64) -> Float64:
        if currency in ("", self.currency):
            return np.ones(len(days))
        rows = self.market.rate_rows([currency], self.currency, days)
        if rows.missing.any():
            gap = rows.gaps()[0]
            raise MissingRate(
                f"the benchmark needs {currency}/{self.currency} from {format_date(gap.first)} to "
                f"{format_date(gap.last)}", field="fx", next_step="import its rates",
            )  # fmt: skip
        return np.asarray(rows.num[:, 0].astype(np.float64) / rows.den[:, 0].astype(np.float64))

    def _stored(self, asked: BlendText) -> BenchmarkSteps:
        found = stored_segments(self.reference, asked.single)
        keep = (found.days >= self.days[0]) & (found.before <= self.days[-1])
        before, days, weights, returns = found.before[keep], found.days[keep], found.weights[keep], found.returns[keep]
        if not len(days):
            raise MissingData(f"the segments of {asked.single} share no period with the book", field="benchmark",
                              found=self._span(), next_step=COMMON)  # fmt: skip
        if found.currency != self.currency:
            start = self._rate(found.currency, before)
            moved = self._rate(found.currency, days) / start
            returns = (1.0 + returns) * moved[:, None] - 1.0
        total = (weights * returns).sum(axis=1)
        return BenchmarkSteps(asked.text, found.names, before, days, weights, returns, total, (), whole_periods=True)


def segments_over(steps: BenchmarkSteps, before: Int64, days: Int64, label: Labels) -> BenchmarkSegments:
    """A benchmark's segments over periods that run from ``before`` to ``days`` (each end must be the end of a step).

    Steps inside a period are linked by Cariño's coefficients, so that segments sum to the benchmark's return of it.
    """
    labels = [label(item) if isinstance(item, int) else item for item in steps.items]
    names = tuple(dict.fromkeys(labels))
    member = np.zeros((len(labels), len(names)))
    member[np.arange(len(labels)), [names.index(one) for one in labels]] = 1.0
    weights, earned = steps.weights @ member, (steps.weights * steps.returns) @ member
    first = np.searchsorted(steps.before, before)
    last = np.searchsorted(steps.days, days)
    fits = (first < len(steps.before)) & (last < len(steps.days))
    fits &= steps.before[np.minimum(first, len(steps.before) - 1)] == before
    fits &= steps.days[np.minimum(last, len(steps.days) - 1)] == days
    if not fits.all():
        at = int(np.argmin(fits))
        raise MissingData(
            f"benchmark {steps.text} has no return from {format_date(int(before[at]))} to {format_date(int(days[at]))}",
            field="benchmark", next_step="ask for a period inside its history, or another frequency",
        )  # fmt: skip
    start = weights[first]
    sums = earned[first]
    for period in np.flatnonzero(first != last).tolist():
        low, stop = int(first[period]), int(last[period]) + 1
        sums[period] = carino_coefficients(steps.total[low:stop]) @ earned[low:stop]
    held = start != 0.0
    returns = np.where(held, sums / np.where(held, start, 1.0), 0.0)
    return BenchmarkSegments(names, start, returns, before, days)


def levels_of(steps: BenchmarkSteps) -> tuple[Int64, Float64]:
    """Days and levels (100 at the start) of a benchmark, on days for which it has a level of its own."""
    levels = 100.0 * np.cumprod(np.concatenate([[1.0], 1.0 + steps.total]))
    days = np.concatenate([steps.before[:1], steps.days])
    own = ~np.isin(days, steps.stale)
    return days[own], levels[own]


def covered(steps: BenchmarkSteps, before: Sequence[int] | Int64, days: Sequence[int] | Int64) -> npt.NDArray[np.bool_]:
    """Which periods a benchmark covers from end to end."""
    return np.isin(np.asarray(before), steps.before) & np.isin(np.asarray(days), steps.days)
