"""Saved views of the queue."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from labels.taxonomy import Verdict
from service.store.cases.views import ViewRefused
from service.store.tables.core_tables import Role


def send(client: TestClient, path: str, **fields: str) -> Any:
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/queue?view=all").text)
    assert found
    return client.post(path, data={"csrf": found[1], **fields})


def test_a_view_is_kept_opened_by_default_and_deleted(client: TestClient, filled: Any) -> None:
    answer = send(client, "/queue/views", name=" ของด่วน ", verdict=Verdict.PROHIBITED, q="ฝ้า", nonsense="1")
    query = f"verdict={Verdict.PROHIBITED}&q=%E0%B8%9D%E0%B9%89%E0%B8%B2"
    assert answer.headers["location"] == f"/queue?{query}"
    page = client.get("/queue").text
    assert f'href="/queue?{query.replace("&", "&amp;")}">ของด่วน</a>' in page
    (view,) = filled.store.views.of(filled.store.users.find("nok").id)
    assert filled.store.views.of(filled.store.users.find("lek").id) == []

    assert send(client, f"/queue/views/{view.id}", action="default").status_code == 303
    assert client.get("/queue").headers["location"] == f"/queue?{query}"
    assert client.get("/queue?view=all").status_code == 200
    send(client, "/queue/views", name="ของด่วน", verdict=Verdict.CLEAR)
    assert client.get("/queue").headers["location"] == f"/queue?verdict={Verdict.CLEAR}"
    send(client, f"/queue/views/{view.id}", action="no-default")
    assert client.get("/queue").status_code == 200
    send(client, f"/queue/views/{view.id}", action="default")
    assert send(client, f"/queue/views/{view.id}", action="delete").status_code == 303
    assert client.get("/queue").status_code == 200
    assert filled.store.views.of(filled.store.users.find("nok").id) == []


def test_leads_share_and_others_use(client: TestClient, filled: Any) -> None:
    store = filled.store
    refused = send(client, "/queue/views", name="ทีม", shared="1")
    assert (refused.status_code, "เฉพาะหัวหน้างาน" in refused.text) == (422, True)
    store.users.set_role("lek", Role.LEAD, "cli")
    lek, nok = store.users.find("lek"), store.users.find("nok")
    number = store.views.save(lek, "ทีม", "verdict=clear", shared=True)
    assert "ของทีม · เล็ก ผู้พิจารณา" in client.get("/queue").text
    for action in ("delete", "share", "unshare", "nonsense"):
        assert send(client, f"/queue/views/{number}", action=action).status_code == 404
    assert send(client, f"/queue/views/{number}", action="default").status_code == 303
    assert client.get("/queue").headers["location"] == "/queue?verdict=clear"
    assert store.views.share(lek, number, False)
    assert client.get("/queue").status_code == 200
    assert store.views.of(nok.id) == []
    actions = [entry.action for entry in store.audit.newest(50, subject=f"view:{number}")]
    assert actions == ["view.share", "view.unshare"]


def test_a_shared_view_that_is_replaced_stays_shared(filled: Any, become: Any, client: TestClient) -> None:
    store = filled.store
    become(Role.LEAD)
    send(client, "/queue/views", name="ทีม", verdict=Verdict.CLEAR, shared="1")
    send(client, "/queue/views", name="ทีม", verdict=Verdict.PROHIBITED)
    lek = store.users.find("lek").id
    assert [view.query for view in store.views.of(lek)] == [f"verdict={Verdict.PROHIBITED}"]
    become(Role.REVIEWER)
    send(client, "/queue/views", name="ทีม")
    assert store.views.of(lek) == []
    (view,) = store.views.of(store.users.find("nok").id)
    actions = [entry.action for entry in store.audit.newest(50, subject=f"view:{view.id}")]
    assert actions == ["view.share", "view.unshare"]


def test_every_filter_of_the_queue_can_be_saved(client: TestClient, filled: Any) -> None:
    for letter in ("ก", "🙂"):
        assert (
            send(client, "/queue/views", name=letter, q=letter * 200, seller=letter * 200).status_code == 303
        )
    with pytest.raises(ViewRefused) as refused:
        filled.store.views.save(filled.store.users.find("nok"), "ยาว", "q" * 6001)
    assert "ตัวกรองยาวเกินไป" in refused.value.thai


def test_bad_names_and_too_many_are_refused(client: TestClient, filled: Any) -> None:
    assert send(client, "/queue/views", name=" ").status_code == 422
    refused = send(client, "/queue/views", name="ก" * 101)
    assert refused.status_code == 422
    assert "โปรดตั้งชื่อมุมมอง 1 ถึง 100 ตัวอักษร" in refused.text
    assert "50 มุมมอง" not in refused.text
    nok = filled.store.users.find("nok")
    for index in range(50):
        filled.store.views.save(nok, str(index), "")
    refused = send(client, "/queue/views", name="อีกหนึ่ง")
    assert refused.status_code == 422
    assert "50 มุมมอง" in refused.text
    assert send(client, "/queue/views/99999999999", action="default").status_code == 404
