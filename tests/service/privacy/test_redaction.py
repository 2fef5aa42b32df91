from typing import Any

import pytest

from labels.schema import Capture, Claim, Finding, Listing, Span
from labels.taxonomy import ClaimLabel
from service.privacy.redaction import Redactor, masked, without_account
from service.privacy.removal import delete_listings
from service.privacy.requests import erase, export, find
from service.privacy.rules import Action
from service.privacy.wanted import wanted
from service.running import worker
from service.store.database.columns import now
from service.store.listings.assessments import Assessed
from service.store.listings.masking import MASK
from service.store.tables.core_tables import Listing as Row
from service.training_data.review_export import LeftOut, reviewed
from tests.helpers.stored import assessments_of, record_review

TITLE = "หมอน โทร 081-234-5678"


def test_masks_keep_offsets_and_line_feeds() -> None:
    text = "ab\ncd"
    assert masked(text, [(1, 4), (4, 9)]) == f"a{MASK}\n{MASK}{MASK}"
    assert masked(text, []) == text


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://shop.example/item/1?ref=2", "https://shop.example/item/1?ref=2"),
        ("https://www.facebook.com/moncloud9/posts/1", "https://www.facebook.com/"),
        ("https://line.me/ti/p/~moncloud9", "https://line.me/"),
        ("not an address", "not an address"),
    ],
)
def test_addresses_lose_the_account_they_name(url: str, left: str) -> None:
    assert without_account(url) == left


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://market.example/moncloud9/1", "https://market.example/"),
        ("https://moncloud9.market.example/product/1", ""),
        ("moncloud9.market.example", ""),
    ],
)
def test_an_address_whose_host_is_the_contact_is_dropped(url: str, left: str) -> None:
    assert without_account(url, wanted("moncloud9").spans) == left


def test_erasing_a_host_leaves_no_address_with_it(archive: Any, tmp_path: Any) -> None:
    store, sought = archive.store, wanted("moncloud9.com")
    seen = Capture(
        url="https://www.moncloud9.com/product/1", status=200, captured_at=now(), sha256="a" * 64,
        warc_file="a.warc.gz", warc_record_id="<urn:uuid:1>", content_type="text/html",
    )  # fmt: skip
    shape = Listing(id="one", description="หมอน", url=seen.url)
    number = store.deposit(shape, [seen], "crawl").listing_id
    hits = list(find(store, sought))
    assert {"url", "evidence url"} <= set(hits[0].places)
    erase(store, sought, hits, tmp_path, action=Action.REDACT, request="PDPA 8/2569")
    assert list(find(store, sought)) == []
    assert (store.listing(number).url, store.listing(number).address_key) == (None, None)


def test_a_redacted_listing_keeps_digest_assessment_and_offsets(archive: Any, assessor: Any) -> None:
    words = f"{TITLE}\nนุ่มสบาย"
    claim = Claim(start=5, end=len(TITLE), label=ClaimLabel.BENEFIT, probability=0.9, text=TITLE[5:])
    number = archive.add(
        "one",
        text="นุ่มสบาย",
        title=TITLE,
        seller="ร้านหมอนเมฆ",
        seller_url="https://www.facebook.com/moncloud9",
        price="590 ทักไลน์ไอดี: moncloud9",
        images=["https://cdn.example/1.jpg"],
        extra={"phone": "0812345678"},
    )
    store = archive.store
    first = store.listing(number)
    answer = assessor.assess(first.shape()).model_copy(
        update={
            "claims": [claim],
            "findings": [
                Finding(code="x", thai=f"ข้อความ “{claim.text}” ผิด", english=claim.text, start=5, end=9)
            ],
        }
    )
    store.assessments.record(number, answer)
    store.deposit(Listing(id="one", description="ใหม่ ไลน์ไอดี: moncloud9"), source="crawl")
    before = store.listing(number)
    with store.database.writing() as session:
        Redactor().redact(session, session.get_one(Row, number), now())
    row, (old,) = store.listing(number), store.listings.versions(number)
    assert row.text_sha256 == before.text_sha256
    assert row.text == f"ใหม่ ไลน์ไอดี: {MASK * 9}"
    assert old.text == f"หมอน โทร {MASK * 12}\nนุ่มสบาย"
    assert len(old.text) == len(words)
    assert old.text_sha256 == first.text_sha256
    assert (row.seller, row.seller_url, row.images, row.extra) == (None, None, [], {})
    assert row.price == f"590 ทักไลน์ไอดี: {MASK * 9}"
    newest = assessments_of(store, number)[0].shape()
    assert newest.claims[0].text == f"โทร {MASK * 12}"
    assert newest.findings[0].thai == f"ข้อความ “โทร {MASK * 12}” ผิด"
    assert all(
        contact.value == "" for row in assessments_of(store, number) for contact in row.shape().contacts
    )
    assert newest.verdict == answer.verdict
    # Nothing is read again from a text that is no longer what its digest says.
    assert store.unassessed("a newer model") == []
    assert store.reviews.undecided() == []


