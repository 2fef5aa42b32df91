"""What a recipe's run keeps of finished stages, and says of the test split."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs the train extra")

from labels.schema import Annotation
from training.base.lineage import Lineage, lineage_of, write_lineage
from training.data.real import RealTexts
from training.fit.resume import OtherRunError
from training.releasing import chain
from training.releasing.chain import ChainError, ChainRecipe, Stage, read_recipe, run_chain

pytestmark = pytest.mark.needs_train

Run = Callable[..., Any]


@pytest.fixture
def run(records: list[Annotation], tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs stages that do not train, and returns what is released and the folders that were written."""
    trained: list[str] = []
    shops = [r.model_copy(update={"source": f"shop-{n % 5}"}) for n, r in enumerate(records)]

    def fine_tuned(base: Path, *args: Any, **more: Any) -> None:
        trained.append(f"{args[3].parent.name}/{args[3].name}")
        shutil.copytree(tiny_base, args[3] / "model")

    monkeypatch.setattr(chain, "fine_tune", fine_tuned)
    monkeypatch.setattr(chain, "release", lambda *args, **given: given)
    monkeypatch.setattr(chain, "load_skeletons", lambda: records[:2])

    def chained(
        *stages: Stage, texts: list[Annotation] = records, real: list[Annotation] = shops, **changes: Any
    ) -> tuple[Any, list[str], list[str]]:
        trained.clear()
        said: list[str] = []
        monkeypatch.setattr(chain, "load_training", lambda: texts)
        recipe = replace(ChainRecipe("tiny", "1.2.3", str(tiny_base), stages), **changes)
        told = run_chain(recipe, RealTexts(real, (), "digest", 0), tmp_path / "out", said.append)
        return told, list(trained), said

    return chained


FIRST = Stage("a", epochs=1, rate=1e-4)
SECOND = Stage("b", epochs=1, rate=1e-4, seeds=(1, 2), real_in_batch=4, written=20)


@pytest.mark.filterwarnings("ignore")
def test_finished_stages_are_kept_for_the_same_recipe_alone(run, records, tmp_path) -> None:
    assert run(FIRST, SECOND)[1] == ["a/seed-1", "b/seed-1", "b/seed-2"]
    assert run(FIRST, SECOND)[1] == []
    # Further stages and seeds train, and what is finished stays.
    assert run(FIRST, replace(SECOND, seeds=(1, 3)), replace(FIRST, name="c"))[1] == ["b/seed-3", "c/seed-1"]
    for stages, changes, told in (
        ((replace(FIRST, epochs=2), SECOND), {}, "a/seed-1.*recipe"),
        ((FIRST, replace(SECOND, rate=2e-4)), {}, "b/seed-1.*recipe"),
        ((FIRST, replace(SECOND, written=19)), {}, "b/seed-1.*written"),
        ((FIRST, replace(SECOND, real=5)), {}, "b/seed-1.*real texts"),
        ((FIRST, replace(SECOND, claims=2)), {}, "b/seed-1.*real texts"),
        ((FIRST, replace(SECOND, heads_rate=2e-4)), {}, "b/seed-1.*recipe"),
        ((FIRST, SECOND), {"bf16": False}, "a/seed-1.*recipe"),
        ((FIRST, SECOND), {"texts": records[1:]}, "a/seed-1.*listings"),
        ((FIRST, SECOND), {"real": records}, "b/seed-1.*real texts"),
    ):
        with pytest.raises(OtherRunError, match=told):
            run(*stages, **changes)
    weights = tmp_path / "out" / "a" / "seed-1" / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(OtherRunError, match=r"b/seed-1.*base"):
        run(FIRST, SECOND)


@pytest.mark.filterwarnings("ignore")
def test_texts_with_claims_are_read_as_often_as_the_stage_says(run, records, monkeypatch) -> None:
    given: dict[str, Any] = {}
    fine_tuned = vars(chain)["fine_tune"]

    def noted(*args: Any, **more: Any) -> None:
        given.update(more, recipe=args[6])
        fine_tuned(*args, **more)

    monkeypatch.setattr(chain, "fine_tune", noted)
    run(replace(SECOND, claims=3, heads_rate=2e-4, seeds=(1,)))
    with_claims = sum(bool(record.spans) for record in records)
    assert 0 < with_claims < len(records)
    assert len(given["real"]) == len(records) + 2 * with_claims
    assert given["recipe"].head_rate == 2e-4


@pytest.mark.parametrize("held_out", ["0" * 64, ""])
def test_a_base_that_may_have_learnt_from_the_test_split_is_told(run, held_out, tiny_base, tmp_path) -> None:
    base = Path(shutil.copytree(tiny_base, tmp_path / "base"))
    write_lineage(base, Lineage("compact", "MIT", ("fine-tuned on 9 listings",), held_out))
    told, _, said = run(FIRST, base=str(base))
    assert "test.jsonl" not in told["dataset_sha256"]
    assert "train.jsonl" in told["dataset_sha256"]
    assert any("test split" in line for line in said)
    assert lineage_of("x", tmp_path / "out" / "a" / "seed-1" / "model").test_sha256 == ""


def test_a_base_that_learnt_from_nothing_leaves_the_test_split_named(run, tmp_path) -> None:
    told, _, said = run(FIRST)
    test = told["dataset_sha256"]["test.jsonl"]
    assert lineage_of("x", tmp_path / "out" / "a" / "seed-1" / "model").test_sha256 == test
    assert not any("test split" in line for line in said)


HEAD = 'name = "x"\nversion = "1"\nbase = "y"\n'
WRITTEN = '[[stage]]\nname = "written"\nepochs = 1\nrate = 1e-4\n'
REAL = '[[stage]]\nname = "real"\nepochs = 1\nrate = 1e-4\nreal_in_batch = 4\n'


def recipe_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(HEAD + text)
    return path


def test_a_stage_may_continue_from_a_written_one(tmp_path) -> None:
    last = REAL.replace("real", "last", 1) + 'after = "written"\nmean_with = ["real"]\n'
    stages = read_recipe(recipe_file(tmp_path, WRITTEN + REAL + last)).stages
    assert (stages[-1].after, stages[-1].mean_with) == ("written", ["real"])


@pytest.mark.parametrize("named", ['after = "real"', 'mean_with = ["real"]'])
def test_a_stage_without_real_text_cannot_need_one_with_it(tmp_path, named) -> None:
    """Without the real texts the stage that it names is left out."""
    last = WRITTEN.replace("written", "last") + named + "\n"
    with pytest.raises(ChainError, match="the stage last names real, which needs the real texts"):
        read_recipe(recipe_file(tmp_path, WRITTEN + REAL + last))
