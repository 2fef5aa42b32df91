"""The commands about accounts."""

import click

from service.commands import database_option, open_settings_store, plain_errors, settings_from

ROLES = ["reviewer", "lead", "admin", "integrator"]


@click.group()
def user() -> None:
    """Make, list and unlock accounts; their roles, second factors and links to a login provider."""


@user.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="reviewer", show_default=True)
@click.option("--display-name", default="", help="The name that colleagues see.")
@click.option("--generate", is_flag=True, help="Make a password and print it, this once.")
@database_option
def create_user(name: str, role: str, display_name: str, generate: bool, database: str | None) -> None:
    """Make the reviewer NAME; asks for a password of at least 10 characters."""
    from service.store.models import Role
    from service.store.users import generated_password

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
        store.audit.record("cli", "user.create", f"reviewer:{row.name}", {"role": row.role})
    click.echo(f"reviewer {row.name} ({row.role}) is made")
    if generate:
        click.echo(f"password: {password}")


@user.command("list")
@database_option
def list_users(database: str | None) -> None:
    """List the reviewers, disabled ones too."""
    from service.store.columns import now

    with open_settings_store(database) as store:
        rows = [(row, store.identities.of(row.id)) for row in store.users.all()]
    for row, links in rows:
        state = "disabled" if row.disabled_at else "active"
        if row.is_locked(now()):
            state = f"locked until {row.locked_until:%Y-%m-%d %H:%M} UTC"
        factor = "totp" if row.totp_secret else "password"
        linked = ", ".join(f"{link.subject} at {link.issuer}" for link in links)
        tail = f"\t{linked}" if linked else ""
        click.echo(f"{row.name}\t{row.role}\t{row.display_name}\t{state}\t{factor}{tail}")


@user.command("disable")
@click.argument("name")
@database_option
def disable_user(name: str, database: str | None) -> None:
    """Shut the account NAME; its reviews stay."""
    with open_settings_store(database) as store:
        row = store.users.find(name)
        if row is None:
            raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
        store.users.disable(row.id)
        store.audit.record("cli", "user.disable", f"reviewer:{row.name}")
    click.echo(f"{row.name} is disabled")


@user.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@database_option
def set_role(name: str, role: str, database: str | None) -> None:
    """Give the account NAME another ROLE, at once."""
    from service.store.models import Role

    with open_settings_store(database) as store:
        row = store.users.set_role(name, Role(role), "cli")
    if row is None:
        raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
    click.echo(f"{row.name} is {row.role}")


@user.command("unlock")
@click.argument("name")
@database_option
def unlock_user(name: str, database: str | None) -> None:
    """End the lock of the account NAME after failed logins."""
    with open_settings_store(database) as store:
        row = store.logins.unlock(name, "cli")
    if row is None:
        raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
    click.echo(f"{row.name} is unlocked")


@user.command("totp")
@click.argument("name")
@click.option("--remove", is_flag=True, help="Take the second factor away, for example with a lost phone.")
@database_option
def totp(name: str, remove: bool, database: str | None) -> None:
    """Set up the second factor of the account NAME; it replaces an earlier one.

    Prints the secret and its address for an authenticator app, asks for the code that the app shows, and
    prints recovery codes, this once.
    """
    from service.store.second_factor import WrongCode, address_of, new_secret

    with open_settings_store(database) as store:
        row = store.users.find(name)
        if row is None:
            raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
        if remove:
            store.second_factors.disable(row.id, "cli")
            click.echo(f"{row.name} has no second factor")
            return
        with plain_errors():
            seal = settings_from().totp_seal()
        secret = new_secret()
        click.echo(f"secret: {secret}\n{address_of(secret, row.name)}")
        code = click.prompt("Code that the app shows")
        try:
            codes = store.second_factors.enable(row.id, secret, code, seal, "cli")
        except WrongCode as error:
            raise click.ClickException(f"{error}; nothing was changed") from error
    click.echo(f"{row.name} has a second factor. Recovery codes, each for one login:")
    for recovery in codes:
        click.echo(recovery)


@user.command("link")
@click.argument("name")
@click.option("--issuer", help="The login provider [RUTHAN_OIDC_ISSUER].")
@click.option("--subject", required=True, help="Who NAME is there: the claim sub, not the e-mail address.")
@database_option
def link(name: str, issuer: str | None, subject: str, database: str | None) -> None:
    """Let the account NAME log in through an OpenID Connect provider.

    Whom the provider recognizes and nobody has linked sees issuer and subject on the page that refuses.
    """
    issuer = issuer or settings_from().oidc_issuer
    if not issuer:
        raise click.UsageError("say which provider with --issuer, or set RUTHAN_OIDC_ISSUER")
    with open_settings_store(database) as store:
        try:
            made = store.identities.link(name, issuer, subject, "cli")
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
    """Take the links of the account NAME away; sessions that came by them end."""
    with open_settings_store(database) as store:
        removed = store.identities.unlink(name, issuer, "cli")
    if removed is None:
        raise click.ClickException(f"there is no reviewer {name!r}: see ruthan user list")
    if not removed:
        raise click.ClickException(f"{name} has no such link: see ruthan user list")
    for found in removed:
        click.echo(f"{name} is no longer linked to {found.subject} at {found.issuer}")
