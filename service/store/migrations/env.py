"""Alembic's environment: runs the revisions on the connection that ``service.store.migrate`` opened."""

from alembic import context

from service.store.migrate import is_compared
from service.store.tables.core_tables import Base

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run migrations with: ruthan db upgrade")

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
    include_name=is_compared,
)
# The caller's transaction is the one that counts.
context.run_migrations()
