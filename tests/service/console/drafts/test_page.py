"""The public page ``/check``, served by the whole application and compared with ``POST /v1/check``."""

import html
import re
from collections.abc import Iterator
from typing import Any

import anyio
import anyio.to_thread
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.testclient import TestClient

from inference.pictures.assess import GivenPicture
from labels.law.catalogue import provision
from labels.taxonomy import ProductClass
from service.application import create_app
from service.console import mount
from service.console.drafts.examples import EXAMPLES
from service.console.drafts.page import MAX_DRAFT
from service.console.drafts.picture import MAX_AT_ONCE, MAX_PICTURE, ReadingBusy, read_picture
from service.settings import Settings
from service.store.tables.api_tables import Scope
from service.store.tables.core_tables import Base
from tests.service.conftest import png

DRAFT = "น้ำผลไม้ตราบ้านสวน รักษาเบาหวาน\r\nขวดละ 90 บาท <b>รักษาเบาหวาน</b>"
TEXT = DRAFT.replace("\r\n", "\n")
NO_PERMIT = "ไม่ใช่การอนุญาตโฆษณาและไม่ผูกพันเจ้าหน้าที่"
"""Stands on the page in every state."""


@pytest.fixture
def public(settings: Settings, assessor: Any) -> Iterator[TestClient]:
    limited = settings.changed({"check.rate_limit": "3/minute"})
    with TestClient(create_app(limited, assessor), follow_redirects=False) as opened:
        yield opened


def counts(client: Any) -> dict[str, int]:
    with client.app.state.store.database.reading() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
        }


def test_the_page_answers_what_the_api_answers(public: Any) -> None:
    key = public.app.state.store.api_keys.create("shop", [Scope.CLASSIFY]).token
    body = {"listings": [{"id": "draft", "text": TEXT}]}
    (said,) = public.post("/v1/check", json=body, headers={"X-API-Key": key}).json()["checks"]
    page = public.post("/check", data={"text": DRAFT}).text
    seen = re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", page)))
    assert said["advice"]
    assert said["missing_warnings"]
    for advice in said["advice"]:
        laws = [provision(ref["id"]) for ref in advice["law"]]
        told = [advice["why"]["thai"], advice["what_to_do"]["thai"], *advice["suggestions"]]
        for words in [*told, *(rule.citation for rule in laws), *(rule.rule_thai for rule in laws)]:
            assert re.sub(r"\s+", " ", words) in seen
        for rule in laws:
            assert all(html.escape(url) in page for url in rule.sources)
    assert all(row["thai"] in seen for row in said["missing_warnings"])
    assert said["thai"] in seen
    assert NO_PERMIT in seen
    assert len(re.findall(r'class="mark [^>]*data-number', page)) == len(said["advice"])
    text = re.search(r'id="text">(.*?)</div>', page, re.DOTALL)
    assert text
    assert html.unescape(re.sub("<[^>]*>", "", text[1])) == TEXT


def test_a_picture_is_read_and_marked_and_kept_nowhere(public: Any, shelf: Any, settings: Settings) -> None:
    public.app.state.pictures = shelf("แคปซูล\nรักษาเบาหวาน ทันที")
    assert 'name="photos"' in public.get("/check").text
    before = counts(public)
    file = {"photos": ("a.png", png(0))}
    for text in ("แคปซูล 590 บาท", ""):
        page = public.post("/check", data={"text": text}, files=file).text
        read = re.search(r'id="picture-text">(.*?)</div>', page, re.DOTALL)
        assert read
        assert re.search(r'class="mark [^>]*href="#reason-1"[^>]*>\s*รักษาเบาหวาน', read[1])
        assert "ยังไม่ควรเผยแพร่" in page
        assert NO_PERMIT in page
    assert counts(public) == before
    assert not settings.pictures.folder.exists()


def test_a_picture_that_is_too_large_or_unreadable_is_said_to_be(
    public: Any, shelf: Any, picture: Any
) -> None:
    public.app.state.pictures = shelf()
    large = public.post("/check", data={"text": TEXT}, files={"photos": ("a.png", b"0" * (MAX_PICTURE + 1))})
    assert (large.status_code, "ไม่เกิน 8 MB" in large.text, "ขวดละ 90 บาท" in large.text) == (413, True, True)
    two = [("photos", ("a.png", png(0))), ("photos", ("b.png", png(1)))]
    assert public.post("/check", data={"text": TEXT}, files=two).status_code == 422
    unread = public.post("/check", data={"text": TEXT}, files={"photos": ("a.png", png(0))})
    assert "ผลการประเมินนี้ไม่รวมข้อความในภาพดังกล่าว" in unread.text
    alone = public.post("/check", data={"text": ""}, files={"photos": ("a.png", png(0))}).text
    assert re.search("ยังไม่ควรเผยแพร่โฆษณานี้.+ยังไม่ได้อ่านข้อความในภาพ ที่ส่งมา:", alone)
    public.app.state.pictures = shelf("")
    wordless = public.post("/check", data={"text": " "}, files={"photos": ("a.png", png(0))})
    assert (wordless.status_code, "โปรดพิมพ์ข้อความที่อยู่ในภาพ" in wordless.text) == (422, True)
    assert NO_PERMIT in large.text
    assert NO_PERMIT in unread.text


