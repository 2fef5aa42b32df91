"""Runs a recipe file: every stage from a base to a released bundle.

Each stage continues from the model of an earlier one, optionally with several seeds. The weights of several
seeds or stages are averaged (model soups, Wortsman et al., 2022). Finished stages are kept, so an interrupted
run resumes.
"""

import json
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from inference.model.bundle import MODEL, load_bundle, shipped_bundle
from inference.model.encoding import Encoder
from inference.model.versioned_folder import sha256_of
from labels.dataset.everyday import load_training
from labels.dataset.shipped import Split, load_split, split_path
from labels.dataset.skeletons import load_skeletons, skeletons_path
from labels.schema import Annotation
from training.base import SHIPPED
from training.base.lineage import held_out_hashes, lineage_of, write_lineage
from training.base.resolve import resolve_base
from training.base.tokenizer import load_encoder
from training.data.examples import shape_for
from training.data.likeness import like_real, likeness
from training.data.real import RealTexts, digest_of
from training.data.texts import as_records
from training.fit.average import Part, average
from training.fit.fine_tune import STUDENT_RECIPE, Recipe, fine_tune, run_inputs
from training.fit.model import LOSSES, ThreeHeadModel
from training.fit.resume import check, record
from training.releasing.release import release, split_hashes

LIBRARIES = (
    "torch",
    "transformers",
    "datasets",
    "pythainlp",
    "scikit-learn",
    "onnxruntime",
    "tokenizers",
    "numpy",
)
"""Libraries whose versions are recorded in the manifest."""

Say = Callable[[str], None]

_RECORD = "stage.json"


class ChainError(ValueError):
    """A recipe cannot be run; the message says what to do."""


@dataclass(frozen=True)
class Stage:
    """One fine-tuning, or several with different seeds and the mean of their weights.

    Attributes:
        written: number of written listings, sampled in proportion to their likeness to real text; default:
            all.
        real_in_batch: windows of real text in each batch of eight; 0 means written listings only.
        real: number of real training texts, in annotation order; default: all.
        claims: how often a real text with claims is read while one without is read once.
        heads_rate: learning rate of the three heads; default: that of the recipe of such a run.
        one_effect: see :class:`training.fit.model.LossWeights`.
        layout: probability that a text's line breaks are changed (:mod:`training.augmentation.augment`).
        recombine: probability that an offer's lines are recombined (:mod:`training.augmentation.recombine`).
        swap: probability that a text's claims are swapped (:mod:`training.augmentation.swap`).
        misread: probability that a text is misread as in a picture (:mod:`training.augmentation.misread`).
        hidden: mean share of hidden tokens (:class:`training.fit.fine_tune.Recipe`).
        layers: number of layers into which the recipe's base is distilled; default: no distillation.
        unannotated: number of texts without annotations that are read too, as real ones: in distillation, or
            in self-training (:mod:`training.fit.self_training`).
        after: name of the earlier stage to continue from; default: the previous one.
        mean_with: names of earlier stages whose weights are averaged with this one's.
    """

    name: str
    epochs: int
    rate: float
    seeds: Sequence[int] = (1,)
    written: int | None = None
    real_in_batch: int = 0
    real: int | None = None
    claims: int = 1
    heads_rate: float | None = None
    one_effect: bool = False
    layout: float = 0.15
    recombine: float = 0.0
    swap: float = 0.0
    misread: float = 0.0
    hidden: float = 0.0
    layers: int | None = None
    unannotated: int = 0
    after: str | None = None
    mean_with: Sequence[str] = ()

    @property
    def teaches_itself(self) -> bool:
        """Whether it is a stage of self-training."""
        return bool(self.unannotated) and self.layers is None


@dataclass(frozen=True)
class ChainRecipe:
    """A recipe for a bundle.

    Attributes:
        version: of the bundle; each shipped bundle has its own.
        inputs: name -> SHA-256 of everything used in training; unnamed inputs are not checked.
    """

    name: str
    version: str
    base: str
    stages: Sequence[Stage]
    inputs: Mapping[str, str] = field(default_factory=dict)
    bf16: bool = True


def shipped_recipe() -> Path:
    """The recipe file of the shipped bundle."""
    return Path(str(resources.files("training"))) / "release.toml"


