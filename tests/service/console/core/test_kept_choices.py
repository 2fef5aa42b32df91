"""Choices and words on the pages of lists and letters are restored after a login, too."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.taxonomy import Verdict
from service.store.database.columns import now
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.referrals.steps import Passages, Step
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus
from tests.helpers.stored import record_review
from tests.service.console.borrowed import BORROWED, FOOD, add_copies, offered, sent

NOTE = "เหตุผลที่พิมพ์ไว้"
PROHIBITED = Verdict.PROHIBITED.value


def undecided(office: Any) -> bool:
    return {row.state for row in office.store.reviews.queue(QueueFilter()).rows} == {CaseState.WAITING}


@pytest.mark.parametrize("action", ["preview", "decide"])
def test_marks_on_a_campaign_come_back(
    action: str, client: TestClient, office: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    page, reference = f"/campaigns/{add_copies(office)}", office.ids["copy 1"]
    chosen = sent(client.get(f"{page}?reference={reference}").text, f"{page}/preview")
    chosen |= {"claim-1": "confirm", "finding-1": "reject", "note": NOTE, "decision": PROHIBITED}
    answer = too_late(client, page, chosen, f"{page}/{action}")
    assert "unsaved" not in answer.headers["location"]
    restored = come_back(client, answer).text
    assert "หมดเวลาเข้าสู่ระบบ" in restored
    assert ("โปรดกดผลแล้วตรวจรายการอีกครั้ง" in restored) is (action == "decide")
    assert f'name="reference" value="{reference}"' in restored
    assert 'name="claim-1" value="confirm" checked' in restored
    assert FOOD in offered(restored)
    assert BORROWED not in offered(restored)
    assert NOTE in restored
    assert undecided(office)
    assert NOTE not in client.get(page).text


def test_rows_left_out_of_a_campaign_stay_left_out(
    client: TestClient, office: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    page, reference = f"/campaigns/{add_copies(office)}", office.ids["copy 1"]
    chosen = sent(client.get(f"{page}?reference={reference}").text, f"{page}/preview")
    chosen |= {"claim-1": "confirm", "decision": PROHIBITED}
    preview = client.post(f"{page}/preview", data=chosen).text
    left, kept = office.ids["copy 0"], office.ids["copy 2"]
    fields = sent(preview, f"{page}/decide")
    spread = f'name="spread" value="{PROHIBITED}"'
    assert f"{spread}>" in preview
    fields |= {"listing": row_of(preview, kept), "spread": PROHIBITED}
    restored = come_back(client, too_late(client, page, fields, f"{page}/decide")).text
    assert "ยังเป็นตามที่เลือกไว้" in restored
    again = sent(restored, f"{page}/preview") | {"claim-1": "confirm", "decision": PROHIBITED}
    preview = client.post(f"{page}/preview", data=again).text
    assert f'value="{row_of(preview, kept)}" checked' in preview
    assert f'value="{row_of(preview, left)}">' in preview
    assert f"{spread} checked" in preview
    other = again | {"decision": Verdict.NEEDS_PERMIT.value}
    preview = client.post(f"{page}/preview", data=other).text
    assert f'name="spread" value="{Verdict.NEEDS_PERMIT.value}">' in preview
    # What a page of an earlier release says of later listings is asked again.
    old = client.post(f"{page}/decide", data=sent(preview, f"{page}/decide") | {"spread": "1"})
    assert (old.status_code, undecided(office)) == (409, True)


def row_of(preview: str, listing: int) -> str:
    """The value of a listing's checkbox."""
    found = re.search(rf'name="listing" value="({listing}:[0-9:]+)"', preview)
    assert found
    return found[1]


