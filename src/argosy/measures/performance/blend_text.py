"""A benchmark in words: a code, a blend as ``60% MSCIW + 40% BONDS @ quarterly``, hedged parts, changes over time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from argosy.base.dates import parse_date
from argosy.base.errors import InvalidInput, unknown

RULES = ("daily", "monthly", "quarterly", "yearly", "never")
_PART = re.compile(r"^\s*(?P<share>\d+(?:\.\d+)?)\s*(?P<unit>%|\*)?\s*(?P<code>\S+)\s*$")
LOCAL = ":local"
_HEDGED = re.compile(r"^(?P<code>[^:\s]+):hedged(?:\*(?P<ratio>\d+(?:\.\d+)?))?(?:\((?P<rates>[^()]*)\))?$")
_FROM = re.compile(r"^(?P<body>.*\S)\s+from\s+(?P<day>\d{4}-\d{2}-\d{2})\s*$")


@dataclass(frozen=True, slots=True)
class Hedge:
    """How an index is hedged: the share, and where its carry comes from.

    ``home`` and ``foreign`` name money market indices or yield curves of the two currencies, ``premium`` a series of
    forward premiums; all empty: as the mandate says.
    """

    ratio: Fraction = Fraction(1)
    home: str = ""
    foreign: str = ""
    premium: str = ""


@dataclass(frozen=True, slots=True)
class BlendPart:
    """A share of a blend. ``local``: taken in its own currency, the exchange rate hedged away without its carry."""

    share: Fraction
    code: str
    local: bool = False
    hedge: Hedge | None = None


@dataclass(frozen=True, slots=True)
class BlendText:
    """A benchmark as written: parts whose shares sum to 1, restored at the end of each period of ``rule``."""

    text: str
    parts: tuple[BlendPart, ...]
    rule: str = "monthly"

    @property
    def single(self) -> str:
        """The code where it is one benchmark and nothing else, else an empty text."""
        first = self.parts[0]
        return first.code if len(self.parts) == 1 and not first.local and first.hedge is None else ""


@dataclass(frozen=True, slots=True)
class DatedBlend:
    """A benchmark and the day its returns begin to count (None: from the beginning)."""

    start: int | None
    blend: BlendText


def parse_dated(text: str) -> tuple[DatedBlend, ...]:
    """Read benchmarks that follow on each other: ``OLD; NEW from 2022-01-01``.

    The return of the day named is already the new one's. One without a date holds before all others.

    Examples
    --------
    >>> [(one.start, one.blend.text) for one in parse_dated("WORLD; 60% WORLD + 40% BONDS from 2022-01-03")]
    [(None, 'WORLD'), (18995, '60% WORLD + 40% BONDS')]
    """
    found: list[DatedBlend] = []
    for piece in (one.strip() for one in text.split(";")):
        dated = _FROM.match(piece)
        start = parse_date(dated["day"], field="benchmark") if dated else None
        found.append(DatedBlend(start, parse_blend(dated["body"] if dated else piece)))
    starts = [one.start for one in found]
    if None in starts[1:] or any(a >= b for a, b in pairwise([one for one in starts if one is not None])):
        raise InvalidInput(
            f"the benchmarks of {text!r} are not in order", field="benchmark", found=text,
            expected="the first without a date or with one, each later one with a later date",
            next_step="write it as in 'OLD; NEW from 2022-01-01'",
        )  # fmt: skip
    return tuple(found)


def parse_blend(text: str) -> BlendText:
    """Read a benchmark's code or a blend: ``SHARE% CODE + SHARE% CODE [@ RULE]``, or shares as ``0.6*CODE``.

    ``CODE:local`` takes an index in its own currency, ``CODE:hedged`` hedges its currency with the carry that the
    mandate names, ``CODE:hedged*0.5(ESTR/SOFR)`` half of it with that of two money market indices or yield curves
    (home, then foreign), ``CODE:hedged(POINTS)`` with a series of forward premiums.
    RULE is daily, monthly (as if not given), quarterly, yearly or
    never.

    Examples
    --------
    >>> found = parse_blend("60% MSCIW + 40% BONDS:local @ quarterly")
    >>> [(str(part.share), part.code, part.local) for part in found.parts], found.rule
    ([('3/5', 'MSCIW', False), ('2/5', 'BONDS', True)], 'quarterly')
    >>> parse_blend("MSCIW").single
    'MSCIW'
    """
    body, _, rule = text.partition("@")
    rule = rule.strip().lower() or "monthly"
    if rule not in RULES:
        raise unknown("rebalancing", rule, RULES)
    pieces = body.split("+")
    if len(pieces) == 1 and not re.match(r"^\s*\d+(\.\d+)?\s*[%*]", body):
        return BlendText(text, (_part(Fraction(1), body.strip()),), rule)
    parts = []
    for piece in pieces:
        found = _PART.match(piece)
        if found is None or found["unit"] is None:
            raise InvalidInput(
                f"{piece.strip()!r} is not a share of a blend", field="benchmark", found=text,
                expected="SHARE% CODE", next_step="write it as in '60% MSCIW + 40% BONDS'",
            )  # fmt: skip
        share = Fraction(found["share"])
        parts.append(_part(share / 100 if found["unit"] == "%" else share, found["code"]))
    total = sum(part.share for part in parts)
    if total != 1:
        raise InvalidInput(f"the shares of the blend sum to {float(total):g}", field="benchmark", found=text,
                           expected="1 (100%)")  # fmt: skip
    return BlendText(text, tuple(parts), rule)


def _part(share: Fraction, code: str) -> BlendPart:
    hedged = _HEDGED.match(code)
    if hedged is not None:
        home, slash, foreign = (hedged["rates"] or "").partition("/")
        ratio = Fraction(hedged["ratio"] or 1)
        names = (home.strip(), foreign.strip(), "") if slash else ("", "", home.strip())
        if (slash and not (names[0] and names[1])) or ratio > 2:
            raise InvalidInput(
                f"{code!r} is not a hedged benchmark", field="benchmark", found=code,
                expected="CODE:hedged, CODE:hedged(HOME/FOREIGN) or CODE:hedged*SHARE(PREMIUM)",
                next_step="name both rates, and a share from 0 to 2",
            )  # fmt: skip
        return BlendPart(share, hedged["code"], hedge=Hedge(ratio, *names))
    local = code.endswith(LOCAL)
    return BlendPart(share, code[: -len(LOCAL)] if local else code, local)
