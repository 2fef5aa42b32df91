"""The pictures of withdrawn public warnings are deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    alert = sa.table("alert", sa.column("id"), sa.column("withdrawn_at"))
    picture = sa.table("alert_picture", sa.column("alert_id"), sa.column("content", sa.LargeBinary()))
    withdrawn = sa.select(alert.c.id).where(alert.c.withdrawn_at.is_not(None))
    op.execute(picture.update().where(picture.c.alert_id.in_(withdrawn)).values(content=b""))


def downgrade() -> None:
    """Nothing brings the pictures back, and the program before serves none of a withdrawn warning."""
