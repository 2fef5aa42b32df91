"""Referrals through the console: drafting, the pack, sending, the outcome."""

import html
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pypdfium2
import pytest
from starlette.testclient import TestClient

from labels.law.catalogue import provision
from service.console.referrals import pages
from service.console.referrals.pages import day_of
from service.decisions import offences
from service.referral.letters.values import BLOCKING
from service.referral.pack import BLANK
from service.store.database.columns import now
from service.store.referrals.steps import ReferralRefused, Step
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus
from service.text.referral_texts import FOLLOWED
from service.text.thai_calendar import local_day

Decide = Callable[..., Any]
Become = Callable[[Role], None]


@pytest.fixture
def drafted(client: TestClient, filled: Any, decide: Decide, token: Callable[[str], str]) -> str:
    """The address of a draft to the consumer police, which the decision proposed."""
    number = filled.ids["worst"]
    assert decide(number, "prohibited", {1: "confirm"}, referral="consumer_police").status_code == 303
    page = client.get(f"/cases/{number}").text
    assert "ผู้พิจารณาเสนอให้ส่ง: ตำรวจ ปคบ." in page
    review = re.search(r'name="review" value="(\d+)"', page)
    assert review
    form = {"csrf": token(page), "review": review[1], "recipient": "consumer_police", "province": ""}
    answer = client.post(f"/cases/{number}/referrals", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def pdf_text(data: bytes) -> str:
    """The text of a PDF without spaces and line ends."""
    document = pypdfium2.PdfDocument(data)
    pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    document.close()
    return "".join("".join(pages).split())


def send(client: TestClient, where: str, token: Callable[[str], str], **more: str) -> Any:
    page = client.get(where).text
    seen = re.search(r'name="last_event" value="(\d+)"', page)
    fields = {
        "csrf": token(page),
        "last_event": seen[1] if seen else "0",
        "status": "sent",
        "day": local_day(now()).isoformat(),
        "channel": "post",
        "address": "กองบังคับการ ปคบ.",
    }
    return client.post(f"{where}/record", data=fields | more)


def test_a_draft_shows_on_its_page_its_case_and_the_list(
    client: TestClient, filled: Any, drafted: str
) -> None:
    page = client.get(drafted)
    assert page.status_code == 200
    (row,) = filled.store.referrals.of_listing(filled.ids["worst"])
    assert row.number in page.text
    assert "หัวหน้างานหรือผู้ดูแลระบบเป็นผู้บันทึก" in page.text
    assert 'id="send"' not in page.text
    assert "แล้วเสนอหัวหน้างานเพื่อลงนามและส่ง" in page.text
    case = client.get(f"/cases/{filled.ids['worst']}").text
    assert f'href="{drafted}"' in case
    assert "ผู้พิจารณาเสนอให้ส่ง" not in case
    found = client.get("/referrals?status=draft&recipient=consumer_police").text
    assert row.number in found
    assert row.number not in client.get("/referrals?recipient=revenue").text
    assert row.number not in client.get("/referrals?idle=7").text
    assert client.get("/referrals?status=nonsense&page=x&idle=3").status_code == 200


def test_the_pack_is_downloaded_and_that_stands_on_the_trail(
    client: TestClient, filled: Any, drafted: str
) -> None:
    answer = client.get(f"{drafted}/pack")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(
        r'attachment; filename="referral-\d{4}-0001\.zip"', answer.headers["content-disposition"]
    )
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"letter.docx", "letter.pdf", "case.json", "SHA256SUMS"} <= set(names)
    (entry,) = filled.store.audit.newest(5, action="referral.download")
    assert entry.actor == "reviewer:nok"
    assert entry.detail["bytes"] == len(answer.content)
    assert entry.detail["recipient"] == "consumer_police"


