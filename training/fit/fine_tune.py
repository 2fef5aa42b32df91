"""Fine-tunes the model with ``datasets`` and the Hugging Face ``Trainer``."""

import importlib.util
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch.optim import AdamW
from torch.utils.data import Sampler
from transformers import Trainer, TrainingArguments, set_seed

from inference.model.encoding import Encoder
from inference.model.windows import WindowShape
from labels.schema import Annotation
from training.augmentation.augment import Augmenter, Shares
from training.data.examples import Collator
from training.data.texts import as_records
from training.data.window_rows import window_dataset
from training.fit.distil import LayersError, shortened, teaching_loss
from training.fit.lean import pool_dropout, quick_attention
from training.fit.model import LOSSES, LossWeights, ThreeHeadModel
from training.fit.precision import in_bf16
from training.fit.resume import EpochSeeds, begin, digest_in_order, weights_of
from training.fit.self_training import self_training_loss

_LAYER = re.compile(r"\.layer\.(\d+)\.")


@dataclass(frozen=True)
class Recipe:
    """The hyper-parameters of one fine-tuning run.

    Attributes:
        encoder_rate: AdamW learning rate of the encoder's top layer.
        layer_decay: factor from each layer to the one below it (Howard and Ruder, 2018). Without it, the
            compact base collapsed at this rate: every listing got the same answer.
        head_rate: AdamW learning rate of the three heads.
        batch: windows per step.
        warmup: share of warm-up steps.
        real_in_batch: windows of real text per batch, if there is any; an epoch is then one pass over the
            written windows.
        layers: number of layers to keep, evenly spaced; a whole model is then distilled into the shorter one
            (``training.fit.distil``), without dropout. Default: all.
        losses: weights of the parts of the loss.
        changes: augmentation probabilities.
        hidden: mean share of the tokens that are replaced by the unknown piece, so that a claim is not learnt
            from a single word.
    """

    epochs: int = 8
    batch: int = 8
    encoder_rate: float = 1.5e-4
    layer_decay: float = 0.9
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    seed: int = 1
    bf16: bool = False
    real_in_batch: int = 4
    layers: int | None = None
    losses: LossWeights = LOSSES
    changes: Shares = field(default_factory=Shares)
    hidden: float = 0.0


STUDENT_RECIPE = Recipe(
    epochs=3,
    batch=16,
    encoder_rate=2.5e-4,
    layer_decay=1.0,
    head_rate=5e-4,
    warmup=0.03,
    real_in_batch=9,
    changes=Shares(disguise=0.2, layout=0.4, recombine=0.2, misread=0.25),
)
"""Recipe for a model with fewer layers, which imitates the whole model (:mod:`training.fit.distil`)."""


FLAGSHIP_RECIPE = Recipe(
    epochs=6, batch=16, encoder_rate=3e-5, layer_decay=1.0, head_rate=1e-3, weight_decay=0.01, warmup=0.1
)
"""Recipe for WangchanBERTa, not tested here on its real weights.

Rate, decay and warm-up are those usual for its downstream tasks (arXiv 2101.09635; windows of up to 416
tokens, :data:`training.data.examples.FLAGSHIP_SHAPE`); the heads' rate is ours.
"""


class MissingTrackerError(RuntimeError):
    """``MLFLOW_TRACKING_URI`` is set but MLflow is not installed."""


def _trackers() -> list[str]:
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        return ["tensorboard"]
    if importlib.util.find_spec("mlflow") is None:
        raise MissingTrackerError(
            "MLFLOW_TRACKING_URI is set but MLflow is not installed: pip install mlflow, or unset it"
        )
    return ["tensorboard", "mlflow"]


