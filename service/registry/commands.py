"""``ruthan registry``: imports snapshots of the licence registers and puts them in use."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands.main import settings_from

if TYPE_CHECKING:
    from inference.registry.store import Manifest, RegistryStore
    from labels.schema import LicenceCheck
    from service.registry.importing import Imported

by_option = click.option("--by", help="Who does it; recorded with the snapshot [your login name].")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn expected errors into messages without a traceback."""
    from inference.registry.source import RegistryError
    from service.registry.columns import ColumnsUnusable
    from service.registry.importing import ImportRefused
    from service.registry.status_words import StatusUnknown
    from service.registry.table import FileUnreadable

    try:
        yield
    except (RegistryError, ColumnsUnusable, ImportRefused, StatusUnknown, FileUnreadable) as error:
        raise click.ClickException(str(error)) from error


def _store() -> "RegistryStore":
    from inference.registry.store import RegistryStore

    return RegistryStore(settings_from().registry.snapshots)


def _person(given: str | None) -> str:
    try:
        return given or getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _day(_ctx: click.Context, _param: click.Parameter, given: str | None) -> date | None:
    from service.registry.dates import read_date

    if given is None:
        return None
    try:
        day = read_date(given)
    except ValueError as error:
        raise click.BadParameter(f"{error}: write YYYY-MM-DD") from error
    if day > date.today():
        raise click.BadParameter(f"{day} is in the future")
    return day


def _kind(_ctx: click.Context, _param: click.Parameter, given: str | None) -> str | None:
    from labels.schema import LicenceKind

    kinds = [kind.value for kind in LicenceKind if kind is not LicenceKind.AMBIGUOUS]
    if given is not None and given not in kinds:
        raise click.BadParameter(f"{given!r} is not one of {', '.join(kinds)}")
    return given


@click.group()
def registry() -> None:
    """Import, list, use and check snapshots of the licence registers.

    Snapshots are in RUTHAN_REGISTRY_SNAPSHOTS (var/registry). The service and classify look numbers up in the
    one in use, unless RUTHAN_REGISTRY_FILE or an option names a CSV file.
    """


@registry.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--as-of", callback=_day, metavar="DATE", help="The date of the data in the files, B.E. or C.E."
)
@click.option("--columns", default="", metavar="HEADING=COLUMN,…", help="Columns of unknown headings.")
@click.option("--kind", callback=_kind, metavar="KIND", help="The kind of every number, such as food_serial.")
@click.option("--status", type=click.Choice(["active", "cancelled"]), help="The status of rows without one.")
@click.option("--status-words", default="", metavar="WORD=active,…", help="Meaning of unknown status words.")
@click.option("--add", is_flag=True, help="Copy numbers that are not in FILES from the snapshot in use.")
@click.option("--use/--no-use", "use", default=None, help="Put it in use, or not, regardless of doubts.")
@by_option
def import_registry(
    files: tuple[Path, ...],
    as_of: date | None,
    columns: str,
    kind: str | None,
    status: str | None,
    status_words: str,
    add: bool,
    use: bool | None,
    by: str | None,
) -> None:
    """Read FILES (CSV or XLSX) into one new snapshot and put it in use.

    If many rows could not be read, or many numbers of the snapshot in use are missing, the snapshot is stored
    but not put in use, and the exit status is 1.
    """
    from inference.registry.source import RecordStatus
    from labels.schema import LicenceKind
    from service.registry.columns import parse_mapping
    from service.registry.importing import import_files
    from service.registry.progress import counted
    from service.registry.rows import Reading
    from service.registry.status_words import parse_status_words

    store = _store()
    with plain_errors():
        reading = Reading(
            kind=LicenceKind(kind) if kind else None,
            status=RecordStatus(status) if status else None,
            status_words=parse_status_words(status_words),
        )
        mapping = parse_mapping(columns)
        with counted("rows") as progress:
            done = import_files(store, files, _person(by), reading, as_of, mapping, add, progress)
        _tell(store, done)
        doubts = done.doubts if use is None else []
        if use is not False and not doubts:
            store.use(done.manifest.id, _person(by))
            click.echo(f"{done.manifest.id} is in use. A running service takes it up by itself.")
    if doubts:
        raise click.ClickException(
            f"{done.manifest.id} is kept but not put in use: {' and '.join(doubts)}."
            f" If that is right: ruthan registry use {done.manifest.id}"
        )


