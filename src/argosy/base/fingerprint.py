"""One way of computing fingerprints: SHA-256 over a canonical text of everything that decides an answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass

DIGITS = 32
"""Hex digits shown and compared: 128 bits."""


def canonical(method: str, parts: Mapping[str, object]) -> str:
    """The text a fingerprint is taken over: the method, then each part by name in the order given.

    Text and numbers stand as they are, with ``|`` and backslash escaped; anything else is JSON with sorted keys.

    Examples
    --------
    >>> canonical("nav/1", {"book": 12, "argosy": "0.1.0", "asked": {"b": [1], "a": None}})
    'nav/1|book 12|argosy 0.1.0|asked {"a":null,"b":[1]}'
    """
    return "|".join([_escaped(method), *(f"{name} {_text(value)}" for name, value in parts.items())])


def digest(method: str, parts: Mapping[str, object]) -> bytes:
    """The 32 bytes of the SHA-256 of :func:`canonical`."""
    return hashlib.sha256(canonical(method, parts).encode()).digest()


def fingerprint(method: str, parts: Mapping[str, object]) -> str:
    """The first 128 bits as hex digits: the same parts give the same text in every process.

    Examples
    --------
    >>> fingerprint("nav/1", {"book": 1}) == fingerprint("nav/1", {"book": 2})
    False
    >>> len(fingerprint("nav/1", {}))
    32
    """
    return digest(method, parts).hex()[:DIGITS]


def two_words(method: str, parts: Mapping[str, object]) -> tuple[int, int]:
    """The same 128 bits as two signed 64-bit integers, as they are stored in columns."""
    found = digest(method, parts)
    return int.from_bytes(found[:8], "big", signed=True), int.from_bytes(found[8:16], "big", signed=True)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _text(value: object) -> str:
    if isinstance(value, str | int):
        return _escaped(str(value))
    return _escaped(json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no canonical text")
