"""Reviews join the dataset without leaking, and the test split never changes."""

import random
from collections import Counter
from pathlib import Path

import pytest

from labels.dataset.shipped import Split
from labels.real.standoff import RealSplit, StandOff, sha256_of_text
from labels.schema import Annotation
from labels.taxonomy import Platform, ProductClass
from tests.helpers.sealing import seal
from training.data.merge import (
    GONE,
    KIN_OF_BOTH,
    KIN_OF_REAL,
    KIN_OF_TEST,
    REPEATED,
    SAME_TEXT,
    SEALED,
    Merged,
    merge,
)

LETTERS = [chr(c) for c in range(0x0E01, 0x0E2F)]


def text(seed: int, length: int = 60) -> str:
    """A run of consonants that resembles no other."""
    return "".join(random.Random(seed).choices(LETTERS, k=length))


def note(name: str, words: str, group: str | None = None, offer: bool = True) -> Annotation:
    return Annotation(
        id=name,
        platform=Platform.LINE,
        product_class=ProductClass.FOOD,
        offer=offer,
        text=words,
        group=group,
    )


def dataset() -> dict[Split, list[Annotation]]:
    return {
        Split.TRAIN: [note("t1", text(1)), note("t2", text(2), "pair-t")],
        Split.VALIDATION: [note("v1", text(3))],
        Split.TEST: [note("x1", text(4)), note("x2", text(5), "pair-x")],
    }


def ids(records: list[Annotation]) -> set[str]:
    return {r.id for r in records}


def merged_of(*reviews: Annotation) -> Merged:
    return merge(dataset(), reviews)


@pytest.mark.parametrize(
    ("review", "part"),
    [
        (note("review-1", text(1) + text(9, 6)), Split.TRAIN),
        (note("review-1", text(9), "pair-t"), Split.TRAIN),
        (note("review-1", text(9, 6) + text(3)), Split.VALIDATION),
    ],
)
def test_kin_of_a_split_joins_it(review: Annotation, part: Split) -> None:
    merged = merged_of(review)
    grown = merged.train if part is Split.TRAIN else merged.validation
    assert "review-1" in ids(grown)
    assert merged.used == Counter({part: 1})
    assert len(merged.train) + len(merged.validation) == 4


@pytest.mark.parametrize(
    "review", [note("review-1", text(4) + text(9, 6)), note("review-1", text(9), "pair-x")]
)
def test_kin_of_test_is_left_out(review: Annotation) -> None:
    merged = merged_of(review)
    assert (ids(merged.train), ids(merged.validation)) == ({"t1", "t2"}, {"v1"})
    assert merged.left_out == {KIN_OF_TEST: 1}


def test_a_chain_to_test_is_left_out_whole() -> None:
    merged = merged_of(note("review-1", text(4) + text(9, 6), "a"), note("review-2", text(10), "a"))
    assert merged.left_out == {KIN_OF_TEST: 2}
    assert not merged.used


def test_a_bridge_between_train_and_validation_is_left_out() -> None:
    bridge = [note("review-1", text(1) + text(9, 6), "a"), note("review-2", text(3) + text(9, 6), "a")]
    merged = merged_of(*bridge)
    assert merged.left_out == {KIN_OF_BOTH: 2}
    assert not merged.used


def test_strangers_are_shared_out_the_same_way_each_time() -> None:
    reviews = [note(f"review-{n}", text(100 + n)) for n in range(60)]
    all_at_once, some = merged_of(*reviews), merged_of(*reviews[:20])
    assert sum(all_at_once.used.values()) == 60
    assert 1 <= all_at_once.used[Split.VALIDATION] < all_at_once.used[Split.TRAIN]
    assert ids(some.validation) <= ids(all_at_once.validation)
    assert ids(some.train) <= ids(all_at_once.train)


def test_two_texts_of_one_listing_stay_together() -> None:
    for n in range(12):
        merged = merged_of(
            note(f"review-{n}-a", text(200 + n), f"g{n}"), note(f"review-{n}-b", text(300 + n), f"g{n}")
        )
        assert set(merged.used.values()) == {2}


def test_a_text_that_the_dataset_has_is_left_out() -> None:
    merged = merged_of(note("review-1", text(1)), note("review-2", text(4)))
    assert merged.left_out == {SAME_TEXT: 2}


def test_the_newer_of_two_reviews_of_one_text_wins() -> None:
    merged = merged_of(note("review-1", text(9), offer=True), note("review-2", text(9), offer=False))
    (record,) = [r for r in [*merged.train, *merged.validation] if r.id.startswith("review")]
    assert (record.id, record.offer) == ("review-2", False)
    assert merged.left_out == {REPEATED: 1}


def test_a_later_review_takes_the_place_of_an_earlier_one_of_the_dataset() -> None:
    grown = dataset()
    grown[Split.VALIDATION].append(note("review-1", text(9), offer=True))
    grown[Split.TRAIN].append(note("review-2", text(10), offer=True))
    merged = merge(grown, [note("review-1", text(9), offer=False), note("review-2", text(10), offer=False)])
    assert [r.offer for r in merged.validation if r.id == "review-1"] == [False]
    assert [r.offer for r in merged.train if r.id == "review-2"] == [False]
    assert len(merged.train) + len(merged.validation) == 5
    assert not merged.left_out


