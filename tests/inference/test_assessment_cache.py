"""A text seen before is answered from memory, within limits."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inference.assessment_cache import AssessmentCache, text_key
from inference.classifier import Classifier
from inference.registry.source import Registry
from labels.schema import Assessment, Listing

TINY = Path(__file__).parents[1] / "data" / "tiny_bundle"
ILLEGAL = "แคปซูล รักษามะเร็ง 590 บาท"


class Empty:
    """The records of a register without any."""

    def __len__(self) -> int:
        return 0

    def get(self, *_: object) -> None:
        return None

    def kinds(self) -> frozenset[object]:
        return frozenset()


def listing(text: str, listing_id: str = "1", title: str | None = None) -> Listing:
    return Listing(id=listing_id, title=title, description=text)


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return Classifier(TINY, threads=1).classify([listing(ILLEGAL)])[0]


def test_a_copy_has_its_own_id_and_its_own_lists() -> None:
    classifier = Classifier(TINY, threads=1)
    first, again = classifier.classify([listing(ILLEGAL, "a"), listing(ILLEGAL, "b")])
    (later,) = classifier.classify([listing(ILLEGAL, "c")])
    assert [first.id, again.id, later.id] == ["a", "b", "c"]
    assert first.model_copy(update={"id": "c"}) == later
    again.claims.clear()
    later.claims.clear()
    assert first.claims
    assert classifier.classify([listing(ILLEGAL, "c")])[0].claims


def test_a_known_text_is_not_read_again() -> None:
    classifier = Classifier(TINY, threads=1)
    known = [listing(ILLEGAL + " บาท" * 100)]
    calls = [_calls(lambda: classifier.classify(known)) for _ in range(2)]
    assert calls[1] < 100 < calls[0]


def _calls(work: Callable[[], object]) -> int:
    """Count the Python functions called."""
    count = 0

    def profile(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_title_and_text_are_told_apart() -> None:
    keys = {
        text_key(listing("a\nb")),
        text_key(listing("b", title="a")),
        text_key(listing("", title="a\nb")),
        text_key(listing("a\nb", title="")),
    }
    assert len(keys) == 4


def test_an_offer_by_record_is_assessed_for_itself() -> None:
    bare = listing("a")
    assert text_key(bare) != text_key(bare.as_offered())
    assert text_key(bare.as_offered()) == text_key(bare.model_copy(update={"price": "9"}))


def test_another_register_forgets(assessment: Assessment) -> None:
    class Changing:
        registry: Registry | None = None

        def now(self) -> Registry | None:
            return self.registry

    source = Changing()
    classifier = Classifier(TINY, source, threads=1)  # type: ignore[arg-type]
    text = listing("แคปซูล อย. 10-1-00005-5-0001 100 บาท")
    (before,) = classifier.classify([text])
    source.registry = Registry(Empty(), date.today())  # type: ignore[arg-type]
    (after,) = classifier.classify([text])
    assert before.licences != after.licences


def test_the_oldest_make_room(assessment: Assessment) -> None:
    size = len(assessment.model_dump_json().encode()) + 400
    seen = AssessmentCache(2 * size)
    seen.put(None, b"1", assessment, 0.5)
    seen.put(None, b"2", assessment, 0.5)
    assert seen.get(b"1", "x") is not None  # used: 2 is now the oldest
    seen.put(None, b"3", assessment, 0.5)
    assert len(seen) == 2
    assert seen.get(b"2", "x") is None
    seen.put(None, b"3", assessment, 0.7)
    assert len(seen) == 2
    again = seen.get(b"3", "x")
    assert again is not None
    assert again[1] == 0.7


def test_nothing_is_kept_without_memory(assessment: Assessment) -> None:
    seen = AssessmentCache(0)
    seen.put(None, b"1", assessment, 0.5)
    assert len(seen) == 0


def test_an_answer_of_another_state_comes_too_late(assessment: Assessment) -> None:
    seen = AssessmentCache(2**20)
    seen.valid_for("the old register")
    seen.valid_for("the new register")
    seen.put("the old register", b"1", assessment, 0.5)
    assert seen.get(b"1", "1") is None
    seen.put("the new register", b"1", assessment, 0.5)
    assert seen.get(b"1", "1") is not None


def test_what_was_read_with_the_old_register_is_read_anew() -> None:
    class Changing:
        """Another register from the second time that it is asked for."""

        def __init__(self) -> None:
            self.given = [Registry(Empty(), date.today()) for _ in range(2)]  # type: ignore[arg-type]
            self.asked = 0

        def now(self) -> Registry:
            self.asked += 1
            return self.given[self.asked > 1]

    classifier = Classifier(TINY, Changing(), threads=1)
    classifier.classify([listing(ILLEGAL), listing(ILLEGAL + " แท้")])
    assert len(classifier._seen) == 1
