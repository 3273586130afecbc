"""From folded state and prices to lines: one pass over the events of each portfolio, then arrays of days by lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from argosy.base.errors import MissingPrice
from argosy.base.money import currency_code, currency_name
from argosy.measures.attribution.book_lines import (
    CASH,
    HELD,
    OWN,
    PENDING,
    BookLines,
    Flags,
    Float64,
    Int64,
    Line,
    close_with_rounding,
)
from argosy.measures.attribution.line_moves import (
    CURRENCY_LINE,
    FEE_LINE,
    FEES,
    FORWARD_LINE,
    HOLDING,
    INCOME,
    OWN_LINES,
    TAX_LINE,
    TAXES,
    Moves,
    part_of,
)
from argosy.measures.attribution.unit_values import UnitValues, scaled
from argosy.measures.performance.returns import Timing
from argosy.measures.valuation.history import NavHistory
from argosy.measures.valuation.share_basis import SplitBook
from argosy.measures.valuation.subjects import Segment, segments
from argosy.measures.valuation.units import unit_value
from argosy.record.ledger.events import Kind
from argosy.record.ledger.rows import Costs, Entries, Flows, Income, Rows, Trail
from argosy.record.ledger.sleeves import Folded
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Table = TypeVar("Table", bound=Rows)


class _Own:
    """A table's rows of one portfolio at a time, in their order."""

    def __init__(self, portfolio: Int64) -> None:
        self._order = np.argsort(portfolio, kind="stable")
        self._sorted = portfolio[self._order]

    def rows(self, portfolio: int) -> Int64:
        first, stop = np.searchsorted(self._sorted, [portfolio, portfolio + 1])
        return self._order[first:stop]


@dataclass
class _Grid:
    """The lines of one subject and the days they are measured on."""

    days: Int64
    place: Int64
    held: Int64
    currencies: Int64
    currency: str

    @property
    def own(self) -> int:
        return len(self.held) + 2 * len(self.currencies)

    @property
    def width(self) -> int:
        return self.own + len(OWN_LINES)

    def security(self, instrument: Int64) -> Int64:
        return np.searchsorted(self.held, instrument).astype(np.int64)

    def cash(self, currency: Int64) -> Int64:
        return len(self.held) + np.searchsorted(self.currencies, currency).astype(np.int64)

    def step(self, date: Int64) -> Int64:
        return np.searchsorted(self.days, date, side="left").astype(np.int64)


