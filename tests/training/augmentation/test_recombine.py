"""Lines of listings are recombined; spans stay on their words."""

import random

from labels.dataset.shipped import Split, load_split
from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass
from training.augmentation.augment import Augmenter, Shares
from training.augmentation.recombine import Recombiner, joined, lines_of


def _record(
    text: str, *marked: str, product_class: ProductClass = ProductClass.FOOD, offer: bool = True
) -> Annotation:
    spans = [Span(start=(at := text.index(m)), end=at + len(m), label=ClaimLabel.DISEASE) for m in marked]
    return Annotation(
        id="a", platform=Platform.LINE, product_class=product_class, offer=offer, text=text, spans=spans
    )


def _marked(record: Annotation) -> list[str]:
    return [record.text[s.start : s.end] for s in record.spans]


def test_lines_joined_again_are_the_record() -> None:
    for record in load_split(Split.VALIDATION):
        assert joined(record, lines_of(record)).text == record.text
        assert sorted(_marked(joined(record, lines_of(record)))) == sorted(_marked(record))


def test_a_line_feed_inside_a_claim_does_not_end_the_line() -> None:
    record = _record("ชา\nรักษา\nเบาหวาน\nราคา 100", "รักษา\nเบาหวาน")
    assert [line.text for line in lines_of(record)] == ["ชา\n", "รักษา\nเบาหวาน\n", "ราคา 100"]


def test_claims_of_the_class_are_inserted_with_their_spans() -> None:
    source = _record("น้ำผลไม้\nช่วยรักษาเบาหวาน ได้จริง", "รักษาเบาหวาน")
    other = _record("ครีม\nรักษาสิวหายขาด", "รักษาสิว", product_class=ProductClass.COSMETIC)
    recombine = Recombiner([source, other], random.Random(1))
    found = [recombine(_record("ชาเขียว\nราคา 100 บาท")) for _ in range(40)]
    assert {words for record in found for words in _marked(record)} == {"รักษาเบาหวาน"}
    assert any(record.text.startswith("ช่วยรักษาเบาหวาน ได้จริง\n") for record in found)
    assert all("ชาเขียว\n" in record.text and "ราคา 100 บาท" in record.text for record in found)


def test_spans_keep_their_words_on_real_listings() -> None:
    records = load_split(Split.VALIDATION)
    known = {words for record in records for words in _marked(record)}
    recombine = Recombiner(records, random.Random(2))
    for record in records:
        assert set(_marked(recombine(record))) <= known


def test_only_offers_are_recombined() -> None:
    source = _record("น้ำผลไม้\nช่วยรักษาเบาหวาน ได้จริง", "รักษาเบาหวาน")
    shares = Shares(digits=0, names=0, disguise=0, layout=0, boilerplate=0, recombine=1)
    augment = Augmenter([source], shares, seed=3)
    news = _record("ข่าว\nวันนี้", offer=False)
    assert all(augment(news) == news for _ in range(20))
    assert any(augment(_record("ชา\nดี")).spans for _ in range(20))
