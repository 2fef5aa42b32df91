"""Texts for people are worded outside the store."""

import ast
import re
from pathlib import Path

import service.store

THAI = re.compile("[\u0e00-\u0e7f]")
PREFIX = "รร"
"""The prefix of complaint numbers, which is stored."""


def test_the_store_has_no_thai_sentences() -> None:
    (root,) = (Path(path) for path in service.store.__path__)
    found = [
        f"{path.relative_to(root)}:{node.lineno}: {node.value}"
        for path in sorted(root.rglob("*.py"))
        if "migrations" not in path.parts
        for tree in [ast.parse(path.read_text(encoding="utf-8"))]
        for documented in [{id(x.value) for x in ast.walk(tree) if isinstance(x, ast.Expr)}]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented
        if THAI.search(node.value) and node.value != PREFIX
    ]
    assert found == []
