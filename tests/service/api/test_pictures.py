"""Pictures in requests: read and assessed immediately, or stored for the worker."""

import errno
import json
import os
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.pictured import PicturedAssessment
from service.answers.checks import Assessments, DraftChecks
from service.application import create_app
from service.inference_pool.assessor import load_assessor
from service.pictures.reading import PictureReading
from service.running import worker
from service.settings import Settings
from service.store import Store
from service.store.pictures.files import PictureFiles
from service.store.tables.api_tables import Scope
from tests.helpers.stored import assessments_of

Key = Callable[..., dict[str, str]]
WORDS = "รักษาเบาหวาน"
CLEAN = "แคปซูล 590 บาท"
TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"


@pytest.fixture
def sent(picture: Callable[[int], bytes]) -> Callable[[int], dict[str, str]]:
    return lambda number: {"data": b64encode(picture(number)).decode()}


def listing(*images: Any, text: str = CLEAN) -> dict[str, Any]:
    return {"id": "1", "text": text, "images": list(images)}


def test_words_of_a_picture_make_the_verdict_and_have_their_place(
    client: TestClient, key: Key, shelf: Any, sent: Any
) -> None:
    client.app.state.pictures = shelf("แคปซูล", WORDS)  # type: ignore[attr-defined]
    body = {"listings": [listing(sent(0), sent(1), "https://shop.example/1.png"), {"id": "2", "text": CLEAN}]}
    answer = client.post("/v1/classify", json=body, headers=key()).json()
    first, second = Assessments.model_validate(answer).assessments
    assert isinstance(first, PicturedAssessment)
    assert (first.verdict, first.claims) == ("prohibited", [])
    assert [picture.status for picture in first.pictures] == ["read", "read"]
    assert len({picture.sha256 for picture in first.pictures}) == 2
    (claim,) = first.pictures[1].claims
    assert (claim.text, claim.boxes) == (WORDS, [(20, 10, 360, 40)])
    assert "only_in_picture" in {finding.code for finding in first.findings}
    assert "pictures" not in answer["assessments"][1]
    assert second.verdict == "clear"


def test_a_draft_is_not_ready_while_its_picture_has_a_claim(
    client: TestClient, key: Key, shelf: Any, sent: Any
) -> None:
    client.app.state.pictures = shelf(WORDS)  # type: ignore[attr-defined]
    answer = client.post("/v1/check", json={"listings": [listing(sent(0))]}, headers=key()).json()
    (check,) = DraftChecks.model_validate(answer).checks
    assert not check.publishable
    (advice,) = check.advice
    assert (advice.text, advice.picture, advice.boxes) == (WORDS, 0, [(20, 10, 360, 40)])


@pytest.mark.parametrize(
    "blank",
    [
        {"text": ""},
        {"text": None},
        {"text": "   "},
        {"text": "\u200b"},
        {"text": "\ufeff"},
        {"title": "", "description": None},
    ],
    ids=["empty", "null", "spaces", "zero width", "byte order mark", "parts"],
)
def test_an_empty_draft_may_not_be_published_but_words_in_its_picture_are_checked(
    settings: Settings, shelf: Any, sent: Any, blank: dict[str, Any]
) -> None:
    tiny = settings.changed({"model.bundle": TINY})
    with TestClient(create_app(tiny, load_assessor(tiny))) as client:
        token = client.app.state.store.api_keys.create("a", [Scope.CLASSIFY]).token  # type: ignore[attr-defined]
        for images, words, has_text in (
            ([], [], False),
            ([sent(0)], [], False),
            ([sent(0)], [""], False),
            ([sent(0)], ["เสื้อยืด 199 บาท"], True),
        ):
            client.app.state.pictures = shelf(*words)  # type: ignore[attr-defined]
            body = {"listings": [{"id": "1", "images": images, **blank}]}
            answer = client.post("/v1/check", json=body, headers={"X-API-Key": token}).json()
            (check,) = DraftChecks.model_validate(answer).checks
            assert ("ไม่มีข้อความที่อ่านได้" in check.thai) is not has_text, words
            assert has_text or not check.publishable, words
            assert ("ยังไม่ได้อ่านข้อความในภาพ" in check.thai) == (images != [] and words == []), words


