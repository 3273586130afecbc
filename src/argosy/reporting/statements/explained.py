"""How attribution of bonds, by factor and of tracking error looks."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.dates import format_date
from argosy.base.table import Column, Table
from argosy.measures.attribution.book_bonds import BOND_EFFECTS, BookBonds
from argosy.measures.attribution.book_factors import BookFactors
from argosy.measures.attribution.book_risk import BookRisk
from argosy.measures.attribution.risk import FamaSplit


def _ratio(name: str, values: Sequence[float], missing: Sequence[bool] | None = None) -> Column:
    return Column(name, "ratio", list(values), missing=list(missing) if missing is not None else None)


def bonds_table(found: BookBonds, name: str) -> Table:
    """A row for each label: mean weight and duration, the effects and their sum."""
    return Table(
        name,
        (
            Column("label", "text", list(found.labels)),
            _ratio("weight", found.weight.tolist()),
            Column("duration", "ratio", found.duration.tolist(), unit="x", missing=(found.duration == 0.0).tolist()),
            *(_ratio(effect, found.effects[place].tolist()) for place, effect in enumerate(BOND_EFFECTS)),
            _ratio("total", found.contribution.tolist()),
        ),
        notes=(
            f"{format_date(found.after)} to {format_date(found.last)}: effects sum to the return {found.total:.4%}, "
            f"{found.residual:.1e} is left",
            f"yields effective a year; the parallel shift is the curve's move at {found.tenor:g} years",
            *found.notes,
        ),
        totals={"label": "total", "total": float(found.effects.sum())}
        | {effect: float(found.effects[place].sum()) for place, effect in enumerate(BOND_EFFECTS)},
    )  # fmt: skip


def factors_table(found: BookFactors, name: str) -> Table:
    """A row for each factor, then what is specific, trading and charges; all sum to the (active) return."""
    rest = ("specific", "trading", "other")
    sums = [float(getattr(found, one).sum()) for one in rest]
    blank = [True] * 3
    no = [False] * len(found.factors) + blank
    padded = [0.0] * 3
    return Table(
        name,
        (
            Column("effect", "text", [*found.factors, *rest]),
            Column("exposure", "ratio", [*found.exposure.tolist(), *padded], unit="x", missing=no),
            Column("benchmark_exposure", "ratio", [*found.benchmark_exposure.tolist(), *padded], unit="x", missing=no),
            _ratio("factor_return", [*found.factor_return.tolist(), *padded], no),
            _ratio("contribution", [*found.factor.tolist(), *sums]),
        ),
        notes=(
            f"{format_date(int(found.before[0]))} to {format_date(int(found.days[-1]))}, {len(found.days)} periods: "
            f"portfolio {found.portfolio:.4%}, benchmark {found.benchmark:.4%}, active {found.active:.4%}",
            f"effects leave {found.residual:.1e} unexplained",
            *found.notes,
        ),
        totals={"effect": "total", "contribution": found.total},
    )  # fmt: skip


def specific_table(found: BookFactors, name: str) -> Table:
    """What is specific to each label, what trading in it made, and the own lines."""
    return Table(
        name,
        (
            Column("label", "text", list(found.labels)),
            *(_ratio(one, getattr(found, one).tolist()) for one in
              ("weight", "benchmark_weight", "specific", "trading", "other")),
        ),
        totals={"label": "total"} | {one: float(getattr(found, one).sum()) for one in ("specific", "trading", "other")},
    )  # fmt: skip


def _fama(split: FamaSplit | None) -> str:
    if split is None:
        return "the benchmark never varies: there is no beta, and no split of the return by risk taken"
    return (
        f"Fama, a year: risk-free {split.risk_free:.4%} + market risk {split.systematic:.4%} + diversification "
        f"{split.diversification:.4%} + net selectivity {split.net_selectivity:.4%} = {split.total:.4%}"
    )


def risk_table(found: BookRisk, name: str) -> Table:
    """A row for each segment and effect: what it earned and risked a year, its share and its ratio."""
    risk = found.risk
    risked = (risk.contribution == 0.0).tolist()
    return Table(
        name,
        (
            Column("segment", "text", list(found.segments)),
            Column("effect", "text", list(found.effects)),
            _ratio("mean_annual", risk.mean.tolist()),
            _ratio("volatility_annual", risk.volatility.tolist()),
            Column("correlation", "ratio", risk.correlation.tolist(), unit="x"),
            _ratio("contribution", risk.contribution.tolist()),
            _ratio("share", (risk.contribution / risk.tracking_error).tolist()),
            Column("ratio", "ratio", risk.component_ratio.tolist(), unit="x", missing=risked),
        ),
        notes=(
            f"tracking error {risk.tracking_error:.4%} a year, information ratio {risk.information_ratio:.4f}; "
            f"contributions leave {found.residual:.1e}",
            f"beta {found.beta:.4f}, volatility {found.volatility:.4%}, benchmark {found.benchmark_volatility:.4%}, "
            f"{found.periods_per_year:g} periods a year",
            _fama(found.split),
            found.found.choices.text(),
            *found.found.notes,
        ),
        totals={"segment": "total", "mean_annual": float(risk.mean.sum()), "contribution": risk.tracking_error,
                "share": 1.0, "ratio": risk.information_ratio},
    )  # fmt: skip
