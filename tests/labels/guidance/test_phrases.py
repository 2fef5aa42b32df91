"""The phrase list is whole: every number once, each with label, class, status and source."""

from collections import Counter

from labels.guidance.phrases import phrases
from labels.law.catalogue import STATUS_MEANING
from labels.taxonomy import ClaimLabel, ProductClass, label_term


def test_every_number_stands_once_and_in_order() -> None:
    assert [phrase.id for phrase in phrases()] == [f"P{number:03}" for number in range(1, 393)]


def test_every_phrase_has_words_classes_status_and_source() -> None:
    for phrase in phrases():
        assert phrase.texts
        assert all(text and text.strip() == text for text in phrase.texts), phrase
        assert phrase.status in STATUS_MEANING
        assert phrase.sources
        assert all(url.startswith("http") for url in phrase.sources), phrase
        assert phrase.classes
        assert phrase.types


def test_the_label_may_stand_on_the_class() -> None:
    for phrase in phrases():
        if phrase.label is not ClaimLabel.BENEFIT:
            assert set(phrase.classes) <= set(label_term(phrase.label).classes), phrase


def test_every_prohibited_kind_of_claim_is_there_and_superlatives_are_many() -> None:
    counts = Counter(phrase.label for phrase in phrases())
    assert set(counts) == set(ClaimLabel) - {ClaimLabel.UNLICENSED}
    assert counts[ClaimLabel.ABSOLUTE] > counts[ClaimLabel.TESTIMONIAL]


def test_known_rows() -> None:
    by_id = {phrase.id: phrase for phrase in phrases()}
    assert by_id["P060"].label is ClaimLabel.DISEASE
    assert by_id["P281"].texts == ("ลดน้ำหนัก",)
    assert by_id["P198"].texts == ("แห่งเดียว", "แห่งแรก")
    assert by_id["P329"].classes == (ProductClass.COSMETIC,)
    assert by_id["P220"].status == "C"
    assert by_id["P376"].only
