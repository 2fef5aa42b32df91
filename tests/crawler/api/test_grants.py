import json
import os
import stat
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.api.grants import Grant, GrantFile, GrantsUnusable
from crawler.commands import crawl
from crawler.middleware.secrets import redact


def test_grants_are_kept_for_their_owner_alone_and_never_told(tmp_path: Path) -> None:
    path = tmp_path / "var" / "tokens.json"
    file = GrantFile(path)
    assert file.read("shopee", "1").is_empty
    grant = Grant(
        access_token="fictitious-kept-access", refresh_token="fictitious-kept-refresh", expires_at=5.0
    )
    before = os.umask(0)
    try:
        file.write("shopee", "1", grant)
    finally:
        os.umask(before)
    file.write("lazada", "ก", Grant(code="fictitious-kept-code"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert file.read("shopee", "1") == grant
    assert file.read("lazada", "ก").code == "fictitious-kept-code"
    assert {x.name for x in path.parent.iterdir()} == {path.name}
    assert "fictitious" not in redact("fictitious-kept-access fictitious-kept-refresh fictitious-kept-code")


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        ("{}", 0o640, "chmod 600"),
        ("[]", 0o600, "holds no tokens"),
        ("{", 0o600, "holds no tokens"),
        ('{"shopee": 1}', 0o600, "holds no tokens"),
        ('{"shopee": {"1": {"token": "x"}}}', 0o600, "--authorize shopee:1"),
        ('{"shopee": {"1": "x"}}', 0o600, "--authorize shopee:1"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(tmp_path: Path, text: str, mode: int, told: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(GrantsUnusable, match=told):
        GrantFile(path).read("shopee", "1")
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("grant", "stale"),
    [
        (Grant(access_token="a"), False),
        (Grant(access_token="a", expires_at=10_000), False),
        (Grant(access_token="a", expires_at=1_200), True),
        (Grant(refresh_token="r", expires_at=10_000), True),
        (Grant(code="c"), True),
    ],
)
def test_when_a_new_token_is_needed(grant: Grant, stale: bool) -> None:
    assert grant.is_stale(now=1_000) is stale


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    file = GrantFile(tmp_path / "tokens.json")

    def add(number: int) -> None:
        with file.held():
            file.write("shopee", str(number), Grant(code=f"code-{number}"))

    threads = [threading.Thread(target=add, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(json.loads(file.path.read_text())["shopee"]) == {str(n) for n in range(8)}


@pytest.mark.parametrize(
    ("args", "field"),
    [
        (("shopee:600001",), "code"),
        (("lazada:TH1FICT", "--refresh-token"), "refresh_token"),
        (("line_shopping:@demo",), "access_token"),
    ],
)
def test_what_a_shop_gave_is_asked_for_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], field: str
) -> None:
    monkeypatch.setenv("RUTHAN_SHOP_TOKENS", str(tmp_path / "tokens.json"))
    result = CliRunner().invoke(crawl, ["--authorize", *args], input="fictitious-typed-secret\n")
    assert result.exit_code == 0, result.output
    assert "fictitious-typed-secret" not in result.output
    source, _, shop = args[0].partition(":")
    kept = json.loads((tmp_path / "tokens.json").read_text())[source][shop]
    assert {k for k, v in kept.items() if v} == {field}
    assert kept[field] == "fictitious-typed-secret"


def test_an_address_without_a_code_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_SHOP_TOKENS", str(tmp_path / "tokens.json"))
    result = CliRunner().invoke(
        crawl, ["--authorize", "lazada:TH1FICT"], input="https://agency.example/back?state=1\n"
    )
    assert result.exit_code == 2
    assert "the address holds no code=…" in result.output
    assert not (tmp_path / "tokens.json").exists()


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--authorize", "youtube:1"), "takes SOURCE:SHOP"),
        (("--authorize", "shopee"), "takes SOURCE:SHOP"),
        (("--refresh-token",), "needs --authorize"),
        (("--authorize", "shopee:1", "https://shop.example"), "give one of"),
    ],
)
def test_bad_usage(args: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(crawl, list(args))
    assert result.exit_code == 2
    assert told in result.output
