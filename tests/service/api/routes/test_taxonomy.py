from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from labels.guidance.ad_warnings import ad_warnings
from labels.guidance.advice import Action
from labels.law.catalogue import law_for, provisions
from labels.taxonomy import ClaimLabel, ProductClass, Verdict, label_term
from service.http_cache import TaggedDocument, private_answer
from service.store.tables.api_tables import Scope
from service.taxonomy_document import TaxonomyDocument

Key = Callable[..., dict[str, str]]


@pytest.mark.parametrize("scope", [Scope.CLASSIFY, Scope.READ, Scope.ADMIN])
def test_it_names_every_value_and_every_law(client: TestClient, key: Key, scope: Scope) -> None:
    response = client.get("/v1/taxonomy", headers=key(scope))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    found = response.json()
    assert [row["value"] for row in found["product_classes"]] == list(ProductClass)
    assert [row["value"] for row in found["claim_labels"]] == list(ClaimLabel)
    assert [row["value"] for row in found["verdicts"]] == list(Verdict)
    assert [row["value"] for row in found["actions"]] == list(Action)
    assert [row["code"] for row in found["ad_warnings"]] == [row.code for row in ad_warnings()]
    assert list(found["law"]) == [row.id for row in provisions()]
    for row in found["claim_labels"]:
        term = label_term(ClaimLabel(row["value"]))
        assert (row["thai"], row["english"], row["rule"]) == (term.thai, term.english, term.rule)
        for product_class, ids in row["law"].items():
            assert ids == [ref.id for ref in law_for(ClaimLabel(row["value"]), ProductClass(product_class))]
            assert set(ids) <= set(found["law"])
    law = found["law"]["food-act-40"]
    assert law["citation"] == "พ.ร.บ.อาหาร พ.ศ. 2522 ม.40"
    assert "30,000" in law["penalty_thai"]
    assert law["status"] in found["status_meaning"]


def test_other_scopes_may_not(client: TestClient, key: Key) -> None:
    assert client.get("/v1/taxonomy").status_code == 401
    response = client.get("/v1/taxonomy", headers=key(Scope.INGEST))
    assert response.status_code == 403
    assert "'classify' or 'read'" in response.json()["detail"]


def test_a_client_that_has_it_is_told_so(client: TestClient, key: Key) -> None:
    headers = key(Scope.READ)
    first = client.get("/v1/taxonomy", headers=headers)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/v1/taxonomy", headers={**headers, "If-None-Match": sent})
        assert again.status_code == 304, sent
        assert again.content == b""
        assert again.headers["etag"] == tag
    for sent in ('"other"', tag.strip('"'), ""):
        again = client.get("/v1/taxonomy", headers={**headers, "If-None-Match": sent})
        assert again.status_code == 200, sent
        assert again.content == first.content
    assert "private" in first.headers["cache-control"]


def test_a_tag_without_a_key_opens_nothing(client: TestClient, key: Key) -> None:
    tag = client.get("/v1/taxonomy", headers=key()).headers["etag"]
    assert client.get("/v1/taxonomy", headers={"If-None-Match": tag}).status_code == 401


def test_another_document_has_another_tag() -> None:
    one, other = TaggedDocument.of(b"{}"), TaggedDocument.of(b"[]")
    assert one.tag != other.tag
    assert private_answer(other, "application/json", one.tag).status_code == 200


def test_the_example_has_the_shape_of_the_answer(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/v1/taxonomy"]["get"]
    example = operation["responses"]["200"]["content"]["application/json"]["example"]
    assert TaxonomyDocument.model_validate(example).model_dump(mode="json", exclude_none=True) == example
    assert example["claim_labels"]
    assert "304" in operation["responses"]
