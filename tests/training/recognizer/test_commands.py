import onnx
import pytest
from click.testing import CliRunner

from ruthan import main

pytestmark = [pytest.mark.needs_train, pytest.mark.filterwarnings("ignore")]  # of torch's exporters


def test_fonts_under_other_names_are_refused_with_the_expected_name(backbone_file, tmp_path):
    arguments = ["--fonts", str(tmp_path), "--backbone", str(backbone_file), "--out", str(tmp_path / "out")]
    answer = CliRunner().invoke(main, ["train-recognizer", *arguments])
    assert answer.exit_code == 1
    assert "FAMILY-thai-WEIGHT-STYLE.woff2" in answer.output


def test_another_backbone_is_refused(fonts, tmp_path):
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([], "nothing", [], [])), tmp_path / "rec.onnx")
    arguments = ["--fonts", str(fonts), "--backbone", str(tmp_path / "rec.onnx"), "--out", str(tmp_path)]
    answer = CliRunner().invoke(main, ["train-recognizer", *arguments])
    assert answer.exit_code == 1
    assert "rec.onnx is not PP-OCRv6_rec_tiny" in answer.output


def test_a_start_or_a_backbone_is_needed(fonts, backbone_file, tmp_path):
    arguments = ["train-recognizer", "--fonts", str(fonts), "--out", str(tmp_path)]
    both = ["--backbone", str(backbone_file), "--start", str(backbone_file)]
    for given in ([], both):
        answer = CliRunner().invoke(main, [*arguments, *given])
        assert answer.exit_code == 2
        assert "give --backbone, or --start" in answer.output
