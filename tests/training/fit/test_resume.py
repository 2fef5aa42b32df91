"""An interrupted training run reads on as if it had not been interrupted, and no other run in its place."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inference.model.windows import WindowShape
from labels.schema import Annotation
from training.base.tokenizer import load_encoder
from training.data.mixing import GroupedSampler, MixedSampler
from training.fit.fine_tune import Recipe, ThreeHeadTrainer, fine_tune
from training.fit.model import ThreeHeadModel
from training.fit.pretrain import PretrainRecipe, pretrain
from training.fit.resume import OtherRunError

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]

SHAPE = WindowShape(size=64, overlap=8, head=8)
RECIPE = Recipe(epochs=2, batch=8, hidden=0.2, encoder_rate=3e-3)

Train = Callable[..., list[list[list[int]]]]


@pytest.fixture
def train(
    tiny_base: Path, records: list[Annotation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Train:
    """Trains on the tiny records, in ``tmp_path / "run"`` unless told otherwise; returns the batches' ids.

    With ``steps`` it is interrupted after so many.
    """

    def trained(steps: int = 99, **changes: Any) -> list[list[list[int]]]:
        batches: list[list[list[int]]] = []
        given = {"base": tiny_base, "records": records, "recipe": RECIPE, "out": tmp_path / "run", **changes}
        compute = ThreeHeadTrainer.compute_loss

        def compute_loss(trainer: Any, model: Any, inputs: Any, *args: Any, **more: Any) -> Any:
            if len(batches) == steps:
                raise KeyboardInterrupt
            batches.append(inputs["input_ids"].tolist())
            return compute(trainer, model, inputs, *args, **more)

        with monkeypatch.context() as patched:
            patched.setattr(ThreeHeadTrainer, "compute_loss", compute_loss)
            with suppress(KeyboardInterrupt):
                fine_tune(encoder=load_encoder(tiny_base), validation=(), shape=SHAPE, **given)
        return batches

    return trained


def checkpoints(out: Path) -> list[str]:
    return sorted(path.name for path in (out / "checkpoints").glob("checkpoint-*"))


@pytest.mark.slow(15)
@pytest.mark.parametrize("with_real", [False, True])
def test_a_resumed_run_reads_on_as_one_that_was_not_interrupted(train, records, tmp_path, with_real) -> None:
    real = [r.model_copy(update={"id": f"real-{r.id}", "source": "shop"}) for r in records] * with_real
    whole = train(out=tmp_path / "whole", real=real)
    epoch = len(whole) // 2
    begun = train(real=real, steps=epoch + 1)
    assert checkpoints(tmp_path / "run") == [f"checkpoint-{epoch}"]
    assert begun == whole[: epoch + 1]
    assert train(real=real, resume=True) == whole[epoch:]
    assert whole[epoch:] != whole[:epoch]


@pytest.mark.slow(10)
def test_another_run_in_the_folder_is_not_taken_for_this_one(train, tmp_path) -> None:
    """The earlier run had more epochs, so that its checkpoints have the higher numbers."""
    train(recipe=replace(RECIPE, epochs=4))
    train(steps=4)
    assert checkpoints(tmp_path / "run") == ["checkpoint-3"]
    assert len(train(resume=True)) == 3


@pytest.mark.slow(10)
def test_a_run_is_resumed_only_with_what_it_began_with(train, tiny_base, records, tmp_path) -> None:
    train(steps=4)
    other = tmp_path / "other"
    ThreeHeadModel.from_pretrained(tiny_base).save_pretrained(other)
    for changes, told in (
        ({"recipe": replace(RECIPE, seed=2)}, "recipe"),
        ({"records": records[:-1]}, "listings"),
        ({"base": other}, "base"),
        ({"real": records[:3]}, "real texts"),
    ):
        with pytest.raises(OtherRunError, match=f"begun with other inputs .{told}.*another --out"):
            train(**changes, resume=True)
    assert checkpoints(tmp_path / "run") == ["checkpoint-3"]
    (tmp_path / "run" / "run.json").unlink()
    with pytest.raises(OtherRunError, match="no record"):
        train(resume=True)


def test_further_pretraining_is_resumed_only_with_what_it_began_with(tiny_base, tmp_path) -> None:
    encoder, texts = load_encoder(tiny_base), ["ชาใบหม่อน ราคา 99 บาท", "ครีมผิว หอม"] * 4

    def run(epochs: int, resume: bool = False) -> None:
        pretrain(tiny_base, encoder, texts, tmp_path, 64, PretrainRecipe(epochs=epochs, batch=4), resume)

    run(3)
    run(1)
    assert checkpoints(tmp_path) == ["checkpoint-2"]
    run(1, resume=True)
    with pytest.raises(OtherRunError, match="recipe"):
        run(2, resume=True)


@pytest.mark.parametrize(
    "sampler",
    [
        lambda seed: MixedSampler([False] * 30 + [True] * 9, [5] * 39, 8, 2, seed),
        lambda seed: GroupedSampler(8, range(39), seed),
    ],
)
def test_the_order_of_an_epoch_does_not_depend_on_the_epochs_before(sampler) -> None:
    one, other = sampler(1), sampler(1)
    orders = []
    for epoch in range(3):
        one.set_epoch(epoch)
        orders.append(list(one))
    other.set_epoch(2)
    assert list(other) == orders[2]
    assert orders[0] != orders[1] != orders[2]
    another = sampler(2)
    assert list(another) not in orders
