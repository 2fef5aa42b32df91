"""Second looks, golden cases and the blind readings of both."""

import sqlalchemy as sa
from alembic import op

from service.store.database.columns import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _belongs_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")


def _names(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_reviewer")
    return sa.ForeignKeyConstraint([column], ["reviewer.id"], name=name)


def upgrade() -> None:
    op.create_table(
        "look_draw",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_review", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_draw")),
    )
    # Decisions made before are not drawn: their makers could not know, and many are long acted upon.
    op.execute("INSERT INTO look_draw (id, last_review) SELECT 1, COALESCE(MAX(id), 0) FROM review")
    op.create_table(
        "second_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("sealed_at", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settlement", sa.String(length=20), nullable=True),
        sa.Column("settled_review_id", sa.Integer(), nullable=True),
        _belongs_to("second_look", "listing_id", "listing"),
        _belongs_to("second_look", "review_id", "review"),
        _names("second_look", "settled_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
        sa.UniqueConstraint("review_id", name=op.f("uq_second_look_review_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_second_look_drawn_at"), "second_look", ["drawn_at"])
    op.create_index(op.f("ix_second_look_listing_id"), "second_look", ["listing_id"])
    op.create_table(
        "golden_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("marked_by", sa.Integer(), nullable=False),
        sa.Column("marked_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        _belongs_to("golden_case", "listing_id", "listing"),
        _belongs_to("golden_case", "review_id", "review"),
        _names("golden_case", "marked_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_golden_case")),
        sa.UniqueConstraint("review_id", name=op.f("uq_golden_case_review_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_golden_case_listing_id"), "golden_case", ["listing_id"])
    op.create_table(
        "blind_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("look_id", sa.Integer(), nullable=True),
        sa.Column("golden_id", sa.Integer(), nullable=True),
        sa.Column("dealt_at", UtcDateTime(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        _names("blind_task", "reviewer_id"),
        _belongs_to("blind_task", "listing_id", "listing"),
        _belongs_to("blind_task", "review_id", "review"),
        _belongs_to("blind_task", "look_id", "second_look"),
        _belongs_to("blind_task", "golden_id", "golden_case"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_task")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_blind_task_reviewer_id_ended_at"), "blind_task", ["reviewer_id", "ended_at"])
    for column in ("listing_id", "review_id", "look_id", "golden_id"):
        op.create_index(op.f(f"ix_blind_task_{column}"), "blind_task", [column])
    op.create_table(
        "blind_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("confirmed_claims", sa.JSON(), nullable=False),
        sa.Column("rejected_claims", sa.JSON(), nullable=False),
        sa.Column("added_claims", sa.JSON(), nullable=False),
        sa.Column("product_class", sa.String(length=40), nullable=True),
        sa.Column("takedown", sa.Boolean(), nullable=False),
        sa.Column("referrals", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        _belongs_to("blind_reading", "task_id", "blind_task"),
        _belongs_to("blind_reading", "listing_id", "listing"),
        _belongs_to("blind_reading", "assessment_id", "assessment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_reading")),
        sqlite_autoincrement=True,
    )
    for column in ("task_id", "listing_id"):
        op.create_index(op.f(f"ix_blind_reading_{column}"), "blind_reading", [column])


def downgrade() -> None:
    for table in ("blind_reading", "blind_task", "golden_case", "second_look", "look_draw"):
        op.drop_table(table)
