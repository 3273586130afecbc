"""A throw-away PostgreSQL cluster for tests: on a Unix socket, without a network address, gone afterwards."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg

_NEEDED = ("initdb", "postgres")
_OWNER = "argosy"
_PR_SET_PDEATHSIG = 1


def find_binaries() -> Path | None:
    """Find the newest folder that holds a PostgreSQL server, or None where no server is installed."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(packaged, key=lambda folder: int(folder.parent.name.split(".")[0]), reverse=True)
    folders += [Path("/opt/homebrew/opt/postgresql/bin"), Path("/usr/local/pgsql/bin")]
    return next((f for f in folders if all(os.access(f / name, os.X_OK) for name in _NEEDED)), None)


class Cluster:
    """One running server that hands out empty databases."""

    def __init__(self, socket_folder: Path) -> None:
        self._socket_folder = socket_folder
        self._numbers = count(1)

    def url(self, database: str) -> str:
        """Address of a database, understood by libpq and by SQLAlchemy alike."""
        return f"postgresql://{_OWNER}@/{database}?host={quote(str(self._socket_folder), safe='/')}"

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Yield the address of an empty database; drop it afterwards whoever is still connected."""
        name = f"book_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _unprivileged() -> dict[str, object]:
    """Say as whom to start the server, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("running as root, and neither the user postgres nor nobody exists to start PostgreSQL as")


def _die_with_parent() -> Callable[[], None] | None:
    """Let a killed test run take its server along (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


@contextmanager
def running_cluster(binaries: Path, *, durable: bool = False) -> Iterator[Cluster]:
    """Make a cluster, start it, and remove it without a trace at the end; ``durable`` lets writes reach the disk."""
    who = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="argosy-pg-", dir="/tmp"))  # a socket's path may have 107 characters
    try:
        if who:
            os.chown(folder, who["user"], who["group"])  # type: ignore[arg-type]
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        data = folder / "data"
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", _OWNER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
            check=True, capture_output=True, text=True, cwd=folder, env=environment, **who,
        )  # fmt: skip
        # In tests nothing outlives the run, so nothing has to reach the disk; measurements ask for the real thing.
        sync = "on" if durable else "off"
        settings = {
            "listen_addresses": "", "unix_socket_directories": str(folder), "fsync": sync, "synchronous_commit": "on",
            "full_page_writes": sync, "shared_buffers": "64MB", "max_connections": "60", "autovacuum": "off",
        }  # fmt: skip
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        log = folder / "server.log"
        with log.open("w") as output:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, *options],
                stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=folder, env=environment,
                preexec_fn=_die_with_parent(), **who,
            )  # fmt: skip
        cluster = Cluster(folder)
        try:
            _wait_until_ready(cluster, server, log)
            yield cluster
        finally:
            server.send_signal(signal.SIGQUIT)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(cluster: Cluster, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(cluster.url("postgres"), connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start ({error}):\n{log.read_text()}") from error
        time.sleep(0.05)
