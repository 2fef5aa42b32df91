"""The commands ``ruthan train``, ``ruthan retrain`` and ``ruthan evaluate``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from labels.real.commands import texts_option
from training.base import COMPACT, FLAGSHIP
from training.console import (
    measure,
    need_extra,
    person,
    print_channels,
    print_differences,
    print_figures,
    recipe_options,
)

if TYPE_CHECKING:
    from inference.model.bundle_store import BundleStore
    from labels.schema import Annotation
    from training.fit.retrain import Summary


@click.command()
@click.option(
    "--base",
    default=FLAGSHIP,
    show_default=True,
    help="compact, current (the active bundle), a checkpoint or bundle folder, or a hub name.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/latest"),
    show_default=True,
    help="Working folder: checkpoints, model, report.",
)
@click.option("--bundle", type=click.Path(path_type=Path), help="Bundle folder; OUT/bundle by default.")
@click.option("--name", help="Name of the bundle; default: derived from the base.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with train.jsonl, validation.jsonl and test.jsonl; default: the shipped dataset.",
)
@click.option(
    "--non-offers",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Real texts that are not offers (news, articles), formatted like pretrain's --texts. Repeatable.",
)
@click.option(
    "--screen-texts",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Texts mostly unrelated to health (posts), same format, only for the prefilter.",
)
@click.option("--resume", is_flag=True, help="Continue from the last checkpoint in OUT.")
@texts_option
@recipe_options
def train(texts: Path, **options: Any) -> None:
    """Fine-tune a model on the dataset, calibrate and evaluate it, and release it as a bundle.

    Real texts are not trained on; near-duplicates of the validation texts are left out of --non-offers and
    --screen-texts.
    """
    need_extra()
    from training.data.real import real_validation
    from training.fit.train import FAILURES, Job, train_and_release

    try:
        job = Job(**options, real=real_validation(texts))
        report = train_and_release(job, Console(stderr=True).print)
    except FAILURES as error:
        raise click.ClickException(str(error)) from error
    print_figures(report, job.out / "report")


@click.command()
@click.option(
    "--base",
    default=COMPACT,
    show_default=True,
    help="compact, current (continue from the active bundle), the folder model/ of an earlier run or another "
    "checkpoint's or bundle's, or a hub name.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/retrain"),
    show_default=True,
    help="Working folder: merged data, checkpoints, model, bundle, report.",
)
@click.option(
    "--name", help="Name of the bundle; default: the base's, or for a folder that of the active bundle."
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the splits to merge the reviews into; default: the shipped dataset.",
)
@click.option("--database", metavar="URL", help="The store with the reviews [RUTHAN_DATABASE_URL].")
@click.option("--yes", is_flag=True, help="Promote without asking if there are no objections.")
@click.option("--no-promote", is_flag=True, help="Compare only; do not promote.")
@click.option("--resume", is_flag=True, help="Continue the run in OUT, with its original reviews.")
@texts_option
@recipe_options
@click.pass_obj
def retrain(
    providers: object,
    /,
    database: str | None,
    yes: bool,
    no_promote: bool,
    texts: Path,
    **options: Any,
) -> None:
    """Learn from reviewers' decisions: merge, train, compare, and ask before promoting.

    Reviews go into train and validation, never into test; those related to a test listing are left out.
    """
    need_extra()
    if yes and no_promote:
        raise click.UsageError("--yes and --no-promote exclude each other")
    from inference.model.bundle import BundleError
    from inference.model.bundle_store import BundleStore
    from training.data.real import real_validation
    from training.fit.retrain import RetrainError, prepare
    from training.fit.retrain import retrain as train_again
    from training.fit.train import FAILURES, Job
    from training.releasing.promotion import PromotionRefused

    reviewed = getattr(providers, "reviewed", None)
    assert reviewed is not None, "main() installs the review export"
    job = Job(**options)
    store = BundleStore()
    try:
        current = store.verified(store.state().current)
        real = real_validation(texts)
        summary = prepare(job.out, lambda: reviewed(database), job.data, job.resume, real)
        _print_summary(summary)
        if job.name is None and Path(job.base).is_dir():
            job = Job(**{**options, "name": current.manifest.name})
        report = train_again(job, Console(stderr=True).print)
        if report is not None:
            print_figures(report, job.out / "report")
        reason = f"retrained on {sum(summary.used.values())} reviewed listings"
        _compare_and_ask(job.bundle_folder, job.out, store, reason, yes, no_promote, real)
    except (BundleError, PromotionRefused, RetrainError, *FAILURES) as error:
        raise click.ClickException(str(error)) from error


def _print_summary(summary: "Summary") -> None:
    used = ", ".join(f"{number} to {part}" for part, number in summary.used.items())
    click.echo(f"reviewed listings used: {used}", err=True)
    for why, number in summary.left_out.items():
        click.echo(f"reviews left out: {number}: {why}", err=True)


def _compare_and_ask(
    bundle: Path,
    out: Path,
    store: "BundleStore",
    reason: str,
    yes: bool,
    no_promote: bool,
    real: "Sequence[Annotation]",
) -> None:
    from labels.dataset.shipped import Split, load_split, split_path
    from training.bundle_commands import say_promoted
    from training.fit.retrain import DATA
    from training.releasing.promotion import check, promote

    test = split_path(Split.TEST, out / DATA)
    checked = check(bundle, store, load_split(Split.TEST, out / DATA), measure, test, real)
    both = checked.current.model_id, checked.candidate.model_id
    if real:
        print_differences(*both, checked.real_differences, f"{len(real):,} real texts")
    print_differences(*both, checked.differences)
    if checked.remark:
        click.echo(checked.remark, err=True)
    later = f"Not promoted. The bundle stays in {bundle}: {checked.command}"
    if no_promote:
        for objection in checked.objections:
            click.echo(objection)
        click.echo(later)
        return
    if not checked.objections and not yes:
        try:
            yes = click.confirm(f"Put {checked.candidate.model_id} in use?")
        except click.Abort:  # no interactive terminal
            yes = False
        if not yes:
            click.echo(later)
            return
    say_promoted(promote(checked, store, person(), reason).model_id)


@click.command()
@click.argument(
    "bundle",
    type=click.Path(path_type=Path),
    required=False,
    envvar=["RUTHAN_MODEL_BUNDLE", "RUTHAN_BUNDLE"],
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="Another bundle: all metrics of both, with the interval of the difference.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Annotated listings; default: the test split.",
)
@click.option("--real", is_flag=True, help="Evaluate on the real validation texts instead, by channel.")
@texts_option
@click.option("--peers/--no-peers", default=True, help="Also evaluate baselines and rewritten listings.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/evaluation"), show_default=True)
def evaluate(
    bundle: Path | None,
    against: Path | None,
    data: Path | None,
    real: bool,
    texts: Path,
    peers: bool,
    out: Path,
) -> None:
    """Evaluate BUNDLE (default: the active one) and write report.json and report.html.

    With --real, every text is read without platform and price, as in the sealed exam, and only real.json is
    written.
    """
    need_extra()
    if real:
        if data is not None:
            raise click.UsageError("--real and --data exclude each other")
        _evaluate_real(bundle, against, texts, out)
        return
    from dataclasses import replace

    from inference.classifier import Classifier
    from inference.model.bundle import BundleError
    from inference.model.bundle_store import default_bundle
    from labels.annotation.studio_commands import read_records
    from labels.dataset.shipped import DatasetError, Split, load_split
    from training.evaluation.baselines import keyword_figures
    from training.evaluation.compare import compare
    from training.evaluation.peers import measure_peers
    from training.evaluation.report import Comparisons, write_report

    try:
        bundle = bundle or default_bundle()
        classifier = Classifier(bundle)
        other = Classifier(against) if against else None
        records = load_split(Split.TEST) if data is None else read_records(data)
    except (BundleError, DatasetError) as error:
        raise click.ClickException(str(error)) from error
    if not records:
        raise click.ClickException(f"{data} holds no listing: give annotated listings as JSON Lines")

    measured = measure(classifier, records)
    beside = (
        measure_peers(bundle, measured, Console(stderr=True).print)
        if peers
        else Comparisons({"keyword baseline": keyword_figures(records)})
    )
    if other:
        beside = replace(beside, differences=compare(measure(other, records), measured))
    report = write_report(measured, classifier.model_id, data.name if data else "test split", beside, out)
    print_figures(report, out)


def _evaluate_real(bundle: Path | None, against: Path | None, texts: Path, out: Path) -> None:
    from inference.classifier import Classifier
    from inference.model.bundle import BundleError
    from inference.model.bundle_store import default_bundle
    from labels.dataset.shipped import DatasetError
    from labels.real.sealed import SealedTextError
    from training.data.real import RealTexts, by_channel, write_real_report
    from training.evaluation.compare import compare

    try:
        there = RealTexts.load(texts)
        classifier = Classifier(bundle or default_bundle())
        other = Classifier(against) if against else None
    except (BundleError, DatasetError, SealedTextError) as error:
        raise click.ClickException(str(error)) from error
    if not there.validation:
        raise click.ClickException(f"none of the validation texts is in {texts}: ruthan labels real check")
    measured = measure(classifier, there.validation)
    found = by_channel(measured)
    out.mkdir(parents=True, exist_ok=True)
    write_real_report(found, out / "real.json")
    print_channels(found, classifier.model_id)
    if other:
        differences = compare(measure(other, there.validation), measured)
        print_differences(other.model_id, classifier.model_id, differences, "real validation texts")
