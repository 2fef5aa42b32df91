"""Pictures on the case page come from our own store; their words are decided like those of the text."""

import re
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from labels.pictured import PictureStatus
from labels.taxonomy import ClaimLabel, Verdict
from service.console.pictures.copies import PictureCopies
from service.console.pictures.viewer import ViewedPicture
from service.settings import Settings
from service.store.cases.reviews import Decision
from service.store.pictures.files import PictureFiles
from service.store.pictures.repository import NewPicture, ShownPicture
from service.store.pictures.tables import ListingPicture, Picture
from service.store.tables.core_tables import Role
from tests.helpers.stored import add_pictures

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 640, 480, 8, 2, 0, 0, 0)


def test_the_page_shows_the_picture_with_boxes_and_never_loads_from_the_seller(
    client: TestClient, picture_case: Any
) -> None:
    page = client.get(f"/cases/{picture_case.listing}").text
    assert (
        f'src="/cases/{picture_case.listing}/pictures/{picture_case.sha256}/view" width="800" height="600"'
        in page
    )
    assert page.count('<a class="box ') == 2
    assert '<rect x="80" y="200" width="500" height="90">' in page
    assert not re.search(r'src="(?:https?:)?//', page)
    assert "ในภาพที่ 1" in page
    assert f"/cases/{picture_case.listing}/pictures/{picture_case.sha256}/thumb" in client.get("/queue").text


def test_the_queue_finds_a_case_by_the_label_of_words_in_its_picture(
    client: TestClient, picture_case: Any
) -> None:
    where = f"/cases/{picture_case.listing}?"
    found = client.get(f"/queue?label={ClaimLabel.DISEASE.value}").text
    assert where in found
    assert "รักษาสิวหายขาด" in found
    assert where not in client.get(f"/queue?label={ClaimLabel.TESTIMONIAL.value}").text


def test_a_copy_is_bounded_and_inert(client: TestClient, picture_case: Any) -> None:
    answer = client.get(f"/cases/{picture_case.listing}/pictures/{picture_case.sha256}/thumb")
    assert answer.status_code == 200
    assert Image.open(BytesIO(answer.content)).size == (160, 120)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "private, max-age=600"


def test_a_picture_is_served_only_with_its_own_case_and_to_reviewers(
    client: TestClient, office: Any, picture_case: Any, become: Any, settings: Settings
) -> None:
    where = f"/cases/{picture_case.listing}/pictures/{picture_case.sha256}/view"
    assert (
        client.get(where.replace(f"/{picture_case.listing}/", f"/{picture_case.listing + 1}/")).status_code
        == 404
    )
    assert client.get(where.replace("/view", "/whole")).status_code == 404
    files = PictureFiles(settings.pictures.folder)
    page = f"/cases/{picture_case.listing}"
    assert "แสดงภาพนี้ไม่ได้" not in client.get(page).text
    file = BytesIO()
    Image.new("RGB", (800, 600), "black").save(file, "PNG")
    files.path(picture_case.sha256).write_bytes(file.getvalue())
    changed = client.get(where)
    assert changed.status_code == 422
    assert "ไม่ตรงกับค่าแฮชที่บันทึกไว้" in changed.text
    assert "แสดงภาพนี้ไม่ได้ ไฟล์ภาพในโฟลเดอร์ภาพไม่ตรงกับค่าแฮช" in client.get(page).text
    files.remove(picture_case.sha256)
    assert "แสดงภาพนี้ไม่ได้ ไม่พบไฟล์ภาพ" in client.get(page).text
    missing = client.get(where)
    assert missing.status_code == 404
    assert "RUTHAN_PICTURES_FOLDER" in missing.text
    become(Role.INTEGRATOR)
    assert client.get(where).status_code == 403
    client.cookies.clear()
    assert client.get(where).status_code == 303


