"""The ``ruthan labels`` commands: check, count, import and export annotated listings."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labels.annotation.commands import agreement, next_listings
from labels.annotation.studio_commands import studio
from labels.real.commands import real

if TYPE_CHECKING:
    from rich.console import Console

    from labels.dataset.check import Report
    from labels.dataset.shipped import Split
    from labels.dataset.statistics import Statistics
    from labels.dataset.traits import Traits
    from labels.schema import Annotation

_FILE = click.Path(path_type=Path)


@click.group()
def labels() -> None:
    """Check, count, import and export annotated listings."""


for _command in (agreement, next_listings, real, studio):
    labels.add_command(_command)


def _shipped() -> list[Path]:
    from labels.dataset.shipped import Split, split_path

    return [split_path(part) for part in Split]


def _print_problems(report: "Report") -> None:
    for problem in report.problems:
        click.echo(str(problem))


@labels.command()
@click.argument("files", nargs=-1, type=_FILE)
@click.option("--raw", is_flag=True, help="The spans are inline, [[label|text]]; detected by default.")
@click.pass_context
def check(ctx: click.Context, files: Sequence[Path], raw: bool) -> None:
    """Check FILES of annotated listings (default: all shipped ones).

    Prints every problem as file:line with a fix and exits with status 1 if there are any. Files with spans as
    offsets count as splits of one dataset: groups and near-duplicates must not cross splits.
    """
    from labels.dataset.check import check_files
    from labels.dataset.everyday import everyday_path
    from labels.dataset.independent import independent_path
    from labels.dataset.skeletons import skeletons_path

    shipped = [*_shipped(), everyday_path(), skeletons_path(), independent_path()]
    report = check_files(files or shipped, raw or None)
    _print_problems(report)
    counted = f"{report.records:,} records read, problems: {len(report.problems)}"
    click.echo(counted, err=bool(report.problems))
    if report.problems:
        ctx.exit(1)


@labels.command()
@click.argument("files", nargs=-1, type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: counts by part.")
@click.option("--texts", is_flag=True, help="FILES hold texts without annotations: show writing statistics.")
def stats(files: Sequence[Path], as_json: bool, texts: bool) -> None:
    """Count annotated listings and print statistics of their texts.

    FILES are the shipped splits by default.

    The last table lists traits in which written listings tend to drift away from real ones.
    """
    from labels.dataset.check import is_raw
    from labels.dataset.shipped import DatasetError, read_annotations, read_raw
    from labels.dataset.statistics import describe_parts
    from labels.dataset.traits import traits_of
    from labels.real.standoff import texts_of_file

    paths = list(dict.fromkeys(files or _shipped()))
    stems = [path.stem for path in paths]
    names = {path: path.stem if stems.count(path.stem) == 1 else str(path) for path in paths}
    try:
        if texts:
            written = {names[path]: [text for _, _, text in texts_of_file(path)] for path in paths}
            traits = {name: traits_of(found) for name, found in written.items()}
            if as_json:
                rows = {name: row.model_dump(mode="json") if row else None for name, row in traits.items()}
                click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
            else:
                _print_traits(traits)
            return
        parts = {
            names[path]: list(read_raw(path) if path.is_file() and is_raw(path) else read_annotations(path))
            for path in paths
        }
    except DatasetError as error:
        raise click.ClickException(str(error)) from error
    found = describe_parts(parts)
    if as_json:
        rows = {name: part.model_dump(mode="json") for name, part in found.items()}
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    from rich.console import Console

    _print_statistics(Console(), found)
    _print_traits({name: traits_of([record.text for record in records]) for name, records in parts.items()})


def _print_traits(parts: "Mapping[str, Traits | None]") -> None:
    from rich.console import Console

    from labels.dataset.traits import ROWS

    rows = [
        [name, *(shape.format(getattr(part, field)) if part else "–" for part in parts.values())]
        for name, field, shape in ROWS
    ]
    _table(Console(), "How the texts are written", ["", *parts], rows)


def _print_statistics(console: "Console", parts: "Mapping[str, Statistics]") -> None:
    from labels.dataset.statistics import ALL
    from labels.taxonomy import ClaimLabel, Platform, ProductClass

    each = list(parts.values())
    figures = {
        "records": [part.records for part in each],
        "offers": [part.offers for part in each],
        "  with a prohibited claim": [part.prohibited for part in each],
        "  with benefit claims only": [part.benefit_only for part in each],
        "  without a claim": [part.clear for part in each],
        "not an offer": [part.non_offers for part in each],
        "borderline": [part.borderline for part in each],
        "contrast groups": [part.groups for part in each],
    }
    _table(console, "Listings", ["", *parts], [[name, *counts] for name, counts in figures.items()])
    _table(
        console,
        "Characters of a text",
        ["", "shortest", "quarter", "median", "three quarters", "longest"],
        [[name, *(round(x) for x in dict(part.text_length).values())] for name, part in parts.items()],
    )
    _table(
        console,
        "Product class",
        ["", *parts],
        [[kind, *(part.classes[kind] for part in each)] for kind in ProductClass],
    )
    _table(
        console,
        "Platform",
        ["", *parts],
        [[platform, *(part.platforms[platform] for part in each)] for platform in Platform],
    )
    _table(
        console,
        "Claim label: listings / spans",
        ["", *parts],
        [
            [f"{i} {label}", *(f"{p.label_listings[label]:,} / {p.label_spans[label]:,}" for p in each)]
            for i, label in enumerate(ClaimLabel, 1)
        ],
    )
    together = parts[ALL].label_classes
    _table(
        console,
        "Listings of a class with a claim label (its number above)",
        ["", *(str(i) for i, _ in enumerate(ClaimLabel, 1))],
        [[kind, *(together[label][kind] for label in ClaimLabel)] for kind in ProductClass],
    )


def _table(console: "Console", title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
    for i, name in enumerate(header):
        table.add_column(name, justify="right" if i else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    console.print(table)


def _write_splits(parts: "Mapping[Split, Sequence[Annotation]]", out: Path) -> None:
    from labels.dataset.shipped import split_path, write_annotations

    # Write all files before replacing any, so an error cannot leave a mix of old and new splits.
    new = {part: split_path(part, out).with_suffix(".jsonl.new") for part in parts}
    try:
        for part, found in parts.items():
            write_annotations(new[part], found)
        for part, path in new.items():
            path.replace(split_path(part, out))
            click.echo(f"{split_path(part, out)}: {len(parts[part]):,} records")
    except (OSError, UnicodeEncodeError) as error:
        raise click.ClickException(f"{out}: cannot write here: {error}") from error
    finally:
        for path in new.values():
            # Where it cannot be written, there may be no folder to look in.
            with suppress(OSError):
                path.unlink()
    if empty := [part for part, found in parts.items() if not found]:
        click.echo(
            f"no record in {', '.join(empty)}: training needs some in each split, so annotate more listings",
            err=True,
        )


def _refuse_held_out(raw: Sequence[Path]) -> None:
    from labels.dataset.shipped import DatasetError, read_raw
    from labels.real.held_out import refuse_held_out

    try:
        for path in dict.fromkeys(raw):
            refuse_held_out(path, list(read_raw(path)))
    except DatasetError as error:
        raise click.ClickException(f"nothing was written: {error}") from error


@labels.command()
@click.argument("raw", nargs=-1, required=True, type=_FILE)
@click.option("--to", "folder", type=_FILE, help="Folder of the dataset; the shipped one by default.")
@click.option("--seed", default=0, show_default=True, help="Seed for distributing the new records.")
@click.option("--grow-test", is_flag=True, help="Add new records to the test split too.")
@click.pass_context
def add(ctx: click.Context, raw: Sequence[Path], folder: Path | None, seed: int, grow_test: bool) -> None:
    """Add the records of RAW files, whose spans are inline, to an existing split dataset.

    Existing records keep their split. New records related to one (same group or near-duplicate text) join its
    split; the others are distributed over train and validation. The test split stays fixed, so results of old
    and new models are comparable. Texts that the dataset has, real validation texts and texts of the sealed
    exam are refused. If there is any problem, nothing is written.
    """
    from labels.dataset.check import check_files
    from labels.dataset.shipped import DatasetError, Split, data_folder, load_split, read_raw
    from labels.dataset.splits import FROZEN_TEST_SHARES, SHARES, BridgeError, split

    out = folder or data_folder()
    report = check_files(raw, raw=True)
    _print_problems(report)
    if report.problems:
        click.echo(f"nothing was written, problems: {len(report.problems)}", err=True)
        ctx.exit(1)
    try:
        there = {part: load_split(part, out) for part in Split}
    except DatasetError as error:
        raise click.ClickException(str(error)) from error
    new = [record for path in dict.fromkeys(raw) for record in read_raw(path)]
    kept = {record.id: part for part, records in there.items() for record in records}
    twice = sorted(record.id for record in new if record.id in kept)
    if twice:
        raise click.ClickException(f"ids that the dataset has already: {', '.join(twice)}")
    known = {record.text: record.id for records in there.values() for record in records}
    if copies := [f"{r.id} (there: {known[r.text]})" for r in new if r.text in known]:
        raise click.ClickException(f"texts that the dataset has already: {', '.join(copies)}")
    _refuse_held_out(raw)
    try:
        shares = SHARES if grow_test else FROZEN_TEST_SHARES
        parts = split([r for records in there.values() for r in records] + new, seed, kept, shares)
    except BridgeError as error:
        raise click.ClickException(f"nothing was written: {error}") from error
    kin = sorted(record.id for record in parts[Split.TEST] if record.id not in kept)
    if kin and not grow_test:
        raise click.ClickException(
            f"nothing was written: {', '.join(kin)} are near-duplicates of or in a group with test records, "
            "which are fixed: leave them out, or let the test split grow with --grow-test"
        )
    _write_splits(parts, out)


@labels.command("import")
@click.argument("raw", nargs=-1, required=True, type=_FILE)
@click.option("--out", required=True, type=_FILE, help="Folder for train, validation and test.")
@click.option("--seed", default=0, show_default=True, help="Seed of the split.")
@click.option("--force", is_flag=True, help="Replace existing files.")
@click.pass_context
def import_raw(ctx: click.Context, raw: Sequence[Path], out: Path, seed: int, force: bool) -> None:
    """Split RAW files, whose spans are inline, into train, validation and test.

    The files are checked first; if there is any problem, nothing is written. Groups and near-duplicates stay
    in one split, and the same records and seed give the same files.
    """
    from labels.dataset.check import check_files
    from labels.dataset.shipped import Split, read_raw, split_path
    from labels.dataset.splits import split

    there = [path for part in Split if (path := split_path(part, out)).exists()]
    if there and not force:
        names = ", ".join(str(path) for path in there)
        raise click.ClickException(f"{names} exists: choose another folder, or replace it with --force")
    report = check_files(raw, raw=True)
    _print_problems(report)
    if report.problems:
        click.echo(f"nothing was written, problems: {len(report.problems)}", err=True)
        ctx.exit(1)
    _refuse_held_out(raw)
    records = [record for path in dict.fromkeys(raw) for record in read_raw(path)]
    parts = split(records, seed)
    _write_splits(parts, out)


@labels.command()
@click.argument("file", type=_FILE)
@click.pass_context
def export(ctx: click.Context, file: Path) -> None:
    """Write the records of FILE, a split, to standard output with inline spans.

    Records that the inline form cannot represent are reported on standard error, and the exit status is then
    1.
    """
    from labels.annotation.inline import InlineMarkupError, format_inline
    from labels.dataset.shipped import DatasetError, read_lines

    bad = False
    try:
        for number, found in read_lines(file):
            try:
                if isinstance(found, DatasetError):
                    raise found
                row = found.model_dump(mode="json", exclude_defaults=True, exclude={"spans"})
                row["text"] = format_inline(found.text, found.spans)
            except DatasetError as error:
                click.echo(str(error), err=True)
                bad = True
            except InlineMarkupError as error:
                click.echo(f"{file}:{number}: {error}", err=True)
                bad = True
            else:
                click.echo(json.dumps(row, ensure_ascii=False))
    except DatasetError as error:
        raise click.ClickException(str(error)) from error
    if bad:
        ctx.exit(1)
