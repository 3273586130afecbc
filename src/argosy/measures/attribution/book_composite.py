"""Composites of a book: portfolios of a group weighted by their capital, by period and by year, or carve-outs of them.

A portfolio counts in the whole periods over which it was a member and had a return; nothing of it is read in others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, MissingData, UndefinedMeasure
from argosy.measures.attribution.bench_segments import BenchmarkSteps
from argosy.measures.attribution.book_lines import CASH, OWN, PENDING, BookLines, Line
from argosy.measures.attribution.book_performance import benchmark_return
from argosy.measures.performance.composites import Composite, Spread, carve_out_returns, composite_returns, dispersion
from argosy.measures.performance.frequency import PERIODS_PER_YEAR, Frequency, at_frequency, group_numbers
from argosy.measures.performance.periods import Period
from argosy.measures.performance.returns import Outcome, ReturnSeries
from argosy.measures.valuation.history import NavHistory

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
RISK_YEARS = 3
"""Years over which GIPS 2020 asks for the deviation of monthly returns."""


@dataclass(frozen=True, eq=False)
class Member:
    """A portfolio, the days it belongs (``spans`` of first and last day, 0 = still), its returns and values at ends."""

    code: str
    spans: tuple[tuple[int, int], ...]
    series: ReturnSeries
    worth: Callable[[int], float]


@dataclass(frozen=True, eq=False)
class CompositeYear:
    """One calendar year: returns, members at its end and all through it, assets at its end; deviations are annual.

    ``firm_share`` is the part of the firm's assets that the composite's are, where it was asked for.
    """

    year: int
    whole: bool
    returns: Outcome
    benchmark: Outcome | None
    members: int
    full_year: int
    dispersion: Outcome
    assets: float
    deviation: Outcome
    benchmark_deviation: Outcome | None
    firm_share: Outcome | None = None


@dataclass(frozen=True, eq=False)
class BookComposite:
    """Periods (T,) of a composite of N portfolios: ``found`` has returns, members, capital; ``years`` the summary."""

    codes: tuple[str, ...]
    before: Int64
    days: Int64
    found: Composite
    member: Flags
    returns: Float64
    capital: Float64
    benchmark: tuple[Outcome, ...] | None
    years: tuple[CompositeYear, ...]
    notes: tuple[str, ...]

    def linked(self) -> Outcome:
        """The return of all periods; undefined where one of them has no member."""
        return _linked(self.found, np.ones(len(self.days), np.bool_))


def carve_out(lines: BookLines, label: Callable[[Line], str], segment: str, *, cash: str = "pro-rata") -> ReturnSeries:
    """Daily returns of one segment of a portfolio with its share of the cash; gross of fees, which are the whole's.

    ``cash`` "pro-rata" allocates cash by the segment's share of what is invested; "none" leaves it out (before GIPS
    2010, or where the segment has cash of its own). A day on whose start the segment holds nothing has no return.
    """
    if cash not in ("pro-rata", "none"):
        raise InvalidInput(f"cash is allocated pro-rata or none, not {cash}", field="cash", found=cash,
                           next_step="choose pro-rata or none")  # fmt: skip
    kinds = np.array([line.kind for line in lines.lines])
    own = kinds == OWN
    money = np.isin(kinds, [CASH, PENDING])
    mine = np.array([not own[place] and not money[place] and label(line) == segment
                     for place, line in enumerate(lines.lines)], np.bool_)  # fmt: skip
    if not mine.any():
        held = sorted({label(line) for place, line in enumerate(lines.lines) if not own[place] and not money[place]})
        raise MissingData(f"{lines.subject} never held {segment}", field="carve_out", found=segment,
                          next_step=f"it held {', '.join(held)}" if held else "it held nothing")  # fmt: skip
    share, made = lines.weights[:, mine].sum(axis=1), lines.contributions[:, mine].sum(axis=1)
    idle, earned = lines.weights[:, money].sum(axis=1), lines.contributions[:, money].sum(axis=1)
    invested = 1.0 - idle
    part = np.where((invested > 0.0) & (cash == "pro-rata"), share / np.where(invested > 0.0, invested, 1.0), 0.0)
    good = lines.defined & (share > 0.0) & (share + part * idle > 0.0)
    values = np.zeros(len(lines))
    if good.any():
        w, c = share[good], np.where(idle[good] != 0.0, idle[good], 0.0)
        rate = np.where(c != 0.0, earned[good] / np.where(c != 0.0, c, 1.0), 0.0)
        values[good] = carve_out_returns(
            w[:, None], (made[good] / w)[:, None], part[good] * c, rate
        )  # fmt: skip
    base = np.where(good, (share + part * idle) * lines.base, 0.0)
    return ReturnSeries(lines.days, lines.before, values, good, base, lines.timing)


def worth_of(series: ReturnSeries, day: int) -> float:
    """What the capital of the last step up to a day grew to; 0 before the first."""
    row = int(np.searchsorted(series.days, day, side="right")) - 1
    return float(series.base[row] * (1.0 + series.values[row])) if row >= 0 else 0.0


def book_composite(
    members: Sequence[Member], *, frequency: Frequency = "monthly", benchmark: BenchmarkSteps | None = None,
    kind: Spread = "equal", after: int | None = None, last: int | None = None,
) -> BookComposite:  # fmt: skip
    """Put portfolios together, weighted by capital at the start of each period.

    Answers: how well did the strategy do that these portfolios follow, and how much did they differ?

    Periods without any member are left out at the ends; inside they make the years around them undefined. Dispersion is
    of the annual returns of those that were members all year, from six on. Raises :class:`MissingData` where no
    portfolio was a member for a whole period.

    Source: GIPS 2020 for firms, 2.A and 4.A; ``docs/formulas/composites.md``.
    """
    if frequency == "daily":
        raise InvalidInput("a composite has periods of a week or longer", field="frequency", found=frequency,
                           next_step="ask for monthly")  # fmt: skip
    grouped = [at_frequency(one.series, frequency) for one in members]
    numbers = [group_numbers(one.series.days, frequency) for one in grouped]
    listed = np.unique(np.concatenate([*numbers, np.zeros(0, np.int64)]))
    first, end = (np.array([_bounds(int(one), frequency)[side] for one in listed], np.int64) for side in (0, 1))
    keep = np.ones(len(listed), np.bool_)
    if after is not None:
        keep &= first > after
    if last is not None:
        keep &= end <= last + 6  # a period may end on a weekend after the last day that is asked for
    listed, first, end = listed[keep], first[keep], end[keep]
    shape = (len(listed), len(members))
    returns, capital = np.zeros(shape), np.zeros(shape)
    inside = np.zeros(shape, np.bool_)
    cut = 0
    for place, (one, found, number) in enumerate(zip(members, grouped, numbers, strict=True)):
        rows = np.searchsorted(listed, number)
        for step, row in enumerate(rows.tolist()):
            if row >= len(listed) or listed[row] != number[step]:
                continue
            belongs = any(a <= first[row] and (b == 0 or b >= end[row]) for a, b in one.spans)
            good = bool(found.whole[step] and found.series.defined[step])
            cut += belongs and not good
            if belongs and good:
                inside[row, place] = True
                returns[row, place], capital[row, place] = found.series.values[step], found.series.base[step]
    live = np.flatnonzero(inside.any(axis=1))
    if not len(live):
        raise MissingData("no portfolio was a member for a whole period", field="group",
                          next_step="ask for a longer period, or see argosy group show")  # fmt: skip
    pick = slice(int(live[0]), int(live[-1]) + 1)
    inside, returns, capital = inside[pick], returns[pick], capital[pick]
    first, end = first[pick], end[pick]
    whole = composite_returns(returns, capital, inside)
    bench = None
    if benchmark is not None:
        bench = tuple(
            benchmark_return(benchmark, Period("", int(a) - 1, int(b))) for a, b in zip(first, end, strict=True)
        )
    notes = (f"{cut} periods of members without a return over all of them are left out",) if cut else ()
    made = BookComposite(
        tuple(one.code for one in members), first - 1, end, whole, inside, returns, capital, bench, (), notes
    )
    return replace(made, years=_years(made, members, frequency, kind))


def year_ends(found: BookComposite, sessions: Int64) -> Int64:
    """The last of the firm's days on or before the last period's end of each year of a composite."""
    years = found.days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    ends = [int(found.days[years == one.year][-1]) for one in found.years]
    at = np.searchsorted(sessions, ends, side="right") - 1
    return np.asarray(np.unique(sessions[at]), np.int64)


def with_firm(found: BookComposite, firm: NavHistory) -> BookComposite:
    """The same with the part of the firm's assets (``firm``, at :func:`year_ends`) that are the composite's.

    Source: GIPS 2020 for firms, 4.A.1: total firm assets, or composite assets as a percentage of them.
    """
    years = found.days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    rows = []
    for one in found.years:
        place = int(np.searchsorted(firm.days, found.days[years == one.year][-1], side="right")) - 1
        whole = float(firm["nav"][0][place]) * 10.0 ** -firm.scales[0]
        if not firm.ok[0][place]:
            share = Outcome(0.0, f"a portfolio of the firm has no value on {format_date(int(firm.days[place]))}")
        elif whole <= 0.0:
            share = Outcome(0.0, "the firm has no assets")
        else:
            share = Outcome(one.assets / whole)
        rows.append(replace(one, firm_share=share))
    return replace(found, years=tuple(rows))


def _bounds(number: int, frequency: Frequency) -> tuple[int, int]:
    """First and last calendar day of a period."""
    if frequency == "weekly":
        return number * 7 - 3, number * 7 + 3
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}[frequency]
    edges = np.array([number * months, (number + 1) * months], "datetime64[M]").astype("datetime64[D]")
    days = edges.astype(np.int64)
    return int(days[0]), int(days[1]) - 1


def _linked(found: Composite, rows: Flags) -> Outcome:
    if (found.returns.reasons[rows] != 0).any():
        return Outcome(0.0, "a period has no member")
    return Outcome(float(np.prod(1.0 + found.returns.values[rows])) - 1.0)


def _compounded(found: Sequence[Outcome]) -> Outcome:
    for one in found:
        if not one.defined:
            return one
    return Outcome(float(np.prod([1.0 + one.value for one in found])) - 1.0)


def _deviation(values: Sequence[Outcome], per_year: float) -> Outcome:
    wanted = int(RISK_YEARS * per_year)
    if len(values) < wanted:
        return Outcome(0.0, f"it needs {wanted} periods, there are {len(values)}")
    for one in values:
        if not one.defined:
            return one
    return Outcome(float(np.std([one.value for one in values[-wanted:]], ddof=1) * np.sqrt(per_year)))


def _years(
    found: BookComposite, members: Sequence[Member], frequency: Frequency, kind: Spread
) -> tuple[CompositeYear, ...]:
    """One row a calendar year; weeks belong to the year in which they end."""
    per_year = PERIODS_PER_YEAR[frequency]
    years = found.days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    mine = [
        Outcome(0.0, "a period has no member") if reason else Outcome(float(value))
        for value, reason in zip(found.found.returns.values.tolist(), found.found.returns.reasons.tolist(), strict=True)
    ]
    rows: list[CompositeYear] = []
    for year in np.unique(years).tolist():
        here = years == year
        upto = int(np.flatnonzero(here)[-1]) + 1
        full = found.member[here].all(axis=0)
        whole = int(here.sum()) >= int(per_year)
        annual = np.prod(1.0 + found.returns[here], axis=0)[full] - 1.0
        at_start = found.capital[int(np.flatnonzero(here)[0])][full]
        end = int(found.days[here][-1])
        present = found.member[here][-1]
        assets = sum(one.worth(end) for one, there in zip(members, present.tolist(), strict=True) if there)
        bench = found.benchmark
        rows.append(CompositeYear(
            year, whole, _linked(found.found, here),
            None if bench is None else _compounded([one for one, inside in zip(bench, here, strict=True) if inside]),
            int(present.sum()), int(full.sum()) if whole else 0, _dispersion(annual, at_start, kind, whole=whole),
            float(assets), _deviation(mine[:upto], per_year),
            None if bench is None else _deviation(list(bench[:upto]), per_year),
        ))  # fmt: skip
    return tuple(rows)


def _dispersion(annual: Float64, capital: Float64, kind: Spread, *, whole: bool) -> Outcome:
    if not whole:
        return Outcome(0.0, "the year is not whole")
    try:
        return Outcome(dispersion(annual, capital, kind=kind))
    except UndefinedMeasure as error:
        return Outcome(0.0, error.message)
