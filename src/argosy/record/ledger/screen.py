"""What cannot be true of an event by itself or of a pair of transfer legs: found before lots are replayed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from argosy.record.ledger.amounts import Money, by_kind, known
from argosy.record.ledger.events import EventColumns, Int64, Kind
from argosy.record.ledger.rows import LedgerProblem

_ADDS = by_kind(Kind.BUY, Kind.COVER, Kind.DELIVERY_IN)
_TAKES = by_kind(Kind.SELL, Kind.SHORT_SELL, Kind.DELIVERY_OUT)
_NOT_ZERO = by_kind(Kind.OPENING_LOT, Kind.TRANSFER_OUT, Kind.TRANSFER_IN)
_KNOWN = by_kind(*Kind)


@dataclass
class Screen:
    """Events refused so far (by position in replay order), with the reasons."""

    refused: npt.NDArray[np.bool_]
    problems: list[LedgerProblem] = field(default_factory=list)

    def refuse(
        self, events: EventColumns, position: int, code: str, message: str, *, held: int = 0, asked: int = 0
    ) -> None:
        """Leave one event out, once."""
        if not self.refused[position]:
            self.refused[position] = True
            self.problems.append(LedgerProblem(int(events["seq"][position]), code, message, held, asked))


def screen(events: EventColumns, money: Money) -> Screen:
    """Refuse events whose kind, sign, ratio, cost or size cannot be."""
    kind, quantity = events["kind"], events["quantity"]
    found = Screen(np.zeros(len(kind), np.bool_))
    safe = known(kind)
    for position in np.flatnonzero(~_KNOWN[safe]).tolist():
        found.refuse(events, position, "kind", f"kind {int(kind[position])} is not one this version knows")
    wrong = (_ADDS[safe] & (quantity <= 0)) | (_TAKES[safe] & (quantity >= 0)) | (_NOT_ZERO[safe] & (quantity == 0))
    for position in np.flatnonzero(wrong).tolist():
        name = Kind(int(kind[position])).name.lower().replace("_", " ")
        expected = "more than 0" if _ADDS[kind[position]] else "less than 0" if _TAKES[kind[position]] else "not 0"
        message = f"{name}: the quantity must be {expected}"
        found.refuse(events, position, "sign", message, asked=int(quantity[position]))
    split = kind == Kind.SPLIT
    if split.any():
        num, den = events["num"], events["den"]
        bad = split & ~(((num > 0) & (den > 0)) | ((num == 0) & (den == 0) & (quantity != 0)))
        for position in np.flatnonzero(bad).tolist():
            message = "a split needs a ratio of two positive numbers, or the quantity added"
            found.refuse(events, position, "sign", message)
    for position in np.flatnonzero(~money.told & (kind == Kind.OPENING_LOT)).tolist():
        found.refuse(events, position, "no_cost", "an opening lot must say its cost (0 if it was free)")
    for position in np.flatnonzero(~money.told & (kind == Kind.DELIVERY_IN)).tolist():
        found.refuse(events, position, "no_cost", "a delivery in must say its value, which becomes cost")
    for position in np.flatnonzero(~money.fits).tolist():
        found.refuse(events, position, "overflow", "amount, fees and accrued interest together do not fit 64 bits")
    return found


def pair_legs(events: EventColumns, found: Screen) -> tuple[Int64, Int64]:
    """Match the two legs of transfers in kind: positions (out, in). Legs without a true counterpart are refused."""
    kind = events["kind"]
    outs = np.flatnonzero(kind == Kind.TRANSFER_OUT)
    ins = np.flatnonzero(kind == Kind.TRANSFER_IN)
    if not len(outs) and not len(ins):
        return outs, ins
    seq, link = events["seq"], events["link"]
    arriving: dict[int, list[int]] = {}
    for position in ins.tolist():
        arriving.setdefault(int(link[position]), []).append(position)
    pairs: list[tuple[int, int]] = []
    for position in outs.tolist():
        key = int(link[position]) or int(seq[position])
        partners = arriving.get(key, [])
        reason = "the other leg of the transfer is missing"
        if partners and not found.refused[position]:
            partner = partners.pop(0)
            reason = _mismatch(events, position, partner)
            if not reason and not found.refused[partner]:
                pairs.append((position, partner))
                continue
            found.refuse(events, partner, "transfer", reason or "the other leg of the transfer is refused")
        found.refuse(events, position, "transfer", reason)
    for position in (position for rest in arriving.values() for position in rest):
        found.refuse(events, position, "transfer", "the other leg of the transfer is missing")
    table = np.array(pairs, np.int64).reshape(len(pairs), 2)
    return table[:, 0], table[:, 1]


def _mismatch(events: EventColumns, out: int, into: int) -> str:
    if into < out:
        return "the lots of the transfer arrive before they leave"
    for name, words in (("trade_date", "dates"), ("instrument", "instruments")):
        if events[name][out] != events[name][into]:
            return f"the two legs of the transfer have different {words}"
    if events["quantity"][out] + events["quantity"][into] != 0:
        return "the two legs of the transfer have different quantities"
    return ""
