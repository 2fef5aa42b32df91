"""The OpenAPI document itself: valid, complete, bilingual, its examples true."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from labels.taxonomy import Verdict
from service.api import problems
from service.api.app import api_routes
from service.api.openapi.document import document
from service.api.problems import Kind
from service.application import create_app
from service.commands import main as commands
from service.settings import Settings
from service.store import Store
from service.store.tables.api_tables import Scope
from tests.helpers.stored import find_listing

THAI = re.compile("[ก-๛]")
KINDS = {kind.name: kind for kind in vars(problems).values() if isinstance(kind, Kind)}
ANYWHERE = {"bad-method", "internal"}
"""Problems of requests that no operation describes, and of faults that none foresees."""


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document(Settings(), api_routes())


def operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in made["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def resolved(made: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = made
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def test_it_is_an_openapi_document(made: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(made).iter_errors()) == []


def test_every_operation_has_a_name_a_tag_and_a_summary_in_both_languages(made: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(made)]
    assert len(set(names)) == len(names)
    described = {tag["name"] for tag in made["tags"] if THAI.search(tag["description"])}
    for method, path, operation in operations(made):
        assert re.fullmatch("[a-z]+([A-Z][a-z]+)*", operation["operationId"]), (method, path)
        assert re.fullmatch("[A-Z].+ · .+", operation["summary"]), (method, path)
        assert THAI.search(operation["summary"]), (method, path)
        assert set(operation["tags"]) <= described, (method, path)
        assert operation["description"], (method, path)


def test_what_is_under_v1_asks_for_a_key_and_says_what_follows_without_one(made: dict[str, Any]) -> None:
    assert set(made["components"]["securitySchemes"]) == {"bearer", "apiKey"}
    for method, path, operation in operations(made):
        if path.startswith("/v1/"):
            assert operation["security"] == [{"bearer": []}, {"apiKey": []}], (method, path)
            assert {"401", "403", "429", "503"} <= set(operation["responses"]), (method, path)
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= set(operation["responses"]), (method, path)
        shown = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
        assert not shown & {"authorization", "x-api-key"}


def test_pictures_may_be_files_of_a_form_whose_other_part_is_the_json(made: dict[str, Any]) -> None:
    found = set()
    for method, path, operation in operations(made):
        content = operation.get("requestBody", {}).get("content", {})
        if form := content.get("multipart/form-data"):
            found.add((method, path))
            assert form["schema"]["required"] == ["body"]
            assert form["schema"]["properties"]["body"] == content["application/json"]["schema"]
            assert form["encoding"]["body"]["contentType"] == "application/json"
            named = form["schema"]["patternProperties"]["^picture-[0-9]{1,4}$"]
            for files in (form["schema"]["properties"]["picture"], named):
                assert (files["type"], files["items"]) == ("array", {"type": "string", "format": "binary"})
    assert found == {("post", f"/v1/{name}") for name in ("classify", "check", "listings")}


def test_every_refusal_is_a_problem_document_with_its_headers(made: dict[str, Any]) -> None:
    told = set()
    for method, path, operation in operations(made):
        for status, shared in operation["responses"].items():
            response = resolved(made, shared)
            assert resolved(made, response["headers"]["X-Request-ID"])["required"], (method, path)
            if status >= "400":
                (media_type,) = response["content"]
                assert media_type == "application/problem+json", (method, path, status)
                told |= set(response["content"][media_type]["examples"])
                assert THAI.search(response["description"])
            if status in ("429", "503"):
                assert "Retry-After" in response["headers"]
    assert told == KINDS.keys() - ANYWHERE


def test_every_problem_stands_in_the_docs_with_its_status() -> None:
    docs = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    for kind in KINDS.values():
        assert re.search(rf"^\|.*`{kind.name}`.*\| {kind.status} \|", docs, re.MULTILINE), kind.name


def examples(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every example in the document with its schema."""
    for method, path, operation in operations(made):
        bodies = [("request", operation["requestBody"])] if "requestBody" in operation else []
        bodies += [(status, resolved(made, answer)) for status, answer in operation["responses"].items()]
        for where, body in bodies:
            for content in body.get("content", {}).values():
                values = [example["value"] for example in content.get("examples", {}).values()]
                values += [content["example"]] if "example" in content else []
                for value in values:
                    yield f"{method} {path} {where}", content["schema"], value


