"""A benchmark that changes: each holds from its first day on until the next, steps put one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, MissingData
from argosy.measures.attribution.bench_segments import BenchmarkReader, BenchmarkSteps
from argosy.measures.performance.blend_text import DatedBlend
from argosy.record.mandate import BenchmarkRules

FAR = 2**40


def dated_steps(reader: BenchmarkReader, asked: Sequence[DatedBlend]) -> BenchmarkSteps:
    """Steps of benchmarks that follow on each other; the step that ends on a start already belongs to the new one.

    Raises :class:`MissingData` where none of them has a return between two that have.
    """
    last = int(reader.days[-1])
    edges = [(one, -FAR if one.start is None else one.start) for one in asked]
    living = [
        (one.blend, start, stop) for (one, start), stop in zip(edges, [e for _, e in edges[1:]] + [FAR], strict=True)
        if start <= last and stop > int(reader.days[0])
    ]  # fmt: skip
    if not living:
        raise MissingData(
            f"no benchmark holds before {format_date(edges[0][1])}", field="benchmark",
            next_step="give one without a date, or compare a later time",
        )  # fmt: skip
    if len(living) == 1 and asked[0].start is None and living[0][1] == -FAR and len(asked) == 1:
        return reader.steps(living[0][0])
    found = [(reader.steps(blend), start, stop) for blend, start, stop in living]
    if len(found) > 1 and any(steps.whole_periods for steps, _, _ in found):
        raise InvalidInput(
            "a benchmark with periods of its own cannot take turns with another", field="benchmark",
            next_step="name it alone, for the time it holds",
        )  # fmt: skip
    cut = [_between(steps, start, stop) for steps, start, stop in found]
    cut = [one for one in cut if len(one.days)]
    if not cut:
        raise MissingData("no benchmark has a return on these days", field="benchmark")
    return cut[0] if len(cut) == 1 else _joined(cut)


def _between(steps: BenchmarkSteps, start: int, stop: int) -> BenchmarkSteps:
    keep = (steps.days >= start) & (steps.days < stop)
    text = steps.text if start == -FAR else f"{steps.text} from {format_date(start)}"
    return BenchmarkSteps(
        text, steps.items, steps.before[keep], steps.days[keep], steps.weights[keep], steps.returns[keep],
        steps.total[keep], steps.notes, steps.whole_periods, steps.stale, steps.basis,
    )  # fmt: skip


def _joined(parts: Sequence[BenchmarkSteps]) -> BenchmarkSteps:
    items = tuple(dict.fromkeys(item for one in parts for item in one.items))
    weights = [np.zeros((len(one.days), len(items))) for one in parts]
    returns = [np.zeros((len(one.days), len(items))) for one in parts]
    for one, share, earned in zip(parts, weights, returns, strict=True):
        # A blend may hold one thing twice: what it earns is weighed together.
        for place, item in enumerate(one.items):
            at = items.index(item)
            share[:, at] += one.weights[:, place]
            earned[:, at] += one.weights[:, place] * one.returns[:, place]
        held = share != 0.0
        earned[held] /= share[held]
    before, days = (np.concatenate([getattr(one, name) for one in parts]) for name in ("before", "days"))
    torn = np.flatnonzero(before[1:] != days[:-1])
    if len(torn):
        at = int(torn[0])
        raise MissingData(
            f"no benchmark has a return from {format_date(int(days[at]))} to {format_date(int(before[at + 1]))}",
            field="benchmark", next_step="import its levels, or let the next one begin earlier",
        )  # fmt: skip
    return BenchmarkSteps(
        "; ".join(one.text for one in parts), items, before, days, np.concatenate(weights), np.concatenate(returns),
        np.concatenate([one.total for one in parts]),
        tuple(dict.fromkeys(note for one in parts for note in one.notes)),
        stale=np.unique(np.concatenate([one.stale for one in parts])),
    )  # fmt: skip


def mandate_text(versions: Sequence[tuple[int, BenchmarkRules]]) -> str:
    """The benchmark of mandates in force one after the other, as text for
    :func:`~argosy.measures.performance.blend_text.parse_dated`; empty where the last has none.

    A list of changes in the last mandate says all; else each mandate's benchmark holds until the next mandate's.

    Examples
    --------
    >>> mandate_text([(0, BenchmarkRules("OLD")), (18995, BenchmarkRules("NEW"))])
    'OLD; NEW from 2022-01-03'
    >>> mandate_text([(0, BenchmarkRules("A", ((18995, "B"),)))])
    'A; B from 2022-01-03'
    """
    if not versions:
        return ""
    latest = versions[-1][1]
    if latest.changes:
        listed = [(None, latest.code)] if latest.code else []
        return _text([*listed, *latest.changes])
    if not latest.code:
        return ""
    turns: list[tuple[int | None, str]] = []
    for place, (day, rules) in enumerate(versions):
        code = rules.changes[-1][1] if rules.changes else rules.code
        if not turns or turns[-1][1] != code:
            turns.append((None if place == 0 else day, code))
    while turns and not turns[0][1]:
        turns.pop(0)
    return _text([one for one in turns if one[1]])


def _text(turns: Sequence[tuple[int | None, str]]) -> str:
    return "; ".join(name if day is None else f"{name} from {format_date(day)}" for day, name in turns)
