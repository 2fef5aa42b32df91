"""Appeals against decisions."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("appellant", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.String(length=200), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_appeal_listing_id_listing")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_appeal_review_id_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("review_id", name=op.f("uq_appeal_review_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_appeal_listing_id"), "appeal", ["listing_id"])


def downgrade() -> None:
    # The earlier version knows no appeals: a contested case is decided, as it was before.
    op.execute(
        "UPDATE queue_entry SET urgency = 0, told_urgency = 0 WHERE urgency > 1"
        " AND review_id IN (SELECT review_id FROM appeal)"
    )
    op.drop_index(op.f("ix_appeal_listing_id"), "appeal")
    op.drop_table("appeal")
