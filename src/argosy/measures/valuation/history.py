"""Values by day for many portfolios at once: exact to the minor unit, equal to valuing each day alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast, get_args

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, OverflowDigits
from argosy.base.money import currency_code
from argosy.base.table import Column, Table
from argosy.measures.performance.returns import ReturnSeries, Timing, daily_returns
from argosy.measures.valuation.gaps import Gap, GapKind, merge_gaps, refuse
from argosy.measures.valuation.layout import MISSING_AGE, PART_NAMES, STALE_AGE, Layout, lay_out
from argosy.measures.valuation.movements import Movements, movements
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.share_basis import SplitBook
from argosy.measures.valuation.subjects import Segment, Subject, portfolio_subjects, segments
from argosy.measures.valuation.totals import Totals, totals
from argosy.record.ledger.sleeves import Folded
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

TIMINGS: tuple[str, ...] = get_args(Timing)
FIGURES = ("nav", "positions", "cash", "receivable", "payable", "accrued", "flow", "flow_in_kind", "income", "fees",
           "taxes")  # fmt: skip
"""Money columns at the scale of the reporting currency: nav = positions + cash + receivable - payable + accrued."""


@dataclass(frozen=True, eq=False)
class NavHistory:
    """Daily values of subjects: every array has shape (subjects, days).

    ``expected`` marks the days a subject existed; ``ok`` those it could be valued on. Elsewhere the figures are 0 and
    must not be read; ``gaps`` say what is missing.
    ``oldest_price_days`` is -1 where no price was needed.
    """

    subjects: tuple[Subject, ...]
    days: Int64
    figures: dict[str, Int64]
    oldest_price_days: Int64
    mandate_seq: Int64
    expected: Flags
    ok: Flags
    gaps: tuple[Gap, ...]
    scales: tuple[int, ...]
    minor_units: tuple[int, ...]
    timings: tuple[str, ...]
    market_version: int
    funded: tuple[bool, ...]
    """Whether a subject's history begins with its first event; where not, the first day is what returns begin on."""
    after: int | None = None
    """The session before the first day, up to which movements are not counted; None: all are."""

    def __getitem__(self, name: str) -> Int64:
        return self.figures[name]

    def place(self, code: str) -> int:
        """Row of a subject by its code."""
        for number, subject in enumerate(self.subjects):
            if subject.code == code:
                return number
        raise InvalidInput(f"{code!r} is not in this history", field="portfolio", found=code)

    def complete(self) -> NavHistory:
        """The history itself; :class:`~argosy.base.errors.MissingData` where any day is missing."""
        if self.gaps:
            refuse(self.gaps)
        return self

    def returns(self, subject: int = 0, *, timing: str = "", span: bool = False) -> ReturnSeries:
        """Daily time-weighted returns of one subject, flows as its mandate (or ``timing``) says.

        Where the history begins with the subject, the day before its first is taken as worth nothing. Days that could
        not be valued raise MissingData; with ``span`` returns run over them.
        """
        code = self.subjects[subject].code
        lost = [gap for gap in self.gaps if code in gap.portfolios]
        if lost and not span:
            refuse(lost)
        live = self.ok[subject]
        chosen = timing or self.timings[subject]
        if chosen not in TIMINGS:
            raise InvalidInput(f"flows at {chosen!r} of day", field="timing", expected=", ".join(TIMINGS))
        return daily_returns(
            self.days[live], self["nav"][subject][live], self["flow"][subject][live], timing=cast(Timing, chosen),
            opening=(int(self.days[live][0]) - 1, 0.0) if self.funded[subject] and live.any() else None,
        )  # fmt: skip

    def valued_days(self) -> list[int]:
        """How many days have a value, by subject."""
        return [int(count) for count in self.ok.sum(axis=1)]

    def open_days(self) -> list[int]:
        """How many days of its life have no value, by subject."""
        return [int(count) for count in (self.expected & ~self.ok).sum(axis=1)]

    def rows(self) -> Iterator[tuple[int, int]]:
        """(subject, day) places that have a value, subject by subject."""
        yield from zip(*(index.tolist() for index in np.nonzero(self.ok)), strict=True)

    def columns(self) -> dict[str, Int64]:
        """Valued days as columns of a stored valuation, subject by subject, day by day (book and fingerprint are 0)."""
        p, t = np.nonzero(self.ok)
        ids = np.array([subject.id for subject in self.subjects], np.int64)
        codes = np.array([currency_code(subject.currency) for subject in self.subjects], np.int64)
        none = np.zeros(len(p), np.int64)
        return {
            "portfolio": ids[p], "date": self.days[t], "currency": codes[p],
            **{name: self.figures[name][p, t] for name in FIGURES},
            "oldest_price_days": self.oldest_price_days[p, t], "mandate_seq": self.mandate_seq[p, t],
            "market_seq": none + self.market_version, "book_seq": none, "fingerprint_hi": none, "fingerprint_lo": none,
        }  # fmt: skip

    def table(self, name: str = "history", figures: Sequence[str] = ("nav", "positions", "cash", "flow")) -> Table:
        """Portfolio, date and figures; a day that could not be valued is shown as missing."""
        count = len(self.days)
        missing = ~self.ok.ravel()
        scale = np.repeat(np.array(self.scales, np.int64), count)
        shown = np.repeat(np.array(self.minor_units, np.int64), count)
        one = len(set(self.scales)) == 1
        return Table(
            name,
            (
                Column("portfolio", "text", [s.code for s in self.subjects for _ in range(count)]),
                Column("date", "date", np.tile(self.days, len(self.subjects)).tolist()),
                Column("currency", "text", [s.currency for s in self.subjects for _ in range(count)]),
                *(
                    Column(figure, "amount", self[figure].ravel(), scale=self.scales[0] if one else scale,
                           missing=missing, shown=self.minor_units[0] if one else shown)
                    for figure in figures
                ),
                Column("oldest_price_days", "integer", self.oldest_price_days.ravel(),
                       missing=missing | (self.oldest_price_days.ravel() < 0)),
            ),
            notes=tuple(gap.text() for gap in self.gaps),
        )  # fmt: skip


