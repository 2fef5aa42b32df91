"""Training throughput of the compact shape with random weights, against transformers' own implementations.

    python -m benchmarks.training_step

The peers are PyTorch's and transformers' attention with ``nn.Dropout``, in float32 and under bfloat16
autocast. Ratios are relative to float32 with PyTorch's attention.
"""

import argparse
import logging
import statistics
import time

import torch
from rich.console import Console
from rich.table import Table
from transformers import CamembertConfig

from labels.taxonomy import CLASSES, LABELS
from training.fit.lean import ATTENTION, pool_dropout
from training.fit.model import ThreeHeadModel

SHAPE = {
    "vocab_size": 14_658,
    "hidden_size": 384,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "max_position_embeddings": 514,
    "type_vocab_size": 1,
    "pad_token_id": 1,
    "attention_probs_dropout_prob": 0.0,
}

VARIANTS = (
    ("float32, PyTorch's attention", "sdpa", False, False),
    ("bfloat16, PyTorch's attention", "sdpa", False, True),
    ("bfloat16, transformers' eager attention", "eager", False, True),
    ("bfloat16, lean attention and dropout", ATTENTION, True, True),
)


def seconds_a_step(
    attention: str, pooled: bool, bf16: bool, batch: int, tokens: int, steps: int
) -> list[float]:
    """Time of each of ``steps`` steps after a warm-up step."""
    torch.manual_seed(0)
    model = ThreeHeadModel(CamembertConfig(**SHAPE))
    model.set_attn_implementation(attention)
    if pooled:
        pool_dropout(model)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, fused=True)
    example = {
        "input_ids": torch.randint(4, SHAPE["vocab_size"], (batch, tokens)),
        "attention_mask": torch.ones((batch, tokens), dtype=torch.long),
        "tags": torch.zeros((batch, tokens, len(LABELS)), dtype=torch.long),
        "product_class": torch.zeros(batch, dtype=torch.long) + len(CLASSES) - 1,
        "offer": torch.ones(batch, dtype=torch.long),
    }
    example["attention_mask"][0, -5:] = 0  # typical of padded batches
    seconds = []
    for _ in range(steps + 1):
        begun = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            loss = model(**example).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        seconds.append(time.perf_counter() - begun)
    return seconds[1:]


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch", type=int, default=8, help="windows a step")
    parser.add_argument("--tokens", type=int, default=160, help="tokens per window")
    parser.add_argument("--steps", type=int, default=8)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    table = Table(title=f"a step of {arguments.batch} windows of {arguments.tokens} tokens")
    for name in ("variant", "tokens per second", "ratio"):
        table.add_column(name, justify="left" if name == "variant" else "right")
    base = 0.0
    for name, attention, pooled, bf16 in VARIANTS:
        seconds = seconds_a_step(attention, pooled, bf16, arguments.batch, arguments.tokens, arguments.steps)
        rate = arguments.batch * arguments.tokens / statistics.median(seconds)
        base = base or rate
        table.add_row(name, f"{rate:,.0f}", f"{rate / base:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
