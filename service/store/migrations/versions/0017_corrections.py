"""Corrections of warnings, ends of blind tasks, an audit index by subject, arrivals of campaigns."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("corrected_at", UtcDateTime(), nullable=False),
        sa.Column("corrected_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_correction_alert_id_alert")),
        sa.ForeignKeyConstraint(
            ["corrected_by"], ["reviewer.id"], name=op.f("fk_alert_correction_corrected_by_reviewer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_correction")),
    )
    op.create_index(op.f("ix_alert_correction_alert_id_id"), "alert_correction", ["alert_id", "id"])
    op.create_index(op.f("ix_audit_subject_id"), "audit", ["subject", "id"])
    op.create_index(
        op.f("ix_queue_entry_campaign_id_received_at_verdict"),
        "queue_entry",
        ["campaign_id", "received_at", "verdict"],
    )
    # It is unknown how tasks ended that ended before.
    op.add_column("blind_task", sa.Column("ended_how", sa.String(length=20), nullable=True))


def downgrade() -> None:
    # Warnings keep their corrected text; the earlier texts are dropped.
    op.drop_column("blind_task", "ended_how")
    op.drop_index(op.f("ix_queue_entry_campaign_id_received_at_verdict"), "queue_entry")
    op.drop_index(op.f("ix_audit_subject_id"), "audit")
    op.drop_table("alert_correction")
