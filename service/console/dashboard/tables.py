"""The dashboard's tables and charts in Thai, from the figures of a period."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from labels.taxonomy import (
    ClaimLabel,
    Platform,
    ProductClass,
    Verdict,
    class_term,
    label_term,
    platform_term,
)
from service.console.core import terms
from service.console.core.permissions import QUEUE
from service.console.core.thai_time import thai_date
from service.console.dashboard.campaign_view import campaigns_table
from service.console.dashboard.quality_view import claims_table, drifts_table, flags_table
from service.console.dashboard.relisting_view import relisting_tables
from service.console.widgets.charts import Bar, bars, lines
from service.console.widgets.figure_table import (
    UNKNOWN,
    Column,
    FigureTable,
    Kind,
    Value,
    midnight,
    thai_span,
)
from service.dashboard.measures import Share, percentile
from service.dashboard.summary import Dimension, Line, Summary
from service.store.figures.decision_figures import AGES
from service.store.index.finding import Sort
from service.store.tables.referral_tables import Recipient

MOST_POINTS = 62
"""Maximum points of a daily chart; longer periods are drawn by week."""

_FLOW = (
    Column("received", "รับเข้า"),
    Column("flagged", "ระบบแจ้งเตือน"),
    Column("decided", "พิจารณาแล้ว"),
    Column("sent", "ส่งต่อ (โฆษณา)"),
    Column("taken_down", "ระงับแล้ว", nothing=UNKNOWN),
    Column("decision_median_hours", "เวลาพิจารณา (มัธยฐาน)", Kind.SECONDS),
    Column("decision_p90_hours", "เวลาพิจารณา (P90)", Kind.SECONDS),
    Column("takedown_median_hours", "เวลาถึงระงับ (มัธยฐาน)", Kind.SECONDS, UNKNOWN),
    Column("takedown_p90_hours", "เวลาถึงระงับ (P90)", Kind.SECONDS, UNKNOWN),
)
_TAKEDOWN_NOTE = (
    "“ระงับแล้ว” นับเมื่อแพลตฟอร์มหรือกระทรวงแจ้งกลับและบันทึกในหนังสือส่งต่อ หรือเมื่อระบบกลับไปเปิดหน้าโฆษณา"
    " (crawler) หลังตัดสินแล้วพบว่าถูกลบ แล้วแต่อย่างใดเกิดก่อน เวลาที่พบว่าถูกลบคือเวลาที่ระบบเปิดหน้า หน้าอาจถูกลบก่อนนั้น"
    " รายการที่ยังไม่ทราบผลจึงแสดงว่า “ไม่ทราบ” มิใช่ศูนย์"
)
_BY_NOTES = {
    Dimension.CLASS: (
        "รับเข้าและระบบแจ้งเตือนนับตามประเภทที่ระบบประเมิน"
        " พิจารณาแล้ว ส่งต่อ และระงับแล้วนับตามประเภทในผลการพิจารณา ซึ่งเจ้าหน้าที่อาจแก้",
    ),
    Dimension.LABEL: ("โฆษณาหนึ่งรายการอาจมีข้อความหลายชนิด ผลรวมของแถวจึงอาจเกินจำนวนโฆษณา",),
}
_AGES = ("ไม่เกิน 1 วัน", "1–3 วัน", "3–7 วัน", "7–30 วัน", "เกิน 30 วัน")
assert len(_AGES) == len(AGES) + 1


def tables_of(found: Summary) -> list[FigureTable]:
    """Return every table in the order of the page, including empty ones, which the page omits."""
    return [
        _totals(found),
        _days(found),
        _by(found, Dimension.CLASS, "by-class", "ตามประเภทผลิตภัณฑ์", "By product class"),
        _by(found, Dimension.LABEL, "by-label", "ตามประเภทการกล่าวอ้าง", "By claim label"),
        _by(found, Dimension.PLATFORM, "by-platform", "ตามแพลตฟอร์ม", "By platform"),
        campaigns_table(found),
        *relisting_tables(found),
        _recipients(found),
        flags_table(found),
        claims_table(found),
        drifts_table(found),
        _open(found),
        _reviewers(found),
    ]


def _totals(found: Summary) -> FigureTable:
    return FigureTable(
        "totals",
        "ภาพรวมของช่วงเวลา",
        "Totals",
        (Column("scope", "ขอบเขต", Kind.WORDS), *_FLOW),
        [("ทั้งหมด", *_figures(found.total))],
        notes=(
            "รับเข้าและระบบแจ้งเตือน: โฆษณาที่รับเข้าครั้งแรกในช่วงนี้ ตามผลประเมินล่าสุด"
            " (แจ้งเตือน = ต้องห้าม ต้องขออนุญาต หรือควรให้คนตรวจ)",
            "พิจารณาแล้ว: ข้อความที่มีผลการพิจารณาครั้งแรกในช่วงนี้และผลยังมีอยู่ ไม่นับที่ไม่แน่ใจหรือถอนผลแล้ว"
            " เวลาพิจารณานับตั้งแต่พบข้อความนั้น P90 คือเวลาที่ร้อยละ 90 ของเรื่องใช้ไม่เกินนั้น",
            "ส่งต่อ: โฆษณาในหนังสือที่ส่งครั้งแรกในช่วงนี้ นับทุกโฆษณาของแต่ละหนังสือ ไม่นับหนังสือเตือน",
            _TAKEDOWN_NOTE,
            f"ขณะนี้มีหนังสือถึงแพลตฟอร์มหรือกระทรวงที่ส่งแล้วและยังไม่ทราบผล {found.unanswered:,} ฉบับ",
        ),
    )


def _days(found: Summary) -> FigureTable:
    rows = list(_points(found))
    series = ("รับเข้า", "ระบบแจ้งเตือน", "พิจารณาแล้ว")
    chart = lines(
        "จำนวนตามวัน",
        series,
        [thai_date(midnight(day)) for day, *_ in rows],
        [[numbers[place] for _, *numbers in rows] for place in range(3)],
    )
    weekly = found.period.days > MOST_POINTS
    return FigureTable(
        "by-week" if weekly else "by-day",
        "ตามสัปดาห์ (วันแรกของสัปดาห์)" if weekly else "ตามวัน",
        "By week" if weekly else "By day",
        (
            Column("day", "วันที่", Kind.DAY),
            Column("received", series[0]),
            Column("flagged", series[1]),
            Column("decided", series[2]),
        ),
        rows,
        chart,
    )


def _points(found: Summary) -> Iterator[tuple[date, int, int, int]]:
    step = 7 if found.period.days > MOST_POINTS else 1
    day = found.period.first
    while day <= found.period.last:
        days = [found.by_day.get(day + timedelta(days=n), (0, 0, 0)) for n in range(step)]
        received, flagged, decided = (sum(numbers) for numbers in zip(*days, strict=True))
        yield day, received, flagged, decided
        day += timedelta(days=step)


def _by(found: Summary, kind: Dimension, name: str, thai: str, english: str) -> FigureTable:
    words = _WORDS[kind]
    counted = [(words(key), line) for key, line in found.by[kind].items()]
    rows = [
        Bar(key, (line.received, line.flagged), (f"{line.received:,}", f"{line.flagged:,}"))
        for key, line in counted
    ]
    notes = _BY_NOTES.get(kind, ())
    return FigureTable(
        name,
        thai,
        english,
        (Column(kind.value, thai.removeprefix("ตาม"), Kind.WORDS), *_FLOW),
        [(key, *_figures(line)) for key, line in counted],
        bars(f"รับเข้าและระบบแจ้งเตือน {thai}", ("รับเข้า", "ระบบแจ้งเตือน"), rows),
        notes,
        [_in_the_queue(found, kind, key) for key in found.by[kind]],
    )


def _in_the_queue(found: Summary, kind: Dimension, key: str) -> str:
    """Return the link to a row's cases in the queue; empty for no value, which the queue cannot filter by."""
    if not key:
        return ""
    query = {"view": "all", kind.value: key, "from": found.period.first, "to": found.period.last}
    return f"{QUEUE}?{urlencode(query)}"


