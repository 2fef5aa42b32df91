"""The shipped model in several runtimes: processor time per token, and what becomes of the answers.

    python -m benchmarks.model.runtimes --windows 8 --repeats 5 --texts 200 --write

All have the bundle's weights, dequantized where a runtime takes no int8, and one thread. They take turns on
each window, and ratios are medians of the ratios within a turn, so that other load on the machine cancels.
The bare int8 products are those of the same window. Answers are whole assessments of the test split's texts,
compared with the shipped graph's; runtimes that take twice as long are left out there. OpenVINO and NNCF are
included if installed (extra ``bench``), the compiled PyTorch model with ``--compile``.
"""

import argparse
import logging
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from benchmarks.model.graphs import plain, session, static_graph, windows
from benchmarks.model.int8_products import products_seconds
from benchmarks.page import add_write, publish
from inference.classifier import Classifier
from inference.model.bundle import Bundle, load_bundle
from inference.model.bundle_store import default_bundle
from inference.model.onnx_runtime import INPUTS, OUTPUTS, OnnxRuntime
from inference.model.scores import WindowOutput
from labels.dataset.shipped import Split, load_split
from labels.schema import Assessment, Listing
from training.base.bundle import base_from_bundle
from training.fit.model import ThreeHeadModel
from training.releasing.export import export_onnx

Ids = npt.NDArray[np.int64]
Run = Callable[[Ids], WindowOutput]
OWN = "ONNX Runtime int8: the serving graph"
CALIBRATION = 40
"""Windows of the validation split that set the ranges of the static int8 graphs."""

LENGTHS = (48, 96, 192, 384)
"""Tokens per window of the second table."""


def output(tags: Any, product_class: Any, offer: Any) -> WindowOutput:
    """The logits of a batch of one."""
    return WindowOutput(np.asarray(tags)[0], np.asarray(product_class)[0], float(np.asarray(offer)[0]))


def with_sums(path: Path, exact: bool) -> Run:
    """A graph in ONNX Runtime, asked for exact sums of int8 products or not, whatever the processor."""
    made = session(path, ("SkipLayerNormFusion",), exact)

    def run(ids: Ids) -> WindowOutput:
        return output(*made.run(list(OUTPUTS), {INPUTS[0]: ids[None]}))

    return run


def openvino_runs(model: ThreeHeadModel, calibration: Sequence[Ids], folder: Path) -> dict[str, Run]:
    """OpenVINO in float32, bfloat16 and int8, as far as it is installed."""
    try:
        import openvino

        from benchmarks.model.openvino_graph import half, int8, openvino_graph
    except ImportError:
        return {}
    core = openvino.Core()

    def compiled(graph: Any, kind: str, **more: Any) -> Run:
        settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": kind, **more}
        request = core.compile_model(graph, "CPU", settings).create_infer_request()

        def run(ids: Ids) -> WindowOutput:
            found = request.infer({INPUTS[0]: ids[None]})
            return output(*(found[name].copy() for name in OUTPUTS))

        return run

    full, rounded, group = openvino_graph(model), openvino_graph(model, int8), model.config.hidden_size
    runs = {
        "OpenVINO float32": compiled(full, "f32"),
        "OpenVINO bfloat16": compiled(full, "bf16"),
        "OpenVINO bfloat16, weights in float16": compiled(openvino_graph(model, half), "bf16"),
        "OpenVINO int8 weights, ranges per token, rest bfloat16": compiled(
            rounded, "bf16", DYNAMIC_QUANTIZATION_GROUP_SIZE=group
        ),
    }
    static = folder / "nncf.xml"
    if not static.is_file():
        try:
            write_nncf(full, static, calibration)
        except ImportError:
            return runs
    return runs | {"OpenVINO static int8 (NNCF, transformer preset), rest bfloat16": compiled(static, "bf16")}


