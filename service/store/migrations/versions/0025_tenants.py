"""Tenants: each existing key gets its own tenant and keeps what it submitted."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tenant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("name", name=op.f("uq_tenant_name")),
        sa.UniqueConstraint("source", name=op.f("uq_tenant_source")),
    )
    op.add_column("api_key", sa.Column("tenant_id", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("api_key", sa.Column("source", sa.String(length=200), nullable=False, server_default=""))
    op.create_index(op.f("ix_api_key_tenant_id"), "api_key", ["tenant_id"])
    op.execute("UPDATE api_key SET source = 'api:' || name")
    op.execute(
        "INSERT INTO tenant (name, source, created_at)"
        " SELECT name, source, created_at FROM api_key ORDER BY id"
    )
    op.execute("UPDATE api_key SET tenant_id = (SELECT id FROM tenant WHERE tenant.source = api_key.source)")


def downgrade() -> None:
    # Submissions under the tenant's name belong to a different source in the earlier version.
    op.drop_index(op.f("ix_api_key_tenant_id"), "api_key")
    op.drop_column("api_key", "source")
    op.drop_column("api_key", "tenant_id")
    op.drop_table("tenant")
