"""The dashboard over HTTP."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import update
from starlette.testclient import TestClient

from service.console.widgets.charts import Bar, Whisker, bars, lines, whiskers
from service.console.widgets.figure_table import Column, FigureTable, Kind, as_csv, shown, thai_span
from service.store.database.columns import now
from service.store.referrals.steps import Step
from service.store.tables.campaign_tables import Campaign
from service.store.tables.case_tables import CaseOutcome, QueueEntry
from service.store.tables.core_tables import Reviewer, Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus

Decide = Callable[..., Any]
PASSWORD = "ความลับ-ยาว-พอ"


def table(page: str, name: str) -> list[list[str]]:
    """The rows of a figure, head first, without tags."""
    figure = re.search(rf'<figure class="panel" id="{name}".*?</figure>', page, re.S)
    assert figure, name
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>(.*?)</tr>", figure[0], re.S)
    ]


def test_the_page_shows_the_units_figures(filled: Any, client: TestClient, decide: Decide) -> None:
    assert decide(filled.ids["worst"], "prohibited", {1: "confirm", 2: "reject"}).status_code == 303
    assert decide(filled.ids["serum"], "clear").status_code == 303
    with filled.store.database.writing() as session:
        session.execute(update(CaseOutcome).values(seconds=5400))
    page = client.get("/dashboard").text
    assert table(page, "totals")[1] == [
        "ทั้งหมด", "5", "3", "2", "0", "ไม่ทราบ", "1.5 ชม.", "1.5 ชม.", "ไม่ทราบ", "ไม่ทราบ",
    ]  # fmt: skip
    (_, prohibited, permit, _, whole) = table(page, "precision")
    assert prohibited[1:] == ["1", "2", "50.0%", "9.5%", "90.5%"]
    assert (permit[1:3], whole[1:3]) == (["0", "0"], ["1", "2"])
    assert [row[1:3] for row in table(page, "claims")[1:]] == [["1", "1"], ["0", "1"]]
    assert table(page, "open")[1][1:7] == ["2", "0", "0", "0", "0", "2"]
    assert "มิใช่ศูนย์" in page
    assert re.search(r"\d+ (ม\.ค\.|พ\.ย\.|ธ\.ค\.|\S+\.) 25\d\d", page)


def test_a_campaign_leads_to_its_page_and_says_where_it_was_sent(
    filled: Any, client: TestClient, decide: Decide, become: Any
) -> None:
    decide(filled.ids["worst"], "prohibited", {1: "confirm"})
    store = filled.store
    nok = store.users.find("nok")
    review = store.reviews.history(filled.ids["worst"])[0].review.id
    with store.database.writing() as session:
        session.add(Campaign(id=5, sketch="s", minima=b"", size=2))
        session.execute(update(QueueEntry).where(QueueEntry.verdict == "prohibited").values(campaign_id=5))
        session.execute(update(CaseOutcome).values(seconds=5400))
    assert table(client.get("/dashboard").text, "by-campaign")[1][7:10] == ["0", "–", "ไม่ทราบ"]
    become(Role.LEAD)
    row = store.referrals.create(review, nok.id, Recipient.CONSUMER_POLICE, "รท")
    store.referrals.record(row.id, nok.id, Step(ReferralStatus.SENT, now(), Channel.POST, "ที่อยู่"))
    page = client.get("/dashboard").text
    assert table(page, "by-campaign")[1] == [
        "กลุ่มที่ 5", "แคปซูลใบรุ่งเรือง สูตรเข้มข้น 30 แคปซูล", "2", "2", "2", "1", "1.5 ชม.", "1",
        "ตำรวจ ปคบ. 1", "ไม่ทราบ", "ไม่ทราบ",
    ]  # fmt: skip
    assert '<th scope="row"><a href="/campaigns/5">กลุ่มที่ 5</a></th>' in page
    (address,) = re.findall(r'<a href="([^"]+)">เครื่องสำอาง</a>', page)
    queue = client.get(address.replace("&amp;", "&")).text
    assert "เซรั่มหน้าใสฟ้าใหม่" in queue
    assert "แคปซูลใบรุ่งเรือง" not in queue
    assert 'href="/queue?state=waiting&amp;sort=oldest"' in page
    (_, line) = csv.reader(
        io.StringIO(client.get("/dashboard/tables/by-campaign.csv").content.decode("utf-8-sig"))
    )
    assert line[8:] == ["ตำรวจ ปคบ. 1", "", ""]


def test_a_letter_about_two_listings_is_one_letter_and_two_listings(
    filled: Any, client: TestClient, decide: Decide
) -> None:
    store = filled.store
    for name in ("worst", "serum"):
        assert decide(filled.ids[name], "prohibited", {1: "confirm"}).status_code == 303
    store.users.create("chief", PASSWORD, "หัวหน้า", role=Role.LEAD)
    chief = store.users.find("chief").id
    reviews = [store.reviews.history(filled.ids[name])[0].review.id for name in ("worst", "serum")]
    row = store.referrals.create_joint(reviews, chief, Recipient.PLATFORM, "รท")
    store.referrals.record(row.id, chief, Step(ReferralStatus.SENT, now(), Channel.POST, "ที่อยู่"))
    page = client.get("/dashboard").text
    assert '<dd class="figure">2 โฆษณา</dd><dd class="aside">หนังสือที่ยังไม่ทราบผลขณะนี้ 1 ฉบับ</dd>' in page
    assert table(page, "by-recipient") == [["ผู้รับ", "ส่งต่อ (โฆษณา)"], ["แพลตฟอร์ม", "2"]]
    assert table(page, "totals")[0][4] == "ส่งต่อ (โฆษณา)"
    assert "นับทุกโฆษณาของแต่ละหนังสือ" in page


def test_charts_need_no_inline_style_and_every_table_is_named(filled: Any, client: TestClient) -> None:
    page = client.get("/dashboard").text
    assert page.count("<svg") >= 5
    assert "style=" not in page
    assert "<script>" not in page
    assert page.count("<caption") == page.count("<table")
    assert all("aria-label=" in tag for tag in re.findall(r"<svg[^>]*>", page))


def test_a_period_in_buddhist_years_and_none_at_all(filled: Any, client: TestClient) -> None:
    page = client.get("/dashboard?from=2560-01-01&to=2560-01-31").text
    assert "1 ม.ค. 2560 – 31 ม.ค. 2560" in page
    assert table(page, "totals")[1][1:4] == ["0", "0", "0"]
    assert "ไม่มีวันที่" not in page


def test_a_day_that_does_not_exist_is_said(filled: Any, client: TestClient) -> None:
    page = client.get("/dashboard?from=31/11/2569&to=30/11/2569").text
    assert "ไม่มีวันที่ “<bdi>31/11/2569</bdi>” จึงไม่ได้ใช้ตัวกรองนี้ หน้านี้แสดง 1 พ.ย. 2569 – 30 พ.ย. 2569" in page
    assert 'name="from" value="31/11/2569"' in page
    assert 'name="to" value="30/11/2569"' in page
    both = client.get("/dashboard?from=nonsense&to=2026-99-99").text
    assert "ไม่มีวันที่ “<bdi>nonsense</bdi>” และ “<bdi>2026-99-99</bdi>”" in both


def test_a_reviewer_sees_no_colleague_and_a_lead_sees_all(
    filled: Any, client: TestClient, decide: Decide, log_in: Decide
) -> None:
    decide(filled.ids["serum"], "clear")
    filled.store.users.create("chief", PASSWORD, "=หัวหน้า", role=Role.LEAD)
    assert [row[0] for row in table(client.get("/dashboard").text, "reviewers")[1:]] == ["นก ผู้พิจารณา"]
    client.cookies.clear()
    assert log_in(client, "lek").status_code == 303
    page = client.get("/dashboard").text
    assert table(page, "reviewers") == []
    assert table(page, "totals")[1][3] == "1"
    assert "/dashboard/shadow" not in page
    assert client.get("/dashboard/shadow").status_code == 403
    client.cookies.clear()
    assert log_in(client, "chief").status_code == 303
    assert [row[0] for row in table(client.get("/dashboard").text, "reviewers")[1:]] == ["นก ผู้พิจารณา"]


def test_each_table_as_csv_without_formulas(filled: Any, client: TestClient, decide: Decide) -> None:
    decide(filled.ids["serum"], "clear")
    with filled.store.database.writing() as session:
        session.execute(update(Reviewer).values(display_name='=HYPERLINK("https://bad.example")'))
    names = re.findall(r'href="/dashboard/tables/([\w-]+)\.csv\?', client.get("/dashboard").text)
    assert {
        "totals",
        "by-class",
        "by-label",
        "by-platform",
        "precision",
        "drift",
        "open",
        "reviewers",
    } <= set(names)
    for name in names:
        answer = client.get(f"/dashboard/tables/{name}.csv")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["content-disposition"]
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len({len(row) for row in rows}) == 1
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    rows = list(
        csv.reader(io.StringIO(client.get("/dashboard/tables/reviewers.csv").content.decode("utf-8-sig")))
    )
    assert rows == [["reviewer", "decided", "one_by_one"], ['\'=HYPERLINK("https://bad.example")', "1", "1"]]
    assert client.get("/dashboard/tables/nothing.csv").status_code == 404


def test_only_those_who_review_may_look(filled: Any, visitor: TestClient, log_in: Decide) -> None:
    assert visitor.get("/dashboard").headers["location"].startswith("/login?next=%2Fdashboard")
    filled.store.users.create("shop", PASSWORD, "ผู้เชื่อมต่อ", role=Role.INTEGRATOR)
    assert log_in(visitor, "shop").status_code == 303
    assert visitor.get("/dashboard").status_code == 403
    assert visitor.get("/dashboard/tables/totals.csv").status_code == 403


def test_a_chart_escapes_its_words_and_scales_its_bars() -> None:
    chart = bars(
        "<b>", ("x",), [Bar("<i>&", (1,), ("1",)), Bar("half", (0.5,), ("½",)), Bar("none", (None,), ("–",))]
    )
    assert "<b>" not in chart
    assert "&lt;i&gt;&amp;" in chart
    full, half, none = (
        float(width) for width in re.findall(r'<rect class="s1"[^>]* width="([\d.]+)"', chart)
    )
    assert (half, none) == (full / 2, 0)
    assert "<circle" in lines("day", ("a",), ["1"], [[0]])
    assert whiskers("w", [Whisker("a", 0.0, 0.5, 1.0, "50%")]).count('class="interval"') == 3


def test_a_moment_is_the_same_day_in_the_csv_as_on_the_page() -> None:
    column = Column("since", "ตั้งแต่", Kind.DAY)
    evening = datetime(2026, 11, 30, 18, tzinfo=UTC)
    made = as_csv(FigureTable("x", "x", "x", (column,), [(evening,), (date(2026, 11, 30),)]))
    assert made == "\ufeffsince\r\n2026-12-01\r\n2026-11-30\r\n"
    assert [shown(column, day) for day in (evening, date(2026, 11, 30))] == ["1 ธ.ค. 2569", "30 พ.ย. 2569"]


def test_cells_of_a_csv() -> None:
    columns = (Column("what", "ก", Kind.WORDS), Column("t", "ข", Kind.SECONDS), Column("s", "ค", Kind.SHARE))
    made = as_csv(FigureTable("x", "x", "x", columns, [("-1", 5400, 0.25), ("a", None, None)]))
    assert made == "\ufeffwhat,t,s\r\n'-1,1.500,0.2500\r\na,,\r\n"
    assert [thai_span(value) for value in (5, 60, 3600, 172_800)] == [
        "ไม่ถึง 1 นาที",
        "1 นาที",
        "1.0 ชม.",
        "2.0 วัน",
    ]


def test_the_record_of_notices_is_shown_and_leads_download_it_signed(
    client: TestClient, filled: Any, become: Any
) -> None:
    page = client.get("/dashboard/notices")
    assert page.status_code == 200
    assert "โต้แย้งแล้วยืนยัน" in page.text
    assert client.get("/dashboard/notices.json").status_code == 403
    become(Role.LEAD)
    made = client.get("/dashboard/notices.json").json()
    assert made["record"]["format"] == "ruthan-notices/1"
    assert made["signature"]
