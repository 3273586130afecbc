"""Which events count, and in which order: voids applied, as-of cut, same-day order explicit."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from argosy.record.ledger.events import EventColumns, Int64, Kind

_RADIX = 1 << 16  # numpy sorts 16-bit integers by radix, several times faster than 64-bit ones


def voided_seqs(events: EventColumns, *, voided_batches: Iterable[int] = ()) -> set[int]:
    """The events that a VOID in the same set of events takes back. A VOID that was itself voided takes nothing back.

    Examples
    --------
    >>> events = EventColumns.from_rows([{"seq": 1, "kind": Kind.BUY}, {"seq": 2, "kind": Kind.VOID, "target": 1}])
    >>> voided_seqs(events)
    {1}
    """
    positions = np.flatnonzero(events["kind"] == Kind.VOID)
    gone: set[int] = set()
    batches = frozenset(voided_batches)
    seqs, targets = events["seq"][positions].tolist(), events["target"][positions].tolist()
    for seq, target, batch in sorted(
        zip(seqs, targets, events["batch"][positions].tolist(), strict=True), reverse=True
    ):
        if seq not in gone and batch not in batches:
            gone.add(target)
    return gone


def effective(events: EventColumns, *, as_of: int | None = None, voided_batches: Iterable[int] = frozenset()) -> Int64:
    """Positions of the events that count, in replay order: (trade_date, ord, anchor, seq).

    Left out: VOID rows, what they void, rows of voided batches, and trade dates after ``as_of`` (epoch day).
    What is known is decided by the caller: pass only events up to a watermark.

    Examples
    --------
    >>> days = [5, 3, 9]
    >>> events = EventColumns.from_rows([{"seq": seq, "trade_date": day} for seq, day in enumerate(days, 1)])
    >>> effective(events, as_of=5).tolist()
    [1, 0]
    """
    kind, seq, date = events["kind"], events["seq"], events["trade_date"]
    keep: npt.NDArray[np.bool_] = kind != Kind.VOID
    if as_of is not None:
        keep &= date <= as_of
    batches = sorted(voided_batches)
    if batches:
        keep &= ~np.isin(events["batch"], batches)
    gone = voided_seqs(events, voided_batches=batches)
    if gone:
        keep &= ~np.isin(seq, sorted(gone))
    index = np.flatnonzero(keep)
    if len(index) < 2:
        return index
    everything = len(index) == len(seq)
    anchor = events["anchor"] if everything else events["anchor"][index]
    own = seq if everything else seq[index]
    order = events["ord"] if everything else events["ord"][index]
    date = date if everything else date[index]
    anchor = np.where(anchor == 0, own, anchor) if not anchor.all() else anchor
    # Sorts are stable, so each pass is needed only where its key is not in order already.
    result: Int64 | None = None
    for key in (own, anchor, order, date):
        result = _stable(key, result)
    return index if result is None else index[result]


def _stable(key: Int64, order: Int64 | None) -> Int64 | None:
    """Refine an order by one more significant key (None = as it stands)."""
    keys = key if order is None else key[order]
    if bool((keys[1:] >= keys[:-1]).all()):
        return order
    low = int(keys.min())
    if int(keys.max()) - low < _RADIX:
        keys = (keys - low).astype(np.uint16)
    step = np.argsort(keys, kind="stable")
    return step if order is None else order[step]


def without(events: EventColumns, order: Int64, kinds: Iterable[int], *, after: int) -> EventColumns:
    """Events that count (places as :func:`effective` gives them), less those of some kinds after a day, in seq order.

    Examples
    --------
    >>> events = EventColumns.from_rows([{"seq": seq, "kind": 10, "trade_date": seq} for seq in (1, 2)])
    >>> without(events, effective(events), [10], after=1)["seq"].tolist()
    [1]
    """
    chosen = np.isin(events["kind"][order], [int(kind) for kind in kinds]) & (events["trade_date"][order] > after)
    return events.take(np.sort(order[~chosen]))