def test_a_claim_over_two_lines_that_nobody_corrected_is_recorded_as_read(
    client: TestClient, office: Any, picture_case: Any, decide: Any
) -> None:
    page = client.get(f"/cases/{picture_case.listing}").text
    shown = re.search(r'<textarea name="read-1"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert shown
    unchanged = {"read-1": shown[1].replace("\n", "\r\n"), "tick": "cosmetic-act-41"}
    assert decide(picture_case.listing, Verdict.PROHIBITED, {1: "confirm"}, **unchanged).status_code == 303
    (claim,) = office.store.reviews.history(picture_case.listing)[0].review.confirmed_claims
    assert (claim["text"], "read" in claim) == ("รักษาสิวหายขาด\nใน 7 วัน", False)


def test_a_confirmed_claim_of_a_picture_is_recorded_with_hash_boxes_and_corrected_words(
    client: TestClient, office: Any, picture_case: Any, decide: Any
) -> None:
    answer = decide(
        picture_case.listing,
        Verdict.PROHIBITED,
        {1: "confirm"},
        **{"read-1": "รักษาสิวให้หายขาด ใน 7 วัน", "tick": "cosmetic-act-41"},
    )
    assert answer.status_code == 303
    (past,) = office.store.reviews.history(picture_case.listing)
    (claim,) = past.review.confirmed_claims
    assert claim["picture"] == picture_case.sha256
    assert claim["boxes"] == [[80, 200, 500, 90], [80, 320, 300, 90]]
    assert claim["text"] == "รักษาสิวให้หายขาด ใน 7 วัน"
    assert claim["read"] == "รักษาสิวหายขาด\nใน 7 วัน"
    again = client.get(f"/cases/{picture_case.listing}").text
    assert "รักษาสิวให้หายขาด ใน 7 วัน</textarea>" in again


@pytest.mark.parametrize("near", ["", "picture"])
def test_words_of_a_picture_that_the_machine_missed_can_be_added(
    office: Any, picture_case: Any, decide: Any, near: str
) -> None:
    sha256 = picture_case.sha256
    fields = {
        "words": "ครีมสมุนไพรแม่บัว",
        "words-label": ClaimLabel.ABSOLUTE.value,
        "words-picture": sha256 if near else "",
    }
    answer = decide(picture_case.listing, "", add="1", **fields)
    assert f'name="added" value="{sha256}:0:17:{fields["words-label"]}" checked' in answer.text
    answer = decide(
        picture_case.listing,
        Verdict.PROHIBITED,
        {1: "reject"},
        added=f"{sha256}:0:17:{fields['words-label']}",
    )
    assert answer.status_code == 303
    (past,) = office.store.reviews.history(picture_case.listing)
    (added,) = past.review.added_claims
    assert (added["picture"], added["text"], added["boxes"]) == (
        sha256,
        "ครีมสมุนไพรแม่บัว",
        [[80, 80, 600, 90]],
    )
    assert len(past.review.rejected_claims) == 1


def test_pictures_are_blurred_where_the_setting_says_so(
    client: TestClient, app: Any, picture_case: Any
) -> None:
    assert "data-blur checked" not in client.get(f"/cases/{picture_case.listing}").text
    object.__setattr__(app.state.console, "blurs_pictures", True)
    assert "data-blur checked" in client.get(f"/cases/{picture_case.listing}").text
    assert 'class="thumbs blurred"' in client.get("/queue").text


def test_the_page_says_which_pictures_changed_since_the_decision(
    client: TestClient, picture_case: Any, office: Any
) -> None:
    assert "changed-pictures" not in client.get(f"/cases/{picture_case.listing}").text
    nok = office.store.users.find("nok").id
    office.store.reviews.record(picture_case.assessment, nok, Decision(Verdict.PROHIBITED.value, (0,)))
    new = NewPicture("f" * 64, "image/png", 300, 200, 1000)
    add_pictures(office.store, picture_case.listing, [new])
    page = client.get(f"/cases/{picture_case.listing}").text
    (told,) = re.findall(r'id="changed-pictures">([^<]+)<', page)
    assert told.startswith("ภาพของโฆษณาเปลี่ยนไปจากที่ใช้ตัดสิน ภาพใหม่: ภาพที่ 1 ไม่แสดงแล้ว: ภาพที่ 2")
    assert f"/cases/{picture_case.listing}?" in client.get("/queue?state=waiting").text


def test_the_page_names_a_changed_file_of_which_the_queue_showed_a_small_copy(
    client: TestClient, picture_case: Any, settings: Settings
) -> None:
    page = f"/cases/{picture_case.listing}"
    assert client.get(f"{page}/pictures/{picture_case.sha256}/thumb").status_code == 200
    PictureFiles(settings.pictures.folder).path(picture_case.sha256).write_bytes(PNG)
    assert client.get(f"{page}/pictures/{picture_case.sha256}/view").status_code == 422
    assert "แสดงภาพนี้ไม่ได้ ไฟล์ภาพในโฟลเดอร์ภาพไม่ตรงกับค่าแฮช" in client.get(page).text


def test_a_file_is_read_again_only_when_it_was_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, reads = PictureFiles(tmp_path), []
    digest, read = files.put(PNG), files.read

    def counted(wanted: str) -> bytes:
        reads.append(wanted)
        return read(wanted)

    monkeypatch.setattr(files, "read", counted)
    copies = PictureCopies(files)
    assert [copies.lack(digest), copies.lack(digest), reads] == [None, None, [digest]]
    for damaged, code in ((PNG + b" ", "picture_file_changed"), (None, "picture_file_missing")):
        files.path(digest).unlink() if damaged is None else files.path(digest).write_bytes(damaged)
        error = copies.lack(digest)
        assert error is not None
        assert error.code == code
    files.path(digest).write_bytes(PNG)
    assert copies.lack(digest) is None


def test_each_assessment_says_which_pictures_it_saw(
    client: TestClient, office: Any, picture_case: Any
) -> None:
    store, where = office.store, f"/cases/{picture_case.listing}"
    assert 'id="past-assessments"' not in client.get(where).text
    other = NewPicture("e" * 64, "image/png", 640, 480, len(PNG), None)
    add_pictures(store, picture_case.listing, [other])
    row = store.listings.get(picture_case.listing)
    assert row.assessed_by is None, "the pictures changed: it waits to be assessed again"
    made = store.assessments.get(row.assessment_id).shape()
    waiting = made.pictures[0].model_copy(
        update={"sha256": "e" * 64, "status": PictureStatus.WAITING, "claims": [], "lines": []}
    )
    again = made.model_copy(update={"pictures": [waiting], "verdict": Verdict.CLEAR})
    store.assessments.record(picture_case.listing, again, pictures_key=row.pictures_key)
    listed = client.get(where).text.partition('id="past-assessments"')[2].partition("</details>")[0]
    newest, oldest = re.findall(r"<li[^>]*>(.*?)</li>", listed, re.DOTALL)
    assert "ยังไม่ได้อ่านภาพที่ 1" in newest
    assert "ผลปัจจุบัน" in newest
    assert "· ภาพที่ 2" in oldest
    assert "ผลปัจจุบัน" not in oldest


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("picture_too_many_pixels", "9,000 × 8,000"),
        ("picture_too_slow", "60 วินาที"),
        ("picture_damaged", "โปรดดึงภาพใหม่"),
        ("a code of an older version", "โปรดอ่านภาพด้วยตนเอง"),
    ],
)
def test_a_picture_that_was_not_read_says_why_and_what_to_do(code: str, told: str) -> None:
    picture = Picture(sha256="a" * 64, width=9000, height=8000, bytes=100, failure=code)
    viewed = ViewedPicture(1, ShownPicture(picture, ListingPicture()), (), ())
    assert told in viewed.failure
