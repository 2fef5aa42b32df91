from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from labels.taxonomy import Verdict
from service.commands.referral import referral
from service.settings import Settings
from service.store import open_store
from service.store.tables.referral_tables import Recipient


@pytest.fixture
def number(settings: Settings, decide: Callable[..., int]) -> str:
    with open_store(settings.database.url) as store:
        review = decide(store, "1", Verdict.PROHIBITED)
        nok = store.users.find("nok")
        assert nok is not None
        store.referrals.create(review, nok.id, Recipient.REVENUE, "รท")
        return store.referrals.create(review, nok.id, Recipient.PROVINCE, "รท", "ตาก").number


def run(settings: Settings, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(referral, [*arguments, "--database", settings.database.url])
    return result.exit_code, result.output


def test_the_list_shows_the_newest_first(settings: Settings, number: str) -> None:
    code, output = run(settings, "list")
    assert code == 0
    assert [line.split("\t")[2] for line in output.splitlines()] == ["province ตาก", "revenue"]
    assert output.startswith(number)
    assert run(settings, "list", "--recipient", "revenue", "--status", "draft")[1].count("\n") == 1
    assert run(settings, "list", "--idle", "7") == (0, "")
    code, output = run(settings, "list", "--status", "lost")
    assert code == 1
    assert "acknowledged" in output


def test_a_pack_is_written_once_and_stands_on_the_trail(
    settings: Settings, number: str, tmp_path: Path
) -> None:
    out = tmp_path / "packs"
    short = number.removeprefix("รท 000")
    code, output = run(settings, "pack", short, "--out", str(out))
    assert code == 0, output
    assert "missing: หลักฐานหน้าเว็บ" in output
    (file,) = out.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert run(settings, "pack", number, "--out", str(out))[0] == 0
    file.write_bytes(b"something else")
    code, output = run(settings, "pack", number, "--out", str(out))
    assert code == 1
    assert "differs" in output
    assert file.read_bytes() == b"something else"
    with open_store(settings.database.url) as store:
        assert [entry.actor for entry in store.audit.newest(9, action="referral.download")] == ["cli", "cli"]


@pytest.mark.parametrize("wrong", ["9/2569", "nonsense", "2/1999", ""])
def test_a_number_that_does_not_exist_is_explained(
    settings: Settings, number: str, tmp_path: Path, wrong: str
) -> None:
    code, output = run(settings, "pack", wrong, "--out", str(tmp_path))
    assert code == 1
    assert "such as 7/2569" in output
