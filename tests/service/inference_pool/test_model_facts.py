"""The facts about the model are those of what was loaded."""

import hashlib
import shutil
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from inference.model.bundle import load_bundle
from inference.registry.source import Registry
from labels.taxonomy import ClaimLabel
from service.inference_pool.assessor import AssessorHolder, AssessorUnavailable, load_assessor
from service.inference_pool.model_facts import facts_of
from service.settings import Settings

TINY = Path(__file__).parents[2] / "data" / "tiny_bundle"


def test_the_facts_are_those_of_the_manifest_and_the_calibration() -> None:
    bundle = load_bundle(TINY)
    facts = facts_of(bundle, None)
    assert facts.model == bundle.model_id
    assert facts.bundle is not None
    assert facts.bundle.name == bundle.manifest.name
    assert facts.bundle.files == bundle.manifest.files
    assert facts.bundle.window.tokens == bundle.manifest.window
    assert set(facts.bundle.label_thresholds) == set(ClaimLabel)
    told = facts.bundle.risk_thresholds
    assert told.model_dump() == bundle.calibration.risk_thresholds.model_dump()
    assert facts.bundle.test_figures == {}, "the tiny bundle was never measured"
    assert not facts.registry.loaded


def test_the_policy_is_named_by_version_and_hash() -> None:
    raw = resources.files("inference").joinpath("policy.toml").read_bytes()
    policy = facts_of(load_bundle(TINY), None).policy
    assert policy.version == 1
    assert policy.sha256 == hashlib.sha256(raw).hexdigest()


def test_a_register_is_told_with_its_date_and_size(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(
        "# snapshot: 2569-11-01\nnumber,kind,product_name,holder,status\n"
        "10-1-15456-5-0001,food_serial,น้ำผึ้ง,ร้าน,active\n",
        encoding="utf-8",
    )
    assert len(Registry.load(path)) == 1
    loaded = load_assessor(settings.changed({"model.bundle": TINY, "registry.file": path}))
    registry = loaded.facts.registry
    assert registry.loaded
    assert registry.snapshot_date == date(2026, 11, 1)
    assert registry.records == 1
    assert loaded.facts.model == loaded.model_id


def test_the_facts_stay_those_of_the_bundle_in_memory(settings: Settings, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "bundle"))
    holder = AssessorHolder(lambda: load_assessor(settings.changed({"model.bundle": folder})))
    with pytest.raises(AssessorUnavailable):
        holder.facts()
    holder.load()
    before = holder.facts()
    shutil.rmtree(folder)
    assert holder.facts() == before
