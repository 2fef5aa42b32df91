"""Idempotency keys are reserved while their request is carried out."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("idempotency", sa.Column("token", sa.String(32), nullable=True))
    op.add_column("idempotency", sa.Column("reserved_until", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("idempotency", "reserved_until")
    op.drop_column("idempotency", "token")
