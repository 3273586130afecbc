"""What is said to a person about an event the ledger refuses."""

from __future__ import annotations

from argosy.base.money import to_decimal
from argosy.kernels import lot_rows as codes
from argosy.record.ledger.events import Kind

_VERBS = {
    Kind.BUY: "buys",
    Kind.SELL: "sells",
    Kind.SHORT_SELL: "sells short",
    Kind.COVER: "covers",
    Kind.DELIVERY_OUT: "delivers",
    Kind.TRANSFER_OUT: "transfers",
    Kind.SPLIT: "takes away",
}


def why(code: int, kind: Kind, held: int, asked: int, unit: int) -> str:
    """The sentence for a kernel's outcome; quantities are at ``unit`` = 10**scale.

    Examples
    --------
    >>> why(codes.OVERSOLD, Kind.SELL, 2000, -3000, 100)
    'sells 30, holds 20'
    """
    scale = len(str(unit)) - 1
    has, wants = (f"{to_decimal(abs(value), scale).normalize():f}" for value in (held, asked))
    verb = _VERBS.get(kind, kind.name.lower().replace("_", " "))
    match code:
        case codes.OVERSOLD:
            side = "is short" if held < 0 else "holds"
            return f"{verb} {wants}, {side} {has}"
        case codes.OVERCOVERED:
            return f"covers {wants}, is short {has if held < 0 else 0}"
        case codes.NO_POSITION:
            return f"{kind.name.lower().replace('_', ' ')} on a holding of nothing"
        case codes.LOTS_NOT_NAMED:
            return f"{verb} {wants} without naming the lots, which the lot method SPECIFIC asks for"
        case codes.LOTS_DIFFER:
            return f"{verb} {wants}, but the lots it names are not open here in that quantity"
        case codes.OVERFLOW:
            return "quantity or cost would not fit 64 bits at this scale"
        case codes.TARGET_SIGN:
            return "moves a long holding onto a short one, or the reverse"
        case _:
            return "the other leg of the transfer is refused"
