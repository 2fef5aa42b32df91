"""The commands about API keys."""

import re
from datetime import datetime, timedelta

import click

from service.commands import database_option, open_settings_store


@click.group("api-key")
def api_key() -> None:
    """Make, list, rotate and revoke API keys."""


@api_key.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(["classify", "ingest", "read", "admin"]),
    help="What the key may do; may be repeated.",
)
@database_option
def create_key(name: str, scopes: tuple[str, ...], database: str | None) -> None:
    """Make the key NAME and print it, this once."""
    from service.store import audit_names
    from service.store.api_tables import Scope
    from service.store.audit_actions import AuditAction

    with open_settings_store(database) as store:
        try:
            new = store.api_keys.create(name, [Scope(scope) for scope in scopes])
        except ValueError as error:
            raise click.ClickException(str(error)) from error
        store.audit.record(
            audit_names.CLI,
            AuditAction.API_KEY_CREATE,
            audit_names.api_key(new.row.name),
            {"scopes": new.row.scopes},
        )
    click.echo(new.token)
    click.echo("Keep it now: it is not shown again. Send it as  Authorization: Bearer rt_…", err=True)


@api_key.command("list")
@database_option
def list_keys(database: str | None) -> None:
    """List the keys, revoked ones too, and replaced secrets in their grace; last use to the hour, in UTC."""
    with open_settings_store(database) as store:
        rows, earlier = store.api_keys.all(), store.api_keys.earlier()
    for row in rows:
        about = f"{','.join(row.scopes)}\t{row.created_at:%Y-%m-%d}"
        state = f"revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else "valid"
        click.echo(f"{row.name}\t{row.prefix}…\t{about}\t{state}\t{_last_use(row.last_used_at)}")
        for old in earlier.get(row.id, ()):
            state = f"replaced, works until {old.expires_at:%Y-%m-%d %H:%M}"
            click.echo(f"{row.name}\t{old.prefix}…\t{about}\t{state}\t{_last_use(old.last_used_at)}")


@api_key.command("rotate")
@click.argument("name")
@click.option(
    "--grace", default="24h", show_default=True, help="How long the old secret works: 30m, 24h, 7d or 0."
)
@database_option
def rotate_key(name: str, grace: str, database: str | None) -> None:
    """Give the key NAME a new secret and print it, this once."""
    from service.store import audit_names

    with open_settings_store(database) as store:
        try:
            new = store.api_keys.rotate(name, _duration(grace), audit_names.CLI)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    if new is None:
        raise click.ClickException(f"there is no API key {name!r}: see ruthan api-key list")
    click.echo(new.token)
    click.echo(f"Keep it now: it is not shown again. The old secret works for {grace} more.", err=True)


@api_key.command("revoke")
@click.argument("name")
@click.option("--replaced", is_flag=True, help="Only its replaced secrets; the newest one goes on working.")
@database_option
def revoke_key(name: str, replaced: bool, database: str | None) -> None:
    """Revoke the key NAME at once, with every secret it has."""
    from service.store import audit_names
    from service.store.audit_actions import AuditAction

    with open_settings_store(database) as store:
        if replaced:
            ended = store.api_keys.end_earlier(name, audit_names.CLI)
            if ended is None:
                raise click.ClickException(f"there is no API key {name!r}: see ruthan api-key list")
            click.echo(f"{ended} replaced secrets of {name} have ended; the newest one works")
            return
        row = store.api_keys.revoke(name)
        if row is None:
            raise click.ClickException(f"there is no API key {name!r}: see ruthan api-key list")
        store.audit.record(audit_names.CLI, AuditAction.API_KEY_REVOKE, audit_names.api_key(row.name))
    click.echo(f"{name} is revoked")


def _last_use(at: datetime | None) -> str:
    return f"used {at:%Y-%m-%d %H}h" if at else "never used"


def _duration(text: str) -> timedelta:
    """``30m``, ``24h``, ``7d`` or ``0`` as a duration."""
    found = re.fullmatch(r"(\d{1,6})([mhd])", text.strip().lower(), re.ASCII)
    if found:
        return (
            int(found[1]) * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(1)}[found[2]]
        )
    if text.strip() == "0":
        return timedelta(0)
    raise click.ClickException(f"--grace is a number with m, h or d, for example 24h, not {text!r}")
