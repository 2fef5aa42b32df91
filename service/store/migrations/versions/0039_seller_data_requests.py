"""Requests to platforms for data about a seller."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seller_data_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("marketplace", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_seller_data_request_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["reviewer.id"], name=op.f("fk_seller_data_request_created_by_reviewer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_data_request")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_seller_data_request_listing_id"), "seller_data_request", ["listing_id"])
    op.create_index(
        op.f("ix_seller_data_request_answered_at_due_at"), "seller_data_request", ["answered_at", "due_at"]
    )


def downgrade() -> None:
    op.drop_table("seller_data_request")
