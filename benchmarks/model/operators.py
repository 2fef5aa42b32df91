"""The serving graph's time by operator, and the least that products could take.

    python -m benchmarks.model.operators

One window on one thread, timed by ONNX Runtime's profiler. The least for the quantized products is the time
of the bare int8 products, without ranges, scales and biases. The least for attention is the time of as many
float operations in one large product, and of its softmax. The others read and write each number once.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper
from rich.table import Table

from benchmarks.model.int8_products import COMPACT, products_seconds
from benchmarks.page import add_write, publish
from inference.model.bundle import Bundle, load_bundle
from inference.model.bundle_store import default_bundle
from inference.model.onnx_runtime import DISABLED, INPUTS

PRODUCTS, ATTENTION = "DynamicQuantizeMatMul", "MultiHeadAttention"
HEADS = 12
WARM = 5


def by_operator(bundle: Bundle, tokens: int, repeats: int) -> dict[str, float]:
    """Milliseconds of each kind of operator in a window of this many tokens, the most expensive first."""
    ids = np.random.default_rng(0).integers(5, 10_000, (1, tokens))
    with tempfile.TemporaryDirectory() as folder:
        options = _options()
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "window")
        session = ort.InferenceSession(
            str(bundle.model_path), options, ["CPUExecutionProvider"], disabled_optimizers=DISABLED
        )
        for _ in range(WARM + repeats):
            session.run(None, {INPUTS[0]: ids})
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    spent: dict[str, list[float]] = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            spent.setdefault(event["name"], []).append(event["dur"] / 1000)
    kinds = {event["name"]: event["args"]["op_name"] for event in events if event["name"] in spent}
    total: dict[str, float] = {}
    for name, taken in spent.items():
        total[kinds[name]] = total.get(kinds[name], 0.0) + statistics.median(taken[WARM:])
    return dict(sorted(total.items(), key=lambda pair: -pair[1]))


def _options() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return options


def _milliseconds(kind: str, repeats: int, **given: Any) -> float:
    """Milliseconds of one operator on float inputs."""
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(x.shape)) for n, x in given.items()]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node(kind, list(given), ["y"])], kind, inputs, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    session = ort.InferenceSession(model.SerializeToString(), _options(), ["CPUExecutionProvider"])
    taken = []
    for _ in range(WARM + repeats):
        began = time.perf_counter()
        session.run(None, given)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken[WARM:])


def floors(tokens: int, repeats: int) -> dict[str, float]:
    """The least milliseconds of a window's products, and of its attention."""
    chance = np.random.default_rng(0)
    hidden, wide = COMPACT.hidden, COMPACT.wide
    rows, matrix = (chance.standard_normal(n, np.float32) for n in ((tokens, hidden), (hidden, wide)))
    scores = chance.standard_normal((1, HEADS, tokens, tokens), np.float32)
    product = _milliseconds("MatMul", repeats, a=rows, b=matrix)
    # Attention multiplies twice tokens x tokens x hidden numbers, the large product tokens x hidden x wide.
    attention = product * 2 * tokens / wide + _milliseconds("Softmax", repeats, a=scores)
    return {
        PRODUCTS: products_seconds(tokens, repeats) * 1000,
        ATTENTION: attention * COMPACT.layers,
    }


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokens", type=int, default=192)
    parser.add_argument("--repeats", type=int, default=40)
    add_write(parser)
    chosen = parser.parse_args()
    found = by_operator(load_bundle(default_bundle()), chosen.tokens, chosen.repeats)
    least = floors(chosen.tokens, chosen.repeats)
    whole, lowest = sum(found.values()), sum(least.get(kind, spent) for kind, spent in found.items())
    table = Table("operator", "ms", "share", "at least")
    for kind, spent in found.items():
        if spent >= whole / 200:
            floor = f"{least[kind]:.2f}" if kind in least else ""
            table.add_row(kind, f"{spent:.2f}", f"{spent / whole:.0%}", floor)
    said = (
        f"A window of {chosen.tokens} tokens takes {whole:.1f} ms, the bare int8 products "
        f"{least[PRODUCTS] / whole:.0%} of it. If products and attention took the least, it would take "
        f"{lowest:.1f} ms ({whole / lowest:.2f} times as fast), the bare products "
        f"{least[PRODUCTS] / lowest:.0%} of it."
    )
    publish("model.operators", [table, said], chosen.write, by_processor=True)


if __name__ == "__main__":
    main()
