"""The ``ruthan bundle`` commands; evaluating or building one needs the extra ``train``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from labels.real.commands import texts_option
from training.console import measure, need_extra, person, print_differences, print_figures

if TYPE_CHECKING:
    from inference.model.bundle_store import State

reason_option = click.option("--reason", default="", help="Reason, stored in the history.")
data_option = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the three splits; default: the shipped dataset.",
)
screen_texts_option = click.option(
    "--non-offers",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Real texts mostly unrelated to health, for the prefilter. Repeatable.",
)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show errors that a user can fix without a traceback."""
    from inference.model.bundle import BundleError

    try:
        yield
    except BundleError as error:
        raise click.ClickException(str(error)) from error


@click.group()
def bundle() -> None:
    """List, verify, promote and roll back model bundles.

    Promoted bundles are stored in RUTHAN_MODEL_BUNDLES (var/bundles). The service, classify and evaluate use
    the latest promoted one unless RUTHAN_MODEL_BUNDLE or an option names another; without any, the shipped
    one.
    """


@bundle.command("list")
@click.option("--history", is_flag=True, help="Show every change of the active bundle with its reason.")
def list_bundles(history: bool) -> None:
    """List the bundles and show which one is in use."""
    from rich.table import Table

    from inference.model.bundle import BundleError
    from inference.model.bundle_store import SHIPPED, BundleStore

    store = BundleStore()
    with plain_errors():
        state = store.state()
        names = store.ids()
    if history:
        _print_history(state)
        return
    table = Table(title=f"bundles in {store.folder}")
    for column in ("in use", "bundle", "base", "created", "promoted", "by"):
        table.add_column(column, overflow="fold")
    for name in [SHIPPED, *names]:
        try:
            manifest = store.verified(name).manifest
            row = [manifest.base, manifest.created]
        except BundleError:
            row = ["damaged: ruthan bundle verify", ""]
        last = next((c for c in reversed(state.history) if c.bundle == name), None)
        when = [f"{last.at:%Y-%m-%d %H:%M}", last.who] if last else ["", ""]
        table.add_row("→" if name == state.current else "", name, *row, *when)
    Console().print(table)
    _say_what_wins()


def _print_history(state: "State") -> None:
    for change in state.history:
        forced = ", forced" if change.forced else ""
        why = f": {change.reason}" if change.reason else ""
        click.echo(
            f"{change.at:%Y-%m-%d %H:%M} {change.who} {change.action}{forced} "
            f"{change.previous} → {change.bundle}{why}"
        )
    if not state.history:
        click.echo("nothing was promoted yet: the shipped bundle is in use")


@bundle.command()
@click.argument("which", metavar="[BUNDLE]...", nargs=-1)
def verify(which: tuple[str, ...]) -> None:
    """Check the hashes of BUNDLE, an id or a folder; default: all bundles."""
    from inference.model.bundle import BundleError, load_bundle
    from inference.model.bundle_store import SHIPPED, BundleStore

    store = BundleStore()
    with plain_errors():
        # The active bundle is checked even if its folder is missing.
        known = list(dict.fromkeys([SHIPPED, *store.ids(), store.state().current]))
    names = which or tuple(known)
    bad = 0
    for name in names:
        try:
            found = store.verified(name) if name in known else load_bundle(Path(name))
            click.echo(f"{name}: whole ({found.model_id})")
        except BundleError as error:
            bad += 1
            click.echo(f"{name}: {error}", err=True)
    if bad:
        raise click.ClickException(f"{bad} of {len(names)} bundles must not be used")


@bundle.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your own frozen test set; default: the shipped test split.",
)
@texts_option
@click.option("--force", is_flag=True, help="Promote a worse bundle; requires --reason.")
@reason_option
def promote(folder: Path, data: Path | None, texts: Path, force: bool, reason: str) -> None:
    """Put the bundle in FOLDER in use unless it is significantly worse than the present one.

    Both are evaluated on real validation texts, if available, and on the frozen test set, which language
    models wrote; a paired bootstrap separates differences from noise.
    """
    need_extra(("sklearn",))
    from inference.model.bundle_store import BundleStore
    from labels.annotation.studio_commands import read_records
    from labels.dataset.shipped import DatasetError, Split, load_split
    from labels.real.sealed import SealedTextError
    from training.data.real import real_validation
    from training.releasing.promotion import PromotionRefused, check
    from training.releasing.promotion import promote as promote_checked

    if force and not reason.strip():
        raise click.UsageError("--force needs --reason TEXT: it is kept in the history")
    store = BundleStore()
    try:
        records = load_split(Split.TEST) if data is None else read_records(data)
        if not records:
            raise click.ClickException(f"{data} holds no listing: give annotated listings as JSON Lines")
        with plain_errors():
            real = real_validation(texts)
            if not real:
                click.echo(f"no real text in {texts}: compared on written listings alone", err=True)
            checked = check(folder, store, records, measure, data, real)
            both = checked.current.model_id, checked.candidate.model_id
            if real:
                print_differences(*both, checked.real_differences, f"{len(real):,} real texts")
            print_differences(*both, checked.differences, "written test")
            if checked.remark:
                click.echo(checked.remark, err=True)
            found = promote_checked(checked, store, person(), reason, force)
    except (DatasetError, PromotionRefused, SealedTextError) as error:
        raise click.ClickException(str(error)) from error
    say_promoted(found.model_id)


