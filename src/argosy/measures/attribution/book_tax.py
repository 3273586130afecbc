"""What a book's realized gains owe by day, and lines of a return after it (``docs/formulas/after-tax.md``).

The tax is owed, not paid: it lowers the return of the day of the sale and no value of the book.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import numpy.typing as npt

from argosy.measures.attribution.book_lines import OWN, BookLines, Line
from argosy.measures.attribution.line_moves import OWN_LINES, TAX_LINE, TAXES
from argosy.measures.performance.after_tax import Losses, gains_tax
from argosy.measures.tax.regimes import Regime, law_of
from argosy.measures.valuation.gains import realized
from argosy.measures.valuation.gaps import Gap, merge_gaps
from argosy.measures.valuation.rates import Rates
from argosy.measures.valuation.subjects import Subject
from argosy.record.ledger.state import State
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OwedTax:
    """Tax (T,) on the gains realized in each step of some lines, in their currency; ``rules`` says at which rates."""

    amount: Float64
    rules: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()


def owed_tax(state: State, reference: Reference, market: MarketSnapshot, subject: Subject, lines: BookLines) -> OwedTax:
    """Tax on realized gains in each step of ``lines``, by the mandates in force on the last day.

    ``state`` carries base amounts. Gains before the first step count where losses are carried. A lot sold short is
    short-term, whenever it was covered. A missing exchange rate is a gap, not 0.
    """
    amount = np.zeros(len(lines))
    rules: list[str] = []
    missing = []
    rates = Rates(market)
    last = int(lines.days[-1]) if len(lines) else 0
    for portfolio, begin, end in subject.members:
        held, mandate = reference.portfolios[portfolio], reference.mandate(portfolio, last)
        law, losses = law_of(mandate), mandate.tax.losses
        rules.append(f"{held.code}: {_in_words(law, losses)}")
        made = realized(state, reference, portfolios=[portfolio], first=begin or None, last=min(end or last, last))
        rows = made.reliefs
        mine = np.ones(len(rows), np.bool_) if subject.sleeve < 0 else rows.sleeve == subject.sleeve
        long = law.are_long(rows.acquired, rows.date) & (rows.quantity >= 0)
        found = gains_tax(
            made.gain_base[mine] * 10.0 ** -reference.money_scale(held.base_currency), rows.date[mine], long[mine],
            short_rate=law.short, long_rate=law.long, losses=cast(Losses, losses),
        )  # fmt: skip
        step = np.searchsorted(lines.days, found.days, side="left")
        for day, at, owed in zip(found.days.tolist(), step.tolist(), found.total.tolist(), strict=True):
            if not owed or at >= len(lines) or day <= int(lines.before[0]):
                continue
            rate = rates.get(held.base_currency, lines.currency, day)
            if rate is None:
                missing.append(("rate", f"{held.base_currency}/{lines.currency}", day, subject.code))
                continue
            amount[at] += owed * float(rate)
    gaps = merge_gaps(missing, sorted({day for _, _, day, _ in missing}))  # type: ignore[arg-type]
    return OwedTax(amount, tuple(rules), tuple(gaps))


def _in_words(law: Regime, losses: str) -> str:
    if not law.taxes:
        return "no tax on gains, as the mandate's [tax] names neither a regime nor a rate"
    named = "" if law.code == "NONE" else f", by the rules of {law.name} as of {law.year}"
    return f"gains at {law.short:.4g}, {law.line} at {law.long:.4g}, losses {losses}{named}"


def after_tax(lines: BookLines, owed: OwedTax) -> BookLines:
    """The lines with the tax on gains as a charge of its own; steps, weights and values stay what they were."""
    place = _tax_line(lines.lines)
    listed, start, parts = lines.lines, lines.start, lines.parts
    if place < 0:
        place = len(listed)
        listed = (*listed, Line(OWN, TAX_LINE, OWN_LINES[TAX_LINE], lines.currency))
        start = np.concatenate([start, np.zeros((len(lines), 1))], axis=1)
        parts = np.concatenate([parts, np.zeros((*parts.shape[:2], 1))], axis=2)
    parts = parts.copy()
    parts[TAXES, :, place] -= owed.amount
    return replace(lines, lines=listed, start=start, parts=parts, notes=(*lines.notes, *owed.rules))


def _tax_line(lines: Sequence[Line]) -> int:
    return next((at for at, line in enumerate(lines) if line.kind == OWN and line.id == TAX_LINE), -1)
