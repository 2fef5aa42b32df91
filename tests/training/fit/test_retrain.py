"""``ruthan retrain``: from reviews in a store to a promoted bundle, on a tiny base."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from inference.model.bundle import CARD, MANIFEST, METRICS, Manifest, load_bundle, write_manifest
from inference.model.bundle_store import SHIPPED, BundleStore
from inference.model.versioned_folder import sha256_of
from labels.dataset.shipped import DatasetError, Split, load_split, split_path, write_annotations
from labels.schema import Annotation, Assessment, Claim, Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from ruthan import main
from service.store import Store, open_store
from tests.helpers.sealing import seal
from tests.helpers.stored import record_review
from training.data.merge import KIN_OF_REAL
from training.fit.retrain import RetrainError, prepare

pytestmark = [pytest.mark.needs_train, pytest.mark.usefixtures("few_rounds", "new_databases_are_copies")]

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"
CURE = "รักษาเบาหวาน"
RECIPE = ("--epochs", "60", "--rate", "0.003", "--window", "64")
FLAT = {"claim": 0.0, "offer": 0.0}
BLIND = {
    "label_thresholds": {label.value: {"report": 1.0, "sure": 1.0} for label in ClaimLabel},
    "risk_thresholds": {"report": 1.0, "sure": 1.0},
}


@pytest.fixture
def dataset(tmp_path: Path, records: list[Annotation]) -> Path:
    """The tiny records as a dataset folder, the same texts in each split.

    They are in the test split three times: 36 of it are prohibited, enough to compare bundles on it.
    """
    folder = tmp_path / "dataset"
    for part in Split:
        times = range(3 if part is Split.TEST else 1)
        rows = [r.model_copy(update={"id": f"{part}-{n}-{r.id}"}) for n in times for r in records]
        write_annotations(split_path(part, folder), rows)
    return folder


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A store with three reviewed cases: one prohibited, one clear, one akin to a test listing."""
    url = f"sqlite:///{tmp_path / 'ruthan.db'}"
    with open_store(url) as store:
        reviewer = store.users.create("nok", "a long password", "นก").id
        _decided(store, reviewer, "a", f"หอม หวาน อร่อย {CURE} ใบ บาท", Verdict.PROHIBITED)
        _decided(store, reviewer, "b", "ใบ หม่อน ใบ กล่อง รส หวาน รส หอม", Verdict.CLEAR)
        _decided(store, reviewer, "c", f"ชาใบหม่อน กล่อง 77 {CURE} หายขาด ราคา 88 บาท", Verdict.PROHIBITED)
    return url


def _decided(store: Store, reviewer: int, name: str, text: str, decision: Verdict) -> None:
    number = store.deposit(Listing(id=name, description=text)).listing_id
    at = text.find(CURE)
    claims = [
        Claim(start=at, end=at + len(CURE), label=ClaimLabel.DISEASE, probability=0.9, text=CURE)
        for _ in range(at >= 0)
    ]
    assessment = store.assessments.record(
        number,
        Assessment(
            id=name,
            verdict=Verdict.NEEDS_REVIEW,
            risk=0.5,
            product_class=ProductClass.FOOD,
            product_class_probability=0.97,
            offer=True,
            offer_probability=0.9,
            claims=claims,
            model="by hand",
        ),
    )
    record_review(store, assessment, reviewer, decision, confirmed=range(len(claims)))


@pytest.fixture
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dataset: Path) -> BundleStore:
    """A store of bundles whose bundle in use finds nothing, and risks the same everywhere."""
    monkeypatch.setenv("RUTHAN_MODEL_BUNDLES", str(tmp_path / "bundles"))
    store = BundleStore()
    store.promote(_tiny(tmp_path / "blind", dataset, **BLIND, risk=FLAT), "x")
    return store


def _tiny(folder: Path, dataset: Path, **calibration: object) -> Path:
    shutil.copytree(TINY, folder)
    path = folder / "calibration.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | calibration))
    for name in (METRICS, CARD):
        (folder / name).write_text("{}")
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    hashes = {"test.jsonl": sha256_of(split_path(Split.TEST, dataset))}
    # Wide enough for a whole listing: an offer is the mean over windows, and one word tells this model of it.
    update = {"dataset_sha256": hashes, "version": folder.name, "window": 96}
    write_manifest(folder, manifest.model_copy(update=update))
    return folder


def retrain(*args: object, answer: str | None = None) -> Result:
    run = CliRunner(env={"COLUMNS": "200"})
    return run.invoke(main, ["retrain", *map(str, args)], input=answer)


