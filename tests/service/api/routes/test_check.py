import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from inference.model.bundle import shipped_bundle
from labels.guidance.advice import Action, advice_rows
from labels.schema import Listing
from labels.taxonomy import PROHIBITED_LABELS, ClaimLabel, ProductClass, Verdict
from service.answers.checks import DraftChecks
from service.application import create_app
from service.inference_pool.assessor import load_assessor
from service.settings import Settings
from service.store.tables.api_tables import Scope

Key = Callable[..., dict[str, str]]

FOUR = (
    "เด็กและสตรีมีครรภ์ไม่ควรรับประทาน อ่านคำเตือนในฉลากก่อนบริโภค ไม่มีผลในการป้องกันหรือรักษาโรค"
    " ควรกินอาหารหลากหลายครบ 5 หมู่ ในสัดส่วนที่เหมาะสมเป็นประจำ"
)


def test_drafts_are_checked_in_order(client: TestClient, key: Key) -> None:
    drafts = [
        {"id": "bad", "title": "น้ำผลไม้", "description": f"รักษาเบาหวาน ได้ {FOUR}"},
        {"id": "good", "text": f"น้ำผลไม้ {FOUR}"},
        {"id": "bare", "text": "น้ำผลไม้"},
    ]
    response = client.post("/v1/check", json={"listings": drafts}, headers=key(Scope.CLASSIFY))
    assert response.status_code == 200
    checks = response.json()["checks"]
    assert [check["assessment"]["id"] for check in checks] == ["bad", "good", "bare"]
    assert [check["publishable"] for check in checks] == [False, True, False]
    bad = checks[0]
    (advice,) = bad["advice"]
    text = f"น้ำผลไม้\nรักษาเบาหวาน ได้ {FOUR}"
    assert text[advice["start"] : advice["end"]] == advice["text"] == "รักษาเบาหวาน"
    assert advice["label"] == ClaimLabel.DISEASE
    assert advice["action"] == Action.DELETE
    assert [law["id"] for law in advice["law"]] == ["food-act-40", "food-act-41"]
    assert set(advice["why"]) == set(advice["what_to_do"]) == {"thai", "english"}
    assert len(checks[2]["missing_warnings"]) == 4
    keys = {"code", "thai", "english", "law", "required", "status"}
    assert set(checks[2]["missing_warnings"][0]) == keys


def test_the_assessment_is_that_of_classify(client: TestClient, key: Key) -> None:
    body = {"listings": [{"id": "1", "text": "รักษาเบาหวาน"}]}
    checked = client.post("/v1/check", json=body, headers=key()).json()["checks"][0]["assessment"]
    assert checked == client.post("/v1/classify", json=body, headers=key()).json()["assessments"][0]


def test_it_needs_the_scope_of_classify(client: TestClient, key: Key) -> None:
    body = {"listings": [{"id": "1", "text": "ก"}]}
    assert client.post("/v1/check", json=body).status_code == 401
    for scope in (Scope.READ, Scope.INGEST):
        assert client.post("/v1/check", json=body, headers=key(scope)).status_code == 403
    assert client.post("/v1/check", json=body, headers=key(Scope.ADMIN)).status_code == 200


def test_the_limits_are_those_of_classify(client: TestClient, key: Key) -> None:
    headers = key()
    drafts = [{"id": str(i), "text": "ก"} for i in range(101)]
    assert client.post("/v1/check", json={"listings": drafts[:100]}, headers=headers).status_code == 200
    assert client.post("/v1/check", json={"listings": drafts}, headers=headers).status_code == 413
    problem = client.post("/v1/check", json={"listings": [{"id": "1"}]}, headers=headers)
    assert problem.status_code == 422
    assert problem.json()["errors"][0]["pointer"] == "/listings/0/text"


def test_nothing_is_kept(client: TestClient, key: Key) -> None:
    headers = key()
    client.post("/v1/check", json={"listings": [{"id": "1", "text": "ก"}]}, headers=headers)
    assert client.get("/v1/listings", headers=headers).json()["listings"] == []


