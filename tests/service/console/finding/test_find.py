"""The quick search over HTTP: what is found, by whom, and what is written about it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.taxonomy import ProductClass, Verdict
from service.campaigns.grouping import group
from service.complaints.intake import filing_of
from service.console.finding.asked import asked
from service.store.listings.contacts import add_contacts
from service.store.second_look.dealing import Odds
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Recipient
from tests.helpers.stored import record_review


@pytest.fixture
def numbered(filled: Any) -> Any:
    """A case with a contact, a letter and a warning, and a complaint; each is the first of its year."""
    store = filled.store
    group(store)
    with store.database.writing() as session:
        add_contacts(session, filled.ids["worst"], [("phone", "020000000")])
    row = store.listing(filled.ids["worst"])
    lek = store.users.find("lek").id
    review = record_review(store, row.assessment_id, lek, Verdict.PROHIBITED, confirmed=[0])
    store.referrals.create(review.id, lek, Recipient.PLATFORM, "รท")
    store.users.create("mali", "a long password", "มะลิ", role=Role.LEAD)
    lead = store.users.find("mali").id
    store.alerts.publish(review.id, lead, "ปต", ProductClass.FOOD_SUPPLEMENT, "เตือนประชาชน", "อย่าหลงเชื่อ")
    store.complaints.file(filing_of({"category": "late", "detail": "ช้า"}), "form", "form")
    return store.referrals.get(1)


def addresses(client: TestClient, query: str) -> list[str]:
    page = client.get("/find", params={"q": query, "part": "1"})
    assert page.status_code == 200
    assert "<html" not in page.text
    return re.findall(r'<li><a href="([^"]+)"', page.text)


def test_each_thing_is_found_by_what_a_person_has_at_hand(
    client: TestClient, numbered: Any, filled: Any
) -> None:
    worst, year = filled.ids["worst"], numbered.year
    case = f"/cases/{worst}"
    by_case = ("worst", "เคส {}", "#{}")
    assert case in [addresses(client, text.format(worst))[0] for text in by_case[1:]]
    for query in ("https://shop.example/item/1?ref=zzz&b=2", "http://www.shop.example/item/1?b=2&ref=x"):
        assert addresses(client, query)[0] == case, query
    for query in ("02-000-0000", "๐๒๐๐๐๐๐๐๐", "@bairungrueang", "line: bairungrueang"):
        assert f"{case}/seller" in addresses(client, query), query
    for query in ("10-1-00000-5-0000", "1010000050000", "10 1 00000 5 0000"):
        assert addresses(client, query)[0] == case, query
    assert any(found.startswith("/queue?seller=") for found in addresses(client, "ร้านใบรุ่งเรืองออนไลน์"))
    assert case in addresses(client, "เบาหวาน หายขาด")
    found = addresses(client, f"รท 1/{year}")
    assert {"/referrals/1", "/complaints/1", f"/alerts/0001-{year}"} <= set(found)
    assert addresses(client, "ไม่มีคำนี้เลยสักแห่ง") == []


def test_it_works_as_a_page_and_the_look_is_written_without_what_was_typed(
    client: TestClient, numbered: Any, filled: Any
) -> None:
    page = client.get("/find", params={"q": "02-000-0000"}).text
    assert "<html" in page
    assert f"/cases/{filled.ids['worst']}/seller" in page
    (entry,) = filled.store.audit.newest(5, action="find.view")
    assert entry.detail == {"listings": [filled.ids["worst"]]}
    assert client.get("/find").status_code == 200


def test_a_blind_reader_finds_neither_letter_nor_warning_of_the_case(
    client: TestClient, numbered: Any, filled: Any
) -> None:
    assert filled.store.deals.deal(Odds(1.0, 0.0, lambda name: 0.5)).tasks == 1
    assert addresses(client, f"1/{numbered.year}") == ["/complaints/1"]


def test_somebody_who_reviews_nothing_may_not_search(
    client: TestClient, filled: Any, become: Callable[[Role], None]
) -> None:
    become(Role.INTEGRATOR)
    assert client.get("/find", params={"q": "เคส 1"}).status_code == 403
    assert 'href="/find"' not in client.get("/account").text


def test_what_a_database_cannot_store_is_not_asked_for() -> None:
    wanted = asked("02-000\x00-0000 ปู\x00")
    assert r"\x00" not in repr(wanted)
