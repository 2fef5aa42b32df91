"""Fitting the prefilter's claim detector."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from inference.model.claim_detector import ClaimDetector
from inference.model.encoding import Encoder, Preprocessing
from inference.model.prefilter import Prefilter
from labels.dataset.everyday import EverydayPart, load_everyday
from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass
from training.fit.claim_detector import ClaimNetwork, _ids, _padded, fit_detector
from training.fit.prefilter import Fold, fit_screen
from training.releasing.detector_graph import write_detector

pytestmark = pytest.mark.needs_train

CURE = "รักษา มะเร็ง หาย"
PIECES = [
    "<unk>",
    "<pad>",
    "<s>",
    "</s>",
    *["▁", "รักษา", "มะเร็ง", "หาย", "ชา", "กล่อง", "เสื้อ", "กางเกง", "ราคา", "บาท", "สี", "ขาว", "ดำ"],
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    tokenizer = Tokenizer(models.Unigram([(piece, -float(len(piece) < 2)) for piece in PIECES], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return Encoder(tokenizer, Preprocessing.PLAIN)


def listing(n: int, *, violating: bool) -> Annotation:
    text = f"ชา กล่อง {CURE} ราคา {n} บาท" if violating else f"เสื้อ สี ขาว กางเกง สี ดำ ราคา {n} บาท"
    start = text.find(CURE)
    spans = [Span(start=start, end=start + len(CURE), label=ClaimLabel.DISEASE)] if violating else []
    return Annotation(
        id=f"{violating}-{n}",
        platform=Platform.MARKETPLACE,
        product_class=ProductClass.HERBAL if violating else ProductClass.OTHER,
        offer=True,
        text=text,
        spans=spans,
        source="test",
        group=f"{violating}-{n}",
    )


TRAIN = [listing(n, violating=n % 2 == 0) for n in range(96)]
VALIDATION = [listing(n, violating=True) for n in range(200, 210)]
GOODS = "เสื้อ สี ขาว กางเกง สี ดำ ราคา 5 บาท " * 30


@pytest.fixture(scope="module")
def embeddings() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(len(PIECES), 32)).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Few everyday listings and two folds of cross-fitting, for all tests of this module."""
    some = load_everyday(EverydayPart.FITTING)[:10]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.fit.prefilter.load_everyday", lambda part: some)
        patch.setattr("training.fit.prefilter.PARTS", 2)
        yield


@pytest.fixture(scope="module")
def linear() -> tuple[Prefilter, list[Fold]]:
    return fit_screen(TRAIN, VALIDATION)


@pytest.fixture(scope="module")
def screen(linear: tuple[Prefilter, list[Fold]]) -> Prefilter:
    return linear[0]


@pytest.fixture(scope="module")
def fitted(
    encoder: Encoder, embeddings: np.ndarray, linear: tuple[Prefilter, list[Fold]]
) -> tuple[ClaimNetwork, float]:
    return fit_detector(*linear, TRAIN, VALIDATION, encoder, embeddings, say=lambda _: None)


def test_a_claim_is_found_among_any_number_of_goods(
    fitted: tuple[ClaimNetwork, float], encoder: Encoder
) -> None:
    network, _ = fitted
    buried, goods = (network.highest(_ids(text, encoder)) for text in (GOODS + CURE + " " + GOODS, GOODS))
    assert buried > goods + 1


def test_no_prohibited_text_lies_below_the_threshold(
    fitted: tuple[ClaimNetwork, float], encoder: Encoder, screen: Prefilter
) -> None:
    network, threshold = fitted
    sums = [screen.score(r.text) + network.highest(_ids(r.text, encoder)) for r in VALIDATION]
    assert min(sums) > threshold
    assert screen.score(GOODS) + network.highest(_ids(GOODS, encoder)) < threshold


def test_the_graph_gives_the_networks_scores(
    fitted: tuple[ClaimNetwork, float], encoder: Encoder, tmp_path: Path
) -> None:
    network, threshold = fitted
    write_detector(network, threshold, tmp_path / "detector.onnx")
    detector = ClaimDetector(tmp_path / "detector.onnx", encoder)
    assert detector.threshold == threshold
    for text in (CURE, GOODS, "ชา", GOODS + CURE):
        assert detector.highest(text) == pytest.approx(network.highest(_ids(text, encoder)), abs=0.02)


def test_without_claims_nothing_is_fitted_and_nothing_skipped(
    encoder: Encoder, embeddings: np.ndarray
) -> None:
    harmless = [record for record in TRAIN if not record.spans]
    nothing = fit_screen(harmless, harmless)
    _, threshold = fit_detector(*nothing, harmless, harmless, encoder, embeddings, say=lambda _: None)
    assert threshold == -np.inf


def test_padding_changes_no_score(encoder: Encoder) -> None:
    torch.manual_seed(0)
    vocabulary = encoder.tokenizer.get_vocab_size()
    network = ClaimNetwork(np.random.default_rng(0).normal(size=(vocabulary, 80)).astype(np.float32)).eval()
    rows = [_ids(text, encoder) for text in (CURE, GOODS * 3)]
    with torch.no_grad():
        together = network(_padded(rows, network.pad))
        for row, scores in zip(rows, together, strict=True):
            alone = network(torch.from_numpy(row)[None, :])[0]
            assert torch.allclose(scores[: len(row)], alone, atol=1e-5)
