"""``ruthan train`` and ``ruthan evaluate``."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from training.base import COMPACT, FLAGSHIP

_LICENCES = {COMPACT: "multilingual-e5-small, MIT", FLAGSHIP: "WangchanBERTa, CC BY-SA 4.0"}
_NEEDED = ("torch", "transformers", "datasets", "sklearn", "onnx")


def _need_extra() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise click.ClickException(
            f"this command needs {', '.join(missing)}: install the extra with: pip install 'ruthan[train]'"
        )


@click.command()
@click.option("--base", default=FLAGSHIP, show_default=True, help="compact, a local folder, or a hub name.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/latest"),
    show_default=True,
    help="Working folder: checkpoints, model, report.",
)
@click.option("--bundle", type=click.Path(path_type=Path), help="Bundle folder; OUT/bundle by default.")
@click.option("--name", help="Name of the bundle; taken from the base by default.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with train.jsonl, validation.jsonl and test.jsonl; the shipped dataset by default.",
)
@click.option("--epochs", type=click.IntRange(1), help="Passes over the training split.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--rate", type=click.FloatRange(0, 1, min_open=True), help="Learning rate of the top layer.")
@click.option("--window", type=click.IntRange(32, 510), help="Tokens a window.")
@click.option("--bf16", is_flag=True, help="Train in bfloat16 where the processor is quick in it.")
@click.option("--resume", is_flag=True, help="Continue from the last checkpoint in OUT.")
@click.option("--offline", is_flag=True, help="Never ask the Hugging Face hub.")
def train(
    base: str,
    out: Path,
    bundle: Path | None,
    name: str | None,
    data: Path | None,
    epochs: int | None,
    seed: int,
    rate: float | None,
    window: int | None,
    bf16: bool,
    resume: bool,
    offline: bool,
) -> None:
    """Fine-tune a model on the dataset, calibrate it, measure it and release it as a bundle."""
    _need_extra()
    from dataclasses import replace

    from labels.dataset import DatasetError, Split, load_split
    from training.base.compact import BaseUnavailableError
    from training.base.resolve import resolve_base
    from training.base.tokenizer import TokenizerError, load_encoder
    from training.examples import WindowSettings
    from training.fine_tune import Recipe, fine_tune
    from training.release import CollapsedModelError, ParityError, release

    say = Console(stderr=True).print
    try:
        splits = {part: load_split(part, data) for part in Split}
        say(f"base {base} …")
        folder = resolve_base(base, use_hub=not offline)
        encoder = load_encoder(folder)
    except (DatasetError, BaseUnavailableError, TokenizerError) as error:
        raise click.ClickException(str(error)) from error
    settings = WindowSettings() if window is None else WindowSettings(size=window)
    recipe = Recipe(seed=seed, bf16=bf16)
    if rate is not None:
        recipe = replace(recipe, encoder_rate=rate)
    if epochs is not None:
        recipe = replace(recipe, epochs=epochs)
    say(f"fine-tuning on {len(splits[Split.TRAIN])} listings, {recipe.epochs} epochs …")
    model = fine_tune(
        folder, encoder, splits[Split.TRAIN], splits[Split.VALIDATION], out, settings, recipe, resume
    )
    try:
        report = release(
            model,
            encoder,
            settings,
            name=name or base.rstrip("/").split("/")[-1],
            base=base,
            base_licence=_LICENCES.get(base, "see the base's own licence"),
            validation=splits[Split.VALIDATION],
            test=splits[Split.TEST],
            train=splits[Split.TRAIN],
            work=out,
            bundle=bundle or out / "bundle",
            say=say,
        )
    except (CollapsedModelError, ParityError) as error:
        raise click.ClickException(str(error)) from error
    _print_figures(report, out / "report")


@click.command()
@click.argument("bundle", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another bundle: every figure of both, with the interval of the difference.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Annotated listings; the test split by default.",
)
@click.option("--peers/--no-peers", default=True, help="Measure baselines and rewritten listings too.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/evaluation"), show_default=True)
def evaluate(bundle: Path | None, against: Path | None, data: Path | None, peers: bool, out: Path) -> None:
    """Measure BUNDLE (the shipped one by default) and write report.json and report.html."""
    _need_extra()
    from dataclasses import replace

    from rich.progress import Progress

    from inference.bundle import BundleError
    from inference.classifier import Classifier
    from labels.dataset import DatasetError, Split, load_split, read_annotations
    from training.baselines import keyword_figures
    from training.compare import compare
    from training.evaluate import Measured, run
    from training.peers import measure_peers
    from training.report import Peers, write_report

    console = Console(stderr=True)
    try:
        classifier = Classifier(bundle)
        other = Classifier(against) if against else None
        records = load_split(Split.TEST) if data is None else list(read_annotations(data))
    except (BundleError, DatasetError) as error:
        raise click.ClickException(str(error)) from error
    if not records:
        raise click.ClickException(f"{data} holds no listing: give annotated listings as JSON Lines")

    def measure(who: Classifier) -> Measured:
        with Progress(console=console, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task(f"assessing with {who.model_id}", total=len(records))
            return run(who, records, lambda n, _: bar.update(task, completed=n))

    measured = measure(classifier)
    beside = (
        measure_peers(bundle, measured, load_split(Split.TRAIN), console.print)
        if peers
        else Peers({"keyword baseline": keyword_figures(records)})
    )
    if other:
        beside = replace(beside, differences=compare(measure(other), measured))
    report = write_report(measured, classifier.model_id, data.name if data else "test split", beside, out)
    _print_figures(report, out)


def _print_figures(report: dict[str, Any], out: Path) -> None:
    from rich.table import Table

    from training.report import ROWS, figure_text

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
    if report["twins"]:
        Console().print(f"same verdict for a disguised twin: {report['twins']['same_verdict']:.1%}")
    for d in report["differences"]:
        gain = f"{d['new'] - d['old']:+.3f} ({d['low']:+.3f} to {d['high']:+.3f})"
        Console().print(f"{d['name']}: {d['old']:.3f} → {d['new']:.3f}, {gain}")
    Console().print(f"report: {out / 'report.html'}")
