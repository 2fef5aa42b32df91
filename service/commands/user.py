"""The commands for accounts."""

from typing import TYPE_CHECKING

import click

from service.commands.main import database_option, open_settings_store, plain_errors, settings_from

if TYPE_CHECKING:
    from service.store import Store
    from service.store.tables.core_tables import Reviewer

ROLES = ["reviewer", "lead", "admin", "integrator"]


@click.group()
def user() -> None:
    """Create, list, disable and enable accounts; manage roles, passwords, sessions and logins."""


@user.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="reviewer", show_default=True)
@click.option("--display-name", default="", help="The name that colleagues see.")
@click.option("--generate", is_flag=True, help="Generate a password and print it, this once.")
@database_option
def create_user(name: str, role: str, display_name: str, generate: bool, database: str | None) -> None:
    """Create the account NAME; asks for a password of at least 10 characters."""
    from service.store.accounts.users import generated_password
    from service.store.audit import names as audit_names
    from service.store.audit.actions import AuditAction
    from service.store.tables.core_tables import Role

    password = (
        generated_password()
        if generate
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    with open_settings_store(database) as store:
        try:
            row = store.users.create(name, password, display_name, Role(role))
        except ValueError as error:
            raise click.ClickException(str(error)) from error
        store.audit.record(
            audit_names.CLI, AuditAction.USER_CREATE, audit_names.reviewer(row.name), {"role": row.role}
        )
    click.echo(f"reviewer {row.name} ({row.role}) is made")
    if generate:
        click.echo(f"password: {password}")


@user.command("list")
@database_option
def list_users(database: str | None) -> None:
    """List all accounts, including disabled ones."""
    from service.store.database.columns import now

    with open_settings_store(database) as store:
        rows = [(row, store.identities.of(row.id), store.logins.locks(row.id)) for row in store.users.all()]
    for row, links, locks in rows:
        state = "disabled" if row.disabled_at else "invited" if row.invited_at else "active"
        if row.is_locked(now()):
            state = f"locked until {row.locked_until:%Y-%m-%d %H:%M} UTC"
        elif locks:
            state = ", ".join(
                f"locked until {at:%Y-%m-%d %H:%M} UTC for {address or 'no address'}" for address, at in locks
            )
        factor = "totp" if row.totp_secret else "password"
        linked = ", ".join(f"{link.subject} at {link.issuer}" for link in links)
        tail = f"\t{linked}" if linked else ""
        click.echo(f"{row.name}\t{row.role}\t{row.display_name}\t{state}\t{factor}{tail}")


@user.command("disable")
@click.argument("name")
@database_option
def disable_user(name: str, database: str | None) -> None:
    """Disable the account NAME and end its sessions; its reviews stay."""
    from service.store.audit import names as audit_names

    with open_settings_store(database) as store:
        row = _account(store, name)
        store.users.disable(row.id, audit_names.CLI)
    click.echo(f"{row.name} is disabled")


@user.command("enable")
@click.argument("name")
@database_option
def enable_user(name: str, database: str | None) -> None:
    """Enable the account NAME again, with its previous password and second factor."""
    from service.store.audit import names as audit_names

    with open_settings_store(database) as store:
        row = _account(store, name)
        store.users.enable(row.id, audit_names.CLI)
    click.echo(f"{row.name} is enabled")


@user.command("reset-link")
@click.argument("name")
@click.option("--console", metavar="URL", help="Where browsers reach the console [RUTHAN_SERVER_PUBLIC_URL].")
@database_option
def reset_link(name: str, console: str | None, database: str | None) -> None:
    """Print a link to set a new password for the account NAME, valid once within 24 hours."""
    from service.store.audit import names as audit_names

    settings = settings_from({"database.url": database})
    console = console or settings.oidc.public_url or settings.server.public_url or ""
    with open_settings_store(database) as store:
        try:
            link = store.password_links.make(_account(store, name).id, audit_names.CLI)
        except ValueError as error:
            raise click.ClickException(f"{error}: ruthan user enable {name}") from error
    click.echo(f"{console.rstrip('/')}/password/{link.token}")
    if not console:
        click.echo("Prefix it with the console's address, such as https://ruthan.agency.example", err=True)


@user.command("end-sessions")
@click.argument("name")
@database_option
def end_sessions(name: str, database: str | None) -> None:
    """Log the account NAME out everywhere."""
    from service.store.audit import names as audit_names

    with open_settings_store(database) as store:
        row = _account(store, name)
        count = store.sessions.end_all(row.id, audit_names.CLI)
    click.echo(f"{row.name}: {count} sessions ended")


@user.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@database_option
def set_role(name: str, role: str, database: str | None) -> None:
    """Change the role of the account NAME to ROLE; its sessions end."""
    from service.store.audit import names as audit_names
    from service.store.tables.core_tables import Role

    with open_settings_store(database) as store:
        row = store.users.set_role(name, Role(role), audit_names.CLI)
    if row is None:
        raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
    click.echo(f"{row.name} is {row.role}")


@user.command("unlock")
@click.argument("name")
@database_option
def unlock_user(name: str, database: str | None) -> None:
    """Unlock the account NAME after failed logins."""
    from service.store.audit import names as audit_names

    with open_settings_store(database) as store:
        row = store.logins.unlock(name, audit_names.CLI)
    if row is None:
        raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
    click.echo(f"{row.name} is unlocked")


@user.command("totp")
@click.argument("name")
@click.option("--remove", is_flag=True, help="Remove the second factor, for example after losing a phone.")
@database_option
def totp(name: str, remove: bool, database: str | None) -> None:
    """Set up the second factor of the account NAME; it replaces an earlier one.

    Prints the secret and its URI for an authenticator app, asks for the code from the app, and prints
    recovery codes, this once.
    """
    from service.store.accounts.second_factor import WrongCode, address_of, new_secret
    from service.store.audit import names as audit_names

    with open_settings_store(database) as store:
        row = store.users.find(name)
        if row is None:
            raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
        if remove:
            store.second_factors.disable(row.id, audit_names.CLI)
            click.echo(f"{row.name} has no second factor")
            return
        with plain_errors():
            cipher = settings_from().secret.totp_cipher()
        secret = new_secret()
        click.echo(f"secret: {secret}\n{address_of(secret, row.name)}")
        code = click.prompt("Code that the app shows")
        try:
            codes = store.second_factors.enable(row.id, secret, code, cipher, audit_names.CLI)
        except WrongCode as error:
            raise click.ClickException(f"{error}; nothing was changed") from error
    click.echo(f"{row.name} has a second factor. Recovery codes, each for one login:")
    for recovery in codes:
        click.echo(recovery)


@user.command("link")
@click.argument("name")
@click.option("--issuer", help="The login provider [RUTHAN_OIDC_ISSUER].")
@click.option(
    "--subject",
    required=True,
    help="The provider's identifier of NAME: the claim sub, not the e-mail address.",
)
@database_option
def link(name: str, issuer: str | None, subject: str, database: str | None) -> None:
    """Let the account NAME log in through an OpenID Connect provider.

    The page that refuses an unlinked person shows issuer and subject.
    """
    from service.store.audit import names as audit_names

    issuer = issuer or settings_from().oidc.issuer
    if not issuer:
        raise click.UsageError("name the provider with --issuer, or set RUTHAN_OIDC_ISSUER")
    with open_settings_store(database) as store:
        try:
            made = store.identities.link(name, issuer, subject, audit_names.CLI)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    if made is None:
        raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
    click.echo(f"{name} is linked to {made.subject} at {made.issuer}")


@user.command("unlink")
@click.argument("name")
@click.option("--issuer", help="Only the link to this provider; without it, every link.")
@database_option
def unlink(name: str, issuer: str | None, database: str | None) -> None:
    """Remove the links of the account NAME; sessions that used them end."""
    from service.store.audit import names as audit_names

    with open_settings_store(database) as store:
        removed = store.identities.unlink(name, issuer, audit_names.CLI)
    if removed is None:
        raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
    if not removed:
        raise click.ClickException(f"{name} has no such link: see ruthan user list")
    for found in removed:
        click.echo(f"{name} is no longer linked to {found.subject} at {found.issuer}")


def _account(store: "Store", name: str) -> "Reviewer":
    row = store.users.find(name)
    if row is None:
        raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
    return row
