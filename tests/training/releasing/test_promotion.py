"""A worse bundle is refused, a reason is demanded to overrule that, and a broken one never gets in."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

pytest.importorskip("sklearn", reason="needs the train extra")

from inference.classifier import Classifier
from inference.model.bundle import MANIFEST, Manifest, load_bundle, shipped_bundle, write_manifest
from inference.model.bundle_store import BundleStore, default_bundle
from inference.model.versioned_folder import sha256_of
from labels.annotation.inline import format_inline
from labels.dataset.shipped import write_annotations
from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass
from ruthan import main
from training.evaluation.compare import Difference
from training.evaluation.evaluate import Measured, run

pytestmark = [pytest.mark.needs_train, pytest.mark.usefixtures("few_rounds")]

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"
CURE = "รักษามะเร็ง"


def record(n: int) -> Annotation:
    start = f"ครีม {n} "
    spans = [Span(start=len(start), end=len(start) + len(CURE), label=ClaimLabel.DISEASE)] if n % 2 else []
    return Annotation(
        id=f"r{n}",
        platform=Platform.LINE,
        product_class=ProductClass.COSMETIC,
        offer=True,
        text=start + (CURE if spans else "หอมดี") + " ขาย 9 บาท",
        spans=spans,
    )


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """Sixty listings, half of them prohibited, all of which the tiny bundle reads right."""
    path = tmp_path / "frozen.jsonl"
    write_annotations(path, [record(n) for n in range(60)])
    return path


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BundleStore:
    monkeypatch.setenv("RUTHAN_MODEL_BUNDLES", str(tmp_path / "store"))
    return BundleStore()


def variant(tmp_path: Path, version: str, frozen: Path, **calibration: object) -> Path:
    """The tiny bundle as another version, with another calibration; it held ``frozen`` out."""
    folder = Path(shutil.copytree(TINY, tmp_path / version))
    path = folder / "calibration.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | calibration))
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    hashes = {"test.jsonl": sha256_of(frozen)}
    write_manifest(folder, manifest.model_copy(update={"version": version, "dataset_sha256": hashes}))
    return folder


BLIND = {
    "label_thresholds": {label.value: {"report": 1.0, "sure": 1.0} for label in ClaimLabel},
    "risk_thresholds": {"report": 1.0, "sure": 1.0},
}
"""No probability reaches it: no claim is found."""
FLAT = {"risk": {"claim": 0.0, "offer": 0.0}}
"""Every listing has the same risk."""


def promote(*args: object) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, ["bundle", "promote", *map(str, args)])


def test_an_equal_bundle_is_promoted_and_the_figures_are_kept(store, tmp_path, frozen) -> None:
    store.promote(variant(tmp_path, "old", frozen), "x")
    result = promote(variant(tmp_path, "new", frozen), "--data", frozen, "--reason", "fresh data")
    assert result.exit_code == 0, result.output
    change = store.state().history[-1]
    assert default_bundle().name == change.bundle
    assert change.bundle.startswith("tiny@new+")
    assert (change.reason, change.forced, change.test_sha256) == ("fresh data", False, sha256_of(frozen))
    assert change.figures["span_f1"] == {"old": 1.0, "new": 1.0, "low": 0.0, "high": 0.0}
    assert change.who


def test_a_worse_bundle_is_refused(store, tmp_path, frozen) -> None:
    kept = store.promote(variant(tmp_path, "old", frozen), "x").model_id
    worse = variant(tmp_path, "worse", frozen, **BLIND)
    result = promote(worse, "--data", frozen)
    assert result.exit_code == 1
    assert "span_f1 is worse beyond noise: 1.000 → 0.000" in result.output
    assert f"ruthan bundle promote {worse} --data {frozen} --force --reason" in result.output
    assert "class_accuracy is worse" not in result.output
    assert store.state().current == kept
    # The other way round it is an improvement.
    store.promote(worse, "x")
    assert promote(variant(tmp_path, "good", frozen), "--data", frozen).exit_code == 0


def test_a_bundle_that_sees_fewer_violations_is_refused(store, tmp_path, frozen) -> None:
    """Its thresholds were raised: it finds the same claims with the same risks, and draws fewer conclusions."""
    calibration = json.loads((TINY / "calibration.json").read_text())
    sure = {name: row | {"sure": 1.0} for name, row in calibration["label_thresholds"].items()}
    high = {"label_thresholds": sure, "risk_thresholds": {"report": 1.0, "sure": 1.0}}
    store.promote(variant(tmp_path, "old", frozen), "x")
    result = promote(variant(tmp_path, "high", frozen, **high), "--data", frozen)
    assert result.exit_code == 1
    assert "verdict_recall is worse beyond noise: 1.000 → 0.000" in result.output
    assert "span_f1 is worse" not in result.output


def test_on_few_prohibited_listings_nothing_is_shown(store, tmp_path) -> None:
    few = tmp_path / "few.jsonl"
    write_annotations(few, [record(n) for n in range(10)])
    kept = store.promote(variant(tmp_path, "old", few), "x").model_id
    new = variant(tmp_path, "new", few)
    result = promote(new, "--data", few)
    assert result.exit_code == 1
    assert "only 5 prohibited listings in the test set, fewer than 30: too few to show" in result.output
    assert store.state().current == kept
    assert promote(new, "--data", few, "--force", "--reason", "read by hand").exit_code == 0
    assert store.state().history[-1].forced


def test_force_needs_a_reason_and_keeps_it(store, tmp_path, frozen) -> None:
    kept = store.promote(variant(tmp_path, "old", frozen), "x").model_id
    worse = variant(tmp_path, "worse", frozen, **BLIND)
    for reason in ([], ["--reason", "  "]):
        assert promote(worse, "--data", frozen, "--force", *reason).exit_code == 2
    assert store.state().current == kept
    assert promote(worse, "--data", frozen, "--force", "--reason", "an outage").exit_code == 0
    change = store.state().history[-1]
    assert (change.forced, change.reason) == (True, "an outage")
    assert change.figures["span_f1"]["high"] < 0


@pytest.mark.parametrize("force", [[], ["--force", "--reason", "I insist"]])
def test_a_collapsed_or_broken_bundle_is_refused_even_by_force(store, tmp_path, frozen, force) -> None:
    kept = store.promote(variant(tmp_path, "old", frozen), "x").model_id
    flat = promote(variant(tmp_path, "flat", frozen, **FLAT), "--data", frozen, *force)
    assert flat.exit_code == 1
    assert "training collapsed" in flat.output
    broken = variant(tmp_path, "broken", frozen)
    (broken / "model.onnx").write_bytes(b"")
    result = promote(broken, "--data", frozen, *force)
    assert result.exit_code == 1
    assert "not the file that was released" in result.output
    assert store.state().current == kept
    assert store.ids() == [kept]


def test_a_broken_current_bundle_is_not_compared_with(store, tmp_path, frozen) -> None:
    current = store.promote(variant(tmp_path, "old", frozen), "x")
    (current.folder / "model.onnx").write_bytes(b"")
    result = promote(variant(tmp_path, "new", frozen), "--data", frozen)
    assert result.exit_code == 1
    assert str(current.folder) in result.output
    assert store.state().current == current.model_id


def test_a_bundle_that_held_out_another_test_is_refused(store, tmp_path, frozen) -> None:
    store.promote(variant(tmp_path, "old", frozen), "x")
    other = tmp_path / "other.jsonl"
    write_annotations(other, [record(n) for n in range(100, 104)])
    result = promote(variant(tmp_path, "new", other), "--data", frozen)
    assert result.exit_code == 1
    assert "may have been trained on these listings" in result.output


def test_the_bundle_in_use_is_not_promoted_again(store, tmp_path, frozen) -> None:
    source = variant(tmp_path, "old", frozen)
    store.promote(source, "x")
    result = promote(source, "--data", frozen)
    assert result.exit_code == 1
    assert "in use already" in result.output


def test_without_a_promoted_one_the_shipped_bundle_is_the_measure(store, tmp_path, frozen) -> None:
    assert default_bundle() == shipped_bundle()
    result = promote(variant(tmp_path, "blind", frozen, **BLIND), "--data", frozen)
    assert load_bundle(shipped_bundle()).model_id in result.output
    assert "tiny@blind" in result.output


def test_an_empty_test_is_refused(store, tmp_path, frozen) -> None:
    (tmp_path / "empty.jsonl").touch()
    result = promote(variant(tmp_path, "new", frozen), "--data", tmp_path / "empty.jsonl")
    assert result.exit_code == 1
    assert "holds no listing" in result.output


def test_marks_inline_are_read_as_spans(store, tmp_path, frozen) -> None:
    inline = tmp_path / "inline.jsonl"
    rows = [
        r.model_dump(mode="json", exclude={"spans"}) | {"text": format_inline(r.text, r.spans)}
        for r in map(record, range(60))
    ]
    inline.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    bundle = variant(tmp_path, "blind", inline, **BLIND)
    command = ["evaluate", str(bundle), "--data", str(inline), "--no-peers", "--out", str(tmp_path / "out")]
    result = CliRunner(env={"COLUMNS": "120"}).invoke(main, command)
    assert result.exit_code == 0, result.output
    assert "inline.jsonl: 60 listings, 30 prohibited" in result.output
    store.promote(variant(tmp_path, "old", inline), "x")
    assert "span_f1 is worse beyond noise" in promote(bundle, "--data", inline).output


@pytest.mark.slow(10)
def test_real_text_decides_where_it_is_given(store, tmp_path, frozen) -> None:
    """A candidate that is as good on written listings and finds nothing in real ones is refused."""
    from labels.dataset.shipped import read_annotations
    from training.releasing.promotion import PromotionRefused, check
    from training.releasing.promotion import promote as put_in_use

    store.promote(variant(tmp_path, "old", frozen), "x")
    candidate = variant(tmp_path, "new", frozen)
    blind = Classifier(variant(tmp_path, "blind", frozen, **BLIND))
    written = list(read_annotations(frozen))
    real = [r.model_copy(update={"id": f"real-{r.id}", "text": f"{r.text} จริง"}) for r in written]

    def measure(classifier: Classifier, records: Sequence[Annotation]) -> Measured:
        shy = records is real and classifier.model_id.startswith("tiny@new")
        return run(blind if shy else classifier, records)

    assert check(candidate, store, written, measure, frozen).objections == []
    checked = check(candidate, store, written, measure, frozen, real)
    assert any(line.startswith("on real text span_f1 is worse beyond noise") for line in checked.objections)
    assert not any(line.startswith("span_f1") for line in checked.objections)
    with pytest.raises(PromotionRefused, match="on real text"):
        put_in_use(checked, store, "x")
    put_in_use(checked, store, "x", "a test", force=True)
    assert store.state().history[-1].figures["real span_f1"]["new"] == 0


@pytest.mark.slow(10)
def test_few_real_texts_allow_no_drop_on_the_written_test(store, tmp_path, frozen, monkeypatch) -> None:
    from labels.dataset.shipped import read_annotations
    from training.releasing import promotion

    store.promote(variant(tmp_path, "old", frozen), "x")
    candidate = variant(tmp_path, "new", frozen)
    worse = Difference("class_accuracy", 1.0, 0.995, -0.009, -0.001)
    monkeypatch.setattr(promotion, "compare", lambda *_: [worse])
    monkeypatch.setattr(promotion, "FEWEST_REAL", 3)
    records = list(read_annotations(frozen))
    for count, few in ((4, True), (6, False)):
        real = [r.model_copy(update={"id": f"real-{r.id}"}) for r in records[:count]]
        checked = promotion.check(candidate, store, records, run, frozen, real)
        assert any(line.startswith("class_accuracy is worse") for line in checked.objections) is few
        assert ("2 of the real texts are prohibited, fewer than 3" in checked.remark) is few


def test_enough_real_texts_make_up_for_a_small_test(store, tmp_path, frozen) -> None:
    from labels.dataset.shipped import read_annotations
    from training.releasing.promotion import check

    few = tmp_path / "few.jsonl"
    records = list(read_annotations(frozen))
    write_annotations(few, records[:10])
    store.promote(variant(tmp_path, "old", few), "x")
    real = [r.model_copy(update={"id": f"real-{r.id}"}) for r in records]
    candidate = variant(tmp_path, "new", few)
    assert check(candidate, store, records[:10], run, few, real).objections == []
    assert len(check(candidate, store, records[:10], run, few, real[:-1]).objections) == 1


def test_without_real_texts_the_command_says_so(store, tmp_path, frozen) -> None:
    store.promote(variant(tmp_path, "old", frozen), "x")
    result = promote(variant(tmp_path, "new", frozen), "--data", frozen)
    assert result.exit_code == 0, result.output
    assert "compared on written listings alone" in result.output
