"""The shipped bundles are intact and small, and read Thai."""

import json

import pytest

from crawler.sample_shop.catalogue import products
from inference.classifier import Classifier
from inference.model.bundle import (
    COMPACT,
    DETECTOR,
    LEXICAL,
    SCREEN,
    SHIPPED_NAMES,
    SMALL,
    TOKENIZER,
    load_bundle,
    shipped_bundle,
)
from labels.schema import Listing
from labels.taxonomy import PROHIBITED_LABELS, ProductClass, Verdict

pytestmark = pytest.mark.slow

CURE = "ชาใบหม่อนสูตรยายแจ่ม รักษาเบาหวานให้หายขาด ลดความดัน เห็นผลใน 7 วัน กล่องละ 390 บาท ทักแชทสั่งซื้อ"
SHIRT = "เสื้อยืดคอกลมผ้าฝ้าย สีขาว ไซส์ M L XL ตัวละ 199 บาท ส่งฟรีทั่วไทย เก็บเงินปลายทางได้"
WARNING = "อย. เตือนประชาชน อย่าหลงเชื่อโฆษณาอาหารเสริมอ้างรักษามะเร็ง พบเบาะแสแจ้งสายด่วน 1556"


@pytest.fixture(scope="module", params=SHIPPED_NAMES)
def classifier(request):
    return Classifier(shipped_bundle(request.param))


@pytest.mark.parametrize(("name", "most"), [(COMPACT, 39_000_000), (SMALL, 28_000_000)])
def test_it_is_small_and_whole(name, most):
    bundle = load_bundle(shipped_bundle(name))
    assert sum(path.stat().st_size for path in bundle.folder.iterdir()) < most
    assert bundle.manifest.name == name
    metrics = json.loads((bundle.folder / "metrics.json").read_text())
    peers = ("keyword baseline", "linear model on words", "encoder alone")
    for peer in peers:
        assert metrics["test"]["average_precision"] > metrics["columns"][peer]["average_precision"]


def test_both_skip_the_same_texts_in_bulk():
    compact, small = (load_bundle(shipped_bundle(name)).manifest for name in SHIPPED_NAMES)
    assert all(compact.files[name] == small.files[name] for name in (TOKENIZER, LEXICAL, SCREEN, DETECTOR))
    assert compact.shape == small.shape


def test_a_cure_claim_is_found_with_its_words_and_law(classifier):
    (answer,) = classifier.classify([Listing(id="1", description=CURE)])
    assert answer.verdict in {Verdict.PROHIBITED, Verdict.NEEDS_REVIEW}
    assert answer.offer
    prohibited = [c for c in answer.claims if c.label in PROHIBITED_LABELS]
    assert any("เบาหวาน" in c.text for c in prohibited)
    assert all(c.law for c in prohibited)
    assert all(CURE[c.start : c.end] == c.text for c in answer.claims)


def test_a_shirt_is_no_health_product(classifier):
    (answer,) = classifier.classify([Listing(id="1", description=SHIRT)])
    assert answer.product_class is ProductClass.OTHER
    assert answer.verdict is not Verdict.PROHIBITED


def test_a_warning_is_not_prohibited(classifier):
    (answer,) = classifier.classify([Listing(id="1", description=WARNING)])
    assert answer.verdict is not Verdict.PROHIBITED


def test_an_explosion_of_taste_is_no_claim(classifier):
    (crackers,) = [product for product in products() if product.slug == "khao-tang-jeh-noi"]
    assert "ระเบิดความอร่อย" in crackers.description
    listing = Listing(id="1", title=crackers.name, description=crackers.description)
    (answer,) = classifier.classify([listing])
    assert (answer.verdict, answer.claims) == (Verdict.CLEAR, [])


TASTE = "ระเบิดความอร่อยตั้งแต่คำแรก เด็กกินได้ผู้ใหญ่กินเพลิน"


@pytest.mark.parametrize(
    "claim",
    [
        "รักษาเบาหวานหายขาด",
        "รั ก ษ า เ บ า ห ว า น ห า ย ข า ด",
        "เห็นผลใน 3 วัน ไม่มีผลข้างเคียง",
        "ลดน้ำหนัก 5 กิโลใน 7 วัน การันตี 100%",
    ],
)
def test_taste_beside_a_claim_takes_nothing_from_it(classifier, claim):
    name, price = "ข้าวตังหน้าหมูหยอง 120 กรัม", "ถุงละ 65 บาท ทักแชทสั่งซื้อ"
    for lines in (f"{TASTE} {claim}", f"{claim} {TASTE}", f"{TASTE}\n{claim}", f"{claim}\n{TASTE}"):
        listing = Listing(id="1", title=name, description=f"{lines}\n{price}")
        (answer,) = classifier.classify([listing])
        assert answer.verdict in {Verdict.PROHIBITED, Verdict.NEEDS_REVIEW}, lines
        found = [c for c in answer.claims if c.label in PROHIBITED_LABELS]
        where = listing.text.index(claim)
        assert any(c.start < where + len(claim) and where < c.end for c in found), lines


def test_an_answer_does_not_depend_on_its_neighbours(classifier):
    listings = [Listing(id=str(i), description=text) for i, text in enumerate([CURE, SHIRT, WARNING])]
    alone = [classifier.classify([listing])[0] for listing in listings]
    assert classifier.classify(listings) == alone
