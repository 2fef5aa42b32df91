"""Nothing is written to the audit trail outside the enumeration, and the documents say the same as it
does."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from service.store import Store
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction, AuditCategory, actions_of
from service.store.referrals.steps import FOLLOWS, RECORDED
from service.store.tables.api_tables import EventType
from service.store.tables.core_tables import Base

ROOT = Path(__file__).parents[4]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PRIVACY = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")

ENUMERATION = ROOT / "service" / "store" / "audit" / "actions.py"
NAMES = ROOT / "service" / "store" / "audit" / "names.py"
SOURCES = [
    path
    for room in ("crawler", "files", "inference", "labels", "service", "training")
    for path in sorted((ROOT / room).rglob("*.py"))
    if path not in (ENUMERATION, NAMES) and "migrations" not in path.parts
] + [ROOT / "ruthan.py"]

BUILDERS = [
    name
    for name, found in vars(audit_names).items()
    if callable(found) and found is not audit_names.login_of and found.__module__ == audit_names.__name__
]
FIXED = {name for name in vars(audit_names) if name.isupper()}

FILES = {"csv", "docx", "html", "json", "md", "pdf", "py", "toml"}
"""Endings that make a word in a document the name of a file."""


@dataclass(frozen=True)
class Entry:
    """A call that writes to the trail: where it stands, and who, what and to what."""

    where: str
    actor: ast.expr
    action: ast.expr
    subject: ast.expr | None
    parameters: dict[str, str]
    """Of the functions around it, with their annotations."""


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(_text(path))


def sources_with(*words: str) -> list[tuple[Path, ast.Module]]:
    """The sources in whose text one of the words stands: to parse all of them takes seconds."""
    return [(path, _parsed(path)) for path in SOURCES if any(word in _text(path) for word in words)]


def entries_of(path: Path, tree: ast.Module) -> Iterator[Entry]:
    """The calls in a file that write to the trail."""
    appends = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "service.store.audit.trail"
        for alias in node.names
        if alias.name == "append"
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        arguments = [*function.args.args, *function.args.kwonlyargs]
        parameters = {one.arg: ast.unparse(one.annotation).strip("'") for one in arguments if one.annotation}
        for call in ast.walk(function):
            if not isinstance(call, ast.Call):
                continue
            given = list(call.args)
            if isinstance(call.func, ast.Name) and call.func.id in appends:
                given = given[1:]  # the session
            elif not (
                isinstance(call.func, ast.Attribute)
                and call.func.attr in ("record", "record_view")
                and ast.unparse(call.func.value).endswith("audit")
            ):
                continue
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            assert not any(isinstance(one, ast.Starred) for one in given), f"{where}: write the arguments out"
            named = dict(zip(("actor", "action", "subject"), given, strict=False))
            named |= {word.arg: word.value for word in call.keywords if word.arg is not None}
            yield Entry(where, named["actor"], named["action"], named.get("subject"), parameters)


def has_text(expression: ast.expr | None) -> bool:
    """Whether an expression contains a non-empty string."""
    return expression is not None and any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != ""
        for node in ast.walk(expression)
    )


@cache
def entries() -> list[Entry]:
    """All of them."""
    sources = sources_with("audit")
    return [entry for path, tree in sources if path.name != "trail.py" for entry in entries_of(path, tree)]


def test_the_walk_through_the_source_finds_what_writes_to_the_trail() -> None:
    assert len(entries()) > 80
    assert {entry.where.split(":")[0] for entry in entries()} > {
        "service/api/routes/listings.py",
        "service/console/cases/case.py",
        "service/privacy/run.py",
        "service/referral/downloads.py",
        "service/store/cases/reviews.py",
        "service/commands/user.py",
    }


def test_actions_are_members_of_the_enumeration_and_names_come_from_their_builders() -> None:
    for entry in entries():
        assert not has_text(entry.action), f"{entry.where}: write a member of AuditAction"
        assert not has_text(entry.actor), f"{entry.where}: take the actor from audit_names"
        assert not has_text(entry.subject), f"{entry.where}: take the subject from audit_names"
        if isinstance(entry.action, ast.Name):
            assert entry.parameters.get(entry.action.id) == "AuditAction", entry.where


def test_no_action_and_no_name_is_spelled_elsewhere() -> None:
    dotted = {action.value for action in AuditAction if "." in action}
    starts = tuple(f"{name}:" for name in BUILDERS)
    for path, tree in sources_with(*dotted, *(f"{start}{{" for start in starts)):
        if path.name == "recompute.py":  # imports nothing of ours, so that others can check our figures
            continue
        for node in ast.walk(tree):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Constant):
                assert node.value not in dotted, f"{where}: write a member of AuditAction"
            if isinstance(node, ast.JoinedStr) and len(node.values) == 2:
                first = node.values[0]
                spelled = isinstance(first, ast.Constant) and first.value in starts
                assert not spelled, f"{where}: {ast.unparse(node)} is a name that audit_names builds"


def test_rows_of_the_trail_are_made_in_one_place() -> None:
    made = [
        path.relative_to(ROOT).as_posix()
        for path, tree in sources_with("AuditEntry")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "AuditEntry"
    ]
    assert made == ["service/store/audit/trail.py"]


def test_every_action_is_written_somewhere() -> None:
    used = {
        node.attr
        for _, tree in sources_with("AuditAction")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "AuditAction"
    }
    assert used == set(AuditAction.__members__)


def test_every_action_has_a_category_and_every_category_an_action() -> None:
    assert [action for action in AuditAction if not action.categories] == []
    assert [category for category in AuditCategory if not actions_of(category)] == []
    assert len(set(AuditAction)) == len(AuditAction.__members__)
    assert all(action.value == str(action) and AuditAction(str(action)) is action for action in AuditAction)


def test_what_is_called_a_view_is_found_as_one() -> None:
    assert [a for a in AuditAction if a.endswith(".view") and AuditCategory.VIEW not in a.categories] == []


def test_every_step_of_a_referral_has_its_action() -> None:
    steps = {step for following in FOLLOWS.values() for step in following}
    assert set(RECORDED) == steps
    assert {status: f"referral.{status}" for status in steps} == RECORDED


def test_an_unknown_action_is_not_written(store: Store) -> None:
    with pytest.raises(ValueError, match=r"case\.seen"):
        store.audit.record(audit_names.CLI, "case.seen")  # type: ignore[arg-type]
    assert store.audit.verify().entries == 0


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        (audit_names.reviewer("nok"), "reviewer:nok"),
        (audit_names.key("shop"), "key:shop"),
        (audit_names.api_key("shop"), "api_key:shop"),
        (audit_names.listing(12), "listing:12"),
        (audit_names.campaign(3), "campaign:3"),
        (audit_names.complaint(4), "complaint:4"),
        (audit_names.complaint_export(5), "complaint_export:5"),
        (audit_names.referral(6), "referral:6"),
        (audit_names.alert(7), "alert:7"),
        (audit_names.view(8), "view:8"),
        (audit_names.webhook(9), "webhook:9"),
        (audit_names.batch("b-1"), "batch:b-1"),
        (audit_names.rule("undecided"), "rule:undecided"),
        (audit_names.login_of("reviewer:nok"), "nok"),
        (audit_names.login_of("cli"), "cli"),
    ],
)
def test_names_stay_as_they_are_stored(name: str, stored: str) -> None:
    assert name == stored


def named_in(text: str) -> list[str]:
    """The words in a text that are marked as code."""
    return re.findall(r"`([^`\n]+)`", text)


def rows_under(heading: str) -> list[list[str]]:
    """The cells of the table of privacy.md that begins with this line."""
    table = PRIVACY.split(f"{heading}\n|---|---|\n")[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_the_document_lists_every_kind_of_view() -> None:
    listed = [name for cell, _ in rows_under("| entry | when |") for name in named_in(cell)]
    assert sorted(listed) == sorted(actions_of(AuditCategory.VIEW))


def test_the_document_lists_every_kind_with_its_entries() -> None:
    rows = {named_in(kind)[0]: named_in(entries) for kind, entries in rows_under("| `--kind` | finds |")}
    assert list(rows) == [category.value for category in AuditCategory]
    assert rows.pop(AuditCategory.VIEW) == []  # they have a separate table
    for kind, names in rows.items():
        assert names == actions_of(AuditCategory(kind)), kind


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_actions_that_exist(document: Path) -> None:
    families = {action.split(".")[0] for action in AuditAction if "." in action}
    for word in named_in(document.read_text(encoding="utf-8")):
        family, _, rest = word.partition(".")
        if family not in families or not re.fullmatch(r"[a-z_]+", rest) or rest in FILES:
            continue
        table = Base.metadata.tables.get(family)
        if table is None or rest not in table.columns:
            assert word in {*AuditAction, *EventType}, f"{document.name} names {word}"
