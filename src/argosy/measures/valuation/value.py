"""Value on one day, row by row: the exact definition that the history in columns has to equal."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from fractions import Fraction

from argosy.base.errors import ConservationError, InvalidInput, MissingPrice, StaleData
from argosy.base.money import currency_name, div_half_even
from argosy.kernels.reference.products import foot, foot_to
from argosy.measures.valuation.gaps import Gap, GapKind, merge_gaps, refuse
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.share_basis import SplitBook, per_share, share_factor
from argosy.measures.valuation.split import split_gain
from argosy.measures.valuation.subjects import Subject
from argosy.measures.valuation.units import unit_accrued, unit_value
from argosy.record.ledger.state import State
from argosy.record.mandate import Mandate, PriceRules
from argosy.record.market.points import PricePoint
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference import Instrument
from argosy.record.reference_fold import Reference

SECTIONS = ("position", "cash", "receivable", "payable", "accrued")
Missing = tuple[GapKind, str, int, str]


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One thing of value. Integers are at the money scale of ``currency`` (local) or of the subject's currency (base).

    ``value`` of all rows of a subject add up to its NAV. ``value_local`` is rounded half to even for people.
    ``cost_base`` is at the rates of the purchases. ``price_gain`` and ``fx_gain`` are unrealized, None where no base
    cost is known. Payables have negative values; accrued interest stands in rows of its own.
    """

    section: str
    portfolio: int
    account: int
    sleeve: int
    instrument: int
    currency: str
    quantity: int
    price: PricePoint | None
    value_local: int
    value: int
    cost: int = 0
    cost_base: int = 0
    price_gain: int | None = None
    fx_gain: int | None = None

    @property
    def gain(self) -> int | None:
        """Unrealized gain in the subject's currency."""
        return None if self.price_gain is None or self.fx_gain is None else self.price_gain + self.fx_gain


@dataclass(frozen=True, slots=True)
class SubjectValue:
    """Totals and rows of one subject at the money scale of its currency; ``ok`` is False where something is missing."""

    subject: Subject
    scale: int
    minor_units: int
    ok: bool
    nav: int = 0
    positions: int = 0
    cash: int = 0
    receivable: int = 0
    payable: int = 0
    accrued: int = 0
    rows: tuple[ValueRow, ...] = ()

    def weight(self, row: ValueRow) -> float | None:
        """Share of NAV; None where NAV is not above zero."""
        return row.value / self.nav if self.nav > 0 else None


@dataclass(frozen=True, slots=True)
class Valuation:
    """Values of subjects at the end of a day; ``gaps`` name what is missing."""

    day: int
    subjects: tuple[SubjectValue, ...]
    gaps: tuple[Gap, ...]
    market_version: int

    def __getitem__(self, code: str) -> SubjectValue:
        for one in self.subjects:
            if one.subject.code == code:
                return one
        raise InvalidInput(f"{code!r} is not in this valuation", field="portfolio", found=code)


@dataclass(slots=True)
class _Exact:
    """A row before rounding: exact local value and exact value in minor units of the subject's currency."""

    row: ValueRow
    local: Fraction
    minor: Fraction


def value(
    state: State,
    reference: Reference,
    market: MarketSnapshot,
    *,
    subjects: Sequence[Subject],
    day: int,
    splits: SplitBook | None = None,
    on_missing: str = "raise",
    unknown_costs: Set[tuple[int, int]] = frozenset(),
) -> Valuation:
    """Value subjects at the end of ``day``.

    ``state`` must be folded as of that day. ``on_missing`` "raise" gives MissingPrice, StaleData or MissingRate with
    all that is missing; "report" leaves those subjects without figures and names the gaps. ``splits`` bring old or
    adjusted prices to the shares held. Positions (portfolio, instrument) in ``unknown_costs`` have no gain.
    """
    if state.as_of != day:
        raise InvalidInput("the state is not folded as of the day to value", field="day", found=day,
                           expected=str(state.as_of))  # fmt: skip
    rates, missing = Rates(market), []
    pricer = _Pricer(state, reference, market, day, splits or {}, unknown_costs)
    found = []
    for subject in subjects:
        lost: list[Missing] = []
        members = {portfolio for portfolio, first, last in subject.members if first <= day <= (last or day)}
        exact = pricer.rows(subject, members, rates, lost)
        blank = SubjectValue(subject, reference.money_scale(subject.currency),
                             reference.minor_units(subject.currency), ok=False)  # fmt: skip
        found.append(blank if lost else _total(blank, exact))
        missing += lost
    gaps = tuple(merge_gaps(missing, [day]))
    if gaps and on_missing == "raise":
        refuse(gaps)
    return Valuation(day, tuple(found), gaps, market.version)


