"""What a line or a constituent counts under: security, type, currency, any attribute, or an imported classification."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from argosy.base.errors import unknown
from argosy.measures.attribution.book_effects import CASH_SEGMENT
from argosy.measures.attribution.book_lines import CASH, HELD, OWN, PENDING, Line
from argosy.measures.attribution.line_moves import ROUNDING_LINE
from argosy.record.reference_fold import Reference
from argosy.record.segments import classification, schemes

PATH = " / "
UNCLASSIFIED = "unclassified"
BUILT_IN = ("security", "type", "currency", "line")


@dataclass(frozen=True)
class Labels:
    """Names of one level for lines of a book and items of a benchmark.

    ``of`` gives the label of an instrument; cash and receivables are ``cash``, or their currency where currency is the
    level. An instrument without the attribute is ``unclassified``; ``missing`` says which ones.
    """

    level: str
    of: Mapping[int, str]

    def line(self, line: Line) -> str:
        """The label of a line."""
        if line.kind == HELD:
            return self.of.get(line.id, UNCLASSIFIED)
        if self.level == "currency" and line.kind in (CASH, PENDING):
            return line.currency
        if self.level == "line" or line.kind == OWN:
            return line.name
        return CASH_SEGMENT

    def item(self, item: int | str) -> str:
        """The label of an item of a benchmark; what cannot be looked into keeps its name."""
        return item if isinstance(item, str) else self.of.get(item, UNCLASSIFIED)


def level_names(reference: Reference) -> tuple[str, ...]:
    """Everything that can be grouped by: built-in levels, attributes of instruments, imported classifications."""
    attributes = sorted({name for one in reference.instruments.values() for name in one.attributes})
    return tuple(dict.fromkeys((*BUILT_IN, *attributes, *schemes(reference))))


def labels(reference: Reference, level: str, *, portfolio: int = 0) -> Labels:
    """Labels of one level. Raises :class:`UnknownName` with the nearest level there is."""
    listed = reference.instruments.values()
    picks: dict[str, Callable[[], dict[int, str]]] = {
        "security": lambda: {one.id: one.code for one in listed},
        "line": lambda: {one.id: one.code for one in listed},
        "type": lambda: {one.id: one.type for one in listed},
        "currency": lambda: {one.id: one.currency for one in listed},
    }
    if level in picks:
        return Labels(level, picks[level]())
    if level in schemes(reference):
        return Labels(level, classification(reference, level, portfolio))
    known = level_names(reference)
    if level not in known:
        raise unknown("level", level, known)
    return Labels(level, {one.id: one.attributes[level] for one in listed if one.attributes.get(level)})


def portfolio_label(reference: Reference, subject: str) -> Callable[[Line], str]:
    """The portfolio of a line (the subject's code where lines are put together); what rounding left is nobody's."""

    def label(line: Line) -> str:
        if line.kind == OWN and line.id == ROUNDING_LINE:
            return line.name
        return reference.portfolios[line.portfolio].code if line.portfolio else subject

    return label


@dataclass(frozen=True)
class Path:
    """Several levels from the top down: labels joined into one path."""

    levels: Sequence[Labels]

    def line(self, line: Line) -> str:
        """The path of a line; what is no security has one label at all levels."""
        return PATH.join(dict.fromkeys(level.line(line) for level in self.levels))

    def item(self, item: int | str) -> str:
        """The path of an item of a benchmark."""
        return PATH.join(dict.fromkeys(level.item(item) for level in self.levels))

    def node(self, item: Line | int | str, depth: int) -> str:
        """The path down to a level (1 = the top)."""
        part = Path(self.levels[:depth])
        return part.line(item) if isinstance(item, Line) else part.item(item)
