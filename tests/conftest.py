"""What every test shares: the bundle in use is the shipped one, whatever a developer has promoted."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_promoted_bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty store of bundles, for the commands that tests run as processes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUTHAN_BUNDLES", str(tmp_path_factory.mktemp("bundles")))
        yield
