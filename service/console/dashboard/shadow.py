"""Pages of shadow runs: the list, and a report with charts, tables and examples."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from service.console.cases.visibility import CaseVisibility
from service.console.core.errors import PageError
from service.console.core.permissions import SHADOW, SHADOW_JSON, SHADOW_RUN
from service.console.dashboard.shadow_view import LEFT_OUT, citation_of, tables_of, words_of
from service.console.web import Console, ConsolePart, LoggedIn, PageRoute
from service.console.widgets.figure_table import midnight, shown
from service.shadow.folder import ShadowFolder
from service.shadow.report import ShadowReport
from service.store.tables.core_tables import Reviewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def _folder(request: Request) -> ShadowFolder:
    found: ShadowFolder = request.app.state.shadow_folder
    return found


FolderPart = Annotated[ShadowFolder, Depends(_folder)]


@router.get(SHADOW)
def shadow_page(request: Request, part: ConsolePart, folder: FolderPart, reviewer: LoggedIn) -> Response:
    """List every run with a report, newest first."""
    return part.page(request, "shadow.html", reviewer=reviewer, reports=folder.reports(), midnight=midnight)


@router.get(SHADOW_RUN)
def shadow_run_page(
    request: Request, part: ConsolePart, folder: FolderPart, reviewer: LoggedIn, name: str
) -> Response:
    """Show one report; the titles of its examples are the current ones."""
    report = _report(part, folder, name, reviewer)
    numbers = {
        case.listing for case in (*report.new_examples, *report.lost_examples, *report.lost_ground_examples)
    }
    return part.page(
        request,
        "shadow_run.html",
        reviewer=reviewer,
        report=report,
        tables=tables_of(report),
        shown=shown,
        citation_of=citation_of,
        midnight=midnight,
        left_out=[(LEFT_OUT.get(reason, reason), number) for reason, number in report.left_out.items()],
        titles={row.id: words_of(row) for row in part.store.past_cases.listings(numbers)},
    )


@router.get(SHADOW_JSON)
def shadow_json(part: ConsolePart, folder: FolderPart, reviewer: LoggedIn, name: str) -> Response:
    """Download the stored report, without cases that the lead reads blind."""
    report = _report(part, folder, name, reviewer)
    headers = {
        "Content-Disposition": f'attachment; filename="shadow-{report.name}.json"',
        "Cache-Control": "no-store",
    }
    return Response(report.model_dump_json(indent=1), media_type="application/json", headers=headers)


def _report(part: Console, folder: ShadowFolder, name: str, reviewer: Reviewer) -> ShadowReport:
    """Return a report without the examples whose decision is hidden from this lead."""
    report = folder.report(name)
    if report is None:
        raise PageError(
            404,
            "ไม่พบผลทดลองนี้ หรือยังทำไม่เสร็จ โปรดกลับไปที่รายการผลทดลอง",
            "This shadow run does not exist or is not finished: go back to the list.",
            reviewer,
        )
    hidden = CaseVisibility.of(part.store, reviewer).hidden
    return report.model_copy(
        update={
            "new_examples": [case for case in report.new_examples if case.listing not in hidden],
            "lost_examples": [case for case in report.lost_examples if case.listing not in hidden],
            "lost_ground_examples": [
                case for case in report.lost_ground_examples if case.listing not in hidden
            ],
        }
    )
