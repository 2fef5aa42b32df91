"""Complaints, their exports, and the normalized address by which a listing is looked up."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime
from service.store.listings.addresses import address_key

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_CHUNK = 1000


def upgrade() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=True),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("advertised", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("complained_on", sa.Date(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sketch", sa.String(length=100), nullable=False),
        sa.Column("minima", sa.LargeBinary(), nullable=True),
        sa.Column("listing_id", sa.Integer(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("contact_removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_complaint_listing_id_listing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("year", "serial", name=op.f("uq_complaint_year_serial")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_complaint_source_external_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_complaint_listing_id"), "complaint", ["listing_id"])
    op.create_index(op.f("ix_complaint_category_id"), "complaint", ["category", "id"])
    op.create_index(op.f("ix_complaint_digest"), "complaint", ["digest"])
    op.create_table(
        "complaint_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_export")),
    )
    op.create_table(
        "exported_complaint",
        sa.Column("export_id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["complaint_export.id"],
            name=op.f("fk_exported_complaint_export_id_complaint_export"),
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["complaint.id"],
            name=op.f("fk_exported_complaint_complaint_id_complaint"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("export_id", "complaint_id", name=op.f("pk_exported_complaint")),
    )
    op.create_index(op.f("ix_exported_complaint_complaint_id"), "exported_complaint", ["complaint_id"])
    op.add_column("queue_entry", sa.Column("complaints", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("listing", sa.Column("address_key", sa.String(length=32), nullable=True))
    _fill_keys()
    op.create_index(op.f("ix_listing_address_key"), "listing", ["address_key"])


def downgrade() -> None:
    op.drop_index(op.f("ix_listing_address_key"), "listing")
    op.drop_column("listing", "address_key")
    # The earlier program knows no case that stands before those that merely wait.
    op.execute("UPDATE queue_entry SET urgency = 2 WHERE urgency > 2")
    op.drop_column("queue_entry", "complaints")
    op.drop_index(op.f("ix_exported_complaint_complaint_id"), "exported_complaint")
    op.drop_table("exported_complaint")
    op.drop_table("complaint_export")
    op.drop_index(op.f("ix_complaint_digest"), "complaint")
    op.drop_index(op.f("ix_complaint_category_id"), "complaint")
    op.drop_index(op.f("ix_complaint_listing_id"), "complaint")
    op.drop_table("complaint")


def _fill_keys() -> None:
    listing = sa.table("listing", sa.column("id"), sa.column("url"), sa.column("address_key"))
    change = (
        listing.update().where(listing.c.id == sa.bindparam("number")).values(address_key=sa.bindparam("key"))
    )
    connection, after = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(listing.c.id, listing.c.url)
        .where(listing.c.id > after)
        .order_by(listing.c.id)
        .limit(_CHUNK)
    ).all():
        after = rows[-1].id
        keys = [{"number": row.id, "key": key} for row in rows if (key := address_key(row.url))]
        if keys:
            connection.execute(change, keys)
