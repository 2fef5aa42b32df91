import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.taxonomy import Platform, ProductClass, Verdict, class_term, platform_term, verdict_term
from service.store.models import UNSURE


def order(page: str, office: Any) -> list[str]:
    names = {number: name for name, number in office.ids.items()}
    return [names[int(number)] for number in re.findall(r'class="title" href="/cases/(\d+)', page)]


def test_an_empty_queue_says_what_to_do(client: TestClient) -> None:
    assert "ruthan crawl" in client.get("/queue").text


def test_the_root_leads_to_the_queue(client: TestClient) -> None:
    assert client.get("/").headers["location"] == "/queue"


def test_the_riskiest_comes_first_and_the_unread_not_at_all(client: TestClient, filled: Any) -> None:
    page = client.get("/queue").text
    assert order(page, filled) == ["worst", "serum", "permit", "clear"]
    assert "97%" in page


def test_a_row_shows_what_a_reviewer_needs(client: TestClient, filled: Any) -> None:
    page = client.get("/queue").text
    for shown in (
        verdict_term(Verdict.PROHIBITED).thai,
        class_term(ProductClass.COSMETIC).thai,
        platform_term(Platform.TIKTOK).thai,
        "ฟ้าใหม่บิวตี้",
        "ลบฝ้าถาวร",
        "24 พ.ย. 2569 16:30 น.",
        "2 ม.ค. 2569 00:05 น.",
        "หมอนยางพารา",
    ):
        assert shown in page


def test_decided_cases_sink_and_unsure_ones_stand_between(
    client: TestClient, filled: Any, decide: Any
) -> None:
    decide(filled.ids["worst"], Verdict.PROHIBITED)
    decide(filled.ids["serum"], UNSURE)
    page = client.get("/queue").text
    assert order(page, filled) == ["permit", "clear", "serum", "worst"]
    assert "นก ผู้พิจารณา" in page
    assert order(client.get("/queue?state=waiting").text, filled) == ["permit", "clear"]
    assert order(client.get("/queue?state=unsure").text, filled) == ["serum"]
    assert order(client.get("/queue?state=decided").text, filled) == ["worst"]


def test_a_changed_text_waits_again(client: TestClient, filled: Any, decide: Any, assess: Any) -> None:
    decide(filled.ids["clear"], Verdict.CLEAR)
    changed = filled.store.listing(filled.ids["clear"]).shape().model_copy(update={"description": "หมอนใหม่"})
    number = filled.store.deposit(changed, [], "test").listing_id
    filled.store.record_assessment(number, assess(changed, [], Verdict.CLEAR, 0.01))
    assert order(client.get("/queue?state=waiting").text, filled)[-1] == "clear"


def test_a_newer_model_does_not_reopen_a_decided_text(
    client: TestClient, filled: Any, decide: Any, assess: Any
) -> None:
    decide(filled.ids["clear"], Verdict.CLEAR)
    shape = filled.store.listing(filled.ids["clear"]).shape()
    filled.store.record_assessment(
        filled.ids["clear"], assess(shape, [], Verdict.NEEDS_REVIEW, 0.5, model="newer")
    )
    assert order(client.get("/queue?state=decided").text, filled) == ["clear"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"verdict={Verdict.PROHIBITED}", ["worst", "serum"]),
        (f"verdict={Verdict.NOT_AN_AD}", []),
        (f"class={ProductClass.COSMETIC}", ["serum"]),
        (f"platform={Platform.FACEBOOK}", ["permit"]),
        ("q=เมฆขาว", ["permit"]),
        ("q=ลบฝ้า 50%25", ["serum"]),
        ("q=5_%25", []),
        ("q=shop.example", ["worst"]),
        (f"verdict={Verdict.PROHIBITED}&class={ProductClass.FOOD_SUPPLEMENT}", ["worst"]),
        ("verdict=nonsense&page=abc", ["worst", "serum", "permit", "clear"]),
        ("page=99999", ["worst", "serum", "permit", "clear"]),
    ],
)
def test_filters(client: TestClient, filled: Any, query: str, expected: list[str]) -> None:
    assert order(client.get(f"/queue?{query}").text, filled) == expected


def test_tabs_count(client: TestClient, filled: Any) -> None:
    page = re.sub(r"<[^>]*>", "", client.get("/queue").text)
    for verdict, number in ((Verdict.PROHIBITED, 2), (Verdict.NEEDS_PERMIT, 1), (Verdict.NOT_AN_AD, 0)):
        assert f"{verdict_term(verdict).thai} {number}" in page
    assert "ทั้งหมด 4" in page
    assert "ทั้งหมด 1" in re.sub(r"<[^>]*>", "", client.get(f"/queue?class={ProductClass.COSMETIC}").text)


def test_pages(client: TestClient, filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.console.queue.PAGE_SIZE", 3)
    first, second = client.get("/queue").text, client.get("/queue?page=2").text
    assert order(first, filled) + order(second, filled) == ["worst", "serum", "permit", "clear"]
    assert 'rel="next"' in first
    assert 'rel="next"' not in second
    assert "4–4 จาก 4 รายการ" in second
