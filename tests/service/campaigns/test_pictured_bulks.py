"""Decisions of a campaign on listings whose pictures were not read, or changed."""

from typing import Any

import pytest

from labels.pictured import (
    AssessedPicture,
    PictureClaim,
    PicturedAssessment,
    PictureLine,
    PictureStatus,
)
from labels.schema import Listing
from labels.taxonomy import ClaimLabel, Verdict
from service.campaigns.basis import Differs, Obstacle
from service.campaigns.grouping import GroupingReport, place_one
from service.store import Store
from service.store.cases.protection import Protection, protections
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.pictures.repository import NewPicture, Reading
from tests.helpers.stored import add_pictures, record_review
from tests.service.campaigns.test_bulks import PERMIT, WORD, decisions, planned, press

PICTURE = NewPicture("a" * 64, "image/png", 300, 200, 1000)


def assess_pictured(store: Store, assessor: Any, listing: int, words: str = "") -> None:
    """Have a listing with the picture assessed and placed; ``words`` are what the picture claims."""
    row = store.listing(listing)
    assert row is not None
    read = store.pictures.of_listing(listing)[0].picture.reading is not None
    status = PictureStatus.READ if read else PictureStatus.WAITING
    lines = [PictureLine(text=words, box=(0, 0, 9, 9), confidence=0.9)]
    claim = {"start": 0, "end": len(words), "label": ClaimLabel.BODY_STRUCTURE, "text": words}
    claims = [PictureClaim(**claim, probability=0.9, boxes=[])] if words else []
    found = PicturedAssessment(
        **assessor.assess(row.shape()).model_dump(),
        pictures=[AssessedPicture(sha256=PICTURE.sha256, status=status, lines=lines, claims=claims)],
    )
    store.assessments.record(listing, found, pictures_key=row.pictures_key)
    place_one(store, row, found, GroupingReport())


def open_cases(store: Store) -> list[int]:
    """The cases that wait, all of which are protected as open."""
    queue = store.reviews.queue(QueueFilter(state=CaseState.WAITING))
    waiting = [row.listing.id for row in queue.rows]
    with store.database.reading() as session:
        found = protections(session, [1, 2])
    assert sorted(waiting) == [number for number, why in sorted(found.items()) if Protection.OPEN in why]
    return waiting


def test_an_order_that_is_not_for_prohibited_waits_until_pictures_are_read(
    store: Store, add: Any, reviewer: int, ad: Any, assessor: Any
) -> None:
    press(store, reviewer, planned(store, add("0", ad(100)), PERMIT), spread=True)
    with_picture = store.deposit(Listing(id="1", description=ad(101)), source="api:shop").listing_id
    add_pictures(store, with_picture, [PICTURE])
    assess_pictured(store, assessor, with_picture)
    assert decisions(store, with_picture) == [None]
    store.pictures.record_reading(PICTURE.sha256, Reading("one"))
    assess_pictured(store, assessor, with_picture)
    assert decisions(store, with_picture) == [PERMIT]
    assess_pictured(store, assessor, with_picture)
    assert len(store.reviews.history(with_picture)) == 1


def test_a_spread_decision_is_looked_at_once_the_first_pictures_are_there(
    store: Store, add: Any, reviewer: int, ad: Any, assessor: Any
) -> None:
    reference = add("0", ad(100))
    press(store, reviewer, planned(store, reference, PERMIT), spread=True)
    joined = add("1", ad(101))
    assert (decisions(store, joined), store.reviews.waiting()) == ([PERMIT], 0)
    for listing in (reference, joined):
        add_pictures(store, listing, [PICTURE])
    # A person decided on the reference.
    assert open_cases(store) == [joined]


def test_a_spread_decision_is_looked_at_once_the_listing_is_found_prohibited(
    store: Store, add: Any, reviewer: int, ad: Any, assessor: Any
) -> None:
    answer = assessor.assess(Listing(id="1", description=ad(101))).model_copy(
        update={"verdict": Verdict.NEEDS_PERMIT}
    )
    reference = add("0", ad(100))
    press(store, reviewer, planned(store, reference, PERMIT), spread=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assessor, "assess", lambda _: answer)
        joined = add("1", ad(101))
    assert (decisions(store, joined), store.reviews.waiting()) == ([PERMIT], 0)
    for listing in (reference, joined):
        row = store.listing(listing)
        assert row is not None
        store.assessments.record(listing, assessor.assess(row.shape()))
    assert open_cases(store) == [joined]


def test_pictures_that_came_after_the_decision_on_the_reference_were_not_seen(
    store: Store, add: Any, reviewer: int, ad: Any, assessor: Any
) -> None:
    numbers = [add(str(i), ad(100 + i)) for i in range(2)]
    record_review(store, store.assessments.of_listing(numbers[0])[0].id, reviewer, PERMIT, confirmed=[0])
    for listing in numbers:
        add_pictures(store, listing, [PICTURE])
        store.pictures.record_reading(PICTURE.sha256, Reading("one"))
        assess_pictured(store, assessor, listing, words=WORD)
    made = planned(store, numbers[0], PERMIT)
    assert (made.fits, [found.obstacle for _, found in made.apart]) == ([], [Obstacle.MORE])


def test_pictures_that_were_not_assessed_keep_a_listing_out_of_a_plan(
    store: Store, add: Any, reviewer: int, ad: Any
) -> None:
    numbers = [add(str(i), ad(100 + i)) for i in range(2)]
    add_pictures(store, numbers[1], [PICTURE])
    assert [found for _, found in planned(store, numbers[0], PERMIT).apart] == [Differs(Obstacle.UNREAD)]
    assert len(planned(store, numbers[0]).fits) == 1