def test_a_lead_sends_and_records_what_comes_of_it(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str], become: Become
) -> None:
    become(Role.LEAD)
    page = client.get(f"{drafted}?done=step").text
    assert "เสนอผู้มีอำนาจลงนาม ส่งให้ผู้รับ แล้วบันทึกการส่งในหน้านี้" in page
    assert 'id="as-downloaded"' not in page
    assert "บันทึกแล้ว" not in page, "nothing was recorded of a draft"
    pack = client.get(f"{drafted}/pack").content
    assert 'id="as-downloaded"' in client.get(drafted).text
    assert send(client, drafted, token, reference="EX123").status_code == 303
    page = client.get(f"{drafted}?done=step").text
    assert "บันทึกแล้ว สถานะปัจจุบัน: ส่งแล้ว" in page
    assert 'id="worded-anew"' not in page
    assert "ไปรษณีย์ → <bdi>กองบังคับการ ปคบ.</bdi>" in page
    assert "EX123" in page
    assert sha256(pack).hexdigest() in page
    outcome = send(
        client, drafted, token, status="acted", channel="", address="", note="จับกุมแล้ว <b>1</b> ราย"
    )
    assert outcome.status_code == 303
    page = client.get(drafted).text
    assert "จับกุมแล้ว &lt;b&gt;1&lt;/b&gt; ราย" in page
    assert 'id="send"' not in page
    assert (
        send(client, drafted, token, status="closed", channel="", address="", note="เสร็จสิ้น").status_code
        == 303
    )
    (row,) = filled.store.referrals.of_listing(filled.ids["worst"])
    assert row.status == ReferralStatus.CLOSED


def test_what_was_typed_survives_a_refusal(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str], become: Become
) -> None:
    become(Role.LEAD)
    answer = send(client, drafted, token, address="", note="หมายเหตุที่พิมพ์ไว้", reference="R-1")
    assert answer.status_code == 422
    assert "ต้องระบุว่าส่งไปที่ใด" in answer.text
    assert "หมายเหตุที่พิมพ์ไว้" in answer.text
    for more in ({"day": "yesterday"}, {"day": "2001-01-01"}, {"status": "nonsense"}, {"channel": "pigeon"}):
        assert send(client, drafted, token, **more).status_code == 422
    assert send(client, drafted, token, last_event="0").status_code == 409
    assert len(filled.store.referrals.events(1)) == 1


def test_a_reviewer_may_not_send(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str]
) -> None:
    form = {"csrf": token(client.get(drafted).text), "status": "sent"}
    assert client.post(f"{drafted}/record", data=form).status_code == 403
    assert len(filled.store.referrals.events(1)) == 1


def test_an_integrator_sees_no_referral(
    client: TestClient, filled: Any, drafted: str, become: Become
) -> None:
    become(Role.INTEGRATOR)
    case = f"/cases/{filled.ids['worst']}/letter?review=1&recipient=revenue"
    for address in ("/referrals", drafted, f"{drafted}/pack", f"{drafted}/letter", case):
        assert client.get(address).status_code == 403
    assert filled.store.audit.newest(5, action="referral.download") == []
    assert filled.store.audit.newest(5, action="letter.view") == []


def test_a_letter_whose_sent_words_are_not_stored_says_what_is_certain(
    client: TestClient, filled: Any, drafted: str
) -> None:
    step = Step(ReferralStatus.SENT, now(), Channel.POST, "กองบังคับการ <b>", pack_sha256="ab" * 32)
    lead = filled.store.users.create("mali", "a long password", "มะลิ", Role.LEAD)
    filled.store.referrals.record(1, lead.id, step)
    told = client.get(drafted).text.partition('id="worded-anew"')[2].partition("</div>")[0]
    assert "ถ้อยคำอาจไม่ตรงกับฉบับที่ส่ง" in told
    assert "กองบังคับการ &lt;b&gt;" in told
    assert "ab" * 32 in told


