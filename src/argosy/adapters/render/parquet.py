"""A table as the bytes of a Parquet file, with exact decimals."""

from __future__ import annotations

import io

from argosy.base.table import Table


def parquet_bytes(table: Table) -> bytes:
    """The table as one Parquet file: decimals exact, name and provenance in the file's metadata."""
    import pyarrow.parquet

    sink = io.BytesIO()
    pyarrow.parquet.write_table(table.to_arrow(), sink, compression="zstd")
    return sink.getvalue()