def _figures(line: Line) -> tuple[Value, ...]:
    return (
        line.received,
        line.flagged,
        line.decided,
        line.sent,
        line.taken_down or None,
        percentile(line.decision_seconds, 0.5),
        percentile(line.decision_seconds, 0.9),
        percentile(line.takedown_seconds, 0.5),
        percentile(line.takedown_seconds, 0.9),
    )


def _recipients(found: Summary) -> FigureTable:
    rows = [(terms.RECIPIENTS[Recipient(key)], number) for key, number in found.recipients.most_common()]
    return FigureTable(
        "by-recipient",
        "โฆษณาที่ส่งต่อ ตามผู้รับ",
        "Listings referred, by recipient",
        (Column("recipient", "ผู้รับ", Kind.WORDS), Column("sent", "ส่งต่อ (โฆษณา)")),
        rows,
        bars("โฆษณาที่ส่งต่อ ตามผู้รับ", ("ส่งต่อ",), [Bar(key, (n,), (f"{n:,}",)) for key, n in rows]),
    )


def _open(found: Summary) -> FigureTable:
    oldest: list[str] = []
    for row in found.open_cases:
        if row.oldest is not None:
            oldest.append(
                f"{terms.STATES[row.state]}นานที่สุดตั้งแต่ {thai_date(row.oldest)} (เคส {row.oldest_listing})"
            )
    rows = [
        (
            terms.STATES[row.state],
            *row.by_age,
            sum(row.by_age),
            row.oldest,
            row.oldest_listing and str(row.oldest_listing),
        )
        for row in found.open_cases
    ]
    return FigureTable(
        "open",
        "เคสค้างในขณะนี้ ตามอายุ",
        "Open cases by age",
        (
            Column("state", "สถานะ", Kind.WORDS),
            *(Column(f"age_{index}", words) for index, words in enumerate(_AGES, 1)),
            Column("all", "รวม"),
            Column("oldest_since", "เก่าสุดตั้งแต่", Kind.DAY),
            Column("oldest_case", "เคสเก่าสุด", Kind.WORDS),
        ),
        rows,
        bars(
            "เคสค้างตามอายุ",
            tuple(terms.STATES[row.state] for row in found.open_cases),
            [
                Bar(
                    words,
                    [row.by_age[index] for row in found.open_cases],
                    [f"{row.by_age[index]:,}" for row in found.open_cases],
                )
                for index, words in enumerate(_AGES)
            ],
        ),
        (*oldest, "อายุนับตั้งแต่พบข้อความปัจจุบันของโฆษณา ตารางนี้เป็นสภาพปัจจุบัน ไม่ขึ้นกับช่วงเวลาที่เลือก"),
        [f"{QUEUE}?{urlencode({'state': row.state, 'sort': Sort.OLDEST})}" for row in found.open_cases],
    )