def test_a_draft_that_changed_after_its_download_says_so(
    client: TestClient, drafted: str, token: Callable[[str], str], become: Become
) -> None:
    become(Role.LEAD)
    client.get(f"{drafted}/pack")
    assert edit(client, drafted, token, request="โปรดดำเนินการ").status_code == 303
    page = client.get(drafted).text
    assert "ร่างเปลี่ยนหลังดาวน์โหลดครั้งล่าสุด" in page
    assert 'id="as-downloaded"' not in page


def test_a_withdrawn_decision_is_said_and_stops_the_sending(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str], become: Become
) -> None:
    become(Role.LEAD)
    row = filled.store.referrals.get(1)
    filled.store.reviews.withdraw(row.review_id, row.created_by)
    page = client.get(drafted).text
    assert "ถูกถอนหรือเปลี่ยนแล้ว" in page
    assert 'id="send"' not in page
    assert 'id="how-to-send"' not in page
    assert send(client, drafted, token).status_code == 422
    assert 'id="make-referral"' not in client.get(f"/cases/{row.listing_id}").text


@pytest.mark.parametrize(
    "more",
    [
        {"recipient": "nobody"},
        {"recipient": "province"},
        {"recipient": "province", "province": "กรุงโรม"},
        {"review": "999"},
        {"review": "๑"},
        {"recipient": "consumer_police"},
    ],
)
def test_a_form_that_makes_no_sense_makes_no_referral(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str], more: dict[str, str]
) -> None:
    number = filled.ids["worst"]
    page = client.get(f"/cases/{number}").text
    review = str(filled.store.referrals.get(1).review_id)
    form = {"csrf": token(page), "review": review, "recipient": "revenue"} | more
    assert client.post(f"/cases/{number}/referrals", data=form).status_code == 422
    assert (
        client.post(f"/cases/{filled.ids['serum']}/referrals", data=form | {"review": review}).status_code
        == 422
    )
    assert len(filled.store.referrals.of_listing(number)) == 1


@pytest.mark.parametrize("address", ["/referrals/99", "/referrals/0", f"/referrals/{10**30}", "/referrals/x"])
def test_there_is_no_such_referral(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.get(f"{address}/pack").status_code == 404
    assert client.get(f"{address}/letter").status_code == 404


def test_a_broken_template_is_said_and_nothing_leaves(
    client: TestClient, app: Any, filled: Any, drafted: str, tmp_path: Any
) -> None:
    (tmp_path / "office.toml").write_text("name = ")
    app.state.referral_desk.packer.templates.folder = tmp_path
    answer = client.get(f"{drafted}/pack")
    assert answer.status_code == 503
    assert "office.toml" in answer.text
    assert filled.store.audit.newest(5, action="referral.download") == []


def previewed(client: TestClient, filled: Any, token: Callable[[str], str], **more: str) -> Any:
    """Return the response to the button of the case page, and where it redirects."""
    number = filled.ids["worst"]
    page = client.get(f"/cases/{number}").text
    assert 'formtarget="_blank"' in page
    review = re.search(r'name="review" value="(\d+)"', page)
    form = {"csrf": token(page), "review": review[1] if review else "0", "recipient": "revenue", **more}
    sent_on = client.post(f"/cases/{number}/letter", data=form)
    assert sent_on.status_code == 303
    assert "csrf" not in sent_on.headers["location"]
    return client.get(sent_on.headers["location"])


def test_a_letter_is_seen_before_it_exists(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str]
) -> None:
    for _ in range(2):
        answer = previewed(client, filled, token)
        assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="letter-preview.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    text = pdf_text(answer.content)
    assert f"รท{BLANK}" in text
    assert "อธิบดีกรมสรรพากร" in text
    (entry,) = filled.store.audit.newest(5, action="letter.view")  # looked at again at once: the same look
    assert (entry.actor, entry.subject) == ("reviewer:nok", f"listing:{filled.ids['worst']}")
    assert entry.detail == {"review": 1, "recipient": "revenue", "province": ""}
    assert len(filled.store.referrals.of_listing(filled.ids["worst"])) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"recipient": "nobody"}, "เลือกผู้รับ"),
        ({"recipient": "province"}, "ต้องเลือกจังหวัด"),
        ({"recipient": "province", "province": "กรุงโรม"}, "ไม่รู้จักจังหวัดนี้"),
        ({"review": "999"}, "เปิดเคสอีกครั้ง"),
    ],
)
def test_a_preview_that_makes_no_sense_is_refused(
    client: TestClient,
    filled: Any,
    drafted: str,
    token: Callable[[str], str],
    more: dict[str, str],
    said: str,
) -> None:
    answer = previewed(client, filled, token, **more)
    assert answer.status_code == 422
    assert said in answer.text
    assert filled.store.audit.newest(5, action="letter.view") == []