@pytest.mark.slow(50)
@pytest.mark.usefixtures("few_everyday", "exported_once")
@pytest.mark.filterwarnings("ignore")  # of torch's exporter and the quantizer, not ours
def test_from_reviews_to_a_promoted_bundle(tmp_path, tiny_base, dataset, database, bundles) -> None:
    out = tmp_path / "run"
    common = ("--base", tiny_base, "--data", dataset, "--out", out, "--database", database, *RECIPE)
    blind = bundles.state().current

    first = retrain(*common, answer="n\n")
    assert first.exit_code == 0, first.output
    assert "reviews left out: 1: near-duplicate of a test listing" in first.output
    assert "Put tiny@" in first.output
    assert "Not promoted" in first.output
    assert bundles.state().current == blind

    merged = {part: load_split(part, out / "data") for part in Split}
    assert split_path(Split.TEST, out / "data").read_bytes() == split_path(Split.TEST, dataset).read_bytes()
    reviews = [r for r in merged[Split.TRAIN] + merged[Split.VALIDATION] if r.id.startswith("review-")]
    assert sorted(bool(r.spans) for r in reviews) == [False, True]
    assert len(merged[Split.TRAIN]) + len(merged[Split.VALIDATION]) == 50
    found = load_bundle(out / "bundle")
    assert found.manifest.name == "tiny"
    assert "Not evaluated on real texts" in (found.folder / CARD).read_text(encoding="utf-8")
    assert found.manifest.dataset_sha256 == {
        f"{part}.jsonl": sha256_of(split_path(part, out / "data")) for part in Split
    }

    # Called again, it trains nothing.
    again = retrain(*common, "--resume", "--no-promote")
    assert again.exit_code == 0, again.output
    assert "finished already" in again.output
    assert bundles.state().current == blind
    yes = retrain(*common, "--resume", "--yes")
    assert yes.exit_code == 0, yes.output
    change = bundles.state().history[-1]
    assert (change.bundle, change.reason) == (found.model_id, "retrained on 2 reviewed listings")
    assert change.figures["span_f1"]["new"] > change.figures["span_f1"]["old"] == 0.0

    # Killed while the bundle was written: training goes on from its last checkpoint, which is the end.
    weights = (out / "bundle" / "model.onnx").read_bytes()
    steps = sorted(p.stat().st_mtime_ns for p in (out / "checkpoints").rglob("model.safetensors"))
    (out / "bundle" / MANIFEST).unlink()
    resumed = retrain(*common, "--resume", "--no-promote")
    assert "finished already" not in resumed.output
    assert steps == sorted(p.stat().st_mtime_ns for p in (out / "checkpoints").rglob("model.safetensors"))
    assert (out / "bundle" / "model.onnx").read_bytes() == weights


def _finished(out: Path, dataset: Path, database: str, **calibration: object) -> tuple[object, ...]:
    """A run whose bundle is written, so that only the comparison is left to do."""
    retrain_data = out / "data"
    shutil.copytree(dataset, retrain_data)
    (retrain_data / "reviews.json").write_text('{"used": {"train": 2, "validation": 0}, "left_out": {}}')
    _tiny(out / "bundle", dataset, **calibration)
    return ("--data", dataset, "--out", out, "--database", database, "--resume")


def test_a_worse_bundle_is_not_promoted_even_unasked(tmp_path, dataset, database, bundles) -> None:
    good = bundles.promote(_tiny(tmp_path / "good", dataset), "x").model_id
    args = _finished(tmp_path / "run", dataset, database, **BLIND)
    result = retrain(*args, "--yes")
    assert result.exit_code == 1
    assert "span_f1 is worse beyond noise" in result.output
    assert f"ruthan bundle promote {tmp_path / 'run' / 'bundle'} --data" in result.output
    assert bundles.state().current == good
    told = retrain(*args, "--no-promote")
    assert told.exit_code == 0
    assert "span_f1 is worse beyond noise" in told.output


