"""Whoever records a sending says which words were sent if a download differs from the letter made now."""

import re
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from starlette.testclient import TestClient

from inference.pictures.errors import PictureError
from inference.pictures.rendering.renderer import PictureRenderer
from service.privacy.redaction import Redactor
from service.referral.downloads import record_download
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.cases.reviews import Decision
from service.store.database.columns import now
from service.store.referrals.steps import Passages
from service.store.tables.core_tables import Listing, Role
from service.text.thai_calendar import local_day
from tests.service.console.pictured import add_picture_case

DAMAGED = PictureError("picture_damaged")
UNDRAWN = "เปิดไฟล์ภาพเพื่อทำเครื่องหมายไม่ได้"
STALE = "ร่างเปลี่ยนหลังดาวน์โหลดครั้งล่าสุด"
OTHER_OFFICE = 'name = "สำนักงานอื่น"'


@pytest.fixture
def drafted(client: TestClient, filled: Any, decide: Any, token: Any, become: Callable[[Role], None]) -> str:
    """The address of a draft, opened by a lead."""
    number = filled.ids["worst"]
    assert decide(number, "prohibited", {1: "confirm"}, referral="consumer_police").status_code == 303
    page = client.get(f"/cases/{number}").text
    review = re.search(r'name="review" value="(\d+)"', page)
    assert review
    form = {"csrf": token(page), "review": review[1], "recipient": "consumer_police", "province": ""}
    where = str(client.post(f"/cases/{number}/referrals", data=form).headers["location"])
    become(Role.LEAD)
    return where


@pytest.fixture
def rewrite_office(app: Any, tmp_path: Any) -> Callable[[str], None]:
    """Changes the office's template."""

    def change(content: str) -> None:
        (tmp_path / "office.toml").write_text(content, encoding="utf-8")
        app.state.referral_desk.packer.templates.folder = tmp_path

    return change


def send(client: TestClient, where: str, token: Any, **more: str) -> Any:
    """Send the form as the page has it."""
    page = client.get(where).text
    hidden = dict(re.findall(r'type="hidden" name="(words|last_event)" value="(\w+)"', page))
    fields = {"csrf": token(page), "status": "sent", "day": local_day(now()).isoformat()}
    fields |= {"channel": "post", "address": "กองบังคับการ ปคบ."}
    return client.post(f"{where}/record", data=fields | hidden | more)


def pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    found = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return found


def values(page: str) -> list[str]:
    return re.findall(r'type="radio" name="words" value="(\w+)"', page)


def sent_office(filled: Any) -> str:
    kept = filled.store.referrals.sent_letter(1)
    return str(kept.letter["office"]["name"])


@pytest.mark.parametrize("present", [True, False])
def test_words_that_changed_after_the_download_are_asked_about(
    client: TestClient, filled: Any, drafted: str, token: Any, rewrite_office: Any, present: bool
) -> None:
    client.get(f"{drafted}/pack")
    assert values(client.get(drafted).text) == []
    rewrite_office(OTHER_OFFICE)
    page = client.get(drafted).text
    assert "ไม่ตรงกับชุดเอกสารที่ดาวน์โหลดไว้" in page
    download, now_made = values(page)
    assert "สำนักงานอื่น" in pdf_text(client.get(f"{drafted}/letter").content)
    assert f'href="{drafted}/letter?words={download}"' in page
    assert "สำนักงานอื่น" not in pdf_text(client.get(f"{drafted}/letter?words={download}").content)
    assert client.get(f"{drafted}/letter?words=999").status_code == 404
    refused = send(client, drafted, token)
    assert refused.status_code == 422
    assert "โปรดเลือกฉบับที่ส่งจริง" in refused.text
    assert send(client, drafted, token, words="999").status_code == 409
    assert send(client, drafted, token, words=now_made if present else download).status_code == 303
    assert (sent_office(filled) == "สำนักงานอื่น") is present


def download_in_earlier_release(filled: Any) -> str:
    """What a release that did not keep words wrote of a download; returns the pack's hash."""
    entry = {"number": "รท 1/2569", "listings": [1], "sha256": "1" * 64, "bytes": 1000}
    subject = audit_names.referral(1)
    filled.store.audit.record("reviewer:nok", AuditAction.REFERRAL_DOWNLOAD, subject, entry)
    return str(entry["sha256"])


