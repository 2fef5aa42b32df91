"""The commands for data retention."""

import json
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.commands.main import database_option, open_settings_store, plain_errors, settings_from
from service.store.database.row_ids import MAX_ROW_ID

if TYPE_CHECKING:
    from service.privacy.rules import Rule
    from service.privacy.run import Report, RulePreview
    from service.store import Store

rules_option = click.option(
    "--rules",
    "rules_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file of the rules [RUTHAN_RETENTION_RULES; the shipped rules].",
)
by_option = click.option(
    "--by", required=True, metavar="NAME", help="Account of the lead or admin responsible."
)
reason_option = click.option(
    "--reason", required=True, help="Why, such as a file number. It is on the audit trail."
)


@click.group()
def retention() -> None:
    """Delete or redact expired data; hold what a case needs (PDPA)."""


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="Show what would be removed, by rule; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document instead of lines.")
@click.option(
    "--clock-is-right",
    is_flag=True,
    help="Run although nothing was recorded for more than 30 days before now.",
)
@rules_option
@database_option
def run(
    dry_run: bool, as_json: bool, clock_is_right: bool, rules_file: Path | None, database: str | None
) -> None:
    """Apply the rules. The same command resumes a run that was stopped or killed.

    Listings with a binding decision, an open case or a legal hold are never touched. A clock that jumped
    ahead stops it. The sandbox's data follow the same rules.
    """
    from service.privacy.clock import ClockJumped, check_clock
    from service.privacy.run import preview
    from service.privacy.run import run as apply
    from service.running.sandbox import opened
    from service.store.database.columns import now

    settings = settings_from({"database.url": database, "retention.rules": rules_file})
    rules = _rules(settings.retention.rules)
    with open_settings_store(database) as store:
        if dry_run:
            with store.database.reading() as session:
                try:
                    check_clock(session, now())
                except ClockJumped as error:
                    click.echo(f"a run would be refused: {error}", err=True)
            _show_previews(preview(store, rules, settings.evidence.folder), as_json)
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())

        def applied(of: "Store", evidence: Path) -> "Report":
            return apply(of, rules, evidence, progress=_progress, stop=stop, clock_is_right=clock_is_right)

        with plain_errors():
            reports = {"": applied(store, settings.evidence.folder)}
            with opened(settings) as trial:
                if trial is not None and reports[""].finished:
                    reports["sandbox"] = applied(trial.store, trial.settings.evidence.folder)
    if as_json:
        content = _content(reports[""])
        if "sandbox" in reports:
            content["sandbox"] = _content(reports["sandbox"])
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
    else:
        for name, report in reports.items():
            _show_report(report, f"{name}: " if name else "")
    if not all(report.finished for report in reports.values()):
        raise click.ClickException("stopped before the end: the same command resumes from here")
    if problems := [problem for report in reports.values() for problem in report.problems]:
        raise click.ClickException("not all evidence could be removed: " + "; ".join(problems))


@retention.command("rules")
@rules_option
def show_rules(rules_file: Path | None) -> None:
    """Validate and show the rules."""
    for rule in _rules(settings_from({"retention.rules": rules_file}).retention.rules):
        verdicts = f" assessed {', '.join(rule.verdicts)}" if rule.verdicts else ""
        click.echo(f"{rule.name}: {rule.action} {rule.what}{verdicts}, {rule.after} after {rule.since}")


@retention.command("hold")
@click.argument("listing", type=click.IntRange(1, MAX_ROW_ID))
@reason_option
@by_option
@database_option
def hold(listing: int, reason: str, by: str, database: str | None) -> None:
    """Preserve a listing and its evidence until the hold is lifted."""
    from service.store.audit import names as audit_names
    from service.store.cases.holds import Holder

    with open_settings_store(database) as store:
        store.holds.place(listing, reason, Holder(by, audit_names.CLI))
    click.echo(f"listing {listing} is held")


@retention.command("unhold")
@click.argument("listing", type=click.IntRange(1, MAX_ROW_ID))
@reason_option
@by_option
@database_option
def unhold(listing: int, reason: str, by: str, database: str | None) -> None:
    """Lift the hold on a listing."""
    from service.store.audit import names as audit_names
    from service.store.cases.holds import Holder

    with open_settings_store(database) as store:
        store.holds.lift(listing, reason, Holder(by, audit_names.CLI))
    click.echo(f"listing {listing} is no longer held")


@retention.command("holds")
@database_option
def holds(database: str | None) -> None:
    """List the active holds."""
    with open_settings_store(database) as store:
        for row in store.holds.all():
            reason = "".join(char if char.isprintable() else "\ufffd" for char in row.reason)
            click.echo(
                f"listing {row.listing_id}\t{row.placed_at:%Y-%m-%dT%H:%M:%SZ}\t{row.placed_by}\t{reason}"
            )


def _rules(path: Path | None) -> "tuple[Rule, ...]":
    from service.privacy.rules import RulesError, load_rules

    try:
        return load_rules(path)
    except RulesError as error:
        raise click.ClickException(str(error)) from error


def _content(report: "Report") -> dict[str, Any]:
    rules = [{"rule": done.rule, "cutoff": done.cutoff.isoformat(), **done.counts} for done in report.rules]
    return {
        "run": report.run,
        "resumed": report.resumed,
        "finished": report.finished,
        "rules": rules,
        "evidence": report.evidence,
        "problems": report.problems,
    }


def _show_report(report: "Report", whose: str) -> None:
    if report.resumed:
        click.echo(f"{whose}run {report.run} was interrupted and resumes with its original cut-offs")
    for done in report.rules:
        counts = ", ".join(f"{number:,} {noun}" for noun, number in done.counts.items())
        click.echo(f"{whose}{done.rule}: {counts} before {done.cutoff:%Y-%m-%d %H:%M} UTC")
    if report.finished:
        counts = ", ".join(f"{number:,} {noun}" for noun, number in report.evidence.items())
        click.echo(f"{whose}evidence folder: {counts}")


def _progress(rule: str, done: int) -> None:
    click.echo(f"{rule}: {done:,}", err=True)


def _show_previews(previews: "list[RulePreview]", as_json: bool) -> None:
    found = []
    for item in previews:
        rule = item.dated.rule
        fields = {
            "rule": rule.name,
            "action": rule.action.value,
            "what": rule.what.value,
            "cutoff": item.dated.cutoff.isoformat(),
            item.noun: item.rows.count,
            "files": item.files,
            "oldest": _date(item.rows.oldest),
            "newest": _date(item.rows.newest),
        }
        found.append(fields)
        if as_json:
            continue
        files = f", {item.files:,} files" if item.files else ""
        ages = f" of {fields['oldest']} to {fields['newest']}" if item.rows.count else ""
        click.echo(
            f"{rule.name}: would {rule.action} {item.rows.count:,} {item.noun}{files}{ages}"
            f" ({rule.since} before {item.dated.cutoff:%Y-%m-%d})"
        )
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        click.echo("nothing was changed")


def _date(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d}"
