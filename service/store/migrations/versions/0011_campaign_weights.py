"""The queue knows each listing's campaign, so that campaigns are weighed out of one index."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue_entry", sa.Column("campaign_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE queue_entry SET campaign_id = (SELECT m.campaign_id FROM campaign_member m"
        " WHERE m.listing_id = queue_entry.listing_id)"
    )
    op.create_index(
        op.f("ix_queue_entry_campaign_id_urgency_risk_listing_id"),
        "queue_entry",
        ["campaign_id", "urgency", "risk", "listing_id"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_queue_entry_campaign_id_urgency_risk_listing_id"), "queue_entry")
    op.drop_column("queue_entry", "campaign_id")