def review(name: str, words: str, offer: bool = True) -> Annotation:
    return note(name, words, offer=offer).model_copy(update={"source": "reviews"})


def test_decisions_that_the_store_no_longer_gives_are_no_longer_learnt() -> None:
    grown = dataset()
    grown[Split.TRAIN] += [review("review-1-aa", text(9)), review("review-2-bb", text(10))]
    grown[Split.VALIDATION].append(review("review-3-cc", text(11)))
    # A file of a person's own may be named like the source of reviews.
    grown[Split.TRAIN].append(note("mine-1", text(12)).model_copy(update={"source": "reviews"}))
    merged = merge(grown, [review("review-2-bb", text(10), offer=False)])
    assert ids(merged.train) == {"t1", "t2", "mine-1", "review-2-bb"}
    assert ids(merged.validation) == {"v1"}
    assert merged.left_out == {GONE: 2}


@pytest.mark.parametrize("part", [Split.TRAIN, Split.VALIDATION])
def test_a_newer_review_of_a_merged_text_takes_its_place_in_its_split(part: Split) -> None:
    """Also when the earlier decision was withdrawn."""
    for start in range(3, 40, 3):
        old, new = review(f"review-{start}-aa", text(9)), review("review-99-aa", text(9), offer=False)
        grown = dataset()
        grown[part].append(old)
        for given in ([new], [old, new]):
            merged = merge(grown, given)
            mine = merged.train if part is Split.TRAIN else merged.validation
            assert [r.id for r in mine if r.text == text(9)] == ["review-99-aa"]
            assert len(merged.train) + len(merged.validation) == 4


def test_kin_of_a_real_validation_text_is_left_out() -> None:
    # The ids of real texts may be those of reviews or of the dataset.
    real = [note("review-2", text(20)), note("t1", text(21))]
    reviews = [
        note("review-1", text(20)),
        note("review-2", text(21) + text(9, 6), "a"),
        note("review-3", text(22), "a"),
        note("review-4", text(23)),
    ]
    merged = merge(dataset(), reviews, real)
    assert ids([*merged.train, *merged.validation]) == {"t1", "t2", "v1", "review-4"}
    assert merged.left_out == {KIN_OF_REAL: 3}


def test_texts_of_the_sealed_exam_and_their_families_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal(monkeypatch, text(20))
    merged = merged_of(
        note("review-1", sealed, "a"), note("review-2", text(21), "a"), note("review-3", text(22))
    )
    assert ids([*merged.train, *merged.validation]) == {"t1", "t2", "v1", "review-3"}
    assert merged.left_out == {SEALED: 2}


def test_real_validation_texts_that_are_not_available_are_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record = StandOff(
        id="real-1",
        source="a shop",
        sha256=sha256_of_text(text(20)),
        split=RealSplit.VALIDATION,
        platform=Platform.WEB_SHOP,
        product_class=ProductClass.FOOD,
        offer=True,
    )
    (tmp_path / "real.jsonl").write_text(record.model_dump_json(), encoding="utf-8")
    monkeypatch.setattr("labels.real.held_out.standoff_path", lambda: tmp_path / "real.jsonl")
    merged = merged_of(note("review-1", text(20)), note("review-2", text(21)))
    assert merged.left_out == {KIN_OF_REAL: 1}
    assert sum(merged.used.values()) == 1


def test_a_listing_stays_where_it_was_when_another_text_of_it_is_reviewed() -> None:
    """The digests of its texts, which its ids end in, come in any order."""
    for n in range(12):
        group = f"review-listing-{n}"
        old = note(f"review-{n}-b", text(400 + n), group)
        first = merged_of(old)
        both = merged_of(old, note(f"review-{n}-a", text(500 + n), group))
        assert {part for part, count in both.used.items() if count} == set(first.used)


def test_the_given_dataset_is_not_changed() -> None:
    given = dataset()
    merge(given, [note("review-1", text(1) + text(9, 6)), note("x1", text(11))])
    assert given == dataset()


def test_a_family_stays_where_it_was_when_newer_copies_join_it():
    """Also when a newer review of the same text stands for the first."""
    for start in range(3, 40, 3):
        old = note(f"review-{start}-x", text(400 + start), "g")
        first = merged_of(old)
        copy = note(f"review-{start + 98}-x", old.text, "g")
        kin = note(f"review-{start + 99}-x", text(500 + start), "g")
        for newer in ([old, kin], [kin, old], [old, copy], [kin, old, copy]):
            grown = merged_of(*newer)
            assert bool(ids(first.train) & {old.id}) == any(r.group == "g" for r in grown.train)
            assert bool(ids(first.validation) & {old.id}) == any(r.group == "g" for r in grown.validation)