class ThreeHeadTrainer(Trainer):
    """A Trainer with layer-wise learning rates, our own batch order and an optional teacher."""

    def __init__(
        self,
        *args: Any,
        recipe: Recipe,
        sampler: Sampler[int],
        teacher: ThreeHeadModel | None = None,
        **kwargs: Any,
    ) -> None:
        self.recipe = recipe
        self.sampler = sampler
        self.teacher = teacher
        self.layers = int(kwargs["model"].config.num_hidden_layers)
        super().__init__(*args, **kwargs)
        if teacher is not None:  # the Trainer moves only its own model and the batches
            torch.nn.Module.to(teacher, self.args.device)

    def create_optimizer(self, model: torch.nn.Module | None = None) -> torch.optim.Optimizer:
        """AdamW with layer-wise rates and separate head rates; no weight decay on biases and norms."""
        model = model or self.model
        assert model is not None
        groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
        for name, parameter in model.named_parameters():
            rate = self._rate(name, self.layers)
            decay = 0.0 if parameter.ndim < 2 else self.recipe.weight_decay
            groups.setdefault((rate, decay), []).append(parameter)
        self.optimizer = AdamW(
            [{"params": p, "lr": rate, "weight_decay": decay} for (rate, decay), p in groups.items()],
            fused=True,
        )
        return self.optimizer

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """The annotation loss; in training with a teacher, that of distillation or of self-training."""
        if self.teacher is None or not model.training:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        if self.recipe.layers is None:
            loss, outputs = self_training_loss(model, self.teacher, inputs, self.recipe.losses)
            return (loss, outputs) if return_outputs else loss
        seen = {
            "input_ids": inputs["input_ids"],
            "attention_mask": inputs["attention_mask"],
            "output_hidden_states": True,
        }
        outputs = model(**seen)
        with torch.no_grad():
            told = self.teacher(**seen)
        loss = teaching_loss(outputs, told, inputs["attention_mask"])
        return (loss, outputs) if return_outputs else loss

    def _rate(self, name: str, layers: int) -> float:
        if "_head." in name:
            return self.recipe.head_rate
        layer = _LAYER.search(name)
        below_top = layers - 1 - int(layer.group(1)) if layer else layers
        return float(self.recipe.encoder_rate * self.recipe.layer_decay**below_top)

    def _get_train_sampler(self, train_dataset: Dataset | None = None) -> Sampler[int]:
        return self.sampler


