"""Deletions that wait, visits whose evidence was given up, and a search index without deleted words."""

import sqlite3

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_KNOWS_SECURE_DELETE = (3, 42)
"""The first SQLite whose FTS5 can remove deleted words at once."""

_COUNTED = ["created_at", "reviewer_id", "decision", "assessment_id"]
"""What the dashboard reads of the reviews of a period."""


def upgrade() -> None:
    op.create_table(
        "awaited_deletion",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("request", sa.String(length=200), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listing.id"],
            name=op.f("fk_awaited_deletion_listing_id_listing"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_awaited_deletion")),
    )
    op.add_column("sighting", sa.Column("removed_at", UtcDateTime(), nullable=True))
    for table in ("capture", "sighting"):
        op.create_index(op.f(f"ix_{table}_warc_file_warc_record_id"), table, ["warc_file", "warc_record_id"])
        op.drop_index(op.f(f"ix_{table}_warc_file"), table_name=table)
    op.create_index(op.f(f"ix_review_{'_'.join(_COUNTED)}"), "review", _COUNTED)
    _fill(op.get_bind())
    if op.get_bind().dialect.name == "sqlite":
        if sqlite3.sqlite_version_info >= _KNOWS_SECURE_DELETE:
            op.execute("INSERT INTO listing_search (listing_search, rank) VALUES ('secure-delete', 1)")
        # Words of rows deleted earlier are left in the index until its segments are merged.
        op.execute("INSERT INTO listing_search (listing_search) VALUES ('optimize')")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite" and sqlite3.sqlite_version_info >= _KNOWS_SECURE_DELETE:
        op.execute("INSERT INTO listing_search (listing_search, rank) VALUES ('secure-delete', 0)")
        # An older SQLite can only read an index that was rebuilt.
        op.execute("INSERT INTO listing_search (listing_search) VALUES ('rebuild')")
    op.drop_index(op.f(f"ix_review_{'_'.join(_COUNTED)}"), table_name="review")
    for table in ("capture", "sighting"):
        op.create_index(op.f(f"ix_{table}_warc_file"), table, ["warc_file"])
        op.drop_index(op.f(f"ix_{table}_warc_file_warc_record_id"), table_name=table)
    op.drop_column("sighting", "removed_at")  # a batch copies the table
    op.drop_table("awaited_deletion")


def _fill(connection: sa.Connection) -> None:
    """Mark the visits whose evidence was given up, with the capture of the same record or by itself."""
    sighting = sa.table(
        "sighting",
        sa.column("listing_id"),
        sa.column("warc_file"),
        sa.column("warc_record_id"),
        sa.column("removed_at", UtcDateTime()),
    )
    capture = sa.table("capture", *(sa.column(name) for name in sighting.c.keys()))  # noqa: SIM118
    given_up = (
        sa.select(capture.c.removed_at)
        .where(
            capture.c.listing_id == sighting.c.listing_id,
            capture.c.warc_file == sighting.c.warc_file,
            capture.c.warc_record_id == sighting.c.warc_record_id,
        )
        .scalar_subquery()
    )
    connection.execute(sighting.update().values(removed_at=given_up))
    removed = sa.table(
        "removed_evidence",
        sa.column("warc_file"),
        sa.column("warc_record_id"),
        sa.column("decided_at", UtcDateTime()),
    )
    rows = connection.execute(
        sa.select(removed.c.warc_file, removed.c.warc_record_id, removed.c.decided_at)
    ).all()
    for file, record, moment in rows:
        of = sighting.update().where(sighting.c.warc_file == file, sighting.c.removed_at.is_(None))
        if record:
            of = of.where(sighting.c.warc_record_id == record)
        connection.execute(of.values(removed_at=moment))
