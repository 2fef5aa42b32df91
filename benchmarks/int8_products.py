"""The ceiling: nothing but the int8 matrix products of the compact model, through ONNX Runtime."""

import statistics
import time
from functools import cache

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

LAYERS, HIDDEN, WIDE = 12, 384, 1536
SHAPES = ((HIDDEN, 3 * HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, WIDE), (WIDE, HIDDEN))
"""Rows and columns of the matrices of a layer."""


@cache
def _product(rows: int, columns: int) -> ort.InferenceSession:
    chance = np.random.default_rng(0)
    weights = chance.integers(-127, 128, (rows, columns)).astype(np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w", "zero"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, ["tokens", rows])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, ["tokens", columns])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(np.uint8(128), "zero")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def products_seconds(tokens: int, repeats: int = 3) -> float:
    """Processor seconds of all products of the model for so many tokens at once, on one thread."""
    chance, total = np.random.default_rng(1), 0.0
    for rows, columns in SHAPES:
        run, x = _product(rows, columns), chance.integers(0, 256, (tokens, rows)).astype(np.uint8)
        run.run(None, {"x": x})
        taken = []
        for _ in range(repeats):
            began = time.process_time()
            run.run(None, {"x": x})
            taken.append(time.process_time() - began)
        total += statistics.median(taken)
    return total * LAYERS


def run_products(tokens: int) -> None:
    """Run all of them once."""
    for rows, columns in SHAPES:
        x = np.full((tokens, rows), 100, np.uint8)
        for _ in range(LAYERS):
            _product(rows, columns).run(None, {"x": x})
