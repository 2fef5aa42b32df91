"""Resolves a base's name on the command line to a folder with an encoder checkpoint."""

from pathlib import Path

from inference.model.bundle import MANIFEST, BundleError, load_bundle, shipped_bundle
from inference.model.bundle_store import default_bundle
from training.base import COMPACT, CURRENT, SHIPPED
from training.base.bundle import base_from_bundle
from training.base.compact import BaseUnavailableError, build_compact_base

CACHE = Path("var/bases")


def resolve_base(name: str, use_hub: bool = True) -> Path:
    """Return a local folder with ``config.json``, weights and ``tokenizer.json`` for a base.

    Args:
        name: ``compact`` (built on first use), ``current`` (the active bundle), ``shipped`` (the compact
            bundle), a local folder with a checkpoint or a bundle, or a Hugging Face hub name.
        use_hub: whether the hub may be contacted.

    Raises:
        BaseUnavailableError: no source of the base is available; the message says how to give a folder.
    """
    local = _current() if name == CURRENT else shipped_bundle() if name == SHIPPED else Path(name)
    if (local / MANIFEST).is_file():
        return _of_bundle(local)
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
        raise BaseUnavailableError(f"{name} is not a local folder, and --offline rules out the hub")
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.bin", "*.model"]))
    except Exception as error:
        raise BaseUnavailableError(
            f"the Hugging Face hub did not give {name} ({type(error).__name__}). Download the checkpoint "
            "where the hub is reachable, copy the folder here and name it: ruthan train --base FOLDER"
        ) from error


def _current() -> Path:
    try:
        return default_bundle()
    except BundleError as error:
        raise BaseUnavailableError(str(error)) from error


def _of_bundle(folder: Path) -> Path:
    """A checkpoint made from a bundle's weights, rewritten on each call, which takes a second."""
    try:
        bundle = load_bundle(folder)
    except BundleError as error:
        raise BaseUnavailableError(str(error)) from error
    out = CACHE / bundle.model_id
    base_from_bundle(bundle, out)
    return out
