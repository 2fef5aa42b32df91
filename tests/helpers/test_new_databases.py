"""Whoever asks for copied databases does not change what other tests get."""

import pytest

from service.store import facade
from service.store.database.engine import make_folder

pytest_plugins = ["pytester"]

MODULE = """
import pytest
from service.store import facade
from service.store.database.engine import make_folder

pytestmark = pytest.mark.usefixtures({fixtures})

def test_what_makes_a_database():
    assert (facade.make_folder is make_folder) is {migrated}
"""


def test_copies_end_with_the_module_that_asked_for_them(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("from tests.conftest import new_databases_are_copies")
    pytester.makepyfile(
        test_first=MODULE.format(fixtures="'new_databases_are_copies'", migrated=False),
        test_second=MODULE.format(fixtures="'request'", migrated=True),
    )
    pytester.runpytest_inprocess("-p", "no:schemathesis").assert_outcomes(passed=2)
    assert vars(facade)["make_folder"] is make_folder
