"""``ruthan shadow``: compares another bundle or policy on past cases."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from labels.files.whole import write_whole
from service.commands.main import database_option, open_settings_store, settings_from

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The bundle to try, its folder or compact or small [the one in use].",
)
@click.option(
    "--policy",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The policy to try [the shipped one].",
)
@click.option("--days", type=click.IntRange(1, 1826), help="Cases of the last so many days [30].")
@click.option("--from", "since", type=_DAY, metavar="YYYY-MM-DD", help="Cases from this day on.")
@click.option("--to", "until", type=_DAY, metavar="YYYY-MM-DD", help="Cases up to this day.")
@click.option(
    "--capacity",
    type=click.FloatRange(0, min_open=True),
    metavar="CASES_PER_DAY",
    help="Cases that reviewers process in a day [measured from recent decisions].",
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="A copy."
)
@database_option
def shadow(
    bundle: Path | None,
    policy: Path | None,
    days: int | None,
    since: datetime | None,
    until: datetime | None,
    capacity: float | None,
    json_file: Path | None,
    database: str | None,
) -> None:
    """Assess past cases with another bundle or policy, and compare; the store does not change.

    The report is stored in RUTHAN_SHADOW_FOLDER and shown in the console under /dashboard/shadow. If stopped,
    the
    same command resumes where it was.
    """
    from inference.model.bundle import BundleError
    from inference.policy import PolicyError
    from inference.registry.source import RegistryError
    from service.dashboard.period import Period
    from service.registry.progress import counted
    from service.shadow.candidate import load_candidate
    from service.shadow.folder import ShadowError, ShadowFolder
    from service.shadow.running import run
    from service.shadow.text import as_text
    from service.store.database.columns import now
    from service.text.thai_calendar import local_day

    if bundle is None and policy is None:
        raise click.UsageError("name what to try: --bundle DIR, --policy FILE, or both")
    if days is not None and (since or until):
        raise click.UsageError("--days and --from or --to exclude each other")
    moment = now()
    first = local_day(moment) - timedelta(days=days - 1) if days else since and since.date()
    period = Period.of(first, until.date() if until else None, moment)
    settings = settings_from({"database.url": database})
    try:
        candidate = load_candidate(settings, bundle, policy)
        folder = ShadowFolder(settings.shadow.folder)
        with (
            open_settings_store(database) as store,
            counted("reading", store.past_cases.count(period.span)) as progress,
        ):
            report = run(store, candidate, folder, period, moment, capacity, progress)
        if json_file is not None:
            write_whole(json_file, (report.model_dump_json(indent=1) + "\n").encode())
    except (BundleError, PolicyError, RegistryError, ShadowError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
    click.echo(as_text(report))
    click.echo(
        f"\nstored in {settings.shadow.folder / report.name}, shown under /dashboard/shadow/{report.name}"
    )