def test_a_picture_that_no_thread_was_free_for_takes_no_place(shelf: Any) -> None:
    async def crowded() -> GivenPicture:
        threads = anyio.to_thread.current_default_thread_limiter()
        threads.total_tokens = 1
        threads.acquire_on_behalf_of_nowait(other := object())
        for _ in range(MAX_AT_ONCE):
            with pytest.raises(ReadingBusy):
                await read_picture(shelf(), png(0), 0.01)
        threads.release_on_behalf_of(other)
        return await read_picture(shelf("แคปซูล"), png(0), 60)

    assert anyio.run(crowded).read is not None


def test_nothing_of_a_draft_is_kept_or_logged(public: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    before = counts(public)
    answer = public.post("/check", data={"text": "คำลับเฉพาะ รักษาเบาหวาน"})
    assert answer.status_code == 200
    assert counts(public) == before
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    own = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert own
    assert not [record for record in own if "คำลับเฉพาะ" in record.getMessage()]


def test_an_address_checks_so_many_drafts_and_loses_no_word(public: Any) -> None:
    for _ in range(3):
        assert public.post("/check", data={"text": "น้ำผลไม้"}).status_code == 200
    answer = public.post("/check", data={"text": "น้ำผลไม้ตราบ้านสวน"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert "น้ำผลไม้ตราบ้านสวน" in answer.text
    assert NO_PERMIT in answer.text
    assert NO_PERMIT in public.get("/check").text


@pytest.mark.parametrize("text", ["", " \r\n ", "ก" * (MAX_DRAFT + 1)])
def test_a_draft_that_cannot_be_read_says_what_to_do(visitor: TestClient, text: str) -> None:
    answer = visitor.post("/check", data={"text": text})
    assert answer.status_code == 422
    assert "โปรด" in answer.text
    assert NO_PERMIT in answer.text


def test_the_page_needs_no_script_and_shows_examples(visitor: TestClient) -> None:
    page = visitor.get("/check").text
    assert "<script" not in page
    for value, words in EXAMPLES.items():
        assert f"/check?example={value}#draft" in page
        shown = visitor.get(f"/check?example={value}").text
        assert html.escape(words, quote=False) in shown
        assert NO_PERMIT in shown
    assert visitor.get("/check?example=x").status_code == 200


def test_the_public_pages_lead_to_it(visitor: TestClient) -> None:
    for path in ("/alerts", "/complain", "/check"):
        assert '<a href="/check"' in visitor.get(path).text


def test_the_page_can_be_closed(office: Any, settings: Settings) -> None:
    closed = FastAPI()
    mount(closed, office.store, settings)
    with TestClient(closed) as client:
        assert client.get("/check").status_code == 404
        assert "/check" not in client.get("/complain").text


def test_without_a_model_the_page_asks_to_wait(
    app: FastAPI, visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.draft_desk.holder, "_assessor", None)
    answer = visitor.post("/check", data={"text": "น้ำผลไม้ตราบ้านสวน"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "น้ำผลไม้ตราบ้านสวน" in answer.text
    assert NO_PERMIT in answer.text


@pytest.mark.parametrize(("path", "page"), [("/check/", "/check"), ("/complain/nothing", "/complain")])
def test_a_wrong_address_below_a_public_page_leads_to_it(public: Any, path: str, page: str) -> None:
    answer = public.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (404, False)
    assert f'<a href="{page}">ไปที่หน้า' in answer.text
    assert "/queue" not in answer.text


@pytest.mark.parametrize("path", ["/check", "/complain", "/complain/status", "/login"])
@pytest.mark.parametrize("declared", [True, False])
def test_a_form_that_is_too_large_is_answered_with_a_page(public: Any, path: str, declared: bool) -> None:
    part = b"x" * 2**20
    content = part * 17 if declared else iter([part] * 17)
    answer = public.post(path, content=content, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")
    assert "ข้อมูลที่ส่งมีขนาดใหญ่เกินไป" in answer.text
    assert ("set-cookie" in answer.headers) == (path == "/login")
    assert (f'href="{path}"' in answer.text) == (path != "/login")


@pytest.mark.parametrize(
    ("product_class", "said"),
    [
        ("narcotic_psychotropic", "ระบบอ่านว่าเป็นยาเสพติดหรือวัตถุออกฤทธิ์ ถ้าไม่ใช่ ให้ระบุ"),
        ("health_service", "ระบบอ่านว่าเป็นสถานพยาบาลหรือบริการสุขภาพ ถ้าไม่ใช่ ให้ระบุ"),
        ("other", "ระบบอ่านไม่พบว่าเป็นผลิตภัณฑ์สุขภาพประเภทใด ถ้าเป็นผลิตภัณฑ์หรือบริการสุขภาพ ให้ระบุ"),
    ],
)
def test_the_page_says_in_a_sentence_what_it_read(
    public: Any, assessor: Any, monkeypatch: pytest.MonkeyPatch, product_class: str, said: str
) -> None:
    assess, changed = assessor.assess, {"product_class": ProductClass(product_class)}
    monkeypatch.setattr(assessor, "assess", lambda listing: assess(listing).model_copy(update=changed))
    assert said in public.post("/check", data={"text": DRAFT}).text
