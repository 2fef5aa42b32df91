"""One model in different graphs and quantizations: time per token, and deviation from float32.

    python -m benchmarks.model.graphs --windows 24 --repeats 3

Uses windows of the validation split on one processor and measures processor time, since the machine may have
other load. Graphs take turns on each window; figures are medians. Other runtimes:
``benchmarks.model.runtimes``.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from rich.console import Console
from rich.table import Table

from benchmarks.model.int8_products import products_seconds
from benchmarks.page import add_write, publish
from inference.model.bundle import load_bundle
from inference.model.bundle_store import default_bundle
from inference.model.encoding import Encoder
from inference.model.onnx_runtime import EXACT_SUMS, INPUTS, OUTPUTS, sums_overflow
from inference.model.scores import window_ids
from inference.model.windows import plan_windows
from inference.text.reading import read
from labels.dataset.shipped import Split, load_split
from training.base.bundle import base_from_bundle
from training.fit.model import ThreeHeadModel
from training.releasing.export import export_onnx
from training.releasing.serving_graph import CONTRIB, ServingGraph, write_int8_graph

Ids = npt.NDArray[np.int64]
Run = Callable[[Ids], npt.NDArray[np.float32]]
BATCH = 8


def windows(count: int) -> list[Ids]:
    """Windows of the validation split as the engine runs them."""
    bundle = load_bundle(default_bundle())
    encoder = Encoder.from_file(bundle.tokenizer_path, bundle.manifest.preprocessing)
    found: list[Ids] = []
    for record in load_split(Split.VALIDATION):
        tokens = encoder.encode(read(record.text))
        planned = plan_windows(tokens.word_start.tolist(), bundle.manifest.shape)
        found += [window_ids(encoder, tokens, window) for window in planned]
        if len(found) >= count:
            break
    return found[:count]


def session(path: Path, disabled: tuple[str, ...] = (), exact: bool | None = None) -> ort.InferenceSession:
    """A session on one thread; ``exact``: whether exact sums are asked for, by default as in the engine."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry(
        EXACT_SUMS, "1" if (sums_overflow() if exact is None else exact) else "0"
    )
    return ort.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=list(disabled)
    )


def one_window(made: ort.InferenceSession, ids: Ids) -> npt.NDArray[np.float32]:
    """Tag logits of one window."""
    feed = {INPUTS[0]: ids[None]}
    if len(made.get_inputs()) > 1:
        feed[INPUTS[1]] = np.ones_like(feed[INPUTS[0]])
    (tags,) = made.run([OUTPUTS[0]], feed)
    return np.asarray(tags[0])


class ByToken(ServingGraph):
    """The serving graph with per-token ranges before the matrices whose name contains one of ``parts``."""

    def __init__(self, model: ThreeHeadModel, windows: list[Ids], parts: tuple[str, ...]) -> None:
        super().__init__(model, windows)
        self.parts = parts

    def linear(self, source: str, name: str, out: str = "") -> str:
        """Add a product whose input is quantized per token to -127 to 127, stored as 1 to 255."""
        if not any(part in name for part in self.parts):
            return super().linear(source, name, out)
        steps, scale, zero = self.matrix(name)
        last, share = self.store("last", np.array([-1])), self.store("share", np.float32(1 / 127))
        one, middle = self.store("one", np.float32(1)), self.store("middle", np.uint8(128))
        largest = self.node(
            "ReduceMax", [self.node("Abs", [source], f"{name}.size"), last], f"{name}.most", keepdims=1
        )
        step = self.node("Mul", [largest, share], f"{name}.step")
        even = self.node("Div", [source, step], f"{name}.even")
        whole = self.node("QuantizeLinear", [even, one, middle], f"{name}.whole")
        inputs = [whole, steps, one, scale, middle, zero]
        product = self.node("MatMulIntegerToFloat", inputs, f"{name}.product", CONTRIB)
        back = self.node("Mul", [product, step], f"{name}.back")
        return self.node("Add", [back, self.bias(name)], out or name)


