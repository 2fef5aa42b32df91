"""Modules that the expression of ``-m`` leaves out are not imported: PyTorch and Transformers alone take seconds."""

import ast
import re
from functools import cache
from itertools import product
from keyword import iskeyword
from pathlib import Path

_MODULE_MARKS = re.compile(r"^pytestmark = .*(?:\n[ \]].*)*", re.MULTILINE)


def module_marks(source: str) -> set[str]:
    """Return the names of the marks that a module gives to all its tests."""
    found = _MODULE_MARKS.search(source)
    if found is None:
        return set()
    try:
        value = ast.parse(found[0]).body[0].value  # type: ignore[attr-defined]  # of the assignment
    except SyntaxError:  # the import says so better
        return set()
    given = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    # Marks of parameters, which stand in the arguments of a mark, are not those of every test.
    names = [ast.unparse(one.func if isinstance(one, ast.Call) else one) for one in given]
    return {name.removeprefix("pytest.mark.") for name in names if name.startswith("pytest.mark.")}


@cache
def excluded(expression: str) -> set[str]:
    """Return the marks of which one is enough for a test to be left out, whatever others it has."""
    names = sorted({name for name in re.findall(r"\w+", expression) if not iskeyword(name)})
    try:
        code = compile(expression.strip(), "-m", "eval")
        selected = [
            marks
            for chosen in product((False, True), repeat=len(names))
            if eval(code, {}, marks := dict(zip(names, chosen, strict=True)))
        ]
    except (SyntaxError, TypeError, AttributeError):  # pytest reads arguments of marks, and dots in names
        return set()
    return {name for name in names if not any(marks[name] for marks in selected)}


def is_left_out(module: Path, expression: str) -> bool:
    """Return whether no test of a module can be among those that the expression selects."""
    if not expression or module.suffix != ".py" or not module.name.startswith("test_"):
        return False
    without = excluded(expression)
    return bool(without) and not without.isdisjoint(module_marks(module.read_text(encoding="utf-8")))
