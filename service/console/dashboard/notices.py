"""The record of notices as a page and as signed JSON: how many stood, by platform and label."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from labels.taxonomy import ClaimLabel, Platform, label_term, platform_term
from service.console.core.permissions import NOTICE_JSON, NOTICE_RECORD
from service.console.web import ConsolePart, LoggedIn, PageRoute
from service.console.widgets.figure_table import UNKNOWN, Column, FigureTable, Kind, shown
from service.notice_record.brake import ENOUGH, FEWEST, LEAST, forbids
from service.notice_record.record import record
from service.store.database.columns import now

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_COLUMNS = (
    Column("sent", "แจ้งแล้ว"),
    Column("upheld", "โต้แย้งแล้วยืนยัน"),
    Column("expired", "พ้นกำหนดโต้แย้ง"),
    Column("overturned", "กลับผลหรือเพิกถอน"),
    Column("pending", "ยังอยู่ในกำหนด"),
    Column("renewed", "แจ้งใหม่แทน"),
    Column("changed", "ผู้ขายแก้ข้อความ"),
    Column("precision", "สัดส่วนที่ผลคงเดิม", Kind.SHARE),
    Column("low", "ขอบเขตล่าง 95%", Kind.SHARE),
    Column("high", "ขอบเขตบน 95%", Kind.SHARE),
)


@router.get(NOTICE_RECORD)
def notices_page(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """Show the record of the last year."""
    made = record(part.store, now())
    whole = made["all"]
    settled = whole["upheld"] + whole["expired"] + whole["overturned"]
    return part.page(
        request,
        "notices.html",
        reviewer=reviewer,
        made=made,
        since=datetime.fromisoformat(made["since"]),
        until=datetime.fromisoformat(made["until"]),
        tables=_tables(made),
        shown=shown,
        braked=forbids(settled, whole["low"], whole["high"]),
        least=LEAST,
        enough=ENOUGH,
        fewest=FEWEST,
    )


@router.get(NOTICE_JSON)
def notices_json(request: Request, part: ConsolePart, reviewer: LoggedIn) -> Response:
    """Download the signed record."""
    headers = {"Content-Disposition": 'attachment; filename="notices.json"', "Cache-Control": "no-store"}
    return JSONResponse(request.app.state.sign_notices(record(part.store, now())), headers=headers)


def _tables(made: Mapping[str, Any]) -> list[FigureTable]:
    whole = {"ทั้งหมด": made["all"], "โดยอัตโนมัติ (standing orders)": made["automatic"]}
    platforms = {_platform(name): row for name, row in made["platforms"].items()}
    labels = {_label(name): row for name, row in made["labels"].items()}
    return [
        _table("all", "ทั้งหมด", "All", "การแจ้ง", whole),
        _table("platforms", "ตามแพลตฟอร์ม", "By platform", "แพลตฟอร์ม", platforms),
        _table("labels", "ตามข้อความที่ผิด", "By label", "ข้อความที่ผิด", labels),
    ]


def _table(name: str, thai: str, english: str, first: str, rows: Mapping[str, Any]) -> FigureTable:
    return FigureTable(
        name=name,
        thai=thai,
        english=english,
        columns=(Column(name, first, Kind.WORDS), *_COLUMNS),
        rows=[(words, *(row[column.name] for column in _COLUMNS)) for words, row in rows.items()],
    )


def _platform(name: str) -> str:
    return platform_term(Platform(name)).thai if name in list(Platform) else UNKNOWN


def _label(name: str) -> str:
    return label_term(ClaimLabel(name)).thai if name in list(ClaimLabel) else name
