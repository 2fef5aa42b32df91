"""The options of the benchmarks that measure a bundle on real texts."""

import argparse
from pathlib import Path

from inference.model.bundle_store import default_bundle


def bundle_and_texts(description: str | None) -> tuple[Path, Path]:
    """Read ``--bundle`` (default: the active one) and ``--texts``, the folder of real texts."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--texts", type=Path, default=Path("var/real"))
    arguments = parser.parse_args()
    return arguments.bundle or default_bundle(), arguments.texts
