import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from labels.schema import ContactKind, Listing
from service.commands.privacy import privacy
from service.privacy.requests import erase, export, find
from service.privacy.rules import Action, load_rules
from service.privacy.run import run
from service.privacy.wanted import wanted
from service.running.indexing import index_all
from service.store.cases.holds import Holder
from service.store.cases.protection import Protection
from service.store.pictures.repository import NewPicture
from service.store.tables.core_tables import Role
from tests.helpers.stored import add_pictures
from tests.helpers.warc import body_of

SOUGHT = wanted("+66 81 234 5678")


def test_every_place_is_searched(archive: Any) -> None:
    store = archive.store
    archive.add("text")
    archive.add("earlier")
    store.deposit(Listing(id="earlier", description="ไม่มีเบอร์แล้ว"), source="crawl")
    archive.add("fields", text="ดี", extra={"tel": "0812345678"}, price="โทร 0812345678")
    archive.add("note", text="ดี", decision="clear")
    archive.add("none", text="โทร 02-000-0000")
    looked: list[int] = []
    found = {item.external_id: item for item in find(store, SOUGHT, looked.append)}
    assert {name: item.places for name, item in found.items()} == {
        "text": ("text",),
        "earlier": ("earlier text",),
        "fields": ("price", "extra"),
        "note": ("note",),
    }
    assert found["text"].kinds == (ContactKind.PHONE,)
    assert looked == [5]


def test_an_erasure_keeps_what_a_case_needs_and_leaves_a_trace(archive: Any, kept: tuple[str, ...]) -> None:
    archive.fill()
    store = archive.store
    files = {name: store.listings.captures(number)[0] for name, number in archive.ids.items()}
    found = list(find(store, SOUGHT))
    done = erase(store, SOUGHT, found, archive.evidence, action=Action.REDACT, request="PDPA 7/2569")
    protected = set(kept) - {"fresh"}
    assert {name for name, number in archive.ids.items() if number in done.kept} == protected
    assert done.kept[archive.ids["held"]] == (Protection.HELD,)
    assert done.kept[archive.ids["taken-back"]] == (Protection.BINDING,)
    assert done.kept[archive.ids["unsure"]] == (Protection.OPEN,)
    assert {item.external_id for item in find(store, SOUGHT)} == protected
    for name, capture in files.items():
        path = archive.evidence / capture.warc_file
        if name in protected:
            assert body_of(path, capture.warc_record_id)
        else:
            with pytest.raises(LookupError):
                body_of(path, capture.warc_record_id)
    entries = store.audit.newest(100, action="privacy.erase")
    assert {entry.subject for entry in entries} == {f"listing:{number}" for number in done.erased}
    assert store.audit.newest(1)[0].detail["request"] == "PDPA 7/2569"
    assert "0812345678" not in str([entry.detail for entry in store.audit.newest(100)])
    assert erase(store, SOUGHT, found, archive.evidence, action=Action.DELETE, request="8").problems == []


def test_deleting_leaves_the_newest_redacted(archive: Any) -> None:
    one, two = archive.add("one"), archive.add("two")
    done = erase(
        archive.store,
        SOUGHT,
        list(find(archive.store, SOUGHT)),
        archive.evidence,
        action=Action.DELETE,
        request="1",
    )
    assert (done.erased, done.redacted_instead) == ([one, two], [two])
    assert (archive.state("one"), archive.state("two")) == ("gone", "redacted")
    archive.add("three", text="ดี")
    again = erase(archive.store, SOUGHT, [], archive.evidence, action=Action.REDACT, request="2")
    assert (again.erased, again.awaited) == ([], [two])
    assert archive.state("two") == "gone"
    entry = archive.store.audit.newest(1, action="privacy.erase")[0]
    assert (entry.subject, entry.detail) == (f"listing:{two}", {"request": "1", "action": "delete"})


def delete_the_newest(archive: Any) -> None:
    found = list(find(archive.store, SOUGHT))
    erase(archive.store, SOUGHT, found, archive.evidence, action=Action.DELETE, request="1")


def test_a_run_of_the_rules_deletes_what_a_request_had_to_leave(archive: Any) -> None:
    archive.add("one", days=1)
    delete_the_newest(archive)
    archive.hold(archive.ids["one"])
    archive.add("two", text="ดี", days=0)
    run(archive.store, load_rules(), archive.evidence)
    assert archive.state("one") == "redacted"
    archive.store.holds.lift(archive.ids["one"], "สำนวนปิด", Holder("lek", "cli"))
    run(archive.store, load_rules(), archive.evidence)
    assert archive.state("one") == "gone"


def test_what_is_collected_again_is_not_deleted_for_an_earlier_request(archive: Any) -> None:
    archive.add("one")
    delete_the_newest(archive)
    archive.store.deposit(Listing(id="one", description="ข้อความใหม่"), source="crawl")
    archive.add("two", text="ดี", days=0)
    run(archive.store, load_rules(), archive.evidence)
    assert archive.store.listing(archive.ids["one"]).description == "ข้อความใหม่"


