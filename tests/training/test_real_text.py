"""Real text in training: mixing batches, likeness, metrics, calibration, and the whole chain."""

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the train extra")

from click.testing import CliRunner

from benchmarks.texts.real_curve import sample
from benchmarks.texts.real_spans import shared, without_labels
from inference.model.bundle import load_bundle, shipped_bundle
from labels.real.standoff import LARGEST_SOURCE
from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass
from ruthan import main
from training.data.likeness import like_real, likeness
from training.data.mixing import MixedSampler
from training.data.real import RealTexts, digest_of, halves, shift_gap
from training.fit.average import Part
from training.fit.fine_tune import STUDENT_RECIPE
from training.fit.model import ThreeHeadModel
from training.releasing import chain
from training.releasing.chain import (
    ChainError,
    ChainRecipe,
    Stage,
    check_inputs,
    read_recipe,
    run_chain,
    shipped_recipe,
)

pytestmark = pytest.mark.needs_train


@pytest.mark.parametrize("written", [3, 40, 1_001])
def test_every_batch_holds_its_share_of_real_text(written: int) -> None:
    real = [False] * written + [True] * 7
    sampler = MixedSampler(real, list(range(len(real))), batch=8, real_in_batch=3, seed=1)
    for _ in range(2):
        rows = list(sampler)
        assert len(rows) == len(sampler)
        assert sorted(row for row in rows if not real[row]) == list(range(written))
        drawn = [row for row in rows if real[row]]
        assert len(drawn) == 3 * -(-written // 5)
        full = [rows[i : i + 8] for i in range(0, len(rows) - 8 * 50, 8)]
        assert all(sum(real[row] for row in batch) == 3 for batch in full)


def test_epochs_differ_and_seeds_repeat() -> None:
    def epochs(seed: int) -> tuple[list[int], list[int]]:
        sampler = MixedSampler([False] * 30 + [True] * 9, [5] * 39, 8, 2, seed)
        return list(sampler), list(sampler)

    first, second = epochs(1)
    assert first != second
    assert epochs(1) == (first, second)
    assert epochs(2)[0] != first


@pytest.mark.parametrize("real_in_batch", [0, 8])
def test_a_batch_needs_both_kinds(real_in_batch: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        MixedSampler([True, False], [1, 1], 8, real_in_batch, 1)


def record(n: int, text: str, source: str = "", **changes: object) -> Annotation:
    fields: dict[str, object] = {
        "id": f"{source or 'w'}-{n}",
        "platform": Platform.WEB_SHOP,
        "product_class": ProductClass.OTHER,
        "offer": True,
        "text": text,
        "source": source,
    }
    return Annotation.model_validate(fields | changes)


def test_likeness_tells_written_from_real_and_finds_the_ones_that_pass() -> None:
    real = [record(n, f"จำหน่ายปลีก-ส่ง OEM ครีม lot {n} สนใจ inbox ค่ะ", f"shop-{n % 8}") for n in range(40)]
    smooth = [record(n, f"สัมผัสความสดชื่นที่ออกแบบมาเพื่อคุณโดยเฉพาะ รุ่น {n}") for n in range(60)]
    rough = [record(100 + n, f"จำหน่ายปลีก-ส่ง ครีม lot {n} สนใจ inbox ค่ะ") for n in range(6)]
    weights, auc = likeness(real, [*smooth, *rough])
    assert auc > 0.9
    assert weights[60:].min() > weights[:60].max()
    drawn = like_real([*smooth, *rough], weights, 6, seed=3)
    assert len(drawn) == 6
    assert sum(r in rough for r in drawn) >= 2  # by chance 0.5 of them would be
    assert like_real(smooth, weights[:60], 999, seed=3) == smooth


def test_halves_keep_a_source_together_unless_it_has_many_sellers() -> None:
    small = [record(n, "ก", f"source-{n % 9}") for n in range(45)]
    large = [record(n, "ข", "marketplace") for n in range(LARGEST_SOURCE + 20)]
    first, second = halves([*small, *large])
    assert abs(len(first) - len(second)) <= 5
    assert len(first) + len(second) == len(small) + len(large)
    assert {r.source for r in first} & {r.source for r in second} == {"marketplace"}


def test_the_shift_gap_is_written_less_real() -> None:
    found = shift_gap({"span_f1": 0.8, "macro_f1": 0.9}, {"span_f1": 0.5, "macro_f1": None, "seen": 1.0})
    assert found == {"span_f1": pytest.approx(0.3)}


@pytest.mark.parametrize(
    ("path", "name", "base"),
    [
        (shipped_recipe(), "compact", "compact"),
        (shipped_recipe().with_name("small.toml"), "small", "shipped"),
    ],
)
def test_the_recipe_of_a_shipped_bundle_names_its_inputs(path: Path, name: str, base: str) -> None:
    recipe = read_recipe(path)
    assert (recipe.name, recipe.base) == (name, base)
    assert recipe.version == load_bundle(shipped_bundle(name)).manifest.version
    assert recipe.stages[-1].real_in_batch > 0
    assert {"train.jsonl", "validation.jsonl", "test.jsonl", "real.jsonl", "real texts"} <= set(recipe.inputs)
    here = {name: digest for name, digest in recipe.inputs.items() if "texts" not in name}
    found = chain.inputs_of(base, RealTexts([], [], "", 0))
    assert here == {name: found[name] for name in here}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "x"\nversion = "1"\nbase = "y"\n', "not a recipe"),
        (
            'name = "x"\nversion = "1"\nbase = "y"\n[[stage]]\nname = "a"\nepochs = 1\nspeed = 3\n',
            "not a recipe",
        ),
        (
            'name = "x"\nversion = "1"\nbase = "y"\n'
            + '[[stage]]\nname = "a"\nepochs = 1\nrate = 1e-4\n' * 2,
            "a unique name",
        ),
        (
            'name = "x"\nversion = "1"\nbase = "y"\n'
            '[[stage]]\nname = "a"\nepochs = 1\nrate = 1e-4\nreal_in_batch = 4\n'
            '[[stage]]\nname = "b"\nepochs = 1\nrate = 1e-4\nafter = "a"\nmean_with = ["c"]\n',
            "the stage b names c",
        ),
        (
            'name = "x"\nversion = "1"\nbase = "y"\n'
            '[[stage]]\nname = "a"\nepochs = 1\nrate = 1e-4\nunannotated = 9\n',
            "set real_in_batch",
        ),
        (
            'name = "x"\nversion = "1"\nbase = "y"\n'
            '[[stage]]\nname = "a"\nepochs = 1\nrate = 1e-4\nreal_in_batch = 4\nunannotated = 9\n'
            '[[stage]]\nname = "b"\nepochs = 1\nrate = 1e-4\nreal_in_batch = 4\nmean_with = ["a"]\n',
            "which is self-training",
        ),
    ],
)
def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises(ChainError, match=told):
        read_recipe(path)


