"""The commands for complaints."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from labels.files.private import make_folder, open_text
from labels.files.whole import write_whole
from service.commands.main import database_option, find_numbered, open_settings_store

if TYPE_CHECKING:
    pass

_CATEGORIES = (
    "health_ad",
    "health_product",
    "not_delivered",
    "late",
    "not_as_described",
    "damaged",
    "fraud",
    "mule_account",
    "other",
)
_AGENCIES = ("etda", "cyber_police", "money_laundering")
_REPORT = ".report.csv"


@click.group()
def complaint() -> None:
    """Import, list and export complaints."""


@complaint.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="Where the file is from; numbers are unique within it [FILE's name].")
@click.option("--category", type=click.Choice(_CATEGORIES), help="Category of lines without one.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file for rejected lines [FILE.report.csv].",
)
@database_option
def import_(
    file: Path, source: str | None, category: str | None, report: Path | None, database: str | None
) -> None:
    """Import the complaints in FILE, CSV or XLSX with Thai or English headings.

    A rejected line is in the report with the reason and all its cells: correct it there and import the
    report, with the same --source if one was given. Importing a file again creates no duplicates.
    """
    from service.complaints.importing import import_complaints
    from service.registry.table import FileUnreadable
    from service.store.tables.complaint_tables import ComplaintCategory

    target = report or file.with_name(f"{file.name}{_REPORT}")
    if target.exists():
        raise click.ClickException(f"{target} already exists: move it away, or name another with --report")
    kept = ComplaintCategory(category) if category else None
    name = file.name
    while name.endswith(_REPORT):  # the corrected report, also that of a report, is of the same source
        name = name.removesuffix(_REPORT)
    with open_settings_store(database) as store:
        try:
            with open_text(target, "x", "utf-8-sig") as lines:
                done = import_complaints(
                    store,
                    file,
                    lines,
                    source=f"file:{source or name or file.name}"[:200],
                    category=kept,
                    progress=lambda number: click.echo(f"{number:,} lines", err=True),
                )
        except FileUnreadable as error:
            target.unlink(missing_ok=True)
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(f"{target} cannot be written: {error.strerror}") from error
    click.echo(
        f"{done.lines:,} lines: {done.new:,} new ({done.tied:,} belong to a listing), {done.known:,} known,"
        f" {done.refused:,} refused"
    )
    if done.refused or done.remarks:
        for line in done.first_refusals:
            click.echo(f"refused {line}", err=True)
        click.echo(f"{target}: the refused lines with the reason, and {done.remarks:,} that want a look")
    else:
        target.unlink()
    if done.refused:
        raise SystemExit(1)


@complaint.command("list")
@click.option("--category", type=click.Choice(_CATEGORIES), help="Only those of this category.")
@click.option("--for", "agency", type=click.Choice(_AGENCIES), help="Only those that this agency handles.")
@click.option("--waiting", is_flag=True, help="Only those that wait for an export.")
@database_option
def list_(category: str | None, agency: str | None, waiting: bool, database: str | None) -> None:
    """Show complaints, newest first: number, day of receipt, category, source, case.

    Names, contacts and texts are omitted: they are personal data.
    """
    from service.store.audit import names as audit_names
    from service.store.complaints.repository import ComplaintFilter
    from service.store.tables.complaint_tables import Agency, ComplaintCategory
    from service.text.thai_calendar import letter_date

    wanted = ComplaintFilter(
        category=ComplaintCategory(category) if category else None,
        agency=Agency(agency) if agency else None,
        exported=False if waiting else None,
    )
    with open_settings_store(database) as store:
        offset = 0
        while rows := store.complaints.page(wanted, offset, 200):
            offset += len(rows)
            for row in rows:
                case = audit_names.listing(row.listing_id) if row.listing_id else "-"
                click.echo(
                    "\t".join((row.number, letter_date(row.received_at), row.category, row.source, case))
                )


@complaint.command("export")
@click.option("--for", "agency", type=click.Choice(_AGENCIES), help="The agency that receives the file.")
@click.option("--again", type=click.IntRange(1), help="Write the file of this earlier export again.")
@click.option("--format", "form", type=click.Choice(("csv", "xlsx")), default="csv", show_default=True)
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the file; created if missing.",
)
@database_option
def export(agency: str | None, again: int | None, form: str, folder: Path, database: str | None) -> None:
    """Export the complaints for AGENCY that were not exported yet, or were added to since.

    Those closed because nothing, or too little, was found are left out.
    The file contains personal data and is readable by its owner only; the export is on the audit trail. If
    the file is lost, --again NUMBER writes it again.
    """
    from service.complaints.agency_files import FileFormat, file_name, written
    from service.store.audit import names as audit_names
    from service.store.tables.complaint_tables import Agency

    if (agency is None) == (again is None):
        raise click.ClickException("give either --for AGENCY or --again NUMBER")
    kind = FileFormat(form)
    try:
        make_folder(folder)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be created: {error.strerror}") from error
    with open_settings_store(database) as store:
        exports = store.complaint_exports
        made, rows = (
            exports.make(Agency(agency), audit_names.CLI)
            if agency
            else exports.again(again or 0, audit_names.CLI)
        )
    if made is None:
        if again:
            raise click.ClickException(f"there is no export {again}")
        click.echo(f"nothing new for {agency}: every complaint was exported before (--again NUMBER repeats)")
        return
    target = folder / file_name(made, kind)
    try:
        write_whole(target, written(rows, kind))
    except OSError as error:
        raise click.ClickException(
            f"{target} cannot be written: {error.strerror}. The export is recorded: write it with"
            f" ruthan complaint export --again {made.id}"
        ) from error
    click.echo(f"{target}: export {made.id}, {len(rows):,} complaints for {made.agency}")


@complaint.command("find")
@click.argument("contact", metavar="CONTACT")
@click.option("--request", required=True, help="File number of the request; no personal data.")
@database_option
def find(contact: str, request: str, database: str | None) -> None:
    """List the complaints that contain CONTACT, as the complainant's or in their text.

    Reads every complaint. Search listings with ruthan privacy find.
    """
    from service.complaints.persons import holding
    from service.privacy import wanted as wanting
    from service.store.audit import names as audit_names
    from service.store.audit.actions import AuditAction

    try:
        wanted = wanting.wanted(contact)
    except wanting.NotAContact as error:
        raise click.ClickException(str(error)) from error
    with open_settings_store(database) as store:
        found = list(holding(store, wanted))
        numbers = [row.number for row, _ in found]
        store.audit.record(
            audit_names.CLI, AuditAction.COMPLAINT_FIND, "", {"request": request, "complaints": numbers}
        )
    for row, places in found:
        click.echo(f"{row.number}\t{row.category}\t{', '.join(places)}")
    click.echo(f"{len(found):,} complaints", err=True)


@complaint.command("erase")
@click.argument("number")
@click.option("--request", required=True, help="File number of the request; no personal data.")
@click.option(
    "--contact", "also", multiple=True, help="A name or contact that stands in the texts alone; repeatable."
)
@database_option
def erase(number: str, request: str, also: tuple[str, ...], database: str | None) -> None:
    """Erase the complainant's name and contact from the complaint NUMBER, such as 12/2569.

    What the complainant wrote only into the texts, or added after an erasure, is masked with --contact.
    """
    from service.store.audit import names as audit_names

    with open_settings_store(database) as store:
        row = find_numbered(store.complaints.find, number, "complaint", "12/2569")
        if store.complaints.remove_contact(row.id, audit_names.CLI, request, also):
            click.echo(f"{row.number}: name and contact were erased")
        elif also:
            click.echo(f"{row.number}: has no name or contact, nor do its texts hold what was given")
        else:
            click.echo(f"{row.number}: has neither name nor contact (--contact masks one in the texts)")
