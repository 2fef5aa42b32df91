"""The commands that answer a data subject's request."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labels.files.private import open_text
from service.commands.main import database_option, plain_errors, settings_from

if TYPE_CHECKING:
    from service.privacy.requests import Found
    from service.privacy.wanted import Wanted
    from service.store import Store
    from service.store.audit.actions import AuditAction

_KINDS = (
    "phone",
    "line_id",
    "facebook",
    "instagram",
    "tiktok",
    "x",
    "youtube",
    "telegram",
    "whatsapp",
    "email",
    "url",
    "promptpay",
    "bank_account",
)
contact_argument = click.argument("contact", metavar="CONTACT")
kind_option = click.option("--kind", type=click.Choice(_KINDS), help="Only as this kind of contact.")
request_option = click.option(
    "--request",
    "number",
    required=True,
    help="File number of the request. It is on the audit trail, so write no personal data.",
)


@click.group()
def privacy() -> None:
    """Find, export and erase what is stored about a contact (PDPA)."""


@privacy.command("find")
@contact_argument
@kind_option
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document instead of lines.")
@request_option
@database_option
def find(contact: str, kind: str | None, as_json: bool, number: str, database: str | None) -> None:
    """List the listings that contain CONTACT: a phone number, a LINE id, an account, an address.

    Finds it however it is written. Reads every text in the store, but not raw pages in the evidence folder.
    """
    from service.store.audit.actions import AuditAction

    with _open(database) as store:
        found = _search(store, _wanted(contact, kind))
        _trace(store, AuditAction.PRIVACY_FIND, number, found)
    if as_json:
        click.echo(json.dumps([_brief(item) for item in found], ensure_ascii=False, indent=2))
        return
    for item in found:
        _show(item)
    click.echo(f"{len(found)} listings hold it")


@privacy.command("export")
@contact_argument
@kind_option
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A new file.")
@request_option
@database_option
def export(contact: str, kind: str | None, out: Path, number: str, database: str | None) -> None:
    """Export everything stored about the listings that contain CONTACT as JSON, readable by its owner only.

    Review it before handing it over: a listing may name other people too.
    """
    from service.privacy.requests import export as document
    from service.store.audit.actions import AuditAction

    with _open(database) as store:
        found = _search(store, _wanted(contact, kind))
        text = json.dumps(document(store, found, contact, number), ensure_ascii=False, indent=2)
        try:
            file = open_text(out, "x")
        except OSError as error:
            raise click.ClickException(f"cannot write {out}: {error.strerror}; name a new file") from error
        _trace(store, AuditAction.PRIVACY_EXPORT, number, found)
        with file:
            file.write(text + "\n")
    click.echo(f"{out}: {len(found)} listings")


@privacy.command("erase")
@contact_argument
@kind_option
@click.option("--dry-run", is_flag=True, help="Show what would be erased and what is kept; change nothing.")
@click.option("--delete", is_flag=True, help="Delete the listings instead of redacting the contacts.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@request_option
@database_option
def erase(
    contact: str, kind: str | None, dry_run: bool, delete: bool, yes: bool, number: str, database: str | None
) -> None:
    """Erase contacts from the listings that contain CONTACT, with their raw pages in the evidence folder.

    Listings with a binding decision, an open case or a legal hold are kept, and listed. The newest listing is
    redacted at first, and deleted once there are newer ones.
    """
    from service.privacy.requests import erase as carry_out
    from service.privacy.rules import Action
    from service.store.audit.actions import AuditAction

    settings = settings_from({"database.url": database})
    with _open(database) as store:
        sought = _wanted(contact, kind)
        found = _search(store, sought)
        for item in found:
            _show(item)
        free = [item for item in found if not item.kept]
        what = "deleted" if delete else "redacted"
        if dry_run:
            _trace(store, AuditAction.PRIVACY_FIND, number, found)
            click.echo(
                f"{len(free)} listings would be {what}, {len(found) - len(free)} kept; nothing was changed"
            )
            return
        if free and not yes:
            click.confirm(f"{len(free)} listings will be {what} permanently. Continue?", abort=True)
        done = carry_out(
            store,
            sought,
            found,
            settings.evidence.folder,
            action=Action.DELETE if delete else Action.REDACT,
            request=number,
        )
    waiting = len(done.redacted_instead)
    redacted = f", {waiting} redacted" if waiting else ""
    click.echo(f"{len(done.erased) - waiting} listings {what}{redacted}, {len(done.kept)} kept")
    if waiting:
        numbers = ", ".join(map(str, done.redacted_instead))
        click.echo(
            f"redacted for now: {numbers}; deleted by the first erasure or run of the retention rules after"
            " there are newer listings"
        )
    if done.awaited:
        click.echo(f"deleted for earlier requests: {', '.join(map(str, done.awaited))}")
    left = [item for item in found if "id" in item.places and item.listing_id in done.erased and not delete]
    if left:
        numbers = ", ".join(str(item.listing_id) for item in left)
        click.echo(
            f"the source's own id of these listings still contains it; only --delete removes it: {numbers}"
        )
    if done.problems:
        raise click.ClickException("not all evidence could be removed: " + "; ".join(done.problems))


@contextmanager
def _open(database: str | None) -> Iterator["Store"]:
    from service.store import open_store

    settings = settings_from({"database.url": database})
    with plain_errors(), open_store(settings.database.url, settings.database.busy_timeout_seconds) as store:
        yield store


def _wanted(contact: str, kind: str | None) -> "Wanted":
    from labels.schema import ContactKind
    from service.privacy.wanted import NotAContact, wanted

    try:
        return wanted(contact, ContactKind(kind) if kind else None)
    except NotAContact as error:
        raise click.ClickException(str(error)) from error


def _search(store: "Store", sought: "Wanted") -> list["Found"]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from service.privacy.requests import find as search

    total = sum(store.listings.counts().values())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("searching", total=total)
        return list(search(store, sought, lambda looked: bar.update(task, completed=looked)))


def _trace(store: "Store", action: "AuditAction", number: str, found: list["Found"]) -> None:
    from service.store.audit import names as audit_names

    detail = {"request": number, "listings": [item.listing_id for item in found]}
    store.audit.record(audit_names.CLI, action, "", detail)


def _show(item: "Found") -> None:
    kept = f"  kept: {', '.join(item.kept)}" if item.kept else ""
    kinds = f" ({', '.join(item.kinds)})" if item.kinds else ""
    name = "".join(char if char.isprintable() else "\ufffd" for char in f"{item.source}/{item.external_id}")
    click.echo(
        f"listing {item.listing_id}  {name}  last seen {item.last_seen:%Y-%m-%d}"
        f"  in {', '.join(item.places)}{kinds}{kept}"
    )


def _brief(item: "Found") -> dict[str, object]:
    return {
        "listing_id": item.listing_id,
        "source": item.source,
        "id": item.external_id,
        "last_seen": item.last_seen.isoformat(),
        "places": list(item.places),
        "kinds": [kind.value for kind in item.kinds],
        "kept": [reason.value for reason in item.kept],
    }
