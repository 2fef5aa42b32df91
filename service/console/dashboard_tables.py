"""The dashboard's tables and charts in Thai, from the figures of a period."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from labels.taxonomy import (
    ClaimLabel,
    Platform,
    ProductClass,
    Verdict,
    class_term,
    label_term,
    platform_term,
    verdict_term,
)
from service.console import terms
from service.console.charts import Bar, Whisker, bars, lines, whiskers
from service.console.figure_table import UNKNOWN, Column, FigureTable, Kind, Value, midnight, thai_span
from service.console.thai_time import thai_date
from service.dashboard.measures import LARGE, MODERATE, Share, percentile
from service.dashboard.summary import Dimension, DriftLine, Line, Summary
from service.store.figures import AGES
from service.store.referral_tables import Recipient

MOST_POINTS = 62
"""Points of the chart by day; a longer period is drawn by weeks."""

_FLOW = (
    Column("received", "รับเข้า"),
    Column("flagged", "ระบบแจ้งเตือน"),
    Column("decided", "พิจารณาแล้ว"),
    Column("sent", "ส่งต่อ (ฉบับ)"),
    Column("taken_down", "แจ้งว่าระงับแล้ว", nothing=UNKNOWN),
    Column("decision_median_hours", "เวลาพิจารณา (มัธยฐาน)", Kind.SECONDS),
    Column("decision_p90_hours", "เวลาพิจารณา (P90)", Kind.SECONDS),
    Column("takedown_median_hours", "เวลาถึงระงับ (มัธยฐาน)", Kind.SECONDS, UNKNOWN),
    Column("takedown_p90_hours", "เวลาถึงระงับ (P90)", Kind.SECONDS, UNKNOWN),
)
_TAKEDOWN_NOTE = (
    "“แจ้งว่าระงับแล้ว” นับจากผลที่แพลตฟอร์มหรือกระทรวงแจ้งกลับและบันทึกในหนังสือส่งต่อเท่านั้น"
    " ระบบรวบรวมประกาศ (crawler) ยังไม่ได้กลับไปตรวจว่าหน้าประกาศถูกลบจริงหรือไม่"
    " รายการที่ยังไม่มีผลแจ้งกลับจึงแสดงว่า “ไม่ทราบ” มิใช่ศูนย์"
)
_AGES = ("ไม่เกิน 1 วัน", "1–3 วัน", "3–7 วัน", "7–30 วัน", "เกิน 30 วัน")
assert len(_AGES) == len(AGES) + 1


def tables_of(found: Summary) -> list[FigureTable]:
    """Every table in the order of the page; a table without rows is left out by the page, not here."""
    return [
        _totals(found),
        _days(found),
        _by(found, Dimension.CLASS, "by-class", "ตามประเภทผลิตภัณฑ์", "By product class"),
        _by(found, Dimension.LABEL, "by-label", "ตามชนิดข้อความ", "By claim label"),
        _by(found, Dimension.PLATFORM, "by-platform", "ตามแพลตฟอร์ม", "By platform"),
        _campaigns(found),
        _recipients(found),
        _flags(found),
        _claims(found),
        _drifts(found),
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
            "รับเข้าและระบบแจ้งเตือน: ประกาศที่รับเข้าครั้งแรกในช่วงนี้ ตามผลประเมินล่าสุด"
            " (แจ้งเตือน = ต้องห้าม ต้องขออนุญาต หรือควรให้คนตรวจ)",
            "พิจารณาแล้ว: ข้อความที่มีผลการพิจารณาครั้งแรกในช่วงนี้และผลยังมีอยู่ ไม่นับที่ไม่แน่ใจหรือถอนผลแล้ว"
            " เวลาพิจารณานับตั้งแต่พบข้อความนั้น P90 คือเวลาที่ร้อยละ 90 ของเรื่องใช้ไม่เกินนั้น",
            "ส่งต่อ: หนังสือที่ส่งครั้งแรกในช่วงนี้ ไม่นับหนังสือเตือน",
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
        [[row[number] for row in rows] for number in (1, 2, 3)],
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
    notes = (
        ["ประกาศหนึ่งรายการอาจมีข้อความหลายชนิด ผลรวมของแถวจึงอาจเกินจำนวนประกาศ"] if kind is Dimension.LABEL else []
    )
    return FigureTable(
        name,
        thai,
        english,
        (Column(kind.value, thai.removeprefix("ตาม"), Kind.WORDS), *_FLOW),
        [(key, *_figures(line)) for key, line in counted],
        bars(f"รับเข้าและระบบแจ้งเตือน {thai}", ("รับเข้า", "ระบบแจ้งเตือน"), rows),
        notes,
    )


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


def _campaigns(found: Summary) -> FigureTable:
    return FigureTable(
        "by-campaign",
        "ตามกลุ่มประกาศซ้ำ",
        "By campaign",
        (Column("campaign", "กลุ่ม", Kind.WORDS), *_FLOW[:3], *_FLOW[5:7]),
        [
            (
                f"กลุ่มที่ {row.campaign_id}",
                row.received,
                row.flagged,
                row.decided,
                percentile(row.seconds, 0.5),
                percentile(row.seconds, 0.9),
            )
            for row in found.campaigns
        ],
        bars(
            "รับเข้าและพิจารณาแล้ว ตามกลุ่มประกาศซ้ำ",
            ("รับเข้า", "พิจารณาแล้ว"),
            [
                Bar(
                    f"กลุ่มที่ {row.campaign_id}",
                    (row.received, row.decided),
                    (f"{row.received:,}", f"{row.decided:,}"),
                )
                for row in found.campaigns
            ],
        ),
        ("แสดงกลุ่มที่มีประกาศรับเข้าในช่วงนี้มากที่สุด 20 กลุ่ม",),
    )


def _recipients(found: Summary) -> FigureTable:
    rows = [(terms.RECIPIENTS[Recipient(key)], number) for key, number in found.recipients.most_common()]
    return FigureTable(
        "by-recipient",
        "หนังสือส่งต่อ ตามผู้รับ",
        "Referrals sent, by recipient",
        (Column("recipient", "ผู้รับ", Kind.WORDS), Column("sent", "ส่งต่อ (ฉบับ)")),
        rows,
        bars("หนังสือส่งต่อ ตามผู้รับ", ("ส่งต่อ",), [Bar(key, (n,), (f"{n:,}",)) for key, n in rows]),
    )


_SHARE = (
    Column("confirmed", "ยืนยัน"),
    Column("of", "จากทั้งหมด"),
    Column("share", "สัดส่วน", Kind.SHARE),
    Column("low_95", "ขอบล่าง 95%", Kind.SHARE),
    Column("high_95", "ขอบบน 95%", Kind.SHARE),
)


def _share(share: Share) -> tuple[Value, ...]:
    return (share.part, share.whole, share.value, share.low, share.high)


def _whisker(words: str, share: Share) -> Iterator[Whisker]:
    if share.value is not None and share.low is not None and share.high is not None:
        yield Whisker(
            words, share.low, share.value, share.high, f"{share.value:.0%} ({share.part:,}/{share.whole:,})"
        )


def _flags(found: Summary) -> FigureTable:
    named = [(verdict_term(verdict).thai, share) for verdict, share in found.flags.items()]
    whole = Share(sum(s.part for s in found.flags.values()), sum(s.whole for s in found.flags.values()))
    named.append(("รวม", whole))
    return FigureTable(
        "precision",
        "ความแม่นของการแจ้งเตือน ตามที่เจ้าหน้าที่เห็น",
        "Precision of flags, as reviewers see it",
        (Column("verdict", "ผลประเมินของระบบ", Kind.WORDS), *_SHARE),
        [(words, *_share(share)) for words, share in named],
        whiskers(
            "สัดส่วนการแจ้งเตือนที่เจ้าหน้าที่ตัดสินว่าต้องห้ามหรือต้องขออนุญาต",
            [whisker for words, share in named for whisker in _whisker(words, share)],
        ),
        (
            "จากเคสที่ระบบแจ้งเตือนและเจ้าหน้าที่อ่านเองในช่วงนี้ (ไม่นับผลที่ตัดสินทั้งกลุ่ม):"
            " สัดส่วนที่ตัดสินว่าต้องห้ามหรือต้องขออนุญาต ช่วงความเชื่อมั่น 95% ของวิลสัน (Wilson, 1927)",
            "เคสที่พิจารณาคือเคสที่ความเสี่ยงสูงก่อน จึงไม่ใช่ตัวแทนของประกาศทั้งหมด",
        ),
    )


def _claims(found: Summary) -> FigureTable:
    named = [(label_term(ClaimLabel(label)).thai, share) for label, share in found.claims.items()]
    return FigureTable(
        "claims",
        "ข้อความที่เจ้าหน้าที่ยืนยันและปัดตก",
        "Claims confirmed and rejected",
        (Column("label", "ชนิดข้อความ", Kind.WORDS), *_SHARE),
        [(words, *_share(share)) for words, share in named],
        whiskers(
            "สัดส่วนข้อความที่เจ้าหน้าที่ยืนยัน ตามชนิดข้อความ",
            [whisker for words, share in named for whisker in _whisker(words, share)],
        ),
        ("นับเฉพาะข้อความที่ระบบพบและเจ้าหน้าที่ยืนยันหรือปัดตก ข้อความที่ไม่ได้ทำเครื่องหมายไม่นับ",),
    )


def _drifts(found: Summary) -> FigureTable:
    labels = [line for line in found.drifts if line.of == "label"]
    words = {line.key: label_term(ClaimLabel(line.key)).thai for line in labels}
    whole = {"verdict": "ผลประเมินทุกค่า", "class": "ประเภทผลิตภัณฑ์ทุกประเภท", "platform": "แพลตฟอร์มทุกแห่ง"}
    before = found.period.before()
    return FigureTable(
        "drift",
        "การเปลี่ยนแปลงของสัดส่วน เทียบกับช่วงก่อนหน้า",
        "Drift of shares",
        (
            Column("share_of", "สัดส่วนของ", Kind.WORDS),
            Column("now", "ช่วงนี้", Kind.SHARE),
            Column("before", "ช่วงก่อน", Kind.SHARE),
            Column("n_now", "ประกาศช่วงนี้"),
            Column("n_before", "ประกาศช่วงก่อน"),
            Column("psi", "PSI", Kind.SCORE),
            Column("psi_by_chance", "PSI ที่เกิดโดยบังเอิญได้", Kind.SCORE),
            Column("reading", "ความหมาย", Kind.WORDS),
        ),
        [
            (
                words.get(line.key) or whole[line.of],
                line.now.value if line.key else None,
                line.before.value if line.key else None,
                line.now.whole,
                line.before.whole,
                line.drift.index if line.drift else None,
                line.drift.by_chance if line.drift else None,
                _reading(line),
            )
            for line in found.drifts
        ],
        bars(
            "สัดส่วนประกาศที่พบข้อความแต่ละชนิด ช่วงนี้และช่วงก่อน",
            ("ช่วงนี้", "ช่วงก่อน"),
            [
                Bar(
                    words[line.key],
                    (line.now.value, line.before.value),
                    tuple(
                        "–" if share.value is None else f"{share.value:.1%}"
                        for share in (line.now, line.before)
                    ),
                )
                for line in labels
            ],
        ),
        (
            f"ช่วงก่อน: {thai_date(midnight(before.first))} – {thai_date(midnight(before.last))}"
            " คิดจากประกาศที่รับเข้าและประเมินแล้ว",
            "PSI (population stability index) ตั้งแต่ 0.1 คือเปลี่ยนพอควร ตั้งแต่ 0.25 คือเปลี่ยนมาก (Siddiqi, 2006)"
            " ค่าที่ไม่เกิน “PSI ที่เกิดโดยบังเอิญได้” อาจเป็นเพียงความบังเอิญที่ระดับ 5% (Yurdakul และ Naranjo, 2020)",
        ),
    )


def _reading(line: DriftLine) -> str:
    if line.drift is None:
        return "ข้อมูลไม่พอเทียบ"
    if not line.drift.is_real:
        return "ไม่ต่างเกินความบังเอิญ"
    if line.drift.index < MODERATE:
        return "เปลี่ยนเล็กน้อย"
    return "เปลี่ยนพอควร" if line.drift.index < LARGE else "เปลี่ยนมาก"


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
        (*oldest, "อายุนับตั้งแต่พบข้อความปัจจุบันของประกาศ ตารางนี้เป็นสภาพปัจจุบัน ไม่ขึ้นกับช่วงเวลาที่เลือก"),
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
        notes=("หัวหน้างานและผู้ดูแลระบบเห็นของทุกคน เจ้าหน้าที่ผู้พิจารณาเห็นเฉพาะของตนเอง",),
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
    """The figures at the head of the page: words, figure, and what stands under it."""
    waiting = found.open_cases[0]
    flags = Share(sum(s.part for s in found.flags.values()), sum(s.whole for s in found.flags.values()))
    spent = percentile(found.total.decision_seconds, 0.5)
    tenth = percentile(found.total.decision_seconds, 0.9)
    takedown = percentile(found.total.takedown_seconds, 0.5)
    against = found.decisions[Verdict.PROHIBITED] + found.decisions[Verdict.NEEDS_PERMIT]
    return [
        ("รับเข้า", f"{found.total.received:,}", f"ระบบแจ้งเตือน {found.total.flagged:,}"),
        ("พิจารณาแล้ว", f"{found.total.decided:,}", f"ต้องห้ามหรือต้องขออนุญาต {against:,}"),
        ("ส่งต่อ", f"{found.total.sent:,} ฉบับ", f"ยังไม่ทราบผลขณะนี้ {found.unanswered:,} ฉบับ"),
        (
            "แจ้งว่าระงับแล้ว",
            f"{found.total.taken_down:,}" if found.total.taken_down else UNKNOWN,
            "ยังไม่มีผู้รับแจ้งผล" if takedown is None else f"เวลาถึงระงับ มัธยฐาน {thai_span(takedown)}",
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
