"""Malicious files: links out of the folder, characters that no file can contain."""

import os
import stat
from pathlib import Path

import pytest

from crawler.dropfolder.reading import Unreadable, read_file
from service.store import open_store

from ..servers.running import run_plan

SURROGATE = "\\ud83d"
"""Half of an emoji, as JSON spells it."""


@pytest.mark.slow
def test_links_and_lone_surrogates_end_in_their_folders(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_text("ความลับของเครื่อง", encoding="utf-8")
    (inbox / "linked.txt").symlink_to(secret)
    (inbox / "nowhere.txt").symlink_to(tmp_path / "none")
    (inbox / "half.jsonl").write_text(
        f'{{"id": "1", "title": "ชา {SURROGATE}", "description": "หอม {SURROGATE} ชื่นใจ", "ของ{SURROGATE}": "x"}}\n'
    )
    (inbox / "whole.txt").write_text("ยาหม่องตลับเขียว", encoding="utf-8")
    (Path(os.fsdecode(os.fsencode(inbox) + b"/\xff\xfe.txt"))).write_text("ชื่อแฟ้มเพี้ยน", encoding="utf-8")
    ran = run_plan(tmp_path, {"sources": [{"source": "files", "folder": str(inbox), "origin": "partner"}]})
    assert "Traceback" not in ran.err
    left = sorted(x.name for x in inbox.iterdir() if not x.is_dir())
    assert left == []
    assert {"half.jsonl", "whole.txt"} <= {x.name for x in (inbox / "done").iterdir()}
    refused = {x.name for x in (inbox / "refused").iterdir()}
    assert {"linked.txt", "linked.txt.reason.txt", "nowhere.txt"} <= refused
    reason = inbox / "refused" / "linked.txt.reason.txt"
    assert "symbolic link" in reason.read_text(encoding="utf-8")
    assert stat.S_IMODE(reason.stat().st_mode) == 0o600  # it quotes the file
    assert secret.read_text(encoding="utf-8") == "ความลับของเครื่อง"
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        texts = {row.text for row in store.listings.page(limit=10).rows}
    assert texts == {"ชา \ufffd\nหอม \ufffd ชื่นใจ", "ยาหม่องตลับเขียว", "ชื่อแฟ้มเพี้ยน"}


def test_a_link_is_not_read_even_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ก", encoding="utf-8")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    with pytest.raises(Unreadable, match="symbolic link"):
        list(read_file(tmp_path / "b.txt", "x"))
