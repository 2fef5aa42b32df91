"""The words of a letter as it was sent, so that its pack can be made again whatever changes later."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_letter",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("referral_id", sa.Integer(), sa.ForeignKey("referral.id"), nullable=False, unique=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("letter", sa.JSON(), nullable=True),
        sa.Column("listings", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("sent_letter")