def test_the_letter_of_a_draft_opens_in_the_browser(client: TestClient, filled: Any, drafted: str) -> None:
    answer = client.get(f"{drafted}/letter")
    assert re.fullmatch(r'inline; filename="referral-\d{4}-0001\.pdf"', answer.headers["content-disposition"])
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{drafted}/pack").content))
    assert archive.read("letter.pdf") == answer.content
    (row,) = filled.store.referrals.of_listing(filled.ids["worst"])
    assert "".join(row.number.split()) in pdf_text(answer.content)
    (entry,) = filled.store.audit.newest(5, action="letter.view")
    assert entry.subject == f"referral:{row.id}"


def edit(client: TestClient, where: str, token: Callable[[str], str], **more: str) -> Any:
    page = client.get(where).text
    seen = re.search(r'name="last_event" value="(\d+)"', page)
    form = {name: html.unescape(text) for name, text in PASSAGE.findall(page)}
    assert set(form) == {"opening", "request", "closing"}
    form |= {"csrf": token(page), "last_event": seen[1] if seen else "0"}
    return client.post(f"{where}/passages", data=form | more)


PASSAGE = re.compile(r'<textarea name="(opening|request|closing)"[^>]*>\n?([^<]*)</textarea>')


def test_passages_of_a_draft_are_edited_and_go_back(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str]
) -> None:
    assert edit(client, drafted, token).status_code == 303
    assert filled.store.audit.newest(5, action="referral.edit") == []  # the template's words are no change
    usual = pdf_text(client.get(f"{drafted}/letter").content)
    saved = edit(client, drafted, token, request="โปรดระงับ\u202e <b>โดยด่วน</b>")
    page = client.get(saved.headers["location"]).text
    assert "บันทึกถ้อยคำแล้ว" in page
    assert "ระบบไม่ส่งหนังสือเอง" in page
    assert "โปรดระงับ[อักขระที่มองไม่เห็น U+202E] &lt;b&gt;โดยด่วน" in page
    assert "แก้ถ้อยคำในหนังสือ: คำขอ" in page
    assert "คำขอตามแม่แบบ" in page
    own = pdf_text(client.get(f"{drafted}/letter").content)
    assert "<b>โดยด่วน</b>" in own
    assert own.count("ข้อความ“") == usual.count("ข้อความ“")
    (entry,) = filled.store.audit.newest(5, action="referral.edit")
    assert (entry.actor, entry.detail["changed"]) == ("reviewer:nok", ["request"])
    assert edit(client, drafted, token, reset="yes").status_code == 303
    assert pdf_text(client.get(f"{drafted}/letter").content) == usual


def test_typed_passages_survive_a_refusal_and_a_sent_letter_keeps_its_words(
    client: TestClient, filled: Any, drafted: str, token: Callable[[str], str], become: Become
) -> None:
    answer = edit(client, drafted, token, closing="ก" * 4001)
    assert answer.status_code == 422
    assert "ก" * 4001 in answer.text
    assert edit(client, drafted, token, last_event="0").status_code == 409
    become(Role.LEAD)
    assert send(client, drafted, token).status_code == 303
    page = client.get(drafted).text
    assert 'id="passages"' not in page
    form = {"csrf": token(page), "last_event": "2", "request": "แก้ภายหลัง"}
    answer = client.post(f"{drafted}/passages", data=form)
    assert answer.status_code == 422
    assert "แก้ถ้อยคำได้เฉพาะร่างที่ยังไม่ส่ง" in answer.text


