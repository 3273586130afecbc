"""How long the campaigns run: a short time in each test run, at full length by make targets."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import _absent

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def at_full_length() -> bool:
    """Whether the campaigns run at full length."""
    return os.environ.get("ARGOSY_FULL", "") not in ("", "0")


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that watches and fails I/O, compiled here; the tests that need it are skipped without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or os.uname().sysname != "Linux":
        _absent("COMPILER", "needs a C compiler on Linux to fail I/O operations from inside the process")
        raise AssertionError("not reached")
    target = tmp_path_factory.mktemp("shim") / "shim.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(target), str(HERE / "shim.c"), "-ldl"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return target
