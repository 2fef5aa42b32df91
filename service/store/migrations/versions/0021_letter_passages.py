"""Edited passages of a drafted letter, and the decision for which they were written."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_PASSAGES = ("opening", "request", "closing")


def upgrade() -> None:
    for name in _PASSAGES:
        op.add_column("referral", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("referral", sa.Column("edited_for", sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in (*_PASSAGES, "edited_for"):
        op.drop_column("referral", name)
