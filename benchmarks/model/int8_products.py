"""The ceiling for any runtime: only the int8 matrix products of an encoder, in ONNX Runtime."""

import statistics
import time
from dataclasses import dataclass
from functools import cache

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from inference.model.onnx_runtime import EXACT_SUMS, sums_overflow


@dataclass(frozen=True)
class EncoderShape:
    """An encoder's number of layers, hidden size and feed-forward size."""

    layers: int
    hidden: int
    wide: int

    @property
    def matrices(self) -> tuple[tuple[int, int], ...]:
        """Shapes of the matrices of a layer."""
        hidden, wide = self.hidden, self.wide
        return (hidden, 3 * hidden), (hidden, hidden), (hidden, wide), (wide, hidden)


COMPACT = EncoderShape(12, 384, 1536)
SMALL = EncoderShape(6, 384, 1536)
FULL = EncoderShape(12, 768, 3072)
"""The shape of WangchanBERTa."""


@cache
def _product(rows: int, columns: int) -> ort.InferenceSession:
    chance = np.random.default_rng(0)
    weights = chance.integers(-127, 128, (rows, columns)).astype(np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w", "zero"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, ["tokens", rows])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, ["tokens", columns])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(np.array(128, np.uint8), "zero")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    if sums_overflow():  # as in the engine
        options.add_session_config_entry(EXACT_SUMS, "1")
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def products_seconds(tokens: int, repeats: int = 3) -> float:
    """Processor seconds of all products of the compact model for this many tokens at once, on one thread."""
    chance, total = np.random.default_rng(1), 0.0
    for rows, columns in COMPACT.matrices:
        run, x = _product(rows, columns), chance.integers(0, 256, (tokens, rows)).astype(np.uint8)
        run.run(None, {"x": x})
        taken = []
        for _ in range(repeats):
            began = time.process_time()
            run.run(None, {"x": x})
            taken.append(time.process_time() - began)
        total += statistics.median(taken)
    return total * COMPACT.layers


def run_products(tokens: int, shape: EncoderShape = COMPACT) -> None:
    """Run all products once."""
    for rows, columns in shape.matrices:
        x = np.full((tokens, rows), 100, np.uint8)
        for _ in range(shape.layers):
            _product(rows, columns).run(None, {"x": x})
