"""Decisions keep the provisions that were proposed before a condition was attached to them."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_TABLES = ("review", "blind_reading")
_FORMERLY_PROPOSED = ("food-act-25-4", "hazard-act-23", "hazard-act-45-4", "direct-sale-act-29")
"""Provisions that counted for a decision unless the officer unticked them; now they must be ticked."""


def upgrade() -> None:
    for name in _TABLES:
        table = sa.table(name, sa.column("id", sa.Integer), sa.column("law_choices", sa.JSON))
        connection = op.get_bind()
        found = connection.execute(sa.select(table.c.id, table.c.law_choices)).all()
        kept = dict.fromkeys(_FORMERLY_PROPOSED, True)
        rows = [{"row": row_id, "choices": {**kept, **(choices or {})}} for row_id, choices in found]
        if rows:
            statement = sa.update(table).where(table.c.id == sa.bindparam("row"))
            connection.execute(statement.values(law_choices=sa.bindparam("choices", type_=sa.JSON)), rows)


def downgrade() -> None:
    """The choices were those of the former version, only not written down."""
