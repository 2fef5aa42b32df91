"""What every test shares: the shipped bundle and no registry, whatever a developer has put in use."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_promoted_bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Empty stores of bundles and of registry snapshots, for the commands that tests run as processes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUTHAN_BUNDLES", str(tmp_path_factory.mktemp("bundles")))
        patch.setenv("RUTHAN_REGISTRY_SNAPSHOTS", str(tmp_path_factory.mktemp("registry")))
        yield
