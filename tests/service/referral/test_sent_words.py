"""A sent letter keeps its words, whatever templates, law catalogue and program say later."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from labels.law import catalogue
from labels.taxonomy import ClaimLabel
from service.decisions import reasons
from service.decisions.notice import QuotedClaim
from service.privacy.redaction import Redactor
from service.referral.downloads import record_download
from service.referral.pack import Pack
from service.store.database.columns import now
from service.store.referrals.steps import Passages, ReferralChanged, Step
from service.store.tables.core_tables import Listing
from service.store.tables.referral_tables import Channel, ReferralStatus
from service.text import official_wording
from tests.service.store.test_migrate import downgrade

pytestmark = pytest.mark.slow(0.5)  # a letter, each

Unpack = Callable[[bytes], dict[str, bytes]]
WORDS = ("อย. รับรองแล้ว", "ผอมทันใจ")
TEXT = f"แคปซูล {WORDS[0]} {WORDS[1]} โทร 081-234-5678"
LABELS = [ClaimLabel.FALSE_ENDORSEMENT, ClaimLabel.WEIGHT_LOSS]


def decided(desk: Any, **fields: Any) -> int:
    spans = [(TEXT.index(words), TEXT.index(words) + len(words)) for words in WORDS]
    return int(desk.decide(TEXT, spans=spans, labels=LABELS, **fields))


def send(desk: Any, row: Any, download: int | None = None) -> Pack:
    made: Pack = desk.pack(desk.newest(row))
    step = Step(
        ReferralStatus.SENT,
        now(),
        Channel.POST,
        "ตู้ ปณ. 1",
        pack_sha256=made.sha256,
        stated=made.stated,
        wording=made.wording,
        download=download,
    )
    desk.store.referrals.record(row.id, desk.reviewer, step)
    return made


def another_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another law catalogue, other words for violations, and no quotation at all."""
    rows = {
        number: dataclasses.replace(row, rule_thai="บทบัญญัติใหม่", penalty_thai="ปรับ", status="U")
        for number, row in catalogue._catalogue().items()
    }
    monkeypatch.setattr(catalogue, "_catalogue", lambda: rows)
    monkeypatch.setattr(reasons, "_quoted", lambda *_: [])
    monkeypatch.setattr(
        official_wording, "VIOLATIONS", dict.fromkeys(official_wording.VIOLATIONS, "กระทำการอื่น")
    )


