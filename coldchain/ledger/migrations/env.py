"""Alembic's entry: one online run on the connection that `coldchain.ledger.migrate` brings."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=False)
context.run_migrations()
