"""Other explanations of a return than segments: what moved its bonds, which factors paid, where its risk came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from argosy.base.errors import InvalidInput, unknown
from argosy.base.table import Provenance, Table
from argosy.measures.attribution.book_answer import Choices, attribute
from argosy.measures.attribution.book_bonds import BookBonds, attribute_bonds
from argosy.measures.attribution.book_factors import BookFactors, attribute_factors
from argosy.measures.attribution.book_risk import BookRisk, attribute_risk
from argosy.measures.attribution.labels import Labels, labels
from argosy.measures.attribution.unit_values import UnitValues
from argosy.record.series import CURVE, FACTORS, StoredSeries, series_codes, stored_exposures, stored_series
from argosy.reporting.statements.explained import bonds_table, factors_table, risk_table, specific_table
from argosy.workflows.attribution import AttributionStatement, attribution, default_level, no_attribution
from argosy.workflows.look import Look, Statement
from argosy.workflows.measured import Asked, Measured, measured

MODELS = ("brinson", "fixed-income", "factors", "risk")
EXPOSURES = ("auto", "imported", "regressed")
Explained = BookBonds | BookFactors | BookRisk
Rows = tuple[Explained, tuple[Table, ...]]


@dataclass(frozen=True)
class Model:
    """Which explanation, and what it needs.

    ``curves`` are codes of yield curves (default: the one of each currency), ``tenor`` the years at which the curve's
    move is called parallel. ``factors`` is the code of factor returns (default: the only one), ``exposures`` auto,
    imported or regressed. ``days_per_year`` and ``risk_free`` (per period) are for risk.
    """

    name: str = "brinson"
    curves: tuple[str, ...] = ()
    tenor: float = 5.0
    factors: str = ""
    exposures: str = "auto"
    days_per_year: float = 252.0
    risk_free: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in MODELS:
            raise unknown("model of attribution", self.name, MODELS)
        if self.exposures not in EXPOSURES:
            raise unknown("kind of exposures", self.exposures, EXPOSURES)
        if not 0 < self.tenor <= 100:
            raise InvalidInput(f"the tenor is {self.tenor:g} years", field="tenor", found=self.tenor,
                               expected="years above 0, up to 100")  # fmt: skip
        for needs, given, option in (("fixed-income", self.curves, "curve"), ("factors", self.factors, "factors")):
            if given and self.name != needs:
                raise InvalidInput(f"a {option} was named, but the model is {self.name}", field=option,
                                   next_step=f"ask for the model {needs}")  # fmt: skip


@dataclass(frozen=True, repr=False)
class ModelStatement(Statement):
    """Tables, and the typed results behind them: one a subject and period."""

    results: tuple[Explained, ...] = ()


def explained(
    seen: Look, *, model: Model, periods: Sequence[str] = ("ITD",), by: Sequence[str] = (),
    benchmark: str | None = None, asked: Asked | None = None, choices: Choices | None = None, view: str = "segments",
) -> AttributionStatement | ModelStatement:  # fmt: skip
    """Effects of each subject and period by a model; all sum to the return, or to the active return."""
    about, how = asked or Asked(), choices or Choices()
    if model.name == "brinson":
        return attribution(seen, periods=periods, by=by, benchmark=benchmark, asked=about, choices=how, view=view)
    if view != "segments" or len(by) > 1:
        raise InvalidInput(f"the model {model.name} has one level and one view", field="view", found=view,
                           next_step="leave out the view, name one level")  # fmt: skip
    make: dict[str, Callable[[Measured, str, Labels], Rows]] = {
        "fixed-income": lambda one, name, level: _bonds(seen, one, name, level, model),
        "factors": lambda one, name, level: _factors(seen, one, name, level, model, benchmark, how),
        "risk": lambda one, name, level: _risk(one, name, level, model, benchmark, how),
    }
    if model.name == "fixed-income" and benchmark:
        raise InvalidInput(
            "what moved its bonds explains the whole return, not the difference from a benchmark", field="benchmark",
            found=benchmark, next_step="leave the benchmark out, or ask for the model brinson",
        )  # fmt: skip
    tables: list[Table] = []
    results: list[Explained] = []
    for one in measured(seen, about, periods=periods):
        kind = by[0] if by else default_level(seen) if model.name == "risk" else "security"
        level = labels(seen.reference, "line" if kind == "security" else kind, portfolio=one.subject.members[0][0])
        for name in periods:
            found, made = make[model.name](one, name, level)
            results.append(found)
            told = _provenance(seen, one, name, kind, model, benchmark, about, how)
            tables += [replace(table, provenance=told) for table in made]
    return ModelStatement(tuple(tables) or (no_attribution(),), tuple(results))


def _provenance(
    seen: Look, one: Measured, name: str, kind: str, model: Model, benchmark: str | None, about: Asked, how: Choices
) -> Provenance:
    return seen.provenance(
        f"attribution, {model.name}", convention=how.text(), warnings=seen.problems(),
        asked={"subject": one.subject.code, "period": name, "by": kind, "benchmark": benchmark, "about": about,
               "choices": how, "model": model},
    )  # fmt: skip


def _bonds(seen: Look, one: Measured, name: str, level: Labels, model: Model) -> Rows:
    span = one.period(name)
    known = series_codes(seen.reference, CURVE)
    curves: dict[str, StoredSeries] = {}
    for code in model.curves or known:
        found = stored_series(seen.reference, CURVE, code)
        if found.currency in curves:
            raise InvalidInput(
                f"{curves[found.currency].code} and {code} are both curves in {found.currency}", field="curve",
                next_step="name the one that is meant",
            )  # fmt: skip
        curves[found.currency] = found
    units = UnitValues(seen.reference, seen.market, one.history.days, splits=seen.splits)
    rules = seen.reference.mandate(one.subject.members[0][0], one.last).prices
    made: BookBonds = attribute_bonds(
        one.lines, units, seen.reference, curves, (rules.basis, rules.sources), level.line, after=span.after,
        last=span.last, tenor=model.tenor,
    )  # fmt: skip
    return made, (bonds_table(made, f"Fixed-income attribution of {one.subject.code}, {span.name}"),)


def _factors(
    seen: Look, one: Measured, name: str, level: Labels, model: Model, benchmark: str | None, how: Choices
) -> Rows:
    span = one.period(name)
    known = series_codes(seen.reference, FACTORS)
    if not model.factors and len(known) != 1:
        raise InvalidInput(
            f"the book has {len(known)} sets of factor returns", field="factors", found=", ".join(known),
            next_step="name one" if known else "argosy import factors FILE --code CODE",
        )  # fmt: skip
    stored = stored_series(seen.reference, FACTORS, model.factors or next(iter(known)))
    given = stored_exposures(seen.reference, stored.code)
    take = model.exposures == "imported" or (model.exposures == "auto" and bool(given.rows))
    steps = one.benchmark(benchmark)

    def item_name(item: int | str) -> str:
        return item if isinstance(item, str) else seen.reference.instruments[item].code

    made: BookFactors = attribute_factors(
        one.lines, stored, given if take else None, steps, level.line, level.item, item_name, after=span.after,
        last=span.last, choices=how,
    )  # fmt: skip
    against = "" if steps is None else f" against {steps.text}"
    title = f"Factor attribution of {one.subject.code}{against}, {span.name}"
    return made, (
        factors_table(made, title),
        specific_table(made, "Specific by " + ("security" if level.level == "line" else level.level)),
    )


def _risk(one: Measured, name: str, level: Labels, model: Model, benchmark: str | None, how: Choices) -> Rows:
    span, steps = one.period(name), one.benchmark(benchmark)
    if steps is None:
        raise InvalidInput(f"{one.subject.code} has no benchmark in its mandate", field="benchmark",
                           next_step="name one, as in --benchmark CODE")  # fmt: skip
    effects = attribute(one.lines, steps, level, after=span.after, last=span.last, choices=how)
    made: BookRisk = attribute_risk(effects, days_per_year=model.days_per_year, risk_free=model.risk_free)
    return made, (risk_table(made, f"Active risk of {one.subject.code} against {steps.text}, {span.name}"),)