@pytest.mark.parametrize("present", [True, False])
def test_a_download_of_which_a_release_kept_the_hash_alone_is_asked_about(
    client: TestClient, filled: Any, drafted: str, token: Any, present: bool
) -> None:
    sha256 = download_in_earlier_release(filled)
    page = client.get(drafted).text
    assert "ซึ่งระบบไม่ได้เก็บถ้อยคำไว้ มีแต่ค่าแฮช" in page
    assert values(page) == [sha256, "present"]
    assert send(client, drafted, token).status_code == 422
    assert send(client, drafted, token, words="present" if present else sha256).status_code == 303
    kept = filled.store.referrals.sent_letter(1)
    assert (kept is None) is not present
    page = client.get(drafted).text
    assert ('id="worded-anew"' in page) is not present
    assert present or f"ชุดเอกสาร SHA-256 <code>{sha256}</code>" in page


def test_ones_own_download_comes_before_that_of_another(
    client: TestClient, app: Any, filled: Any, drafted: str, token: Any, rewrite_office: Any
) -> None:
    client.get(f"{drafted}/pack")
    rewrite_office(OTHER_OFFICE)
    row = filled.store.referrals.get(1)
    record_download(filled.store, "cli", row, app.state.referral_desk.packer.make(row))
    page = client.get(drafted).text
    kept = {words.by: str(words.id) for words in filled.store.referrals.downloads(1)}
    assert values(page) == [kept["reviewer:nok"], kept["cli"]]
    assert "คำสั่ง ruthan referral pack" in page
    assert send(client, drafted, token, words=kept["reviewer:nok"]).status_code == 303
    assert sent_office(filled) != "สำนักงานอื่น"


def test_a_posted_letter_is_recorded_though_the_template_is_broken_since(
    client: TestClient, filled: Any, drafted: str, token: Any, rewrite_office: Any
) -> None:
    client.get(f"{drafted}/pack")
    rewrite_office("name = ")
    assert "จึงบันทึกได้เฉพาะฉบับที่ดาวน์โหลดไว้" in client.get(drafted).text
    assert send(client, drafted, token).status_code == 303
    assert sent_office(filled)


def test_a_draft_whose_downloaded_words_were_removed_says_so(
    client: TestClient, filled: Any, drafted: str
) -> None:
    client.get(f"{drafted}/pack")
    with filled.store.database.writing() as session:
        Redactor().redact(session, session.get_one(Listing, filled.ids["worst"]), now())
    page = client.get(drafted).text
    assert 'id="as-downloaded"' not in page
    assert 'id="words-removed"' in page


def change(filled: Any) -> None:
    nok = filled.store.users.find("nok").id
    filled.store.referrals.edit(1, nok, Passages(request="โปรดดำเนินการ"))


def test_a_draft_that_changed_after_its_download_says_so_though_that_release_kept_no_words(
    client: TestClient, filled: Any, drafted: str
) -> None:
    assert STALE not in client.get(drafted).text
    download_in_earlier_release(filled)
    change(filled)
    page = client.get(drafted).text
    assert (STALE in page, values(page)) == (True, [])


def test_a_draft_that_changed_during_its_download_says_so(
    client: TestClient, app: Any, filled: Any, drafted: str
) -> None:
    row = filled.store.referrals.get(1)
    made = app.state.referral_desk.packer.make(row)
    change(filled)
    record_download(filled.store, "reviewer:nok", row, made)
    page = client.get(drafted).text
    assert (STALE in page, "ไม่ได้เก็บถ้อยคำไว้" in page, values(page)) == (True, False, [])


class Renderer(PictureRenderer):
    """Draws pictures, but raises these errors; by the pictures' hashes, which it keeps as they are asked for."""

    def __init__(self, **errors: Exception) -> None:
        super().__init__()
        self.errors, self.asked = errors, list[str]()

    def render(self, content: bytes, *more: Any, **others: Any) -> bytes:
        digest = sha256(content).hexdigest()
        self.asked.append(digest)
        if digest in self.errors:
            raise self.errors[digest]
        return super().render(content, *more, **others)


