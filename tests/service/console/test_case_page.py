import re
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from labels.schema import Claim, Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict, label_term
from service.console.core.headers import CONTENT_SECURITY_POLICY
from service.settings import Settings
from service.store import open_store
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.tables.core_tables import UNSURE, Referral
from tests.helpers.growth import LINEAR, growth
from tests.helpers.stored import record_review


@pytest.fixture
def worst(filled: Any) -> int:
    number: int = filled.ids["worst"]
    return number


def test_the_page_shows_the_whole_case(client: TestClient, worst: int) -> None:
    page = client.get(f"/cases/{worst}").text
    for shown in (
        "97%",
        '<bdi>590 บาท</bdi> <span class="aside">(ข้อมูลที่ได้รับ: <bdi>590</bdi>)',
        label_term(ClaimLabel.DISEASE).thai,
        "พ.ร.บ.อาหาร พ.ศ. 2522 ม.40",
        "10-1-00000-5-0000",
        "เลขสารบบอาหาร",
        "ถูกยกเลิก",
        "เลขนี้ถูกยกเลิกเมื่อ 1 ก.พ. 2568",
        "@bairungrueang",
        "ร้านใบรุ่งเรืองออนไลน์",
        "ab" * 32,
        "2026/shop-0001.warc.gz",
        "urn:uuid:00000000-0000-4000-8000-000000000001",
        "24 พ.ย. 2569 16:29 น.",
        "ข้อความอวดอ้างรักษาโรคใช้ในโฆษณา",
        "โทษสูงสุด",
        'href="https://shop.example/item/1?ref=a&amp;b=2" rel="noopener noreferrer nofollow"',
    ):
        assert shown in page


@pytest.mark.parametrize(
    ("price", "currency", "shown"),
    [("590", None, "590"), ("590 บาท", "THB", "590 บาท"), ("1.290,00", "THB", "1.290,00")],
)
def test_a_price_that_is_not_surely_in_baht_stands_as_it_came(
    client: TestClient, filled: Any, price: str, currency: str | None, shown: str
) -> None:
    listing = Listing(id="p", description="ก", price=price, currency=currency)
    stored = filled.store.deposit(listing, source="test")
    page = client.get(f"/cases/{stored.listing_id}").text
    assert f"<dt>ราคา</dt><dd><bdi>{shown}</bdi></dd>" in page


def test_confirmed_and_rejected_claims_are_kept_and_the_next_case_opens(
    client: TestClient, filled: Any, worst: int, decide: Any
) -> None:
    answer = decide(
        worst, Verdict.PROHIBITED, {1: "confirm", 2: "confirm", 3: "reject", 4: ""}, note="ชัดเจน\r\nมาก "
    )
    assert answer.status_code == 303
    (past,) = filled.store.reviews.history(worst)
    review = past.review
    assert review.decision == Verdict.PROHIBITED
    assert [claim["text"] for claim in review.confirmed_claims] == [
        "รักษาเบาหวานให้หายขาดใน 7 วัน",
        "หายขาดใน 7 วัน",
    ]
    assert [claim["label"] for claim in review.rejected_claims] == [ClaimLabel.TESTIMONIAL]
    assert review.note == "ชัดเจน\nมาก"
    entry = filled.store.audit.entries()[-1]
    assert (entry.actor, entry.action, entry.subject) == ("reviewer:nok", "review.record", f"listing:{worst}")
    assert answer.headers["location"] == f"/cases/{filled.ids['serum']}?saved={review.id}"
    following = client.get(answer.headers["location"]).text
    assert f"บันทึกแล้ว: เคส {worst}" in following


def test_the_next_case_keeps_the_filter_and_goes_round(client: TestClient, filled: Any, decide: Any) -> None:
    query = f"?verdict={Verdict.PROHIBITED}"
    page = client.get(f"/cases/{filled.ids['serum']}{query}").text
    assert f'name="verdict" value="{Verdict.PROHIBITED}"' in page
    answer = decide(filled.ids["serum"], Verdict.PROHIBITED, verdict=Verdict.PROHIBITED)
    assert answer.headers["location"].startswith(f"/cases/{filled.ids['worst']}{query}&saved=")
    answer = decide(filled.ids["worst"], UNSURE, verdict=Verdict.PROHIBITED)
    assert answer.headers["location"].startswith(f"/queue{query}&finished=1&saved=")
    assert "ไม่มีเคสรอพิจารณาเหลืออยู่" in client.get(answer.headers["location"]).text


