"""Drafts for annotators: the undecided listings of the store."""

import pytest
from click.testing import CliRunner

from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Platform, Verdict
from service.store import Store
from service.store.tables.core_tables import UNSURE, Role
from service.training_data.draft_export import unreviewed
from tests.helpers.stored import record_review


def deposit(store: Store, assessor, key: str, text: str, assess: bool = True) -> int:
    listing = Listing(id=key, title=text, description="รายละเอียด", platform=Platform.X)
    number = store.deposit(listing).listing_id
    if assess:
        (assessment,) = assessor.classify([listing])
        store.assessments.record(number, assessment)
    return number


def review(store: Store, number: int, decision: str) -> None:
    name = f"r{number}{decision}"
    reviewer = store.users.create(name, "a long password", name, Role.REVIEWER)
    row = store.listing(number)
    assert row is not None
    assert row.assessment_id is not None
    record_review(store, row.assessment_id, reviewer.id, decision)


def test_undecided_listings_come_as_drafts_of_their_newest_assessment(store: Store, assessor) -> None:
    bad = deposit(store, assessor, "a", "ชา รักษาเบาหวาน ดี")
    deposit(store, assessor, "raw", "ไม่มีใครอ่าน", assess=False)
    decided = deposit(store, assessor, "b", "ชาหอม")
    unsure = deposit(store, assessor, "c", "ชาเข้ม")
    review(store, decided, Verdict.CLEAR)
    review(store, unsure, UNSURE)
    found = list(unreviewed(store))
    assert [draft.group for draft, _ in found] == [f"review-listing-{bad}", f"review-listing-{unsure}"]
    draft, assessment = found[0]
    assert draft.id == assessment.id
    assert draft.id.startswith(f"listing-{bad}-")
    assert draft.text == "ชา รักษาเบาหวาน ดี\nรายละเอียด"
    assert [draft.text[s.start : s.end] for s in draft.spans] == ["รักษาเบาหวาน"]
    assert (draft.spans[0].label, draft.platform, assessment.risk) == (ClaimLabel.DISEASE, Platform.X, 0.9)


def test_a_changed_text_is_undecided_again(store: Store, assessor) -> None:
    number = deposit(store, assessor, "a", "ชาหอม")
    review(store, number, Verdict.CLEAR)
    assert list(unreviewed(store)) == []
    deposit(store, assessor, "a", "ชาหอมกว่าเดิม")
    assert [draft.text for draft, _ in unreviewed(store)] == ["ชาหอมกว่าเดิม\nรายละเอียด"]


def test_pages_follow_one_another(store: Store, assessor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.training_data.draft_export._PAGE", 2)
    numbers = [deposit(store, assessor, str(n), f"ชาซองที่ {n}") for n in range(5)]
    groups = [draft.group for draft, _ in unreviewed(store)]
    assert groups == [f"review-listing-{number}" for number in numbers]


@pytest.mark.slow
def test_the_command_line_lends_the_store_to_the_annotators(url: str, assessor, tmp_path) -> None:
    pytest.importorskip("sklearn")
    from labels.dataset.shipped import Split, read_raw, split_path
    from ruthan import main
    from service.store import open_store

    for part in Split:
        split_path(part, tmp_path).touch()
    with open_store(url) as store:
        number = deposit(store, assessor, "a", "ชา รักษาเบาหวาน ดี")
    args = [
        "labels",
        "next",
        "--database",
        url,
        "--dataset",
        str(tmp_path),
        "--out",
        str(tmp_path / "n.jsonl"),
    ]
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 0, result.output
    (record,) = read_raw(tmp_path / "n.jsonl")
    assert record.group == f"review-listing-{number}"
    assert [record.text[s.start : s.end] for s in record.spans] == ["รักษาเบาหวาน"]
