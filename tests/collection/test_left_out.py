"""Modules are left out unread only if no test in them can be selected."""

from pathlib import Path

import pytest

from tests.collection.left_out import excluded, module_marks


def test_one_mark_is_enough_only_where_no_other_mark_brings_a_test_back() -> None:
    for expression, expected in (
        ("", set()),
        ("not (slow or attack)", {"slow", "attack"}),
        ("not slow and not needs_train", {"slow", "needs_train"}),
        ("not slow or attack", set()),
        ("attack", set()),
        ("attack and not slow", {"slow"}),
        ("slow(seconds=5)", set()),
        ("not slow and a.b", set()),
    ):
        assert excluded(expression) == expected, expression


def test_the_marks_of_a_module_are_those_of_all_its_tests() -> None:
    assert module_marks("pytestmark = pytest.mark.slow(8)\n\n\n@pytest.mark.attack\ndef test_a(): ...") == {
        "slow"
    }
    many = "pytestmark = [\n    pytest.mark.slow,\n    pytest.mark.needs_train,\n]\n\n@pytest.mark.attack\n"
    assert module_marks(many) == {"slow", "needs_train"}
    assert module_marks("@pytest.mark.attack\ndef test_a(): ...") == set()
    one_parameter = (
        'pytestmark = pytest.mark.parametrize("url", [pytest.param("a", marks=pytest.mark.slow), "b"])'
    )
    assert module_marks(one_parameter) == {"parametrize"}
    assert module_marks("pytestmark = [pytest.mark.slow,\n") == set()


def test_a_test_module_is_left_out_where_its_marks_are(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("test_a.py", "conftest.py"):
        (tmp_path / name).write_text("pytestmark = pytest.mark.slow\n")
    for name, expression, expected in (
        ("test_a.py", "not slow", True),
        ("test_a.py", "slow", None),
        ("test_a.py", "", None),
        ("conftest.py", "not slow", None),
    ):
        monkeypatch.setattr(pytestconfig.option, "markexpr", expression)
        answer = pytestconfig.hook.pytest_ignore_collect(
            collection_path=tmp_path / name, path=None, config=pytestconfig
        )
        assert answer is expected, (name, expression)
