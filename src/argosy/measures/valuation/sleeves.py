"""Values of the sleeves of a portfolio by day: each rounded once, the cents that leaves put where the most is.

Sleeves, with what carries none, sum to the portfolio in every figure and on every day, to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from argosy.base.dates import format_date
from argosy.base.errors import ConservationError, unknown
from argosy.measures.valuation.calendar import begins, first_days
from argosy.measures.valuation.history import FIGURES, NavHistory, history
from argosy.measures.valuation.share_basis import SplitBook
from argosy.measures.valuation.subjects import Subject
from argosy.record.ledger.sleeves import Folded, sleeve_rows
from argosy.record.ledger.state import State
from argosy.record.market.snapshot import MarketSnapshot
from argosy.record.reference_fold import Reference

Int64 = npt.NDArray[np.int64]
ALL, NONE = "all", "none"
"""Every sleeve with what is in none; what is in none."""
_ADDED = tuple(name for name in FIGURES if name != "nav")
_ROUNDED_TWICE = 2


@dataclass(frozen=True, eq=False)
class SleeveHistory:
    """One sleeve: its rows of the ledger, its values (a history of one subject)."""

    rows: Folded
    history: NavHistory


def sleeve_histories(
    state: State, reference: Reference, market: MarketSnapshot, whole: NavHistory, number: int, *,
    sleeves: Sequence[str], splits: SplitBook,
) -> list[SleeveHistory]:  # fmt: skip
    """The sleeves named of one portfolio of a history, on its days; ``all`` and ``none`` are understood.

    All are valued, because they have to sum to the portfolio. Raises :class:`UnknownName` for a sleeve the portfolio
    does not have, :class:`ConservationError` if they did not sum to it.
    """
    owner = whole.subjects[number]
    portfolio = owner.members[0][0]
    names = {one.id: one.code for one in reference.sleeves.values() if one.portfolio == portfolio} | {0: NONE}
    for code in sleeves:
        if code not in (ALL, *names.values()):
            raise unknown(f"sleeve of {owner.code}", code, [*names.values(), ALL])
    tables = sleeve_rows(state, portfolio)
    found: dict[str, SleeveHistory] = {}
    for sleeve, rows in tables.items():
        subject = Subject(0, f"{owner.code}/{names[sleeve]}", owner.currency, owner.members, sleeve)
        start = begins(subject, first_days(rows))
        if start is None or start > int(whole.days[-1]):
            continue
        values = history(
            rows, reference, market, subjects=[subject], days=whole.days, starts=[start], splits=splits,
            after=whole.after,
        )  # fmt: skip
        found[names[sleeve]] = SleeveHistory(rows, values)
    footed = _foot(whole, number, [one.history for one in found.values()])
    made = {
        name: SleeveHistory(one.rows, values) for (name, one), values in zip(found.items(), footed, strict=True)
    }  # fmt: skip
    return [one for name, one in made.items() if name in sleeves or ALL in sleeves]


def _foot(whole: NavHistory, number: int, parts: Sequence[NavHistory]) -> list[NavHistory]:
    """Give what rounding left of each figure of each day to the sleeve that is worth most then."""
    if not parts:
        return []
    live = whole.ok[number].copy()
    for one in parts:
        live &= one.ok[0] | ~one.expected[0]
    size = np.stack([np.where(one.ok[0], np.abs(one["nav"][0]), -1) for one in parts])
    largest = size.argmax(axis=0)
    step = 10 ** (whole.scales[number] - whole.minor_units[number])
    most = (len(parts) + _ROUNDED_TWICE) * step
    figures: list[dict[str, Int64]] = [{} for _ in parts]
    for name in _ADDED:
        left = np.where(live, whole[name][number] - sum(one[name][0] for one in parts), 0)
        if len(left) and int(np.abs(left).max()) > most:
            day = int(whole.days[int(np.abs(left).argmax())])
            raise ConservationError(
                f"the sleeves of {whole.subjects[number].code} do not sum to it on {format_date(day)}: {name}",
                field=name,
            )
        for place, one in enumerate(parts):
            figures[place][name] = (one[name][0] + np.where(largest == place, left, 0))[None, :]
    made = []
    for one, mine in zip(parts, figures, strict=True):
        mine["nav"] = mine["positions"] + mine["cash"] + mine["receivable"] - mine["payable"] + mine["accrued"]
        made.append(replace(one, figures=mine))
    return made
