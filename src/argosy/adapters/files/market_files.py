"""Market data as immutable Parquet files in one folder, named by their content, with disposable caches beside."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from argosy.adapters.files.array_cache import read_arrays, write_arrays
from argosy.adapters.files.durable import TEMPORARY, failure, make_folder, remove_quietly, write_durably
from argosy.base.errors import StorageFailure, TamperedBook
from argosy.kernels.text import Int64

KEPT_CACHES = 24
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*-[0-9a-f]{16}\.parquet")


class LocalMarketFiles:
    """The port :class:`argosy.workflows.ports.MarketFiles` on a folder of this machine.

    A file is never changed: its name holds the first 16 hex digits of its SHA-256. The caches' folder may be deleted at
    any time.
    """

    def __init__(self, folder: str | Path, cache_folder: str | Path) -> None:
        self.folder = Path(folder)
        self.cache_folder = Path(cache_folder)

    def write(self, name_hint: str, columns: Mapping[str, Int64]) -> tuple[str, str, int]:
        """Write and fsync one file of int64 columns; give (file name, SHA-256 hex, bytes).

        The same columns written twice are one file. Raises :class:`StorageFailure` when the disk refuses.
        """
        content = parquet_of_columns(columns)
        digest = hashlib.sha256(content).hexdigest()
        hint = re.sub(r"[^a-z0-9]+", "-", name_hint.lower()).strip("-")[:40] or "data"
        name = f"{hint}-{digest[:16]}.parquet"
        make_folder(self.folder)
        path = self.folder / name
        if not (path.exists() and self.sha256(name) == digest):
            write_durably(path, content)
        return name, digest, len(content)

    def read(self, name: str) -> dict[str, Int64]:
        """The columns of a file. Gone is a :class:`StorageFailure`, damaged a :class:`TamperedBook`."""
        content = self._content(name)
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
            columns = {
                head: np.concatenate([np.zeros(0, np.int64), *map(_integers, column.chunks)])
                for head, column in zip(table.column_names, table.columns, strict=True)
                if pa.types.is_int64(column.type) and column.null_count == 0
            }
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _damaged(name, str(error).splitlines()[0][:120]) from None
        if len(columns) != table.num_columns:
            raise _damaged(name, "a column is not of whole numbers")
        return columns

    def sha256(self, name: str) -> str:
        """The SHA-256 of a file's bytes now, hex."""
        return hashlib.sha256(self._content(name)).hexdigest()

    def names(self) -> list[str]:
        """All market files in the folder, whether or not a load speaks of them."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if _NAME.fullmatch(path.name))

    def load_cache(self, key: str) -> dict[str, Int64] | None:
        """Memory-mapped arrays kept under a key; None when there are none or one byte of them is wrong."""
        return read_arrays(self._cache_path(key), key)

    def save_cache(self, key: str, arrays: Mapping[str, Int64]) -> None:
        """Keep arrays under a key, and forget the oldest caches. A disk that refuses is no error."""
        write_arrays(self._cache_path(key), key, arrays)
        self._forget()

    def _content(self, name: str) -> bytes:
        # A name comes from the book's facts, but the book may have been edited: it never leads out of the folder.
        if not _NAME.fullmatch(name):
            raise TamperedBook(f"{name!r} is not the name of a market file", place=str(self.folder))
        path = self.folder / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise StorageFailure(
                f"market file {name} is missing",
                place=str(self.folder),
                next_step="bring the folder back from a backup; the book names each file it needs",
            ) from None
        except OSError as error:
            raise failure("cannot read", path, error) from error

    def _cache_path(self, key: str) -> Path:
        return self.cache_folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.cache"

    def _forget(self) -> None:
        try:
            found = sorted(
                ((path.stat().st_mtime_ns, path) for path in self.cache_folder.iterdir()
                 if path.name.endswith((".cache", TEMPORARY))), reverse=True,
            )  # fmt: skip
        except OSError:
            return
        for _, path in found[KEPT_CACHES:]:
            remove_quietly(path)


def parquet_of_columns(columns: Mapping[str, Int64]) -> bytes:
    """Int64 columns of one length as the bytes of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Arrays go in and out as buffers: pyarrow's own conversions import pandas.
    arrays = [
        pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values, "<i8"))])
        for values in columns.values()
    ]
    table = pa.Table.from_arrays(arrays, names=list(columns))
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", use_dictionary=True, write_page_checksum=True)
    return sink.getvalue()


def _integers(chunk: Any) -> Int64:
    return np.frombuffer(chunk.buffers()[1], "<i8", len(chunk), 8 * chunk.offset) if len(chunk) else np.zeros(0, "<i8")


def _damaged(name: str, why: str) -> TamperedBook:
    return TamperedBook(
        f"market file {name} is damaged: {why}",
        field="market",
        next_step="bring the file back from a backup, or void its load and import the source again",
    )
