"""Lets an interrupted training run, and no other, continue from its checkpoints."""

import hashlib
import json
import random
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from inference.model.versioned_folder import sha256_of
from labels.files.whole import write_whole
from labels.schema import Annotation
from training.data.mixing import epoch_seed

RECORD = "run.json"


class OtherRunError(RuntimeError):
    """A folder holds another run; the message says what to do."""


def weights_of(folder: Path) -> dict[str, str]:
    """File name -> SHA-256 of the weights in a checkpoint folder."""
    files = sorted(path for path in folder.iterdir() if path.suffix in {".safetensors", ".bin"})
    return {path.name: sha256_of(path) for path in files}


def digest_in_order(texts: Iterable[Annotation | str]) -> str:
    """SHA-256 of texts with their annotations, in order."""
    found = hashlib.sha256()
    for text in texts:
        written = text if isinstance(text, str) else text.model_dump_json()
        found.update(hashlib.sha256(written.encode()).digest())
    return found.hexdigest()


def begin(out: Path, inputs: Mapping[str, Any], resume: bool) -> bool:
    """Prepare a folder for a run; return whether it continues from a checkpoint there.

    A run that does not resume deletes the checkpoints of earlier ones, because the Trainer continues from
    the highest step, whichever run it is of.

    Raises:
        OtherRunError: the checkpoints are those of a run with other inputs.
    """
    checkpoints = list((out / "checkpoints").glob("checkpoint-*"))
    if resume and checkpoints:
        check(out / RECORD, inputs)
        return True
    for checkpoint in checkpoints:
        shutil.rmtree(checkpoint)
    record(out / RECORD, inputs)
    return False


def record(path: Path, inputs: Mapping[str, Any]) -> None:
    """Write what a run is made from beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (json.dumps(inputs, ensure_ascii=False, indent=2) + "\n").encode(), private=False)


def check(path: Path, inputs: Mapping[str, Any]) -> None:
    """Check that a recorded run has these inputs.

    Raises:
        OtherRunError: it has others, or there is no record.
    """
    remedy = f"delete {path.parent}, or name another --out"
    if not path.is_file():
        raise OtherRunError(f"{path.parent} has no record of its inputs, {path.name}: {remedy}")
    found = json.loads(path.read_bytes())
    given = json.loads(json.dumps(inputs))
    differing = [name for name in {**found, **given} if found.get(name) != given.get(name)]
    if differing:
        raise OtherRunError(
            f"{path.parent} was begun with other inputs ({', '.join(differing)}): give the same, {remedy}"
        )


class EpochSeeds(TrainerCallback):
    """Reseeds a random generator for each epoch, so that a resumed run draws the same."""

    def __init__(self, rng: random.Random, seed: int) -> None:
        self._random = rng
        self._seed = seed

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Called by the Trainer before it opens the data of an epoch."""
        self._random.seed(epoch_seed(self._seed, round(state.epoch or 0)))