@pytest.mark.parametrize(("answer", "promoted"), [("y\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_it_asks_before_promoting(tmp_path, dataset, database, bundles, answer, promoted) -> None:
    before = bundles.state().current
    result = retrain(*_finished(tmp_path / "run", dataset, database), answer=answer)
    assert result.exit_code == 0, result.output
    assert (bundles.state().current != before) is promoted
    assert ("Not promoted" in result.output) is not promoted


def test_a_small_test_split_is_no_proof_even_unasked(tmp_path, dataset, database, bundles, records) -> None:
    write_annotations(split_path(Split.TEST, dataset), records)
    before = bundles.state().current
    result = retrain(*_finished(tmp_path / "run", dataset, database), "--yes")
    assert result.exit_code == 1
    assert "only 12 prohibited listings in the test set, fewer than 30" in result.output
    assert bundles.state().current == before


def test_a_broken_bundle_in_use_is_told_before_anything_is_done(tmp_path, dataset, database, bundles) -> None:
    (bundles.current_folder() / "model.onnx").write_bytes(b"")
    result = retrain("--data", dataset, "--out", tmp_path / "run", "--database", database)
    assert result.exit_code == 1
    assert "not the file that was released" in result.output
    assert not (tmp_path / "run").exists()


def test_without_reviews_there_is_nothing_to_learn(tmp_path, dataset) -> None:
    result = retrain(
        "--data", dataset, "--out", tmp_path / "run", "--database", f"sqlite:///{tmp_path / 'empty.db'}"
    )
    assert result.exit_code == 1
    assert "review console" in result.output


def test_a_sealed_text_is_told_before_anything_is_done(
    tmp_path, dataset, database, bundles, monkeypatch
) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    row = {"text": seal(monkeypatch, "ครีมตัวอย่างที่อยู่ในข้อสอบลับ ห้ามนำไปฝึกโมเดลเด็ดขาดไม่ว่ากรณีใด")}
    (texts / "some.jsonl").write_text(json.dumps(row), encoding="utf-8")
    out = tmp_path / "run"
    result = retrain("--data", dataset, "--out", out, "--database", database, "--texts", texts)
    assert result.exit_code == 1
    assert "some.jsonl:1: this text or a near copy belongs to the sealed exam" in result.output
    assert not out.exists()


def test_a_review_of_a_real_validation_text_is_left_out(tmp_path, dataset, records) -> None:
    reviews = [
        records[0].model_copy(update={"id": f"review-{n}", "text": text, "spans": []})
        for n, text in enumerate(("หอม อร่อย กล่อง รส ใบ", "กาแฟดำคั่วกลาง หอมละมุน ถุงละสองร้อยห้าสิบกรัม"))
    ]
    real = [reviews[1].model_copy(update={"id": "a-1"})]
    begun = prepare(tmp_path / "run", lambda: (reviews, {}), dataset, real=real)
    assert (sum(begun.used.values()), begun.left_out) == (1, {KIN_OF_REAL: 1})


def test_promotion_cannot_be_both_wanted_and_not() -> None:
    assert retrain("--yes", "--no-promote").exit_code == 2


def _never() -> tuple[Sequence[Annotation], dict[str, int]]:
    raise AssertionError("a resumed run must not ask for reviews")


def test_a_resumed_run_keeps_the_reviews_it_began_with(tmp_path, dataset, records) -> None:
    review = records[0].model_copy(update={"id": "review-1", "text": "หอม อร่อย กล่อง รส ใบ", "spans": []})
    begun = prepare(tmp_path / "run", lambda: ([review], {"x": 3}), dataset)
    assert sum(begun.used.values()) == 1
    assert begun.left_out == {"x": 3}
    assert prepare(tmp_path / "run", _never, dataset, resume=True) == begun


def test_another_run_is_not_written_over(tmp_path, dataset) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "precious").touch()
    with pytest.raises(RetrainError, match="--resume"):
        prepare(tmp_path / "run", _never, dataset)


def test_an_empty_split_is_told_before_anything_is_written(tmp_path, dataset) -> None:
    split_path(Split.VALIDATION, dataset).write_text("")
    with pytest.raises(DatasetError, match=r"validation\.jsonl: no listing"):
        prepare(tmp_path / "run", _never, dataset)
    assert not (tmp_path / "run").exists()


def test_half_a_dataset_is_not_resumed_from(tmp_path, dataset, records) -> None:
    half = tmp_path / "run" / "data.partial"
    write_annotations(half / "train.jsonl", records[:1])
    review = records[0].model_copy(update={"id": "review-1", "text": "หอม อร่อย กล่อง รส ใบ", "spans": []})
    prepare(tmp_path / "run", lambda: ([review], {}), dataset, resume=True)
    assert {p.name for p in (tmp_path / "run").iterdir()} == {"data"}
    assert len(load_split(Split.TRAIN, tmp_path / "run" / "data")) >= len(records)


def test_the_shipped_bundle_is_compared_with_where_none_was_promoted() -> None:
    assert BundleStore().state().current == SHIPPED
