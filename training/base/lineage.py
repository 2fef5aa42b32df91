"""The lineage of a folder of weights, so that a bundle can name its sources and their licences."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from labels.dataset.shipped import Split, split_path
from training.base import COMPACT, FLAGSHIP

FILE = "lineage.json"

PRETRAINED = "further pretrained"
"""Beginning of a step that read no annotations."""

FINE_TUNED = "fine-tuned on listings that are not known"
"""The step of a folder that has this project's heads and does not say how they were trained."""

HEADED = "ThreeHeadModel"
"""The name of :class:`training.fit.model.ThreeHeadModel` in the configuration beside its weights."""

_KNOWN = {COMPACT: "multilingual-e5-small, MIT", FLAGSHIP: "WangchanBERTa, CC BY-SA 4.0"}


@dataclass(frozen=True)
class Lineage:
    """The origin of weights.

    Attributes:
        base: the pretrained encoder at the root.
        licence: its name and licence.
        steps: what was done to it since, in order, one line each.
        test_sha256: hash of the test split that every fine-tuning held out; empty if there was none or it is
            not known.
    """

    base: str
    licence: str
    steps: tuple[str, ...] = field(default=())
    test_sha256: str = ""

    def then(self, step: str) -> "Lineage":
        """The lineage after one more step."""
        return replace(self, steps=(*self.steps, step))

    def held_out(self, test_sha256: str) -> bool:
        """Whether no fine-tuning so far can have read the test split with this hash."""
        untouched = all(step.startswith(PRETRAINED) for step in self.steps)
        return self.test_sha256 == test_sha256 or (not self.test_sha256 and untouched)

    def __str__(self) -> str:
        return ", then ".join((self.base, *self.steps))


def lineage_of(name: str, folder: Path) -> Lineage:
    """The lineage of a resolved base.

    Args:
        name: as on the command line.
        folder: where its weights are; a lineage file there takes precedence. Without one, weights with this
            project's heads may have been trained on any listing.
    """
    path = folder / FILE
    if path.is_file():
        stored = json.loads(path.read_text(encoding="utf-8"))
        held_out = stored.get("test_sha256", "")
        return Lineage(stored["base"], stored["licence"], tuple(stored["steps"]), held_out)
    steps = (FINE_TUNED,) if name not in _KNOWN and _has_heads(folder) else ()
    return Lineage(name, _KNOWN.get(name, "see the base's own licence"), steps)


def _has_heads(folder: Path) -> bool:
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return HEADED in (config.get("architectures") or ())


def held_out_hashes(
    hashes: Mapping[str, str], *starts: Lineage, say: Callable[[str], None]
) -> dict[str, str]:
    """The hashes of a dataset's files, without the test split if a model may have been trained on it.

    Args:
        hashes: by file name.
        starts: of the models that training starts from.
    """
    test = split_path(Split.TEST).name
    if test not in hashes or all(lineage.held_out(hashes[test]) for lineage in starts):
        return dict(hashes)
    say(
        "a model to start from is not known to have held out this test split, so the bundle does not list it "
        "as held out"
    )
    return {name: digest for name, digest in hashes.items() if name != test}


def write_lineage(folder: Path, lineage: Lineage) -> None:
    """Write a lineage file beside the weights of a run."""
    (folder / FILE).write_text(json.dumps(asdict(lineage), ensure_ascii=False, indent=2) + "\n", "utf-8")
