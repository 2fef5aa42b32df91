"""Pictures of listings, and which of them an assessment is about."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("warc_file", sa.Text(), nullable=True),
        sa.Column("warc_record_id", sa.String(length=200), nullable=True),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("reading", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("engine", sa.String(length=200), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture")),
    )
    op.create_index(op.f("ix_picture_engine_first_seen"), "picture", ["engine", "first_seen"])
    op.create_table(
        "listing_picture",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_picture_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["picture.sha256"], name=op.f("fk_listing_picture_sha256_picture")
        ),
        sa.PrimaryKeyConstraint("listing_id", "sha256", name=op.f("pk_listing_picture")),
    )
    op.create_index(op.f("ix_listing_picture_sha256"), "listing_picture", ["sha256"])
    for table in ("listing", "assessment"):
        op.add_column(
            table, sa.Column("pictures_key", sa.String(length=64), server_default="", nullable=False)
        )


def downgrade() -> None:
    for table in ("assessment", "listing"):
        op.drop_column(table, "pictures_key")
    op.drop_index(op.f("ix_listing_picture_sha256"), "listing_picture")
    op.drop_table("listing_picture")
    op.drop_index(op.f("ix_picture_engine_first_seen"), "picture")
    op.drop_table("picture")