def test_fewer_texts_without_annotations_than_the_recipe_reads_stop_the_chain(
    records: list[Annotation], tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "load_training", lambda: records)
    stage = Stage("a", epochs=1, rate=1e-4, real_in_batch=4, layers=1, unannotated=3)
    recipe = ChainRecipe("tiny", "1.2.3", str(tiny_base), (stage,))
    with pytest.raises(ChainError, match="reads 3 texts without annotations, and 2 are given"):
        run_chain(recipe, RealTexts(records, (), "digest", 0), tmp_path, lambda line: None, ["ก", "ข"])


def test_other_inputs_stop_the_chain() -> None:
    recipe = ChainRecipe("x", "1", "compact", (), {"train.jsonl": "0" * 64})
    with pytest.raises(ChainError, match=r"train\.jsonl"):
        check_inputs(recipe, None)
    other = dataclasses.replace(recipe, inputs={"texts without annotations": digest_of(["ก"])})
    check_inputs(other, None, ["ก"])
    for texts in (["ข"], []):
        with pytest.raises(ChainError, match="texts without annotations"):
            check_inputs(other, None, texts)
    with pytest.raises(ChainError, match="3 of the annotated real texts are missing"):
        check_inputs(dataclasses.replace(recipe, inputs={}), RealTexts([], [], "", 3))


