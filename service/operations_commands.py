"""The commands that keep the service running."""

import json
from dataclasses import asdict

import click

from service.commands import database_option

_MARKS = {
    "ok": ("ปกติ", "OK", "green"),
    "warning": ("เตือน", "warning", "yellow"),
    "problem": ("มีปัญหา", "PROBLEM", "red"),
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document instead of lines.")
@database_option
def doctor(as_json: bool, database: str | None) -> None:
    """Check settings, database, bundle, evidence folder, clock and port, and say what to do.

    Changes nothing. The exit status is 1 if there is a problem.
    """
    from service.doctor import Status, examine
    from service.settings import Settings

    given = {} if database is None else {"database_url": database}
    found = []
    for finding in examine(lambda: Settings(**given)):  # type: ignore[arg-type]
        found.append(finding)
        if as_json:
            continue
        thai, english, colour = _MARKS[finding.status]
        click.echo(click.style(f"[{thai} · {english}]", fg=colour) + f" {finding.check}")
        click.echo(f"    {finding.thai}\n    {finding.english}")
        if finding.remedy_thai:
            click.echo(f"    → {finding.remedy_thai}\n    → {finding.remedy_english}")
    statuses = {finding.status for finding in found}
    worst = next((s for s in (Status.PROBLEM, Status.WARNING) if s in statuses), Status.OK)
    if as_json:
        content = {"status": worst, "findings": [asdict(finding) for finding in found]}
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
    raise SystemExit(1 if worst is Status.PROBLEM else 0)
