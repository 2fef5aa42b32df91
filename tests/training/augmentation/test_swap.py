"""Claims are swapped for others of their kind; spans stay on the new words."""

import random
from collections import defaultdict

from labels.dataset.shipped import Split, load_split
from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass
from training.augmentation.augment import Augmenter, Shares
from training.augmentation.swap import ClaimSwapper

SWAP_ALONE = Shares(digits=0, names=0, disguise=0, layout=0, boilerplate=0, swap=1)


def _record(
    text: str,
    *marked: tuple[str, ClaimLabel],
    product_class: ProductClass = ProductClass.FOOD,
) -> Annotation:
    spans = [
        Span(start=(at := text.index(words)), end=at + len(words), label=label) for words, label in marked
    ]
    return Annotation(
        id="a", platform=Platform.LINE, product_class=product_class, offer=True, text=text, spans=spans
    )


def _marked(record: Annotation) -> list[str]:
    return [record.text[s.start : s.end] for s in record.spans]


def test_a_claim_becomes_another_of_its_label_and_class() -> None:
    source = [
        _record("น้ำผลไม้ แก้ความดันสูง", ("แก้ความดันสูง", ClaimLabel.DISEASE)),
        _record("น้ำผลไม้ ผอมใน 7 วัน", ("ผอมใน 7 วัน", ClaimLabel.WEIGHT_LOSS)),
        _record("ครีม แก้สิวอักเสบ", ("แก้สิวอักเสบ", ClaimLabel.DISEASE), product_class=ProductClass.COSMETIC),
    ]
    swap = ClaimSwapper(source, random.Random(1))
    record = _record("ชา รักษาเบาหวาน ราคา 100", ("รักษาเบาหวาน", ClaimLabel.DISEASE))
    found = [swap(record) for _ in range(40)]
    assert {words for one in found for words in _marked(one)} == {"รักษาเบาหวาน", "แก้ความดันสูง"}
    assert {one.text for one in found} == {record.text, "ชา แก้ความดันสูง ราคา 100"}


def test_claims_of_very_different_length_or_with_line_breaks_are_not_taken() -> None:
    source = [
        _record("ชา แก้ไอ", ("แก้ไอ", ClaimLabel.DISEASE)),
        _record("ชา รักษามะเร็ง\nทุกระยะ", ("รักษามะเร็ง\nทุกระยะ", ClaimLabel.DISEASE)),
    ]
    swap = ClaimSwapper(source, random.Random(2))
    record = _record("ชา ช่วยบรรเทาอาการเบาหวาน", ("ช่วยบรรเทาอาการเบาหวาน", ClaimLabel.DISEASE))
    assert all(swap(record) == record for _ in range(40))


def test_claims_that_overlap_stay_and_two_labels_of_one_claim_go_together() -> None:
    both = ("แก้ไอจริง", ClaimLabel.DISEASE), ("แก้ไอจริง", ClaimLabel.TESTIMONIAL)
    swap = ClaimSwapper([_record("ใช้แล้ว แก้ไอจริง", *both)], random.Random(3))
    overlapping = _record("หายปวดหัวจริง", ("หายปวดหัว", ClaimLabel.DISEASE), ("หัวจริง", ClaimLabel.TESTIMONIAL))
    assert all(swap(overlapping) == overlapping for _ in range(40))
    same = ("หายหวัดเลย", ClaimLabel.DISEASE), ("หายหวัดเลย", ClaimLabel.TESTIMONIAL)
    found = [swap(_record("ลูกค้าบอก หายหวัดเลย", *same)) for _ in range(40)]
    assert {tuple(_marked(one)) for one in found} == {("หายหวัดเลย",) * 2, ("แก้ไอจริง",) * 2}


def test_on_the_validation_split_only_claims_change() -> None:
    records = load_split(Split.VALIDATION)
    known: dict[object, set[str]] = defaultdict(set)
    for record in records:
        for span in record.spans:
            known[record.product_class, span.label].add(record.text[span.start : span.end])
    swap = ClaimSwapper(records, random.Random(4))
    changed = 0
    for record in records:
        found = swap(record)
        changed += found.text != record.text
        assert [s.label for s in found.spans] == [s.label for s in record.spans]
        assert all(found.text[s.start : s.end] in known[found.product_class, s.label] for s in found.spans)
    assert changed > len(records) / 4


def test_the_augmenter_swaps_claims_where_it_is_told() -> None:
    source = _record("น้ำผลไม้ แก้ความดันสูง", ("แก้ความดันสูง", ClaimLabel.DISEASE))
    record = _record("ชา รักษาเบาหวาน", ("รักษาเบาหวาน", ClaimLabel.DISEASE))
    augment = Augmenter([source], SWAP_ALONE, seed=5)
    assert {augment(record).text for _ in range(20)} == {"ชา รักษาเบาหวาน", "ชา แก้ความดันสูง"}
