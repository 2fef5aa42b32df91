"""Pictures in public warnings: chosen by the lead one by one, and served from the copy that was published."""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from inference.contacts import find_contacts
from labels.pictured import AssessedPicture, PictureLine, PictureStatus
from labels.schema import Contact, ContactKind
from labels.taxonomy import ClaimLabel, Verdict
from service.console.alerts import desk
from service.console.alerts.pictures import OfferedPicture, _contacts, chosen_words, pictures_to_publish
from service.console.core.headers import CONTENT_SECURITY_POLICY
from service.settings import Settings
from service.store.alerts.pictures import NewAlertPicture
from service.store.audit.trail import AuditFilter
from service.store.pictures.files import PictureFiles
from service.store.tables.core_tables import AssessmentRow, Role
from service.text.quoting import reading_of
from tests.service.console.pictured import LINES, PictureCase, add_picture_case

TEXTS = {"title": "เตือนประชาชน: โฆษณาครีมตัวอย่าง", "text": "ห้ามซื้อ\n- อ้างว่ารักษาโรค"}


def striped() -> Image.Image:
    image = Image.new("L", (800, 600), 255)
    for x in range(0, 800, 8):
        image.paste(0, (x, 0, x + 4, 600))
    return image


@pytest.fixture
def picture_case(
    request: pytest.FixtureRequest, office: Any, settings: Settings, assess: Callable[..., Any]
) -> PictureCase:
    """A case with a white picture, or with the one that a test gives."""
    return add_picture_case(office, settings, assess, image=getattr(request, "param", None))


@pytest.fixture
def decided(picture_case: Any, decide: Callable[..., Any], become: Any) -> Any:
    """A case decided for words in its picture; the reviewer is a lead."""
    become(Role.LEAD)
    answer = decide(picture_case.listing, Verdict.PROHIBITED, {1: "confirm"}, tick="cosmetic-act-41")
    assert answer.status_code == 303
    return picture_case


@pytest.fixture
def publish(client: TestClient, decided: Any, token: Callable[[str], str]) -> Callable[..., Any]:
    """Sends the draft with some ticks."""

    def send(deed: str = "publish", **ticks: str) -> Any:
        page = client.get(f"/cases/{decided.listing}/alert").text
        review = re.search(r'name="review" value="(\d+)"', page)
        read = re.search(r'name="law_checked" value="([^"]+)"', page)
        assert review
        fields = {"csrf": token(page), "review": review[1], "deed": deed} | TEXTS | ticks
        return client.post(
            f"/cases/{decided.listing}/alert", data=fields | ({"law_checked": read[1]} if read else {})
        )

    return send


def shown(page: str) -> list[str]:
    return re.findall(r'<img src="(/alerts/[^"]+\.jpg)"', page)


def public_page(client: TestClient, office: Any) -> tuple[str, str]:
    alert = office.store.alerts.get(1)
    where = f"/alerts/0001-{alert.year}"
    return where, client.get(where).text


