"""Shadow runs over a real store, with stand-ins for the two models."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from labels.schema import Assessment, Claim, Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.dashboard.period import Period
from service.decisions.reasons import offences_of
from service.shadow.candidate import Candidate
from service.shadow.folder import ANSWERS, ShadowError, ShadowFolder
from service.shadow.running import REDACTED, UNASSESSED, UNREADABLE, run
from service.shadow.text import as_text
from service.store import Store
from service.store.database.columns import now
from service.text.thai_calendar import local_day

FOOD = "food-act-40"

Decide = Callable[..., int]


class Other:
    """Flags what it is told to; stands where another bundle stands."""

    model_id = "other 2 (111111)"

    def __init__(self, *words: str) -> None:
        self.words = words
        self.read: list[str] = []

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        if any("ข้อความที่อ่านไม่ได้" in listing.text for listing in listings):
            raise ValueError("unreadable")
        self.read += [listing.id for listing in listings]
        return [self._assess(listing) for listing in listings]

    def _assess(self, listing: Listing) -> Assessment:
        found = [word for word in self.words if word in listing.text]
        claims = [
            Claim(
                start=(start := listing.text.index(word)), end=start + len(word), text=word,
                label=ClaimLabel.BODY_STRUCTURE, probability=0.9,
            )
            for word in found
        ]  # fmt: skip
        return Assessment(
            id=listing.id,
            verdict=Verdict.NEEDS_REVIEW if found else Verdict.CLEAR,
            risk=0.3 + 0.1 * len(listing.id) if found else 0.05,
            product_class=ProductClass.COSMETIC,
            product_class_probability=0.9,
            offer=True,
            offer_probability=0.9,
            claims=claims,
            model=self.model_id,
        )


def today() -> Period:
    return Period(local_day(now()), local_day(now()))


def fill(store: Store, decide: Decide) -> None:
    """Five of which the current model flags three; people decided four."""
    decide(store, "a", Verdict.PROHIBITED)
    decide(store, "bb", Verdict.PROHIBITED, text="รักษาเบาหวาน ลบฝ้าถาวร")
    decide(store, "ccc", Verdict.CLEAR, text="รักษาเบาหวาน ไม่ได้")
    decide(store, "dddd", Verdict.CLEAR, text="หมอนยางพารา")
    store.reviews.withdraw(decide(store, "eeeee", Verdict.CLEAR, text="ครีม ลบฝ้าถาวร"), 1)


def rows(store: Store) -> list[int]:
    with store.database.reading() as session:
        return [
            session.scalar(text(f"SELECT count(*) FROM {name}")) or 0
            for name in ("listing", "assessment", "review", "audit", "queue_entry", "case_outcome")
        ]


def test_flags_won_and_lost_and_what_reviewers_would_see(
    store: Store, decide: Decide, tmp_path: Path
) -> None:
    fill(store, decide)
    before = rows(store)
    folder = ShadowFolder(tmp_path)
    report = run(store, Candidate(Other("ลบฝ้าถาวร"), "shipped"), folder, today(), now(), capacity=1)
    assert rows(store) == before
    here, there = report.current, report.candidate
    assert (report.cases, report.prohibited, here.flagged, there.flagged) == (5, 2, 3, 2)
    assert (report.new_flags, report.lost_flags, report.lost_prohibited) == (1, 2, 1)
    assert [(case.listing, case.decision) for case in report.new_examples] == [(5, None)]
    assert [(case.listing, case.decision) for case in report.lost_examples] == [
        (1, Verdict.PROHIBITED), (3, Verdict.CLEAR),
    ]  # fmt: skip
    assert (here.flagged_decided, here.flagged_borne_out, here.prohibited_flagged) == (3, 2, 2)
    assert (there.flagged_decided, there.flagged_borne_out, there.prohibited_flagged) == (1, 1, 1)
    # One case a day: of equal risk the newest, which is no. 3, now; no. 5 by the candidate.
    assert (here.seen, here.seen_prohibited, here.seen_undecided) == (1, 0, 0)
    assert (there.seen, there.seen_prohibited, there.seen_undecided) == (1, 0, 1)
    assert [(day.flagged, day.seen, day.waiting) for day in report.days] == [((3, 2), (1, 1), (2, 1))]
    assert report.confusion == {
        Verdict.PROHIBITED: {Verdict.CLEAR: 2, Verdict.NEEDS_REVIEW: 1},
        Verdict.CLEAR: {Verdict.CLEAR: 1, Verdict.NEEDS_REVIEW: 1},
    }
    assert (here.labels, there.labels) == ({ClaimLabel.DISEASE: 3}, {ClaimLabel.BODY_STRUCTURE: 2})
    assert report.current_models == {"stand-in 1 (000000)": 5}
    assert folder.reports() == [report]
    written = as_text(report)
    assert "lost flags 2, of which people decided 1 prohibited" in written
    assert "listing 1: prohibited (0.90) -> clear (0.05), decided prohibited" in written
    kept = json.loads((tmp_path / report.name / "report.json").read_text(encoding="utf-8"))
    assert "รักษา" not in json.dumps(kept, ensure_ascii=False)


def test_capacity_is_measured_and_must_be_known(store: Store, decide: Decide, tmp_path: Path) -> None:
    fill(store, decide)
    folder, candidate = ShadowFolder(tmp_path), Candidate(Other("ลบฝ้าถาวร"), "shipped")
    report = run(store, candidate, folder, today(), now())
    assert (report.capacity, report.capacity_measured) == (4, True)
    assert report.current.seen == 3
    with pytest.raises(ShadowError, match="--capacity"):
        run(store, candidate, folder, today(), now() + timedelta(days=60))
    past = Period.of(None, local_day(now()) - timedelta(days=40), now())
    with pytest.raises(ShadowError, match="another period"):
        run(store, candidate, folder, past, now())


def test_a_killed_run_goes_on_and_a_changed_text_is_read_anew(
    store: Store, decide: Decide, tmp_path: Path
) -> None:
    fill(store, decide)
    folder, other = ShadowFolder(tmp_path), Other("ลบฝ้าถาวร")
    first = run(store, Candidate(other, "shipped"), folder, today(), now(), 1)
    assert other.read == ["a", "bb", "ccc", "dddd", "eeeee"]
    path = tmp_path / first.name / ANSWERS
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:20])  # killed while it wrote the fourth
    decide(store, "a", Verdict.CLEAR, text="หมอนใบใหม่")
    other.read.clear()
    done: list[int] = []
    second = run(store, Candidate(other, "shipped"), folder, today(), now(), 1, done.append)
    assert other.read == ["a", "dddd", "eeeee"]
    assert done == [2, 5]
    assert (second.name, second.new_flags, second.prohibited) == (first.name, 1, 1)
    other.read.clear()
    run(store, Candidate(other, "mine.toml (abc)"), folder, today(), now(), 1)
    assert len(other.read) == 5  # another policy is another run
    assert len(folder.reports()) == 2


def test_what_cannot_be_compared_is_counted(store: Store, decide: Decide, tmp_path: Path) -> None:
    fill(store, decide)
    store.deposit(Listing(id="unread", description="ยังไม่ได้ประเมิน"))
    decide(store, "bad", Verdict.CLEAR, text="ข้อความที่อ่านไม่ได้")
    decide(store, "gone", Verdict.CLEAR, text="ลบแล้ว")
    with store.database.writing() as session:
        session.execute(text("UPDATE listing SET redacted_at = last_seen WHERE external_id = 'gone'"))
    report = run(store, Candidate(Other("ฝ้า"), "shipped"), ShadowFolder(tmp_path), today(), now(), 1)
    assert report.cases == 5
    assert report.left_out == {REDACTED: 1, UNASSESSED: 1, UNREADABLE: 1}


def test_one_process_at_a_time_and_no_names_from_outside(tmp_path: Path) -> None:
    folder = ShadowFolder(tmp_path / "runs")
    assert folder.reports() == []
    assert folder.report("../../etc/passwd") is None
    name = "2026-11-01_2026-11-30_0123456789"
    with folder.answers(name), pytest.raises(ShadowError, match="another process"), folder.answers(name):
        pass
    (tmp_path / "runs" / name / "report.json").write_text("{")
    assert folder.reports() == []


class Agreeing(Other):
    """Reads as the model in use does, but for a word that it does not see."""

    def __init__(self, assess: Callable[[Listing], Assessment], unseen: str) -> None:
        super().__init__()
        self.assess, self.unseen = assess, unseen

    def _assess(self, listing: Listing) -> Assessment:
        if self.unseen in listing.text:
            return super()._assess(listing)
        return self.assess(listing)


def test_the_candidate_is_held_against_the_provisions_that_officers_ticked(
    store: Store, decide: Decide, assessor: Any, tmp_path: Path
) -> None:
    whole, part, lost, clear = (
        decide(store, "whole", Verdict.PROHIBITED),
        decide(store, "part", Verdict.PROHIBITED, law_choices={FOOD: False}),
        decide(store, "lost", Verdict.PROHIBITED, text="รักษาเบาหวาน ขายดี"),
        decide(store, "clear", Verdict.CLEAR, confirmed=[], rejected=[0]),
    )
    assert 0 not in (whole, part, lost, clear)
    reviews = [store.decisions.of_review(number) for number in (whole, part, lost)]
    everything = {offence.ref.id for offence in offences_of(reviews[0].review, reviews[0].assessment.shape())}
    assert FOOD in everything
    assert len(everything) > 1
    folder = ShadowFolder(tmp_path)
    candidate = Candidate(Agreeing(assessor.assess, "ขายดี"), "shipped")
    report = run(store, candidate, folder, today(), now(), 1)
    # Three rest on provisions: of one an officer took a tick away, of one the candidate misses them all.
    assert (report.grounded, report.same_ground) == (3, (2, 1))
    figures = {row.id: row for row in report.provisions}
    assert figures.keys() == everything
    food = figures[FOOD]
    assert (food.ticked, food.proposed, food.proposed_and_ticked) == (2, (4, 3), (2, 1))
    other = figures[min(everything - {FOOD})]
    assert (other.ticked, other.proposed, other.proposed_and_ticked) == (3, (4, 3), (3, 2))
    (example,) = report.lost_ground_examples
    assert (report.lost_ground, example.listing) == (1, reviews[2].listing.id)
    assert set(example.ticked) == set(example.current_provisions) == everything
    assert example.candidate_provisions == []
    assert folder.report(report.name) == report
    written = as_text(report)
    assert "of 3 decisions that rely on provisions, just these proposed:\n  current 2, candidate 1" in written
    assert f"{FOOD:34}{2:>8}{'2/4':>12}{'1/3':>12}" in written


def test_answers_of_an_earlier_release_are_read_again_for_their_provisions(
    store: Store, decide: Decide, tmp_path: Path
) -> None:
    fill(store, decide)
    folder, other = ShadowFolder(tmp_path), Other("ลบฝ้าถาวร")
    first = run(store, Candidate(other, "shipped"), folder, today(), now(), 1)
    path = tmp_path / first.name / ANSWERS
    old = [
        {name: value for name, value in json.loads(line).items() if name != "provisions"}
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in old), encoding="utf-8")
    other.read.clear()
    assert run(store, Candidate(other, "shipped"), folder, today(), now(), 1).cases == first.cases
    assert len(other.read) == 5


def test_a_report_of_an_earlier_release_can_still_be_read(
    store: Store, decide: Decide, tmp_path: Path
) -> None:
    fill(store, decide)
    folder = ShadowFolder(tmp_path)
    report = run(store, Candidate(Other("ลบฝ้าถาวร"), "shipped"), folder, today(), now(), 1)
    path = tmp_path / report.name / "report.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    for name in ("grounded", "same_ground", "provisions", "lost_ground", "lost_ground_examples"):
        del kept[name]
    path.write_text(json.dumps(kept), encoding="utf-8")
    (found,) = folder.reports()
    assert (found.cases, found.grounded, found.provisions) == (report.cases, 0, [])
