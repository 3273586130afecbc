"""What may be held, with all that a mandate's limits speak about: returns, attributes, holdings, benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from argosy.base.errors import InvalidInput, MissingData, unknown
from argosy.base.panel import Panel
from argosy.construction.optimize.trading import Trading, sheet_trading
from argosy.kernels.numbers import read_floats
from argosy.kernels.text import TextColumn
from argosy.models.moments.observations import InsufficientData
from argosy.models.moments.sample import Sample, sample_of_prices
from argosy.record.mandate_policy import BeliefRules, InvestmentPolicy, UniverseRules
from argosy.record.market.price_file import NAMES
from argosy.record.market.return_prices import ReturnPrices

if TYPE_CHECKING:  # a file of prices needs no book
    from argosy.measures.attribution.bench_segments import BenchmarkSteps
    from argosy.measures.valuation.value import SubjectValue
    from argosy.record.reference import Instrument
    from argosy.record.reference_fold import Reference

Float64 = npt.NDArray[np.float64]
INDEX = "the benchmark"
"""Name under which a benchmark of which only returns are known stands beside the assets."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Assets with their returns; ``holdings`` and ``benchmark`` are weights by name, None where there are none.

    ``beside`` are returns of what only the benchmark holds, on the same days: instruments outside the universe, or
    the whole benchmark as :data:`INDEX` where nobody knows what is inside it. ``aside`` holds weights that stay as they
    are because they are outside the universe. ``notes`` say what was left out. ``trading`` is what costs depend on.
    """

    sample: Sample
    attributes: Mapping[str, tuple[str, ...]]
    holdings: Mapping[str, float] | None = None
    benchmark: Mapping[str, float] | None = None
    beside: Panel | None = None
    aside: Mapping[str, float] | None = None
    notes: tuple[str, ...] = ()
    trading: Trading = field(default_factory=Trading)

    @property
    def names(self) -> tuple[str, ...]:
        """The assets."""
        return self.sample.names

    def vector(self, weights: Mapping[str, float] | None) -> Float64 | None:
        """Weights by name as (N,); names outside weigh nothing here."""
        return None if weights is None else np.array([weights.get(name, 0.0) for name in self.names])


def sampled(prices: Panel, rules: BeliefRules) -> Sample:
    """Returns as a mandate wants them."""
    return sample_of_prices(
        prices, frequency=rules.frequency, lookback=rules.lookback, missing=rules.missing,
        periods_per_year=rules.periods_per_year,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class AssetSheet:
    """One row per asset of a file: weights held and of the benchmark where it has them, everything else attributes."""

    names: tuple[str, ...]
    attributes: Mapping[str, tuple[str, ...]]
    holdings: Mapping[str, float] | None = None
    benchmark: Mapping[str, float] | None = None


def asset_sheet(cells: Mapping[str, TextColumn], *, source: str) -> AssetSheet:
    """Read a file of assets: a column asset (or ticker, symbol, name), holding, benchmark, and any attributes.

    Raises
    ------
    InvalidInput
        There is no column of names, or a weight is no number.
    """
    heads = {head.strip().lower(): head for head in cells}
    key = next((heads[name] for name in NAMES if name in heads), "")
    if not key:
        raise InvalidInput("the file has no column of assets", place=source, field="assets",
                           found=", ".join(cells), expected="asset", next_step="call it asset")  # fmt: skip
    names = tuple(cells[key].to_list())
    attributes = {
        head: tuple(column.to_list())
        for head, column in cells.items()
        if head != key and head.strip().lower() not in ("holding", "benchmark")
    }
    return AssetSheet(
        names, attributes, _weights(cells, heads.get("holding"), names, source),
        _weights(cells, heads.get("benchmark"), names, source),
    )  # fmt: skip


def _weights(
    cells: Mapping[str, TextColumn], head: str | None, names: Sequence[str], source: str
) -> dict[str, float] | None:
    if head is None:
        return None
    column = cells[head].to_list()
    read = read_floats([TextColumn([text.strip().removesuffix("%") for text in column])])
    scale = np.array([0.01 if text.strip().endswith("%") else 1.0 for text in column])
    if read.bad.any():
        row = int(np.flatnonzero(read.bad[:, 0])[0])
        raise InvalidInput(f"{column[row]!r} is no weight of {names[row]}", place=source, field=head,
                           expected="0.05 or 5%")  # fmt: skip
    values = np.nan_to_num(read.values[:, 0]) * scale
    return dict(zip(names, values.tolist(), strict=True))


def file_candidates(
    prices: Panel, sheet: AssetSheet | None, policy: InvestmentPolicy, *, value: float | None = None, currency: str = ""
) -> Candidates:
    """Candidates of a file of prices, with a sheet of assets beside it; ``value`` is the portfolio's in its currency.

    Raises
    ------
    UnknownName
        The mandate names an asset that has no prices.
    MissingData
        The benchmark holds one that has none.
    """
    for name in (*policy.universe.include, *policy.universe.exclude):
        if name not in prices.names:
            raise unknown("asset", name, prices.names, place="universe")
    sample = sampled(prices, policy.beliefs)
    cells = {} if sheet is None else {
        label: dict(zip(sheet.names, values, strict=True)) for label, values in sheet.attributes.items()
    }  # fmt: skip
    known = np.isfinite(prices.values)
    last = {
        name: float(prices.values[known[:, place], place][-1])
        for place, name in enumerate(prices.names)
        if known[:, place].any()
    }
    trading = sheet_trading(cells, last, value=value, currency=currency)
    if sheet is None:
        return Candidates(sample, {}, trading=trading)
    attributes = {label: tuple(told.get(name, "") for name in sample.names) for label, told in cells.items()}
    lost = [name for name, weight in (sheet.benchmark or {}).items() if weight and name not in sample.names]
    if lost:
        raise MissingData(f"the benchmark holds {lost[0]}, which has no prices here or was left out", field="benchmark",
                          next_step="complete its prices")  # fmt: skip
    bare = [name for name in sheet.names if name not in prices.names]
    notes: tuple[str, ...] = ()
    if bare:
        notes = (f"{len(bare)} of {len(sheet.names)} assets of the sheet have no prices: {', '.join(bare[:5])}",)
    return _set_aside(Candidates(sample, attributes, sheet.holdings, sheet.benchmark, notes=notes, trading=trading))


def held_weights(valued: SubjectValue, reference: Reference) -> dict[str, float]:
    """Weights of positions in the net asset value, by code.

    Raises
    ------
    MissingData
        A net asset value that is not above zero has no weights.
    """
    if valued.nav <= 0:
        raise MissingData(f"{valued.subject.code} is worth nothing, so its positions have no weight", field="holdings",
                          next_step="fund it first")  # fmt: skip
    totals: dict[str, float] = {}
    for row in valued.rows:
        if row.instrument:
            code = reference.instruments[row.instrument].code
            totals[code] = totals.get(code, 0.0) + row.value / valued.nav
    return totals


def members(
    reference: Reference, rules: UniverseRules, held: Mapping[str, float], bench: BenchmarkSteps | None,
    priced: Sequence[int],
) -> list[Instrument]:  # fmt: skip
    """Instruments of a universe, in order of their codes.

    Raises
    ------
    UnknownName, MissingData
        A name that is none, the members of a benchmark that cannot be looked into, nothing left.
    """
    by_code = {one.code: one for one in reference.instruments.values()}
    for name in (*rules.include, *rules.exclude):
        if name not in by_code:
            raise unknown("instrument", name, by_code, place="universe of the mandate")
    found = set(rules.include)
    if rules.members in ("held", "held and benchmark"):
        found |= {code for code, weight in held.items() if weight != 0.0}
    if rules.members in ("benchmark", "held and benchmark"):
        inside = benchmark_weights(bench, reference)
        if inside is None:
            raise MissingData("the universe is the benchmark's, and nobody knows what is inside it", field="universe",
                              next_step="name a benchmark made of instruments, or members = \"held\"")  # fmt: skip
        found |= set(inside)
    if rules.members == "all":
        found |= {reference.instruments[one].code for one in priced if one in reference.instruments}
    chosen = [by_code[code] for code in sorted(found)]
    if rules.types:
        chosen = [one for one in chosen if one.type in rules.types]
    if not chosen:
        raise MissingData("there is nothing that may be held", field="universe",
                          next_step="see [universe] of the mandate, or --universe all")  # fmt: skip
    return chosen


def benchmark_weights(bench: BenchmarkSteps | None, reference: Reference) -> dict[str, float] | None:
    """Weights of a benchmark's instruments at its last step, by code; None where it is no list of instruments."""
    if bench is None or not all(isinstance(item, int) for item in bench.items):
        return None
    totals: dict[str, float] = {}
    for item, weight in zip(bench.items, bench.weights[-1].tolist(), strict=True):
        code = reference.instruments[int(item)].code
        totals[code] = totals.get(code, 0.0) + weight
    return totals


