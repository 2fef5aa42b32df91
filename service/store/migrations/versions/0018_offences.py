"""The basis of a decision beside words: rejected numbers, facts stated by the officer, ticked provisions."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TABLES = ("review", "blind_reading")


def upgrade() -> None:
    for table in _TABLES:
        for name, empty in (("rejected_findings", "[]"), ("stated_facts", "[]"), ("law_choices", "{}")):
            op.add_column(table, sa.Column(name, sa.JSON(), nullable=False, server_default=empty))


def downgrade() -> None:
    for table in _TABLES:
        for name in ("rejected_findings", "stated_facts", "law_choices"):
            op.drop_column(table, name)
