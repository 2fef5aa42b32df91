"""Further pretraining of a base by masked-language modelling on Thai text (Gururangan et al., 2020).

Whole words (segmented by PyThaiNLP) are masked, so that a piece cannot be guessed from the rest of its word.
"""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor, nn
from torch.utils.data import Sampler
from transformers import CamembertConfig, CamembertModel, Trainer, TrainingArguments, set_seed
from transformers.models.camembert.modeling_camembert import CamembertPreTrainedModel
from transformers.utils.generic import ModelOutput

from inference.model.encoding import Encoder
from inference.model.windows import WindowShape, plan_windows
from inference.text.reading import read
from training.data.mixing import GroupedSampler
from training.fit.lean import pool_dropout, quick_attention
from training.fit.model import IGNORED
from training.fit.precision import in_bf16
from training.fit.resume import EpochSeeds, begin, digest_in_order, weights_of

MASKED = 0.2
"""Share of words to mask; more than BERT's 0.15 helps (Wettig et al., 2023)."""

LONGEST_TEXT = 6000
"""Maximum characters per text, so that a few long reports do not outweigh thousands of posts."""


@dataclass(frozen=True)
class PretrainRecipe:
    """Hyper-parameters of further pretraining."""

    epochs: int = 2
    batch: int = 16
    rate: float = 2e-4
    warmup: float = 0.06
    seed: int = 1
    bf16: bool = False


@dataclass
class MaskedOutput(ModelOutput):
    """The output of the model: only the loss."""

    loss: Tensor | None = None


class MaskedLanguageModel(CamembertPreTrainedModel):
    """``CamembertModel`` with a language-modelling head, tied to the embeddings, over masked tokens only."""

    def __init__(self, config: CamembertConfig) -> None:
        super().__init__(config)
        self.roberta = CamembertModel(config, add_pooling_layer=False)
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.post_init()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor, **_: Any) -> MaskedOutput:
        """Mean cross-entropy over the masked tokens.

        Args:
            input_ids: shape ``(batch, tokens)``, with masked words replaced.
            labels: ids of the masked tokens, :data:`training.fit.model.IGNORED` elsewhere, same shape.
        """
        hidden = self.roberta(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        asked = labels != IGNORED
        features = self.norm(nn.functional.gelu(self.dense(hidden[asked])))
        logits = nn.functional.linear(features, self.roberta.get_input_embeddings().weight)
        return MaskedOutput(loss=nn.functional.cross_entropy(logits.float(), labels[asked]))


class MaskingCollator:
    """Masks random words of windows and pads to the longest.

    Args:
        vocabulary: number of ids, for random replacements.
    """

    def __init__(self, encoder: Encoder, vocabulary: int, seed: int) -> None:
        self.pad = encoder.pad_id
        # The compact base has no <mask>: its unknown piece serves as one and keeps its meaning.
        found = (encoder.tokenizer.token_to_id(token) for token in ("<mask>", "<unk>"))
        self.mask = next(token_id for token_id in found if token_id is not None)
        self.vocabulary = vocabulary
        self.random = random.Random(seed)  # noqa: S311 - masks

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Tensor]:
        """``input_ids``, ``attention_mask`` and ``labels`` of a batch."""
        longest = max(len(row["ids"]) for row in rows)
        ids = torch.full((len(rows), longest), self.pad)
        attended = torch.zeros((len(rows), longest), dtype=torch.long)
        labels = torch.full((len(rows), longest), IGNORED)
        for i, row in enumerate(rows):
            hidden, answer = self._hide(row["ids"], row["words"])
            ids[i, : len(hidden)] = torch.tensor(hidden)
            labels[i, : len(hidden)] = torch.tensor(answer)
            attended[i, : len(hidden)] = 1
        return {"input_ids": ids, "attention_mask": attended, "labels": labels}

    def _hide(self, ids: list[int], words: list[int]) -> tuple[list[int], list[int]]:
        """Of ten masked words eight become the mask, one random pieces, one stays (Devlin et al., 2019)."""
        distinct = sorted(set(words) - {-1})
        chosen = set(self.random.sample(distinct, max(1, round(MASKED * len(distinct)))) if distinct else ())
        fate = {word: self.random.random() for word in chosen}
        hidden, answer = list(ids), [IGNORED] * len(ids)
        for k, word in enumerate(words):
            if word not in chosen:
                continue
            answer[k] = ids[k]
            if fate[word] < 0.8:
                hidden[k] = self.mask
            elif fate[word] < 0.9:
                hidden[k] = self.random.randrange(4, self.vocabulary)
        return hidden, answer


