"""Threads of cases: questions to colleagues, and their answers."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("asked_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opens", sa.Boolean(), nullable=False),
        sa.Column("last_review", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listing.id"],
            name=op.f("fk_case_message_listing_id_listing"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["reviewer.id"], name=op.f("fk_case_message_author_id_reviewer")
        ),
        sa.ForeignKeyConstraint(
            ["asked_id"], ["reviewer.id"], name=op.f("fk_case_message_asked_id_reviewer")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["blind_task.id"],
            name=op.f("fk_case_message_task_id_blind_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_message")),
    )
    for column in ("listing_id", "asked_id", "author_id"):
        op.create_index(op.f(f"ix_case_message_{column}_id"), "case_message", [column, "id"])
    op.create_index(op.f("ix_case_message_task_id"), "case_message", ["task_id"])


def downgrade() -> None:
    op.drop_table("case_message")
