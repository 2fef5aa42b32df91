"""The work on complaints: progress, history, messages and answer templates."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("progress", sa.String(length=20), nullable=False, server_default="received"),
        sa.Column("owner", sa.String(length=100), nullable=True),
        sa.Column("harm", sa.String(length=20), nullable=False, server_default="none"),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("closed_for", sa.String(length=20), nullable=True),
        sa.Column("duplicate_of", sa.Integer(), nullable=True),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False, server_default="none"),
    ):
        op.add_column("complaint", column)
    op.create_index(op.f("ix_complaint_duplicate_of"), "complaint", ["duplicate_of"])
    op.create_index(op.f("ix_complaint_progress_due_at"), "complaint", ["progress", "due_at"])
    op.execute(
        "UPDATE complaint SET progress = 'with_agency'"
        " WHERE id IN (SELECT complaint_id FROM exported_complaint)"
    )
    op.create_table(
        "complaint_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["complaint.id"],
            name=op.f("fk_complaint_event_complaint_id_complaint"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_event")),
    )
    op.create_index(op.f("ix_complaint_event_complaint_id"), "complaint_event", ["complaint_id"])
    op.create_table(
        "complaint_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["complaint.id"],
            name=op.f("fk_complaint_message_complaint_id_complaint"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["complaint_event.id"],
            name=op.f("fk_complaint_message_event_id_complaint_event"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_message")),
    )
    op.create_index(op.f("ix_complaint_message_complaint_id"), "complaint_message", ["complaint_id"])
    op.create_index(op.f("ix_complaint_message_state_next_at"), "complaint_message", ["state", "next_at"])
    op.create_table(
        "answer_template",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_answer_template")),
    )


def downgrade() -> None:
    for table in ("answer_template", "complaint_message", "complaint_event"):
        op.drop_table(table)
    op.drop_index(op.f("ix_complaint_progress_due_at"), "complaint")
    op.drop_index(op.f("ix_complaint_duplicate_of"), "complaint")
    for name in (
        "channel", "code_digest", "duplicate_of", "closed_for", "due_at", "harm", "owner", "progress",
    ):  # fmt: skip
        op.drop_column("complaint", name)