def history(
    state: Folded,
    reference: Reference,
    market: MarketSnapshot,
    *,
    subjects: Sequence[Subject],
    days: Int64,
    starts: Sequence[int] = (),
    after: int | None = None,
    splits: SplitBook | None = None,
    engine: str = "auto",
) -> NavHistory:
    """Value subjects at the end of each day; ``starts`` (one a subject) leave out the days before each began.

    ``splits`` bring old or adjusted prices to the shares held (see :mod:`argosy.measures.valuation.share_basis`).
    Flows, income, fees and taxes of a day are those since the day before it in ``days`` that has a value; on the first
    day those after ``after`` (None = all before it).

    ``state`` is the fold of everything up to the last day (or later); ``days`` are ascending epoch days. Prices and
    rates are the last on or before the day; a price older than the mandate allows, or none, leaves the day without a
    value. Cost: one multiply-add per position and day.
    """
    days = np.asarray(days, np.int64)
    if len(days) > 1 and bool((np.diff(days) <= 0).any()):
        raise InvalidInput("days are not in order", field="days", expected="each day once, ascending")
    listed = segments(reference, subjects, days)
    rates = Rates(market)
    layout = lay_out(state, reference, market, subjects, listed, days, splits=splits or {})
    found = totals(layout, reference, rates, engine=engine)
    moved = movements(state, reference, market, subjects, listed, days, rates, splits=splits or {}, after=after)
    missing = [(kind, what, day, subject) for kind, what, day, subject in moved.missing]
    missing += _missing_prices(layout, found, reference)
    for group, where in found.no_rate.items():
        subject = int(layout.group_subject[group])
        pair = f"{layout.group_currency[group]}/{subjects[subject].currency}"
        missing += [("rate", pair, int(days[t]), subject) for t in np.flatnonzero(where).tolist()]
    ok = np.zeros((len(subjects), len(days)), np.bool_)
    mandate_seq = np.zeros((len(subjects), len(days)), np.int64)
    for segment in listed:
        ok[segment.subject, segment.first : segment.stop] = True
        mandate_seq[segment.subject, segment.first : segment.stop] = segment.mandate_seq
    for number, start in enumerate(starts):
        ok[number, days < start] = False
    expected = ok.copy()
    place = {int(day): number for number, day in enumerate(days)}
    missing = [one for one in missing if expected[one[3], place[one[2]]]]
    scales = tuple(reference.money_scale(s.currency) for s in subjects)
    units = tuple(reference.minor_units(s.currency) for s in subjects)
    steps = np.array([10 ** (scale - unit) for scale, unit in zip(scales, units, strict=True)], np.int64)
    for number, whole in enumerate(subjects):
        moves = _comings(whole, days)
        if moves:
            each = history(state, reference, market, days=days, splits=splits, after=after, engine=engine,
                           subjects=portfolio_subjects(reference, moves, currency=whole.currency))  # fmt: skip
            missing += _join(moved, number, moves, each, int(steps[number]), len(subjects))
    for _, _, day, number in missing:
        ok[number, place[day]] = False
    minor: dict[str, Int64 | None] = {"nav": found.nav}
    minor |= {name: found.parts.get(part) for part, name in enumerate(PART_NAMES)}
    for name in ("flow", "flow_in_kind", "income", "fees", "taxes"):
        minor[name] = _carried(getattr(moved, name), expected, ok)
    codes = [(kind, what, day, subjects[subject].code) for kind, what, day, subject in missing]
    if not ok.all():
        found.oldest[~ok] = -1
    return NavHistory(
        tuple(subjects), days, {name: _money(minor[name], ok, steps, negative=name == "payable") for name in FIGURES},
        found.oldest, mandate_seq, expected, ok, tuple(merge_gaps(codes, days.tolist())), scales, units,
        _timings(listed, len(subjects)), market.version, _funded(subjects, starts, after),
        after,
    )  # fmt: skip