def test_a_picture_that_cannot_be_read_is_named_and_changes_nothing_else(
    client: TestClient, key: Key, shelf: Any, sent: Any
) -> None:
    client.app.state.pictures = shelf()  # type: ignore[attr-defined]
    bodies = [{"listings": [listing(*images)]} for images in ((), (sent(0),))]
    alone, pictured = (
        client.post("/v1/classify", json=body, headers=key()).json()["assessments"][0] for body in bodies
    )
    (picture,) = pictured.pop("pictures")
    assert picture["status"] == "unread"
    assert [finding["code"] for finding in pictured.pop("findings")] == ["picture_unread"]
    assert alone.pop("findings") == []
    assert pictured == alone


@pytest.mark.parametrize("image", [{}, {"data": "%%%"}, {"data": ""}, {"data": 7}, {"url": 7}])
def test_what_is_no_base64_is_refused_with_its_place(client: TestClient, key: Key, image: Any) -> None:
    for path in ("/v1/classify", "/v1/listings"):
        problem = client.post(path, json={"listings": [listing("u", image)]}, headers=key())
        assert problem.status_code == 422
        assert problem.json()["errors"][0]["pointer"] == "/listings/0/images/1/data"


def test_pictures_sent_as_files_of_a_form_are_those_sent_in_base64(
    client: TestClient, key: Key, shelf: Any, sent: Any, picture: Callable[[int], bytes]
) -> None:
    client.app.state.pictures = shelf("แคปซูล", WORDS)  # type: ignore[attr-defined]
    headers, other = key(), {"id": "2", "text": CLEAN}
    inside = {"listings": [listing(sent(0), sent(1)), other]}
    files = [("picture-0", ("a.png", picture(0))), ("picture-0", ("b.png", picture(1)))]
    form = {"body": json.dumps({"listings": [{"id": "1", "text": CLEAN}, other]})}
    for path in ("/v1/classify", "/v1/check"):
        expected = client.post(path, json=inside, headers=headers).json()
        assert client.post(path, data=form, files=files, headers=headers).json() == expected
    form = {"body": json.dumps({"id": "1", "text": CLEAN})}
    answer = client.post("/v1/listings", data=form, files={"picture": ("a.png", picture(0))}, headers=headers)
    assert answer.status_code == 202
    store: Store = client.app.state.store  # type: ignore[attr-defined]
    assert len(store.pictures.of_listing(answer.json()["listing_id"])) == 1


def test_a_form_that_does_not_say_whose_picture_it_has_is_refused(client: TestClient, key: Key) -> None:
    one, two = ({"listings": [{"id": str(n), "text": CLEAN} for n in range(count)]} for count in (1, 2))
    file = ("a.png", b"x")
    headers = key()
    for data, files in (
        ({}, {"picture": file}),
        ({"body": json.dumps(two)}, {"picture": file}),
        ({"body": json.dumps(one)}, {"picture-1": file}),
        ({"body": json.dumps(one)}, {"photo": file}),
        ({"body": "{"}, {"picture": file}),
        ({"body": json.dumps(one), "picture": "x"}, {"picture": file}),
    ):
        problem = client.post("/v1/classify", data=data, files=files, headers=headers)
        assert (problem.status_code, problem.json()["type"]) == (400, "urn:ruthan:problem:bad-body"), data
    broken = headers | {"Content-Type": "multipart/form-data; boundary=x"}
    problem = client.post("/v1/classify", content=b"--x\r\nno header", headers=broken)
    assert (problem.status_code, problem.json()["type"]) == (400, "urn:ruthan:problem:bad-body")


