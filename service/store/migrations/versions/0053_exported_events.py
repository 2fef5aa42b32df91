"""Which entry of a complaint's history was the newest when the complaint was exported."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "exported_complaint", sa.Column("newest_event", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_index(op.f("ix_complaint_event_kind_complaint_id"), "complaint_event", ["kind", "complaint_id"])
    exported = sa.table(
        "exported_complaint", sa.column("export_id"), sa.column("complaint_id"), sa.column("newest_event")
    )
    export = sa.table("complaint_export", sa.column("id"), sa.column("at"))
    event = sa.table("complaint_event", sa.column("id"), sa.column("complaint_id"), sa.column("at"))
    newest = (
        sa.select(sa.func.coalesce(sa.func.max(event.c.id), 0))
        .where(
            event.c.complaint_id == exported.c.complaint_id,
            export.c.id == exported.c.export_id,
            event.c.at <= export.c.at,
        )
        .correlate(exported)
        .scalar_subquery()
    )
    op.execute(exported.update().values(newest_event=newest))


def downgrade() -> None:
    op.drop_index(op.f("ix_complaint_event_kind_complaint_id"), table_name="complaint_event")
    op.drop_column("exported_complaint", "newest_event")
