"""Parses YAML to plain values, with line numbers."""

from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]


class YamlError(ValueError):
    """The text is not supported YAML; the message gives the line."""


def load(path: Path) -> tuple[Any, dict[Place, int]]:
    """Load a file; return its document and the line (from 1) of every key and list item.

    Only plain YAML is accepted: no tags, no aliases that expand. Raises :class:`YamlError` and ``OSError``.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise YamlError(f"not UTF-8 text: {error}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = str(error.problem or error)
        raise YamlError(f"{where}{problem}{_advice(problem)}") from error
    except yaml.YAMLError as error:
        raise YamlError(str(error)) from error
    lines: dict[Place, int] = {}
    return (None if root is None else _value(root, (), lines, set())), lines


def _advice(problem: str) -> str:
    if "\\t" in problem:
        return ": YAML is indented by spaces, not by tabs"
    if "cannot start any token" in problem:
        return ": put the value in quotes"
    if "block end" in problem:
        return ": is it indented like the lines around it?"
    return ""


def line_of(place: Place, lines: dict[Place, int]) -> int | None:
    """Return the line of a place, or of its closest ancestor.

    Parts that the file does not have are skipped, such as the kind that a validator chose.
    """
    known: Place = ()
    for part in place:
        if (*known, part) in lines:
            known = (*known, part)
    return lines.get(known)


def _value(node: yaml.Node, place: Place, lines: dict[Place, int], above: set[int]) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if id(node) in above:
        raise YamlError(f"line {node.start_mark.line + 1}: an alias refers to the value that contains it")
    inside = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        found: dict[Any, Any] = {}
        for key_node, child in node.value:
            key = _scalar(key_node)
            line = key_node.start_mark.line + 1
            if key in found:
                raise YamlError(f"line {line}: {key!r} appears twice")
            lines[(*place, key)] = line
            found[key] = _value(child, (*place, key), lines, inside)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*place, n), lines, inside) for n, child in enumerate(node.value)]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        raise YamlError(f"line {node.start_mark.line + 1}: a key must be a plain word")
    try:
        return yaml.SafeLoader("").construct_object(node)
    except yaml.MarkedYAMLError as error:
        raise YamlError(f"line {node.start_mark.line + 1}: {error.problem}") from error
