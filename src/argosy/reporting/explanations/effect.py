"""An effect of attribution as a tree: formula, figures of each period, securities, prices and events in it."""

from __future__ import annotations

from collections.abc import Iterable

from argosy.base.dates import format_date
from argosy.base.errors import MissingPrice, unknown
from argosy.measures.attribution.book_answer import BookAttribution
from argosy.measures.attribution.book_effects import EFFECTS
from argosy.measures.attribution.book_lines import HELD, OWN, Line
from argosy.reporting.explanations.build import Evidence
from argosy.reporting.explanations.tree import SHOWN, Node

FORMULAS = {
    "allocation": "k (w - W)(R_s - R): weight more than the benchmark's in a segment that beat it",
    "selection": "k W (h/w - R_s): what was held did better than the benchmark's segment",
    "interaction": "k (w - W)(h/w - R_s): both together",
    "trading": "k times what trades inside the period made",
    "other": "k times what was charged, exchanged or left by rounding",
}
HOOD = "k (w - W) R_s: weight more than the benchmark's in a segment that rose"


def effect_tree(found: BookAttribution, segment: str, effect: str, evidence: Evidence, subject: str) -> Node:
    """The linked effect of one segment down to periods, lines, prices and events.

    Raises :class:`UnknownName` with the nearest segment or effect.
    """
    effects = found.effects
    if effect not in EFFECTS:
        raise unknown("effect", effect, EFFECTS)
    if segment not in effects.names:
        raise unknown("segment", segment, effects.names)
    place = effects.names.index(segment)
    first, last = int(found.periods.before[0]), int(found.periods.days[-1])
    formula = FORMULAS[effect]
    if effect == "allocation" and found.choices.method == "brinson-hood-beebower":
        formula = HOOD
    branches = [
        Node("formula", "", formula),
        Node("conventions", "", found.choices.text()),
        Node("periods", f"{len(effects.days)}", "k x effect of the period",
             children=tuple(_periods(found, place, effect))),
        Node("lines", "", "who was behind it", children=tuple(_lines(found, segment, effect, evidence))),
    ]  # fmt: skip
    return Node(
        f"{effect} of {segment}, {subject}, {format_date(first)} to {format_date(last)}",
        f"{float(found.linked.effects[effect][place]):+.4%}",
        f"part of the active return {found.linked.active:+.4%}", children=tuple(branches),
    )  # fmt: skip


def _periods(found: BookAttribution, place: int, effect: str) -> Iterable[Node]:
    """The figures of each period, in order; of many periods the largest first."""
    effects, scale = found.effects, found.linked.coefficients
    order = list(range(len(effects.days)))
    sizes = (abs(effects.effects[effect][:, place]) * scale).tolist()
    if len(effects.days) > SHOWN:
        order.sort(key=lambda at: -sizes[at])
    for at in order:
        value = float(effects.effects[effect][at, place])
        weight, other = float(effects.weights[at, place]), float(effects.benchmark_weights[at, place])
        earned, bench = float(effects.contributions[at, place]), float(effects.benchmark_returns[at, place])
        yield Node(
            f"{format_date(int(effects.before[at]))} to {format_date(int(effects.days[at]))}",
            f"{value * float(scale[at]):+.4%}",
            f"k {float(scale[at]):.6f} x {value:+.6%}; w {weight:.4%}, W {other:.4%}, contribution {earned:+.4%}, "
            f"R_s {bench:+.4%}, R {float(effects.benchmark[at]):+.4%}",
        )  # fmt: skip


def _lines(found: BookAttribution, segment: str, effect: str, evidence: Evidence) -> Iterable[Node]:
    """The lines that stand in a segment, with prices at both ends and the events inside."""
    figures, lines = found.by_line(), found.periods.lines
    moves = lines.moves
    shown = effect if effect in ("selection", "trading") else "contribution"
    for place, line in enumerate(lines.lines):
        name = line.name if line.kind == OWN else found.labels.line(line)
        if name != segment:
            continue
        events = dict.fromkeys(moves.event_seq[moves.line == place].tolist())
        children = [*_prices(line, found, evidence), *(evidence.event(seq) for seq in events if seq)]
        yield Node(
            line.name, f"{float(figures[shown][place]):+.4%}",
            f"{shown}; mean weight {float(figures['weight'][place]):.4%}", children=tuple(children),
        )  # fmt: skip


def _prices(line: Line, found: BookAttribution, evidence: Evidence) -> Iterable[Node]:
    if line.kind == HELD:
        for day in (int(found.periods.before[0]), int(found.periods.days[-1])):
            try:
                yield evidence.price(evidence.market.price(line.id, day), line.name)
            except MissingPrice as error:
                yield Node(f"price of {line.name}", "none", error.message)
