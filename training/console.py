"""Options and tables shared by the training commands."""

import getpass
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console

if TYPE_CHECKING:
    from inference.classifier import Classifier
    from labels.schema import Annotation
    from training.evaluation.compare import Difference
    from training.evaluation.evaluate import Measured

NEEDED = ("torch", "transformers", "datasets", "sklearn", "onnx")

C = TypeVar("C", bound=Callable[..., Any])

_RECIPE = (
    click.option("--epochs", type=click.IntRange(1), help="Passes over the training split."),
    click.option("--seed", type=int, default=1, show_default=True),
    click.option(
        "--rate", type=click.FloatRange(0, 1, min_open=True), help="Learning rate of the top layer."
    ),
    click.option("--window", type=click.IntRange(32, 510), help="Tokens per window."),
    click.option(
        "--layers",
        type=click.IntRange(1),
        help="Keep this many of the base's layers and distil the whole base into them.",
    ),
    click.option("--bf16", is_flag=True, help="Train in bfloat16 if the processor is fast at it."),
    click.option("--offline", is_flag=True, help="Do not contact the Hugging Face hub."),
)


def recipe_options(command: C) -> C:
    """The fine-tuning options shared by ``train`` and ``retrain``."""
    for option in reversed(_RECIPE):
        command = option(command)
    return command


def need_extra(needed: Sequence[str] = NEEDED) -> None:
    """Exit with an install hint if the extra ``train`` is missing."""
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise click.ClickException(
            f"this command needs {', '.join(missing)}: install the extra with: pip install 'ruthan[train]'"
        )


def measure(classifier: "Classifier", records: "Sequence[Annotation]") -> "Measured":
    """Run a classifier with a progress bar on standard error."""
    from rich.progress import Progress

    from training.evaluation.evaluate import run

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(f"assessing with {classifier.model_id}", total=len(records))
        return run(classifier, records, lambda n, _: bar.update(task, completed=n))


def print_differences(old: str, new: str, differences: "Sequence[Difference]", data: str = "test") -> None:
    """Print the metrics of two bundles and mark the significant changes."""
    from rich.table import Table

    table = Table(title=f"{data}: {new} against {old}")
    for column in ("figure", "before", "now", "change", "95 % interval", ""):
        table.add_column(column, justify="left" if column in {"figure", ""} else "right")
    for d in differences:
        said = "worse" if d.is_worse else "better" if d.is_better else "noise"
        interval = f"{d.low:+.3f} to {d.high:+.3f}"
        table.add_row(d.name, f"{d.old:.3f}", f"{d.new:.3f}", f"{d.new - d.old:+.3f}", interval, said)
    Console().print(table)


def print_figures(report: dict[str, Any], out: Path) -> None:
    """Print the metrics of an evaluation report beside its other columns, and the report's path."""
    from rich.table import Table

    from training.evaluation.report import ROWS, figure_text

    ours, columns = report["figures"], report["columns"]
    table = Table(title=f"{report['data']}: {ours['listings']} listings, {ours['prohibited']} prohibited")
    table.add_column("figure")
    for name in (report["model"], *columns):
        table.add_column(str(name), justify="right")
    for name, key in ROWS:
        table.add_row(name, *(figure_text(column.get(key)) for column in (ours, *columns.values())))
    for label in ours["label_f1"]:
        cells = (figure_text(column["label_f1"][label]) for column in (ours, *columns.values()))
        table.add_row(f"F1 {label}", *cells)
    Console().print(table)
    _print_span_errors(report["span_errors"])
    if report["twins"]:
        Console().print(f"same verdict for a disguised twin: {report['twins']['same_verdict']:.1%}")
    for d in report["differences"]:
        gain = f"{d['new'] - d['old']:+.3f} ({d['low']:+.3f} to {d['high']:+.3f})"
        Console().print(f"{d['name']}: {d['old']:.3f} → {d['new']:.3f}, {gain}")
    Console().print(f"report: {out / 'report.html'}")


def print_channels(figures: Mapping[str, Mapping[str, Any]], model: str) -> None:
    """Print the metrics on real texts, one column per channel."""
    from rich.table import Table

    from training.evaluation.card import REAL_ROWS
    from training.evaluation.report import figure_text

    table = Table(title=f"{model} on real validation texts")
    table.add_column("figure")
    for channel in figures:
        table.add_column(channel, justify="right")
    for name, key in REAL_ROWS:
        table.add_row(name, *(figure_text(column.get(key)) for column in figures.values()))
    Console().print(table)


def _print_span_errors(errors: Sequence[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table(title="errors of the spans")
    for column in ("error", "spans", "characters lost", "added", "F1 without it"):
        table.add_column(column, justify="left" if column == "error" else "right")
    for error in errors:
        counts = (f"{error[key]:,}" for key in ("spans", "lost", "added"))
        table.add_row(error["error"], *counts, f"{error['f1_without']:.3f}")
    Console().print(table)


def person() -> str:
    """The name of the operating-system user."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
