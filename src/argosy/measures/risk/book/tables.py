"""The risk of a subject as tables: models side by side, positions, groups, factors, sleeves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from argosy.base.dates import format_date
from argosy.base.table import Column, Table
from argosy.measures.risk.book.named import NamedFactors
from argosy.measures.risk.book.parts import BENCHMARK, group_table, position_table
from argosy.measures.risk.book.report import PER_YEAR, BookRisk
from argosy.measures.risk.loss.tail import TailLoss


def risk_tables(
    risk: BookRisk, models: Sequence[str], group: str, named: NamedFactors | None,
    sleeves: Mapping[tuple[int, int], str], portfolios: Mapping[int, str],
) -> list[Table]:  # fmt: skip
    """Models, contributions by position, by a group, by factor, and by portfolio and sleeve; all parts sum."""
    found, lost = risk.models(models)
    code, held, parts = risk.held.code, risk.held, risk.parts
    tables = [_models(risk, found, lost), position_table(held, parts, f"Risk by position: {code}")]
    tables.append(group_table(parts, [one.by(held, group) for one in parts], f"Risk by {group}: {code}", group))
    if named is None:
        tables.append(group_table(parts, [one.by_factor(held) for one in parts], f"Risk by factor: {code}", "factor"))
    else:
        tables.append(factor_table(named, f"Risk by factor: {code}"))
    by = [one.by_sleeve(held) for one in parts]
    if len({key for one in by for key in one if key != (0, 0)}) > 1:
        words = [{_owner(key, sleeves, portfolios): part for key, part in one.items()} for one in by]
        tables.append(group_table(parts, words, f"Risk by sleeve: {code}", "sleeve"))
    return tables


def _owner(key: tuple[int, int], sleeves: Mapping[tuple[int, int], str], portfolios: Mapping[int, str]) -> str:
    if key == (0, 0):
        return BENCHMARK
    return f"{portfolios[key[0]]}/{sleeves.get(key, 'none')}"


def _models(risk: BookRisk, found: Sequence[tuple[str, TailLoss]], lost: Sequence[str]) -> Table:
    tails = [tail for _, tail in found]
    cents, currency = 100.0 * risk.held.value, risk.held.currency
    active = "" if risk.tracking_error is None else (
        f", tracking error {risk.tracking_error.total:.2%} against {risk.benchmark}"
    )  # fmt: skip
    notes = [
        f"{format_date(risk.held.day)}: value {risk.held.value:,.2f} {currency}, volatility "
        f"{risk.volatility.total:.2%} a year of {PER_YEAR:g} days{active}",
        f"losses positive, confidence {risk.asked.confidence:g}, {risk.asked.horizon} "
        f"day{'s' if risk.asked.horizon > 1 else ''} ahead ({tails[0].horizon_rule}), weights as held, "
        f"{risk.returns.size} returns to {format_date(int(risk.history.days[-1]))}",
    ]
    if risk.diversification is not None:
        spread = risk.diversification
        notes.append(f"diversification ratio {spread.ratio:.3f}, effective bets {spread.effective_bets:.2f}")
    notes += [*risk.history.notes, *risk.notes, *lost]
    notes += [f"{name}: {text}" for name, tail in found for text in tail.warnings]
    return Table(
        f"Risk of {risk.held.code}",
        (
            Column("model", "text", [name for name, _ in found]),
            Column("value_at_risk", "ratio", [tail.value_at_risk for tail in tails], shown=2),
            _error("value_at_risk_error", [tail.value_at_risk_error for tail in tails]),
            Column("expected_shortfall", "ratio", [tail.expected_shortfall for tail in tails], shown=2),
            _error("expected_shortfall_error", [tail.expected_shortfall_error for tail in tails]),
            Column("value_at_risk_money", "amount", [round(cents * tail.value_at_risk) for tail in tails], scale=2,
                   unit=currency),
            Column("expected_shortfall_money", "amount", [round(cents * tail.expected_shortfall) for tail in tails],
                   scale=2, unit=currency),
            Column("method", "text", [tail.method for tail in tails]),
        ),
        notes=tuple(notes),
    )  # fmt: skip


def _error(name: str, values: Sequence[float | None]) -> Column:
    return Column(name, "ratio", [value or 0.0 for value in values], shown=2, title="error",
                  missing=[value is None for value in values])  # fmt: skip


def factor_table(named: NamedFactors, title: str) -> Table:
    """One row per factor and the specific rest: exposure x volatility x correlation, summing to the volatility."""
    risk = named.risk
    blank = [False] * len(named.names) + [True]
    return Table(
        title,
        (
            Column("factor", "text", [*named.names, "specific"]),
            Column("exposure", "ratio", [*risk.exposure.tolist(), 0.0], unit="x", missing=blank),
            Column("factor_volatility", "ratio", [*risk.volatility.tolist(), 0.0], shown=2,
                   missing=blank),
            Column("correlation", "ratio", [*risk.correlation.tolist(), 0.0], unit="x", missing=blank),
            Column("volatility", "ratio", [*risk.contribution.tolist(), risk.specific], shown=2),
            Column("share", "ratio", [*(risk.contribution / risk.total).tolist(), risk.specific / risk.total], shown=2),
        ),
        notes=(f"volatility {risk.total:.2%} a year by these factors; specific risks are taken as independent",),
    )  # fmt: skip
