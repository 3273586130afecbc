"""How composites look: a row for each year as GIPS asks for, a row for each period."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from argosy.base.columns import Column
from argosy.base.table import Table
from argosy.measures.attribution.book_composite import BookComposite
from argosy.measures.performance.returns import Outcome


def _outcomes(name: str, found: Sequence[Outcome]) -> Column:
    return Column(name, "ratio", [one.value for one in found], missing=[not one.defined for one in found])


def years_table(found: BookComposite, name: str, *, currency: str, scale: int, notes: Sequence[str] = ()) -> Table:
    """A row for each year: returns, members, dispersion, assets, three-year deviation; what is undefined says why."""
    years = found.years
    columns: list[tuple[str, list[Outcome]]] = [("return", [one.returns for one in years])]
    deviations = [("deviation_3y", [one.deviation for one in years])]
    if found.benchmark is not None:
        none = Outcome(0.0, "there is no benchmark")
        columns.append(("benchmark", [one.benchmark or none for one in years]))
        deviations.append(("benchmark_deviation_3y", [one.benchmark_deviation or none for one in years]))
    spread = [one.dispersion for one in years]
    shares = [("firm_share", [one.firm_share for one in years if one.firm_share is not None])]
    shares = [pair for pair in shares if len(pair[1]) == len(years)]
    said = [
        f"{label.replace('_', ' ')} of {', '.join(str(year) for year in those)}: {reason}"
        for label, outcomes in (*columns, ("dispersion", spread), *shares, *deviations)
        for reason, those in _grouped(years_of=[one.year for one in years], outcomes=outcomes)
    ]
    part = [str(one.year) for one in years if not one.whole]
    head = (f"not whole years: {', '.join(part)}",) if part else ()
    return Table(
        name,
        (
            Column("year", "integer", [one.year for one in years]),
            *(_outcomes(label, outcomes) for label, outcomes in columns),
            Column("members", "integer", [one.members for one in years]),
            Column("full_year", "integer", [one.full_year for one in years]),
            _outcomes("dispersion", spread),
            Column("assets", "amount", [round(one.assets * 10**scale) for one in years], scale=scale, unit=currency,
                   shown=scale),
            *(_outcomes(label, outcomes) for label, outcomes in (*shares, *deviations)),
        ),
        notes=(*head, *notes, *found.notes, *said),
    )  # fmt: skip


def _grouped(*, years_of: Sequence[int], outcomes: Sequence[Outcome]) -> list[tuple[str, list[int]]]:
    groups: dict[str, list[int]] = {}
    for year, one in zip(years_of, outcomes, strict=True):
        if one.reason:
            groups.setdefault(one.reason, []).append(year)
    return list(groups.items())


def periods_table(found: BookComposite, name: str, *, currency: str, scale: int) -> Table:
    """A row for each period: return, benchmark, number of members and their capital at its start."""
    missing = found.found.returns.reasons != 0
    return Table(
        name,
        (
            Column("from", "date", found.before.tolist()),
            Column("to", "date", found.days.tolist()),
            Column("return", "ratio", np.where(missing, 0.0, found.found.returns.values).tolist(),
                   missing=missing.tolist()),
            *(() if found.benchmark is None else (_outcomes("benchmark", found.benchmark),)),
            Column("members", "integer", found.found.members.tolist()),
            Column("capital", "amount", [round(one * 10**scale) for one in found.found.capital.tolist()], scale=scale,
                   unit=currency, shown=scale),
        ),
    )  # fmt: skip


def members_table(found: BookComposite, name: str) -> Table:
    """A row for each portfolio and period in which it counts: return and share of the composite's capital."""
    step, place = (one.tolist() for one in found.member.nonzero())
    rows = list(zip(step, place, strict=True))
    return Table(
        name,
        (
            Column("to", "date", [int(found.days[t]) for t, _ in rows]),
            Column("portfolio", "text", [found.codes[n] for _, n in rows]),
            Column("weight", "ratio", [float(found.capital[t, n] / found.found.capital[t]) for t, n in rows]),
            Column("return", "ratio", [float(found.returns[t, n]) for t, n in rows]),
        ),
    )
