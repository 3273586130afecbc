from __future__ import annotations

import errno
import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from argosy.adapters.files.array_cache import pack_arrays, read_arrays, write_arrays
from argosy.adapters.files.market_files import KEPT_CACHES, LocalMarketFiles, parquet_of_columns
from argosy.base.errors import StorageFailure, TamperedBook
from argosy.workflows.ports import MarketFiles

COLUMNS = {"a": np.array([1, -(2**63), 2**63 - 1]), "b": np.array([0, 0, 7])}


@pytest.fixture
def files(tmp_path: Path) -> LocalMarketFiles:
    return LocalMarketFiles(tmp_path / "book.market", tmp_path / "book.cache")


def test_it_is_the_port(files: LocalMarketFiles) -> None:
    port: MarketFiles = files
    assert port.names() == []


def test_what_is_written_is_read(files: LocalMarketFiles) -> None:
    name, digest, size = files.write("Prices: ECB/../x", COLUMNS)
    assert name == f"prices-ecb-x-{digest[:16]}.parquet"
    content = (files.folder / name).read_bytes()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest)
    assert files.sha256(name) == digest
    assert {head: values.tolist() for head, values in files.read(name).items()} == {
        head: values.tolist() for head, values in COLUMNS.items()
    }
    assert files.names() == [name]
    assert files.write("Prices: ECB/../x", COLUMNS) == (name, digest, size)
    assert os.listdir(files.folder) == [name]


def test_a_damaged_file_is_written_again(files: LocalMarketFiles) -> None:
    name, digest, _ = files.write("x", COLUMNS)
    (files.folder / name).write_bytes(b"PAR1")
    files.write("x", COLUMNS)
    assert files.sha256(name) == digest


@pytest.mark.parametrize("name", ["../book.db", "/etc/passwd", "x.parquet", "", "a-0123456789abcdef.parquet/.."])
def test_names_do_not_lead_out_of_the_folder(files: LocalMarketFiles, name: str) -> None:
    with pytest.raises(TamperedBook):
        files.read(name)


def test_gone_and_damaged_files_are_told_apart(files: LocalMarketFiles) -> None:
    name, _, _ = files.write("x", COLUMNS)
    (files.folder / name).write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(TamperedBook, match="is damaged"):
        files.read(name)
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1.5]}), files.folder / name)
    with pytest.raises(TamperedBook, match="whole numbers"):
        files.read(name)
    (files.folder / name).unlink()
    with pytest.raises(StorageFailure, match="is missing"):
        files.read(name)


def test_flipped_bits_of_a_file_show(files: LocalMarketFiles) -> None:
    rows = np.arange(500)
    name, digest, _ = files.write("x", {"a": rows, "b": rows * rows})
    whole = (files.folder / name).read_bytes()
    chooser = random.Random(3)
    for _ in range(60):
        broken = bytearray(whole)
        broken[chooser.randrange(len(broken))] ^= 1 << chooser.randrange(8)
        (files.folder / name).write_bytes(bytes(broken))
        assert files.sha256(name) != digest
        try:
            files.read(name)
        except TamperedBook:
            continue


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
def test_a_refusing_disk_leaves_nothing(files: LocalMarketFiles, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    files.write("first", COLUMNS)
    before = os.listdir(files.folder)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    content = parquet_of_columns({"a": np.array([5])})  # pyarrow reads files of its own when first used
    assert content
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(StorageFailure, match="No space left"):
        files.write("second", {"a": np.array([5])})
    monkeypatch.undo()
    assert os.listdir(files.folder) == before


def test_short_writes_are_finished(files: LocalMarketFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, bytes(data[:7])))
    name, digest, _ = files.write("x", COLUMNS)
    assert files.sha256(name) == digest


@given(st.dictionaries(st.text(min_size=1, max_size=5), hnp.arrays(np.int64, st.integers(0, 20)), max_size=4))
def test_caches_give_back_what_they_keep(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, np.ndarray]
) -> None:
    path = tmp_path_factory.mktemp("cache") / "x.cache"
    write_arrays(path, "key", arrays)
    again = read_arrays(path, "key")
    assert again is not None
    assert {name: values.tolist() for name, values in again.items()} == {n: v.tolist() for n, v in arrays.items()}
    assert all(not values.flags.writeable for values in again.values())
    assert read_arrays(path, "other key") is None


def test_a_cache_with_one_wrong_bit_is_not_believed(tmp_path: Path) -> None:
    whole = pack_arrays("key", {"a": np.arange(9), "b": np.arange(3)})
    path = tmp_path / "x.cache"
    for bit in range(8 * len(whole)):
        broken = bytearray(whole)
        broken[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bytes(broken))
        again = read_arrays(path, "key")
        if again is not None:  # only filler bytes carry nothing
            assert again["a"].tolist() == list(range(9))
            assert again["b"].tolist() == list(range(3))
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert read_arrays(path, "key") is None
    path.write_bytes(whole + b"x")
    assert read_arrays(path, "key") is None


def test_caches_are_kept_and_forgotten(files: LocalMarketFiles) -> None:
    assert files.load_cache("v1") is None
    for number in range(KEPT_CACHES + 5):
        files.save_cache(f"v{number}", {"a": np.array([number])})
    last = files.load_cache(f"v{KEPT_CACHES + 4}")
    assert last is not None
    assert last["a"].tolist() == [KEPT_CACHES + 4]
    assert files.load_cache("v0") is None
    assert len(os.listdir(files.cache_folder)) == KEPT_CACHES


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    files = LocalMarketFiles(tmp_path / "book.market", tmp_path / "file")
    files.save_cache("v", {"a": np.array([1])})
    assert files.load_cache("v") is None


def test_reading_a_cache_does_not_load_pyarrow(files: LocalMarketFiles) -> None:
    files.save_cache("v", {"a": np.array([1])})
    code = (
        "import sys\nfrom argosy.adapters.files.market_files import LocalMarketFiles\n"
        f"files = LocalMarketFiles({str(files.folder)!r}, {str(files.cache_folder)!r})\n"
        "assert files.load_cache('v')['a'].tolist() == [1]\nassert 'pyarrow' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
