"""Kinds of events in words."""

from __future__ import annotations

from argosy.record.ledger.events import Int64, Kind

WORDS: dict[int, str] = {kind.value: kind.name.lower().replace("_", " ") for kind in Kind} | {
    Kind.FX.value: "currency conversion",
    Kind.FX_FORWARD_SETTLEMENT.value: "forward settlement",
    Kind.OPENING_LOT.value: "opening",
}
"""Number of a kind -> what people call it."""


def kind_names(kinds: Int64) -> list[str]:
    """Each row's kind in words; a kind of a newer version keeps its number."""
    return [WORDS.get(kind, f"kind {kind}") for kind in kinds.tolist()]
