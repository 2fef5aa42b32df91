"""What a review proves becomes an annotation; the rest is omitted and counted."""

import re
from collections import Counter

import pytest

from inference.licences import find_numbers
from labels.dataset.check import record_problems
from labels.pictured import AssessedPicture, PicturedAssessment, PictureLicence, PictureLine
from labels.schema import Assessment, Claim, Listing, RegistryStatus, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.privacy.redaction import Redactor
from service.store import Store
from service.store.database.columns import now
from service.store.tables.core_tables import UNSURE, AssessmentRow
from service.store.tables.core_tables import Listing as Row
from service.training_data.review_export import LeftOut, Reviewed, reviewed
from tests.helpers.stored import record_review

CURE, SLIM, BENEFIT = "รักษาเบาหวาน", "ผอมใน 7 วัน", "บำรุงผิว"
TEXT = f"ชา {CURE} {SLIM} {BENEFIT} 99 บาท"
PERMIT = "โฆษณาเลขที่ ฆอ. 123/2565"
LABELS = {CURE: ClaimLabel.DISEASE, SLIM: ClaimLabel.WEIGHT_LOSS, BENEFIT: ClaimLabel.BENEFIT}


@pytest.fixture
def reviewer(store: Store) -> int:
    return store.users.create("nok", "a long password", "นก").id


def case(store: Store, name: str = "a", text: str = TEXT, certain: float = 0.99) -> int:
    """Deposit a listing with one claim for each known phrase; return the number of its assessment."""
    number = store.deposit(Listing(id=name, description=text, platform=Platform.LINE)).listing_id
    claims = [
        Claim(start=m.start(), end=m.end(), label=label, probability=0.9, text=phrase)
        for phrase, label in LABELS.items()
        for m in re.finditer(phrase, text)
    ]
    return store.assessments.record(
        number,
        Assessment(
            id=name,
            verdict=Verdict.NEEDS_REVIEW,
            risk=0.5,
            product_class=ProductClass.FOOD,
            product_class_probability=certain,
            offer=True,
            offer_probability=0.9,
            claims=claims,
            licences=find_numbers(text),
            model="by hand",
        ),
    )


def again(store: Store, assessment: int, **changes: object) -> int:
    """Assess the listing of an assessment again, with changes."""
    with store.database.reading() as session:
        row = session.get_one(AssessmentRow, assessment)
        found = PicturedAssessment.model_validate(row.shape().model_dump() | {"pictures": []} | changes)
    return store.assessments.record(row.listing_id, found)


def decide(store: Store, reviewer: int, assessment: int, decision: str, yes=(), no=()) -> None:
    record_review(store, assessment, reviewer, decision, confirmed=yes, rejected=no)


def test_confirmed_claims_are_the_spans(store: Store, reviewer: int) -> None:
    decide(store, reviewer, case(store), Verdict.PROHIBITED, yes=[2, 0], no=[1])
    found = reviewed(store)
    (record,) = found.records
    assert not found.left_out
    assert record.text == TEXT
    assert record.spans == [
        Span(start=TEXT.index(p), end=TEXT.index(p) + len(p), label=LABELS[p]) for p in (CURE, BENEFIT)
    ]
    assert (record.product_class, record.offer, record.platform) == (
        ProductClass.FOOD,
        True,
        Platform.LINE,
    )
    assert record.id.startswith("review-")
    assert reviewed(store).records == [record]


def test_added_words_and_the_class_that_the_reviewer_named_are_learnt(store: Store, reviewer: int) -> None:
    number = case(store, certain=0.3)
    start = TEXT.index("99 บาท")
    added = Span(start=start, end=start + 6, label=ClaimLabel.ABSOLUTE)
    record_review(
        store,
        number,
        reviewer,
        Verdict.PROHIBITED,
        rejected=[0, 1, 2],
        added=[added],
        product_class=ProductClass.HERBAL,
    )
    (record,) = reviewed(store).records
    assert record.spans == [added]
    assert record.product_class is ProductClass.HERBAL


def test_overlapping_spans_of_one_label_become_one(store: Store, reviewer: int) -> None:
    start = TEXT.index(CURE)
    end = start + len(CURE)
    inside, beyond = (
        Span(start=start + 2, end=stop, label=ClaimLabel.DISEASE) for stop in (end - 1, end + 4)
    )
    other = Span(start=end - 3, end=end + 4, label=ClaimLabel.ABSOLUTE)
    touching = Span(start=end + 4, end=end + 6, label=ClaimLabel.DISEASE)
    added = [touching, other, beyond, inside]
    record_review(
        store, case(store), reviewer, Verdict.PROHIBITED, confirmed=[0], rejected=[1, 2], added=added
    )
    (record,) = reviewed(store).records
    assert record.spans == [Span(start=start, end=end + 4, label=ClaimLabel.DISEASE), other, touching]
    assert not list(record_problems(record))


