"""Which bundle is in use: promoted, rolled back, and never exchanged in silence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from inference.classifier import Classifier
from inference.model.bundle import (
    MANIFEST,
    BundleError,
    Manifest,
    load_bundle,
    shipped_bundle,
    write_manifest,
)
from inference.model.bundle_store import SHIPPED, BundleStore, State, default_bundle
from inference.model.versioned_folder import POINTER
from ruthan import main
from service.inference_pool.assessor import load_assessor
from service.settings import Settings

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BundleStore:
    """An empty store, which the commands see too."""
    monkeypatch.setenv("RUTHAN_MODEL_BUNDLES", str(tmp_path / "store"))
    return BundleStore()


def test_the_old_name_of_its_variable_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUTHAN_MODEL_BUNDLES")
    monkeypatch.setenv("RUTHAN_BUNDLES", str(tmp_path))
    assert BundleStore().folder == tmp_path


def version(tmp_path: Path, number: str, name: str = "tiny") -> Path:
    """The tiny bundle as another version."""
    folder = Path(shutil.copytree(TINY, tmp_path / f"{name}-{number}"))
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    write_manifest(folder, manifest.model_copy(update={"version": number, "name": name}))
    return folder


def test_without_a_promoted_bundle_the_shipped_one_serves(store: BundleStore) -> None:
    assert default_bundle() == shipped_bundle()
    assert not store.folder.exists()


def test_a_promoted_bundle_is_copied_whole_and_serves_everywhere(store: BundleStore, tmp_path: Path) -> None:
    source = version(tmp_path, "7")
    (source / "notes.txt").write_text("no part of the bundle")
    found = store.promote(source, who="nok", reason="first")
    assert found.folder == store.folder / found.model_id == default_bundle()
    assert {p.name for p in found.folder.iterdir()} == {*found.manifest.files, MANIFEST}
    shutil.rmtree(source)

    assert Classifier(threads=1).model_id == found.model_id
    assert load_assessor(Settings()).model_id == found.model_id
    answer = CliRunner().invoke(main, ["classify", "--json", "-"], input="ครีม รักษามะเร็ง ขาย 9 บาท")
    assert json.loads(answer.stdout)["model"] == found.model_id
    # A named bundle takes precedence over the promoted one.
    assert Classifier(TINY, threads=1).model_id == load_bundle(TINY).model_id != found.model_id
    assert load_assessor(Settings.of({"model.bundle": TINY})).model_id == load_bundle(TINY).model_id


def test_the_history_says_who_why_and_when(store: BundleStore, tmp_path: Path) -> None:
    figures = {"span_f1": {"old": 0.5, "new": 0.6}}
    first = store.promote(version(tmp_path, "1"), "nok", "better", figures=figures).model_id
    second = store.promote(version(tmp_path, "2"), "lek", "urgent", forced=True).model_id
    store.rollback("nok", "it was not")
    state = BundleStore(store.folder).state()
    assert [(c.action, c.previous, c.bundle, c.who, c.reason, c.forced) for c in state.history] == [
        ("promote", SHIPPED, first, "nok", "better", False),
        ("promote", first, second, "lek", "urgent", True),
        ("rollback", second, first, "nok", "it was not", False),
    ]
    assert state.history[0].figures == figures
    assert state.history[0].at <= state.history[2].at
    assert state.current == first


def test_rollback_goes_back_step_by_step_to_the_shipped_one(store: BundleStore, tmp_path: Path) -> None:
    a = store.promote(version(tmp_path, "1"), "x").model_id
    b = store.promote(version(tmp_path, "2"), "x").model_id
    c = store.promote(version(tmp_path, "3"), "x").model_id
    store.rollback("x")
    store.promote(tmp_path / "tiny-3", "x")
    seen = [store.rollback("x").bundle for _ in range(3)]
    assert seen == [b, a, SHIPPED]
    assert default_bundle() == shipped_bundle()
    with pytest.raises(BundleError, match="nothing served before"):
        store.rollback("x")
    assert store.rollback("x", to=c).bundle == c
    assert default_bundle() == store.folder / c


@pytest.mark.parametrize("to", ["nowhere@1+00000000", "../tiny-1", ""])
def test_rollback_to_what_never_served_is_refused(store: BundleStore, tmp_path: Path, to: str) -> None:
    store.promote(version(tmp_path, "1"), "x")
    with pytest.raises(BundleError, match="never promoted: name one of shipped, tiny@1"):
        store.rollback("x", to=to)


def test_a_bundle_that_fails_its_hashes_is_not_promoted(store: BundleStore, tmp_path: Path) -> None:
    source = version(tmp_path, "1")
    with (source / "model.onnx").open("ab") as file:
        file.write(b" ")
    with pytest.raises(BundleError, match="not the file that was released"):
        store.promote(source, "x")
    assert default_bundle() == shipped_bundle()


def test_the_same_bundle_is_not_promoted_twice(store: BundleStore, tmp_path: Path) -> None:
    source = version(tmp_path, "1")
    store.promote(source, "x")
    with pytest.raises(BundleError, match="in use already"):
        store.promote(source, "x")
    assert len(store.state().history) == 1


def test_a_promotion_decided_against_another_bundle_is_refused(store: BundleStore, tmp_path: Path) -> None:
    first = store.promote(version(tmp_path, "1"), "x").model_id
    with pytest.raises(BundleError, match="meanwhile"):
        store.promote(version(tmp_path, "2"), "x", expected=SHIPPED)
    assert store.state().current == first
    assert store.ids() == [first]


def test_a_name_that_is_a_path_is_refused(store: BundleStore, tmp_path: Path) -> None:
    source = version(tmp_path, "1")
    manifest = Manifest.model_validate_json((source / MANIFEST).read_bytes())
    write_manifest(source, manifest.model_copy(update={"name": "../../tiny"}))
    with pytest.raises(BundleError, match="--name"):
        store.promote(source, "x")


def _damage_model(folder: Path) -> None:
    with (folder / "model.onnx").open("ab") as file:
        file.write(b" ")


def _swap(folder: Path) -> None:
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    write_manifest(folder, manifest.model_copy(update={"base": "something else"}))


@pytest.mark.parametrize("harm", [_damage_model, _swap, shutil.rmtree], ids=["changed", "swapped", "gone"])
def test_a_broken_bundle_in_use_is_an_error_and_can_be_rolled_back(store, tmp_path, harm) -> None:
    promoted = store.promote(version(tmp_path, "1"), "x")
    harm(promoted.folder)
    with pytest.raises(BundleError):
        Classifier(threads=1)
    with pytest.raises(BundleError):
        load_assessor(Settings())
    answer = CliRunner().invoke(main, ["classify", "-"], input="ครีม")
    assert answer.exit_code == 1
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    assert CliRunner().invoke(main, ["bundle", "verify"]).exit_code == 1
    assert "broken" in CliRunner().invoke(main, ["bundle", "list"]).output or harm is shutil.rmtree

    assert CliRunner().invoke(main, ["bundle", "rollback"]).exit_code == 0
    assert default_bundle() == shipped_bundle()
    # Promoting it again repairs the copy.
    assert store.promote(tmp_path / "tiny-1", "x").model_id == promoted.model_id
    assert default_bundle() == promoted.folder
    assert [p.name for p in store.folder.iterdir() if p.is_dir()] == [promoted.model_id]


def test_from_a_bundle_of_another_version_the_shipped_one_is_the_way_on(store, tmp_path) -> None:
    promoted = store.promote(version(tmp_path, "1"), "x")
    old = json.loads((promoted.folder / MANIFEST).read_text(encoding="utf-8")) | {"format": 1}
    (promoted.folder / MANIFEST).write_text(json.dumps(old), encoding="utf-8")
    with pytest.raises(BundleError, match="ruthan bundle rollback --to shipped"):
        Classifier(promoted.folder, threads=1)
    assert CliRunner().invoke(main, ["bundle", "rollback", "--to", "shipped"]).exit_code == 0
    assert default_bundle() == shipped_bundle()
    assert store.promote(version(tmp_path, "2"), "x").model_id.startswith("tiny@2")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff",
        b'{"current": "tiny@1+00000000", "history": []}',
        b'{"current": "../x", "history": [{"at": "2026-01-01T00:00:00Z", "action": "promote", "bundle": "../x", "previous": "shipped"}]}',
    ],
)
def test_an_unreadable_pointer_is_an_error(store: BundleStore, tmp_path: Path, raw: bytes) -> None:
    store.promote(version(tmp_path, "1"), "x")
    (store.folder / POINTER).write_bytes(raw)
    with pytest.raises(BundleError, match=r"current\.json cannot be read.*restore"):
        default_bundle()


def test_bundles_without_a_pointer_are_an_error(store: BundleStore, tmp_path: Path) -> None:
    store.promote(version(tmp_path, "1"), "x")
    (store.folder / POINTER).unlink()
    with pytest.raises(BundleError, match=r"no current\.json"):
        default_bundle()


def test_a_promotion_that_cannot_write_changes_nothing(store: BundleStore, tmp_path, monkeypatch) -> None:
    first = store.promote(version(tmp_path, "1"), "x").model_id
    second = version(tmp_path, "2")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("inference.model.bundle_store.shutil.copyfile", full)
    with pytest.raises(BundleError, match="No space left"):
        store.promote(second, "x")
    assert store.state().current == first
    assert store.verified(first).model_id == first
    assert store.ids() == [first]


@pytest.mark.costly
def test_promotions_at_once_are_all_kept(store: BundleStore, tmp_path: Path) -> None:
    code = "import sys, pathlib; from inference.model.bundle_store import BundleStore; BundleStore().promote(pathlib.Path(sys.argv[1]), 'x')"
    workers = [subprocess.Popen([sys.executable, "-c", code, version(tmp_path, str(n))]) for n in range(3)]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    history = store.state().history
    assert len(history) == 3
    assert [c.previous for c in history] == [SHIPPED, *(c.bundle for c in history[:-1])]


def test_served_survives_any_order() -> None:
    def change(action: str, bundle: str) -> dict[str, object]:
        return {"at": "2026-01-01T00:00:00Z", "action": action, "bundle": bundle, "previous": SHIPPED}

    a, b = "a@1+00000000", "b@1+00000000"
    steps = [change("promote", a), change("promote", b), change("promote", a), change("rollback", b)]
    assert State.model_validate({"current": b, "history": steps}).served() == [SHIPPED, a, b]


def test_the_commands_list_verify_and_roll_back_without_the_extra(store: BundleStore, tmp_path: Path) -> None:
    first = store.promote(version(tmp_path, "1"), "nok").model_id
    second = store.promote(version(tmp_path, "2"), "nok").model_id
    run = CliRunner(env={"COLUMNS": "200"}).invoke
    listed = run(main, ["bundle", "list"]).output.splitlines()
    assert [line for line in listed if "→" in line and second in line]
    assert [line for line in listed if first in line and "→" not in line]
    assert any(SHIPPED in line for line in listed)
    assert run(main, ["bundle", "verify", second, str(TINY)]).output.count("whole") == 2
    back = run(main, ["bundle", "rollback", "--reason", "too many false flags"])
    assert f"{first} is in use" in back.output
    assert "too many false flags" in run(main, ["bundle", "list", "--history"]).output
    assert store.state().current == first


def test_a_bundle_named_in_the_environment_is_said_to_win(store, tmp_path, monkeypatch) -> None:
    store.promote(version(tmp_path, "1"), "nok")
    monkeypatch.setenv("RUTHAN_MODEL_BUNDLE", str(TINY))
    assert f"RUTHAN_MODEL_BUNDLE names {TINY}" in CliRunner().invoke(main, ["bundle", "rollback"]).output


@pytest.mark.parametrize(
    "content", ["{}", '{"format": 1}', '{"version": "1.2.3"}', '{"format": 1, "x": 1}', "[]"]
)
def test_a_pointer_of_somebody_else_is_an_error(store: BundleStore, content: str) -> None:
    store.folder.mkdir()
    (store.folder / POINTER).write_text(content, encoding="utf-8")
    with pytest.raises(BundleError, match=r"current\.json .*promote again"):
        default_bundle()
