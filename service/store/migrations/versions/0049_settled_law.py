"""Decisions write down the provisions that were proposed, and letters the words that were downloaded.

A provision that is confirmed later joins no earlier decision; a letter is sent as it was downloaded.
"""

from collections.abc import Iterator
from typing import Any

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
_WRITTEN = ("food-act-25-4", "hazard-act-23", "hazard-act-45-4", "direct-sale-act-29")
"""Provisions that migration 0048 wrote to every decision as if the officer had ticked them."""
_SUCCESSORS = {
    "device-act-56": "device-act-46-1",
    "consumer-act-22": "consumer-act-22-3",
    "sanatorium-act-38-2": "sanatorium-act-16",
}
"""Provisions -> those that the catalogue names for the same facts by now; a decision keeps its ground."""
_OF_CLASS = {
    "food_supplement": (
        "food-act-40",
        "food-act-41",
        "food-act-25-1",
        "food-act-25-2",
        "infant-food-act-14",
        "drug-act-12",
        "narcotics-code-37",
        "thai-medicine-act-46",
        "food-act-25-4",
    ),
    "food": (
        "food-act-40",
        "food-act-41",
        "food-act-25-1",
        "food-act-25-2",
        "infant-food-act-14",
        "drug-act-12",
        "narcotics-code-37",
        "thai-medicine-act-46",
        "food-act-25-4",
    ),
    "drug": (
        "drug-act-12",
        "drug-act-19",
        "drug-act-72-1",
        "drug-act-72-4",
        "drug-act-88-1",
        "drug-act-88-2",
        "drug-act-88-5",
        "drug-act-88-6",
        "drug-act-88-7",
        "drug-act-88-8",
        "drug-act-88-bis",
        "narcotics-code-37",
    ),
    "herbal": (
        "drug-act-12",
        "herbal-act-70",
        "herbal-act-74-1",
        "herbal-act-74-2",
        "herbal-act-74-4",
        "herbal-ad-notification-2564",
        "herbal-act-17",
        "herbal-act-58-1",
        "herbal-act-58-4",
        "herbal-act-58-5",
        "narcotics-code-37",
        "thai-medicine-act-46",
    ),
    "cosmetic": (
        "drug-act-12",
        "drug-act-19",
        "cosmetic-act-41",
        "cosmetic-act-41-1",
        "cosmetic-act-41-2",
        "cosmetic-act-41-3",
        "cosmetic-act-41-4",
        "cosmetic-act-14",
        "cosmetic-act-29-4",
        "cosmetic-act-83",
        "cosmetic-act-28-4",
        "narcotics-code-37",
        "thai-medicine-act-46",
    ),
    "medical_device": (
        "device-act-57",
        "device-act-46-1",
        "device-act-56",
        "device-act-59",
        "device-act-59-2",
    ),
    "narcotic_psychotropic": (
        "herbal-act-70",
        "herbal-act-74-2",
        "herbal-act-74-4",
        "herbal-act-58-4",
        "consumer-act-22",
        "narcotics-code-37",
        "thai-medicine-act-46",
    ),
    "health_service": (
        "drug-act-12",
        "drug-act-19",
        "sanatorium-act-38-1",
        "sanatorium-act-38-2",
    ),
    "household_hazard": (
        "hazard-act-51",
        "hazard-act-23",
        "hazard-act-45-4",
    ),
    "other": (
        "consumer-act-22",
        "narcotics-code-37",
        "thai-medicine-act-46",
        "direct-sale-act-29",
    ),
}
"""Those of both that the goods of a class can meet."""