def read_recipe(path: Path) -> ChainRecipe:
    """Read a recipe file.

    Raises:
        ChainError: it is missing or not a recipe.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        stages = [Stage(**{**row, "seeds": tuple(row.get("seeds", (1,)))}) for row in data.pop("stage")]
        recipe = ChainRecipe(stages=stages, **data)
    except OSError as error:
        raise ChainError(f"{path}: {error.strerror}: name a recipe file") from error
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise ChainError(f"{path} is not a recipe ({error}): compare it with {shipped_recipe()}") from error
    for stage in stages:
        if stage.unannotated and not stage.real_in_batch:
            raise ChainError(
                f"{path}: the stage {stage.name} reads texts without annotations: set real_in_batch"
            )
    if not stages or len({stage.name for stage in stages}) < len(stages):
        raise ChainError(f"{path}: define at least one stage, each with a unique name")
    earlier: dict[str, Stage] = {}
    for stage in stages:
        for name in (*stage.mean_with, *([stage.after] if stage.after else [])):
            if name not in earlier:
                raise ChainError(f"{path}: the stage {stage.name} names {name}, which is no earlier stage")
            if earlier[name].real_in_batch and not stage.real_in_batch:
                raise ChainError(
                    f"{path}: the stage {stage.name} names {name}, which needs the real texts: set "
                    "real_in_batch, or name a stage that needs none"
                )
            if earlier[name].teaches_itself and not stage.teaches_itself:
                raise ChainError(
                    f"{path}: the stage {stage.name} names {name}, which is self-training and may be left "
                    "out: name another stage, or set unannotated and no layers"
                )
        earlier[stage.name] = stage
    return recipe


def inputs_of(base: str, real: RealTexts | None, other_texts: Sequence[str] = ()) -> dict[str, str]:
    """Name -> SHA-256 of the present training inputs; of the shipped bundle, that of its weights."""
    return {
        **({"compact model": load_bundle(shipped_bundle()).manifest.files[MODEL]} if base == SHIPPED else {}),
        **({"texts without annotations": digest_of(other_texts)} if other_texts else {}),
        **split_hashes(),
        **({skeletons_path().name: sha256_of(skeletons_path()), **real.files} if real else {}),
    }


def check_inputs(recipe: ChainRecipe, real: RealTexts | None, other_texts: Sequence[str] = ()) -> None:
    """Check that the present inputs are those of the recipe.

    Raises:
        ChainError: an input is missing or has another hash.
    """
    found = inputs_of(recipe.base, real, other_texts)
    wrong = [name for name, digest in recipe.inputs.items() if found.get(name) != digest]
    if real is not None and real.missing:
        wrong.append(f"{real.missing} of the annotated real texts are missing")
    if wrong:
        raise ChainError(
            f"these inputs differ from the recipe: {', '.join(wrong)}. They would give another model: "
            "get the inputs (ruthan labels real check names missing texts; --screen-texts gives those "
            "without annotations), or say --other-inputs"
        )


def run_chain(
    recipe: ChainRecipe, real: RealTexts | None, out: Path, say: Say, other_texts: Sequence[str] = ()
) -> dict[str, object]:
    """Run a recipe and release the result as ``out/bundle``; return the evaluation report.

    Without real texts the stages that need them are skipped, which gives a model of written listings alone.
    So are those of self-training if there are fewer ``other_texts`` than they read.

    Raises:
        ChainError: no stage is left.
        OtherRunError: a stage in ``out`` was trained with other settings or inputs.
        Exception: one of :data:`training.fit.train.FAILURES`.
    """
    stages = [
        stage
        for stage in recipe.stages
        if (real is not None or not stage.real_in_batch)
        and not (stage.teaches_itself and len(other_texts) < stage.unannotated)
    ]
    few = [stage for stage in recipe.stages if stage.teaches_itself and len(other_texts) < stage.unannotated]
    if real is not None and few:
        most = max(stage.unannotated for stage in few)
        names = ", ".join(stage.name for stage in few)
        say(f"left out: {names}, which read {most:,} texts without annotations (--screen-texts)")
    if not stages:
        raise ChainError("every stage of this recipe needs the real texts: name their folder with --texts")
    folder = resolve_base(recipe.base)
    lineage = lineage_of(recipe.base, folder)
    hashes = held_out_hashes(inputs_of(recipe.base, real, other_texts), lineage, say=say)
    lineage = replace(lineage, test_sha256=hashes.get(split_path(Split.TEST).name, ""))
    encoder = load_encoder(folder)
    done: dict[str, Part] = {}
    last = Part(folder, lineage)
    for stage in stages:
        start = done[stage.after] if stage.after else last
        others = [done[name] for name in stage.mean_with]
        last = done[stage.name] = _run_stage(
            stage, recipe, Starts(start, folder, others), encoder, real, other_texts, out / stage.name, say
        )
    lineage = last.lineage
    return release(
        ThreeHeadModel.from_pretrained(last.folder).eval(),
        encoder,
        shape_for(encoder),
        name=recipe.name if real is not None else f"{recipe.name}-written",
        version=recipe.version,
        base=str(lineage),
        base_licence=lineage.licence,
        validation=load_split(Split.VALIDATION),
        test=load_split(Split.TEST),
        train=[*load_training(), *(load_skeletons() if real is not None else ())],
        work=out,
        bundle=out / "bundle",
        say=say,
        other_texts=other_texts,
        dataset_sha256=hashes,
        real=real,
        made_with=made_with(recipe),
        # A shorter copy of the shipped model stands beside the same linear models.
        linear_from=shipped_bundle() if recipe.base == SHIPPED else None,
    )


@dataclass(frozen=True)
class Starts:
    """The models that a stage is made from.

    Attributes:
        model: training continues from it.
        base: the recipe's, which teaches in distillation.
        others: averaged with the result.
    """

    model: Part
    base: Path
    others: Sequence[Part] = ()


def _run_stage(
    stage: Stage,
    recipe: ChainRecipe,
    starts: Starts,
    encoder: Encoder,
    real: RealTexts | None,
    other_texts: Sequence[str],
    out: Path,
    say: Say,
) -> Part:
    """Train whatever is missing of a stage and return its model, averaged with the others."""
    read = real.train[: stage.real] if real is not None and stage.real_in_batch else ()
    again = [record for record in read if record.spans] * (stage.claims - 1)
    unannotated = other_texts[: stage.unannotated]
    if len(unannotated) < stage.unannotated:
        raise ChainError(
            f"the stage {stage.name} reads {stage.unannotated:,} texts without annotations, and "
            f"{len(unannotated):,} are given: name their files with --screen-texts"
        )
    line = _line(stage, len(read), len(unannotated))
    lineage = starts.model.lineage.then(line)
    usual = Recipe() if stage.layers is None else STUDENT_RECIPE
    models = []
    for seed in stage.seeds:
        run = out / f"seed-{seed}"
        models.append(run / "model")
        settings = replace(
            usual,
            epochs=stage.epochs,
            encoder_rate=stage.rate,
            head_rate=stage.heads_rate or usual.head_rate,
            seed=seed,
            bf16=recipe.bf16,
            real_in_batch=stage.real_in_batch,
            losses=replace(LOSSES, one_effect=stage.one_effect),
            changes=replace(
                usual.changes,
                layout=stage.layout,
                recombine=stage.recombine,
                swap=stage.swap,
                misread=stage.misread,
            ),
            hidden=stage.hidden,
            layers=stage.layers,
        )
        # All written listings: to find those that the likeness draws takes long.
        texts = {
            "listings": [*(load_skeletons() if read else ()), *load_training()],
            "real texts": [*read, *again, *as_records(unannotated)],
        }
        inputs = run_inputs(starts.model.folder, encoder, shape_for(encoder), settings, texts, starts.base)
        inputs["written"] = stage.written
        if (run / "model" / "lineage.json").is_file():
            check(run / _RECORD, inputs)
            say(f"{run} already exists")
            continue
        say(f"{stage.name}: {line}, {stage.epochs} epochs, seed {seed} …")
        fine_tune(
            starts.model.folder,
            encoder,
            _written(stage, read, seed),
            (),
            run,
            shape_for(encoder),
            settings,
            resume=True,
            real=[*read, *again],
            unannotated=unannotated,
            # Without fewer layers, a model teaches itself.
            teacher=starts.base if stage.layers is not None else None,
        )
        record(run / _RECORD, inputs)
        write_lineage(run / "model", lineage)
    parts = [*(Part(model, lineage) for model in models), *starts.others]
    if len(parts) == 1:
        return parts[0]
    lineage = lineage.then(f"the mean of the weights of {len(parts)} fine-tunings")
    mean = out / "mean"
    average(parts).save_pretrained(mean)
    shutil.copyfile(models[0] / "tokenizer.json", mean / "tokenizer.json")
    write_lineage(mean, lineage)
    return Part(mean, lineage)


def _line(stage: Stage, real: int, unannotated: int) -> str:
    """What a stage does, for the lineage."""
    written = f"{stage.written:,} written listings" if stage.written else "all written listings"
    texts = [
        written,
        *([f"{real:,} real texts"] if real else []),
        *([f"{unannotated:,} texts without annotations"] if unannotated else []),
    ]
    done = "fine-tuned" if stage.layers is None else f"distilled into {stage.layers} layers"
    return f"{done} on {' and '.join(texts)}"


def _written(stage: Stage, real: Sequence[Annotation], seed: int) -> list[Annotation]:
    written = load_training()
    if not real:
        return written
    if stage.written is not None:
        weights, _ = likeness(real, written)
        written = like_real(written, weights, stage.written, seed)
    return [*load_skeletons(), *written]


def made_with(recipe: ChainRecipe) -> dict[str, str]:
    """Seeds of the stages, the commit, and the library versions."""
    found = {f"stage {stage.name}": json.dumps(stage.__dict__) for stage in recipe.stages}
    with suppress(OSError, subprocess.CalledProcessError):  # an installed package has no commit
        found["commit"] = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607 - whichever git the user has
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        ).stdout.strip()
    return {**found, **{name: version(name) for name in LIBRARIES}}
