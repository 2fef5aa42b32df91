"""Decisions write down every provision that they may rest on, and letters the words that were downloaded.

A provision that is confirmed later joins no earlier decision; a letter is sent as it was downloaded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_TABLES = ("review", "blind_reading")
_AGAINST = ("prohibited", "needs_permit")
_PAGE = 1000
_PROPOSED = (
    "food-act-40",
    "food-act-41",
    "food-act-42",
    "food-act-25-1",
    "food-act-25-2",
    "food-act-25-3",
    "food-act-73",
    "moph-447",
    "food-ad-criteria-2564",
    "infant-food-act-14",
    "infant-food-act-16",
    "infant-food-act-18",
    "drug-act-12",
    "drug-act-19",
    "drug-act-72-1",
    "drug-act-72-4",
    "drug-act-75-bis",
    "drug-act-88",
    "drug-act-88-1",
    "drug-act-88-2",
    "drug-act-88-3",
    "drug-act-88-4",
    "drug-act-88-5",
    "drug-act-88-6",
    "drug-act-88-7",
    "drug-act-88-8",
    "drug-act-88-bis",
    "drug-act-89",
    "drug-act-90",
    "drug-act-90-bis",
    "herbal-act-70",
    "herbal-act-74",
    "herbal-act-74-1",
    "herbal-act-74-2",
    "herbal-act-74-3",
    "herbal-act-74-4",
    "herbal-act-74-5",
    "herbal-ad-notification-2564",
    "herbal-act-75",
    "herbal-act-17",
    "herbal-act-58-1",
    "herbal-act-58-4",
    "herbal-act-58-5",
    "cosmetic-act-41",
    "cosmetic-act-41-1",
    "cosmetic-act-41-2",
    "cosmetic-act-41-3",
    "cosmetic-act-41-4",
    "cosmetic-act-41-5",
    "cosmetic-act-41-6",
    "cosmetic-act-42",
    "cosmetic-ad-handbook-2567",
    "cosmetic-act-14",
    "cosmetic-act-29-4",
    "cosmetic-act-83",
    "cosmetic-act-28-4",
    "device-act-57",
    "device-act-46-1",
    "device-act-56",
    "device-act-59",
    "device-act-59-2",
    "device-act-59-3",
    "device-act-60",
    "device-act-4",
    "hazard-act-51",
    "sanatorium-act-38-1",
    "sanatorium-act-38-2",
    "consumer-act-22",
    "computer-crime-act-14-1",
    "computer-crime-act-20",
    "fine-act-39",
    "narcotics-code-37",
    "thai-medicine-act-46",
    "kratom-act-24",
    "kratom-act-25",
    "kratom-act-26",
)
"""Provisions that counted for a decision until now unless the officer unticked them."""


def upgrade() -> None:
    connection, kept = op.get_bind(), dict.fromkeys(_PROPOSED, True)
    for name in _TABLES:
        table = sa.table(
            name,
            sa.column("id", sa.Integer),
            sa.column("decision", sa.Text),
            sa.column("law_choices", sa.JSON),
        )
        change = sa.update(table).where(table.c.id == sa.bindparam("row"))
        change = change.values(law_choices=sa.bindparam("choices", type_=sa.JSON))
        query = sa.select(table.c.id, table.c.law_choices).where(table.c.decision.in_(_AGAINST))
        last = 0
        while found := connection.execute(
            query.where(table.c.id > last).order_by(table.c.id).limit(_PAGE)
        ).all():
            last = found[-1][0]
            rows = [{"row": row_id, "choices": {**kept, **(choices or {})}} for row_id, choices in found]
            connection.execute(change, rows)
    op.add_column("sent_letter", sa.Column("pack_sha256", sa.String(64), nullable=False, server_default=""))
    op.add_column("sent_letter", sa.Column("stated", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    # The choices were those of the former version, only not written down.  The former version takes the words
    # of a draft for those of a sent letter.
    op.execute(
        "DELETE FROM sent_letter WHERE referral_id IN (SELECT id FROM referral WHERE status = 'draft')"
    )
    with op.batch_alter_table("sent_letter") as table:
        table.drop_column("stated")
        table.drop_column("pack_sha256")