def write_nncf(graph: Any, path: Path, calibration: Sequence[Ids]) -> None:
    """Quantize an OpenVINO graph to int8 with fixed ranges.

    Raises:
        ImportError: NNCF is not installed.
    """
    import nncf
    import openvino

    nncf.set_log_level(logging.ERROR)
    quantized = nncf.quantize(
        graph,
        nncf.Dataset([{INPUTS[0]: ids[None]} for ids in calibration]),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(calibration),
    )
    openvino.save_model(quantized, path, compress_to_fp16=False)


def torch_runs(source: Path, is_compiled: bool) -> dict[str, Run]:
    """PyTorch in bfloat16 (oneDNN), as written and compiled."""
    import torch

    torch.set_num_threads(1)
    model = ThreeHeadModel.from_pretrained(source).eval().to(torch.bfloat16)

    def running(work: Any) -> Run:
        @torch.inference_mode()
        def run(ids: Ids) -> WindowOutput:
            given = torch.from_numpy(ids)[None]
            found = work(input_ids=given, attention_mask=torch.ones_like(given))
            return output(found.tags.float(), found.product_class.float(), found.offer.float())

        return run

    runs = {"PyTorch bfloat16": running(model)}
    if is_compiled:
        runs["PyTorch bfloat16, compiled"] = running(torch.compile(model, dynamic=True))
    return runs


def candidates(bundle: Bundle, folder: Path, calibration: Sequence[Ids], is_compiled: bool) -> dict[str, Run]:
    """All runs by name; the serving graph is the first. Graphs that lie in the folder are not made again."""
    if not (folder / "config.json").is_file():
        base_from_bundle(bundle, folder)
    model = ThreeHeadModel.from_pretrained(folder)
    if not (folder / "static.onnx").is_file():
        export_onnx(model, folder / "exported.onnx")
        plain(folder / "exported.onnx", folder / "plain.onnx")
        static_graph(folder / "plain.onnx", folder / "static.onnx", calibration)
    return {
        OWN: OnnxRuntime(bundle.model_path, 1).run,
        "the same, two threads a window": OnnxRuntime(bundle.model_path, 2).run,
        "the same, exact sums not asked for": with_sums(bundle.model_path, exact=False),
        "the same, exact sums asked for": with_sums(bundle.model_path, exact=True),
        "ONNX Runtime float32, exported": OnnxRuntime(folder / "plain.onnx", 1).run,
        "ONNX Runtime static int8 (QDQ, per channel)": OnnxRuntime(folder / "static.onnx", 1).run,
        **openvino_runs(model, calibration, folder),
        **torch_runs(folder, is_compiled),
    }


def processor_ms(run: Run, ids: Ids) -> float:
    """Processor milliseconds per token of one run."""
    began = time.process_time()
    run(ids)
    return (time.process_time() - began) * 1000 / len(ids)


@dataclass(frozen=True)
class Speed:
    """Medians over all turns.

    Attributes:
        ms: processor milliseconds per token.
        to_own: the ratio to the serving graph in the same turn.
        to_products: the ratio to the window's bare int8 products.
    """

    ms: float
    to_own: float
    to_products: float


def speeds(runs: Mapping[str, Run], measured: Sequence[Ids], repeats: int) -> tuple[dict[str, Speed], float]:
    """The speed of each run, and milliseconds per token of the bare products."""
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in runs}
    products = []
    for ids in measured:
        for run in runs.values():  # OpenVINO compiles its kernels again for each length
            run(ids)
        for _ in range(repeats):
            bare = products_seconds(len(ids), 1) * 1000 / len(ids)
            products.append(bare)
            turn = {name: processor_ms(run, ids) for name, run in runs.items()}
            for name, ms in turn.items():
                taken[name].append((ms, ms / turn[OWN], ms / bare))
    found = {
        name: Speed(*(statistics.median(column) for column in zip(*rows, strict=True)))
        for name, rows in taken.items()
    }
    return found, statistics.median(products)


class _Runtime:
    def __init__(self, run: Run) -> None:
        self.run = run


@dataclass(frozen=True)
class Answers:
    """How a run's assessments differ from the serving graph's.

    Attributes:
        largest: the largest difference of a listing's probability of being illegal.
        verdicts: the number of other verdicts.
    """

    largest: float
    verdicts: int