def test_a_stage_continues_from_the_named_one_and_is_averaged_with_others(
    records: list[Annotation], tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[Path] = []
    averaged: list[list[Path]] = []

    def trained(base: Path, *args: Any, **more: Any) -> None:
        starts.append(base)
        shutil.copytree(tiny_base, args[3] / "model")

    def mean_of(parts: list[Part]) -> ThreeHeadModel:
        averaged.append([part.folder for part in parts])
        return ThreeHeadModel.from_pretrained(tiny_base)

    monkeypatch.setattr(chain, "load_training", lambda: records)
    monkeypatch.setattr(chain, "fine_tune", trained)
    monkeypatch.setattr(chain, "average", mean_of)
    monkeypatch.setattr(chain, "release", lambda *args, **more: more["base"])
    settings: dict[str, Any] = {"epochs": 1, "rate": 1e-4, "real_in_batch": 4}
    stages = (
        Stage("a", **settings),
        Stage("b", **settings),
        Stage("c", **settings, after="a", mean_with=("b",)),
        Stage("d", **settings),
    )
    recipe = ChainRecipe("tiny", "1.2.3", str(tiny_base), stages)
    told: Any = run_chain(recipe, RealTexts(records, (), "digest", 0), tmp_path, lambda line: None)
    a, b, c = (tmp_path / name / "seed-1" / "model" for name in "abc")
    assert starts == [tiny_base, a, a, tmp_path / "c" / "mean"]
    assert averaged == [[c, b]]
    assert "then the mean of the weights of 2 fine-tunings, then fine-tuned on" in told


def test_a_shorter_model_is_taught_by_the_base_and_keeps_the_shipped_linear_models(
    records: list[Annotation], tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[tuple[Path, dict[str, Any]]] = []

    def trained(base: Path, *args: Any, **more: Any) -> None:
        runs.append((base, {**more, "recipe": args[5]}))
        shutil.copytree(tiny_base, args[3] / "model")

    monkeypatch.setattr(chain, "load_training", lambda: records)
    monkeypatch.setattr(chain, "fine_tune", trained)
    monkeypatch.setattr(chain, "resolve_base", lambda name: tiny_base)
    monkeypatch.setattr(chain, "release", lambda *args, **more: more)
    settings: dict[str, Any] = {"epochs": 1, "rate": 1e-4, "real_in_batch": 4, "layers": 1}
    stages = (Stage("a", **settings, unannotated=2), Stage("b", **settings))
    recipe = ChainRecipe("tiny", "1.2.3", "shipped", stages)
    real, texts = RealTexts(records, (), "digest", 0), ["ก", "ข", "ค"]
    told: Any = run_chain(recipe, real, tmp_path, lambda line: None, texts)
    first = tmp_path / "a" / "seed-1" / "model"
    assert [base for base, _ in runs] == [tiny_base, first]
    assert [more["teacher"] for _, more in runs] == [tiny_base, tiny_base]
    assert [more["unannotated"] for _, more in runs] == [["ก", "ข"], []]
    assert all(more["recipe"].layers == 1 for _, more in runs)
    assert {more["recipe"].batch for _, more in runs} == {STUDENT_RECIPE.batch}
    assert told["linear_from"] == shipped_bundle()
    number = len(records)
    assert (
        f"distilled into 1 layers on all written listings and {number} real texts and 2 texts" in told["base"]
    )


def test_self_training_has_no_other_teacher_and_is_left_out_without_its_texts(
    records: list[Annotation], tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[tuple[Any, Any]] = []

    def trained(base: Path, *args: Any, **more: Any) -> None:
        runs.append((more["teacher"], more["unannotated"]))
        shutil.copytree(tiny_base, args[3] / "model")

    monkeypatch.setattr(chain, "load_training", lambda: records)
    monkeypatch.setattr(chain, "fine_tune", trained)
    monkeypatch.setattr(chain, "release", lambda *args, **more: more)
    settings: dict[str, Any] = {"epochs": 1, "rate": 1e-4, "real_in_batch": 4}
    stages = (Stage("a", **settings), Stage("b", **settings, unannotated=2))
    recipe = ChainRecipe("tiny", "1.2.3", str(tiny_base), stages)
    real = RealTexts(records, (), "digest", 0)
    said: list[str] = []
    run_chain(recipe, real, tmp_path / "with", said.append, ["ก", "ข"])
    assert runs == [(None, []), (None, ["ก", "ข"])]
    assert not any("left out" in line for line in said)
    run_chain(recipe, real, tmp_path / "without", said.append)
    assert runs[2:] == [(None, ())]
    assert any(line.startswith("left out: b, which read 2 texts") for line in said)
    run_chain(recipe, real, tmp_path / "few", said.append, ["ก"])
    assert runs[3:] == [(None, [])]


@pytest.mark.slow(60)
@pytest.mark.usefixtures("few_everyday")
@pytest.mark.filterwarnings("ignore")  # of torch's exporter and the quantizer, not ours
def test_the_chain_runs_goes_on_where_it_stopped_and_reports_real_text(
    records: list[Annotation], tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "load_training", lambda: records)
    monkeypatch.setattr(chain, "load_skeletons", lambda: records[:2])
    monkeypatch.setattr(chain, "load_split", lambda part: records)
    real = RealTexts(
        [r.model_copy(update={"id": f"a{r.id}", "source": f"s{n % 5}"}) for n, r in enumerate(records)],
        [r.model_copy(update={"id": f"b{r.id}", "source": f"v{n % 6}"}) for n, r in enumerate(records)],
        "digest",
        0,
    )
    stages = (
        Stage("written", epochs=60, rate=3e-3),
        Stage("real", epochs=4, rate=3e-3, seeds=(1, 2), written=20, real_in_batch=4),
    )
    recipe = ChainRecipe("tiny", "1.2.3", str(tiny_base), stages, bf16=False)
    said: list[str] = []
    report: dict[str, Any] = run_chain(recipe, real, tmp_path, said.append)
    manifest = load_bundle(tmp_path / "bundle").manifest
    assert (manifest.name, manifest.version) == ("tiny", "1.2.3")
    assert manifest.base.endswith("then the mean of the weights of 2 fine-tunings")
    assert manifest.dataset_sha256["real texts"] == "digest"
    assert '"seeds": [1, 2]' in manifest.made_with["stage real"]
    assert manifest.made_with["torch"]
    metrics = json.loads((tmp_path / "bundle" / "metrics.json").read_text())
    assert metrics["real"]["all"]["listings"] == len(records)
    assert set(metrics["real"]) == {"all", "marketplace"}
    assert metrics["shift_gap"]["span_f1"] == pytest.approx(
        report["figures"]["span_f1"] - metrics["real"]["all"]["span_f1"]
    )
    card = (tmp_path / "bundle" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "The shift gap" in card

    # Called again, it trains nothing, and releases the same model. Another release would export another graph,
    # which takes longer than this training.
    said.clear()
    monkeypatch.setattr(chain, "release", lambda *args, **more: more)
    again = run_chain(recipe, real, tmp_path, said.append)
    assert sum("already exists" in line for line in said) == 3
    assert (again["name"], again["base"], again["real"]) == ("tiny", manifest.base, real)

    # Without the real texts, it releases the first stage.
    said.clear()
    alone = run_chain(recipe, None, tmp_path, said.append)
    assert sum("already exists" in line for line in said) == 1
    assert (alone["name"], alone["real"]) == ("tiny-written", None)
    assert manifest.base.startswith(f"{alone['base']}, then ")
    assert "real texts" not in str(alone["dataset_sha256"])


def test_the_command_stops_without_the_real_texts(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["release-model", "--texts", str(tmp_path / "none"), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 1
    assert "no such folder" in result.output


def test_evaluate_reads_real_texts_by_channel(
    records: list[Annotation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = Path(__file__).parents[1] / "data" / "tiny_bundle"
    posts = [r.model_copy(update={"platform": Platform.LINE}) for r in records[:6]]
    real = RealTexts([], [*records[6:], *posts], "digest", 0)
    monkeypatch.setattr(RealTexts, "load", classmethod(lambda cls, texts: real))
    command = ["evaluate", str(tiny), "--real", "--out", str(tmp_path)]
    result = CliRunner(env={"COLUMNS": "160"}).invoke(main, command)
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "real.json").read_text())
    assert {name: column["listings"] for name, column in found.items()} == {
        "all": len(records),
        "marketplace": len(records) - 6,
        "post": 6,
    }
    assert "violations seen" in result.output
    monkeypatch.setattr(RealTexts, "load", classmethod(lambda cls, texts: RealTexts([], [], "", 9)))
    assert "none of the validation texts" in CliRunner().invoke(main, command).output


def test_thresholds_are_set_on_real_texts_where_there_are_enough() -> None:
    from inference.model.encoding import Tokens
    from inference.model.scores import ListingScores
    from inference.text.reading import read
    from labels.taxonomy import CLASSES, LABELS
    from training.evaluation.calibrate import calibrate

    rng = np.random.default_rng(0)

    def scored(record: Annotation, logit: float) -> ListingScores:
        tags = np.full((1, len(LABELS)), -6.0, np.float32)
        tags[0, LABELS.index(ClaimLabel.DISEASE)] = logit
        classes = np.zeros(len(CLASSES), np.float32)
        ends = np.array([len(record.text)])
        tokens = Tokens(np.array([7]), np.array([0]), ends, np.array([True]))
        return ListingScores(tokens, tags, classes, 4.0)

    def part(count: int, shift: float, name: str) -> tuple[list[Annotation], list[ListingScores]]:
        texts, scores = [], []
        for n in range(count):
            spans = [Span(start=0, end=8, label=ClaimLabel.DISEASE)] if n % 2 else []
            texts.append(record(n, "รักษาโรค กล่อง", name, spans=spans, offer=n % 7 != 0 or bool(spans)))
            scores.append(scored(texts[-1], float(rng.normal(3 if spans else -3, 1.5)) + shift))
        return texts, scores

    written, written_scores = part(120, 0.0, "written")
    real, real_scores = part(120, -4.0, "real")  # the model is shyer on real text
    both, scores = [*written, *real], [*written_scores, *real_scores]
    readings = [read(r.text) for r in both]
    without = calibrate(both, readings, scores)
    on_real = calibrate(both, readings, scores, [False] * 120 + [True] * 120)

    def hit(calibration, part_scores, part_texts):
        sure = calibration.risk_thresholds.sure
        flagged = [calibration.risk_probability(s) >= sure for s in part_scores]
        return np.mean([f for f, t in zip(flagged, part_texts, strict=True) if t.spans])

    assert hit(on_real, real_scores, real) > hit(without, real_scores, real)


def test_a_point_of_the_learning_curve_keeps_its_texts_when_more_are_annotated() -> None:
    first = [record(n, f"ครีม {n}", "shop") for n in range(30)]
    later = [record(n, f"เซรั่ม {n}", "later") for n in range(20)]
    point = sample(first, 8)
    assert sample([*first, *later], 8, annotated=30) == point
    assert sample(first, 20)[:8] == point


def test_double_labels_count_only_labels_of_effects() -> None:
    spans = [
        Span(start=0, end=10, label=ClaimLabel.DISEASE),
        Span(start=5, end=15, label=ClaimLabel.BENEFIT),
        Span(start=0, end=15, label=ClaimLabel.TESTIMONIAL),
    ]
    assert shared([spans, spans[:1]]) == pytest.approx(5 / 25)
    assert {span.label for span in without_labels(spans)} == {ClaimLabel.BENEFIT}
