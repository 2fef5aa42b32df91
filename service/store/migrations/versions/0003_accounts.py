"""Lockout, second factor and recovery codes; rotation and last use of API keys."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reviewer", sa.Column("failed_logins", sa.Integer(), server_default="0", nullable=False))
    op.add_column("reviewer", sa.Column("locked_until", UtcDateTime(), nullable=True))
    op.add_column("reviewer", sa.Column("totp_secret", sa.String(length=400), nullable=True))
    op.add_column("reviewer", sa.Column("totp_last_step", sa.Integer(), nullable=True))
    op.add_column("api_key", sa.Column("last_used_at", UtcDateTime(), nullable=True))
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["reviewer.id"], name=op.f("fk_recovery_code_reviewer_id_reviewer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("reviewer_id", "code_hash", name=op.f("uq_recovery_code_reviewer_id_code_hash")),
    )
    op.create_table(
        "earlier_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name=op.f("fk_earlier_secret_api_key_id_api_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_secret")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_earlier_secret_key_hash")),
    )
    op.create_index(op.f("ix_earlier_secret_api_key_id"), "earlier_secret", ["api_key_id"])


def downgrade() -> None:
    # Replaced secrets stop working.  The earlier program knows neither of these roles and shows listings
    # to every open account: so an integrator's is shut.
    reviewer = sa.table("reviewer", sa.column("role", sa.String()), sa.column("disabled_at", UtcDateTime()))
    op.execute(reviewer.update().where(reviewer.c.role == "admin").values(role="lead"))
    op.execute(
        reviewer.update()
        .where(reviewer.c.role == "integrator")
        .values(role="reviewer", disabled_at=sa.func.coalesce(reviewer.c.disabled_at, datetime.now(UTC)))
    )
    op.drop_index(op.f("ix_earlier_secret_api_key_id"), table_name="earlier_secret")
    op.drop_table("earlier_secret")
    op.drop_table("recovery_code")
    op.drop_column("api_key", "last_used_at")
    for column in ("totp_last_step", "totp_secret", "locked_until", "failed_logins"):
        op.drop_column("reviewer", column)
