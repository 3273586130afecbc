"""Where a number comes from: the tree behind a value, position, gain or income, as known at the look's watermark."""

from __future__ import annotations

from argosy.base.errors import InvalidInput, unknown
from argosy.measures.valuation.value import value
from argosy.reporting.explanations.build import Evidence
from argosy.reporting.explanations.tree import Explanation, Node
from argosy.workflows.look import Look

TARGETS = ("value", "position", "gain", "income", "event", "price", "rate")


def explain(seen: Look, target: str, name: str = "") -> Explanation:
    """Explain a number down to events, prices and rates.

    ``target`` and ``name``: "value" of a portfolio or group ("" = the look's first), "position" of
    ``PORTFOLIO/INSTRUMENT``, "gain", "income" or "event" of an event's number, "price" of an instrument, "rate" of
    ``EUR/USD``. The same look at the same ``known_at`` gives the same text.
    """
    if target not in TARGETS:
        raise unknown("kind of explanation", target, TARGETS)
    evidence = Evidence(
        seen.events, seen.order, seen.reference, seen.market, seen.based[0],
        {batch.batch: batch.file_name for batch in seen.store.batches(watermark=seen.watermark)}, seen.day,
    )  # fmt: skip
    return Explanation(_root(seen, evidence, target, name), seen.provenance(f"explain {target} {name}".strip()))


def _root(seen: Look, evidence: Evidence, target: str, name: str) -> Node:
    reference = seen.reference
    match target:
        case "value":
            subjects = seen.subjects()
            if name:
                subjects = [one for one in subjects if one.code == _code(seen, name)]
            found = value(evidence.state, reference, seen.market, subjects=subjects[:1], day=seen.day,
                          splits=seen.splits)  # fmt: skip
            return evidence.value(found.subjects[0])
        case "position":
            portfolio, _, instrument = name.partition("/")
            if not instrument:
                raise InvalidInput(
                    f"{name!r} does not name a position", field="position", found=name,
                    expected="PORTFOLIO/INSTRUMENT", next_step="write it as in GROWTH/AAPL",
                )  # fmt: skip
            return evidence.position(reference.portfolio(portfolio).id, reference.instrument(instrument, seen.day).id)
        case "price":
            one = reference.instrument(name, seen.day)
            return evidence.price(seen.market.price(one.id, seen.day), one.code)
        case "rate":
            source, _, other = name.partition("/")
            return evidence.rate(seen.market.rate(source, other, seen.day), source, other)
        case "gain":
            return evidence.gain(_event_number(name))
        case "income":
            return evidence.income(_event_number(name))
        case _:
            return evidence.event(_event_number(name))


def _code(seen: Look, name: str) -> str:
    return seen.group if seen.group and seen.group == name else seen.reference.portfolio(name).code


def _event_number(name: str) -> int:
    if not name.isdecimal():
        raise InvalidInput(
            f"{name!r} is not the number of an event", field="event", found=name, expected="a number",
            next_step="take it from the event column of `argosy transactions`",
        )  # fmt: skip
    return int(name)
