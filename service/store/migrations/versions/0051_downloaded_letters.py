"""Every distinct download of a draft is kept, with who made it; until now only the last."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sent_letter") as table:
        table.add_column(sa.Column("by", sa.String(200), nullable=False, server_default=""))
        table.drop_constraint(op.f("uq_sent_letter_referral_id"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_sent_letter_referral_id_pack_sha256_by"), ["referral_id", "pack_sha256", "by"]
        )


def downgrade() -> None:
    op.execute(
        "DELETE FROM sent_letter WHERE id NOT IN (SELECT max(id) FROM sent_letter GROUP BY referral_id)"
    )
    with op.batch_alter_table("sent_letter") as table:
        table.drop_constraint(op.f("uq_sent_letter_referral_id_pack_sha256_by"), type_="unique")
        table.create_unique_constraint(op.f("uq_sent_letter_referral_id"), ["referral_id"])
        table.drop_column("by")
