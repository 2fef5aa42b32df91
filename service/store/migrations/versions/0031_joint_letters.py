"""Letters about several listings: each listing of a letter with its decision."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    made = op.create_table(
        "referral_listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_listing_referral_id_referral")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_referral_listing_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_referral_listing_review_id_review")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_listing")),
        sa.UniqueConstraint(
            "referral_id", "listing_id", name=op.f("uq_referral_listing_referral_id_listing_id")
        ),
    )
    op.create_index(op.f("ix_referral_listing_listing_id"), "referral_listing", ["listing_id"])
    op.create_index(op.f("ix_referral_listing_review_id"), "referral_listing", ["review_id"])
    referral = sa.table("referral", *(sa.column(name) for name in ("id", "listing_id", "review_id")))
    rows = sa.select(referral.c.id, referral.c.listing_id, referral.c.review_id).order_by(referral.c.id)
    op.execute(made.insert().from_select(["referral_id", "listing_id", "review_id"], rows))


def downgrade() -> None:
    op.drop_index(op.f("ix_referral_listing_review_id"), "referral_listing")
    op.drop_index(op.f("ix_referral_listing_listing_id"), "referral_listing")
    op.drop_table("referral_listing")
