"""Only a doubtful absolute claim on words about the taste of food is left out, and its risk with it."""

from pathlib import Path

import numpy as np
import pytest

from inference.model.bundle import load_bundle
from inference.model.encoding import Tokens
from inference.model.scores import ListingScores
from inference.taste import without_taste
from inference.text.reading import read
from labels.taxonomy import CLASSES, LABELS, ClaimLabel, ProductClass

CALIBRATION = load_bundle(Path(__file__).parents[1] / "data" / "tiny_bundle").calibration
ABSOLUTE = LABELS.index(ClaimLabel.ABSOLUTE)
TASTE = "อร่อยตั้งแต่คำแรก เด็กกินได้"


def scored(text: str, logit: float, product_class: ProductClass = ProductClass.FOOD) -> ListingScores:
    """Every character a token, with one logit for all labels."""
    at = np.arange(len(text))
    classes = np.zeros(len(CLASSES), np.float32)
    classes[CLASSES.index(product_class)] = 20
    tokens = Tokens(at, at, at + [not sign.isspace() for sign in text], np.ones(len(text), np.bool_))
    return ListingScores(tokens, np.full((len(text), len(LABELS)), logit, np.float32), classes, 5.0)


def freed(text: str, logit: float = 0.0, product_class: ProductClass = ProductClass.FOOD) -> str:
    """The characters that no longer count."""
    before = scored(text, logit, product_class)
    after = without_taste(read(text), before, CALIBRATION, 0.5)
    changed = after.tags != before.tags
    assert not np.delete(changed, ABSOLUTE, axis=1).any()
    assert (after.tags[changed] < -8).all()
    return "".join(np.array(list(text))[changed[:, ABSOLUTE]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TASTE, TASTE),
        (f"ข้าวตัง {TASTE} 120 กรัม", TASTE),
        (f"{TASTE}\nรักษาเบาหวานหายขาด", TASTE),
        (f"{TASTE} รักษาเบาหวาน", ""),
        (f"{TASTE} ร ั ก ษ า เ บ า ห ว า น", ""),
        (f"{TASTE} ร\u200bักษาเบา.หวาน", ""),
        (f"{TASTE} อร่อยที่\u200bสุด", ""),
        (f"{TASTE} ทานได้ทุกวัย", ""),
        ("หาย\nตั้งแต่คำแรก", ""),
    ],
)
def test_words_about_taste_alone_no_longer_count(text: str, expected: str) -> None:
    assert freed(text) == expected


def test_a_sure_claim_and_other_classes_keep_their_scores() -> None:
    assert freed(TASTE, logit=9.0) == ""
    for product_class in set(ProductClass) - {ProductClass.FOOD}:
        assert freed(TASTE, product_class=product_class) == ""


def test_the_risk_falls_with_it_and_rests_on_the_other_labels() -> None:
    scores = scored(TASTE, -8.0)
    scores.tags[:, ABSOLUTE] = 0.0
    scores.tags[0, LABELS.index(ClaimLabel.DISEASE)] = -1.0
    without = scored(TASTE, -8.0)
    without.tags[0, LABELS.index(ClaimLabel.DISEASE)] = -1.0
    lowered = CALIBRATION.risk_probability(without_taste(read(TASTE), scores, CALIBRATION, 0.5))
    assert lowered == CALIBRATION.risk_probability(without) < CALIBRATION.risk_probability(scores)