def refer(client: TestClient, token: Any, listing: int) -> str:
    """Make a draft about a decided case; returns its address."""
    page = client.get(f"/cases/{listing}").text
    review = re.search(r'name="review" value="(\d+)"', page)
    assert review
    form = {"csrf": token(page), "review": review[1], "recipient": "consumer_police", "province": ""}
    return str(client.post(f"/cases/{listing}/referrals", data=form).headers["location"])


@pytest.mark.parametrize("gone_later", [False, True])
def test_a_picture_that_cannot_be_drawn_is_named_as_such_where_it_makes_a_difference(
    client: TestClient,
    app: Any,
    filled: Any,
    drafted: str,
    settings: Any,
    assess: Any,
    decide: Any,
    token: Any,
    gone_later: bool,
) -> None:
    case = add_picture_case(filled, settings, assess)
    made = decide(case.listing, "prohibited", {1: "confirm"}, tick="cosmetic-act-41")
    assert made.status_code == 303
    where = refer(client, token, case.listing)
    packer = app.state.referral_desk.packer
    if not gone_later:
        packer._renderer = Renderer(**{case.sha256: DAMAGED})
    client.get(f"{where}/pack")
    if gone_later:
        packer.pictures.remove(case.sha256)
    page = client.get(where).text
    assert (UNDRAWN in page, "แม่แบบหรือข้อกฎหมายในระบบเปลี่ยน" in page) == (gone_later, False)
    assert (values(page) == []) is not gone_later


@pytest.mark.usefixtures("drafted")
def test_only_the_download_that_differs_in_pictures_alone_is_said_to(
    client: TestClient,
    app: Any,
    filled: Any,
    settings: Any,
    assess: Any,
    decide: Any,
    token: Any,
    rewrite_office: Any,
) -> None:
    case = add_picture_case(filled, settings, assess)
    assert decide(case.listing, "prohibited", {1: "confirm"}, tick="cosmetic-act-41").status_code == 303
    where = refer(client, token, case.listing)
    app.state.referral_desk.packer._renderer = Renderer(**{case.sha256: DAMAGED})
    for name in ("สำนักงานอื่น", "สำนักงานนี้"):
        rewrite_office(f'name = "{name}"')
        client.get(f"{where}/pack")
    app.state.referral_desk.packer._renderer = Renderer()
    page = client.get(where).text
    assert len(values(page)) == 3
    assert (UNDRAWN in page, "แม่แบบหรือข้อกฎหมายในระบบเปลี่ยน" in page) == (False, True)
    assert page.count("ต่างจากฉบับปัจจุบันเฉพาะภาพประกอบ") == 1


@pytest.mark.usefixtures("drafted")
def test_only_a_picture_that_the_download_lacks_is_drawn_for_the_question(
    client: TestClient, app: Any, filled: Any, settings: Any, assess: Any, token: Any
) -> None:
    case, packer = add_picture_case(filled, settings, assess), app.state.referral_desk.packer
    file = BytesIO()
    Image.new("RGB", (400, 300), "white").save(file, "PNG")
    other = packer.pictures.put(file.getvalue())
    found = filled.store.assessments.get(case.assessment).shape()
    two = [found.pictures[0], found.pictures[0].model_copy(update={"sha256": other})]
    row = filled.store.assessments.record(case.listing, found.model_copy(update={"pictures": two}))
    nok = filled.store.users.find("nok").id
    law = {"cosmetic-act-41": True}
    filled.store.reviews.record(row, nok, Decision("prohibited", (0, 1), law_choices=law))
    where = refer(client, token, case.listing)
    packer._renderer = renderer = Renderer(**{other: DAMAGED})
    client.get(f"{where}/pack")
    assert renderer.asked == [case.sha256, other]
    renderer.asked.clear()
    assert values(client.get(where).text) == []
    assert renderer.asked == [other]
    # Whatever the renderer raises, the sending can be recorded.
    renderer.errors[other] = RuntimeError("no more processes")
    page = client.get(where)
    assert (page.status_code, UNDRAWN in page.text, len(values(page.text))) == (200, True, 2)
