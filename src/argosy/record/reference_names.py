"""From names to ids: codes that may have changed, identifiers that were borne for a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from argosy.base.errors import UnknownName, unknown
from argosy.base.ids import SCHEMES

T = TypeVar("T")


class CodeIndex:
    """Codes of one kind of subject. An old code still answers unless a newer subject bears it now."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._now: dict[tuple[int, str], int] = {}
        self._once: dict[tuple[int, str], int] = {}
        self._anywhere: dict[str, list[tuple[int, int]]] = {}

    def add(self, subject: int, owner: int, codes: list[str]) -> None:
        """Register a subject's codes, oldest first, unique inside the portfolio ``owner`` (0 = the whole book)."""
        for code in codes[:-1]:
            self._once[owner, code] = subject
        self._now[owner, codes[-1]] = subject
        self._anywhere.setdefault(codes[-1], []).append((owner, subject))

    def find(self, code: str, owner: int | None) -> int | None:
        """The subject that bears a code, or None. ``owner`` None asks the whole book."""
        if owner is not None:
            found = self._now.get((owner, code))
            return found if found is not None else self._once.get((owner, code))
        bearers = self._anywhere.get(code, [])
        if len(bearers) > 1:
            raise UnknownName(
                f"{self.what} {code!r} exists in {len(bearers)} portfolios", field=self.what, found=code,
                next_step=f"write PORTFOLIO/{code}",
            )  # fmt: skip
        return bearers[0][1] if bearers else self._once.get((0, code))

    def codes(self, owner: int | None) -> list[str]:
        """Codes in use."""
        return [code for (held, code) in self._now if owner is None or held == owner]


def pick(found: Mapping[int, T], index: CodeIndex, name: str | int, owner: int | None = None) -> T:
    """The subject behind an id or a code, else :class:`UnknownName` with the nearest codes."""
    if not isinstance(name, str):
        if int(name) in found:
            return found[int(name)]
        raise UnknownName(f"unknown {index.what} id {int(name)}", field=index.what, found=name)
    subject = index.find(name, owner)
    if subject is None:
        raise unknown(index.what, name, index.codes(owner))
    return found[subject]


class AliasIndex:
    """Who bore an identifier when. Of two claims the later effective one rules, then the newer known one."""

    def __init__(self) -> None:
        self._claims: dict[str, dict[str, list[tuple[int, int, int, int]]]] = {}

    def add(self, scheme: str, value: str, effective: int, until: int, seq: int, subject: int) -> None:
        """Register that ``subject`` bears ``value`` from ``effective`` to ``until`` (inclusive, 0 = open)."""
        self._claims.setdefault(value, {}).setdefault(scheme, []).append((effective, seq, until, subject))

    def find(self, name: str, day: int | None, *, canonical: Callable[[int], int]) -> int | None:
        """The bearer of ``value`` or ``scheme:value`` on a day (None = the latest), or None.

        Raises
        ------
        UnknownName
            When two schemes name different instruments: the caller has to say which scheme is meant.
        """
        schemes = self._schemes(name)
        bearers: dict[int, str] = {}
        for scheme, claims in schemes.items():
            ruling = [
                claim for claim in claims
                if day is None or ((claim[0] <= day or claim[0] == 0) and (claim[2] == 0 or day <= claim[2]))
            ]  # fmt: skip
            if ruling:
                bearers.setdefault(canonical(max(ruling)[3]), scheme)
        if len(bearers) > 1:
            raise UnknownName(
                f"identifier {name!r} belongs to {len(bearers)} instruments", field="instrument", found=name,
                next_step="say which one: " + " or ".join(f"{scheme}:{name}" for scheme in bearers.values()),
            )  # fmt: skip
        return next(iter(bearers), None)

    def find_timeless(self, name: str, *, canonical: Callable[[int], int]) -> int | None:
        """The bearer when every claim names the same one and the first holds from the beginning, else None."""
        claims = [claim for listed in self._schemes(name).values() for claim in listed]
        bearers = {canonical(subject) for _, _, _, subject in claims}
        always = all(min(listed)[0] == 0 for listed in self._schemes(name).values())
        if len(bearers) != 1 or not always or any(until for _, _, until, _ in claims):
            return None
        return bearers.pop()

    def _schemes(self, name: str) -> dict[str, list[tuple[int, int, int, int]]]:
        """The claims on ``value`` per scheme, or on ``scheme:value``."""
        schemes = self._claims.get(name)
        if schemes is None and ":" in name:
            scheme, _, value = name.partition(":")
            held = self._claims.get(value, {})
            if scheme.lower() in SCHEMES and scheme.lower() in held:
                return {scheme.lower(): held[scheme.lower()]}
        return schemes or {}


def follow(direct: Mapping[int, int], start: int) -> int:
    """The end of a chain of merges; a circle (two merges against each other) ends at its smallest id."""
    seen = [start]
    while seen[-1] in direct:
        following = direct[seen[-1]]
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]