def _comings(subject: Subject, days: Int64) -> dict[int, tuple[int, int]]:
    """Members that join after the first day or leave before the last: day index of joining (0 = before) and of the
    first day without them (one past the last = never)."""
    found = {}
    for portfolio, begin, end in subject.members:
        joined = int(np.searchsorted(days, begin, side="left")) if begin else 0
        left = int(np.searchsorted(days, end, side="right")) if end else len(days)
        if subject.id <= 0 and joined < left and (joined or left < len(days)):
            found[portfolio] = (joined, left)
    return found


def _join(
    moved: Movements, number: int, moves: dict[int, tuple[int, int]], each: NavHistory, step: int, subjects: int
) -> list[tuple[GapKind, str, int, int]]:
    """Count a joining member's value at the end of its first day as a flow in kind, a leaving one's at the end of its
    last day as one out on the day after. Gives the gaps of members on those days."""
    shape = (subjects, len(each.days))
    flow = np.zeros(shape, np.int64) if moved.flow is None else moved.flow
    in_kind = np.zeros(shape, np.int64) if moved.flow_in_kind is None else moved.flow_in_kind
    missing: list[tuple[GapKind, str, int, int]] = []
    for row, (joined, left) in enumerate(moves.values()):
        for at, counted, sign in ((joined, joined, 1), (left, left - 1, -1)):
            if not 0 < at < len(each.days):
                continue
            if not each.ok[row, counted]:
                code, day = each.subjects[row].code, int(each.days[counted])
                missing += [(gap.kind, gap.subject, int(each.days[at]), number) for gap in each.gaps
                            if code in gap.portfolios and gap.first <= day <= gap.last]  # fmt: skip
                continue
            # On the joining day the member's own flows are inside its value already.
            own = int(each["flow"][row, counted]) if sign > 0 else 0
            own_kind = int(each["flow_in_kind"][row, counted]) if sign > 0 else 0
            worth = sign * int(each["nav"][row, counted])
            flow[number, at] += (worth - own) // step
            in_kind[number, at] += (worth - own_kind) // step
    moved.flow, moved.flow_in_kind = flow, in_kind
    return missing


def _carried(amounts: Int64 | None, expected: Flags, ok: Flags) -> Int64 | None:
    """Movements of days without a value counted on the next day with one, since values run over them too."""
    rows = np.flatnonzero((expected & ~ok).any(axis=1))
    if amounts is None or not len(rows):
        return amounts
    for row in rows.tolist():
        live = np.flatnonzero(ok[row])
        total = np.cumsum(np.where(expected[row], amounts[row], 0))
        amounts[row, live] = np.diff(total[live], prepend=0)
    return amounts


def _money(minor: Int64 | None, ok: Flags, steps: Int64, *, negative: bool) -> Int64:
    """Minor units at the money scale, 0 where a day has no value. Takes ``minor`` over."""
    if minor is None:
        return np.zeros(ok.shape, np.int64)
    largest = max(int(minor.max(initial=0)), -int(minor.min(initial=0)))
    if largest * int(steps.max(initial=1)) >= 2**63:
        raise OverflowDigits("a value does not fit 64 bits at the scale of its currency", field="nav", found=largest)
    if not ok.all():
        minor[~ok] = 0
    minor *= (-steps if negative else steps)[:, None]
    return minor


def _funded(subjects: Sequence[Subject], starts: Sequence[int], after: int | None) -> tuple[bool, ...]:
    if after is None:
        return (True,) * len(subjects)
    return tuple(start > after for start in starts) if starts else (False,) * len(subjects)


def _timings(listed: Sequence[Segment], subjects: int) -> tuple[str, ...]:
    """The flow convention of each subject's last mandate in force."""
    last = [(-1, "end")] * subjects
    for segment in listed:
        last[segment.subject] = max(last[segment.subject], (segment.stop, segment.mandate.flows.timing))
    return tuple(timing for _, timing in last)


def _missing_prices(layout: Layout, found: Totals, reference: Reference) -> list[tuple[GapKind, str, int, int]]:
    """Which instruments lack a (fresh) price, where the oldest age says that one does."""
    missing: list[tuple[GapKind, str, int, int]] = []
    bad_subjects = np.flatnonzero((found.oldest >= STALE_AGE).any(axis=1))
    if not len(bad_subjects):
        return missing
    subject_of_run = layout.group_subject[layout.group]
    bad_ages = np.asarray((layout.ages >= STALE_AGE).any(axis=1))
    candidates = np.flatnonzero(
        (layout.age_item >= 0) & np.isin(subject_of_run, bad_subjects) & bad_ages[np.maximum(layout.age_item, 0)]
    )
    for run in candidates.tolist():
        row = int(layout.age_item[run])
        instrument = int(layout.instrument[run])
        first, stop = int(layout.first[run]), int(layout.stop[run])
        ages = layout.ages[row, first:stop]
        for t in (np.flatnonzero(ages >= STALE_AGE) + first).tolist():
            kind: GapKind = "price" if layout.ages[row, t] >= MISSING_AGE else "stale"
            missing.append(
                (kind, reference.instruments[instrument].code, int(layout.days[t]), int(subject_of_run[run]))
            )
    return missing
