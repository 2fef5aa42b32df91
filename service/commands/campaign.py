"""The commands for campaigns."""

import click

from service.commands.main import database_option, open_settings_store


@click.group()
def campaigns() -> None:
    """Group near-duplicate listings into campaigns."""


@campaigns.command("rebuild")
@click.option(
    "--from-scratch",
    is_flag=True,
    help="First delete every campaign without a bulk decision; their ids are not reused.",
)
@click.option("--anew", "old_spelling", is_flag=True, hidden=True)
@database_option
def rebuild(from_scratch: bool, old_spelling: bool, database: str | None) -> None:
    """Group every assessed listing that has no campaign yet, as after an upgrade.

    The worker groups new listings by itself. If killed, this command resumes where it stopped; it may run
    beside workers. Standing orders decide listings that join their campaigns, as usual.
    """
    from inference.text.sketch import NAME
    from service.campaigns.grouping import group
    from service.registry.progress import counted

    with open_settings_store(database) as store:
        if from_scratch or old_spelling:
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
