"""Augmentation changes texts; labels stay on their words."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.text.reading import read
from labels.dataset.shipped import Split, load_split
from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass
from training.augmentation.augment import Augmenter, Shares, randomize_digits
from training.augmentation.disguise import disguise
from training.augmentation.edits import Edit, apply_edits


def _record(text: str, *marked: str) -> Annotation:
    spans = [Span(start=(at := text.index(m)), end=at + len(m), label=ClaimLabel.DISEASE) for m in marked]
    return Annotation(
        id="a", platform=Platform.LINE, product_class=ProductClass.FOOD, offer=True, text=text, spans=spans
    )


def _marked(record: Annotation) -> list[str]:
    return [record.text[s.start : s.end] for s in record.spans]


def test_edits_move_the_spans() -> None:
    record = _record("ชา รักษาเบาหวาน ดี", "รักษาเบาหวาน")
    changed = apply_edits(record, [Edit(0, 2, "กาแฟ"), Edit(3, 3, "!"), Edit(8, 8, "-"), Edit(15, 15, "?")])
    assert changed.text == "กาแฟ !รักษา-เบาหวาน? ดี"
    assert _marked(changed) == ["รักษา-เบาหวาน"]


def test_an_edit_over_an_edge_belongs_to_the_span() -> None:
    record = _record("ชา รักษาเบาหวาน ดี", "รักษาเบาหวาน")
    assert _marked(apply_edits(record, [Edit(0, 5, "XY")])) == ["XYกษาเบาหวาน"]


def test_a_span_of_which_nothing_is_left_goes() -> None:
    record = _record("ชา รักษาเบาหวาน ดี", "รักษาเบาหวาน")
    assert apply_edits(record, [Edit(2, 16, "")]).spans == []


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply_edits(_record("ชาดี"), [Edit(0, 3, ""), Edit(2, 3, "")])


@given(st.text(alphabet="0123456789๐๑๒๓ กขค/-.", max_size=60), st.integers(0, 1000))
def test_digits_are_drawn_anew_and_nothing_else(text: str, seed: int) -> None:
    drawn = randomize_digits(text, random.Random(seed))
    assert len(drawn) == len(text)
    for old, new in zip(text, drawn, strict=True):
        assert old.isdigit() == new.isdigit()
        assert old == new or old.isdigit()
        assert (old >= "๐") == (new >= "๐")


def test_a_price_keeps_its_first_digit_above_zero() -> None:
    assert all(randomize_digits("590", random.Random(s))[0] != "0" for s in range(50))


def test_a_disguise_is_mostly_read_as_the_plain_words() -> None:
    record = _record("ชาดี รักษาเบาหวานหายขาด ลดน้ำหนักได้", "รักษาเบาหวานหายขาด", "ลดน้ำหนัก")
    plain = [read(words).text for words in _marked(record)]
    changed, undone = 0, 0
    for seed in range(200):
        disguised = disguise(record, random.Random(seed))
        assert len(disguised.spans) == 2
        for words, meant in zip(_marked(disguised), plain, strict=True):
            changed += words != meant
            undone += words != meant and read(words).text == meant
    assert changed > 200
    assert undone / changed > 0.8


@pytest.mark.slow
def test_spans_never_lose_their_words_on_real_listings() -> None:
    records = load_split(Split.VALIDATION)
    every = Shares(digits=1, names=1, disguise=0, layout=1, boilerplate=1)
    augment = Augmenter(records, every, seed=1)
    for record in records:
        changed = augment(record)
        assert len(changed.spans) == len(record.spans)
        for before, after in zip(_marked(record), _marked(changed), strict=True):
            plain = [
                "".join("0" if c.isdigit() else c for c in x if not c.isspace()) for x in (before, after)
            ]
            assert plain[0] == plain[1]


def test_lines_are_broken_between_words_alone() -> None:
    record = _record("ชา รักษาเบาหวาน หายขาด ส่งฟรีทั่วไทย ราคาพิเศษวันนี้เท่านั้น สั่งเลย", "รักษาเบาหวาน หายขาด")
    for seed in range(20):
        changed = Augmenter([record], seed=seed).break_lines(record)
        assert "\n" in changed.text
        assert changed.text.replace("\n", "").replace(" ", "") == record.text.replace(" ", "")
        assert "".join(_marked(changed)[0].split()) == "รักษาเบาหวานหายขาด"


def test_names_are_drawn_anew_each_the_same_way() -> None:
    records = [_record("Kritnara ครีม Kritnara รักษาฝ้า", "รักษาฝ้า"), _record("ชา ส่งฟรี")]
    renamed = Augmenter(records, seed=2).rename(records[0])
    first, _, second, _ = renamed.text.split(" ")
    assert first == second != "Kritnara"
    assert first[0].isupper()


def test_no_boilerplate_for_a_class_without_any() -> None:
    record = _record("ชา ส่งฟรี")
    assert Augmenter([record]).add_boilerplate(record) is record
