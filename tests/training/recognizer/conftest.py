"""A folder with one font under the names of web fonts, and a published recognizer's backbone."""

import warnings
from pathlib import Path

import pytest
import torch
from fontTools.ttLib import TTFont

from training.recognizer.network import Backbone

SARABUN = Path(__file__).parents[3] / "service/referral/fonts/Sarabun-Regular.ttf"


@pytest.fixture(scope="session")
def fonts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fonts") / "fontsource-sarabun" / "files"
    folder.mkdir(parents=True)
    for script in ("thai", "latin"):
        with TTFont(SARABUN) as font:
            font.flavor = "woff2"
            font.save(folder / f"sarabun-{script}-400-normal.woff2")
    return folder.parent


@pytest.fixture(scope="session")
def backbone_file(tmp_path_factory):
    torch.manual_seed(3)
    file = tmp_path_factory.mktemp("backbone") / "rec.onnx"
    with warnings.catch_warnings():
        # The older exporter, which takes a second instead of ten, says that it is old.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(Backbone().eval(), (torch.zeros(1, 3, 48, 64),), str(file), dynamo=False)
    return file