def fine_tune(
    base: Path,
    encoder: Encoder,
    records: Sequence[Annotation],
    validation: Sequence[Annotation],
    out: Path,
    shape: WindowShape,
    recipe: Recipe,
    resume: bool = False,
    class_unknown: Sequence[Annotation] = (),
    real: Sequence[Annotation] = (),
    unannotated: Sequence[str] = (),
    teacher: Path | None = None,
) -> ThreeHeadModel:
    """Train the three-head model on ``records`` and return it in evaluation mode.

    A checkpoint is kept after each epoch under ``out/checkpoints``; the finished model is written to
    ``out/model`` (safetensors).

    Args:
        base: folder of the encoder, or of a three-head model to continue from.
        validation: records whose loss is logged after each epoch; none saves the time.
        resume: continue from the last checkpoint in ``out``, if there is one; otherwise the checkpoints there
            are deleted.
        class_unknown: further training records whose product class is masked.
        real: further training records with real text; each batch has ``recipe.real_in_batch`` of their
            windows.
        unannotated: further real texts without annotations, for distillation, or for self-training with the
            answers of ``base`` if the recipe keeps all layers.
        teacher: folder of the whole model to distil; default: ``base``.

    Raises:
        MissingTrackerError: MLflow is requested but not installed.
        LayersError: the base has fewer layers than the recipe keeps, or no heads to teach with.
        OtherRunError: the checkpoint to continue from is that of a run with other inputs.
    """
    set_seed(recipe.seed)
    model, missing = _loaded(base)
    taught_by = base if teacher is None else teacher
    whole = None
    if recipe.layers is not None or unannotated:
        # The student is trained in place, so a teacher of all layers must be a copy.
        is_start = teacher is None and recipe.layers is not None
        whole, lacking = (model, missing) if is_start else _loaded(taught_by)
        if any("_head." in name for name in lacking):
            raise LayersError(
                f"{taught_by} has no trained heads, so it cannot teach: train all of its layers first, or "
                "continue from a bundle (--base current)"
            )
    if recipe.layers is not None:
        model = shortened(model, recipe.layers)
        _without_dropout(model)
    if whole is not None:
        whole.eval().requires_grad_(False)
    model.losses = recipe.losses
    pool_dropout(model)
    augmenter = Augmenter([*records, *real], recipe.changes, recipe.seed, claims_of=real)
    free = as_records(unannotated)
    windows = window_dataset(
        records,
        encoder,
        shape,
        augmenter,
        class_unknown,
        real,
        free,
        recipe.hidden,
        self_training=bool(free) and recipe.layers is None,
    )
    sampler = windows.sampler(recipe.batch, recipe.real_in_batch, recipe.seed)
    steps = recipe.epochs * -(-len(sampler) // recipe.batch)
    texts = {"listings": records, "listings without a class": class_unknown, "real texts": [*real, *free]}
    goes_on = begin(out, run_inputs(base, encoder, shape, recipe, texts, teacher), resume)
    arguments = TrainingArguments(
        output_dir=str(out / "checkpoints"),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch,
        per_device_eval_batch_size=16,
        learning_rate=recipe.encoder_rate,
        warmup_steps=round(recipe.warmup * steps),
        lr_scheduler_type="linear",
        bf16=in_bf16(recipe.bf16),
        use_cpu=not torch.cuda.is_available(),
        seed=recipe.seed,
        eval_strategy="epoch" if validation else "no",
        save_strategy="epoch",
        save_total_limit=2,
        logging_steps=50,
        report_to=_trackers(),
        remove_unused_columns=False,
        label_names=["tags", "product_class", "offer"],
        prediction_loss_only=True,
        dataloader_pin_memory=False,
        # Listings are read and augmented in a worker, a new one for each epoch, which copies the augmenter
        # with that epoch's seed.
        dataloader_num_workers=1,
    )
    trainer = ThreeHeadTrainer(
        model=model,
        args=arguments,
        train_dataset=windows.data,
        eval_dataset=window_dataset(validation, encoder, shape, augmenter=None).data if validation else None,
        data_collator=Collator(encoder.pad_id),
        recipe=recipe,
        sampler=sampler,
        teacher=whole,
        callbacks=[EpochSeeds(augmenter.random, recipe.seed)],
    )
    trainer.train(resume_from_checkpoint=True if goes_on else None)
    model.save_pretrained(out / "model")
    # With its tokenizer, the folder can be the base of a later run.
    encoder.tokenizer.save(str(out / "model" / "tokenizer.json"), pretty=False)
    (out / "recipe.json").write_text(json.dumps({**asdict(recipe), **asdict(shape)}, indent=2) + "\n")
    # Reload: the Trainer leaves autocast wrapped around the forward pass, and an export would include it.
    trained: ThreeHeadModel = ThreeHeadModel.from_pretrained(out / "model")
    trained.eval()
    return trained


def run_inputs(
    base: Path,
    encoder: Encoder,
    shape: WindowShape,
    recipe: Recipe,
    texts: Mapping[str, Sequence[Annotation]],
    teacher: Path | None = None,
) -> dict[str, Any]:
    """Name -> settings or hashes of everything that a fine-tuned model depends on."""
    return {
        "base": weights_of(base),
        "teacher": None if teacher is None else weights_of(teacher),
        "tokenizer": digest_in_order([encoder.tokenizer.to_str(), encoder.preprocessing]),
        "windows": asdict(shape),
        "recipe": asdict(recipe),
        **{name: digest_in_order(records) for name, records in texts.items()},
    }


def _loaded(folder: Path) -> tuple[ThreeHeadModel, set[str]]:
    """A model for training, and the names of the weights that its folder lacks.

    Without attention dropout: without an accelerator, drawing it takes a large part of each step.
    """
    loaded: Any = ThreeHeadModel.from_pretrained(
        folder,
        attention_probs_dropout_prob=0.0,
        attn_implementation=quick_attention(),
        output_loading_info=True,
    )
    return loaded[0], set(loaded[1]["missing_keys"])


def _without_dropout(model: torch.nn.Module) -> None:
    """A student that imitates its teacher has more than enough targets to need no dropout."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
