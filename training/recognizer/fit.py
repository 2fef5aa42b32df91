"""Fits the recognizer on drawn lines.

Each round draws new lines in a second process and repeats as many earlier ones, since drawing a line costs as
much as training on it twice. The same seed gives the same lines in the same order.
"""

import math
import random
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor
from torch.nn import functional

from training.recognizer.drawing import STRIDE, DrawnLine
from training.recognizer.network import Recognizer, load_backbone, load_recognizer, mean_with
from training.recognizer.sources import Sources, drawn_aside
from training.recognizer.texts import CHARACTERS

NEW, KEPT = 448, 30_000
"""Lines that a round draws, and the newest ones from which it repeats as many."""

PIXELS: Final = 10_500
"""Width of all lines of a batch."""

RATE, FURTHER_RATE, BACKBONE_RATE, DECAY = 1.5e-3, 1e-3, 0.3, 0.01
"""Highest learning rate of a new and of a trained recognizer, its share for the backbone, weight decay."""

WARM_UP, FROZEN = 150, 200
"""Steps until the highest learning rate, and until the backbone is trained."""

LARGEST_GRADIENT: Final = 3.0
HELD_OUT, HELD_OUT_SEED = 300, 5
"""Lines that are only measured."""

Progress = Callable[[str], None]


def fit(
    sources: Sources, rounds: int, seed: int, checkpoint: Path, progress: Progress, *, new: int = NEW
) -> Recognizer:
    """Train for a number of rounds, each with ``new`` lines and as many earlier ones.

    A recognizer that is trained further becomes the mean of its weights before and after.

    Args:
        checkpoint: where the weights are written every tenth round.
        progress: is told the error rate on held-out lines.

    Raises:
        ValueError: the start of ``sources`` is another network.
    """
    torch.manual_seed(seed)
    net = Recognizer(len(CHARACTERS) + 1)
    if sources.is_trained:
        load_recognizer(net, sources.start)
    else:
        load_backbone(net.backbone, sources.start)
    highest, frozen = (FURTHER_RATE, 0) if sources.is_trained else (RATE, FROZEN)
    backbone = list(net.backbone.parameters())
    others = [weight for name, weight in net.named_parameters() if not name.startswith("backbone.")]
    optimizer = torch.optim.AdamW([{"params": others}, {"params": backbone}], lr=highest, weight_decay=DECAY)
    held_out = list(islice(sources.lines(HELD_OUT_SEED), min(HELD_OUT, new)))
    chance, kept, step = random.Random(seed), list[DrawnLine](), 0
    for number, drawn in enumerate(islice(drawn_aside(sources, seed + 1000, new), rounds)):
        kept = [*kept, *drawn][-KEPT:]
        losses = []
        for batch in _batches([*drawn, *chance.choices(kept, k=new)], chance):
            rate = highest * min(1.0, (step + 1) / WARM_UP) * (1 + math.cos(math.pi * number / rounds)) / 2
            for group, share in zip(optimizer.param_groups, (1.0, BACKBONE_RATE), strict=True):
                group["lr"] = rate * share
            loss = _loss(net, batch)
            optimizer.zero_grad()
            loss.backward()
            if step < frozen:
                for weight in backbone:
                    weight.grad = None
            torch.nn.utils.clip_grad_norm_(net.parameters(), LARGEST_GRADIENT)
            optimizer.step()
            losses.append(loss.item())
            step += 1
        if number % 10 == 9 or number == rounds - 1:
            torch.save(net.state_dict(), checkpoint)
            wrong = error_rate(net, held_out)
            progress(
                f"round {number + 1} of {rounds}: loss {np.mean(losses):.3f}, characters wrong {wrong:.4f}"
            )
    if sources.is_trained:
        start = Recognizer(len(CHARACTERS) + 1)
        load_recognizer(start, sources.start)
        mean_with(net, start)
        progress(f"mean with the start: characters wrong {error_rate(net, held_out):.4f}")
    return net.eval()


def error_rate(net: Recognizer, lines: Sequence[DrawnLine]) -> float:
    """Edits per character of the lines' texts (greedy decoding)."""
    net.eval()
    edits = 0
    with torch.no_grad():
        for batch in _batches(lines, random.Random(0)):
            for line, steps in zip(batch, net(_tensor(batch)).argmax(-1).tolist(), strict=True):
                edits += Levenshtein.distance(_greedy(steps[: _steps(line)]), line.text)
    net.train()
    return edits / sum(len(line.text) for line in lines)


def _batches(lines: Sequence[DrawnLine], chance: random.Random) -> list[list[DrawnLine]]:
    """Lines of about the same width together, in a random order."""
    batches = list[list[DrawnLine]]()
    for line in sorted(lines, key=lambda line: line.pixels.shape[1] + 12 * chance.random()):
        if not batches or (len(batches[-1]) + 1) * line.pixels.shape[1] > PIXELS:
            batches.append([])
        batches[-1].append(line)
    chance.shuffle(batches)
    return batches


def _tensor(batch: Sequence[DrawnLine]) -> Tensor:
    """Batch, 3 (blue first), 48, width; from -1 to 1, grey after the end of a line."""
    width = math.ceil(max(line.pixels.shape[1] for line in batch) / 8) * 8
    values = np.zeros((len(batch), 3, batch[0].pixels.shape[0], width), np.float32)
    for row, line in zip(values, batch, strict=True):
        row[:, :, : line.pixels.shape[1]] = line.pixels[:, :, ::-1].transpose(2, 0, 1) / 127.5 - 1
    return torch.from_numpy(values)


def _steps(line: DrawnLine) -> int:
    width: int = line.pixels.shape[1]
    return math.ceil(width / STRIDE)


def _loss(net: Recognizer, batch: Sequence[DrawnLine]) -> Tensor:
    """CTC's loss per character."""
    classes = [torch.tensor([CHARACTERS.index(char) + 1 for char in line.text]) for line in batch]
    lengths = torch.tensor([len(row) for row in classes])
    chances = net(_tensor(batch)).log_softmax(-1).transpose(0, 1)
    steps = torch.tensor([_steps(line) for line in batch])
    loss: Tensor = functional.ctc_loss(
        chances, torch.cat(classes), steps, lengths, reduction="sum", zero_infinity=True
    )
    return loss / lengths.sum()


def _greedy(classes: Sequence[int]) -> str:
    kept = [now for before, now in zip([0, *classes], classes, strict=False) if now and now != before]
    return "".join(CHARACTERS[index - 1] for index in kept).strip()