def answers(classifier: Classifier, run: Run, listings: Sequence[Listing]) -> list[tuple[Assessment, float]]:
    """Assessments with the model's risk, by a classifier whose runtime is replaced."""
    classifier._engine._runtime = _Runtime(run)  # type: ignore[assignment]  # it only has run()
    return classifier.assess_with_model_risk(listings)


def differing(runs: Mapping[str, Run], count: int) -> dict[str, Answers]:
    """The differences of all runs on this many texts of the test split."""
    records = load_split(Split.TEST)
    step = len(records) / count
    texts = [records[int(k * step)].text for k in range(min(count, len(records)))]
    listings = [Listing(id=str(k), description=text) for k, text in enumerate(texts)]
    classifier = Classifier(threads=1, seen_bytes=0)
    own, found = answers(classifier, runs[OWN], listings), {}
    for name, run in runs.items():
        pairs = list(zip(own, answers(classifier, run, listings), strict=True))
        found[name] = Answers(
            max(abs(a - b) for (_, a), (_, b) in pairs),
            sum(a.verdict != b.verdict for (a, _), (b, _) in pairs),
        )
        Console(stderr=True).print(f"{name}: {found[name]}")
    return found


def speed_table(
    found: Mapping[str, Speed], products: float, differences: Mapping[str, Answers], texts: int
) -> Table:
    """One row per runtime, and the bare products."""
    table = Table(
        "runtime",
        "processor ms per token",
        "relative to the serving graph",
        "relative to the bare int8 products",
        f"largest difference of risk, {texts} texts",
        "other verdicts",
    )
    for name, speed in found.items():
        differs = differences.get(name)
        table.add_row(
            name,
            f"{speed.ms:.3f}",
            f"{speed.to_own:.2f}",
            f"{speed.to_products:.2f}",
            f"{differs.largest:.3f}" if differs else "",
            str(differs.verdicts) if differs else "",
        )
    table.add_row("bare int8 products of the same windows", f"{products:.3f}", "", "1.00", "", "")
    return table


def length_table(run: Run, ids: Ids, repeats: int) -> Table:
    """Processor time per token of the serving graph by window length."""
    table = Table("tokens per window", "processor ms per token", "relative to 192")
    rows: dict[int, list[float]] = {length: [] for length in LENGTHS}
    for turn in range(repeats * 3 + 1):
        for length in LENGTHS:
            ms = processor_ms(run, np.resize(ids, length))
            if turn:
                rows[length].append(ms)
    for length, taken in rows.items():
        ratio = statistics.median(a / b for a, b in zip(taken, rows[192], strict=True))
        table.add_row(str(length), f"{statistics.median(taken):.3f}", f"{ratio:.2f}")
    return table


def main() -> None:
    """Run the benchmark and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--windows", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--texts", type=int, default=200, help="texts whose answers are compared; 0 for none")
    parser.add_argument("--compile", action="store_true", help="PyTorch compiled too; needs a C++ compiler")
    parser.add_argument("--made", type=Path, help="a folder that keeps the graphs for the next run")
    add_write(parser)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    found = windows(chosen.windows + CALIBRATION)
    measured, calibration = found[: chosen.windows], found[chosen.windows :]
    with tempfile.TemporaryDirectory() as folder:
        made, bundle = chosen.made or Path(folder), load_bundle(default_bundle())
        runs = candidates(bundle, made, calibration, chosen.compile)
        found_speeds, products = speeds(runs, measured, chosen.repeats)
        lengths = length_table(runs[OWN], max(measured, key=len), chosen.repeats)
        for name, speed in found_speeds.items():
            Console(stderr=True).print(f"{name}: {speed}")
        near = {name: run for name, run in runs.items() if found_speeds[name].to_own < 2}
        differences = differing(near, chosen.texts) if chosen.texts else {}
    tables = [speed_table(found_speeds, products, differences, chosen.texts), lengths]
    publish("model.runtimes", tables, chosen.write, by_processor=True)


if __name__ == "__main__":
    main()
