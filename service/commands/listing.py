"""``ruthan listing``: the history of a listing."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from service.commands.main import database_option, open_settings_store

if TYPE_CHECKING:
    from service.store import Store
    from service.store.tables.core_tables import Listing, ListingVersion


@click.group()
def listing() -> None:
    """Show the history of a listing."""


@listing.command("history")
@click.argument("name", metavar="LISTING")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@database_option
def history(name: str, as_json: bool, database: str | None) -> None:
    """Show the versions of LISTING (its number or id), their changes, and the visits to its page.

    Then follow its assessments, each with the pictures that it saw. In a changed line, [-…-] was removed and
    {+…+} added.
    """
    with open_settings_store(database) as store:
        row = _one(store, name)
        found = _history(store, row)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    click.echo(f"listing {row.id} ({row.external_id}, {row.source or 'no source'}) {row.url or ''}".rstrip())
    for version in found["versions"]:
        click.echo(f"\nversion {version['version']}, last seen {version['last_seen']}")
        for line in version["difference"]:
            click.echo(f"  {line}")
    if found["visits"]:
        click.echo("\nvisits")
    for visit in found["visits"]:
        until = f" to {visit['at']} ({visit['times']} times)" if visit["times"] > 1 else ""
        more = "; ".join(x for x in (_changes(visit["changes"]), visit["how"]) if x)
        click.echo(f"  {visit['first_at']}{until}: {visit['outcome']}{f': {more}' if more else ''}")
    if found["assessments"]:
        click.echo("\nassessments")
    for made in found["assessments"]:
        pictures = ", ".join(
            f"{one['sha256'][:12] or one['file']} {one['status']}" for one in made["pictures"]
        )
        current = " (current)" if made["current"] else ""
        click.echo(
            f"  {made['created_at']}: {made['verdict']}, version {made['version'] or 'unknown'},"
            f" {f'pictures {pictures}' if pictures else 'no picture'}{current}"
        )
    if takedown := found["takedown"]:
        if takedown["gone_at"]:
            click.echo(f"\ndecided {takedown['decided_at']}, found gone {takedown['took']} later")
        else:
            click.echo(f"\ndecided {takedown['decided_at']}, still up at the last visit")


def _one(store: "Store", name: str) -> "Listing":
    from service.store.listings.repository import named

    found = named(store.database, name)
    if not found:
        raise click.ClickException(f"there is no listing {name} in this store")
    if len(found) > 1:
        choices = ", ".join(f"{row.id} ({row.source})" for row in found)
        raise click.ClickException(
            f"several sources have a listing {name}: give its number, one of {choices}"
        )
    return found[0]


def _history(store: "Store", row: "Listing") -> dict[str, Any]:
    from service.store.listings.repository import text_digest
    from service.text.text_difference import difference

    versions = []
    numbers: dict[str, int] = {}
    before: str | None = None
    texts: list[ListingVersion | Listing] = [*store.listings.versions(row.id), row]
    for version in texts:
        text = version.text
        shown = {name: getattr(version, name) for name in ("version", "last_seen", "price", "images")}
        lines = difference(before, text) if before is not None else text.splitlines()
        versions.append({**shown, "difference": lines})
        numbers[text_digest(text)] = version.version
        before = text
    assessments = [
        {
            "created_at": made.created_at,
            "model": made.model_id,
            "verdict": made.verdict,
            "risk": made.risk,
            "version": numbers.get(made.listing_text_sha256),
            "pictures": [
                {"sha256": one["sha256"], "file": one["file"], "status": one["status"]}
                for one in made.content.get("pictures", [])
            ],
            "current": made.id == row.assessment_id,
        }
        for made in reversed(store.assessments.of_listing(row.id))
    ]
    takedown = next(iter(store.recrawl.takedowns(listing=row.id)), None)
    fields = ("outcome", "first_at", "at", "times", "version", "changes", "how", "status", "sha256")
    return {
        "listing": row.id,
        "external_id": row.external_id,
        "versions": versions,
        "visits": [{name: getattr(x, name) for name in fields} for x in store.sightings.of(row.id)],
        "assessments": assessments,
        "takedown": None if takedown is None else {**asdict(takedown), "took": takedown.took},
    }


def _changes(changes: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {' -> '.join(map(_shown, value))}" if value else f"{name} changed"
        for name, value in changes.items()
    )


def _shown(value: str | list[str] | None) -> str:
    return (" ".join(value) if isinstance(value, list) else value) or "none"
