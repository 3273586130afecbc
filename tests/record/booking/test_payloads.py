"""Payloads kept as columns behave as the dictionaries they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.adapters.store.canonical import canonical_json
from argosy.record.booking.payloads import RowPayloads, spoken_only

TEXTS = st.sampled_from(["", "", "T-1", 'a "quoted" \\ one', "Größe", "\u2028", "emoji \U0001f600"])


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6), st.integers(0, 5), st.booleans())
def test_they_are_the_same_mapping(rows: list[tuple[str, str]], place: int, special: bool) -> None:
    references, notes = [ref for ref, _ in rows], [note for _, note in rows]
    others: dict[int, dict[str, object]] = {place: {"cost": 5, "ref": "x"}} if special and place < len(rows) else {}
    plain = {
        at: {name: text for name, text in (("ref", ref), ("note", note)) if text}
        for at, (ref, note) in enumerate(rows) if ref or note
    } | others  # fmt: skip
    kept = RowPayloads(references, notes if any(notes) else [], others)
    assert dict(kept) == plain
    assert list(kept) == sorted(plain)
    assert len(kept) == len(plain)
    assert [at in kept for at in range(-1, len(rows) + 1)] == [at in plain for at in range(-1, len(rows) + 1)]
    assert "0" not in kept
    assert spoken_only(kept) == others
    assert spoken_only(plain) is plain
    # the same bytes as the store writes
    assert kept.encoded() == [canonical_json(plain[at]).encode() if at in plain else None for at in range(len(rows))]


@pytest.mark.parametrize("place", [-1, 1, 2])
def test_a_row_that_says_nothing_has_no_payload(place: int) -> None:
    with pytest.raises(KeyError):
        RowPayloads(["T-1", ""], [], {})[place]