def test_a_change_of_mind_is_a_new_row_that_starts_from_the_old(
    client: TestClient, filled: Any, worst: int, decide: Any
) -> None:
    decide(worst, UNSURE, {1: "confirm", 3: "reject"}, note="ไม่แน่ใจ")
    page = client.get(f"/cases/{worst}").text
    assert re.search(r'name="claim-1" value="confirm" checked', page)
    assert re.search(r'name="claim-3" value="reject" checked', page)
    assert "ไม่แน่ใจ" in page
    decide(worst, Verdict.PROHIBITED, {1: "confirm"})
    assert [past.review.decision for past in filled.store.reviews.history(worst)] == [
        Verdict.PROHIBITED,
        UNSURE,
    ]


def test_a_forged_form_is_refused(client: TestClient, filled: Any, worst: int) -> None:
    assessment = filled.store.listing(worst).assessment_id
    fields = {"assessment": str(assessment), "last_review": "0", "decision": Verdict.CLEAR.value}
    for csrf in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "ก"}):
        answer = client.post(f"/cases/{worst}", data=fields | csrf)
        assert answer.status_code == 403
        assert "ยังไม่มีการบันทึก" in answer.text
    assert filled.store.reviews.history(worst) == []


@pytest.mark.parametrize(
    ("decision", "claims", "note"),
    [
        ("", {}, ""),
        (Verdict.NEEDS_REVIEW.value, {}, ""),
        ("guilty", {}, ""),
        (Verdict.PROHIBITED.value, {5: "confirm"}, ""),
        (Verdict.PROHIBITED.value, {0: "reject"}, ""),
        (Verdict.PROHIBITED.value, {1: "confirm"}, "ก" * 4001),
    ],
)
def test_a_wrong_form_is_shown_again_with_what_was_typed(
    filled: Any, worst: int, decide: Any, decision: str, claims: dict[int, str], note: str
) -> None:
    answer = decide(worst, decision, {2: "reject"} | claims, note=note or "ข้อสังเกต")
    assert answer.status_code == 422
    assert "บันทึกไม่ได้" in answer.text
    assert (note or "ข้อสังเกต") in answer.text
    assert re.search(r'name="claim-2" value="reject" checked', answer.text)
    assert filled.store.reviews.history(worst) == []


def test_a_newer_assessment_in_between_is_told(filled: Any, worst: int, decide: Any, assess: Any) -> None:
    stale = filled.store.listing(worst).assessment_id
    shape = filled.store.listing(worst).shape()
    filled.store.assessments.record(worst, assess(shape, [], Verdict.CLEAR, 0.2, model="newer"))
    answer = decide(worst, Verdict.PROHIBITED, {1: "confirm"}, assessment=str(stale), note="จดไว้")
    assert answer.status_code == 409
    assert "เปลี่ยนไประหว่างที่เปิดหน้าอยู่" in answer.text
    assert "จดไว้" in answer.text
    assert filled.store.reviews.history(worst) == []


def test_a_colleagues_decision_in_between_is_told(filled: Any, worst: int, decide: Any) -> None:
    lek = filled.store.users.find("lek")
    record_review(filled.store, filled.store.listing(worst).assessment_id, lek.id, Verdict.CLEAR.value)
    answer = decide(worst, Verdict.PROHIBITED, {1: "confirm"}, last_review="0")
    assert answer.status_code == 409
    assert "เล็ก ผู้พิจารณา" in answer.text
    assert re.search(r'name="claim-1" value="confirm" checked', answer.text)
    assert len(filled.store.reviews.history(worst)) == 1


