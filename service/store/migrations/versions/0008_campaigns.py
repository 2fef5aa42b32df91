"""Campaigns of near-duplicate listings, contacts of sellers, decisions on many listings at once."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sketch", sa.String(length=60), nullable=False),
        sa.Column("minima", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_campaign_size_id"), "campaign", ["size", "id"])
    op.create_table(
        "campaign_band",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_band_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("band", "campaign_id", name=op.f("pk_campaign_band")),
    )
    op.create_index(op.f("ix_campaign_band_campaign_id"), "campaign_band", ["campaign_id"])
    op.create_table(
        "campaign_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("sketch", sa.String(length=60), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=True),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_member_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_campaign_member_listing_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_member")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_campaign_member_listing_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_campaign_member_campaign_id"), "campaign_member", ["campaign_id"])
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_contact_listing_id_listing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("listing_id", "kind", "value", name=op.f("uq_contact_listing_id_kind_value")),
    )
    op.create_index(op.f("ix_contact_kind_value"), "contact", ["kind", "value"])
    op.create_table(
        "bulk_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("origin_review_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("declined", sa.JSON(), nullable=False),
        sa.Column("after_member", sa.Integer(), nullable=False),
        sa.Column("spread", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_bulk_decision_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["reviewer.id"], name=op.f("fk_bulk_decision_reviewer_id_reviewer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_decision")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bulk_decision_campaign_id"), "bulk_decision", ["campaign_id"])
    op.create_index(op.f("ix_bulk_decision_origin_review_id"), "bulk_decision", ["origin_review_id"])
    op.create_table(
        "bulk_review",
        sa.Column("review_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bulk_id", sa.Integer(), nullable=False),
        sa.Column("spread", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulk_id"], ["bulk_decision.id"], name=op.f("fk_bulk_review_bulk_id_bulk_decision")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_bulk_review_review_id_review")),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_bulk_review")),
    )
    op.create_index(op.f("ix_bulk_review_bulk_id"), "bulk_review", ["bulk_id"])


def downgrade() -> None:
    # The reviews remain: each is a decision in its own right, however it was made.
    for name in ("bulk_review", "bulk_decision", "contact", "campaign_member", "campaign_band", "campaign"):
        op.drop_table(name)
