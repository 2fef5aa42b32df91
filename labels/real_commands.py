"""``ruthan labels real``: real texts that stay outside the project, and their stand-off annotations."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from labels.standoff import Joined

TEXTS = Path("var/real")
"""Where the real texts lie by default; git ignores it."""

texts_option = click.option(
    "--texts",
    type=click.Path(path_type=Path),
    default=TEXTS,
    show_default=True,
    envvar="RUTHAN_REAL_TEXTS",
    help="Folder of the real texts: JSON Lines files with a field text, and perhaps an id.",
)
annotations_option = click.option(
    "--annotations",
    type=click.Path(path_type=Path),
    help="File of stand-off annotations; the shipped one by default.",
)


@click.group()
def real() -> None:
    """Real texts, which are not part of the project, and their stand-off annotations, which are."""


@real.command()
@texts_option
@annotations_option
@click.pass_context
def check(ctx: click.Context, texts: Path, annotations: Path | None) -> None:
    """Check the stand-off annotations, and which of their texts are there.

    Stops at a text that belongs to the sealed exam. Without the folder of texts only the annotations are
    checked.
    """
    from labels.dataset import DatasetError
    from labels.sealed import SealedTextError
    from labels.standoff import RealSplit, channel_of, join_folder, read_standoff, standoff_path

    path = annotations or standoff_path()
    try:
        records = read_standoff(path)
        for part in RealSplit:
            here = [record for record in records if record.split is part]
            twice = sum(record.annotations > 1 for record in here)
            counts = ", ".join(
                f"{sum(channel_of(r.platform) is channel for r in here):,} {channel.value}"
                for channel in sorted({channel_of(r.platform) for r in here})
            )
            sources = len({record.source for record in here})
            told = f"{len(here):,} texts of {sources} sources ({counts}), {twice:,} annotated twice"
            click.echo(f"{part.value}: {told}")
        if not texts.is_dir():
            click.echo(f"{texts} is not there: the texts were not looked at", err=True)
            return
        if _say_left_out(join_folder(texts, annotations)):
            ctx.exit(1)
    except (DatasetError, SealedTextError) as error:
        raise click.ClickException(str(error)) from error


@real.command()
@texts_option
@annotations_option
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder for train.jsonl and validation.jsonl.",
)
@click.option(
    "--hub",
    multiple=True,
    metavar="DATASET:COLUMN",
    help="Look for texts in a dataset of the Hugging Face hub too. Repeatable; needs the extra train.",
)
@click.pass_obj
def join(rooms: object, texts: Path, annotations: Path | None, out: Path, hub: tuple[str, ...]) -> None:
    """Write the stand-off annotations with their texts, in the form of the dataset.

    Texts are found by their SHA-256. A record whose text is missing or differs is named and left out. Keep
    the output out of version control: the texts are other people's.
    """
    from labels.dataset import DatasetError, write_annotations
    from labels.sealed import SealedTextError
    from labels.standoff import join_folder

    of_hub = getattr(rooms, "hub_texts", None)
    assert of_hub is not None, "the command line brings the texts of the hub"
    try:
        more = [text for name in hub for text in of_hub(name)]
        found = join_folder(texts, annotations, more)
        for part, records in found.records.items():
            write_annotations(out / f"{part.value}.jsonl", records)
            click.echo(f"{out / f'{part.value}.jsonl'}: {len(records):,} records")
    except (DatasetError, SealedTextError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{out}: cannot write here: {error}") from error
    _say_left_out(found)


def _say_left_out(found: "Joined") -> bool:
    for ids, why in ((found.missing, "have no text here"), (found.differing, "have another text here")):
        if ids:
            click.echo(f"{len(ids):,} records {why} and are left out: {', '.join(ids)}", err=True)
    return bool(found.missing or found.differing)