def upgrade() -> None:
    op.add_column("sent_letter", sa.Column("pack_sha256", sa.String(64), nullable=False, server_default=""))
    op.add_column("sent_letter", sa.Column("stated", sa.JSON(), nullable=False, server_default="{}"))
    for name in _TABLES:
        op.add_column(name, sa.Column("law_proposed", sa.JSON(), nullable=False, server_default="[]"))
        decision, assessment = _decisions(name), _ASSESSMENT
        query = sa.select(
            decision.c.id,
            decision.c.decision,
            decision.c.law_choices,
            sa.func.coalesce(decision.c.product_class, assessment.c.product_class),
            assessment.c.content,
        ).join_from(decision, assessment, decision.c.assessment_id == assessment.c.id)
        for rows in _pages(query, decision):
            _store(decision, [(row[0], *_apart(*row[1:])) for row in rows])


def downgrade() -> None:
    # The former version knows of no proposals: what was proposed counts as ticked.
    for name in _TABLES:
        decision = _decisions(name)
        query = sa.select(decision.c.id, decision.c.law_choices, decision.c.law_proposed)
        for rows in _pages(query, decision):
            _store(
                decision,
                [
                    (id_, {**dict.fromkeys(proposed, True), **(choices or {})}, [])
                    for id_, choices, proposed in rows
                ],
            )
        op.drop_column(name, "law_proposed")  # a batch copies the table, to which others refer
    # The former version takes the words of a draft for those of a sent letter.
    op.execute(
        "DELETE FROM sent_letter WHERE referral_id IN (SELECT id FROM referral WHERE status = 'draft')"
    )
    with op.batch_alter_table("sent_letter") as table:
        table.drop_column("stated")
        table.drop_column("pack_sha256")


_ASSESSMENT = sa.table(
    "assessment",
    sa.column("id", sa.Integer),
    sa.column("product_class", sa.Text),
    sa.column("content", sa.JSON),
)


def _decisions(name: str) -> Any:
    return sa.table(
        name,
        sa.column("id", sa.Integer),
        sa.column("assessment_id", sa.Integer),
        sa.column("decision", sa.Text),
        sa.column("product_class", sa.Text),
        sa.column("law_choices", sa.JSON),
        sa.column("law_proposed", sa.JSON),
    )


def _pages(query: Any, decision: Any) -> Iterator[Any]:
    last = 0
    while (
        found := op.get_bind()
        .execute(query.where(decision.c.id > last).order_by(decision.c.id).limit(_PAGE))
        .all()
    ):
        last = found[-1][0]
        yield found


def _store(decision: Any, rows: list[tuple[int, dict[str, bool], list[str]]]) -> None:
    change = sa.update(decision).where(decision.c.id == sa.bindparam("row"))
    change = change.values(
        law_choices=sa.bindparam("choices", type_=sa.JSON),
        law_proposed=sa.bindparam("proposed", type_=sa.JSON),
    )
    values = [{"row": id_, "choices": choices, "proposed": proposed} for id_, choices, proposed in rows]
    op.get_bind().execute(change, values)


def _apart(
    decision: str, choices: dict[str, bool] | None, goods: str, content: Any
) -> tuple[dict[str, bool], list[str]]:
    """Return the choices without those of migration 0048, and what was proposed to the decision."""
    choices = choices or {}
    own = {id_: ticked for id_, ticked in choices.items() if id_ not in _WRITTEN or not ticked}
    proposed = {id_ for id_ in own if id_ in _PROPOSED}
    if decision in _AGAINST:
        cited = set(_cited(content)) & {*_PROPOSED, *_WRITTEN}
        proposed |= cited | set(_OF_CLASS.get(goods, ()))
    for former, present in _SUCCESSORS.items():
        if former in own:
            own.setdefault(present, own[former])
        if former in proposed:
            proposed.add(present)
    return own, sorted(proposed)


def _cited(content: Any) -> Iterator[str]:
    """Return the ids of the provisions that an assessment cites."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key == "law" and isinstance(value, list):
                yield from (ref["id"] for ref in value if isinstance(ref, dict) and "id" in ref)
            else:
                yield from _cited(value)
    elif isinstance(content, list):
        for value in content:
            yield from _cited(value)
