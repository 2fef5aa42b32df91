"""How grave the harm of a listing's claims may be, as an order of the queue."""

import json

import sqlalchemy as sa
from alembic import op

from labels.guidance.severity import severity_of
from labels.pictured import claim_words

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_INDEX = "ix_queue_entry_urgency_severity_risk_listing_id"
_BATCH = 1000


def upgrade() -> None:
    op.add_column("queue_entry", sa.Column("severity", sa.Integer(), nullable=False, server_default="0"))
    connection = op.get_bind()
    assessed = sa.text(
        "SELECT listing.id, listing.product_class, assessment.content FROM listing"
        " JOIN assessment ON assessment.id = listing.assessment_id"
        " WHERE listing.id > :after ORDER BY listing.id LIMIT :batch"
    )
    found = sa.text("UPDATE queue_entry SET severity = :severity WHERE listing_id = :listing")
    after = 0
    while rows := connection.execute(assessed, {"after": after, "batch": _BATCH}).all():
        after = rows[-1][0]
        values = []
        for listing, product_class, content in rows:
            shape = json.loads(content) if isinstance(content, str) else content
            if severity := int(severity_of(claim_words(shape), product_class)):
                values.append({"listing": listing, "severity": severity})
        if values:
            connection.execute(found, values)
    op.create_index(op.f(_INDEX), "queue_entry", ["urgency", "severity", "risk", "listing_id"])


def downgrade() -> None:
    op.drop_index(op.f(_INDEX), "queue_entry")
    op.drop_column("queue_entry", "severity")