def test_a_text_of_white_space_teaches_nothing(store: Store, reviewer: int) -> None:
    """A listing of pictures alone has one."""
    decide(store, reviewer, case(store, text="\n"), Verdict.CLEAR)
    found = reviewed(store)
    assert not found.records
    assert found.left_out == {LeftOut.NO_TEXT: 1}


def test_a_withdrawn_decision_teaches_nothing(store: Store, reviewer: int) -> None:
    row = record_review(store, case(store), reviewer, Verdict.CLEAR)
    store.reviews.withdraw(row.id, reviewer)
    found = reviewed(store)
    assert not found.records
    assert found.left_out == {LeftOut.WITHDRAWN: 1}


CASES = [
    (Verdict.NOT_AN_AD, [], [], TEXT, []),
    (Verdict.CLEAR, [], [], TEXT, []),
    (Verdict.CLEAR, [2], [0, 1], f"{TEXT} {PERMIT}", [BENEFIT]),
    (Verdict.CLEAR, [], [], f"{CURE} {PERMIT}", []),
    (Verdict.NEEDS_PERMIT, [2], [], TEXT, [BENEFIT]),
    (Verdict.PROHIBITED, [0, 1], [2], TEXT, [CURE, SLIM]),
    (Verdict.CLEAR, [], [], "ชา 99 บาท", []),
    (UNSURE, [0], [1, 2], TEXT, LeftOut.UNSURE),
    (Verdict.PROHIBITED, [0], [], TEXT, LeftOut.UNMARKED),
    (Verdict.PROHIBITED, [], [], TEXT, LeftOut.UNMARKED),
    (Verdict.NEEDS_PERMIT, [], [], TEXT, LeftOut.UNMARKED),
    (Verdict.CLEAR, [], [], f"{TEXT} {PERMIT}", LeftOut.UNMARKED),
    (Verdict.PROHIBITED, [], [0, 1, 2], TEXT, LeftOut.NO_WORDS),
    (Verdict.PROHIBITED, [], [], "ชา 99 บาท", LeftOut.NO_WORDS),
    (Verdict.NEEDS_PERMIT, [], [0, 1, 2], TEXT, LeftOut.NO_WORDS),
    (Verdict.PROHIBITED, [2], [0, 1], TEXT, LeftOut.CONTRADICTION),
    (Verdict.CLEAR, [0], [], TEXT, LeftOut.CONTRADICTION),
    (Verdict.CLEAR, [2], [], TEXT, LeftOut.CONTRADICTION),
    (Verdict.NEEDS_PERMIT, [0, 2], [], TEXT, LeftOut.CONTRADICTION),
    (Verdict.NEEDS_PERMIT, [2], [0, 1], f"{TEXT} {PERMIT}", LeftOut.CONTRADICTION),
    (Verdict.NOT_AN_AD, [0], [], TEXT, LeftOut.CONTRADICTION),
]
"""Decision, confirmed and rejected claims, text; then the spans' words, or why the review is left out."""


def test_what_each_decision_settles(store: Store, reviewer: int) -> None:
    before = Reviewed()
    for n, (decision, yes, no, text, expected) in enumerate(CASES):
        told = (decision, yes, no, text)
        decide(store, reviewer, case(store, str(n), text), decision, yes, no)
        now = reviewed(store)
        new = now.records[len(before.records) :]
        if isinstance(expected, LeftOut):
            assert now.left_out - before.left_out == {expected: 1}, told
            assert new == [], told
        else:
            assert now.left_out == before.left_out, told
            assert [[r.text[s.start : s.end] for s in r.spans] for r in new] == [expected], told
            assert new[0].offer is (decision is not Verdict.NOT_AN_AD), told
        before = now


def test_a_benefit_is_no_claim_where_no_permit_exists(store: Store, reviewer: int) -> None:
    """So a confirmed one bears out no lack of a permit, and does not contradict that the text is clear."""
    for n, (decision, yes, expected) in enumerate(
        [
            (Verdict.NEEDS_PERMIT, [2], LeftOut.CONTRADICTION),
            (Verdict.CLEAR, [2], []),
            (Verdict.PROHIBITED, [0, 2], [CURE]),
        ]
    ):
        before = reviewed(store)
        no = [number for number in range(3) if number not in yes]
        number = case(store, str(n), f"{TEXT} {n}")
        record_review(
            store, number, reviewer, decision, confirmed=yes, rejected=no, product_class=ProductClass.COSMETIC
        )
        found = reviewed(store)
        new = [[r.text[s.start : s.end] for s in r.spans] for r in found.records[len(before.records) :]]
        if isinstance(expected, LeftOut):
            assert (new, found.left_out - before.left_out) == ([], {expected: 1})
        else:
            assert (new, found.left_out) == ([expected], before.left_out)