def test_the_json_of_a_form_is_read_as_strictly_as_json_alone(
    client: TestClient, key: Key, picture: Any
) -> None:
    headers, file = key(), {"picture": ("a.png", picture(0))}
    content = json.dumps({"id": "1", "text": CLEAN}, ensure_ascii=False).encode("tis-620")
    alone = client.post("/v1/listings", content=content, headers=headers).json()
    assert "not valid UTF-8" in alone["detail"]
    for kind in (None, "text/plain; charset=tis-620"):
        body: dict[str, Any] = {"body": (None, content, kind)}
        problem = client.post("/v1/listings", files=body | file, headers=headers)
        assert (problem.status_code, problem.json()["detail"]) == (400, alone["detail"])


@pytest.mark.parametrize(
    ("images", "place"),
    [
        (["https://shop.example/1.png", "data:image/png;base64,iVBO"], "/1"),
        ([{"data": "iVBO"}, " DATA:image/png;base64,iVBO"], "/1"),
        ([{"url": "data:image/png;base64,iVBO"}], "/0/url"),
        ("data:image/png;base64,iVBO", ""),
    ],
    ids=["text", "capitals", "object", "alone"],
)
def test_a_picture_in_an_address_is_refused_since_it_would_not_be_read(
    client: TestClient, key: Key, images: Any, place: str
) -> None:
    for path in ("/v1/classify", "/v1/check", "/v1/listings"):
        body = {"listings": [listing() | {"images": images}]}
        problem = client.post(path, json=body, headers=key())
        assert (problem.status_code, problem.json()["type"]) == (422, "urn:ruthan:problem:bad-listing")
        assert problem.json()["errors"][0]["pointer"] == f"/listings/0/images{place}"
        assert "without a prefix" in problem.json()["detail"]


def test_too_many_pictures_are_refused(client: TestClient, key: Key, sent: Any) -> None:
    body = {"listings": [listing(*[sent(0)] * 21)]}
    assert client.post("/v1/classify", json=body, headers=key()).status_code == 413


def test_pictures_handed_in_are_kept_once_and_read_by_the_worker(
    client: TestClient, key: Key, shelf: Any, sent: Any, api_store: Store, settings: Settings, assessor: Any
) -> None:
    headers = key()
    made = [client.post("/v1/listings", json=listing(sent(0)), headers=headers).json() for _ in range(2)]
    assert [answer["status"] for answer in made] == ["new", "unchanged"]
    number = made[0]["listing_id"]
    (shown,) = api_store.pictures.of_listing(number)
    assert len(PictureFiles(settings.pictures.folder).read(shown.picture.sha256)) == shown.picture.bytes
    assert (shown.picture.media_type, shown.picture.width) == ("image/png", 20)
    worker.run(api_store, assessor, once=True, pictures=PictureReading(api_store, shelf(WORDS), settings))
    found = client.get(f"/v1/listings/{number}", headers=headers).json()
    assert found["verdict"] == "prohibited"
    assert found["assessment"]["pictures"][0]["claims"][0]["text"] == WORDS
    assert client.post("/v1/listings", json=listing(sent(1)), headers=headers).json()["status"] == "changed"
    silent = {key: value for key, value in listing().items() if key != "images"}
    for body in (silent, listing("https://shop.example/1.png")):
        assert client.post("/v1/listings", json=body, headers=headers).json()["status"] == "unchanged"
    assert len(api_store.pictures.of_listing(number)) == 1


def test_a_listing_that_says_it_has_no_pictures_any_more_is_assessed_without_them(
    client: TestClient, key: Key, shelf: Any, sent: Any, api_store: Store, settings: Settings, assessor: Any
) -> None:
    headers = key()

    def submit(images: Any, several: bool = False) -> tuple[str, int, str, list[str]]:
        one = listing() | {"images": images}
        body = {"listings": [one]} if several else one
        answer = client.post("/v1/listings", json=body, headers=headers).json()
        made = answer["listings"][0] if several else answer
        worker.run(api_store, assessor, once=True, pictures=PictureReading(api_store, shelf(WORDS), settings))
        found = client.get(f"/v1/listings/{made['listing_id']}", headers=headers).json()
        shown = [picture["status"] for picture in found["assessment"].get("pictures", [])]
        return made["status"], made["listing_id"], found["verdict"], shown

    _, number, *seen = submit([sent(0)])
    assert seen == ["prohibited", ["read"]]
    unsaid: tuple[list[Any] | None, ...] = ([], None)
    for nothing in unsaid:
        for several in (False, True):
            assert submit(nothing, several) == ("unchanged", number, "prohibited", ["read"]), nothing
    assert submit("none") == ("changed", number, "clear", [])
    assert submit("none") == ("unchanged", number, "clear", [])
    assert submit([sent(0)]) == ("changed", number, "prohibited", ["read"])
    assert submit("none", several=True) == ("changed", number, "clear", [])
    assert len(assessments_of(api_store, number)) == 3  # that with the picture before and after reading it
    stored = api_store.listings.get(number)
    assert stored is not None
    assert "images" not in stored.extra


