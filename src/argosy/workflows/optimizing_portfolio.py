"""What a portfolio's mandate asks to be held: its universe, holdings and benchmark in a book, ready to be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from argosy.base.errors import InvalidInput
from argosy.base.table import Provenance
from argosy.construction.optimize.book_trading import book_trading
from argosy.construction.optimize.candidates import book_candidates, held_weights, members
from argosy.measures.attribution.bench_segments import BenchmarkReader, BenchmarkSteps
from argosy.measures.performance.blend_text import parse_blend
from argosy.measures.tax.regimes import law_of
from argosy.measures.valuation.value import value
from argosy.record.mandate_policy import Wishes
from argosy.record.market.return_prices import ReturnPrices, price_days, return_prices
from argosy.workflows.look import Look
from argosy.workflows.optimizing import Question


def portfolio_question(seen: Look, wishes: Wishes, *, benchmark: str | None = None) -> Question:
    """What a portfolio's mandate asks for on the look's day, with its holdings and benchmark.

    Raises
    ------
    InvalidInput
        More than one portfolio.
    MissingPrice, MissingRate, StaleData, MissingData, UnknownName
        What the question needs is not in the book.
    """
    if len(seen.portfolios) != 1 or seen.group:
        raise InvalidInput("one portfolio is optimized at a time", field="portfolio", next_step="name one")
    subject = seen.subjects()[0]
    mandate = seen.reference.mandate(seen.portfolios[0], seen.day)
    policy = wishes.over(mandate.policy)
    valued = value(seen.state, seen.reference, seen.market, subjects=[subject], day=seen.day, splits=seen.splits)
    held = held_weights(valued.subjects[0], seen.reference)
    code = mandate.benchmark if benchmark is None else benchmark
    priced = [one.id for one in seen.reference.instruments.values()
              if seen.market.price_history(one.id) is not None]  # fmt: skip
    bench = _benchmark(seen, code, priced, subject.currency) if code else None
    chosen = members(seen.reference, policy.universe, held, bench, priced)
    inside = {one.id for one in chosen}
    more = [] if bench is None else [item for item in bench.items if isinstance(item, int) and item not in inside]
    if any(isinstance(item, str) for item in (() if bench is None else bench.items)):
        more = []
    prices = _prices(seen, [*(one.id for one in chosen), *more], subject.currency)
    trading = book_trading(
        valued.subjects[0], chosen, held, seen.market, mandate, lambda: seen.based[0], day=seen.day,
        unknown=seen.unknown_costs if law_of(mandate).taxes else frozenset(),
    )  # fmt: skip
    candidates = book_candidates(
        prices, chosen, policy, holdings=held, reference=seen.reference, bench=bench, trading=trading
    )

    def told(asked: Mapping[str, object]) -> Provenance:
        return seen.provenance("optimization", warnings=seen.problems(), asked={"policy": policy, **asked})

    return Question(candidates, policy, subject.code, told)


def _prices(seen: Look, instruments: Sequence[int], currency: str) -> ReturnPrices:
    names = [seen.reference.instruments[one].code for one in instruments]
    return return_prices(seen.market, instruments, names, currency=currency, last=seen.day, splits=seen.splits)


def _benchmark(seen: Look, code: str, priced: Sequence[int], currency: str) -> BenchmarkSteps:
    days = price_days(seen.market, priced, last=seen.day)
    return BenchmarkReader(seen.reference, seen.market, days, currency, dict(seen.splits)).steps(parse_blend(code))
