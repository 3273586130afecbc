"""The book: events, facts, valuations, batches, raw files, snapshots."""

from alembic import op

from argosy.adapters.store.tables import metadata, triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection, checkfirst=False)
    for statement in triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)
