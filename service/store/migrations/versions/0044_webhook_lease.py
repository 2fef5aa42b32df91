"""The lease of a webhook apart from its next attempt, so that a retry cannot end another courier's lease."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook", sa.Column("leased_until", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("webhook", "leased_until")