class LineBuilder:
    """Makes :class:`BookLines` of any subject of one history; prices and rates are read once for all of them."""

    def __init__(
        self, state: Folded, reference: Reference, market: MarketSnapshot, days: Int64, *, splits: SplitBook
    ) -> None:
        self.reference = reference
        self.units = UnitValues(reference, market, np.asarray(days, np.int64), splits=splits)
        self._trail, self._entries, self._costs = state.trail, state.entries, state.costs
        self._flows, self._income = state.flows, state.income
        self._own = {
            name: _Own(table.portfolio) for name, table in (
                ("trail", state.trail), ("entries", state.entries), ("costs", state.costs), ("flows", state.flows),
                ("income", state.income),
            )
        }  # fmt: skip

    def _of(self, name: str, table: Table, portfolios: Sequence[int], last: int) -> Table:
        rows = np.concatenate([self._own[name].rows(one) for one in portfolios])
        found = table.take(rows)
        date: Int64 = found.columns()["trade_date" if name == "entries" else "date"]
        return found.take(date <= last)

    def build(self, nav: NavHistory, number: int = 0, *, timing: str = "", apart: bool = False) -> BookLines:
        """Lines of one subject of a history.

        Days without a value are left out: the step before the next valued day runs over them. Where the history begins
        with the subject (``nav.funded``) its first day follows on a value of zero, else the first day is the base.
        ``apart`` gives each portfolio of a group lines of its own; what they hand each other is no profit of either.
        """
        subject = nav.subjects[number]
        place = np.flatnonzero(nav.ok[number])
        days = nav.days[place]
        asked = timing or nav.timings[number]
        chosen: Timing = "start" if asked == "start" else "mixed" if asked == "mixed" else "end"
        listed = segments(self.reference, (subject,), nav.days)
        owners = sorted({one.portfolio for one in listed})
        last = int(days[-1]) if len(days) else -1
        trail = self._of("trail", self._trail, owners, last)
        entries = self._of("entries", self._entries, owners, last)
        entries = entries.take(entries.currency != 0)
        currencies = np.unique(np.concatenate([
            entries.currency, [currency_code(subject.currency)],
            [currency_code(self.reference.instruments[one].currency) for one in np.unique(trail.instrument).tolist()],
        ]).astype(np.int64))  # fmt: skip
        grid = _Grid(days, place, np.unique(trail.instrument), currencies, subject.currency)
        apart = apart and bool(owners)
        wide = grid.width * (len(owners) if apart else 1)
        value, holding, flows = (np.zeros((len(days), wide)) for _ in range(3))
        moves: list[Moves] = []
        for number_of, portfolio in enumerate(owners):
            mine = [one for one in listed if one.portfolio == portfolio]
            members = frozenset((portfolio,)) if apart else subject.portfolios()
            one_value, one_holding, one_moves, one_flows = self._portfolio(
                portfolio, mine, members, grid, trail, entries
            )
            block = slice(0, grid.width)
            if apart:
                block = slice(number_of * grid.width, (number_of + 1) * grid.width)
                one_moves, one_flows = one_moves.beyond(block.start), one_flows.beyond(block.start)
            inside = np.zeros(len(nav.days), np.bool_)
            for one in mine:
                inside[one.first : one.stop] = True
            counted = _add(value[:, block], holding[:, block], flows[:, block], inside, place, one_value, one_holding)
            moves.append(one_moves.take(counted[one_moves.step]))
            one_flows = one_flows.take(counted[one_flows.step])
            np.add.at(flows, (one_flows.step, one_flows.line), one_flows.amount)
        return self._closed(
            nav, number, grid, chosen, value, holding, flows, Moves.join(moves), owners if apart else (0,)
        )

    def _closed(
        self, nav: NavHistory, number: int, grid: _Grid, timing: Timing, value: Float64, holding: Float64,
        flows: Float64, moves: Moves, owners: Sequence[int],
    ) -> BookLines:  # fmt: skip
        step = float(10.0 ** -nav.scales[number])
        worth = nav["nav"][number][grid.place] * step
        flow = nav["flow"][number][grid.place] * step
        before = np.concatenate([[0.0], worth[:-1]])
        none = np.zeros(len(flow), np.bool_)
        early = {"start": ~none, "mixed": np.asarray(flow > 0.0), "end": none}[timing]
        base = before + np.where(early, flow, 0.0)
        start = np.zeros_like(value)
        start[1:] = value[:-1]
        if early.any():
            start += flows * early[:, None]
        parts = moves.grid(len(grid.days), value.shape[1])
        parts[HOLDING] += holding
        first = np.concatenate([[int(grid.days[0]) - 1] if len(grid.days) else [], grid.days[:-1]]).astype(np.int64)
        # What happened before the day that returns begin on is inside its value.
        since = 0 if nav.funded[number] else 1
        return close_with_rounding(
            subject=nav.subjects[number].code, currency=grid.currency, minor_unit=10.0 ** -nav.minor_units[number],
            lines=[line for owner in owners for line in self._lines(grid, owner)][:-1], days=grid.days[since:],
            before=first[since:], start=start[since:], parts=parts[:, since:], base=base[since:],
            profit=(worth - before - flow)[since:], flow=flow[since:], moves=moves.after(since), timing=timing,
        )  # fmt: skip

    def _lines(self, grid: _Grid, portfolio: int) -> list[Line]:
        terms = [self.reference.instruments[int(one)] for one in grid.held]
        names = [currency_name(int(code)) for code in grid.currencies]
        return [
            *(Line(HELD, one.id, one.code, one.currency, portfolio) for one in terms),
            *(Line(CASH, currency_code(name), f"cash {name}", name, portfolio) for name in names),
            *(Line(PENDING, currency_code(name), f"receivable {name}", name, portfolio) for name in names),
            *(Line(OWN, number, name, grid.currency, portfolio) for number, name in enumerate(OWN_LINES)),
        ]  # fmt: skip

    # -- one portfolio -------------------------------------------------------------------------------------------------

    def _portfolio(
        self, portfolio: int, mine: Sequence[Segment], members: frozenset[int], grid: _Grid, trail: Trail,
        entries: Entries,
    ) -> tuple[Float64, Float64, Moves, Moves]:  # fmt: skip
        trail = trail.take(trail.portfolio == portfolio)
        entries = entries.take(entries.portfolio == portfolio)
        unit = self._unit_values(mine, grid, np.unique(trail.instrument))
        names = [currency_name(int(code)) for code in grid.currencies]
        rates = np.stack([self.units.rate(name, grid.currency)[grid.place] for name in names], 1)
        steps = len(grid.days)
        value, holding = np.zeros((steps, grid.width)), np.zeros((steps, grid.width))
        count = len(grid.held)
        held = _levels(grid.step(trail.date), grid.security(trail.instrument), trail.quantity_delta, steps, count)
        value[:, :count] = held * unit
        holding[1:, :count] = held[:-1] * (unit[1:] - unit[:-1])
        self._balances(entries, grid, rates, value, holding, settled=mine[-1].mandate.cash.view == "settled")
        moved = [*self._trades(trail, grid, unit), *self._cash(entries, grid, rates)]
        moved += self._margins(trail, grid, rates, value, holding)
        moved += self._charges(portfolio, grid, rates)
        moved += self._earned(portfolio, grid, rates)
        flows, back = self._external(portfolio, members, mine[-1], grid, rates)
        moved += back
        return value, holding, Moves.join(moved), flows

    def _unit_values(self, mine: Sequence[Segment], grid: _Grid, held: Int64) -> Float64:
        """Value of one step of each instrument in the reporting currency by day, by the mandate in force."""
        unit = np.zeros((len(grid.held), len(grid.days)))
        for segment in mine:
            rule = (segment.mandate.prices.basis, segment.mandate.prices.sources)
            self.units.prepare(held.tolist(), rule)
            # Before the first and after the last mandate the nearest one serves.
            low = 0 if segment is mine[0] else segment.first
            high = int(self.units.days.size) if segment is mine[-1] else segment.stop
            begin, end = np.searchsorted(grid.place, [low, high]).tolist()
            places = grid.place[begin:end]
            for one, line in zip(held.tolist(), grid.security(held).tolist(), strict=True):
                terms = self.reference.instruments[one]
                price = self.units.price(one, rule)
                if terms.bond is not None:
                    price = price + self.units.accrued(one)
                unit[line, begin:end] = (price * self.units.rate(terms.currency, grid.currency))[places]
        return np.ascontiguousarray(unit.T)

    def _balances(
        self, entries: Entries, grid: _Grid, rates: Float64, value: Float64, holding: Float64, *, settled: bool
    ) -> None:
        if not len(entries):
            return
        steps, count = len(grid.days), len(grid.currencies)
        column = grid.cash(entries.currency) - len(grid.held)
        traded = _levels(grid.step(entries.trade_date), column, entries.amount, steps, count)
        scale = np.array([self.units.money(currency_name(int(c))) for c in grid.currencies])
        cash, pending = traded, None
        if settled:
            cash = _levels(grid.step(entries.settle_date), column, entries.amount, steps, count)
            pending = traded - cash
        for first, levels in ((len(grid.held), cash), (len(grid.held) + count, pending)):
            if levels is None:
                continue
            amount = levels * scale
            value[:, first : first + count] += amount * rates
            holding[1:, first : first + count] += amount[:-1] * (rates[1:] - rates[:-1])

    def _trades(self, trail: Trail, grid: _Grid, unit: Float64) -> list[Moves]:
        rows = trail.take(trail.quantity_delta != 0)
        step, line = grid.step(rows.date), grid.security(rows.instrument)
        # More shares at a lower price is the same holding: a split is no event that made something.
        seq = np.where(rows.kind == Kind.SPLIT, 0, rows.event_seq)
        return [Moves(seq, step, line, part_of(rows.kind), rows.quantity_delta * unit[step, line])]

    def _margins(self, trail: Trail, grid: _Grid, rates: Float64, value: Float64, holding: Float64) -> list[Moves]:
        """Margined instruments count with their gain only: their cost is taken off, and what a trade adds to it too."""
        margined = np.isin(trail.instrument, [o.id for o in self.reference.instruments.values() if o.margined])
        if not margined.any():
            return []
        previous = np.zeros(len(trail), np.int64)
        same = trail.slot[1:] == trail.slot[:-1]
        previous[1:][same] = trail.cost_after[:-1][same]
        change = previous - trail.cost_after
        keep = margined & (change != 0)
        rows, change = trail.take(keep), change[keep]
        step, line = grid.step(rows.date), grid.security(rows.instrument)
        owed = _levels(step, line, change, len(grid.days), len(grid.held))
        for column in np.unique(line).tolist():
            currency = self.reference.instruments[int(grid.held[column])].currency
            rate = rates[:, int(np.searchsorted(grid.currencies, currency_code(currency)))]
            amount = owed[:, column] * self.units.money(currency)
            value[:, column] += amount * rate
            holding[1:, column] += amount[:-1] * (rate[1:] - rate[:-1])
        amount = self._money(rows.currency, change, step, grid, rates)
        return [Moves(rows.event_seq, step, line, part_of(rows.kind), amount)]

    def _money(self, currency: Int64, amount: Int64, step: Int64, grid: _Grid, rates: Float64) -> Float64:
        """Amounts at their scale in the reporting currency, at the rate of their step."""
        column = np.searchsorted(grid.currencies, currency)
        scale = np.array([self.units.money(currency_name(int(c))) for c in grid.currencies])
        return np.asarray(amount * scale[column] * rates[step, column])

    def _cash(self, entries: Entries, grid: _Grid, rates: Float64) -> list[Moves]:
        """What moved cash counts on the line that it was for."""
        step = grid.step(entries.trade_date)
        line = _line_of(entries.kind, entries.instrument, entries.currency, grid)
        amount = self._money(entries.currency, entries.amount, step, grid, rates)
        return [Moves(entries.event_seq, step, line, part_of(entries.kind), amount)]

    def _charges(self, portfolio: int, grid: _Grid, rates: Float64) -> list[Moves]:
        """Fees and taxes inside amounts: out of the part they were in, into their own."""
        costs: Costs = self._of("costs", self._costs, [portfolio], int(grid.days[-1]) if len(grid.days) else -1)
        step = grid.step(costs.date)
        line = _line_of(costs.kind, costs.instrument, costs.currency, grid)
        inside = part_of(costs.kind)
        found = []
        for part, amount in ((FEES, costs.fee), (TAXES, costs.tax)):
            money = self._money(costs.currency, amount, step, grid, rates)
            keep = (amount != 0) & (inside != part)
            shifted = Moves(costs.event_seq, step, line, np.full(len(costs), part, np.int64), -money)
            found += [shifted.take(keep), Moves(costs.event_seq, step, line, inside, money).take(keep)]
        return found

    def _earned(self, portfolio: int, grid: _Grid, rates: Float64) -> list[Moves]:
        """The income part of distributions: from holding to income."""
        income: Income = self._of("income", self._income, [portfolio], int(grid.days[-1]) if len(grid.days) else -1)
        income = income.take(income.kind == Kind.DISTRIBUTION)
        step, line = grid.step(income.date), grid.security(income.instrument)
        money = self._money(income.currency, income.gross, step, grid, rates)
        parts = (np.full(len(income), part, np.int64) for part in (INCOME, HOLDING))
        return [
            Moves(income.event_seq, step, line, part, sign * money) for part, sign in zip(parts, (1, -1), strict=True)
        ]

    def _external(
        self, portfolio: int, members: frozenset[int], segment: Segment, grid: _Grid, rates: Float64
    ) -> tuple[Moves, list[Moves]]:
        """What came from outside by line, and the same taken off what the lines made."""
        flows: Flows = self._of("flows", self._flows, [portfolio], int(grid.days[-1]) if len(grid.days) else -1)
        flows = flows.take(~np.isin(flows.counter_portfolio, sorted(members)) | (flows.counter_portfolio == 0))
        rows: list[tuple[int, int, int, int, float]] = []
        columns = (flows.event_seq, flows.date, flows.kind, flows.currency, flows.amount, flows.instrument,
                   flows.quantity, flows.value, flows.valued)  # fmt: skip
        for seq, date, kind, code, amount, instrument, quantity, worth, valued in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            step = int(grid.step(np.array([date]))[0])
            if amount:
                line = int(grid.cash(np.array([code]))[0])
                rows.append((seq, step, line, kind, amount * self._on(code, date, step, grid, rates)))
            if valued:
                line = int(grid.security(np.array([instrument]))[0])
                rows.append((seq, step, line, kind, worth * self._on(code, date, step, grid, rates)))
            elif quantity:
                line = int(grid.security(np.array([instrument]))[0])
                rows.append((seq, step, line, kind, quantity * self._unit_on(instrument, date, segment, grid)))
        external = _columns(rows)
        kinds = np.array([row[3] for row in rows], np.int64)
        back = [Moves(external.event_seq, external.step, external.line, part_of(kinds), -external.amount)]
        if segment.mandate.flows.fees_external:
            fees = self._of("costs", self._costs, [portfolio], int(grid.days[-1]) if len(grid.days) else -1)
            fees = fees.take(fees.kind == Kind.FEE)
            when = grid.step(fees.date)
            paid = self._money(fees.currency, -fees.fee, when, grid, rates)
            place = np.full(len(fees), grid.own + FEE_LINE, np.int64)
            charged = Moves(fees.event_seq, when, place, np.full(len(fees), FEES, np.int64), -paid)
            on_cash = Moves(fees.event_seq, when, grid.cash(fees.currency), charged.part, paid)
            return Moves.join([external, on_cash]), [*back, charged]
        return external, back

    def _on(self, code: int, date: int, step: int, grid: _Grid, rates: Float64) -> float:
        """One step of money on a date in the reporting currency."""
        name = currency_name(code)
        if int(grid.days[step]) == date:
            rate = float(rates[step, int(np.searchsorted(grid.currencies, code))])
        else:
            exact = self.units.rates.get(name, grid.currency, date)
            rate = 0.0 if exact is None else float(exact)
        return self.units.money(name) * rate

    def _unit_on(self, instrument: int, date: int, segment: Segment, grid: _Grid) -> float:
        """One step of quantity on a date in the reporting currency, without accrued interest."""
        terms = self.reference.instruments[instrument]
        rules = segment.mandate.prices
        try:
            point = self.units.market.choosing(basis=rules.basis, sources=rules.sources).price(instrument, date)
        except MissingPrice:
            return 0.0
        rate = self.units.rates.get(terms.currency, grid.currency, date)
        value, power = unit_value(terms, point.mantissa, point.exponent)
        return scaled(value, power - terms.quantity_scale) * (0.0 if rate is None else float(rate))


