"""A table as the bytes of a Parquet file, with exact decimals."""

from __future__ import annotations

import io

from argosy.base.errors import InvalidInput
from argosy.base.table import Table


def parquet_bytes(table: Table) -> bytes:
    """The table as one Parquet file: decimals exact, name and provenance in the file's metadata."""
    import pyarrow.parquet

    sink = io.BytesIO()
    pyarrow.parquet.write_table(table.to_arrow(), sink, compression="zstd")
    return sink.getvalue()


def frame_bytes(frame: object) -> bytes:
    """A dataframe of any library that speaks Arrow's PyCapsule protocol, as one Parquet file."""
    import pyarrow
    import pyarrow.parquet

    if not hasattr(frame, "__arrow_c_stream__"):
        raise InvalidInput(
            f"a {type(frame).__name__} does not speak Arrow's PyCapsule protocol", field="content",
            found=type(frame).__name__, expected="a path, bytes, or a dataframe of Polars, pandas, Arrow or DuckDB",
            next_step="give a path or a dataframe",
        )  # fmt: skip
    sink = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(frame), sink, compression="zstd")
    return sink.getvalue()
