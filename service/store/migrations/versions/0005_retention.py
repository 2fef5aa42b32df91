"""Legal holds, runs of the retention rules, removed evidence; an index for the access audit."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listing", sa.Column("redacted_at", UtcDateTime(), nullable=True))
    op.add_column("capture", sa.Column("removed_at", UtcDateTime(), nullable=True))
    op.create_index(op.f("ix_capture_warc_file"), "capture", ["warc_file"])
    op.create_index(op.f("ix_audit_actor_id"), "audit", ["actor", "id"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(length=200), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("lifted_by", sa.String(length=200), nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_legal_hold_listing_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index(op.f("ix_legal_hold_listing_id"), "legal_hold", ["listing_id"])
    op.create_table(
        "retention_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("rules_sha256", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
    )
    op.create_table(
        "retention_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("cutoff", UtcDateTime(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["retention_run.id"], name=op.f("fk_retention_step_run_id_retention_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_step")),
        sa.UniqueConstraint("run_id", "rule", name=op.f("uq_retention_step_run_id_rule")),
    )
    op.create_table(
        "removed_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("warc_file", sa.Text(), nullable=False),
        sa.Column("warc_record_id", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removed_evidence")),
    )
    op.create_index(
        op.f("ix_removed_evidence_outcome_warc_file"), "removed_evidence", ["outcome", "warc_file"]
    )


def downgrade() -> None:
    # Redactions and removals remain; their records are dropped, except in the audit trail.
    op.drop_index(op.f("ix_removed_evidence_outcome_warc_file"), table_name="removed_evidence")
    op.drop_table("removed_evidence")
    op.drop_table("retention_step")
    op.drop_table("retention_run")
    op.drop_index(op.f("ix_legal_hold_listing_id"), table_name="legal_hold")
    op.drop_table("legal_hold")
    op.drop_index(op.f("ix_audit_actor_id"), table_name="audit")
    op.drop_index(op.f("ix_capture_warc_file"), table_name="capture")
    op.drop_column("capture", "removed_at")
    op.drop_column("listing", "redacted_at")
