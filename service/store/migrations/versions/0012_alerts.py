"""Public warnings."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("product_class", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_alert_listing_id_listing")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_alert_review_id_review")),
        sa.ForeignKeyConstraint(
            ["published_by"], ["reviewer.id"], name=op.f("fk_alert_published_by_reviewer")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["reviewer.id"], name=op.f("fk_alert_withdrawn_by_reviewer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("year", "serial", name=op.f("uq_alert_year_serial")),
    )
    op.create_index(op.f("ix_alert_listing_id"), "alert", ["listing_id"])
    op.create_index(op.f("ix_alert_changed_at_id"), "alert", ["changed_at", "id"])
    op.create_index(op.f("ix_alert_product_class_id"), "alert", ["product_class", "id"])


def downgrade() -> None:
    # The earlier version publishes nothing: published warnings and their numbers are dropped with the table.
    op.drop_table("alert")
