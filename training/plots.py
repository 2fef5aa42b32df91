"""The pictures of the evaluation report, as SVG text."""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from sklearn.metrics import precision_recall_curve

from labels.taxonomy import CLASSES

matplotlib.use("svg")
from matplotlib import pyplot as plt


def _svg(figure: Any) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    text = out.getvalue()
    return text[text.index("<svg") :]


def precision_recall(curves: dict[str, tuple[Sequence[bool], Sequence[float]]]) -> str:
    """Precision against recall of the prohibited verdict, one curve a name."""
    figure, axes = plt.subplots(figsize=(5, 4))
    for name, (truth, risk) in curves.items():
        precision, recall, _ = precision_recall_curve(np.asarray(truth), np.asarray(risk))
        axes.plot(recall, precision, label=name)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.01))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    return _svg(figure)


def reliability_curve(bins: Sequence[tuple[float, float, int]]) -> str:
    """Stated risk against the share that is prohibited; the area of a dot is its number of listings."""
    figure, axes = plt.subplots(figsize=(4, 4))
    axes.plot([0, 1], [0, 1], linestyle="--", color="grey")
    axes.scatter([b[0] for b in bins], [b[1] for b in bins], s=[8 + 4 * b[2] for b in bins], alpha=0.6)
    axes.set(xlabel="stated risk", ylabel="share prohibited", xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))
    axes.grid(alpha=0.3)
    return _svg(figure)


def class_confusion(pairs: Sequence[tuple[int, int]]) -> str:
    """Counts of (gold class, answered class)."""
    table = np.zeros((len(CLASSES), len(CLASSES)), int)
    for gold, answer in pairs:
        table[gold, answer] += 1
    figure, axes = plt.subplots(figsize=(6, 5))
    axes.imshow(table, cmap="Blues")
    names = [c.value for c in CLASSES]
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="answer", ylabel="annotation")
    for i, j in zip(*np.nonzero(table), strict=True):
        axes.text(j, i, str(table[i, j]), ha="center", va="center", fontsize=8)
    return _svg(figure)
