"""The ``ruthan classify`` command."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from inference.classifier import Classifier


C = TypeVar("C", bound=Callable[..., Any])

bundle_option = click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    envvar="RUTHAN_BUNDLE",
    help="Model bundle folder; default: the promoted one, else the shipped one.",
)

_REGISTRY = (
    click.option(
        "--registry",
        type=click.Path(path_type=Path),
        envvar="RUTHAN_REGISTRY",
        help="CSV file of the licence registry; default: the active imported snapshot.",
    ),
    click.option(
        "--registry-max-age",
        type=click.IntRange(1),
        default=30,
        show_default=True,
        envvar="RUTHAN_REGISTRY_MAX_AGE_DAYS",
        help="Age in days from which a snapshot is reported as old.",
    ),
)


def registry_options(command: C) -> C:
    """The command-line options for the licence registry."""
    for option in reversed(_REGISTRY):
        command = option(command)
    return command


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default="-")
@click.option("--json", "as_json", is_flag=True, help="One assessment per line, in input order.")
@bundle_option
@registry_options
@click.pass_obj
def classify(
    rooms: object,
    file: Path,
    as_json: bool,
    bundle: Path | None,
    registry: Path | None,
    registry_max_age: int,
) -> None:
    """Assess the listings in FILE (default: standard input).

    FILE is JSON Lines or CSV with id and text (or title and description), a saved HTML product page, or plain
    text containing one listing. Bad lines are reported on standard error with their number and do not stop
    the rest; the exit status is then 1.
    """
    from inference.input import BadLine, InputError, listings_from

    content = _content(file)
    html = getattr(rooms, "listing_from_html", None)
    assert html is not None, "main() installs the HTML page reader"
    bad = 0
    classifier = None
    try:
        for item in listings_from(content, file, html):
            if isinstance(item, BadLine):
                bad += 1
                named = f" (id {item.id})" if item.id else ""
                click.echo(f"{file}: line {item.number}{named}: {item.problem}", err=True)
                continue
            if classifier is None:
                classifier = _classifier(bundle, registry, registry_max_age)
            (assessment,) = classifier.classify([item])
            if as_json:
                click.echo(assessment.model_dump_json())
            else:
                from rich.console import Console

                from inference.view import print_assessment

                print_assessment(Console(), item.text, assessment)
    except InputError as error:
        raise click.ClickException(str(error)) from error
    if bad:
        click.echo(f"{bad} line(s) could not be read", err=True)
        sys.exit(1)


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from error


def _classifier(bundle: Path | None, registry: Path | None, max_age_days: int) -> "Classifier":
    from inference.bundle import BundleError
    from inference.classifier import Classifier
    from inference.registry import RegistryError
    from inference.registry_store import registry_in_use

    try:
        return Classifier(bundle, registry_in_use(registry, max_age_days=max_age_days))
    except (BundleError, RegistryError) as error:
        raise click.ClickException(str(error)) from error
