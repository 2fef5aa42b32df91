"""The commands for the audit trail."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from service.commands.main import database_option, open_settings_store, settings_from
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction, AuditCategory, actions_of


@click.group()
def audit() -> None:
    """Verify, show and export the audit trail."""


@audit.command("verify")
@click.option(
    "--stamps",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Time stamps that `ruthan audit stamps` wrote, stored elsewhere.",
)
@database_option
def verify(folder: Path | None, database: str | None) -> None:
    """Verify the audit trail by its own hashes and by its time stamps.

    Without time stamps, record the last hash elsewhere: only that comparison reveals a trail that was
    rewritten as a whole or truncated. No authority is contacted. Exit status 1 if something is wrong.
    """
    from service.store.trusted_time.checking import Checker
    from service.store.trusted_time.outside import read_stamps
    from service.store.trusted_time.tokens import TokenInvalid
    from service.store.trusted_time.trail import LATE, check_trail

    authorities = settings_from({"database.url": database}).timestamp.authorities
    with open_settings_store(database) as store:
        check = store.audit.verify()
        if check.broken_at is not None:
            raise click.ClickException(
                f"the audit trail is broken at entry {check.broken_at}: it was changed or cut"
            )
        try:
            outside = list(read_stamps(folder)) if folder else []
        except (OSError, TokenInvalid) as error:
            raise click.ClickException(f"the stamps in {folder} cannot be read: {error}") from error
        times = check_trail(store.database, Checker(authorities), outside)
    for problem in times.problems:
        click.echo(problem, err=True)
    if not times.sound:
        raise click.ClickException(
            f"the hashes of the audit trail agree, and its time stamps contradict it: {len(times.problems)}"
            " findings, above"
        )
    click.echo(f"the audit trail is sound: {check.entries} entries, last hash {check.head}")
    if times.stamps:
        newest = times.stamps[-1]
        click.echo(
            f"time stamps: {len(times.stamps)}; over entry {newest.subject}, {newest}; {times.after} since"
        )
    if times.late:
        click.echo(
            f"{times.late} entries were more than {LATE.days} days old when they were first stamped: the"
            " stamps do not show what stood there before"
        )


@audit.command("stamps")
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the stamps, one file each; existing files stay.",
)
@database_option
def stamps(folder: Path, database: str | None) -> None:
    """Write the time stamps of the audit trail to files, to be stored where this machine cannot change them.

    They contain digests only. `ruthan audit verify --stamps` compares them with the trail.
    """
    from service.store.trusted_time.outside import write_stamps

    with open_settings_store(database) as store:
        try:
            written, there = write_stamps(store.time_stamps.of_trail(), folder)
        except OSError as error:
            raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from error
    click.echo(f"{written} stamps written to {folder}, {there} in all")


def _moment(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    """Parse a day or a time; UTC without a time zone."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(
            f"{value!r} is not a time: write 2026-11-24, or 2026-11-24T09:30+07:00"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@audit.command("show")
@click.option("--subject", help="Only entries about this subject, for example listing:12 or reviewer:nok.")
@click.option("--actor", help="Only entries by this actor, for example reviewer:nok, key:my-shop or cli.")
@click.option("--action", help="Only this action, for example case.view; login.* for a group.")
@click.option("--person", metavar="NAME", help="Only entries by this reviewer or API key.")
@click.option(
    "--listing", type=int, help="Only entries about this listing, on its page, in a queue or in a search."
)
@click.option(
    "--kind",
    type=click.Choice([category.value for category in AuditCategory]),
    help="Only this kind of action; view: personal data seen. docs/privacy.md lists the entries of each.",
)
@click.option(
    "--since",
    metavar="TIME",
    callback=_moment,
    help="Only entries since this day or time; UTC without a time zone.",
)
@click.option("--until", metavar="TIME", callback=_moment, help="Before then.")
@click.option(
    "--limit", type=click.IntRange(1), default=100, show_default=True, help="How many of the newest."
)
@database_option
def show(
    subject: str | None,
    actor: str | None,
    action: str | None,
    person: str | None,
    listing: int | None,
    kind: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    database: str | None,
) -> None:
    """Show entries, newest last: number, time in UTC, actor, action, subject, detail as JSON."""
    from service.store.audit.trail import AuditFilter

    if action and kind:
        raise click.UsageError("give --action or --kind, not both")
    actions = [action] if action else actions_of(AuditCategory(kind)) if kind else []
    wanted = AuditFilter(subject, actor, person, listing, actions, since, until)
    with open_settings_store(database) as store:
        for entry in store.audit.search(wanted, limit):
            fields = (
                str(entry.id),
                f"{entry.at:%Y-%m-%dT%H:%M:%SZ}",
                entry.actor,
                entry.action,
                entry.subject,
                json.dumps(entry.detail, ensure_ascii=False, sort_keys=True),
            )
            click.echo("\t".join(_one_line(field) for field in fields))


@audit.command("export")
@database_option
def export(database: str | None) -> None:
    """Write the whole trail to standard output, a JSON object a line, oldest first.

    It contains the names of people and what they looked at: give it only to people entitled to audit the
    office.
    """
    with open_settings_store(database) as store:
        # The export itself is the last entry, so that its readers see who made it.
        last = store.audit.record(audit_names.CLI, AuditAction.AUDIT_EXPORT)
        after = 0
        while batch := [entry for entry in store.audit.entries(after, 500) if entry.id <= last]:
            for entry in batch:
                fields = {
                    "id": entry.id,
                    "at": entry.at.astimezone(UTC).isoformat(),
                    "actor": entry.actor,
                    "action": entry.action,
                    "subject": entry.subject,
                    "detail": entry.detail,
                    "hash": entry.hash,
                }
                click.echo(json.dumps(fields, ensure_ascii=False))
            after = batch[-1].id


@audit.command("notices")
@click.option("--key", is_flag=True, help="Print the public key instead, as PEM.")
@database_option
def notices(key: bool, database: str | None) -> None:
    """Write the signed record of the last year's notices to standard output, as JSON.

    docs/operations.md describes how a third party recomputes it and checks the signature.
    """
    from service.notice_record.record import public_key_pem, record, signed
    from service.settings import SecretUnusable
    from service.store.database.columns import now

    try:
        secret = settings_from({"database.url": database}).secret.value()
    except SecretUnusable as error:
        raise click.ClickException(str(error)) from error
    if key:
        click.echo(public_key_pem(secret), nl=False)
        return
    with open_settings_store(database) as store:
        click.echo(json.dumps(signed(record(store, now()), secret), indent=2, sort_keys=True))


def _one_line(text: str) -> str:
    """Escape control characters, since names typed at logins could contain terminal sequences."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
