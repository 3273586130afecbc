"""The fixtures keep their promises."""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.postgres_cluster import Cluster


def test_book_url_is_empty_and_usable(book_url: str) -> None:
    if book_url.startswith("sqlite"):
        assert not Path(book_url.removeprefix("sqlite:///")).exists()
        return
    with psycopg.connect(book_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
        connection.execute("CREATE TABLE left_behind (a int)")


def test_databases_are_apart(postgres_cluster: Cluster) -> None:
    with postgres_cluster.fresh_database() as one, postgres_cluster.fresh_database() as other:
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE only_here (a int)")
        with psycopg.connect(other) as connection:
            assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)


def test_shared_data_is_the_folder_beside_the_checkout(shared_data: Path, root: Path) -> None:
    assert shared_data == root.parent / "shared" / "data"