def _tell(store: "RegistryStore", done: "Imported") -> None:
    from inference.registry.store import REMARKS

    m = done.manifest
    rows, not_taken = (sum(getattr(s, name) for s in m.sources) for name in ("rows", "not_taken"))
    click.echo(f"{m.id}: {m.records:,} numbers as of {m.as_of} from {rows:,} rows")
    click.echo("  " + ", ".join(f"{kind} {count:,}" for kind, count in m.kinds.items()))
    if m.compared_with:
        changes = f"{m.new:,} new, {m.changed:,} changed, {m.gone:,} gone"
        click.echo(f"  against {m.compared_with}: {changes}")
    click.echo(
        f"  {not_taken:,} rows not read, {m.contradictions:,} contradictions, {m.duplicates:,} repetitions"
    )
    if done.remarks:
        for line in done.first_remarks:
            click.echo(f"  {line}", err=True)
        click.echo(f"  all {done.remarks:,} remarks: {store.folder / m.id / REMARKS}", err=True)


@registry.command("list")
def list_snapshots() -> None:
    """Show the snapshots, newest first, and which one is in use."""
    store = _store()
    with plain_errors():
        current = store.state().current
        manifests = [store.manifest(name) for name in reversed(store.ids())]
    for m in manifests:
        click.echo(f"{'→' if m.id == current else ' '} {_described(m)}")
    if not manifests:
        click.echo(f"there is no snapshot in {store.folder}: ruthan registry import FILE")
    elif not current:
        click.echo("none is in use: ruthan registry use ID")


def _described(m: "Manifest") -> str:
    age = (date.today() - m.as_of).days
    files = ", ".join(source.name for source in m.sources)
    files += f" on top of {m.added_to}" if m.added_to else ""
    changes = f"{m.new:,} new, {m.changed:,} changed, {m.gone:,} gone"
    return (
        f"{m.id}: {m.records:,} numbers, {age} days old; {changes}\n"
        f"    imported {m.imported_at.astimezone():%Y-%m-%d %H:%M} by {m.by} from {files}"
    )


@registry.command("use")
@click.argument("snapshot", metavar="ID")
@by_option
def use_snapshot(snapshot: str, by: str | None) -> None:
    """Put the snapshot ID in use, whether older or newer than the current one."""
    store = _store()
    with plain_errors():
        change = store.use(snapshot, _person(by))
    click.echo(f"{change.previous or 'none'} → {change.snapshot}. A running service takes it up by itself.")


@registry.command("check")
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER…")
@click.option("--name", help="The listing's product name, to detect a borrowed number.")
def check_numbers(numbers: tuple[str, ...], name: str | None) -> None:
    """Look up each NUMBER like a listing's: kind, format, status and reason."""
    from inference.licences import find_numbers
    from inference.registry.store import registry_in_use

    settings = settings_from()
    unread = 0
    with plain_errors():
        source = registry_in_use(
            settings.registry.file, settings.registry.snapshots, settings.registry.max_age_days
        )
        for written in numbers:
            found = find_numbers(written, source, product_name=name, compare_names=name is not None)
            if not found:
                unread += 1
                click.echo(f"{written}: no licence number; put words before it, such as 'เลขสารบบ'", err=True)
            for one in found:
                click.echo(_line(one))
    if unread:
        raise click.ClickException(f"{unread} of {len(numbers)} could not be read")


def _line(check: "LicenceCheck") -> str:
    return "\t".join((check.number, check.kind, check.shape, check.status, check.reason))


@registry.command("fetch")
@click.argument("numbers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="CSV file to write."
)
def fetch_numbers(numbers: Path, out: Path) -> None:
    """Query the search service for each line of NUMBERS and write a file for import --add.

    Numbers are queried one at a time; answers are cached on disk, so a second run resumes where the first one
    stopped. Numbers without a record are listed in OUT.missing.csv. The exit status is 1 if any failed.
    """
    from service.registry.search.running import run_fetch

    with plain_errors():
        run_fetch(settings_from(), numbers, out)
