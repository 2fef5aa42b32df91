"""A store with listings of many fates, some with raw pages in an evidence folder."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from crawler.evidence.writer import EvidenceFile, Exchange
from labels.schema import Assessment, Contact, ContactKind, Listing
from labels.taxonomy import Verdict
from service.store import Store
from service.store.cases.holds import Holder
from service.store.database.columns import now
from service.store.tables.core_tables import UNSURE, Capture, Role
from service.store.tables.core_tables import Listing as Row
from tests.helpers.stored import record_review

CLEAR_TEXT = "หมอนยางพารา นุ่มสบาย สั่งที่ โทร 081-234-5678 หรือไลน์ไอดี: moncloud9"
PHONE, LINE = "081-234-5678", "moncloud9"


@dataclass
class Archive:
    """The store, its evidence folder, and the numbers of the listings by their fate."""

    store: Store
    evidence: Path
    assessor: Any
    decide: Callable[..., int]
    ids: dict[str, int]

    def add(
        self,
        name: str,
        *,
        text: str = CLEAR_TEXT,
        days: int = 3000,
        decision: str | None = None,
        verdict: Verdict = Verdict.CLEAR,
        file: EvidenceFile | None = None,
        **fields: Any,
    ) -> int:
        """Add a listing last seen this many days ago, assessed, and decided if requested."""
        url = f"https://shop.example/{name}"
        shape = Listing(id=name, description=text, url=url, **fields)
        captures = []
        if file is not None:
            body = f"<p>{name} {text}</p>".encode()
            captures.append(
                file.record(Exchange(url=url, status=200, body=body, at=now() - timedelta(days=days)))
            )
        number = self.store.deposit(shape, captures, "crawl").listing_id
        at = text.index(PHONE) if PHONE in text else None
        contacts = (
            [Contact(start=at, end=at + len(PHONE), kind=ContactKind.PHONE, value="0812345678")]
            if at is not None
            else []
        )
        assessment: Assessment = self.assessor.assess(shape).model_copy(
            update={"verdict": verdict, "contacts": contacts}
        )
        row = self.store.assessments.record(number, assessment)
        if decision is not None:
            reviewer = self.store.users.find("nok") or self.store.users.create("nok", "a long password", "นก")
            record_review(self.store, row, reviewer.id, decision, note=f"โทรหา {PHONE} แล้ว")
        self.age(number, days)
        self.ids[name] = number
        return number

    def age(self, number: int, days: int) -> None:
        """Let a listing and its captures be so old."""
        moment = now() - timedelta(days=days)
        with self.store.database.writing() as session:
            session.execute(update(Row).where(Row.id == number).values(first_seen=moment, last_seen=moment))
            session.execute(update(Capture).where(Capture.listing_id == number).values(captured_at=moment))

    def hold(self, number: int) -> None:
        """Place a hold."""
        if self.store.users.find("lek") is None:
            self.store.users.create("lek", "a long password", "เล็ก", Role.LEAD)
        self.store.holds.place(number, "สำนวนที่ 1/2569", Holder("lek", "cli"))

    def file(self) -> EvidenceFile:
        """A WARC file to record into."""
        return EvidenceFile(self.evidence)

    def fill(self) -> None:
        """Old listings of every fate, each with a page in one file, and a fresh one at the end."""
        with self.file() as file:
            self.add("undecided", file=file, verdict=Verdict.PROHIBITED)
            self.add("assessed-clear", file=file, days=400)
            self.add("decided-clear", file=file, decision=Verdict.CLEAR.value)
            self.add("binding", file=file, decision=Verdict.PROHIBITED.value)
            self.add("taken-back", file=file, decision=Verdict.NEEDS_PERMIT.value)
            self.decide_again("taken-back", Verdict.CLEAR.value)
            self.add("unsure", file=file, decision=UNSURE)
            self.add("changed", file=file, decision=Verdict.CLEAR.value)
            self.store.deposit(Listing(id="changed", description="ข้อความใหม่"), source="crawl")
            self.age(self.ids["changed"], 3000)
            self.add("held", file=file)
            self.hold(self.ids["held"])
            self.add("fresh", file=file, days=1)

    def decide_again(self, name: str, decision: str) -> None:
        """A later decision on a listing."""
        number = self.ids[name]
        listing = self.store.listing(number)
        reviewer = self.store.users.find("nok")
        assert listing is not None
        assert listing.assessment_id is not None
        assert reviewer is not None
        record_review(self.store, listing.assessment_id, reviewer.id, decision)

    def state(self, name: str) -> str:
        """``whole``, ``redacted`` or ``gone``."""
        row = self.store.listing(self.ids[name])
        if row is None:
            return "gone"
        return "whole" if row.redacted_at is None else "redacted"


KEPT = ("binding", "taken-back", "unsure", "changed", "held", "fresh")


@pytest.fixture
def archive(store: Store, tmp_path: Path, assessor: Any, decide: Callable[..., int]) -> Archive:
    return Archive(store, tmp_path / "evidence", assessor, decide, {})


@pytest.fixture
def kept() -> tuple[str, ...]:
    """Listings made by :meth:`Archive.fill` from which nothing may be removed."""
    return KEPT