def book_candidates(
    prices: ReturnPrices,
    instruments: Sequence[Instrument],
    policy: InvestmentPolicy,
    *,
    holdings: Mapping[str, float],
    reference: Reference,
    bench: BenchmarkSteps | None,
    trading: Trading | None = None,
) -> Candidates:
    """Candidates of a book: instruments with their prices in the portfolio's currency, its holdings and benchmark."""
    panel = prices.panel
    weights = benchmark_weights(bench, reference)
    if bench is not None and weights is None:
        # Its returns go through the same frequency and lookback as the assets'.
        days = np.concatenate([bench.before[:1], bench.days])
        reached = np.concatenate([[1.0], np.cumprod(1.0 + bench.total)])
        rows = np.searchsorted(days, panel.days, side="right") - 1
        levels = np.where((rows >= 0) & (panel.days <= days[-1]), reached[np.maximum(rows, 0)], np.nan)
        panel = Panel(panel.days, (*panel.names, INDEX), np.column_stack([panel.values, levels]))
        weights = {INDEX: 1.0}
    inside = {one.code for one in instruments}
    sample = sampled(panel.take(tuple(name for name in panel.names if name in inside)), policy.beliefs)
    if weights is not None and policy.beliefs.missing == "complete periods":
        sample = _together(panel, sample, policy.beliefs)
    beside, lost = _beside(panel, sample, weights, policy.beliefs)
    notes: list[str] = []
    if lost:
        notes.append(f"no comparison with the benchmark: {lost} lacks returns in periods of the assets")
        weights = None
    places = {one.code: one for one in instruments}
    kept = [places[name] for name in sample.names]
    labels = sorted({label for one in kept for label in one.attributes})
    attributes = {
        "type": tuple(one.type for one in kept),
        "currency": tuple(one.currency for one in kept),
        **{label: tuple(one.attributes.get(label, "") for one in kept) for label in labels},
    }
    if prices.without_income:
        shown = ", ".join(prices.without_income[:5]) + (" and more" if len(prices.without_income) > 5 else "")
        notes.append(f"returns without income, for want of total-return prices: {shown}")
    trading = trading or Trading()
    # A name without returns is left as it is, and its lots with it.
    trading = replace(trading, lots={name: lots for name, lots in trading.lots.items() if name in sample.names})
    return _set_aside(Candidates(sample, attributes, holdings, weights, beside, notes=tuple(notes), trading=trading))


