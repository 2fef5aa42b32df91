"""Wider columns for the encrypted secrets of webhooks.

A migration does not know the secret key: the worker, when it starts, and `ruthan db reseal` encrypt those in
plain text (``service.store.sealing``).
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # After a downgrade and another upgrade, the columns are wide already.
    with op.batch_alter_table("webhook", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column("secret", type_=sa.Text(), existing_nullable=False)
        table.alter_column("previous_secret", type_=sa.Text(), existing_nullable=True)


def downgrade() -> None:
    """Nothing: sealed secrets do not fit into the narrow columns."""