def test_a_sent_letter_keeps_its_words_in_another_release(
    desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = desk.refer(decided(desk))
    made = send(desk, row)
    another_release(monkeypatch)
    folder = tmp_path / "templates"
    folder.mkdir()
    folder.joinpath("office.toml").write_text('name = "สำนักงานอื่น"\n', encoding="utf-8")
    assert desk.pack(desk.newest(row), folder).data == made.data


def test_words_whose_provisions_were_all_unticked_stay_in_a_letter_that_quoted_them(
    desk: Any, unpack: Unpack, docx_text: Any, pdf_text: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Releases have differed in whether a letter quotes such words; a draft follows the present one."""
    unticked = dict.fromkeys(("food-act-40", "food-act-41"), False)
    ticked = unticked | {"food-ad-criteria-2569": True}
    sent, draft = (desk.refer(decided(desk, id=name, law_choices=ticked)) for name in ("sent", "draft"))
    with monkeypatch.context() as earlier:
        earlier.setattr(reasons, "_quoted", _every_word)
        send(desk, sent)
    for row, is_quoted in ((sent, True), (draft, False)):
        files = unpack(desk.pack(desk.newest(row)).data)
        for read in (
            docx_text(files["letter.docx"]),
            pdf_text(files["letter.pdf"]),
            files["case.json"].decode(),
        ):
            assert (f"“{WORDS[1]}”" in read) is is_quoted


def _every_word(review: Any, assessment: Any, resting: Any, stated: Any) -> list[Any]:
    return [
        QuotedClaim(start=item.start, end=item.end, label=item.label, text=item.text, law=[])
        for item in reasons._words(review, assessment)
    ]


def test_a_joint_letter_keeps_its_annex(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = desk.refer_all([decided(desk, id=name, seller="ร้าน ก") for name in ("one", "two")])
    made = send(desk, row)
    another_release(monkeypatch)
    assert desk.pack(desk.newest(row)).data == made.data


def test_a_reminder_leaves_the_words_of_the_first_sending(desk: Any) -> None:
    row = desk.refer(decided(desk))
    made = send(desk, row)
    again = Step(ReferralStatus.SENT, now(), Channel.EMAIL, "a@example.com", pack_sha256=made.sha256)
    desk.store.referrals.record(row.id, desk.reviewer, again)
    assert desk.pack(desk.newest(row)).data == made.data


def test_a_letter_is_sent_as_it_was_downloaded_though_the_program_was_upgraded_since(
    desk: Any, unpack: Unpack, pdf_text: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = desk.refer(decided(desk))
    printed = desk.pack(row)
    record_download(desk.store, "cli", row, printed)
    assert desk.store.referrals.sent_letter(row.id) is None  # a draft is composed again
    another_release(monkeypatch)
    assert desk.pack(row).data != printed.data
    (kept,) = desk.store.referrals.downloads(row.id)
    made = send(desk, row, kept.id)
    assert made.data != printed.data
    again = desk.pack(desk.newest(row))
    assert again.data == printed.data
    assert desk.store.referrals.events(row.id)[-1][0].pack_sha256 == printed.sha256
    assert {item.item.listing_id: item.item.stated for item in desk.store.referrals.covered(row.id)} == {
        number: list(ids) for number, ids in printed.stated.items()
    }


def test_the_download_of_another_person_leaves_the_one_that_was_posted(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = desk.refer(decided(desk))
    posted = desk.pack(row)
    for actor in ("reviewer:nok", "reviewer:mali"):
        record_download(desk.store, actor, row, posted)
    named = {words.by: words.id for words in desk.store.referrals.downloads(row.id)}
    record_download(desk.store, "reviewer:nok", row, posted)
    # Pages that are open name it.
    assert {words.by: words.id for words in desk.store.referrals.downloads(row.id)} == named
    another_release(monkeypatch)
    record_download(desk.store, "cli", row, desk.pack(row))
    kept = desk.store.referrals.downloads(row.id)
    assert [words.by for words in kept] == ["cli", "reviewer:nok", "reviewer:mali"]
    send(desk, row, named["reviewer:nok"])
    assert desk.pack(desk.newest(row)).data == posted.data
    assert desk.store.referrals.events(row.id)[-1][0].pack_sha256 == posted.sha256


def test_a_download_of_another_letter_cannot_be_sent(desk: Any) -> None:
    rows = [desk.refer(decided(desk, id=name)) for name in ("one", "two")]
    record_download(desk.store, "cli", rows[0], desk.pack(rows[0]))
    (kept,) = desk.store.referrals.downloads(rows[0].id)
    with pytest.raises(ReferralChanged):
        send(desk, rows[1], kept.id)


def test_a_letter_that_was_changed_after_its_download_is_sent_as_changed(desk: Any) -> None:
    row = desk.refer(decided(desk))
    record_download(desk.store, "cli", row, desk.pack(row))
    (kept,) = desk.store.referrals.downloads(row.id)
    desk.store.referrals.edit(row.id, desk.reviewer, Passages(request="โปรดดำเนินการ"))
    # One who saw the letter before the change downloads what no longer stands.
    record_download(desk.store, "cli", row, desk.pack(row))
    with pytest.raises(ReferralChanged, match="changed since that download"):
        send(desk, row, kept.id)
    made = send(desk, row)
    assert "โปรดดำเนินการ" in made.wording.letter["request"]
    assert desk.store.referrals.events(row.id)[-1][0].pack_sha256 == made.sha256
    assert desk.pack(desk.newest(row)).data == made.data


def test_a_letter_whose_sent_words_are_not_stored_says_that_it_was_worded_anew(
    desk: Any, unpack: Unpack, docx_text: Any, pdf_text: Any
) -> None:
    rows = [desk.refer(decided(desk, id=name)) for name in ("stored", "earlier", "draft")]
    send(desk, rows[0])
    desk.store.referrals.record(
        rows[1].id, desk.reviewer, Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1")
    )
    for row, is_anew in zip(rows, (False, True, False), strict=True):
        files = unpack(desk.pack(desk.newest(row)).data)
        for read in (
            docx_text(files["letter.docx"]),
            pdf_text(files["letter.pdf"]),
            files["README.txt"].decode(),
            files["SHA256SUMS"].decode(),
        ):
            assert ("ถ้อยคำอาจไม่ตรงกับฉบับที่ส่ง" in read.replace("\n", " ")) is is_anew


def test_redaction_of_one_listing_removes_its_words_and_leaves_those_of_the_others(
    desk: Any, unpack: Unpack
) -> None:
    row = desk.refer_all([decided(desk, id=name, seller="ร้าน ก") for name in ("one", "two")])
    send(desk, row)
    with desk.store.database.writing() as session:
        Redactor().redact(session, session.get_one(Listing, row.listing_id), now())
    kept = desk.store.referrals.sent_letter(row.id)
    assert kept.letter is None
    assert list(kept.listings) == [str(row.listing_id + 1)]
    case = unpack(desk.pack(desk.newest(row)).data)["case.json"].decode()
    assert case.count(WORDS[1]) > 1


def test_an_earlier_version_gets_the_last_download_alone(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = desk.refer(decided(desk))
    record_download(desk.store, "cli", row, desk.pack(row))
    another_release(monkeypatch)
    last = desk.pack(row)
    record_download(desk.store, "cli", row, last)
    downgrade(desk.store.database, "0049")
    with desk.store.database.reading() as session:
        assert session.execute(text("SELECT pack_sha256 FROM sent_letter")).all() == [(last.sha256,)]