class _Pricer:
    """Values rows of one state on one day."""

    def __init__(
        self, state: State, reference: Reference, market: MarketSnapshot, day: int, splits: SplitBook,
        unknown_costs: Set[tuple[int, int]],
    ) -> None:  # fmt: skip
        self.splits, self.unknown_costs = splits, unknown_costs
        self.state, self.reference, self.market, self.day = state, reference, market, day
        self._mandates: dict[int, Mandate] = {}
        self._markets: dict[tuple[tuple[str, ...], str], MarketSnapshot] = {}

    def mandate(self, portfolio: int) -> Mandate:
        """The mandate in force, asked for once."""
        if portfolio not in self._mandates:
            self._mandates[portfolio] = self.reference.mandate(portfolio, self.day)
        return self._mandates[portfolio]

    def _chosen(self, rules: PriceRules) -> MarketSnapshot:
        key = (rules.sources, rules.basis)
        if key not in self._markets:
            self._markets[key] = self.market.choosing(sources=rules.sources, basis=rules.basis)
        return self._markets[key]

    def rows(self, subject: Subject, members: set[int], rates: Rates, missing: list[Missing]) -> list[_Exact]:
        found: list[_Exact] = []
        held = self.state.positions
        for place, portfolio in enumerate(held.portfolio.tolist()):
            if portfolio in members and held.quantity[place]:
                found += self._position(subject, place, rates, missing)
        found += self._cash(subject, members, rates, missing)
        return found

    def _point(
        self, instrument: Instrument, portfolio: int, subject: Subject, missing: list[Missing]
    ) -> PricePoint | None:
        rules = self.mandate(portfolio).prices
        try:
            return self._chosen(rules).price(instrument.id, self.day, max_age_days=rules.max_age(instrument.type))
        except StaleData:
            missing.append(("stale", instrument.code, self.day, subject.code))
        except MissingPrice:
            missing.append(("price", instrument.code, self.day, subject.code))
        return None

    def _converted(
        self, row: ValueRow, local: Fraction, subject: Subject, rates: Rates, missing: list[Missing]
    ) -> list[_Exact]:
        """``local`` is in whole units of the row's currency."""
        rate = rates.get(row.currency, subject.currency, self.day)
        if rate is None:
            if local:
                missing.append(("rate", f"{row.currency}/{subject.currency}", self.day, subject.code))
            return []
        minor = local * rate * 10 ** self.reference.minor_units(subject.currency)
        scaled = local * 10 ** self.reference.money_scale(row.currency)
        shown = div_half_even(scaled.numerator, scaled.denominator)
        return [_Exact(replace(row, value_local=shown), local, minor)]

    def _position(self, subject: Subject, place: int, rates: Rates, missing: list[Missing]) -> list[_Exact]:
        held = self.state.positions
        portfolio = int(held.portfolio[place])
        instrument = self.reference.instruments[int(held.instrument[place])]
        point = self._point(instrument, portfolio, subject, missing)
        if point is None:
            return []
        quantity, cost = int(held.quantity[place]), int(held.cost[place])
        factor = share_factor(self.splits.get(instrument.id, ()), basis=point.basis, date=point.date, day=self.day)
        unit, power = unit_value(instrument, *per_share(point.mantissa, point.exponent, factor))
        worth = quantity * unit * Fraction(10) ** (power - instrument.quantity_scale)
        cost_units = Fraction(cost, 10 ** self.reference.money_scale(instrument.currency))
        row = ValueRow(
            "position", portfolio, int(held.account[place]), int(held.sleeve[place]), instrument.id,
            instrument.currency, quantity, point, 0, 0, cost,
        )  # fmt: skip
        counted = worth - cost_units if instrument.margined else worth
        found = self._converted(row, counted, subject, rates, missing)
        for one in found:
            one.row = self._with_gain(one.row, worth, cost_units, int(held.cost_base[place]), subject, rates)
        accrued, power = unit_accrued(instrument, self.day)
        if accrued:
            local = quantity * accrued * Fraction(10) ** (power - instrument.quantity_scale)
            interest = replace(row, section="accrued", price=None, cost=0)
            found += self._converted(interest, local, subject, rates, missing)
        return found

    def _with_gain(
        self, row: ValueRow, worth: Fraction, cost: Fraction, cost_base: int, subject: Subject, rates: Rates
    ) -> ValueRow:
        """Unrealized gain, its price part rounded half to even at the money scale, the rest currency."""
        base = self.reference.portfolios[row.portfolio].base_currency
        translated = rates.get(base, subject.currency, self.day)
        rate = rates.get(row.currency, subject.currency, self.day)
        unknown = (row.portfolio, row.instrument) in self.unknown_costs
        if not self.state.has_base or translated is None or rate is None or unknown:
            return row
        scale = self.reference.money_scale(subject.currency)
        # Base cost is carried in the portfolio's own base; another reporting currency sees it at the day's rate.
        opened = Fraction(cost_base, 10 ** self.reference.money_scale(base)) * translated
        if self.reference.instruments[row.instrument].margined:
            opened = cost * rate  # no money was put in at the old rate: only the gain itself meets a rate, today's
        cross = self.mandate(row.portfolio).gains.cross
        price, currency = split_gain(worth, cost, worth * rate, opened, cross=cross)
        rounded = [part * 10**scale for part in (opened, price, price + currency)]
        cost_there, price_there, total = (div_half_even(part.numerator, part.denominator) for part in rounded)
        return replace(row, cost_base=cost_there, price_gain=price_there, fx_gain=total - price_there)

    def _cash(self, subject: Subject, members: set[int], rates: Rates, missing: list[Missing]) -> list[_Exact]:
        found: list[_Exact] = []
        cash, pending = self.state.cash, self.state.pending
        settled_view = {one for one in members if self.mandate(one).cash.view == "settled"}
        on_its_way: dict[tuple[int, int], int] = {}
        for place, portfolio in enumerate(cash.portfolio.tolist()):
            if portfolio not in members:
                continue
            settled = portfolio in settled_view
            amount = int(cash.settled[place] if settled else cash.traded[place])
            code = int(cash.currency[place])
            if settled:
                key = (portfolio, code)
                on_its_way[key] = on_its_way.get(key, 0) + int(cash.traded[place]) - amount
            found += self._balance("cash", portfolio, int(cash.account[place]), int(cash.sleeve[place]), 0, code,
                                   amount, subject, rates, missing)  # fmt: skip
        for place, portfolio in enumerate(pending.portfolio.tolist()):
            if portfolio in settled_view:
                amount, code = int(pending.amount[place]), int(pending.currency[place])
                on_its_way[portfolio, code] = on_its_way.get((portfolio, code), 0) - amount
                found += self._balance(
                    "receivable" if amount > 0 else "payable", portfolio, int(pending.account[place]),
                    int(pending.sleeve[place]), int(pending.instrument[place]), code, amount, subject, rates, missing,
                )  # fmt: skip
        if any(on_its_way.values()):
            raise ConservationError("cash settled, receivable and payable do not add up to cash traded",
                                    place="valuation", found=on_its_way)  # fmt: skip
        return found

    def _balance(
        self, section: str, portfolio: int, account: int, sleeve: int, instrument: int, code: int, amount: int,
        subject: Subject, rates: Rates, missing: list[Missing],
    ) -> list[_Exact]:  # fmt: skip
        if not amount:
            return []
        currency = currency_name(code)
        row = ValueRow(section, portfolio, account, sleeve, instrument, currency, 0, None, 0, 0)
        return self._converted(
            row, Fraction(amount, 10 ** self.reference.money_scale(currency)), subject, rates, missing
        )


def _total(blank: SubjectValue, exact: Sequence[_Exact]) -> SubjectValue:
    """Round the total once, foot the sections to it and the rows to their section."""
    by_section = [[one for one in exact if one.row.section == section] for section in SECTIONS]
    total, parts = foot([sum((one.minor for one in rows), Fraction(0)) for rows in by_section])
    step = 10 ** (blank.scale - blank.minor_units)
    rows: list[ValueRow] = []
    for part, listed in zip(parts, by_section, strict=True):
        for one, footed in zip(listed, foot_to(part, [one.minor for one in listed]), strict=True):
            rows.append(replace(one.row, value=footed * step))
    nav = total * step
    if sum(row.value for row in rows) != nav:
        raise ConservationError(f"rows of {blank.subject.code} do not add up to its NAV", place="valuation")
    positions, cash, receivable, payable, accrued = (part * step for part in parts)
    return replace(blank, ok=True, nav=nav, positions=positions, cash=cash, receivable=receivable, payable=-payable,
                   accrued=accrued, rows=tuple(rows))  # fmt: skip
