"""The ``ruthan score`` command."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inference.commands import bundle_option, images_option, registry_options

if TYPE_CHECKING:
    from inference.bulk.scoring import Line, ScoringJob
    from inference.bulk.spool import Place


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="IN...")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@images_option
@bundle_option
@registry_options
@click.option(
    "--screen", "screened", is_flag=True, help="Skip listings unrelated to health before the model."
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Execution engine.",
)
@click.option(
    "--address", help="Ray cluster, such as ray://HEAD:10001 or auto; default: start Ray on this machine."
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Models in parallel; default: one per CPU, less one on a cluster.",
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    envvar=["RUTHAN_MODEL_DEVICE", "RUTHAN_DEVICE"],
    help="Device to run the model on; cuda needs onnxruntime-gpu.",
)
@click.option("--restart", is_flag=True, help="Start over: discard an earlier result, complete or partial.")
def score(
    inputs: tuple[str, ...],
    out: Path,
    images: Path | None,
    bundle: Path | None,
    registry: Path | None,
    registry_max_age: int,
    screened: bool,
    engine: str,
    address: str | None,
    workers: int | None,
    device: str,
    restart: bool,
) -> None:
    """Score the listings of IN... into OUT.

    IN are files of JSON Lines, CSV, TSV, XLSX or Parquet with id and text (or title and description), folders
    of them, or globs. OUT is .jsonl, .csv or .parquet and appears when everything is done; until then the
    result grows in OUT.partial, and after an interruption the same command resumes from there. Each record
    has one line in OUT, in order: its assessment, a note that the prefilter skipped it, or why it could not
    be read.
    """
    from inference.bulk.result import check_suffix, finish
    from inference.bulk.scoring import ScoringJob
    from inference.bulk.sources import files_of
    from inference.bulk.spool import Spool
    from inference.input import InputError
    from inference.model.bundle import BundleError
    from inference.model.onnx_runtime import Device, DeviceError
    from inference.registry.source import RegistryError

    if engine == "local" and address:
        raise click.UsageError("--address is for --engine ray")
    job = ScoringJob(bundle, registry, registry_max_age, screened, Device(device), workers, images=images)
    try:
        check_suffix(out)
        files = files_of(inputs, out)
        spool = Spool(out, _run_ids(files, job), restart)
        try:
            if engine == "ray":
                from inference.bulk.on_ray import ray_lines

                lines = ray_lines(files, spool.place, job, address, workers)
            else:
                from inference.bulk.local import local_lines

                lines = local_lines(files, spool.place, job)
            for part in _shown(lines, files, spool.place):
                spool.add(part)
            finish(spool.path, out)
            spool.remove()
        finally:
            spool.close()
    except (InputError, BundleError, RegistryError, DeviceError) as error:
        raise click.ClickException(str(error)) from error
    _report(spool.place, out)
    if spool.place.counts.get("bad"):
        raise click.exceptions.Exit(1)


def _run_ids(files: Sequence[Path], job: "ScoringJob") -> list[str]:
    """The parameters of a run up to each file, so that another run does not resume from its partial result.

    A file that is not yet read may still be changed.
    """
    from inference.model.bundle import load_bundle

    made_of = [
        load_bundle(job.folder).model_id,
        job.screened,
        job.device.value,
        _content_of(job.registry) if job.registry else "",  # the active snapshot may change during any run
        job.registry_max_age_days,
        str(job.images.resolve()) if job.images else "",
    ]
    digest = hashlib.sha256(json.dumps(made_of).encode())
    found = []
    for path in files:
        about = path.stat()
        digest.update(json.dumps([str(path.resolve()), about.st_size, about.st_mtime_ns]).encode())
        found.append(digest.hexdigest())
    return found


def _content_of(registry: Path) -> str:
    from inference.model.versioned_folder import sha256_of
    from inference.registry.source import RegistryError

    try:
        return sha256_of(registry)
    except OSError as error:
        raise RegistryError(f"{registry}: cannot be read: {error.strerror}") from error


def _shown(lines: "Iterator[list[Line]]", files: Sequence[Path], place: "Place") -> "Iterator[list[Line]]":
    """Pass the lines through, reporting progress, rate and remaining time on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from inference.bulk.sources import count_records

    done = sum(place.counts.values())
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("counting", total=None, rate="")
        total = sum(map(count_records, files))
        if done:
            bar.console.print(f"resuming after {done:,} records of an earlier run")
        bar.update(task, total=max(total, done), completed=done, description="scoring")
        for part in lines:
            bar.update(task, advance=len(part))
            speed = bar.tasks[task].speed
            bar.update(task, rate=f"{speed:,.1f} listings/s" if speed else "")
            yield part


def _report(place: "Place", out: Path) -> None:
    counts = place.counts
    total = sum(counts.values())
    click.echo(f"{out}: {total:,} records, {counts.get('assessed', 0):,} assessed", err=True)
    if let_out := counts.get("let_out"):
        click.echo(f"the prefilter skipped {let_out:,} of them ({let_out / total:.1%})", err=True)
    if bad := counts.get("bad"):
        click.echo(f'{bad:,} could not be read: look for "problem" in {out}', err=True)
