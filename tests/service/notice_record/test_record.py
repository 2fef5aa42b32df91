"""The record of notices, and its recomputation from the audit trail by a standalone script."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from labels.taxonomy import Verdict
from service.notice_record import recompute
from service.notice_record.brake import ENOUGH, FEWEST, Brake, is_braked
from service.notice_record.notices import Notice, NoticeState
from service.notice_record.record import canonical, document, public_key_pem, record, signed
from service.store import Store
from service.store.appeals.tables import Appellant
from service.store.audit.actions import AuditAction
from service.store.cases.reviews import Consequences
from service.store.database.columns import now
from service.store.tables.api_tables import Scope
from service.store.tables.core_tables import UNSURE
from tests.helpers.stored import find_listing, record_review

PROHIBITED, CLEAR = Verdict.PROHIBITED.value, Verdict.CLEAR.value
HELD = Consequences(takedown=False)
SECRET = "a secret of at least thirty-two characters"
LATER = timedelta(days=31)


def export(store: Store) -> str:
    """The trail as ``ruthan audit export`` writes it."""
    lines = []
    for entry in store.audit.entries(0, 10_000):
        fields = {
            name: getattr(entry, name) for name in ("id", "actor", "action", "subject", "detail", "hash")
        }
        lines.append(json.dumps(fields | {"at": entry.at.astimezone(UTC).isoformat()}, ensure_ascii=False))
    return "\n".join(lines) + "\n"


@pytest.fixture
def busy(store: Store, decide: Any) -> Store:
    """An office with a notice of each standing."""
    key = store.api_keys.create("shop", [Scope.READ]).row
    lek = store.users.create("lek", "a long password", "เล็ก").id

    def number(name: str) -> int:
        return find_listing(store, name, key.source).id  # type: ignore[union-attr]

    def answer(name: str, decision: str) -> int:
        listing = store.listing(number(name))
        assert listing is not None
        assert listing.assessment_id is not None
        return record_review(store, listing.assessment_id, lek, decision, confirmed=[0]).id

    names = ("left alone", "upheld", "reversed", "contested", "renewed", "changed", "doubted")
    for name in names:
        decide(store, name, PROHIBITED, source=key.source)
    for name in ("upheld", "reversed", "contested"):
        assert store.appeals.file(number(name), key, Appellant.SELLER, "ได้รับอนุญาตแล้ว") is not None
    for name, decision in (
        ("upheld", PROHIBITED),
        ("reversed", CLEAR),
        ("doubted", UNSURE),
        ("renewed", PROHIBITED),
    ):
        answer(name, decision)
    store.reviews.withdraw(answer("left alone", UNSURE), lek)
    decide(store, "changed", CLEAR, source=key.source, text="ครีมบำรุงผิว")
    nok = store.users.find("nok").id  # type: ignore[union-attr]
    store.reviews.withdraw(decide(store, "slip", PROHIBITED, source=key.source), nok)
    decide(store, "held", PROHIBITED, source=key.source, consequences=HELD)
    decide(store, "lawful", CLEAR, source=key.source)
    return store


EXPECTED = {
    "sent": 10, "upheld": 1, "expired": 0, "overturned": 2, "pending": 5, "renewed": 1, "changed": 1,
}  # fmt: skip


@pytest.mark.costly
def test_each_notice_is_counted_by_what_became_of_it(busy: Store) -> None:
    made = record(busy, now())
    assert {name: made["all"][name] for name in EXPECTED} == EXPECTED
    assert made["all"]["precision"] == 0.3333
    assert made["labels"] == {"disease_claim": made["all"]}
    assert made["automatic"]["sent"] == 0
    later = record(busy, now() + LATER)["all"]
    assert (later["expired"], later["pending"]) == (4, 1), "only the contested one still waits"


@pytest.mark.costly
def test_the_script_finds_the_same_figures_in_the_trail(busy: Store, tmp_path: Path) -> None:
    script = [sys.executable, "-I", recompute.__file__, "record.json", "trail.jsonl"]
    for moment in (timedelta(0), LATER):
        made = signed(record(busy, now() + moment), SECRET)
        busy.audit.record("cli", AuditAction.AUDIT_EXPORT)  # the trail continues
        (tmp_path / "record.json").write_text(json.dumps(made), "utf-8")
        (tmp_path / "trail.jsonl").write_text(export(busy), "utf-8")
        done = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), moment
        assert "10 notices" in done.stdout


@pytest.mark.costly
@pytest.mark.parametrize(("slip", "last", "expected"), [
    (PROHIBITED, None, {"sent": 2, "pending": 1, "overturned": 1}),
    (PROHIBITED, PROHIBITED, {"sent": 3, "upheld": 1, "overturned": 1, "pending": 1}),
    (PROHIBITED, CLEAR, {"sent": 2, "overturned": 2}),
    (CLEAR, None, {"sent": 1, "pending": 1}),
    (CLEAR, PROHIBITED, {"sent": 2, "upheld": 1, "pending": 1}),
])  # fmt: skip
def test_an_answer_that_was_withdrawn_settles_nothing(
    store: Store, decide: Any, slip: str, last: str | None, expected: dict[str, int]
) -> None:
    key = store.api_keys.create("shop", [Scope.READ]).row
    decide(store, "a", PROHIBITED, source=key.source)
    listing = find_listing(store, "a", key.source)
    assert listing is not None
    assert listing.assessment_id is not None
    assert store.appeals.file(listing.id, key, Appellant.SELLER, "ได้รับอนุญาตแล้ว") is not None
    lek = store.users.create("lek", "a long password", "เล็ก").id
    store.reviews.withdraw(record_review(store, listing.assessment_id, lek, slip, confirmed=[0]).id, lek)
    if last is not None:
        record_review(store, listing.assessment_id, lek, last, confirmed=[0])
    made = record(store, now())
    assert {name: made["all"][name] for name in EXPECTED if made["all"][name]} == expected
    entries = [json.loads(line) for line in export(store).splitlines()]
    found = recompute.count(entries, datetime.fromisoformat(made["until"]), made["contest_days"])
    assert recompute.figures(found) == made["all"]


@pytest.mark.costly
def test_a_decision_made_meanwhile_is_left_to_the_next_record(
    busy: Store, decide: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = busy.audit.search

    def slow(*wanted: Any) -> Any:
        decide(busy, "meanwhile", PROHIBITED)
        return search(*wanted)

    monkeypatch.setattr(busy.audit, "search", slow)
    assert record(busy, now())["all"]["sent"] == EXPECTED["sent"]


Forge = Callable[[Any, str], tuple[Any, str]]


FORGED: tuple[tuple[Forge, str], ...] = (
    (lambda made, trail: (made | {"all": made["all"] | {"overturned": 0}}, trail), "the record says"),
    (lambda made, trail: (made, trail.replace('"prohibited"', '"clear"', 1)), "does not follow"),
    (lambda made, trail: (made, "".join(trail.splitlines(True)[:-3])), "does not contain"),
)


@pytest.mark.costly
def test_a_forged_record_or_trail_is_found(
    busy: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = record(busy, now()), export(busy)
    for forge, words in FORGED:
        made, trail = forge(*whole)
        (tmp_path / "record.json").write_text(json.dumps({"record": made}), "utf-8")
        (tmp_path / "trail.jsonl").write_text(trail, "utf-8")
        try:
            assert recompute.main(tmp_path / "record.json", tmp_path / "trail.jsonl") == 1
            said = capsys.readouterr().out
        except SystemExit as error:
            said = str(error)
        assert words in said


def test_the_signature_is_the_office_s_own(busy: Store) -> None:
    made = signed(record(busy, now()), SECRET)
    published = load_pem_public_key(public_key_pem(SECRET).encode())
    assert isinstance(published, Ed25519PublicKey)
    signature = base64.b64decode(made["signature"])
    published.verify(signature, canonical(made["record"]))
    assert base64.b64decode(made["public_key"]) == published.public_bytes_raw()
    with pytest.raises(InvalidSignature):
        published.verify(signature, canonical(made["record"] | {"contest_days": 0}))
    assert signed(made["record"], SECRET + "x")["public_key"] != made["public_key"]


def notice(number: int, standing: NoticeState) -> Notice:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    return Notice(number, f"listing:{number}", day, "", (), automatic=False, standing=standing)


def test_an_old_notice_is_not_counted() -> None:
    found = [notice(1, NoticeState.EXPIRED)]
    assert document(found, datetime(2026, 12, 1, tzinfo=UTC))["all"]["sent"] == 1
    assert document(found, datetime(2027, 12, 1, tzinfo=UTC))["all"]["sent"] == 0


def test_the_brake_holds_when_too_few_notices_are_sure_to_stand_and_at_the_start_when_too_many_fell(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(stood: int, overturned: int) -> Callable[[Iterable[Any], datetime], list[Notice]]:
        kinds = [NoticeState.EXPIRED] * stood + [NoticeState.OVERTURNED] * overturned
        return lambda entries, moment: [notice(n, kind) for n, kind in enumerate(kinds)]

    moment = datetime(2026, 6, 1, tzinfo=UTC)
    cases = (
        (0, 0, False),
        (0, FEWEST - 1, False),
        (0, FEWEST, True),
        (0, ENOUGH - 1, True),
        (10, 10, True),
        (9, 1, False),
        (ENOUGH, 0, False),
        (200, 30, True),
        (400, 10, False),
    )
    for stood, overturned, holds in cases:
        monkeypatch.setattr("service.notice_record.brake.notices", found(stood, overturned))
        assert is_braked(store, moment) is holds, (stood, overturned)
    minutes = iter([0.0, 0.0, 1.0, 700.0, 700.0])
    brake = Brake(lambda: moment, lambda: next(minutes))
    monkeypatch.setattr("service.notice_record.brake.notices", found(200, 30))
    assert brake.holds(store)
    monkeypatch.setattr("service.notice_record.brake.notices", found(400, 0))
    assert brake.holds(store), "the answer is reused for ten minutes"
    assert not brake.holds(store)
