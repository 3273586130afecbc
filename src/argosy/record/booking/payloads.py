"""The payloads of many plain rows: a reference and a note each, kept as two lists instead of a million dictionaries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

Payload = Mapping[str, object]


class RowPayloads(Mapping[int, Payload]):
    """Payloads by event position: ``{"ref": ..., "note": ...}`` from two columns of text, others as given.

    Examples
    --------
    >>> payloads = RowPayloads(["T-1", "", "T-3"], ["", "", "rent"], {1: {"cost": 5}})
    >>> len(payloads), payloads[2], payloads[1]
    (3, {'ref': 'T-3', 'note': 'rent'}, {'cost': 5})
    >>> payloads.encoded()
    [b'{"ref":"T-1"}', b'{"cost":5}', b'{"note":"rent","ref":"T-3"}']
    """

    __slots__ = ("_count", "_notes", "_others", "_references")

    def __init__(self, references: Sequence[str], notes: Sequence[str], others: Mapping[int, Payload]) -> None:
        self._references = references
        self._notes = notes
        self._others = others
        self._count = sum(1 for _ in self)

    def __getitem__(self, position: int) -> Payload:
        if position in self._others:
            return self._others[position]
        if not 0 <= position < len(self._references):
            raise KeyError(position)
        found: dict[str, object] = {}
        if self._references[position]:
            found["ref"] = self._references[position]
        if self._notes and self._notes[position]:
            found["note"] = self._notes[position]
        if not found:
            raise KeyError(position)
        return found

    def __contains__(self, position: object) -> bool:
        return isinstance(position, int) and (
            position in self._others
            or (
                0 <= position < len(self._references)
                and bool(self._references[position] or (self._notes and self._notes[position]))
            )
        )

    def __iter__(self) -> Iterator[int]:
        notes, others = self._notes, self._others
        for position, reference in enumerate(self._references):
            if reference or (notes and notes[position]) or position in others:
                yield position

    def __len__(self) -> int:
        return self._count

    def taken(self, positions: Sequence[int]) -> RowPayloads:
        """The payloads of these positions, in the order given; a position may come more than once."""
        return RowPayloads(
            [self._references[old] for old in positions],
            [self._notes[old] for old in positions] if self._notes else [],
            {new: self._others[old] for new, old in enumerate(positions) if old in self._others},
        )  # fmt: skip

    def spoken(self) -> dict[int, Payload]:
        """Only the payloads that say more than reference and note: what the ledger looks at."""
        return dict(self._others)

    def encoded(self) -> list[bytes | None]:
        """Each row's payload as canonical JSON (sorted keys, no spaces, UTF-8), None where there is none."""
        encode = json.encoder.encode_basestring
        notes = self._notes or [""] * len(self._references)
        texts: list[bytes | None] = []
        for reference, note in zip(self._references, notes, strict=True):
            if note:
                tail = f',"ref":{encode(reference)}' if reference else ""
                texts.append(f'{{"note":{encode(note)}{tail}}}'.encode())
            else:
                texts.append(f'{{"ref":{encode(reference)}}}'.encode() if reference else None)
        for position, payload in self._others.items():
            text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            texts[position] = text.encode()
        return texts


def spoken_only(payload: Mapping[int, Payload]) -> Mapping[int, Payload]:
    """Payloads without those that hold a reference and a note only, where that is known without looking at each."""
    return payload.spoken() if isinstance(payload, RowPayloads) else payload
