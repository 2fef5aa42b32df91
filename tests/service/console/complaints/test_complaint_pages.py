"""Complaints in the console: the list, one complaint, the case that it is about, the files for agencies."""

import csv
import io
import re
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from inference.contacts import find_contacts
from labels.schema import Span
from labels.taxonomy import ClaimLabel
from service.complaints.intake import filing_of
from service.store.tables.core_tables import Role
from tests.helpers.stored import record_review

NAME, PHONE = "สมศรี ใจดี", "081-000-0000"


def file(office: Any, **fields: Any) -> int:
    given = {"category": "late", "detail": "ส่งช้ามาก", "contact_name": NAME, "contact": PHONE, **fields}
    number: int = office.store.complaints.file(filing_of(given), "form", "form").complaint_id
    return number


@pytest.fixture
def lead(client: TestClient, office: Any, become: Any) -> TestClient:
    become(Role.LEAD)
    return client


def views(office: Any, action: str) -> list[tuple[str, str, Any]]:
    return [
        (entry.actor, entry.subject, entry.detail) for entry in office.store.audit.newest(9, action=action)
    ]


def test_other_trouble_is_listed_apart(client: TestClient, filled: Any) -> None:
    file(filled)
    file(filled, category="mule_account", detail="บัญชีรับโอน", seller="ร้านหนึ่ง")
    file(filled, category="health_ad", detail="โฆษณายาวิเศษ")
    page = client.get("/complaints?kind=other").text
    assert "ส่งช้ามาก" in page
    assert "บัญชีรับโอน" in page
    assert "โฆษณายาวิเศษ" not in page
    assert NAME not in page
    assert PHONE not in page
    assert "โฆษณายาวิเศษ" in client.get("/complaints?kind=health").text
    money = client.get("/complaints?agency=money_laundering").text
    assert "บัญชีรับโอน" in money
    assert "ส่งช้ามาก" not in money
    assert "ส่งช้ามาก" not in client.get("/complaints?category=damaged").text
    assert "ส่งช้ามาก" not in client.get("/complaints?since=2900-01-01&exported=yes").text
    strange = client.get("/complaints?kind=x&category=x&agency=x&exported=x&since=x&page=9")
    assert strange.status_code == 200
    assert "ไม่มีวันที่ “<bdi>x</bdi>”" in strange.text
    assert 'name="since" value="x"' in strange.text
    assert "ส่งช้ามาก" in strange.text
    (view, *_) = views(filled, "complaint.list")
    assert view[0] == "reviewer:nok"


def test_a_reviewer_reads_the_complaint_and_not_who_complained(client: TestClient, office: Any) -> None:
    number = file(office)
    page = client.get(f"/complaints/{number}").text
    assert "ส่งช้ามาก" in page
    assert NAME not in page
    assert PHONE not in page
    assert views(office, "complaint.view") == [
        ("reviewer:nok", f"complaint:{number}", {"complainant": False})
    ]
    assert client.get("/complaints/99").status_code == 404
    assert client.get(f"/complaints/{2**40}").status_code == 404


def test_a_reviewer_does_not_read_in_the_texts_who_complained(
    client: TestClient, filled: Any, become: Any
) -> None:
    said = f"ดิฉัน {NAME} โทร {PHONE}"
    texts = {"detail": f"{said} กินแล้วแพ้", "advertised": f"{said} ตามโฆษณา", "title": f"แคปซูล {PHONE}"}
    url = "https://shop.example/item/1?b=2&ref=other"
    number = file(filled, category="health_ad", url=url, **texts)
    handling = filled.store.complaint_handling
    handling.add(number, f"{said} ยังแพ้อยู่")
    handling.answer(number, f"เรียน คุณ{NAME} ได้ตรวจสอบแล้ว", "reviewer:lek")
    other = file(filled, category="health_ad", url=url, detail="เรื่องที่สอง", contact_name="", contact="")
    handling.link(other, number, "reviewer:lek")
    pages = (f"/complaints/{number}", f"/complaints/{other}", "/complaints", f"/cases/{filled.ids['worst']}")
    for path in pages:
        page = client.get(path).text
        assert NAME not in page, path
        assert PHONE not in page, path
    page = client.get(f"/complaints/{number}").text
    assert all(words in page for words in ("กินแล้วแพ้", "ตามโฆษณา", "ยังแพ้อยู่", "ได้ตรวจสอบแล้ว"))
    become(Role.LEAD)
    for path in pages:
        assert NAME in client.get(path).text, path