@pytest.mark.parametrize("decision", [Verdict.PROHIBITED, Verdict.CLEAR])
def test_an_unmarked_benefit_needs_no_mark_where_no_permit_exists(
    store: Store, reviewer: int, decision: Verdict
) -> None:
    """It is left out of the record however it would be marked."""
    yes, no = ([0], [1]) if decision is Verdict.PROHIBITED else ([], [0, 1])
    record_review(
        store,
        case(store),
        reviewer,
        decision,
        confirmed=yes,
        rejected=no,
        product_class=ProductClass.COSMETIC,
    )
    (record,) = reviewed(store).records
    assert [record.text[span.start : span.end] for span in record.spans] == [CURE][: len(yes)]


def test_a_permit_in_a_picture_counts(store: Store, reviewer: int) -> None:
    """The claim may then stand in a clear listing, so only the reviewer can tell whether it is one."""
    line = PictureLine(text=PERMIT, box=(0, 0, 9, 9), confidence=0.9)
    numbers = [PictureLicence(**one.model_dump(), boxes=[line.box]) for one in find_numbers(PERMIT)]
    picture = AssessedPicture(sha256="a" * 64, lines=[line], licences=numbers)
    for name, yes, no, expected in (
        ("a", [], [], LeftOut.UNMARKED),
        ("b", [0], [], [BENEFIT]),
        ("c", [], [0], []),
    ):
        number = again(store, case(store, name, f"ชา {name} {BENEFIT}"), pictures=[picture])
        before = reviewed(store)
        decide(store, reviewer, number, Verdict.CLEAR, yes, no)
        found = reviewed(store)
        new = [[s.label for s in r.spans] for r in found.records[len(before.records) :]]
        if isinstance(expected, LeftOut):
            assert (new, found.left_out - before.left_out) == ([], {expected: 1})
        else:
            assert new == [[LABELS[words] for words in expected]]


def test_a_permit_that_the_registry_calls_cancelled_does_not_count(store: Store, reviewer: int) -> None:
    text = f"ชา {BENEFIT} {PERMIT}"
    (permit,) = find_numbers(text)
    cancelled = permit.model_copy(update={"status": RegistryStatus.CANCELLED})
    number = again(store, case(store, text=text), licences=[cancelled])
    decide(store, reviewer, number, Verdict.NEEDS_PERMIT, yes=[0])
    (record,) = reviewed(store).records
    assert [span.label for span in record.spans] == [ClaimLabel.BENEFIT]


def test_a_permit_that_the_reader_of_the_time_missed_counts(store: Store, reviewer: int) -> None:
    number = again(store, case(store, text=f"ชา {BENEFIT} {PERMIT}"), licences=[])
    decide(store, reviewer, number, Verdict.CLEAR)
    found = reviewed(store)
    assert (found.records, found.left_out) == ([], {LeftOut.UNMARKED: 1})


def test_the_newest_review_of_a_text_wins(store: Store, reviewer: int) -> None:
    number = case(store)
    decide(store, reviewer, number, Verdict.PROHIBITED, yes=[0], no=[1, 2])
    decide(store, reviewer, number, Verdict.NOT_AN_AD)
    (record,) = reviewed(store).records
    assert not record.offer
    decide(store, reviewer, number, UNSURE)
    assert reviewed(store).records == []


def test_a_review_stands_for_the_text_it_was_made_on(store: Store, reviewer: int) -> None:
    decide(store, reviewer, case(store), Verdict.NOT_AN_AD)
    later = "ชา รสหวาน 99 บาท"
    decide(store, reviewer, case(store, text=later), Verdict.CLEAR)
    old, new = reviewed(store).records
    assert (old.text, new.text) == (TEXT, later)
    assert old.id != new.id
    assert old.group == new.group is not None


def test_a_redacted_text_is_left_out_also_once_another_replaced_it(store: Store, reviewer: int) -> None:
    assessment = case(store, text="หมอน โทร 081-234-5678")
    decide(store, reviewer, assessment, "clear")
    with store.database.writing() as session:
        Redactor().redact(session, session.get_one(Row, 1), now())
    assert reviewed(store) == Reviewed(left_out=Counter({LeftOut.REDACTED.value: 1}))
    decide(store, reviewer, case(store, text="หมอนรุ่นใหม่"), "clear")
    found = reviewed(store)
    assert [record.text for record in found.records] == ["หมอนรุ่นใหม่"]
    assert found.left_out == {LeftOut.REDACTED.value: 1}


def test_an_uncertain_class_is_left_out(store: Store, reviewer: int) -> None:
    decide(store, reviewer, case(store, certain=0.6), Verdict.NOT_AN_AD)
    assert dict(reviewed(store).left_out) == {LeftOut.CLASS: 1}


def test_reviews_come_oldest_first(store: Store, reviewer: int) -> None:
    first, second = case(store, "a", "ชา ก 9 บาท"), case(store, "b", "ชา ข 9 บาท")
    decide(store, reviewer, second, Verdict.CLEAR)
    decide(store, reviewer, first, Verdict.CLEAR)
    assert [r.text for r in reviewed(store).records] == ["ชา ข 9 บาท", "ชา ก 9 บาท"]