@pytest.mark.parametrize("path", ["/cases/999", "/cases/abc", f"/cases/{2**70}", "/cases/-1"])
def test_no_such_case(client: TestClient, filled: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "โปรดกลับไปที่คิวงาน" in answer.text


def test_an_unread_listing_has_no_form(client: TestClient, filled: Any) -> None:
    page = client.get(f"/cases/{filled.ids['unread']}").text
    assert "ยังไม่ได้ประเมิน" in page
    assert 'name="decision"' not in page


def test_another_reviewers_saved_note_is_not_shown(client: TestClient, filled: Any, worst: int) -> None:
    lek = filled.store.users.find("lek")
    row = record_review(filled.store, filled.store.listing(worst).assessment_id, lek.id, Verdict.CLEAR.value)
    for number in (row.id, 10**8, "x"):
        assert "บันทึกแล้ว" not in client.get(f"/cases/{filled.ids['serum']}?saved={number}").text


def test_every_response_carries_the_headers(client: TestClient, visitor: TestClient, worst: int) -> None:
    for path in (
        "/queue",
        f"/cases/{worst}",
        "/login",
        "/",
        "/cases/999",
        "/nowhere",
        "/console/static/console.js",
    ):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
    assert client.get("/queue").headers["cache-control"] == "no-store"


def test_pages_have_no_inline_script_or_style(client: TestClient, worst: int) -> None:
    every = ["each_page", "console", "unsaved", "find"]
    for path, scripts in (("/queue", every), (f"/cases/{worst}", [*every, "spans", "ahead"])):
        page = client.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
        assert re.findall(r"<script[^>]*>", page) == [
            f'<script src="/console/static/{name}.js" defer>' for name in scripts
        ]


@pytest.mark.parametrize("busy_timeout", [0.2])
def test_a_locked_database_is_told_in_thai(
    client: TestClient, filled: Any, worst: int, settings: Settings, token: Any
) -> None:
    csrf = token(client.get(f"/cases/{worst}").text)
    with open_store(settings.database.url) as other, other.database.writing() as holder:
        holder.execute(text("SELECT 1"))
        assessment = str(filled.store.listing(worst).assessment_id)
        fields = {"csrf": csrf, "assessment": assessment, "last_review": "0", "decision": Verdict.CLEAR.value}
        answer = client.post(f"/cases/{worst}", data=fields)
    assert answer.status_code == 503
    assert "โปรดรอสักครู่แล้วส่งอีกครั้ง" in answer.text


def test_the_work_to_show_a_listing_is_linear_in_its_claims(
    client: TestClient, office: Any, assess: Any
) -> None:
    """Up to the longest listing, with 500 claims that overlap."""

    def add(count: int) -> int:
        listing = Listing(id=f"long {count}", title="ยาว", description="รักษาทุกโรค<b> " * 28 * count)
        labels = tuple(ClaimLabel)
        claims = [
            Claim(start=i * 390, end=i * 390 + 700, label=labels[i % 10], probability=0.5, text="รักษา")
            for i in range(count)
        ]
        return office.add(
            listing, assess(listing, claims, Verdict.PROHIBITED, 1, product_class=ProductClass.DRUG)
        )

    longest = add(500)
    page = client.get(f"/cases/{longest}").text
    assert page.count('class="claim"') == 10  # the same words under ten labels
    assert len(page) < 200_000
    assert len(office.store.listing(longest).text) > 200_000
    shown = {500: longest, 125: add(125)}
    assert growth(lambda count: shown[count], lambda number: client.get(f"/cases/{number}"), 500) < LINEAR


def test_a_form_with_a_choice_for_each_of_1500_claims_is_kept(
    filled: Any, worst: int, decide: Any, assess: Any
) -> None:
    shape = filled.store.listing(worst).shape()
    claims = [
        Claim(start=i % 90, end=i % 90 + 3, label=ClaimLabel.DISEASE, probability=0.5, text="x")
        for i in range(1500)
    ]
    filled.store.assessments.record(worst, assess(shape, claims, Verdict.PROHIBITED, 0.9, model="newer"))
    answer = decide(worst, Verdict.PROHIBITED, {number: "confirm" for number in range(1, 1501)})
    assert answer.status_code == 303
    (past,) = filled.store.reviews.history(worst)
    assert len(past.review.confirmed_claims) == 1500


def test_one_choice_answers_every_place_of_the_same_words_unless_they_are_split(
    client: TestClient, filled: Any, worst: int, decide: Any, assess: Any
) -> None:
    shape = filled.store.listing(worst).shape()
    claims = [
        Claim(start=start, end=start + 3, label=ClaimLabel.DISEASE, probability=0.9, text="รัก")
        for start in (0, 10, 20, 30)
    ]
    filled.store.assessments.record(worst, assess(shape, claims, Verdict.PROHIBITED, 0.9, model="newer"))
    page = client.get(f"/cases/{worst}").text
    assert page.count('class="claim"') == 1
    assert 'name="same" value="1:2-4"' in page
    apart = decide(worst, "", {1: "confirm"}, same="1:2-4", split="1").text
    assert apart.count('class="claim"') == 4
    assert apart.count('value="confirm" checked') == 4
    assert filled.store.reviews.history(worst) == []
    assert decide(worst, Verdict.PROHIBITED, {1: "confirm"}, same="1:2-4").status_code == 303
    (past,) = filled.store.reviews.history(worst)
    assert [claim["start"] for claim in past.review.confirmed_claims] == [0, 10, 20, 30]


def test_after_many_rows_the_rest_is_one_row_that_opens(
    client: TestClient, filled: Any, worst: int, decide: Any, assess: Any
) -> None:
    shape = filled.store.listing(worst).shape()
    claims = [
        Claim(start=i % 90, end=i % 90 + 3, label=ClaimLabel.DISEASE, probability=0.5, text=f"x{i}")
        for i in range(130)
    ]
    filled.store.assessments.record(worst, assess(shape, claims, Verdict.PROHIBITED, 0.9, model="newer"))
    page = client.get(f"/cases/{worst}").text
    assert page.count('class="claim"') == 101
    assert "ข้อที่เหลือ 30 ข้อ" in page
    more = decide(worst, "", {101: "confirm"}, same="101:102-130", more_rows="1").text
    assert more.count('class="claim"') == 130
    assert more.count('value="confirm" checked') == 30


def test_words_that_the_machine_missed_are_added(
    client: TestClient, filled: Any, worst: int, decide: Any
) -> None:
    words = {"words": "ไม่ต้องพึ่งหมอ", "words-label": ClaimLabel.ABSOLUTE, "add": "1"}
    page = decide(worst, "", {1: "confirm"}, **words)
    assert page.status_code == 200
    text = filled.store.listing(worst).text
    start = text.index("ไม่ต้องพึ่งหมอ")
    value = f"{start}:{start + len('ไม่ต้องพึ่งหมอ')}:{ClaimLabel.ABSOLUTE}"
    assert f'name="added" value="{value}" checked' in page.text
    assert 'href="#added-1"' in page.text  # marked in the text
    assert re.search(r'name="claim-1" value="confirm" checked', page.text)  # what was chosen is still there
    assert filled.store.reviews.history(worst) == []
    assert decide(worst, Verdict.PROHIBITED, {1: "confirm"}, added=value).status_code == 303
    (past,) = filled.store.reviews.history(worst)
    assert past.review.added_claims == [
        {"start": start, "end": start + 14, "label": ClaimLabel.ABSOLUTE, "text": "ไม่ต้องพึ่งหมอ"}
    ]
    assert (
        f'value="{value}" checked' in client.get(f"/cases/{worst}").text
    )  # a change of mind starts from there


def test_of_several_places_the_one_nearest_to_the_selection_is_added(
    filled: Any, worst: int, decide: Any
) -> None:
    words = filled.store.listing(worst).text
    second = words.index("รุ่งเรือง", words.index("รุ่งเรือง") + 1)
    near = {"words": "รุ่งเรือง", "words-label": ClaimLabel.BENEFIT, "words-near": str(second - 2)}
    decide(worst, Verdict.PROHIBITED, **near)
    (past,) = filled.store.reviews.history(worst)
    assert [claim["start"] for claim in past.review.added_claims] == [second]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": "คำที่ไม่มี", "words-label": ClaimLabel.DISEASE}, "ไม่พบข้อความนี้"),
        ({"words": "หายขาด"}, "ยังไม่ได้เลือกประเภท"),
        ({"words": "รักษาเบาหวานให้หายขาดใน 7 วัน", "words-label": ClaimLabel.DISEASE}, "confirm that claim"),
        ({"added": "99990:99999:disease_claim"}, "there are no words at"),
    ],
)
def test_words_that_cannot_be_added_are_refused_and_kept_in_the_form(
    filled: Any, worst: int, decide: Any, fields: dict[str, str], said: str
) -> None:
    answer = decide(worst, Verdict.PROHIBITED, note="สำคัญ", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert "สำคัญ" in answer.text
    assert filled.store.reviews.history(worst) == []


def test_the_class_is_corrected_and_agencies_are_called(
    client: TestClient, filled: Any, worst: int, decide: Any
) -> None:
    more = {"product-class": ProductClass.HERBAL, "referral": Referral.PROVINCE, "hold": "1"}
    decide(worst, Verdict.PROHIBITED, **more)
    (past,) = filled.store.reviews.history(worst)
    assert (past.review.product_class, past.review.referrals, past.review.takedown) == (
        ProductClass.HERBAL,
        [Referral.PROVINCE],
        False,
    )
    page = client.get(f"/cases/{worst}").text
    assert "ส่ง สสจ." in page
    assert "ยังไม่แจ้งแพลตฟอร์ม" in page
    assert re.search(rf'value="{ProductClass.HERBAL}" selected', page)


def test_a_decision_is_taken_back_with_one_press(
    client: TestClient, filled: Any, worst: int, decide: Any, token: Any
) -> None:
    following = decide(worst, Verdict.PROHIBITED, {1: "confirm"}).headers["location"]
    page = client.get(following).text
    assert f'action="/cases/{worst}/withdraw"' in page
    (number,) = set(re.findall(r'name="review" value="(\d+)"', page))
    answer = client.post(f"/cases/{worst}/withdraw", data={"csrf": token(page), "review": number})
    assert answer.headers["location"] == f"/cases/{worst}?withdrawn=1"
    opened = client.get(answer.headers["location"]).text
    assert "เคสนี้กลับมารอพิจารณา" in opened
    assert re.search(r'name="claim-1" value="confirm" checked', opened)  # the work is not lost
    assert "ตัดสินแล้ว:" not in opened
    rows = filled.store.reviews.queue(QueueFilter(state=CaseState.WAITING)).rows
    assert worst in [row.listing.id for row in rows]
    again = client.post(f"/cases/{worst}/withdraw", data={"csrf": token(page), "review": number})
    assert again.status_code == 409


def test_an_unsure_that_is_taken_back_leaves_the_decision_before_it(
    client: TestClient, filled: Any, worst: int, decide: Any, token: Any
) -> None:
    decide(worst, Verdict.PROHIBITED, {1: "confirm"})
    page = client.get(decide(worst, UNSURE).headers["location"]).text
    (number,) = set(re.findall(r'name="review" value="(\d+)"', page))
    answer = client.post(f"/cases/{worst}/withdraw", data={"csrf": token(page), "review": number})
    opened = client.get(answer.headers["location"]).text
    assert ("กลับไปเป็นตามผลก่อนหน้า" in opened, "ตัดสินแล้ว:" in opened) == (True, True)


def test_nobody_takes_back_a_colleagues_decision(
    client: TestClient, filled: Any, worst: int, token: Any
) -> None:
    somsri = filled.store.users.create("somsri", "a long password", "สมศรี")
    row = record_review(filled.store, filled.store.listing(worst).assessment_id, somsri.id, "prohibited")
    page = client.get(f"/cases/{worst}").text
    answer = client.post(f"/cases/{worst}/withdraw", data={"csrf": token(page), "review": str(row.id)})
    assert answer.status_code == 404
    assert len(filled.store.reviews.history(worst)) == 1
