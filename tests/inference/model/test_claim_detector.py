"""The prefilter's claim detector, as shipped."""

import math
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
    alone = detector.highest(CURE)
    assert detector.highest(SHIRT) < alone - 3
    assert detector.highest(f"{SHIRT}\n" * 60 + CURE + f"\n{SHIRT}" * 60) > alone - 1


def test_a_text_without_tokens_has_no_score(detector: ClaimDetector) -> None:
    assert detector.highest("\u200b") == -math.inf


def test_a_claim_is_found_in_any_piece_of_a_long_text(
    detector: ClaimDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"{SHIRT}\n" * 12 + CURE + f"\n{SHIRT}" * 12
    whole = detector.highest(text)
    for piece in range(40, 60):
        monkeypatch.setattr("inference.model.claim_detector.PIECE", piece)
        assert detector.highest(text) >= whole - 1e-4
    monkeypatch.setattr("inference.model.claim_detector.PIECE", 40)
    assert detector.highest(f"{SHIRT}\n" * 24) < whole - 2


def test_a_graph_without_a_threshold_is_refused(bundle: Bundle, encoder: Encoder, tmp_path: Path) -> None:
    assert bundle.detector_path is not None
    graph = onnx.load(bundle.detector_path)
    del graph.metadata_props[:]
    onnx.save(graph, tmp_path / "detector.onnx")
    with pytest.raises(BundleError, match="no claim detector with a threshold"):
        ClaimDetector(tmp_path / "detector.onnx", encoder)


def test_another_graph_and_a_damaged_file_are_refused(
    bundle: Bundle, encoder: Encoder, tmp_path: Path
) -> None:
    assert bundle.detector_path is not None
    graph = onnx.load(bundle.detector_path)
    graph.graph.input[0].name = "ids"
    for node in graph.graph.node:
        node.input[:] = ["ids" if name == "input_ids" else name for name in node.input]
    onnx.save(graph, tmp_path / "other.onnx")
    (tmp_path / "damaged.onnx").write_bytes(b"broken")
    for name in ("other.onnx", "damaged.onnx"):
        with pytest.raises(BundleError, match="copy the bundle again"):
            ClaimDetector(tmp_path / name, encoder)