def test_a_draft_follows_a_renewed_decision(
    client: TestClient, filled: Any, drafted: str, decide: Decide, token: Callable[[str], str], become: Become
) -> None:
    become(Role.LEAD)
    assert edit(client, drafted, token, request="โปรดระงับโดยด่วน").status_code == 303
    again = decide(filled.ids["worst"], "prohibited", {1: "confirm", 2: "confirm"})
    assert again.status_code == 303
    page = client.get(drafted).text
    assert "ถูกถอนหรือเปลี่ยนแล้ว" not in page
    assert FOLLOWED in page
    assert "เขียนตามผลการตัดสินก่อนหน้านี้" in page
    assert send(client, drafted, token).status_code == 422
    assert edit(client, drafted, token).status_code == 303
    assert "เขียนตามผลการตัดสินก่อนหน้านี้" not in client.get(drafted).text
    assert send(client, drafted, token).status_code == 303


def test_a_draft_dated_in_another_year_than_its_number_says_so_and_is_not_sent(
    client: TestClient, filled: Any, drafted: str, become: Become, monkeypatch: pytest.MonkeyPatch
) -> None:
    become(Role.LEAD)
    assert 'id="send"' in client.get(drafted).text
    monkeypatch.setattr(pages, "letter_year", lambda *_: 2600)
    page = client.get(drafted).text
    assert "อยู่ในปี 2600 จึงส่งไม่ได้" in page
    assert 'id="send"' not in page
    assert 'id="how-to-send"' not in page


def test_a_broken_template_leaves_the_page_open(
    client: TestClient, app: Any, filled: Any, drafted: str, tmp_path: Any
) -> None:
    (tmp_path / "office.toml").write_text("name = ")
    app.state.referral_desk.packer.templates.folder = tmp_path
    page = client.get(drafted)
    assert page.status_code == 200
    assert "แม่แบบหนังสือใช้ไม่ได้" in page.text
    assert 'id="how-to-send"' not in page.text
    assert client.get(f"{drafted}/letter").status_code == 503
    assert client.get(f"/cases/{filled.ids['worst']}/letter?review=1&recipient=revenue").status_code == 503


@pytest.mark.usefixtures("drafted")
def test_a_request_to_block_states_no_ground_that_nobody_confirmed(client: TestClient, filled: Any) -> None:
    assert provision(BLOCKING).is_confirmed
    row = filled.store.referrals.create(1, 1, Recipient.MINISTRY, "รท")
    page = client.get(f"/referrals/{row.id}").text
    assert "ยังไม่ได้ตรวจกับตัวบท" not in page
    assert f"ดำเนินการตาม{provision(BLOCKING).full_citation} เพื่อ" in page


def test_a_draft_shows_the_condition_that_a_provision_has_by_now(
    client: TestClient, drafted: str, token: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'id="conditions"' not in client.get(drafted).text
    later = "ต้องตรวจใบอนุญาตก่อน"
    monkeypatch.setattr(offences, "provision", lambda id_: replace(provision(id_), condition_thai=later))
    assert 'id="conditions"' in (page := client.get(drafted).text)
    assert "(ต้องตรวจใบอนุญาตก่อน)" in page


def test_a_day_is_written_in_either_calendar() -> None:
    assert day_of("2026-11-24") == day_of("2569-11-24") == day_of("๒๔/๑๑/๒๕๖๙")
    assert day_of("2026-11-24").hour == 12
    for text in ("", "24/11", "2569-02-30", "30/2/2569", "1/1/" + "9" * 40, "99999-01-01"):
        with pytest.raises(ReferralRefused):
            day_of(text)
