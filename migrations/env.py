"""Alembic's entry: the connection is handed in by wecom_tollbooth/migrate, in a transaction of its own."""

from alembic import context

from wecom_tollbooth.migrate.revisions import VERSION_TABLE

handed_in = context.config.attributes
context.configure(
    connection=handed_in["connection"],
    # Alembic's own name for the table may be taken by another program that shares the database.
    version_table=handed_in.get("version_table", VERSION_TABLE),
)
with context.begin_transaction():
    context.run_migrations()
