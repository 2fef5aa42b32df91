"""The ``ruthan read-image`` command."""

import json
import os
import sys
from pathlib import Path

import click

from inference.commands import bundle_option, loaded_classifier, registry_options


@click.command(name="read-image")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, in the order of the files.")
@bundle_option
@registry_options
def read_image(
    files: tuple[Path, ...], as_json: bool, bundle: Path | None, registry: Path | None, registry_max_age: int
) -> None:
    """Read what is written in pictures and mark the claims.

    Prints each line with its place (left, top, width, height in pixels) and the confidence of the reading,
    then the claims with their places. A picture that cannot be read is named on standard error with the
    reason and does not stop the rest; the exit status then is 1.
    """
    from rich.console import Console

    from inference.pictures.assess import assess_with_pictures
    from inference.pictures.reader import PictureReader
    from inference.pictures.view import print_pictures
    from labels.schema import Listing
    from labels.taxonomy import verdict_term

    failed = 0
    with PictureReader() as reader:
        lacks = reader.missing()
        if lacks is not None:
            raise click.ClickException(f"pictures cannot be read here: {lacks}")
        classifier = loaded_classifier(bundle, registry, registry_max_age)
        console = Console()
        for file in files:
            # A name may have bytes that are no UTF-8, as those from an old Thai archive.
            name = os.fsencode(file).decode("utf-8", "replace")
            try:
                content = file.read_bytes()
            except OSError as error:
                failed += 1
                click.echo(f"{name} cannot be read: {error.strerror}", err=True)
                continue
            listing = Listing(id="picture")
            found = assess_with_pictures(classifier.classify, reader, listing, [(name, content)])
            (picture,) = found.pictures
            if not picture.engine:
                failed += 1
                click.echo(f"{name}: {found.findings[-1].english}", err=True)
                continue
            if as_json:
                fields = picture.model_dump(mode="json", include={"file", "lines"})
                fields["claims"] = [
                    claim.model_dump(mode="json", include={"label", "text", "boxes", "probability", "law"})
                    for claim in picture.claims
                ]
                fields |= {"verdict": found.verdict.value, "risk": found.risk}
                click.echo(json.dumps(fields, ensure_ascii=False))
            else:
                print_pictures(console, [picture])
                console.print(f"  {verdict_term(found.verdict).thai} · risk {found.risk:.0%}\n")
    if failed:
        click.echo(f"{failed} picture(s) could not be read", err=True)
        sys.exit(1)
