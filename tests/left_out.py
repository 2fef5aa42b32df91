"""Modules that the expression of ``-m`` leaves out are not imported: PyTorch and Transformers alone take seconds."""

import re
from functools import cache
from itertools import product
from keyword import iskeyword
from pathlib import Path

_MODULE_MARKS = re.compile(r"^pytestmark = .*(?:\n[ \]].*)*", re.MULTILINE)


def module_marks(source: str) -> set[str]:
    """Return the names of the marks that a module gives to all its tests."""
    found = _MODULE_MARKS.search(source)
    return set(re.findall(r"\bpytest\.mark\.(\w+)", found[0])) if found else set()


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
    except (SyntaxError, TypeError):  # pytest reads arguments of marks, this does not
        return set()
    return {name for name in names if not any(marks[name] for marks in selected)}


def is_left_out(module: Path, expression: str) -> bool:
    """Return whether no test of a module can be among those that the expression selects."""
    if not expression or module.suffix != ".py" or not module.name.startswith("test_"):
        return False
    without = excluded(expression)
    return bool(without) and not without.isdisjoint(module_marks(module.read_text(encoding="utf-8")))
