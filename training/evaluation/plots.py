"""Draws the plots of the evaluation report as SVG."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from sklearn.metrics import precision_recall_curve

from labels.taxonomy import CLASSES

matplotlib.use("svg")
from matplotlib import pyplot as plt


def svg(figure: Any) -> str:
    """Convert a figure to an SVG element and close it."""
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    text = out.getvalue()
    return text[text.index("<svg") :]


def precision_recall(curves: dict[str, tuple[Sequence[bool], Sequence[float]]]) -> str:
    """Precision-recall curves of the prohibited verdict, one per name."""
    figure, axes = plt.subplots(figsize=(5, 4))
    for name, (truth, risk) in curves.items():
        precision, recall, _ = precision_recall_curve(np.asarray(truth), np.asarray(risk))
        axes.plot(recall, precision, label=name)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.01))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    return svg(figure)


def reliability_curve(bins: Sequence[tuple[float, float, int]]) -> str:
    """Reliability diagram of the risk; the area of a dot is its number of listings."""
    figure, axes = plt.subplots(figsize=(4, 4))
    axes.plot([0, 1], [0, 1], linestyle="--", color="grey")
    axes.scatter([b[0] for b in bins], [b[1] for b in bins], s=[8 + 4 * b[2] for b in bins], alpha=0.6)
    axes.set(xlabel="stated risk", ylabel="share prohibited", xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))
    axes.grid(alpha=0.3)
    return svg(figure)


def class_confusion(pairs: Sequence[tuple[int, int]]) -> str:
    """Confusion matrix of (gold class, predicted class)."""
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
    return svg(figure)


def bars(panels: Mapping[str, Mapping[str, float]], axis: str) -> str:
    """Ratios as bars on a logarithmic scale, one panel per title; the first bar of each is the reference."""
    heights = [len(values) for values in panels.values()]
    size = 7, 0.6 + sum(0.24 * height + 0.5 for height in heights)
    figure, rows = plt.subplots(len(panels), figsize=size, height_ratios=heights, sharex=True, squeeze=False)
    for axes, (title, values) in zip(rows[:, 0], panels.items(), strict=True):
        colours = ["tab:green", *["tab:blue"] * (len(values) - 1)]
        drawn = axes.barh(list(values), list(values.values()), color=colours)
        axes.bar_label(drawn, [f"{value:.2g}" for value in values.values()], padding=3, fontsize=8)
        axes.set_xscale("log")
        axes.margins(x=0.1)
        axes.invert_yaxis()
        axes.axvline(1, color="grey", linewidth=0.8)
        axes.set_title(title, loc="left", fontsize=9)
        axes.tick_params(labelsize=8)
    rows[-1, 0].set_xlabel(axis, fontsize=8)
    figure.tight_layout()
    # Text elements instead of outlines keep the file small.
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        return svg(figure)
