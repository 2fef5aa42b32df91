"""Tables and charts of a shadow report, in Thai."""

from labels.taxonomy import LABELS, Verdict, label_term, verdict_term
from service.console.core.thai_time import thai_date
from service.console.widgets.charts import Bar, bars, lines
from service.console.widgets.figure_table import Column, FigureTable, Kind, Value, midnight
from service.dashboard.measures import Share
from service.decisions.offences import provision_or_none
from service.shadow.report import ShadowReport, Side
from service.shadow.running import GONE, REDACTED, UNASSESSED, UNREADABLE
from service.store.tables.core_tables import Listing

EXCERPT = 120
"""Characters of an example's title that are shown."""

LEFT_OUT: dict[str, str] = {
    REDACTED: "ลบข้อมูลติดต่อออกจากข้อความแล้ว",
    UNASSESSED: "ยังไม่มีแบบจำลองใดประเมิน",
    UNREADABLE: "แบบจำลองที่ทดลองอ่านไม่ได้",
    GONE: "ถูกลบหรือแก้ไขระหว่างการทดลอง",
}

_TWO = ("ปัจจุบัน", "ที่ทดลอง")
_SIDES = (Column("current", "ปัจจุบัน"), Column("candidate", "ที่ทดลอง"))


def words_of(listing: Listing) -> str:
    """Return the first words of a listing, for a link."""
    text = " ".join(listing.text[: EXCERPT * 2].split())
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"


def tables_of(report: ShadowReport) -> list[FigureTable]:
    """Return every table except the examples, in the order of the page."""
    grounds = [_provisions(report)] if report.provisions else []
    return [_figures(report), _days(report), _labels(report), *grounds, _confusion(report)]


def citation_of(provision_id: str) -> str:
    """Return the citation of a provision, or its id if it is no longer in the catalogue."""
    row = provision_or_none(provision_id)
    return provision_id if row is None else row.citation


def _figures(report: ShadowReport) -> FigureTable:
    here, there = report.current, report.candidate
    counts = (
        ("ระบบแจ้งเตือน", here.flagged, there.flagged),
        ("เจ้าหน้าที่จะได้พิจารณา", here.seen, there.seen),
        ("ในจำนวนนั้นตัดสินแล้วว่าต้องห้าม", here.seen_prohibited, there.seen_prohibited),
        ("ในจำนวนนั้นยังไม่เคยมีผู้ตัดสิน", here.seen_undecided, there.seen_undecided),
    )
    shares = (
        ("แจ้งเตือนถูกต้อง ตามที่เจ้าหน้าที่ตัดสิน", _borne_out),
        ("พบเคสที่ตัดสินว่าต้องห้าม", lambda side: Share(side.prohibited_flagged, report.prohibited)),
    )
    rows: list[tuple[Value, ...]] = [(words, f"{one:,}", f"{two:,}") for words, one, two in counts]
    rows += [(words, _written(share(here)), _written(share(there))) for words, share in shares]
    return FigureTable(
        "figures",
        "ผลเทียบกัน",
        "Current and candidate",
        (Column("figure", "รายการ", Kind.WORDS), *_SIDES),
        rows,
        bars(
            "ผลเทียบกัน",
            _TWO,
            [Bar(words, (one, two), (f"{one:,}", f"{two:,}")) for words, one, two in counts],
        ),
        (
            "จำลองการทำงานโดยให้เจ้าหน้าที่พิจารณาเคสที่ระบบแจ้งเตือนวันละไม่เกินกำลังที่กำหนด เรียงจากความเสี่ยงสูงก่อน"
            " เคสที่เหลือรอวันถัดไป และเริ่มวันแรกโดยไม่มีเคสค้าง",
            "ความถูกต้องคิดจากเคสที่มีผู้ตัดสินแล้วเท่านั้น พร้อมช่วงความเชื่อมั่น 95% (Wilson)"
            " เคสที่แบบจำลองใหม่แจ้งเตือนเพิ่มส่วนใหญ่ยังไม่มีผู้ตัดสิน จึงควรเปิดดูตัวอย่างด้านล่างก่อนเปลี่ยนไปใช้",
        ),
    )


def _borne_out(side: Side) -> Share:
    return Share(side.flagged_borne_out, side.flagged_decided)


def _written(share: Share) -> str | None:
    if share.value is None or share.low is None or share.high is None:
        return None
    ends = f"{share.low:.1%}–{share.high:.1%}"
    return f"{share.value:.1%} ({share.part:,}/{share.whole:,}; {ends})"


