"""A bundle can be trained further: its weights, read back, give the same answers."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from inference.model.bundle import MANIFEST, Manifest, load_bundle, shipped_bundle, write_manifest
from inference.model.bundle_store import BundleStore
from inference.model.onnx_runtime import OnnxRuntime
from inference.model.scores import score
from inference.text.reading import read
from training.base.compact import BaseUnavailableError
from training.base.lineage import lineage_of
from training.base.resolve import resolve_base
from training.base.tokenizer import load_encoder
from training.fit.model import ThreeHeadModel
from training.releasing.export import TorchRuntime

pytestmark = pytest.mark.needs_train

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"
TEXTS = ["คอลลาเจนเม็ด ขาวใสใน 7 วัน รักษาเบาหวานให้หายขาด", "ผ้าขนหนูเช็ดตัว ส่งฟรี", "กาแฟคุมหิว ลดพุง เห็นผลจริง"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RUTHAN_MODEL_BUNDLES", raising=False)


def test_the_shipped_bundle_read_back_answers_as_it_does() -> None:
    bundle = load_bundle(shipped_bundle())
    folder = resolve_base("current", use_hub=False)
    encoder = load_encoder(folder)
    model = ThreeHeadModel.from_pretrained(folder)
    read_back, served = TorchRuntime(model), OnnxRuntime(bundle.model_path)
    for text in TEXTS:
        reading = read(text)
        ours = score(reading, encoder, read_back, bundle.manifest.shape)
        theirs = score(reading, encoder, served, bundle.manifest.shape)
        gap = np.abs(1 / (1 + np.exp(-ours.tags)) - 1 / (1 + np.exp(-theirs.tags)))
        assert gap.mean() < 0.02
        assert ours.product_class.argmax() == theirs.product_class.argmax()


def test_it_says_what_it_was_made_from() -> None:
    bundle = load_bundle(shipped_bundle())
    lineage = lineage_of("current", resolve_base("current", use_hub=False))
    assert (lineage.base, lineage.licence) == (bundle.manifest.base, bundle.manifest.base_licence)
    assert bundle.model_id in lineage.steps[-1]


def test_the_shipped_bundle_is_a_base_whatever_is_promoted(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shipped_bundle(), tmp_path / "mine"))
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    write_manifest(folder, manifest.model_copy(update={"name": "mine"}))
    BundleStore().promote(folder, who="x")
    assert resolve_base("shipped", use_hub=False).name == load_bundle(shipped_bundle()).model_id


def test_current_is_the_promoted_bundle(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shipped_bundle(), tmp_path / "mine"))
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    write_manifest(folder, manifest.model_copy(update={"name": "mine"}))
    promoted = BundleStore().promote(folder, who="x")
    assert resolve_base("current", use_hub=False).name == promoted.model_id


def test_a_graph_of_other_make_is_refused() -> None:
    with pytest.raises(BaseUnavailableError, match="name the folder model/ of the run"):
        resolve_base(str(TINY), use_hub=False)


def test_a_damaged_bundle_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "damaged"))
    (folder / "model.onnx").write_bytes(b"x")
    with pytest.raises(BaseUnavailableError, match="not the file that was released"):
        resolve_base(str(folder), use_hub=False)
