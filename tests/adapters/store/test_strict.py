"""How the SQLite file is kept from harm: one library, the right one, nobody else at it, nothing across a fork."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from argosy.adapters.store import guard
from argosy.adapters.store.book import StoredBook
from argosy.adapters.store.opening import create_book, open_book, sqlite_path
from argosy.adapters.store.tables import REVISIONS
from argosy.base.errors import (
    BookBusy,
    BookError,
    BookVersionError,
    InvalidInput,
    MissingExtra,
    StorageFailure,
    UnknownName,
)
from tests.adapters.store.samples import draft, ticking
from tests.conftest import ROOT


def file_of(book: StoredBook) -> Path:
    return Path(book.url.removeprefix("sqlite:///"))


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 50, 7), (3, 51, 2), (3, 52, 0)])
def test_an_old_sqlite_is_refused(version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dbapi2, "sqlite_version_info", version)
    with pytest.raises(BookError, match=r"can lose commits.*pysqlite3"):
        create_book(f"sqlite:///{tmp_path / 'book.db'}", clock=ticking())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 52, 1), (3, 53, 4), (4, 0, 0)])
def test_a_new_sqlite_is_taken(version: tuple[int, ...]) -> None:
    guard.check_version(version)


def test_the_settings_of_each_connection(sqlite_book: StoredBook) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 0, "mmap_size": 0, "trusted_schema": 0}
    for connect in (sqlite_book._database.reading, sqlite_book._database.writing):
        with connect() as connection:
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected}
        assert found == expected


def maps(*paths: str) -> str:
    return "".join(f"7f00-7f01 r-xp 00000000 fe:00 123   {path}\n" for path in paths)


OWN = "/site packages/pysqlite3/_sqlite3.cpython-311-x86_64-linux-gnu.so"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/self/maps")
@pytest.mark.parametrize(
    "other",
    ["/x/adbc_driver_sqlite/libadbc_driver_sqlite.so", "/x/apsw/sqlite3mc.abi3.so",
     "/x/sqlite_scanner.duckdb_extension", "/opt/lib/mod_sqlite.so.1"],
)  # fmt: skip
def test_a_second_library_is_refused(other: str, tmp_path: Path) -> None:
    listing = tmp_path / "maps"
    listing.write_text(maps(OWN, "/usr/lib/libc.so.6", "[heap]", "/x/book.sqlite", OWN))
    guard.check_mapped(OWN, str(listing))
    listing.write_text(maps(OWN, other))
    with pytest.raises(BookError, match="second SQLite library"):
        guard.check_mapped(OWN, str(listing))


def test_the_standard_module_is_watched_not_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = tmp_path / "maps"
    listing.write_text(maps(OWN, "/usr/lib/libsqlite3.so.0.8.6", "/lib/_sqlite3.cpython-311-x86_64-linux-gnu.so"))
    guard.check_mapped(OWN, str(listing))
    monkeypatch.delitem(sys.modules, "_sqlite3")
    with pytest.raises(BookError, match="second SQLite library"):
        guard.check_mapped(OWN, str(listing))
    guard.check_mapped(OWN, str(tmp_path / "no such file"))


def test_nobody_else_in_this_process_touches_the_files(sqlite_book: StoredBook, tmp_path: Path) -> None:
    path = file_of(sqlite_book)
    sqlite_book.watermark()
    (tmp_path / "link").symlink_to(path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "book.db").write_bytes(b"another file of that name")
    assert (other / "book.db").read_bytes()
    for suffix in ("", "-wal", "-shm"):
        with pytest.raises(BookError, match="has the book open"):
            Path(f"{path}{suffix}").read_bytes()
    for target in (str(path), os.fsencode(path), f"file:{path}?mode=ro"):
        with pytest.raises(BookError, match="has the book open"):
            sqlite3.connect(target, uri=isinstance(target, str) and target.startswith("file:"))
    with open_book(sqlite_book.url, clock=ticking())._database.reading():
        pass
    sqlite3.connect(tmp_path / "mine.db").close()
    sqlite_book.close()


def test_a_file_that_is_open_elsewhere_in_the_process_is_refused(sqlite_book_url: str) -> None:
    create_book(sqlite_book_url, clock=ticking()).close()
    with open(sqlite_book_url.removeprefix("sqlite:///"), "rb"), pytest.raises(BookError, match="has this file open"):
        open_book(sqlite_book_url, clock=ticking())
    open_book(sqlite_book_url, clock=ticking()).close()


def test_after_the_close_the_files_are_free(sqlite_book: StoredBook) -> None:
    path = file_of(sqlite_book)
    again = open_book(sqlite_book.url, clock=ticking())
    sqlite_book.close()
    with pytest.raises(BookError, match="has the book open"):
        path.read_bytes()
    again.close()
    assert path.read_bytes().startswith(b"SQLite format 3\0")


TOUCH = """
import subprocess, sys
from argosy.adapters.store.opening import open_book
from argosy.base.errors import BookError
from tests.adapters.store.samples import draft, ticking
url, how = sys.argv[1:]
path = url.removeprefix("sqlite:///")
other = [sys.executable, "-c", '''
import sys
from argosy.adapters.store import sqlite
sqlite.WAIT_SECONDS = 0.3
from argosy.adapters.store.opening import open_book
from argosy.base.errors import BookBusy
from tests.adapters.store.samples import draft, ticking
book = open_book(sys.argv[1], clock=ticking())
book._database._wait = 0.3
try:
    with book.writer() as writer:
        writer.append(draft(5, "other"))
    print("other wrote")
except BookBusy:
    print("other refused")
book.close()
''', url]
book = open_book(url, clock=ticking())
try:
    with book.writer() as writer:
        writer.append(draft(5, "own"))
        try:
            if how == "adbc":
                import adbc_driver_sqlite.dbapi as adbc
                with adbc.connect(path) as connection, connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM event")
                    cursor.fetchall()
            elif how == "sqlite3":
                import sqlite3
                sqlite3.connect(path).execute("SELECT count(*) FROM event").fetchall()
            elif how != "nothing":
                open(path + how, "rb").close()
        except BookError as error:
            print("touch refused")
        print(subprocess.run(other, capture_output=True, text=True, check=True).stdout.strip())
    print("own wrote")
