"""Data for the dashboard: when texts arrived, and the decision on each."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    op.add_column("queue_entry", sa.Column("arrived_at", UtcDateTime(), nullable=True))
    op.execute(
        "UPDATE queue_entry SET arrived_at = COALESCE(("
        " SELECT v.replaced_at FROM listing l"
        " JOIN listing_version v ON v.listing_id = l.id AND v.version = l.version - 1"
        " WHERE l.id = queue_entry.listing_id), received_at)"
    )
    with op.batch_alter_table("queue_entry") as batch:
        batch.alter_column("arrived_at", existing_type=UtcDateTime(), nullable=False)
    op.create_index(
        op.f("ix_queue_entry_urgency_arrived_at_listing_id"),
        "queue_entry",
        ["urgency", "arrived_at", "listing_id"],
    )
    op.create_index(
        "ix_queue_entry_received",
        "queue_entry",
        ["received_at", "verdict", "product_class", "platform", "labels"],
    )
    op.create_index(
        "ix_queue_entry_groups",
        "queue_entry",
        ["verdict", "product_class", "platform", "labels", "received_at"],
    )
    op.create_index(op.f("ix_referral_event_status_happened_at"), "referral_event", ["status", "happened_at"])
    outcome = op.create_table(
        "case_outcome",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("product_class", sa.String(length=40), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=True),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Text(), nullable=False),
        sa.Column("rejected", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listing.id"],
            name=op.f("fk_case_outcome_listing_id_listing"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("listing_id", "text_sha256", name=op.f("pk_case_outcome")),
    )
    _fill(op.get_bind(), outcome)
    op.create_index(
        "ix_case_outcome_decided",
        "case_outcome",
        [
            "decided_at",
            "review_id",
            "verdict",
            "decision",
            "product_class",
            "platform",
            "labels",
            "seconds",
            "reviewer_id",
            "confirmed",
            "rejected",
        ],
    )


def downgrade() -> None:
    op.drop_index("ix_case_outcome_decided", "case_outcome")
    op.drop_table("case_outcome")
    op.drop_index(op.f("ix_referral_event_status_happened_at"), "referral_event")
    op.drop_index("ix_queue_entry_groups", "queue_entry")
    op.drop_index("ix_queue_entry_received", "queue_entry")
    op.drop_index(op.f("ix_queue_entry_urgency_arrived_at_listing_id"), "queue_entry")
    op.drop_column("queue_entry", "arrived_at")


def _fill(connection: sa.Connection, outcome: sa.Table) -> None:
    """An outcome for every decided text, as ``service.store.index.entries`` would have left it."""
    listings = sa.text(
        "SELECT DISTINCT listing_id FROM review WHERE listing_id > :after ORDER BY listing_id LIMIT :batch"
    )
    after = 0
    while numbers := connection.scalars(listings, {"after": after, "batch": BATCH}).all():
        if rows := list(_outcomes(connection, after, numbers[-1])):
            connection.execute(outcome.insert(), rows)
        after = numbers[-1]


def _outcomes(connection: sa.Connection, after: int, last: int) -> Iterator[dict[str, Any]]:
    reviews = sa.text(
        "SELECT r.id, r.listing_id, r.reviewer_id, r.decision, r.product_class, r.confirmed_claims,"
        " r.rejected_claims, r.created_at, a.listing_text_sha256, a.verdict, a.product_class AS read_class,"
        " a.content, l.platform, l.first_seen"
        " FROM review r JOIN assessment a ON a.id = r.assessment_id JOIN listing l ON l.id = r.listing_id"
        " WHERE r.listing_id > :after AND r.listing_id <= :last"
        " ORDER BY r.listing_id, a.listing_text_sha256, r.id"
    ).columns(created_at=UtcDateTime(), first_seen=UtcDateTime())
    found = connection.execute(reviews, {"after": after, "last": last}).mappings()
    arrivals = _arrivals(connection, after, last)
    for key, group in groupby(found, lambda row: (row["listing_id"], row["listing_text_sha256"])):
        first: datetime | None = None
        for row in group:
            first = None if row["decision"] in ("unsure", "withdrawn") else first or row["created_at"]
        if first is None:
            continue
        arrived = arrivals.get(key, row["first_seen"])
        claims = _json(row["content"]).get("claims", ())
        yield {
            "listing_id": key[0],
            "text_sha256": key[1],
            "review_id": row["id"],
            "reviewer_id": row["reviewer_id"],
            "decided_at": first,
            "seconds": max(0, round((first - arrived).total_seconds())),
            "decision": row["decision"],
            "verdict": row["verdict"],
            "product_class": row["product_class"] or row["read_class"],
            "platform": row["platform"],
            "labels": _marked(claim["label"] for claim in claims),
            "confirmed": "|".join(sorted(claim["label"] for claim in _json(row["confirmed_claims"]))),
            "rejected": "|".join(sorted(claim["label"] for claim in _json(row["rejected_claims"]))),
        }


def _arrivals(connection: sa.Connection, after: int, last: int) -> dict[tuple[int, str], datetime]:
    """When each text but the first of its listing was first seen: when it replaced the one before."""
    query = sa.text(
        "SELECT v.listing_id, v.replaced_at, COALESCE(n.text_sha256, l.text_sha256) AS following"
        " FROM listing_version v JOIN listing l ON l.id = v.listing_id"
        " LEFT JOIN listing_version n ON n.listing_id = v.listing_id AND n.version = v.version + 1"
        " WHERE v.listing_id > :after AND v.listing_id <= :last ORDER BY v.listing_id, v.version"
    ).columns(replaced_at=UtcDateTime())
    return {
        (row.listing_id, row.following): row.replaced_at
        for row in connection.execute(query, {"after": after, "last": last})
    }


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value or {}


def _marked(values: Any) -> str:
    unique = sorted(set(values))
    return f"|{'|'.join(unique)}|" if unique else ""
