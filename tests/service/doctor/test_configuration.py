import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from service.doctor import Status, configuration
from service.settings import Settings

DOCS = Path(__file__).parents[3] / "docs"


def test_each_setting_that_cannot_be_used_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.of({"server.port": -1, "log.level": "loud"})
    found = list(configuration.unusable(caught.value))
    assert [finding.english.split()[0] for finding in found] == ["RUTHAN_SERVER_PORT", "RUTHAN_LOG_LEVEL"]
    assert {finding.status for finding in found} == {Status.PROBLEM}


def test_settings_that_do_not_go_together_are_named_by_their_message() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.of({"sandbox.database_url": "sqlite:///a", "database.url": "sqlite:///a"})
    (found,) = configuration.unusable(caught.value)
    assert found.english.startswith(
        "the settings cannot be used: the sandbox needs its own database: RUTHAN_SAND"
    )
    assert found.thai.startswith("การตั้งค่าใช้ไม่ได้: ")


def test_every_documented_variable_is_known(only: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]
    named = {
        name for page in pages for name in re.findall(r"\bRUTHAN_\w*[A-Z]\b(?!_)", page.read_text("utf-8"))
    }
    assert named > {"RUTHAN_META_TOKEN", "RUTHAN_SHOPEE_PARTNER_KEY", "RUTHAN_SHOP_TOKENS"}
    for name in named - {"RUTHAN_GROUP_NAME"}:
        monkeypatch.setenv(name, "1")
    assert only(configuration.variables()).english == "every setting can be read"
    monkeypatch.setenv("RUTHAN_MODEL", "1")
    assert "there is no setting RUTHAN_MODEL:" in only(configuration.variables()).english


def test_a_misspelt_variable_is_named(only: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_CRAWL_DELAY", "1")
    assert only(configuration.variables()).status is Status.OK
    monkeypatch.setenv("RUTHAN_PROT", "1")
    found = only(configuration.variables())
    assert found.status is Status.WARNING
    assert "RUTHAN_PROT" in found.thai


def test_behind_https_the_public_address_is_asked_for(settings: Settings, only: Any) -> None:
    assert list(configuration.address(settings)) == []
    behind = settings.changed({"login.secure_cookies": True})
    found = only(configuration.address(behind))
    assert (found.status, "RUTHAN_SERVER_PUBLIC_URL" in found.thai) == (Status.WARNING, True)
    assert list(configuration.address(behind.changed({"server.public_url": "https://r.example"}))) == []


def test_the_secret_is_not_made_by_looking(settings: Settings, only: Any) -> None:
    assert only(configuration.secret(settings)).status is Status.OK
    assert not settings.secret.file.exists()


def test_a_secret_that_others_read_or_that_is_too_short(settings: Settings, only: Any) -> None:
    secret = settings.secret.value()
    assert only(configuration.secret(settings)).status is Status.OK
    settings.secret.file.chmod(0o644)
    found = only(configuration.secret(settings))
    assert (found.status, "chmod 600" in found.remedy_english) == (Status.WARNING, True)
    assert secret not in str(found)
    settings.secret.file.write_text("short")
    assert only(configuration.secret(settings)).status is Status.PROBLEM
    short = Settings.of({"secret.key": "short"})
    assert only(configuration.secret(short)).status is Status.PROBLEM