except BookError as error:
    print("own refused:", error)
book.close()
"""


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("nothing", ["other refused", "own wrote"]),
        ("sqlite3", ["touch refused", "other refused", "own wrote"]),
        ("-shm", ["touch refused", "other refused", "own wrote"]),
        ("-wal", ["touch refused", "other refused", "own wrote"]),
        ("", ["touch refused", "other refused", "own wrote"]),
        ("adbc", ["other refused", "own refused"]),
    ],
)
def test_touching_the_files_while_writing_loses_no_commit(how: str, said: list[str], sqlite_book_url: str) -> None:
    create_book(sqlite_book_url, clock=ticking()).close()
    done = subprocess.run([sys.executable, "-c", TOUCH, sqlite_book_url, how], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = [line.partition(":")[0] for line in done.stdout.splitlines()]
    assert lines == said
    book = open_book(sqlite_book_url, clock=ticking())
    assert len(book.events()) == 5 * sum(line.endswith("wrote") for line in lines)
    assert book.verify_chain().problems == ()
    book.close()


def test_no_connection_survives_a_fork(sqlite_book: StoredBook) -> None:
    with sqlite_book.writer() as writer:
        writer.append(draft(5))
        child = os.fork()
        if child == 0:
            code = 1
            try:
                sqlite_book.watermark()
            except BookError as error:
                code = 0 if "forked" in str(error) else 2
            try:
                sqlite_book.close()
                writer.watermark()
            except BaseException:
                code += 0
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        writer.append(draft(6, "second"))
    assert len(sqlite_book.events()) == 11
    assert sqlite_book.verify_chain().problems == ()


FORK = """
import os, sys, multiprocessing
from argosy.adapters.store.opening import open_book
from tests.adapters.store.samples import draft, ticking
book = open_book(sys.argv[1], clock=ticking())
with book.writer() as writer:
    writer.append(draft(5))
    if os.fork() == 0:
        sys.exit(0)  # a whole interpreter's end, collecting garbage on the way
    os.wait()
    print(os.path.exists(book.url.removeprefix("sqlite:///") + "-wal"))
    writer.append(draft(5, "more"))
