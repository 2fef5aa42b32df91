"""Averages the weights of several fine-tuned models into one bundle of the same size and speed.

Runs from the same starting weights end in the same basin of the loss, and their mean tends to beat each of
them at no cost in serving (model soups, Wortsman et al., 2022).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import torch

from labels.dataset.everyday import load_training
from labels.dataset.shipped import Split, check_splits, load_split, split_path
from training.base.lineage import Lineage, held_out_hashes, lineage_of, write_lineage
from training.base.resolve import resolve_base
from training.base.tokenizer import load_encoder
from training.data.examples import shape_for
from training.fit.model import ThreeHeadModel
from training.releasing.release import release, split_hashes


class AverageError(ValueError):
    """The models cannot be averaged; the message says why."""


@dataclass(frozen=True)
class Part:
    """One of the models: its checkpoint folder and lineage."""

    folder: Path
    lineage: Lineage


def shared_lineage(parts: Sequence[Part]) -> Lineage:
    """The common lineage of all parts, with averaging as a further step.

    Raises:
        AverageError: they do not share a base.
    """
    bases = {part.lineage.base for part in parts}
    if len(bases) > 1:
        raise AverageError(
            f"the models have different bases ({', '.join(sorted(bases))}): their mean is noise"
        )
    together = zip(*(part.lineage.steps for part in parts), strict=False)
    shared = tuple(steps[0] for steps in takewhile(lambda steps: len(set(steps)) == 1, together))
    start = Lineage(parts[0].lineage.base, parts[0].lineage.licence, shared)
    return start.then(f"the mean of the weights of {len(parts)} fine-tunings")


def average(parts: Sequence[Part]) -> ThreeHeadModel:
    """A model in evaluation mode whose weights are the means of the parts' weights.

    Raises:
        AverageError: there are fewer than two parts, or shapes or tokenizers differ.
    """
    if len(parts) < 2:
        raise AverageError("name at least two models: one has no mean")
    tokenizers = {(part.folder / "tokenizer.json").read_bytes() for part in parts}
    if len(tokenizers) > 1:
        raise AverageError("the models have different tokenizers: their weights do not mean the same words")
    mean: ThreeHeadModel = ThreeHeadModel.from_pretrained(parts[0].folder)
    total = {name: value.detach().double() for name, value in mean.state_dict().items()}
    for part in parts[1:]:
        weights = ThreeHeadModel.from_pretrained(part.folder).state_dict()
        unlike = [name for name in total if name not in weights or weights[name].shape != total[name].shape]
        if unlike or len(weights) != len(total):
            raise AverageError(f"{part.folder} has other weights than {parts[0].folder}: {unlike[:3]}")
        for name, value in weights.items():
            total[name] += value.double()
    with torch.no_grad():
        mean.load_state_dict({name: value / len(parts) for name, value in total.items()})
    mean.eval()
    return mean


def average_and_release(
    models: Sequence[str],
    out: Path,
    name: str | None = None,
    data: Path | None = None,
    window: int | None = None,
    other_texts: Sequence[str] = (),
    say: Callable[[str], None] = print,
) -> dict[str, object]:
    """Write the mean of ``models`` to ``out/model`` and its bundle to ``out/bundle``; return the report.

    Calibration, thresholds, the bag-of-words model and the prefilter are fitted again, as after training.

    Args:
        models: folders ``model/`` of runs, or bundles.
        data: folder of the three splits; default: the shipped dataset.
        window: tokens per window, if the models were not trained with their base's default.
        other_texts: see :func:`training.fit.prefilter.fit_screen`.

    Raises:
        AverageError: see :func:`average` and :func:`shared_lineage`.
        Exception: one of :data:`training.fit.train.FAILURES`.
    """
    check_splits(data)
    parts = []
    for model in models:
        folder = resolve_base(model, use_hub=False)
        parts.append(Part(folder, lineage_of(model, folder)))
    lineage = shared_lineage(parts)
    say(f"averaging {len(parts)} models …")
    mean = average(parts)
    encoder = load_encoder(parts[0].folder)
    folder = out / "model"
    mean.save_pretrained(folder)
    encoder.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    hashes = held_out_hashes(split_hashes(data), *(part.lineage for part in parts), say=say)
    held_out = hashes.get(split_path(Split.TEST).name, "")
    write_lineage(folder, replace(lineage, test_sha256=held_out))
    return release(
        mean,
        encoder,
        shape_for(encoder, window),
        name=name or lineage.base.rstrip("/").split("/")[-1],
        base=str(lineage),
        base_licence=lineage.licence,
        validation=load_split(Split.VALIDATION, data),
        test=load_split(Split.TEST, data),
        train=load_training(data),
        work=out,
        bundle=out / "bundle",
        say=say,
        dataset_sha256=hashes,
        other_texts=other_texts,
    )
