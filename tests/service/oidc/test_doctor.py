from typing import Any

import pytest

from service.doctor import Status, login_provider
from service.doctor.finding import Finding
from service.settings import Settings


def only(settings: Settings) -> Finding:
    (found,) = list(login_provider.provider(settings))
    assert found.thai
    assert bool(found.remedy_thai) == bool(found.remedy_english) == (found.status is not Status.OK)
    return found


def test_no_provider_is_no_fault(settings: Settings) -> None:
    assert only(settings).status is Status.OK


def test_a_provider_that_answers(oidc_settings: Settings, op: Any) -> None:
    found = only(oidc_settings)
    assert (found.status, op.issuer in found.english) == (Status.OK, True)


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [
        ({"issuer": "https://evil.example"}, Status.WARNING, "not of"),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, Status.PROBLEM, "HS256"),
        ({"code_challenge_methods_supported": ["plain"]}, Status.WARNING, "S256"),
    ],
)
def test_a_provider_that_cannot_do_its_part(
    oidc_settings: Settings, op: Any, document: dict[str, Any], status: Status, words: str
) -> None:
    op.document = document
    found = only(oidc_settings)
    assert (found.status, words in found.english) == (status, True)


def test_a_provider_that_is_down_matters_more_where_passwords_are_off(
    oidc_settings: Settings, op: Any
) -> None:
    op.answers["/keys"] = 500
    assert only(oidc_settings).status is Status.WARNING
    assert only(oidc_settings.changed({"login.passwords": "admins"})).status is Status.PROBLEM


def test_packages_that_are_missing(oidc_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_provider, "find_spec", lambda name: None)
    found = only(oidc_settings)
    assert (found.status, "ruthan[oidc]" in found.remedy_english) == (Status.PROBLEM, True)