print(len(book.events()))
book.close()
"""


def test_the_end_of_a_forked_child_leaves_the_book_alone(sqlite_book_url: str) -> None:
    create_book(sqlite_book_url, clock=ticking()).close()
    done = subprocess.run([sys.executable, "-c", FORK, sqlite_book_url], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (0, ["True", "10"]), done.stderr


def test_a_large_log_is_moved_into_the_book_by_the_writer(sqlite_book: StoredBook) -> None:
    wal = f"{file_of(sqlite_book)}-wal"
    with sqlite_book.writer() as writer:
        writer.append(draft(100, "a"))
    assert os.stat(wal).st_size > 0
    with sqlite_book.writer() as writer:
        writer.append(draft(20_000, "b"))
    assert os.stat(wal).st_size == 0
    assert len(sqlite_book.events()) == 20_100


def test_a_reader_does_not_stop_the_writer(sqlite_book: StoredBook) -> None:
    other = open_book(sqlite_book.url, clock=ticking())
    with other._database.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM event").scalar()
        with sqlite_book.writer() as writer:
            writer.append(draft(20_000, "b"))
        assert connection.exec_driver_sql("SELECT count(*) FROM event").scalar() == 0
    other.close()
    assert len(sqlite_book.events()) == 20_000


def test_a_full_disk_is_said_and_leaves_the_book_as_it_was(sqlite_book: StoredBook) -> None:
    with sqlite_book.writer() as writer:
        writer.append(draft(5))
    with sqlite_book._database.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 4}")
    with pytest.raises(StorageFailure, match="full") as caught, sqlite_book.writer() as writer:
        writer.append(draft(20_000, "b"))
    assert str(file_of(sqlite_book)) in str(caught.value)
    assert len(sqlite_book.events()) == 5
    with sqlite_book.writer() as writer:  # a new connection, without the limit
        writer.append(draft(2_000, "b"))
    assert len(sqlite_book.events()) == 2_005


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def not_books(folder: Path) -> dict[str, Path]:
    made = {name: folder / name for name in ("text", "empty", "zeros", "other", "foreign")}
    made["text"].write_text("date,type\n" * 1_000)
    made["empty"].write_bytes(b"")
    made["zeros"].write_bytes(bytes(8192))
    for name, statement in (("other", "CREATE TABLE x (y)"), ("foreign", "PRAGMA application_id=7")):
        connection = sqlite3.connect(made[name])
        connection.execute(statement)
        connection.execute("PRAGMA user_version=1")
        connection.commit()
        connection.close()
    return made


@pytest.mark.parametrize("name", ["text", "empty", "zeros", "other", "foreign"])
def test_what_is_not_a_book_is_refused_untouched(name: str, tmp_path: Path) -> None:
    path = not_books(tmp_path)[name]
    before = fingerprint(path)
    with pytest.raises(BookError) as caught:
        open_book(f"sqlite:///{path}", clock=ticking())
    assert str(path) in str(caught.value)
    assert "Next:" in str(caught.value) or name == "zeros"
    assert fingerprint(path) == before
    if name not in ("empty",):
        with pytest.raises(BookError):
            create_book(f"sqlite:///{path}", clock=ticking())
        assert fingerprint(path) == before


def test_folders_absent_files_and_closed_doors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BookError, match="there is no book"):
        open_book(f"sqlite:///{tmp_path / 'absent.db'}", clock=ticking())
    with pytest.raises(BookError, match="folder"):
        open_book(f"sqlite:///{tmp_path}", clock=ticking())
    with pytest.raises(BookError):
        create_book(f"sqlite:///{tmp_path}", clock=ticking())
    with pytest.raises(StorageFailure, match="cannot make the book"):
        create_book(f"sqlite:///{tmp_path / 'no' / 'folder.db'}", clock=ticking())
    with pytest.raises(BookError, match="not a file"):
        open_book("sqlite:////dev/null", clock=ticking())
    create_book(f"sqlite:///{tmp_path / 'book.db'}", clock=ticking()).close()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(BookError, match="no permission"):
        open_book(f"sqlite:///{tmp_path / 'book.db'}", clock=ticking())


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:book.db", "sqlite:///a\0b"])
def test_addresses_without_a_file(url: str) -> None:
    with pytest.raises(InvalidInput):
        sqlite_path(url)


def test_other_kinds_of_address() -> None:
    for url in ("mysql://x/y", "book.db", ""):
        with pytest.raises(UnknownName, match="kind of address"):
            open_book(url, clock=ticking())


def test_a_book_is_made_once(book: StoredBook, book_url: str) -> None:
    with pytest.raises(BookError):
        create_book(book_url, clock=ticking())


@pytest.mark.parametrize("revision", ["0000", "9999"])
def test_a_book_of_another_version_is_refused_untouched(
    revision: str, book_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = create_book(book_url, clock=ticking())
    with book._database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    book.close()
    monkeypatch.setattr("argosy.adapters.store.migrating.REVISIONS", ("0000", *REVISIONS))
    path = Path(book_url.removeprefix("sqlite:///"))
    before = fingerprint(path) if path.is_file() else ""
    with pytest.raises(BookVersionError, match="nothing was touched") as caught:
        open_book(book_url, clock=ticking())
    assert ("older" if revision == "0000" else "newer") in str(caught.value)
    if before:
        assert fingerprint(path) == before
        assert not Path(f"{path}-wal").exists()


def test_a_second_thread_waits_its_turn(sqlite_book: StoredBook) -> None:
    database = sqlite_book._database
    with database.writing(), pytest.raises(BookBusy, match="thread"), database.writing(wait=0.05):
        pass


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "argosy.adapters.store.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"argosy\[postgres\]"):
        open_book("postgresql://localhost/book", clock=ticking())


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageFailure, match="cannot be reached"):
        open_book(f"postgresql://nobody:secret@/book?host={tmp_path}", clock=ticking())
    with pytest.raises(StorageFailure) as caught:
        open_book("postgresql://nobody:secret@127.0.0.1:1/book?connect_timeout=2", clock=ticking())
    assert "secret" not in str(caught.value)


@pytest.mark.postgres
def test_a_database_without_a_book(postgres_book_url: str) -> None:
    with pytest.raises(BookError, match=r"no book in this database.*argosy init"):
        open_book(postgres_book_url, clock=ticking())