@pytest.mark.parametrize("none", ["none", ["none"], [{"url": "none"}]], ids=["word", "list", "object"])
def test_a_listing_that_says_it_has_no_pictures_any_more_loses_their_addresses(
    client: TestClient, key: Key, none: Any
) -> None:
    headers, url, cell = key(), "https://shop.example/1.png", "https://shop.example/2.png|b.png"

    def submit(images: Any) -> tuple[list[str], Any]:
        answer = client.post("/v1/listings", json=listing() | {"images": images}, headers=headers)
        found = client.get(answer.headers["location"], headers=headers).json()
        return found["images"], found["extra"].get("images")

    assert submit([url]) == ([url], None)
    assert [submit([])[0], submit(None)[0]] == [[url], [url]]
    assert submit(none) == ([], None)
    assert submit(cell) == ([], cell)
    assert submit(none) == ([], None)


def test_a_file_that_is_no_picture_is_not_handed_in(client: TestClient, key: Key, settings: Settings) -> None:
    body = listing({"data": b64encode(json.dumps("text").encode()).decode()})
    problem = client.post("/v1/listings", json=body, headers=key())
    assert problem.status_code == 422
    assert "JPEG" in problem.json()["detail"]
    assert not settings.pictures.folder.exists()


@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOSPC, "รูปภาพเต็ม"), (errno.EACCES, "เขียนโฟลเดอร์สำหรับรูปภาพไม่ได้")]
)
def test_a_picture_that_cannot_be_stored_refuses_the_listing_and_says_why(
    client: TestClient, key: Key, sent: Any, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(code, os.strerror(code), "/secret/path")

    headers = key() | {"Idempotency-Key": "one"}
    with monkeypatch.context() as patched:
        patched.setattr("service.store.pictures.files.write_whole", refuse)
        answer = client.post("/v1/listings", json=listing(sent(0)), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (507, "urn:ruthan:problem:no-room")
    assert (said in answer.json()["detail_th"], "/secret" in answer.text) == (True, False)
    assert answer.headers["retry-after"] == "300"
    assert client.post("/v1/listings", json=listing(sent(0)), headers=headers).json()["status"] == "new"


def test_pictures_in_the_shapes_that_programs_send(
    client: TestClient, key: Key, shelf: Any, sent: Any
) -> None:
    client.app.state.pictures = shelf(WORDS)  # type: ignore[attr-defined]
    headers, url = key(), "https://shop.example/1.png"
    data = sent(0)["data"]
    broken = {"data": f"{data[:60]}\r\n{data[60:]}\n"}
    answer = client.post("/v1/classify", json={"listings": [listing(broken, {"url": url})]}, headers=headers)
    assert [picture["status"] for picture in answer.json()["assessments"][0]["pictures"]] == ["read"]
    number = client.post("/v1/listings", json=listing({"url": url}), headers=headers).json()["listing_id"]
    assert client.get(f"/v1/listings/{number}", headers=headers).json()["images"] == [url]
    prefixed = {"data": f"data:image/png;base64,{data}"}
    refused = client.post("/v1/listings", json=listing(prefixed), headers=headers)
    assert refused.status_code == 422
    assert "without a prefix" in refused.json()["detail"]
