"""The lineage of a folder of weights, so that a bundle can name its sources and their licences."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from training.base import COMPACT, FLAGSHIP

FILE = "lineage.json"

_KNOWN = {COMPACT: "multilingual-e5-small, MIT", FLAGSHIP: "WangchanBERTa, CC BY-SA 4.0"}


@dataclass(frozen=True)
class Lineage:
    """The origin of weights.

    Attributes:
        base: the pretrained encoder at the root.
        licence: its name and licence.
        steps: what was done to it since, in order, one line each.
        test_sha256: hash of the test split held out by the last fine-tuning; empty if unknown.
    """

    base: str
    licence: str
    steps: tuple[str, ...] = field(default=())
    test_sha256: str = ""

    def then(self, step: str) -> "Lineage":
        """The lineage after one more step."""
        return replace(self, steps=(*self.steps, step))

    def __str__(self) -> str:
        return ", then ".join((self.base, *self.steps))


def lineage_of(name: str, folder: Path) -> Lineage:
    """The lineage of a resolved base.

    Args:
        name: as on the command line.
        folder: where its weights are; a lineage file there takes precedence.
    """
    path = folder / FILE
    if path.is_file():
        stored = json.loads(path.read_text(encoding="utf-8"))
        held_out = stored.get("test_sha256", "")
        return Lineage(stored["base"], stored["licence"], tuple(stored["steps"]), held_out)
    return Lineage(name, _KNOWN.get(name, "see the base's own licence"))


def write_lineage(folder: Path, lineage: Lineage) -> None:
    """Write a lineage file beside the weights of a run."""
    (folder / FILE).write_text(json.dumps(asdict(lineage), ensure_ascii=False, indent=2) + "\n", "utf-8")