def say_promoted(model_id: str) -> None:
    """Report the effects of a promotion."""
    click.echo(f"{model_id} is in use. A running service loads it after a restart.")
    _say_what_wins()


@bundle.command()
@click.option("--to", metavar="BUNDLE", help="An id of ruthan bundle list, or shipped.")
@reason_option
def rollback(to: str | None, reason: str) -> None:
    """Put the previous bundle in use again."""
    from inference.model.bundle_store import BundleStore

    with plain_errors():
        change = BundleStore().rollback(person(), reason.strip(), to)
    click.echo(f"{change.previous} → {change.bundle}")
    say_promoted(change.bundle)


def _say_what_wins() -> None:
    if chosen := os.environ.get("RUTHAN_MODEL_BUNDLE") or os.environ.get("RUTHAN_BUNDLE"):
        click.echo(f"But RUTHAN_MODEL_BUNDLE names {chosen}: that one serves until it is unset.", err=True)


@bundle.command("renew")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@data_option
@screen_texts_option
@texts_option
def renew_bundle(
    source: Path, target: Path, data: Path | None, non_offers: tuple[Path, ...], texts: Path
) -> None:
    """Convert the bundle SOURCE to TARGET: the same weights in the current graph format, plus a prefilter.

    The prefilter is for bulk work. Prints the metrics of both on the test split.
    """
    need_extra()
    from rich.table import Table

    from labels.dataset.shipped import DatasetError
    from labels.real.sealed import SealedTextError
    from training.base.compact import BaseUnavailableError
    from training.data.further_texts import FurtherTexts
    from training.data.real import real_validation
    from training.data.texts import TextsError
    from training.releasing.renew import renew

    say = Console(stderr=True).print
    with plain_errors():
        try:
            others = FurtherTexts(say, data, real_validation(texts)).of_files(non_offers)
            found = renew(source, target, data, others, say)
        except (BaseUnavailableError, DatasetError, SealedTextError, TextsError) as error:
            raise click.ClickException(str(error)) from error
    table = Table(title="test split")
    for column in ("figure", "before", "now"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for name, (before, now) in found.items():
        table.add_row(name, *("–" if value is None else f"{value:.4f}" for value in (before, now)))
    Console().print(table)


@bundle.command("reshape")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--version", required=True, help="Version of TARGET.")
@data_option
@texts_option
@click.option("--refit", is_flag=True, help="Fit the calibration again on the validation texts.")
def reshape_bundle(
    source: Path, target: Path, version: str, data: Path | None, texts: Path, refit: bool
) -> None:
    """Write the bundle SOURCE to TARGET with the current windows for long texts.

    Weights and linear models are copied, without --refit the calibration too; metrics are measured again.
    Then compare the two: ruthan evaluate TARGET --against SOURCE --real.
    """
    need_extra()
    from tempfile import TemporaryDirectory

    from inference.model.bundle import load_bundle
    from inference.model.encoding import Encoder
    from labels.dataset.shipped import DatasetError
    from labels.real.sealed import SealedTextError
    from training.data.examples import shape_for
    from training.data.real import RealTexts
    from training.releasing.reshape import reshape

    with plain_errors(), TemporaryDirectory() as work:
        old = load_bundle(source)
        shape = shape_for(Encoder.from_file(old.tokenizer_path, old.manifest.preprocessing))
        try:
            there = RealTexts.if_available(texts)
            if there is None:
                click.echo(f"no real text in {texts}: measured on written listings alone", err=True)
            say = Console(stderr=True).print
            reshape(source, target, shape, version, Path(work), data, there, say, refit)
        except (DatasetError, SealedTextError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{target}: {load_bundle(target).model_id}")


@bundle.command("average")
@click.argument("models", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/average"),
    show_default=True,
    help="Working folder: model, bundle, report.",
)
@click.option("--name", help="Name of the bundle; default: derived from the base.")
@data_option
@click.option("--window", type=click.IntRange(32, 510), help="Tokens per window; default: the base's.")
@screen_texts_option
@texts_option
def average_models(
    models: tuple[str, ...], non_offers: tuple[Path, ...], texts: Path, **options: Any
) -> None:
    """Write a bundle with the averaged weights of MODELS: runs from the same starting weights.

    A model is the folder model/ of a run, or a bundle. The result costs no more to serve than one of them.
    """
    need_extra()
    from training.data.further_texts import FurtherTexts
    from training.data.real import real_validation
    from training.fit.average import AverageError, average_and_release
    from training.fit.train import FAILURES

    say = Console(stderr=True).print
    with plain_errors():
        try:
            others = FurtherTexts(say, options["data"], real_validation(texts)).of_files(non_offers)
            report = average_and_release(models, other_texts=others, say=say, **options)
        except (AverageError, *FAILURES) as error:
            raise click.ClickException(str(error)) from error
    print_figures(report, options["out"] / "report")