def _line_of(kind: Int64, instrument: Int64, currency: Int64, grid: _Grid) -> Int64:
    line = np.where((instrument != 0) & np.isin(instrument, grid.held), grid.security(instrument), grid.cash(currency))
    line = np.where(kind == Kind.FEE, grid.own + FEE_LINE, line)
    line = np.where(kind == Kind.TAX, grid.own + TAX_LINE, line)
    line = np.where(kind == Kind.FX, grid.own + CURRENCY_LINE, line)
    return np.where(kind == Kind.FX_FORWARD_SETTLEMENT, grid.own + FORWARD_LINE, line)


def _columns(rows: Sequence[tuple[int, int, int, int, float]]) -> Moves:
    none = np.zeros(0, np.int64)
    if not rows:
        return Moves(none, none, none, none, np.zeros(0))
    seq, step, line, kind, amount = zip(*rows, strict=True)
    return Moves(np.array(seq), np.array(step), np.array(line), part_of(np.array(kind)), np.array(amount))


def _levels(step: Int64, column: Int64, change: Int64, steps: int, columns: int) -> Float64:
    """Holdings at the end of each step from their changes, exact as integers, as float64 (steps, columns).

    Changes after the last step (what settles later) are left out.
    """
    grid = np.zeros((steps, columns), np.int64)
    inside = step < steps
    np.add.at(grid, (step[inside], column[inside]), change[inside])
    np.cumsum(grid, axis=0, out=grid)
    return grid.astype(np.float64)


def _add(
    value: Float64, holding: Float64, flows: Float64, inside: Flags, place: Int64, one_value: Float64,
    one_holding: Float64,
) -> Flags:  # fmt: skip
    """Add a portfolio for the days (``inside``, of the history) on which it belongs to the subject.

    As in the history of values, joining is a flow worth what the member is at the end of its first day, leaving one of
    what it was at the end of its last. Gives the steps (of ``place``) whose events count.
    """
    was = np.concatenate([inside[:1], inside[:-1]])
    here, came, gone = inside[place], (inside & ~was)[place], (was & ~inside)[place]
    value += one_value * here[:, None]
    counted: Flags = here & ~came
    holding += one_holding * counted[:, None]
    flows[came] += one_value[came]
    left = np.flatnonzero(gone)
    flows[left] -= one_value[left - 1]
    return counted