class WholeMatrices(ServingGraph):
    """The serving graph with one scale for a whole matrix."""

    def scales(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Use the largest column's step for every column."""
        steps = super().scales(matrix)
        return np.full_like(steps, steps.max())


class Apart(ServingGraph):
    """The serving graph with a product each for query, key and value."""

    def projections(self, hidden: str, layer: str) -> list[str]:
        """Three products of the same input."""
        return [self.linear(hidden, f"{layer}attention.self.{name}") for name in ("query", "key", "value")]


def by_token(model: ThreeHeadModel, parts: tuple[str, ...], windows: list[Ids], path: Path) -> None:
    """Write a graph with per-token ranges."""
    _save(ByToken(model, windows, parts), path)


def whole_matrices(model: ThreeHeadModel, path: Path) -> None:
    """Write a graph with one scale per matrix and without channel smoothing."""
    _save(WholeMatrices(model), path)


def _save(graph: ServingGraph, path: Path) -> None:
    graph.build()
    onnx.save(graph.model(), str(path))


def plain(source: Path, target: Path) -> Path:
    """A graph without the exporter's shapes, which contradict the quantizer's."""
    graph = onnx.load(str(source))
    del graph.graph.value_info[:]
    onnx.save(graph, str(target))
    return target


class _Calibration(CalibrationDataReader):
    def __init__(self, ids: Sequence[Ids]) -> None:
        self._feeds: Iterator[dict[str, Ids]] = iter(
            [{INPUTS[0]: i[None], INPUTS[1]: np.ones_like(i[None])} for i in ids]
        )

    def get_next(self) -> dict[str, Ids] | None:
        return next(self._feeds, None)


def static_graph(full: Path, path: Path, calibration: Sequence[Ids]) -> None:
    """Quantize a float32 graph to int8 with fixed ranges, per channel."""
    quantize_static(
        full,
        path,
        _Calibration(calibration),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gemm"],
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def graphs(folder: Path, calibration: list[Ids], source: Path | None) -> dict[str, Path]:
    """Write the graphs of a run's ``model/``, or of the active bundle, whose weights were rounded once."""
    if source is None:
        source = folder / "base"
        base_from_bundle(load_bundle(default_bundle()), source)
    model = ThreeHeadModel.from_pretrained(source)
    paths = {name: folder / f"{k}.onnx" for k, name in enumerate(NAMES)}
    serving, rough, uneven, some, every, exported, per_channel, static, fused, full, apart = (
        paths[name] for name in NAMES
    )
    write_int8_graph(model, serving, calibration)
    whole_matrices(model, rough)
    _save(Apart(model, calibration), apart)
    write_int8_graph(model, uneven)
    by_token(model, ("output.dense",), calibration, some)
    by_token(model, ("dense", "self", "head"), calibration, every)
    export_onnx(model, folder / "exported.onnx")
    plain(folder / "exported.onnx", full)
    kinds: dict[str, Any] = {
        "weight_type": QuantType.QInt8,
        "op_types_to_quantize": ["MatMul", "Gemm", "Gather"],
        "extra_options": {"DefaultTensorType": onnx.TensorProto.FLOAT},
    }
    quantize_dynamic(full, exported, **kinds)
    quantize_dynamic(full, per_channel, per_channel=True, **kinds)
    static_graph(full, static, calibration)
    try:
        from onnxruntime.transformers.optimizer import optimize_model

        config = model.config
        made = optimize_model(
            str(full),
            model_type="bert",
            num_heads=config.num_attention_heads,
            hidden_size=config.hidden_size,
        )
        made.save_model_to_file(str(folder / "optimized.onnx"))
        quantize_dynamic(folder / "optimized.onnx", fused, **kinds)
    except Exception as error:  # written for other exporters' graphs; its error is printed
        Console(stderr=True).print(f"onnxruntime.transformers: {error}")
    return {name: path for name, path in paths.items() if path.is_file()}


NAMES = (
    "serving graph (int8, ranges of the window)",
    "one scale a matrix, channels uneven",
    "one scale a column, channels uneven",
    "ranges by token before the outer matrices",
    "ranges by token before all",
    "exported, then quantized (the former)",
    "the same per channel",
    "static QDQ, per channel",
    "onnxruntime.transformers, then quantized",
    "float32",
    "query, key and value apart",
)


def main() -> None:
    """Run the benchmark and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--windows", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--model", type=Path, help="the folder model/ of a run; default: the active bundle")
    add_write(parser)
    chosen = parser.parse_args()
    found = windows(chosen.windows + 32)
    measured, calibration = found[: chosen.windows], found[chosen.windows :]
    seconds: dict[str, list[float]] = {}
    tags: dict[str, list[npt.NDArray[np.floating]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = graphs(Path(folder), calibration, chosen.model)
        runs: dict[str, Run] = {
            name: partial(one_window, session(path, ("SkipLayerNormFusion",))) for name, path in paths.items()
        }
        former = NAMES[5]
        runs[f"{former}, ORT's defaults"] = partial(one_window, session(paths[former]))
        for ids in measured:
            for name, run in runs.items():
                run(ids)
                for _ in range(chosen.repeats):
                    began = time.process_time()
                    answer = run(ids)
                    seconds.setdefault(name, []).append((time.process_time() - began) / len(ids))
                tags.setdefault(name, []).append(1 / (1 + np.exp(-answer)))
            for length, kind in ((len(ids), "its lengths"), (128, "128 tokens"), (1024, "1,024 tokens")):
                product = products_seconds(length, chosen.repeats) / length
                seconds.setdefault(f"bare int8 products, {kind}", []).append(product)
        batch = max(map(len, measured[:BATCH]))
        padded = np.ones((BATCH, batch), np.int64)
        mask = np.zeros_like(padded)
        for row, ids in enumerate(measured[:BATCH]):
            padded[row, : len(ids)], mask[row, : len(ids)] = ids, 1
        batched, real = session(paths[former], ("SkipLayerNormFusion",)), int(mask.sum())
        for _ in range(chosen.repeats + 1):
            began = time.process_time()
            (together,) = batched.run([OUTPUTS[0]], {INPUTS[0]: padded, INPUTS[1]: mask})
            seconds.setdefault(f"the former, {BATCH} windows padded", []).append(
                (time.process_time() - began) / real
            )
        gaps = [
            np.abs(1 / (1 + np.exp(-together[row, : len(ids)])) - tags[former][row]).max()
            for row, ids in enumerate(measured[:BATCH])
        ]
    own = statistics.median(seconds[NAMES[0]])
    tokens = sum(map(len, measured))
    table = Table(title=f"{len(measured)} windows, {tokens} tokens, median of {chosen.repeats} per window")
    for column in (
        "graph",
        "ms per token",
        "relative to the serving graph",
        "mean deviation from float32",
        "largest",
    ):
        table.add_column(column, justify="left" if column == "graph" else "right")
    for name, taken in seconds.items():
        middle, gap = statistics.median(taken), ["", ""]
        if name in tags:
            apart = [np.abs(a - b) for a, b in zip(tags[name], tags["float32"], strict=True)]
            gap = [f"{np.mean([g.mean() for g in apart]):.5f}", f"{max(g.max() for g in apart):.3f}"]
        table.add_row(name, f"{middle * 1000:.4f}", f"{middle / own:.2f} x", *gap)
    said = f"In a batch, a tag's probability differs from its window alone by up to {max(gaps):.3f}."
    publish("model.graphs", [table, said], chosen.write)


if __name__ == "__main__":
    main()
