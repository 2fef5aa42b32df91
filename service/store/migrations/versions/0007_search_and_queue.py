"""Full-text search, the queue's own table, claims on cases, saved views."""

import json
import math
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BATCH = 1000

# The index must not outlive the text, so a database trigger removes it, whoever changes the text.
SQLITE = (
    "CREATE VIRTUAL TABLE listing_search USING fts5(parts, words, tokenize = 'ascii')",
    """CREATE TRIGGER listing_search_changed AFTER UPDATE OF title, description, seller, url ON listing
    WHEN OLD.title IS NOT NEW.title OR OLD.description IS NOT NEW.description
      OR OLD.seller IS NOT NEW.seller OR OLD.url IS NOT NEW.url
    BEGIN
      DELETE FROM listing_search WHERE rowid = NEW.id;
      UPDATE listing SET indexed_by = NULL WHERE id = NEW.id;
    END""",
    """CREATE TRIGGER listing_search_deleted AFTER DELETE ON listing
    BEGIN
      DELETE FROM listing_search WHERE rowid = OLD.id;
    END""",
)
POSTGRES = (
    """CREATE TABLE listing_search (
      listing_id INTEGER NOT NULL PRIMARY KEY REFERENCES listing (id) ON DELETE CASCADE,
      terms TSVECTOR NOT NULL
    )""",
    "CREATE INDEX listing_search_terms ON listing_search USING gin (terms)",
    """CREATE FUNCTION listing_search_forget() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      DELETE FROM listing_search WHERE listing_id = OLD.id;
      NEW.indexed_by := NULL;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER listing_search_changed BEFORE UPDATE OF title, description, seller, url ON listing
    FOR EACH ROW WHEN (
      OLD.title IS DISTINCT FROM NEW.title OR OLD.description IS DISTINCT FROM NEW.description
      OR OLD.seller IS DISTINCT FROM NEW.seller OR OLD.url IS DISTINCT FROM NEW.url)
    EXECUTE FUNCTION listing_search_forget()""",
)

ENTRY_INDEXES = (
    ("urgency", "risk", "listing_id"),
    ("verdict", "urgency", "risk", "listing_id"),
    ("platform", "urgency", "risk", "listing_id"),
    ("product_class", "urgency", "risk", "listing_id"),
    ("seller", "urgency", "risk", "listing_id"),
    ("verdict", "risk", "listing_id"),
    ("risk", "listing_id"),
    ("received_at", "listing_id"),
    ("reach", "listing_id"),
    ("source", "listing_id"),
)


def upgrade() -> None:
    op.add_column("listing", sa.Column("indexed_by", sa.String(length=100), nullable=True))
    op.create_index(op.f("ix_listing_indexed_by_id"), "listing", ["indexed_by", "id"])
    entry = op.create_table(
        "queue_entry",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=True),
        sa.Column("verdict", sa.String(length=40), nullable=True),
        sa.Column("product_class", sa.String(length=40), nullable=True),
        sa.Column("platform", sa.String(length=40), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("seller", sa.String(length=200), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("reach", sa.Double(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("licences", sa.Text(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listing.id"],
            name=op.f("fk_queue_entry_listing_id_listing"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_queue_entry")),
    )
    _fill(op.get_bind(), entry)
    for columns in ENTRY_INDEXES:
        op.create_index(op.f(f"ix_queue_entry_{'_'.join(columns)}"), "queue_entry", list(columns))
    op.create_table(
        "case_claim",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("handed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handed_by"], ["reviewer.id"], name=op.f("fk_case_claim_handed_by_reviewer")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_case_claim_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["reviewer.id"], name=op.f("fk_case_claim_reviewer_id_reviewer")
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_case_claim")),
    )
    op.create_index(op.f("ix_case_claim_reviewer_id"), "case_claim", ["reviewer_id"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["reviewer.id"], name=op.f("fk_saved_view_reviewer_id_reviewer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("reviewer_id", "name", name=op.f("uq_saved_view_reviewer_id_name")),
    )
    op.create_table(
        "default_view",
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("view_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["reviewer.id"], name=op.f("fk_default_view_reviewer_id_reviewer")
        ),
        sa.ForeignKeyConstraint(
            ["view_id"],
            ["saved_view.id"],
            name=op.f("fk_default_view_view_id_saved_view"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("reviewer_id", name=op.f("pk_default_view")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER listing_search_deleted")
        op.execute("DROP TRIGGER listing_search_changed")
    else:
        op.execute("DROP TRIGGER listing_search_changed ON listing")
        op.execute("DROP FUNCTION listing_search_forget()")
    op.execute("DROP TABLE listing_search")
    for table in ("default_view", "saved_view", "case_claim", "queue_entry"):
        op.drop_table(table)
    op.drop_index(op.f("ix_listing_indexed_by_id"), table_name="listing")
    op.drop_column("listing", "indexed_by")


def _fill(connection: sa.Connection, entry: sa.Table) -> None:
    """An entry for every listing, as ``service.store.index.entries`` wrote it at this revision."""
    page = sa.text(
        "SELECT l.id AS listing_id, l.risk, l.verdict, l.product_class, l.platform, l.source, l.seller,"
        " l.first_seen AS received_at, l.extra, a.content, ("
        "   SELECT r.id FROM review r JOIN assessment b ON b.id = r.assessment_id"
        "   WHERE r.listing_id = l.id AND b.listing_text_sha256 = l.text_sha256 ORDER BY r.id DESC LIMIT 1"
        " ) AS review_id"
        " FROM listing l LEFT JOIN assessment a ON a.id = l.assessment_id"
        " WHERE l.id > :after ORDER BY l.id LIMIT :batch"
    ).columns(received_at=UtcDateTime(), extra=sa.JSON(), content=sa.JSON())
    decision = sa.text("SELECT decision FROM review WHERE id = :id")
    after = 0
    while rows := connection.execute(page, {"after": after, "batch": BATCH}).mappings().all():
        entries = []
        for row in rows:
            reviewed = row["review_id"] if row["content"] is not None else None
            decided = connection.scalar(decision, {"id": reviewed}) if reviewed is not None else None
            entries.append(_entry(dict(row), decided))
        connection.execute(entry.insert(), entries)
        after = rows[-1]["listing_id"]


def _entry(row: dict[str, Any], decision: str | None) -> dict[str, Any]:
    content = row.pop("content")
    extra = row.pop("extra") or {}
    received: datetime = row["received_at"]
    if content is None:
        urgency, row["review_id"] = -1, None
    else:
        urgency = 2 if decision in (None, "withdrawn") else 1 if decision == "unsure" else 0
    content = json.loads(content) if isinstance(content, str) else content or {}
    return {
        **row,
        "received_at": received,
        "urgency": urgency,
        "seller": " ".join((row["seller"] or "").casefold().split())[:200],
        "reach": _reach(extra),
        "labels": _marked(claim["label"] for claim in content.get("claims", ())),
        "licences": _marked(check["status"] for check in content.get("licences", ())),
    }


def _marked(values: Any) -> str:
    unique = sorted(set(values))
    return f"|{'|'.join(unique)}|" if unique else ""


def _reach(extra: dict[str, Any]) -> float:
    try:
        value = float(extra.get("reach") or 0)
    except (TypeError, ValueError):
        return 0.0
    return value if math.isfinite(value) and value > 0 else 0.0
