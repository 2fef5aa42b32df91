"""A bundle can name what its weights were made from."""

import json
from dataclasses import replace

import pytest

from training.base import COMPACT
from training.base.lineage import HEADED, lineage_of, write_lineage


def test_a_known_base_has_its_licence(tmp_path):
    lineage = lineage_of(COMPACT, tmp_path)
    assert lineage.licence == "multilingual-e5-small, MIT"
    assert str(lineage) == "compact"


def test_each_run_adds_its_step(tmp_path):
    write_lineage(tmp_path, lineage_of(COMPACT, tmp_path).then("further pretrained"))
    again = lineage_of(str(tmp_path), tmp_path)
    assert again.licence == "multilingual-e5-small, MIT"
    assert str(again.then("fine-tuned")) == "compact, then further pretrained, then fine-tuned"


def test_a_folder_from_elsewhere_says_so(tmp_path):
    assert lineage_of("mine", tmp_path).licence == "see the base's own licence"


def test_what_was_held_out_is_told_again(tmp_path):
    write_lineage(tmp_path, replace(lineage_of(COMPACT, tmp_path), test_sha256="a" * 64))
    assert lineage_of("mine", tmp_path).test_sha256 == "a" * 64


@pytest.mark.parametrize(("kind", "held_out"), [("ThreeHeadModel", False), ("CamembertForMaskedLM", True)])
def test_heads_of_unknown_origin_may_have_read_the_test_split(tmp_path, kind, held_out):
    """Such as a copy or a checkpoint of a run, which have no lineage file."""
    (tmp_path / "config.json").write_text(json.dumps({"architectures": [kind]}))
    assert lineage_of("mine", tmp_path).held_out("a" * 64) is held_out
    assert lineage_of(COMPACT, tmp_path).held_out("a" * 64)


@pytest.mark.needs_train
def test_heads_are_told_by_the_name_of_their_class():
    pytest.importorskip("torch", reason="needs the train extra")
    from training.fit.model import ThreeHeadModel

    assert ThreeHeadModel.__name__ == HEADED
