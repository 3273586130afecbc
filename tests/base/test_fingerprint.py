"""Fingerprints: the text they are taken over, held to the SHA-256 of the standard library."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.base.fingerprint import canonical, digest, fingerprint, two_words


@dataclass(frozen=True)
class Asked:
    currency: str
    names: tuple[str, ...] = ()


def test_the_text_is_plain_and_the_digest_is_its_sha_256() -> None:
    text = canonical("nav/1", {"book": 7, "asked": Asked("EUR", ("x",)), "ids": [2, 1], "set": {3, 1}})
    assert text == 'nav/1|book 7|asked {"currency":"EUR","names":["x"]}|ids [2,1]|set [1,3]'
    expected = hashlib.sha256(b"nav/1|book 7").hexdigest()
    assert digest("nav/1", {"book": 7}).hex() == expected
    assert fingerprint("nav/1", {"book": 7}) == expected[:32]


@given(st.text(max_size=6), st.text(max_size=6))
def test_a_text_cannot_pretend_to_be_two_parts(first: str, second: str) -> None:
    assert canonical("m", {"a": f"{first}|b {second}"}) != canonical("m", {"a": first, "b": second})


def test_two_words_hold_the_same_bits() -> None:
    high, low = two_words("nav/1", {"book": 7})
    both = (high % 2**64).to_bytes(8, "big") + (low % 2**64).to_bytes(8, "big")
    assert both.hex() == fingerprint("nav/1", {"book": 7})


def test_what_has_no_canonical_text_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        canonical("m", {"a": [object()]})
