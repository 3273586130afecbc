"""Simulated losses of power, on what tests.crash.recording recorded: ``python -m tests.crash.power FOLDER COUNT SEED``.

The disk as it may be found: what was synced is certain. Of what was written since, each 512-byte sector is there or
not, in any combination, so writes are lost, torn and reordered. Names made, changed or removed since their folder was
synced are there up to some point in their order. Each image is opened as the next start would: everything
acknowledged before the loss must be there, and the chain must hold. Prints one JSON object.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import struct
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import argosy
from tests.crash import exercise

HEAD = struct.Struct("<ciqQ")
SECTOR = 512
GO_ON_AFTER = 100  # every so-many-th image also takes the next operation
LEFT_OUT = ("-shm", "-lock", "-turn", ".cache")  # shared memory is not written by calls; caches may be lost


@dataclass
class File:
    """One file: what is surely on the disk, and what was asked of it since."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[str, int, bytes]] = field(default_factory=list)

    def sync(self) -> None:
        for kind, number, data in self.pending:
            _apply(self.durable, kind, number, data)
        self.pending.clear()


def _apply(content: bytearray, kind: str, number: int, data: bytes) -> None:
    if kind == "T":
        del content[number:]
        content.extend(bytes(number - len(content)))
    else:
        content.extend(bytes(max(0, number - len(content))))
        content[number : number + len(data)] = data


class Disk:
    """The record replayed up to some point."""

    def __init__(self, base: Path, live: str) -> None:
        self.live = live
        self.names: dict[str, File] = {}  # as on the disk for certain
        self.seen: dict[str, File] = {}  # as the process sees them
        self.pending: list[tuple[str, str, File | None]] = []  # changes of names since their folder was synced
        self.handles: dict[int, File | str] = {}
        self.acknowledged: list[tuple[int, int, str]] = []
        for path in base.rglob("*"):
            if path.is_file():
                self.names[str(path.relative_to(base))] = File(bytearray(path.read_bytes()))
        self.seen = dict(self.names)

    def step(self, kind: str, handle: int, number: int, data: bytes) -> None:
        if kind == "A":
            n, seq, head = json.loads(data)
            self.acknowledged.append((n, seq, head))
        elif kind == "O":
            self._open(handle, number, self._short(data.decode()))
        elif kind == "C":
            self.handles.pop(handle, None)
        elif kind in "WT":
            found = self.handles.get(handle)
            if isinstance(found, File):
                found.pending.append((kind, number, data))
        elif kind == "F":
            self._sync(self.handles.get(handle))
        elif kind in "RUL":
            self._rename(kind, *[self._short(part) for part in data.decode().split("\n")])

    def _short(self, path: str) -> str:
        return os.path.relpath(path, self.live) if path else ""

    def _open(self, handle: int, flags: int, name: str) -> None:
        created, cut = flags & 1, flags & 2
        if name not in self.seen and not created:
            self.handles[handle] = name  # a folder
            return
        if created:
            self.seen[name] = File()
            self.pending.append(("set", name, self.seen[name]))
        elif cut:
            self.seen[name].pending.append(("T", 0, b""))
        self.handles[handle] = self.seen[name]

    def _sync(self, found: File | str | None) -> None:
        if isinstance(found, File):
            found.sync()
        elif found is not None:
            folder = "" if found == "." else found
            for change in [c for c in self.pending if os.path.dirname(c[1]) == folder]:
                self._settle(self.names, change)
                self.pending.remove(change)

    def _rename(self, kind: str, first: str, second: str) -> None:
        if kind == "U":
            self.seen.pop(first, None)
            self.pending.append(("drop", first, None))
            return
        moved = self.seen[first]
        self.seen[second] = moved
        self.pending.append(("set", second, moved))
        if kind == "R":
            del self.seen[first]
            self.pending.append(("drop", first, None))

    @staticmethod
    def _settle(names: dict[str, File], change: tuple[str, str, File | None]) -> None:
        what, name, moved = change
        if what == "drop":
            names.pop(name, None)
        elif moved is not None:
            names[name] = moved

    def image(self, rng: random.Random) -> dict[str, bytes]:
        """One state in which the disk may be found after a loss of power now."""
        names = dict(self.names)
        for change in self.pending[: rng.randint(0, len(self.pending))]:
            self._settle(names, change)
        kept = rng.choice((0.0, 0.05, 0.5, 0.95, 1.0, rng.random()))
        return {name: self._content(found, kept, rng) for name, found in names.items() if not name.endswith(LEFT_OUT)}

    @staticmethod
    def _content(found: File, kept: float, rng: random.Random) -> bytes:
        if not found.pending:
            return bytes(found.durable)
        content = bytearray(found.durable)
        for kind, number, data in found.pending:
            if kind == "T":
                if rng.random() < kept:
                    _apply(content, kind, number, data)
                continue
            at = 0
            while at < len(data):
                size = SECTOR - (number + at) % SECTOR
                if rng.random() < kept:
                    _apply(content, kind, number + at, data[at : at + size])
                at += size
        return bytes(content)


def read_log(path: Path) -> list[tuple[str, int, int, bytes]]:
    """The record as (kind, handle, number, data)."""
    content, at, found = path.read_bytes(), 0, []
    while at < len(content):
        kind, handle, number, length = HEAD.unpack_from(content, at)
        at += HEAD.size
        found.append((kind.decode(), handle, number, content[at : at + length]))
        at += length
    return found


def judge(image: dict[str, bytes], folder: Path, acknowledged: list[tuple[int, int, str]], *, go_on: bool) -> list[str]:
    """Write the image and look at it as the next start would."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in image.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "book.db-shm").write_bytes(hashlib.sha256(image["book.db"]).digest() * 1024)  # whatever was in memory
    url = f"sqlite:///{folder / 'book.db'}"
    try:
        found = exercise.inspect(url, acknowledged[-1:])  # the last head speaks for all that went before
        if go_on and not found:
            with argosy.open(url) as book:
                exercise.perform(book, 3_000)
            found = exercise.inspect(url, acknowledged[-1:])
        return found
    except Exception as error:
        return [f"cannot be read: {error}"]


def verdict(problems: list[str]) -> str:
    """Good, lost (a sound book without something acknowledged) or corrupt."""
    if not problems:
        return "good"
    return "lost" if all("was acknowledged" in problem for problem in problems) else "corrupt"


def campaign(folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Images of losses of power at random points of the record."""
    rng = random.Random(seed)
    log = read_log(folder / "log")
    points = sorted(rng.randrange(1, len(log) + 1) for _ in range(count))
    disk, done = Disk(folder / "base", str(folder / "live")), 0
    judged: dict[bytes, str] = {}
    problems: list[str] = []
    verdicts = {"good": 0, "lost": 0, "corrupt": 0}
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as scratch:
        for number, point in enumerate(points):
            while done < point:
                disk.step(*log[done])
                done += 1
            image = disk.image(rng)
            digest = hashlib.sha256(str(len(disk.acknowledged)).encode())
            for name in sorted(image):
                digest.update(f"{name} {len(image[name])}\n".encode() + image[name])
            go_on = number % GO_ON_AFTER == 0
            key = digest.digest()
            if key not in judged or go_on:
                found = judge(image, Path(scratch, "image"), disk.acknowledged, go_on=go_on)
                judged[key] = verdict(found)
                problems += [f"image {number}, after record {point}: {problem}" for problem in found[:2]]
            verdicts[judged[key]] += 1
    return {"images": count, "different": len(judged), "records": len(log), "acknowledged": len(disk.acknowledged),
            **verdicts, "problems": problems[:20]}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(campaign(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
