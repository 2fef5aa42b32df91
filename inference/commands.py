"""The ``ruthan classify`` command."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from inference.classifier import Classifier
    from inference.input import HtmlReader
    from labels.schema import Assessment, Listing


C = TypeVar("C", bound=Callable[..., Any])

bundle_option = click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    envvar=["RUTHAN_MODEL_BUNDLE", "RUTHAN_BUNDLE"],
    help="Model bundle folder, or a shipped one: compact, small; default: the promoted one, else compact.",
)

images_option = click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help='Folder of the pictures that listings name in "images", in tables separated by | or line breaks.',
)

_REGISTRY = (
    click.option(
        "--registry",
        type=click.Path(path_type=Path),
        envvar=["RUTHAN_REGISTRY_FILE", "RUTHAN_REGISTRY"],
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
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@click.option("--json", "as_json", is_flag=True, help="One assessment per line, in input order.")
@images_option
@click.option(
    "--image",
    "given",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A picture of the listing, read with it; may be given several times, and without FILE.",
)
@bundle_option
@registry_options
@click.pass_obj
def classify(
    providers: object,
    file: Path | None,
    as_json: bool,
    images: Path | None,
    given: tuple[Path, ...],
    bundle: Path | None,
    registry: Path | None,
    registry_max_age: int,
) -> None:
    """Assess the listings in FILE (default: standard input).

    FILE is JSON Lines, CSV or XLSX with id and text (or title and description), a saved HTML product page, or
    plain text containing one listing; on standard input the content says which. Bad lines are reported on
    standard error with their number and do not stop the rest; the exit status is then 1.

    With --image, FILE holds one listing at most; pictures alone are a listing without text. With --images,
    each listing may name its own. Where a picture cannot be read, the assessment says so and is otherwise
    that of the text.
    """
    if given and images:
        raise click.UsageError("give --image for one listing, or --images for a file of listings")
    if given:
        classifier = loaded_classifier(bundle, registry, registry_max_age)
        _classify_with_images(providers, file, as_json, given, classifier)
        return
    _classify_file(
        providers,
        file or Path("-"),
        as_json,
        lambda: loaded_classifier(bundle, registry, registry_max_age),
        images,
    )


def _classify_file(
    providers: object,
    file: Path,
    as_json: bool,
    load_classifier: "Callable[[], Classifier]",
    images: Path | None,
) -> None:
    from inference.input import BadLine, InputError, listings_from
    from inference.pictures.assess import CombinedAssessments
    from inference.pictures.named import NamedPictures, PictureFolder
    from inference.pictures.reader import PictureReader

    content = _content(file)
    html = _html_reader(providers)
    bad = 0
    classifier = None
    with PictureReader() as reader:
        pictures = NamedPictures(reader, PictureFolder(images)) if images else None
        try:
            for item in listings_from(content, file, html):
                if isinstance(item, BadLine):
                    bad += 1
                    named = f" (id {item.id})" if item.id else ""
                    click.echo(f"{file}: line {item.number}{named}: {item.problem}", err=True)
                    continue
                if classifier is None:
                    classifier = load_classifier()
                together = CombinedAssessments([item], [list(pictures.of(item)) if pictures else []])
                (assessment,) = together.assessments(classifier.classify(together.listings))
                _print(item, assessment, as_json)
        except InputError as error:
            raise click.ClickException(str(error)) from error
    if bad:
        click.echo(f"{bad} line(s) could not be read", err=True)
        sys.exit(1)


def _print(listing: "Listing", assessment: "Assessment", as_json: bool) -> None:
    if as_json:
        click.echo(assessment.model_dump_json())
        return
    from rich.console import Console

    from inference.pictures.view import print_pictures
    from inference.view import print_assessment
    from labels.pictured import pictures_of

    console = Console()
    print_assessment(console, listing.text, assessment)
    print_pictures(console, pictures_of(assessment))


def _classify_with_images(
    providers: object, file: Path | None, as_json: bool, images: tuple[Path, ...], classifier: "Classifier"
) -> None:
    """Assess one listing with its pictures, or pictures alone."""
    from inference.input import BadLine, InputError, listings_from
    from inference.pictures.assess import assess_with_pictures
    from inference.pictures.reader import PictureReader
    from labels.schema import Listing

    listing = Listing(id=images[0].name[:200] or "picture")
    if file is not None:
        try:
            found = list(listings_from(_content(file), file, _html_reader(providers)))
        except InputError as error:
            raise click.ClickException(str(error)) from error
        if len(found) != 1 or isinstance(found[0], BadLine):
            raise click.ClickException(f"{file} must hold exactly one listing where --image is given")
        listing = found[0]
    pictures = [(str(image), _content(image)) for image in images]
    with PictureReader() as reader:
        _print(listing, assess_with_pictures(classifier.classify, reader, listing, pictures), as_json)


def _html_reader(providers: object) -> "HtmlReader":
    html: HtmlReader | None = getattr(providers, "listing_from_html", None)
    assert html is not None, "main() installs the HTML page reader"
    return html


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from error


def loaded_classifier(bundle: Path | None, registry: Path | None, max_age_days: int) -> "Classifier":
    """The classifier that the command-line options ask for.  Raises :class:`click.ClickException`."""
    from inference.classifier import Classifier
    from inference.model.bundle import BundleError
    from inference.registry.source import RegistryError
    from inference.registry.store import registry_in_use

    try:
        return Classifier(bundle, registry_in_use(registry, max_age_days=max_age_days))
    except (BundleError, RegistryError) as error:
        raise click.ClickException(str(error)) from error
