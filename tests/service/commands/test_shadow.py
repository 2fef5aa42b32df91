"""``ruthan shadow`` with the shipped bundle, and with policies and a second bundle made from it."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from inference.classifier import Classifier
from inference.model.bundle import shipped_bundle
from labels.schema import Listing
from ruthan import main
from service.store import open_store

TEXTS = {
    "cure": "แคปซูลสมุนไพร รักษาเบาหวานให้หายขาดใน 7 วัน ไม่ต้องพึ่งหมอ ราคา 590 บาท ส่งฟรี",
    "skin": "คอลลาเจนผง ตราเมฆขาว ช่วยบำรุงผิวให้ชุ่มชื้น ราคา 290 บาท",
    "pillow": "หมอนยางพารา นุ่มสบาย ราคา 300 บาท ส่งฟรี",
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three listings that the shipped bundle has read."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'ruthan.db'}"
    classifier = Classifier(shipped_bundle(), threads=1)
    with open_store(url) as store:
        for name, text in TEXTS.items():
            listing = Listing(id=name, description=text)
            number = store.deposit(listing, source="test").listing_id
            store.assessments.record(number, classifier.classify([listing])[0])
    return url


@pytest.fixture
def shadow(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("RUTHAN_SHADOW_FOLDER", str(tmp_path / "shadow"))

    def call(*options: str) -> Result:
        return CliRunner().invoke(main, ["shadow", "--database", database, *options])

    return call


@pytest.mark.slow
def test_another_policy_loses_the_flags_that_its_rules_no_longer_make(
    shadow: Callable[..., Result], tmp_path: Path
) -> None:
    """Without a permit for food supplements there is none that a benefit claim could lack."""
    other = tmp_path / "other.toml"
    shipped = Path(_copy(tmp_path))
    lines = shipped.read_text(encoding="utf-8").splitlines(keepends=True)
    other.write_text(
        "".join(line for line in lines if not line.startswith("food_supplement = { name")), encoding="utf-8"
    )
    found = shadow("--policy", str(shipped), "--capacity", "10", "--json", str(tmp_path / "same.json"))
    assert found.exit_code == 0, found.output
    same = json.loads((tmp_path / "same.json").read_text(encoding="utf-8"))
    assert (same["cases"], same["new_flags"], same["lost_flags"]) == (3, 0, 0)
    assert same["policy"].startswith("policy.toml (")
    found = shadow("--policy", str(other), "--capacity", "10", "--json", str(tmp_path / "other.json"))
    assert found.exit_code == 0, found.output
    report = json.loads((tmp_path / "other.json").read_text(encoding="utf-8"))
    assert (report["current"]["flagged"], report["candidate"]["flagged"], report["lost_flags"]) == (2, 1, 1)
    (lost,) = report["lost_examples"]
    assert (lost["current"], lost["candidate"]) == ("needs_permit", "clear")
    assert "lost flags 1, of which people decided 0 prohibited" in found.output


@pytest.mark.slow
def test_another_bundle_with_a_lower_threshold_flags_more(
    shadow: Callable[..., Result], tmp_path: Path
) -> None:
    bundle = tmp_path / "second"
    shutil.copytree(shipped_bundle(), bundle)
    calibration = json.loads((bundle / "calibration.json").read_text(encoding="utf-8"))
    calibration["risk_thresholds"] = {"report": 0.0001, "sure": 0.9999}
    (bundle / "calibration.json").write_text(json.dumps(calibration), encoding="utf-8")
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["calibration.json"] = sha256((bundle / "calibration.json").read_bytes()).hexdigest()
    manifest["version"] = "9.9.9"
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    found = shadow(
        "--bundle", str(bundle), "--days", "1", "--capacity", "0.5", "--json", str(tmp_path / "r.json")
    )
    assert found.exit_code == 0, found.output
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["model"].startswith("compact@9.9.9+")
    assert list(report["current_models"].values()) == [3]
    assert (report["current"]["flagged"], report["candidate"]["flagged"], report["new_flags"]) == (2, 3, 1)
    assert report["confusion"]["prohibited"] == {"needs_review": 1}
    (new,) = report["new_examples"]
    assert (new["current"], new["candidate"]) == ("clear", "needs_review")


def test_what_is_missing_is_said(shadow: Callable[..., Result], tmp_path: Path) -> None:
    assert "name what to try" in shadow().output
    assert (
        "exclude each other"
        in shadow("--bundle", str(tmp_path), "--days", "3", "--from", "2026-01-01").output
    )
    found = shadow("--bundle", str(tmp_path), "--capacity", "1")
    assert found.exit_code == 1
    assert "manifest" in found.output
    bad = tmp_path / "bad.toml"
    bad.write_text("version = 1\n", encoding="utf-8")
    assert shadow("--policy", str(bad), "--capacity", "1").exit_code == 1
    assert "--capacity" in shadow("--policy", _copy(tmp_path)).output


def _copy(folder: Path) -> str:
    path = folder / "policy.toml"
    path.write_bytes(resources.files("inference").joinpath("policy.toml").read_bytes())
    return str(path)
