"""The commands about the audit trail."""

import json

import click

from service.commands import database_option, open_settings_store


@click.group()
def audit() -> None:
    """Verify and show the audit trail."""


@audit.command("verify")
@database_option
def verify(database: str | None) -> None:
    """Check that nobody changed the audit trail.

    Note the last hash elsewhere: entries cut off at the end show only by comparing.
    """
    with open_settings_store(database) as store:
        check = store.audit.verify()
    if check.broken_at is not None:
        raise click.ClickException(
            f"the audit trail is broken at entry {check.broken_at}: it was changed or cut"
        )
    click.echo(f"the audit trail is sound: {check.entries} entries, last hash {check.head}")


@audit.command("show")
@click.option("--subject", help="Only what was done to this, for example listing:12 or reviewer:nok.")
@click.option("--actor", help="Only what this one did, for example reviewer:nok, key:my-shop or cli.")
@click.option("--action", help="Only this deed, for example case.view or login.refused.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="The newest so many.")
@database_option
def show(
    subject: str | None, actor: str | None, action: str | None, limit: int, database: str | None
) -> None:
    """Show entries, the newest last: number, time in UTC, who, what, to what, detail as JSON."""
    with open_settings_store(database) as store:
        for entry in store.audit.newest(limit, subject=subject, actor=actor, action=action):
            fields = (
                str(entry.id),
                f"{entry.at:%Y-%m-%dT%H:%M:%SZ}",
                entry.actor,
                entry.action,
                entry.subject,
                json.dumps(entry.detail, ensure_ascii=False, sort_keys=True),
            )
            click.echo("\t".join(_one_line(field) for field in fields))


def _one_line(text: str) -> str:
    """Names typed at a login stand in the trail: nothing in them may move a terminal's cursor."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
