"""The provisions that a sent letter stated; letters sent before provisions were ticked keep theirs."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_UNTICKED = "*"
_PAGE = 500


def upgrade() -> None:
    op.add_column("referral_listing", sa.Column("stated", sa.JSON(), nullable=True))
    item = sa.table(
        "referral_listing",
        sa.column("id", sa.Integer()),
        sa.column("referral_id", sa.Integer()),
        sa.column("listing_id", sa.Integer()),
        sa.column("review_id", sa.Integer()),
        sa.column("stated", sa.JSON()),
    )
    event = sa.table(
        "referral_event",
        sa.column("referral_id", sa.Integer()),
        sa.column("status", sa.String()),
        sa.column("at", UtcDateTime()),
    )
    first = (
        sa.select(event.c.referral_id, sa.func.min(event.c.at).label("at"))
        .where(event.c.status == "sent")
        .group_by(event.c.referral_id)
        .subquery()
    )
    connection = op.get_bind()
    sent = connection.execute(
        sa.select(item.c.id, item.c.listing_id, item.c.review_id, first.c.at)
        .join(first, first.c.referral_id == item.c.referral_id)
        .order_by(item.c.id)
    ).all()
    if not sent:
        return
    ticked_since = _ticked_since(connection)
    for number, listing_id, review_id, at in sent:
        before = ticked_since is None or at < ticked_since
        if before and _is_untraced(connection, listing_id, review_id):
            connection.execute(item.update().where(item.c.id == number).values(stated=[_UNTICKED]))


def downgrade() -> None:
    op.drop_column("referral_listing", "stated")


_audit = sa.table(
    "audit",
    sa.column("id", sa.Integer()),
    sa.column("at", UtcDateTime()),
    sa.column("subject", sa.String()),
    sa.column("detail", sa.JSON()),
)


def _ticked_since(connection: sa.Connection) -> datetime | None:
    """When a review first said on the trail which provisions were ticked."""
    after = 0
    while True:
        rows = connection.execute(
            sa.select(_audit.c.id, _audit.c.at, _audit.c.detail)
            .where(_audit.c.id > after, _audit.c.subject.like("listing:%"))
            .order_by(_audit.c.id)
            .limit(_PAGE)
        ).all()
        for _, at, detail in rows:
            if "law" in detail and "review" in detail:
                moment: datetime = at
                return moment
        if not rows:
            return None
        after = rows[-1][0]


def _is_untraced(connection: sa.Connection, listing_id: int, review_id: int) -> bool:
    """Whether the review was stored by a version without ticks: its audit entry names none."""
    details = connection.execute(
        sa.select(_audit.c.detail).where(_audit.c.subject == f"listing:{listing_id}")
    ).scalars()
    return any(
        detail.get("review") == review_id and "confirmed" in detail and "law" not in detail
        for detail in details
    )
