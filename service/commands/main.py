"""The commands of the service."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from service.settings import Settings
    from service.store import Store

T = TypeVar("T")

database_option = click.option(
    "--database", metavar="URL", help="The store, sqlite:///FILE or a PostgreSQL URL [RUTHAN_DATABASE_URL]."
)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn expected errors into messages without a traceback."""
    from service.privacy.rules import RulesError
    from service.running.rate_limits import RateLimitsUnusable
    from service.settings import SecretUnusable
    from service.store import StoreError

    try:
        yield
    except (StoreError, SecretUnusable, RateLimitsUnusable, RulesError) as error:
        raise click.ClickException(str(error)) from error


def settings_from(given: Mapping[str, Any] | None = None) -> "Settings":
    """Return the settings, overridden by the command line: values by dotted name, ``None`` for no option."""
    from pydantic import ValidationError

    from service.settings import Settings, faults_of

    try:
        return Settings.of({name: value for name, value in (given or {}).items() if value is not None})
    except ValidationError as error:
        faults = "; ".join(f"{name}: {said}" if name else said for name, said in faults_of(error))
        raise click.ClickException(f"invalid setting: {faults}. See docs/settings.md.") from error


@contextmanager
def open_settings_store(database: str | None, sandbox: bool = False) -> Iterator["Store"]:
    """Open the store from the settings, or that of the sandbox; closes it at the end."""
    from service.store import open_store

    settings = settings_from({"database.url": database})
    if sandbox:
        own = settings.for_sandbox()
        if own is None:
            raise click.ClickException(
                "there is no sandbox: set RUTHAN_SANDBOX_DATABASE_URL, such as sqlite:///var/sandbox.db"
            )
        settings = own
    with plain_errors(), open_store(settings.database.url, settings.database.busy_timeout_seconds) as store:
        yield store


def find_numbered(find: Callable[[int, int], T | None], number: str, what: str, example: str) -> T:
    """Find a row by its running number, such as 7/2569; ``find`` takes Buddhist year and serial."""
    from service.store.database.running_numbers import read

    known = read(number)
    row = find(*known) if known else None
    if row is None:
        raise click.ClickException(
            f"there is no {what} {number!r}: write its number and Buddhist year, such as {example}, as"
            f" ruthan {what} list shows them"
        )
    return row


@click.command()
@click.option("--host", help="Address to listen on [RUTHAN_SERVER_HOST; 127.0.0.1].")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port to listen on, 0 for a free one [RUTHAN_SERVER_PORT; 8600].",
)
@database_option
@click.option(
    "--worker/--no-worker", "with_worker", default=True, help="Also run the worker in this process."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Processes that serve [RUTHAN_SERVER_WORKERS; 1]."
)
def serve(
    host: str | None, port: int | None, database: str | None, with_worker: bool, workers: int | None
) -> None:
    """Run the API and the review console."""
    from service.running.logs import start_logging
    from service.running.processes import ProcessesFailed, serve_together
    from service.running.serving import AddressInUse, listen, make_server

    settings = settings_from(
        {"server.host": host, "server.port": port, "database.url": database, "server.workers": workers}
    )
    start_logging(settings.log.level, settings.log.format)
    with plain_errors():
        if settings.oidc.options(settings.server.public_url) is not None and find_spec("authlib") is None:
            raise click.ClickException("RUTHAN_OIDC_ISSUER is set and needs: pip install 'ruthan[oidc]'")
        try:
            socket, address = listen(settings.server.host, settings.server.port)
        except AddressInUse as error:
            raise click.ClickException(str(error)) from error
        line = f"Ruthan: {address} (console {address}/, API {address}/v1/, ready: {address}/readyz)"
        with socket:
            if settings.server.workers == 1:
                server = make_server(settings, with_worker=with_worker)
                click.echo(line)
                server.run(sockets=[socket])
                return
            click.echo(line)
            try:
                serve_together(settings, socket, settings.server.workers, with_worker)
            except ProcessesFailed as error:
                raise click.ClickException(str(error)) from error


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to FILE instead of standard output.",
)
def openapi(out: Path | None) -> None:
    """Write the OpenAPI document of the API, as served at /openapi.json."""
    import json

    from service.api.app import api_routes
    from service.api.openapi.document import document

    text = json.dumps(document(settings_from(), api_routes()), ensure_ascii=False, indent=2)
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from error


