"""The dashboard's tables of re-listings: by platform and by seller."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from labels.taxonomy import Platform, platform_term
from service.console.widgets.figure_table import Column, FigureTable, Kind, Value
from service.dashboard.measures import Share, percentile
from service.dashboard.summary import Summary
from service.store.figures.relisting_figures import WatchedListing

MOST_SELLERS = 20

_COLUMNS = (
    Column("decided", "ตัดสินว่าผิด"),
    Column("relisted", "พบลงซ้ำ"),
    Column("listings", "โฆษณาที่ลงซ้ำ"),
    Column("stay_down", "ไม่กลับมา (สัดส่วน)", Kind.SHARE),
    Column("relist_median_hours", "เวลาถึงลงซ้ำ (มัธยฐาน)", Kind.SECONDS),
)
_NOTE = (
    "ลงซ้ำ: โฆษณาอื่นที่พบครั้งแรกหลังวันตัดสิน และมีช่องทางติดต่อ ข้อความใกล้เคียง แฟ้มภาพเดียวกัน"
    " หรือภาพเดียวกันที่ถูกดัดแปลง ร่วมกับโฆษณาที่ตัดสินว่าผิดในช่วงนี้"
    " นับถึงขณะนี้ เวลาถึงลงซ้ำนับจากวันตัดสินถึงโฆษณาแรกที่พบ ไม่ใช่ผลการตัดสิน ต้องพิจารณาทีละโฆษณา"
)


def relisting_tables(found: Summary) -> list[FigureTable]:
    """Return the tables of listings decided against in the period and of their re-listings."""
    by_platform = _grouped(found.watched, lambda item: item.platform)
    by_seller = _grouped([item for item in found.watched if item.seller], lambda item: item.seller)
    # Worst first; sellers whose listings stayed down are omitted.
    worst = sorted(by_seller.items(), key=lambda pair: -sum(bool(item.relistings) for item in pair[1]))
    worst = [pair for pair in worst if any(item.relistings for item in pair[1])][:MOST_SELLERS]
    return [
        FigureTable(
            "relistings-by-platform",
            "การลงโฆษณาซ้ำ ตามแพลตฟอร์มของโฆษณาที่ตัดสิน",
            "Re-listings, by platform of the decided listing",
            (Column("platform", "แพลตฟอร์ม", Kind.WORDS), *_COLUMNS),
            [(_platform(key), *_figures(items)) for key, items in sorted(by_platform.items())],
            notes=(_NOTE,),
        ),
        FigureTable(
            "relistings-by-seller",
            "การลงโฆษณาซ้ำ ตามร้านค้า",
            "Re-listings, by seller",
            (Column("seller", "ร้านค้า", Kind.WORDS), *_COLUMNS),
            [(key, *_figures(items)) for key, items in worst],
            notes=(f"แสดงร้านที่พบการลงซ้ำไม่เกิน {MOST_SELLERS} ร้าน",),
        ),
    ]


def _grouped(
    watched: Sequence[WatchedListing], key: Callable[[WatchedListing], str]
) -> dict[str, list[WatchedListing]]:
    found: defaultdict[str, list[WatchedListing]] = defaultdict(list)
    for item in watched:
        found[key(item)].append(item)
    return found


def _figures(items: Sequence[WatchedListing]) -> tuple[Value, ...]:
    back = [item for item in items if item.relistings]
    others = {again.relisted_id for item in back for again in item.relistings}
    seconds = sorted(item.relistings[0].seconds for item in back)
    stayed = Share(len(items) - len(back), len(items))
    return len(items), len(back), len(others), stayed.value, percentile(seconds, 0.5)


def _platform(key: str) -> str:
    return platform_term(Platform(key)).thai if key else "ไม่ระบุ"
