"""Details of reviews: added claims, the corrected class, consequences."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = ("added_claims", "product_class", "takedown", "referrals")


def upgrade() -> None:
    op.add_column("review", sa.Column("added_claims", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("review", sa.Column("product_class", sa.String(length=40), nullable=True))
    # The platform was notified of every decision so far.
    op.add_column("review", sa.Column("takedown", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("review", sa.Column("referrals", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    # The earlier version knows no withdrawals; "unsure" also reopens the case.
    review = sa.table("review", sa.column("decision", sa.String()))
    op.execute(review.update().where(review.c.decision == "withdrawn").values(decision="unsure"))
    for name in COLUMNS:
        op.drop_column("review", name)
