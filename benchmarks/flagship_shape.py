"""The cost of the flagship's shape on this machine: WangchanBERTa's 12 layers x 768 with random weights.

Weights do not affect speed or memory. Prints seconds per training step (batch and window as in the recipe),
peak memory of training, the sizes of the ONNX files, and milliseconds per window in serving, int8 and fp32.

    python -m benchmarks.flagship_shape [--steps 3] [--batch 16]
"""

import argparse
import logging
import resource
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from transformers import CamembertConfig

from inference.model.onnx_runtime import OnnxRuntime
from labels.taxonomy import LABELS
from training.data.examples import FLAGSHIP_SHAPE
from training.fit.fine_tune import FLAGSHIP_RECIPE
from training.fit.model import ThreeHeadModel
from training.releasing.export import export_onnx
from training.releasing.serving_graph import write_int8_graph

SHAPE = {
    "vocab_size": 25_005,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "max_position_embeddings": 512,
    "type_vocab_size": 1,
    "pad_token_id": 1,
    "bos_token_id": 5,
    "eos_token_id": 6,
    "attention_probs_dropout_prob": 0.0,
}


def random_model() -> ThreeHeadModel:
    """A model of the flagship's shape with random weights."""
    return ThreeHeadModel(CamembertConfig(**SHAPE))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _training(model: ThreeHeadModel, steps: int, batch: int, tokens: int) -> list[float]:
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
    rng = np.random.default_rng(0)
    seconds = []
    for _ in range(steps):
        ids = torch.from_numpy(rng.integers(10, 25_000, (batch, tokens)))
        begun = time.perf_counter()
        loss = model(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            tags=torch.zeros((batch, tokens, len(LABELS)), dtype=torch.long),
            product_class=torch.zeros(batch, dtype=torch.long),
            offer=torch.ones(batch, dtype=torch.long),
        ).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        seconds.append(time.perf_counter() - begun)
    return seconds


def _serving(path: Path, tokens: int, repeats: int = 10) -> float:
    runtime = OnnxRuntime(path)
    ids = np.random.default_rng(1).integers(10, 25_000, tokens)
    runtime.run(ids)
    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        runtime.run(ids)
        seconds.append(time.perf_counter() - begun)
    return 1000 * statistics.median(seconds)


def main() -> None:
    """Run the benchmark and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--batch", type=int, default=FLAGSHIP_RECIPE.batch)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    tokens = FLAGSHIP_SHAPE.size
    model = random_model()
    print(f"parameters: {sum(p.numel() for p in model.parameters()) / 1e6:.0f} M, windows of {tokens} tokens")
    seconds = _training(model, arguments.steps, arguments.batch, tokens)
    print(f"training: {statistics.median(seconds):.1f} s per step of {arguments.batch} windows")
    print(f"training: {_peak_mb():,.0f} MB at most")
    with tempfile.TemporaryDirectory() as folder:
        full, small = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
        export_onnx(model, full)
        write_int8_graph(model, small, [np.arange(5, tokens)])
        for name, path in (("fp32", full), ("int8", small)):
            cost = _serving(path, tokens)
            print(f"serving {name}: {path.stat().st_size / 1e6:.0f} MB, {cost:.0f} ms per window")


if __name__ == "__main__":
    main()
