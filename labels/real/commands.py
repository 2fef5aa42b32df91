"""The ``ruthan labels real`` commands: stand-off annotations of texts kept outside the project."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from labels.real.standoff import Joined

TEXTS = Path("var/real")
"""Default folder of the real texts; ignored by git."""

_MOST_NAMED = 10

texts_option = click.option(
    "--texts",
    type=click.Path(path_type=Path),
    default=TEXTS,
    show_default=True,
    envvar="RUTHAN_REAL_TEXTS",
    help="Folder of the real texts: JSON Lines files with a field text and optionally an id.",
)
annotations_option = click.option(
    "--annotations",
    type=click.Path(path_type=Path),
    help="File of stand-off annotations; the shipped one by default.",
)


@click.group()
def real() -> None:
    """Work with real texts, which are kept outside the project, and their stand-off annotations."""


@real.command()
@texts_option
@annotations_option
@click.pass_context
def check(ctx: click.Context, texts: Path, annotations: Path | None) -> None:
    """Check the stand-off annotations and report which of their texts are present.

    Reports texts that occur twice, and small sources that are in both splits. Stops at a text that belongs to
    the sealed exam. Without the folder of texts, only the annotations are checked.
    """
    from labels.dataset.shipped import DatasetError
    from labels.real.sealed import SealedTextError
    from labels.real.standoff import (
        RealSplit,
        channel_of,
        corpus_problems,
        join_folder,
        read_standoff,
        standoff_path,
    )

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
        problems = list(corpus_problems(records))
        for problem in problems:
            click.echo(f"{path}: {problem}", err=True)
        if not texts.is_dir():
            click.echo(f"{texts} does not exist: the texts were not checked", err=True)
            left_out = False
        else:
            left_out = _say_left_out(join_folder(texts, annotations))
            _say_unread(texts)
        if problems or left_out:
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
    help="Also search a Hugging Face dataset for texts. Repeatable; needs the extra train.",
)
@click.pass_obj
def join(providers: object, texts: Path, annotations: Path | None, out: Path, hub: tuple[str, ...]) -> None:
    """Write the stand-off annotations with their texts in the dataset's format.

    Texts are matched by SHA-256. Records whose text is missing or differs are reported and left out. Keep the
    output out of version control: the texts belong to others.
    """
    from labels.dataset.shipped import DatasetError, write_annotations
    from labels.real.sealed import SealedTextError
    from labels.real.standoff import join_folder

    of_hub = getattr(providers, "hub_texts", None)
    assert of_hub is not None, "main() installs the Hugging Face reader"
    try:
        more = [text for name in hub for text in of_hub(name)]
        found = join_folder(texts, annotations, more)
        for part, records in found.records.items():
            write_annotations(out / f"{part.value}.jsonl", records)
            click.echo(f"{out / f'{part.value}.jsonl'}: {len(records):,} records")
    except (DatasetError, SealedTextError) as error:
        raise click.ClickException(str(error)) from error
    except (OSError, UnicodeEncodeError) as error:
        raise click.ClickException(f"{out}: cannot write here: {error}") from error
    _say_left_out(found)
    _say_unread(texts)


def _say_left_out(found: "Joined") -> bool:
    for ids, why in ((found.missing, "have no text here"), (found.differing, "have another text here")):
        if ids:
            click.echo(f"{len(ids):,} records {why} and are left out: {', '.join(ids)}", err=True)
    return bool(found.missing or found.differing)


def _say_unread(texts: Path) -> None:
    from labels.real.standoff import unread_files

    if unread := unread_files(texts):
        names = ", ".join(str(path.relative_to(texts)) for path in unread[:_MOST_NAMED])
        more = ", …" if len(unread) > _MOST_NAMED else ""
        click.echo(f"{len(unread):,} files are not read, since they are not .jsonl: {names}{more}", err=True)