def test_a_listing_with_a_picture_is_erased(archive: Any) -> None:
    one = archive.add("one")
    add_pictures(archive.store, one, [NewPicture("a" * 64, "image/png", 30, 20, 100)])
    archive.add("two", text="ดี")
    found = list(find(archive.store, SOUGHT))
    done = erase(archive.store, SOUGHT, found, archive.evidence, action=Action.DELETE, request="1")
    assert (done.erased, done.kept) == ([one], {})
    assert archive.state("one") == "gone"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("secure", [True, False])
@pytest.mark.parametrize("action", Action)
def test_erased_words_are_not_left_in_the_files_of_sqlite(
    archive: Any, tmp_path: Path, action: Action, secure: bool
) -> None:
    """Also with an SQLite that cannot remove words from the search index at once."""
    store = archive.store
    if not secure:
        with store.database.writing() as session:
            session.execute(text("DELETE FROM listing_search_config WHERE k = 'secure-delete'"))
        store.database.dispose()
    for number in range(40):
        archive.add(f"other {number}", text=f"หมอน ไลน์ไอดี: moncloud{number + 10}")
    archive.add("one", seller="mooncloudshop")
    archive.add("two", text="ดี")
    index_all(store)
    words = (b"moncloud9", b"0812345678", b"mooncloudshop")
    assert all(word in tmp_path.joinpath("ruthan.db-wal").read_bytes() for word in words)
    erase(store, SOUGHT, list(find(store, SOUGHT)), archive.evidence, action=action, request="1")
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert [word for word in words if word in left] == []


def test_the_export_holds_what_is_kept_but_not_the_officers_notes(archive: Any) -> None:
    archive.add("one", decision="clear", seller="ร้านหมอนเมฆ")
    store = archive.store
    document = export(store, list(find(store, SOUGHT)), "081-234-5678", "PDPA 7/2569")
    said = json.dumps(document, ensure_ascii=False)
    (listing,) = document["listings"]
    assert listing["seller"] == "ร้านหมอนเมฆ"
    assert listing["assessments"][0]["content"]["contacts"][0]["value"] == "0812345678"
    assert [row["decision"] for row in listing["decisions"]] == ["clear"]
    assert "แล้ว" not in said
    assert "นก" not in said


def invoke(url: str, *words: str, **more: Any) -> Result:
    return CliRunner().invoke(privacy, [*words, "--database", url, "--request", "PDPA 7/2569"], **more)


def test_the_commands(archive: Any, url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUTHAN_EVIDENCE_FOLDER", str(archive.evidence))
    archive.add("one")
    held = archive.add("held")
    archive.hold(held)
    listed = invoke(url, "find", "081-234-5678")
    assert "2 listings hold it" in listed.output
    assert "kept: legal hold" in listed.output
    assert [row["id"] for row in json.loads(invoke(url, "find", "0812345678", "--json").stdout)] == [
        "one",
        "held",
    ]
    assert "is not a contact" in invoke(url, "find", "ร้านหมอน").output

    out = tmp_path / "export.json"
    assert invoke(url, "export", "0812345678", "--out", str(out)).exit_code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert len(json.loads(out.read_text())["listings"]) == 2
    again = invoke(url, "export", "0812345678", "--out", str(out))
    assert (again.exit_code, "name a new file" in again.output) == (1, True)

    dry = invoke(url, "erase", "0812345678", "--dry-run")
    assert "1 listings would be redacted, 1 kept; nothing was changed" in dry.output
    assert invoke(url, "erase", "0812345678", input="n\n").exit_code == 1
    assert archive.state("one") == "whole"
    done = invoke(url, "erase", "0812345678", "--yes")
    assert "1 listings redacted, 1 kept" in done.output, done.output
    assert (archive.state("one"), archive.state("held")) == ("redacted", "whole")
    actions = [
        entry.action for entry in archive.store.audit.newest(100) if entry.action.startswith("privacy")
    ]
    assert actions == [
        "privacy.find",
        "privacy.find",
        "privacy.export",
        "privacy.find",
        "privacy.erase",
        "privacy.request",
    ]
    assert archive.store.users.find("lek").role == Role.LEAD


def test_the_command_says_what_it_only_redacted_and_deletes_it_later(
    archive: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUTHAN_EVIDENCE_FOLDER", str(archive.evidence))
    one = archive.add("one")
    first = invoke(url, "erase", "0812345678", "--delete", "--yes")
    assert "0 listings deleted, 1 redacted, 0 kept" in first.output, first.output
    archive.add("two", text="ดี")
    second = invoke(url, "erase", "0812345678", "--delete", "--yes")
    assert f"deleted for earlier requests: {one}" in second.output, second.output
    assert archive.state("one") == "gone"
