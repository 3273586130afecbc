"""Payloads are found by name without decoding all of them, and decoded only when looked at."""

from __future__ import annotations

from argosy.adapters.store.rows import Payloads


def test_rows_that_mention_a_name_are_found_without_decoding() -> None:
    payloads = Payloads({0: '{"ref":"lots"}', 3: '{"lots":[[1,2]]}', 7: '{"note":"x"}', 9: "not json"})
    assert payloads.positions_with("lots") == [0, 3]
    assert payloads.positions_with("notional") == []
    assert payloads[3] == {"lots": [[1, 2]]}
    assert list(payloads) == [0, 3, 7, 9]
    assert 7 in payloads
    assert len(payloads) == 4
