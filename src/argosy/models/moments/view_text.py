"""Views in words: ``AAPL earns 8%``, ``AAPL - MSFT earns 3% confidence 60%``, ``50% A + 50% B - C earns 2%``."""

from __future__ import annotations

import re

from argosy.base.errors import InvalidInput
from argosy.base.limits import number
from argosy.models.moments.black_litterman import View

_WHOLE = re.compile(r"^(?P<assets>.+?)\s+earns?\s+(?P<earns>\S+)(?:\s+confidence\s+(?P<confidence>\S+))?$", re.I)
_TERM = re.compile(r"^(?:(?P<share>[\d.]+\s*%?)\s+)?(?P<name>\S.*)$")
_SIGN = re.compile(r"\s+([+-])\s+")


def parse_view(text: str) -> View:
    """Read a view: assets with signs (and shares, 1 each without), what they earn a year, and how sure one is.

    Raises
    ------
    InvalidInput
        Says how views are written.

    Examples
    --------
    >>> parse_view("AAPL - MSFT earns 3% confidence 60%")
    View(assets={'AAPL': 1.0, 'MSFT': -1.0}, earns=0.03, confidence=0.6, variance=None)
    """
    found = _WHOLE.match(" ".join(text.split()))
    if found is None:
        raise _unreadable(text)
    try:
        earns = number(found["earns"])
        confidence = None if found["confidence"] is None else number(found["confidence"])
        pieces = _SIGN.split(" + " + found["assets"])[1:]
        assets: dict[str, float] = {}
        for sign, term in zip(pieces[::2], pieces[1::2], strict=True):
            part = _TERM.match(term.strip())
            assert part is not None, "a term between two signs is never empty"
            share = number(part["share"]) if part["share"] else 1.0
            assets[part["name"]] = assets.get(part["name"], 0.0) + (share if sign == "+" else -share)
    except ValueError:
        raise _unreadable(text) from None
    return View(assets, earns, confidence)


def _unreadable(text: str) -> InvalidInput:
    return InvalidInput(
        f"cannot read the view {text!r}", field="views", found=text,
        next_step="write 'AAPL earns 8%' or 'AAPL - MSFT earns 3% confidence 60%'",
    )  # fmt: skip
