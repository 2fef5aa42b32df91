"""The dashboard's tables about the model: precision as judged by reviewers, and drift of its answers."""

from collections.abc import Iterator

from labels.taxonomy import ClaimLabel, label_term, verdict_term
from service.console.core.thai_time import thai_date
from service.console.widgets.charts import Bar, Whisker, bars, whiskers
from service.console.widgets.figure_table import Column, FigureTable, Kind, Value, midnight
from service.dashboard.measures import LARGE, MODERATE, Share
from service.dashboard.summary import DriftLine, Summary

_SHARE = (
    Column("confirmed", "ยืนยัน"),
    Column("of", "จากทั้งหมด"),
    Column("share", "สัดส่วน", Kind.SHARE),
    Column("low_95", "ขอบเขตล่าง 95%", Kind.SHARE),
    Column("high_95", "ขอบเขตบน 95%", Kind.SHARE),
)


def _share(share: Share) -> tuple[Value, ...]:
    return (share.part, share.whole, share.value, share.low, share.high)


def _whisker(words: str, share: Share) -> Iterator[Whisker]:
    if share.value is not None and share.low is not None and share.high is not None:
        yield Whisker(
            words, share.low, share.value, share.high, f"{share.value:.0%} ({share.part:,}/{share.whole:,})"
        )


def flags_table(found: Summary) -> FigureTable:
    """Return how many flags reviewers confirmed, by the model's verdict."""
    named = [(verdict_term(verdict).thai, share) for verdict, share in found.flags.items()]
    whole = Share(sum(s.part for s in found.flags.values()), sum(s.whole for s in found.flags.values()))
    named.append(("รวม", whole))
    return FigureTable(
        "precision",
        "ความแม่นของการแจ้งเตือน ตามที่เจ้าหน้าที่เห็น",
        "Precision of flags, as judged by reviewers",
        (Column("verdict", "ผลประเมินของระบบ", Kind.WORDS), *_SHARE),
        [(words, *_share(share)) for words, share in named],
        whiskers(
            "สัดส่วนการแจ้งเตือนที่เจ้าหน้าที่ตัดสินว่าต้องห้ามหรือต้องขออนุญาต",
            [whisker for words, share in named for whisker in _whisker(words, share)],
        ),
        (
            "จากเคสที่ระบบแจ้งเตือนและเจ้าหน้าที่อ่านเองในช่วงนี้ (ไม่นับผลที่ตัดสินทั้งกลุ่ม):"
            " สัดส่วนที่ตัดสินว่าต้องห้ามหรือต้องขออนุญาต ช่วงความเชื่อมั่น 95% ของวิลสัน (Wilson, 1927)",
            "เคสที่พิจารณาคือเคสที่ความเสี่ยงสูงก่อน จึงไม่ใช่ตัวแทนของโฆษณาทั้งหมด",
        ),
    )


def claims_table(found: Summary) -> FigureTable:
    """Return how many claims reviewers confirmed, by label."""
    named = [(label_term(ClaimLabel(label)).thai, share) for label, share in found.claims.items()]
    return FigureTable(
        "claims",
        "ข้อความที่เจ้าหน้าที่ยืนยันและตอบว่าไม่เข้าข่าย",
        "Claims confirmed and rejected",
        (Column("label", "ประเภทการกล่าวอ้าง", Kind.WORDS), *_SHARE),
        [(words, *_share(share)) for words, share in named],
        whiskers(
            "สัดส่วนข้อความที่เจ้าหน้าที่ยืนยัน ตามประเภทการกล่าวอ้าง",
            [whisker for words, share in named for whisker in _whisker(words, share)],
        ),
        ("นับเฉพาะข้อความที่ระบบพบและเจ้าหน้าที่ยืนยันหรือไม่เข้าข่าย ข้อความที่ไม่ได้ทำเครื่องหมายไม่นับ",),
    )


def drifts_table(found: Summary) -> FigureTable:
    """Return the shares of this period compared with the previous one."""
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
            Column("n_now", "โฆษณาช่วงนี้"),
            Column("n_before", "โฆษณาช่วงก่อน"),
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
            "สัดส่วนโฆษณาที่พบข้อความแต่ละชนิด ช่วงนี้และช่วงก่อน",
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
            " คิดจากโฆษณาที่รับเข้าและประเมินแล้ว",
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
