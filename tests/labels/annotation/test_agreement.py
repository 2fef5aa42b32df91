"""Agreement of two annotators, against figures known from elsewhere."""

import pytest

from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass

pytest.importorskip("krippendorff")

from labels.annotation.agreement import (
    Agreement,
    Implied,
    NothingInCommon,
    compare,
    implied_verdict,
    nominal_alpha,
)

TEXT = "แก้ปวดหายขาดบำรุงสมอง"


def record(
    key: str,
    *spans: tuple[int, int, ClaimLabel],
    offer: bool = True,
    kind: ProductClass = ProductClass.DRUG,
    text: str = TEXT,
) -> Annotation:
    return Annotation(
        id=key,
        platform=Platform.X,
        product_class=kind,
        offer=offer,
        text=text,
        spans=[Span(start=start, end=end, label=label) for start, end, label in spans],
    )


def test_alpha_is_that_of_the_literature() -> None:
    # Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), section A: alpha = 0.095.
    first = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    second = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert nominal_alpha(list(zip(first, second, strict=True))) == pytest.approx(0.095, abs=0.0005)


def test_alpha_of_a_single_answer_is_unknown() -> None:
    assert nominal_alpha([(True, True)] * 5) is None


def test_the_same_annotation_twice_agrees_in_all() -> None:
    same = [
        record("1", (0, 6, ClaimLabel.DISEASE)),
        record("2"),
        record("3", offer=False, kind=ProductClass.OTHER),
    ]
    found = compare(same, same)
    assert found.differences == []
    assert (found.offer.alpha, found.verdict.alpha, found.product_class.alpha, found.span_f1) == (1, 1, 1, 1)
    assert found.labels[ClaimLabel.DISEASE].alpha == 1
    assert found.labels[ClaimLabel.SEXUAL].alpha is None


def two() -> Agreement:
    a = [
        record("1", (0, 6, ClaimLabel.DISEASE), (6, 12, ClaimLabel.ABSOLUTE)),
        record("2", (12, 21, ClaimLabel.BENEFIT)),
        record("3"),
        record("4"),
        record("only-a"),
    ]
    b = [
        record("1", (0, 12, ClaimLabel.DISEASE)),
        record("2", (12, 21, ClaimLabel.BENEFIT)),
        record("3", kind=ProductClass.HERBAL),
        record("4", offer=False),
    ]
    return compare(a, b)


def test_what_differs_is_told_record_by_record() -> None:
    found = two()
    assert {(d.id, d.what) for d in found.differences} == {
        ("1", f"spans of {ClaimLabel.DISEASE}"),
        ("1", ClaimLabel.ABSOLUTE),
        ("3", "product_class"),
        ("4", "offer"),
        ("4", "verdict"),
    }
    (absolute,) = (d for d in found.differences if d.what == ClaimLabel.ABSOLUTE)
    assert (absolute.a, absolute.b) == ("[6:12] หายขาด", "")
    assert (found.only_a, found.only_b, found.listings) == (["only-a"], [], 4)


def test_shares_and_span_f1_are_counted_over_listings_and_characters() -> None:
    found = two()
    assert found.product_class.agreement == found.offer.agreement == found.verdict.agreement == 0.75
    absolute = found.labels[ClaimLabel.ABSOLUTE]
    assert (absolute.a, absolute.b, absolute.both, absolute.agreement) == (1, 0, 0, 0.75)
    # A marks 6 + 6 + 9 characters, B 12 + 9; 6 + 9 of them alike.
    assert found.span_f1 == pytest.approx(2 * 15 / (21 + 21))


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (record("1", (0, 6, ClaimLabel.DISEASE), (12, 21, ClaimLabel.BENEFIT)), Implied.PROHIBITED),
        (record("1", (12, 21, ClaimLabel.BENEFIT)), Implied.BENEFIT_ONLY),
        (record("1"), Implied.CLEAR),
        (record("1", offer=False), Implied.NOT_AN_AD),
    ],
)
def test_the_verdict_follows_from_the_annotation(given: Annotation, verdict: Implied) -> None:
    assert implied_verdict(given) is verdict


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(NothingInCommon, match="no id"):
        compare([record("1")], [record("2")])
    with pytest.raises(NothingInCommon, match="text differs for 1"):
        compare([record("1")], [record("1", text="อื่น")])
    with pytest.raises(NothingInCommon, match="twice in the second file: 1"):
        compare([record("1")], [record("1"), record("1")])
