"""Letters that cannot be written: no draft, no number."""

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

Decide = Callable[..., Any]


def test_a_letter_that_cannot_be_written_takes_no_number(
    client: TestClient, app: Any, filled: Any, decide: Decide, token: Callable[[str], str], tmp_path: Any
) -> None:
    number = filled.ids["worst"]
    assert decide(number, "prohibited", {1: "confirm"}).status_code == 303
    form = {"review": "1", "recipient": "revenue", "csrf": token(client.get("/queue").text)}
    (tmp_path / "office.toml").write_text("name = ")
    app.state.referral_desk.packer.templates.folder = tmp_path
    answer = client.post(f"/cases/{number}/referrals", data=form)
    assert answer.status_code == 503
    assert "office.toml" in answer.text
    assert filled.store.referrals.of_listing(number) == []
    app.state.referral_desk.packer.templates.folder = None
    assert client.post(f"/cases/{number}/referrals", data=form).status_code == 303
    (row,) = filled.store.referrals.of_listing(number)
    assert row.serial == 1


def test_without_a_ticked_provision_there_is_no_preview_and_no_draft(
    client: TestClient, filled: Any, decide: Decide, token: Callable[[str], str]
) -> None:
    number = filled.ids["worst"]
    assert decide(number, "prohibited", {}).status_code == 303
    form = {"review": "1", "recipient": "revenue"}
    preview = client.get(f"/cases/{number}/letter", params=form)
    made = client.post(f"/cases/{number}/referrals", data=form | {"csrf": token(client.get("/queue").text)})
    for answer in (preview, made):
        assert answer.status_code == 422
        assert "ไม่มีฐานความผิด" in answer.text
    assert filled.store.referrals.of_listing(number) == []
    assert filled.store.audit.newest(5, action="letter.view") == []
