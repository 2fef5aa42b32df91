"""Campaigns as one row of the queue: counts, opening, deciding the row after a preview, the way back."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.console.queue import chosen, pages
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.second_look.dealing import Odds
from service.store.tables.case_tables import QueueEntry
from tests.helpers.stored import record_review

CAMPAIGN = 7
WORDS = "รักษาเบาหวาน"
PROHIBITED = Verdict.PROHIBITED.value


@pytest.fixture
def alike(office: Any, claim_in: Callable[..., Any], assess: Callable[..., Any]) -> list[int]:
    """Four listings of one campaign by descending risk, and a fifth, riskier than the last two, of none."""
    numbers = []
    for number, risk in enumerate((0.9, 0.8, 0.6, 0.5, 0.7)):
        listing = Listing(
            id=str(number), title=f"ครีม {number}", description=f"{WORDS} ชุดที่ {number}", seller="ร้าน"
        )
        claims = [claim_in(listing.text, WORDS, ClaimLabel.DISEASE)]
        numbers.append(office.add(listing, assess(listing, claims, Verdict.PROHIBITED, risk)))
    with office.store.database.writing() as session:
        same = QueueEntry.listing_id.in_(numbers[:4])
        session.execute(update(QueueEntry).where(same).values(campaign_id=CAMPAIGN))
    return numbers


def titles(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<a class="title" href="/cases/([0-9]+)', page)]


def hidden(page: str, action: str) -> dict[str, list[str]]:
    """The hidden fields and ticked boxes of a form, as a browser would send them."""
    found = re.search(rf'<form[^>]*action="{action}".*?</form>', page, re.DOTALL)
    assert found, page
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", found[0]):
        if 'type="hidden"' in tag or " checked" in tag:
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            assert name is not None
            assert value is not None
            fields.setdefault(name[1], []).append(value[1])
    return fields


def test_what_waits_of_a_campaign_is_one_row_that_opens_to_its_listings(
    client: TestClient, office: Any, alike: list[int]
) -> None:
    page = client.get("/queue?view=all").text
    assert titles(page) == [alike[0], alike[4]]
    assert "กลุ่มโฆษณาซ้ำ รอ 4 รายการ" in page
    assert "แสดง 2 แถว รวม 5 รายการ จาก 5 รายการ" in page
    link = re.search(r'<a class="badge alike" href="([^"]+)"', page)
    assert link is not None
    opened = client.get(link[1].replace("&amp;", "&")).text
    assert titles(opened) == alike[:4]
    assert 'class="chip"' in opened
    assert opened.count('name="row"') == 4
    # Under a filter the row counts what the filter leaves; without a second one, it is a row like others.
    with office.store.database.writing() as session:
        session.execute(
            update(QueueEntry).where(QueueEntry.listing_id.in_(alike[:3])).values(platform="line")
        )
    assert "กลุ่มโฆษณาซ้ำ รอ 3 รายการ" in client.get("/queue?platform=line").text
    assert "กลุ่มโฆษณาซ้ำ รอ" not in client.get("/queue?q=ครีม+3").text


def test_a_row_of_a_campaign_is_decided_after_a_preview_and_taken_back_at_once(
    client: TestClient, office: Any, alike: list[int], token: Any
) -> None:
    store = office.store
    page = client.get("/queue?view=all").text
    single = re.findall(r'name="row" value="([^"]*)"', page)
    form = {"csrf": token(page), "campaign-row": str(CAMPAIGN), "row": single, "decision": PROHIBITED}
    shown = client.post("/queue/decide", data=form | {"platform": "line"})
    assert "ไม่รอพิจารณาแล้ว" in shown.text, "the filter of the queue holds for its row"
    shown = client.post("/queue/decide", data=form | {"note": "ขายซ้ำ"})
    assert shown.status_code == 200
    assert all(store.reviews.history(number) == [] for number in alike), "a preview saves nothing"
    entry = store.audit.newest(1, action="queue.view")[0]
    assert sorted(entry.detail["listings"]) == sorted(alike)
    fields = hidden(shown.text, "/queue/decide")
    assert len(fields["row"]) == 5
    assert "<ins>" in shown.text
    left_out = next(value for value in fields["row"] if value.startswith(f"{alike[1]}:"))
    fields["row"].remove(left_out)
    address = client.post("/queue/decide", data=fields | {"decision": PROHIBITED}).headers["location"]
    decided = [store.reviews.history(number) for number in alike]
    assert [len(history) for history in decided] == [1, 0, 1, 1, 1]
    assert {history[0].review.note for history in decided if history} == {"ขายซ้ำ"}
    told = client.get(address).text
    assert "ตัดสินแล้ว 4 รายการ" in told
    assert "กลุ่มโฆษณาซ้ำ รอ" not in told
    undo = hidden(told, "/queue/undo")
    client.post("/queue/undo", data=undo)
    assert titles(client.get("/queue?state=waiting").text) == [alike[0], alike[4]]


def test_a_large_campaign_is_decided_in_parts(
    client: TestClient, office: Any, alike: list[int], token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen, "MAX_ROWS", 3)
    page = client.get("/queue?view=all").text
    form = {"csrf": token(page), "campaign-row": str(CAMPAIGN), "decision": PROHIBITED}
    shown = client.post("/queue/decide", data=form).text
    assert hidden(shown, "/queue/decide")["row"][-1].startswith(f"{alike[2]}:")
    assert "ตัดสินได้ครั้งละไม่เกิน 3 รายการ" in shown


def test_a_preview_full_of_single_rows_does_not_say_that_nothing_waits(
    client: TestClient, alike: list[int], token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen, "MAX_ROWS", 1)
    page = client.get("/queue?view=all").text
    single = next(value for value in re.findall(r'name="row" value="([^"]*)"', page))
    form = {"csrf": token(page), "campaign-row": [str(CAMPAIGN), "8"], "row": single, "decision": PROHIBITED}
    asked: list[int] = []
    waiting = chosen._waiting

    def spied(*given: Any) -> Any:
        asked.append(given[-1])
        return waiting(*given)

    monkeypatch.setattr(chosen, "_waiting", spied)
    shown = client.post("/queue/decide", data=form).text
    assert hidden(shown, "/queue/decide")["row"] == [single]
    assert "ตัดสินได้ครั้งละไม่เกิน 1 รายการ" in shown
    assert "ไม่รอพิจารณาแล้ว" not in shown
    assert asked == [CAMPAIGN], "more than one form takes was found before"


def test_the_preview_shows_the_reason_that_is_saved_with_it(
    client: TestClient, alike: list[int], token: Any
) -> None:
    page = client.get("/queue?view=all").text
    form = {"csrf": token(page), "campaign-row": str(CAMPAIGN), "decision": PROHIBITED}
    assert "ยืนยันผลแม้" not in client.post("/queue/decide", data=form).text
    shown = client.post("/queue/decide", data=form | {"note": "ขายซ้ำ", "insist": "1"}).text
    assert "เหตุผล: <bdi>ขายซ้ำ</bdi>" in shown
    assert "ยืนยันผลแม้" in shown


def test_a_case_that_is_read_blind_does_not_stand_out_from_its_campaign(
    client: TestClient, office: Any, alike: list[int]
) -> None:
    store = office.store
    lek = store.users.find("lek").id
    record_review(store, store.listing(alike[2]).assessment_id, lek, PROHIBITED, confirmed=[0])
    assert "กลุ่มโฆษณาซ้ำ รอ 3 รายการ" in client.get("/queue?view=all").text
    assert store.deals.deal(Odds(1.0, 0.0, lambda name: 0.5)).tasks == 1
    page = client.get("/queue?view=all").text
    assert "กลุ่มโฆษณาซ้ำ รอ 4 รายการ" in page
    assert titles(page) == [alike[0], alike[4]]


def test_after_a_decision_on_rows_the_queue_shows_the_same_page(
    client: TestClient, office: Any, alike: list[int], token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 1)
    first = client.get(f"/queue?campaign={CAMPAIGN}").text
    following = re.search(r'<a rel="next" href="([^"]+)"', first)
    assert following is not None
    second = client.get(following[1].replace("&amp;", "&")).text
    assert titles(second) == [alike[1]]
    form = hidden(second, "/queue/decide") | {
        "row": re.findall(r'name="row" value="([^"]*)"', second),
        "decision": PROHIBITED,
    }
    address = client.post("/queue/decide", data=form).headers["location"]
    query = parse_qs(urlsplit(address).query)
    assert query["after"] == parse_qs(urlsplit(following[1].replace("&amp;", "&")).query)["after"]
    again = client.get(address).text
    assert titles(again) == [alike[2]]
    # And taking it back stays there too.
    undone = client.post("/queue/undo", data=hidden(again, "/queue/undo")).headers["location"]
    assert titles(client.get(undone).text) == [alike[1]]


def test_a_page_whose_rows_are_all_decided_shows_those_before_it(
    client: TestClient, office: Any, alike: list[int]
) -> None:
    wanted = QueueFilter(state=CaseState.WAITING)
    page = office.store.reviews.queue(wanted, limit=4)
    assert page.next is not None
    store, last = office.store, alike[3]
    nok = store.users.find("nok").id
    record_review(store, store.listing(last).assessment_id, nok, Verdict.CLEAR.value)
    assert titles(client.get(f"/queue?state=waiting&after={page.next}").text) == [alike[0], alike[4]]


def test_after_the_last_page_is_decided_the_row_before_it_is_still_shown(
    client: TestClient, office: Any, alike: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)
    store, nok = office.store, office.store.users.find("nok").id
    after = store.reviews.queue(QueueFilter(campaign=CAMPAIGN, state=CaseState.WAITING), limit=2).next
    for number in alike[2:4]:
        record_review(store, store.listing(number).assessment_id, nok, Verdict.CLEAR.value)
    page = client.get(f"/queue?state=waiting&campaign={CAMPAIGN}&after={after}").text
    assert titles(page) == alike[:2]
    assert 'rel="next"' not in page
