"""The page of a seller over HTTP."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.taxonomy import Verdict
from service.store.listings.contacts import add_contacts
from service.store.second_look.dealing import Odds
from tests.helpers.stored import record_review

NOTE = "เหตุผลของผลแรก"


@pytest.fixture
def seller(filled: Any) -> Any:
    """Two listings share a contact; lek decided one of them."""
    with filled.store.database.writing() as session:
        for name in ("worst", "permit"):
            add_contacts(session, filled.ids[name], [("line_id", "@bairungrueang")])
    row = filled.store.listing(filled.ids["worst"])
    lek = filled.store.users.find("lek").id
    return record_review(filled.store, row.assessment_id, lek, Verdict.PROHIBITED, confirmed=[0], note=NOTE)


def test_the_case_and_the_queue_lead_to_the_seller_and_the_look_is_written(
    client: TestClient, seller: Any, filled: Any
) -> None:
    worst, permit = filled.ids["worst"], filled.ids["permit"]
    way = f'href="/cases/{worst}/seller"'
    assert way in client.get(f"/cases/{worst}").text
    assert way in client.get("/queue?view=all").text
    page = client.get(f"/cases/{permit}/seller")
    assert page.status_code == 200
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text))
    assert "2 โฆษณา" in text
    assert NOTE in text
    assert "@bairungrueang" in text
    (entry,) = filled.store.audit.newest(5, action="seller.view")
    assert (entry.subject, entry.detail["listings"]) == (f"listing:{permit}", sorted([worst, permit]))
    only = client.get(f"/cases/{permit}/seller?show=decisions&page=99").text
    assert NOTE in only
    assert "พบช่องทางติดต่อครั้งแรก" not in only
    assert client.get("/cases/999999/seller").status_code == 404


def test_somebody_who_reads_blind_finds_nothing_of_the_answer(
    client: TestClient, seller: Any, filled: Any
) -> None:
    assert filled.store.deals.deal(Odds(1.0, 0.0, lambda name: 0.5)).tasks == 1
    for name in ("worst", "permit"):
        page = client.get(f"/cases/{filled.ids[name]}/seller").text
        assert NOTE not in page
        assert "เล็ก ผู้พิจารณา" not in page
        assert 'เคสที่รอพิจารณา <span class="aside">2 รายการ' in page