def test_every_example_fits_its_schema(made: dict[str, Any]) -> None:
    found = list(examples(made))
    assert len(found) > 100
    for where, schema, value in found:
        whole = schema | {"components": made["components"]}
        faults = [fault.message for fault in OAS31Validator(whole).iter_errors(value)]
        assert faults == [], where


def test_every_example_of_a_request_is_accepted(
    settings: Settings, assessor: Any, made: dict[str, Any], decide: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("8.8.8.8", 443))])
    trial = settings.database.url.replace("ruthan.db", "sandbox.db")
    settings = settings.changed({"sandbox.database_url": trial})
    with TestClient(create_app(settings, assessor)) as client:
        sandbox: Store = client.app.state.sandbox.store  # type: ignore[attr-defined]
        decide(sandbox, "a", Verdict.PROHIBITED.value)
        trial_key = sandbox.api_keys.create("shop", [Scope.READ], sandbox=True).token
        store: Store = client.app.state.store  # type: ignore[attr-defined]
        shop = store.api_keys.create("shop", [Scope.ADMIN])
        headers = {"X-API-Key": shop.token}
        hook = store.webhooks.create(shop.row, "https://shop.example/", 0, settings.secret.webhook_cipher())
        decide(store, "a", Verdict.PROHIBITED.value)
        contested = find_listing(store, "a", "api:shop")
        assert contested is not None
        sent = 0
        for method, path, operation in operations(made):
            content = operation.get("requestBody", {}).get("content", {})
            for example in content.get("application/json", {}).get("examples", {}).values():
                address = path.format(listing_id=contested.id, webhook_id=hook.id)
                simulated = operation["operationId"] == "simulateDecision"
                given = {"X-API-Key": trial_key} if simulated else headers
                answer = client.request(method, address, json=example["value"], headers=given)
                assert answer.is_success, (method, path, answer.text)
                sent += 1
        assert sent >= 5


def test_the_bounds_are_those_of_the_settings() -> None:
    small = Settings.of({"max.listings": 3, "max.text_characters": 50, "webhook.allow_loopback": True})
    schemas = document(small, api_routes())["components"]["schemas"]
    assert schemas["ListingsIn"]["properties"]["listings"]["maxItems"] == 3
    assert schemas["ListingIn"]["properties"]["text"]["maxLength"] == 50
    assert re.match(schemas["WebhookIn"]["properties"]["url"]["pattern"], "http://127.0.0.1:1/")


@pytest.mark.slow(2)
def test_the_command_writes_what_the_server_answers(
    settings: Settings, assessor: Any, tmp_path: Path
) -> None:
    out = tmp_path / "openapi.json"
    result = CliRunner().invoke(commands.openapi, ["--out", str(out)])
    assert (result.exit_code, result.output) == (0, "")
    written = json.loads(out.read_text(encoding="utf-8"))
    with TestClient(create_app(settings, assessor)) as client:
        assert client.get("/openapi.json").json() == written
    assert json.loads(CliRunner().invoke(commands.openapi, []).stdout) == written
    failed = CliRunner().invoke(commands.openapi, ["--out", str(tmp_path / "no" / "file.json")])
    assert (failed.exit_code, "cannot be written" in failed.output) == (1, True)


def test_an_unassessed_and_an_assessed_listing_fit_their_schema(
    settings: Settings, assessor: Any, decide: Any, made: dict[str, Any]
) -> None:
    with TestClient(create_app(settings, assessor)) as client:
        store: Store = client.app.state.store  # type: ignore[attr-defined]
        headers = {"X-API-Key": store.api_keys.create("shop", [Scope.ADMIN]).token}
        decide(store, "a", Verdict.PROHIBITED.value)
        new = client.post("/v1/listings", json={"id": "b", "text": "ก"}, headers=headers).json()["listing_id"]
        schema = made["paths"]["/v1/listings/{listing_id}"]["get"]["responses"]["200"]["content"]
        whole = schema["application/json"]["schema"] | {"components": made["components"]}
        for number in (1, new):
            answer = client.get(f"/v1/listings/{number}", headers=headers).json()
            OAS31Validator(whole).validate(answer)


def test_generators_of_clients_read_the_bodies_and_the_refusals(made: dict[str, Any]) -> None:
    body = made["paths"]["/v1/listings"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert [set(choice) for choice in body["anyOf"]] == [{"$ref"}, {"$ref"}]
    assert '"const"' not in json.dumps(made["paths"])
