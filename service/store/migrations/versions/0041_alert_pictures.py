"""Pictures of advertisements in public warnings."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_picture",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("picture", sa.String(length=64), nullable=False),
        sa.Column("blurred", sa.Boolean(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_picture_alert_id_alert")),
        sa.PrimaryKeyConstraint("alert_id", "position", name=op.f("pk_alert_picture")),
    )
    op.create_index(op.f("ix_alert_picture_alert_id_sha256"), "alert_picture", ["alert_id", "sha256"])


def downgrade() -> None:
    op.drop_table("alert_picture")
