"""Alembic's entry: the connection is handed in by wecom_tollbooth/migrate.py."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
