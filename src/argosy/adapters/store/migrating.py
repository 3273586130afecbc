"""Which schema a book has, and Alembic, loaded only to make or change one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from argosy.adapters.store.tables import REVISIONS
from argosy.base.errors import BookVersionError


def schema_revision(connection: Connection) -> str:
    """Revision of a book's schema, by one SELECT."""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def check_revision(found: str, place: str) -> None:
    """Refuse a book of another version."""
    if found == REVISIONS[-1]:
        return
    if found in REVISIONS:
        raise BookVersionError(
            f"this book was written by an older Argosy (format {found}, this one has {REVISIONS[-1]}); "
            "nothing was touched",
            place=place, found=found, expected=REVISIONS[-1],
            next_step="run `argosy backup` with the Argosy that wrote it and `argosy restore` with this one",
        )  # fmt: skip
    raise BookVersionError(
        f"this book was written by a newer Argosy (format {found}, this one knows up to {REVISIONS[-1]}); "
        "nothing was touched",
        place=place, found=found, expected=REVISIONS[-1], next_step="open it with that version or a newer one",
    )  # fmt: skip


def migrate(connection: Connection) -> None:
    """Bring an empty or older schema up to date inside the transaction that is open on the connection."""
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    context = MigrationContext.configure(
        connection,
        opts={"fn": lambda revision, _: scripts._upgrade_revs("head", revision), "transactional_ddl": True},
    )
    with Operations.context(context):
        context.run_migrations()
