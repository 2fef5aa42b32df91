"""Notices to reviewers whose decision a colleague overturned."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "overturn_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("by_review_id", sa.Integer(), nullable=False),
        sa.Column("undid", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listing.id"],
            name=op.f("fk_overturn_notice_listing_id_listing"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["reviewer.id"], name=op.f("fk_overturn_notice_reviewer_id_reviewer")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["review.id"],
            name=op.f("fk_overturn_notice_review_id_review"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["by_review_id"],
            ["review.id"],
            name=op.f("fk_overturn_notice_by_review_id_review"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overturn_notice")),
        sa.UniqueConstraint(
            "by_review_id", "reviewer_id", name=op.f("uq_overturn_notice_by_review_id_reviewer_id")
        ),
    )
    op.create_index(op.f("ix_overturn_notice_listing_id"), "overturn_notice", ["listing_id"])
    op.create_index(op.f("ix_overturn_notice_review_id"), "overturn_notice", ["review_id"])
    op.create_index(op.f("ix_overturn_notice_reviewer_id_id"), "overturn_notice", ["reviewer_id", "id"])
    op.create_table(
        "notice_read",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["overturn_notice.id"],
            name=op.f("fk_notice_read_notice_id_overturn_notice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["reviewer.id"], name=op.f("fk_notice_read_reviewer_id_reviewer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_read")),
        sa.UniqueConstraint("notice_id", "reviewer_id", name=op.f("uq_notice_read_notice_id_reviewer_id")),
    )


def downgrade() -> None:
    op.drop_table("notice_read")
    op.drop_table("overturn_notice")
