"""The ``ruthan labels studio`` commands for exchange with Label Studio."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from labels.schema import Annotation, Assessment

_FILE = click.Path(path_type=Path)
_BATCH = 32
"""Listings per model call between two steps of the progress bar."""


@click.group()
def studio() -> None:
    """Exchange annotated listings with Label Studio."""


@studio.command()
def config() -> None:
    """Print the labeling configuration (XML) for a Label Studio project."""
    from labels.annotation.studio import labeling_config

    click.echo(labeling_config(), nl=False)


@studio.command()
@click.argument("file", type=_FILE)
@click.option("--out", required=True, type=_FILE, help="The tasks, a JSON file for Label Studio to import.")
@click.option(
    "--answers",
    type=click.Choice(["annotations", "predictions", "none"]),
    default="annotations",
    show_default=True,
    help="How to export the answers in FILE: finished annotations, predictions to correct, or none.",
)
@click.option("--pre-annotate", is_flag=True, help="Add the model's answers as predictions.")
@click.option("--bundle", type=_FILE, help="Model bundle for --pre-annotate; default: the active one.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.pass_obj
def export(
    providers: object,
    file: Path,
    out: Path,
    answers: str,
    pre_annotate: bool,
    bundle: Path | None,
    force: bool,
) -> None:
    """Write the annotated listings of FILE as Label Studio tasks."""
    from labels.annotation.drafts import draft
    from labels.annotation.studio import Answers, task

    records = read_records(file)
    refuse_to_replace([out], force)
    read = _read_by_model(providers, records, bundle) if pre_annotate else [None] * len(records)
    tasks: list[dict[str, Any]] = []
    for record, found in zip(records, read, strict=True):
        if found is None:
            tasks.append(task(record, Answers(answers)))
        else:
            guess = draft(found, record.text, record.platform)
            tasks.append(task(record, Answers(answers), guess, found.model, found.risk))
    write_tasks(out, tasks)


@studio.command("import")
@click.argument("file", type=_FILE)
@click.option("--out", required=True, type=_FILE, help="The records, a JSON Lines file.")
@click.option("--annotator", help="Keep only the answers of this annotator (e-mail address or number).")
@click.option("--each", is_flag=True, help="One file per annotator: records.NAME.jsonl for records.jsonl.")
@click.option("--force", is_flag=True, help="Replace existing files.")
@click.pass_context
def import_export(
    ctx: click.Context, file: Path, out: Path, annotator: str | None, each: bool, force: bool
) -> None:
    """Convert FILE, a Label Studio export in JSON format, back to records.

    An annotator's latest answer for a task counts. If there is any problem or no answer, nothing is written.
    """
    from labels.annotation.studio_import import ExportError, read_export
    from labels.dataset.shipped import write_annotations

    try:
        found = read_export(file)
    except ExportError as error:
        raise click.ClickException(str(error)) from error
    for problem in found.problems:
        click.echo(f"{file}: {problem}", err=True)
    if found.unanswered:
        click.echo(f"tasks without an answer: {len(found.unanswered):,}", err=True)
    if found.skipped or found.replaced:
        click.echo(
            f"answers skipped: {found.skipped:,}, replaced by newer ones: {found.replaced:,}", err=True
        )
    if found.problems:
        click.echo(f"nothing was written, problems: {len(found.problems)}", err=True)
        ctx.exit(1)
    if not found.annotators:
        raise click.ClickException(f"{file} holds no finished answer: nothing was written")
    files = _files(found.annotators, out, annotator, each)
    refuse_to_replace(files, force)
    for path, records in files.items():
        with _writing(path):
            write_annotations(path, records)
        click.echo(f"{path}: {len(records):,} records")


def _files(
    annotators: "dict[str, list[Annotation]]", out: Path, annotator: str | None, each: bool
) -> "dict[Path, list[Annotation]]":
    names = ", ".join(f"{name} ({len(records):,})" for name, records in annotators.items())
    if annotator is not None:
        if annotator not in annotators:
            raise click.ClickException(f"no answers by {annotator!r}; known: {names or 'none'}")
        return {out: annotators[annotator]}
    if each:
        files = {
            out.with_name(f"{out.stem}.{re.sub(r'[^A-Za-z0-9@._-]', '_', name)}{out.suffix}"): records
            for name, records in annotators.items()
        }
        if len(files) < len(annotators):
            raise click.ClickException(f"annotators would share a file name: use --annotator: {names}")
        return files
    if len(annotators) > 1:
        raise click.ClickException(f"several annotators: {names}: choose --annotator NAME or --each")
    return {out: next(iter(annotators.values()))}


def read_records(file: Path) -> "list[Annotation]":
    """The records of a file with spans inline or as offsets; problems become messages."""
    from labels.dataset.check import is_raw
    from labels.dataset.shipped import DatasetError, read_annotations, read_raw

    try:
        raw = file.is_file() and is_raw(file)
        return list(read_raw(file) if raw else read_annotations(file))
    except DatasetError as error:
        raise click.ClickException(str(error)) from error


def refuse_to_replace(paths: "Sequence[Path] | dict[Path, Any]", force: bool) -> None:
    """Exit with a message if one of the files exists."""
    if there := [str(path) for path in paths if path.exists() and not force]:
        raise click.ClickException(
            f"{', '.join(there)} exists: choose another name, or replace it with --force"
        )


def write_tasks(out: Path, tasks: Sequence[dict[str, Any]]) -> None:
    """Write tasks as one JSON list and report it."""
    write_text(out, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")
    click.echo(f"{out}: {len(tasks):,} tasks")


def write_text(out: Path, content: str) -> None:
    """Write a file atomically, with its folder; what prevents it becomes a message."""
    from labels.files.whole import write_whole

    with _writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, content.encode(), private=False)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn what prevents writing a file into a message."""
    try:
        yield
    except (OSError, UnicodeEncodeError) as error:
        raise click.ClickException(f"{path}: cannot write here: {error}") from error


def lent(providers: object, name: str) -> Any:
    """Return the object that the command line provides under this name."""
    found = getattr(providers, name, None)
    assert found is not None, f"main() provides {name}"
    return found


def _read_by_model(
    providers: object, records: "Sequence[Annotation]", bundle: Path | None
) -> "list[Assessment]":
    from rich.console import Console
    from rich.progress import track

    from labels.schema import Listing

    assess = lent(providers, "assessor")(bundle)
    listings = [Listing(id=r.id, description=r.text, platform=r.platform) for r in records]
    starts = range(0, len(listings), _BATCH)
    bar = track(starts, description="reading", console=Console(stderr=True), transient=True)
    return [assessment for at in bar for assessment in assess(listings[at : at + _BATCH])]
