"""What platforms and the office owe: due times, what is late, and the list of designated marketplaces."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from labels.law.catalogue import STATUS_MEANING
from labels.marketplaces.designated import DutyKind, designated
from labels.taxonomy import Platform, platform_term
from service.console.cases.visibility import CaseVisibility
from service.console.core.permissions import DUTIES
from service.console.web import ConsolePart, LoggedIn, PageRoute
from service.console.widgets.figure_table import UNKNOWN, Column, FigureTable, Kind, Value, shown
from service.store.database.columns import now
from service.store.duties.clocks import Clock

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PERIOD: Final = timedelta(days=365)
"""How far back the figures go; what is still open counts whatever its age."""
MOST: Final = 200
"""Late items that the page lists."""

KINDS: Final[dict[DutyKind, str]] = {
    DutyKind.NOTICE: "หนังสือแจ้งให้ระงับ",
    DutyKind.SELLER_DATA: "คำขอข้อมูลผู้ขาย",
    DutyKind.COMPLAINT: "เรื่องร้องเรียน (กำหนดตอบของสำนักงาน)",
}
PAGES: Final[dict[DutyKind, str]] = {
    DutyKind.NOTICE: "/referrals/{}",
    DutyKind.SELLER_DATA: "/cases/{}/seller",
    DutyKind.COMPLAINT: "/complaints/{}",
}
"""Addresses of the pages that show a clock."""

_Counts = dict[str, Counter[str]]
"""By platform: how many are open, how many done, and how many of each were late."""


@router.get(DUTIES)
def duties_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """Show the clocks by platform, the late ones, and where the rules come from."""
    moment = now()
    visibility = CaseVisibility.of(part.store, reviewer)
    counted: dict[DutyKind, _Counts] = {kind: {} for kind in DutyKind}
    late = []
    for clock in part.store.duties.clocks(moment - PERIOD, visibility.hidden):
        _count(counted[clock.kind].setdefault(platform_name(clock), Counter()), clock, moment)
        if clock.ended_at is None and clock.is_late(moment):
            late.append(clock)
    late.sort(key=lambda clock: (clock.due_at, clock.kind, clock.subject))
    return part.page(
        request,
        "duties.html",
        reviewer=reviewer,
        moment=moment,
        tables=[_table(kind, counted[kind]) for kind in DutyKind],
        shown=shown,
        late=late[:MOST],
        late_count=len(late),
        most=MOST,
        kinds=KINDS,
        platform_name=platform_name,
        address=lambda clock: PAGES[clock.kind].format(clock.subject),
        rules=designated(),
        statuses=STATUS_MEANING,
    )


def late_now(visibility: CaseVisibility, moment: datetime) -> int:
    """Return how many are open and past its due time, without letters about hidden decisions."""
    clocks = visibility.store.duties.clocks(without=visibility.hidden)
    return sum(clock.ended_at is None and clock.is_late(moment) for clock in clocks)


def platform_name(clock: Clock) -> str:
    """Return the designated marketplace of a clock, else its kind of platform."""
    if clock.marketplace in designated().marketplaces:
        return designated().marketplaces[clock.marketplace].name
    return platform_term(Platform(clock.platform)).thai if clock.platform in list(Platform) else UNKNOWN


def _count(of: Counter[str], clock: Clock, moment: datetime) -> None:
    state = "done" if clock.ended_at else "open"
    of[state] += 1
    of[f"{state}_late"] += clock.is_late(moment)


def _table(kind: DutyKind, counted: _Counts) -> FigureTable:
    columns = (
        Column("platform", "แพลตฟอร์ม", Kind.WORDS),
        Column("open", "ยังไม่ได้ผล"),
        Column("open_late", "เกินกำหนดอยู่"),
        Column("done", "ได้ผลแล้ว"),
        Column("done_late", "ได้ผลหลังกำหนด"),
    )
    rows: list[Sequence[Value]] = [
        (name, *(of[column.name] for column in columns[1:]))
        for name, of in sorted(counted.items(), key=lambda item: (-item[1]["open_late"], item[0]))
    ]
    return FigureTable(kind.value, KINDS[kind], designated().duties[kind].english, columns, rows)
