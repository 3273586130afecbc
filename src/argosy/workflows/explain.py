"""Where a number comes from: the tree behind a value, position, gain or income, as known at the look's watermark."""

from __future__ import annotations

from dataclasses import dataclass, replace

from argosy.base.dates import format_date
from argosy.base.errors import InvalidInput, UnknownName, unknown
from argosy.measures.attribution.book_answer import BookAttribution
from argosy.measures.valuation.value import value
from argosy.reporting.explanations.build import Evidence
from argosy.reporting.explanations.effect import effect_tree
from argosy.reporting.explanations.tree import Explanation, Node
from argosy.workflows.attribution import attribution
from argosy.workflows.look import Look, select
from argosy.workflows.measured import Asked

TARGETS = ("value", "nav", "position", "gain", "income", "event", "price", "rate", "effect")


@dataclass(frozen=True)
class EffectOf:
    """Which attribution an effect belongs to: level of its segment, benchmark and period."""

    by: str = ""
    benchmark: str | None = None
    period: str = "ITD"


def explain(
    seen: Look, target: str, name: str = "", *, currency: str = "", effect: EffectOf | None = None
) -> Explanation:
    """Explain a number down to events, prices and rates.

    ``target`` and ``name``: "value" (or "nav") of a portfolio or group ("" = all that the look is about), "position"
    of ``PORTFOLIO/INSTRUMENT``, "gain", "income" or "event" of an event's number, "price" of an instrument, "rate" of
    ``EUR/USD``, "effect" of ``PORTFOLIO/SEGMENT/EFFECT`` (such as ``GROWTH/Technology/selection``) in the attribution
    that ``effect`` says. ``currency`` is the reporting currency of a value or of an effect. The same look at the same
    ``known_at`` gives the same text.
    """
    if target not in TARGETS:
        raise unknown("kind of explanation", target, TARGETS)
    if target == "nav":
        target = "value"
    if effect is not None and target != "effect":
        raise InvalidInput(f"a level, benchmark or period was given for a {target}", field="target", found=target,
                           next_step="leave it out: only an effect has one")  # fmt: skip
    if currency and target not in ("value", "effect"):
        raise InvalidInput(
            f"a reporting currency was given for a {target}", field="currency", found=currency,
            next_step="leave it out: only a value or an effect is converted",
        )  # fmt: skip
    if target == "value" and name:
        seen = _about(seen, name)
    if target == "effect":
        seen = _about(seen, name.partition("/")[0])
    batches = seen.store.batches(watermark=seen.watermark)
    evidence = Evidence(
        seen.events, seen.order, seen.reference, seen.market, seen.based[0],
        {batch.batch: batch.file_name for batch in batches}, seen.day,
        {batch.batch: batch.known_at for batch in batches},
    )  # fmt: skip
    told = seen.provenance(
        f"explain {target} {name}".strip(), warnings=seen.problems(), asked={"currency": currency, "effect": effect}
    )
    if target == "effect":
        root = _effect(seen, evidence, name, currency, effect or EffectOf())
    else:
        root = _value(seen, evidence, currency) if target == "value" else _root(seen, evidence, target, name)
    return Explanation(root, told)


def _value(seen: Look, evidence: Evidence, currency: str) -> Node:
    """Each portfolio of the look, or its group as one; several stand side by side under one line."""
    found = value(evidence.state, seen.reference, seen.market, subjects=seen.subjects(currency), day=seen.day,
                  splits=seen.splits)  # fmt: skip
    trees = tuple(evidence.value(one) for one in found.subjects)
    if len(trees) == 1:
        return trees[0]
    return Node(f"net asset values on {format_date(seen.day)}", f"{len(trees)} portfolios", children=trees)


def _root(seen: Look, evidence: Evidence, target: str, name: str) -> Node:
    reference = seen.reference
    match target:
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


def _effect(seen: Look, evidence: Evidence, name: str, currency: str, asked: EffectOf) -> Node:
    _, _, rest = name.partition("/")
    segment, _, effect = rest.rpartition("/")
    if not segment:
        raise InvalidInput(
            f"{name!r} does not name an effect", field="effect", found=name, expected="PORTFOLIO/SEGMENT/EFFECT",
            next_step="write it as in GROWTH/Technology/selection",
        )  # fmt: skip
    by = (asked.by,) if asked.by else ()
    told = attribution(
        seen, periods=(asked.period,), by=by, benchmark=asked.benchmark, asked=Asked(currency=currency)
    ).results  # fmt: skip
    found = told[0] if told else None
    assert isinstance(found, BookAttribution)
    return effect_tree(found, segment, effect, evidence, found.periods.lines.subject)


def _about(seen: Look, name: str) -> Look:
    """The same look at the one portfolio or group that was named."""
    try:
        group = seen.reference.group(name).code
    except UnknownName:
        return replace(seen, portfolios=(seen.reference.portfolio(name).id,), group="")
    members = select(seen.reference, portfolios=(), group=group, day=seen.day)
    return replace(seen, portfolios=members, group=group)


def _event_number(name: str) -> int:
    if not name.isdecimal():
        raise InvalidInput(
            f"{name!r} is not the number of an event", field="event", found=name, expected="a number",
            next_step="take it from the event column of `argosy transactions`",
        )  # fmt: skip
    return int(name)
