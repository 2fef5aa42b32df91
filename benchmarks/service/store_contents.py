"""Fills a store with listings made from the training split, as the store's own code would.

Each text has its own item code, made-up seller and date, an assessment made from its annotation, and for a
third of them a decision. Listings with the same text form a campaign.
"""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from labels.schema import (
    Annotation,
    Assessment,
    Claim,
    LicenceCheck,
    LicenceKind,
    NumberShape,
    RegistryStatus,
)
from labels.taxonomy import ClaimLabel, Verdict
from service.store import Store
from service.store.index.entries import outcome_of, values_of
from service.store.index.search import Lexemes, write
from service.store.listings.repository import text_digest
from service.store.tables.campaign_tables import Campaign, CampaignMember
from service.store.tables.case_tables import CaseOutcome, QueueEntry
from service.store.tables.core_tables import UNSURE, AssessmentRow, Listing, Review
from service.text.search_words import BREAK, VERSION, lexemes_of_text

MODEL = "stand-in 1 (000000)"
PASSWORD = "a long password"
BATCH = 1000
SELLERS = 2000
NOW = datetime.now(UTC)


@cache
def records() -> list[Annotation]:
    """The training split."""
    lines = resources.files("labels").joinpath("data/train.jsonl").read_text(encoding="utf-8").splitlines()
    return [Annotation.model_validate_json(line) for line in lines]


def index_of(number: int) -> int:
    """The record that the listing with this number is made from."""
    return number * 11 % len(records())


@cache
def lexemes(index: int) -> tuple[Lexemes, Lexemes]:
    """Search words of a record's title and description, cached by text."""
    title, _, description = records()[index].text.partition("\n")
    return lexemes_of_text(title), lexemes_of_text(description)


def verdict_of(record: Annotation) -> Verdict:
    """The verdict that the policy would give, without licence numbers."""
    labels = record.labels
    if not record.offer:
        return Verdict.NOT_AN_AD
    if labels - {ClaimLabel.BENEFIT}:
        return Verdict.PROHIBITED
    return Verdict.NEEDS_PERMIT if labels else Verdict.CLEAR


def made(number: int, chance: random.Random) -> tuple[Listing, Assessment, Lexemes]:
    """The listing with this number, its assessment and its indexed fields."""
    index = index_of(number)
    record = records()[index]
    title, _, description = record.text.partition("\n")
    seller = f"ร้านทดสอบ{int(SELLERS * chance.random() ** 3)}"
    code = f"A{number}"
    verdict = verdict_of(record)
    low, high = {Verdict.PROHIBITED: (0.5, 1), Verdict.NEEDS_PERMIT: (0.2, 0.6)}.get(verdict, (0, 0.3))
    claims = [
        Claim(
            **span.model_dump(), probability=chance.uniform(0.5, 1), text=record.text[span.start : span.end]
        )
        for span in record.spans
    ]
    checks = [
        LicenceCheck(
            start=0,
            end=1,
            kind=LicenceKind.FOOD_SERIAL,
            number=f"10-1-{number % 100_000:05}-5-0001",
            shape=NumberShape.VALID,
            status=chance.choice(list(RegistryStatus)),
        )
    ] * (chance.random() < 0.4)
    row = Listing(
        id=number,
        source="benchmark",
        external_id=str(number),
        platform=record.platform.value,
        title=title,
        description=f"{description}\nรหัส {code}",
        seller=seller,
        images=[],
        extra={},
        version=1,
        first_seen=NOW - timedelta(days=365 * chance.random()),
        last_seen=NOW,
        assessment_id=number,
        assessed_by=MODEL,
        verdict=verdict.value,
        risk=round(chance.uniform(low, high), 4),
        product_class=record.product_class.value,
        indexed_by=VERSION,
    )
    row.text_sha256 = text_digest(row.text)
    assessment = Assessment(
        id=row.external_id,
        verdict=verdict,
        risk=row.risk or 0.0,
        product_class=record.product_class,
        product_class_probability=0.9,
        offer=record.offer,
        offer_probability=0.9,
        claims=claims,
        licences=checks,
        model=MODEL,
    )
    one, two = lexemes(index)
    own = lexemes_of_text(f"รหัส {code}").parts
    parts = (*one.parts, BREAK, *two.parts, *own, BREAK, *lexemes_of_text(seller).parts)
    return row, assessment, Lexemes(parts, one.words | two.words)


def columns(row: Any) -> dict[str, Any]:
    """The values set on a row, for a bulk insert."""
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def fill(store: Store, size: int) -> None:
    """Insert ``size`` listings into an empty store in large transactions."""
    reviewer = store.users.create("benchmark", PASSWORD, "ผู้วัด")
    chance = random.Random(1)
    with store.database.writing() as session:
        campaigns = Counter(index_of(number) + 1 for number in range(1, size + 1))
        rows = [{"id": key, "sketch": "stand-in", "minima": b"", "size": n} for key, n in campaigns.items()]
        session.execute(insert(Campaign), rows)
    for start in range(1, size + 1, BATCH):
        batch = [made(number, chance) for number in range(start, min(start + BATCH, size + 1))]
        with store.database.writing() as session:
            put(session, batch, reviewer.id, chance, store.database.is_sqlite)
    if not store.database.is_sqlite:
        # As the server's autovacuum would do soon after so many inserts.
        with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def put(
    session: Session,
    batch: list[tuple[Listing, Assessment, Lexemes]],
    reviewer_id: int,
    chance: random.Random,
    is_sqlite: bool,
) -> None:
    """Insert one batch, as the store's own code would."""
    assessments, reviews, entries, members, outcomes = [], [], [], [], []
    for row, assessment, _ in batch:
        content = assessment.model_dump(mode="json")
        assessments.append(
            {
                "id": row.id,
                "listing_id": row.id,
                "listing_text_sha256": row.text_sha256,
                "model_id": MODEL,
                "verdict": row.verdict,
                "risk": row.risk,
                "product_class": row.product_class,
                "offer": assessment.offer,
                "content": content,
                "created_at": NOW,
            }
        )
        review = None
        if chance.random() < 1 / 3:
            decision = UNSURE if chance.random() < 0.05 else assessment.verdict.value
            review = Review(
                id=row.id,
                listing_id=row.id,
                assessment_id=row.id,
                reviewer_id=reviewer_id,
                decision=decision,
                confirmed_claims=[],
                rejected_claims=[],
                note="",
                created_at=min(NOW, row.first_seen + timedelta(hours=240 * chance.random() ** 2)),
            )
            reviews.append(columns(review))
            if decision != UNSURE:
                seen = AssessmentRow(**assessments[-1])
                outcome = outcome_of(row, review, seen, row.first_seen, review.created_at)
                outcomes.append({"listing_id": row.id, "text_sha256": row.text_sha256, **outcome})
        campaign = {"listing_id": row.id, "campaign_id": index_of(row.id) + 1}
        entries.append(campaign | values_of(row, content, review, row.first_seen))
        members.append(campaign | {"text_sha256": row.text_sha256, "sketch": "stand-in", "similarity": 1.0})
    session.execute(insert(Listing), [columns(row) for row, _, _ in batch])
    session.execute(insert(AssessmentRow), assessments)
    if reviews:
        session.execute(insert(Review), reviews)
    session.execute(insert(QueueEntry), entries)
    session.execute(insert(CampaignMember), members)
    if outcomes:
        session.execute(insert(CaseOutcome), outcomes)
    for row, _, words in batch:
        write(session, row.id, words, is_sqlite)
