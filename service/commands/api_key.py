"""The commands for API keys and their tenants."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from service.commands.main import database_option, open_settings_store

if TYPE_CHECKING:
    from service.store.tables.api_tables import ApiKey


expires_option = click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day on which the key expires, at 00:00 UTC, such as 2027-12-31.",
)


sandbox_option = click.option(
    "--sandbox",
    is_flag=True,
    help="Use the sandbox (RUTHAN_SANDBOX_DATABASE_URL) instead of the real database.",
)


@click.group("api-key")
def api_key() -> None:
    """Create, list, rotate and revoke API keys."""


@api_key.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(["classify", "ingest", "read", "keys", "read_all", "admin"]),
    help="A scope of the key; may be repeated.",
)
@click.option("--tenant", help="The tenant it belongs to [a new one with the key's name].")
@click.option("--by", metavar="NAME", help="Account of the administrator who grants read_all or admin.")
@expires_option
@sandbox_option
@database_option
def create_key(
    name: str,
    scopes: tuple[str, ...],
    tenant: str | None,
    by: str | None,
    expires: datetime | None,
    sandbox: bool,
    database: str | None,
) -> None:
    """Create the key NAME and print it, this once.

    A key sees what its tenant submitted. One with read_all, for the agency itself, reads what every tenant
    submitted; one with admin may do everything.
    """
    from service.store.audit import names as audit_names
    from service.store.tables.api_tables import WIDE, Scope

    wanted = [Scope(scope) for scope in scopes]
    if WIDE & set(wanted) and by is None:
        raise click.ClickException("read_all and admin reach beyond a tenant: name with --by who grants them")
    with open_settings_store(database, sandbox) as store:
        try:
            new = store.api_keys.create(name, wanted, tenant, audit_names.CLI, by, _utc(expires), sandbox)
        except (ValueError, LookupError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(new.token)
    click.echo("Save it now: it is not shown again. Send it as  Authorization: Bearer rt_…", err=True)


@api_key.command("list")
@sandbox_option
@database_option
def list_keys(sandbox: bool, database: str | None) -> None:
    """List all keys, including revoked ones, and replaced secrets that still work.

    The last use is given by the hour, in UTC.
    """
    with open_settings_store(database, sandbox) as store:
        rows, earlier = store.api_keys.all(), store.api_keys.earlier()
        tenants = {tenant.id: tenant.name for tenant, _ in store.tenants.all()}
    for row in rows:
        about = f"{','.join(row.scopes)}\t{tenants[row.tenant_id]}\t{row.created_at:%Y-%m-%d}"
        state = _state(row)
        click.echo(f"{row.name}\t{row.prefix}…\t{about}\t{state}\t{_last_use(row.last_used_at)}")
        for old in earlier.get(row.id, ()):
            state = f"replaced, works until {old.expires_at:%Y-%m-%d %H:%M}"
            click.echo(f"{row.name}\t{old.prefix}…\t{about}\t{state}\t{_last_use(old.last_used_at)}")


@api_key.command("rotate")
@click.argument("name")
@click.option(
    "--grace", default="24h", show_default=True, help="How long the old secret works: 30m, 24h, 7d or 0."
)
@expires_option
@sandbox_option
@database_option
def rotate_key(name: str, grace: str, expires: datetime | None, sandbox: bool, database: str | None) -> None:
    """Give the key NAME a new secret and print it, this once; --expires also changes its expiry."""
    from service.store.audit import names as audit_names

    with open_settings_store(database, sandbox) as store:
        try:
            new = store.api_keys.rotate(name, _duration(grace), audit_names.CLI, _utc(expires))
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    if new is None:
        raise click.ClickException(f"there is no API key {name!r}: see ruthan api-key list")
    click.echo(new.token)
    click.echo(f"Save it now: it is not shown again. The old secret works for {grace} more.", err=True)


@api_key.command("revoke")
@click.argument("name")
@click.option("--replaced", is_flag=True, help="Only its replaced secrets; the newest one keeps working.")
@sandbox_option
@database_option
def revoke_key(name: str, replaced: bool, sandbox: bool, database: str | None) -> None:
    """Revoke the key NAME immediately, with all its secrets."""
    from service.store.audit import names as audit_names

    with open_settings_store(database, sandbox) as store:
        if replaced:
            ended = store.api_keys.end_earlier(name, audit_names.CLI)
            if ended is None:
                raise click.ClickException(f"there is no API key {name!r}: see ruthan api-key list")
            click.echo(f"{ended} replaced secrets of {name} have ended; the newest one works")
            return
        row = store.api_keys.revoke(name, audit_names.CLI)
        if row is None:
            raise click.ClickException(f"there is no API key {name!r}: see ruthan api-key list")
    click.echo(f"{name} is revoked")


@click.group("tenant")
def tenant() -> None:
    """Create, list and merge tenants."""


@tenant.command("create")
@click.argument("name")
@database_option
def create_tenant(name: str, database: str | None) -> None:
    """Create the tenant NAME, for keys created with api-key create --tenant NAME."""
    from service.store.audit import names as audit_names

    with open_settings_store(database) as store:
        try:
            store.tenants.create(name, audit_names.CLI)
        except ValueError as error:
            raise click.ClickException(str(error)) from error


@tenant.command("list")
@database_option
def list_tenants(database: str | None) -> None:
    """List the tenants with their keys."""
    with open_settings_store(database) as store:
        for row, keys in store.tenants.all():
            click.echo(f"{row.name}\t{row.created_at:%Y-%m-%d}\t{', '.join(key.name for key in keys)}")


@tenant.command("merge")
@click.argument("name")
@click.option("--into", required=True, metavar="TENANT", help="The tenant that receives the keys.")
@database_option
def merge_tenant(name: str, into: str, database: str | None) -> None:
    """Move the keys of the tenant NAME, with what they submitted, to another; this cannot be undone."""
    from service.store.audit import names as audit_names

    with open_settings_store(database) as store:
        try:
            keys = store.tenants.merge(name, into, audit_names.CLI)
        except (ValueError, LookupError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{into} has {', '.join(key.name for key in keys) or 'no further keys'} now")


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


def _state(row: "ApiKey") -> str:
    from service.store.database.columns import now
    from service.store.platforms.api_keys import WARNED_BEFORE

    if row.revoked_at is not None:
        return f"revoked {row.revoked_at:%Y-%m-%d}"
    if row.expires_at is None:
        return "valid"
    left = row.expires_at - now()
    if left <= timedelta(0):
        return f"expired {row.expires_at:%Y-%m-%d}"
    soon = f", in {left.days} days: rotate it with --expires" if left <= WARNED_BEFORE else ""
    return f"valid until {row.expires_at:%Y-%m-%d}{soon}"


def _last_use(at: datetime | None) -> str:
    return f"used {at:%Y-%m-%d %H}h" if at else "never used"


def _duration(text: str) -> timedelta:
    """Parse ``30m``, ``24h``, ``7d`` or ``0``."""
    found = re.fullmatch(r"(\d{1,6})([mhd])", text.strip().lower(), re.ASCII)
    if found:
        return (
            int(found[1]) * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(1)}[found[2]]
        )
    if text.strip() == "0":
        return timedelta(0)
    raise click.ClickException(f"--grace is a number with m, h or d, for example 24h, not {text!r}")
