"""What a review says beyond the decision: claims added, the class corrected, what is to follow."""

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
    # Every decision so far was told to the platform.
    op.add_column("review", sa.Column("takedown", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("review", sa.Column("referrals", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    # The earlier program knows no withdrawal; a doubt reopens the case too.
    review = sa.table("review", sa.column("decision", sa.String()))
    op.execute(review.update().where(review.c.decision == "withdrawn").values(decision="unsure"))
    for name in COLUMNS:
        op.drop_column("review", name)
