"""The command line: a table of commands, each imported only when it runs."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labels.version import VERSION

if TYPE_CHECKING:
    from labels.schema import Annotation, Assessment, Listing

__version__ = VERSION

COMMANDS = {
    "api-key": ("service.commands.api_key:api_key", "Create, list, rotate and revoke API keys."),
    "tenant": ("service.commands.api_key:tenant", "Create, list and merge tenants."),
    "audit": ("service.commands.audit:audit", "Verify, show and export the audit trail."),
    "backup": (
        "service.commands.operations:backup",
        "Write database, evidence and bundles into one archive.",
    ),
    "bundle": ("training.bundle_commands:bundle", "List, verify, promote and roll back model bundles."),
    "campaigns": (
        "service.commands.campaign:campaigns",
        "Group near-duplicate listings into campaigns.",
    ),
    "classify": (
        "inference.commands:classify",
        "Assess listings from a file, a saved page or standard input.",
    ),
    "complaint": (
        "service.commands.complaint:complaint",
        "Import, list and export complaints.",
    ),
    "count-letters": (
        "training.recognizer.commands:count_letters",
        "Count which letters follow one another, for the reader of pictures.",
    ),
    "crawl": ("crawler.commands:crawl", "Collect listings from web shops, with evidence."),
    "db": ("service.commands.main:db", "Migrate and verify the store; re-encrypt its secrets."),
    "demo": ("service.commands.main:demo", "Crawl the sample shop, assess it and open the review console."),
    "doctor": (
        "service.commands.operations:doctor",
        "Check everything the service depends on, and suggest fixes.",
    ),
    "evaluate": (
        "training.commands:evaluate",
        "Measure a bundle on annotated listings and write the report.",
    ),
    "evidence": (
        "crawler.evidence.commands:evidence",
        "Verify the evidence, and show the page behind a listing.",
    ),
    "labels": (
        "labels.commands:labels",
        "Check, count, split and convert annotated listings; choose what to annotate.",
    ),
    "listing": (
        "service.commands.listing:listing",
        "Show the versions of a listing, what changed, and the visits to its page.",
    ),
    "openapi": ("service.commands.main:openapi", "Write the OpenAPI document of the API."),
    "pretrain": (
        "training.pretrain_commands:pretrain",
        "Pretrain a base model further on unlabelled Thai text.",
    ),
    "privacy": (
        "service.commands.privacy:privacy",
        "Find, export and erase what is stored about a contact.",
    ),
    "referral": ("service.commands.referral:referral", "List referrals and write their case packs."),
    "registry": (
        "service.registry.commands:registry",
        "Import, list, use and check snapshots of the licence registers.",
    ),
    "read-image": (
        "inference.pictures.commands:read_image",
        "Read what is written in pictures and mark the claims.",
    ),
    "reindex": (
        "service.commands.search:reindex",
        "Update the full-text index of the queue and the API.",
    ),
    "release-model": (
        "training.chain_commands:release_model",
        "Build a bundle from its base by a recipe; the shipped bundle's by default.",
    ),
    "restore": (
        "service.commands.operations:restore",
        "Restore a backup and verify it.",
    ),
    "retention": (
        "service.commands.retention:retention",
        "Delete or redact expired data; hold what a case needs.",
    ),
    "retrain": (
        "training.commands:retrain",
        "Learn from reviewers' decisions, compare, and ask before promoting.",
    ),
    "sample-shop": ("crawler.sample_shop.commands:sample_shop", "Serve the sample shop on loopback."),
    "score": ("inference.bulk.commands:score", "Score files of listings of any size into one file."),
    "serve": ("service.commands.main:serve", "Run the API and the review console."),
    "shadow": (
        "service.commands.shadow:shadow",
        "Try another bundle or policy on past cases, without changing anything.",
    ),
    "train": ("training.commands:train", "Fine-tune a model and release it as a bundle."),
    "train-recognizer": (
        "training.recognizer.commands:train_recognizer",
        "Train the recognizer of lines in pictures on drawn lines.",
    ),
    "user": (
        "service.commands.user:user",
        "Create, list, disable and unlock accounts; manage roles and second factors.",
    ),
    "worker": (
        "service.commands.main:worker",
        "Assess new listings and batches; deliver webhooks and answers to complainants.",
    ),
}
"""Command name -> its module, and the line that ``ruthan --help`` shows without importing it."""


@dataclass(frozen=True)
class Providers:
    """Objects that one package provides to another through the command line, since it may not import it."""

    listing_from_html: Callable[[bytes, Path], "Listing"]
    reviewed: Callable[[str | None], tuple[list["Annotation"], Mapping[str, int]]]
    """Exports annotations from the reviews of a store (by URL; default from the settings), and what was left
    out.
    """
    assessor: Callable[[Path | None], Callable[[Sequence["Listing"]], list["Assessment"]]]
    """Loads a bundle (by default the one in use) and returns its classifier."""
    unreviewed: Callable[[str | None], Iterator[tuple["Annotation", "Assessment"]]]
    """Exports drafts of the undecided listings of a store (by URL; default from the settings)."""
    hub_texts: Callable[[str], list[str]]
    """Yields the texts of a dataset on the hub, named ``DATASET:COLUMN``."""


def _listing_from_html(html: bytes, path: Path) -> "Listing":
    from crawler.pages.saved import NotAProduct, listing_from_html
    from inference.input import InputError

    name = "stdin" if path.name in {"", "-"} else path.name
    try:
        return listing_from_html(html, url=None, listing_id=name[:200])
    except NotAProduct as error:
        raise InputError(f"{path}: {error}") from error


def _reviewed(database: str | None) -> tuple[list["Annotation"], Mapping[str, int]]:
    from service.commands.main import open_settings_store
    from service.training_data.review_export import reviewed

    with open_settings_store(database) as store:
        found = reviewed(store)
    return found.records, found.left_out


def _assessor(bundle: Path | None) -> Callable[[Sequence["Listing"]], list["Assessment"]]:
    from inference.classifier import Classifier
    from inference.model.bundle import BundleError

    try:
        return Classifier(bundle).classify
    except BundleError as error:
        raise click.ClickException(str(error)) from error


def _unreviewed(database: str | None) -> Iterator[tuple["Annotation", "Assessment"]]:
    from service.commands.main import open_settings_store
    from service.training_data.draft_export import unreviewed

    with open_settings_store(database) as store:
        yield from unreviewed(store)


def _hub_texts(name: str) -> list[str]:
    from training.data.texts import TextsError, hub_column

    dataset, _, column = name.partition(":")
    if not column:
        raise click.ClickException(f"--hub {name}: name the column too, DATASET:COLUMN")
    try:
        return hub_column(dataset, column)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"--hub needs {error.name}: pip install 'ruthan[train]'") from error
    except TextsError as error:
        raise click.ClickException(str(error)) from error


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="ruthan")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Ruthan (รู้ทัน) finds illegal health-product advertising in Thai online listings."""
    ctx.obj = Providers(
        listing_from_html=_listing_from_html,
        reviewed=_reviewed,
        assessor=_assessor,
        unreviewed=_unreviewed,
        hub_texts=_hub_texts,
    )


if __name__ == "__main__":
    main(prog_name="ruthan")
