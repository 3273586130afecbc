"""Idempotency keys: what makes a row of one file the same event as a row of another.

A row with a reference is known by (source, account, reference); one without by its content and its number among
identical rows of the file, so that true twins survive and a second import of the file adds nothing. ``generation``
counts the times the same key was admitted again, after its batch was voided or because the user said so.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence

KEY_BYTES = 16

CONTENT_COLUMNS: tuple[str, ...] = (
    "kind", "trade_date", "settle_date", "ord", "portfolio", "account", "sleeve", "instrument", "quantity", "currency",
    "net", "fee", "tax", "accrued", "currency2", "net2", "price", "price_exp", "num", "den", "acquired",
)  # fmt: skip
"""What an event says, as opposed to where it came from (line, reference, note)."""

_PACK = struct.Struct(f"<{len(CONTENT_COLUMNS)}q")
_WORDS = frozenset({"ref", "note"})
_DOMAIN = b"argosy row 1\0"


def content_bytes(event: Mapping[str, object]) -> bytes:
    """The canonical bytes of what one event says; the same columns give the same bytes in any reader.

    Examples
    --------
    >>> one, two = {"kind": 1, "net": 5, "line": 2}, {"kind": 1, "net": 5, "line": 3, "payload": {"note": "again"}}
    >>> content_bytes(one) == content_bytes(two)
    True
    """
    packed = _PACK.pack(*(event.get(name, 0) for name in CONTENT_COLUMNS))
    payload = event.get("payload")
    rest = {k: v for k, v in payload.items() if k not in _WORDS} if isinstance(payload, Mapping) else {}
    return packed + (json.dumps(rest, sort_keys=True, separators=(",", ":")).encode() if rest else b"")


def content_hash(packed: Sequence[bytes], lots: Sequence[tuple[str, int]] = ()) -> bytes:
    """16 bytes for the content of all events of a row (two for a transfer), and of the lots it names."""
    whole = b"\0".join(packed)
    if lots:
        whole += b"\0lots" + json.dumps([list(lot) for lot in lots]).encode()
    return hashlib.sha256(whole).digest()[:KEY_BYTES]


def reference_key(source: str, account: int, reference: str, generation: int = 0) -> bytes:
    """The key of a row that has a reference.

    Examples
    --------
    >>> reference_key("custodian", 1, "T-17").hex()[:8] == reference_key("custodian", 2, "T-17").hex()[:8]
    False
    """
    return _digest(b"ref", f"{source}\0{account}\0{reference}\0{generation}".encode())


def reference_keys(source: str, accounts: Sequence[int], references: Sequence[str]) -> list[bytes]:
    """First-generation keys of many rows; a row without reference gets an empty one.

    Examples
    --------
    >>> reference_keys("custodian", [1], ["T-17"]) == [reference_key("custodian", 1, "T-17")]
    True
    """
    sha256 = hashlib.sha256
    heads = {account: _DOMAIN + b"ref\0" + f"{source}\0{account}\0".encode() for account in set(accounts)}
    return [
        sha256(heads[account] + reference.encode() + b"\x000").digest()[:KEY_BYTES] if reference else b""
        for account, reference in zip(accounts, references, strict=True)
    ]


def content_key(content: bytes, ordinal: int, generation: int = 0) -> bytes:
    """The key of a row known by its content only: the ``ordinal``-th of its kind in its file, from 0."""
    return _digest(b"row", content + f"\0{ordinal}\0{generation}".encode())


def leg_key(key: bytes, leg: int) -> bytes:
    """The key of a further event of the same row."""
    return key if leg == 0 else _digest(b"leg", key + (bytes([leg]) if leg < 256 else leg.to_bytes(4, "big")))


def _digest(what: bytes, content: bytes) -> bytes:
    return hashlib.sha256(_DOMAIN + what + b"\0" + content).digest()[:KEY_BYTES]
