"""Runs a bulk job on Ray Data: tasks read files, and a pool of actors scores the records.

Every worker needs Ruthan, the bundle and the files under the same paths. Ray restarts tasks and actors that
die; results arrive in record order, so the partial result grows as it does without Ray.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from inference.bulk.local import AT_ONCE
from inference.bulk.scoring import Line, Scorer, ScoringJob
from inference.bulk.sources import Record, records_of
from inference.bulk.spool import Place
from inference.input import BadLine, InputError
from inference.model.engine import processors
from labels.schema import Listing

BLOCK_BYTES: Final = 256 * 1024
"""Maximum block size between stages; Ray's default of 128 MB would give a whole file to one actor."""

ACTOR_CPUS: Final = 0.5
"""Processors that Ray counts for an actor, which keeps one busy: if a machine dies, the others have room for
its actors. With a whole one each, an actor waits until others end, and with it all results after its own."""

Batch = dict[str, Any]


def ray_lines(
    files: Sequence[Path],
    place: Place,
    job: ScoringJob,
    address: str | None = None,
    workers: int | None = None,
) -> Iterator[list[Line]]:
    """The result lines of all records from a position on, in order.

    Args:
        address: of a running cluster; without one, Ray is started on this machine and stopped at the end.
        workers: number of actors, each with its own model; default: one per processor of this machine or, on
            a cluster, :func:`models_on`.

    Raises:
        InputError: Ray is not installed, or no cluster answers.
    """
    # Ray sends usage reports to its makers by default.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray  # noqa: PLC0415 - of the extra, and heavy
        import ray.data  # noqa: PLC0415
    except ImportError as error:
        raise InputError("--engine ray needs Ray: install it with: pip install 'ruthan[ray]'") from error
    started = not ray.is_initialized()
    if started and address is None:
        actors = workers or processors()
        # One more than the actors take, for the reading tasks.
        ray.init(num_cpus=actors + 1, include_dashboard=False, log_to_driver=False, configure_logging=False)
    else:
        if started:
            try:
                ray.init(address=address, log_to_driver=False, configure_logging=False)
            except ConnectionError as error:
                raise InputError(
                    f"no Ray cluster answers at {address}: check that it runs, and that RAY_AUTH_TOKEN is "
                    "its token if it has one"
                ) from error
        resources = ray.cluster_resources()
        actors = workers or models_on(resources)
    logging.getLogger("ray").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.target_max_block_size = BLOCK_BYTES
    context.enable_progress_bars = False
    left = [
        {"file": file, "path": str(files[file].resolve()), "skip": place.number if file == place.file else 0}
        for file in range(place.file, len(files))
    ]
    try:
        if not left:
            return
        lines = (
            ray.data.from_items(left, override_num_blocks=len(left))
            # A different CPU share keeps Ray from fusing reading into the actors, one file each.
            .map_batches(_read, batch_size=1, num_cpus=ACTOR_CPUS / 2)
            .map_batches(
                _Actor,
                fn_constructor_args=(replace(job, threads=1),),
                batch_size=AT_ONCE,
                compute=ray.data.ActorPoolStrategy(size=actors),
                num_cpus=ACTOR_CPUS,
                scheduling_strategy="SPREAD",
            )
        )
        for batch in lines.iter_batches(batch_size=AT_ONCE, prefetch_batches=1):
            yield [
                Line(int(file), int(number), str(kind), str(text))
                for file, number, kind, text in zip(
                    batch["file"], batch["number"], batch["kind"], batch["text"], strict=True
                )
            ]
    finally:
        if started:
            ray.shutdown()


def models_on(resources: Mapping[str, float]) -> int:
    """The number of models for a cluster's resources: one per processor, but one is left for reading."""
    return max(1, int(resources.get("CPU", 1)) - 1)


def _read(batch: Batch) -> Iterator[Batch]:
    for file, path, skip in zip(batch["file"], batch["path"], batch["skip"], strict=True):
        records = records_of(Path(str(path)), int(file), int(skip))
        while part := list(islice(records, AT_ONCE)):
            yield {
                "file": [record.file for record in part],
                "number": [record.number for record in part],
                "bad_line": [r.content.number if isinstance(r.content, BadLine) else 0 for r in part],
                "bad_id": [r.content.id or "" if isinstance(r.content, BadLine) else "" for r in part],
                "content": [
                    r.content.problem if isinstance(r.content, BadLine) else r.content.model_dump_json()
                    for r in part
                ],
            }


class _Actor:
    def __init__(self, job: ScoringJob) -> None:
        self._scorer = Scorer(job)

    def __call__(self, batch: Batch) -> Batch:
        records = [
            Record(
                int(file),
                int(number),
                BadLine(int(bad), str(content), str(bad_id) or None)
                if bad
                else Listing.model_validate_json(str(content)),
            )
            for file, number, bad, bad_id, content in zip(
                batch["file"],
                batch["number"],
                batch["bad_line"],
                batch["bad_id"],
                batch["content"],
                strict=True,
            )
        ]
        lines = self._scorer.lines(records)
        return {
            "file": [line.file for line in lines],
            "number": [line.number for line in lines],
            "kind": [line.kind for line in lines],
            "text": [line.text for line in lines],
        }