def test_a_request_for_a_sellers_data_comes_back(
    client: TestClient, filled: Any, become: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    become(Role.LEAD)
    place = f"/cases/{filled.ids['worst']}/seller"
    asked = {"reference": "สธ 7/2569", "day": "1/11/2569"}
    restored = come_back(client, too_late(client, place, asked, f"{place}/ask-data")).text
    assert "หมดเวลาเข้าสู่ระบบ" in restored
    assert 'name="reference" value="สธ 7/2569"' in restored
    assert 'name="day" value="1/11/2569"' in restored
    assert "<details open><summary>บันทึกคำขอที่ส่งแล้ว" in restored
    assert "สธ 7/2569" not in client.get(place).text
    row = filled.store.seller_data.ask(filled.ids["worst"], filled.store.users.find("nok").id, "8", now())
    answer = {"request": str(row.id), "day": "2/11/2569", "outcome": "provided"}
    restored = come_back(client, too_late(client, place, answer, f"{place}/data-answer")).text
    assert 'name="day" value="2/11/2569"' in restored
    assert filled.store.seller_data.of_listings([filled.ids["worst"]])[0].answered_at is None


def test_the_note_comes_back_where_the_reference_has_left_the_campaign(
    client: TestClient, office: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    page = f"/campaigns/{add_copies(office)}"
    chosen = {"reference": "9999", "assessment": "9999", "claim-1": "confirm", "note": NOTE}
    restored = come_back(
        client, too_late(client, page, chosen | {"decision": PROHIBITED}, f"{page}/preview")
    ).text
    assert "ใช้เคสต้นแบบเดิมไม่ได้แล้ว จึงนำกลับมาได้เฉพาะบันทึก" in restored
    assert "ประเมินเคสนี้ใหม่แล้ว" not in restored
    assert NOTE in restored
    assert 'name="claim-1" value="confirm" checked' not in restored


def test_rows_chosen_in_the_queue_come_back_on_their_page(
    client: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    campaign = add_copies(filled)
    where = "/queue?verdict=prohibited"
    listing = filled.store.listing(filled.ids["serum"])
    row = f"{listing.id}:{listing.assessment_id}:0"
    assert f'name="row" value="{row}"' in client.get(where).text
    gone = f"{filled.ids['permit']}:9999:0"
    chosen = {"row": [row, gone], "campaign-row": str(campaign), "note": NOTE, "insist": "1"}
    answer = too_late(client, where, chosen | {"decision": PROHIBITED}, "/queue/decide")
    page = come_back(client, answer).text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    assert "อีก 1 รายการที่เลือกไว้" in page
    assert f'name="row" value="{row}" data-listings="1" checked' in page
    assert f'name="campaign-row" value="{campaign}" data-listings="3" checked' in page
    assert page.count('data-listings="1" checked') == 1
    assert '<input type="hidden" name="verdict" value="prohibited">' in page
    assert 'name="insist" value="1" checked' in page
    assert NOTE in page
    assert undecided(filled)
    assert NOTE not in client.get(where).text
    # A campaign that is no longer one row of the page is not restored either.
    answer = too_late(client, where, {"campaign-row": "9999", "note": NOTE}, "/queue/decide")
    assert "อีก 1 รายการที่เลือกไว้" in come_back(client, answer).text


def test_the_older_of_two_forms_does_not_come_back_after_the_newer(
    client: TestClient, filled: Any, too_late: Callable[..., Any], log_in: Callable[..., Any]
) -> None:
    late = {"note": "ฉบับแรก", "decision": PROHIBITED}
    csrf = sent(client.get("/queue").text, "/queue/decide")["csrf"][0]
    too_late(client, "/queue", late, "/queue/decide")
    # Back to the page, and the button again.
    client.post("/queue/decide", data=late | {"csrf": csrf, "note": NOTE})
    log_in(client, "nok")
    for query in ("decided=1", "left=1", "undone=1", "kept=1", "campaign=1"):
        told = client.get(f"/queue?{query}").text
        assert (NOTE in told, "หมดเวลาเข้าสู่ระบบ" in told) == (False, False), query
    assert NOTE in client.get("/queue").text
    page = client.get("/queue").text
    assert ("ฉบับแรก" in page, "หมดเวลาเข้าสู่ระบบ" in page) == (False, False)


def test_a_list_of_a_campaigns_rows_comes_back_as_its_row(
    client: TestClient, office: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    campaign, action = add_copies(office), "/queue/decide"
    form = sent(client.get("/queue").text, action) | {"campaign-row": str(campaign), "decision": PROHIBITED}
    listed = sent(client.post(action, data=form).text, action)
    assert len(listed["row"]) == 3
    late = listed | {"row": listed["row"][:1], "note": NOTE, "decision": PROHIBITED}
    page = come_back(client, too_late(client, "/queue", late, action)).text
    assert f'name="campaign-row" value="{campaign}" data-listings="3" checked' in page
    assert "รายการที่เอาเครื่องหมายออกในหน้าตรวจรายการต้องเลือกใหม่" in page
    assert "รายการที่เลือกไว้ไม่อยู่ในหน้านี้" not in page
    assert NOTE in page
    assert undecided(office)


def test_a_row_chosen_beside_a_listed_campaign_is_named_when_it_is_gone(
    client: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    campaign, action = add_copies(filled), "/queue/decide"
    rows = [filled.store.listing(filled.ids[name]) for name in ("serum", "worst")]
    single = [f"{row.id}:{row.assessment_id}:0" for row in rows]
    form = sent(client.get("/queue").text, action)
    form |= {"row": single, "campaign-row": str(campaign), "decision": PROHIBITED}
    listed = sent(client.post(action, data=form).text, action)
    filled.store.assessments.record(rows[0].id, filled.store.assessments.get(rows[0].assessment_id).shape())
    page = come_back(client, too_late(client, "/queue", listed | {"note": NOTE}, action)).text
    assert f'name="campaign-row" value="{campaign}" data-listings="3" checked' in page
    assert f'name="row" value="{single[1]}" data-listings="1" checked' in page
    assert "อีก 1 รายการที่เลือกไว้ไม่อยู่ในหน้านี้" in page


def test_the_choice_for_a_joint_letter_comes_back(
    client: TestClient, office: Any, too_late: Callable[..., Any], come_back: Callable[..., Any], token: Any
) -> None:
    campaign, lek = add_copies(office), office.store.users.find("lek").id
    rows = [office.store.listing(office.ids[name]).assessment_id for name in ("copy 0", "copy 1")]
    first, second = (record_review(office.store, row, lek, PROHIBITED, confirmed=[0]).id for row in rows)
    where = f"/campaigns/{campaign}/letter"
    csrf = token(client.get(f"{where}?recipient=revenue").text)
    chosen = {"csrf": csrf, "recipient": Recipient.REVENUE.value, "review": str(second)}
    answer = too_late(client, where, chosen, where)
    page = come_back(client, answer).text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    assert [f'name="review" value="{number}"' in page for number in (first, second)] == [True, True]
    ticked = [tag for tag in page.split("<input ") if 'name="review"' in tag and " checked" in tag]
    assert [f'value="{second}"' in tag for tag in ticked] == [True]


def letter_of(office: Any) -> Any:
    """A draft to the consumer police."""
    row = office.store.listing(office.ids["worst"])
    lek = office.store.users.find("lek").id
    review = record_review(office.store, row.assessment_id, lek, PROHIBITED, confirmed=[0])
    return office.store.referrals.create(review.id, lek, Recipient.CONSUMER_POLICE, "รท")


TYPED = {"opening": "ความนำที่พิมพ์ใหม่", "request": "คำขอใหม่"}


def test_passages_of_a_letter_come_back(
    client: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    letter = letter_of(filled)
    where = f"/referrals/{letter.id}"
    page = come_back(client, too_late(client, where, TYPED, f"{where}/passages")).text
    assert "หมดเวลาเข้าสู่ระบบ" in page
    assert "ในระหว่างนั้น" not in page
    assert "ที่บันทึกไว้ล่าสุด" not in page
    assert "ความนำที่พิมพ์ใหม่</textarea>" in page
    assert "คำขอใหม่</textarea>" in page
    assert not filled.store.referrals.get(letter.id).is_edited


def test_restored_passages_do_not_hide_what_a_colleague_saved(
    client: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    letter = letter_of(filled)
    where = f"/referrals/{letter.id}"
    answer = too_late(client, where, TYPED, f"{where}/passages")
    lek = filled.store.users.find("lek").id
    filled.store.referrals.edit(letter.id, lek, Passages(request="คำขอของเพื่อนร่วมงาน"))
    page = come_back(client, answer).text
    assert "มีผู้แก้ไขหรือบันทึกขั้นตอนของหนังสือนี้ในระหว่างนั้น" in page
    assert "คำขอใหม่</textarea>" in page
    assert "คำขอที่บันทึกไว้ล่าสุด" in page
    assert "<bdi>คำขอของเพื่อนร่วมงาน</bdi>" in page


def test_passages_of_a_letter_sent_meanwhile_are_shown_to_copy(
    client: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    letter = letter_of(filled)
    where = f"/referrals/{letter.id}"
    answer = too_late(client, where, TYPED, f"{where}/passages")
    mali = filled.store.users.find("mali") or filled.store.users.create(
        "mali", "a long password", "มะลิ หัวหน้า", Role.LEAD
    )
    step = Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1")
    filled.store.referrals.record(letter.id, mali.id, step)
    page = come_back(client, answer).text
    assert "หนังสือนี้ไม่เป็นร่างแล้ว" in page
    assert "กลับมาแล้ว" not in page
    assert all(text in page for text in TYPED.values())


def test_a_restored_step_tells_of_one_recorded_meanwhile(
    lead: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any]
) -> None:
    letter = letter_of(filled)
    where = f"/referrals/{letter.id}"
    answer = too_late(lead, where, {"status": "sent", "note": NOTE}, f"{where}/record")
    mali = filled.store.users.find("mali").id
    step = Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1")
    filled.store.referrals.record(letter.id, mali, step)
    page = come_back(lead, answer, "mali").text
    assert "มีผู้แก้ไขหรือบันทึกขั้นตอนของหนังสือนี้ในระหว่างนั้น" in page
    assert NOTE in page


@pytest.mark.parametrize("path", ["record", "passages"])
def test_the_words_and_the_sending_of_a_letter_come_back_together(
    lead: TestClient, filled: Any, too_late: Callable[..., Any], come_back: Callable[..., Any], path: str
) -> None:
    letter = letter_of(filled)
    where = f"/referrals/{letter.id}"
    page = lead.get(where).text
    words = dict(re.findall(r'<textarea name="(opening|closing)"[^>]*>\n?([^<]*)</textarea>', page))
    sending = {"status": "sent", "address": "ตู้ ปณ. 1", "note": NOTE, "request": "คำขอใหม่"}
    answer = too_late(lead, where, {**words, **sending}, f"{where}/{path}")
    page = come_back(lead, answer, "mali").text
    assert "คำขอใหม่</textarea>" in page
    assert 'value="ตู้ ปณ. 1"' in page
    assert NOTE in page
