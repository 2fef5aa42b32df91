"""Risk and severity in one number, as the usual order of the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0045"
branch_labels = None
depends_on = None

_TABLE = "queue_entry"
_NEW = (
    ("urgency", "priority", "listing_id"),
    ("verdict", "urgency", "priority", "listing_id"),
    ("platform", "urgency", "priority", "listing_id"),
    ("product_class", "urgency", "priority", "listing_id"),
    ("seller", "urgency", "priority", "listing_id"),
    # Campaigns are weighed by risk out of this index.
    ("campaign_id", "urgency", "priority", "listing_id", "risk"),
)
_OLD = (
    ("verdict", "urgency", "risk", "listing_id"),
    ("platform", "urgency", "risk", "listing_id"),
    ("product_class", "urgency", "risk", "listing_id"),
    ("seller", "urgency", "risk", "listing_id"),
    ("campaign_id", "urgency", "risk", "listing_id"),
)


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("priority", sa.Double(), nullable=True))
    # As labels.guidance.severity.priority_of: the weight doubles with each grade.
    op.execute("UPDATE queue_entry SET priority = risk * (1 << severity) WHERE risk IS NOT NULL")
    _replace(_OLD, _NEW)


def downgrade() -> None:
    _replace(_NEW, _OLD)
    op.drop_column(_TABLE, "priority")


def _replace(old: tuple[tuple[str, ...], ...], new: tuple[tuple[str, ...], ...]) -> None:
    for columns in old:
        op.drop_index(_name(columns), _TABLE)
    for columns in new:
        op.create_index(_name(columns), _TABLE, list(columns))


def _name(columns: tuple[str, ...]) -> str:
    return str(op.f(f"ix_{_TABLE}_{'_'.join(columns)}"))
