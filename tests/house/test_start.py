"""Nothing is imported that a command does not need; a process that opens a book holds one SQLite library."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = frozenset({
    "numpy", "numba", "scipy", "pyarrow", "sqlalchemy", "alembic", "psycopg", "pysqlite3", "sqlite3", "polars",
    "pandas", "vl_convert", "exchange_calendars", "fastapi", "pydantic", "dash",
})  # fmt: skip

HELP = """
import sys
sys.argv = ["argosy", "--help"]
from argosy.interfaces.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""

# The one SQLite library is pysqlite3's; the standard module would bring libsqlite3 with it.
OPEN_A_BOOK = """
import sys
import argosy
url = sys.argv[1]
with argosy.create(url):
    pass
with argosy.open(url):
    pass
"""


def run(code: str, *arguments: str, ask: str) -> object:
    """Run code in a process of its own, then answer one question about that process."""
    script = f"{code}\nimport json, sys\nprint()\nprint(json.dumps({ask}))"
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def loaded(code: str) -> set[str]:
    names = run(code, ask="sorted({name.partition('.')[0] for name in sys.modules})")
    assert isinstance(names, list)
    return set(names)


def test_importing_argosy_loads_nothing_heavy() -> None:
    assert not loaded("import argosy") & (HEAVY | {"click", "rich"})


def test_asking_for_help_loads_nothing_heavy() -> None:
    assert not loaded(HELP) & HEAVY


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/self/maps")
def test_one_sqlite_library_opens_the_book(tmp_path: Path) -> None:
    mapped = run(
        OPEN_A_BOOK,
        f"sqlite:///{tmp_path / 'book.db'}",
        ask="sorted({p for line in open('/proc/self/maps') if 'sqlite' in (p := line.split()[-1]).rpartition('/')[2]})",
    )
    mapped = [path for path in mapped if ".so" in path] if isinstance(mapped, list) else mapped
    assert isinstance(mapped, list)
    assert len(mapped) == 1, mapped
    assert "pysqlite3" in mapped[0]
