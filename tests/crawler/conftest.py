"""What every test of the crawler shares."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _copied_databases(new_databases_are_copies: None) -> None:
    """New SQLite databases are not migrated."""
