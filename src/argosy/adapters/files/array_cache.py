"""Integer arrays in one checked file: written whole, memory-mapped when read, and believed only if each byte matches.

Layout: magic, length and CRC-32 of the header, header (JSON: key, and for each array its name, offset, rows, CRC-32),
then the arrays, each 64-byte aligned, little-endian int64.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from argosy.adapters.files.durable import TEMPORARY, remove_quietly, write_all
from argosy.kernels.text import Int64

MAGIC = b"ARGOSYC1"
_ALIGN = 64
_FIXED = struct.Struct("<8sII")
_LONGEST_HEADER = 1 << 20


def pack_arrays(key: str, arrays: Mapping[str, Int64]) -> bytes:
    """The bytes of a cache file."""
    described: list[list[object]] = []
    parts: list[bytes] = []
    offset = 0
    for name, values in arrays.items():
        body = np.ascontiguousarray(values, "<i8").tobytes()
        described.append([name, offset, len(values), zlib.crc32(body)])
        filler = -len(body) % _ALIGN
        parts += [body, b"\0" * filler]
        offset += len(body) + filler
    header = json.dumps({"key": key, "arrays": described, "bytes": offset}, separators=(",", ":")).encode()
    start = _FIXED.pack(MAGIC, len(header), zlib.crc32(header)) + header
    return start + b"\0" * (-len(start) % _ALIGN) + b"".join(parts)


def read_arrays(path: Path, key: str) -> dict[str, Int64] | None:
    """Memory-map a cache file; None when it is absent, for another key, or has one wrong byte."""
    try:
        with open(path, "rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    try:
        return _checked(content, key)
    except (ValueError, TypeError, KeyError, struct.error, UnicodeDecodeError, OverflowError):
        return None


def _checked(content: mmap.mmap, key: str) -> dict[str, Int64] | None:
    magic, length, checksum = _FIXED.unpack(content[: _FIXED.size])
    if magic != MAGIC or length > _LONGEST_HEADER:
        return None
    raw = content[_FIXED.size : _FIXED.size + length]
    if zlib.crc32(raw) != checksum:
        return None
    header = json.loads(raw)
    start = _FIXED.size + length
    start += -start % _ALIGN
    if header["key"] != key or len(content) != start + header["bytes"]:
        return None
    whole = np.frombuffer(content, np.uint8)
    arrays: dict[str, Int64] = {}
    for name, offset, rows, expected in header["arrays"]:
        body = whole[start + offset : start + offset + 8 * rows]
        if len(body) != 8 * rows or zlib.crc32(body.data) != expected:
            return None
        arrays[name] = body.view("<i8")
    return arrays


def write_arrays(path: Path, key: str, arrays: Mapping[str, Int64]) -> None:
    """Replace a cache file whole. A failing disk is no error: the cache is made again when it is next needed."""
    part = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_all(part, pack_arrays(key, arrays), durable=False)
        os.replace(part, path)
    except OSError:
        remove_quietly(part)
