"""The commands for referrals."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from labels.files.private import make_folder
from labels.files.whole import write_whole
from service.commands.main import database_option, find_numbered, open_settings_store, settings_from

if TYPE_CHECKING:
    pass


@click.group()
def referral() -> None:
    """List referrals and write their case packs."""


@referral.command("list")
@click.option("--recipient", help="Only those to this recipient, such as consumer_police.")
@click.option("--status", help="Only those with this status, such as draft.")
@click.option("--idle", type=click.IntRange(0), help="Only those without progress for so many days.")
@database_option
def list_referrals(recipient: str | None, status: str | None, idle: int | None, database: str | None) -> None:
    """Show referrals, newest first: number, date, recipient, status, last step, case (+ further ones)."""
    from service.store.audit import names as audit_names
    from service.store.referrals.listed import ReferralFilter
    from service.store.tables.referral_tables import Recipient, ReferralStatus
    from service.text.thai_calendar import letter_date

    for value, kind, option in ((recipient, Recipient, "recipient"), (status, ReferralStatus, "status")):
        if value is not None and value not in list(kind):
            raise click.ClickException(f"--{option} is one of {', '.join(kind)}, not {value!r}")
    wanted = ReferralFilter(
        Recipient(recipient) if recipient else None, ReferralStatus(status) if status else None, idle
    )
    with open_settings_store(database) as store:
        offset = 0
        while rows := store.referrals.page(wanted, offset, 200):
            offset += len(rows)
            for found in rows:
                row = found.referral
                fields = (
                    row.number,
                    letter_date(row.created_at),
                    f"{row.recipient} {row.province}".strip(),
                    row.status,
                    letter_date(row.moved_at),
                    audit_names.listing(row.listing_id) + (f" +{found.others}" if found.others else ""),
                )
                click.echo("\t".join(fields))


@referral.command("pack")
@click.argument("number")
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the ZIP; created if missing.",
)
@database_option
def pack(number: str, folder: Path, database: str | None) -> None:
    """Write the case pack of the referral NUMBER, such as 7/2569.

    The pack contains personal data and is readable by its owner only; its creation is on the audit trail.
    """
    from service.referral.downloads import record_download
    from service.referral.letters.templates import Templates, TemplateUnusable
    from service.referral.pack import Packer
    from service.store.audit import names as audit_names
    from service.store.pictures.files import PictureFiles

    settings = settings_from({"database.url": database})
    with open_settings_store(database) as store:
        row = find_numbered(store.referrals.find, number, "referral", "7/2569")
        try:
            made = Packer(
                store,
                settings.evidence.folder,
                Templates(settings.referral.templates),
                PictureFiles(settings.pictures.folder),
            ).make(row)
        except TemplateUnusable as error:
            raise click.ClickException(str(error)) from error
        target = folder / made.name
        try:
            make_folder(folder)
            if target.exists() and target.read_bytes() != made.data:
                raise click.ClickException(f"{target} exists and differs: move it away first")
            record_download(store, audit_names.CLI, row, made)
            write_whole(target, made.data)
        except OSError as error:
            raise click.ClickException(f"{target} cannot be written: {error.strerror}") from error
    click.echo(f"{target}: {row.number}, {len(made.data):,} bytes, SHA-256 {made.sha256}")
    for line in made.missing:
        click.echo(f"missing: {line}")
