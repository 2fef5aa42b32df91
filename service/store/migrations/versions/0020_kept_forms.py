"""Forms that came after the session had ended, and the number of a blind reading's withdrawal."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["reviewer.id"], name=op.f("fk_kept_form_reviewer_id_reviewer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_kept_form_token_sha256")),
    )
    op.create_index(op.f("ix_kept_form_created_at"), "kept_form", ["created_at"])
    op.create_index(op.f("ix_kept_form_reviewer_id"), "kept_form", ["reviewer_id"])
    op.add_column("blind_reading", sa.Column("withdrawn_number", sa.Integer(), nullable=True))
    # The next number of a decision is looked up for every decision.
    op.create_index(op.f("ix_blind_reading_number"), "blind_reading", ["number"])
    op.create_index(op.f("ix_blind_reading_withdrawn_number"), "blind_reading", ["withdrawn_number"])


def downgrade() -> None:
    op.drop_index(op.f("ix_blind_reading_withdrawn_number"), "blind_reading")
    op.drop_index(op.f("ix_blind_reading_number"), "blind_reading")
    op.drop_column("blind_reading", "withdrawn_number")
    op.drop_table("kept_form")
