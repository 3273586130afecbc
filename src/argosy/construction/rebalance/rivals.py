"""Mandates that differ only in when they rebalance: what a mandate's own rule is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from argosy.base.errors import unknown
from argosy.record.mandate import Mandate, whole_text

OWN = "mandate"
NEVER = "never"
CALENDARS: Mapping[str, int] = {"monthly": 1, "quarterly": 3, "yearly": 12}
"""Months between the rebalances of each calendar."""
RIVALS = (OWN, NEVER, *CALENDARS)
"""Rules that can be compared, by name."""


def rival_text(mandate: Mandate, rule: str) -> str:
    """A mandate with its rebalancing replaced by a rule, as a text that reads as it.

    "mandate" leaves it as it is. "never" has no reason to trade, limits included. A calendar trades to the target
    after its months whatever that costs, and where a hard limit asks for it.

    Raises
    ------
    UnknownName
        A rule that is none of :data:`RIVALS`.

    Examples
    --------
    >>> from argosy.record.mandate import parse_mandate
    >>> changed = parse_mandate(rival_text(parse_mandate(""), "quarterly"))
    >>> changed.trading.rebalancing.every_months, changed.trading.rebalancing.drift
    (3, False)
    """
    if rule not in RIVALS:
        raise unknown("rebalancing rule", rule, RIVALS)
    if rule == OWN:
        return whole_text(mandate, title=rule)
    quiet: dict[str, object] = {
        "drift": False, "tracking_error": "", "cash": "", "signal": "", "rest_days": 0, "how_far": "target",
        "only_if_it_pays": False, "every_months": CALENDARS.get(rule, 0),
    }  # fmt: skip
    changed = _changed(mandate, "rebalancing", quiet)
    return whole_text(_changed(changed, "limits", {"rules": ()}) if rule == NEVER else changed, title=rule)


def first_text(mandate: Mandate) -> str:
    """The mandate of the first day: all rules invest all money alike, to the target."""
    return whole_text(
        _changed(mandate, "rebalancing", {"how_far": "target", "only_if_it_pays": False}), title="first investment"
    )


def _changed(mandate: Mandate, section: str, keys: Mapping[str, object]) -> Mandate:
    sections = {name: dict(held) for name, held in mandate.sections.items()}
    sections[section].update(keys)
    return replace(mandate, sections=sections)
