"""The lots that sales name, from references to seq numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from argosy.base.problems import Problem
from argosy.record.booking.booked import Booked
from argosy.record.booking.keys import reference_key
from argosy.record.booking.sift import Lookup


def named_lots(
    booked: Booked, rows: Sequence[int], source: str, first_seq: int, file: str, lookup: Lookup
) -> tuple[dict[int, list[int]], dict[int, Problem]]:
    """The seq of each named lot per row, and the rows that name one nobody knows.

    A lot is named by the reference of the row that brought it (in this file or an earlier one of the source, same
    account) or by ``#seq``. ``first_seq`` is the seq of the first event of the chosen ``rows``.
    """
    chosen = set(rows) if booked.lots else set()
    naming = [row for row in booked.lots if row in chosen]
    if not naming:
        return {}, {}
    own: dict[tuple[int, str], int] = {}
    events = np.bincount(booked.row, minlength=len(booked)).tolist()
    seq = first_seq
    for row in rows:
        if booked.references[row]:
            own.setdefault((int(booked.accounts[row]), booked.references[row]), seq)
        seq += events[row]
    wanted = {
        reference_key(source, int(booked.accounts[row]), name): (int(booked.accounts[row]), name)
        for row in naming
        for name, _ in booked.lots[row]
        if not name.startswith("#")
    }
    stored = {wanted[key]: known.seq for key, known in lookup(list(wanted)).items()} if wanted else {}
    found: dict[int, list[int]] = {}
    wrong: dict[int, Problem] = {}
    for row in naming:
        account = int(booked.accounts[row])
        seqs: list[int] = []
        for name, _ in booked.lots[row]:
            lot = int(name[1:]) if name[:1] == "#" and name[1:].isdigit() else None
            lot = lot or own.get((account, name)) or stored.get((account, name))
            if lot is None:
                wrong[row] = Problem(
                    file, int(booked.lines[row]), f"no lot is known as {name[:60]!r} in this account", field="lots",
                    found=name[:60], code="unknown_name",
                    next_step="name the reference of the purchase, or #seq as argosy lots shows it",
                )  # fmt: skip
                break
            seqs.append(lot)
        found[row] = seqs
    return found, wrong