@click.command()
@click.option("--once", is_flag=True, help="Stop once nothing is waiting and no delivery is due.")
@database_option
def worker(once: bool, database: str | None) -> None:
    """Assess new listings and batches; deliver notices to webhooks and answers to complainants."""
    from service.inference_pool.assessor import load_assessor
    from service.privacy.daily import daily_rules
    from service.running.background import beside
    from service.running.jobs import Jobs
    from service.running.logs import start_logging
    from service.running.progress import progress_of
    from service.running.sandbox import opened

    settings = settings_from({"database.url": database})
    start_logging(settings.log.level, settings.log.format)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_settings_store(database) as store:
        try:
            assessor = load_assessor(settings)
        except Exception as error:
            raise click.ClickException(f"the model cannot be loaded: {error}") from error
        with ExitStack() as stack:
            jobs = Jobs(store, settings, daily_rules(settings), stack.enter_context(opened(settings)))
            for name, run in ({} if once else jobs.threads()).items():
                stack.enter_context(beside(run, stop, name))
            progress = stack.enter_context(progress_of(store.listings.waiting(assessor.model_id)))
            report, found = jobs.work(assessor, stop, once, progress)
    click.echo(f"assessed {report.assessed} listings in {report.seconds:.1f} s with {assessor.model_id}")
    if found.done or found.rejected:
        click.echo(f"batches: {found.done} lines done, {found.rejected} rejected in {found.seconds:.1f} s")
    if report.failed:
        numbers = ", ".join(str(number) for number in sorted(report.failed)[:20])
        raise click.ClickException(f"{len(report.failed)} listings could not be assessed: {numbers}")


@click.group()
def db() -> None:
    """Migrate and check the store."""


@db.command("upgrade")
@database_option
def upgrade_db(database: str | None) -> None:
    """Create the store, or bring its schema up to date."""
    from service.store.migrate import current

    with open_settings_store(database) as store:
        click.echo(f"{store.database.url} has schema {current(store.database)}")


@db.command("reseal")
@database_option
def reseal(database: str | None) -> None:
    """Encrypt stored secrets again with the current secret key.

    This covers secrets of webhooks and second factors that are in plain text or encrypted with
    RUTHAN_SECRET_KEY_BEFORE, the previous key. The worker does the same when it starts. Exit status 1 if some
    can be decrypted with neither key.
    """
    from service.store.audit import names as audit_names
    from service.store.sealing.renewal import EncryptedSecretRepository

    settings = settings_from({"database.url": database})
    with open_settings_store(database) as store, plain_errors():
        done = EncryptedSecretRepository(store.database).renew(
            settings.secret.webhook_cipher(), settings.secret.totp_cipher(), audit_names.CLI
        )
    click.echo(f"encrypted again: {done.webhooks} webhooks, {done.second_factors} second factors")
    if done.unreadable:
        raise click.ClickException(
            f"encrypted with an unknown key, and left unchanged: {', '.join(done.unreadable)}. Set"
            " RUTHAN_SECRET_KEY_BEFORE to that key; or give these webhooks new secrets and remove these"
            " second factors (ruthan user totp NAME --remove)"
        )


@db.command("verify")
@database_option
def verify_db(database: str | None) -> None:
    """Verify the hash chain of the audit trail."""
    with open_settings_store(database) as store:
        check = store.audit.verify()
    if check.broken_at is not None:
        raise click.ClickException(
            f"the audit trail is broken at entry {check.broken_at}: it was changed or cut"
        )
    click.echo(f"the audit trail is sound: {check.entries} entries, last hash {check.head}")


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Folder of the demo's store and evidence; cleared of an earlier demo.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8600, show_default=True, help="Or the next free one."
)
@click.option("--exit-after-report", is_flag=True, help="Check that the console answers, then exit (for CI).")
@click.option("--all", "everything", is_flag=True, help="Print all flagged listings, not only the riskiest.")
def demo(folder: Path, port: int, exit_after_report: bool, everything: bool) -> None:
    """Crawl the sample shop, assess it and open the review console."""
    from service.demo.run import DemoFailed, run_demo
    from service.running.logs import start_logging

    start_logging("warning")
    with plain_errors():
        try:
            run_demo(folder, port, exit_after_report, everything)
        except DemoFailed as error:
            raise click.ClickException(str(error)) from error
