"""Breaches of limits and waivers of them, as facts: opened, worsened, cured; asked for, approved by another, over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from argosy.base.errors import InvalidInput
from argosy.record.facts import Fact, FactDraft, FactKind
from argosy.record.payload import flag, integer, text

Key = tuple[int, str, str]
"""Portfolio, rule, what the rule is about."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit of a portfolio that did not hold: since when, why, until when it is to be cured, and when it was.

    Numbers are decimal texts, as stored. ``cause`` is active (a trade) or passive (the market). ``until`` 0: open.
    """

    portfolio: int
    rule: str
    subject: str
    since: int
    measured: str
    allowed: str
    cause: str
    hard: bool
    cure_by: int
    until: int = 0
    worst: str = ""
    """The number when a trade made it worse; empty = none did."""

    @property
    def key(self) -> Key:
        """What makes it the same breach."""
        return self.portfolio, self.rule, self.subject

    def draft(self, step: str, day: int) -> FactDraft:
        """The fact that tells a step of it: opened, worsened or cured."""
        return FactDraft(FactKind.BREACH, self.portfolio, day, {
            "step": step, "rule": self.rule, "subject": self.subject, "since": self.since, "measured": self.measured,
            "allowed": self.allowed, "cause": self.cause, "hard": int(self.hard), "cure_by": self.cure_by, "day": day,
        })  # fmt: skip


def read_breaches(facts: Iterable[Fact]) -> tuple[tuple[Breach, ...], dict[Key, Breach]]:
    """All breaches in the order in which they opened, and those still open."""
    closed: list[Breach] = []
    live: dict[Key, Breach] = {}
    for fact in facts:
        if fact.kind != FactKind.BREACH:
            continue
        told = fact.payload
        found = Breach(
            fact.subject, text(told, "rule"), text(told, "subject"), integer(told, "since"), text(told, "measured"),
            text(told, "allowed"), text(told, "cause"), flag(told, "hard"), integer(told, "cure_by"),
        )  # fmt: skip
        before = live.get(found.key)
        match text(told, "step"):
            case "cured" if before is not None:
                closed.append(replace(live.pop(found.key), until=integer(told, "day")))
            case "worsened" if before is not None:
                live[found.key] = replace(before, cause=found.cause, cure_by=found.cure_by, worst=found.measured)
            case _:
                live[found.key] = found
    return tuple(sorted((*closed, *live.values()), key=lambda one: (one.since, one.key))), live


@dataclass(frozen=True, slots=True)
class Waiver:
    """A permission to be beyond a limit until a day; it holds once somebody else than who asked has approved it."""

    number: int
    portfolio: int
    rule: str
    until: int
    reason: str
    asked_by: str
    decided_by: str = ""
    state: str = "asked"

    def holds(self, rule: str, day: int) -> bool:
        """Whether it lets a rule be broken on a day."""
        return self.state == "approved" and self.rule == rule and day <= self.until

    def draft(self, step: str, *, by: str, day: int, note: str = "") -> FactDraft:
        """The fact of a step: asked, approved, rejected or withdrawn."""
        return FactDraft(FactKind.WAIVER, self.portfolio, day, {
            "number": self.number, "step": step, "rule": self.rule, "until": self.until, "reason": self.reason,
            "by": by, "note": note,
        })  # fmt: skip

    def decided(self, step: str, *, by: str) -> Waiver:
        """After a decision.

        Raises
        ------
        InvalidInput
            It is decided already, or the one who asked wants to approve it.
        """
        if self.state != "asked":
            raise InvalidInput(f"waiver {self.number} is {self.state}", field="waiver", found=self.number,
                               next_step="ask for a new one")  # fmt: skip
        if step == "approved" and by.strip().casefold() == self.asked_by.strip().casefold():
            raise InvalidInput(
                f"{by} asked for waiver {self.number} and cannot approve it", field="by", found=by,
                expected="somebody else", next_step="let a second person approve it",
            )  # fmt: skip
        return replace(self, state=step, decided_by=by)


def read_waivers(facts: Iterable[Fact]) -> dict[int, Waiver]:
    """All waivers by number, as they stand."""
    found: dict[int, Waiver] = {}
    for fact in facts:
        if fact.kind != FactKind.WAIVER:
            continue
        told = fact.payload
        number, step, by = integer(told, "number"), text(told, "step"), text(told, "by")
        if step == "asked":
            found[number] = Waiver(
                number, fact.subject, text(told, "rule"), integer(told, "until"), text(told, "reason"), by
            )
        elif number in found:
            found[number] = replace(found[number], state=step, decided_by=by)
    return found
