"""A bundle is used only if it is whole and what its manifest says."""

import json
import shutil
from pathlib import Path

import pytest

from inference.model.bundle import (
    MANIFEST,
    SHIPPED_NAMES,
    BundleError,
    load_bundle,
    located,
    shipped_bundle,
    write_manifest,
)
from inference.model.versioned_folder import sha256_of
from labels.taxonomy import LABELS


def change(bundle: Path, **values: object) -> None:
    path = bundle / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


def test_a_whole_bundle_loads(bundle: Path) -> None:
    loaded = load_bundle(bundle)
    assert loaded.manifest.labels == list(LABELS)
    assert loaded.model_id == f"tiny@1+{sha256_of(bundle / MANIFEST)[:8]}"
    assert loaded.model_path.is_file()
    assert loaded.tokenizer_path.is_file()
    assert loaded.calibration.token_threshold == 0.5


def test_the_shipped_one_is_the_default() -> None:
    assert shipped_bundle().parts[-3:] == ("inference", "bundles", "compact")


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_a_shipped_one_is_found_by_its_name(
    name: str, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert located(Path(name)) == shipped_bundle(name)
    assert load_bundle(Path(name)).manifest.name == name
    # A folder of that name is the one meant; so is a path.
    shutil.copytree(bundle, tmp_path / name)
    assert load_bundle(Path(name)).manifest.name == "tiny"
    assert located(Path("runs") / name) == Path("runs") / name


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "calibration.json"])
def test_a_changed_file_is_refused(bundle: Path, name: str) -> None:
    with (bundle / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(
        BundleError, match=rf"{name} is not the file that was released .*copy the bundle again"
    ):
        load_bundle(bundle)


def test_a_missing_file_is_named(bundle: Path) -> None:
    (bundle / "model.onnx").unlink()
    with pytest.raises(BundleError, match=r"model\.onnx is missing; copy the whole bundle"):
        load_bundle(bundle)


def test_no_bundle_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"no model bundle at .*--bundle.*compact, small.*ruthan train"):
        load_bundle(tmp_path / "nowhere")


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[]", b"{}"])
def test_an_unreadable_manifest_says_which(bundle: Path, raw: bytes) -> None:
    (bundle / MANIFEST).write_bytes(raw)
    with pytest.raises(BundleError, match=r"manifest\.json cannot be read"):
        load_bundle(bundle)


@pytest.mark.parametrize("values", [{"labels": ["else"]}, {"classes": []}])
def test_another_taxonomy_is_refused(bundle: Path, values: dict[str, object]) -> None:
    change(bundle, **values)
    with pytest.raises(BundleError, match="another taxonomy: retrain"):
        load_bundle(bundle)


def test_a_bundle_of_another_format_is_to_be_released_again(bundle: Path) -> None:
    change(bundle, format=1)
    with pytest.raises(BundleError, match=r"another version of Ruthan.*rollback --to shipped"):
        load_bundle(bundle)


@pytest.mark.parametrize("values", [{"window": 4}, {"preprocessing": "else"}, {"overlap": -1}])
def test_a_manifest_with_wrong_values_is_refused(bundle: Path, values: dict[str, object]) -> None:
    change(bundle, **values)
    with pytest.raises(BundleError, match="cannot be read"):
        load_bundle(bundle)


def test_an_overlap_that_cannot_advance_is_refused_when_loaded(bundle: Path) -> None:
    change(bundle, window=32, overlap=15)
    with pytest.raises(BundleError, match="overlap"):
        load_bundle(bundle)


def test_a_required_file_must_be_hashed(bundle: Path) -> None:
    change(bundle, files={"model.onnx": sha256_of(bundle / "model.onnx")})
    with pytest.raises(BundleError, match=r"names no tokenizer\.json"):
        load_bundle(bundle)


def test_a_manifest_cannot_point_outside_its_folder(bundle: Path) -> None:
    outside = bundle.parent / "outside"
    outside.write_bytes(b"x")
    files = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))["files"]
    change(bundle, files=files | {"../outside": sha256_of(outside)})
    with pytest.raises(BundleError, match="outside"):
        load_bundle(bundle)


def test_a_calibration_that_fits_its_hash_but_not_its_shape_is_refused(bundle: Path) -> None:
    (bundle / "calibration.json").write_text("{}", encoding="utf-8")
    write_manifest(bundle, load_manifest(bundle))
    with pytest.raises(BundleError, match=r"calibration\.json cannot be read"):
        load_bundle(bundle)


def test_a_calibration_must_know_every_label(bundle: Path) -> None:
    path = bundle / "calibration.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    del values["labels"][LABELS[0]]
    path.write_text(json.dumps(values), encoding="utf-8")
    write_manifest(bundle, load_manifest(bundle))
    with pytest.raises(BundleError, match="calibration"):
        load_bundle(bundle)


def load_manifest(bundle: Path):  # type: ignore[no-untyped-def]
    from inference.model.bundle import Manifest

    return Manifest.model_validate_json((bundle / MANIFEST).read_bytes())
