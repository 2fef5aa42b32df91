"""The prefilter's claim detector, as shipped."""

from pathlib import Path

import onnx
import pytest

from inference.model.bundle import Bundle, BundleError, load_bundle, shipped_bundle
from inference.model.claim_detector import ClaimDetector
from inference.model.encoding import Encoder

CURE = "แคปซูลสมุนไพร รักษาเบาหวานให้หายขาดภายใน 7 วัน"
SHIRT = "เสื้อยืดผ้าฝ้าย คอกลม ทรงหลวม ใส่สบาย มีสีดำ ขาว เทา ไซซ์ S ถึง XL"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle(shipped_bundle())


@pytest.fixture(scope="module")
def encoder(bundle: Bundle) -> Encoder:
    return Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)


@pytest.fixture(scope="module")
def detector(bundle: Bundle, encoder: Encoder) -> ClaimDetector:
    assert bundle.detector_path is not None
    return ClaimDetector(bundle.detector_path, encoder)


def test_any_amount_of_goods_around_a_claim_changes_little(detector: ClaimDetector) -> None:
    alone = detector.score(CURE, 0.0)
    assert detector.score(SHIRT, 0.0) < alone - 3
    assert detector.score(f"{SHIRT}\n" * 60 + CURE + f"\n{SHIRT}" * 60, 0.0) > alone - 1


def test_the_linear_score_is_added(detector: ClaimDetector) -> None:
    assert detector.score(CURE, -2.5) == pytest.approx(detector.score(CURE, 0.0) - 2.5)


def test_a_text_without_tokens_has_the_linear_score(detector: ClaimDetector) -> None:
    assert detector.score("\u200b", -4.0) == -4.0


def test_a_graph_without_a_threshold_is_refused(bundle: Bundle, encoder: Encoder, tmp_path: Path) -> None:
    assert bundle.detector_path is not None
    graph = onnx.load(bundle.detector_path)
    del graph.metadata_props[:]
    onnx.save(graph, tmp_path / "detector.onnx")
    with pytest.raises(BundleError, match="no threshold"):
        ClaimDetector(tmp_path / "detector.onnx", encoder)
