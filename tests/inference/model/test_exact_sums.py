"""Exact int8 products are asked for only where the processor's fastest ones overflow."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from inference.model import onnx_runtime
from inference.model.onnx_runtime import _PRODUCT, EXACT_SUMS, sums_overflow


def product(x: np.ndarray, w: np.ndarray, exact: str) -> np.ndarray:
    options = ort.SessionOptions()
    options.add_session_config_entry(EXACT_SUMS, exact)
    session = ort.InferenceSession(_PRODUCT, options, providers=["CPUExecutionProvider"])
    found: np.ndarray = session.run(None, {"x": x, "w": w})[0]
    return found


def test_the_graph_is_one_product_of_integers() -> None:
    helper = pytest.importorskip("onnx.helper", reason="needs the train extra")
    from onnx import TensorProto, load_from_string

    (node,) = load_from_string(_PRODUCT).graph.node
    assert (node.op_type, list(node.input)) == ("MatMulInteger", ["x", "w"])
    kinds = [given.type.tensor_type.elem_type for given in load_from_string(_PRODUCT).graph.input]
    assert kinds == [TensorProto.UINT8, TensorProto.INT8]
    assert helper


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 384, 1152), (128, 1536, 384)])
def test_where_nothing_overflows_all_products_are_exact(shape: tuple[int, int, int]) -> None:
    rows, inner, columns = shape
    chance = np.random.default_rng(0)
    for x, w in (
        (np.full((rows, inner), 255, np.uint8), np.full((inner, columns), -128, np.int8)),
        (
            chance.integers(200, 256, (rows, inner)).astype(np.uint8),
            chance.integers(100, 128, (inner, columns)).astype(np.int8),
        ),
    ):
        true = x.astype(np.int32) @ w.astype(np.int32)
        if not sums_overflow():
            assert (product(x, w, "0") == true).all()


@pytest.mark.parametrize("overflow", [True, False])
def test_a_model_is_opened_with_exact_products_where_they_are_needed(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, overflow: bool
) -> None:
    monkeypatch.setattr(onnx_runtime, "sums_overflow", lambda: overflow)
    options = onnx_runtime.cpu_session(bundle / "model.onnx", 1).get_session_options()
    if overflow:
        assert options.get_session_config_entry(EXACT_SUMS) == "1"
    else:
        with pytest.raises(RuntimeError):
            options.get_session_config_entry(EXACT_SUMS)
