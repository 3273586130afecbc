"""Mandates that inherit: a house's policy, a model's over it, a client's on top.

A key that a lower layer gives rules over that of an upper one. Lists of limits and of names that are not traded add up:
a client's mandate can only be stricter. What an upper layer locks cannot be changed below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from argosy.base.problems import Problem
from argosy.record.mandate_text import key_lines, line_of

Content = Mapping[str, Mapping[str, object]]

ADDING = frozenset({
    ("limits", "rules"), ("universe", "exclude"), ("trading", "no_buy"), ("trading", "no_sell"),
    ("risk", "proxies"), ("monitoring", "rules"),
})  # fmt: skip
"""Lists that add up over the layers."""

OWN_SECTIONS = frozenset({"portfolio", "lots"})
"""Sections that only a portfolio's own mandate may have: a shared one would rewrite the gains of many portfolios."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One text of a mandate, read: where it comes from and what it says."""

    source: str
    text: str
    content: Content

    @property
    def locked(self) -> tuple[str, ...]:
        """Keys (``section.key``, or a whole ``section``) that layers below may not change."""
        held = self.content.get("inherit", {}).get("locked", ())
        return tuple(map(str, held)) if isinstance(held, list | tuple) else ()


def merged(layers: Sequence[Layer]) -> dict[str, dict[str, object]]:
    """What the layers say together, the first the most general.

    Examples
    --------
    >>> house = Layer("house", "", {"limits": {"rules": ["gross <= 1"]}, "lots": {}})
    >>> client = Layer("client", "", {"limits": {"rules": ["weight of each <= 5%"]}})
    >>> merged([house, client])["limits"]["rules"]
    ['gross <= 1', 'weight of each <= 5%']
    """
    found: dict[str, dict[str, object]] = {}
    for layer in layers:
        for section, held in layer.content.items():
            home = found.setdefault(section, {})
            for key, value in held.items():
                before = home.get(key)
                if (section, key) in ADDING and isinstance(before, list) and isinstance(value, list):
                    home[key] = [*before, *(item for item in value if item not in before)]
                else:
                    home[key] = value
    return found


def lock_problems(layers: Sequence[Layer]) -> list[Problem]:
    """Keys that a layer changes although one above it locked them."""
    problems: list[Problem] = []
    locked: dict[str, Layer] = {}
    for number, layer in enumerate(layers):
        above = merged(layers[:number])
        lines = key_lines(layer.text)
        for section, held in layer.content.items():
            if section == "inherit":
                continue
            for key, value in held.items():
                owner = locked.get(f"{section}.{key}") or locked.get(section)
                same = value == above.get(section, {}).get(key)
                if owner is not None and not same and (section, key) not in ADDING:
                    problems.append(Problem(
                        layer.source, line_of(lines, (section, key)), f"{owner.source} has locked it",
                        field=f"{section}.{key}", found=str(value), code="mandate",
                        next_step="leave the key out, or ask for the lock to be lifted",
                    ))  # fmt: skip
        locked |= {name: layer for name in layer.locked if name not in locked}
    return problems


def shared_problems(layer: Layer) -> list[Problem]:
    """Sections that a shared policy may not have."""
    lines = key_lines(layer.text)
    return [
        Problem(
            layer.source, line_of(lines, (section,)), f"[{section}] belongs to each portfolio's own mandate",
            field=section, code="mandate", next_step="move it there: shared, it would rewrite the past of many",
        )
        for section in layer.content
        if section in OWN_SECTIONS
    ]  # fmt: skip
