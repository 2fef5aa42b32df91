"""Sessions in the database, password links, last logins, a second factor required of single accounts."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def _of_reviewer(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_reviewer_id_reviewer")
    return sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=name)


def upgrade() -> None:
    op.add_column("reviewer", sa.Column("invited_at", UtcDateTime(), nullable=True))
    op.add_column("reviewer", sa.Column("last_login_at", UtcDateTime(), nullable=True))
    op.add_column(
        "reviewer", sa.Column("totp_required", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # The trail knows the logins from before.
    op.execute(
        "UPDATE reviewer SET last_login_at = (SELECT MAX(audit.at) FROM audit"
        " WHERE audit.action = 'login' AND audit.actor = 'reviewer:' || reviewer.name)"
    )
    op.create_table(
        "console_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=True),
        sa.Column("provider_factor", sa.Boolean(), nullable=False),
        sa.Column("awaits_code", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        _of_reviewer("console_session"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_console_session_digest")),
    )
    op.create_index(op.f("ix_console_session_reviewer_id"), "console_session", ["reviewer_id"])
    op.create_index(op.f("ix_console_session_expires_at"), "console_session", ["expires_at"])
    op.create_table(
        "password_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        _of_reviewer("password_link"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_password_link_digest")),
    )
    op.create_index(op.f("ix_password_link_reviewer_id"), "password_link", ["reviewer_id"])


def downgrade() -> None:
    # The earlier program signs its own cookies: everybody logs in again.
    op.drop_table("password_link")
    op.drop_table("console_session")
    for column in ("totp_required", "last_login_at", "invited_at"):
        op.drop_column("reviewer", column)