def test_a_reviewer_does_not_read_in_seller_and_address_who_complained(
    client: TestClient, office: Any, become: Any
) -> None:
    address = f"https://shop.example/{PHONE}"
    number = file(office, seller=f"โทรหา {NAME} {PHONE}", url=address)
    for path in (f"/complaints/{number}", "/complaints"):
        page = client.get(path).text
        assert "โทรหา █" in page
        assert NAME not in page
        assert PHONE not in page
    # What is masked in part is the address of another page.
    assert 'href="https://shop.example/' not in client.get(f"/complaints/{number}").text
    become(Role.LEAD)
    assert f'href="{address}"' in client.get(f"/complaints/{number}").text


def test_a_lead_sees_who_complained_and_the_look_is_in_the_trail(lead: TestClient, office: Any) -> None:
    number = file(office)
    page = lead.get(f"/complaints/{number}").text
    assert NAME in page
    assert PHONE in page
    assert views(office, "complaint.view") == [("reviewer:nok", f"complaint:{number}", {"complainant": True})]


def test_a_lead_takes_the_complainant_out(lead: TestClient, office: Any, token: Any) -> None:
    number = file(office)
    csrf = token(lead.get(f"/complaints/{number}").text)
    assert lead.post(f"/complaints/{number}/erase", data={"csrf": csrf, "request": " "}).status_code == 422
    done = lead.post(f"/complaints/{number}/erase", data={"csrf": csrf, "request": "PDPA 1/2569"})
    assert done.headers["location"] == f"/complaints/{number}?erased=1"
    assert NAME not in lead.get(done.headers["location"]).text
    assert views(office, "complaint.erase") == [
        ("reviewer:nok", f"complaint:{number}", {"request": "PDPA 1/2569"})
    ]


def test_the_case_shows_its_complaints(client: TestClient, filled: Any) -> None:
    number = filled.ids["worst"]
    assert 'id="complaints"' not in client.get(f"/cases/{number}").text
    url = "https://shop.example/item/1?b=2&ref=other"
    file(filled, category="health_ad", detail="กินแล้วไม่หาย", url=url, complained_on="2026-11-20")
    file(filled, category="health_product", detail="ไม่มีเลข อย.", url=url)
    page = client.get(f"/cases/{number}").text
    assert "2 เรื่อง" in page
    assert "กินแล้วไม่หาย" in page
    assert "ร้องเรียน 20 พ.ย. 2569" in page
    assert PHONE not in page
    assert views(filled, "case.view")[-1][2]["complaints"] == 2
    assert "ร้องเรียน 2 เรื่อง" in client.get("/queue").text


def test_a_complaint_goes_first_in_the_queue(client: TestClient, filled: Any) -> None:
    permit = filled.ids["permit"]
    filled.store.deposit(
        filled.store.listing(permit).shape().model_copy(update={"url": "https://page.example/p/1"}),
        source="test",
    )
    before = client.get("/queue").text
    assert before.index("ใบรุ่งเรือง") < before.index("ตราเมฆขาว")
    file(filled, category="health_ad", url="https://page.example/p/1")
    after = client.get("/queue").text
    assert after.index("ตราเมฆขาว") < after.index("ใบรุ่งเรือง")


