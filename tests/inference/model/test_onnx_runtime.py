"""One window in, one set of logits out."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from inference.model.bundle import BundleError
from inference.model.onnx_runtime import OnnxRuntime
from labels.taxonomy import CLASSES, LABELS, ClaimLabel

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"


def test_shapes_and_values() -> None:
    word = Tokenizer.from_file(str(TINY / "tokenizer.json")).token_to_id("มะเร็ง")
    output = OnnxRuntime(TINY / "model.onnx", threads=1).run(np.array([0, word, 2]))
    assert output.tags.shape == (3, len(LABELS))
    assert output.product_class.shape == (len(CLASSES),)
    assert output.tags[:, LABELS.index(ClaimLabel.DISEASE)].tolist() == [-6, 6, -6]
    assert output.offer == -6


def test_an_empty_window_runs() -> None:
    assert OnnxRuntime(TINY / "model.onnx", threads=1).run(np.array([0, 2])).tags.shape[0] == 2


def test_a_file_that_is_no_model_says_so(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(BundleError, match="cannot be run"):
        OnnxRuntime(tmp_path / "model.onnx")