def _together(panel: Panel, sample: Sample, rules: BeliefRules) -> Sample:
    """Periods that are complete for the benchmark too, where that leaves half of them at least."""
    try:
        joint = sampled(panel, rules)
    except InsufficientData:
        return sample
    if 2 * joint.panel.days.size < sample.panel.days.size:
        return sample
    return replace(joint, panel=joint.panel.take(sample.names))


def _beside(
    panel: Panel, sample: Sample, weights: Mapping[str, float] | None, rules: BeliefRules
) -> tuple[Panel | None, str]:
    """Returns of what only the benchmark holds in the periods of a sample, and a name that lacks some."""
    if weights is None:
        return None, ""
    whole = sample_of_prices(panel, frequency=rules.frequency, missing="pairwise")
    same = whole.panel.rows(np.isin(whole.panel.days, sample.panel.days))
    places = {name: place for place, name in enumerate(same.names)}
    lacking = np.asarray(same.missing.any(axis=0))
    lost = [name for name in weights if name not in sample.names and (name not in places or lacking[places[name]])]
    outside = tuple(name for name in same.names if name in weights and name not in sample.names)
    return (same.take(outside) if outside and not lost else None), (lost[0] if lost else "")


def _set_aside(found: Candidates) -> Candidates:
    """Weights held outside the universe stay as they are."""
    inside = set(found.names)
    aside = {name: weight for name, weight in (found.holdings or {}).items() if name not in inside and weight != 0.0}
    notes = list(found.notes)
    if aside:
        total = sum(aside.values())
        shown = ", ".join(sorted(aside)[:5]) + (f" and {len(aside) - 5} more" if len(aside) > 5 else "")
        notes.append(f"{total:.2%} stays as it is, outside the universe: {shown}")
    return replace(found, aside=aside, notes=tuple(notes))
