"""The state of a case as shown to its submitter: without withheld decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_NEWEST_TOLD = """
    SELECT told.decision FROM review AS told
    JOIN assessment ON assessment.id = told.assessment_id
    JOIN listing ON listing.id = told.listing_id
    WHERE told.listing_id = queue_entry.listing_id
    AND assessment.listing_text_sha256 = listing.text_sha256
    AND NOT (told.decision IN ('prohibited', 'needs_permit') AND NOT told.takedown)
    ORDER BY told.id DESC LIMIT 1
"""


def upgrade() -> None:
    op.add_column("queue_entry", sa.Column("told_urgency", sa.Integer(), nullable=False, server_default="2"))
    op.execute("UPDATE queue_entry SET told_urgency = CASE WHEN urgency > 2 THEN 2 ELSE urgency END")
    op.execute(
        f"UPDATE queue_entry SET told_urgency = CASE COALESCE(({_NEWEST_TOLD}), 'withdrawn')"  # noqa: S608 (a constant)
        " WHEN 'withdrawn' THEN 2 WHEN 'unsure' THEN 1 ELSE 0 END"
        " WHERE review_id IN (SELECT id FROM review"
        " WHERE decision IN ('prohibited', 'needs_permit') AND NOT takedown)"
    )


def downgrade() -> None:
    op.drop_column("queue_entry", "told_urgency")
