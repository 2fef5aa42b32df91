"""Sightings: what each visit to a listing's page showed."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Listings crawled before have none: their next crawl adds the first.
    op.create_table(
        "sighting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("warc_file", sa.Text(), nullable=False),
        sa.Column("warc_record_id", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_sighting_listing_id_listing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighting")),
    )
    op.create_index(op.f("ix_sighting_listing_id_id"), "sighting", ["listing_id", "id"])
    op.create_index(op.f("ix_sighting_outcome_at"), "sighting", ["outcome", "at"])
    op.create_index(op.f("ix_sighting_warc_file"), "sighting", ["warc_file"])


def downgrade() -> None:
    # The records of the visits stay in the evidence, each with its date.
    op.drop_index(op.f("ix_sighting_warc_file"), "sighting")
    op.drop_index(op.f("ix_sighting_outcome_at"), "sighting")
    op.drop_index(op.f("ix_sighting_listing_id_id"), "sighting")
    op.drop_table("sighting")
