"""The rights of roles are written in one place."""

import ast
from pathlib import Path

import service
from service.store.accounts.policy import BY_RANK, LEADING, REVIEWING, values_of


def test_no_other_module_says_which_roles_may_do_something() -> None:
    (root,) = (Path(path) for path in service.__path__)
    found = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if (source := path.read_text(encoding="utf-8")).count("Role.") > 1
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Set, ast.Tuple, ast.List)) and sum(map(_is_role, node.elts)) > 1
    ]
    assert set(found) == {"store/accounts/policy.py"}


def _is_role(node: ast.AST) -> bool:
    return "Role." in ast.unparse(node) and isinstance(node, ast.Attribute)


def test_queries_get_the_values_of_columns() -> None:
    assert values_of(LEADING) == ["admin", "lead"]
    assert {type(value) for value in values_of(REVIEWING)} == {str}
    assert set(BY_RANK) == REVIEWING
