import pytest

from service.doctor import Status, examination, examine
from service.settings import Settings


def test_one_check_that_breaks_does_not_hide_the_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_settings: Settings) -> None:
        raise RuntimeError("what a day")

    checks = tuple((name, broken if name == "bundle" else check) for name, check in examination._CHECKS)
    monkeypatch.setattr(examination, "_CHECKS", checks)
    found = {finding.check: finding for finding in examine(lambda: settings)}
    assert found["bundle"].status is Status.PROBLEM
    assert "what a day" in found["bundle"].english
    assert {
        "python",
        "packages",
        "settings",
        "secret",
        "database",
        "evidence",
        "files",
        "clock",
        "port",
    } <= set(found)


def test_without_settings_only_what_needs_none_is_looked_at() -> None:
    found = list(examine(lambda: Settings.of({"server.port": -1})))
    assert [finding.check for finding in found] == ["python", "packages", "settings"]
    assert found[-1].status is Status.PROBLEM
