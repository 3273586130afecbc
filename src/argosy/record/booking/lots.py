"""The lots that sales name, from references to seq numbers."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.base.problems import Problem
from argosy.record.booking.entries import Entry
from argosy.record.booking.keys import reference_key
from argosy.record.booking.sift import Lookup


def named_lots(
    entries: Sequence[Entry], source: str, first_seq: int, file: str, lookup: Lookup
) -> tuple[dict[int, list[int]], dict[int, Problem]]:
    """The seq of each named lot per entry position, and the entries that name one nobody knows.

    A lot is named by the reference of the row that brought it (in this file or an earlier one of the source, same
    account) or by ``#seq``. ``first_seq`` is the seq of the first event of ``entries``.
    """
    naming = [position for position, entry in enumerate(entries) if entry.lots]
    if not naming:
        return {}, {}
    own: dict[tuple[int, str], int] = {}
    seq = first_seq
    for entry in entries:
        if entry.reference:
            own.setdefault((entry.account, entry.reference), seq)
        seq += len(entry.events)
    wanted = {
        reference_key(source, entries[position].account, name): (entries[position].account, name)
        for position in naming
        for name, _ in entries[position].lots
        if not name.startswith("#")
    }
    stored = {wanted[key]: known.seq for key, known in lookup(list(wanted)).items()} if wanted else {}
    found: dict[int, list[int]] = {}
    wrong: dict[int, Problem] = {}
    for position in naming:
        entry = entries[position]
        seqs: list[int] = []
        for name, _ in entry.lots:
            lot = int(name[1:]) if name[:1] == "#" and name[1:].isdigit() else None
            lot = lot or own.get((entry.account, name)) or stored.get((entry.account, name))
            if lot is None:
                wrong[position] = Problem(
                    file, entry.line, f"no lot is known as {name[:60]!r} in this account", field="lots",
                    found=name[:60], code="unknown_name",
                    next_step="name the reference of the purchase, or #seq as argosy lots shows it",
                )  # fmt: skip
                break
            seqs.append(lot)
        found[position] = seqs
    return found, wrong
