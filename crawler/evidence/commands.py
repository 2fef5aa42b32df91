"""The commands ``ruthan evidence``: verify the evidence, and extract a page from it."""

import json
import mimetypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.commands import DEFAULT_DATABASE
from labels.files.private import open_bytes

if TYPE_CHECKING:
    from service.store import Store
    from service.store.tables.core_tables import Capture, Listing
    from service.store.trusted_time.authority import Authorities

_PLAIN_EVERY = 100
"""Files between progress lines when not on a terminal."""

database_option = click.option(
    "--database", metavar="URL", envvar="RUTHAN_DATABASE_URL", default=DEFAULT_DATABASE, show_default=True,
    help="The store.",
)  # fmt: skip
folder_option = click.option(
    "--evidence", "folder", envvar=["RUTHAN_EVIDENCE_FOLDER", "RUTHAN_EVIDENCE"], default="var/evidence",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False), help="The evidence folder.",
)  # fmt: skip


@click.group()
def evidence() -> None:
    """Verify the evidence, and show the page behind a listing."""


@evidence.command("verify")
@database_option
@folder_option
@click.option("--files-only", is_flag=True, help="Check the files by themselves, without a store.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(database: str, folder: Path, files_only: bool, as_json: bool) -> None:
    """Re-read every record, and compare it with its own digest and with the store.

    missing: the store relies on it and it does not exist. damaged: no longer a record. altered: a complete
    record with other content, or a file that does not match its time stamp. clock: the times in it contradict
    a time stamp. unchecked: a time stamp that fails, or whose authority RUTHAN_TIMESTAMP_AUTHORITIES
    does not name. torn: a killed crawl left an incomplete last record; nothing rests on it.
    Exit status: 0 sound (torn ends included), 1 not.
    """
    from crawler.evidence.verification import Fault, verify_folder
    from service.store.trusted_time.checking import Checker
    from service.store.trusted_time.files import FileStamps

    if not folder.is_dir() and files_only:
        raise click.ClickException(f"there is no folder {folder}: name the evidence folder with --evidence")
    with _progress(quiet=as_json) as show:
        if files_only:
            report = verify_folder(folder, None, show)
        else:
            with _store(database) as store:
                stamps = FileStamps(store.time_stamps, Checker(_authorities()))
                report = verify_folder(folder, store.captures, show, stamps)
    if as_json:
        click.echo(json.dumps(report.document(), ensure_ascii=False, indent=2))
    else:
        for finding in report.findings:
            click.echo(str(finding), err=True)
        click.echo(
            f"{report.files} files, {report.records} records, {report.captures} as the store says, "
            + (f"{report.stamped} files stamped, " if report.stamped else "")
            + f"{len(report.findings)} findings: {'sound' if report.sound else 'NOT sound'}"
        )
        if any(x.fault is Fault.MISSING for x in report.findings):
            click.echo(
                f"Is {folder} the right folder? A crawl with --out DIR keeps its "
                "evidence in DIR/evidence: name it with --evidence",
                err=True,
            )
    raise SystemExit(0 if report.sound else 1)


@evidence.command("show")
@click.argument("listing", metavar="LISTING")
@click.option("--out", type=click.Path(path_type=Path), help="File to write, - for standard output.")
@click.option("--version", type=int, help="The page as it was in this version.")
@click.option("--screenshot", is_flag=True, help="The picture instead of the page.")
@click.option("--raw", is_flag=True, help="The body as received, still compressed if it came so.")
@database_option
@folder_option
def show(
    listing: str,
    out: Path | None,
    version: int | None,
    screenshot: bool,
    raw: bool,
    database: str,
    folder: Path,
) -> None:
    """Write the stored page of LISTING (its number in the store, or its id) to a file.

    The page is checked against its digest and the store first.
    """
    from crawler.evidence.writer import find_record

    with _store(database) as store:
        row = _listing(store, listing)
        capture = _capture(store, row, version, screenshot)
    try:
        record = find_record(folder / capture.warc_file, capture.warc_record_id)
    except (OSError, LookupError, ValueError) as error:
        raise click.ClickException(
            f"the evidence of listing {row.id} cannot be read: {error}. "
            "Check the folder (--evidence; a crawl with --out DIR keeps its evidence in DIR/evidence), "
            "and everything else with: ruthan evidence verify"
        ) from error
    if record.sha256 != capture.sha256:
        raise click.ClickException(
            f"the page in {capture.warc_file} is not the one that the store knows: do not rely on it. "
            "See: ruthan evidence verify"
        )
    body = record.body if raw else record.content
    target = out or Path(f"listing-{row.id}{_ending(capture.content_type)}")
    if str(target) == "-":
        sys.stdout.buffer.write(body)
    else:
        try:
            with open_bytes(target, "xb") as file:
                file.write(body)
        except FileExistsError as error:
            raise click.ClickException(f"{target} already exists: name another file with --out") from error
        except OSError as error:
            raise click.ClickException(f"cannot write {target}: {error}") from error
    click.echo(
        f"{capture.url}\nfetched {capture.captured_at.isoformat()}, HTTP {capture.status}, "
        f"version {capture.version}\nSHA-256 {capture.sha256} (as received)\n"
        f"from {capture.warc_file}, record {capture.warc_record_id}\n"
        + ("" if str(target) == "-" else f"written to {target}"),
        err=True,
    )


def _authorities() -> "Authorities":
    from pydantic import ValidationError

    from service.store.trusted_time.authority import TrustedTimeOptions

    try:
        return TrustedTimeOptions().timestamp_authorities
    except ValidationError as error:
        raise click.ClickException(
            f"RUTHAN_TIMESTAMP_AUTHORITIES: {error.errors()[0]['msg']}. See docs/settings.md"
        ) from error


def _listing(store: "Store", name: str) -> "Listing":
    from service.store.listings.repository import named

    found = named(store.database, name)
    if len(found) == 1:
        return found[0]
    if found:
        choices = ", ".join(f"{row.id} ({row.source})" for row in found)
        raise click.ClickException(
            f"several sources have a listing {name}: give its number, one of {choices}"
        )
    raise click.ClickException(f"there is no listing {name} in this store")


def _capture(store: "Store", row: "Listing", version: int | None, screenshot: bool) -> "Capture":
    from labels.evidence.warc import VIEW

    kept = [
        capture
        for capture in store.listings.captures(row.id)
        if capture.removed_at is None
        and (capture.url.startswith(VIEW) if screenshot else not capture.content_type.startswith("image/"))
        and (version is None or capture.version == version)
    ]
    if not kept:
        what = "screenshot" if screenshot else "page"
        which = "" if version is None else f" of version {version}"
        raise click.ClickException(f"no {what}{which} of listing {row.id} is kept in the evidence")
    return max(reversed(kept), key=lambda capture: capture.captured_at)  # files may bring older ones later


def _ending(content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    return ".html" if "html" in kind or not kind else mimetypes.guess_extension(kind) or ".bin"


@contextmanager
def _store(database: str) -> Iterator["Store"]:
    from service.store import StoreError, open_store

    try:
        with open_store(database) as store:
            yield store
    except StoreError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int, str], None] | None]:
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        yield (
            lambda done, total, _: (
                click.echo(f"{done} of {total} files", err=True)
                if done and done % _PLAIN_EVERY == 0
                else None
            )
        )
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name[-40:])
