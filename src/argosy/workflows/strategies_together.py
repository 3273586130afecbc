"""Several strategies in one portfolio: trades netted, fills shared, capital given, sleeves watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from argosy.base.errors import ImportRefused, InvalidInput, MissingData
from argosy.base.table import Provenance
from argosy.base.version import __version__
from argosy.construction.rebalance.of_book import book_lines
from argosy.construction.strategies.allocation import StrategyWeights, allocate
from argosy.construction.strategies.coordination import (
    Coordinated,
    SharedFills,
    SleeveRisk,
    Watched,
    coordinate,
    excess_record,
    share_market_fills,
    sleeve_risk,
    watch,
)
from argosy.construction.strategies.netting import Permission
from argosy.construction.strategies.order_file import (
    by_name,
    market_fills,
    permissions,
    strategy_orders,
    strategy_returns,
)
from argosy.measures.attribution.bench_segments import BenchmarkSteps
from argosy.measures.attribution.book_measures import BookMeasures, Rating, book_measures
from argosy.measures.valuation.subjects import portfolio_subjects
from argosy.measures.valuation.value import value
from argosy.models.moments.beliefs import Estimators, believe
from argosy.models.moments.sample import Sample
from argosy.models.moments.view_text import parse_view
from argosy.record.strategies.career import Strategy
from argosy.reporting.statements.together import (
    capital_table,
    fills_table,
    look_through_table,
    market_table,
    netted_table,
    overlap_table,
    savings_table,
    sleeve_risk_table,
    watch_table,
)
from argosy.workflows.look import Look, Statement, look
from argosy.workflows.measured import Asked, Measured, measured
from argosy.workflows.ports import BookStore, Clock, MarketFiles
from argosy.workflows.propose import covariance_of
from argosy.workflows.strategies import Returns
from argosy.workflows.tabular import RawTable, RowReader

LEAST_PERIODS = 12
"""Returns per strategy below which a covariance of strategies says too little."""


@dataclass(frozen=True)
class File:
    """A file by its bytes and its name."""

    content: bytes
    name: str


@dataclass(frozen=True, repr=False)
class NettedStatement(Statement):
    """Orders after netting, market orders, cost saved; typed in ``found``."""

    found: Coordinated


def net_orders(reader: RowReader, orders: File, *, cost_rate: float, allowed: File | None = None) -> NettedStatement:
    """Net the orders of strategies in a file, under permissions in another one where it is given."""
    found = _coordinated(reader, orders, allowed, cost_rate)
    tables = (netted_table(found), market_table(found), savings_table(found))
    return NettedStatement(tuple(replace(table, provenance=_told("netting")) for table in tables), found)


def _coordinated(reader: RowReader, orders: File, allowed: File | None, cost_rate: float) -> Coordinated:
    rows = _read(reader, orders)
    said: tuple[Permission, ...] = ()
    if allowed is not None:
        table = _read(reader, allowed)
        said = permissions(table.columns, table.lines, source=allowed.name)
    return coordinate(
        strategy_orders(rows.columns, rows.lines, source=orders.name), cost_rate=cost_rate, permissions=said
    )


@dataclass(frozen=True, repr=False)
class SharedStatement(Statement):
    """Fills by strategy and instrument; typed in ``found``."""

    found: SharedFills


def share_fills(reader: RowReader, fills: File, *, orders: File, allowed: File | None = None) -> SharedStatement:
    """Share the market's fills over the strategies whose netted orders they are of."""
    netted = _coordinated(reader, orders, allowed, 0.0)
    rows = _read(reader, fills)
    given = market_fills(rows.columns, rows.lines, source=fills.name, orders=netted.orders)
    found = share_market_fills(netted, given)
    return SharedStatement((replace(fills_table(found), provenance=_told("fill sharing")),), found)


@dataclass(frozen=True, repr=False)
class CapitalStatement(Statement):
    """Capital and shares of risk; typed in ``found``."""

    found: StrategyWeights


def allocate_capital(
    reader: RowReader, returns: File, *, method: str, periods_per_year: float, budgets: Mapping[str, float],
    capacity: Mapping[str, float], views: Sequence[str] = (), fraction: float = 0.5, risk_model: str = "ledoit wolf",
) -> CapitalStatement:  # fmt: skip
    """Capital for strategies from a file of their returns (excess returns, for Kelly).

    A strategy without a capacity may take everything; with budgets each strategy needs one.

    Raises
    ------
    MissingData
        Too few returns to say anything about risk.
    """
    rows = _read(reader, returns)
    panel = strategy_returns(rows.columns, rows.lines, source=returns.name)
    if len(panel.days) < LEAST_PERIODS:
        raise MissingData(f"{returns.name} has {len(panel.days)} returns", field="returns", found=len(panel.days),
                          expected=f"{LEAST_PERIODS} at least", next_step="wait for a longer history")  # fmt: skip
    belief = believe(Sample(panel, periods_per_year), Estimators(covariance=risk_model))
    found = allocate(
        method, panel.names, belief.covariance.dense(), expected_returns=belief.mean,
        budgets=by_name(budgets, panel.names, field="budget"),
        capacity=by_name(capacity, panel.names, field="capacity", missing=1.0),
        fraction=fraction, views=[parse_view(text) for text in views],
    )  # fmt: skip
    return CapitalStatement((replace(capital_table(found, notes=belief.notes), provenance=_told("capital")),), found)


