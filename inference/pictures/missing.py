"""Reports missing dependencies for reading pictures without loading any of them."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("tha", "eng")

_MODULES: Final = ("cv2", "PIL", "rapidfuzz", "rapidocr", "tesserocr")


def data_folder(languages: Sequence[str] = LANGUAGES) -> Path | None:
    """The folder of Tesseract's data for the languages, if it exists."""
    named = os.environ.get("TESSDATA_PREFIX")
    folders = [Path(named), Path(named) / "tessdata"] if named else []
    folders += sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata"), reverse=True)
    folders += [
        Path(root) / "share/tessdata" for root in ("/usr", "/usr/local", "/opt/homebrew", "/opt/local")
    ]
    for folder in folders:
        if all((folder / f"{language}.traineddata").is_file() for language in languages):
            return folder
    return None


def what_is_missing() -> str | None:
    """The commands that install the missing dependencies; ``None`` if there are none."""
    lacks = []
    if any(find_spec(module) is None for module in _MODULES):
        lacks.append("pip install 'ruthan[images]'")
    if data_folder() is None:
        lacks.append("apt-get install tesseract-ocr tesseract-ocr-tha")
    return ", ".join(lacks) or None


def in_one_line() -> str:
    """Whether pictures can be read here, and what to install if not."""
    lacks = what_is_missing()
    return (
        "Pictures are read." if lacks is None else f"Pictures are not read here; to have them read: {lacks}"
    )


if __name__ == "__main__":
    print(in_one_line())