def _reviewers(found: Summary) -> FigureTable:
    return FigureTable(
        "reviewers",
        "ตามผู้พิจารณา",
        "By reviewer",
        (
            Column("reviewer", "ผู้พิจารณา", Kind.WORDS),
            Column("decided", "พิจารณาแล้ว"),
            Column("one_by_one", "อ่านทีละเคส"),
        ),
        [(row.name, row.decided, row.by_hand) for row in found.reviewers],
        notes=(
            "เคสที่แต่ละคนตัดสินในช่วงนี้ แม้ภายหลังมีผู้แก้หรือถอนผล ไม่นับที่ไม่แน่ใจ เคสที่หลายคนตัดสินนับให้ทุกคน"
            " ผลรวมจึงอาจต่างจากตารางภาพรวม",
            "หัวหน้างานและผู้ดูแลระบบเห็นของทุกคน เจ้าหน้าที่ผู้พิจารณาเห็นเฉพาะของตนเอง",
        ),
    )


def _class(key: str) -> str:
    return class_term(ProductClass(key)).thai if key else "ยังไม่ได้ประเมิน"


def _label(key: str) -> str:
    return label_term(ClaimLabel(key)).thai


def _platform(key: str) -> str:
    return platform_term(Platform(key)).thai if key else "ไม่ระบุ"


_WORDS: dict[Dimension, Callable[[str], str]] = {
    Dimension.CLASS: _class,
    Dimension.LABEL: _label,
    Dimension.PLATFORM: _platform,
}


def headline(found: Summary, moment: datetime) -> list[tuple[str, str, str]]:
    """Return the headline figures: label, figure, and the text below it."""
    waiting = found.open_cases[0]
    flags = Share(sum(s.part for s in found.flags.values()), sum(s.whole for s in found.flags.values()))
    spent = percentile(found.total.decision_seconds, 0.5)
    tenth = percentile(found.total.decision_seconds, 0.9)
    takedown = percentile(found.total.takedown_seconds, 0.5)
    against = found.decisions[Verdict.PROHIBITED] + found.decisions[Verdict.NEEDS_PERMIT]
    return [
        ("รับเข้า", f"{found.total.received:,}", f"ระบบแจ้งเตือน {found.total.flagged:,}"),
        ("พิจารณาแล้ว", f"{found.total.decided:,}", f"ต้องห้ามหรือต้องขออนุญาต {against:,}"),
        ("ส่งต่อ", f"{found.total.sent:,} โฆษณา", f"หนังสือที่ยังไม่ทราบผลขณะนี้ {found.unanswered:,} ฉบับ"),
        (
            "ระงับแล้ว",
            f"{found.total.taken_down:,}" if found.total.taken_down else UNKNOWN,
            "ยังไม่มีผลแจ้งกลับและยังไม่พบว่าถูกลบ"
            if takedown is None
            else f"เวลาถึงระงับ มัธยฐาน {thai_span(takedown)}",
        ),
        (
            "เวลาพิจารณา (มัธยฐาน)",
            "–" if spent is None else thai_span(spent),
            "" if tenth is None else f"P90 {thai_span(tenth)}",
        ),
        (
            "แจ้งเตือนถูกต้อง",
            "–" if flags.value is None else f"{flags.value:.0%}",
            f"{flags.part:,} จาก {flags.whole:,} เคสที่พิจารณา",
        ),
        (
            "รอนานที่สุด",
            "–" if waiting.oldest is None else thai_span((moment - waiting.oldest).total_seconds()),
            f"รอพิจารณา {sum(waiting.by_age):,} เคส",
        ),
    ]
