"""When a key ends."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_key", sa.Column("expires_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    # The earlier program knows no end: a key that has one works no longer.
    op.execute(
        "UPDATE api_key SET revoked_at = expires_at WHERE revoked_at IS NULL AND expires_at IS NOT NULL"
    )
    op.drop_column("api_key", "expires_at")
