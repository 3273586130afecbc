"""The tree of an explanation: each line says what, how much, how it follows, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from argosy.base.table import Column, Provenance, Table

SHOWN = 12
"""Lines of one branch shown to a person before the rest is counted."""


@dataclass(frozen=True, slots=True)
class Node:
    """One line. ``amount`` is text with its unit; ``how`` the arithmetic; ``source`` file and line, load or batch."""

    what: str
    amount: str = ""
    how: str = ""
    event: int = 0
    source: str = ""
    children: tuple[Node, ...] = ()

    def walk(self, level: int = 0) -> Iterator[tuple[int, Node]]:
        """Every line with its depth, top down."""
        yield level, self
        for child in self.children:
            yield from child.walk(level + 1)


@dataclass(frozen=True)
class Explanation:
    """An explained number; the same book known at the same time gives the same text forever."""

    root: Node
    provenance: Provenance | None = field(default=None, compare=False)

    def text(self, *, limit: int = SHOWN) -> str:
        """The tree as indented lines; long branches show ``limit`` lines and count the rest (0 = all)."""
        return "\n".join(_lines(self.root, "", "", limit))

    def __str__(self) -> str:
        return self.text()

    def table(self, name: str = "") -> Table:
        """Every line of the tree with its level."""
        rows = list(self.root.walk())
        return Table(
            name or f"Why {self.root.what}",
            (
                Column("level", "integer", [level for level, _ in rows]),
                Column("what", "text", ["  " * level + node.what for level, node in rows]),
                Column("amount", "text", [node.amount for _, node in rows]),
                Column("how", "text", [node.how for _, node in rows]),
                Column("event", "integer", [node.event for _, node in rows],
                       missing=[not node.event for _, node in rows]),
                Column("source", "text", [node.source for _, node in rows]),
            ),
            provenance=self.provenance,
        )  # fmt: skip


def _lines(node: Node, first: str, rest: str, limit: int) -> Iterator[str]:
    parts = [node.what + (f"  {node.amount}" if node.amount else "")]
    parts += [f"= {node.how}"] if node.how else []
    told = ", ".join(part for part in (f"event {node.event}" if node.event else "", node.source) if part)
    parts += [f"[{told}]"] if told else []
    yield first + "  ".join(parts)
    shown = node.children if not limit or len(node.children) <= limit + 1 else node.children[:limit]
    more = len(node.children) - len(shown)
    for place, child in enumerate(shown):
        last = place == len(shown) - 1 and not more
        yield from _lines(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "), limit)
    if more:
        yield rest + f"└─ and {more} more"