def test_no_draft_in_the_log(client: TestClient, key: Key, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    client.post("/v1/check", json={"listings": [{"id": "1", "text": "คำลับเฉพาะ"}]}, headers=key())
    own = [r for r in caplog.records if not r.name.startswith(("httpx", "httpcore", "sqlalchemy"))]
    assert not [record for record in own if "คำลับเฉพาะ" in record.getMessage()]


def test_hostile_text_comes_back_as_it_was_sent(client: TestClient, key: Key) -> None:
    text = "รักษาเบาหวาน {count} {0} <script>alert(1)</script> %s \"'\\"
    response = client.post("/v1/check", json={"listings": [{"id": "1", "text": text}]}, headers=key())
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json()["checks"][0]["advice"][0]["text"] == "รักษาเบาหวาน"


def test_the_example_is_what_the_route_answers(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/v1/check"]["post"]
    example = operation["responses"]["200"]["content"]["application/json"]["example"]
    assert DraftChecks.model_validate(example).model_dump(mode="json", exclude_none=True) == example
    (check,) = example["checks"]
    assert check["advice"]
    assert check["missing_warnings"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    sent = examples["draft"]["value"]["listings"][0]
    text = f"{sent['title']}\n{sent['description']}"
    assert text[check["advice"][0]["start"] : check["advice"][0]["end"]] == check["advice"][0]["text"]


def test_the_documented_call_works(client: TestClient, key: Key) -> None:
    docs = (Path(__file__).parents[4] / "docs" / "api.md").read_text(encoding="utf-8")
    section = docs.partition("## `POST /v1/check`")[2].partition("\n## ")[0]
    body = json.loads(section.partition("-d '")[2].partition("'\n")[0])
    checks = client.post("/v1/check", json=body, headers=key()).json()["checks"]
    assert not checks[0]["publishable"]
    assert all(f"`{name}`" in section for name in checks[0])
    assert all(f"`{action}`" in section for action in Action)


@pytest.mark.slow
def test_the_shipped_model_advises_and_finds_its_own_advice_harmless(settings: Settings) -> None:
    shipped = settings.changed({"model.bundle": shipped_bundle()})
    with TestClient(create_app(shipped, load_assessor(shipped))) as client:
        token = client.app.state.store.api_keys.create("a", [Scope.ADMIN]).token  # type: ignore[attr-defined]
        headers = {"X-API-Key": token}

        def check(*texts: str) -> list[Any]:
            body = {"listings": [{"id": str(i), "text": text} for i, text in enumerate(texts)]}
            answer: list[Any] = client.post("/v1/check", json=body, headers=headers).json()["checks"]
            return answer

        cure, fine = check(
            "ชาใบหม่อนสูตรยายแจ่ม รักษาเบาหวานให้หายขาด ลดความดัน เห็นผลใน 7 วัน กล่องละ 390 บาท ทักแชทสั่งซื้อ",
            f"ผลิตภัณฑ์เสริมอาหารวิตามินซี 60 แคปซูล ราคา 390 บาท พร้อมส่ง {FOUR}",
        )
        assert not cure["publishable"]
        assert any("เบาหวาน" in item["text"] and item["action"] == Action.DELETE for item in cure["advice"])
        assert fine["publishable"], fine["thai"]

        cures = ["รักษาเบาหวานให้หายขาด", "บอกลาเบาหวาน", "แก้มะเร็ง", "ความดันหายขาด", "สมุนไพรรักษาไต"]
        evasive = ["รัก ษา เบา หวาน", "รักษๅเบๅหวๅน", "รั-ก-ษ-า-ม-ะ-เ-ร็-ง", "ร ักษามะเร ็ง", "cure diabetes"]
        claims = [*cures, *evasive]
        titles = [{"id": text, "title": text} for text in claims]
        answer = client.post("/v1/check", json={"listings": titles}, headers=headers).json()["checks"]
        for item in [*check(*claims), *answer]:
            assert not item["publishable"], item["assessment"]["id"]
            assert item["assessment"]["verdict"] != Verdict.NOT_AN_AD
            assert "ไม่พบ" not in item["thai"]

        offered = sorted(
            {
                wording.text
                for (_, product_class), row in advice_rows().items()
                if product_class is ProductClass.FOOD_SUPPLEMENT
                for wording in row.wording
            }
        )
        drafts = [f"ผลิตภัณฑ์เสริมอาหารชนิดแคปซูล ราคา 390 บาท พร้อมส่ง {text} {FOUR}" for text in offered]
        assert all(item["publishable"] for item in check(*drafts))
        skin = sorted(
            {
                wording.text
                for label in PROHIBITED_LABELS
                for wording in advice_rows()[label, ProductClass.COSMETIC].wording
                if "ฟัน" not in wording.text
            }
        )
        verdicts = [
            item["assessment"]["verdict"]
            for item in check(*[f"ครีมบำรุงผิวหน้า ราคา 390 บาท พร้อมส่ง {text}" for text in skin])
        ]
        assert Verdict.PROHIBITED not in verdicts


def test_a_draft_is_meant_for_sale_whatever_its_words_say(
    client: TestClient, key: Key, assessor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Listing] = []
    classify = assessor.classify
    monkeypatch.setattr(assessor, "classify", lambda listings: read.extend(listings) or classify(listings))
    for path in ("/v1/check", "/v1/classify"):
        body = {"listings": [{"id": "1", "text": "วันนี้ฝนตก"}]}
        assert client.post(path, json=body, headers=key(Scope.CLASSIFY)).status_code == 200
    assert [listing.is_offer_by_record for listing in read] == [True, False]
