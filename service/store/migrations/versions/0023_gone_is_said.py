"""Visits that were called gone though no page said so are unclear: no takedown rests on them."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sighting = sa.table("sighting", sa.column("outcome", sa.String), sa.column("how", sa.Text))
    unsaid = sa.or_(sighting.c.how.like("leads to %"), sighting.c.how == "no product is shown")
    op.execute(sighting.update().where(sighting.c.outcome == "gone", unsaid).values(outcome="unclear"))


def downgrade() -> None:
    """What was rightly gone keeps its reason; the others were not."""
