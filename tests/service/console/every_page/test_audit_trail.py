"""The audit trail of an office in which every page was opened: its entries, and searching them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from service.application import create_app
from service.commands import api_key as api_key_commands
from service.commands import audit as audit_commands
from service.commands import complaint as complaint_commands
from service.commands import privacy as privacy_commands
from service.commands import user as user_commands
from service.settings import Settings
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction, AuditCategory, actions_of
from service.store.tables.api_tables import Scope
from tests.service.console.every_page.conftest import Scene
from tests.service.console.every_page.maker import LEAD, LINE, REVIEWER

pytestmark = pytest.mark.slow

NAME, NUMBER = "somebody", 987654321
WHO = [audit_names.reviewer(NAME), audit_names.key(NAME)]
WHOM = [
    *(audit_names.reviewer(NAME), audit_names.api_key(NAME), audit_names.batch(NAME), audit_names.rule(NAME)),
    *(audit_names.listing(NUMBER), audit_names.campaign(NUMBER), audit_names.complaint(NUMBER)),
    *(audit_names.complaint_export(NUMBER), audit_names.referral(NUMBER), audit_names.alert(NUMBER)),
    *(audit_names.view(NUMBER), audit_names.webhook(NUMBER)),
]
MACHINES = {audit_names.CLI, audit_names.WORKER, audit_names.PROVIDER, audit_names.PUBLIC}


def fits(name: str, shapes: list[str]) -> bool:
    """Whether a name has the format of one of the builders."""
    patterns = (shape.replace(NAME, ".+").replace(str(NUMBER), r"\d+") for shape in shapes)
    return any(re.fullmatch(pattern, name) for pattern in patterns)


def test_every_look_is_written_and_found(
    scene: Scene,
    filled: Any,
    settings: Settings,
    assessor: Any,
    password: str,
    log_in: Callable[..., Any],
    token: Callable[[str], str],
    tmp_path: Path,
) -> None:
    key = filled.store.api_keys.create("ตลาด", [Scope.READ_ALL]).token
    with TestClient(create_app(settings, assessor), follow_redirects=False) as client:
        _works_in_the_console(client, scene, password, log_in, token)
        headers = {"Authorization": f"Bearer {key}"}
        assert client.get("/v1/listings", headers=headers).status_code == 200
        assert client.get(f"/v1/listings/{filled.ids['decided']}", headers=headers).status_code == 200
    _works_at_the_command_line(settings.database.url, tmp_path)

    entries = filled.store.audit.entries(limit=5000)
    assert filled.store.audit.verify().broken_at is None
    assert {entry.action for entry in entries} <= set(AuditAction)
    assert [e.actor for e in entries if e.actor not in MACHINES and not fits(e.actor, WHO)] == []
    assert [e.subject for e in entries if e.subject and not fits(e.subject, WHOM)] == []
    looks = actions_of(AuditCategory.VIEW)
    assert set(looks) - {entry.action for entry in entries} == set()
    shown = _shown(settings.database.url, "--kind", "view")
    assert shown == [entry.action for entry in entries if entry.action in looks]
    assert _shown(settings.database.url, "--kind", "export", "--person", LEAD) == [
        AuditAction.COMPLAINT_EXPORT,
        AuditAction.REFERRAL_DOWNLOAD,
    ]


def _works_in_the_console(
    client: TestClient,
    scene: Scene,
    password: str,
    log_in: Callable[..., Any],
    token: Callable[[str], str],
) -> None:
    assert log_in(client, "nobody", "a wrong password").status_code != 303
    assert log_in(client, LEAD, password).status_code == 303
    for visit in scene.visits:
        if visit.who is not None:
            client.get(visit.address)
    (referral,) = (visit.address for visit in scene.visits if visit.name == "referral")
    assert client.get(f"{referral}/pack").status_code == 200
    assert client.get(f"{referral}/letter").status_code == 200
    assert client.post("/logout", data={"csrf": token(client.get("/queue").text)}).status_code == 303


def _works_at_the_command_line(url: str, folder: Path) -> None:
    request = ["--request", "PDPA 7/2569"]
    commands = [
        (privacy_commands.privacy, ["find", LINE, *request]),
        (privacy_commands.privacy, ["export", LINE, "--out", str(folder / "export.json"), *request]),
        (complaint_commands.complaint, ["find", "080-000-1234", *request]),
        (complaint_commands.complaint, ["export", "--again", "1", "--out", str(folder)]),
        (audit_commands.audit, ["export"]),
        (user_commands.user, ["disable", REVIEWER]),
        (api_key_commands.api_key, ["revoke", "ตลาด"]),
    ]
    for command, words in commands:
        done = CliRunner().invoke(command, [*words, "--database", url])
        assert done.exit_code == 0, done.output


def _shown(url: str, *narrowed: str) -> list[str]:
    """The actions that ``ruthan audit show`` prints."""
    words = ["show", *narrowed, "--limit", "5000", "--database", url]
    found = CliRunner().invoke(audit_commands.audit, words).output
    return [line.split("\t")[3] for line in found.splitlines()]
