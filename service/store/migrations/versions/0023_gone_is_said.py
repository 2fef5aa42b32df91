"""Visits recorded as "gone" without a statement by the page become "unclear": no takedown rests on them."""

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
    """Restore nothing: correct records keep their reason, and the others were wrong."""