def _read(reader: RowReader, file: File) -> RawTable:
    raw = reader(file.content, file.name)
    if raw.problems:
        shown = "\n".join("  " + problem.text() for problem in raw.problems[:5])
        raise ImportRefused(f"{file.name} cannot be read:\n{shown}", field="file", next_step="mend the rows named")
    return raw


def _told(method: str) -> Provenance:
    return Provenance(method=method, code_version=__version__)


@dataclass(frozen=True, repr=False)
class SleeveRiskStatement(Statement):
    """Sleeves with their risk, overlap where all are long, and the look-through; typed in ``found``."""

    found: SleeveRisk


def sleeves_risk(seen: Look) -> SleeveRiskStatement:
    """Sleeves of one portfolio looked through to what they hold: overlap, gross and net, contribution to risk."""
    if len(seen.portfolios) != 1:
        raise InvalidInput("sleeves are looked through in one portfolio", field="portfolio",
                           next_step="name one with --portfolio")  # fmt: skip
    (subject,) = portfolio_subjects(seen.reference, seen.portfolios)
    mandate = seen.reference.mandate(subject.id, seen.day)
    valued = value(seen.state, seen.reference, seen.market, subjects=[subject], day=seen.day,
                   splits=seen.splits).subjects[0]  # fmt: skip
    book = book_lines(valued, (), seen.reference, seen.market, seen.state, mandate, day=seen.day)
    covariance, blind = covariance_of(seen, book, mandate, subject.currency)
    names = {one.id: one.code for one in seen.reference.sleeves.values() if one.portfolio == subject.id}
    found = sleeve_risk(book, seen.held.holdings, names, portfolio=subject.id, covariance=covariance, blind=blind)
    told = seen.provenance("sleeve risk", warnings=seen.problems(), asked={"portfolio": subject.code})
    overlap = overlap_table(found)
    tables = (
        sleeve_risk_table(found, title=f"Sleeves of {subject.code}"), *(() if overlap is None else (overlap,)),
        look_through_table(found),
    )  # fmt: skip
    return SleeveRiskStatement(tuple(replace(table, provenance=told) for table in tables), found)


@dataclass(frozen=True, repr=False)
class WatchStatement(Statement):
    """The alarm of one sleeve; typed in ``found``."""

    found: Watched


def watch_sleeve(
    seen: Look, *, sleeve: str, expected: float, tracking_error: float, benchmark: str | None = None,
    frequency: str = "monthly", false_alarm_years: float = 10.0,
) -> WatchStatement:  # fmt: skip
    """Whether a sleeve has lost the skill that was expected of it, from its own returns in the book.

    ``expected`` is the active return and ``tracking_error`` its volatility, both a year; ``benchmark`` as
    :func:`argosy.workflows.performance.performance` takes it. False alarms among all sleeves of the portfolio together
    come once in ``false_alarm_years``.
    """
    one = _sleeve(seen, sleeve)
    steps = one.benchmark(benchmark)
    record = _record(one, frequency, steps)
    portfolio = seen.portfolios[0]
    together = sum(1 for other in seen.reference.sleeves.values() if other.portfolio == portfolio)
    found = watch(
        one.subject.code, record.assessment.days, record.assessment.returns, record.assessment.benchmark,
        periods_per_year=record.assessment.periods_per_year, expected=expected, tracking_error=tracking_error,
        together=together, false_alarm_years=false_alarm_years,
    )  # fmt: skip
    notes = (*record.assessment.notes, f"benchmark {steps.text}" if steps is not None else "no benchmark")
    told = seen.provenance(
        "skill alarm", warnings=seen.problems(),
        asked={"sleeve": sleeve, "expected": expected, "tracking_error": tracking_error, "benchmark": benchmark,
               "frequency": frequency, "false_alarm_years": false_alarm_years},
    )  # fmt: skip
    table = watch_table(found, title=f"Skill of {one.subject.code}", notes=notes)
    return WatchStatement((replace(table, provenance=told),), found)


def record_of(store: BookStore, files: MarketFiles, *, clock: Clock) -> Returns:
    """The record of a strategy from its sleeve in the book: monthly returns beyond the mandate's risk-free rate.

    None for a strategy that trades in no sleeve.
    """

    def found(strategy: Strategy) -> Sequence[float] | None:
        if not strategy.sleeve:
            return None
        seen = look(store, clock=clock, files=files)
        alone = replace(seen, portfolios=(strategy.portfolio,))
        one = _sleeve(alone, seen.reference.sleeves[strategy.sleeve].code)
        record = _record(one, "monthly", None).assessment
        rate = one.mandate.policy.objective.risk_free
        return excess_record(record.returns, risk_free=rate, periods_per_year=record.periods_per_year)

    return found


def _sleeve(seen: Look, sleeve: str) -> Measured:
    if len(seen.portfolios) != 1:
        raise InvalidInput("a sleeve is part of one portfolio", field="portfolio",
                           next_step="name one with --portfolio")  # fmt: skip
    found = list(measured(seen, Asked(sleeves=(sleeve,))))
    if not found:
        raise MissingData(f"sleeve {sleeve} has no value yet", field="sleeve", found=sleeve,
                          next_step="book what it holds first")  # fmt: skip
    return found[0]


def _record(one: Measured, frequency: str, steps: BenchmarkSteps | None) -> BookMeasures:
    how = Rating(frequency=frequency, names=("total_return",))
    return book_measures(one.subject.code, one.series, one.period("ITD"), how, benchmark=steps)