def test_what_was_redacted_teaches_nothing_and_met_again_is_whole(archive: Any) -> None:
    number = archive.add("one", decision="clear")
    row, reviewer = archive.store.listing(number), archive.store.users.find("nok")
    added = Span(start=5, end=len(row.text), label=ClaimLabel.BENEFIT)
    record_review(archive.store, row.assessment_id, reviewer.id, "clear", added=[added])
    with archive.store.database.writing() as session:
        Redactor().redact(session, session.get_one(Row, number), now())
    assert reviewed(archive.store).left_out == {LeftOut.REDACTED.value: 1}
    newest, past = archive.store.reviews.history(number)
    assert newest.review.added_claims[0]["text"] == archive.store.listing(number).text[5:]
    assert MASK in newest.review.added_claims[0]["text"]
    assert past.review.note == f"โทรหา {MASK * 12} แล้ว"
    again = archive.store.deposit(Listing(id="one", description="สวัสดี"), source="crawl")
    assert again.status == "changed"
    assert archive.store.listing(number).redacted_at is None


def test_visits_forget_who_sold(archive: Any) -> None:
    store = archive.store
    seen = Capture(
        url="https://shop.example/1", status=200, captured_at=now(), sha256="a" * 64, warc_file="a.warc.gz",
        warc_record_id="<urn:uuid:1>", content_type="text/html",
    )  # fmt: skip
    for name, price in (("นาย ก", "590 โทร 0812345678"), ("นาย ข", "590")):
        shape = Listing(
            id="one",
            description="ชา",
            price=price,
            seller=name,
            seller_url=f"https://shop.example/{price}",
            images=[f"https://shop.example/{name}.jpg"],
        )
        number = store.deposit(shape, source="crawl", seen=seen).listing_id
    (found,) = find(store, wanted("081-234-5678"))
    assert found.places == ("visit",)
    (exported,) = export(store, [found], "0812345678", "PDPA 7/2569")["listings"]
    assert exported["visits"][1]["changes"]["seller"] == ["นาย ก", "นาย ข"]
    with store.database.writing() as session:
        Redactor().redact(session, session.get_one(Row, number), now())
    assert store.sightings.of(number)[1].changes == {
        "price": [f"590 โทร {MASK * 10}", "590"],
        "seller": None,
        "seller_url": None,
        "images": None,
    }
    assert list(find(store, wanted("081-234-5678"))) == []


def test_an_answer_that_comes_too_late_brings_nothing_back(archive: Any, assessor: Any) -> None:
    redacted, whole = (archive.add(name) for name in ("redacted", "whole"))
    store = archive.store
    assessor.model_id = "a newer one"
    late = [
        Assessed(number, store.listing(number).text_sha256, assessor.assess(store.listing(number).shape()))
        for number in (redacted, whole)
    ]
    with store.database.writing() as session:
        Redactor().redact(session, session.get_one(Row, redacted), now())
    assert len(store.assessments.record_all(late)) == 1
    assert [len(assessments_of(store, number)) for number in (redacted, whole)] == [1, 2]


def test_a_listing_deleted_while_the_model_reads_it_does_not_stop_the_worker(
    archive: Any, assessor: Any
) -> None:
    store = archive.store
    for name in ("one", "two", "three"):
        archive.add(name)

    class Slow:
        model_id = "newer"

        def classify(self, listings: Any) -> Any:
            if store.listing(archive.ids["two"]) is not None:
                with store.database.writing() as session:
                    delete_listings(session, [archive.ids["two"]], "rule", now())
            return [assessor.assess(shape).model_copy(update={"model": "newer"}) for shape in listings]

    assert worker.run(store, Slow(), once=True).assessed == 2
    assert store.unassessed("newer") == []