def test_a_chosen_picture_is_published_with_its_marked_words_and_gone_with_the_warning(
    client: TestClient, office: Any, decided: Any, publish: Callable[..., Any], settings: Settings
) -> None:
    draft = client.get(f"/cases/{decided.listing}/alert").text
    assert re.findall(r'name="(?:picture|blur)" value="([^"]+)"([^>]*)>', draft) == [(decided.sha256, "")] * 2
    seen = client.get(f"/cases/{decided.listing}/alert/pictures/{decided.sha256}/clear")
    assert seen.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert seen.headers["cache-control"] == "no-store"
    assert publish(picture=decided.sha256).status_code == 303
    client.cookies.clear()
    where, page = public_page(client, office)
    (address,) = shown(page)
    assert "รักษาสิวหายขาด ใน 7 วัน" in page
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.content == seen.content
    assert address == f"{where}/pictures/{sha256(answer.content).hexdigest()}.jpg"
    image = Image.open(BytesIO(answer.content))
    assert image.size == (800, 600)
    red, green, _ = image.getpixel((78, 240))  # type: ignore[misc]
    assert red - green > 60
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert "set-cookie" not in answer.headers
    assert client.get(address, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert client.get(f"{where}/pictures/{decided.sha256}.jpg").status_code == 404
    (entry,) = office.store.audit.search(AuditFilter(listing=decided.listing, actions=["alert.*"]), 10)
    digest = address.rpartition("/")[2].removesuffix(".jpg")
    assert entry.detail["pictures"] == [
        {"picture": decided.sha256, "published_sha256": digest, "blurred": False}
    ]
    PictureFiles(settings.pictures.folder).remove(decided.sha256)
    assert client.get(address).status_code == 200
    office.store.alerts.withdraw(1, office.store.users.find("nok").id, "ตรวจใหม่แล้ว")
    assert client.get(address).status_code == 404
    assert shown(public_page(client, office)[1]) == []


def test_the_lead_takes_a_published_picture_back(
    client: TestClient, office: Any, decided: Any, publish: Callable[..., Any], token: Any
) -> None:
    publish(picture=decided.sha256)
    where, page = public_page(client, office)
    (address,) = shown(page)
    assert client.get(address).status_code == 200
    form = client.get("/alert-desk/1/correct").text
    (digest,) = re.findall(r'name="taken_back" value="([^"]+)">', form)
    alert = office.store.alerts.get(1)
    fields = {"title": alert.title, "text": alert.text, "what": "นำภาพออก", "seen": "0", "taken_back": digest}
    fields["csrf"] = token(form)
    checked = client.post("/alert-desk/1/correct", data=fields | {"deed": "check"})
    assert f'value="{digest}" checked>' in checked.text
    assert client.post("/alert-desk/1/correct", data=fields | {"deed": "publish"}).status_code == 303
    assert client.get(address).status_code == 404
    page = client.get(where).text
    assert shown(page) == []
    assert "นำภาพออก" in page
    assert "ข้อความไม่เปลี่ยน" in client.get("/alert-desk/1").text
    assert "taken_back" not in client.get("/alert-desk/1/correct").text


def test_a_picture_without_a_tick_is_not_published(
    client: TestClient, office: Any, decided: Any, publish: Callable[..., Any]
) -> None:
    checked = publish("check", blur=decided.sha256)
    assert re.findall(r'name="(picture|blur)" value="[^"]+"( checked)?>', checked.text) == [
        ("picture", ""),
        ("blur", " checked"),
    ]
    assert publish(blur=decided.sha256).status_code == 303
    where, page = public_page(client, office)
    assert shown(page) == []
    (entry,) = office.store.audit.search(AuditFilter(listing=decided.listing, actions=["alert.*"]), 10)
    assert "pictures" not in entry.detail
    assert client.get(f"{where}/pictures/{decided.sha256}.jpg").status_code == 404


@pytest.mark.parametrize("picture_case", [striped()], indirect=True, ids=["striped"])
def test_a_blurred_picture_shows_the_marked_words_and_nothing_else(
    client: TestClient, office: Any, decided: Any, publish: Callable[..., Any]
) -> None:
    assert publish(picture=decided.sha256, blur=decided.sha256).status_code == 303
    _, page = public_page(client, office)
    (address,) = shown(page)
    assert "เบลอส่วนนอกกรอบ" in page
    image = Image.open(BytesIO(client.get(address).content)).convert("L")

    def contrast(box: tuple[int, int, int, int]) -> int:
        low, high = image.crop(box).getextrema()
        return int(high - low)  # type: ignore[operator]

    assert contrast((200, 220, 400, 270)) > 200
    assert contrast((200, 500, 400, 560)) < 30


def test_contacts_read_in_a_picture_are_painted_over(
    client: TestClient, office: Any, decided: Any, settings: Settings
) -> None:
    with office.store.database.writing() as session:
        row = session.get_one(AssessmentRow, decided.assessment)
        contact = Contact(start=0, end=len(LINES[0]), kind=ContactKind.LINE_ID, value="x")
        content = deepcopy(row.content)
        content["pictures"][0]["contacts"] = [contact.model_dump(mode="json")]
        row.content = content
    answer = client.get(f"/cases/{decided.listing}/alert/pictures/{decided.sha256}/clear")
    image = Image.open(BytesIO(answer.content)).convert("L")
    assert image.getpixel((300, 125)) < 120  # type: ignore[operator]
    assert image.getpixel((300, 500)) > 240  # type: ignore[operator]


def test_contacts_in_badly_read_lines_and_the_listings_own_are_painted_over(
    client: TestClient, office: Any, decided: Any
) -> None:
    with office.store.database.writing() as session:
        row = session.get_one(AssessmentRow, decided.assessment)
        content = deepcopy(row.content)
        own = Contact(start=0, end=1, kind=ContactKind.FACEBOOK, value="maebuashop")
        content["contacts"] = [own.model_dump(mode="json")]
        lines = content["pictures"][0]["lines"]
        lines.append({"text": "ตดตอ ไลน @herbshop99", "box": [80, 440, 600, 40], "confidence": 0.2})
        lines.append({"text": "MaeBua Shop", "box": [80, 520, 600, 40], "confidence": 0.2})
        row.content = content
    answer = client.get(f"/cases/{decided.listing}/alert/pictures/{decided.sha256}/clear")
    image = Image.open(BytesIO(answer.content)).convert("L")
    assert [image.getpixel(place) < 120 for place in ((600, 460), (300, 540), (300, 590))] == [  # type: ignore[operator]
        True,
        True,
        False,
    ]


def test_words_with_a_contact_are_refused_beside_a_picture_too(
    client: TestClient, office: Any, picture_case: Any, decide: Callable[..., Any], become: Any, token: Any
) -> None:
    become(Role.LEAD)
    words = {"read-1": "รักษาสิว ทัก 081-000-1234", "tick": "cosmetic-act-41"}
    assert decide(picture_case.listing, Verdict.PROHIBITED, {1: "confirm"}, **words).status_code == 303
    page = client.get(f"/cases/{picture_case.listing}/alert").text
    review = re.search(r'name="review" value="(\d+)"', page)
    assert review
    fields = {"csrf": token(page), "review": review[1], "deed": "check", **TEXTS}
    where = f"/cases/{picture_case.listing}/alert"
    assert "ต้องตัดออก" not in client.post(where, data=fields).text.partition("draft-found")[2]
    assert "ต้องตัดออก" in client.post(where, data=fields | {"picture": picture_case.sha256}).text


def test_a_picture_whose_file_is_gone_stops_the_publication(
    office: Any, decided: Any, publish: Callable[..., Any], settings: Settings
) -> None:
    PictureFiles(settings.pictures.folder).remove(decided.sha256)
    answer = publish(picture=decided.sha256)
    assert answer.status_code == 422
    assert "เปิดแฟ้มของภาพที่เลือกไม่ได้" in answer.text
    assert office.store.alerts.get(1) is None


def test_a_picture_whose_file_was_changed_stops_the_publication(
    client: TestClient, office: Any, decided: Any, publish: Callable[..., Any], settings: Settings
) -> None:
    striped().save(PictureFiles(settings.pictures.folder).path(decided.sha256), "PNG")
    assert client.get(f"/cases/{decided.listing}/alert/pictures/{decided.sha256}/clear").status_code == 422
    answer = publish(picture=decided.sha256)
    assert answer.status_code == 422
    assert "เปิดแฟ้มของภาพที่เลือกไม่ได้" in answer.text
    assert office.store.alerts.get(1) is None


def test_only_those_who_publish_see_how_a_picture_would_look(
    client: TestClient, decided: Any, become: Any
) -> None:
    where = f"/cases/{decided.listing}/alert/pictures/{decided.sha256}"
    assert client.get(f"{where}/whole").status_code == 404
    assert client.get(where.replace(decided.sha256, "f" * 64) + "/clear").status_code == 404
    become(Role.REVIEWER)
    assert client.get(f"{where}/clear").status_code == 403


def test_words_in_a_picture_are_published_with_their_reading_and_searched_as_written() -> None:
    written = "ล ด น้ำ ห นั ก\u202e"
    label = ClaimLabel.WEIGHT_LOSS.value
    offered = OfferedPicture("0" * 64, [{"text": written, "label": label}], [], chosen=True)
    shown = "ล ด น้ำ ห นั ก[อักขระที่มองไม่เห็น U+202E]"
    assert offered.words == [{"text": shown, "reading": "ลดน้ำหนัก", "label": label}]
    assert chosen_words([offered]) == f"{written}\nลดน้ำหนัก"


def test_marked_words_stand_whole_beside_a_picture(
    client: TestClient, office: Any, picture_case: Any, decide: Callable[..., Any], become: Any, token: Any
) -> None:
    become(Role.LEAD)
    written = " ".join(["ล ด น้ำ ห นั ก ผอมเร็ว"] * 30)
    plain = reading_of(written, 2000)
    assert len(plain) > 400
    words = {"read-1": written, "tick": "cosmetic-act-41"}
    assert decide(picture_case.listing, Verdict.PROHIBITED, {1: "confirm"}, **words).status_code == 303
    where = f"/cases/{picture_case.listing}/alert"
    page = client.get(where).text
    assert f"<bdi>{written}</bdi> (อ่านว่า “<bdi>{plain}</bdi>”)" in page


def test_a_contact_over_two_lines_of_a_picture_is_searched_as_it_is_published() -> None:
    claim = {"text": "ลดน้ำหนัก ไลน์ไอดี\nexample99", "label": ClaimLabel.WEIGHT_LOSS.value}
    offered = OfferedPicture("0" * 64, [claim], [], chosen=True)
    assert offered.words[0]["text"] in chosen_words([offered])
    assert find_contacts(chosen_words([offered]))


def test_pictures_that_were_published_without_readings_are_shown(
    client: TestClient,
    office: Any,
    decided: Any,
    publish: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def as_before(*given: Any) -> list[NewAlertPicture]:
        made = pictures_to_publish(*given)
        return [replace(x, words=[{"text": "รักษาสิวหายขาด", "label": "disease_claim"}]) for x in made]

    monkeypatch.setattr(desk, "pictures_to_publish", as_before)
    assert publish(picture=decided.sha256).status_code == 303
    assert client.get("/alert-desk/1").status_code == 200
    client.cookies.clear()
    assert "รักษาสิวหายขาด" in public_page(client, office)[1]


@pytest.mark.parametrize("words", [("สนใจโทร 081-234-", "5678"), ("Line ID :", "slimfast99")])
def test_a_contact_that_is_broken_over_two_lines_is_covered(words: tuple[str, str]) -> None:
    boxes = [(80, 80, 600, 90), (80, 200, 300, 90)]
    lines = [PictureLine(text=text, box=box, confidence=0.95) for text, box in zip(words, boxes, strict=True)]
    picture = AssessedPicture(status=PictureStatus.READ, lines=lines)
    covered = _contacts(picture, [])
    assert any(y == 200 and x <= 80 and x + width >= 300 for x, y, width, _ in covered)
