"""Pictures that show the same as one of a listing decided against."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("picture", sa.Column("compared_at", UtcDateTime(), nullable=True))
    op.create_index(op.f("ix_picture_compared_at_first_seen"), "picture", ["compared_at", "first_seen"])
    op.create_table(
        "picture_band",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["picture.sha256"], name=op.f("fk_picture_band_sha256_picture"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", "place", name=op.f("pk_picture_band")),
    )
    op.create_index(op.f("ix_picture_band_place_value"), "picture_band", ["place", "value"])
    op.create_table(
        "picture_likeness",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("known_sha256", sa.String(length=64), nullable=False),
        sa.Column("corners", sa.Integer(), nullable=False),
        sa.Column("mirrored", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["picture.sha256"],
            name=op.f("fk_picture_likeness_sha256_picture"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["known_sha256"],
            ["picture.sha256"],
            name=op.f("fk_picture_likeness_known_sha256_picture"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sha256", "known_sha256", name=op.f("pk_picture_likeness")),
    )
    op.create_index(op.f("ix_picture_likeness_known_sha256"), "picture_likeness", ["known_sha256"])


def downgrade() -> None:
    op.drop_table("picture_likeness")
    op.drop_table("picture_band")
    op.drop_index(op.f("ix_picture_compared_at_first_seen"), "picture")
    op.drop_column("picture", "compared_at")
