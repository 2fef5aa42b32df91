"""What a recognizer was made from: hashes of its inputs, seed and versions."""

from hashlib import sha256
from importlib.metadata import version

from labels.version import VERSION
from training.recognizer.fonts import families
from training.recognizer.sources import Sources


def origin_of(sources: Sources, rounds: int, seed: int) -> dict[str, object]:
    """The inputs by name and SHA-256, and how they were used."""
    fonts = [
        path for family in families(sources.fonts) for face in family for path in (face.thai, face.latin)
    ]
    return {
        "fonts": {path.name: sha256(path.read_bytes()).hexdigest() for path in fonts if path is not None},
        "texts": {path.name: sha256(path.read_bytes()).hexdigest() for path in sources.texts},
        ("start" if sources.is_trained else "backbone"): sha256(sources.start.read_bytes()).hexdigest(),
        "rounds": rounds,
        "seed": seed,
        "versions": {"ruthan": VERSION, "torch": version("torch"), "pillow": version("pillow")},
    }