def test_an_agency_is_given_each_complaint_once(lead: TestClient, office: Any, token: Any) -> None:
    file(office, title='=HYPERLINK("https://evil.example")')
    assert "1212) · รอส่งออก" in lead.get("/complaints/1").text
    # The page leads to the export, where the agency is chosen already.
    listed = lead.get("/complaints?agency=etda&exported=no").text
    assert listed.count('<option value="etda" selected>') == 2
    csrf = token(listed)
    fields = {"csrf": csrf, "agency": "etda", "form": "csv"}
    made = lead.post("/complaints/export", data=fields)
    assert made.headers["content-type"] == "text/csv; charset=utf-8"
    assert made.headers["content-disposition"] == 'attachment; filename="complaints-etda-0001.csv"'
    assert made.headers["cache-control"] == "no-store"
    _, line = csv.reader(io.StringIO(made.content.decode("utf-8-sig")))
    assert line[4].startswith("'=")
    assert line[-2:] == [NAME, PHONE]
    nothing = lead.post("/complaints/export", data=fields)
    assert nothing.status_code == 200
    assert "ไม่มีเรื่องที่รอส่งออก" in nothing.text
    again = lead.post("/complaints/export", data={"csrf": csrf, "again": "1", "form": "csv"})
    assert again.content == made.content
    assert (
        lead.post("/complaints/export", data={"csrf": csrf, "again": "9", "form": "csv"}).status_code == 404
    )
    assert lead.post("/complaints/export", data=fields | {"agency": "x"}).status_code == 422
    assert lead.post("/complaints/export", data=fields | {"form": "exe"}).status_code == 422
    assert lead.get("/complaints/export").status_code == 404
    assert '1212) · <a href="#given-title">ส่งออกแล้ว' in lead.get("/complaints/1").text
    assert [entry[0] for entry in views(office, "complaint.export")] == ["reviewer:nok"]
    assert len(views(office, "complaint.reexport")) == 1


def test_a_workbook_for_an_agency(lead: TestClient, office: Any, token: Any) -> None:
    file(office)
    csrf = token(lead.get("/complaints").text)
    made = lead.post("/complaints/export", data={"csrf": csrf, "agency": "etda", "form": "xlsx"})
    assert openpyxl.load_workbook(io.BytesIO(made.content)).active.max_row == 2


def test_a_reviewer_exports_and_erases_nothing(
    client: TestClient, office: Any, token: Any, become: Any
) -> None:
    number = file(office)
    page = client.get("/complaints").text
    assert "ดาวน์โหลด" not in page
    csrf = token(page)
    fields = {"csrf": csrf, "agency": "etda", "form": "csv", "request": "x"}
    assert client.post("/complaints/export", data=fields).status_code == 403
    assert client.post(f"/complaints/{number}/erase", data=fields).status_code == 403
    become(Role.INTEGRATOR)
    assert client.get("/complaints").status_code == 403
    assert client.get(f"/complaints/{number}").status_code == 403


def test_the_case_and_the_draft_warning_know_a_complainants_account(
    client: TestClient, office: Any, assessor: Any, become: Any
) -> None:
    become(Role.LEAD)
    store = office.store
    said = {"category": "health_ad", "detail": "ป้าละเมียดป่วยเบาหวาน รักษาโรคให้หาย โทรหาดิฉัน 089-777-6666"}
    receipt = store.complaints.file(filing_of(said), "form", "form")
    listing = store.listing(receipt.listing_id or 0)
    made = assessor.assess(listing.shape()).model_copy(update={"contacts": find_contacts(listing.text)})
    row = store.assessments.record(listing.id, made)
    page = client.get(f"/cases/{listing.id}").text
    assert "ข้อความนี้เป็นคำบอกเล่าของผู้ร้องเรียน" in page
    assert "0897776666" in page
    added = Span(start=22, end=34, label=ClaimLabel.DISEASE)
    record_review(store, row, store.users.find("nok").id, "prohibited", added=[added])
    draft = client.get(f"/cases/{listing.id}/alert").text
    title = re.search(r'name="title" value="([^"]*)"', draft)
    assert title
    assert "ละเมียด" not in title[1]
