"""A benchmark in words: one code, or a blend such as ``60% MSCIW + 40% BONDS @ quarterly``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from argosy.base.errors import InvalidInput, unknown

RULES = ("daily", "monthly", "quarterly", "yearly", "never")
_PART = re.compile(r"^\s*(?P<share>\d+(?:\.\d+)?)\s*(?P<unit>%|\*)?\s*(?P<code>\S+)\s*$")
LOCAL = ":local"


@dataclass(frozen=True, slots=True)
class BlendPart:
    """A share of a blend. ``local``: taken in its own currency, the exchange rate hedged away without its carry."""

    share: Fraction
    code: str
    local: bool = False


@dataclass(frozen=True, slots=True)
class BlendText:
    """A benchmark as written: parts whose shares sum to 1, restored at the end of each period of ``rule``."""

    text: str
    parts: tuple[BlendPart, ...]
    rule: str = "monthly"

    @property
    def single(self) -> str:
        """The code where it is one benchmark and nothing else, else an empty text."""
        return self.parts[0].code if len(self.parts) == 1 and not self.parts[0].local else ""


def parse_blend(text: str) -> BlendText:
    """Read a benchmark's code or a blend: ``SHARE% CODE + SHARE% CODE [@ RULE]``, or shares as ``0.6*CODE``.

    ``CODE:local`` takes an index in its own currency. RULE is daily, monthly (as if not given), quarterly, yearly or
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
    local = code.endswith(LOCAL)
    return BlendPart(share, code[: -len(LOCAL)] if local else code, local)
