"""From the name on the command line to a folder with an encoder checkpoint."""

from pathlib import Path

from training.base import COMPACT
from training.base.compact import BaseUnavailableError, build_compact_base

CACHE = Path("var/bases")


def resolve_base(name: str, use_hub: bool = True) -> Path:
    """Return a local folder with ``config.json``, weights and ``tokenizer.json`` for a base.

    Args:
        name: ``compact`` (built on first use), a local folder, or a Hugging Face hub name.
        use_hub: whether the hub may be asked.

    Raises:
        BaseUnavailableError: the base can be had from nowhere; the message says how to give a folder.
    """
    local = Path(name)
    if local.is_dir():
        if not (local / "config.json").is_file():
            raise BaseUnavailableError(f"{local} has no config.json: name a Hugging Face checkpoint folder")
        return local
    if name == COMPACT:
        folder = CACHE / COMPACT
        if not (folder / "source.json").is_file():
            build_compact_base(folder, use_hub=use_hub)
        return folder
    if not use_hub:
        raise BaseUnavailableError(f"{name} is no local folder, and the hub is not to be asked (--offline)")
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.bin", "*.model"]))
    except Exception as error:
        raise BaseUnavailableError(
            f"the Hugging Face hub did not give {name} ({type(error).__name__}). Download the checkpoint "
            "where the hub is reachable, copy the folder here and name it: ruthan train --base FOLDER"
        ) from error