def pretrain_windows(texts: Sequence[str], encoder: Encoder, size: int) -> Dataset:
    """One row per window: ``ids`` with the special tokens, and ``words``, the word number of each token."""
    shape = WindowShape(size, overlap=0, head=0)
    rows = []
    for text in texts:
        tokens = encoder.encode(read(text[:LONGEST_TEXT]))
        numbers: list[int] = tokens.word_start.cumsum().tolist()
        for w in plan_windows(tokens.word_start.tolist(), shape):
            if len(w):
                ids = [encoder.bos_id, *tokens.ids[w.start : w.end].tolist(), encoder.eos_id]
                rows.append({"ids": ids, "words": [-1, *numbers[w.start : w.end], -1]})
    return Dataset.from_list(rows)


class _GroupedTrainer(Trainer):
    """A Trainer with batches of windows of similar length."""

    def _get_train_sampler(self, train_dataset: Dataset | None = None) -> Sampler[int]:
        assert train_dataset is not None
        lengths = [len(ids) for ids in train_dataset["ids"]]
        return GroupedSampler(self.args.train_batch_size, lengths, self.args.seed)


def pretrain(
    base: Path,
    encoder: Encoder,
    texts: Sequence[str],
    out: Path,
    size: int,
    recipe: PretrainRecipe,
    resume: bool = False,
) -> Path:
    """Pretrain further and write the encoder to ``out/model``, a folder for ``ruthan train --base``.

    Checkpoints and logs are under ``out/checkpoints``. Without ``resume`` earlier checkpoints are deleted.

    Raises:
        OtherRunError: the checkpoint to continue from is that of a run with other inputs.
    """
    set_seed(recipe.seed)
    model = MaskedLanguageModel.from_pretrained(
        base, attention_probs_dropout_prob=0.0, attn_implementation=quick_attention()
    )
    pool_dropout(model)
    windows = pretrain_windows(texts, encoder, size)
    steps = recipe.epochs * -(-len(windows) // recipe.batch)
    arguments = TrainingArguments(
        output_dir=str(out / "checkpoints"),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch,
        learning_rate=recipe.rate,
        warmup_steps=round(recipe.warmup * steps),
        weight_decay=0.01,
        bf16=in_bf16(recipe.bf16),
        use_cpu=not torch.cuda.is_available(),
        seed=recipe.seed,
        save_steps=500,
        save_total_limit=1,
        logging_steps=25,
        report_to=["tensorboard"],
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=False,
    )
    inputs = {
        "base": weights_of(base),
        "tokenizer": digest_in_order([encoder.tokenizer.to_str(), encoder.preprocessing]),
        "window": size,
        "recipe": asdict(recipe),
        "texts": digest_in_order(texts),
    }
    goes_on = begin(out, inputs, resume)
    collator = MaskingCollator(encoder, model.config.vocab_size, recipe.seed)
    trainer = _GroupedTrainer(
        model=model,
        args=arguments,
        train_dataset=windows,
        data_collator=collator,
        callbacks=[EpochSeeds(collator.random, recipe.seed)],
    )
    trainer.train(resume_from_checkpoint=True if goes_on else None)
    folder = out / "model"
    model.roberta.save_pretrained(folder)
    encoder.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    return folder
