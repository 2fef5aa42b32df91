"""The commands for operating the service."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from service.commands.main import database_option, plain_errors, settings_from

_MARKS = {
    "ok": ("ปกติ", "OK", "green"),
    "warning": ("เตือน", "warning", "yellow"),
    "problem": ("มีปัญหา", "PROBLEM", "red"),
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document instead of lines.")
@database_option
def doctor(as_json: bool, database: str | None) -> None:
    """Check settings, database, bundle, evidence folder, clock and port, and suggest fixes.

    Changes nothing. The exit status is 1 if there is a problem.
    """
    from service.doctor import Status, examine
    from service.settings import Settings

    given = {} if database is None else {"database.url": database}
    found = []
    for finding in examine(lambda: Settings.of(given)):
        found.append(finding)
        if as_json:
            continue
        thai, english, colour = _MARKS[finding.status]
        click.echo(click.style(f"[{thai} · {english}]", fg=colour) + f" {finding.check}")
        click.echo(f"    {finding.thai}\n    {finding.english}")
        if finding.remedy_thai:
            click.echo(f"    → {finding.remedy_thai}\n    → {finding.remedy_english}")
    statuses = {finding.status for finding in found}
    worst = next((s for s in (Status.PROBLEM, Status.WARNING) if s in statuses), Status.OK)
    if as_json:
        content = {"status": worst, "findings": [asdict(finding) for finding in found]}
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
    raise SystemExit(1 if worst is Status.PROBLEM else 0)


@click.command()
@click.argument("archive", metavar="OUT.tar.gz", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--without-evidence", is_flag=True, help="Leave out the evidence, if it is backed up elsewhere."
)
@database_option
def backup(archive: Path, without_evidence: bool, database: str | None) -> None:
    """Write database, evidence and promoted bundles into one archive, .tar.gz or .tar.zst.

    The service may keep running. The archive contains personal data: protect it like the database.
    """
    from service.backup import BackupError, back_up

    settings = settings_from({"database.url": database})
    with plain_errors():
        try:
            report = back_up(settings, archive, not without_evidence)
        except BackupError as error:
            raise click.ClickException(str(error)) from error
    content = report.manifest.content
    click.echo(
        f"{archive}: {content.rows['listing']:,} listings, {content.audit_entries:,} audit entries,"
        f" {len(report.manifest.files):,} files, {report.size / 2**20:,.1f} MiB"
    )
    if settings.sandbox.database_url is not None:
        click.echo("the sandbox is not in the backup: its listings are made up", err=True)


@click.command()
@click.argument("archive", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for ruthan.db, evidence and bundles.",
)
@click.option("--force", is_flag=True, help="Move existing files aside; replace a PostgreSQL database.")
@click.option("--database", metavar="URL", help="The PostgreSQL database to restore such a backup to.")
def restore(archive: Path, into: Path, force: bool, database: str | None) -> None:
    """Restore a backup, verifying every hash and the audit trail."""
    from service.backup import BackupError
    from service.backup import restore as bring_back

    with plain_errors():
        try:
            # Never the database of the settings: a rehearsal would replace the one in use.
            report = bring_back(archive, into, database, force)
        except BackupError as error:
            raise click.ClickException(str(error)) from error
    content = report.manifest.content
    click.echo(
        f"restored {content.rows['listing']:,} listings of {report.manifest.created:%Y-%m-%d %H:%M} UTC"
    )
    if report.replaced:
        click.echo(f"the previous files are in {report.replaced}")
    click.echo(f"RUTHAN_DATABASE_URL={report.database_url}")
    click.echo(f"RUTHAN_EVIDENCE_FOLDER={into.absolute() / 'evidence'}")
    click.echo(f"RUTHAN_PICTURES_FOLDER={into.absolute() / 'pictures'}")
    click.echo(f"RUTHAN_MODEL_BUNDLES={into.absolute() / 'bundles'}")
    if report.audit.broken_at is not None:
        raise click.ClickException(
            f"the audit trail is broken at entry {report.audit.broken_at}, as it was when the backup was made"
        )
    click.echo(f"the audit trail is sound: {report.audit.entries:,} entries, last hash {report.audit.head}")
