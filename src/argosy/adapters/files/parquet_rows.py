"""Read Parquet as text columns without losing a digit; floating-point columns come with a warning."""

from __future__ import annotations

import io
import math
from decimal import Context, Decimal
from typing import Any

import numpy as np

from argosy.base.errors import MissingExtra
from argosy.base.problems import Problem
from argosy.kernels.text import TextColumn
from argosy.workflows.tabular import RawTable

READER = "argosy-parquet 1"
FREE_CELLS = 2_000_000
MOST_PER_BYTE = 100
"""Cells a file may claim per byte it has, beyond the first: repeated values fold to almost nothing."""

LONGEST_CELL = 131_072
LARGEST = 2**31
_EXACT = Context(prec=80)  # decimal256 has up to 76 digits


def read_parquet_rows(content: bytes, name: str) -> RawTable:
    """Read a Parquet file; lines are row numbers from 1. What cannot be read comes back as one problem."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtra("reading Parquet needs pyarrow", next_step="install argosy with its dependencies") from None
    try:
        schema = pq.read_schema(io.BytesIO(content))
        strings = [field.name for field in schema if _is_text(pa, field.type)]
        # Text stays a list of distinct texts: a long text repeated a million times would fill the memory.
        file = pq.ParquetFile(io.BytesIO(content), read_dictionary=strings)
        groups = range(file.metadata.num_row_groups)
        cells = file.metadata.num_rows * file.metadata.num_columns
        size = sum(file.metadata.row_group(place).total_byte_size for place in groups)
        if cells > FREE_CELLS + MOST_PER_BYTE * len(content) or size > LARGEST:
            return _refused(name, f"the file of {len(content)} bytes claims {cells} cells in {size} bytes",
                            "split the file, or write it as CSV")  # fmt: skip
        table = file.read(use_threads=False)
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, KeyError, OverflowError, MemoryError) as error:
        return _refused(name, f"not readable as Parquet: {str(error).splitlines()[0][:200]}", "fetch the file again")
    names = [head.strip() for head in table.column_names]
    repeated = {head for head in names if names.count(head) > 1}
    if repeated:
        return _refused(name, f"columns called the same: {', '.join(sorted(repeated))}", "rename one of them")
    columns: dict[str, TextColumn] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for head, column in zip(names, table.columns, strict=True):
        kind = column.type
        try:
            if _is_text(pa, kind):
                columns[head] = _repeated(column)
                continue
            if pa.types.is_dictionary(kind):
                column, kind = column.cast(kind.value_type), kind.value_type
            if pa.types.is_floating(kind):
                texts = [_float_text(value) for value in column.to_pylist()]
                warnings.append(Problem(
                    name, 0, "the column holds floating-point numbers; their shortest decimal is taken", field=head,
                    next_step="write it as decimal or text to keep digits as received", code="float_column",
                ))  # fmt: skip
            else:
                texts = [_text(value) for value in column.to_pylist()]
        except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
            problems.append(Problem(name, 0, f"the column cannot be read: {error}", field=head, code="unreadable_file"))
            continue
        columns[head] = TextColumn(texts)
    if problems:
        return RawTable(name, {}, np.zeros(0, np.int64), tuple(problems), READER)
    return RawTable(name, columns, np.arange(1, table.num_rows + 1), (), READER, tuple(warnings))


def _is_text(pa: Any, kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _repeated(column: Any) -> TextColumn:
    """A text column by its distinct texts; a missing text is empty."""
    encoded = column.dictionary_encode() if not hasattr(column.type, "value_type") else column
    encoded = encoded.unify_dictionaries()
    names = ["" if text is None else text for text in (encoded.chunk(0).dictionary.to_pylist() if len(encoded) else [])]
    if any(len(text) > LONGEST_CELL for text in names):
        raise ValueError(f"a cell is longer than {LONGEST_CELL} characters")
    codes = [np.asarray(chunk.indices.fill_null(len(names)).to_pylist(), np.int64) for chunk in encoded.chunks]
    return TextColumn.from_codes(np.concatenate([np.zeros(0, np.int64), *codes]), [*names, ""])


def _refused(name: str, message: str, step: str) -> RawTable:
    problem = Problem(name, 0, message, next_step=step, code="unreadable_file")
    return RawTable(name, {}, np.zeros(0, np.int64), (problem,), READER)


def _float_text(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if math.isfinite(value) and value == int(value) and abs(value) < 2**53 else repr(value)


def _text(value: Any) -> str:
    """An exact value of a Parquet cell as the text a CSV would have."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        # The zeros at the end belong to the column's type, not to the number.
        return format(value.normalize(_EXACT), "f")
    if isinstance(value, int | str):
        return str(value)
    iso = getattr(value, "isoformat", None)
    if iso is not None:
        return str(iso()).removesuffix("T00:00:00")
    raise TypeError(f"{type(value).__name__} values are not numbers, dates or text")