def _days(report: ShadowReport) -> FigureTable:
    columns = [Column("day", "วันที่", Kind.DAY), Column("received", "รับเข้า")]
    for name, words in (
        ("flagged", "แจ้งเตือน"),
        ("seen", "ได้พิจารณา"),
        ("seen_prohibited", "ต้องห้าม"),
        ("waiting", "ค้าง"),
    ):
        columns += [
            Column(f"{name}_{side}", f"{words} ({thai})")
            for side, thai in zip(("current", "candidate"), _TWO, strict=True)
        ]
    return FigureTable(
        "days",
        "เคสที่เจ้าหน้าที่จะได้พิจารณาในแต่ละวัน",
        "Cases that reviewers would have seen, by day",
        columns,
        [
            (day.day, day.received, *day.flagged, *day.seen, *day.seen_prohibited, *day.waiting)
            for day in report.days
        ],
        lines(
            "เคสที่จะได้พิจารณาและตัดสินแล้วว่าต้องห้าม ในแต่ละวัน",
            _TWO,
            [thai_date(midnight(day.day)) for day in report.days],
            [[day.seen_prohibited[side] for day in report.days] for side in (0, 1)],
        ),
        ("แผนภูมิแสดงเคสที่จะได้พิจารณาและมีผลตัดสินว่าต้องห้าม",),
    )


def _labels(report: ShadowReport) -> FigureTable:
    rows = []
    for label in LABELS:
        here, there = (side.labels.get(label.value, 0) for side in (report.current, report.candidate))
        if here or there:
            rows.append((label_term(label).thai, Share(here, report.cases), Share(there, report.cases)))
    return FigureTable(
        "labels",
        "สัดส่วนโฆษณาที่พบข้อความแต่ละชนิด",
        "Label shares",
        (
            Column("label", "ประเภทการกล่าวอ้าง", Kind.WORDS),
            *_SIDES,
            Column("current_share", "ปัจจุบัน (%)", Kind.SHARE),
            Column("candidate_share", "ที่ทดลอง (%)", Kind.SHARE),
        ),
        [(words, here.part, there.part, here.value, there.value) for words, here, there in rows],
        bars(
            "สัดส่วนโฆษณาที่พบข้อความแต่ละชนิด",
            _TWO,
            [
                Bar(words, (here.value, there.value), (f"{here.value or 0:.1%}", f"{there.value or 0:.1%}"))
                for words, here, there in rows
            ],
        ),
    )


def _provisions(report: ShadowReport) -> FigureTable:
    rows: list[tuple[Value, ...]] = []
    for row in report.provisions:
        shares = [
            _written(Share(right, all_))
            for right, all_ in zip(row.proposed_and_ticked, row.proposed, strict=True)
        ]
        rows.append((citation_of(row.id), row.ticked, *row.proposed_and_ticked, *shares))
    return FigureTable(
        "provisions",
        "ฐานความผิดเทียบกับที่เจ้าหน้าที่เลือก",
        "Provisions proposed and ticked",
        (
            Column("provision", "ฐานความผิด", Kind.WORDS),
            Column("ticked", "เจ้าหน้าที่เลือก (เคส)"),
            Column("current", "เสนอตรงกัน (ปัจจุบัน)"),
            Column("candidate", "เสนอตรงกัน (ที่ทดลอง)"),
            Column("current_share", "ที่เสนอแล้วเจ้าหน้าที่เลือก (ปัจจุบัน)", Kind.WORDS),
            Column("candidate_share", "ที่เสนอแล้วเจ้าหน้าที่เลือก (ที่ทดลอง)", Kind.WORDS),
        ),
        rows,
        notes=(
            f"ผลที่ตัดสินโดยมีฐานความผิด {report.grounded:,} เคส เสนอฐานความผิดตรงกับที่เลือกทุกมาตรา: ปัจจุบัน"
            f" {report.same_ground[0]:,} เคส ที่ทดลอง {report.same_ground[1]:,} เคส",
            "นับเฉพาะเคสที่มีผู้ตัดสินแล้ว มาตราที่ระบบเสนอคือมาตราที่หน้าเคสจะเลือกไว้ให้ถ้ายืนยันข้อความทุกข้อ"
            " มาตราที่ยังไม่ได้ตรวจกับตัวบทไม่ถูกเสนอ แต่เจ้าหน้าที่เลือกเองได้",
        ),
    )


def _confusion(report: ShadowReport) -> FigureTable:
    return FigureTable(
        "confusion",
        "ผลประเมินปัจจุบัน (แถว) และผลของแบบจำลองที่ทดลอง (คอลัมน์)",
        "Verdicts",
        (
            Column("current", "ปัจจุบัน \\ ที่ทดลอง", Kind.WORDS),
            *(Column(verdict.value, verdict_term(verdict).thai) for verdict in Verdict),
        ),
        [
            (
                verdict_term(verdict).thai,
                *(report.confusion.get(verdict, {}).get(other, 0) for other in Verdict),
            )
            for verdict in Verdict
        ],
    )
