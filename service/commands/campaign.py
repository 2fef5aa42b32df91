"""The commands about campaigns."""

import click

from service.commands.main import database_option, open_settings_store


@click.group()
def campaigns() -> None:
    """Group near-duplicate listings into campaigns."""


@campaigns.command("rebuild")
@click.option(
    "--anew",
    is_flag=True,
    help="First forget every campaign on which nobody decided in bulk; their numbers are not given again.",
)
@database_option
def rebuild(anew: bool, database: str | None) -> None:
    """Group every assessed listing that has no campaign yet, as after an upgrade.

    The worker groups new listings by itself. Killed, this goes on where it was; it may run beside workers.
    A standing order decides listings that join its campaign here as it does anywhere.
    """
    from inference.text.sketch import NAME
    from service.campaigns.grouping import group
    from service.registry.progress import counted

    with open_settings_store(database) as store:
        if anew:
            click.echo(f"forgot {store.placements.dissolve():,} campaigns")
        with counted("grouping", store.placements.waiting(NAME)) as progress:
            report = group(store, progress=progress)
        number = store.campaigns.count()
    click.echo(f"placed {report.placed:,} listings; {number:,} campaigns of two or more")
    if report.spread:
        click.echo(f"standing orders decided {report.spread:,} of them")
    if report.failed:
        numbers = ", ".join(str(number) for number in sorted(report.failed)[:20])
        raise click.ClickException(f"{len(report.failed)} listings could not be read: {numbers}")
